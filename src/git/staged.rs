//! Index against a commit's tree: a merge of two sorted lists that skips every directory which the cache
//! tree knows to be unchanged, so that the cost follows the change and not the repository.

use super::index::{CacheTree, Index};
use super::tree::{self, Entries, MAX_DEPTH, order};
use super::{Change, GitError, ObjectFormat, ObjectKind, ObjectReader, Status, Version, read_as};
use crate::change::{Oid, RepoPath};
use std::cmp::Ordering;

/// The differences, in the order of the index; `tree` is `None` for a branch without commits.
pub(crate) fn staged(
    index: &Index,
    tree: Option<Oid>,
    format: ObjectFormat,
    reader: &mut dyn ObjectReader,
) -> Result<Vec<Change>, GitError> {
    let mut walk = Walk { index, format, reader, path: Vec::new(), out: Vec::new() };
    walk.dir(tree, index.cache(), 0, index.len(), 0)?;
    Ok(walk.out)
}

struct Walk<'a> {
    index: &'a Index,
    format: ObjectFormat,
    reader: &'a mut dyn ObjectReader,
    /// The directory, with `/` at its end unless it is the root.
    path: Vec<u8>,
    out: Vec<Change>,
}

impl Walk<'_> {
    /// Compares the index entries `from..to`, all below `self.path`, with a tree.
    fn dir(
        &mut self,
        tree: Option<Oid>,
        cache: Option<&CacheTree>,
        from: usize,
        to: usize,
        depth: usize,
    ) -> Result<(), GitError> {
        if let (Some(tree), Some((_, cached))) = (tree, cache.and_then(|c| c.valid))
            && tree == cached
        {
            return Ok(());
        }
        if depth > MAX_DEPTH {
            return Err(GitError::corrupt("directories nested too deeply"));
        }
        let data = match tree {
            Some(oid) => read_as(self.reader, &oid, ObjectKind::Tree)?,
            None => Vec::new(),
        };
        let mut entries = Entries::new(&data, self.format);
        let mut head = entries.next()?;
        let mut at = from;
        let index = self.index;
        loop {
            // the next name of this directory on the index's side
            let side = match index.entry(at).filter(|_| at < to) {
                Some(entry) => {
                    let rest = entry.path.get(self.path.len()..).unwrap_or_default();
                    Some(match memchr::memchr(b'/', rest) {
                        Some(slash) => (entry, &rest[..slash], true),
                        None => (entry, rest, false),
                    })
                }
                None => None,
            };
            let which = match (&head, &side) {
                (None, None) => return Ok(()),
                (Some(h), Some((_, name, is_dir))) => order((h.name, h.is_tree()), (name, *is_dir)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
            };
            let old = if which == Ordering::Greater { None } else { head };
            if let (Ordering::Less, Some(old)) = (which, old) {
                self.gone(old.name, old.version, depth)?;
            } else if let Some((entry, name, is_dir)) = side {
                let len = self.path.len();
                self.path.extend_from_slice(name);
                if is_dir {
                    self.path.push(b'/');
                    let sub = cache.and_then(|c| c.children.iter().find(|c| c.name == name));
                    let end = self.end_of_dir(at, to, sub);
                    self.dir(old.map(|o| o.version.oid), sub, at, end, depth + 1)?;
                    at = end;
                } else if entry.stage() != 0 {
                    let (path, old) = (RepoPath::new(&self.path), old.map(|o| o.version));
                    self.out.push(Change { status: Status::Unmerged, old, new: None, path, file: None });
                    at = index.partition(at, to, |p| p == self.path);
                } else {
                    let new = (!entry.is_intent_to_add()).then(|| entry.version());
                    let change = tree::change(&self.path, old.map(|o| o.version), new);
                    self.out.extend(change);
                    at += 1;
                }
                self.path.truncate(len);
            }
            if which != Ordering::Greater {
                head = entries.next()?;
            }
        }
    }

    /// Where the entries below `self.path` end. The cache tree's count is a hint that is checked.
    fn end_of_dir(&self, from: usize, to: usize, cache: Option<&CacheTree>) -> usize {
        let below = |n: usize| self.index.entry(n).is_some_and(|e| e.path.starts_with(&self.path));
        let hint = cache.and_then(|c| c.valid).map(|(count, _)| from.saturating_add(count));
        match hint {
            Some(end) if end > from && end <= to && below(end - 1) && (end == to || !below(end)) => end,
            _ => self.index.partition(from, to, |p| p.starts_with(&self.path)),
        }
    }

    /// Everything below a tree entry was taken away.
    fn gone(&mut self, name: &[u8], old: Version, depth: usize) -> Result<(), GitError> {
        let mut path = self.path.clone();
        path.extend_from_slice(name);
        let out = &mut self.out;
        let mut deleted = |path: &[u8], old: Version| {
            out.push(Change {
                status: Status::Deleted,
                old: Some(old),
                new: None,
                path: RepoPath::new(path),
                file: None,
            });
        };
        if old.mode == tree::MODE_TREE {
            path.push(b'/');
            tree::list_into(self.reader, self.format, &old.oid, &mut path, depth + 1, &mut deleted)
        } else {
            deleted(&path, old);
            Ok(())
        }
    }
}
