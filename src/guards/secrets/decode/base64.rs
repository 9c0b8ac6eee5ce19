//! Base64 of both alphabets: which part of a run of digits is an encoded text, and what it says.

use super::super::base64::digit;
use super::unit::{Byte, Codec, Unit, is_text};
use super::{Region, hex};
use crate::finding::Span;

/// The least digits of an encoded text; shorter values belong to rules that know what they stand for.
pub(super) const MIN: usize = 24;
/// Digits of a run that are decoded to see whether it holds a text: eighteen bytes.
const HEAD: usize = 24;
/// Beginnings that are tried in a run: in a path or URL the digits of an encoded part follow others.
const MAX_TRIES: usize = 8;
/// The longest indentation of a wrapped line.
const MAX_INDENT: usize = 256;
/// The digits of a line of which encoders make a line break: PEM (RFC 7468: 64), MIME (RFC 2045: 76), and others.
const WRAPPED: [usize; 4] = [60, 64, 72, 76];

/// The encoded text in a run of digits that lies at `run`, with the lines that carry it on; `None` where it
/// decodes to nothing readable.
pub(super) fn region(text: &[u8], run: Span) -> Option<Region> {
    if let Some(region) = hex::region(text, run) {
        return Some(region);
    }
    let mut start = run.start;
    for tries in 0.. {
        if reads(text, start) {
            break;
        }
        let rest = Span::new(start, run.end - MIN.min(run.end)).of(text);
        let separator = rest.iter().position(|b| !b.is_ascii_alphanumeric()).filter(|_| tries < MAX_TRIES)?;
        start += separator + 1;
    }
    let end = wrapped(text, Span::new(start, run.end), |b| digit(b).is_some());
    Some(Region { codec: Codec::Base64, span: Span::new(start, end) })
}

/// Whether the digits from `start` on begin a text.
fn reads(text: &[u8], start: usize) -> bool {
    // the first digit holds six bits of the first byte: of ASCII, of a longer character, of a byte order mark
    if !text.get(start).and_then(|b| digit(*b)).is_some_and(|d| matches!(d, 0 | 2 | 3 | 8..32 | 48..64)) {
        return false;
    }
    let mut head = [0u8; HEAD / 4 * 3];
    let Some(digits) = text.get(start..start + HEAD) else { return false };
    for (n, (bytes, digits)) in head.chunks_exact_mut(3).zip(digits.chunks_exact(4)).enumerate() {
        let bits = digits.iter().fold(0u32, |bits, &b| bits << 6 | digit(b).unwrap_or(0));
        let [_, decoded @ ..] = bits.to_be_bytes();
        bytes.copy_from_slice(&decoded);
        // most runs are words of source code, and end here
        if n == 0 && !begins_text(decoded) {
            return false;
        }
    }
    is_text(&head)
}

/// Whether the first three bytes of a text could be these: characters of one byte, of more, or of 16 bits.
fn begins_text(head: [u8; 3]) -> bool {
    let printable = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let leads = |b: u8| matches!(b, 0xc2..=0xf4);
    let follows = |b: u8| matches!(b, 0x80..=0xbf);
    match head {
        [0xff, 0xfe, _] => true,
        [a, b, c] if printable(a) && printable(b) => printable(c) || leads(c) || c == 0,
        [a, b, c] if printable(a) && leads(b) => follows(c),
        [a, b, c] if leads(a) && follows(b) => printable(c) || c >= 0x80,
        _ => head.contains(&0),
    }
}

/// The end of the digits that begin with the line `first`, over line breaks: PEM, MIME, YAML blocks.
pub(super) fn wrapped(text: &[u8], first: Span, is_digit: impl Fn(u8) -> bool) -> usize {
    let mut end = first.end;
    let mut len = end - first.start;
    let mut full = WRAPPED.contains(&len);
    while len >= 40 && len.is_multiple_of(4) {
        let Some(line) = next_line(text, end) else { break };
        let rest = text.get(line..).unwrap_or_default();
        let digits = rest.iter().take(len + 1).take_while(|b| is_digit(**b)).count();
        let padding = rest.get(digits..).unwrap_or_default().iter().take_while(|b| **b == b'=').count().min(2);
        let closed = match rest.get(digits + padding) {
            None => true,
            Some(b) => matches!(b, b'\r' | b'\n' | b'"' | b'\'' | b'`' | b')' | b'<' | b' '),
        };
        // a short last line is told from an ordinary word by the lines before it
        let fits = digits > 0 && closed && (full || digits >= MIN);
        if !fits || digits > len {
            break;
        }
        end = line + digits;
        full |= digits == len;
        if digits < len || padding > 0 {
            break;
        }
        len = digits;
    }
    end
}

/// Where the text of the next line begins, if there is only a line break and indentation in between.
fn next_line(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let rest = rest.strip_prefix(b"\r").unwrap_or(rest).strip_prefix(b"\n")?;
    let indent = rest.iter().take(MAX_INDENT).take_while(|b| matches!(b, b' ' | b'\t')).count();
    Some(text.len() - rest.len() + indent)
}

/// The up to three bytes of the four digits from `at` on; what is no digit is passed over.
pub(super) fn unit(text: &[u8], at: usize) -> Unit {
    let (mut digits, mut places, mut count, mut next) = ([0u32; 4], [0usize; 4], 0, at);
    while count < 4
        && let Some(&byte) = text.get(next)
    {
        if let Some(value) = digit(byte) {
            (digits[count], places[count]) = (value, next);
            count += 1;
        }
        next += 1;
    }
    let bits = digits.iter().fold(0, |bits, digit| bits << 6 | digit);
    let [_, bytes @ ..] = bits.to_be_bytes();
    let mut unit = Unit::nothing(next.max(at + 1));
    // n + 1 digits hold n bytes
    for (n, value) in bytes.into_iter().enumerate().take(count.saturating_sub(1)) {
        unit.push(Byte { value, from: places[n], to: places[n + 1] + 1 });
    }
    unit
}
