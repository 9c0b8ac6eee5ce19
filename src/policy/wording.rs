//! What messages say: of values, of kinds, of keys that do not exist.

use super::datum::{clip, quote};
use super::error::Problem;
use super::keys::{self, Kind, Table};
use super::read::{Reader, Value};
use crate::finding::Span;
use crate::rule::did_you_mean;
use toml::de::DeValue;

pub(super) fn unknown_key(reader: &Reader<'_>, def: &'static Table, name: &str, at: Span) -> Problem {
    let name = clip(name);
    let (place, of) = match def.name {
        "" => ("at the top level".to_owned(), "keys of the top level".to_owned()),
        table => (format!("in {table}"), format!("keys of {table}")),
    };
    let mut problem = reader.fault("policy::unknown_key", at, format!("unknown key `{}` {place}", name.escape_debug()));
    if let Some(near) = did_you_mean(name, def.keys().map(|k| k.name)) {
        problem = problem.help(format!("did you mean `{near}`?"));
    } else if let Some(home) = keys::homes(name).next() {
        let home = if home.name.is_empty() { "the top level" } else { home.name };
        problem = problem.help(format!("`{name}` is a key of {home}"));
    }
    let names: Vec<&str> = def.keys().map(|k| k.name).collect();
    problem.help(format!("{of}: {}", names.join(", ")))
}

/// A value in a message: scalars as written, others by their type.
pub(super) fn shown(value: &Value<'_>) -> String {
    match value.get_ref() {
        DeValue::String(text) => quote(text),
        DeValue::Integer(n) => super::datum::clip(n.as_str()).to_owned(),
        DeValue::Float(n) => super::datum::clip(n.as_str()).to_owned(),
        DeValue::Boolean(on) => on.to_string(),
        DeValue::Datetime(when) => when.to_string(),
        DeValue::Array(_) | DeValue::Table(_) => type_of(value).to_owned(),
    }
}

pub(super) fn type_of(value: &Value<'_>) -> &'static str {
    match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "an integer",
        DeValue::Float(_) => "a float",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

impl Kind {
    /// What a key of this kind takes, in words that follow "takes".
    pub(super) fn takes(self) -> String {
        match self {
            Kind::Version => "1".to_owned(),
            Kind::Bool => "true or false".to_owned(),
            Kind::Choice(words) => format!("one of {}", quoted(words)),
            Kind::Choices(words) => format!("a list of {}", quoted(words)),
            Kind::Count(most) => format!("an integer from 0 to {most}"),
            Kind::Size => "bytes or a size such as \"256MiB\" (B, KiB, MiB, GiB)".to_owned(),
            Kind::Duration => "seconds or a duration such as \"24h\" (s, m, h, d)".to_owned(),
            Kind::Text => "a text in quotes".to_owned(),
            Kind::Release => "a version such as \"1.4.0\"".to_owned(),
            Kind::Texts => "a list of texts in quotes".to_owned(),
            Kind::Globs => "a list of globs such as [\"vendor/**\"]".to_owned(),
            Kind::Patterns => "a list of patterns such as [\"git.corp.example/**\"]".to_owned(),
            Kind::SshKeys => "a list of SSH public keys".to_owned(),
            Kind::Rules => "a list of \"default\" and names of rule files".to_owned(),
            Kind::File => "the name of a file".to_owned(),
            Kind::Files => "a list of names of files".to_owned(),
            Kind::Date => "a day such as 2027-03-31".to_owned(),
            Kind::Fingerprint => "a fingerprint such as \"gw1:4f9a12c07b3e\"".to_owned(),
            Kind::KeyNames => "a list of key names such as [\"secrets.*\"]".to_owned(),
            Kind::Levels => "a table of rules".to_owned(),
            Kind::Section(_) => "a table".to_owned(),
            Kind::List(list) => format!("tables under {}", list.table().name),
        }
    }
}

fn quoted(words: &[&str]) -> String {
    words.iter().map(|w| quote(w)).collect::<Vec<_>>().join(", ")
}
