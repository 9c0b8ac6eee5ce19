//! The JSON form of arguments: an array of strings, with the place of each.

use super::ast::{Joined, Word};

/// What arguments are that begin like a JSON array.
pub(super) enum Array {
    /// Not valid JSON: the shell form, as BuildKit takes it.
    No,
    /// Valid, and something else than strings in it, which is an error.
    NotStrings,
    /// The decoded strings.
    Words(Vec<Word>),
}

/// Reads the arguments as an array of strings.
pub(super) fn array(args: &Joined) -> Array {
    if args.bytes.first() != Some(&b'[') {
        return Array::No;
    }
    let Ok(values) = serde_json::from_slice::<Vec<serde_json::Value>>(&args.bytes) else { return Array::No };
    let spans = strings(&args.bytes);
    let mut words = Vec::with_capacity(values.len());
    for (n, value) in values.into_iter().enumerate() {
        let serde_json::Value::String(text) = value else { return Array::NotStrings };
        let (start, end) = spans.get(n).copied().unwrap_or((0, args.bytes.len()));
        words.push(Word { text: text.into_bytes(), span: args.span(start, end) });
    }
    Array::Words(words)
}

/// Where the string literals of valid JSON stand, quotes included.
fn strings(json: &[u8]) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut open = None;
    let mut at = 0;
    while let Some(&b) = json.get(at) {
        match (b, open) {
            (b'\\', Some(_)) => at += 1,
            (b'"', Some(start)) => {
                found.push((start, at + 1));
                open = None;
            }
            (b'"', None) => open = Some(at),
            _ => {}
        }
        at += 1;
    }
    found
}
