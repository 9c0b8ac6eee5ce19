//! `.gitleaksignore`: fingerprints of leaks that may stay. Facts: gitleaks README "Gitleaksignore".

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::Path;

/// The file's name.
const FILE: &str = ".gitleaksignore";
/// Most bytes of one file.
const MAX_BYTES: u64 = 64 << 20;

/// The fingerprints of all ignore files that apply.
#[derive(Debug, Default)]
pub(super) struct Ignored {
    fingerprints: HashSet<Vec<u8>>,
    /// Lines that are no fingerprint.
    pub(super) invalid: Vec<String>,
}

impl Ignored {
    /// Reads what `--gitleaks-ignore-path` names, a file or a directory that holds one, and the one of the scanned
    /// directory.
    ///
    /// # Errors
    /// A file that is there and cannot be read.
    pub(super) fn load(option: &Path, source: Option<&Path>) -> io::Result<Self> {
        let mut ignored = Ignored::default();
        let own = source.map_or_else(|| FILE.into(), |s| s.join(FILE));
        for path in [option.to_path_buf(), option.join(FILE), own] {
            if !path.is_file() {
                continue;
            }
            let mut bytes = Vec::new();
            std::fs::File::open(&path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
            if bytes.len() as u64 > MAX_BYTES {
                return Err(io::Error::other(format!("{} is too large", path.display())));
            }
            ignored.add(&bytes);
        }
        Ok(ignored)
    }

    fn add(&mut self, text: &[u8]) {
        for line in text.split(|&b| b == b'\n').map(<[u8]>::trim_ascii) {
            if line.is_empty() || line.starts_with(b"#") {
                continue;
            }
            let mut fields: Vec<Vec<u8>> = line.split(|&b| b == b':').map(<[u8]>::to_vec).collect();
            let path = match fields.len() {
                3 => fields.first_mut(),
                4 => fields.get_mut(1),
                // a path that holds a colon has more; the line counts as it stands
                _ => {
                    self.invalid.push(String::from_utf8_lossy(line).into_owned());
                    None
                }
            };
            // written on Windows
            path.into_iter().flatten().filter(|b| **b == b'\\').for_each(|b| *b = b'/');
            self.fingerprints.insert(fields.join(&b':'));
        }
    }

    /// Whether a leak is ignored: by its place in any commit, or by that in its own.
    pub(super) fn contains(&self, file: &[u8], rule: &str, line: usize, commit: &str) -> bool {
        if self.fingerprints.is_empty() {
            return false;
        }
        self.fingerprints.contains(&fingerprint(file, rule, line, ""))
            || (!commit.is_empty() && self.fingerprints.contains(&fingerprint(file, rule, line, commit)))
    }
}

/// `file:rule:line`, with `commit:` in front where there is one.
pub(super) fn fingerprint(file: &[u8], rule: &str, line: usize, commit: &str) -> Vec<u8> {
    let mut out = Vec::new();
    if !commit.is_empty() {
        out.extend_from_slice(commit.as_bytes());
        out.push(b':');
    }
    out.extend_from_slice(file);
    out.extend_from_slice(format!(":{rule}:{line}").as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_fields_count_everywhere_and_four_in_one_commit() {
        let mut ignored = Ignored::default();
        ignored.add(b"# note\n\n  d\\f.py:r:3  \r\nc1:g.py:r:1\nnonsense\na:b\n");
        assert!(ignored.contains(b"d/f.py", "r", 3, ""));
        assert!(ignored.contains(b"d/f.py", "r", 3, "any"));
        assert!(!ignored.contains(b"d/f.py", "r", 4, ""));
        assert!(ignored.contains(b"g.py", "r", 1, "c1"));
        assert!(!ignored.contains(b"g.py", "r", 1, "c2") && !ignored.contains(b"g.py", "r", 1, ""));
        assert_eq!(ignored.invalid, ["nonsense", "a:b"]);
        ignored.add(b"odd:name:x:r:1");
        assert!(ignored.contains(b"odd:name:x", "r", 1, ""));
    }

    #[test]
    fn fingerprints_name_the_commit_first() {
        assert_eq!(fingerprint(b"", "r", 3, ""), b":r:3");
        assert_eq!(fingerprint(b"a:b", "r", 3, "c"), b"c:a:b:r:3");
    }
}
