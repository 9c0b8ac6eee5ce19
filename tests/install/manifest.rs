//! `.pre-commit-hooks.yaml`, read as the lines that it is: every hook is a flat block of `key: value`.

use std::collections::BTreeMap;
use std::path::Path;

type Entry = BTreeMap<String, String>;

fn entries() -> Vec<Entry> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    let mut entries: Vec<Entry> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
        let (start, rest) = line.split_at(2);
        match start {
            "- " => entries.push(Entry::new()),
            "  " => {}
            _ => panic!("neither a hook nor a key: {line}"),
        }
        let (key, value) = rest.split_once(": ").unwrap();
        let old = entries.last_mut().unwrap().insert(key.to_owned(), value.to_owned());
        assert_eq!(old, None, "twice: {line}");
    }
    entries
}

#[test]
fn every_hook_is_there_in_both_ways_to_run_it() {
    let entries = entries();
    let ids: Vec<&str> = entries.iter().map(|entry| entry["id"].as_str()).collect();
    let ours = ["gitward", "gitward-push", "gitward-secrets", "gitward-images", "gitward-hooks", "gitward-commit-msg"];
    let words = ours.iter().chain(["gitleaks"].iter());
    let expected: Vec<String> = words.flat_map(|id| [id.to_string(), format!("{id}-system")]).collect();
    assert_eq!(ids, expected);
    for pair in entries.chunks(2) {
        let [built, found] = pair else { panic!("odd") };
        assert_eq!((built["language"].as_str(), found["language"].as_str()), ("rust", "system"));
        for key in built.keys().filter(|key| !["id", "name", "language"].contains(&key.as_str())) {
            assert_eq!(built[key], found[key], "{key} of {}", built["id"]);
        }
    }
}

#[test]
fn no_hook_can_pass_without_running() {
    for entry in entries() {
        let id = &entry["id"];
        assert_eq!(entry["always_run"], "true", "{id}");
        assert_eq!(entry["require_serial"], "true", "{id}");
        for filter in ["files", "exclude", "types", "types_or", "exclude_types"] {
            assert!(!entry.contains_key(filter), "{id} has a filter: {filter}");
        }
        // the hook that the entry speaks of is one of its stages, and only a message's name is passed
        let hook = match entry["entry"].strip_prefix("gitward hook ") {
            Some(words) => words.split(' ').next().unwrap().to_owned(),
            None => {
                assert!(entry["entry"].starts_with("gitward gitleaks git --pre-commit ") && id.starts_with("gitleaks"));
                "pre-commit".to_owned()
            }
        };
        assert!(entry["stages"].trim_matches(['[', ']']).split(", ").any(|stage| stage == hook), "{id}");
        assert_eq!(entry["pass_filenames"], (hook == "commit-msg").to_string(), "{id}");
    }
}
