//! AWS access key ids: the characters after the four of the prefix are base 32, and 40 bits of them are the
//! number of the account.

/// The account of an access key id.
pub(super) fn account(token: &[u8]) -> Option<u64> {
    let head = base32(token.get(4..)?)?;
    let number = head.get(..6)?.iter().fold(0u64, |n, &b| n << 8 | u64::from(b));
    Some((number & 0x7fff_ffff_ff80) >> 7)
}

/// Decodes base 32 (RFC 4648) without padding; bits beyond the last whole byte are dropped.
pub(super) fn base32(text: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut out) = (0u32, 0, Vec::with_capacity(text.len() * 5 / 8));
    for &byte in text {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(digit);
        count += 5;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_account() {
        let id = |body: &str| account(format!("AKIA{body}").as_bytes());
        assert_eq!(id("AAAAAAAAAAAAAAAA"), Some(0));
        // the number lies in the 40 bits after the first one
        assert_eq!(id("QAAAAAAAAAAAAAAA"), Some(0));
        assert_eq!(id("AAAAAAAAQAAAAAAA"), Some(1));
        assert_eq!(id("IAAAAAAAAAAAAAAA"), Some(1 << 39));
        assert_eq!(id("1"), None);
    }
}
