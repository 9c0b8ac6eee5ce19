//! Bech32 (BIP 173), as in age's secret keys.

const DIGITS: &[u8] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];

/// Whether the checksum of `token` (all in one case) is right.
pub(super) fn verify(token: &[u8]) -> bool {
    let token = token.to_ascii_lowercase();
    let Some(one) = memchr::memrchr(b'1', &token) else { return false };
    let (prefix, data) = (&token[..one], &token[one + 1..]);
    let values: Option<Vec<u32>> = data.iter().map(|&b| memchr::memchr(b, DIGITS).map(|d| d as u32)).collect();
    let Some(values) = values.filter(|v| v.len() >= 6 && !prefix.is_empty()) else { return false };
    let high = prefix.iter().map(|&b| u32::from(b >> 5));
    let low = prefix.iter().map(|&b| u32::from(b & 31));
    polymod(high.chain([0]).chain(low).chain(values)) == 1
}

fn polymod(values: impl Iterator<Item = u32>) -> u32 {
    values.fold(1, |sum, value| {
        let top = sum >> 25;
        let sum = (sum & 0x01ff_ffff) << 5 ^ value;
        (0..5).filter(|n| top >> n & 1 == 1).fold(sum, |sum, n| sum ^ GENERATOR[n])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_standards_examples() {
        assert!(verify(b"A12UEL5L"));
        assert!(verify(b"abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw"));
        assert!(!verify(b"A12UEL5Q"));
        assert!(!verify(b"1"));
        assert!(!verify(b"abc"));
    }
}
