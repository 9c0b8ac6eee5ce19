//! What gitleaks itself says, and what of it can be asked without gitleaks.
//!
//! Two tests ask more of the machine, and pass where they are not told:
//!
//! | variable | names |
//! |---|---|
//! | `GITWARD_TEST_GITLEAKS_CONFIG` | gitleaks' own configuration, `config/gitleaks.toml` of its repository |
//! | `GITWARD_TEST_GITLEAKS` | the program, for a comparison |
//! | `GITWARD_TEST_GITLEAKS_SAMPLES` | a folder of files to compare on |

use super::*;
use crate::change::{Blob, EntryKind, Occurrence, Oid, Origin, RepoPath};
use crate::guard::{Guard, Sink};
use crate::guards::secrets::Secrets;
use crate::policy::{Policy, RuleSource};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn var(name: &str) -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "tests of what the machine may have")]
    std::env::var_os(name).map(PathBuf::from)
}

fn nothing(name: &str) -> Result<Arc<str>, String> {
    Err(format!("{name} is not there"))
}

fn load(text: &str) -> Result<Config, RulesError> {
    Config::load(".gitleaks.toml", text.into(), &nothing)
}

fn scan(config: &Config, text: &str, path: &str, commit: Option<&str>) -> Vec<(String, usize, String)> {
    let fragment = Fragment { bytes: text.as_bytes(), path: path.as_bytes(), commit, first_line: 1 };
    let leaks = config.scan(&fragment, 5).unwrap().into_iter();
    leaks.map(|leak| (leak.rule_id, leak.start_line, String::from_utf8(leak.secret).unwrap())).collect()
}

fn ids(config: &Config, text: &str, path: &str, commit: Option<&str>) -> Vec<String> {
    scan(config, text, path, commit).into_iter().map(|(id, ..)| id).collect()
}

#[test]
fn reads_files_as_loosely_as_gitleaks() {
    let config = load(
        r#"
        Title = 7
        unknown = [1]
        minVersion = "v99.0"
        [[rules]]
        ID = 5
        Regex = "k=([a-z]+)([0-9]+)"
        secretgroup = "2"
        Keywords = "K=,zz"
        entropy = "0.5"
        [rules.allowList]
        stopWords = "777"
        [[rules]]
        id = "5x"
        regex = "never"
        [[rules]]
        id = "5x"
        path = "[.]pem$"
        "#,
    )
    .unwrap();
    assert_eq!(scan(&config, "\nk=ab12 k=ab11 k=ab17776", "f", None), [("5".to_owned(), 2, "12".to_owned())]);
    assert_eq!(ids(&config, "", "a.pem", None), ["5x"]);
    assert_eq!(config.notices().len(), 1);
}

#[test]
fn refuses_with_a_place_and_a_reason() {
    let cases = [
        ("[[rules]]\nid = 'a'", 2, "neither"),
        ("[[rules]]\nid = ' '\nregex = 'a'", 2, "without `id`"),
        ("[[rules]]\nid = 'a'\nregex = \'\'\'ab(c\'\'\'", 3, "not closed"),
        ("[[rules]]\nid = 'a'\nregex = '(a)'\nsecretGroup = 2", 4, "1 groups"),
        ("[[rules]]\nid = 'a'\nregex = ['a']", 3, "expected a string"),
        ("[[rules]]\nid = 'a'\nregex = 'a'\n[[rules.required]]\nid = 'b'", 2, "does not have"),
        ("[[allowlists]]\ncondition = 'XOR'\npaths = ['a']", 2, "unknown condition"),
        ("[[allowlists]]\nregexTarget = 'file'\npaths = ['a']", 2, "unknown target"),
        ("[[allowlists]]\ndescription = 'a'", 1, "allows nothing"),
        ("[[allowlists]]\npaths = ['a']\n[allowlist]\npaths = ['b']", 3, "beside one another"),
        ("[[allowlists]]\npaths = ['a']\ntargetRules = ['b']", 1, "does not exist"),
        ("[extend]\nuseDefault = true\npath = 'x'", 3, "both"),
        ("[extend]\npath = 'x'", 2, "cannot be extended"),
        ("minVersion = 'new'", 1, "no version"),
    ];
    for (text, line, why) in cases {
        let error = load(text).unwrap_err();
        assert_eq!(error.line, line, "{text}: {error}");
        assert!(error.message.contains(why), "{text}: {error}");
    }
    assert_eq!(load("[[rules]]\nid = 'a'\nregex = 'ab(c'").unwrap_err().column, 12);
    // a table that says nothing is as none
    assert!(load("[allowlist]\n[[rules]]\nid = 'a'\nregex = 'a'").is_ok());
}

