//! `Authorization: Basic …`: base64 of `user:password`.

use super::Verdict;
use super::placeholder::is_placeholder;
use crate::guards::secrets::base64;

pub(super) fn judge(secret: &[u8]) -> Verdict {
    let Some(pair) = base64::decode(secret) else { return Verdict::Drop };
    let Some(colon) = memchr::memchr(b':', &pair) else { return Verdict::Drop };
    let (user, password) = (&pair[..colon], &pair[colon + 1..]);
    let text = pair.iter().all(|b| b.is_ascii_graphic() || *b == b' ' || !b.is_ascii());
    // `user:` alone carries a token in the name
    let part = if password.is_empty() { user } else { password };
    if text && part.len() >= 3 && !is_placeholder(part) { Verdict::Keep } else { Verdict::Drop }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_the_pair() {
        assert_eq!(judge(b"YWxhZGRpbjpvcGVuc2VzYW1l"), Verdict::Keep); // a user and a password
        assert_eq!(judge(b"dXNlcjpwYXNzd29yZA=="), Verdict::Drop); // user:password
        assert_eq!(judge(b"YWxhZGRpbm9wZW5zZXNhbWU="), Verdict::Drop); // no colon
        assert_eq!(judge(b"!!!"), Verdict::Drop);
    }
}
