//! `Basic …` and `Bearer …` (RFC 7617, RFC 6750), whatever the name and the language around them; `ApiKey …` of
//! Elasticsearch, whose keys are pairs as those of the first are.

use super::lex::{at, before, run};
use super::{Pair, Place, Quote, Reading};
use crate::finding::Span;

/// The longest token, in bytes: signed ones with many claims have some kilobytes.
const MAX_TOKEN: usize = 4096;
/// The shortest credentials, in base64 digits: `a:bcd`.
const MIN_BASIC: usize = 8;
/// The shortest token, in bytes.
const MIN_BEARER: usize = 16;

/// Reads the token behind the scheme that stands at `hit`: `basic`, `bearer` or `apikey`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    let previous = before(text, hit.start);
    let scheme = Span::new(hit.start, run(text, hit.start, 6, |b| b.is_ascii_alphabetic()));
    let is_basic = !scheme.of(text).eq_ignore_ascii_case(b"bearer");
    let spaces = run(text, scheme.end, 4, |b| b == b' ');
    let from = if at(text, scheme.end) == b'%' { scheme.end + 3 } else { spaces };
    if from == scheme.end || previous.is_ascii_alphanumeric() && !is_escape(text, hit.start) || previous == b'_' {
        return;
    }
    let is_token = |b: u8| match b {
        b'+' | b'/' | b'=' => true,
        b'-' | b'.' | b'_' | b'~' => !is_basic,
        _ => b.is_ascii_alphanumeric(),
    };
    let end = run(text, from, MAX_TOKEN, is_token);
    reading.spend(end - hit.start);
    let value = Span::new(from, end);
    let bytes = value.of(text);
    let (least, place) = if is_basic { (MIN_BASIC, Place::BasicAuth) } else { (MIN_BEARER, Place::Header) };
    // a word of prose has neither
    let random = |b: &u8| b.is_ascii_digit() || is_basic && b.is_ascii_uppercase();
    if bytes.len() >= least
        && bytes.len() < MAX_TOKEN
        && bytes.iter().any(random)
        && !matches!(at(text, end), b'$' | b'{')
    {
        reading.push(Pair { name: scheme, value, place, quote: Quote::None });
    }
}

/// Whether the letter before `i` belongs to `\n` or `%20`.
fn is_escape(text: &[u8], i: usize) -> bool {
    i >= 2 && at(text, i - 2) == b'\\' || i >= 3 && at(text, i - 3) == b'%'
}
