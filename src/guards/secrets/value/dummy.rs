//! Values that stand for a credential: words for one, rows of the keyboard, repeats, the name itself.

use super::super::list::List;
use super::name;

/// Longer values are no dummies, unless they say `EXAMPLE`.
const MAX_LEN: usize = 256;
/// Words of which dummies are made. One of [`CORE`] has to be among them.
#[rustfmt::skip]
static WORDS: List = List::of(&[
    "a", "abc", "access", "account", "add", "an", "and", "another", "api", "app", "application", "at", "auth",
    "basic", "be", "bearer", "cert", "change", "client", "confirm", "correct", "current", "database", "db", "def",
    "default", "dev", "different", "enter", "first", "for", "from", "generated", "get", "good", "here", "id",
    "in", "insert", "is", "it", "jwt", "kind", "least", "local", "login", "long", "lorem", "mail", "me", "must", "my", "name", "new",
    "no", "not", "number", "oauth", "of", "old", "one", "only", "or", "other", "plain", "please", "private",
    "prod", "production", "provided", "public", "put", "random", "real", "refresh", "replace", "root", "same",
    "second", "secure", "session", "set", "shared", "short", "signing", "site", "some", "strong", "super",
    "temp", "that", "the", "this", "three", "to", "two", "update", "user", "username", "valid", "value", "very",
    "with", "wrong", "x", "xyz", "you", "your",
]);
#[rustfmt::skip]
static CORE: List = List::of(&[
    "apikey", "bar", "baz", "changeit", "changeme", "clave", "contrasena", "cred", "credential", "credentials",
    "creds", "demo", "dummy", "empty", "example", "expired", "fake", "fixme", "foo", "foobar", "hash", "haslo",
    "heslo", "hidden", "invalid", "kennwort", "key", "keys", "masked", "missing", "mock", "nil", "none", "null",
    "parola", "pass", "passphrase", "passw", "passwd", "password", "passwords", "passwort", "placeholder", "pw",
    "pwd", "qux", "redacted", "removed", "salt", "sample", "secret", "secrets", "senha", "signature", "string",
    "stub", "tbd", "test", "tester", "testing", "tests", "text", "todo", "token", "tokens", "undefined",
    "unset", "wachtwoord", "xxx",
]);
/// Parts that only dummies have; random text does not hold them.
#[rustfmt::skip]
const PARTS: &[&[u8]] = &[
    b"example", b"placeholder", b"change this", b"your-", b"your_",
    b"<your", b"yourtoken", b"yourkey", b"yourpass", b"yoursecret", b"insert-", b"insert_", b"redacted",
    b"dummy", b"notreal", b"not-real", b"replace-", b"replace_", b"replaceme", b"goes-here", b"goes_here",
    b"-here", b"_here", b"fake-", b"fake_", b"fixme", b"deadbeef", b"cafebabe", b"lorem", b"blabla",
    b"notasecret", b"not-a-", b"not_a_", b"test-only", b"mock-", b"mock_", b"sample-",
    b"sample_",
];
/// First words of several by which they say that they are none.
#[rustfmt::skip]
const NONE: &[&[u8]] = &[
    b"dummy", b"empty", b"example", b"fake", b"foobar", b"invalid", b"mock", b"not", b"placeholder", b"sample",
    b"stub", b"your",
];
/// Names of users and passwords that everybody has.
#[rustfmt::skip]
static STOCK: List = List::of(&[
    "abc", "admin", "bar", "baz", "changeme", "foo", "git", "guest", "login", "me", "myuser", "name", "pass",
    "passwd", "password", "postgres", "pw", "pwd", "root", "secret", "somebody", "someone", "test", "tester",
    "testuser", "token", "u", "user", "username", "usr", "x", "xxx",
]);

/// Whether a value stands for one: nobody could log in with it. [`is_of_words`] are those that people do set.
pub(super) fn is_dummy(value: &[u8]) -> bool {
    if value.len() > MAX_LEN {
        return holds(value, b"EXAMPLE");
    }
    is_masked(value)
        || is_cut(value)
        || is_sequence(value)
        || counts_up(value)
        || is_repeat(value)
        || few_bytes(value)
        || has_part(value)
}

