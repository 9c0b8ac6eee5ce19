//! Values whose form says that they are something else: numbers, dates, versions, identifiers, hashes, addresses,
//! paths, sentences, encoded text and images, public keys.

use super::random;

/// What a value is by its form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Shape {
    /// Nothing in particular.
    Open,
    /// Digits alone.
    Number,
    /// A UUID.
    Uuid,
    /// A hash in hexadecimal of a common length (40 and 64 digits, and longer).
    Hash,
    /// Something that is no credential in any place.
    Public,
}

/// Names of units, of colours and of other values of style sheets.
#[rustfmt::skip]
const UNITS: &[&str] = &[
    "d", "days", "deg", "em", "fr", "gb", "gib", "h", "kb", "kib", "mb", "mib", "min", "ms", "pt", "px", "rem",
    "s", "vh", "vw",
];
/// Beginnings of encoded or public things.
#[rustfmt::skip]
const BEGINNINGS: &[&[u8]] = &[
    b"-----BEGIN", b"ssh-", b"ecdsa-", b"sk-ssh-", b"AAAAB3Nza", b"AAAAC3Nza", b"AAAAE2Vj", b"data:", b"iVBOR",
    b"/9j/", b"R0lGOD", b"PHN2Zy", b"PD94bWw", b"LS0tLS1", b"eyJ", b"sha1-", b"sha256-", b"sha384-", b"sha512-",
    b"sha1:", b"sha256:", b"sha512:", b"md5:", b"SHA256:", b"MD5:", b"sha1$", b"sha256$", b"pbkdf2", b"bcrypt",
    b"scrypt:", b"$argon2", b"$2a$", b"$2b$", b"$2y$", b"$1$", b"$5$", b"$6$", b"$apr1$", b"$P$", b"{SSHA",
    b"{SHA", b"{MD5", b"{CRYPT", b"{BCRYPT", b"urn:", b"did:", b"magnet:", b"mailto:", b"tel:", b"javascript:",
    b"otpauth:", b"/*", b"//", b"<!", b"#!",
    // SubjectPublicKeyInfo (RFC 5280, 4.1): EC on P-256 and P-384, RSA of 1024, 2048 and 4096 bits, Ed25519
    b"MFkwEwYHKoZIzj0", b"MHYwEAYHKoZIzj0", b"MIGfMA0GCSqGSIb3", b"MIIBIjANBgkqhkiG", b"MIICIjANBgkqhkiG",
    b"MCowBQYDK2Vw",
];
/// Beginnings of media types.
const MEDIA: &[&[u8]] =
    &[b"application/", b"text/", b"image/", b"audio/", b"video/", b"multipart/", b"font/", b"model/"];
/// First words of statements in SQL.
const STATEMENTS: &[&[u8]] =
    &[b"select ", b"insert ", b"update ", b"delete ", b"create ", b"alter ", b"drop ", b"grant ", b"set "];

/// The form of a value.
pub(super) fn shape(value: &[u8]) -> Shape {
    let begins = |list: &[&[u8]]| list.iter().any(|w| value.starts_with(w));
    if begins(BEGINNINGS)
        || begins(MEDIA)
        || STATEMENTS.iter().any(|w| value.get(..w.len()).is_some_and(|v| v.eq_ignore_ascii_case(w)))
        || is_prose(value)
        || is_address(value)
        || is_path(value)
        || is_style(value)
        || is_date_or_version(value)
        || is_package(value)
        || is_markup(value)
        || is_charset(value)
        || is_option(value)
        || is_point(value)
        || is_mysql_hash(value)
    {
        return Shape::Public;
    }
    if value.iter().all(u8::is_ascii_digit) {
        Shape::Number
    } else if is_number(value) {
        Shape::Public
    } else if is_uuid(value) {
        Shape::Uuid
    } else if is_hash(value) {
        Shape::Hash
    } else {
        Shape::Open
    }
}

