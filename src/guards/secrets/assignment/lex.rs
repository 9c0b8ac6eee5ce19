//! Bytes, names, gaps and quotes.

use super::{MAX_VALUE, Quote, Reading};
use crate::finding::Span;

/// The most backslashes in front of a quote: three levels of escaping.
const MAX_ESCAPES: usize = 7;
/// The longest gap between the parts of a pair, in bytes.
const MAX_GAP: usize = 64;

/// Kinds of delimiters: single bytes, triples, escapes by count and byte, entities and the rest.
pub(super) const SLOTS: usize = SPELLED_SLOT + SPELLED.len();
const ESCAPED_SLOT: usize = 5;
const SPELLED_SLOT: usize = ESCAPED_SLOT + 3 * MAX_ESCAPES;
/// Quotes that are spelled out.
const SPELLED: [(&[u8], Quote); 11] = [
    (b"&quot;", Quote::Entity),
    (b"&#34;", Quote::Entity),
    (b"&#x22;", Quote::Entity),
    (b"&#39;", Quote::Entity),
    (b"&#x27;", Quote::Entity),
    (b"&#039;", Quote::Entity),
    (b"&apos;", Quote::Entity),
    (b"\\u0022", Quote::Escaped),
    (b"\\u0027", Quote::Escaped),
    (b"%22", Quote::Percent),
    (b"%27", Quote::Percent),
];

/// The byte at `i`; 0 beyond the end.
#[inline]
pub(super) fn at(text: &[u8], i: usize) -> u8 {
    text.get(i).copied().unwrap_or(0)
}

/// The byte before `i`; 0 before the beginning.
#[inline]
pub(super) fn before(text: &[u8], i: usize) -> u8 {
    i.checked_sub(1).and_then(|i| text.get(i)).copied().unwrap_or(0)
}

/// Whether `word` (lower case) stands at `i` in any case.
pub(super) fn is_at(text: &[u8], i: usize, word: &[u8]) -> bool {
    text.get(i..i + word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word))
}

/// Whether `word` (lower case) ends at `i`, in any case, and nothing of a name stands before it.
pub(super) fn word_before(text: &[u8], i: usize, word: &[u8]) -> bool {
    let Some(start) = i.checked_sub(word.len()) else { return false };
    is_at(text, start, word) && !is_name(before(text, start))
}

/// Bytes of names.
static NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut b = 0;
    while b < 256 {
        table[b] = matches!(b as u8, b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'_' | b'-' | b'.');
        b += 1;
    }
    table
};

/// Whether names are made of such bytes: ASCII letters and digits, `_`, `-`, `.`.
#[inline]
pub(super) fn is_name(byte: u8) -> bool {
    NAME[usize::from(byte)]
}

/// The end of the run of bytes from `from` that satisfy `is`, at most `most` of them.
#[inline]
pub(super) fn run(text: &[u8], from: usize, most: usize, is: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    from + rest.iter().take(most).take_while(|&&b| is(b)).count()
}

/// The start of the run of bytes that satisfy `is` and end at `to`, at most `most` of them.
pub(super) fn run_back(text: &[u8], to: usize, most: usize, is: impl Fn(u8) -> bool) -> usize {
    let head = text.get(..to).unwrap_or_default();
    to - head.iter().rev().take(most).take_while(|&&b| is(b)).count()
}

/// Behind spaces and tabs.
#[inline]
pub(super) fn skip_blanks(text: &[u8], from: usize) -> usize {
    run(text, from, MAX_GAP, |b| matches!(b, b' ' | b'\t'))
}

/// Behind spaces, tabs and at most two line ends, each of which a backslash may precede.
pub(super) fn skip_space(text: &[u8], from: usize) -> usize {
    let mut i = skip_blanks(text, from);
    for _ in 0..2 {
        let mut end = i;
        end += usize::from(at(text, end) == b'\\');
        end += usize::from(at(text, end) == b'\r');
        if at(text, end) != b'\n' {
            break;
        }
        i = skip_blanks(text, end + 1);
    }
    i
}

/// Before the spaces and tabs that end at `to`.
pub(super) fn skip_blanks_back(text: &[u8], to: usize) -> usize {
    run_back(text, to, MAX_GAP, |b| matches!(b, b' ' | b'\t'))
}

/// A quote where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Delimiter {
    pub(super) quote: Quote,
    /// Bytes.
    pub(super) len: usize,
    /// The quote itself, behind any backslashes; of one that is spelled out its first byte.
    byte: u8,
    /// Which of the kinds it is.
    slot: usize,
}

