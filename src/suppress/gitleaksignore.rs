//! `.gitleaksignore`: leaks that may stay, by their places. Facts: gitleaks README "Gitleaksignore".

use std::collections::HashMap;

/// The file's name.
pub const FILE: &str = ".gitleaksignore";

/// Whether the rule of the first id is what an entry calls by the second.
pub type IsCalled = fn(&str, &str) -> bool;

/// The entries of one or more files. An entry is `file:rule:line`, which counts everywhere, or
/// `commit:file:rule:line`, which counts in that commit.
#[derive(Debug)]
pub struct GitleaksIgnore {
    is_called: IsCalled,
    /// Rules by file, line and commit; the commit is empty where an entry has none.
    entries: HashMap<Place, Vec<String>>,
    /// Lines that are no entry.
    pub invalid: Vec<String>,
}

#[derive(PartialEq, Eq, Hash, Debug)]
struct Place {
    commit: Vec<u8>,
    file: Vec<u8>,
    line: usize,
}

impl GitleaksIgnore {
    /// No entries; `is_called` knows what gitleaks calls the rules.
    pub fn new(is_called: IsCalled) -> Self {
        GitleaksIgnore { is_called, entries: HashMap::new(), invalid: Vec::new() }
    }

    /// Reads a file.
    pub fn add(&mut self, text: &[u8]) {
        for line in text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii) {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            if self.entry(line).is_none() {
                self.invalid.push(String::from_utf8_lossy(line).into_owned());
            }
        }
    }

    fn entry(&mut self, text: &[u8]) -> Option<()> {
        let (rest, line) = split_last(text)?;
        let (rest, rule) = split_last(rest)?;
        let line = std::str::from_utf8(line).ok()?.parse().ok()?;
        let rule = std::str::from_utf8(rule).ok()?.to_owned();
        // a path may hold a colon, a commit is of hexadecimal digits
        let (commit, file) = match rest.split_at_checked(memchr::memchr(b':', rest).unwrap_or(0)) {
            Some((commit, file)) if is_commit(commit) => (commit.to_vec(), file.get(1..)?),
            _ => (Vec::new(), rest),
        };
        // written on Windows
        let file = file.iter().map(|&b| if b == b'\\' { b'/' } else { b }).collect();
        self.entries.entry(Place { commit, file, line }).or_default().push(rule);
        Some(())
    }

    /// Whether what a rule found may stay: at its place in any commit, or in its own, which is empty outside of one. An
    /// entry may call the rule as gitleaks does.
    pub fn contains(&self, file: &[u8], rule: &str, line: usize, commit: &str) -> bool {
        let at = |commit: &str| {
            let place = Place { commit: commit.as_bytes().to_vec(), file: file.to_vec(), line };
            self.entries.get(&place).is_some_and(|rules| rules.iter().any(|theirs| (self.is_called)(rule, theirs)))
        };
        !self.entries.is_empty() && (at("") || !commit.is_empty() && at(commit))
    }
}

fn split_last(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = memchr::memrchr(b':', text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

fn is_commit(text: &[u8]) -> bool {
    matches!(text.len(), 40 | 64) && text.iter().all(u8::is_ascii_hexdigit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_fields_count_everywhere_and_four_in_one_commit() {
        let (one, two) = ("1".repeat(40), "2".repeat(40));
        let text = format!("# note\n\n  d\\f.py:r:3  \r\n{one}:g.py:r:1\nnonsense\na:b\nodd:name:x:r:1\n:r:7\n");
        let mut ignored = GitleaksIgnore::new(|ours, theirs| ours == theirs);
        ignored.add(text.as_bytes());
        assert!(ignored.contains(b"d/f.py", "r", 3, "") && ignored.contains(b"d/f.py", "r", 3, &one));
        assert!(!ignored.contains(b"d/f.py", "r", 4, "") && !ignored.contains(b"d/f.py", "s", 3, ""));
        assert!(ignored.contains(b"g.py", "r", 1, &one));
        assert!(!ignored.contains(b"g.py", "r", 1, &two) && !ignored.contains(b"g.py", "r", 1, ""));
        assert!(ignored.contains(b"odd:name:x", "r", 1, ""));
        // of standard input
        assert!(ignored.contains(b"", "r", 7, ""));
        assert_eq!(ignored.invalid, ["nonsense", "a:b"]);
    }

    #[test]
    fn rules_may_be_called_as_gitleaks_does() {
        let mut ignored = GitleaksIgnore::new(|ours, theirs| theirs == "all" || ours == theirs);
        ignored.add(b"f:all:1\nf:r:2\n");
        assert!(ignored.contains(b"f", "s", 1, "") && !ignored.contains(b"f", "s", 2, ""));
    }
}
