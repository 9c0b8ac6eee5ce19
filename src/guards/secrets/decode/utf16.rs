//! UTF-16: whole texts, and ASCII in 16-bit units among other bytes.

use super::Region;
use super::unit::{Byte, Codec, Unit};
use crate::finding::Span;

/// Bytes that tell the encoding of a text without a byte order mark.
const SAMPLE: usize = 4096;
/// The least characters of a text that is told by its zeros, whole or among other bytes.
const MIN_WIDE: usize = 16;

/// The byte order of a text in UTF-16, and the length of its mark; `None` for any other text.
pub(super) fn detect(text: &[u8]) -> Option<(Codec, usize)> {
    match text {
        // the mark of UTF-32 begins with that of UTF-16
        [0xff, 0xfe, 0, 0, ..] => return None,
        [0xff, 0xfe, ..] => return Some((Codec::Utf16Le, 2)),
        [0xfe, 0xff, ..] => return Some((Codec::Utf16Be, 2)),
        _ => {}
    }
    // cheap for all the texts that have no NUL
    let sample = text.get(..text.len().min(SAMPLE))?;
    memchr::memchr(0, sample)?;
    let pairs = sample.chunks_exact(2);
    let total = pairs.len();
    if total < MIN_WIDE {
        return None;
    }
    let (mut le, mut be) = (0, 0);
    for pair in pairs {
        le += usize::from(pair[1] == 0 && pair[0] != 0);
        be += usize::from(pair[0] == 0 && pair[1] != 0);
    }
    // languages with other letters still have spaces, digits and line ends
    let many = |n: usize, other: usize| n * 10 >= total * 4 && other * 50 <= total && n + other > 0;
    let zeros = memchr::memchr_iter(0, sample).count();
    match () {
        // more zeros than one a unit: binary data
        () if zeros > le + be => None,
        () if many(le, be) => Some((Codec::Utf16Le, 0)),
        () if many(be, le) => Some((Codec::Utf16Be, 0)),
        () => None,
    }
}

/// The character at `at`; half a pair becomes U+FFFD, a last odd byte is dropped.
pub(super) fn unit(text: &[u8], at: usize, big: bool) -> Unit {
    let half = |at: usize| {
        let pair: [u8; 2] = text.get(at..at + 2)?.try_into().ok()?;
        Some(u32::from(if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }))
    };
    let Some(code) = half(at) else { return Unit::nothing(at + 2) };
    if (0xd800..0xdc00).contains(&code)
        && let Some(low) = half(at + 2).filter(|low| (0xdc00..0xe000).contains(low))
    {
        return Unit::character(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), at, at + 4);
    }
    Unit::character(code, at, at + 2)
}

/// The byte at `at`; the one behind it is its upper half, or the next one's.
pub(super) fn wide_unit(text: &[u8], at: usize) -> Unit {
    let mut unit = Unit::nothing(at + 2);
    if let Some(&value) = text.get(at) {
        unit.push(Byte { value, from: at, to: (at + 2).min(text.len()) });
    }
    unit
}

/// Adds the runs of ASCII characters that have a zero between each two.
pub(super) fn regions(text: &[u8], out: &mut Vec<Region>) {
    let shape = |four: &[u8; 4]| match four {
        [a, 0, b, 0] | [0, a, 0, b] => is_printable(*a) && is_printable(*b),
        _ => false,
    };
    let mut done = 0;
    // each run that is long enough shows itself at one of these places
    for at in (0..text.len()).step_by(MIN_WIDE) {
        let seen = text.get(at..).and_then(|rest| rest.first_chunk()).is_some_and(shape);
        if at < done || !seen {
            continue;
        }
        let first = if text.get(at) == Some(&0) { at + 1 } else { at };
        let char_at = |at: usize| text.get(at).is_some_and(|b| is_printable(*b));
        let zero_at = |at: usize| text.get(at) == Some(&0);
        let back = |n: &usize| {
            let place = first.checked_sub(2 * n);
            place.is_some_and(|p| p >= done && char_at(p) && zero_at(p + 1))
        };
        let start = first - 2 * (1..).take_while(back).count();
        let count = (0..).take_while(|n| char_at(start + 2 * n) && zero_at(start + 2 * n + 1)).count();
        let end = start + 2 * count;
        // in big-endian text the zero of the last character stands in front of it
        let big = start.checked_sub(1).is_some_and(zero_at);
        let end = if big && char_at(end) { end + 1 } else { end };
        if count >= MIN_WIDE {
            out.push(Region { codec: Codec::Wide, span: Span::new(start, end) });
        }
        done = end;
    }
}

fn is_printable(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
}
