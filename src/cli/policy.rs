//! `gitward policy show` and `policy check`.

use super::args::{Common, PolicyArgs};
use super::context::{Context, RepoPolicy, emit};
use super::failure::Failure;
use crate::git::{self, GitError};
use crate::outcome::Exit;
use crate::policy::{Policy, show};
use std::path::Path;

/// Prints every key with its value and where that came from.
///
/// # Errors
/// A policy that cannot be read.
pub fn show(args: &PolicyArgs) -> Result<Exit, Failure> {
    for policy in load(args)? {
        let keys = show::show(&policy);
        let wide = |f: fn(&show::ShownKey) -> usize| keys.iter().map(f).max().unwrap_or(0).min(60);
        let (key_width, value_width) = (wide(|k| k.key.len()), wide(|k| k.value.chars().count()));
        emit(|out| {
            for k in &keys {
                let line = format!("{:key_width$}  {:value_width$}  {}", k.key, k.value, k.origin);
                writeln!(out, "{}", crate::report::plain(&line))?;
            }
            policy.notices.iter().try_for_each(|n| writeln!(out, "note: {}", crate::report::plain(n)))
        })?;
    }
    Ok(Exit::Clean)
}

/// Reads the policies and says nothing when they are right.
///
/// # Errors
/// A policy that cannot be read, with the place of each mistake.
pub fn check(args: &PolicyArgs) -> Result<Exit, Failure> {
    for policy in load(args)? {
        emit(|out| policy.notices.iter().try_for_each(|n| writeln!(out, "note: {}", crate::report::plain(n))))?;
    }
    Ok(Exit::Clean)
}

fn load(args: &PolicyArgs) -> Result<Vec<Policy>, Failure> {
    let common = Common { policy: args.policy.clone(), ..Common::default() };
    let repo = match git::open(Path::new(".")) {
        Ok(repo) => Some(repo),
        Err(GitError::NotARepository { .. }) => None,
        Err(error) => return Err(error.into()),
    };
    if args.files.is_empty() {
        return Ok(vec![Context::load(&common, repo, &RepoPolicy::Staged)?.policy]);
    }
    let load =
        |file: &std::path::PathBuf| Ok(Context::load(&common, repo.clone(), &RepoPolicy::File(file.clone()))?.policy);
    args.files.iter().map(load).collect()
}
