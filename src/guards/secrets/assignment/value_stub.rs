//! Stands in for the judge of values: entropy alone.

use super::{Kind, Place};
use crate::guards::secrets::entropy::shannon;

/// What a path says about the values in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct PathClass(pub(crate) Kind);

/// What is known about a value beside its name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Context {
    pub(crate) place: Place,
    pub(crate) quoted: bool,
    pub(crate) path: PathClass,
}

/// How sure it is that a value is a credential.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Strength {
    /// Random.
    Strong,
    /// Perhaps a word.
    Weak,
}

/// Judges a value by its name, form and place; `None`: no credential.
pub(crate) fn judge(_name: &[u8], value: &[u8], _context: &Context) -> Option<Strength> {
    let refers = value.first().is_some_and(|b| b"$<{%(".contains(b)) || value.contains(&b' ');
    let entropy = shannon(value);
    match value.len() {
        6.. if refers || entropy < 2.3 => None,
        8.. if value.iter().any(u8::is_ascii_digit) && entropy >= 2.5 => Some(Strength::Strong),
        6.. => Some(Strength::Weak),
        _ => None,
    }
}