/// Whether a value only repeats the words of its name, with words of dummies between: `sip_auth_password`.
pub(super) fn echoes(name: &[u8], value: &[u8]) -> bool {
    let mut words = 0;
    let mut own = 0;
    let all = name::words(value).all(|word| {
        let word = without_digits(word);
        words += 1;
        let said = word.is_empty() || name::words(name).any(|w| without_digits(w).eq_ignore_ascii_case(word));
        own += usize::from(said && !word.is_empty());
        said || WORDS.has(word) || CORE.has(word)
    });
    all && own > 0 && words <= 16
}

/// Whether a user's name or a password is one of those that everybody has.
pub(super) fn is_stock(word: &[u8]) -> bool {
    STOCK.has(without_digits(word)) || is_of_words(word)
}

/// Whether a word is the name of a service that its own account is called by.
pub(super) fn is_service(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"postgres")
}

/// Whether a value is a number that people choose for a password: `123456`, `987654321`, `123123`.
pub(super) fn is_usual_number(value: &[u8]) -> bool {
    value.len() >= 5
        && value.iter().all(u8::is_ascii_digit)
        && !is_masked(value)
        && value.iter().any(|b| Some(b) != value.first())
}

/// Whether a value is several words written as one, in small letters: `mypassword`, `verysecret1`. Names of other
/// things are written apart.
pub(super) fn is_joined(value: &[u8]) -> bool {
    const MIN: usize = 8;
    let word = without_digits(value);
    let says_none = NONE.iter().any(|none| word.starts_with(none));
    word.len() >= MIN
        && word.iter().all(u8::is_ascii_lowercase)
        && !says_none
        && !is_single(word)
        && segment(word).is_some()
}

/// Whether a value is one word of those that dummies are made of.
pub(super) fn is_single(value: &[u8]) -> bool {
    let word = without_digits(value);
    [&STOCK, &CORE, &WORDS].iter().any(|list| list.has(word))
}

/// Whether a password is one that programs are delivered with, to be changed: unlike words that only stand for a
/// password, it is one until then.
pub(super) fn is_shipped(password: &[u8]) -> bool {
    ["changeit", "changeme"].iter().any(|word| password.eq_ignore_ascii_case(word.as_bytes()))
}

/// Whether a user's name is that of every example: nobody is called so.
pub(super) fn is_example(user: &[u8]) -> bool {
    static NAMES: List = List::of(&[
        "bar", "baz", "foo", "login", "me", "myuser", "name", "somebody", "someone", "u", "user", "username", "usr",
        "x", "xxx",
    ]);
    NAMES.has(without_digits(user))
}

fn without_digits(mut word: &[u8]) -> &[u8] {
    while let [rest @ .., b'0'..=b'9'] = word {
        word = rest;
    }
    word
}

/// `****`, `xxxx`, `....`: three, or a good part of a short value.
fn is_masked(value: &[u8]) -> bool {
    let mut run = 0;
    let mut last = 0;
    let mut longest = 0;
    for &byte in value {
        let masks = matches!(byte, b'x' | b'X' | b'*' | b'.' | b'-' | b'_' | b'?' | b'#' | b'0');
        run = if masks && byte == last { run + 1 } else { usize::from(masks) };
        last = byte;
        longest = longest.max(run);
    }
    longest >= 4 && longest * 8 >= value.len() || longest >= 3 && longest * 3 >= value.len()
}

/// `9cbaf0…`, written with dots: whoever cut it did not mean to give it away.
fn is_cut(value: &[u8]) -> bool {
    value.ends_with(b"...")
}

/// Hexadecimal bytes of which each is as far from the last as that from the one before: `000102…`, `00112233…`.
fn counts_up(value: &[u8]) -> bool {
    let digit = |b: &u8| char::from(*b).to_digit(16).and_then(|n| u8::try_from(n).ok());
    if value.len() < 16 || !value.len().is_multiple_of(2) || !value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let (mut last, mut step, mut same) = (0u8, 0u8, 0);
    for pair in value.chunks_exact(2) {
        let [high, low] = [pair.first(), pair.last()].map(|b| b.and_then(digit).unwrap_or_default());
        let byte = high << 4 | low;
        let next = byte.wrapping_sub(last);
        same += usize::from(next == step);
        (last, step) = (byte, next);
    }
    // the first step stands for itself
    same * 4 >= (value.len() / 2 - 2) * 3
}

