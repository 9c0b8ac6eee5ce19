//! `gitward install` and `uninstall`: finds the hooks directory and says what was done.

use super::args::Install;
use super::context::emit;
use super::failure::Failure;
use crate::git;
use crate::install::{self, Hook, InstallRequest, Mode, Report, Repository, Target};
use crate::outcome::Exit;
use std::path::{Path, PathBuf};

/// Sets the hooks up.
///
/// # Errors
/// When nothing was changed.
pub fn install(args: &Install) -> Result<Exit, Failure> {
    let mut target = target(args)?;
    target.hooks = target.mode.default_hooks().to_vec();
    let binary = std::env::current_exe().map_err(|e| Failure::usage(format!("cannot find this program: {e}"), ""))?;
    let report = install::install(&InstallRequest { target, binary }).map_err(Failure::new)?;
    say(args, &report)
}

/// Takes them away.
///
/// # Errors
/// As [`install()`].
pub fn uninstall(args: &Install) -> Result<Exit, Failure> {
    let report = install::uninstall(&target(args)?).map_err(Failure::new)?;
    say(args, &report)
}

fn say(args: &Install, report: &Report) -> Result<Exit, Failure> {
    if !args.quiet {
        emit(|out| {
            report.hooks.iter().try_for_each(|hook| writeln!(out, "{hook}"))?;
            report.notes.iter().try_for_each(|note| writeln!(out, "note: {note}"))
        })?;
    }
    Ok(Exit::Clean)
}

fn target(args: &Install) -> Result<Target, Failure> {
    let hooks = Hook::ALL.to_vec();
    if let Some(dir) = &args.template {
        let hooks_dir = absolute(dir)?.join("hooks");
        return Ok(Target { hooks_dir, hooks, mode: Mode::Template, repository: None, allow_shared: args.shared });
    }
    let (dir, mode) = match &args.server {
        Some(dir) => (dir.as_path(), Mode::Server),
        None => (Path::new("."), Mode::Client),
    };
    let repo = git::open(dir)?;
    let layout = repo.layout();
    let top = layout.work_tree.clone().unwrap_or_else(|| layout.git_dir.clone());
    let hooks_dir = match repo.config("core.hooksPath")? {
        Some(path) => top.join(expand_home(&path)),
        None => layout.common_dir.join("hooks"),
    };
    let repository = Repository {
        git_dir: absolute(&layout.common_dir)?,
        work_trees: layout.work_tree.iter().map(|t| absolute(t)).collect::<Result<_, _>>()?,
    };
    let hooks_dir = absolute(&hooks_dir)?;
    Ok(Target { hooks_dir, hooks, mode, repository: Some(repository), allow_shared: args.shared })
}

/// Git reads `~/` in this value as the home directory.
fn expand_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|e| Failure::unreadable("directory", path, &e))
}
