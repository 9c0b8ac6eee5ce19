//! What the text right around a name and its value says of them, where neither of the two tells.

use super::assignment::{Pair, Place, Quote};
use crate::finding::Span;
use memchr::memmem;

/// How far before a name its surroundings are looked at, in bytes.
const BEFORE: usize = 64;
/// How far before an attribute its tag is looked for, in bytes. What makes a pair none lies near it: see `version`.
const TAG: usize = 256;
/// How far before a value a heading of samples is looked for, in bytes.
const SECTION: usize = 8 << 10;
/// How far from a password its user is looked for, in bytes on each side.
const NEAR: usize = 256;
/// Occurrences of a word near a password that are looked at.
const MAX_NEAR: usize = 8;
/// How far before a word its name is looked for, in bytes.
const NAME: usize = 32;
/// What the names of users, databases and services hold.
const NAMED: [&[u8]; 8] = [b"_db", b"database", b"dbname", b"host", b"image", b"login", b"schema", b"user"];
/// Names of texts that show how something is used.
const SECTIONS: [&[u8]; 10] =
    [b"doc", b"docs", b"documentation", b"example", b"examples", b"help", b"return", b"returns", b"synopsis", b"usage"];

/// Whether the pair is none: what stands beside the name belongs to it in form alone.
pub(crate) fn is_unrelated(text: &[u8], pair: Pair) -> bool {
    is_identifier(pair)
        || is_page_nonce(text, pair)
        || is_badge(text, pair)
        || is_seed_of_numbers(text, pair)
        || is_front(text, pair)
        || is_public(text, pair)
}

/// A name in backticks behind `IDENTIFIED BY`: SQL writes strings in quotes, and people write so of other things.
fn is_identifier(pair: Pair) -> bool {
    pair.place == Place::Sql && pair.quote == Quote::Back
}

/// The attribute `nonce="…"` of a tag: the page tells it to everybody who loads it.
fn is_page_nonce(text: &[u8], pair: Pair) -> bool {
    let between = text.get(pair.name.end..pair.value.start).unwrap_or_default();
    pair.name.of(text).eq_ignore_ascii_case(b"nonce")
        && matches!(between, [b'=', b'"' | b'\''] | [b'=', b'\\', b'"' | b'\''])
        && {
            let tag = text.get(pair.name.start.saturating_sub(TAG)..pair.name.start).unwrap_or_default();
            tag.last() == Some(&b' ') && tag.iter().rev().find(|b| matches!(b, b'<' | b'>' | b'\n')) == Some(&b'<')
        }
}

/// The token in the address of a badge: whoever sees the page is given it, and it opens that picture.
fn is_badge(text: &[u8], pair: Pair) -> bool {
    pair.place == Place::Query && before(text, pair.name).ends_with(b"badge.svg?")
}

/// Bytes that a generator of random numbers begins with, so that a test draws the same ones again.
fn is_seed_of_numbers(text: &[u8], pair: Pair) -> bool {
    pair.place == Place::Bytes && {
        let name = text.get(pair.name.end.saturating_sub(BEFORE)..pair.name.end).unwrap_or_default();
        let line = name.rsplit(|b| b.is_ascii_whitespace()).next().unwrap_or_default().to_ascii_lowercase();
        line.ends_with(b"seed") && memmem::find(&line, b"rng").is_some()
    }
}

/// The front of a value that a program puts together: text that ends in a mark between words, and goes on with what a
/// variable holds (`'user_' || id`).
fn is_front(text: &[u8], pair: Pair) -> bool {
    let ends = matches!(pair.value.of(text), [.., b'_' | b'-' | b':' | b'/']);
    let behind = text.get(pair.value.end..).unwrap_or_default();
    let behind = behind.get(..BEFORE).unwrap_or(behind);
    ends && matches!(behind, [b'"' | b'\'', ..]) && {
        let rest = behind.get(1..).unwrap_or_default().trim_ascii_start();
        let joined = [&b"||"[..], b"+", b"."].into_iter().find_map(|sign| rest.strip_prefix(sign));
        let next = joined.and_then(|rest| rest.trim_ascii_start().first());
        next.is_some_and(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'$' | b'@'))
    }
}

