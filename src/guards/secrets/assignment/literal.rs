//! Strings that are more than one pair of quotes: put together from pieces, in brackets, one of two, returned.

use super::lex::{at, before, is_at, quote_at, run, skip_blanks, skip_space};
use super::operand::{Target, quoted, skip_prefix};
use super::{Kind, MAX_ELEMENTS, Place, Quote, Reading};
use crate::finding::Span;

/// The longest text in brackets, in bytes.
const MAX_BRACKETED: usize = 256;
/// Strings that are read of one that is put together from several.
const MAX_PIECES: usize = 16;
/// The shortest further piece of such a string that is read, in bytes.
const MIN_PIECE: usize = 8;

/// The further strings of one that is put together from several: `"…" + "…"`, `'…' . '…'`, or one below the other.
/// A piece tells only if chance may have made it; the name tells nothing of the parts of a sentence.
pub(super) fn pieces(reading: &mut Reading, text: &[u8], target: &Target, end: Option<usize>, place: Place) {
    let Some(mut end) = end.filter(|_| target.kind == Kind::Code) else { return };
    // a JSON web token, or encoded DER, is one as a whole only
    let first = skip_prefix(text, skip_blanks(text, target.separator.end));
    let whole = quote_at(text, first, true).map_or(first, |quote| first + quote.len);
    if is_at(text, whole, b"eyj") || is_at(text, whole, b"mii") {
        return;
    }
    let from = end;
    for _ in 0..MAX_PIECES {
        let gap = skip_space(text, end);
        let sign = run(text, gap, 2, |b| matches!(b, b'+' | b'.' | b'&'));
        let next = skip_prefix(text, skip_space(text, sign));
        let lines = text.get(end..next).unwrap_or_default();
        let Some(quote) = quote_at(text, next, true).filter(|_| sign > gap || lines.contains(&b'\n')) else { break };
        let open = next + quote.len;
        if quote.quote == Quote::Triple || quote_at(text, open, false) == Some(quote) {
            break;
        }
        let Some(value) = quote.content(reading, text, open) else { break };
        let bytes = value.of(text);
        let has = |kind: fn(&u8) -> bool| bytes.iter().any(kind);
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'=' | b'_' | b'-');
        end = value.end + quote.len;
        // the name of the next member: "a": "…"
        if matches!(at(text, skip_blanks(text, end)), b':' | b'=') {
            break;
        }
        if bytes.len() >= MIN_PIECE
            && bytes.iter().all(plain)
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_alphabetic)
        {
            target.push(reading, text, value, place, quote.quote);
        }
    }
    reading.spend(end - from);
}

/// Strings in brackets: `[[…]]` of Lua, `q{…}` of Perl, `%w[… …]` of Ruby; whether one stands at `i`.
pub(super) fn bracketed(reading: &mut Reading, text: &[u8], target: &Target, i: usize, place: Place) -> bool {
    let (open, words) = match (at(text, i), at(text, i + 1)) {
        (b'[', b'[') => (i + 2, false),
        (b'q', b'{' | b'(' | b'[' | b'<' | b'/' | b'|') => (i + 2, false),
        (b'q', b'q' | b'w') if matches!(at(text, i + 2), b'{' | b'(' | b'[' | b'<' | b'/' | b'|') => {
            (i + 3, at(text, i + 1) == b'w')
        }
        (b'%', b'w' | b'q' | b'i') if matches!(at(text, i + 2), b'{' | b'(' | b'[' | b'<' | b'|') => {
            (i + 3, at(text, i + 1) != b'q')
        }
        _ => return false,
    };
    let is_close = |b: u8| match before(text, open) {
        b'{' => b == b'}',
        b'(' => b == b')',
        b'[' => b == b']',
        b'<' => b == b'>',
        same => b == same,
    };
    let end = run(text, open, MAX_BRACKETED, |b| !is_close(b) && (words || b != b'\n'));
    reading.spend(end - open);
    let doubled = at(text, i) != b'[' || at(text, end + 1) == b']';
    if !is_close(at(text, end)) || !doubled || quote_at(text, skip_space(text, open), false).is_some() {
        return false;
    }
    let mut from = open;
    for word in text.get(open..end).unwrap_or_default().split(|b| words && b.is_ascii_whitespace()).take(MAX_ELEMENTS) {
        let place = if words { Place::List } else { place };
        target.push(reading, text, Span::new(from, from + word.len()), place, Quote::Single);
        from += word.len() + 1;
    }
    true
}

/// The strings of `? one : other`, from behind the question mark.
pub(super) fn choice(reading: &mut Reading, text: &[u8], target: &Target, from: usize, end: usize, place: Place) {
    let first = skip_blanks(text, from);
    let behind = match quote_at(text, first, false) {
        Some(_) => quoted(reading, text, target, first, place),
        None => (first..end).find(|&i| text.get(i..).is_some_and(|t| t.starts_with(b" : "))),
    };
    let Some(colon) = behind.map(|i| skip_blanks(text, i)).filter(|&i| at(text, i) == b':') else { return };
    let second = skip_blanks(text, colon + 1);
    if quote_at(text, second, false).is_some() {
        quoted(reading, text, target, second, place);
    }
}

/// The string that a function without arguments returns, whose arguments end at `i`.
pub(super) fn returned(reading: &mut Reading, text: &[u8], target: &Target, i: usize) {
    let open = skip_space(text, i);
    let body = skip_space(text, open + 1);
    let value = skip_blanks(text, body + b"return".len());
    if at(text, open) == b'{' && is_at(text, body, b"return") && value > body + b"return".len() {
        quoted(reading, text, target, value, Place::Assignment);
    }
}
