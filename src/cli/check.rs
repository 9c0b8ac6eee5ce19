//! `gitward check`, `scan` and `lint`.

use super::args::{Check, Common, Lint, Scan};
use super::context::Context;
use super::failure::Failure;
use crate::change::{RepoPath, Scope};
use crate::git::collect::{self, PathFilter};
use crate::git::{Backend, GitError, Revisions};
use crate::outcome::Exit;
use crate::tree;
use std::path::{Component, Path, PathBuf};

/// `gitward check`
///
/// # Errors
/// When there is nothing to report because the request itself fails.
pub fn check(args: &Check) -> Result<Exit, Failure> {
    let common = &Common { gitleaks_config: args.gitleaks_config.clone(), ..args.common.clone() };
    let context = Context::in_repo(common)?.with_archives(args.archives);
    let Some(repo) = &context.repo else { return Err(not_here()) };
    let filter = path_filter(repo.as_ref(), &args.paths)?;
    if args.history {
        return context.run_history(common, &filter, false);
    }
    let set = if let Some(range) = &args.range {
        collect::commits(repo, Scope::Range, &parse_range(repo.as_ref(), range)?, &filter)
    } else if args.worktree {
        collect::work_tree(repo, &filter)
    } else if args.all_files {
        collect::all_files(repo, &filter)
    } else {
        collect::staged(repo, &filter)
    };
    context.run(common, set?)
}

/// `gitward scan`
///
/// # Errors
/// As [`check`].
pub fn scan(args: &Scan) -> Result<Exit, Failure> {
    let mut common = with_guard(&args.common, "secrets");
    common.gitleaks_config.clone_from(&args.gitleaks_config);
    if args.history {
        let context = Context::in_repo(&common)?;
        let context = context.with_archives(args.archives).with_min_confidence(args.min_confidence);
        return context.run_history(&common, &PathFilter::default(), !args.no_cache);
    }
    let context = Context::anywhere(&common)?.with_archives(args.archives).with_min_confidence(args.min_confidence);
    on_files(context, &common, &args.paths, args.respect_ignore)
}

/// `gitward lint`
///
/// # Errors
/// As [`check`].
pub fn lint(args: &Lint) -> Result<Exit, Failure> {
    let common = with_guard(&args.common, "images");
    on_files(Context::anywhere(&common)?, &common, &args.paths, false)
}

/// The arguments with one guard alone, unless rules of it were named.
pub(super) fn with_guard(common: &Common, guard: &str) -> Common {
    let mut common = common.clone();
    if common.only.is_empty() {
        common.only.push(guard.to_owned());
    }
    common
}

fn on_files(context: Context, common: &Common, paths: &[PathBuf], respect_ignore: bool) -> Result<Exit, Failure> {
    let max = context.policy.limits.max_blob.value;
    match paths {
        [one] if one == Path::new("-") => {
            let set = tree::stdin(&mut std::io::stdin().lock(), max);
            context.run(common, set.map_err(Failure::from)?)
        }
        _ => context.run_files(common, || tree::files(paths, respect_ignore)),
    }
}

pub(super) fn not_here() -> Failure {
    Failure::from(GitError::NotARepository { dir: ".".into() })
}

/// `A..B`, `..B`, `A..` (to `HEAD`), or `B` alone for everything that it has.
pub(super) fn parse_range(repo: &dyn Backend, range: &str) -> Result<Revisions, Failure> {
    if range.contains("...") {
        let help = "give A..B; `git merge-base A B` finds where two branches parted";
        return Err(Failure::usage(format!("{range:?} is a symmetric difference, not a range"), help));
    }
    let commit = |rev: &str| repo.resolve(&format!("{}^0", if rev.is_empty() { "HEAD" } else { rev }));
    let mut which = Revisions::default();
    match range.split_once("..") {
        Some((from, to)) => {
            which.tips.push(commit(to)?);
            which.hidden.push(commit(from)?);
        }
        None => which.tips.push(commit(range)?),
    }
    Ok(which)
}

/// Paths as typed to paths from the top.
fn path_filter(repo: &dyn Backend, paths: &[PathBuf]) -> Result<PathFilter, Failure> {
    let mut filter = PathFilter::default();
    if paths.is_empty() {
        return Ok(filter);
    }
    let io = |e: std::io::Error| Failure::usage(format!("cannot find the working directory: {e}"), "");
    let here = std::env::current_dir().and_then(|d| d.canonicalize()).map_err(io)?;
    let top = match &repo.layout().work_tree {
        Some(top) => top.canonicalize().map_err(io)?,
        None => here.clone(),
    };
    for path in paths {
        let outside = || {
            let help = "`gitward scan PATH` looks at files anywhere";
            Failure::usage(format!("{} is outside this repository", path.display()), help)
        };
        let full = normal(&here.join(path)).ok_or_else(outside)?;
        let inner = full.strip_prefix(&top).map_err(|_| outside())?;
        let inner = RepoPath::new(inner.as_os_str().as_encoded_bytes());
        // a misspelt path must not pass as a clean one
        if !inner.as_bytes().is_empty() && !full.exists() && !is_known(repo, &inner)? {
            return Err(Failure::usage(format!("no such file or directory: {}", path.display()), "check the spelling"));
        }
        filter.prefixes.push(inner);
    }
    Ok(filter)
}

fn is_known(repo: &dyn Backend, path: &RepoPath) -> Result<bool, Failure> {
    let only = PathFilter { prefixes: vec![path.clone()] };
    Ok(repo.tracked()?.iter().any(|f| only.admits(f.path.as_bytes()))
        || repo.staged()?.iter().any(|c| only.admits(c.path.as_bytes())))
}

/// Resolves `.` and `..` by name: the file itself may be gone.
fn normal(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                if !out.pop() {
                    return None;
                }
            }
            other => out.push(other),
        }
    }
    Some(out)
}
