//! `Authorization: Basic …`: base64 of `user:password`.

use super::Verdict;
use super::placeholder::is_placeholder;
use crate::guards::secrets::base64;

/// Users of examples.
const EXAMPLES: [&[u8]; 8] = [b"user", b"username", b"usr", b"login", b"name", b"me", b"your-user", b"u"];

pub(super) fn judge(secret: &[u8]) -> Verdict {
    let Some(pair) = base64::decode(secret) else { return Verdict::Drop };
    let Some(colon) = memchr::memchr(b':', &pair) else { return Verdict::Drop };
    let (user, password) = (&pair[..colon], &pair[colon + 1..]);
    let text = pair.iter().all(|b| b.is_ascii_graphic() || *b == b' ' || !b.is_ascii());
    // `user:` alone carries a token in the name
    let part = if password.is_empty() { user } else { password };
    let is_word = part.iter().all(u8::is_ascii_alphabetic);
    match is_placeholder(part) {
        _ if !text || part.len() < 3 => Verdict::Drop,
        false => Verdict::Keep,
        true if !is_word || password.is_empty() => Verdict::Drop,
        // who sends a header logs in, with a password that everybody knows too
        true if EXAMPLES.iter().any(|name| user.eq_ignore_ascii_case(name)) => Verdict::Lower("an example"),
        true => Verdict::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_pair() {
        assert_eq!(judge(b"YWxhZGRpbjpvcGVuc2VzYW1l"), Verdict::Keep); // a user and a password
        assert_eq!(judge(b"dXNlcjpwYXNzd29yZA=="), Verdict::Lower("an example")); // user:password
        assert_eq!(judge(b"cm9vdDpwYXNzd29yZA=="), Verdict::Keep); // root:password
        assert_eq!(judge(b"cm9vdDoke1BXfQ=="), Verdict::Drop); // root:${PW}
        assert_eq!(judge(b"YWxhZGRpbm9wZW5zZXNhbWU="), Verdict::Drop); // no colon
        assert_eq!(judge(b"!!!"), Verdict::Drop);
    }
}
