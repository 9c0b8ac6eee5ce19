use super::*;
use crate::change::{EntryKind, Occurrence, Origin, RepoPath};
use crate::guards::secrets::assignment::{Kind, Reading};
use crate::guards::secrets::compile::schema::Reader;
use crate::guards::secrets::engine::UNCOUNTED;
use crate::policy::schema::Policy;
use smallvec::SmallVec;

#[path = "../../../../tests/support/random.rs"]
mod random;

use random::Random;

/// Halves of secrets, what makes them some, and what makes them none.
const FRAGMENTS: [&str; 55] = [
    "login(\"user\", ",
    "INSERT INTO users (name, password) VALUES (",
    "'joe', 'tG7kQ9xZ2mW')",
    " + ",
    "[[",
    " ? ",
    "gh",
    "p_",
    "ghp_",
    "Zk3x9Qm1Lw7Vb2Nc5Xa8Sd4Fg6Hj0KlPoIu",
    "Zk3x9Qm1Lw7Vb2Nc5Xa8Sd4Fg6Hj0KlPoIuYt",
    "password = \"",
    "password: ",
    "api_key",
    " = ",
    "\"tG7#kQ9!xZ2\"",
    "tG7#kQ9!xZ2mW4",
    "\"",
    "'",
    "`",
    "\"\"\"",
    "\n",
    "\\",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----BEGIN ",
    "PRIVATE KEY-----\n",
    "-----END RSA PRIVATE KEY-----\n",
    "MIIEpAIBAAKCAQEA0Z3VS5JJcds3xfn/ygWyF0qG1s8nXk2mJ3vP7zqLw9Ht4Rb1\n",
    "key: &hex!(\"8d2e60365f17c7df1040d7501b4a7b5a\"),\n",
    "plaintext: &hex!(\"6bc1bee22e409f96e93d7e117393172a\"),\n",
    "ciphertext: &hex!(\"6bc1bee22e409f96e93d7e117393172a\"),\n",
    "cGFzc3dvcmQgPSAidEc3I2tROSF4WjJtVzQiCmFwaV9rZXkgPSAieFoybVc0dEc3\n",
    "I2tROSF4WjJtVzQiCnNlY3JldCA9ICJ0RzcjUTkheFoybVc0dEc3ayIKIyBhbmQg\n",
    "\\u0070\\u0061\\u0073\\u0073\\u0077\\u006f\\u0072\\u0064 = ",
    "\\x74\\x47\\x37\\x23\\x6b\\x51\\x39\\x21\\x78\\x5a\\x32",
    "%70%61%73%73%77%6f%72%64%3D",
    "&#112;&#97;&#115;&#115;&#119;&#111;&#114;&#100;",
    "https://user:",
    "tG7kQ9xZ2@db.internal/x ",
    "<password>",
    "</password>",
    "\"passwords\": [",
    "\"xZ2mW4tG7kQ9\", ",
    "{\"kty\":\"oct\",",
    "\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow\"}",
    "curl -u ",
    "user:tG7kQ9xZ2",
    "IDENTIFIED BY '",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.",
    "eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jJmHHqVbYy4m1PpS5xLkq0wYf3s8tGE",
    "stripe ",
    "token",
    "EXAMPLES = r'''\n",
    "'''\n",
    "password: 'television'\n",
];

/// Text in which nothing is ever found.
fn filler(random: &mut Random, len: usize) -> String {
    const WORDS: [&str; 12] = ["fn", "let", "value", "of", "the", "line", "(x)", "{", "}", "return", "while", "a.b"];
    let mut text = String::new();
    while text.len() < len {
        text.push_str(random.pick(&WORDS));
        text.push(if random.next(6) == 0 { '\n' } else { ' ' });
    }
    text
}

fn fragments(random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..1 + random.next(5) {
        text.push_str(random.pick(&FRAGMENTS));
        if random.next(3) == 0 {
            let len = random.next(1200);
            text.push_str(&filler(random, len));
        }
    }
    text
}

