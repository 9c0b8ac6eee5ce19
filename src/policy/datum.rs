//! A value of any kind, between the text of a policy and the typed [`Policy`](super::Policy).

use super::keys::Kind;
use super::{Globs, KeyFile, RuleSource};
use crate::finding::Fingerprint;

/// A value as read; which variant belongs to which [`Kind`] is `read`'s business.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Datum {
    Bool(bool),
    /// One of a choice: the word of the table, not of the file.
    Word(&'static str),
    Number(u64),
    Text(String),
    Texts(Vec<String>),
    Globs(Globs),
    Sources(Vec<RuleSource>),
    File(KeyFile),
    Files(Vec<KeyFile>),
    Date(jiff::civil::Date),
    Fingerprint(Fingerprint),
}

/// Bytes of a rendered value that are kept: it goes into one line.
const SHOWN: usize = 240;

impl Datum {
    /// As it would be written in a policy, on one line, without control characters.
    pub(super) fn render(&self, kind: Kind) -> String {
        match self {
            Datum::Bool(b) => b.to_string(),
            Datum::Word(w) => quote(w),
            Datum::Number(n) => number(*n, kind),
            Datum::Text(t) => quote(t),
            Datum::Texts(list) => list_of(list.iter().map(String::as_str)),
            Datum::Globs(globs) => list_of(globs.patterns.iter().map(String::as_str)),
            Datum::Sources(list) => list_of(list.iter().map(|s| match s {
                RuleSource::Builtin => super::read::BUILTIN_RULES,
                RuleSource::File { name, .. } | RuleSource::Gitleaks { name, .. } => name,
            })),
            Datum::File(file) => quote(&file.name),
            Datum::Files(list) => list_of(list.iter().map(|f| f.name.as_str())),
            Datum::Date(date) => date.to_string(),
            Datum::Fingerprint(print) => quote(print.as_str()),
        }
    }
}

/// A TOML string, harmless on a terminal: whatever does not print is escaped.
pub(super) fn quote(text: &str) -> String {
    format!("\"{}\"", clip(text).escape_debug())
}

/// A TOML array of strings.
pub(super) fn list_of<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut out = String::from("[");
    for (n, item) in items.enumerate() {
        if n > 0 {
            out.push_str(", ");
        }
        if out.len() > SHOWN {
            out.push('…');
            break;
        }
        out.push_str(&quote(item));
    }
    out.push(']');
    out
}

/// The first [`SHOWN`] bytes, cut between characters.
pub(super) fn clip(text: &str) -> &str {
    let end = text.char_indices().map(|(at, _)| at).take_while(|&at| at <= SHOWN).last().unwrap_or(0);
    if text.len() <= SHOWN { text } else { text.get(..end).unwrap_or_default() }
}

fn number(n: u64, kind: Kind) -> String {
    let units: &[(u64, &str)] = match kind {
        Kind::Size => &super::units::SIZES,
        Kind::Duration => &super::units::DURATIONS,
        _ => &[],
    };
    // the greatest unit that leaves no rest
    match units.iter().rev().find(|(factor, _)| n >= *factor && n.is_multiple_of(*factor)) {
        Some((factor, unit)) => format!("\"{}{unit}\"", n / factor),
        None => n.to_string(),
    }
}