/// A key that is a member of a literal whose type says that it is public: `PublicKey{ID: 1, Key: "…"}`. A password
/// that is handed to `loadPublicKey(` is not.
fn is_public(text: &[u8], pair: Pair) -> bool {
    let name = pair.name.of(text);
    let is_key = name.get(name.len().saturating_sub(b"key".len())..).is_some_and(|n| n.eq_ignore_ascii_case(b"key"));
    if !is_key {
        return false;
    }
    let before = before(text, pair.name);
    let open = before.iter().rposition(|b| matches!(b, b'{' | b'}' | b'(' | b')')).unwrap_or(0);
    let kind = before.get(..open).unwrap_or_default().trim_ascii_end();
    let end = kind.get(kind.len().saturating_sub(b"publickey".len())..).unwrap_or_default();
    matches!(before.get(open), Some(b'{' | b'(')) && end.eq_ignore_ascii_case(b"publickey")
}

/// Whether a name is given its value. With a comma between them, or a value in backticks behind a word, they may be
/// neighbours in a list or a sentence (`"user", "password", "port"`), and with nothing but blanks a verb and what is
/// handed over ("pass 'cache' to it"), so that a mere word is no password.
pub(crate) fn is_assigned(text: &[u8], pair: Pair) -> bool {
    let between = text.get(pair.name.end..pair.value.start).unwrap_or_default();
    let has = |bytes: &[u8]| between.iter().any(|b| bytes.contains(b));
    let verb = pair.name.of(text).eq_ignore_ascii_case(b"pass");
    // two strings side by side
    let beside = matches!(between, [b'"' | b'\'', b' ' | b'\t', ..]);
    has(b":=>(") || !has(b",`") && !verb && !beside
}

/// Where a text shows how something is used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sample {
    /// A comment that documents code.
    Comment,
    /// A literal whose name says that it holds examples, as the modules of Ansible have them.
    Literal,
}

/// What shows how something is used by the value at `value`; `None`: nothing says that it is a sample.
pub(crate) fn sample(text: &[u8], value: Span) -> Option<Sample> {
    if in_doc_comment(text, value) {
        return Some(Sample::Comment);
    }
    in_named_literal(text, value).then_some(Sample::Literal)
}

/// Whether a password of small letters is also the name of the user, the database or the service beside it: so are
/// services set up to be tried out.
pub(crate) fn is_default(text: &[u8], pair: Pair) -> bool {
    let value = pair.value.of(text);
    if !value.iter().all(u8::is_ascii_lowercase) {
        return false;
    }
    let from = pair.value.start.saturating_sub(NEAR);
    let near = text.get(from..pair.value.end.saturating_add(NEAR).min(text.len())).unwrap_or_default();
    memmem::find_iter(near, value).take(MAX_NEAR).any(|at| {
        let head = near.get(..at).unwrap_or_default();
        let whole = !head.last().is_some_and(u8::is_ascii_alphanumeric)
            && !near.get(at + value.len()).is_some_and(u8::is_ascii_alphanumeric);
        let line = memchr::memrchr(b'\n', head).map_or(head, |n| head.get(n + 1..).unwrap_or_default());
        let name = line.get(line.len().saturating_sub(NAME)..).unwrap_or_default().to_ascii_lowercase();
        // what stands nearest before it says what it is
        let last = |words: &[&[u8]]| words.iter().filter_map(|word| memmem::rfind(&name, word)).max();
        whole && last(&NAMED) > last(&[b"pass", b"pwd", b"pw"])
    })
}

