//! `gitward pre-receive` and `gitward update`: the server's side of a push.

use super::args::Common;
use super::context::{Context, RepoPolicy, emit};
use super::failure::Failure;
use crate::change::{RefUpdate, Scope};
use crate::env;
use crate::finding::Level;
use crate::git::{self, GitError, receive};
use crate::outcome::{Exit, Outcome, Stats};
use crate::report::{Remote, Verdict, write_remote};
use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::Path;

/// Reads the refs of a push from standard input and judges everything new that they bring.
///
/// # Errors
/// As a push that is refused: always exit code 2.
pub fn pre_receive(common: &Common) -> Result<Exit, Failure> {
    let mut input = Vec::new();
    let read = std::io::stdin().lock().take(receive::MAX_INPUT + 1).read_to_end(&mut input);
    read.map_err(|e| Failure::usage(format!("cannot read the refs of the push: {e}"), ""))?;
    if input.len() as u64 > receive::MAX_INPUT {
        return Err(Failure::usage("the push updates too many refs at once", "push fewer refs at a time"));
    }
    judge(common, receive::parse_updates(&input)?)
}

/// Judges one ref: `REF OLD NEW` as Git hands them to an update hook.
///
/// # Errors
/// As [`pre_receive`].
pub fn update(common: &Common, args: &[OsString]) -> Result<Exit, Failure> {
    let [name, old, new] = args else {
        return Err(Failure::usage("update takes REF OLD NEW", "git hands them over; see `git help hooks`"));
    };
    let line = [old.as_encoded_bytes(), b" ", new.as_encoded_bytes(), b" ", name.as_encoded_bytes()].concat();
    judge(common, receive::parse_updates(&line)?)
}

fn judge(common: &Common, updates: Vec<RefUpdate>) -> Result<Exit, Failure> {
    let repo = git::open(Path::new("."))?;
    // the repository's own rules as they were before the push: nothing pushed can change them
    let from = repo.head()?.map_or(RepoPolicy::None, RepoPolicy::Commit);
    let context = Context::load(common, Some(repo), &from)?;
    let Some(repo) = &context.repo else { return Err(super::check::not_here()) };
    let set = match receive::receive(repo, updates, &|name| context.policy.signatures.covers(name)) {
        Ok(set) => set,
        // an object that cannot be read refuses the push like any other
        Err(error @ (GitError::Missing { .. } | GitError::Corrupt(_) | GitError::TooLarge { .. })) => {
            context.only_incomplete(Scope::Receive, error.incomplete("the pushed objects"))
        }
        Err(error) => return Err(error.into()),
    };
    let outcome = context.outcome(common, set)?;
    let exit = match outcome.exit() {
        Exit::Findings if common.exit_zero => Exit::Clean,
        exit => exit,
    };
    if common.format == "human" {
        let verdict = if exit == Exit::Clean { Verdict::Accepted } else { Verdict::Rejected };
        print(&context, &outcome, verdict)?;
        return Ok(exit);
    }
    context.report(common, &outcome)
}

fn print(context: &Context, outcome: &Outcome, verdict: Verdict) -> Result<(), Failure> {
    let policy = context.policy.files.first().map(|f| f.name.as_str());
    emit(|out| write_remote(outcome, Remote { verdict, policy, gitlab: is_gitlab() }, out))
}

fn is_gitlab() -> bool {
    env::GL_ID.os().is_some() || env::GL_REPOSITORY.os().is_some()
}

/// Tells a client that its push is refused because it could not be judged.
///
/// # Errors
/// Those of `out`.
pub(super) fn write_failure(failure: &Failure, out: &mut dyn Write) -> std::io::Result<()> {
    let outcome = Outcome {
        scope: Scope::Receive,
        findings: Vec::new(),
        suppressed: Vec::new(),
        incomplete: vec![failure.incomplete_of("the push")],
        notices: Vec::new(),
        stats: Stats::default(),
        fail_level: Level::Deny,
    };
    write_remote(&outcome, Remote { verdict: Verdict::Rejected, policy: None, gitlab: is_gitlab() }, out)
}
