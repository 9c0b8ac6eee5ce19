//! What an earlier look at the same history found: nothing in most of it.
//!
//! The file lies in the repository's own directory: who can write there can also change the hooks. It holds, for
//! one judge, which blobs at which paths hold nothing, and what was picked when the refs led where they lead
//! now. Whatever is wrong with a file, it counts as absent.

use crate::change::{Occurrence, Oid};
use crate::git::pack::Store;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

/// The name and version of the format.
const MAGIC: &[u8; 16] = b"gitward-history1";
/// Blobs that are remembered: 24 MB of file.
const MAX_CLEAN: usize = 1 << 20;
/// Bytes of a file that is read at all.
const MAX_FILE: u64 = 64 << 20;
/// Files of other judges that are left beside one's own.
const MAX_FILES: usize = 3;

/// Where results are remembered, and whose they are.
#[derive(Clone, Debug)]
pub struct Cache {
    /// The directory, which is made if need be.
    pub dir: PathBuf,
    /// Stands for everything that the judge's answers depend on beside what it is asked about: rules, settings,
    /// the program itself.
    pub judge: [u8; 32],
}

/// A blob at its paths, and what it is called by: see [`key`].
pub(super) type Key = [u8; 16];

/// What is remembered.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Record {
    /// Where the refs led, and where the history was cut off: see [`tips`].
    pub(super) tips: [u8; 32],
    /// Blobs, bytes and commits that hold nothing.
    pub(super) counts: [u64; 3],
    /// Commits that were picked, in order: whether it brings a blob that holds something, whether it holds
    /// something itself.
    pub(super) commits: Vec<(Oid, bool, bool)>,
    /// Blobs that hold something; whether a tip still has them.
    pub(super) blobs: Vec<(Oid, bool)>,
    /// Blobs that hold nothing, and their bytes.
    pub(super) clean: HashMap<Key, u64>,
}

impl Record {
    /// Whether what was picked is still there: objects may have been taken away.
    pub(super) fn is_within(&self, store: &Store) -> bool {
        let ids = self.commits.iter().map(|c| &c.0).chain(self.blobs.iter().map(|b| &b.0));
        ids.into_iter().all(|oid| store.find(oid.as_bytes()).is_some())
    }
}

/// A blob and all paths that it is at: other rules may look at other paths.
pub(super) fn key(oid: &Oid, seen: &[Occurrence]) -> Key {
    let mut places: Vec<(&[u8], u8)> = seen.iter().map(|s| (s.path.as_bytes(), s.kind as u8)).collect();
    places.sort_unstable();
    let mut hash = Sha256::new();
    hash.update(oid.as_bytes());
    for (path, kind) in places {
        hash.update((path.len() as u64).to_le_bytes());
        hash.update(path);
        hash.update([kind]);
    }
    let mut key = Key::default();
    key.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    key
}

/// A digest of ids, in an order of their own.
pub(super) fn tips(ids: impl IntoIterator<Item = (u8, Oid)>) -> [u8; 32] {
    let mut ids: Vec<_> = ids.into_iter().collect();
    ids.sort_unstable();
    let mut hash = Sha256::new();
    for (kind, oid) in ids {
        hash.update([kind, oid.as_bytes().len() as u8]);
        hash.update(oid.as_bytes());
    }
    hash.finalize().into()
}

impl Cache {
    fn file(&self) -> PathBuf {
        let hex: String = self.judge.iter().take(8).map(|b| format!("{b:02x}")).collect();
        self.dir.join(format!("history-{hex}"))
    }

    /// What is remembered; `None` where there is nothing, or nothing that can be trusted to be whole.
    pub(super) fn load(&self) -> Option<Record> {
        let file = self.file();
        if std::fs::metadata(&file).ok()?.len() > MAX_FILE {
            return None;
        }
        self.parse(&std::fs::read(file).ok()?)
    }

