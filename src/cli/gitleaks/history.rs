//! Commits, the index and the work tree: the added lines of each hunk.

use super::args::{GitScope, Options};
use super::judge::{Judge, Origin, Tally, Text};
use super::{archives, binary};
use crate::change::TreeView;
use crate::cli::failure::Failure;
use crate::finding::Incomplete;
use crate::git::log::{self, Patches, Process};
use crate::git::patch::Hunk;
use crate::git::view::ObjectView;
use crate::git::{self, Backend, GitError};
use rayon::prelude::*;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

/// Bytes of added lines that are judged together.
const BATCH: usize = 4 << 20;
/// Hunks that are judged together.
const BATCH_HUNKS: usize = 4096;
/// Batches that may wait.
const WAITING: usize = 2;
/// From how many bytes on threads pay.
const FEW: usize = 64 << 10;

/// Scans a repository; files of these names are left out.
///
/// # Errors
/// Options that git may not be given.
pub(super) fn scan(judge: &Judge<'_>, own: &[Vec<u8>]) -> Result<Tally, Failure> {
    let (mut process, patches) = start(judge.options)?;
    let wanted = judge.options.max_archive_depth > 0;
    let patches = patches.with_binary(wanted);
    // archives are read from the repository, a patch has no lines of them
    let repo = if wanted { Some(git::open(&judge.options.source)?) } else { None };
    let mut tally = Tally::default();
    let (send, receive) = mpsc::sync_channel(WAITING);
    let ended = std::thread::scope(|scope| {
        scope.spawn(move || read(patches, &send));
        let ended = judge_all(judge, own, repo.as_ref(), &receive, &mut tally);
        if !ended {
            process.kill();
        }
        // the reader must not wait for a place in the queue
        drop(receive);
        ended
    });
    if !ended {
        return Ok(tally);
    }
    match process.finish() {
        Ok(messages) => {
            for message in messages {
                // git goes on after a warning, and says `error:` where it could not read something
                let is_error = message.starts_with("error:") || message.starts_with("fatal:");
                if is_error { tally.fail(Incomplete::new("git", message)) } else { tally.warnings.push(message) }
            }
        }
        Err(error) => tally.fail(error.incomplete("the repository")),
    }
    Ok(tally)
}

/// Scans a binary file if it is an archive.
fn archive(judge: &Judge<'_>, repo: &Arc<dyn Backend>, hunk: &Hunk, text: &Text<'_>, part: &mut Tally) {
    let name = String::from_utf8_lossy(&hunk.path).into_owned();
    if !binary::is_archive(Path::new(&name)) {
        return;
    }
    match content(judge.options, repo, hunk, Path::new(&name)) {
        Ok(bytes) if judge.is_too_large(bytes.len() as u64) => {
            part.warnings.push(format!("passed by, as larger than --max-target-megabytes: {name}"));
        }
        Ok(bytes) => archives::scan(judge, &bytes, text, part),
        Err(error) => part.fail(error.incomplete(name)),
    }
}

/// The content of a file as its commit, the index or the work tree has it.
fn content(options: &Options, repo: &Arc<dyn Backend>, hunk: &Hunk, path: &Path) -> Result<Vec<u8>, GitError> {
    let mut reader = repo.own_reader()?;
    let view = match (&hunk.commit, &options.scope, &repo.layout().work_tree) {
        (Some(commit), ..) => {
            let root = git::tree::root_of(reader.as_mut(), &repo.resolve(&commit.id)?)?;
            ObjectView::tree(Arc::clone(repo), root)
        }
        (None, GitScope::Unstaged, Some(top)) => {
            let corrupt = |e: std::io::Error| GitError::corrupt(e.to_string());
            let mut bytes = Vec::new();
            let file = std::fs::File::open(top.join(path)).map_err(corrupt)?;
            file.take(archives::MAX_BYTES).read_to_end(&mut bytes).map_err(corrupt)?;
            return Ok(bytes);
        }
        _ => ObjectView::index(Arc::clone(repo)),
    };
    let oid = view.id(&hunk.path).flatten().ok_or_else(|| GitError::corrupt("it is not where git says"))?;
    Ok(reader.read(&oid, archives::MAX_BYTES)?.data)
}

