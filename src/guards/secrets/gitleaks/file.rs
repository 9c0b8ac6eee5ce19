//! One configuration file, as it stands: before it is merged with what it extends. Facts: gitleaks' README,
//! "Configuration", and the program's answers.

use super::super::compile::CompileError;
use super::allow::Allowlist;
use super::pattern::Pattern;
use super::value::{self, Result, Value};
use std::ops::Range;
use std::sync::Arc;
use toml::de::DeTable;

/// The release of gitleaks whose files and answers this module knows.
const VERSION: [u64; 3] = [8, 30, 1];

/// A rule of a file.
#[derive(Clone, Debug, Default)]
pub(super) struct FileRule {
    pub(super) id: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) regex: Option<Arc<Pattern>>,
    pub(super) path: Option<Arc<Pattern>>,
    pub(super) secret_group: i64,
    pub(super) entropy: f64,
    /// In lower case.
    pub(super) keywords: Vec<String>,
    pub(super) allow: Vec<Arc<Allowlist>>,
    pub(super) required: Vec<Required>,
    pub(super) skip_report: bool,
    /// Where the rule stands, and its group number.
    pub(super) at: Range<usize>,
    pub(super) group_at: Range<usize>,
    /// Which file it is of.
    pub(super) origin: usize,
    /// The built-in rule that it is, or that it adds to.
    pub(super) builtin: Option<u16>,
}

/// A rule that must have a finding nearby.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Required {
    pub(super) id: String,
    pub(super) within_lines: Option<i64>,
    pub(super) within_columns: Option<i64>,
}

/// An allow-list with the rules that it is for: all, where there are none.
#[derive(Clone, Debug)]
pub(super) struct FileAllow {
    pub(super) list: Arc<Allowlist>,
    pub(super) targets: Vec<String>,
    pub(super) at: Range<usize>,
}

