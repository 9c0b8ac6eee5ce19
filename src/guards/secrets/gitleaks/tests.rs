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
