//! `--redact`: what is left of a secret in reports. Facts: gitleaks README "Redacting secrets".

use memchr::memmem;

/// What stands for a whole secret.
const WHOLE: &str = "REDACTED";
/// What stands for the rest of one.
const REST: &str = "...";

/// The secret with `percent` of its bytes cut off, and the match with the secret so replaced. A match without a
/// secret, that of a file's name, stays as it is.
pub(super) fn redact(secret: &[u8], matched: &[u8], percent: u32) -> (Vec<u8>, Vec<u8>) {
    if percent == 0 || secret.is_empty() {
        return (secret.to_vec(), matched.to_vec());
    }
    let left = match 100_u32.checked_sub(percent) {
        None | Some(0) => WHOLE.as_bytes().to_vec(),
        Some(kept) => {
            let len = (secret.len() as f64 * f64::from(kept) / 100.0).round_ties_even() as usize;
            [secret.get(..len).unwrap_or(secret), REST.as_bytes()].concat()
        }
    };
    let mut out = Vec::with_capacity(matched.len());
    let mut rest = matched;
    while let Some(at) = memmem::find(rest, secret) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        out.extend_from_slice(&left);
        rest = rest.get(at + secret.len()..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    (left, out)
}

/// The part of a redacted secret that is still to be read; `None` where nothing was cut off.
pub(super) fn visible_part(redacted: &str) -> Option<&str> {
    if redacted == WHOLE { Some("") } else { redacted.strip_suffix(REST) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_cut_by_percent() {
        let cut = |percent| redact(b"abcde", b"k=abcde abcde", percent);
        assert_eq!(cut(0), (b"abcde".to_vec(), b"k=abcde abcde".to_vec()));
        assert_eq!(cut(100), (b"REDACTED".to_vec(), b"k=REDACTED REDACTED".to_vec()));
        assert_eq!(cut(250), cut(100));
        // 2.5 bytes: half goes to the even number
        assert_eq!(cut(50), (b"ab...".to_vec(), b"k=ab... ab...".to_vec()));
        assert_eq!(cut(20).0, b"abcd...");
        assert_eq!(redact(b"", b"file detected: x", 100).1, b"file detected: x");
    }

    #[test]
    fn what_is_left_is_known() {
        assert_eq!(visible_part("REDACTED"), Some(""));
        assert_eq!(visible_part("ab..."), Some("ab"));
        assert_eq!(visible_part("abc"), None);
    }
}
