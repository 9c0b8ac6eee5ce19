//! Dummies: what people write where a credential is to be put.

/// Longer secrets are blocks; their text is not that of a dummy.
const MAX_LEN: usize = 512;
/// Words of dummies; long enough that random text does not hold them.
const WORDS: [&[u8]; 16] = [
    b"example",
    b"placeholder",
    b"changeme",
    b"change-me",
    b"change_me",
    b"your-",
    b"your_",
    b"yourtoken",
    b"yourkey",
    b"insert-",
    b"insert_",
    b"redacted",
    b"dummy-",
    b"dummy_",
    b"notreal",
    b"replace_me",
];
/// Whole secrets that are the word for one.
const STOCK: [&[u8]; 10] =
    [b"password", b"passwd", b"pass", b"secret", b"token", b"test", b"user", b"admin", b"changeit", b"none"];
/// Last words of the names of variables that hold a credential.
const VARIABLES: [&[u8]; 8] = [b"KEY", b"PASS", b"PASSWD", b"PASSWORD", b"PWD", b"PW", b"SECRET", b"TOKEN"];
/// Brackets of references and templates.
const BRACKETS: [(&[u8], &[u8]); 8] = [
    (b"<", b">"),
    (b"${", b"}"),
    (b"$(", b")"),
    (b"{{", b"}}"),
    (b"{", b"}"),
    (b"((", b"))"),
    (b"%", b"%"),
    (b"[", b"]"),
];

/// Whether `secret` stands for a credential rather than being one.
pub(crate) fn is_placeholder(secret: &[u8]) -> bool {
    if secret.len() > MAX_LEN {
        return false;
    }
    let lower = secret.to_ascii_lowercase();
    periodic(&lower)
        || long_run(secret)
        || STOCK.contains(&&lower[..])
        || is_variable(secret)
        || BRACKETS.iter().any(|(open, close)| lower.starts_with(open) && lower.ends_with(close))
        || lower.windows(2).any(|w| matches!(w, b"${" | b"{{" | b"<%"))
        || WORDS.iter().any(|word| memchr::memmem::find(&lower, word).is_some_and(|at| !is_domain(&lower, at)))
}

/// `POSTGRES_PASSWORD`, as documentation has it in the place of a password.
fn is_variable(secret: &[u8]) -> bool {
    let mut words = secret.split(|&b| b == b'_');
    let last = words.next_back().unwrap_or_default();
    let is_word = |word: &[u8]| !word.is_empty() && word.iter().all(u8::is_ascii_uppercase);
    VARIABLES.contains(&last) && words.next().is_some_and(is_word) && words.all(is_word)
}

/// Whether the word at `at` is the last part of a name such as `host.example`, which says nothing about a secret
/// beside it.
fn is_domain(text: &[u8], at: usize) -> bool {
    at > 0 && text.get(at - 1) == Some(&b'.')
}

/// A few bytes over and over, from a single one to `0123456789abcdef`.
fn periodic(text: &[u8]) -> bool {
    const LONGEST: usize = 16;
    (1..=LONGEST.min(text.len() / 2)).any(|n| text.iter().zip(text.iter().skip(n)).all(|(a, b)| a == b))
        || text.is_empty()
}

/// A repeated byte, or a row such as 123456789 or abcdefgh, that fills a good part of the text: a third of it
/// and five bytes at least (random text repeats two or three), or four signs that only dummies repeat.
fn long_run(text: &[u8]) -> bool {
    let enough = (text.len() / 3).clamp(5, 8);
    // longer formats hold the digits in order by themselves: a part of them is no dummy yet
    let enough_in_row = (text.len() / 3).max(6);
    let (mut same, mut row) = (1, 1);
    text.windows(2).any(|w| {
        same = if w[0] == w[1] { same + 1 } else { 1 };
        let next = w[0].checked_add(1) == Some(w[1]) && w[1].is_ascii_alphanumeric()
            || matches!((w[0], w[1]), (b'9', b'0' | b'a' | b'A'));
        row = if next { row + 1 } else { 1 };
        let limit = match w[1] {
            // base64 of zero bytes
            b'A' => enough.max(text.len() / 2),
            // ids made of one digit stand in tokens that are none
            b'1'..=b'9' => enough.max(text.len() / 3),
            b'x' | b'X' | b'*' if text.len() <= 64 => 4,
            _ => enough,
        };
        same >= limit || row >= enough_in_row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_dummies() {
        for dummy in [
            "",
            "aaaaaaaaaaaaaaaa",
            "xxxxxxxxxxxx",
            "abababababab",
            "0123456789abcdef",
            "1234567890",
            "AKIAZQ7EXAMPLE",
            "your-token-here",
            "<token>",
            "${GITHUB_TOKEN}",
            "{{ token }}",
            "abc${X}def",
            "password",
            "sk_live_xxxxxxxx",
            "a1b2****",
            "POSTGRES_PASSWORD",
            "MY_API_KEY",
        ] {
            assert!(is_placeholder(dummy.as_bytes()), "{dummy}");
        }
        for secret in [
            "Zx8kQ2mN9pLw4RtY7uVb3",
            "9f86d081884c7d659a2feaa0c55ad015",
            "hunter2!",
            "q7-W_x.e",
            "QZKEY",
            "QZ4_XKEY",
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAAAAAAAAAAAA",
        ] {
            assert!(!is_placeholder(secret.as_bytes()), "{secret}");
        }
    }
}
