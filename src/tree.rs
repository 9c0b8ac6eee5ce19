//! Plain files and directories, and standard input.

use crate::change::{BlobEntry, ChangeSet, EntryKind, Occurrence, Origin, RepoPath, Scope, Source};
use crate::finding::Incomplete;
use smallvec::SmallVec;
use std::ffi::OsStr;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

/// Files and directories with everything below. Git's own directories are left out, symbolic links are not
/// followed. What cannot be listed is noted in the set.
///
/// # Errors
/// A path that does not exist.
pub fn files(paths: &[PathBuf]) -> Result<ChangeSet, Incomplete> {
    let mut set = ChangeSet::empty(Scope::Paths);
    for path in paths {
        if let Err(error) = std::fs::symlink_metadata(path) {
            let item = Incomplete::new(path.display().to_string(), error);
            return Err(item.help("name files or directories that exist; `-` is standard input"));
        }
        let mut walk = ignore::WalkBuilder::new(path);
        walk.standard_filters(false).hidden(false).follow_links(false).sort_by_file_name(OsStr::cmp);
        walk.filter_entry(|e| e.depth() == 0 || e.file_name() != ".git");
        for entry in walk.build() {
            match entry {
                Ok(entry) => add(&mut set, &entry),
                Err(error) => set.incomplete.push(Incomplete::new(path.display().to_string(), error)),
            }
        }
    }
    Ok(set)
}

fn add(set: &mut ChangeSet, entry: &ignore::DirEntry) {
    let path = entry.path();
    // the folder's listing tells; a path that was named is listed nowhere, and the walk follows its link
    let known = entry.file_type().filter(|_| entry.depth() > 0).map(Ok);
    let kind = match known.unwrap_or_else(|| std::fs::symlink_metadata(path).map(|meta| meta.file_type())) {
        Ok(kind) if kind.is_file() => EntryKind::File,
        Ok(kind) if kind.is_symlink() => EntryKind::Symlink,
        // directories, and what has no content: sockets, pipes, devices
        Ok(_) => return,
        Err(error) => return set.incomplete.push(Incomplete::new(path.display().to_string(), error)),
    };
    let shown = path.strip_prefix("./").unwrap_or(path);
    let name = RepoPath::new(shown.as_os_str().as_encoded_bytes());
    set.blobs.push(blob(name, Origin::WorkTree, kind, Source::File(path.to_path_buf())));
}

/// Standard input as one text.
///
/// # Errors
/// When it cannot be read, or has more than `max` bytes.
pub fn stdin(input: &mut dyn Read, max: u64) -> Result<ChangeSet, Incomplete> {
    let mut bytes = Vec::new();
    let what = "standard input";
    input.take(max.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| Incomplete::new(what, e))?;
    if bytes.len() as u64 > max {
        let item = Incomplete::new(what, format!("it has more than the {max} bytes of `limits.max_blob`"));
        return Err(item.help("raise `limits.max_blob` in the policy, or scan a file"));
    }
    Ok(text("-", Origin::Stdin, bytes))
}

/// One text in memory under a name.
pub fn text(name: &str, origin: Origin, bytes: Vec<u8>) -> ChangeSet {
    let mut set = ChangeSet::empty(Scope::Stdin);
    let source = Source::Memory(Arc::from(bytes));
    set.blobs.push(blob(RepoPath::new(name.as_bytes()), origin, EntryKind::File, source));
    set
}

fn blob(path: RepoPath, origin: Origin, kind: EntryKind, source: Source) -> BlobEntry {
    let seen = Occurrence { path, origin, kind, bases: SmallVec::new() };
    BlobEntry { oid: None, source, seen: SmallVec::from_elem(seen, 1) }
}
