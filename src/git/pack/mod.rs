//! Object stores read in bulk: every object once, in storage order, on all cores.
//!
//! Reading objects one by one applies the deltas in front of each again and again. Here a pack is taken as the
//! forest that its deltas form: each object is made once, from its base, while that is at hand ([`sweep`]).
//! What cannot be made here - damaged, too large, hanging on nothing - is left out of what [`Store::sweep`]
//! says it has visited; the caller reads it in the ordinary way, which says what is wrong with it.
//!
//! Packs are read at positions, not mapped: mapping needs `unsafe`, since a file may change under it.

mod alternates;
mod bits;
mod delta;
mod entry;
mod file;
mod forest;
mod index;
mod inflate;
mod loose;
mod sweep;
#[cfg(test)]
mod tests;
pub(super) mod threads;

pub(super) use bits::Bits;
pub(super) use sweep::Version;
pub use sweep::Watch;

use super::{GitError, ObjectFormat, ObjectKind};
use crate::change::Oid;
use forest::Pack;
use loose::Loose;
use std::path::Path;

/// All objects of a repository, numbered in storage order: pack after pack, then the loose ones. An object that
/// is stored twice has two numbers, of which [`Store::find`] knows one.
pub(super) struct Store {
    packs: Vec<Pack>,
    /// The number of each pack's first object.
    firsts: Vec<u32>,
    loose: Loose,
    /// The number of the first loose object.
    first_loose: u32,
}

impl Store {
    /// Opens the object directory of a repository and those that it borrows from.
    ///
    /// # Errors
    /// [`GitError::Unsupported`] for what only another reader understands; damage of indexes and packs as a
    /// whole.
    pub(super) fn open(objects: &Path, format: ObjectFormat) -> Result<Self, GitError> {
        let dirs = alternates::with_alternates(objects)?;
        let mut indexes = Vec::new();
        for dir in &dirs {
            let dir = dir.join("pack");
            let entries = match std::fs::read_dir(&dir) {
                Ok(entries) => entries,
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => return Err(GitError::io(dir, &e)),
            };
            for entry in entries {
                let path = entry.map_err(|e| GitError::io(&dir, &e))?.path();
                if path.extension().is_some_and(|e| e == "idx") && path.with_extension("pack").is_file() {
                    indexes.push(path);
                }
            }
        }
        // the same order at every run
        indexes.sort();
        let mut store =
            Store { packs: Vec::new(), firsts: Vec::new(), loose: Loose::list(&dirs, format)?, first_loose: 0 };
        let mut total = 0u32;
        let mut take = |n: usize| {
            let first = total;
            total = u32::try_from(n).ok().and_then(|n| total.checked_add(n))?;
            (total < forest::NONE).then_some(first)
        };
        let too_many = || GitError::Unsupported("more than four thousand million objects".into());
        for path in indexes {
            let pack = Pack::open(&path, format)?;
            store.firsts.push(take(pack.len()).ok_or_else(too_many)?);
            store.packs.push(pack);
        }
        store.first_loose = take(store.loose.len()).ok_or_else(too_many)?;
        Ok(store)
    }

    /// How many numbers there are.
    pub(super) fn len(&self) -> usize {
        self.first_loose as usize + self.loose.len()
    }

    /// The number of an object.
    pub(super) fn find(&self, oid: &[u8]) -> Option<u32> {
        let packed = self.packs.iter().zip(&self.firsts).find_map(|(pack, first)| Some(first + pack.find(oid)?));
        packed.or_else(|| Some(self.first_loose + self.loose.find(oid)?))
    }

    /// The id of a number.
    pub(super) fn id(&self, n: u32) -> Option<Oid> {
        match self.pack_of(n) {
            Some((pack, entry)) => Oid::from_bytes(pack.id(entry)),
            None => self.loose.id(n.checked_sub(self.first_loose)?).copied(),
        }
    }

    /// The kind of a packed object; `None` for loose ones, which have to be read first, and for what hangs on
    /// nothing.
    pub(super) fn kind(&self, n: u32) -> Option<ObjectKind> {
        let (pack, entry) = self.pack_of(n)?;
        pack.entries.get(entry as usize)?.kind
    }

    /// Whether no object can have two numbers.
    pub(super) fn is_single(&self) -> bool {
        self.packs.len() + usize::from(self.loose.len() > 0) <= 1
    }

    /// The numbers of loose objects.
    pub(super) fn loose(&self) -> std::ops::Range<u32> {
        self.first_loose..self.len() as u32
    }

    fn pack_of(&self, n: u32) -> Option<(&Pack, u32)> {
        let at = self.firsts.partition_point(|first| *first <= n).checked_sub(1)?;
        let entry = n - self.firsts.get(at)?;
        self.packs.get(at).filter(|pack| (entry as usize) < pack.len()).map(|pack| (pack, entry))
    }
}
