//! The shape of the source tree: imports point one way, and no file outgrows what one can hold in mind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lines of code that a source file may have; comments, blank lines and unit tests do not count.
const MAX_LINES: usize = 500;

/// For each module of the crate the modules that it may import. A guard may also import what is its own.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("secret", &[]),
    ("change", &["finding"]),
    ("finding", &["change", "secret"]),
    ("rule", &["finding"]),
    ("outcome", &["change", "finding"]),
    ("env", &[]),
    ("policy", &["finding", "rule"]),
    ("git", &["change", "finding", "env"]),
    ("tree", &["change", "finding"]),
    ("archive", &[]),
    ("guard", &["change", "finding", "rule"]),
    ("guards", &["change", "finding", "rule", "secret", "policy", "guard"]),
    ("suppress", &["change", "finding", "rule", "outcome", "secret", "policy"]),
    ("run", &["change", "finding", "rule", "outcome", "policy", "git", "archive", "guard", "suppress"]),
    ("report", &["change", "finding", "rule", "outcome", "secret"]),
    ("install", &[]),
];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(dir: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.insert(path.clone(), std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    walk(&root, &mut found);
    found.into_iter().map(|(path, text)| (path.strip_prefix(&root).unwrap().to_path_buf(), text)).collect()
}

fn is_test(path: &Path) -> bool {
    path.components().any(|c| c.as_os_str() == "tests") || path.ends_with("tests.rs")
}

/// The text without its unit tests, which stand last.
fn code(text: &str) -> &str {
    text.find("#[cfg(test)]\nmod ").map_or(text, |at| &text[..at])
}

#[test]
fn imports_point_one_way() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let first = path.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(module, _)| *module == first) else { continue };
        for (n, line) in code(&text).lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//")) {
            for at in line.match_indices("crate::").map(|(at, _)| at + "crate::".len()) {
                let name: String = line[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
                // `use crate::{a, b}` names its modules behind the brace
                let names: Vec<String> = match line[at..].strip_prefix('{') {
                    Some(list) => list
                        .split(',')
                        .map(|s| s.trim().split("::").next().unwrap().trim_matches([';', '}', ' ']).to_owned())
                        .collect(),
                    None => vec![name],
                };
                for name in names.into_iter().filter(|n| *n != first && !n.is_empty()) {
                    if !allowed.contains(&name.as_str()) {
                        wrong.push(format!("{}:{}: {first} imports {name}", path.display(), n + 1));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_guard_knows_another() {
    let guards = ["secrets", "images", "signatures", "hooks"];
    for (path, text) in sources() {
        let parts: Vec<&str> = path.iter().map(|p| p.to_str().unwrap()).collect();
        if let ["guards", own, _, ..] = parts[..] {
            for other in guards.iter().filter(|g| **g != own) {
                assert!(!text.contains(&format!("guards::{other}")), "{} names {other}", path.display());
            }
        }
    }
}

#[test]
fn one_module_alone_knows_the_git_library_and_the_environment() {
    for (path, text) in sources() {
        if is_test(&path) {
            continue;
        }
        let text = code(&text);
        assert!(path.starts_with("git") || !text.contains("git2::"), "{} names git2", path.display());
        assert!(path.ends_with("env.rs") || !text.contains("env::var"), "{} reads the environment", path.display());
    }
}

#[test]
fn no_file_outgrows_the_mind() {
    let mut large = Vec::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| !is_test(path)) {
        let lines = code(&text).lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with("//")).count();
        if lines > MAX_LINES {
            large.push(format!("{}: {lines}", path.display()));
        }
    }
    assert!(large.is_empty(), "more than {MAX_LINES} lines of code:\n{}", large.join("\n"));
}
