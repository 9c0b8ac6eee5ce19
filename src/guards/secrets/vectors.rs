//! Known answers: keys, nonces and tags of the test vectors that ciphers are checked against. They are published
//! to be used by everybody and open nothing, and one file of them holds thousands.

use super::assignment::{Pair, Place};
use super::value::PathClass;
use crate::finding::Span;
use memchr::memmem;

/// How far from a value the other fields of its record are looked for, in bytes on each side.
const RECORD: usize = 1024;
/// What may stand between a field's name and its digits (`: &hex!("`, `" => b"`), in bytes.
const BETWEEN: usize = 16;
/// Digits that an answer has at least; a tag of 64 bits has as many.
const DIGITS: usize = 16;
/// Occurrences of a field's name that are looked at: the nearest records hold a few.
const MAX_FIELDS: usize = 16;

/// How far before a value the call that decodes it is looked for, in bytes.
const DECODER: usize = 32;
/// Calls that turn hexadecimal digits into bytes.
const DECODERS: [&[u8]; 7] =
    [b"hex!(", b"hex::decode(", b"unhex", b"fromhex(", b"from_hex(", b"hex_decode", b"parsehex"];
/// What a text says that checks something; C++ has vectors of another kind, and programs assert too.
const CHECKS: [&[u8]; 8] = [
    b"assert_eq",
    b"assertequal",
    b"assert.equal",
    b"#[test]",
    b"test {",
    b"test vector",
    b"test_vector",
    b"testvector",
];
/// Numbers that a list of bytes has at least to be an answer.
const NUMBERS: usize = 8;

/// Whether a value belongs to a test vector, [by the names of its fields](is_known_answer) or by what is done with it:
/// written as bytes, in a text that checks something, beside other bytes.
pub(crate) fn is_vector(text: &[u8], pair: Pair, path: PathClass) -> bool {
    is_known_answer(text, pair.value) || is_checked(text, pair, path)
}

fn is_checked(text: &[u8], pair: Pair, path: PathClass) -> bool {
    let value = pair.value.of(text);
    if pair.place != Place::Bytes && !(is_hex(value) && is_decoded(text, pair)) && !is_escaped(value) {
        return false;
    }
    let (from, to) = (pair.value.start.saturating_sub(RECORD), pair.value.end.saturating_add(RECORD).min(text.len()));
    let before = text.get(from..pair.value.start).unwrap_or_default().to_ascii_lowercase();
    let after = text.get(pair.value.end..to).unwrap_or_default().to_ascii_lowercase();
    let sides = [&before, &after];
    (path == PathClass::Test || CHECKS.iter().any(|word| sides.iter().any(|side| memmem::find(side, word).is_some())))
        && sides.iter().any(|side| has_bytes(side, &value.to_ascii_lowercase()))
}