/// The quote that stands at `i`; `triple`: whether three are one.
pub(super) fn quote_at(text: &[u8], i: usize, triple: bool) -> Option<Delimiter> {
    let plain = |byte: u8| match byte {
        b'"' => Some((0, Quote::Double)),
        b'\'' => Some((1, Quote::Single)),
        b'`' => Some((2, Quote::Back)),
        _ => None,
    };
    let byte = at(text, i);
    if let Some((slot, quote)) = plain(byte) {
        if triple && slot < 2 && at(text, i + 1) == byte && at(text, i + 2) == byte {
            return Some(Delimiter { quote: Quote::Triple, len: 3, byte, slot: 3 + slot });
        }
        return Some(Delimiter { quote, len: 1, byte, slot });
    }
    if byte == b'\\' {
        let count = run(text, i, MAX_ESCAPES + 1, |b| b == b'\\') - i;
        let byte = at(text, i + count);
        if let Some((kind, _)) = plain(byte)
            && count <= MAX_ESCAPES
        {
            let slot = ESCAPED_SLOT + 3 * (count - 1) + kind;
            return Some(Delimiter { quote: Quote::Escaped, len: count + 1, byte, slot });
        }
    }
    if !matches!(byte, b'\\' | b'&' | b'%') {
        return None;
    }
    let (n, (word, quote)) = SPELLED.iter().enumerate().find(|(_, (word, _))| is_at(text, i, word))?;
    Some(Delimiter { quote: *quote, len: word.len(), byte, slot: SPELLED_SLOT + n })
}

impl Delimiter {
    /// Whether the same quote ends at `i`.
    pub(super) fn ends_at(self, text: &[u8], i: usize) -> bool {
        i.checked_sub(self.len).and_then(|start| quote_at(text, start, false)).is_some_and(|d| d == self)
            && (self.quote != Quote::Escaped || before(text, i - self.len) != b'\\')
    }

    /// The bytes up to the closing quote, from `from`, right behind the opening one.
    pub(super) fn content(self, reading: &mut Reading, text: &[u8], from: usize) -> Option<Span> {
        let limit = text.len().min(from.saturating_add(MAX_VALUE));
        let known = reading.unclosed[self.slot];
        let mut i = if (known.start..known.end).contains(&from) { known.end } else { from };
        let first = i;
        let one_line = matches!(self.quote, Quote::Double | Quote::Single | Quote::Escaped);
        let found = loop {
            let Some(rest) = text.get(i..limit).filter(|rest| !rest.is_empty()) else { break None };
            let next = if one_line { memchr::memchr2(self.byte, b'\n', rest) } else { memchr::memchr(self.byte, rest) };
            let Some(next) = next.map(|n| i + n) else {
                i = limit;
                break None;
            };
            i = next;
            match self.closes(text, from, next) {
                Some(end) => break Some(end),
                None if at(text, next) == b'\n' && one_line => break None,
                None => i = next + 1,
            }
        };
        reading.spend(i.saturating_sub(first) + 1);
        reading.jumped |= first > from;
        match found {
            Some(end) => Some(Span::new(from, end)).filter(|s| s.start < s.end),
            None => {
                let start = if (known.start..known.end).contains(&from) { known.start } else { from };
                reading.unclosed[self.slot] = Span::new(start, i.max(from));
                None
            }
        }
    }

    /// Where the content ends, if the quote byte at `i` is the closing one.
    fn closes(self, text: &[u8], from: usize, i: usize) -> Option<usize> {
        if at(text, i) != self.byte {
            return None;
        }
        let escapes = || i - run_back(text, i, (MAX_ESCAPES + 1).min(i - from), |b| b == b'\\');
        match self.quote {
            Quote::Double | Quote::Single | Quote::Back => (escapes() % 2 == 0).then_some(i),
            Quote::Triple => (at(text, i + 1) == self.byte && at(text, i + 2) == self.byte).then_some(i),
            Quote::Escaped if self.byte == b'\\' => self.spelled(text, i),
            Quote::Escaped => (escapes() < self.len).then(|| i - escapes()),
            Quote::Entity | Quote::Percent => self.spelled(text, i),
            Quote::None => None,
        }
    }

    fn spelled(self, text: &[u8], i: usize) -> Option<usize> {
        let (word, _) = SPELLED.get(self.slot.checked_sub(SPELLED_SLOT)?)?;
        is_at(text, i, word).then_some(i)
    }
}
