//! What the rules of gitleaks are called here: `patterns/dictionary/gitleaks-ids.toml` to lines of text.

use super::CompileError;
use super::schema::{known, strings, table};
use toml::de::DeTable;

/// The table, a line for each pair: their id, a blank, ours. Sorted by the former.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Ids {
    /// Names that no rule here has.
    pub(crate) aliases: String,
    /// Names that a rule here has too, and the other rules that they mean.
    pub(crate) more: String,
}

/// Reads the table; `exists` knows the rules here.
///
/// # Errors
/// At the first mistake, with its place: a rule that does not exist, a name in the wrong section.
pub(crate) fn read(text: &str, exists: impl Fn(&str) -> bool) -> Result<Ids, CompileError> {
    let top = DeTable::parse(text)
        .map_err(|e| CompileError::new(e.span().unwrap_or(0..0), format!("not TOML: {}", e.message())))?;
    let mut ids = Ids::default();
    for (section, value) in top.get_ref() {
        let is_alias = known(section, &["ids", "more"])? == "ids";
        let mut lines = Vec::new();
        for (theirs, value) in table(value)? {
            let name = theirs.get_ref();
            if is_alias == exists(name) {
                let wrong = if is_alias { "is a rule here too: it belongs to [more]" } else { "is no rule here" };
                return Err(CompileError::new(theirs.span(), format!("`{name}` {wrong}")));
            }
            for ours in strings(value)? {
                if !exists(&ours) {
                    return Err(CompileError::new(value.span(), format!("`{ours}` is no rule here")));
                }
                lines.push(format!("{name} {ours}\n"));
            }
        }
        lines.sort();
        *(if is_alias { &mut ids.aliases } else { &mut ids.more }) = lines.concat();
    }
    Ok(ids)
}
