//! TOML values read as loosely as gitleaks does: keys in any case, unknown ones ignored, a word for a list of one,
//! a number for a word and a word for a number. Facts: viper and mapstructure with `WeaklyTypedInput`, and the
//! program's own answers.

use super::super::compile::CompileError;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeInteger, DeTable, DeValue};

pub(super) type Result<T> = std::result::Result<T, CompileError>;

/// A value with its place.
pub(super) type Value<'i> = Spanned<DeValue<'i>>;

/// Reads a whole file.
///
/// # Errors
/// For what is no TOML.
pub(super) fn parse(text: &str) -> Result<Spanned<DeTable<'_>>> {
    DeTable::parse(text).map_err(|e| CompileError::new(e.span().unwrap_or(0..0), format!("not TOML: {}", e.message())))
}

/// The value of a key, in any case of its letters.
pub(super) fn get<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<&'a Value<'i>> {
    // as it is written in the documentation, where two spellings stand beside one another
    table.get(key).or_else(|| table.iter().find(|(k, _)| k.get_ref().eq_ignore_ascii_case(key)).map(|(_, value)| value))
}

/// The place of a value, or `0..0`.
pub(super) fn span(value: Option<&Value<'_>>) -> Range<usize> {
    value.map_or(0..0, Spanned::span)
}

fn wrong(value: &Value<'_>, wanted: &str) -> CompileError {
    CompileError::new(value.span(), format!("expected {wanted}, found {}", value.get_ref().type_str()))
}

/// A table.
///
/// # Errors
/// For anything else.
pub(super) fn table<'a, 'i>(value: &'a Value<'i>) -> Result<&'a DeTable<'i>> {
    value.get_ref().as_table().ok_or_else(|| wrong(value, "a table"))
}

/// Tables, or one table.
///
/// # Errors
/// For anything else.
pub(super) fn tables<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Result<Vec<(&'a DeTable<'i>, Range<usize>)>> {
    let one = |value: &'a Value<'i>| Ok((self::table(value)?, value.span()));
    match get(table, key) {
        None => Ok(Vec::new()),
        Some(value) => match value.get_ref() {
            DeValue::Array(all) => all.iter().map(one).collect(),
            DeValue::Table(empty) if empty.is_empty() => Ok(Vec::new()),
            _ => Ok(vec![one(value)?]),
        },
    }
}

/// A text; empty where the key is not there.
///
/// # Errors
/// For lists, tables and dates.
pub(super) fn string(table: &DeTable<'_>, key: &str) -> Result<String> {
    get(table, key).map_or(Ok(String::new()), text)
}

fn text(value: &Value<'_>) -> Result<String> {
    Ok(match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(yes) => u8::from(*yes).to_string(),
        DeValue::Integer(n) => n.to_string(),
        DeValue::Float(n) => n.to_string(),
        _ => return Err(wrong(value, "a string")),
    })
}

/// A list of texts; a single text is split at commas.
///
/// # Errors
/// For tables, and for lists of anything but texts.
pub(super) fn strings(table: &DeTable<'_>, key: &str) -> Result<Vec<String>> {
    let Some(value) = get(table, key) else { return Ok(Vec::new()) };
    match value.get_ref() {
        DeValue::Array(all) => all.iter().map(text).collect(),
        DeValue::String(text) if text.is_empty() => Ok(Vec::new()),
        DeValue::String(text) => Ok(text.split(',').map(str::to_owned).collect()),
        DeValue::Table(empty) if empty.is_empty() => Ok(Vec::new()),
        _ => Ok(vec![text(value)?]),
    }
}

fn decimal(number: &DeInteger<'_>) -> Option<i64> {
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

/// An integer; `None` where the key is not there.
///
/// # Errors
/// For what cannot be read as one.
pub(super) fn integer(table: &DeTable<'_>, key: &str) -> Result<Option<i64>> {
    let Some(value) = get(table, key) else { return Ok(None) };
    let number = match value.get_ref() {
        DeValue::Integer(n) => decimal(n),
        // the fraction is cut off
        DeValue::Float(n) => n.as_str().parse::<f64>().ok().map(|n| n as i64),
        DeValue::Boolean(yes) => Some(i64::from(*yes)),
        DeValue::String(text) if text.is_empty() => Some(0),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    };
    number.map(Some).ok_or_else(|| wrong(value, "an integer"))
}

/// A number; 0 where the key is not there.
///
/// # Errors
/// For what cannot be read as one.
pub(super) fn number(table: &DeTable<'_>, key: &str) -> Result<f64> {
    let Some(value) = get(table, key) else { return Ok(0.0) };
    let number = match value.get_ref() {
        DeValue::Integer(n) => decimal(n).map(|n| n as f64),
        DeValue::Float(n) => n.as_str().parse().ok(),
        DeValue::Boolean(yes) => Some(f64::from(u8::from(*yes))),
        DeValue::String(text) if text.is_empty() => Some(0.0),
        DeValue::String(text) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| wrong(value, "a number"))
}

/// A truth value; false where the key is not there.
///
/// # Errors
/// For what cannot be read as one.
pub(super) fn boolean(table: &DeTable<'_>, key: &str) -> Result<bool> {
    let Some(value) = get(table, key) else { return Ok(false) };
    let yes = match value.get_ref() {
        DeValue::Boolean(yes) => Some(*yes),
        DeValue::Integer(n) => decimal(n).map(|n| n != 0),
        DeValue::Float(n) => n.as_str().parse::<f64>().ok().map(|n| n != 0.0),
        DeValue::String(text) => match &**text {
            "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
            "" | "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
            _ => None,
        },
        _ => None,
    };
    yes.ok_or_else(|| wrong(value, "true or false"))
}
