//! The guard as a whole: every rule's examples, agreement with the regex crate, hostile texts.

mod places;

use super::assignment::Kind;
use super::compile::plan::{Search, catalogue};
use super::compile::schema;
use super::engine::{Focus, Found, compile};
use super::*;
use crate::change::{Oid, Origin, RepoPath};
use crate::finding::{Finding, Span};
use crate::policy::schema::Value;
use proptest::prelude::*;
use std::time::Instant;

fn policy(min_confidence: Confidence, files: &[&str]) -> Policy {
    let mut policy = Policy::default();
    policy.secrets.min_confidence = Value::default(min_confidence);
    let mut rules = vec![RuleSource::Builtin];
    rules.extend(files.iter().map(|text| RuleSource::File { name: "rules.toml".into(), text: (*text).into() }));
    policy.secrets.rules = Value::default(rules);
    policy
}

fn seen(path: &str) -> Occurrence {
    let path = RepoPath::new(path.as_bytes());
    Occurrence { path, origin: Origin::Index, kind: EntryKind::File, bases: Default::default() }
}

fn findings(policy: &Policy, path: &str, text: &[u8]) -> Vec<Finding> {
    let guard = Secrets::new(policy).unwrap();
    let (mut sink, seen) = (Sink::default(), [seen(path)]);
    guard.blob(&Blob { oid: None, bytes: text, seen: &seen }, &mut sink).unwrap();
    assert_eq!(sink.incomplete, []);
    sink.findings
}

fn token(seed: &str) -> String {
    template::expand("{{crc32b62:ghp_:30}}", seed).unwrap()
}

#[test]
fn every_rule_finds_its_examples_and_nothing_else() {
    let policy = policy(Confidence::Low, &[]);
    let guard = Secrets::new(&policy).unwrap();
    assert!(guard.rules().len() > 4);
    let failures = guard.check_examples().unwrap();
    let lines: Vec<String> = failures
        .iter()
        .map(|f| format!("{}: {:?} wanted, found {}: {}", f.rule, f.expected, f.found, f.example))
        .collect();
    assert!(failures.is_empty(), "{} of them\n{}", failures.len(), lines.join("\n"));
}

/// What `path` with `text` is reported for: rule and level.
fn told(least: Confidence, path: &str, text: &str) -> Vec<(String, Level)> {
    let found = findings(&policy(least, &[]), path, text.as_bytes());
    found.iter().map(|f| (f.rule.to_string(), f.level)).collect()
}

#[test]
fn paths_steer_generic_rules_alone() {
    let expand = |text: &str| template::expand(text, "paths").unwrap();
    let key = expand("k = \"{{pem:RSA PRIVATE KEY}}\"\n");
    let pat = format!("auth = \"{}\"\n", token("paths"));
    let password = expand("password: \"{{alnum:23}}7\"\n");
    let at = |path: &str, text: &str| told(Confidence::Medium, path, text);
    for path in
        ["src/a.yml", "vendor/a/b.yml", "node_modules/a/b.js", "locales/de.yml", "Cargo.lock", "tests/a.rb", "a.md"]
    {
        assert_eq!(at(path, &key), [("privatekey-pem".to_owned(), Level::Deny)], "{path}");
        assert_eq!(at(path, &pat), [("github-pat".to_owned(), Level::Deny)], "{path}");
    }
    let generic = |level| vec![("generic-password".to_owned(), level)];
    assert_eq!(at("src/a.yml", &password), generic(Level::Deny));
    assert_eq!(at("tests/a.yml", &password), generic(Level::Deny));
    assert_eq!(at("vendor/a/b.yml", &password), generic(Level::Warn));
    assert_eq!(at("locales/de.yml", &password), []);
    assert_eq!(at("Cargo.lock", &password), []);
}