/// `--name`, an option of a command.
fn is_option(value: &[u8]) -> bool {
    value
        .strip_prefix(b"--")
        .is_some_and(|name| name.first().is_some_and(u8::is_ascii_alphabetic) && random::score(name).bits < 20.0)
}

/// A public key: an uncompressed point on P-256 (SEC 1, 2.3.3), 4 and two coordinates of 32 bytes, as browsers take
/// the keys of servers that push (VAPID, RFC 8292), and the same in hexadecimal.
fn is_point(value: &[u8]) -> bool {
    let base64 = || matches!(value, [b'B', b'A'..=b'P', ..]) && value.iter().all(is_base64_digit);
    match value.len() {
        87 => base64(),
        88 => value.ends_with(b"=") && value.split_last().is_some_and(|(_, digits)| is_point(digits)),
        130 => value.starts_with(b"04") && value.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    }
}

fn is_base64_digit(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// `*` and the SHA-1 of a SHA-1, as MySQL keeps passwords.
fn is_mysql_hash(value: &[u8]) -> bool {
    matches!(value, [b'*', hash @ ..] if hash.len() == 40 && is_hash(hash))
}

/// Text in a language: letters beyond ASCII, plain or as in URLs, control bytes, two spaces, or one beside plain words. Groups of four
/// letters or digits are how some services show a password.
fn is_prose(value: &[u8]) -> bool {
    let encoded = |w: &[u8]| matches!(w, [b'%', b'8' | b'9' | b'A'..=b'F', b] if b.is_ascii_hexdigit());
    if value.iter().any(|b| !b.is_ascii() || b.is_ascii_control()) || value.windows(3).any(encoded) {
        return true;
    }
    let spaces = value.iter().filter(|b| **b == b' ').count();
    let grouped = value.split(|b| *b == b' ').all(|part| part.len() == 4 && part.iter().all(is_lower_alnum));
    match spaces {
        0 => false,
        1 => random::score(value).bits < 30.0,
        3.. if grouped => random::score(value).bits < 25.0,
        // an object in a string has spaces too
        _ => !value.starts_with(b"{") || !value.contains(&b'"'),
    }
}

fn is_lower_alnum(byte: &u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `scheme://…`, `user@host.tld`, `host.tld:port`, an IP address.
fn is_address(value: &[u8]) -> bool {
    if let Some(at) = memchr::memmem::find(value, b"://") {
        let scheme = value.get(..at).unwrap_or_default();
        return !scheme.is_empty()
            && scheme.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    }
    let host = |text: &[u8]| {
        let (name, port) = match text.iter().position(|&b| b == b':') {
            Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default()),
            None => (text, &b""[..]),
        };
        let mut labels = name.rsplit(|&b| b == b'.');
        let top = labels.next().unwrap_or_default();
        (2..=10).contains(&top.len())
            && top.iter().all(u8::is_ascii_lowercase)
            && name.contains(&b'.')
            && labels.all(|l| !l.is_empty() && l.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'-'))
            && port.iter().all(u8::is_ascii_digit)
    };
    if let Some(at) = memchr::memchr(b'@', value) {
        let (user, domain) = value.split_at(at);
        return !user.is_empty()
            && user.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'+'))
            && host(domain.get(1..).unwrap_or_default());
    }
    host(value) && random::score(value).bits < 20.0
}

/// A path or the name of a file.
fn is_path(value: &[u8]) -> bool {
    let rooted = [&b"./"[..], b"../", b"~/", b"\\\\", b".\\"].iter().any(|w| value.starts_with(w))
        || matches!(value, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic())
        || is_in_folders(value);
    let slashes = value.iter().filter(|b| matches!(b, b'/' | b'\\')).count();
    let extension = memchr::memrchr(b'.', value).and_then(|dot| value.get(dot + 1..)).is_some_and(|end| {
        (2..=5).contains(&end.len())
            && end.first().is_some_and(u8::is_ascii_lowercase)
            && end.iter().all(u8::is_ascii_alphanumeric)
    });
    // base64 has slashes too, but is random
    rooted || (slashes > 0 || extension) && random::score(value).bits < 18.0
}

