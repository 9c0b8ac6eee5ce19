//! The judge as a whole: what is found, what is let go, and how well chance is told from writing.

use super::*;
use proptest::prelude::*;

const HEX: &[u8] = b"0123456789abcdef";
const LOWER: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL64: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const MARKED: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$*-";

/// A generator of numbers that always gives the same ones.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize
    }

    /// Random text with a digit in it.
    fn text(&mut self, alphabet: &[u8], len: usize) -> Vec<u8> {
        loop {
            let text: Vec<u8> = (0..len).map(|_| alphabet[self.next() % alphabet.len()]).collect();
            if text.iter().any(u8::is_ascii_digit) {
                return text;
            }
        }
    }
}

fn context(place: PlaceKind, path: &str) -> Context {
    Context { place, quoted: true, path: PathClass::of(path.as_bytes()) }
}

fn strength(name: &str, value: &[u8]) -> Option<Strength> {
    judge(name.as_bytes(), value, &context(PlaceKind::Assignment, "src/app.py"))
}

#[test]
fn finds_random_values_under_telling_names() {
    let names = [
        ("password", 12),
        ("dbPassword", 12),
        ("MYSQL_ROOT_PASSWORD", 14),
        ("spring.datasource.password", 12),
        ("passphrase", 16),
        ("token", 20),
        ("accessToken", 24),
        ("GITHUB_TOKEN", 40),
        ("apiToken", 32),
        ("api_key", 32),
        ("x-api-key", 40),
        ("client_secret", 24),
        ("secretKey", 32),
        ("SECRET_KEY_BASE", 64),
        ("encryption_key", 32),
        ("private_key", 44),
        ("sendgrid_key", 32),
        ("auth", 24),
        ("credentials", 24),
        ("session_id", 24),
        ("password_salt", 20),
        ("tokens[0]", 20),
        ("jwtSecret", 20),
        ("smtp_password_v4", 16),
        ("config[\"token\"]", 20),
    ];
    let mut chance = Chance(0x9e37_79b9);
    let (mut all, mut missed) = (0, Vec::new());
    for (name, len) in names {
        for alphabet in [HEX, LOWER, ALNUM, BASE64, URL64, MARKED] {
            for _ in 0..4 {
                let value = chance.text(alphabet, len);
                all += 1;
                if strength(name, &value) != Some(Strength::Strong) {
                    missed.push(format!("{name} = {}", String::from_utf8_lossy(&value)));
                }
            }
        }
    }
    assert!(all >= 600 && missed.len() * 50 <= all, "{} of {all}:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn finds_passwords_that_people_make_up() {
    let values = "television oracle laradock hunter2 dragon! sunshine7 letmein99 Tr0ub4dor&3 swordfish monkey12 iloveyou \
                  trustno1 correcthorse batterystaple ninja2020 Summer2019! Winter#21 welcome1 root1234x michael1 \
                  football superman! pa55w0rd! blink182 gandalf starwars99 matrix! cassandra penguin ignite pygmalion";
    for value in values.split_whitespace() {
        for name in ["password", "db_password", "MYSQL_PWD", "userPass"] {
            assert!(strength(name, value.as_bytes()).is_some(), "{name} {value}");
        }
        // machines make tokens
        assert_ne!(strength("token", value.as_bytes()), Some(Strength::Weak), "{value}");
        let sql = context(PlaceKind::Sql, "init.sql");
        assert!(judge(b"by", value.as_bytes(), &sql).is_some(), "{value}");
    }
}

/// `name value`, a line each; nothing here is a credential.
const NOTHING: &str = include_str!("nothing.txt");

#[test]
fn lets_go_what_is_none() {
    let mut found = Vec::new();
    let mut all = 0;
    for line in NOTHING.lines().filter(|l| !l.is_empty() && !l.starts_with("# ")) {
        let (name, value) = line.split_once(' ').unwrap();
        all += 1;
        for (place, path) in [(PlaceKind::Assignment, "src/app.js"), (PlaceKind::Config, "config/app.yml")] {
            // words for a password are reported to those who ask for what is doubtful
            let strength = judge(name.as_bytes(), value.as_bytes(), &context(place, path));
            if let Some(strength) = strength.filter(|s| *s > Strength::Doubtful) {
                found.push(format!("{line}: {strength:?}"));
            }
        }
    }
    assert!(all >= 250, "{all}");
    assert!(found.is_empty(), "{} of {all}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn files_decide_what_is_asked() {
    let random = Chance(7).text(ALNUM, 32);
    let at = |value: &[u8], path: &str| judge(b"password", value, &context(PlaceKind::Config, path));
    for path in ["locales/de.yml", "package-lock.json"] {
        assert_eq!(at(&random, path), None, "{path}");
    }
    assert_eq!(at(&random, "vendor/a/b.yml"), Some(Strength::Weak));
    for path in ["tests/a.yml", "README.md", "a/b.min.js"] {
        assert_eq!(at(&random, path), Some(Strength::Strong), "{path}");
        assert_eq!(at(b"television", path), Some(Strength::Slight), "{path}");
        // what keeps the rules of services for passwords is one wherever it stands
        assert_eq!(at(b"Sunny4days", path), Some(Strength::Weak), "{path}");
    }
    assert_eq!(at(b"television", "app.yml"), Some(Strength::Weak));
    // in sentences words stand beside a name without quotes
    let sentence = Context { quoted: false, ..context(PlaceKind::Config, "README.md") };
    assert_eq!(judge(b"password", b"television", &sentence), Some(Strength::Doubtful));
    assert_eq!(at(b"testPWD123", "app.yml"), Some(Strength::Slight));
    // what people write as one word they also set
    assert_eq!(at(b"mypassword", "app.yml"), Some(Strength::Slight));
    // words for a password, and names
    for word in [&b"very-secret"[..], b"topSecret", b"fakepassword", b"shop-database"] {
        assert_eq!(at(word, "app.yml"), Some(Strength::Doubtful), "{}", word.escape_ascii());
    }
}

#[test]
fn secrets_are_made_up_too() {
    let at =
        |name: &str, value: &[u8], path: &str| judge(name.as_bytes(), value, &context(PlaceKind::Assignment, path));
    for (name, value) in [
        ("client_secret", &b"someclientsecret"[..]),
        ("ClientSecret", b"xyzzyplugh"),
        ("JWT_SECRET", b"sleepingwalrus7"),
    ] {
        assert_eq!(at(name, value, "tests/a.py"), Some(Strength::Slight), "{name}");
        assert_eq!(at(name, value, "locales/a.py"), None, "{name}");
    }
    for (name, value) in [
        ("client_secret", &b"clientsecret"[..]),
        ("client_secret", b"short"),
        ("client_secret", b"two-words-apart"),
        ("client_secret", b"generateSecret"),
        ("secret", b"databaseaccess"),
        ("access_token", b"sleepingwalrus"),
    ] {
        assert_eq!(at(name, value, "src/a.py"), None, "{name} {}", value.escape_ascii());
    }
}

#[test]
fn keys_of_256_bits_are_no_names_in_code() {
    let mut chance = Chance(3);
    let (key, commit) = (chance.text(HEX, 64), chance.text(HEX, 40));
    assert_eq!(strength("key", &key), Some(Strength::Strong));
    assert_eq!(strength("key", &commit), None);
    assert_eq!(judge(b"key", &key, &context(PlaceKind::Config, "a.json")), None);
}

#[test]
fn numbers_are_passwords_where_their_place_proves_it() {
    let at = |place, value: &[u8]| judge(b"gray", value, &context(place, "src/a.py"));
    assert_eq!(at(PlaceKind::Url, b"123456"), Some(Strength::Doubtful));
    assert_eq!(at(PlaceKind::Url, b"000000"), None);
    assert_eq!(strength("password", b"123456"), None);
}

#[test]
fn places_decide_too() {
    let random = Chance(11).text(ALNUM, 24);
    let path = PathClass::Source;
    let judged =
        |name: &str, value: &[u8], place, quoted| judge(name.as_bytes(), value, &Context { place, quoted, path });
    assert_eq!(
        judged("Authorization", &[b"Bearer ", &random[..]].concat(), PlaceKind::Header, true),
        Some(Strength::Strong)
    );
    assert_eq!(judged("Bearer", b"token", PlaceKind::Header, false), None);
    assert_eq!(judged("nats", &random, PlaceKind::Url, false), Some(Strength::Strong));
    assert_eq!(judged("ignite", b"ignite", PlaceKind::Url, false), Some(Strength::Weak));
    assert_eq!(judged("user", b"pass", PlaceKind::Url, false), None);
    assert_eq!(judged("git", b"test", PlaceKind::Url, false), Some(Strength::Doubtful));
    assert_eq!(judged("password", b"television", PlaceKind::Option, false), Some(Strength::Weak));
    assert_eq!(judged("password", b"television", PlaceKind::Assignment, false), None, "a variable");
    assert_eq!(judged("token", &random, PlaceKind::Query, false), Some(Strength::Strong));
    assert_eq!(judged("tokens", &random, PlaceKind::List, true), Some(Strength::Strong));
    assert_eq!(judged("tokens", b"television", PlaceKind::List, true), None);
    assert_eq!(judged("title", &random, PlaceKind::Query, false), None);
}

#[test]
fn looks_into_base64() {
    let encode = |text: &str| {
        let mut text = crate::guards::secrets::base64::encode(text.as_bytes());
        text.extend(std::iter::repeat_n('=', (4 - text.len() % 4) % 4));
        text.into_bytes()
    };
    assert_eq!(strength("password", &encode("password1")), Some(Strength::Doubtful));
    assert_eq!(strength("password", &encode("swordfish")), Some(Strength::Weak));
    assert_eq!(strength("auth", &encode("user:password")), Some(Strength::Slight));
    assert_eq!(strength("token", &encode("this is a plain sentence in it")), None);
    let random = String::from_utf8(Chance(3).text(ALNUM, 20)).unwrap();
    assert_eq!(strength("token", &encode(&random)), Some(Strength::Strong));
    assert_eq!(strength("auth", &encode(&format!("api:{random}"))), Some(Strength::Strong));
}

#[test]
fn signatures_open_what_a_url_names() {
    let random = Chance(13).text(BASE64, 44);
    let path = PathClass::Source;
    let judged = |name: &str, place| judge(name.as_bytes(), &random, &Context { place, quoted: true, path });
    for name in ["signature", "X-Hub-Signature", "sig"] {
        assert_eq!(judged(name, PlaceKind::Assignment), None, "{name}");
        assert_eq!(judged(name, PlaceKind::Query), Some(Strength::Strong), "{name}");
    }
    assert!(judged("signature_key", PlaceKind::Assignment).is_some());
}

#[test]
fn a_uuid_may_be_the_key_of_a_program() {
    let uuid = b"8ee21d91-c000-428c-8032-235aac55da36";
    assert_eq!(strength("key", uuid), Some(Strength::Weak));
    assert_eq!(judge(b"key", uuid, &context(PlaceKind::Config, "data.yml")), None, "an entry's");
    assert_eq!(strength("accessToken", uuid), Some(Strength::Strong));
}

#[test]
fn judges_bytes() {
    let bytes: Vec<String> = Chance(5).text(ALNUM, 20).iter().map(u8::to_string).collect();
    let source = context(PlaceKind::List, "src/a.go");
    let judged = |name: &str, list: &str| judge_bytes(name.as_bytes(), list.as_bytes(), &source);
    assert_eq!(judged("authKey", &bytes.join(", ")), Some(Strength::Strong));
    assert_eq!(judged("title", &bytes.join(", ")), None);
    assert_eq!(judged("authKey", &bytes[..8].join(", ")), None, "too short");
    let row: Vec<String> = (0..32).map(|n| format!("0x{n:02x}")).collect();
    assert_eq!(judged("authKey", &row.join(",\n")), None, "a row");
    assert_eq!(judged("authKey", &["0"; 32].join(",")), None, "zeros");
    assert_eq!(judged("authKey", &["300"; 32].join(",")), None, "no bytes");
}

/// Of 2,000 random texts, the share of those that reach the bits asked of a secret.
fn recognised(alphabet: &[u8], len: usize) -> f32 {
    let mut chance = Chance(len as u64 * 0x9e37 + alphabet.len() as u64);
    let found = (0..2000).filter(|_| random::score(&chance.text(alphabet, len)).bits >= 13.0).count();
    found as f32 / 2000.0
}

#[test]
fn chance_is_recognised() {
    for (name, alphabet) in
        [("hex", HEX), ("lower", LOWER), ("alnum", ALNUM), ("base64", BASE64), ("url64", URL64), ("marked", MARKED)]
    {
        for (len, least) in
            [(8, 0.80), (10, 0.90), (12, 0.95), (16, 0.98), (20, 0.99), (32, 0.999), (64, 0.999), (200, 0.999)]
        {
            let share = recognised(alphabet, len);
            assert!(share >= least, "{name} {len}: {share}");
        }
    }
}

/// Every name in this crate's sources, tests aside: what people write.
fn harvest() -> std::collections::BTreeSet<Vec<u8>> {
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut names = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs") {
                let text = std::fs::read(path).unwrap();
                // tests hold samples
                let code = memchr::memmem::find(&text, b"#[cfg(test)]\nmod ").map_or(&text[..], |at| &text[..at]);
                let word = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
                names.extend(
                    code.split(|b| !word(b)).filter(|t| t.len() >= 6 && !t[0].is_ascii_digit()).map(<[u8]>::to_vec),
                );
            }
        }
    }
    names
}

