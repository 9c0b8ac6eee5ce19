//! Tree objects: reading one, listing one, and what a commit changes against all its parents.

use super::{Change, File, GitError, MAX_METADATA, ObjectFormat, ObjectKind, ObjectReader, Status, Version, read_as};
use crate::change::{Commit, Oid, RepoPath};
use smallvec::SmallVec;

/// The mode of a directory entry.
pub(crate) const MODE_TREE: u32 = 0o040_000;

/// Directories nested deeper than this are refused. Git's own limit is 4,096 (`core.maxTreeDepth` is 2,048).
pub(crate) const MAX_DEPTH: usize = 2_048;

/// One entry of a tree object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Entry<'a> {
    pub(crate) name: &'a [u8],
    pub(crate) version: Version,
}

impl Entry<'_> {
    pub(crate) fn is_tree(&self) -> bool {
        self.version.mode == MODE_TREE
    }
}

/// Reads the entries of a tree object in their order.
pub(crate) struct Entries<'a> {
    rest: &'a [u8],
    id_len: usize,
}

impl<'a> Entries<'a> {
    pub(crate) fn new(data: &'a [u8], format: ObjectFormat) -> Self {
        Entries { rest: data, id_len: format.id_len() }
    }

    /// How many bytes have not been read.
    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    /// The next entry, `None` at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Entry<'a>>, GitError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.parse().map(Some).ok_or_else(|| GitError::corrupt("malformed tree object"))
    }

    fn parse(&mut self) -> Option<Entry<'a>> {
        let space = memchr::memchr(b' ', self.rest.get(..8.min(self.rest.len()))?)?;
        let mut mode = 0u32;
        for &digit in &self.rest[..space] {
            mode = mode << 3 | u32::from(digit.checked_sub(b'0').filter(|d| *d < 8)?);
        }
        let name = &self.rest[space + 1..];
        let nul = memchr::memchr(0, name)?;
        let oid = Oid::from_bytes(name.get(nul + 1..nul + 1 + self.id_len)?)?;
        self.rest = &name[nul + 1 + self.id_len..];
        Some(Entry { name: &name[..nul], version: Version { mode: canonical(mode), oid } })
    }
}

/// Old trees hold modes such as 100664, which Git reads as one of its own.
fn canonical(mode: u32) -> u32 {
    match mode & 0o170_000 {
        0o100_000 if mode & 0o100 != 0 => 0o100_755,
        0o100_000 => 0o100_644,
        0o120_000 => 0o120_000,
        0o040_000 => MODE_TREE,
        _ => 0o160_000,
    }
}

/// Compares names as trees are sorted: a directory as if `/` stood behind its name.
pub(crate) fn order(a: (&[u8], bool), b: (&[u8], bool)) -> std::cmp::Ordering {
    let n = a.0.len().min(b.0.len());
    a.0[..n].cmp(&b.0[..n]).then_with(|| {
        let end = |(name, is_tree): (&[u8], bool)| name.get(n).copied().or(is_tree.then_some(b'/'));
        // beyond the common part at most one of the two has a name byte left
        end(a).cmp(&end(b)).then(a.0.len().cmp(&b.0.len()))
    })
}

/// Every file below a tree, in path order.
pub(crate) fn list(reader: &mut dyn ObjectReader, format: ObjectFormat, root: &Oid) -> Result<Vec<File>, GitError> {
    let mut files = Vec::new();
    let mut path = Vec::new();
    list_into(reader, format, root, &mut path, 0, &mut |path, version| {
        files.push(File { path: RepoPath::new(path), version });
    })?;
    Ok(files)
}

/// Calls `visit` for every file below a tree; `path` is the directory, with `/` at its end unless empty.
pub(crate) fn list_into(
    reader: &mut dyn ObjectReader,
    format: ObjectFormat,
    root: &Oid,
    path: &mut Vec<u8>,
    depth: usize,
    visit: &mut dyn FnMut(&[u8], Version),
) -> Result<(), GitError> {
    if depth > MAX_DEPTH {
        return Err(GitError::corrupt("directories nested too deeply"));
    }
    let data = read_as(reader, root, ObjectKind::Tree)?;
    let mut entries = Entries::new(&data, format);
    while let Some(entry) = entries.next()? {
        let len = path.len();
        path.extend_from_slice(entry.name);
        if entry.is_tree() {
            path.push(b'/');
            list_into(reader, format, &entry.version.oid, path, depth + 1, visit)?;
        } else {
            visit(path, entry.version);
        }
        path.truncate(len);
    }
    Ok(())
}

