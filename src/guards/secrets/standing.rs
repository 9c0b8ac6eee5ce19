//! Values that are doubtful as words and all the same credentials by where they stand: between a user and a host in a
//! URL, in a statement or command that sets or sends a password.
//!
//! What speaks against it: a host that is the reader's own machine or nobody's (RFC 2606, RFC 6761), an account that
//! is called like its password, a value that only says what belongs there, documentation.

use super::assignment::{Pair, Place};
use super::value::{PathClass, Strength};

/// The longest name of a host (RFC 1035), in bytes.
const MAX_HOST: usize = 253;
/// Words for a password, in lower case: what examples have in its place.
const SAYS_SO: [&[u8]; 10] =
    [b"password", b"passwd", b"passwort", b"passphrase", b"pass", b"passw", b"pwd", b"pw", b"token", b"xxxx"];
/// Names that stand for a host in examples, in lower case.
const NO_HOST: [&[u8]; 9] = [b"host", b"hostname", b"server", b"ip", b"address", b"domain", b"url", b"foo", b"bar"];
/// Last labels of the names of hosts that nobody else reaches, or that do not exist.
const NO_DOMAIN: [&[u8]; 5] = [b"localhost", b"example", b"test", b"invalid", b"local"];
/// Domains for documentation.
const EXAMPLES: [&[u8]; 3] = [b"example.com", b"example.org", b"example.net"];

/// The strength of a value of a pair that was judged `found` by itself.
pub(crate) fn raise(text: &[u8], pair: Pair, found: Strength, path: PathClass) -> Strength {
    if found != Strength::Doubtful {
        return found;
    }
    let (name, value) = (pair.name.of(text), pair.value.of(text));
    let says_so = SAYS_SO.iter().any(|word| without_digits(value).eq_ignore_ascii_case(word));
    let made_up = matches!(path, PathClass::Docs | PathClass::Test);
    let proves = match pair.place {
        Place::Url => {
            let host = host(text, pair.value.end);
            !says_so && !name.eq_ignore_ascii_case(value) && is_elsewhere(host) && (!made_up || host.contains(&b'.'))
        }
        // what a test sets up, it takes down
        Place::Sql | Place::SecureString | Place::Command => !says_so && !made_up,
        _ => false,
    };
    if proves { Strength::Weak } else { found }
}

fn without_digits(mut word: &[u8]) -> &[u8] {
    while let [rest @ .., b'0'..=b'9'] = word {
        word = rest;
    }
    word
}

/// The name of the host behind the `@` at `sign`.
fn host(text: &[u8], sign: usize) -> &[u8] {
    let rest = text.get(sign + 1..).unwrap_or_default();
    let rest = rest.get(..MAX_HOST).unwrap_or(rest);
    let end = rest.iter().position(|b| !(b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')));
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// Whether a host is somebody's, and not the machine at hand.
fn is_elsewhere(host: &[u8]) -> bool {
    let host = host.strip_suffix(b".").unwrap_or(host);
    let ends = |domain: &[u8]| {
        let split = host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at));
        split.is_some_and(|(head, tail)| tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with(b".")))
    };
    !host.is_empty()
        && !host.starts_with(b"127.")
        && host != b"0.0.0.0"
        && !NO_HOST.iter().any(|word| without_digits(host).eq_ignore_ascii_case(word))
        && !NO_DOMAIN.iter().chain(&EXAMPLES).any(|domain| ends(domain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Span;
    use crate::guards::secrets::assignment::Quote;

    fn raised(text: &str, name: &str, value: &str, place: Place, path: PathClass) -> bool {
        let at = |part: &str, from: usize| {
            let start = from + text[from..].find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let name = at(name, 0);
        let pair = Pair { name, value: at(value, name.end), place, quote: Quote::None };
        raise(text.as_bytes(), pair, Strength::Doubtful, path) == Strength::Weak
    }

    #[test]
    fn a_url_proves_its_password_by_its_host() {
        let url = |text: &str, path| {
            let (_, rest) = text.split_once("://").unwrap();
            let (user, rest) = rest.split_once(':').unwrap();
            raised(text, user, rest.split_once('@').unwrap().0, Place::Url, path)
        };
        for text in
            ["mongodb://gray:secret@mongo:27017/x", "https://elastic:changeme@es.corp.net/", "amqp://a:secret@10.0.0.8"]
        {
            assert!(url(text, PathClass::Source), "{text}");
        }
        assert!(url("https://elastic:changeme@es.corp.net/", PathClass::Docs));
        for text in [
            "mongodb://gray:secret@localhost:27017/x",
            "amqp://admin:secret@127.0.0.1",
            "amqp://admin:secret@mq.example.com/",
            "amqp://admin:secret@mq.test",
            "amqp://guest:guest@mq.corp.net",
            "mysql://root:pass@db.corp.net",
            "mysql://root:secret@host:3306",
        ] {
            assert!(!url(text, PathClass::Source), "{text}");
        }
        assert!(!url("mongodb://gray:secret@mongo:27017/x", PathClass::Test));
    }

    #[test]
    fn a_statement_proves_its_password_outside_tests_and_documentation() {
        let sql =
            |value: &str, path| raised(&format!("IDENTIFIED BY '{value}'"), "IDENTIFIED BY", value, Place::Sql, path);
        assert!(sql("secret", PathClass::Source) && sql("gh-ost", PathClass::Config));
        assert!(!sql("secret", PathClass::Docs) && !sql("secret", PathClass::Test));
        assert!(!sql("password1", PathClass::Source));
    }
}