/// `/var/run/…`: below two folders or more whose names are of small letters, which chance hardly writes.
fn is_in_folders(value: &[u8]) -> bool {
    let Some(rest) = value.strip_prefix(b"/") else { return false };
    let mut parts = rest.split(|&b| b == b'/');
    let mut folder = || parts.next().is_some_and(|part| part.len() >= 3 && part.iter().all(u8::is_ascii_lowercase));
    folder() && folder() && memchr::memchr_iter(b'/', rest).nth(1).is_some()
}

/// `12px`, `#ff8800`, `.class > .other`, `[type=password]`.
fn is_style(value: &[u8]) -> bool {
    let digits = value.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let unit = value.get(digits..).unwrap_or_default();
    let measure = digits > 0 && (unit == b"%" || UNITS.iter().any(|u| unit.eq_ignore_ascii_case(u.as_bytes())));
    let colour = matches!(value, [b'#', rest @ ..] if matches!(rest.len(), 3 | 4 | 6 | 8) && rest.iter().all(u8::is_ascii_hexdigit));
    let selector = matches!(value.first(), Some(b'#' | b'.' | b'['))
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"#.[]-_=:\"'> ()*^$~|".contains(b))
        && random::score(value).bits < 13.0;
    measure || colour || selector
}

/// Digits with the marks of dates, times, versions, object identifiers: `2024-01-31T10:00:00Z`, `v1.2.3-beta1`.
fn is_date_or_version(value: &[u8]) -> bool {
    let body = value.strip_prefix(b"v").or(value.strip_prefix(b"^")).or(value.strip_prefix(b"~")).unwrap_or(value);
    let body = body.strip_prefix(b">=").unwrap_or(body);
    if !body.first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let count = |wanted: fn(&u8) -> bool| body.iter().filter(|b| wanted(b)).count();
    let marks = count(|b| matches!(b, b'.' | b'-' | b':' | b'/' | b'+' | b' ' | b','));
    let letters = count(u8::is_ascii_alphabetic);
    let digits = count(u8::is_ascii_digit);
    let others = body.len() - marks - letters - digits;
    let dots = count(|b| *b == b'.');
    let plain = others == 0 && marks >= 1;
    // 1.2.3-beta.4, 10:00:00Z, 2024-01-31T10:00:00.000+02:00
    plain
        && (letters == 0
            || letters <= 2 && marks >= 2 && digits > letters
            || dots >= 2 && random::score(body).bits < 20.0)
}

/// A package with its version, of three numbers or more: `jackson-core:2.11.2`, `left-pad@1.3.0`, `libssl-1.1.1w:amd64`.
fn is_package(value: &[u8]) -> bool {
    let is_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.');
    let starts = |at: &usize| value.get(at + 1).is_some_and(u8::is_ascii_digit);
    let mut marks = value.iter().enumerate().filter(|(_, b)| matches!(b, b':' | b'-' | b'@')).map(|(at, _)| at);
    let Some(mark) = marks.find(starts) else { return false };
    let (name, version) = (&value[..mark], &value[mark + 1..]);
    let (version, classifier) = version.split_at(version.iter().position(|b| *b == b':').unwrap_or(version.len()));
    let numbers = version.split(|b| *b == b'.').take_while(|part| part.first().is_some_and(u8::is_ascii_digit)).count();
    name.first().is_some_and(u8::is_ascii_lowercase)
        && name.iter().all(is_name)
        && classifier.iter().skip(1).all(is_name)
        && numbers >= 3
        && version.len() <= 24
        && version.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'+'))
        && (!name.iter().any(u8::is_ascii_digit) || random::score(name).bits < 20.0)
}

/// A decimal, hexadecimal or exponential number with a sign or a suffix.
fn is_number(value: &[u8]) -> bool {
    let body = value.strip_prefix(b"-").or(value.strip_prefix(b"+")).unwrap_or(value);
    let digits =
        |text: &[u8]| !text.is_empty() && text.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b','));
    match body.strip_prefix(b"0x").or(body.strip_prefix(b"0X")) {
        Some(hex) => hex.len() <= 16 && hex.iter().all(u8::is_ascii_hexdigit),
        None => {
            digits(body)
                || matches!(body.split_last(), Some((b'L' | b'f' | b'u' | b'n' | b'l' | b'U', head)) if digits(head))
        }
    }
}

