//! Content that guards get in parts: windows of a file that is too large to hold, the files of an archive.

use super::content::{self, Contents};
use super::{Part, Pass, Wanted};
use crate::archive;
use crate::change::{BlobEntry, EntryKind, Occurrence, RepoPath};
use crate::finding::{Finding, Incomplete};
use crate::policy::SetBy;
use smallvec::SmallVec;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

/// What a window has of its own, in bytes; even, so that 16-bit characters stay whole. A smaller file is read
/// whole.
const WINDOW: usize = 8 << 20;
/// What a window has of each neighbour, in bytes: the longest credentials and their context are far shorter.
const OVERLAP: usize = 64 << 10;
/// Findings of a file that are kept; each holds a piece of its line.
const MAX_FINDINGS: usize = 1_000;
/// Enough of a file to tell an archive.
const HEAD: u64 = 512;

impl Pass<'_> {
    /// Whether a file of `len` bytes is judged in windows: where it is large, each guard can, and nothing has to be
    /// compared with what it replaced.
    pub(super) fn is_large(&self, file: &Path, len: u64, entry: &BlobEntry, wanted: &[Wanted<'_>]) -> bool {
        let is_link = || entry.seen.iter().any(|s| s.kind == EntryKind::Symlink);
        if len <= WINDOW as u64 || !self.scope.is_whole() || is_link() {
            return false;
        }
        // an archive can only be opened whole
        wanted.iter().all(|(guard, _)| guard.judges_parts()) && !(self.opens_archives() && is_archive(file))
    }

    fn opens_archives(&self) -> bool {
        self.request.policy.secrets.archives.value
    }

    /// Judges a file window by window.
    pub(super) fn in_windows(
        &self,
        file: &Path,
        entry: &BlobEntry,
        wanted: &[Wanted<'_>],
        contents: &mut Contents,
        part: &mut Part,
    ) {
        let help = "make it readable, or leave its path out";
        let unread = |why: &dyn std::fmt::Display| Incomplete::new(content::name(entry), why).help(help);
        let max = &self.request.policy.limits.max_blob;
        // the built-in bound is there for what has to be in memory
        let most = if max.by == SetBy::Default { u64::MAX } else { max.value };
        let mut windows = match File::open(file).and_then(|f| Ok((f.metadata()?.len(), f))) {
            Ok((len, _)) if len > most => return part.incomplete.push(unread(&content::too_large(most))),
            Ok((_, file)) => Windows::new(file),
            Err(error) => return part.incomplete.push(unread(&error)),
        };
        part.stats.blobs += 1;
        let mut count = 0;
        loop {
            let core = match windows.next() {
                Ok(Some(core)) => core,
                Ok(None) => return,
                Err(error) => return part.incomplete.push(unread(&error)),
            };
            part.stats.bytes += core.len() as u64;
            let mut own = Part::default();
            self.text(entry, &windows.text, windows.lines, wanted, contents, &mut own);
            let is_first = windows.base == 0;
            own.findings.retain_mut(|finding| windows.claim(finding, &core, is_first));
            own.suppressed.retain_mut(|s| windows.claim(&mut s.finding, &core, is_first));
            count += own.findings.len();
            part.join(own);
            if count > MAX_FINDINGS {
                let why = format!("more than {MAX_FINDINGS} findings in one file; the rest was not looked at");
                return part.incomplete.push(unread(&why));
            }
            if self.deadline.is_some_and(|d| Instant::now() >= d) {
                return part.incomplete.push(unread(&"the deadline passed before its end"));
            }
        }
    }

    /// Judges the files in an archive, where the policy asks for it.
    pub(super) fn archive(
        &self,
        entry: &BlobEntry,
        bytes: &[u8],
        wanted: &[Wanted<'_>],
        contents: &mut Contents,
        part: &mut Part,
    ) {
        let Some(first) = entry.seen.first().filter(|s| self.opens_archives() && s.kind != EntryKind::Symlink) else {
            return;
        };
        if archive::kind(bytes).is_none() {
            return;
        }
        let mut late = false;
        let faults = archive::walk(bytes, first.path.as_bytes(), &archive::Limits::default(), &mut |path, content| {
            late |= self.deadline.is_some_and(|d| Instant::now() >= d);
            if late {
                return;
            }
            let inside = |seen: &Occurrence| Occurrence {
                path: RepoPath::new(&[seen.path.as_bytes(), b"!", path].concat()),
                // what stood in the archive before is not compared file by file
                bases: SmallVec::new(),
                ..seen.clone()
            };
            let inner = BlobEntry { seen: entry.seen.iter().map(inside).collect(), ..entry.clone() };
            let wanted: SmallVec<[Wanted<'_>; 4]> = wanted
                .iter()
                .filter(|(guard, _)| guard.judges_parts())
                .map(|(guard, seen)| (*guard, seen.iter().map(inside).filter(|s| guard.wants(s)).collect()))
                .filter(|(_, seen): &Wanted<'_>| !seen.is_empty())
                .collect();
            part.stats.bytes += content.len() as u64;
            let mut own = Part::default();
            self.text(&inner, content, 0, &wanted, contents, &mut own);
            // the archive's own name was judged with the archive
            let is_outer = |finding: &Finding| {
                let secret = finding.secret.as_ref().filter(|_| finding.at.position.is_none());
                secret.is_some_and(|s| memchr::memmem::find(first.path.as_bytes(), s.expose()).is_some())
            };
            own.findings.retain(|finding| !is_outer(finding));
            own.suppressed.retain(|s| !is_outer(&s.finding));
            part.join(own);
        });
        for fault in faults {
            let mut name = content::name(entry);
            if !fault.path.is_empty() {
                name = format!("{}!{}", first.path.lossy(), String::from_utf8_lossy(&fault.path));
            }
            let help = "leave it out, or exclude it from the secrets guard: [secrets] exclude";
            part.incomplete.push(Incomplete::new(name, fault.why).help(help));
        }
        if late {
            part.incomplete.push(Incomplete::new(content::name(entry), "the deadline passed before its end"));
        }
    }
}

fn is_archive(file: &Path) -> bool {
    let mut head = Vec::new();
    // what cannot be read is reported when it is judged
    let read = File::open(file).and_then(|f| f.take(HEAD).read_to_end(&mut head));
    read.is_ok() && archive::kind(&head).is_some()
}

/// A file, one window after the other.
struct Windows<R> {
    file: R,
    /// The window: the end of the one before, what is its own, the beginning of the next.
    text: Vec<u8>,
    /// Where its own begins.
    own: usize,
    /// The bytes in front of `text`, the line ends in them, and the characters behind the last of these.
    base: usize,
    lines: u32,
    columns: u32,
    done: bool,
}

impl<R: Read> Windows<R> {
    fn new(file: R) -> Self {
        Windows { file, text: Vec::new(), own: 0, base: 0, lines: 0, columns: 0, done: false }
    }

    /// Goes to the next window; what is its own in `text`.
    fn next(&mut self) -> std::io::Result<Option<Range<usize>>> {
        if self.done {
            return Ok(None);
        }
        // what was the last window's own, but for its end
        if let Some(gone) = self.own_end().checked_sub(OVERLAP).filter(|_| !self.text.is_empty()) {
            self.pass(gone);
        }
        let full = self.own + WINDOW + OVERLAP;
        self.text.reserve_exact(full.saturating_sub(self.text.len()));
        while self.text.len() < full {
            let want = (full - self.text.len()) as u64;
            match (&mut self.file).take(want).read_to_end(&mut self.text) {
                Ok(0) => {
                    self.done = true;
                    break;
                }
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Some(self.own..if self.done { self.text.len() } else { self.own_end() }))
    }

    fn own_end(&self) -> usize {
        (self.own + WINDOW).min(self.text.len())
    }

    /// Leaves the first `gone` bytes behind.
    fn pass(&mut self, gone: usize) {
        self.own = self.own_end() - gone;
        let passed = self.text.get(..gone).unwrap_or_default();
        let rest = match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.lines += memchr::memchr_iter(b'\n', passed).count() as u32;
                self.columns = 0;
                passed.get(last + 1..).unwrap_or_default()
            }
            None => passed,
        };
        // bytes that begin a character; exact in UTF-8
        self.columns += rest.iter().filter(|b| **b & 0xc0 != 0x80).count() as u32;
        self.base += gone;
        self.text.drain(..gone);
    }

    /// Whether a finding is of what is this window's own; moves it to its place in the file.
    fn claim(&self, finding: &mut Finding, core: &Range<usize>, is_first: bool) -> bool {
        let Some(position) = &mut finding.at.position else { return is_first };
        if !core.contains(&position.span.start) {
            return false;
        }
        position.span.start += self.base;
        position.span.end += self.base;
        let moved = |line: u32| if line == 1 { self.columns } else { 0 };
        position.column += moved(position.line);
        position.end_column += moved(position.end_line);
        position.line += self.lines;
        position.end_line += self.lines;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Origin;
    use crate::finding::{Fingerprint, GuardId, Level, Location, Position, Span};

    /// The positions of `needle` as each window claims them.
    fn claimed(text: &[u8], needle: &[u8]) -> Vec<(usize, u32, u32)> {
        let mut windows = Windows::new(text);
        let mut all = Vec::new();
        while let Some(core) = windows.next().unwrap() {
            assert!(windows.text.len() <= WINDOW + 2 * OVERLAP);
            for at in memchr::memmem::find_iter(&windows.text, needle) {
                let at = Location::in_file(b"f", Origin::WorkTree, &windows.text, Span::new(at, at + needle.len()));
                let print = Fingerprint::over(&[]);
                let mut finding = Finding::new("r".into(), GuardId::Secrets, Level::Deny, String::new(), at, print);
                if windows.claim(&mut finding, &core, windows.base == 0) {
                    let p = finding.at.position.unwrap();
                    all.push((p.span.start, p.line, p.column));
                }
            }
        }
        all
    }

    #[test]
    fn every_place_is_claimed_once_and_counted_from_the_start() {
        let mut text = Vec::new();
        // at the seams and far from them, with long lines and short ones
        for (n, gap) in [1000, WINDOW - 1100, 40, 7, 30, OVERLAP, 100, WINDOW / 2, WINDOW / 2, 5000].iter().enumerate()
        {
            text.resize(text.len() + gap, b'.');
            text.extend_from_slice("ä needle;".as_bytes());
            if n % 3 == 1 {
                text.push(b'\n');
            }
        }
        let expected: Vec<_> = memchr::memmem::find_iter(&text, b"needle").collect();
        let claimed = claimed(&text, b"needle");
        assert_eq!(claimed.iter().map(|c| c.0).collect::<Vec<_>>(), expected);
        for (at, line, column) in &claimed {
            let p = Position::new(&text, Span::new(*at, at + 6));
            assert_eq!((*line, *column), (p.line, p.column), "{at}");
        }
    }

    #[test]
    fn lengths_at_the_seams() {
        for len in [0, 1, OVERLAP, WINDOW, WINDOW + OVERLAP, WINDOW + OVERLAP + 1, 2 * WINDOW] {
            let mut text = vec![b'.'; len];
            text.extend_from_slice(b"needle");
            assert_eq!(claimed(&text, b"needle"), [(len, 1, len as u32 + 1)], "{len}");
        }
    }
}