/// Rows such as 0123…, abcd…, qwerty, a1b2c3: neighbours in most places.
fn is_sequence(value: &[u8]) -> bool {
    const KEYBOARD: &[u8] = b"qwertyuiop asdfghjkl zxcvbnm";
    const ROWS: &[u8] = b"qwertyuiop asdfghjkl zxcvbnm 1234567890abcdef0 azerty qazwsxedc";
    let next = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        a == b || a.abs_diff(b) == 1 || ROWS.windows(2).any(|w| w == [a, b])
    };
    // 1q2w3e and a1B2c3 go on in every other place
    let follows = |a: u8, b: u8| {
        let (a, b) = (a.to_ascii_lowercase(), b.to_ascii_lowercase());
        a.checked_add(1) == Some(b) || KEYBOARD.windows(2).any(|w| w == [a, b])
    };
    let alnum = |w: &[u8]| w.iter().all(u8::is_ascii_alphanumeric);
    let near = value.windows(2).filter(|w| alnum(w) && next(w[0], w[1])).count();
    let every_other = value.windows(3).filter(|w| alnum(w) && w[0] != w[2] && follows(w[0], w[2])).count();
    let most = |n: usize, of: usize| of >= 4 && n * 100 >= of * 65;
    most(near, value.len().saturating_sub(1)) || most(every_other, value.len().saturating_sub(2)) && value.len() >= 6
}

/// The same up to 16 bytes again and again.
fn is_repeat(value: &[u8]) -> bool {
    let same = |period: usize| value.iter().zip(value.get(period..).unwrap_or_default()).all(|(a, b)| a == b);
    // a longer text twice is a credential twice, which samples of long tokens are
    value.len() >= 4 && (1..=(value.len() / 2).min(16)).any(same)
}

/// Fewer different bytes than chance would draw from the smallest alphabet.
fn few_bytes(value: &[u8]) -> bool {
    let mut seen = [0u64; 4];
    for &byte in value {
        if let Some(part) = seen.get_mut(usize::from(byte >> 6)) {
            *part |= 1 << (byte & 63);
        }
    }
    let different: u32 = seen.iter().map(|part| part.count_ones()).sum();
    different
        <= match value.len() {
            0..4 => 1,
            4..8 => 2,
            8..16 => 3,
            16..32 => 5,
            32.. => 7,
        }
}

fn has_part(value: &[u8]) -> bool {
    PARTS.iter().any(|part| holds(value, part))
}

/// Whether `value` has `part` in it, in any case; in `host.example` it says nothing about what stands beside it.
fn holds(value: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return false };
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), value).any(|at| {
        let domain = at > 0 && value.get(at - 1) == Some(&b'.');
        !domain && value.get(at..at + part.len()).is_some_and(|v| v.eq_ignore_ascii_case(part))
    })
}

/// Whether a password is one of dummies with figures and marks for letters: `P@ssw0rd`, `verYs3cret!`.
pub(super) fn is_disguised(value: &[u8]) -> bool {
    const MAX: usize = 32;
    if value.len() > MAX || !value.iter().any(u8::is_ascii_alphabetic) {
        return false;
    }
    // what stands at the end is put there to please a rule
    let end = value.iter().rposition(u8::is_ascii_alphabetic).map_or(0, |at| at + 1);
    let mut plain = [0; MAX];
    for (to, from) in plain.iter_mut().zip(value.get(..end).unwrap_or_default()) {
        *to = match from {
            b'0' => b'o',
            b'1' | b'!' => b'i',
            b'3' => b'e',
            b'4' | b'@' => b'a',
            b'5' | b'$' => b's',
            b'7' => b't',
            other => *other,
        };
    }
    let plain = plain.get(..end).unwrap_or_default();
    plain.iter().zip(value).any(|(a, b)| a != b) && is_of_words(plain)
}

/// Whether all letters are words that dummies are made of, whatever they say: `other`, `WRONG1`.
pub(super) fn is_plain(value: &[u8]) -> bool {
    value.split(|b| !b.is_ascii_alphabetic()).all(|run| segment(run).is_some())
}

/// Whether all letters are words of dummies, `mysecretpassword1`, and one of them says so.
pub(super) fn is_of_words(value: &[u8]) -> bool {
    let mut core = false;
    let all = value.split(|b| !b.is_ascii_alphabetic()).all(|run| {
        let said = segment(run);
        core |= said == Some(true);
        said.is_some()
    });
    let count = |kind: fn(&u8) -> bool| value.iter().filter(|b| kind(b)).count();
    all && core && count(u8::is_ascii_digit) <= count(u8::is_ascii_alphabetic).max(4)
}

