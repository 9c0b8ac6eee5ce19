//! NATS keys: base 32 whose last two bytes are the CRC-16 (XMODEM, little-endian) of the bytes before.

use super::aws::base32;

pub(super) fn verify(token: &[u8]) -> bool {
    let decoded = base32(token);
    let Some((data, sum)) = decoded.as_deref().and_then(|d| d.split_last_chunk::<2>()) else { return false };
    !data.is_empty() && crc16(data) == u16::from_le_bytes(*sum)
}

fn crc16(data: &[u8]) -> u16 {
    data.iter().fold(0, |sum, &byte| {
        (0..8).fold(
            sum ^ u16::from(byte) << 8,
            |sum: u16, _| {
                if sum & 0x8000 == 0 { sum << 1 } else { sum << 1 ^ 0x1021 }
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_the_sum() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
        // 0 bytes have the sum 0
        assert!(verify(b"AAAAAAAA"));
        assert!(!verify(b"AAAAAAAB"));
        assert!(!verify(b"A1"));
    }
}