#[test]
fn names_are_not_chance() {
    let names = harvest();
    let reached = |bits: f32| {
        names.iter().filter(|n| random::score(n).bits >= bits).map(|n| String::from_utf8_lossy(n)).collect::<Vec<_>>()
    };
    let found: Vec<_> = names
        .iter()
        .filter(|n| strength("token", n) == Some(Strength::Strong))
        .map(|n| String::from_utf8_lossy(n))
        .collect();
    assert!(reached(13.0).len() * 200 <= names.len(), "{}: {:?}", names.len(), reached(13.0));
    assert!(found.len() * 1000 <= names.len(), "{found:?}");
}

#[test]
fn any_length_is_linear() {
    let long: Vec<u8> = b"aZ9${(%_-. ".iter().copied().cycle().take(1 << 20).collect();
    assert_eq!(judge(&long, &long, &context(PlaceKind::Config, "a.yml")), None);
}

proptest! {
    #[test]
    fn nothing_panics(name in proptest::collection::vec(any::<u8>(), 0..200), value in proptest::collection::vec(any::<u8>(), 0..300), path in proptest::collection::vec(any::<u8>(), 0..60)) {
        let path = PathClass::of(&path);
        for place in [PlaceKind::Url, PlaceKind::Sql, PlaceKind::Header, PlaceKind::Assignment] {
            for quoted in [true, false] {
                let _ = judge(&name, &value, &Context { place, quoted, path });
            }
        }
    }

    #[test]
    fn nothing_panics_on_text(name in "[a-zA-Z_.\\[\\]-]{0,30}", value in "[ -~]{0,80}") {
        for path in [PathClass::Source, PathClass::Test] {
            let _ = judge(name.as_bytes(), value.as_bytes(), &Context { place: PlaceKind::Sql, quoted: true, path });
        }
    }
}
