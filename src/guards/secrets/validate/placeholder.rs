//! Dummies: what people write where a credential is to be put.

/// Longer secrets are blocks; their text is not that of a dummy.
const MAX_LEN: usize = 512;
/// From here on a word of dummies may stand in place of a part of a credential: vendors strike them out so.
const STRUCK_OUT: usize = 64;
/// A row of as many letters or digits is the alphabet, which nobody takes for a credential.
const ALPHABET: usize = 20;
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

/// How much a text looks like what stands for a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Dummy {
    /// As random text does.
    No,
    /// Somebody typed it, or struck out a part; a format that nothing else has says that it was meant as a credential.
    Partly,
    /// A mask, a reference, a word for one.
    Wholly,
}

/// Whether `secret` stands for a credential rather than being one.
pub(crate) fn is_placeholder(secret: &[u8]) -> bool {
    dummy(secret) > Dummy::No
}

/// How much `secret` looks like what stands for a credential.
pub(crate) fn dummy(secret: &[u8]) -> Dummy {
    if secret.len() > MAX_LEN {
        return Dummy::No;
    }
    let lower = secret.to_ascii_lowercase();
    let wholly = periodic(&lower)
        || STOCK.contains(&&lower[..])
        || is_variable(secret)
        || BRACKETS.iter().any(|(open, close)| lower.starts_with(open) && lower.ends_with(close))
        || lower.windows(2).any(|w| matches!(w, b"${" | b"{{" | b"<%"));
    if wholly {
        return Dummy::Wholly;
    }
    let words = WORDS.iter().any(|word| memchr::memmem::find(&lower, word).is_some_and(|at| !is_domain(&lower, at)));
    let word = match words {
        false => Dummy::No,
        true if secret.len() < STRUCK_OUT => Dummy::Wholly,
        true => Dummy::Partly,
    };
    runs(secret).max(word)
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
fn runs(text: &[u8]) -> Dummy {
    let enough = (text.len() / 3).clamp(5, 8);
    // longer formats hold the digits in order by themselves: a part of them is no dummy yet
    let enough_in_row = (text.len() / 3).max(6);
    let (mut same, mut row) = (1, 1);
    let (mut dummy, mut longest) = (Dummy::No, 1);
    for w in text.windows(2) {
        same = if w[0] == w[1] { same + 1 } else { 1 };
        let next = w[0].checked_add(1) == Some(w[1]) && w[1].is_ascii_alphanumeric()
            || matches!((w[0], w[1]), (b'9', b'0' | b'a' | b'A'));
        row = if next { row + 1 } else { 1 };
        longest = longest.max(row);
        let limit = match w[1] {
            // base64 of zero bytes
            b'A' => enough.max(text.len() / 2),
            // ids made of one digit stand in tokens that are none
            b'1'..=b'9' => enough.max(text.len() / 3),
            b'x' | b'X' | b'*' if text.len() <= 64 => 4,
            _ => enough,
        };
        if same >= limit {
            dummy = dummy.max(if is_filler(w[1]) { Dummy::Wholly } else { Dummy::Partly });
        }
    }
    match longest {
        _ if longest < enough_in_row => dummy,
        ALPHABET.. => Dummy::Wholly,
        _ => dummy.max(Dummy::Partly),
    }
}

/// Whether people fill a place with that sign over and over. They do not with others: a format whose digits mean
/// something has such a row where the bytes are zero.
fn is_filler(sign: u8) -> bool {
    !sign.is_ascii_alphabetic() || matches!(sign.to_ascii_lowercase(), b'a'..=b'f' | b'x'..=b'z')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_masks_from_what_somebody_typed() {
        let key = |sign: &str| format!("{}{}", "AGE-SECRET-KEY-1", sign.repeat(58));
        let long = |word: &str| format!("Zx8kQ2mN9pLw4RtY7uVb3Hd6Jc1Sf5Gq0{word}Tz8Xy2Ma9Rw4Bn7Pk3Ld6Hv1Jc5Qs0");
        for (secret, is) in [
            (key("Q"), Dummy::Partly),
            (key("X"), Dummy::Wholly),
            (key("0"), Dummy::Wholly),
            ("tok_abcdefghijklmnop1234567890ABCDEF".to_owned(), Dummy::Partly),
            ("tok_abcdefghijklmnopqrstuvwxyz1234567".to_owned(), Dummy::Wholly),
            (long("EXAMPLE"), Dummy::Partly),
            (long("Hy7Rk2W"), Dummy::No),
            ("Zx8kQ2mN9pLw4RtY7uEXAMPLE".to_owned(), Dummy::Wholly),
        ] {
            assert_eq!(dummy(secret.as_bytes()), is, "{secret}");
        }
    }

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