/// A file.
#[derive(Debug, Default)]
pub(super) struct File {
    /// The last one of each id, in the order in which ids come first.
    pub(super) rules: Vec<FileRule>,
    pub(super) allow: Vec<FileAllow>,
    pub(super) use_default: bool,
    /// The file that this one extends, and where it says so; empty: none.
    pub(super) path: (String, Range<usize>),
    pub(super) disabled: Vec<String>,
    pub(super) notices: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// At the first thing that gitleaks would refuse.
pub(super) fn read(text: &str) -> Result<File> {
    let top = value::parse(text)?;
    let top = top.get_ref();
    let mut file = File::default();
    for (table, at) in value::tables(top, "rules")? {
        let rule = rule(table, at)?;
        match file.rules.iter_mut().find(|known| known.id == rule.id) {
            Some(known) => *known = rule,
            None => file.rules.push(rule),
        }
    }
    for rule in &file.rules {
        let unknown = rule.required.iter().find(|r| !file.rules.iter().any(|known| known.id == r.id));
        if let Some(unknown) = unknown {
            let message = format!("`{}` requires the rule `{}`, which this file does not have", rule.id, unknown.id);
            return Err(CompileError::new(rule.at.clone(), message).help("rules of an extended file do not count"));
        }
    }
    min_version(top, &mut file.notices)?;
    for (table, at) in allowlists(top, true)? {
        let targets = value::strings(table, "targetRules")?;
        let list = Arc::new(allowlist(table, at.clone())?);
        file.allow.push(FileAllow { list, targets, at });
    }
    if let Some(extend) = value::get(top, "extend") {
        let table = value::table(extend)?;
        file.use_default = value::boolean(table, "useDefault")?;
        file.path = (value::string(table, "path")?, value::span(value::get(table, "path")));
        file.disabled = value::strings(table, "disabledRules")?;
        value::string(table, "url")?;
    }
    Ok(file)
}

fn rule(table: &DeTable<'_>, at: Range<usize>) -> Result<FileRule> {
    let id = value::string(table, "id")?;
    let mut allow = Vec::new();
    for (table, at) in allowlists(table, false)? {
        allow.push(Arc::new(allowlist(table, at)?));
    }
    let mut required = Vec::new();
    for (table, at) in value::tables(table, "required")? {
        let (within_lines, within_columns) =
            (value::integer(table, "withinLines")?, value::integer(table, "withinColumns")?);
        let needed = Required { id: value::string(table, "id")?, within_lines, within_columns };
        if needed.id.is_empty() {
            return Err(CompileError::new(at, format!("`{id}` requires a rule without an id")));
        }
        required.push(needed);
    }
    let keywords = value::strings(table, "keywords")?;
    Ok(FileRule {
        description: value::string(table, "description")?,
        tags: value::strings(table, "tags")?,
        regex: pattern(table, "regex")?,
        path: pattern(table, "path")?,
        secret_group: value::integer(table, "secretGroup")?.unwrap_or(0),
        entropy: value::number(table, "entropy")?,
        keywords: keywords.iter().map(|word| word.to_lowercase()).collect(),
        skip_report: value::boolean(table, "skipReport")?,
        at: value::get(table, "id").map_or(at, toml::Spanned::span),
        group_at: value::span(value::get(table, "secretGroup")),
        origin: 0,
        builtin: None,
        id,
        allow,
        required,
    })
}

/// The tables of both spellings, of which a file may use one.
fn allowlists<'a, 'i>(table: &'a DeTable<'i>, top: bool) -> Result<Vec<(&'a DeTable<'i>, Range<usize>)>> {
    let mut all = value::tables(table, "allowlists")?;
    if let Some(old) = value::get(table, "allowlist") {
        let one = value::table(old)?;
        if top && one.is_empty() {
            return Ok(all);
        }
        if !all.is_empty() {
            return Err(CompileError::new(old.span(), "`allowlist` and `allowlists` stand beside one another")
                .help("`allowlist` is the old form: make it one of the `allowlists`"));
        }
        all.push((one, old.span()));
    }
    Ok(all)
}

fn allowlist(table: &DeTable<'_>, at: Range<usize>) -> Result<Allowlist> {
    let condition = value::string(table, "condition")?;
    let all = match condition.to_uppercase().as_str() {
        "" | "OR" | "||" => false,
        "AND" | "&&" => true,
        _ => {
            let at = value::span(value::get(table, "condition"));
            return Err(CompileError::unknown(at, "condition", &condition, &["OR", "AND"]));
        }
    };
    let target = value::string(table, "regexTarget")?;
    let target = match target.as_str() {
        "" | "secret" => super::allow::Target::Secret,
        "match" => super::allow::Target::Match,
        "line" => super::allow::Target::Line,
        _ => {
            let at = value::span(value::get(table, "regexTarget"));
            return Err(CompileError::unknown(at, "target", &target, &["secret", "match", "line"]));
        }
    };
    value::string(table, "description")?;
    let list = Allowlist {
        all,
        target,
        commits: value::strings(table, "commits")?.iter().map(|c| c.trim().to_lowercase()).collect(),
        paths: patterns(table, "paths")?,
        regexes: patterns(table, "regexes")?,
        stopwords: value::strings(table, "stopwords")?.iter().map(|word| word.to_lowercase()).collect(),
    };
    if list.is_empty() {
        return Err(CompileError::new(at, "an allow-list that allows nothing")
            .help("give it commits, paths, regexes or stopwords"));
    }
    Ok(list)
}

fn pattern(table: &DeTable<'_>, key: &str) -> Result<Option<Arc<Pattern>>> {
    let text = value::string(table, key)?;
    if text.is_empty() {
        return Ok(None);
    }
    let value = value::get(table, key);
    Ok(Some(Arc::new(compile(&text, value)?)))
}

fn compile(text: &str, value: Option<&Value<'_>>) -> Result<Pattern> {
    Pattern::new(text).map_err(|refused| {
        let whole = value::span(value);
        let raw = value.map_or(0, |v| v.span().len());
        // inside a literal string the pattern stands as it is, after one quote or three
        let quotes = if raw == text.len() + 2 { Some(1) } else { Some(3).filter(|_| raw == text.len() + 6) };
        let inside = quotes.map(|n| whole.start + n + refused.at).filter(|at| *at < whole.end);
        let span = inside.map_or(whole.clone(), |at| at..whole.end);
        CompileError::new(span, format!("the pattern is wrong: {}", refused.why)).help("the syntax is RE2, as in Go")
    })
}

/// The patterns of a list, each read by itself and then all as one.
fn patterns(table: &DeTable<'_>, key: &str) -> Result<Option<Pattern>> {
    let list = value::strings(table, key)?;
    let value = value::get(table, key);
    let places = value.and_then(|v| v.get_ref().as_array());
    for (n, text) in list.iter().enumerate() {
        compile(text, places.and_then(|all| all.get(n)).or(value))?;
    }
    if list.is_empty() {
        return Ok(None);
    }
    let wrong = |refused: super::dialect::Refused| {
        CompileError::new(value::span(value), format!("the patterns cannot be joined: {}", refused.why))
    };
    Pattern::any(&list).map(Some).map_err(wrong)
}

/// Checks `minVersion`; a newer one is worth a remark.
fn min_version(top: &DeTable<'_>, notices: &mut Vec<String>) -> Result<()> {
    let text = value::string(top, "minVersion")?;
    if text.is_empty() {
        return Ok(());
    }
    let plain = text.strip_prefix('v').unwrap_or(&text);
    let numbers = plain.split(['-', '+']).next().unwrap_or_default();
    let numbers: Option<Vec<u64>> = numbers.split('.').map(|n| n.parse().ok()).collect();
    match numbers {
        None => Err(CompileError::new(
            value::span(value::get(top, "minVersion")),
            format!("`{text}` is no version such as 8.25.0"),
        )),
        Some(numbers) => {
            if numbers.iter().chain(&[0; 3]).take(3).gt(&VERSION) {
                let [major, minor, patch] = VERSION;
                notices.push(format!("minVersion is {text}; rule files are known as of {major}.{minor}.{patch}"));
            }
            Ok(())
        }
    }
}
