//! The forms in which program text may repeat a secret.

use std::ops::Range;

/// A form of a secret, and the parts of it that read otherwise there.
pub(super) struct Variant {
    pub(super) text: Vec<u8>,
    /// In order, apart from each other.
    pub(super) changed: Vec<Range<usize>>,
}

/// The forms of `secret` that differ from it: with invalid UTF-8 replaced, as a JSON string, as Rust's `Debug`
/// writes it, and percent-encoded.
pub(super) fn variants(secret: &[u8]) -> Vec<Variant> {
    // most secrets are of these bytes alone and look the same everywhere
    if secret.iter().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(b)) {
        return Vec::new();
    }
    // of what is UTF-8 nothing is replaced
    let replaced = std::str::from_utf8(secret).is_err().then(|| by_char(secret, |_, _| {}));
    let mut all: Vec<Variant> = Vec::new();
    let forms = [by_char(secret, json), by_char(secret, debug), percent(secret)];
    for form in replaced.into_iter().chain(forms).filter(|form| !form.changed.is_empty()) {
        // where only line ends are escaped, two are the same
        if all.iter().all(|other| other.text != form.text) {
            all.push(form);
        }
    }
    all
}

impl Variant {
    fn with_capacity(bytes: usize) -> Self {
        Variant { text: Vec::with_capacity(bytes), changed: Vec::new() }
    }

    fn push(&mut self, piece: &[u8], is_changed: bool) {
        let start = self.text.len();
        self.text.extend_from_slice(piece);
        match self.changed.last_mut() {
            _ if !is_changed => {}
            Some(last) if last.end == start => last.end = self.text.len(),
            _ => self.changed.push(start..self.text.len()),
        }
    }
}

/// `secret` with each character as `write` has it, where that writes anything: nothing for what is [plain](is_plain).
fn by_char(secret: &[u8], write: fn(char, &mut String)) -> Variant {
    let mut made = Variant::with_capacity(secret.len());
    let mut piece = String::new();
    // no character is plain in a part of it
    for same in secret.chunk_by(|a, b| is_plain(*a) == is_plain(*b)) {
        if same.first().is_some_and(|b| is_plain(*b)) {
            made.push(same, false);
            continue;
        }
        for chunk in same.utf8_chunks() {
            let replaced = (!chunk.invalid().is_empty()).then_some(char::REPLACEMENT_CHARACTER);
            for (c, is_new) in chunk.valid().chars().map(|c| (c, false)).chain(replaced.map(|c| (c, true))) {
                piece.clear();
                write(c, &mut piece);
                match piece.is_empty() {
                    true => made.push(c.encode_utf8(&mut [0; 4]).as_bytes(), is_new),
                    false => made.push(piece.as_bytes(), true),
                }
            }
        }
    }
    made
}

/// Whether every string has the byte as it is.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\')
}

/// What a character is in a JSON string, if it is not itself (RFC 8259, section 7).
fn json(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\0'..='\u{1f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
        _ => {}
    }
}

/// What a character is in the `Debug` form of a string, if it is not itself.
fn debug(c: char, out: &mut String) {
    // which leaves single quotes alone, unlike that of a character
    if c != '\'' && c.escape_debug().len() > 1 {
        out.extend(c.escape_debug());
    }
}

fn percent(secret: &[u8]) -> Variant {
    let mut made = Variant::with_capacity(secret.len());
    let mut piece = String::new();
    for byte in secret {
        piece.clear();
        crate::report::percent::encode(&[*byte], "", &mut piece);
        made.push(piece.as_bytes(), piece.len() > 1);
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn plain_secrets_have_no_other_form() {
        assert!(variants(b"tok_0123-456.789~").is_empty());
        assert_eq!(variants(b"a+b").len(), 1);
    }

    proptest! {
        #[test]
        fn forms_are_those_of_the_encoders(secret in proptest::collection::vec(any::<u8>(), 1..40)) {
            let lossy = String::from_utf8_lossy(&secret).into_owned();
            let mut encoded = String::new();
            crate::report::percent::encode(&secret, "", &mut encoded);
            let json = serde_json::to_string(&lossy).unwrap();
            let debug = format!("{lossy:?}");
            let unquoted = |s: &str| s.as_bytes()[1..s.len() - 1].to_vec();
            let want = [lossy.clone().into_bytes(), unquoted(&json), unquoted(&debug), encoded.into_bytes()];
            let got: Vec<Vec<u8>> = variants(&secret).into_iter().map(|v| v.text).collect();
            for form in want {
                prop_assert!(form == secret || got.contains(&form), "{:?}", String::from_utf8_lossy(&form));
            }
        }

        #[test]
        fn what_is_not_changed_stands_in_the_secret(secret in proptest::collection::vec(any::<u8>(), 1..40)) {
            for form in variants(&secret) {
                let mut at = 0;
                for change in form.changed.iter().chain([&(form.text.len()..form.text.len())]) {
                    let same = &form.text[at..change.start];
                    prop_assert!(memchr::memmem::find(&secret, same).is_some());
                    at = change.end;
                }
            }
        }
    }
}
