//! `scheme://user:password@host` and `scheme://token@host`.

use super::lex::{at, run_back};
use super::{Pair, Place, Quote, Reading};
use crate::finding::Span;

/// The longest user and password, in bytes: tokens of cloud services have up to 2,500.
const MAX_USER_INFO: usize = 3000;
/// The longest scheme, in bytes.
const MAX_SCHEME: usize = 24;
/// Without a password, a user of so many bytes may be a token.
const MIN_TOKEN: usize = 16;

/// Reads the credentials of the URL whose `://` stands at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    let scheme =
        run_back(text, hit.start, MAX_SCHEME, |b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    if scheme == hit.start {
        return;
    }
    let limit = text.len().min(hit.end.saturating_add(MAX_USER_INFO));
    let rest = text.get(hit.end..limit).unwrap_or_default();
    let (mut colon, mut sign, mut end) = (None, None, rest.len());
    for (n, &byte) in rest.iter().enumerate() {
        match byte {
            b':' => colon = colon.or(Some(n)),
            b'@' => sign = Some(n),
            b'/' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' | b'?' | b'|' | 0..=b' ' => {
                end = n;
                break;
            }
            // a fragment, unless the password goes on behind it
            _ => {}
        }
    }
    reading.spend(end + hit.end - scheme);
    let Some(sign) = sign else { return };
    if !at(text, hit.end + sign + 1).is_ascii_alphanumeric()
        && !matches!(at(text, hit.end + sign + 1), b'[' | b'$' | b'{' | b'%')
    {
        return;
    }
    let from = hit.end;
    let (name, value) = match colon.filter(|&colon| colon < sign) {
        Some(0) => (Span::new(scheme, hit.start), Span::new(from + 1, from + sign)),
        Some(colon) => (Span::new(from, from + colon), Span::new(from + colon + 1, from + sign)),
        None if sign >= MIN_TOKEN => (Span::new(scheme, hit.start), Span::new(from, from + sign)),
        None => return,
    };
    reading.push(Pair { name, value, place: Place::Url, quote: Quote::None });
}
