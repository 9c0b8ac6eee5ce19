//! Objects in files of their own.

use super::inflate::Inflater;
use crate::change::Oid;
use crate::git::{GitError, ObjectFormat, ObjectKind};
use std::path::{Path, PathBuf};

/// Bytes that the header of a loose object may take: type, size, zero.
const MAX_HEADER: usize = 32;

/// The loose objects of all object directories, in the order of their ids.
#[derive(Default)]
pub(super) struct Loose {
    /// Id and number of the directory that holds it.
    objects: Vec<(Oid, u16)>,
    dirs: Vec<PathBuf>,
}

impl Loose {
    /// Lists what is in these directories.
    ///
    /// # Errors
    /// When a directory that is there cannot be read.
    pub(super) fn list(dirs: &[PathBuf], format: ObjectFormat) -> Result<Self, GitError> {
        let mut loose = Loose { objects: Vec::new(), dirs: dirs.to_vec() };
        for (n, dir) in dirs.iter().enumerate() {
            for first in 0..=255u8 {
                loose.list_into(&dir.join(format!("{first:02x}")), first, n as u16, format)?;
            }
        }
        loose.objects.sort_unstable();
        loose.objects.dedup_by_key(|(oid, _)| *oid);
        Ok(loose)
    }

    fn list_into(&mut self, dir: &Path, first: u8, number: u16, format: ObjectFormat) -> Result<(), GitError> {
        let entries = match std::fs::read_dir(dir) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(e) => return Err(GitError::io(dir, &e)),
        };
        for entry in entries {
            let name = entry.map_err(|e| GitError::io(dir, &e))?.file_name();
            // other names are files that Git is writing
            let hex = [format!("{first:02x}").as_bytes(), name.as_encoded_bytes()].concat();
            if hex.len() == 2 * format.id_len()
                && let Some(oid) = Oid::from_hex(&hex)
            {
                self.objects.push((oid, number));
            }
        }
        Ok(())
    }

    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn id(&self, n: u32) -> Option<&Oid> {
        self.objects.get(n as usize).map(|(oid, _)| oid)
    }

    pub(super) fn find(&self, id: &[u8]) -> Option<u32> {
        self.objects.binary_search_by(|(oid, _)| oid.as_bytes().cmp(id)).ok().map(|n| n as u32)
    }

    /// Reads an object of at most `max` bytes into `out`: its kind. `None` where it is larger, or no object.
    pub(super) fn read(
        &self,
        n: u32,
        max: usize,
        inflater: &mut Inflater,
        file: &mut Vec<u8>,
        out: &mut Vec<u8>,
    ) -> Option<ObjectKind> {
        let (oid, dir) = self.objects.get(n as usize)?;
        let hex = oid.to_string();
        let path = self.dirs.get(usize::from(*dir))?.join(hex.get(..2)?).join(hex.get(2..)?);
        file.clear();
        let mut source = std::fs::File::open(path).ok()?;
        // an object that does not shrink is a little larger when compressed
        if source.metadata().ok()?.len() > (max + max / 1000 + 1024) as u64 {
            return None;
        }
        std::io::Read::read_to_end(&mut source, file).ok()?;
        inflater.unknown(file, max.saturating_add(MAX_HEADER), out).ok()??;
        let (kind, size, header) = parse(out)?;
        out.drain(..header);
        (out.len() == size && size <= max).then_some(kind)
    }
}

/// Kind, size and length of the header.
fn parse(bytes: &[u8]) -> Option<(ObjectKind, usize, usize)> {
    let end = memchr::memchr(0, bytes.get(..MAX_HEADER.min(bytes.len()))?)?;
    let head = bytes.get(..end)?;
    let space = memchr::memchr(b' ', head)?;
    let kind = ObjectKind::from_name(head.get(..space)?)?;
    let size = std::str::from_utf8(head.get(space + 1..)?).ok()?.parse().ok()?;
    Some((kind, size, end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_headers() {
        assert_eq!(parse(b"blob 12\0hello world!"), Some((ObjectKind::Blob, 12, 8)));
        for bad in [&b"blob 12"[..], b"", b"blob\0", b"blob x\0", b"blub 1\0a", b"blob 99999999999999999999999999\0"] {
            assert_eq!(parse(bad), None);
        }
    }
}