fn is_hex(digits: &[u8]) -> bool {
    digits.len() >= DIGITS && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Bytes written as escapes of a string, `\x45\x8b…`, as many as a key has.
fn is_escaped(value: &[u8]) -> bool {
    let escape =
        |c: &[u8]| matches!(c, [b'\\', b'x', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit());
    value.len() >= 4 * NUMBERS && value.chunks(4).all(escape)
}

/// Whether digits are turned into bytes, or their name says what they are: `key_hex`.
fn is_decoded(text: &[u8], pair: Pair) -> bool {
    let name = pair.name.of(text);
    let call = text.get(pair.value.start.saturating_sub(DECODER)..pair.value.start).unwrap_or_default();
    let call = call.to_ascii_lowercase();
    name.len() > 4 && name.get(name.len() - 4..).is_some_and(|end| end.eq_ignore_ascii_case(b"_hex"))
        || DECODERS.iter().any(|decoder| memmem::find(&call, decoder).is_some())
}

/// Whether bytes other than those of `value` stand in a lower-case text: digits in quotes, or numbers in a row.
fn has_bytes(text: &[u8], value: &[u8]) -> bool {
    let digits = text.split(|b| !b.is_ascii_hexdigit());
    let literal = digits.filter(|run| run.len() >= DIGITS).any(|run| run != value);
    let many = |prefix| memmem::find_iter(text, prefix).take(NUMBERS).count() == NUMBERS;
    literal || many(b"0x") || many(b"\\x")
}

/// Whether the hexadecimal value at `value` belongs to a test vector: both the plain text and the ciphertext stand
/// beside it as literals of hexadecimal digits. A program that holds a real key computes at least one of them.
fn is_known_answer(text: &[u8], value: Span) -> bool {
    let digits = value.of(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let (from, to) = (value.start.saturating_sub(RECORD), value.end.saturating_add(RECORD).min(text.len()));
    let near = text.get(from..to).unwrap_or_default().to_ascii_lowercase();
    let fields: [&[&[u8]]; 2] = [&[b"plaintext", b"plain_text"], &[b"ciphertext", b"cipher_text"]];
    let lengths = fields.map(|names| names.iter().filter_map(|name| literal(&near, name)).max());
    match lengths {
        // an empty message has a tag alone
        [Some(plain), Some(cipher)] => {
            let answer = || literal(&near, b"tag").unwrap_or(0);
            plain.max(cipher) >= DIGITS || answer() >= DIGITS
        }
        _ => false,
    }
}

/// The most hexadecimal digits of a quoted literal right behind a field called `name`; `None` where none is there.
fn literal(near: &[u8], name: &[u8]) -> Option<usize> {
    let places = memmem::find_iter(near, name).take(MAX_FIELDS);
    places.filter_map(|at| quoted(near.get(at + name.len()..)?)).max()
}

/// The number of hexadecimal digits between the quotes of the literal that `after` is given right away.
fn quoted(after: &[u8]) -> Option<usize> {
    let head = after.get(..BETWEEN.min(after.len()))?;
    // the quote that ends the name itself stands before the sign of assignment
    let sign = head.iter().position(|b| matches!(b, b':' | b'='))?;
    let rest = after.get(sign..)?;
    let open = rest.iter().take(BETWEEN).position(|b| matches!(b, b'"' | b'\''))?;
    let inside = rest.get(open + 1..)?;
    let digits = inside.iter().take_while(|b| b.is_ascii_hexdigit()).count();
    // cut off by the end of what is looked at, it is a literal all the same
    inside.get(digits).is_none_or(|b| matches!(b, b'"' | b'\'')).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guards::secrets::assignment::Quote;

    const KEY: &str = "00112233445566778899aabbccddeeff";

    fn known(text: &str) -> bool {
        let start = text.find(KEY).unwrap();
        is_known_answer(text.as_bytes(), Span::new(start, start + KEY.len()))
    }

    #[test]
    fn a_record_with_both_texts_as_digits_is_a_test_vector() {
        let hex = "6bc1bee22e409f96e93d7e117393172a";
        assert!(known(&format!(
            "key: &hex!(\"{KEY}\"),\n plaintext: &hex!(\"{hex}\"),\n ciphertext: &hex!(\"{hex}\"),"
        )));
        assert!(known(&format!("{{\"key\": \"{KEY}\", \"plainText\": \"{hex}\", \"cipherText\": \"{hex}\"}}")));
        assert!(known(&format!("key: hex!(\"{KEY}\"),\nplaintext: b\"\",\nciphertext: b\"\",\ntag: hex!(\"{hex}\")")));
    }

    #[test]
    fn bytes_that_are_checked_beside_others_are_a_test_vector() {
        let other = "6bc1bee22e409f96e93d7e117393172a";
        let checked = |text: &str, name: &str, value: &str, place| {
            let span = |part: &str| text.find(part).map(|at| Span::new(at, at + part.len())).unwrap();
            let pair = Pair { name: span(name), value: span(value), place, quote: Quote::Double };
            is_vector(text.as_bytes(), pair, PathClass::Source)
        };
        let decoded = format!("let key = hex!(\"{KEY}\");\nassert_eq!(hex!(\"{other}\"), sealed);");
        assert!(checked(&decoded, "key", KEY, Place::Assignment));
        let named = format!("Test {{ key_hex: \"{KEY}\" }}, Test {{ key_hex: \"{other}\" }}");
        assert!(checked(&named, "key_hex", KEY, Place::Assignment));
        let list = ["0x3d, 0x26, 0x2f", &"0x11, ".repeat(9)];
        let bytes = format!("test_vectors = [{{ secret: [{}], expected: [{}] }}]", list[0], list[1]);
        assert!(checked(&bytes, "secret", list[0], Place::Bytes));
        let escapes = [r"\x45\x8b\xd8\x4d\x88\xb3\xd2\x16\xb6", r"\x40\xda\x1c\x69\xc4\xe3\xb6\x9c\x6e"];
        let strings = format!("let key = b\"{}\";\nassert_eq!(b\"{}\", sealed);", escapes[0], escapes[1]);
        assert!(checked(&strings, "key", escapes[0], Place::Assignment));
        for text in [
            format!("let key = b\"{}\";\nlet iv = b\"{}\";", escapes[0], escapes[1]),
            format!("let key = b\"{}\";\nassert_eq!(key.len(), 9);", escapes[0]),
        ] {
            assert!(!checked(&text, "key", escapes[0], Place::Assignment), "{text}");
        }
        for text in [
            // plain text, nothing checked, nothing to check it against
            format!("let key = \"{KEY}\";\nassert_eq!(\"{other}\", sealed);"),
            format!("let key = hex!(\"{KEY}\");\nlet iv = hex!(\"{other}\");"),
            format!("let key = hex!(\"{KEY}\");\nassert_eq!(key.len(), 16);"),
            format!("std::vector<uint8_t> key = unhex(\"{KEY}\"), iv = unhex(\"{other}\"); assert(ready);"),
        ] {
            assert!(!checked(&text, "key", KEY, Place::Assignment), "{text}");
        }
    }

    #[test]
    fn a_test_checks_by_whatever_function() {
        let text = format!("let key = hex!(\"{KEY}\");\ncheck(key, &hex!(\"6bc1bee22e409f96e93d7e117393172a\"));");
        let at = text.find(KEY).unwrap();
        let value = Span::new(at, at + KEY.len());
        let pair = Pair { name: Span::new(4, 7), value, place: Place::Assignment, quote: Quote::Double };
        assert!(is_vector(text.as_bytes(), pair, PathClass::Test));
        assert!(!is_vector(text.as_bytes(), pair, PathClass::Source));
    }

    #[test]
    fn what_is_computed_or_missing_makes_none() {
        let hex = "6bc1bee22e409f96e93d7e117393172a";
        for text in [
            format!("key = \"{KEY}\"\nplaintext = \"{hex}\"\nciphertext = encrypt(key, plaintext)"),
            format!("key = \"{KEY}\"\nplaintext = \"attack at dawn\"\nciphertext = \"{hex}\""),
            format!("key = \"{KEY}\"\nplaintext = \"\"\nciphertext = \"\""),
            format!("key = \"{KEY}\"\nciphertext = \"{hex}\""),
            format!("key = \"{KEY}\"\n{}plaintext = \"{hex}\"\nciphertext = \"{hex}\"", " ".repeat(RECORD)),
        ] {
            assert!(!known(&text), "{text}");
        }
        let text = format!("key = \"{KEY}-x\"\nplaintext = \"{hex}\"\nciphertext = \"{hex}\"");
        let end = text.find("-x").unwrap() + 2;
        assert!(!is_known_answer(text.as_bytes(), Span::new(end - KEY.len() - 2, end)));
    }
}
