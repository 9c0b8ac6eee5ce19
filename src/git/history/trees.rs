//! All trees of a history in memory: an entry that many trees share is kept once.
//!
//! A tree is a list of numbers of entries, so that two versions of a directory are compared number by number.
//! Every commit changes a handful of entries; a long history has some times as many of them as blobs.

use crate::change::EntryKind;
use crate::git::GitError;
use crate::git::ObjectFormat;
use crate::git::tree::Entries;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// No object: what an entry points at is not in the store, or belongs to another repository.
pub(super) const NONE: u32 = u32::MAX;
/// Parts of the table of entries, each with a lock of its own.
const SHARDS: usize = 64;
/// Entries that a part may hold, and bytes of their text: what 32-bit numbers can say.
const MAX_ENTRIES: usize = (u32::MAX as usize) / SHARDS - 1;
/// Entries of all trees that one thread keeps.
const MAX_LISTED: usize = u32::MAX as usize - 1;
/// Entries of the tree before that are compared with the next one.
const NEAR: usize = 3;

/// What an entry of a tree is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    Tree,
    /// A file, link or submodule.
    Leaf(EntryKind),
}

/// An entry of a tree.
#[derive(Clone, Copy, Debug)]
struct Edge {
    /// The bytes of it, as the tree has them: mode, space, name, zero, id.
    start: u32,
    len: u32,
    /// Bytes before the name.
    mode: u8,
    kind: Kind,
    child: u32,
}

#[derive(Default)]
struct Shard {
    text: Vec<u8>,
    edges: Vec<Edge>,
    /// Open addressing: number of an edge plus one, 0 where nothing is.
    slots: Vec<u32>,
}

impl Shard {
    fn bytes(&self, edge: &Edge) -> &[u8] {
        self.text.get(edge.start as usize..edge.start as usize + edge.len as usize).unwrap_or_default()
    }

    /// The number of the entry with these bytes, made by `make` where it is new.
    fn intern(
        &mut self,
        raw: &[u8],
        hash: usize,
        hasher: &RandomState,
        make: impl FnOnce() -> (u8, Kind, u32),
    ) -> Option<u32> {
        if self.slots.len() < 2 * (self.edges.len() + 1) {
            self.grow(hasher);
        }
        let mask = self.slots.len() - 1;
        let mut at = hash & mask;
        loop {
            match self.slots.get(at)?.checked_sub(1) {
                None => break,
                Some(n) if self.edges.get(n as usize).is_some_and(|edge| self.bytes(edge) == raw) => return Some(n),
                Some(_) => at = (at + 1) & mask,
            }
        }
        let (mode, kind, child) = make();
        let (n, start) = (self.edges.len(), u32::try_from(self.text.len()).ok()?);
        let len = u32::try_from(raw.len()).ok().filter(|len| start.checked_add(*len).is_some())?;
        if n >= MAX_ENTRIES {
            return None;
        }
        self.text.extend_from_slice(raw);
        self.edges.push(Edge { start, len, mode, kind, child });
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = n as u32 + 1;
        }
        Some(n as u32)
    }

    fn grow(&mut self, hasher: &RandomState) {
        let size = (self.slots.len() * 2).max(256);
        let mut slots = vec![0u32; size];
        for (n, edge) in self.edges.iter().enumerate() {
            let mut at = hash(hasher, self.bytes(edge)) & (size - 1);
            while slots.get(at).is_some_and(|slot| *slot != 0) {
                at = (at + 1) & (size - 1);
            }
            if let Some(slot) = slots.get_mut(at) {
                *slot = n as u32 + 1;
            }
        }
        self.slots = slots;
    }
}

/// Keyed anew at every run, so that no repository can be made to collide.
fn hash(hasher: &RandomState, raw: &[u8]) -> usize {
    // the lowest bits choose the shard
    (hasher.hash_one(raw) >> 6) as usize
}

/// The table while trees are read.
pub(super) struct Table {
    shards: Vec<Mutex<Shard>>,
    hasher: RandomState,
    format: ObjectFormat,
}