#[test]
fn words_are_warned_of_or_noted_and_examples_shown_on_demand() {
    use Level::{Note, Warn};
    let reported = |level| vec![("generic-password".to_owned(), level)];
    for (path, text, level, default) in [
        ("src/a.py", "password = \"television\"\n", Warn, true),
        ("app.yml", "password: television\n", Warn, true),
        ("src/a.py", "password = \"sleeping-walrus\"\n", Warn, true),
        ("tests/a.py", "password = \"Sunny4days\"\n", Warn, true),
        // of a test, of everybody, of a sample, like its user
        ("tests/a.py", "password = \"television\"\n", Note, true),
        ("tests/a.py", "if password == \"television\":\n", Note, true),
        ("src/a.py", "if password == \"television\":\n", Note, true),
        ("tests/a.py", "password = \"mypassword\"\n", Note, true),
        ("README.md", "docker run -e DB_PASSWORD=harbourside db\n", Note, true),
        ("docker-compose.yml", "ELASTIC_PASSWORD: elastic\n", Note, true),
        ("app.yml", "password: guest\n", Note, true),
        ("app.yml", "password: changeme\n", Note, true),
        ("app.yml", "password: P@ssw0rd\n", Note, true),
        ("src/a.rs", "/// let password = \"Sunny4days\";\n", Note, true),
        ("app.yml", "db_user: gitea\npassword: gitea\n", Note, true),
        ("README.md", "password = \"television\"\n", Note, true),
        ("a/.travis.yml", "- docker run -e DB_PASSWORD=verysecret db\n", Note, true),
        ("README.md", "password: television\n", Note, false),
        ("src/a.rs", "/// let password = \"television\";\n", Note, false),
        ("src/a.py", "EXAMPLES = '''\npassword: \"television\"\n'''\n", Note, false),
        ("tests/a.yml", "db_user: gitea\npassword: \"gitea\"\n", Note, false),
        ("tests/a.py", "password = \"secret\"\n", Note, false),
        ("README.md", "docker run -e DB_PASSWORD=very-secret db\n", Note, false),
        ("app.yml", "password: shop-database\n", Note, false),
    ] {
        assert_eq!(told(Confidence::Low, path, text), reported(level), "{path} {text}");
        let expected = if default { reported(level) } else { Vec::new() };
        assert_eq!(told(Confidence::Medium, path, text), expected, "{path} {text}");
    }
    // nothing, however one asks
    for text in ["password: ${DB_PASSWORD}\n", "password: password\n", "password: <password>\n", "password: xxxxxxxx\n"]
    {
        assert_eq!(told(Confidence::Low, "app.yml", text), [], "{text}");
    }
}

#[test]
fn a_failed_checksum_lowers_and_keeps() {
    let pat = token("checksum");
    let last = if pat.ends_with('0') { '1' } else { '0' };
    let text = format!("t = \"{}{last}\"\n", &pat[..pat.len() - 1]);
    let found = findings(&policy(Confidence::Low, &[]), "a.py", text.as_bytes());
    let told: Vec<_> = found.iter().map(|f| (&*f.rule, f.confidence, f.note.contains("checksum invalid"))).collect();
    assert_eq!(told, [("github-pat", Confidence::Medium, true)]);
}

#[test]
fn other_rules_of_a_value_are_named() {
    let text = format!("token = \"{}\"\n", token("also"));
    let found = findings(&policy(Confidence::Medium, &[]), "a.py", text.as_bytes());
    let told: Vec<_> = found.iter().map(|f| (&*f.rule, f.note.ends_with(", also generic-token"))).collect();
    assert_eq!(told, [("github-pat", true)], "{}", found[0].note);
}

#[test]
fn values_are_read_in_the_places_of_many_languages() {
    let expand = |text: &str| template::expand(text, "places").unwrap();
    let bytes: Vec<String> = expand("{{alnum:20}}").bytes().map(|b| b.to_string()).collect();
    for (path, text) in [
        ("main.tf", expand("variable \"db_password\" {\n  type = string\n  default = \"{{alnum:19}}7\"\n}\n")),
        ("a.go", format!("authKey := []byte{{{}}}\n", bytes.join(", "))),
        ("a.c", format!("uint8_t secret_key[] = {{\n  {},\n}};\n", bytes.join(",\n  "))),
        ("a.py", expand("r = call(\"docker run -e MYSQL_USER=app MYSQL_PASSWORD={{alnum:15}}7 mysql\")\n")),
        ("a.js", expand("u = 'otpauth://totp/app:me?secret={{base32:32}}&issuer=app'\n")),
        ("a.js", expand("connect('jsapi_ticket', '{{alnum:40}}7')\n")),
    ] {
        assert_eq!(told(Confidence::Medium, path, &text).len(), 1, "{text}");
    }
    for text in ["row(\"PAGE\", \"PASSWORD\", \"PRIMARY\")", "password = password.decode(\"UTF-8\")"] {
        assert_eq!(told(Confidence::Low, "a.py", text), [], "{text}");
    }
}

