//! Commits, the index and the work tree: the added lines of each hunk.

use super::args::{GitScope, Options};
use super::judge::{Judge, Origin, Tally, Text};
use crate::cli::failure::Failure;
use crate::finding::Incomplete;
use crate::git::GitError;
use crate::git::log::{self, Patches, Process};
use crate::git::patch::Hunk;
use rayon::prelude::*;
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
    let mut tally = Tally::default();
    let (send, receive) = mpsc::sync_channel(WAITING);
    let ended = std::thread::scope(|scope| {
        scope.spawn(move || read(patches, &send));
        let ended = judge_all(judge, own, &receive, &mut tally);
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
            if judge.is_late() || own.iter().any(|name| **name == *hunk.path) {
                return Ok(Vec::new());
            }
            let origin = hunk.commit.as_deref().map_or(Origin::Uncommitted, Origin::Commit);
            let (bytes, path, first_line) = (&*hunk.added, &*hunk.path, hunk.first_line);
            judge.findings(&Text { bytes, path, symlink: b"", origin, first_line })
        };
        if bytes < FEW {
            batch.iter().for_each(|hunk| tally.add(one(hunk)));
        } else {
            let results: Vec<_> = batch.par_iter().map(one).collect();
            results.into_iter().for_each(|result| tally.add(result));
        }
        if judge.is_late() {
            tally.fail(late());
            return false;
        }
    }
}
