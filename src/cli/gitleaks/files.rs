//! Directories, files and standard input.

use super::archives;
use super::args::Verb;
use super::binary;
use super::judge::{Judge, Origin, Tally, Text};
use crate::finding::Incomplete;
use rayon::prelude::*;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

/// Bytes of a file that are judged at once. gitleaks takes 100 kB, and loses what lies across.
const PIECE: usize = 8 << 20;
/// From how many files on threads pay.
const FEW: usize = 16;

/// A file to scan.
struct Target {
    /// Where it is read.
    path: PathBuf,
    /// The name in reports.
    name: Vec<u8>,
    /// The link that led there; mostly empty.
    symlink: Vec<u8>,
    is_archive: bool,
}

/// Files that are no subject of the scan: the rules, the baseline, the report of an earlier run.
pub(super) struct Own {
    paths: Vec<PathBuf>,
}

impl Own {
    /// Of these paths those that are there.
    pub(super) fn new<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        Own { paths: paths.into_iter().filter_map(|p| p.canonicalize().ok()).collect() }
    }

    fn contains(&self, path: &Path) -> bool {
        // the system is asked only where the name is right
        self.paths.iter().any(|own| own.file_name() == path.file_name() && path.canonicalize().is_ok_and(|p| p == *own))
    }

    /// The names of those below a directory, as a repository there has them.
    pub(super) fn below(&self, dir: &Path) -> Vec<Vec<u8>> {
        let Ok(dir) = dir.canonicalize() else { return Vec::new() };
        self.paths.iter().filter_map(|p| Some(slashed(p.strip_prefix(&dir).ok()?.as_os_str()))).collect()
    }
}

/// Scans what the arguments name, or standard input.
pub(super) fn scan(judge: &Judge<'_>, own: &Own) -> Tally {
    if judge.options.verb == Verb::Stdin {
        let mut tally = Tally::default();
        let text = Text { bytes: b"", path: b"", symlink: b"", origin: Origin::Plain, first_line: 1 };
        pieces(&mut std::io::stdin().lock(), judge, &text, &mut tally);
        return tally;
    }
    let mut tally = Tally::default();
    let targets = targets(judge, own, &mut tally);
    if targets.len() < FEW {
        targets.iter().for_each(|target| tally.merge(file(judge, target)));
    } else {
        let parts: Vec<Tally> = targets.par_iter().map(|target| file(judge, target)).collect();
        parts.into_iter().for_each(|part| tally.merge(part));
    }
    if judge.is_late() {
        tally.fail(Incomplete::new("the scan", "the time of --timeout is over"));
    }
    tally
}

/// The files to scan, directory by directory in the order of their names.
fn targets(judge: &Judge<'_>, own: &Own, tally: &mut Tally) -> Vec<Target> {
    let mut found = Vec::new();
    // what is named on the command line is followed; below it links are not
    let mut waiting = vec![(judge.options.source.clone(), std::fs::metadata(&judge.options.source))];
    while let Some((path, meta)) = waiting.pop() {
        let meta = match meta {
            Ok(meta) => meta,
            Err(error) => {
                tally.fail(Incomplete::new(path.display().to_string(), error));
                continue;
            }
        };
        if judge.rules.skips_path(&slashed(path.as_os_str())) {
            continue;
        }
        if meta.is_dir() {
            match listed(&path) {
                Ok(children) => waiting.extend(children.into_iter().rev()),
                Err(error) => tally.fail(Incomplete::new(path.display().to_string(), error)),
            }
        } else if !own.contains(&path)
            && let Some(target) = target(judge, path, &meta, tally)
        {
            found.push(target);
        }
    }
    found
}

/// What a directory holds, sorted by name; Git's own directory is left out.
fn listed(dir: &Path) -> std::io::Result<Vec<(PathBuf, std::io::Result<Metadata>)>> {
    let dir = clean(dir);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&dir)? {
        names.push(entry?.file_name());
    }
    names.sort();
    let entry = |name: std::ffi::OsString| {
        let path = if dir == Path::new(".") { PathBuf::from(name) } else { dir.join(name) };
        let meta = std::fs::symlink_metadata(&path);
        (path, meta)
    };
    Ok(names.into_iter().filter(|name| name != ".git").map(entry).collect())
}

fn target(judge: &Judge<'_>, path: PathBuf, meta: &Metadata, tally: &mut Tally) -> Option<Target> {
    let name = slashed(path.as_os_str());
    let (path, name, symlink, meta) = if meta.is_symlink() {
        if !judge.options.follow_symlinks {
            return None;
        }
        let real = match path.canonicalize().and_then(|real| Ok((std::fs::metadata(&real)?, real))) {
            // a directory would be walked twice, or for ever
            Ok((meta, _)) if meta.is_dir() => return None,
            Ok(real) => real,
            Err(error) => {
                tally.fail(Incomplete::new(path.display().to_string(), error));
                return None;
            }
        };
        let shown = if path.is_absolute() { real.1.clone() } else { relative(&real.1) };
        (real.1, slashed(shown.as_os_str()), name, real.0)
    } else {
        (path, name, Vec::new(), meta.clone())
    };
    // sockets, pipes and devices have no content
    if !meta.is_file() || meta.len() == 0 {
        return None;
    }
    if judge.is_too_large(meta.len()) {
        tally.warnings.push(format!("passed by, as larger than --max-target-megabytes: {}", path.display()));
        return None;
    }
    let is_archive = binary::is_archive(&path);
    // without --max-archive-depth archives are no subject of the scan
    let is_asked = !is_archive || judge.options.max_archive_depth > 0;
    is_asked.then_some(Target { path, name, symlink, is_archive })
}