#[test]
fn extends_files_to_a_depth_of_two() {
    let files = |name: &str| match name {
        "one" => Ok("[extend]\npath = 'two'\n[[rules]]\nid = 'a'\nregex = 'one'\ntags = ['base']".into()),
        "two" => {
            Ok("[extend]\npath = 'three'\n[[rules]]\nid = 'b'\nregex = 'two'\n[[rules]]\nid = 'off'\nregex = 'off'"
                .into())
        }
        name => nothing(name),
    };
    let text = "[extend]\npath = 'one'\ndisabledRules = ['off', 'nil']\n[[rules]]\nid = 'a'\ntags = ['own']\n\
                [[allowlists]]\ntargetRules = ['b']\npaths = ['^docs/']";
    let config = Config::load("x", text.into(), &files).unwrap();
    assert_eq!(ids(&config, "one two off", "f", None), ["a", "b"]);
    assert_eq!(ids(&config, "one two off", "docs/f", None), ["a"]);
    let fragment = Fragment { bytes: b"one", path: b"", commit: None, first_line: 3 };
    let leaks = config.scan(&fragment, 0).unwrap();
    assert_eq!((&leaks[0].tags[..], leaks[0].start_line), (&["base".to_owned(), "own".to_owned()][..], 3));
    assert_eq!(config.notices().len(), 1, "{:?}", config.notices());
}

#[test]
fn composite_rules_ask_for_neighbours() {
    let config = load(
        "[[rules]]\nid = 'main'\nregex = 'tok[0-9]'\n[[rules.required]]\nid = 'aux'\nwithinLines = 1\n\
         [[rules]]\nid = 'aux'\nregex = 'host'\nskipReport = true\nkeywords = ['nowhere']",
    )
    .unwrap();
    assert_eq!(scan(&config, "tok1\n\n\nhost\ntok2\n", "f", None), [("main".to_owned(), 5, "tok2".to_owned())]);
    assert!(ids(&config, "tok1", "f", None).is_empty());
}

#[test]
fn commits_comments_and_generic_rules() {
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let text = format!(
        "[[allowlists]]\ncommits = ['{}']\n[[rules]]\nid = 'my-Generic-one'\nregex = '[a-z]{{4}}[0-9]'\n\
         [[rules]]\nid = 'pat'\nregex = 'pat_[a-z]{{4}}[0-9]'",
        commit.to_uppercase()
    );
    let mut config = load(&text).unwrap();
    assert_eq!(ids(&config, "pat_abcd1\nabcd1\n", "f", None), ["my-Generic-one", "pat"]);
    assert!(ids(&config, "pat_abcd1", "f", Some(commit)).is_empty());
    assert!(ids(&config, "pat_abcd1 # gitleaks:allow\n", "f", None).is_empty());
    config.ignore_allow_comments();
    assert_eq!(ids(&config, "pat_abcd1 # gitleaks:allow\n", "f", None), ["pat"]);
    assert_eq!(config.enable_only(&["nil".to_owned()]), Err("nil".to_owned()));
    config.enable_only(&["my-Generic-one".to_owned()]).unwrap();
    assert_eq!(ids(&config, "pat_abcd1\n", "f", None), ["my-Generic-one"]);
}

