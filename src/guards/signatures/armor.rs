//! The frame of a signature: one armored block, and nothing around it.

use super::verdict::{Fault, Verdict};

/// The largest signature that is read, in bytes of armor. Real ones have some hundred, with certificates a
/// few thousand.
pub(super) const MAX: usize = 64 << 10;

/// The lines between `-----BEGIN …-----` and `-----END …-----`.
///
/// # Errors
/// [`Verdict::Multiple`] for a second block, [`Verdict::Bad`] for anything else that is not one whole block.
pub(super) fn body(armor: &[u8]) -> Result<&[u8], Fault> {
    let armor = armor.trim_ascii_end();
    let first = line_at(armor, 0);
    let label = first
        .trim_ascii_end()
        .strip_prefix(b"-----BEGIN ")
        .and_then(|l| l.strip_suffix(b"-----"))
        .ok_or_else(|| Fault::bad("its first line is damaged"))?;
    let end = [b"-----END ", label, b"-----"].concat();
    let mut at = first.len() + 1;
    let start = at;
    while at < armor.len() {
        let line = line_at(armor, at);
        if line.starts_with(b"-----BEGIN ") {
            return Err(Fault::new(Verdict::Multiple, "a second armored block follows the first"));
        }
        if line.trim_ascii_end() == end {
            return match armor.get(at + line.len()..).unwrap_or_default().trim_ascii() {
                b"" => Ok(armor.get(start..at).unwrap_or_default()),
                more if more.starts_with(b"-----BEGIN ") => {
                    Err(Fault::new(Verdict::Multiple, "a second armored block follows the first"))
                }
                _ => Err(Fault::bad("text follows its last line")),
            };
        }
        at += line.len() + 1;
    }
    Err(Fault::bad("its last line is missing"))
}

/// The line that begins at `at`, without its end.
fn line_at(text: &[u8], at: usize) -> &[u8] {
    let rest = text.get(at..).unwrap_or_default();
    rest.split(|&b| b == b'\n').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_one_whole_block() {
        let text = |s: &[u8]| body(s).map(<[u8]>::to_vec).map_err(|f| f.verdict);
        assert_eq!(text(b"-----BEGIN X-----\r\nYQ==\r\n-----END X-----\r\n\n"), Ok(b"YQ==\r\n".to_vec()));
        assert_eq!(text(b"-----BEGIN X-----\n-----END X-----"), Ok(Vec::new()));
        assert_eq!(text(b"-----BEGIN X-----\nYQ=="), Err(Verdict::Bad));
        assert_eq!(text(b"-----BEGIN X-----"), Err(Verdict::Bad));
        assert_eq!(text(b""), Err(Verdict::Bad));
        assert_eq!(text(b"-----BEGIN X-----\nYQ==\n-----END Y-----"), Err(Verdict::Bad));
        assert_eq!(text(b"-----BEGIN X-----junk\nYQ==\n-----END X-----"), Err(Verdict::Bad));
        assert_eq!(text(b"-----BEGIN X-----\nYQ==\n-----END X-----\njunk"), Err(Verdict::Bad));
        let two = b"-----BEGIN X-----\n-----END X-----\n";
        assert_eq!(text(&two.repeat(2)), Err(Verdict::Multiple));
        assert_eq!(text(b"-----BEGIN X-----\n-----BEGIN X-----\n-----END X-----"), Err(Verdict::Multiple));
    }
}
