//! Plain files and directories, and standard input.

use crate::change::{BlobEntry, ChangeSet, EntryKind, Occurrence, Origin, RepoPath, Scope, Source};
use crate::finding::Incomplete;
use smallvec::SmallVec;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name of Git's own directory, or of the file that names it.
const GIT: &str = ".git";

/// Files and directories with everything below. Git's own directories are left out; of symbolic links those that are
/// named are followed, the others are files that hold a path. What cannot be listed is noted in the set, and so is how
/// much is left out: what is no file, and with `respect_ignore` what `.gitignore` and `.ignore` files name.
///
/// # Errors
/// A path that does not exist, or that is neither a file nor a directory.
pub fn files(paths: &[PathBuf], respect_ignore: bool) -> Result<ChangeSet, Incomplete> {
    let mut set = ChangeSet::empty(Scope::Paths);
    for path in paths {
        let wrong = |why: &dyn std::fmt::Display, help| Incomplete::new(path.display().to_string(), why).help(help);
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() || meta.is_dir() => {}
            Ok(_) => return Err(wrong(&"it is a socket, a pipe or a device", "`gitward scan -` reads what is piped")),
            Err(error) => return Err(wrong(&error, "name files or directories that exist; `-` is standard input")),
        }
        let mut walk = ignore::WalkBuilder::new(path);
        walk.standard_filters(false).hidden(false).follow_links(false);
        // what lies in one folder differs in its name alone, and need not be taken apart to be compared
        walk.sort_by_file_path(|a, b| a.as_os_str().cmp(b.as_os_str()));
        if respect_ignore {
            walk.ignore(true).git_ignore(true).parents(true).require_git(false);
        }
        walk.filter_entry(|e| e.depth() == 0 || e.file_name() != GIT);
        let (mut there, mut seen) = (0, 0);
        for entry in walk.build() {
            match entry {
                Ok(entry) => {
                    seen += u64::from(entry.depth() > 0);
                    if respect_ignore && entry.file_type().is_some_and(|kind| kind.is_dir()) {
                        there += children(entry.path());
                    }
                    add(&mut set, &entry);
                }
                Err(error) => set.incomplete.push(Incomplete::new(path.display().to_string(), error)),
            }
        }
        set.left_out.ignored += there.saturating_sub(seen);
    }
    Ok(set)
}

/// How many entries a directory has, without Git's own; none where it cannot be read, which the walk tells of.
fn children(dir: &Path) -> u64 {
    let Ok(entries) = std::fs::read_dir(dir) else { return 0 };
    entries.filter(|entry| entry.as_ref().is_ok_and(|e| e.file_name() != GIT)).count() as u64
}

fn add(set: &mut ChangeSet, entry: &ignore::DirEntry) {
    let path = entry.path();
    // the folder's listing tells; a path that was named is listed nowhere, and is read through a link
    let known = entry.file_type().filter(|_| entry.depth() > 0).map(Ok);
    let kind = match known.unwrap_or_else(|| std::fs::metadata(path).map(|meta| meta.file_type())) {
        Ok(kind) if kind.is_file() => EntryKind::File,
        Ok(kind) if kind.is_symlink() => EntryKind::Symlink,
        Ok(kind) if kind.is_dir() => return,
        // sockets, pipes and devices
        Ok(_) => {
            set.left_out.special += 1;
            return;
        }
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
