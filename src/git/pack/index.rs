//! A pack's index, version 2: ids in ascending order and where each object begins (Git's
//! `gitformat-pack`, section "Version 2 pack-*.idx files").

use crate::git::{GitError, ObjectFormat};
use std::cmp::Ordering;
use std::path::Path;

/// Magic number and version.
const HEAD: &[u8] = b"\xfftOc\0\0\0\x02";
/// The head, then 256 running totals of 4 bytes.
const TABLES: usize = 8 + 256 * 4;

/// Looks of a search that go where an id should be; the others halve what is left.
const GUESSES: usize = 4;
/// Among so many ids a guess is no better than the middle.
const FEW: usize = 4;

pub(super) struct Index {
    data: Vec<u8>,
    count: usize,
    id_len: usize,
}

impl Index {
    /// Reads an index file whole: some 28 bytes an object.
    ///
    /// # Errors
    /// Another version is [`GitError::Unsupported`], a malformed table [`GitError::Corrupt`].
    pub(super) fn open(path: &Path, format: ObjectFormat) -> Result<Self, GitError> {
        Self::parse(std::fs::read(path).map_err(|e| GitError::io(path, &e))?, format)
    }

    fn parse(data: Vec<u8>, format: ObjectFormat) -> Result<Self, GitError> {
        if !data.starts_with(HEAD) {
            return Err(GitError::Unsupported("pack index of another version than 2".into()));
        }
        let bad = || GitError::corrupt("malformed pack index");
        let mut index = Index { data, count: 0, id_len: format.id_len() };
        let mut last = 0;
        for first in 0..256 {
            let total = index.word(8 + 4 * first).ok_or_else(bad)?;
            if total < last {
                return Err(bad());
            }
            last = total;
        }
        index.count = last as usize;
        let fixed = index.count.checked_mul(index.id_len + 8).and_then(|n| n.checked_add(TABLES + 2 * index.id_len));
        match fixed.and_then(|fixed| index.data.len().checked_sub(fixed)) {
            // what is more are offsets of 8 bytes
            Some(more) if more % 8 == 0 && more / 8 <= index.count => Ok(index),
            _ => Err(bad()),
        }
    }

    fn word(&self, at: usize) -> Option<u32> {
        self.data.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
    }

    /// How many objects.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The id at a position, empty beyond the last.
    pub(super) fn id(&self, position: usize) -> &[u8] {
        let at = TABLES + position * self.id_len;
        if position < self.count { self.data.get(at..at + self.id_len).unwrap_or_default() } else { &[] }
    }

    /// Where in the pack the object at a position begins.
    pub(super) fn offset(&self, position: usize) -> Option<u64> {
        let short = TABLES + self.count * (self.id_len + 4);
        let word = self.word(short + 4 * position)?;
        if word & 1 << 31 == 0 {
            return Some(u64::from(word));
        }
        let at = short + 4 * self.count + 8 * (word & !(1 << 31)) as usize;
        let end = self.data.len() - 2 * self.id_len;
        let bytes = self.data.get(at..at + 8).filter(|_| at + 8 <= end)?;
        bytes.try_into().ok().map(u64::from_be_bytes)
    }

    /// The position of an id. Ids are evenly spread, so that the first looks go where one should be.
    pub(super) fn find(&self, id: &[u8]) -> Option<usize> {
        let first = usize::from(*id.first()?);
        let mut low = if first == 0 { 0 } else { self.word(8 + 4 * (first - 1))? as usize };
        let mut high = self.word(8 + 4 * first)? as usize;
        // those of the ids from `low` on are not below `floor`, those of the ids in front of `high` below `ceiling`
        let (wanted, mut floor, mut ceiling) = (second(id), 0, 1 << 32);
        let mut guesses = GUESSES;
        while low < high {
            let middle = if guesses > 0 && high - low > FEW {
                guesses -= 1;
                let share = (high - low) as u64 * (wanted - floor) / (ceiling - floor);
                // less than the whole
                low + share as usize
            } else {
                low + (high - low) / 2
            };
            let here = self.id(middle);
            match here.cmp(id) {
                Ordering::Less => (low, floor) = (middle + 1, second(here).clamp(floor, wanted)),
                Ordering::Greater => (high, ceiling) = (middle, (second(here) + 1).clamp(wanted + 1, ceiling)),
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }

    /// The checksum of the pack that it was made for.
    pub(super) fn pack_checksum(&self) -> &[u8] {
        let end = self.data.len() - self.id_len;
        self.data.get(end - self.id_len..end).unwrap_or_default()
    }
}

/// What tells ids with the same first byte apart: the four bytes behind it.
fn second(id: &[u8]) -> u64 {
    id.iter().skip(1).take(4).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An index of these ids, each at ten times its position, but the last beyond 2^31.
    fn index(ids: &[[u8; 20]]) -> Vec<u8> {
        let mut data = HEAD.to_vec();
        for first in 0..=255u8 {
            data.extend((ids.iter().filter(|id| id[0] <= first).count() as u32).to_be_bytes());
        }
        ids.iter().for_each(|id| data.extend(id));
        data.extend(vec![0; 4 * ids.len()]);
        for n in 0..ids.len() as u32 {
            data.extend(if n + 1 == ids.len() as u32 { 1 << 31 } else { 10 * n }.to_be_bytes());
        }
        data.extend((1u64 << 40).to_be_bytes());
        data.extend([7; 20]);
        data.extend([8; 20]);
        data
    }

    #[test]
    fn finds_every_id_and_no_other() {
        let ids = [[0; 20], [3; 20], [3; 20].map(|b| b + 1), [255; 20]];
        let index = Index::parse(index(&ids), ObjectFormat::Sha1).unwrap();
        for (n, id) in ids.iter().enumerate() {
            assert_eq!(index.find(id), Some(n));
            assert_eq!(index.id(n), id);
        }
        assert_eq!((index.find(&[2; 20]), index.find(&[]), index.id(4)), (None, None, &[][..]));
        assert_eq!([0, 2, 3].map(|n| index.offset(n)), [Some(0), Some(20), Some(1 << 40)]);
        assert_eq!(index.pack_checksum(), [7; 20]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn finds_ids_however_they_are_spread(
            mut ids in prop::collection::vec(prop::array::uniform20(prop_oneof![any::<u8>(), 0..2u8, Just(255)]), 0..300),
            other in prop::array::uniform20(0..2u8),
        ) {
            // many with one first byte
            ids.iter_mut().skip(3).for_each(|id| id[0] %= 3);
            ids.sort();
            ids.dedup();
            let index = Index::parse(index(&ids), ObjectFormat::Sha1).unwrap();
            for (n, id) in ids.iter().enumerate() {
                prop_assert_eq!(index.find(id), Some(n));
            }
            prop_assert_eq!(index.find(&other), ids.binary_search(&other).ok());
        }
    }

    #[test]
    fn damage_is_an_error_or_an_absent_object() {
        let good = index(&[[1; 20], [2; 20]]);
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 0xff;
            if let Ok(index) = Index::parse(bad, ObjectFormat::Sha1) {
                for n in 0..index.count() {
                    let _ = (index.offset(n), index.find(index.id(n)));
                }
            }
            // without its long offset it is a table of the right shape, whose offset is missing
            let cut = Index::parse(good[..at].to_vec(), ObjectFormat::Sha1);
            assert!(cut.is_err() || at + 8 == good.len() && cut.is_ok_and(|i| i.offset(1).is_none()), "{at}");
        }
    }
}