/// Behind `///` or `//!` (Rust, C#, Swift), ` * ` (Java, JavaScript, PHP), `#   ` (Ruby's samples are indented).
fn in_doc_comment(text: &[u8], value: Span) -> bool {
    const LINE: usize = 512;
    let from = value.start.saturating_sub(LINE);
    let line = text.get(from..value.start).unwrap_or_default();
    let Some(start) = memchr::memrchr(b'\n', line).map(|n| n + 1).or((from == 0).then_some(0)) else { return false };
    let line = line.get(start..).unwrap_or_default().trim_ascii_start();
    // an asterisk is a bullet elsewhere
    let in_block = || {
        let before = text.get(value.start.saturating_sub(SECTION)..value.start).unwrap_or_default();
        memmem::rfind(before, b"/**") > memmem::rfind(before, b"*/")
    };
    [&b"///"[..], b"//!", b"#   "].iter().any(|mark| line.starts_with(mark)) || line.starts_with(b"* ") && in_block()
}

/// In a literal of three quotes that is assigned to a name such as `EXAMPLES` and has not ended.
fn in_named_literal(text: &[u8], value: Span) -> bool {
    let from = value.start.saturating_sub(SECTION);
    let section = text.get(from..value.start).unwrap_or_default();
    let last = [&b"'''"[..], b"\"\"\""].iter().filter_map(|quotes| memmem::rfind(section, quotes)).max();
    let Some(open) = last else { return false };
    let line = section.get(..open).unwrap_or_default();
    let line = memchr::memrchr(b'\n', line).map_or(line, |n| line.get(n + 1..).unwrap_or_default());
    let name = line.trim_ascii_end();
    let name = name.strip_suffix(b"r").unwrap_or(name).trim_ascii_end();
    let Some(name) = name.strip_suffix(b"=") else { return false };
    let last = name.rsplit(|b| !b.is_ascii_alphanumeric()).find(|word| !word.is_empty()).unwrap_or_default();
    SECTIONS.iter().any(|section| last.eq_ignore_ascii_case(section))
}