/// The entry at a path below a tree.
pub(crate) fn find(
    reader: &mut dyn ObjectReader,
    format: ObjectFormat,
    root: &Oid,
    path: &[u8],
) -> Result<Option<Version>, GitError> {
    let mut at = Version { mode: MODE_TREE, oid: *root };
    for part in path.split(|&b| b == b'/') {
        if at.mode != MODE_TREE {
            return Ok(None);
        }
        let data = read_as(reader, &at.oid, ObjectKind::Tree)?;
        let mut entries = Entries::new(&data, format);
        let mut next = None;
        while let Some(entry) = entries.next()? {
            if entry.name == part {
                next = Some(entry.version);
                break;
            }
        }
        match next {
            Some(version) => at = version,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

/// A path that a commit has otherwise than each of its parents.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CommitChange {
    pub(crate) path: RepoPath,
    /// What the commit has; `None`: it took the path away.
    pub(crate) new: Option<Version>,
    /// What the parents have, of those that have a file there.
    pub(crate) old: SmallVec<[Version; 1]>,
}

/// What a commit itself brings: paths whose version stands in none of its parents. Of a merge that is what
/// was made in the merge; what came from a parent belongs to that parent's commits.
pub(crate) fn commit_changes(
    reader: &mut dyn ObjectReader,
    format: ObjectFormat,
    commit: &Commit,
    shallow: &[Oid],
) -> Result<Vec<CommitChange>, GitError> {
    let mut parents: SmallVec<[Option<Oid>; 2]> = SmallVec::new();
    if !shallow.contains(&commit.oid) {
        for parent in &commit.parents {
            let raw = read_as(reader, parent, ObjectKind::Commit)?;
            let parent =
                Commit::parse(*parent, raw).ok_or_else(|| GitError::corrupt(format!("malformed commit {parent}")))?;
            parents.push(Some(parent.tree));
        }
    }
    let mut walk = Compare { reader, format, path: Vec::new(), out: Vec::new() };
    walk.dir(Some(commit.tree), &parents, 0)?;
    Ok(walk.out)
}

struct Compare<'a> {
    reader: &'a mut dyn ObjectReader,
    format: ObjectFormat,
    path: Vec<u8>,
    out: Vec<CommitChange>,
}

impl Compare<'_> {
    fn read(&mut self, tree: Option<Oid>) -> Result<Vec<u8>, GitError> {
        match tree {
            Some(oid) => read_as(self.reader, &oid, ObjectKind::Tree),
            None => Ok(Vec::new()),
        }
    }

    fn dir(&mut self, new: Option<Oid>, olds: &[Option<Oid>], depth: usize) -> Result<(), GitError> {
        // equal to one parent: everything below came from there
        if olds.contains(&new) {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(GitError::corrupt("directories nested too deeply"));
        }
        let new_data = self.read(new)?;
        let old_data = olds.iter().map(|o| self.read(*o)).collect::<Result<SmallVec<[_; 2]>, _>>()?;
        let format = self.format;
        let mut sides: SmallVec<[Side<'_>; 3]> = SmallVec::new();
        for data in std::iter::once(&new_data).chain(&old_data) {
            sides.push(Side::new(Entries::new(data, format))?);
        }
        loop {
            let Some((name, is_tree)) =
                sides.iter().filter_map(Side::key).min_by(|a, b| order(*a, *b)).map(|(n, t)| (n.to_vec(), t))
            else {
                return Ok(());
            };
            let mut here: SmallVec<[Option<Version>; 3]> = SmallVec::new();
            for side in &mut sides {
                let same = side.key() == Some((&name[..], is_tree));
                here.push(if same { side.take()? } else { None });
            }
            let (new, olds) = here.split_first().map_or((None, &[][..]), |(n, o)| (*n, o));
            let len = self.path.len();
            self.path.extend_from_slice(&name);
            if is_tree {
                self.path.push(b'/');
                let olds: SmallVec<[Option<Oid>; 2]> = olds.iter().map(|v| v.map(|v| v.oid)).collect();
                self.dir(new.map(|v| v.oid), &olds, depth + 1)?;
            } else if !olds.contains(&new) {
                let path = RepoPath::new(&self.path);
                self.out.push(CommitChange { path, new, old: olds.iter().flatten().copied().collect() });
            }
            self.path.truncate(len);
        }
    }
}

struct Side<'a> {
    entries: Entries<'a>,
    head: Option<Entry<'a>>,
}

