//! Base64 of both alphabets, forgiving about padding: to look into credentials, not to move data.

/// Decodes the base64 or base64url digits of `text`, up to the first `=`; `None` for any other byte, or for
/// a length that no encoder makes.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let digits = memchr::memchr(b'=', text).map_or(text, |n| &text[..n]);
    if digits.len() % 4 == 1 || !text[digits.len()..].iter().all(|&b| b == b'=') {
        return None;
    }
    let mut out = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0u32, 0);
    for &byte in digits {
        bits = bits << 6 | digit(byte)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

/// Encodes with the alphabet of URLs, without padding.
pub(crate) fn encode(data: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::with_capacity(data.len() / 3 * 4 + 4);
    for chunk in data.chunks(3) {
        let bits = chunk.iter().fold(0usize, |n, &b| n << 8 | usize::from(b)) << (8 * (3 - chunk.len()));
        out.extend((0..=chunk.len()).map(|n| char::from(DIGITS[bits >> (18 - 6 * n) & 63])));
    }
    out
}

/// The value of a digit of either alphabet.
#[inline]
pub(crate) fn digit(byte: u8) -> Option<u32> {
    let value = VALUES[usize::from(byte)];
    (value != NONE).then_some(u32::from(value))
}

/// What is no digit.
const NONE: u8 = u8::MAX;
/// The value of each byte: many a run of letters is looked at to see whether it says something.
static VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut byte = 0u8;
    loop {
        values[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => NONE,
        };
        if byte == u8::MAX {
            break values;
        }
        byte += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_both_alphabets() {
        assert_eq!(decode(b"-__-").unwrap(), [0xfb, 0xff, 0xfe]);
        assert_eq!(decode(b"+//+").unwrap(), [0xfb, 0xff, 0xfe]);
        assert_eq!(decode(b"aGk=").unwrap(), b"hi");
        assert_eq!(decode(b"aGk").unwrap(), b"hi");
        assert_eq!(decode(b"aGk!"), None);
        assert_eq!(decode(b"aGk=a"), None);
        assert_eq!(decode(b"a"), None);
        for text in ["", "h", "hi", "hi?", "hi??"] {
            assert_eq!(decode(encode(text.as_bytes()).as_bytes()).unwrap(), text.as_bytes());
        }
    }
}
