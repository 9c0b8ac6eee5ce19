//! Zip archives, by their central directory: what unpackers go by.

use super::{Next, Walk, join};
use flate2::bufread::DeflateDecoder;

const END: &[u8] = b"PK\x05\x06";
const END_LEN: usize = 22;
const LOCATOR: &[u8] = b"PK\x06\x07";
const LOCATOR_LEN: usize = 20;
const END64: &[u8] = b"PK\x06\x06";
const CENTRAL: &[u8] = b"PK\x01\x02";
const CENTRAL_LEN: usize = 46;
const LOCAL: &[u8] = b"PK\x03\x04";
const LOCAL_LEN: usize = 30;
/// The longest comment behind the end record, in bytes.
const MAX_COMMENT: usize = u16::MAX as usize;
/// The header id of the sizes that need eight bytes.
const ZIP64: u16 = 1;

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?)).ok()
}

/// Where the central directory begins, and how many bytes stand in front of the archive.
fn directory(bytes: &[u8]) -> Option<(usize, usize)> {
    let from = bytes.len().saturating_sub(END_LEN + MAX_COMMENT);
    let end = from + memchr::memmem::rfind(bytes.get(from..)?, END)?;
    let (size, offset) = (u32_at(bytes, end + 12)?, u32_at(bytes, end + 16)?);
    if size != u32::MAX && offset != u32::MAX {
        let start = end.checked_sub(size as usize)?;
        return Some((start, start.checked_sub(offset as usize)?));
    }
    let locator = end.checked_sub(LOCATOR_LEN).filter(|at| bytes.get(*at..).is_some_and(|b| b.starts_with(LOCATOR)))?;
    let end64 = u64_at(bytes, locator + 8)?;
    bytes.get(end64..)?.strip_prefix(END64)?;
    Some((u64_at(bytes, end64 + 48)?, 0))
}

/// An entry of the central directory.
struct Entry<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    packed: usize,
    offset: usize,
    /// Where the next entry begins.
    next: usize,
}

impl<'a> Entry<'a> {
    /// The entry at `at`; `None` where there is none.
    fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let record = bytes.get(at..)?;
        record.strip_prefix(CENTRAL)?;
        let len = |at| Some(usize::from(u16_at(record, at)?));
        let (name, extra, comment) = (len(28)?, len(30)?, len(32)?);
        let mut entry = Entry {
            name: record.get(CENTRAL_LEN..CENTRAL_LEN + name)?,
            flags: u16_at(record, 8)?,
            method: u16_at(record, 10)?,
            packed: u32_at(record, 20)? as usize,
            offset: u32_at(record, 42)? as usize,
            next: at + CENTRAL_LEN + name + extra + comment,
        };
        let unpacked = u32_at(record, 24)?;
        let mut rest = record.get(CENTRAL_LEN + name..CENTRAL_LEN + name + extra)?;
        while let (Some(id), Some(len)) = (u16_at(rest, 0), u16_at(rest, 2)) {
            let field = rest.get(4..4 + usize::from(len))?;
            if id == ZIP64 {
                // only what did not fit is here, in this order
                let mut at = if unpacked == u32::MAX { 8 } else { 0 };
                if entry.packed == u32::MAX as usize {
                    entry.packed = u64_at(field, at)?;
                    at += 8;
                }
                if entry.offset == u32::MAX as usize {
                    entry.offset = u64_at(field, at)?;
                }
            }
            rest = rest.get(4 + usize::from(len)..)?;
        }
        Some(entry)
    }

    /// The packed bytes.
    fn data(&self, bytes: &'a [u8], before: usize) -> Option<&'a [u8]> {
        let local = bytes.get(before.checked_add(self.offset)?..)?;
        local.strip_prefix(LOCAL)?;
        let start = LOCAL_LEN + usize::from(u16_at(local, 26)?) + usize::from(u16_at(local, 28)?);
        local.get(start..start.checked_add(self.packed)?)
    }
}

/// Looks through a zip archive.
pub(super) fn walk(walk: &mut Walk<'_>, bytes: &[u8], path: &[u8], depth: usize) -> Next {
    let Some((mut at, before)) = directory(bytes) else {
        walk.fault(path, "the zip archive is damaged: its directory cannot be found");
        return Next::Go;
    };
    while let Some(entry) = Entry::at(bytes, at) {
        at = entry.next;
        let path = join(path, entry.name);
        let Some(mut data) = entry.data(bytes, before) else {
            walk.fault(&path, "the zip archive is damaged here");
            continue;
        };
        // a directory
        if entry.name.ends_with(b"/") && data.is_empty() {
            continue;
        }
        let next = match entry.method {
            _ if entry.flags & 1 != 0 => {
                walk.fault(&path, "it is encrypted");
                Next::Go
            }
            0 => walk.entry(&mut data, &path, depth),
            8 => walk.entry(&mut DeflateDecoder::new(data), &path, depth),
            method => {
                walk.fault(&path, format!("it is packed by method {method}, which cannot be read"));
                Next::Go
            }
        };
        if next == Next::Stop {
            return next;
        }
    }
    // behind the last entry stand a signature or the end records
    let known = [END, END64, LOCATOR, b"PK\x05\x05"];
    if !bytes.get(at..).is_some_and(|rest| known.iter().any(|k| rest.starts_with(k))) {
        walk.fault(path, "the zip archive is damaged: its directory ends too early");
    }
    Next::Go
}
