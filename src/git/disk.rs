//! Staged content from the file on disk. A file whose metadata are those that the index remembers holds what
//! was staged, and reading it costs a fraction of inflating the object - unless a filter, an encoding or a
//! line-end rule stands between the two.

use super::index::Index;
use super::native::Native;
use super::plumbing::os_path;
use super::{Backend, Change, GitError};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Below this many changes the objects are read: looking for rules would cost more.
const WORTH: usize = 32;

/// Where Git keeps attributes for the whole machine, which depends on how it was built.
const SYSTEM: [&str; 3] = ["/etc/gitattributes", "/usr/local/etc/gitattributes", "/opt/homebrew/etc/gitattributes"];

/// Notes the file of each change that can be read in the object's place.
pub(super) fn locate(repo: &Native, index: &Index, changes: &mut [Change]) -> Result<(), GitError> {
    let Some(top) = repo.layout().work_tree.clone() else { return Ok(()) };
    if changes.len() < WORTH || has_rules(repo, index)? {
        return Ok(());
    }
    let mut plain = HashMap::new();
    for change in changes {
        let path = change.path.as_bytes();
        let Some(entry) = index.find(path).filter(|e| e.version().mode & 0o170_000 == 0o100_000) else { continue };
        let file = top.join(os_path(path)?);
        if !file.parent().is_some_and(|dir| is_plain(&mut plain, &top, dir)) {
            continue;
        }
        if std::fs::symlink_metadata(&file).is_ok_and(|meta| entry.matches(&meta, index)) {
            change.file = Some(file);
        }
    }
    Ok(())
}

/// Whether content may be converted on its way into the index, by a rule that is not in the work tree.
fn has_rules(repo: &Native, index: &Index) -> Result<bool, GitError> {
    let by_config = repo.config("core.autocrlf")?.is_some_and(|v| !v.eq_ignore_ascii_case("false"))
        || repo.config("core.attributesFile")?.is_some();
    let of_user =
        [std::env::home_dir().map(|d| d.join(".config")), crate::env::XDG_CONFIG_HOME.os().map(PathBuf::from)];
    let files = of_user.into_iter().flatten().map(|d| d.join("git/attributes"));
    let mut files = files.chain(SYSTEM.map(PathBuf::from)).chain([repo.layout().common_dir.join("info/attributes")]);
    Ok(by_config || files.any(|f| f.exists()) || index.entries().any(|e| e.path.ends_with(b".gitattributes")))
}

/// Whether no directory from `dir` up to `top` has attributes of its own; each is looked at once.
fn is_plain(known: &mut HashMap<PathBuf, bool>, top: &Path, dir: &Path) -> bool {
    if let Some(plain) = known.get(dir) {
        return *plain;
    }
    let above = dir == top || dir.parent().is_some_and(|up| is_plain(known, top, up));
    let plain = above && !dir.join(".gitattributes").exists();
    known.insert(dir.to_path_buf(), plain);
    plain
}
