//! A baseline: an older JSON report whose leaks may stay. gitleaks compares nearly every field, so that a new
//! wording of a rule's description or a line inserted above breaks it; here rule, file, commit and value decide,
//! or the line where the older report was redacted.

use super::redact;
use crate::guards::secrets::is_gitleaks_id;
use serde::Deserialize;
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// Most bytes of a baseline.
const MAX_BYTES: u64 = 512 << 20;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", default)]
#[derive(Default)]
struct Entry {
    #[serde(rename = "RuleID")]
    rule_id: String,
    file: String,
    commit: String,
    secret: String,
    start_line: usize,
}

/// What a leak is looked up by: file and commit.
type Key = (String, String);

/// A leak of the older report.
#[derive(Debug)]
struct Known {
    rule: String,
    secret: String,
    line: usize,
}

/// The leaks of an older report.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    /// By file and commit.
    known: HashMap<Key, Vec<Known>>,
}

impl Baseline {
    /// Reads a report in JSON.
    ///
    /// # Errors
    /// A file that cannot be read or is no such report, in words.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path).map_err(|e| format!("cannot open {}: {e}", path.display()))?;
        let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(format!("{} has more than {MAX_BYTES} bytes", path.display()));
        }
        Self::parse(&bytes).map_err(|e| format!("{} is no JSON report of gitleaks: {e}", path.display()))
    }

    fn parse(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        // Go's encoder writes a list that was never filled as null
        let entries: Option<Vec<Entry>> = serde_json::from_slice(bytes)?;
        let mut baseline = Baseline::default();
        for entry in entries.unwrap_or_default() {
            let known = Known { rule: entry.rule_id, secret: entry.secret, line: entry.start_line };
            baseline.known.entry((entry.file, entry.commit)).or_default().push(known);
        }
        Ok(baseline)
    }

    /// Whether the older report has this leak, perhaps by gitleaks' name of the rule; `secret` is not redacted.
    pub(super) fn contains(&self, rule: &str, file: &[u8], commit: &str, secret: &[u8], line: usize) -> bool {
        if self.known.is_empty() {
            return false;
        }
        // as the report has it: what is no UTF-8 was replaced there
        let key = (replaced(file), commit.to_owned());
        let Some(entries) = self.known.get(&key) else { return false };
        let value = replaced(secret);
        let same = |old: &Known| match redact::visible_part(&old.secret) {
            // a name alone was matched, or the value itself is there
            None => old.secret == value,
            Some(prefix) => old.line == line && value.starts_with(prefix),
        };
        entries.iter().any(|old| (old.secret == value || same(old)) && is_gitleaks_id(rule, &old.rule))
    }
}

/// Text as JSON holds it: one replacement character for each byte that is no UTF-8.
fn replaced(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = r#"[
        {"RuleID": "r", "File": "f", "Commit": "c", "Secret": "abcdef", "StartLine": 3, "Description": "old words"},
        {"RuleID": "r", "File": "g", "Secret": "REDACTED", "StartLine": 4},
        {"RuleID": "r", "File": "h", "Secret": "abc...", "StartLine": 5, "Tags": null},
        {"RuleID": "p", "File": "x.key", "Secret": "", "StartLine": 0}
    ]"#;

    #[test]
    fn rule_file_commit_and_value_decide() {
        let baseline = Baseline::parse(REPORT.as_bytes()).unwrap();
        let has = |rule, file: &str, commit, secret: &str, line| {
            baseline.contains(rule, file.as_bytes(), commit, secret.as_bytes(), line)
        };
        // a line inserted above
        assert!(has("r", "f", "c", "abcdef", 9));
        assert!(
            !has("r", "f", "c", "abcdeg", 3) && !has("r", "f", "d", "abcdef", 3) && !has("q", "f", "c", "abcdef", 3)
        );
        // redacted: the line counts, and what is left of the value
        assert!(has("r", "g", "", "anything", 4) && !has("r", "g", "", "anything", 5));
        assert!(has("r", "h", "", "abcxyz", 5) && !has("r", "h", "", "xyz", 5) && !has("r", "h", "", "abcxyz", 6));
        assert!(has("p", "x.key", "", "", 0));
        // as gitleaks calls the rule
        let old = r#"[{"RuleID": "jwt", "File": "f", "Secret": "abc", "StartLine": 1}]"#;
        let baseline = Baseline::parse(old.as_bytes()).unwrap();
        assert!(
            baseline.contains("jwt-token", b"f", "", b"abc", 1)
                && !baseline.contains("jwt-base64", b"f", "", b"abc", 1)
        );
    }

    #[test]
    fn what_is_no_report_is_an_error() {
        assert!(Baseline::parse(b"null").unwrap().known.is_empty());
        for wrong in ["", "{}", "[1]", "not json"] {
            assert!(Baseline::parse(wrong.as_bytes()).is_err(), "{wrong}");
        }
    }
}
