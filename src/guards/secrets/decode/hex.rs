//! Hexadecimal digits.

use super::Region;
use super::base64::wrapped;
use super::unit::{Codec, Unit, hex_digit, is_text};
use crate::finding::Span;

/// The least digits of an encoded text.
const MIN: usize = 32;

/// The encoded text at the front of a run of letters and digits; `None` where there is none: hashes and ids decode
/// to noise.
pub(super) fn region(text: &[u8], run: Span) -> Option<Region> {
    let bytes = run.of(text);
    // 0x in front of it is no part of it
    let skipped = if bytes.starts_with(b"0x") || bytes.starts_with(b"0X") { 2 } else { 0 };
    let start = run.start + skipped;
    // most runs are words: the last of the least digits tells them at once
    if bytes.get(skipped + MIN - 1).is_none_or(|b| hex_digit(*b).is_none()) {
        return None;
    }
    let digits = bytes.get(skipped..)?.iter().take_while(|b| hex_digit(**b).is_some()).count() & !1;
    if digits < MIN {
        return None;
    }
    let mut head = [0u8; MIN / 2];
    for (byte, pair) in head.iter_mut().zip(text.get(start..start + MIN)?.chunks_exact(2)) {
        *byte = value(pair)?;
    }
    if !is_text(&head) {
        return None;
    }
    let first = Span::new(start, start + digits);
    let end = if first.end == run.end { wrapped(text, first, |b| hex_digit(b).is_some()) } else { first.end };
    Some(Region { codec: Codec::Hex, span: Span::new(start, end) })
}

fn value(pair: &[u8]) -> Option<u8> {
    let [high, low] = pair else { return None };
    u8::try_from(hex_digit(*high)? << 4 | hex_digit(*low)?).ok()
}

/// The byte of the two digits from `at` on; what is no digit is passed over.
pub(super) fn unit(text: &[u8], at: usize) -> Unit {
    let digit = |from: usize| {
        let rest = text.get(from..).unwrap_or_default();
        rest.iter().position(|b| hex_digit(*b).is_some()).map(|n| from + n)
    };
    let Some(high) = digit(at) else { return Unit::nothing(text.len().max(at + 1)) };
    let Some(low) = digit(high + 1) else { return Unit::nothing(text.len().max(at + 1)) };
    match value(&[text[high], text[low]]) {
        Some(byte) => Unit::whole(&[byte], high, low + 1),
        None => Unit::nothing(low + 1),
    }
}