    fn parse(&self, bytes: &[u8]) -> Option<Record> {
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(32)?)?;
        let mut rest = body.strip_prefix(MAGIC)?.strip_prefix(&self.judge)?;
        if sum != &Sha256::digest(body)[..] {
            return None;
        }
        let rest = &mut rest;
        let mut record = Record { tips: take(rest)?, ..Record::default() };
        for count in &mut record.counts {
            *count = u64::from_le_bytes(take(rest)?);
        }
        let id_len = usize::from(take::<1>(rest)?[0]);
        let id = |rest: &mut &[u8]| {
            let (id, left) = rest.split_at_checked(id_len)?;
            *rest = left;
            Some((Oid::from_bytes(id)?, take::<1>(rest)?[0]))
        };
        for _ in 0..u64::from_le_bytes(take(rest)?) {
            let (oid, flags) = id(rest)?;
            record.commits.push((oid, flags & 1 != 0, flags & 2 != 0));
        }
        for _ in 0..u64::from_le_bytes(take(rest)?) {
            let (oid, flags) = id(rest)?;
            record.blobs.push((oid, flags & 1 != 0));
        }
        for _ in 0..u64::from_le_bytes(take(rest)?) {
            record.clean.insert(take(rest)?, u64::from_le_bytes(take(rest)?));
        }
        rest.is_empty().then_some(record)
    }

    fn format(&self, record: &Record) -> Vec<u8> {
        let mut out = [&MAGIC[..], &self.judge, &record.tips].concat();
        record.counts.iter().for_each(|count| out.extend(count.to_le_bytes()));
        let ids = record.commits.iter().map(|c| c.0).chain(record.blobs.iter().map(|b| b.0));
        out.push(ids.map(|oid| oid.as_bytes().len()).next().unwrap_or(20) as u8);
        out.extend((record.commits.len() as u64).to_le_bytes());
        for (oid, brings, holds) in &record.commits {
            out.extend(oid.as_bytes());
            out.push(u8::from(*brings) | u8::from(*holds) << 1);
        }
        out.extend((record.blobs.len() as u64).to_le_bytes());
        for (oid, stands) in &record.blobs {
            out.extend(oid.as_bytes());
            out.push(u8::from(*stands));
        }
        out.extend((record.clean.len() as u64).to_le_bytes());
        let mut clean: Vec<_> = record.clean.iter().collect();
        clean.sort_unstable();
        for (key, bytes) in clean {
            out.extend(key);
            out.extend(bytes.to_le_bytes());
        }
        let sum = Sha256::digest(&out);
        out.extend(sum);
        out
    }

    /// Remembers; where that is not possible, the next run takes as long as this one did.
    pub(super) fn store(&self, record: &Record) {
        if record.clean.len() > MAX_CLEAN {
            return;
        }
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.dir)?;
            let mut file = tempfile::Builder::new().prefix("history-").suffix(".tmp").tempfile_in(&self.dir)?;
            file.write_all(&self.format(record))?;
            file.persist(self.file()).map(drop).map_err(|e| e.error)
        };
        if write().is_ok() {
            self.forget_others();
        }
    }

    /// Removes the files of all judges but the latest ones.
    fn forget_others(&self) {
        let own = self.file();
        let mut files: Vec<_> = std::fs::read_dir(&self.dir)
            .into_iter()
            .flatten()
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let is_one = path.file_name()?.to_str()?.starts_with("history-") && path != own;
                Some((std::fs::metadata(&path).ok()?.modified().ok()?, path)).filter(|_| is_one)
            })
            .collect();
        files.sort();
        let many = files.len().saturating_sub(MAX_FILES);
        for (_, path) in files.into_iter().take(many) {
            // gone already, or kept by someone: neither matters
            let _ = std::fs::remove_file(path);
        }
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (found, left) = rest.split_first_chunk()?;
    *rest = left;
    Some(*found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> Record {
        let oid = |n| Oid::from_bytes(&[n; 20]).unwrap();
        Record {
            tips: [9; 32],
            counts: [1, 2, 3],
            commits: vec![(oid(5), true, false), (oid(4), false, true)],
            blobs: vec![(oid(7), true), (oid(8), false)],
            clean: (0..50).map(|n| ([n; 16], u64::from(n) << 33)).collect(),
        }
    }

    #[test]
    fn what_was_stored_is_loaded() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache { dir: dir.path().join("new"), judge: [1; 32] };
        assert_eq!(cache.load(), None);
        cache.store(&record());
        assert_eq!(cache.load(), Some(record()));
        // another judge's answers are not its own, and do not pile up
        for judge in 2..20 {
            let other = Cache { judge: [judge; 32], ..cache.clone() };
            assert_eq!(other.load(), None);
            other.store(&Record::default());
            assert_eq!(other.load(), Some(Record::default()));
        }
        assert_eq!(std::fs::read_dir(&cache.dir).unwrap().count(), MAX_FILES + 1);
    }

    #[test]
    fn a_damaged_file_is_none() {
        let cache = Cache { dir: PathBuf::new(), judge: [1; 32] };
        let good = cache.format(&record());
        assert_eq!(cache.parse(&good), Some(record()));
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 4;
            assert_eq!(cache.parse(&bad), None, "{at}");
            assert_eq!(cache.parse(&good[..at]), None, "{at}");
        }
    }
}
