//! `gitward hook NAME`: what an installed Git hook, the pre-commit framework and prek call.

use super::args::Hook;
use super::check::{not_here, parse_range, with_guard};
use super::context::Context;
use super::failure::Failure;
use super::files::read_file;
use crate::change::{ChangeSet, Origin, RefUpdate, Scope};
use crate::env;
use crate::finding::GuardId;
use crate::git::collect::{self, PathFilter};
use crate::git::{Backend, HideRefs, Revisions, receive};
use crate::outcome::Exit;
use crate::rule::did_you_mean;
use crate::tree;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// The hooks that gitward understands.
pub const NAMES: [&str; 7] =
    ["pre-commit", "pre-merge-commit", "prepare-commit-msg", "commit-msg", "pre-push", "pre-receive", "update"];

/// Runs as a Git hook.
///
/// # Errors
/// An unknown hook, or when there is nothing to report because the request itself fails.
pub fn hook(args: &Hook) -> Result<Exit, Failure> {
    match args.name.as_str() {
        // prepare-commit-msg is the one that `--no-verify` cannot skip
        "pre-commit" | "pre-merge-commit" | "prepare-commit-msg" => staged(args),
        "commit-msg" => message(args),
        "pre-push" => push(args),
        "pre-receive" => super::receive::pre_receive(&args.common),
        "update" => super::receive::update(&args.common, &args.args),
        other => {
            let help = match did_you_mean(other, NAMES) {
                Some(name) => format!("did you mean {name:?}? There are {}", NAMES.join(", ")),
                None => format!("there are {}", NAMES.join(", ")),
            };
            Err(Failure::usage(format!("gitward has nothing to do in the hook {other:?}"), help))
        }
    }
}

/// What is about to be committed. Under the pre-commit framework's `--from-ref/--to-ref` it is that range,
/// under its `--all-files` still what is staged and, where nothing is, every tracked file: a hook that is
/// asked about all files must not pass because none is staged.
fn staged(args: &Hook) -> Result<Exit, Failure> {
    let context = Context::in_repo(&args.common)?;
    let Some(repo) = &context.repo else { return Err(not_here()) };
    let filter = PathFilter::default();
    if let (Some(from), Some(to)) = (env::PRE_COMMIT_FROM_REF.text(), env::PRE_COMMIT_TO_REF.text()) {
        let which = parse_range(repo.as_ref(), &format!("{from}..{to}"))?;
        return context.run(&args.common, collect::commits(repo, Scope::Range, &which, &filter)?);
    }
    let set = collect::staged(repo, &filter)?;
    let nothing = set.blobs.is_empty() && set.removed.is_empty() && set.incomplete.is_empty();
    // git hands every commit's hook an index; a framework that was called by a person has none
    let by_person = env::PRE_COMMIT.os().is_some() && env::GIT_INDEX_FILE.os().is_none();
    if nothing && args.name == "pre-commit" && by_person {
        return context.run(&args.common, collect::all_files(repo, &filter)?);
    }
    context.run(&args.common, set)
}

/// The message of the commit that is being made.
fn message(args: &Hook) -> Result<Exit, Failure> {
    let [file] = &args.args[..] else {
        return Err(Failure::usage(
            "commit-msg takes the file with the message",
            "git hands it over; see `git help hooks`",
        ));
    };
    let context = Context::in_repo(&args.common)?;
    let path = Path::new(file);
    let bytes = read_file(path).map_err(|e| Failure::unreadable("commit message", path, &e))?;
    let set = tree::text("commit message", Origin::Index, bytes);
    context.run(&with_guard(&args.common, GuardId::Secrets.name()), set)
}

/// The commits that a push would send.
fn push(args: &Hook) -> Result<Exit, Failure> {
    let context = Context::in_repo(&args.common)?;
    let Some(repo) = &context.repo else { return Err(not_here()) };
    // the pre-commit framework hands the range over in variables, git the refs on standard input
    if let Some(to) = env::PRE_COMMIT_TO_REF.text() {
        let from = env::PRE_COMMIT_FROM_REF.text().and_then(|rev| repo.resolve(&format!("{rev}^0")).ok());
        let tips = vec![repo.resolve(&format!("{to}^0"))?];
        let remote = env::PRE_COMMIT_REMOTE_NAME.text();
        let hidden = from.into_iter().collect();
        let which = Revisions { tips, hidden, hide_refs: HideRefs::Remotes(remote), ..Revisions::default() };
        let set = collect::commits(repo, Scope::Range, &which, &PathFilter::default())?;
        return context.run(&args.common, set);
    }
    let mut input = Vec::new();
    let read = std::io::stdin().lock().take(receive::MAX_INPUT).read_to_end(&mut input);
    read.map_err(|e| Failure::usage(format!("cannot read the refs of the push: {e}"), ""))?;
    let remote = args.args.first().and_then(|name| name.to_str()).map(str::to_owned);
    let set = outgoing(repo, &input, remote, &|name| context.policy.signatures.covers(name))?;
    context.run(&args.common, set)
}

/// Reads `local-ref local-id remote-ref remote-id` lines and lists what the remote does not have, as far as
/// the remote-tracking refs tell.
fn outgoing(
    repo: &Arc<dyn Backend>,
    input: &[u8],
    remote: Option<String>,
    protected: &receive::IsProtected<'_>,
) -> Result<ChangeSet, Failure> {
    let mut updates = Vec::new();
    for line in input.split(|&b| b == b'\n').filter(|l| !l.is_empty()) {
        let words: Vec<&[u8]> = line.split(|&b| b == b' ').collect();
        let [_, new, name, old] = words[..] else {
            return Err(Failure::usage(
                "a line of the push is not `local-ref id remote-ref id`",
                "see `git help hooks`",
            ));
        };
        let pushed = [old, b" ", new, b" ", name].concat();
        updates.extend::<Vec<RefUpdate>>(receive::parse_updates(&pushed)?);
    }
    // a name that is a URL has no remote-tracking refs
    let known = match remote {
        Some(name) if repo.config(&format!("remote.{name}.url")).ok().flatten().is_some() => Some(name),
        _ => None,
    };
    Ok(receive::outgoing(repo, updates, &HideRefs::Remotes(known), protected)?)
}
