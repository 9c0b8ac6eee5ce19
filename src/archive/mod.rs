//! What is packed: zip (and with it jar, war, docx, xlsx, apk, whl, nupkg …), tar and gzip, in each other too. Told
//! by content, never by name; unpacked in memory one file at a time, never to disk.
//!
//! Archives are hostile: the number of files, how deep they lie in each other and how much they unpack to is
//! bounded, and a bound that is reached is reported as a [`Fault`].

mod budget;
mod tar;
mod zip;

use budget::Budget;
use flate2::bufread::MultiGzDecoder;
use std::io::Read;

/// Bounds on one archive with all that lies in it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How many archives in each other are opened.
    pub depth: usize,
    /// How many files are unpacked.
    pub entries: usize,
    /// The largest file, unpacked, in bytes: what is in memory at a time.
    pub entry: u64,
    /// All files together, unpacked, in bytes.
    pub total: u64,
    /// All files together, as a multiple of the archive's own length; not asked below 16 MiB.
    pub ratio: u64,
}

impl Default for Limits {
    /// Source and office documents pack to a tenth, logs to a fiftieth; deflate makes at most 1,032 bytes of one.
    fn default() -> Self {
        Limits { depth: 3, entries: 65_536, entry: 64 << 20, total: 1 << 30, ratio: 200 }
    }
}

/// Something in an archive that could not be looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    /// What: the path of a file, or of an archive in it; empty for the outermost.
    pub path: Vec<u8>,
    /// Why, in words; names the limit where one was reached.
    pub why: String,
    /// Whether it is an archive that lies deeper than [`Limits::depth`].
    pub is_deep: bool,
}

/// Faults of an archive that are told one by one.
const MAX_FAULTS: usize = 16;

/// The kinds of archive that can be opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// PKWARE's APPNOTE.TXT; methods "stored" and "deflate".
    Zip,
    /// POSIX.1-2001 (`pax`), with GNU's long names.
    Tar,
    /// RFC 1952; of a tar archive, or of one file.
    Gzip,
}

/// Which kind of archive begins with these bytes; 512 are enough.
pub fn kind(head: &[u8]) -> Option<Kind> {
    match head {
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Kind::Zip),
        [0x1f, 0x8b, 8, ..] => Some(Kind::Gzip),
        _ => tar::is_tar(head).then_some(Kind::Tar),
    }
}

/// Hands every file in the archive `bytes` to `visit`, with its path: `inner/file`, `inner.zip!file`. What could not
/// be looked at is returned; `name` is what the archive is called.
///
/// What is damaged is handed over as far as it could be read.
pub fn walk(bytes: &[u8], name: &[u8], limits: &Limits, visit: &mut dyn FnMut(&[u8], &[u8])) -> Vec<Fault> {
    let mut walk =
        Walk { limits, budget: Budget::new(limits, bytes.len() as u64), faults: Vec::new(), unsaid: 0, visit };
    if let Some(kind) = kind(bytes) {
        walk.archive(kind, bytes, name, &[], 1);
    }
    let Walk { mut faults, unsaid, .. } = walk;
    if unsaid > 0 {
        let why = format!("{unsaid} more files in it could not be looked at");
        faults.push(Fault { path: Vec::new(), why, is_deep: false });
    }
    faults
}

/// An archive that is being looked through.
struct Walk<'a> {
    limits: &'a Limits,
    budget: Budget,
    faults: Vec<Fault>,
    unsaid: usize,
    visit: &'a mut dyn FnMut(&[u8], &[u8]),
}

/// Whether to go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Next {
    Go,
    Stop,
}

impl Walk<'_> {
    fn fault(&mut self, path: &[u8], why: impl Into<String>) {
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { path: path.to_vec(), why: why.into(), is_deep: false });
        } else {
            self.unsaid += 1;
        }
    }

    /// Looks through an archive that is called `name` and lies at `path`, which is empty for the outermost.
    fn archive(&mut self, kind: Kind, bytes: &[u8], name: &[u8], path: &[u8], depth: usize) -> Next {
        if depth > self.limits.depth {
            let told = self.faults.len();
            self.fault(path, format!("there are more than {} archives in each other", self.limits.depth));
            if let Some(fault) = self.faults.get_mut(told) {
                fault.is_deep = true;
            }
            return Next::Go;
        }
        match kind {
            Kind::Zip => zip::walk(self, bytes, path, depth),
            Kind::Tar => tar::walk(self, &mut &*bytes, path, depth),
            Kind::Gzip => self.gzip(bytes, name, path, depth),
        }
    }

    fn gzip(&mut self, bytes: &[u8], name: &[u8], path: &[u8], depth: usize) -> Next {
        let mut stream = MultiGzDecoder::new(bytes);
        let mut head = Vec::new();
        // an error comes again below
        let _ = (&mut stream).take(tar::BLOCK as u64).read_to_end(&mut head);
        let mut all = (&*head).chain(stream);
        if tar::is_tar(&head) {
            return tar::walk(self, &mut all, path, depth);
        }
        let file = name.rsplit(|b| *b == b'/').next().unwrap_or_default();
        let inner = file.strip_suffix(b".gz").filter(|stem| !stem.is_empty()).unwrap_or(b"content");
        self.entry(&mut all, &join(path, inner), depth)
    }

    /// Unpacks one file and hands it over; it lies at `path`.
    fn entry(&mut self, content: &mut dyn Read, path: &[u8], depth: usize) -> Next {
        let (bytes, problem) = self.budget.read(content, self.limits);
        (self.visit)(path, &bytes);
        let next = problem.as_ref().map_or(Next::Go, budget::Problem::next);
        if let Some(problem) = problem {
            self.fault(path, problem.words(self.limits));
        }
        match kind(&bytes) {
            Some(kind) if next == Next::Go => self.archive(kind, &bytes, path, path, depth + 1),
            _ => next,
        }
    }
}

/// The path of a file `inner` in the archive at `path`.
fn join(path: &[u8], inner: &[u8]) -> Vec<u8> {
    if path.is_empty() { inner.to_vec() } else { [path, b"!", inner].concat() }
}

#[cfg(test)]
mod tests;
