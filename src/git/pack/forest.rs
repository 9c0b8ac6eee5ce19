//! One pack: its objects in storage order, and which of them are deltas of which.

use super::bits::Bits;
use super::entry::{self, Form};
use super::file::{PackFile, Window};
use super::index::Index;
use super::threads;
use crate::git::{GitError, ObjectFormat, ObjectKind};
use std::path::Path;

/// "No entry".
pub(super) const NONE: u32 = u32::MAX;

/// An entry of a pack.
#[derive(Clone, Copy)]
pub(super) struct Entry {
    /// Where it begins in the file.
    pub(super) offset: u64,
    /// Bytes of the object or delta; `u32::MAX` stands for that and more.
    pub(super) size: u32,
    /// The entry that a delta is against; [`NONE`] for a whole object, and where it is not known.
    pub(super) base: u32,
    /// Position in the index.
    position: u32,
    /// Bytes of the header.
    pub(super) header: u8,
    /// `None` for deltas without a base, and for headers that cannot be read.
    pub(super) kind: Option<ObjectKind>,
}

/// What a header says, the base as an entry.
struct Head {
    size: u32,
    base: u32,
    len: u8,
    kind: Option<ObjectKind>,
}

/// A pack. Entries are numbered in the order in which they are stored.
pub(super) struct Pack {
    pub(super) file: PackFile,
    index: Index,
    pub(super) entries: Vec<Entry>,
    /// For each position of the index its entry.
    by_position: Vec<u32>,
    /// For each entry where its deltas begin in `children`, and the end.
    first_child: Vec<u32>,
    /// The deltas of each entry; the one with the most below it is the last.
    children: Vec<u32>,
    /// Where the last entry ends.
    end: u64,
}

impl Pack {
    /// Opens `path`, which ends in `.idx`, and the pack beside it; reads all headers.
    ///
    /// # Errors
    /// When a file cannot be read, the two do not belong together, or the version is unknown.
    pub(super) fn open(path: &Path, format: ObjectFormat) -> Result<Self, GitError> {
        let index = Index::open(path, format)?;
        let path = path.with_extension("pack");
        let file = PackFile::open(&path)?;
        let bad = |why: &str| GitError::corrupt(format!("{}: {why}", path.display()));
        let id_len = format.id_len();
        let mut head = [0; 12];
        let mut trailer = vec![0; id_len];
        let end = file.len.checked_sub(id_len as u64).filter(|end| *end >= 12).ok_or_else(|| bad("it is cut short"))?;
        file.read_at(0, &mut head)?;
        file.read_at(end, &mut trailer)?;
        let [magic, version, count] = [0, 4, 8].map(|at| head.get(at..at + 4).unwrap_or_default());
        if magic != b"PACK" || !matches!(version, [0, 0, 0, 2 | 3]) {
            return Err(GitError::Unsupported(format!("{}: not a pack of version 2", path.display())));
        }
        // entries and links are 32-bit numbers, of which one is taken
        let fits = u32::try_from(index.count()).is_ok_and(|n| n < NONE && n.to_be_bytes() == count);
        if !fits || trailer != index.pack_checksum() {
            return Err(bad("its index belongs to another pack"));
        }
        let mut pack = Pack {
            entries: in_order(&index).ok_or_else(|| bad("its index names offsets that it does not hold"))?,
            by_position: vec![NONE; index.count()],
            first_child: Vec::new(),
            children: Vec::new(),
            file,
            index,
            end,
        };
        for (n, entry) in pack.entries.iter().enumerate() {
            if let Some(place) = pack.by_position.get_mut(entry.position as usize) {
                *place = n as u32;
            }
        }
        pack.read_headers(id_len)?;
        pack.grow();
        Ok(pack)
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// The entry that holds the object of an id.
    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        self.by_position.get(self.index.find(id)?).copied()
    }

    /// The id of an entry's object.
    pub(super) fn id(&self, entry: u32) -> &[u8] {
        self.entries.get(entry as usize).map_or(&[], |e| self.index.id(e.position as usize))
    }

    /// Where an entry ends.
    pub(super) fn end_of(&self, entry: u32) -> u64 {
        self.entries.get(entry as usize + 1).map_or(self.end, |next| next.offset)
    }

    /// The deltas against an entry.
    pub(super) fn children(&self, entry: u32) -> &[u32] {
        let bound = |n: usize| self.first_child.get(n).map_or(0, |at| *at as usize);
        self.children.get(bound(entry as usize)..bound(entry as usize + 1)).unwrap_or_default()
    }