#[test]
#[allow(clippy::print_stdout, reason = "for people who write rules")]
fn every_rule_has_a_distinctive_literal() {
    let set = &builtin::BUILTIN;
    assert_eq!(set.searched_always(), 0, "rules that would search every text");
    for (n, rule) in set.rules().iter().enumerate() {
        set.filters(n as u16).unwrap();
        assert!(Confidence::from_name(rule.confidence).is_some() && Level::from_name(rule.level).is_some());
    }
    let searches = set.rules().rows.iter().map(|row| matches!(row.search, Search::Regex { .. }));
    let slow: Vec<_> = set.rules().iter().zip(searches).filter(|(_, slow)| *slow).map(|(rule, _)| rule.id).collect();
    println!("{} of {} rules need the regex crate: {slow:?}", slow.len(), set.rules().rows.len());
}

#[test]
fn words_of_rule_files_are_those_of_the_values() {
    let names: Vec<_> = Level::ALL.iter().map(|l| l.name()).collect();
    assert_eq!(schema::LEVELS, names);
    let names: Vec<_> = Confidence::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(schema::CONFIDENCES, names);
}

// ── the engine against the regex crate ──────────────────────────────────────────────────────────────

/// What the regex crate finds for one rule; `None` where keywords shut it out.
fn by_regex(set: &RuleSet, index: u16, text: &[u8]) -> Vec<Found> {
    let (rule, row) = (set.rules().get(index).unwrap(), set.row(index).unwrap());
    let lower = text.to_ascii_lowercase();
    if rule.gate.iter().len() > 0 && !rule.gate.iter().any(|w| memchr::memmem::find(&lower, w.as_bytes()).is_some()) {
        return vec![];
    }
    let regex = compile(rule.regex).unwrap();
    let span = |m: regex::bytes::Match<'_>| Span::new(m.start(), m.end());
    let found = regex.captures_iter(text).map(|groups| {
        let whole = span(groups.get(0).unwrap());
        let full = |n: usize| groups.get(n).map(span).filter(|s| s.start < s.end);
        let secret = match row.secret_group {
            0 => (1..groups.len()).find_map(full),
            n => full(usize::from(n)),
        };
        Found { rule: index, whole, secret: secret.unwrap_or(whole), pair: None }
    });
    found.collect()
}

fn by_engine(set: &RuleSet, text: &[u8]) -> Vec<Found> {
    let runs = decode::each(text, |_| Ok(())).unwrap().runs;
    let [all, other] = [runs.as_deref(), None].map(|runs| {
        let mut all = vec![];
        // readers have tests of their own
        let on_found = |f: Found| all.extend(Some(f).filter(|f| f.pair.is_none()));
        set.scan(text, Kind::Code, Focus { runs, ranges: None }, on_found).unwrap();
        all.sort_by_key(|f| (f.rule, f.whole));
        all
    });
    assert_eq!(all, other, "the runs tell where nothing can be");
    all
}

fn set_of(regexes: &[&str]) -> RuleSet {
    let rules = regexes.iter().enumerate().map(|(n, r)| format!("[[rules]]\nid = 'r{n}'\nregex = '''{r}'''\n"));
    let file = schema::read(&rules.collect::<String>()).unwrap();
    RuleSet::new(catalogue(&file.rules).unwrap())
}

fn assert_agrees(set: &RuleSet, rules: impl Iterator<Item = usize>, text: &[u8]) {
    let ours = by_engine(set, text);
    for n in rules {
        let index = n as u16;
        let rule = &set.rules().get(index).unwrap();
        if matches!(set.row(index).unwrap().search, Search::Reader(_)) {
            continue;
        }
        let ours: Vec<Found> = ours.iter().filter(|f| f.rule == index).copied().collect();
        let shown = String::from_utf8_lossy(text);
        assert_eq!(
            ours,
            by_regex(set, index, text),
            "{} {:?} {}\nin {shown:?}",
            rule.id,
            set.row(index).unwrap().search,
            rule.regex
        );
    }
}