/// Tags, lists of arguments, regular expressions.
fn is_markup(value: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(value, text).is_some();
    has(b"</")
        || has(b"/>")
        || has(b"\\s")
        || has(b"\\w")
        || has(b"\\d")
        || has(b"[a-z")
        || has(b"[A-Z")
        || has(b"[0-9")
        || has(b".*")
        || has(b".+")
        || has(b"(?")
        || value.starts_with(b"^") && value.ends_with(b"$")
}

/// The name of an encoding, as in `value.decode("utf-8")`.
fn is_charset(value: &[u8]) -> bool {
    let plain = value.iter().filter(|b| !matches!(b, b'-' | b'_')).map(u8::to_ascii_lowercase);
    let is = |name: &&str| plain.clone().eq(name.bytes());
    ["ascii", "base64", "hex", "iso88591", "latin1", "utf16", "utf16be", "utf16le", "utf32", "utf8", "usascii"]
        .iter()
        .any(is)
}

fn is_uuid(value: &[u8]) -> bool {
    let value = value.strip_prefix(b"{").and_then(|v| v.strip_suffix(b"}")).unwrap_or(value);
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

fn is_hash(value: &[u8]) -> bool {
    matches!(value.len(), 40 | 56 | 64 | 96 | 128)
        && (value.iter().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(b))
            || value.iter().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms() {
        for (expected, texts) in [
            (Shape::Number, &["12345678", "0"][..]),
            (
                Shape::Public,
                &[
                    "-1",
                    "1.5",
                    "0x1F",
                    "10L",
                    "2024-01-31",
                    "2024-01-31T10:00:00Z",
                    "10:24:28",
                    "v1.2.3",
                    "jackson-core:2.11.2",
                    "jackson-core-2.11.2",
                    "left-pad@1.3.0",
                    "jjwt-orgjson:0.11.0:deprecated",
                    "1.2.3-beta.4",
                    "^16.0.1",
                    "2.5.29.37",
                    "192.168.0.1",
                    "https://example.org/x",
                    "me@example.org",
                    "db.internal.example.org:5432",
                    "/etc/passwd",
                    "./key.pem",
                    "C:\\keys",
                    "secrets/app.json",
                    "id_rsa.pub",
                    "application/json",
                    "12px",
                    "#ff8800",
                    ".btn-primary",
                    "[type=password]",
                    "Nouveau mot de passe",
                    "Contraseña",
                    "Enter password:",
                    "Forgot password?",
                    "SELECT 1",
                    "$2b$10$abcdefghijklmnopqrstuv",
                    "sha256:abc",
                    "</b>",
                    "[a-z]+",
                    "iVBORw0KGgo",
                    "UTF-8",
                    "latin1",
                    "ssh-rsa AAAA",
                    "data:image/png;base64,AAAA",
                    "--service",
                    "/var/run/docker/netns/3df878d8ed31",
                    "T%C5%8Dky%C5%8D",
                    "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19",
                    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
                ],
            ),
            (Shape::Uuid, &["8ee21d91-c000-428c-8032-235aac55da36", "8EE21D91-C000-428C-8032-235AAC55DA36"]),
            (Shape::Hash, &["da39a3ee5e6b4b0d3255bfef95601890afd80709"]),
            (
                Shape::Open,
                &[
                    "television",
                    "hT7$kq2Lw9",
                    "hunter2!",
                    "9f86d081884c7d659a2feaa0c55ad015",
                    "qzjx kvwp fhgt bmwq",
                    "x8Kq/2mLw+9ZtR7uVb3=",
                    "Adm1nP",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(shape(text.as_bytes()), expected, "{text}");
            }
        }
    }
}
