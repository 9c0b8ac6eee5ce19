//! Comes by the content of blobs; one for each thread.

use crate::change::{BlobEntry, EntryKind, Oid, Source};
use crate::finding::Incomplete;
use crate::git::{Backend, GitError, ObjectReader, lines};
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// What files are read into at first, in bytes: most are smaller.
const FIRST: usize = 64 << 10;
/// More memory than this is not kept from one file to the next, in bytes: files that are larger are read in parts.
const MAX_SPARE: usize = 8 << 20;
/// What a file is said to have beyond this is believed when it is read, in bytes.
const MAX_FIRST: u64 = 1 << 30;

pub(super) struct Contents {
    repo: Option<Arc<dyn Backend>>,
    reader: Option<Box<dyn ObjectReader>>,
    /// Whether other threads read at the same time.
    shared: bool,
    max: u64,
    /// What the last file was read into, with its bytes: the next one needs no memory of its own, and none is cleared.
    spare: Vec<u8>,
    /// For the blob that was loaded last: by what it may have replaced, the lines that are new; `None` where that
    /// cannot be told. A file with many findings is compared once.
    compared: HashMap<Oid, Option<Vec<Range<u32>>>>,
}

/// What a blob is called where it cannot be read.
pub(super) fn name(entry: &BlobEntry) -> String {
    let path = entry.seen.first().map_or_else(String::new, |s| s.path.lossy().into_owned());
    match entry.oid {
        Some(oid) => format!("{path} (blob {})", oid.short()),
        None => path,
    }
}

impl Contents {
    pub(super) fn new(repo: Option<Arc<dyn Backend>>, shared: bool, max: u64) -> Self {
        Contents { repo, reader: None, shared, max, spare: Vec::new(), compared: HashMap::new() }
    }

    /// The content of a blob, but that of a file only if `is_large`, asked with its path and length, says no.
    pub(super) fn load<'e>(
        &mut self,
        entry: &'e BlobEntry,
        is_large: impl FnOnce(&Path, u64) -> bool,
    ) -> Result<Loaded<'e>, Incomplete> {
        self.compared.clear();
        match &entry.source {
            Source::Memory(bytes) => Ok(Loaded::Whole(Content::Shared(Arc::clone(bytes)))),
            Source::File(file) => {
                let is_link = entry.seen.first().is_some_and(|s| s.kind == EntryKind::Symlink);
                let spare = std::mem::take(&mut self.spare);
                read_file(file, is_link, self.max, spare, is_large).map_err(|why| {
                    let help = "make it readable, or leave its path out";
                    Incomplete::new(name(entry), why).help(help)
                })
            }
            Source::Object => match entry.oid {
                Some(oid) => match self.object(&oid) {
                    Ok(bytes) => Ok(Loaded::Whole(Content::Owned(bytes))),
                    Err(error) => Err(error.incomplete(name(entry))),
                },
                None => Err(Incomplete::new(name(entry), "it has no object")),
            },
        }
    }

    /// Takes back a content that is no longer looked at.
    pub(super) fn give_back(&mut self, content: Content) {
        if let Content::Buffered(buffer, _) = content
            && buffer.capacity() <= MAX_SPARE
        {
            self.spare = buffer;
        }
    }

    /// The lines of the blob that was loaded last, whose content is `new`, that an object does not have; `None`
    /// where the two cannot be compared.
    pub(super) fn added(&mut self, old: &Oid, new: &[u8]) -> Option<&[Range<u32>]> {
        if !self.compared.contains_key(old) {
            let lines = self.object(old).and_then(|old| lines::added(&old, new)).ok();
            self.compared.insert(*old, lines);
        }
        self.compared.get(old)?.as_deref()
    }

    /// The content of an object of the repository.
    pub(super) fn object(&mut self, oid: &Oid) -> Result<Vec<u8>, GitError> {
        let Some(repo) = &self.repo else { return Err(GitError::Missing { oid: *oid }) };
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(if self.shared { repo.own_reader()? } else { repo.reader()? }),
        };
        Ok(reader.read(oid, self.max)?.data)
    }
}

/// What became of reading a blob.
pub(super) enum Loaded<'a> {
    /// It was read.
    Whole(Content),
    /// It is a file that is better read in parts.
    Large(&'a Path),
}

/// A blob's bytes.
pub(super) enum Content {
    Owned(Vec<u8>),
    Shared(Arc<[u8]>),
    /// The first bytes of a buffer that is longer.
    Buffered(Vec<u8>, usize),
}

impl std::ops::Deref for Content {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Content::Owned(bytes) => bytes,
            Content::Shared(bytes) => bytes,
            Content::Buffered(buffer, len) => buffer.get(..*len).unwrap_or(buffer),
        }
    }
}

/// Reads a file into `buffer`, whatever that held.
fn read_file(
    path: &Path,
    is_link: bool,
    max: u64,
    mut buffer: Vec<u8>,
    is_large: impl FnOnce(&Path, u64) -> bool,
) -> Result<Loaded<'_>, String> {
    if is_link {
        let target = std::fs::read_link(path).map_err(|e| e.to_string())?;
        return Ok(Loaded::Whole(Content::Owned(target.into_os_string().into_encoded_bytes())));
    }
    let read = fill(path, max, &mut buffer, |len| is_large(path, len)).map_err(|e| e.to_string())?;
    match read {
        None => Ok(Loaded::Large(path)),
        Some(read) if read as u64 > max => Err(too_large(max)),
        Some(read) => Ok(Loaded::Whole(Content::Buffered(buffer, read))),
    }
}

/// Reads a file to the front of `buffer`, but no more than one byte beyond `max`, which tells one that is too large.
/// Returns how many bytes were read; `None` for one that `is_large`, which only those are asked that do not fit the
/// buffer.
fn fill(path: &Path, max: u64, buffer: &mut Vec<u8>, is_large: impl FnOnce(u64) -> bool) -> io::Result<Option<usize>> {
    let mut file = File::open(path)?;
    if buffer.len() < FIRST {
        // of this no page is touched that no byte is read to
        *buffer = vec![0; FIRST];
    }
    let mut read = 0;
    // most files end here, and nobody has to be asked how long they are
    while let Some(rest @ [_, ..]) = buffer.get_mut(read..) {
        match file.read(rest) {
            Ok(0) => return Ok(Some(read)),
            Ok(more) => read += more,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    let len = file.metadata()?.len();
    if is_large(len) {
        return Ok(None);
    }
    let more = max.saturating_add(1).saturating_sub(read as u64);
    // where one byte more stays free the end is known when it is reached
    let rest = len.min(max).min(MAX_FIRST).saturating_sub(read as u64) + 1;
    buffer.reserve_exact(usize::try_from(rest).unwrap_or(0));
    file.take(more).read_to_end(buffer)?;
    Ok(Some(buffer.len()))
}

/// Why a file of more than `max` bytes is not read.
pub(super) fn too_large(max: u64) -> String {
    format!("it has more than the {max} bytes of `limits.max_blob`")
}
