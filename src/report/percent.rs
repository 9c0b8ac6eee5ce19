//! Percent-encoding, for URIs in reports and for recognising secrets that stand encoded in a text.

use std::fmt::Write;

/// Appends `text` with every byte encoded that is not unreserved (RFC 3986, section 2.3) and not in
/// `keep`, which is ASCII.
pub(super) fn encode(text: &[u8], keep: &str, out: &mut String) {
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || keep.as_bytes().contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing to a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn encodes_all_but_unreserved() {
        let mut out = String::new();
        super::encode("a b/ä:%~*".as_bytes(), "/*", &mut out);
        assert_eq!(out, "a%20b/%C3%A4%3A%25~*");
    }
}
