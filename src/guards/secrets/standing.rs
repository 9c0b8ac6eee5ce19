//! Values that are doubtful as words and all the same credentials by where they stand: between a user and a host in a
//! URL, in a statement, a command or an option that sets or sends a password.
//!
//! What speaks against it: a host that is nobody's (RFC 2606, RFC 6761), the usual account of a service on the
//! reader's own machine, an account that is called like its password, a value that only says what belongs there, text
//! that explains an option.

use super::assignment::{Pair, Place, Quote};
use super::value::{PathClass, Strength, is_plain, is_single};

/// The longest name of a host (RFC 1035), in bytes.
const MAX_HOST: usize = 253;
/// Words for a password, in lower case: what examples have in its place.
const SAYS_SO: [&[u8]; 9] =
    [b"password", b"passwd", b"passwort", b"passphrase", b"pass", b"passw", b"pwd", b"pw", b"token"];
/// Accounts that services come with, in lower case.
const USUAL: [&[u8]; 10] =
    [b"admin", b"administrator", b"guest", b"root", b"user", b"test", b"postgres", b"mysql", b"sa", b"mongo"];
/// Names that stand for a host in examples, in lower case.
const NO_HOST: [&[u8]; 9] = [b"host", b"hostname", b"server", b"ip", b"address", b"domain", b"url", b"foo", b"bar"];
/// Domains that do not exist, or are for documentation.
const NO_DOMAIN: [&[u8]; 6] = [b"example", b"test", b"invalid", b"example.com", b"example.org", b"example.net"];

/// The strength of a value of a pair that was judged `found` by itself; tests and documents prove little.
pub(crate) fn raise(text: &[u8], pair: Pair, found: Strength, path: PathClass) -> Strength {
    let (name, value) = (pair.name.of(text), pair.value.of(text));
    let is = |words: &[&[u8]], part| words.iter().any(|word| without_digits(part).eq_ignore_ascii_case(word));
    if found != Strength::Doubtful || is(&SAYS_SO, value) {
        return found;
    }
    let in_environment = matches!(pair.place, Place::Shell | Place::Dockerfile | Place::Properties | Place::Yaml);
    let shows = matches!(path, PathClass::Test | PathClass::Docs);
    if in_environment && is_variable(name) && !is_single(value) && !(shows && is_plain(value)) {
        return Strength::Slight;
    }
    let proves = match pair.place {
        Place::Url => {
            let host = host(text, pair.value.end);
            let nobodys = host.is_empty() || is(&NO_HOST, host) || NO_DOMAIN.iter().any(|domain| lies_in(host, domain));
            !(nobodys || name.eq_ignore_ascii_case(value) || is_local(host) && is(&USUAL, name))
        }
        Place::Sql | Place::SecureString | Place::Command => true,
        Place::CommandLine => is_given(text, pair),
        _ => false,
    };
    match path {
        _ if !proves => found,
        PathClass::Test | PathClass::Docs => Strength::Slight,
        _ => Strength::Weak,
    }
}

/// Whether a name is that of an environment variable: these hold what is used, where fields in data may hold a mode or
/// a name.
fn is_variable(name: &[u8]) -> bool {
    name.contains(&b'_') && name.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
}

