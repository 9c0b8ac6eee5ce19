//! How much of an archive may still be unpacked.

use super::{Limits, Next};
use std::io::Read;

/// Below this an archive may unpack to any multiple of its length, in bytes.
const SMALL: u64 = 16 << 20;

/// What is left of the bounds.
pub(super) struct Budget {
    entries: usize,
    bytes: u64,
    /// Whether the archive's length sets the bound, not the total.
    by_ratio: bool,
}

/// Why a file was not, or not wholly, unpacked.
#[derive(Debug)]
pub(super) enum Problem {
    Entries,
    Entry,
    Total,
    Ratio,
    Damaged(std::io::Error),
}

impl Problem {
    /// Whether anything else of the archive can be looked at.
    pub(super) fn next(&self) -> Next {
        match self {
            Problem::Entry | Problem::Damaged(_) => Next::Go,
            Problem::Entries | Problem::Total | Problem::Ratio => Next::Stop,
        }
    }

    pub(super) fn words(&self, limits: &Limits) -> String {
        match self {
            Problem::Entries => format!("the archive holds more than {} files", limits.entries),
            Problem::Entry => format!("unpacked it has more than {} bytes; the rest was not looked at", limits.entry),
            Problem::Total => format!("the archive unpacks to more than {} bytes", limits.total),
            Problem::Ratio => format!("the archive unpacks to more than {} times its length", limits.ratio),
            Problem::Damaged(error) => format!("it cannot be unpacked: {error}"),
        }
    }
}

impl Budget {
    /// For an archive of `len` bytes.
    pub(super) fn new(limits: &Limits, len: u64) -> Self {
        let by_len = len.saturating_mul(limits.ratio).max(SMALL);
        Budget { entries: limits.entries, bytes: by_len.min(limits.total), by_ratio: by_len < limits.total }
    }

    /// Unpacks a file as far as the bounds allow.
    pub(super) fn read(&mut self, content: &mut dyn Read, limits: &Limits) -> (Vec<u8>, Option<Problem>) {
        if self.entries == 0 {
            return (Vec::new(), Some(Problem::Entries));
        }
        self.entries -= 1;
        let most = limits.entry.min(self.bytes);
        let mut bytes = Vec::new();
        let read = content.take(most.saturating_add(1)).read_to_end(&mut bytes);
        let mut problem = read.err().map(Problem::Damaged);
        if bytes.len() as u64 > most {
            bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
            problem = Some(match () {
                () if most == limits.entry => Problem::Entry,
                () if self.by_ratio => Problem::Ratio,
                () => Problem::Total,
            });
        }
        self.bytes -= (bytes.len() as u64).min(self.bytes);
        (bytes, problem)
    }

    /// Accounts for bytes that are passed over: they too had to be unpacked.
    pub(super) fn skip(&mut self, content: &mut dyn Read, len: u64) -> Result<(), Problem> {
        if len > self.bytes {
            return Err(if self.by_ratio { Problem::Ratio } else { Problem::Total });
        }
        self.bytes -= len;
        match std::io::copy(&mut content.take(len), &mut std::io::sink()) {
            Ok(read) if read == len => Ok(()),
            Ok(_) => Err(Problem::Damaged(std::io::ErrorKind::UnexpectedEof.into())),
            Err(error) => Err(Problem::Damaged(error)),
        }
    }
}
