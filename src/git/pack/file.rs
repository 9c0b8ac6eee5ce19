//! Positioned reads of a file that several threads share, and a window that makes few of them.

use crate::git::GitError;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is read at positions; there is no cursor to share.
pub(super) struct PackFile {
    file: File,
    /// Bytes of the file when it was opened.
    pub(super) len: u64,
    path: PathBuf,
}

impl PackFile {
    pub(super) fn open(path: &Path) -> Result<Self, GitError> {
        let open = || -> io::Result<(File, u64)> {
            let file = File::open(path)?;
            let len = file.metadata()?.len();
            Ok((file, len))
        };
        let (file, len) = open().map_err(|e| GitError::io(path, &e))?;
        Ok(PackFile { file, len, path: path.to_path_buf() })
    }

    /// Fills `buffer` from `offset` on.
    pub(super) fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<(), GitError> {
        read_exact_at(&self.file, offset, buffer).map_err(|e| GitError::io(&self.path, &e))
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut offset: u64, mut buffer: &mut [u8]) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => {
                offset += n as u64;
                buffer = buffer.get_mut(n..).unwrap_or_default();
            }
        }
    }
    Ok(())
}

#[cfg(not(any(unix, windows)))]
fn read_exact_at(_: &File, _: u64, _: &mut [u8]) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Bytes read at once where less is asked for: entries that belong together lie together.
const AHEAD: usize = 32 << 10;

/// The part of one of several files that was read last.
#[derive(Default)]
pub(super) struct Window {
    bytes: Vec<u8>,
    start: u64,
    file: Option<usize>,
}

impl Window {
    /// `len` bytes of `file`, which is number `number`, from `offset` on; fewer at its end.
    pub(super) fn get(&mut self, file: &PackFile, number: usize, offset: u64, len: usize) -> Result<&[u8], GitError> {
        let left = usize::try_from(file.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = len.min(left);
        let held = self.file == Some(number)
            && offset >= self.start
            && offset.saturating_add(len as u64) <= self.start.saturating_add(self.bytes.len() as u64);
        if !held {
            self.file = None;
            if self.bytes.capacity() > 64 * AHEAD && len < AHEAD {
                self.bytes = Vec::new();
            }
            self.bytes.resize(len.max(AHEAD).min(left), 0);
            file.read_at(offset, &mut self.bytes)?;
            (self.file, self.start) = (Some(number), offset);
        }
        let from = (offset - self.start) as usize;
        Ok(self.bytes.get(from..from + len).unwrap_or_default())
    }
}
