//! The index file, versions 2 to 4, both object formats, read without a copy of each entry.
//!
//! Format: Git's `Documentation/gitformat-index`. Split (`link`) and sparse (`sdir`) indexes, and required
//! extensions that are not known here, are [`GitError::Unsupported`]: `git` itself has to read them.

use super::{GitError, ObjectFormat, Version};
use crate::change::Oid;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The index as it lies on disk, with the places of its parts.
#[derive(Debug)]
pub struct Index {
    data: Vec<u8>,
    format: ObjectFormat,
    /// Where each entry starts in the file.
    starts: Vec<u32>,
    /// Version 4 stores paths as differences; whole ones are kept here.
    whole: Option<WholePaths>,
    /// The root of the cache tree, where the file has one.
    cache: Option<CacheTree>,
    /// When the file was written.
    written: Option<SystemTime>,
}

/// The paths of all entries, one behind the other.
#[derive(Default, Debug)]
struct WholePaths {
    bytes: Vec<u8>,
    /// Where each ends; it starts where the one before it ends.
    ends: Vec<u32>,
}

impl WholePaths {
    fn get(&self, n: usize) -> Option<&[u8]> {
        let start = n.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0);
        self.bytes.get(start as usize..*self.ends.get(n)? as usize)
    }

    /// Adds the path that keeps all but `strip` bytes of the last one, and goes on with `rest`.
    fn push(&mut self, strip: usize, rest: &[u8]) -> Option<()> {
        let last = self.ends.len().checked_sub(1).and_then(|n| self.get(n)).map_or(0, <[u8]>::len);
        let start = self.bytes.len() - last;
        self.bytes.extend_from_within(start..start + last.checked_sub(strip)?);
        self.bytes.extend_from_slice(rest);
        self.ends.push(u32::try_from(self.bytes.len()).ok()?);
        Some(())
    }
}

/// A node of the `TREE` extension: a directory whose tree object is known.
#[derive(Debug)]
pub(crate) struct CacheTree {
    pub(crate) name: Vec<u8>,
    /// Index entries below it, and the tree; `None` where the directory changed since it was computed.
    pub(crate) valid: Option<(usize, Oid)>,
    pub(crate) children: Vec<CacheTree>,
}

/// One entry of the index.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Its path.
    pub path: &'a [u8],
    /// Ten 32-bit numbers of file status, then the id and the flags.
    raw: &'a [u8],
    id_len: usize,
}

const FLAG_ASSUME_VALID: u16 = 0x8000;
const FLAG_EXTENDED: u16 = 0x4000;
const EXT_INTENT_TO_ADD: u16 = 0x2000;
const EXT_SKIP_WORKTREE: u16 = 0x4000;
/// Bytes of file status in front of the id.
const STAT_LEN: usize = 40;

impl<'a> Entry<'a> {
    fn word(&self, n: usize) -> u32 {
        be32(self.raw, n * 4).unwrap_or(0)
    }

    /// Mode and object.
    pub fn version(&self) -> Version {
        let oid = self.raw.get(STAT_LEN..STAT_LEN + self.id_len).and_then(Oid::from_bytes);
        // the parser has checked that the bytes are there
        let oid = oid.unwrap_or_else(|| Oid::zero(self.id_len));
        Version { mode: self.word(6), oid }
    }

    fn flags(&self) -> u16 {
        be16(self.raw, STAT_LEN + self.id_len).unwrap_or(0)
    }

    fn extended(&self) -> u16 {
        if self.flags() & FLAG_EXTENDED == 0 { 0 } else { be16(self.raw, STAT_LEN + self.id_len + 2).unwrap_or(0) }
    }

    /// 0, or 1 to 3 for the sides of a conflict.
    pub fn stage(&self) -> u16 {
        self.flags() >> 12 & 3
    }

    /// `git add --intent-to-add`: the path is tracked, its content not staged.
    pub fn is_intent_to_add(&self) -> bool {
        self.extended() & EXT_INTENT_TO_ADD != 0
    }

    /// Whether the user has told Git not to look at the file on disk.
    pub fn is_hidden_from_work_tree(&self) -> bool {
        self.flags() & FLAG_ASSUME_VALID != 0 || self.extended() & EXT_SKIP_WORKTREE != 0
    }

    /// Size of the file on disk when it was staged, in bytes modulo 2^32; 0 also where Git distrusts it.
    pub fn size(&self) -> u32 {
        self.word(9)
    }

    /// Whether a file with this metadata still is what was staged, by Git's own test: size, times, inode.
    /// A file as young as the index may have changed within the clock's resolution and is not trusted.
    #[cfg(unix)]
    pub fn matches(&self, meta: &std::fs::Metadata, index: &Index) -> bool {
        use std::os::unix::fs::MetadataExt;
        let same_time = |n: usize, sec: i64, nsec: i64| {
            self.word(n) == sec as u32 && (self.word(n + 1) == 0 || self.word(n + 1) == nsec as u32)
        };
        let mtime = UNIX_EPOCH + Duration::new(u64::from(self.word(2)), self.word(3).min(999_999_999));
        same_time(0, meta.ctime(), meta.ctime_nsec())
            && same_time(2, meta.mtime(), meta.mtime_nsec())
            && self.word(5) == meta.ino() as u32
            && self.size() == meta.size() as u32
            && index.written.is_some_and(|written| mtime < written)
    }