/// A version of a text, and what is not as in it, as a delta tells it.
#[allow(clippy::single_range_in_vec_init, reason = "a list of ranges is what is asked for")]
fn edited(random: &mut Random, text: &[u8]) -> (Vec<u8>, Vec<Range<usize>>) {
    let (from, to) = (random.next(text.len()), random.next(text.len()));
    let (from, to) = (from.min(to), from.max(to));
    match random.next(4) {
        // put in, in the place of few bytes or of none
        0 | 1 => {
            let to = text.len().min(from + random.next(40));
            let new = fragments(random);
            let bytes = [&text[..from], new.as_bytes(), &text[to..]].concat();
            (bytes, vec![from..from + new.len()])
        }
        // left out
        2 => ([&text[..from], &text[to..]].concat(), vec![from..from]),
        // moved to the end
        _ => {
            let len = text.len();
            let bytes = [&text[..from], &text[to..], &text[from..to]].concat();
            (bytes, vec![from..from, from + len - to..from + len - to, len..len])
        }
    }
}

fn policy() -> Policy {
    Policy::default()
}

fn blob<'a>(bytes: &'a [u8], seen: &'a [Occurrence]) -> Blob<'a> {
    Blob { oid: None, bytes, seen }
}

fn place() -> [Occurrence; 1] {
    let path = RepoPath::new(b"src/a.py");
    [Occurrence { path, origin: Origin::WorkTree, kind: EntryKind::File, bases: SmallVec::new() }]
}

#[test]
fn changes_tell_as_much_as_the_whole() {
    let (policy, seen) = (policy(), place());
    let guard = Secrets::new(&policy).unwrap();
    let (mut told, mut whole, mut hidden) = (0, 0, 0);
    for seed in 0..600 {
        let mut random = Random(seed);
        let mut text = Vec::new();
        for _ in 0..2 + random.next(5) {
            let len = random.next(3000);
            text.extend_from_slice(filler(&mut random, len).as_bytes());
            text.extend_from_slice(fragments(&mut random).as_bytes());
        }
        text.extend_from_slice(filler(&mut random, 4000).as_bytes());
        let mut answer = guard.glance_at_all(&blob(&text, &seen)).unwrap();
        for step in 0..6 {
            let Glance::Nothing { settled: Some(reach) } = answer else { break };
            let (version, changes) = edited(&mut random, &text);
            let truth = guard.glance_at_all(&blob(&version, &seen)).unwrap();
            answer = guard.glance_at(&blob(&version, &seen), Changes { ranges: &changes, reach }).unwrap();
            match (answer, truth) {
                (Glance::Nothing { .. }, Glance::Something) => {
                    panic!("seed {seed}, step {step}, {changes:?}:\n{}", String::from_utf8_lossy(&version))
                }
                (Glance::Nothing { .. }, _) => told += 1,
                (Glance::Something, Glance::Something) => hidden += 1,
                (Glance::Something, _) => {
                    whole += 1;
                    answer = truth;
                }
            }
            text = version;
        }
    }
    assert!(told > 300 && hidden > 30, "{told} told by changes, {whole} needed the whole, {hidden} hold something");
}