/// Whether a run of letters is made of words of dummies (`Some`), and one of [`CORE`] among them (`true`).
fn segment(run: &[u8]) -> Option<bool> {
    const MAX: usize = 48;
    const LONGEST: usize = 12;
    if run.len() > MAX {
        return None;
    }
    // ways[n]: how the first n letters can be taken apart
    let mut ways = [None; MAX + 1];
    *ways.first_mut()? = Some(false);
    for end in 1..=run.len() {
        let mut way = None;
        for start in end.saturating_sub(LONGEST)..end {
            let (Some(Some(said)), Some(word)) = (ways.get(start).copied(), run.get(start..end)) else { continue };
            let core = CORE.has(word);
            if core || WORDS.has(word) {
                way = Some(way.unwrap_or(false) || said || core);
            }
        }
        *ways.get_mut(end)? = way;
    }
    ways.get(run.len()).copied().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dummies() {
        for text in [
            "password",
            "Password123",
            "some-password",
            "newpass",
            "mysecretpassword",
            "your-token-here",
            "test1234",
            "xxxxxxxx",
            "sk_live_xxxxxxxx",
            "****",
            "0123456789abcdef",
            "012345abcdef",
            "abcdefghijklmnop",
            "qwerty",
            "asdfgh",
            "aaaaaaaaaa",
            "abababab",
            "01230123-0123-0123-0123-012301230123",
            "a1b2c3d4e5f6",
            "deadbeefdeadbeef",
            "changeme!",
            "fake-key-7f8a9b",
            "AKIAZQ7EXAMPLE",
            "the_secret",
            "foo",
            "bar123",
            "TOKEN",
            "test-api-key-1",
            "invalid_token",
            "00000000-0000-0000-0000-000000000000",
            "000102030405060708090a0b0c0d0e0f",
            "00112233445566778899aabbccddeeff",
            "F0E0D0C0B0A090807060504030201000",
            "9cbaf023786cd7...",
            "1q2w3e",
            "a1B2c3D4e5F6",
        ] {
            assert!(is_dummy(text.as_bytes()) || is_of_words(text.as_bytes()), "{text}");
        }
        for text in [
            "television",
            "hT7$kq2Lw9",
            "9f86d081884c7d659a2feaa0c55ad015",
            "hunter.green7",
            "laradock",
            "correcthorse",
            "q7-W_x.e",
            "Zx8kQ2mN9pLw4RtY",
            "2b7e151628aed2a6abf7158809cf4f3c",
        ] {
            assert!(!is_dummy(text.as_bytes()) && !is_of_words(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn echoing_values() {
        for (name, value) in [
            ("SipAuthPassword", "sip_auth_password"),
            ("db_password", "db_pass"),
            ("PASSWORD", "password"),
            ("accessToken", "access-token-2"),
            ("oracle_password", "oracle"),
        ] {
            assert!(echoes(name.as_bytes(), value.as_bytes()), "{name} {value}");
        }
        assert!(!echoes(b"db_password", b"television"));
        assert!(!echoes(b"token", b"x8Kq2mLw9ZtR"));
        assert!(!echoes(b"token", b""));
    }

    #[test]
    fn plain_words() {
        assert!(is_plain(b"other") && is_plain(b"WRONG1") && is_plain(b"not-valid"));
        assert!(!is_plain(b"television") && !is_plain(b"otherwise"));
    }

    #[test]
    fn joined_words() {
        assert!(is_joined(b"mypassword") && is_joined(b"verysecret1") && is_joined(b"correctpassword"));
        for text in ["my-password", "myPassword", "password1", "mypass", "fakepassword", "foobarbaz", "television"] {
            assert!(!is_joined(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_chosen() {
        assert!(is_usual_number(b"123456") && is_usual_number(b"987654321") && is_usual_number(b"123123"));
        assert!(!is_usual_number(b"000000") && !is_usual_number(b"1234") && !is_usual_number(b"12345a"));
    }

    #[test]
    fn disguises() {
        for text in ["P@ssw0rd", "p4ssw0rd", "verYs3cret", "mySuperSecretPassw0rd!", "S0meP@ss", "t3st1ng!23"] {
            assert!(is_disguised(text.as_bytes()), "{text}");
        }
        for text in ["password", "password1", "Tr0ub4dor&3", "hT7$kq2Lw9", "s3", "12345678", ""] {
            assert!(!is_disguised(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn stock() {
        assert!(is_stock(b"user") && is_stock(b"PASSWORD1") && is_stock(b"test") && is_stock(b"mypass"));
        assert!(!is_stock(b"ignite") && !is_stock(b"hT7kq2"));
    }
}