impl<'a> Side<'a> {
    fn new(mut entries: Entries<'a>) -> Result<Self, GitError> {
        let head = entries.next()?;
        Ok(Side { entries, head })
    }

    fn key(&self) -> Option<(&'a [u8], bool)> {
        self.head.map(|e| (e.name, e.is_tree()))
    }

    fn take(&mut self) -> Result<Option<Version>, GitError> {
        let version = self.head.map(|e| e.version);
        self.head = self.entries.next()?;
        Ok(version)
    }
}

/// The root tree of a commit.
///
/// # Errors
/// When the commit cannot be read.
pub fn root_of(reader: &mut dyn ObjectReader, commit: &Oid) -> Result<Oid, GitError> {
    Ok(read_commit(reader, commit)?.tree)
}

/// Reads and parses a commit.
pub(crate) fn read_commit(reader: &mut dyn ObjectReader, oid: &Oid) -> Result<Commit, GitError> {
    let raw = read_as(reader, oid, ObjectKind::Commit)?;
    Commit::parse(*oid, raw).ok_or_else(|| GitError::corrupt(format!("malformed commit {oid}")))
}

/// What a ref or tag finally points at.
pub(crate) fn peel(
    reader: &mut dyn ObjectReader,
    oid: &Oid,
    mut on_tag: impl FnMut(Oid, Vec<u8>),
) -> Result<(ObjectKind, Oid), GitError> {
    let mut at = *oid;
    // tags of tags are legal; a chain of hundreds is an attack
    for _ in 0..64 {
        let object = reader.read(&at, MAX_METADATA).or_else(|error| match error {
            // a ref may point at a large blob, which need not be read to be known
            GitError::TooLarge { .. } => Ok(super::Object { kind: ObjectKind::Blob, data: Vec::new() }),
            other => Err(other),
        })?;
        if object.kind != ObjectKind::Tag {
            return Ok((object.kind, at));
        }
        let tag = crate::change::Tag { oid: at, refname: None, raw: object.data };
        let target = tag
            .header("object")
            .and_then(Oid::from_hex)
            .ok_or_else(|| GitError::corrupt(format!("malformed tag {at}")))?;
        on_tag(at, tag.raw);
        at = target;
    }
    Err(GitError::corrupt(format!("tag {oid} is nested too deeply")))
}

/// The change that a pair of versions makes; `None` where they are equal.
pub(crate) fn change(path: &[u8], old: Option<Version>, new: Option<Version>) -> Option<Change> {
    let status = match (old, new) {
        (None, Some(_)) => Status::Added,
        (Some(_), None) => Status::Deleted,
        (Some(o), Some(n)) if o != n => Status::between(o, n),
        _ => return None,
    };
    Some(Change { status, old, new, path: RepoPath::new(path), file: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn tree_order_puts_a_slash_behind_directories() {
        assert_eq!(order((b"a", true), (b"a-b", false)), Ordering::Greater);
        assert_eq!(order((b"a", false), (b"a-b", false)), Ordering::Less);
        assert_eq!(order((b"a", false), (b"a", true)), Ordering::Less);
        assert_eq!(order((b"a", true), (b"a0", false)), Ordering::Less);
        assert_eq!(order((b"a", true), (b"a", true)), Ordering::Equal);
        assert_eq!(order((b"a/", false), (b"a", true)), Ordering::Greater);
    }

    #[test]
    fn malformed_trees_are_errors() {
        for bad in [&b"100644"[..], b"100644 a", b"100644 a\0short", b"9 a\0", b" a\0aaaaaaaaaaaaaaaaaaaaaaaaa"] {
            let mut entries = Entries::new(bad, ObjectFormat::Sha1);
            let mut result = entries.next();
            while let Ok(Some(_)) = result {
                result = entries.next();
            }
            assert!(result.is_err(), "{bad:?}");
        }
    }
}