    /// Without inode and change time there is no test that can be trusted.
    #[cfg(not(unix))]
    pub fn matches(&self, _meta: &std::fs::Metadata, _index: &Index) -> bool {
        false
    }
}

fn be32(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(data.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn be16(data: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(data.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn bad(what: &str) -> GitError {
    GitError::corrupt(format!("index: {what}"))
}

impl Index {
    /// Reads an index file; one that does not exist is empty.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or is [`GitError::Unsupported`].
    pub fn read(path: &Path, format: ObjectFormat) -> Result<Self, GitError> {
        let (data, written) = match std::fs::read(path) {
            // the time is taken afterwards: a newer one makes more files look racy, never fewer
            Ok(data) => (data, std::fs::metadata(path).and_then(|m| m.modified()).ok()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => (Vec::new(), None),
            Err(error) => return Err(GitError::io(path, &error)),
        };
        Self::parse(data, format, written)
    }

    /// Reads the bytes of an index file.
    ///
    /// # Errors
    /// As [`Index::read`].
    pub fn parse(data: Vec<u8>, format: ObjectFormat, written: Option<SystemTime>) -> Result<Self, GitError> {
        let mut index = Index { data, format, starts: Vec::new(), whole: None, cache: None, written };
        if index.data.is_empty() {
            return Ok(index);
        }
        if u32::try_from(index.data.len()).is_err() {
            return Err(bad("larger than 4 GiB"));
        }
        if index.data.get(..4) != Some(b"DIRC") {
            return Err(bad("signature missing"));
        }
        let version = be32(&index.data, 4).ok_or_else(|| bad("cut short"))?;
        if !(2..=4).contains(&version) {
            return Err(GitError::Unsupported(format!("index version {version}")));
        }
        let count = be32(&index.data, 8).ok_or_else(|| bad("cut short"))? as usize;
        let (end, nameless) = index.entries_at(version, count).ok_or_else(|| bad("malformed entry"))?;
        index.extensions(end)?;
        // a split index has entries without a name; it was recognised by its extension
        if nameless {
            return Err(bad("entry without a name"));
        }
        Ok(index)
    }

    /// Finds the entries; the offset behind the last one, and whether one has no name.
    fn entries_at(&mut self, version: u32, count: usize) -> Option<(usize, bool)> {
        let id_len = self.format.id_len();
        // an entry has 62 bytes at the least: a count beyond that is a lie
        self.starts.reserve(count.min(self.data.len() / 62));
        self.whole = (version == 4).then(WholePaths::default);
        let data = &self.data;
        let (mut at, mut nameless) = (12, false);
        for _ in 0..count {
            let flags = be16(data, at + STAT_LEN + id_len)?;
            let mut name = at + STAT_LEN + id_len + 2;
            if flags & FLAG_EXTENDED != 0 {
                name += 2;
            }
            self.starts.push(at as u32);
            if let Some(whole) = &mut self.whole {
                let strip = offset_varint(data, &mut name)?;
                let rest = data.get(name..)?;
                let rest = &rest[..memchr::memchr(0, rest)?];
                whole.push(strip, rest)?;
                nameless |= whole.get(whole.ends.len() - 1)?.is_empty();
                at = name + rest.len() + 1;
            } else {
                let len = path_len(flags, data.get(name..)?)?;
                nameless |= len == 0;
                // one to eight zero bytes up to a multiple of eight
                at += ((name + len - at) / 8 + 1) * 8;
            }
            if at > data.len() {
                return None;
            }
        }
        Some((at, nameless))
    }

    fn extensions(&mut self, mut at: usize) -> Result<(), GitError> {
        let end = self.data.len().checked_sub(self.format.id_len()).filter(|e| *e >= at);
        let end = end.ok_or_else(|| bad("checksum missing"))?;
        while at + 8 <= end {
            let name = &self.data[at..at + 4];
            let len = be32(&self.data, at + 4).unwrap_or(0) as usize;
            let body = at + 8..(at + 8).saturating_add(len);
            if body.end > end {
                return Err(bad("extension cut short"));
            }
            match name {
                b"TREE" => {
                    let mut rest = &self.data[body.clone()];
                    let id_len = self.format.id_len();
                    self.cache = Some(cache_tree(&mut rest, id_len, 0).ok_or_else(|| bad("malformed cache tree"))?);
                }
                b"link" => return Err(GitError::Unsupported("split index".into())),
                b"sdir" => return Err(GitError::Unsupported("sparse index".into())),
                // an upper-case first letter marks an extension that may be passed over
                [b'A'..=b'Z', ..] => {}
                other => {
                    let other = String::from_utf8_lossy(other).into_owned();
                    return Err(GitError::Unsupported(format!("index extension {other:?}")));
                }
            }
            at = body.end;
        }
        Ok(())
    }

    /// How many entries there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The entry at a position below [`Index::len`].
    pub fn entry(&self, n: usize) -> Option<Entry<'_>> {
        let start = *self.starts.get(n)? as usize;
        let id_len = self.format.id_len();
        let raw = self.data.get(start..start + STAT_LEN + id_len + 4)?;
        let mut entry = Entry { path: &[], raw, id_len };
        entry.path = match &self.whole {
            Some(whole) => whole.get(n)?,
            None => {
                let flags = entry.flags();
                let name = start + STAT_LEN + id_len + if flags & FLAG_EXTENDED == 0 { 2 } else { 4 };
                let rest = self.data.get(name..)?;
                rest.get(..path_len(flags, rest)?)?
            }
        };
        Some(entry)
    }

    /// All entries in path order, the sides of conflicts among them.
    pub fn entries(&self) -> impl Iterator<Item = Entry<'_>> {
        (0..self.len()).filter_map(|n| self.entry(n))
    }

    /// The first position from `from` to `to` where `test` no longer holds; it must hold for a beginning of
    /// that range and for nothing behind it.
    pub(crate) fn partition(&self, from: usize, to: usize, test: impl Fn(&[u8]) -> bool) -> usize {
        let (mut low, mut high) = (from, to);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.entry(middle).is_some_and(|e| test(e.path)) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    /// The staged entry of one path, conflicts left out.
    pub fn find(&self, path: &[u8]) -> Option<Entry<'_>> {
        let at = self.partition(0, self.len(), |p| p < path);
        self.entry(at).filter(|e| e.path == path && e.stage() == 0)
    }

    pub(crate) fn cache(&self) -> Option<&CacheTree> {
        self.cache.as_ref()
    }
}

/// The length of a path, from the entry's flags or, where it is too long for them, up to the zero byte.
fn path_len(flags: u16, path: &[u8]) -> Option<usize> {
    let short = usize::from(flags & 0xfff);
    if short < 0xfff { Some(short) } else { memchr::memchr(0, path) }
}

/// The variable-length number of version 4 entries (as in a pack's offset deltas).
fn offset_varint(data: &[u8], at: &mut usize) -> Option<usize> {
    let mut byte = *data.get(*at)?;
    *at += 1;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = *data.get(*at)?;
        *at += 1;
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some(value)
}

fn cache_tree(rest: &mut &[u8], id_len: usize, depth: usize) -> Option<CacheTree> {
    if depth > super::tree::MAX_DEPTH {
        return None;
    }
    let nul = memchr::memchr(0, rest)?;
    let name = rest[..nul].to_vec();
    let line_end = nul + 1 + memchr::memchr(b'\n', &rest[nul + 1..])?;
    let numbers = std::str::from_utf8(&rest[nul + 1..line_end]).ok()?;
    let (entries, subtrees) = numbers.split_once(' ')?;
    let (entries, subtrees): (i64, usize) = (entries.parse().ok()?, subtrees.parse().ok()?);
    *rest = &rest[line_end + 1..];
    let valid = match usize::try_from(entries) {
        Ok(count) => {
            let oid = Oid::from_bytes(rest.get(..id_len)?)?;
            *rest = &rest[id_len..];
            Some((count, oid))
        }
        Err(_) => None,
    };
    // a subtree takes five bytes at the least
    let mut children = Vec::with_capacity(subtrees.min(rest.len() / 5));
    for _ in 0..subtrees {
        children.push(cache_tree(rest, id_len, depth + 1)?);
    }
    Some(CacheTree { name, valid, children })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_is_an_error_and_never_a_panic() {
        assert!(Index::parse(Vec::new(), ObjectFormat::Sha1, None).unwrap().is_empty());
        for bad in
            [&b"DIRX"[..], b"DIRC", b"DIRC\0\0\0\x02", b"DIRC\0\0\0\x02\xff\xff\xff\xff", b"DIRC\0\0\0\x09\0\0\0\0"]
        {
            assert!(Index::parse(bad.to_vec(), ObjectFormat::Sha1, None).is_err(), "{bad:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn random_bytes_never_panic(version in 2u8..5, count in 0u8..4, body: Vec<u8>) {
            let mut data = vec![b'D', b'I', b'R', b'C', 0, 0, 0, version, 0, 0, 0, count];
            data.extend(body);
            if let Ok(index) = Index::parse(data, ObjectFormat::Sha1, None) {
                for entry in index.entries() {
                    let _ = (entry.version(), entry.stage(), entry.size(), entry.is_intent_to_add());
                }
            }
        }
    }
}
