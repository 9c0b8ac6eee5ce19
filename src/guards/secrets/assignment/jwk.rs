//! JSON web keys (RFC 7517, RFC 7518): the member `d` of an RSA, EC or OKP key, `k` of a symmetric one.

use super::lex::{at, quote_at, run_back, skip_blanks, skip_space};
use super::{Pair, Place, Reading};
use crate::finding::Span;
use crate::guards::secrets::compile::schema::Reader;

/// The furthest that members are looked for on each side of `kty`, in bytes: an RSA key of 4,096 bits has 5,000
/// digits in all.
const MAX_SIDE: usize = 6 << 10;
/// The shortest private member, in base64url digits: 128 bits.
const MIN_DIGITS: usize = 22;

/// Reads the key one of whose members is called `kty`, at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    if reading.is_passed(Reader::Jwk, hit.start) {
        return;
    }
    let Some(close) = quote_at(text, hit.end, false).filter(|q| q.ends_at(text, hit.start)) else { return };
    let colon = skip_blanks(text, hit.end + close.len);
    let value = skip_space(text, colon + 1);
    let kind = text.get(value + close.len..value + close.len + 3).unwrap_or_default();
    let member = match kind {
        b"oct" => b'k',
        b"RSA" | b"OKP" => b'd',
        [b'E', b'C', _] => b'd',
        _ => return,
    };
    if at(text, colon) != b':' || quote_at(text, value, false) != Some(close) {
        return;
    }
    // the object around it; keys hold no objects
    let start = run_back(text, hit.start, MAX_SIDE, |b| !matches!(b, b'{' | b'}'));
    let limit = text.len().min(hit.end.saturating_add(MAX_SIDE));
    let rest = text.get(hit.end..limit).unwrap_or_default();
    let end = hit.end + memchr::memchr2(b'{', b'}', rest).unwrap_or(rest.len());
    reading.pass(Reader::Jwk, end);
    reading.spend(end - start);
    for i in memchr::memchr_iter(member, text.get(start..end).unwrap_or_default()).map(|n| start + n) {
        if quote_at(text, i + 1, false) != Some(close) || !close.ends_at(text, i) {
            continue;
        }
        let colon = skip_blanks(text, i + 1 + close.len);
        let open = skip_space(text, colon + 1);
        if at(text, colon) != b':' || quote_at(text, open, false) != Some(close) {
            continue;
        }
        let Some(value) = close.content(reading, text, open + close.len) else { return };
        let digits = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
        if value.end - value.start >= MIN_DIGITS && value.of(text).iter().all(digits) {
            reading.push(Pair { name: Span::new(i, i + 1), value, place: Place::Jwk, quote: close.quote });
        }
        return;
    }
}
