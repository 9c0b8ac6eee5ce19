//! Private keys in base64 of DER without PEM's lines around: PKCS#1 (RFC 8017), PKCS#8 (RFC 5958), SEC1 (RFC 5915).

use super::Verdict;
use super::pem::{der_len, digits};
use crate::guards::secrets::base64;

/// Base64 digits that tell what a key is.
const HEAD: usize = 64;

pub(super) fn judge(secret: &[u8]) -> Verdict {
    let digits = digits(secret);
    let head = digits.get(..digits.len().min(HEAD) / 4 * 4).and_then(base64::decode).unwrap_or_default();
    let whole = der_len(&head).is_some_and(|need| digits.len() / 4 * 3 + 3 >= need);
    if whole && is_private(&head) { Verdict::Keep } else { Verdict::Drop }
}

/// Whether a SEQUENCE begins as those of private keys: certificates and public keys hold another one first.
fn is_private(head: &[u8]) -> bool {
    let header = match head.get(1) {
        Some(long @ 0x81..=0x83) => 2 + usize::from(long & 0x0f),
        _ => 2,
    };
    match head.get(header..).unwrap_or_default() {
        // version 0; then PKCS#1's modulus, DSA's prime, or PKCS#8's algorithm
        [0x02, 0x01, 0x00, 0x02 | 0x30, ..] => true,
        // version 1; then the private key of SEC1
        [0x02, 0x01, 0x01, 0x04, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &[u8], len: usize) -> Verdict {
        let bytes: Vec<u8> = head.iter().copied().chain((0u8..=255).cycle()).take(len).collect();
        judge(base64::encode(&bytes).as_bytes())
    }

    #[test]
    fn tells_private_keys() {
        assert_eq!(of(&[0x30, 0x82, 0x01, 0x00, 2, 1, 0, 2, 0x81], 260), Verdict::Keep);
        assert_eq!(of(&[0x30, 0x77, 2, 1, 1, 4, 0x20], 121), Verdict::Keep);
        assert_eq!(of(&[0x30, 0x2e, 2, 1, 0, 0x30, 5], 48), Verdict::Keep);
        // cut short
        assert_eq!(of(&[0x30, 0x82, 0x01, 0x00, 2, 1, 0, 2, 0x81], 200), Verdict::Drop);
        // a certificate, a public key
        assert_eq!(of(&[0x30, 0x82, 0x01, 0x00, 0x30, 0x82], 260), Verdict::Drop);
        assert_eq!(of(&[0x30, 0x5c, 0x30, 0x0d], 94), Verdict::Drop);
        assert_eq!(judge(b""), Verdict::Drop);
    }
}
