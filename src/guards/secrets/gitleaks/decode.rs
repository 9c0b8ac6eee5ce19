//! Encoded text decoded in place, pass by pass, with the way back to where it stood. Facts: gitleaks' README,
//! "Decoding", and its behaviour.
//!
//! Segments of a pass lie in ascending order and do not overlap, in the text before the pass as well as in the one
//! after it: whatever asks for those that touch a span searches by halves.

use super::super::base64;
use super::shapes::{HEX, PERCENT, Shapes, UNICODE};
use crate::finding::Span;

/// Kinds of encodings by the numbers of [`shapes`](super::shapes), which are also their precedence.
const KINDS: [&str; 4] = ["percent", "unicode", "hex", "base64"];

/// A piece of text that a pass has decoded.
#[derive(Clone, Debug)]
struct Segment {
    /// Its place in the text that was given at first.
    original: Span,
    /// Its place in the text before the pass.
    encoded: Span,
    /// Its place in the text after the pass.
    decoded: Span,
    /// Bits of [`KINDS`].
    kinds: u8,
}

/// The passes over a text so far.
#[derive(Default, Debug)]
pub(super) struct Passes {
    levels: Vec<Vec<Segment>>,
}

/// What a match in decoded text stands in.
pub(super) struct Origin {
    /// The place of the encoded text in the original.
    pub(super) place: Span,
    /// `decoded:<kind>` for each kind, then `decode-depth:<n>`.
    pub(super) tags: Vec<String>,
    /// The decoded text that was touched.
    pub(super) decoded: Span,
}

impl Passes {
    /// How many passes there were.
    pub(super) fn depth(&self) -> usize {
        self.levels.len()
    }

    /// Decodes what is encoded in `text`, the result of the last pass; `None`: nothing is.
    pub(super) fn next(&mut self, text: &[u8]) -> Option<Vec<u8>> {
        let mut segments = Vec::new();
        let mut out = Vec::new();
        let mut copied = 0;
        for (kind, place) in encoded(text) {
            let Some(decoded) = decode(kind, place.of(text)).filter(|d| !d.is_empty()) else { continue };
            out.extend_from_slice(text.get(copied..place.start).unwrap_or_default());
            let start = out.len();
            out.extend_from_slice(&decoded);
            copied = place.end;
            let before = self.levels.last().map_or(&[][..], |level| level);
            let inner = touching(before, place).iter().fold(0, |kinds, segment| kinds | segment.kinds);
            segments.push(Segment {
                original: self.original(self.levels.len(), place),
                encoded: place,
                decoded: Span::new(start, out.len()),
                kinds: inner | 1 << kind,
            });
        }
        if segments.is_empty() {
            return None;
        }
        out.extend_from_slice(text.get(copied..).unwrap_or_default());
        self.levels.push(segments);
        Some(out)
    }

    /// Where a match in the result of the last pass comes from; `None`: it touches nothing that the pass decoded.
    pub(super) fn origin(&self, found: Span) -> Option<Origin> {
        let touched = touching(self.levels.last()?, found);
        let (first, last) = touched.first().zip(touched.last())?;
        let kinds = touched.iter().fold(0, |kinds, segment| kinds | segment.kinds);
        let named = KINDS.iter().enumerate().filter(|(n, _)| kinds & 1 << n != 0);
        let mut tags: Vec<String> = named.map(|(_, kind)| format!("decoded:{kind}")).collect();
        tags.push(format!("decode-depth:{}", self.levels.len()));
        Some(Origin {
            place: self.original(self.levels.len(), found),
            tags,
            decoded: Span::new(first.decoded.start, last.decoded.end),
        })
    }

    /// The place in the original of a place in the text after `depth` passes.
    fn original(&self, depth: usize, mut place: Span) -> Span {
        for level in self.levels.get(..depth).unwrap_or_default().iter().rev() {
            let touched = touching(level, place);
            if let Some(whole) = touched.iter().find(|s| s.decoded.start <= place.start && place.end <= s.decoded.end) {
                return whole.original;
            }
            let (Some(first), Some(last)) = (touched.first(), touched.last()) else { return place };
            // what juts out on either side juts out of the encoded text just as far
            let start = first.encoded.start.saturating_sub(first.decoded.start.saturating_sub(place.start));
            let end = last.encoded.end + place.end.saturating_sub(last.decoded.end);
            place = Span::new(start, end);
        }
        place
    }
}

/// The segments whose decoded text shares bytes with a place, or lies right beside it.
fn touching(segments: &[Segment], place: Span) -> &[Segment] {
    let from = segments.partition_point(|s| s.decoded.end < place.start);
    let to = segments.partition_point(|s| s.decoded.start <= place.end);
    segments.get(from..to).unwrap_or_default()
}

/// Places that look encoded, with the index of their kind.
fn encoded(text: &[u8]) -> Vec<(usize, Span)> {
    let all: Vec<(usize, Span)> = Shapes::new(text).collect();
    // of two that stand side by side the one of lower precedence waits for the next pass
    let beside = |a: &(usize, Span), b: &(usize, Span)| a.1.start <= b.1.end && b.1.start <= a.1.end;
    let yields = |(n, one): (usize, &(usize, Span))| {
        let neighbours = [n.checked_sub(1), n.checked_add(1)].into_iter().flatten().filter_map(|n| all.get(n));
        neighbours.into_iter().any(|other| other.0 < one.0 && beside(one, other))
    };
    all.iter().enumerate().filter(|&one| !yields(one)).map(|(_, one)| *one).collect()
}