/// Regexes that are hard to anchor, in one small alphabet so that texts hit them often.
const HARD: &[&str] = &[
    r"ab_c",
    r"(?i)ab_c",
    r"\b(ab_[abc]{3})\b",
    r"[abc]{0,4}ab_(c*)",
    r"[abc]{0,4}?ab_(c*?)\b",
    r"(?:ab_|b_ca)(a|ab|abc)?",
    r"(a+)(b_c)(?:a|(b))",
    r"c{2,3}?b_a",
    r"(?:ab|ba){1,3}_c",
    r"(?:ab)+_c",
    r"a(?s:.){0,6}?b_c",
    r"(?m)^ab_c$",
    r"\Aab|_cc\z",
    r"(?i)a[bc]_(?:c(a)|a(b)|(_))",
    r"(?:a|aa|aaa)_c[abc]{1,2}",
    r"[^a]{1,3}ab_|bb_c",
    r"a_(?:[^_]*)_c",
    r"\Bb_c\B",
    r"[abc_]{6}cc_",
    r"x?(?:ab_ca|b_c)",
    r"(?:[abc]{1,3}_){2}a",
    r"[ab]*c_c",
    r"((a)|(b))_((c)|(a))",
];

#[test]
fn rules_are_searched_for_in_the_cheapest_way() {
    let set = set_of(&[
        r"\b(ghp_[0-9A-Za-z]{36})\b",
        r"[a-z]{0,8}ghp_[0-9]{4}",
        r"\w+ghp_[0-9]{4}",
        r"(?:[a-z]+\.)+ghp_[0-9]{4}",
        r"[0-9a-f]{32}",
    ]);
    let ways: Vec<Search> = set.rules().rows.iter().map(|r| r.search).collect();
    assert!(matches!(ways[0], Search::Program { check: None, back: 0, least: 0, .. }), "{ways:?}");
    assert!(matches!(ways[1], Search::Program { check: Some(_), back: 8, least: 0, .. }), "{ways:?}");
    // the check still runs before the regex crate is asked
    assert!(matches!(ways[2], Search::Regex { check: Some(_), back: None }), "{ways:?}");
    assert!(matches!(ways[3], Search::Regex { check: Some(_), back: None }), "{ways:?}");
    assert!(matches!(ways[4], Search::Regex { check: None, back: None }), "{ways:?}");
    assert_eq!(set.searched_always(), 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn hard_regexes_agree_with_the_regex_crate(text in "[abcABC_ \n]{0,120}|(ab_c|b_ca|_c|cc_|a){0,40}") {
        thread_local!(static SET: RuleSet = set_of(HARD));
        SET.with(|set| assert_agrees(set, 0..HARD.len(), text.as_bytes()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Examples of a few rules, cut, doubled and joined: everything that nearly matches.
    #[test]
    fn built_in_rules_agree_with_the_regex_crate(
        picks in prop::collection::vec((any::<prop::sample::Index>(), any::<u16>(), 0..4u8), 1..6),
    ) {
        let set = &builtin::BUILTIN;
        let (mut text, mut rules) = (Vec::new(), vec![]);
        for (pick, salt, change) in picks {
            let n = pick.index(set.rules().rows.len());
            let rule = &set.rules().get(n as u16).unwrap();
            rules.push(n);
            let examples: Vec<&str> = rule.matches.iter().collect();
            let example = examples[usize::from(salt) % examples.len()];
            let mut part = template::expand(example, &format!("{salt}")).unwrap().into_bytes();
            let at = usize::from(salt) % part.len();
            match change {
                0 => part.truncate(at),
                1 => part.extend_from_within(at..),
                2 => part[at] = b'\n',
                _ => {}
            }
            text.extend(part);
            text.extend([b"", &b"\n"[..], b" ", b"\""][usize::from(salt) % 4]);
        }
        assert_agrees(set, rules.into_iter(), &text);
    }
}

// ── hostile texts ───────────────────────────────────────────────────────────────────────────────────

fn assert_fast(what: &str, text: &[u8]) {
    let policy = policy(Confidence::Low, &[]);
    let guard = Secrets::new(&policy).unwrap();
    let since = Instant::now();
    let (mut sink, seen) = (Sink::default(), [seen("a")]);
    guard.blob(&Blob { oid: None, bytes: text, seen: &seen }, &mut sink).unwrap();
    // a debug build on a busy machine; quadratic behaviour would take hours
    assert!(since.elapsed().as_secs() < 60, "{what}: {:?}", since.elapsed());
}

#[test]
fn a_million_hits_stay_linear() {
    for unit in
        ["ghp_", "-----BEGIN RSA PRIVATE KEY-----\n", "password=", "eyJ", "https://a:b@", "AKIA", "github_token"]
    {
        assert_fast(unit, unit.repeat((1 << 20) / unit.len()).as_bytes());
    }
}

#[test]
fn unbounded_runs_are_given_to_the_regex_crate() {
    let set = set_of(&[r"begin_(?s:.)*?never_here", r"tok_\w*\.end_"]);
    let text = "begin_ tok_".repeat(20_000);
    let since = Instant::now();
    assert_eq!(by_engine(&set, text.as_bytes()), []);
    assert!(since.elapsed().as_secs() < 60);
}

#[test]
fn more_findings_than_can_be_told_are_incomplete() {
    let policy = policy(Confidence::Low, &[]);
    let guard = Secrets::new(&policy).unwrap();
    let text: String = (0..60).map(|n| format!("t = \"{}\"\n", token(&n.to_string())).repeat(90)).collect();
    let (mut sink, seen) = (Sink::default(), [seen("a")]);
    guard.blob(&Blob { oid: None, bytes: text.as_bytes(), seen: &seen }, &mut sink).unwrap();
    assert_eq!((sink.findings.len(), sink.incomplete.len()), (5000, 1));
}

// ── the guard ───────────────────────────────────────────────────────────────────────────────────────

#[test]
fn a_finding_says_where_what_and_how_sure() {
    let token = token("a");
    let text = format!("first\n  x = \"{token}\"\n");
    let all = findings(&Policy::default(), "src/a.py", text.as_bytes());
    let [finding] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&*finding.rule, finding.confidence), ("github-pat", Confidence::High));
    assert_eq!(finding.note, "40 bytes, checksum valid");
    let at = finding.at.position.as_ref().unwrap();
    assert_eq!((at.line, at.column, at.end_column), (2, 8, 48));
    assert_eq!(finding.secret.as_ref().unwrap().expose(), token.as_bytes());
    assert!(finding.help[0].contains("github.com/settings/tokens"), "{:?}", finding.help);
    assert!(!format!("{finding:?}").contains(&token[8..20]));
}

#[test]
fn the_fingerprint_follows_the_secret_not_the_place() {
    let (a, b) = (token("a"), token("b"));
    let of = |path: &str, text: String| findings(&Policy::default(), path, text.as_bytes())[0].fingerprint.clone();
    assert_eq!(of("x", format!("t={a}")), of("y", format!("\n\nother={a}")));
    assert_ne!(of("x", format!("t={a}")), of("x", format!("t={b}")));
}

#[test]
fn repeated_places_are_told_and_counted() {
    let text = format!("{}\n", token("a")).repeat(104);
    let all = findings(&Policy::default(), "a", text.as_bytes());
    assert_eq!(all.len(), 100);
    assert!(all[99].note.ends_with("4 more times here"), "{}", all[99].note);
}

#[test]
fn path_names_are_searched() {
    let all = findings(&Policy::default(), &format!("keys/{}.txt", token("a")), b"nothing");
    assert_eq!((all.len(), all[0].at.position.is_none()), (1, true));
    assert!(all[0].note.ends_with("in the path's name"), "{}", all[0].note);
    assert!(all[0].secret.is_some() && all[0].own_words);
    // a key store is told by its path, which is no credential
    let all = findings(&Policy::default(), "certs/server.p12", b"nothing");
    assert_eq!(all.iter().map(|f| (&*f.rule, f.level)).collect::<Vec<_>>(), [("privatekey-pkcs12-file", Level::Note)]);
    assert_eq!(all[0].secret, None);
}

#[test]
fn commits_and_tags_are_searched() {
    let (oid, token) = (Oid::from_bytes(&[1; 20]).unwrap(), token("a"));
    let person = "A <a@example.org> 0 +0000";
    let raw = format!("tree {oid}\nauthor {token} <a@b> 0 +0000\ncommitter {person}\n\nuse {token}\n");
    let policy = Policy::default();
    let guard = Secrets::new(&policy).unwrap();
    let mut sink = Sink::default();
    guard.commit(&Commit::parse(oid, raw.into_bytes()).unwrap(), &mut sink).unwrap();
    let lines: Vec<_> = sink.findings.iter().map(|f| f.at.position.as_ref().map(|p| p.column)).collect();
    assert_eq!(lines, [Some(5), None]);
    let raw = format!("object {oid}\ntype commit\ntag v1\ntagger {person}\n\nrelease {token}\n").into_bytes();
    guard.tag(&Tag { oid, refname: None, raw }, &mut sink).unwrap();
    assert_eq!(sink.findings.len(), 3);
}

#[test]
fn users_rules_take_part_and_take_over() {
    let own = "
        [[rules]]
        id = 'corp-key'
        regex = '''corp_(?:key|token)_([a-z0-9]{12})'''
        confidence = 'high'
        stopwords = ['abc']
        [[rules]]
        id = 'github-pat'
        regex = '''never_in_a_text'''
    ";
    let policy = policy(Confidence::Medium, &[own]);
    let text = format!("corp_key_q7w8e9r0t1y2 corp_key_abc8e9r0t1y2 {}", token("a"));
    let all = findings(&policy, "a", text.as_bytes());
    let [finding] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&*finding.rule, finding.secret.as_ref().unwrap().expose()), ("corp-key", &b"q7w8e9r0t1y2"[..]));
    let guard = Secrets::new(&policy).unwrap();
    assert_eq!(guard.rules().iter().filter(|r| r.id == "github-pat").count(), 1);
    let disabled = self::policy(Confidence::Medium, &["[extend]\ndisabledRules = ['github-pat']"]);
    assert_eq!(findings(&disabled, "a", text.as_bytes()), []);
}

