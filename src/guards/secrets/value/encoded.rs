//! Base64 of text: what a value says once it is decoded.

/// Longer values are not looked into.
const MAX_LEN: usize = 256;
/// Bytes that those decode to.
const MAX_TEXT: usize = MAX_LEN / 4 * 3;

/// Text that was decoded, without allocation.
pub(super) struct Text {
    bytes: [u8; MAX_TEXT],
    len: usize,
}

impl Text {
    /// The bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The printable text that `value` is base64 of. Chance makes none of nine bytes or more; shorter ones are
/// believed with padding alone.
pub(super) fn text(value: &[u8]) -> Option<Text> {
    let end = value.iter().position(|&b| b == b'=').unwrap_or(value.len());
    let (digits, padding) = value.split_at(end);
    let padded = !padding.is_empty();
    let fits = if padded { padding.len() <= 2 && value.len().is_multiple_of(4) } else { digits.len() % 4 != 1 };
    if !fits
        || value.len() > MAX_LEN
        || digits.len() < if padded { 6 } else { 12 }
        || !padding.iter().all(|&b| b == b'=')
    {
        return None;
    }
    let mut text = Text { bytes: [0; MAX_TEXT], len: 0 };
    let (mut bits, mut count) = (0u32, 0);
    for &byte in digits {
        bits = bits << 6 | crate::guards::secrets::base64::digit(byte)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            let decoded = (bits >> count) as u8;
            if !matches!(decoded, b' '..=b'~' | b'\n' | b'\r' | b'\t') {
                return None;
            }
            *text.bytes.get_mut(text.len)? = decoded;
            text.len += 1;
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_text_alone() {
        let decoded = |value: &str| text(value.as_bytes()).map(|t| t.as_bytes().to_vec());
        assert_eq!(decoded("cGFzc3dvcmQ="), Some(b"password".to_vec()));
        assert_eq!(decoded("Zm9vOmJhcg=="), Some(b"foo:bar".to_vec()));
        assert_eq!(decoded("Y29ycmVjdGhvcnNl"), Some(b"correcthorse".to_vec()));
        assert_eq!(decoded("password"), None);
        assert_eq!(decoded("x8Kq2mLw9ZtR7uVb"), None);
        assert_eq!(decoded("a==="), None);
        assert_eq!(decoded(""), None);
        assert_eq!(decoded(&"QUFB".repeat(65)), None);
    }
}