fn decode(kind: usize, text: &[u8]) -> Option<Vec<u8>> {
    match kind {
        PERCENT => percent(text),
        UNICODE => Some(unicode(text)),
        HEX => hexadecimal(text),
        _ => base_64(text),
    }
}

/// The bytes that count as printable in decoded text: white space and some controls are among them.
fn is_printable(byte: u8) -> bool {
    (0x09..0x7F).contains(&byte)
}

fn nibble(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn pair(high: u8, low: u8) -> Option<u8> {
    Some(nibble(high)? << 4 | nibble(low)?)
}

/// `None` where an escape stands for a byte that is not printable.
fn percent(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, after)) = rest.split_first() {
        let escaped = match (first, after) {
            (b'%', [high, low, ..]) => pair(*high, *low),
            _ => None,
        };
        match escaped {
            Some(byte) if !is_printable(byte) => return None,
            Some(byte) => {
                out.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                out.push(first);
                rest = after;
            }
        }
    }
    Some(out)
}

/// A run of `U+0041 ` or `\u0041`; what is no character becomes U+FFFD.
fn unicode(text: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    // every run of four digits belongs to one escape
    let mut rest = text;
    while let Some(at) = rest.iter().position(|b| matches!(b, b'+' | b'u' | b'U')) {
        let after = rest.get(at + 1..).unwrap_or_default();
        if let Some([a, b, c, d]) = after.first_chunk()
            && let Some(code) = pair(*a, *b).zip(pair(*c, *d))
        {
            let code = u32::from(code.0) << 8 | u32::from(code.1);
            out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            rest = after.get(4..).unwrap_or_default();
        } else {
            rest = after;
        }
    }
    out.into_bytes()
}

fn hexadecimal(text: &[u8]) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.iter().any(u8::is_ascii_digit) {
        return None;
    }
    text.chunks_exact(2).map(|two| pair(*two.first()?, *two.get(1)?).filter(|b| is_printable(*b))).collect()
}

/// Of words as long as these most are no base64: a digit or a sign is asked for.
fn base_64(text: &[u8]) -> Option<Vec<u8>> {
    if !text.iter().any(|b| matches!(b, b'0'..=b'9' | b'+' | b'/' | b'-' | b'_')) {
        return None;
    }
    // most of what has the shape says nothing, and its beginning shows that
    let head = base64::decode(text.get(..4)?).unwrap_or_default();
    if !head.iter().all(|b| is_printable(*b)) {
        return None;
    }
    let has = |signs: [u8; 2]| memchr::memchr2(signs[0], signs[1], text).is_some();
    let padded = memchr::memchr(b'=', text).is_some();
    let standard = text.len().is_multiple_of(4) && !has([b'-', b'_']);
    let url = !padded && !has([b'+', b'/']);
    if !standard && !url {
        return None;
    }
    base64::decode(text).filter(|decoded| decoded.iter().all(|b| is_printable(*b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &str) -> Vec<String> {
        let mut passes = Passes::default();
        let mut text = text.as_bytes().to_vec();
        let mut all = Vec::new();
        while let Some(next) = passes.next(&text) {
            all.push(String::from_utf8(next.clone()).unwrap());
            text = next;
        }
        all
    }

    #[test]
    fn decodes_each_kind() {
        assert_eq!(passes("a%3Db c"), ["a=b c"]);
        assert_eq!(passes("x U+0068 U+0069 y"), ["x hiy"]);
        assert_eq!(passes(r"x \u0068\\U0069 y"), ["x hi y"]);
        let hex = "68656c6c6f2c20776f726c642068656c6c6f";
        assert_eq!(passes(&format!("k={hex};")), ["k=hello, world hello;"]);
        assert_eq!(passes("aGVsbG8sIHdvcmxk!"), ["hello, world!"]);
        assert_eq!(passes("aGVsbG8sIHdvcmxkIQ== aGVsbG8sIHdvcmxkIQ"), ["hello, world! hello, world!"]);
    }

    #[test]
    fn leaves_what_only_looks_encoded() {
        assert!(passes("anidentifierwithoutdigits").is_empty());
        assert!(passes("%80%81").is_empty());
        assert!(passes("0123456789abcdef0123456789abcdef0").is_empty());
        assert!(passes("aGVsbG8sIHdv+_xk").is_empty());
    }

    #[test]
    fn knows_where_decoded_text_stood() {
        // "key=" + percent("%3D") twice deep
        let text = b"..key%253D1..";
        let mut passes = Passes::default();
        let one = passes.next(text).unwrap();
        assert_eq!(one, b"..key%3D1..");
        let two = passes.next(&one).unwrap();
        assert_eq!(two, b"..key=1..");
        let origin = passes.origin(Span::new(2, 7)).unwrap();
        assert_eq!((origin.place.start, origin.place.end), (2, 11));
        assert_eq!(origin.tags, ["decoded:percent", "decode-depth:2"]);
        assert_eq!(origin.decoded, Span::new(5, 6));
        assert!(passes.origin(Span::new(0, 4)).is_none());
    }
}