/// Scans a file.
fn file(judge: &Judge<'_>, target: &Target) -> Tally {
    let mut tally = Tally::default();
    if judge.is_late() {
        return tally;
    }
    match std::fs::File::open(&target.path) {
        Ok(mut input) => {
            let (path, symlink) = (&*target.name, &*target.symlink);
            let text = Text { bytes: b"", path, symlink, origin: Origin::Plain, first_line: 1 };
            if target.is_archive {
                archive(input, judge, &text, &mut tally);
            } else {
                pieces(&mut input, judge, &text, &mut tally);
            }
        }
        Err(error) => tally.fail(Incomplete::new(target.path.display().to_string(), error)),
    }
    tally
}

fn archive(input: std::fs::File, judge: &Judge<'_>, text: &Text<'_>, tally: &mut Tally) {
    let name = || String::from_utf8_lossy(text.path).into_owned();
    let mut bytes = Vec::new();
    match input.take(archives::MAX_BYTES + 1).read_to_end(&mut bytes) {
        Err(error) => tally.fail(Incomplete::new(name(), error)),
        Ok(_) if bytes.len() as u64 > archives::MAX_BYTES => {
            tally.fail(Incomplete::new(name(), format!("it has more than {} bytes", archives::MAX_BYTES)));
        }
        Ok(_) => archives::scan(judge, &bytes, text, tally),
    }
}

/// Judges what there is to read, piece by piece.
pub(super) fn pieces(input: &mut dyn Read, judge: &Judge<'_>, text: &Text<'_>, tally: &mut Tally) {
    let mut buffer = Vec::new();
    let mut first_line = 1;
    loop {
        let room = PIECE.saturating_sub(buffer.len()) as u64;
        let before = buffer.len();
        if let Err(error) = input.take(room).read_to_end(&mut buffer) {
            let name = String::from_utf8_lossy(text.path);
            let what = if name.is_empty() { "standard input" } else { &*name };
            tally.fail(Incomplete::new(what, error));
            return;
        }
        let ended = buffer.len() < PIECE;
        tally.bytes += (buffer.len() - before) as u64;
        if first_line == 1 && binary::is_application(buffer.get(..binary::HEAD).unwrap_or(&buffer)) {
            return;
        }
        let end = if ended { buffer.len() } else { seam(&buffer) };
        let piece = buffer.get(..end).unwrap_or(&buffer);
        if !piece.is_empty() {
            tally.add(judge.findings(&Text { bytes: piece, first_line, ..*text }));
        }
        if ended || judge.is_late() {
            return;
        }
        first_line += memchr::memchr_iter(b'\n', piece).count();
        buffer.drain(..end);
    }
}

/// Where a full buffer is cut: behind the last empty line of its second half, or else behind the last line end,
/// so that what belongs together stays together.
fn seam(buffer: &[u8]) -> usize {
    let half = buffer.len() / 2;
    let late = buffer.get(half..).unwrap_or_default();
    let after = |needle: &[u8]| memchr::memmem::rfind(late, needle).map(|at| half + at + needle.len());
    after(b"\n\n").or_else(|| after(b"\n")).unwrap_or(buffer.len())
}

/// A path without `.`, `..` and doubled separators, by name alone.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir if out.has_root() => {}
            other => out.push(other),
        }
    }
    if out.as_os_str().is_empty() { PathBuf::from(".") } else { out }
}

/// A path below the working directory from there on; another one as it is.
fn relative(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|d| d.canonicalize());
    here.ok().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path).to_path_buf()
}

/// A path as reports name it: bytes, with `/`.
pub(super) fn slashed(path: &OsStr) -> Vec<u8> {
    let mut bytes = path.as_encoded_bytes().to_vec();
    if std::path::MAIN_SEPARATOR != '/' {
        bytes.iter_mut().filter(|b| **b == std::path::MAIN_SEPARATOR as u8).for_each(|b| *b = b'/');
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_by_name() {
        for (given, expected) in [
            (".", "."),
            ("./e//f/", "e/f"),
            ("a/../b", "b"),
            ("../x", "../x"),
            ("a/../../x", "../x"),
            ("/../a", "/a"),
            ("/", "/"),
        ] {
            assert_eq!(clean(Path::new(given)), PathBuf::from(expected), "{given}");
        }
    }

    #[test]
    fn large_files_are_cut_between_paragraphs() {
        assert_eq!(seam(b"aaaa\n\nbb\n\ncc\ndd"), 10);
        assert_eq!(seam(b"aaaaaaaa\n\nbb\ncc"), 10);
        assert_eq!(seam(b"a\n\naaaaaaaaaaaa\ncc"), 16);
        assert_eq!(seam(b"aaaa"), 4);
    }
}