/// Whether an option is given its value: with a sign or quotes, or as the last word or in front of another option. In
/// a sentence or a table that explains options, words go on behind it.
fn is_given(text: &[u8], pair: Pair) -> bool {
    let between = text.get(pair.name.end..pair.value.start).unwrap_or_default();
    let behind = text.get(pair.value.end..).unwrap_or_default();
    let ends = match behind.first() {
        None | Some(b'\n' | b'\r' | b'"' | b'\'' | b'`') => true,
        Some(b' ') => behind.get(1).is_none_or(|b| matches!(b, b'-' | b'\\')),
        Some(_) => false,
    };
    // the next option takes no value's place
    let is_option = pair.value.of(text).starts_with(b"-");
    // `"--password", "name": …`: a member of an object behind a list
    let is_name = pair.quote != Quote::None && behind.get(1) == Some(&b':');
    !is_option && !is_name && (between.contains(&b'=') || pair.quote != Quote::None || between == b" " && ends)
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

/// Whether the host is the machine at hand.
fn is_local(host: &[u8]) -> bool {
    host.starts_with(b"127.") || host == b"0.0.0.0" || lies_in(host, b"localhost")
}

/// Whether the host is the domain or lies in it.
fn lies_in(host: &[u8], domain: &[u8]) -> bool {
    let split = host.len().checked_sub(domain.len()).and_then(|at| host.split_at_checked(at));
    split.is_some_and(|(head, tail)| tail.eq_ignore_ascii_case(domain) && (head.is_empty() || head.ends_with(b".")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Span;

    fn raised(text: &str, name: &str, value: &str, place: Place) -> bool {
        let at = |part: &str, from: usize| {
            let start = from + text[from..].find(part).unwrap();
            Span::new(start, start + part.len())
        };
        let name = at(name, 0);
        let pair = Pair { name, value: at(value, name.end), place, quote: Quote::None };
        raise(text.as_bytes(), pair, Strength::Doubtful, PathClass::Source) == Strength::Weak
    }

    #[test]
    fn a_url_proves_its_password_by_its_host() {
        let url = |text: &str| {
            let (_, rest) = text.split_once("://").unwrap();
            let (user, rest) = rest.split_once(':').unwrap();
            raised(text, user, rest.split_once('@').unwrap().0, Place::Url)
        };
        for text in [
            "mongodb://gray:secret@mongo:27017/x",
            "https://elastic:changeme@es.corp.net/",
            "https://elastic:changeme@localhost:9200/",
            "amqp://admin:secret@10.0.0.8",
            "amqp://a:secret@myexample.com",
        ] {
            assert!(url(text), "{text}");
        }
        for text in [
            "mongodb://root:secret@localhost:27017/x",
            "amqp://admin:secret@127.0.0.1",
            "amqp://gray:secret@mq.example.com/",
            "amqp://gray:secret@mq.test",
            "amqp://guest:guest@mq.corp.net",
            "mysql://root:pass@db.corp.net",
            "mysql://root:secret@host:3306",
            "mysql://root:secret@",
        ] {
            assert!(!url(text), "{text}");
        }
    }

    #[test]
    fn a_statement_proves_its_password() {
        let sql = |value: &str| raised(&format!("IDENTIFIED BY '{value}'"), "IDENTIFIED BY", value, Place::Sql);
        assert!(sql("secret") && sql("gh-ost"));
        assert!(!sql("password1") && !sql("PASS"));
        assert!(!raised("password = 'secret'", "password", "secret", Place::Assignment));
    }

    #[test]
    fn an_environment_variable_holds_what_is_used() {
        let level = |text: &str, place, path| {
            let (name, value) = text.split_once('=').unwrap();
            let (name, value) = (Span::new(0, name.len()), Span::new(name.len() + 1, name.len() + 1 + value.len()));
            let pair = Pair { name, value, place, quote: Quote::None };
            raise(text.as_bytes(), pair, Strength::Doubtful, path)
        };
        for text in ["ROOT_PASSWORD=verysecret", "DB_PASSWORD=harbour_reports"] {
            assert_eq!(level(text, Place::Shell, PathClass::Config), Strength::Slight, "{text}");
            assert_eq!(level(text, Place::Shell, PathClass::Docs), Strength::Slight, "{text}");
            assert_eq!(level(text, Place::Assignment, PathClass::Source), Strength::Doubtful, "{text}");
        }
        let placeholder = "ROOT_PASSWORD=my-password";
        assert_eq!(level(placeholder, Place::Shell, PathClass::Config), Strength::Slight);
        assert_eq!(level(placeholder, Place::Shell, PathClass::Docs), Strength::Doubtful);
        for text in ["ROOT_PASSWORD=secret", "ROOT_PASSWORD=test1", "update_password=on_create", "PASSWORD=verysecret"]
        {
            assert_eq!(level(text, Place::Shell, PathClass::Config), Strength::Doubtful, "{text}");
        }
    }

    #[test]
    fn an_option_proves_its_value_unless_it_is_explained() {
        let option = |text: &str| raised(text, "password", "secret", Place::CommandLine);
        for text in ["--password=secret x", "--password secret", "--password secret --x", "'--password secret'"] {
            assert!(option(text), "{text}");
        }
        assert!(!raised("'--password', '--secret'", "password", "--secret", Place::CommandLine));
        let (name, value) = (Span::new(3, 11), Span::new(15, 21));
        let pair = Pair { name, value, place: Place::CommandLine, quote: Quote::Double };
        let level = |text: &[u8]| raise(text, pair, Strength::Doubtful, PathClass::Source);
        assert_eq!(level(br#""--password", "secret": 1"#), Strength::Doubtful);
        assert_eq!(level(br#""--password", "secret", 1"#), Strength::Weak);
        for text in ["--password    secret", "--password secret prompt", "--password secret, or"] {
            assert!(!option(text), "{text}");
        }
    }
}