#[test]
fn finds_in_encoded_text() {
    let config = load("[[rules]]\nid = 'a'\nregex = 'tok-[0-9]{8}'\ntags = ['t']").unwrap();
    let encoded = crate::guards::secrets::base64::encode(b"tok-12345678 ");
    let text = format!("x\nk: {encoded}\n");
    let fragment = Fragment { bytes: text.as_bytes(), path: b"f", commit: None, first_line: 1 };
    let leaks = config.scan(&fragment, 5).unwrap();
    assert_eq!(leaks.len(), 1);
    assert_eq!((leaks[0].start_line, leaks[0].start_column), (2, 5));
    assert_eq!(leaks[0].tags, ["t", "decoded:base64", "decode-depth:1"]);
    assert!(config.scan(&fragment, 0).unwrap().is_empty());
}

/// What the guard reports of a file at a path, with the built-in rules and a configuration.
fn guarded(text: &str, content: &str, path: &str, origin: Origin) -> Vec<String> {
    let mut policy = Policy::default();
    policy.secrets.rules.value = vec![
        RuleSource::Builtin,
        RuleSource::Gitleaks { name: ".gitleaks.toml".into(), text: text.into(), extends: Vec::new() },
    ];
    let guard = Secrets::new(&policy).unwrap();
    let path = RepoPath::new(path.as_bytes());
    let seen = [Occurrence { path, origin, kind: EntryKind::File, bases: Default::default() }];
    let mut sink = Sink::default();
    guard.blob(&Blob { oid: None, bytes: content.as_bytes(), seen: &seen }, &mut sink).unwrap();
    sink.findings.iter().map(|finding| finding.rule.to_string()).collect()
}

#[test]
fn the_guard_honours_a_configuration() {
    let pat = crate::guards::secrets::template::expand("{{crc32b62:ghp_:30}}", "gitleaks").unwrap();
    let named = "[[rules]]\nid = 'own'\nregex = 'own_[0-9a-f]{8}'\n[[rules]]\nid = 'key-file'\npath = '[.]pem$'\n";
    let own = "own_5f3a91c7\n";
    assert_eq!(guarded(named, own, "a", Origin::Index), ["own"]);
    assert_eq!(guarded(named, "nothing", "a.pem", Origin::Index), ["key-file"]);
    let found = guarded(named, &pat, "a", Origin::Index);
    assert_eq!(found.len(), 1, "the built-in rules stay: {found:?}");
    // allow-lists hold for built-in rules too; rules can be switched off by name
    let allow = format!("{named}[[allowlists]]\npaths = ['^test/']");
    assert!(guarded(&allow, &pat, "test/a", Origin::Index).is_empty());
    assert_eq!(guarded(&allow, &pat, "a", Origin::Index), found);
    let off = format!("[extend]\nuseDefault = true\ndisabledRules = ['{}']", found[0]);
    assert!(guarded(&off, &pat, "a", Origin::Index).is_empty());
    let target =
        format!("[extend]\nuseDefault = true\n[[allowlists]]\ntargetRules = ['{}']\nregexes = ['^ghp']", found[0]);
    assert!(guarded(&target, &pat, "a", Origin::Index).is_empty());
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let oid = Oid::from_hex(commit.as_bytes()).unwrap();
    let commits = format!("{named}[[allowlists]]\ncommits = ['{commit}']");
    assert!(guarded(&commits, own, "a", Origin::Commit(oid)).is_empty());
    assert_eq!(guarded(&commits, own, "a", Origin::Index), ["own"]);
}

