//! JSON web tokens (RFC 7519): `header.payload.signature`, each base64url; header and payload are JSON.

use super::Verdict;
use crate::finding::Span;
use crate::guards::secrets::base64;

/// Longer headers are not those of tokens.
const MAX_HEADER: usize = 16 << 10;

/// Whether it can be nothing else: a JSON object in base64, and two dots.
pub(super) fn has_form(secret: &[u8]) -> bool {
    secret.starts_with(b"eyJ") && memchr::memchr_iter(b'.', secret).count() == 2
}

pub(super) fn judge(text: &[u8], span: Span) -> Verdict {
    let mut parts = span.of(text).split(|&b| b == b'.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Verdict::Drop;
    };
    // five parts are an encrypted token, useless without its key
    let more = text.get(span.end..).unwrap_or_default();
    if more.first() == Some(&b'.') && more.get(1).is_some_and(|&b| base64::digit(b).is_some()) {
        return Verdict::Drop;
    }
    let object = |part: &[u8]| base64::decode(part).filter(|json| json.trim_ascii_start().starts_with(b"{"));
    let (Some(header), Some(payload)) = (object(header).filter(|h| h.len() <= MAX_HEADER), object(payload)) else {
        return Verdict::Drop;
    };
    let Ok(header) = serde_json::from_slice::<serde_json::Value>(&header) else { return Verdict::Drop };
    match header.get("alg").and_then(|alg| alg.as_str()) {
        Some(alg) if !alg.eq_ignore_ascii_case("none") && !signature.is_empty() => {}
        _ => return Verdict::Drop,
    }
    // the subject of every tutorial
    if memchr::memmem::find(&payload, b"\"John Doe\"").is_some() { Verdict::Drop } else { Verdict::Keep }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(header: &str, payload: &str, rest: &str) -> Verdict {
        let token = format!("{}.{}.{rest}", base64::encode(header.as_bytes()), base64::encode(payload.as_bytes()));
        let end = token.find(' ').unwrap_or(token.len());
        judge(token.replace(' ', "").as_bytes(), Span::new(0, end))
    }

    #[test]
    fn wants_a_signed_token() {
        let alg = r#"{"alg":"HS256"}"#;
        assert_eq!(of(alg, r#"{"sub":"a"}"#, "c2ln"), Verdict::Keep);
        assert_eq!(of(r#"{"alg":"none"}"#, r#"{"sub":"a"}"#, "c2ln"), Verdict::Drop);
        assert_eq!(of(alg, r#"{"name":"John Doe"}"#, "c2ln"), Verdict::Drop);
        assert_eq!(of(alg, "[1]", "c2ln"), Verdict::Drop);
        assert_eq!(of(alg, r#"{"sub":"a"}"#, "c2ln .abc.def"), Verdict::Drop);
        assert_eq!(of("{", r#"{"sub":"a"}"#, "c2ln"), Verdict::Drop);
    }
}
