//! Base 64 of keys and signatures (RFC 4648, section 4).

/// Decodes; white space between digits is skipped. `None` unless padding is whole and unused bits are zero.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held, mut digits, mut padding) = (0u32, 0u32, 0usize, 0usize);
    for &byte in text.iter().filter(|b| !b.is_ascii_whitespace()) {
        let digit = match byte {
            b'=' => {
                padding += 1;
                continue;
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        digits += 1;
        bits = bits << 6 | u32::from(digit);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    (bits == 0 && padding <= 2 && (digits + padding).is_multiple_of(4)).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::decode;

    #[test]
    fn decodes_whole_groups_only() {
        assert_eq!(decode(b""), Some(vec![]));
        assert_eq!(decode(b"Zm9v\r\n YmFy\n"), Some(b"foobar".to_vec()));
        assert_eq!(decode(b"Zm9vYg=="), Some(b"foob".to_vec()));
        assert_eq!(decode(b"Zm9vYmE="), Some(b"fooba".to_vec()));
        for bad in ["Zg", "Zg=", "Zh==", "Zg==Zg==", "Z===", "====", "Zm9*", "Zm9v-_-_"] {
            assert_eq!(decode(bad.as_bytes()), None, "{bad}");
        }
    }
}