#[test]
fn every_pattern_of_gitleaks_compiles() {
    let Some(path) = var("GITWARD_TEST_GITLEAKS_CONFIG") else { return };
    let config = load(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert!(config.rules.all.len() > 200);
    for rule in &config.rules.all {
        let allow = rule.allow.iter().chain(&config.rules.allow);
        let allowed = allow.flat_map(|list| list.regexes.iter().chain(&list.paths));
        for pattern in allowed.chain(rule.regex.as_deref()).chain(rule.path.as_deref()) {
            pattern.is_match(b"ascii").unwrap();
            pattern.is_match("\u{e9}".as_bytes()).unwrap();
        }
    }
}

/// Files below a folder, in order, by their names from there.
fn files(root: &Path) -> BTreeMap<String, PathBuf> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), path);
            }
        }
    }
    found
}

/// As Go writes JSON: U+FFFD for each byte that is no character.
fn characters(text: &[u8]) -> String {
    let chunk = |c: std::str::Utf8Chunk<'_>| c.valid().to_owned() + &"\u{FFFD}".repeat(c.invalid().len());
    text.utf8_chunks().map(chunk).collect()
}

#[test]
fn finds_what_gitleaks_finds() {
    let variables = ["GITWARD_TEST_GITLEAKS", "GITWARD_TEST_GITLEAKS_CONFIG", "GITWARD_TEST_GITLEAKS_SAMPLES"];
    let [Some(program), Some(path), Some(root)] = variables.map(var) else { return };
    let config = load(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let report = tempfile::NamedTempFile::new().unwrap();
    let status = std::process::Command::new(program)
        .args(["dir", ".", "--no-banner", "--exit-code", "0", "--log-level", "error", "--report-format", "json", "-c"])
        .arg(path)
        .arg("--report-path")
        .arg(report.path())
        .current_dir(&root)
        .status()
        .unwrap();
    assert!(status.success());
    let theirs: serde_json::Value = serde_json::from_slice(&std::fs::read(report.path()).unwrap()).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    // all but the entropy, whose last digit hangs on the order of a sum
    let mut wanted: Vec<(String, f64)> = Vec::new();
    for f in theirs.as_array().unwrap() {
        let place = ["StartLine", "EndLine", "StartColumn", "EndColumn"].map(|key| f[key].as_u64().unwrap());
        let tags: Vec<String> = f["Tags"].as_array().unwrap().iter().map(text).collect();
        let texts = ["RuleID", "Match", "Secret"].map(|key| text(&f[key]));
        wanted.push((format!("{} {texts:?} {place:?} {tags:?}", text(&f["File"])), f["Entropy"].as_f64().unwrap()));
    }
    let mut found: Vec<(String, f64)> = Vec::new();
    for (name, path) in files(&root) {
        let bytes = std::fs::read(path).unwrap();
        if config.skips_path(name.as_bytes()) {
            continue;
        }
        let fragment = Fragment { bytes: &bytes, path: name.as_bytes(), commit: None, first_line: 1 };
        for leak in config.scan(&fragment, 5).unwrap() {
            let place = [leak.start_line, leak.end_line, leak.start_column, leak.end_column];
            let texts = [leak.rule_id, characters(&leak.matched), characters(&leak.secret)];
            found.push((format!("{name} {texts:?} {place:?} {:?}", leak.tags), leak.entropy.into()));
        }
    }
    wanted.sort_by(|a, b| a.0.cmp(&b.0));
    found.sort_by(|a, b| a.0.cmp(&b.0));
    for ((one, a), (other, b)) in wanted.iter().zip(&found) {
        assert!(one != other || (a - b).abs() < 1e-3, "{one}: entropy {a}, {b}");
    }
    let [wanted, found] = [wanted, found].map(|all| all.into_iter().map(|(one, _)| one).collect::<Vec<_>>());
    let lacking: Vec<&String> = wanted.iter().filter(|one| found.binary_search(one).is_err()).collect();
    let more: Vec<&String> = found.iter().filter(|one| wanted.binary_search(one).is_err()).collect();
    assert!(
        lacking.is_empty() && more.is_empty() && wanted.len() == found.len(),
        "{} findings; lacking {}: {lacking:#?}\nmore {}: {more:#?}",
        wanted.len(),
        lacking.len(),
        more.len()
    );
}
