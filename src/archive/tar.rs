//! Tar archives, read as a stream: POSIX ustar and pax headers, GNU's long names and large sizes.

use super::budget::Problem;
use super::{Next, Walk, join};
use std::io::Read;

/// The unit that everything in a tar archive is padded to, in bytes.
pub(super) const BLOCK: usize = 512;
/// The longest pax header or long name that is read, in bytes.
const MAX_HEADER: u64 = 1 << 20;

/// Whether a tar archive begins with these bytes.
pub(super) fn is_tar(head: &[u8]) -> bool {
    // POSIX "ustar\0", GNU "ustar "
    head.get(257..262) == Some(b"ustar") && head.first_chunk().is_some_and(|block| Header(block).is_sound())
}

/// A header block.
struct Header<'a>(&'a [u8; BLOCK]);

impl Header<'_> {
    fn field(&self, from: usize, len: usize) -> &[u8] {
        self.0.get(from..from + len).unwrap_or_default()
    }

    /// A text up to its NUL.
    fn text(&self, from: usize, len: usize) -> &[u8] {
        self.field(from, len).split(|b| *b == 0).next().unwrap_or_default()
    }

    /// Whether the checksum is that of the block: the sum of its bytes, those of the checksum counted as spaces.
    fn is_sound(&self) -> bool {
        let sum: u64 = self.0.iter().map(|b| u64::from(*b)).sum();
        let own: u64 = self.field(148, 8).iter().map(|b| u64::from(*b)).sum();
        number(self.field(148, 8)) == Some(sum - own + 8 * u64::from(b' '))
    }

    fn name(&self) -> Vec<u8> {
        let (prefix, name) = (self.text(345, 155), self.text(0, 100));
        // GNU headers have other things where POSIX has the prefix
        let is_posix = self.field(257, 6) == b"ustar\0";
        if is_posix && !prefix.is_empty() { [prefix, b"/", name].concat() } else { name.to_vec() }
    }
}

/// Octal digits, or GNU's big-endian number with the highest bit set.
fn number(field: &[u8]) -> Option<u64> {
    match field {
        [first, rest @ ..] if first & 0x80 != 0 => {
            let low = u64::from(first & 0x7f);
            rest.iter().try_fold(low, |n, b| n.checked_mul(256)?.checked_add(u64::from(*b)))
        }
        _ => {
            let digits = field.split(|b| matches!(b, b' ' | 0)).find(|part| !part.is_empty()).unwrap_or_default();
            digits.iter().try_fold(0u64, |n, b| {
                n.checked_mul(8)?.checked_add(u64::from(b.checked_sub(b'0').filter(|d| *d < 8)?))
            })
        }
    }
}

/// What headers in front of a file say about it.
#[derive(Default)]
struct Ahead {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Ahead {
    /// Takes the records of a pax header: `len key=value\n`.
    fn records(&mut self, mut rest: &[u8]) {
        while let Some(space) = memchr::memchr(b' ', rest) {
            let len = std::str::from_utf8(rest.get(..space).unwrap_or_default()).ok().and_then(|n| n.parse().ok());
            let Some(record) = len.filter(|len| *len > space + 1).and_then(|len: usize| rest.get(space + 1..len))
            else {
                return;
            };
            rest = rest.get(space + 1 + record.len()..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|n| n.parse().ok());
            }
        }
    }
}

/// Looks through a tar archive.
pub(super) fn walk(walk: &mut Walk<'_>, stream: &mut dyn Read, path: &[u8], depth: usize) -> Next {
    let mut ahead = Ahead::default();
    loop {
        let mut block = [0; BLOCK];
        let mut have = 0;
        while let Some(rest) = block.get_mut(have..).filter(|rest| !rest.is_empty()) {
            match stream.read(rest) {
                // some writers leave out the blocks of zeros at the end
                Ok(0) if have == 0 => return Next::Go,
                Ok(0) => return stop(walk, path, &Problem::Damaged(std::io::ErrorKind::UnexpectedEof.into())),
                Ok(read) => have += read,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return stop(walk, path, &Problem::Damaged(e)),
            }
        }
        if block.iter().all(|b| *b == 0) {
            return Next::Go;
        }
        let header = Header(&block);
        let size = ahead.size.take().or_else(|| number(header.field(124, 12)));
        let Some(size) = size.filter(|_| header.is_sound()) else {
            walk.fault(path, "the tar archive is damaged; what follows was not looked at");
            return Next::Go;
        };
        let padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        let mut data = (&mut *stream).take(size);
        match header.field(156, 1) {
            b"0" | b"\0" | b"7" | b"S" => {
                let name = ahead.name.take().unwrap_or_else(|| header.name());
                if walk.entry(&mut data, &join(path, &name), depth) == Next::Stop {
                    return Next::Stop;
                }
            }
            kind @ (b"L" | b"x") => {
                let mut text = Vec::new();
                if let Err(e) = (&mut data).take(MAX_HEADER).read_to_end(&mut text) {
                    return stop(walk, path, &Problem::Damaged(e));
                }
                if kind == b"x" {
                    ahead.records(&text);
                } else {
                    ahead.name = Some(text.split(|b| *b == 0).next().unwrap_or_default().to_vec());
                }
            }
            // directories, links, devices
            b"1" | b"2" | b"3" | b"4" | b"5" | b"6" => ahead = Ahead::default(),
            _ => {}
        }
        let left = data.limit().saturating_add(padding);
        if let Err(problem) = walk.budget.skip(stream, left) {
            return stop(walk, path, &problem);
        }
    }
}

/// Notes why the rest of a stream cannot be looked at.
fn stop(walk: &mut Walk<'_>, path: &[u8], problem: &Problem) -> Next {
    let words = problem.words(walk.limits);
    walk.fault(path, words);
    problem.next()
}