impl Table {
    pub(super) fn new(format: ObjectFormat) -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Table { shards, hasher: RandomState::new(), format }
    }

    fn intern(&self, raw: &[u8], make: impl FnOnce() -> (u8, Kind, u32)) -> Option<u32> {
        let full = self.hasher.hash_one(raw);
        let shard = full as usize % SHARDS;
        let mut guard = self.shards.get(shard)?.lock().unwrap_or_else(PoisonError::into_inner);
        let n = guard.intern(raw, (full >> 6) as usize, &self.hasher, make)?;
        Some(n * SHARDS as u32 + shard as u32)
    }

    /// The finished table, with what the threads have read; `objects` is how many numbers there are.
    pub(super) fn finish(self, readers: Vec<Reader>, objects: usize) -> Trees {
        let mut at = vec![Place { list: NONE, start: 0, len: 0 }; objects];
        let mut lists = Vec::with_capacity(readers.len());
        for (n, reader) in readers.into_iter().enumerate() {
            for (object, start, len) in reader.trees {
                if let Some(place) = at.get_mut(object as usize) {
                    *place = Place { list: n as u32, start, len };
                }
            }
            lists.push(reader.list);
        }
        let unlocked = |shard: Mutex<Shard>| {
            let mut shard = shard.into_inner().unwrap_or_else(PoisonError::into_inner);
            shard.slots = Vec::new();
            shard
        };
        Trees { shards: self.shards.into_iter().map(unlocked).collect(), lists, at }
    }
}

/// What one thread reads. Trees of one directory come after one another, so that most entries are those of the
/// tree before.
#[derive(Default)]
pub(super) struct Reader {
    /// The entries of all trees, one after the other.
    list: Vec<u32>,
    /// Object, start in `list`, number of entries.
    trees: Vec<(u32, u32, u32)>,
    /// The tree before: its bytes, and where each entry ends.
    last: Vec<u8>,
    ends: Vec<usize>,
    next_ends: Vec<usize>,
}

impl Reader {
    /// Takes a tree object; `find` gives the number of an object by its id.
    ///
    /// # Errors
    /// A malformed tree; more trees than can be counted.
    pub(super) fn add(
        &mut self,
        table: &Table,
        object: u32,
        data: &[u8],
        find: impl Fn(&[u8]) -> Option<u32>,
    ) -> Result<(), GitError> {
        let start = self.list.len();
        let result = self.read(table, data, find);
        let (Ok(from), Ok(len)) = (u32::try_from(start), u32::try_from(self.list.len() - start)) else {
            return Err(too_many());
        };
        match result {
            Ok(()) => {
                self.trees.push((object, from, len));
                self.last.clear();
                self.last.extend_from_slice(data);
                std::mem::swap(&mut self.ends, &mut self.next_ends);
            }
            Err(_) => {
                self.list.truncate(start);
                self.last.clear();
                self.ends.clear();
            }
        }
        result
    }

    fn read(&mut self, table: &Table, data: &[u8], find: impl Fn(&[u8]) -> Option<u32>) -> Result<(), GitError> {
        self.next_ends.clear();
        // of the tree before: position, where its entries begin in the list
        let (mut near, before) = (0, self.list.len().saturating_sub(self.ends.len()));
        let mut entries = Entries::new(data, table.format);
        let mut from = 0;
        while let Some(entry) = entries.next()? {
            let to = data.len() - entries.left();
            let raw = data.get(from..to).unwrap_or_default();
            let known = (near..near + NEAR).find(|n| self.before(*n) == Some(raw));
            let edge = match known {
                Some(n) => {
                    near = n + 1;
                    self.list.get(before + n).copied()
                }
                None => table.intern(raw, || {
                    let mode = raw.len() - entry.name.len() - 1 - table.format.id_len();
                    let kind = match EntryKind::from_mode(entry.version.mode) {
                        Some(kind) if !entry.is_tree() => Kind::Leaf(kind),
                        _ => Kind::Tree,
                    };
                    let inside = kind != Kind::Leaf(EntryKind::Gitlink);
                    let child = if inside { find(entry.version.oid.as_bytes()) } else { None };
                    (mode as u8, kind, child.unwrap_or(NONE))
                }),
            };
            if self.list.len() >= MAX_LISTED {
                return Err(too_many());
            }
            self.list.push(edge.ok_or_else(too_many)?);
            self.next_ends.push(to);
            from = to;
        }
        Ok(())
    }

    /// The bytes of an entry of the tree before.
    fn before(&self, n: usize) -> Option<&[u8]> {
        let start = match n.checked_sub(1) {
            Some(n) => *self.ends.get(n)?,
            None => 0,
        };
        self.last.get(start..*self.ends.get(n)?)
    }
}

fn too_many() -> GitError {
    GitError::Unsupported("more entries of trees than can be counted".into())
}

#[derive(Clone, Copy)]
struct Place {
    list: u32,
    start: u32,
    len: u32,
}

/// All trees of a history.
pub(super) struct Trees {
    shards: Vec<Shard>,
    lists: Vec<Vec<u32>>,
    /// By object.
    at: Vec<Place>,
}

impl Trees {
    /// The entries of a tree in their order, by number; `None` where the object was not read, or is no tree.
    pub(super) fn entries(&self, object: u32) -> Option<&[u32]> {
        let place = self.at.get(object as usize)?;
        let start = place.start as usize;
        self.lists.get(place.list as usize)?.get(start..start + place.len as usize)
    }