#[test]
fn rules_without_literals_and_with_keywords_run() {
    let own = "
        [[rules]]
        id = 'gated'
        regex = '''[0-9a-f]{40}'''
        keywords = ['Sourcegraph']
        [[rules]]
        id = 'always'
        regex = '''\\b[0-9]{17}q\\b'''
        path = '''\\.conf$'''
        [[allowlists]]
        paths = ['''^vendor/''']
    ";
    let policy = policy(Confidence::Low, &[own]);
    let ids = |path: &str, text: &str| -> Vec<String> {
        findings(&policy, path, text.as_bytes()).into_iter().map(|f| f.rule.into_owned()).collect()
    };
    let hex = template::expand("{{hex:40}}", "x").unwrap();
    assert_eq!(ids("a", &format!("x {hex}")), [""; 0]);
    assert!(ids("a", &format!("SourceGraph {hex}")).contains(&"gated".to_owned()));
    assert_eq!(ids("a.conf", "20571839460281735q"), ["always"]);
    assert_eq!(ids("a.txt", "20571839460281735q"), [""; 0]);
    assert_eq!(ids("vendor/a.conf", "20571839460281735q"), [""; 0]);
}

#[test]
fn excluded_paths_and_submodules_are_not_wanted() {
    let mut policy = Policy::default();
    let glob = globset::GlobBuilder::new("vendor/**").literal_separator(true).build().unwrap();
    policy.secrets.common.exclude.value.set = globset::GlobSetBuilder::new().add(glob).build().unwrap();
    let guard = Secrets::new(&policy).unwrap();
    assert!(guard.wants(&seen("src/a")));
    assert!(!guard.wants(&seen("vendor/a")));
    assert!(!guard.wants(&Occurrence { kind: EntryKind::Gitlink, ..seen("sub") }));
}

#[test]
fn costs_are_told_by_rule() {
    let policy = Policy::default();
    let guard = Secrets::new(&policy).unwrap();
    let costs = guard.profile(format!("{} ghp_", token("a")).as_bytes()).unwrap();
    assert!(costs.iter().any(|(id, hits, _)| id == "github-pat" && *hits == 2), "{costs:?}");
}
