//! The `.gitleaksignore` files that a scan asks for, and the fingerprints of its findings. Facts: gitleaks README
//! "Gitleaksignore".

use crate::guards::secrets::is_gitleaks_id;
use crate::suppress::gitleaksignore::{FILE, GitleaksIgnore};
use std::io::{self, Read};
use std::path::Path;

/// Most bytes of one file.
const MAX_BYTES: u64 = 64 << 20;

/// Reads what `--gitleaks-ignore-path` names, a file or a directory that holds one, and the one of the scanned
/// directory.
///
/// # Errors
/// A file that is there and cannot be read.
pub(super) fn load(option: &Path, source: Option<&Path>) -> io::Result<GitleaksIgnore> {
    let mut ignored = GitleaksIgnore::new(is_gitleaks_id);
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
    fn fingerprints_name_the_commit_first() {
        assert_eq!(fingerprint(b"", "r", 3, ""), b":r:3");
        assert_eq!(fingerprint(b"a:b", "r", 3, "c"), b"c:a:b:r:3");
    }
}