    fn edge(&self, n: u32) -> Option<(&Shard, &Edge)> {
        let shard = self.shards.get(n as usize % SHARDS)?;
        Some((shard, shard.edges.get(n as usize / SHARDS)?))
    }

    /// What an entry is and the object that it points at; [`NONE`] where that is not in the store.
    pub(super) fn target(&self, entry: u32) -> (Kind, u32) {
        self.edge(entry).map_or((Kind::Tree, NONE), |(_, edge)| (edge.kind, edge.child))
    }

    /// The entry as the tree object has it.
    pub(super) fn raw(&self, entry: u32) -> &[u8] {
        self.edge(entry).map_or(&[], |(shard, edge)| shard.bytes(edge))
    }

    /// The name of an entry.
    pub(super) fn name(&self, entry: u32) -> &[u8] {
        let Some((shard, edge)) = self.edge(entry) else { return &[] };
        let rest = shard.bytes(edge).get(usize::from(edge.mode)..).unwrap_or_default();
        memchr::memchr(0, rest).and_then(|end| rest.get(..end)).unwrap_or_default()
    }

    /// All numbers of entries are below this.
    pub(super) fn bound(&self) -> usize {
        self.shards.iter().map(|shard| shard.edges.len()).max().unwrap_or(0) * SHARDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(entries: &[(&str, &str, u8)]) -> Vec<u8> {
        let entry =
            |(mode, name, id): &(&str, &str, u8)| [mode.as_bytes(), b" ", name.as_bytes(), b"\0", &[*id; 20]].concat();
        entries.iter().flat_map(entry).collect()
    }

    #[test]
    fn trees_keep_their_entries_and_share_them() {
        let table = Table::new(ObjectFormat::Sha1);
        let mut reader = Reader::default();
        let trees = [
            tree(&[("100644", "a", 1), ("100755", "b", 2), ("40000", "c", 3), ("120000", "d", 4), ("160000", "e", 5)]),
            tree(&[("100644", "a", 1), ("100755", "b", 9), ("40000", "c", 3), ("120000", "d", 4), ("160000", "e", 5)]),
            tree(&[("100755", "b", 9), ("40000", "c", 3)]),
            tree(&[]),
            tree(&[("100644", "0", 7), ("100644", "a", 1), ("40000", "c", 3)]),
        ];
        for (n, tree) in trees.iter().enumerate() {
            reader.add(&table, n as u32, tree, |id| (id[0] != 9).then(|| u32::from(id[0]))).unwrap();
        }
        assert!(reader.add(&table, 5, b"100644 x\0short", |_| None).is_err());
        let all = table.finish(vec![Reader::default(), reader], 6);
        for (n, tree) in trees.iter().enumerate() {
            let entries = all.entries(n as u32).unwrap();
            assert_eq!(entries.iter().flat_map(|e| all.raw(*e)).copied().collect::<Vec<u8>>(), *tree);
        }
        assert!(all.entries(5).is_none() && all.entries(77).is_none());
        let entries = all.entries(0).unwrap();
        assert_eq!(entries[2], all.entries(4).unwrap()[2]);
        let targets: Vec<_> = entries.iter().map(|e| (all.target(*e), all.name(*e)[0])).collect();
        let leaf = Kind::Leaf;
        assert_eq!(
            targets,
            [
                ((leaf(EntryKind::File), 1), b'a'),
                ((leaf(EntryKind::Executable), 2), b'b'),
                ((Kind::Tree, 3), b'c'),
                ((leaf(EntryKind::Symlink), 4), b'd'),
                ((leaf(EntryKind::Gitlink), NONE), b'e')
            ]
        );
        assert_eq!(all.target(all.entries(2).unwrap()[0]), (leaf(EntryKind::Executable), NONE));
    }

    #[test]
    fn many_entries_are_told_apart() {
        let table = Table::new(ObjectFormat::Sha1);
        let mut reader = Reader::default();
        let names: Vec<String> = (0..20_000).map(|n| format!("file{n:05}")).collect();
        let all: Vec<_> = names.iter().map(|name| ("100644", name.as_str(), 1)).collect();
        for (n, part) in all.chunks(100).enumerate() {
            reader.add(&table, n as u32, &tree(part), |_| Some(1)).unwrap();
        }
        let trees = table.finish(vec![reader], 200);
        for n in 0..200 {
            let found: Vec<_> = trees.entries(n).unwrap().iter().map(|e| trees.name(*e)).collect();
            assert_eq!(found, all[n as usize * 100..][..100].iter().map(|e| e.1.as_bytes()).collect::<Vec<_>>());
        }
    }
}