fn start(options: &Options) -> Result<(Process, Patches), Failure> {
    let dir = &options.source;
    if !dir.is_dir() {
        return Err(GitError::NotARepository { dir: dir.clone() }.into());
    }
    let started = match &options.scope {
        GitScope::Staged => log::difference(dir, true),
        GitScope::Unstaged => log::difference(dir, false),
        GitScope::History(None) => log::history(dir, None),
        GitScope::History(Some(text)) => {
            let words: Vec<&str> = text.split(' ').filter(|w| !w.is_empty()).collect();
            log::history(dir, Some(&words))
        }
    };
    started.map_err(|error| match error {
        GitError::Unsupported(what) => Failure::usage(
            format!("{what} cannot be used with --log-opts"),
            "choose commits and paths there; what writes files, runs programs or prints no patch is refused",
        ),
        other => other.into(),
    })
}

/// Hands the hunks on in batches.
fn read(mut patches: Patches, send: &SyncSender<Result<Vec<Hunk>, GitError>>) {
    let mut batch = Vec::new();
    let mut bytes = 0;
    loop {
        match patches.next_hunk() {
            Ok(Some(hunk)) => {
                bytes += hunk.added.len();
                batch.push(hunk);
                let full = bytes >= BATCH || batch.len() >= BATCH_HUNKS;
                if full && send.send(Ok(std::mem::take(&mut batch))).is_err() {
                    return;
                }
                bytes = if full { 0 } else { bytes };
            }
            Ok(None) => {
                let _ = send.send(Ok(batch));
                return;
            }
            Err(error) => {
                let _ = send.send(Ok(batch)).and_then(|()| send.send(Err(error)));
                return;
            }
        }
    }
}

/// Judges what comes; `false` if that ended before its time.
fn judge_all(
    judge: &Judge<'_>,
    own: &[Vec<u8>],
    repo: Option<&Arc<dyn Backend>>,
    receive: &Receiver<Result<Vec<Hunk>, GitError>>,
    tally: &mut Tally,
) -> bool {
    let mut last_commit = None;
    let late = || Incomplete::new("the repository", "the time of --timeout is over");
    loop {
        let left = judge.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        let batch = match receive.recv_timeout(left.unwrap_or(Duration::MAX)) {
            Ok(Ok(batch)) => batch,
            Ok(Err(error)) => {
                tally.fail(error.incomplete("the repository"));
                return false;
            }
            Err(RecvTimeoutError::Timeout) => {
                tally.fail(late());
                return false;
            }
            Err(RecvTimeoutError::Disconnected) => return true,
        };
        for commit in batch.iter().filter_map(|hunk| hunk.commit.as_deref()) {
            if last_commit.as_deref() != Some(commit.id.as_str()) {
                last_commit = Some(commit.id.clone());
                tally.commits += 1;
            }
        }
        let bytes: usize = batch.iter().map(|hunk| hunk.added.len()).sum();
        tally.bytes += bytes as u64;
        let one = |hunk: &Hunk| {
            let mut part = Tally::default();
            if judge.is_late() || own.iter().any(|name| **name == *hunk.path) {
                return part;
            }
            let origin = hunk.commit.as_deref().map_or(Origin::Uncommitted, Origin::Commit);
            let (bytes, path, first_line) = (&*hunk.added, &*hunk.path, hunk.first_line);
            let text = Text { bytes, path, symlink: b"", origin, first_line };
            match repo.filter(|_| hunk.is_binary) {
                Some(repo) => archive(judge, repo, hunk, &Text { first_line: 1, ..text }, &mut part),
                None => part.add(judge.findings(&text)),
            }
            part
        };
        if bytes < FEW {
            batch.iter().for_each(|hunk| tally.merge(one(hunk)));
        } else {
            let results: Vec<_> = batch.par_iter().map(one).collect();
            results.into_iter().for_each(|part| tally.merge(part));
        }
        if judge.is_late() {
            tally.fail(late());
            return false;
        }
    }
}