#[test]
fn the_reach_is_what_was_asked_for() {
    let (policy, seen) = (policy(), place());
    let guard = Secrets::new(&policy).unwrap();
    let mut random = Random(1);
    let (before, after) = (filler(&mut random, 6000), filler(&mut random, 6000));
    let settled = |middle: &str| {
        let text = format!("{before}{middle}{after}");
        match guard.glance_at_all(&blob(text.as_bytes(), &seen)).unwrap() {
            Glance::Nothing { settled } => settled,
            Glance::Something => panic!("{middle}"),
        }
    };
    assert_eq!(settled(""), Some(Reach::default()), "no literal");
    let near = settled("password = x()").unwrap();
    assert!((1..1000).contains(&near.plain) && near.encoded == 0, "{near:?}");
    let open = settled("password = `").unwrap();
    assert!(open.plain > 4000, "a string that does not end: {open:?}");
    let encoded = settled("\\u0070\\u0061\\u0073\\u0073\\u0077\\u006f\\u0072\\u0064 = x()").unwrap();
    assert!(encoded.plain == 0 && encoded.encoded > 0, "{encoded:?}");
    assert_eq!(settled("p\0a\0s\0s\0w\0o\0r\0d\0"), None, "16-bit units");
    assert_eq!(settled("EXAMPLES = '''\npassword: \"television\"\n'''\n"), None, "a sample");
}

#[test]
fn lines_go_as_far_as_base64_is_wrapped() {
    let line = "QUFB".repeat(16);
    let text = format!("one\ntwo {line}\n{line}\r\n{line}\nABC\nlast\n");
    let middle = text.find('\r').unwrap() + 20;
    let cut = |range: Range<usize>| lines(text.as_bytes(), &range).map(|l| String::from_utf8_lossy(l).into_owned());
    assert_eq!(cut(middle..middle), Some(format!("two {line}\n{line}\r\n{line}\nABC")));
    assert_eq!(cut(1..2).as_deref(), Some("one"));
    assert_eq!(cut(text.len()..text.len()).as_deref(), Some(""));
    let long = "x ".repeat(2 * MAX_LINES);
    assert!(lines(long.as_bytes(), &(long.len() / 2..long.len() / 2)).is_none());
}

/// What readers say of a keyword is the same where nothing is left but what they have counted.
#[test]
fn readers_count_what_they_look_at() {
    let keywords: [(Reader, &str); 10] = [
        (Reader::Login, "login("),
        (Reader::Sql, "insert into"),
        (Reader::Assignment, "password"),
        (Reader::Assignment, "token"),
        (Reader::Assignment, "api_key"),
        (Reader::Url, "://"),
        (Reader::Header, "bearer"),
        (Reader::Command, "curl"),
        (Reader::Sql, "identified by"),
        (Reader::Jwk, "kty"),
    ];
    let kinds = [Kind::Code, Kind::Yaml, Kind::Properties, Kind::Shell, Kind::Markup];
    let mut pairs = 0;
    for seed in 0..1500 {
        let mut random = Random(seed);
        let mut text = filler(&mut random, 600);
        for _ in 0..random.next(8) {
            text.push_str(&fragments(&mut random));
        }
        text.push_str(&filler(&mut random, 600));
        let (text, kind) = (text.as_bytes(), kinds[random.next(kinds.len())]);
        for (reader, keyword) in keywords {
            let lower = text.to_ascii_lowercase();
            for start in memchr::memmem::find_iter(&lower, keyword) {
                let at = crate::finding::Span::new(start, start + keyword.len());
                let mut reading = Reading::default();
                let found = reading.read(reader, text, at, kind).to_vec();
                let reach = reading.steps as usize + UNCOUNTED;
                let (from, to) = (at.start.saturating_sub(reach), text.len().min(at.end + reach));
                let shifted = crate::finding::Span::new(at.start - from, at.end - from);
                let mut again = Reading::default();
                let near = again.read(reader, &text[from..to], shifted, kind);
                let place = |span: crate::finding::Span, by: usize| (span.start + by, span.end + by);
                let all = |list: &[crate::guards::secrets::assignment::Pair], by: usize| -> Vec<_> {
                    list.iter().map(|p| (place(p.name, by), place(p.value, by), p.place)).collect()
                };
                assert_eq!(all(near, from), all(&found, 0), "seed {seed}, {keyword} at {start} of {kind:?}");
                pairs += found.len();
            }
        }
    }
    assert!(pairs > 100, "{pairs} pairs prove little");
}