fn before(text: &[u8], name: Span) -> &[u8] {
    text.get(name.start.saturating_sub(BEFORE)..name.start).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pair of `name` and `value` where they first stand in `text`.
    fn pair(text: &str, name: &str, value: &str, place: Place, quote: Quote) -> Pair {
        let span = |part: &str| text.find(part).map(|at| Span::new(at, at + part.len())).unwrap();
        Pair { name: span(name), value: span(value), place, quote }
    }

    #[test]
    fn neighbours_are_not_assigned() {
        let assigned = |text: &str, name: &str| {
            is_assigned(text.as_bytes(), pair(text, name, "summer", Place::Argument, Quote::None))
        };
        for text in ["password = 'summer'", "password: `summer`", "password 'summer'", "set_password('x', 'summer')"] {
            assert!(assigned(text, "password"), "{text}");
        }
        for text in ["'password', 'summer'", "`password`, `summer`", "do not password `summer`"] {
            assert!(!assigned(text, "password"), "{text}");
        }
        assert!(!assigned("we cannot pass 'summer' to it", "pass"));
        assert!(assigned("pass = 'summer'", "pass"));
    }

    #[test]
    fn what_belongs_to_something_else_is_no_pair() {
        let unrelated = |text: &str, name: &str, value: &str, place, quote| {
            is_unrelated(text.as_bytes(), pair(text, name, value, place, quote))
        };
        let sql = "identified by `start`";
        assert!(unrelated(sql, sql, "start", Place::Sql, Quote::Back));
        let public = r#"publickey{id: 1, Key: "4f9a12"}"#;
        assert!(unrelated(public, "Key", "4f9a12", Place::Assignment, Quote::Double));
        let password = r#"loadPublicKey(password="4f9a12")"#;
        assert!(!unrelated(password, "password", "4f9a12", Place::Assignment, Quote::Double));
        assert!(!unrelated("IDENTIFIED BY 'start'", "IDENTIFIED BY", "start", Place::Sql, Quote::Single));
        let tag = "<script src=\"a.js\" nonce=\"iyhD0Yc0W\">";
        assert!(unrelated(tag, "nonce", "iyhD0Yc0W", Place::XmlAttribute, Quote::Double));
        assert!(!unrelated("nonce = \"iyhD0Yc0W\"", "nonce", "iyhD0Yc0W", Place::Assignment, Quote::Double));
        let badge = "https://host.example/graph/badge.svg?token=Z92NHFQ70G";
        assert!(unrelated(badge, "token", "Z92NHFQ70G", Place::Query, Quote::None));
        let query = "https://host.example/graph?token=Z92NHFQ70G";
        assert!(!unrelated(query, "token", "Z92NHFQ70G", Place::Query, Quote::None));
        let call = "connect(\"a\", nonce=\"iyhD0Yc0W\")";
        assert!(!unrelated(call, "nonce", "iyhD0Yc0W", Place::Assignment, Quote::Double));
        let numbers = "let mut rng = XorShiftRng::from_seed([1, 9, 4])";
        assert!(unrelated(numbers, "from_seed", "1, 9, 4", Place::Bytes, Quote::None));
        assert!(!unrelated("let seed = [1, 9, 4]", "seed", "1, 9, 4", Place::Bytes, Quote::None));
        for (text, is_front) in [
            ("key = 'fix_888b59e0_' || id", true),
            ("key = \"fix_888b59e0_\" + suffix", true),
            ("key = 'fix_888b59e0_'.$id", true),
            ("key = 'fix_888b59e0_'", false),
            ("key = 'fix_888b59e0_', id", false),
            ("key = 'fix_888b59e0_' + 'x'", false),
        ] {
            assert_eq!(unrelated(text, "key", "fix_888b59e0_", Place::Assignment, Quote::Single), is_front, "{text}");
        }
        assert!(!unrelated("key = 'fix_888b59e0' + id", "key", "fix_888b59e0", Place::Assignment, Quote::Single));
    }

    #[test]
    fn a_user_beside_makes_a_default() {
        let default =
            |text: &str| is_default(text.as_bytes(), pair(text, "PASSWORD", "zabbix", Place::Yaml, Quote::None));
        assert!(default("PASSWORD: zabbix\nPOSTGRES_USER: zabbix\n"));
        assert!(default("PASSWORD=zabbix DB_HOST=zabbix"));
        for text in [
            "PASSWORD: zabbix\n",
            "PASSWORD: zabbix\nUSER_PASSWORD: zabbix\n",
            "PASSWORD: zabbix\nuser: zabbix2\n",
            "PASSWORD: zabbix\nuser:\n  other: zabbix\n",
        ] {
            assert!(!default(text), "{text}");
        }
    }

    #[test]
    fn samples_are_comments_and_literals_for_them() {
        let sample = |text: &str| {
            let at = text.find("summer").unwrap();
            sample(text.as_bytes(), Span::new(at, at + 6)).is_some()
        };
        for text in [
            "/// let password = \"summer\";",
            "x\n    //! password: \"summer\"",
            "/**\n * {\"password\": \"summer\"}\n */",
            "#   user.password = 'summer'",
            "EXAMPLES = r'''\n- name: a\n  password: summer\n'''",
            "RETURN = \"\"\"\npassword: summer\n\"\"\"",
        ] {
            assert!(sample(text), "{text}");
        }
        for text in [
            "let password = \"summer\";",
            "# password = 'summer'",
            "// password = 'summer'",
            "* password: summer",
            "/** */\n * password: summer",
            "EXAMPLES = r'''\n'''\npassword = 'summer'",
            "CONFIG = '''\npassword: summer\n'''",
            "DOCKERFILE = '''\nENV PASSWORD=summer\n'''",
        ] {
            assert!(!sample(text), "{text}");
        }
    }
}