    /// The entries of a set and all that these are deltas of. `first` is the number of this pack's first entry
    /// in `set`.
    pub(super) fn with_bases(&self, set: &Bits, first: u32) -> Bits {
        let all = Bits::new(self.len());
        for n in 0..self.len() as u32 {
            if set.has(first + n) {
                let mut at = n;
                // a cycle ends where it meets itself
                while at != NONE && all.add(at) {
                    at = self.entries.get(at as usize).map_or(NONE, |e| e.base);
                }
            }
        }
        all
    }

    /// Reads the header of every entry.
    fn read_headers(&mut self, id_len: usize) -> Result<(), GitError> {
        let heads = threads::over_ranges(self.len(), 1 << 14, |range| {
            let mut window = Window::default();
            range.map(|n| self.header(n as u32, id_len, &mut window)).collect::<Result<Vec<_>, GitError>>()
        });
        let mut heads = heads.into_iter().collect::<Result<Vec<_>, GitError>>()?.into_iter().flatten();
        for entry in &mut self.entries {
            if let Some(Some(head)) = heads.next() {
                let Head { size, base, len, kind } = head;
                (entry.size, entry.base, entry.header, entry.kind) = (size, base, len, kind);
            }
        }
        Ok(())
    }

    /// What the header of an entry says; `None` where it makes no sense.
    fn header(&self, n: u32, id_len: usize, window: &mut Window) -> Result<Option<Head>, GitError> {
        let Some(entry) = self.entries.get(n as usize) else { return Ok(None) };
        let room = self.end_of(n).saturating_sub(entry.offset).min(entry::MAX_LEN as u64) as usize;
        let bytes = window.get(&self.file, 0, entry.offset, room)?;
        let Some(header) = entry::parse(bytes, id_len) else { return Ok(None) };
        let (base, kind) = match header.form {
            Form::Whole(kind) => (NONE, Some(kind)),
            Form::Behind(back) => {
                let at = entry.offset.checked_sub(back).filter(|_| back > 0);
                let found = at.and_then(|at| self.entries.binary_search_by_key(&at, |e| e.offset).ok());
                (found.map_or(NONE, |n| n as u32), None)
            }
            Form::Against(id) => (self.find(id).unwrap_or(NONE), None),
        };
        Ok(Some(Head { size: u32::try_from(header.size).unwrap_or(u32::MAX), base, len: header.len, kind }))
    }

    /// Links entries with their deltas, hands kinds down from base to delta, and puts the heaviest delta last.
    fn grow(&mut self) {
        let n = self.len();
        let mut first = vec![0u32; n + 1];
        let bases = || self.entries.iter().map(|e| e.base as usize).enumerate().filter(|(_, base)| *base < n);
        bases().for_each(|(_, base)| first[base + 1] += 1);
        for at in 0..n {
            first[at + 1] += first[at];
        }
        let mut next = first.clone();
        let mut children = vec![0u32; first[n] as usize];
        for (delta, base) in bases() {
            children[next[base] as usize] = delta as u32;
            next[base] += 1;
        }
        drop(next);
        // from the whole objects down; what is not reached hangs on nothing, or on itself
        let mut order: Vec<u32> = (0..n as u32).filter(|at| self.entries[*at as usize].kind.is_some()).collect();
        let mut at = 0;
        while let Some(&base) = order.get(at) {
            let kind = self.entries[base as usize].kind;
            let range = first[base as usize] as usize..first[base as usize + 1] as usize;
            for &child in &children[range] {
                self.entries[child as usize].kind = kind;
                order.push(child);
            }
            at += 1;
        }
        let mut weight = vec![1u32; n];
        for &at in order.iter().rev() {
            let base = self.entries[at as usize].base as usize;
            if base < n {
                weight[base] = weight[base].saturating_add(weight[at as usize]);
            }
        }
        // so that few bases wait while their deltas are made: those on a path halve at each step
        for base in 0..n {
            let family = &mut children[first[base] as usize..first[base + 1] as usize];
            if let Some(heaviest) = (0..family.len()).max_by_key(|at| weight[family[*at] as usize]) {
                let last = family.len() - 1;
                family.swap(heaviest, last);
            }
        }
        self.first_child = first;
        self.children = children;
    }
}

/// The entries in the order of their offsets; `None` where an offset is missing.
fn in_order(index: &Index) -> Option<Vec<Entry>> {
    let entry = |position: usize| {
        Some(Entry {
            offset: index.offset(position)?,
            size: u32::MAX,
            base: NONE,
            position: position as u32,
            header: 0,
            kind: None,
        })
    };
    let mut entries = (0..index.count()).map(entry).collect::<Option<Vec<_>>>()?;
    entries.sort_unstable_by_key(|e| (e.offset, e.position));
    Some(entries)
}
