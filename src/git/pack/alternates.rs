//! Object directories that a repository borrows from (`gitrepository-layout`, objects/info/alternates).

use crate::git::{GitError, plumbing::os_path};
use std::path::{Path, PathBuf};

/// How far borrowing goes: Git's own limit.
const MAX_DEPTH: usize = 5;
/// Object directories beyond this are no repository but a mistake.
const MAX_DIRS: usize = 1 << 10;

/// An object directory and those that it borrows from, each once.
///
/// # Errors
/// When a list cannot be read, or holds what is not understood here.
pub(super) fn with_alternates(objects: &Path) -> Result<Vec<PathBuf>, GitError> {
    let mut dirs = vec![objects.to_path_buf()];
    let (mut from, mut depth) = (0, 0);
    while from < dirs.len() {
        if depth > MAX_DEPTH || dirs.len() > MAX_DIRS {
            return Err(GitError::Unsupported("alternates that are nested too deeply".into()));
        }
        let to = dirs.len();
        for n in from..to {
            let Some(dir) = dirs.get(n).cloned() else { break };
            for found in listed(&dir)? {
                if !dirs.contains(&found) {
                    dirs.push(found);
                }
            }
        }
        (from, depth) = (to, depth + 1);
    }
    Ok(dirs)
}

fn listed(dir: &Path) -> Result<Vec<PathBuf>, GitError> {
    let file = dir.join("info/alternates");
    let text = match std::fs::read(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(GitError::io(file, &e)),
    };
    let mut found = Vec::new();
    for line in text.split(|&b| b == b'\n').filter(|line| !line.is_empty() && !line.starts_with(b"#")) {
        if line.starts_with(b"\"") {
            return Err(GitError::Unsupported("a quoted path in objects/info/alternates".into()));
        }
        // a directory that is gone holds nothing; what it held is missing then
        if let Ok(path) = dir.join(os_path(line)?).canonicalize() {
            found.push(path);
        }
    }
    Ok(found)
}
