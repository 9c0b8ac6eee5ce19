//! Private keys in PEM (RFC 7468, RFC 1421, OpenSSH, OpenPGP armour): whole, or a sample cut short?

use super::Verdict;
use crate::finding::Span;
use crate::guards::secrets::base64;

/// The furthest that the end line is looked for, in bytes: a 16,384-bit RSA key has 13 KB.
const MAX_BLOCK: usize = 64 << 10;
/// The shortest body of a key, in base64 digits: Ed25519 in PKCS#8 has 64.
const MIN_DIGITS: usize = 40;
const ENCRYPTED: Verdict = Verdict::Lower("encrypted");

pub(super) fn judge(text: &[u8], span: Span) -> Verdict {
    let block = text.get(span.start..).unwrap_or_default();
    let block = &block[..block.len().min(MAX_BLOCK.max(span.end - span.start))];
    let Some(begin) = memchr::memmem::find(block, b"-----BEGIN ") else { return Verdict::Drop };
    let block = &block[begin + 11..];
    let Some(label_end) = memchr::memmem::find(block, b"-----") else { return Verdict::Drop };
    let (label, body) = (&block[..label_end], &block[label_end + 5..]);
    let body = &body[..memchr::memmem::find(body, b"-----").unwrap_or(body.len())];
    if label.starts_with(b"ENCRYPTED") || memchr::memmem::find(body, b"4,ENCRYPTED").is_some() {
        return ENCRYPTED;
    }
    if memchr::memmem::find(body, b"...").is_some() {
        return Verdict::Drop;
    }
    let digits = digits(body);
    let digits = from_beginning(&digits);
    if digits.len() < MIN_DIGITS {
        return Verdict::Drop;
    }
    // the start is enough to tell what it is
    let head = base64::decode(&digits[..digits.len().min(64) / 4 * 4]).unwrap_or_default();
    let have = digits.len() / 4 * 3;
    match head[..] {
        _ if label.starts_with(b"PGP") => Verdict::Keep,
        [0x30, ..] => match der_len(&head) {
            // quotes and signs of concatenated strings may have added digits, never removed any
            Some(need) if have + 3 >= need => Verdict::Keep,
            _ => Verdict::Drop,
        },
        _ if head.starts_with(b"openssh-key-v1\0") => match head.get(15..23) {
            Some([0, 0, 0, 4, b'n', b'o', b'n', b'e']) => Verdict::Keep,
            _ => ENCRYPTED,
        },
        _ => Verdict::Drop,
    }
}

/// The digits from where the key begins: a sign or a word of the code around may stand before, as in
/// `"-----BEGIN …\n" + "MII…"`.
pub(super) fn from_beginning(digits: &[u8]) -> &[u8] {
    const MAX_BEFORE: usize = 12;
    // SEQUENCE, and OpenSSH's magic word
    let begins = |n: &usize| {
        let rest = digits.get(*n..).unwrap_or_default();
        matches!(rest, [b'M', b'A'..=b'I', ..]) || rest.starts_with(b"b3BlbnNzaC1rZXk")
    };
    let start = (0..digits.len().min(MAX_BEFORE)).find(begins).unwrap_or(0);
    digits.get(start..).unwrap_or_default()
}

/// The base64 digits of a body: without line ends (real or escaped), quotes, indentation and the header lines
/// of RFC 1421 and OpenPGP; up to the padding.
pub(super) fn digits(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    for line in body.split(|&b| b == b'\n') {
        if memchr::memmem::find(line, b": ").is_some() && !line.contains(&b'\\') {
            continue;
        }
        let mut bytes = line.iter().copied();
        while let Some(byte) = bytes.next() {
            match byte {
                // \n, \r, \t and the like are no digits
                b'\\' => drop(bytes.by_ref().find(|b| *b != b'\\')),
                b'=' => return out,
                _ if base64::digit(byte).is_some() => out.push(byte),
                _ => {}
            }
        }
    }
    out
}

/// The whole length of the DER value that begins so, in bytes.
pub(super) fn der_len(head: &[u8]) -> Option<usize> {
    match *head.get(1)? {
        short @ 0..=0x7f => Some(2 + usize::from(short)),
        long @ 0x81..=0x83 => {
            let count = usize::from(long & 0x0f);
            let len = head.get(2..2 + count)?.iter().fold(0usize, |n, &b| n << 8 | usize::from(b));
            Some(2 + count + len)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(label: &str, body: &str) -> Verdict {
        let text = format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n");
        judge(text.as_bytes(), Span::new(0, 30))
    }

    #[test]
    fn tells_keys_from_samples() {
        // SEQUENCE of 0x30 bytes: 50 bytes in all, 67 digits
        let whole = format!("MDAC{}", "Ab9/".repeat(16));
        assert_eq!(of("PRIVATE KEY", &whole), Verdict::Keep);
        assert_eq!(of("PRIVATE KEY", &whole.replace("Ab9/Ab9/", "Ab9/\\nAb9/")), Verdict::Keep);
        // strings put together, escaped once more
        assert_eq!(of("PRIVATE KEY", &format!("\\n\" +\n  \"{whole}")), Verdict::Keep);
        assert_eq!(of("PRIVATE KEY", &format!("\\\\n{whole}\\\\n")), Verdict::Keep);
        assert_eq!(of("PRIVATE KEY", "MIIEpAIBAAKCAQEA"), Verdict::Drop);
        assert_eq!(of("RSA PRIVATE KEY", &format!("MIIEpAIB{}", "Ab9/".repeat(16))), Verdict::Drop);
        assert_eq!(of("RSA PRIVATE KEY", &format!("{whole}...")), Verdict::Drop);
        assert_eq!(of("ENCRYPTED PRIVATE KEY", &whole), ENCRYPTED);
        assert_eq!(of("RSA PRIVATE KEY", &format!("Proc-Type: 4,ENCRYPTED\n\n{whole}")), ENCRYPTED);
        let openssh = format!("b3BlbnNzaC1rZXktdjEAAAAABG5vbmUA{}", "Ab9/".repeat(16));
        assert_eq!(of("OPENSSH PRIVATE KEY", &openssh), Verdict::Keep);
        assert_eq!(of("OPENSSH PRIVATE KEY", &openssh.replace("BG5vbmUA", "CmFlczI1")), ENCRYPTED);
        assert_eq!(of("PGP PRIVATE KEY BLOCK", &format!("Version: 1\n\n{whole}")), Verdict::Keep);
        assert_eq!(judge(b"-----BEGIN ", Span::new(0, 11)), Verdict::Drop);
        assert_eq!(judge(b"", Span::new(0, 11)), Verdict::Drop);
    }
}
