//! CRC-32 (IEEE) at the end of a token: GitHub and npm write it in base 62, Grafana and Zuplo in hexadecimal.

use super::number;

const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Whether the last six digits are the CRC-32 of what stands between the token's last `_` and them.
pub(super) fn base62(token: &[u8]) -> bool {
    let body = memchr::memrchr(b'_', token).map_or(token, |n| &token[n + 1..]);
    let Some((data, sum)) = body.split_last_chunk::<6>() else { return false };
    number(sum, BASE62) == Some(u64::from(crc32fast::hash(data)))
}

/// Whether the eight hexadecimal digits after the last `_` are the CRC-32 of what stands before it, with or
/// without the token's prefix.
pub(super) fn hex(token: &[u8]) -> bool {
    let Some((data, [b'_', sum @ ..])) = token.split_last_chunk::<9>() else { return false };
    let sum = number(&sum.to_ascii_lowercase(), b"0123456789abcdef");
    let bare = memchr::memchr(b'_', data).map_or(data, |n| &data[n + 1..]);
    [data, bare].iter().any(|data| sum == Some(u64::from(crc32fast::hash(data))))
}

/// The CRC-32 of `data` as six digits in base 62.
pub(crate) fn to_base62(data: &[u8]) -> String {
    let mut sum = crc32fast::hash(data);
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(sum % 62) as usize];
        sum /= 62;
    }
    digits.iter().map(|&d| char::from(d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_its_own() {
        let body = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5";
        assert!(base62(format!("ghp_{body}{}", to_base62(body.as_bytes())).as_bytes()));
        assert!(!base62(format!("ghp_{body}000000").as_bytes()));
        assert!(!base62(b"x"));
        let sum = crc32fast::hash(body.as_bytes());
        assert!(hex(format!("glsa_{body}_{sum:08x}").as_bytes()));
        let sum = crc32fast::hash(format!("glsa_{body}").as_bytes());
        assert!(hex(format!("glsa_{body}_{sum:08X}").as_bytes()));
        assert!(!hex(format!("glsa_{body}_00000000").as_bytes()));
        assert!(!hex(b"_"));
    }
}
