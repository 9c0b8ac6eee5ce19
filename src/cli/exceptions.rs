//! `gitward allow` and `gitward baseline`: what may stay.

use super::args::{Allow, Common};
use super::check::not_here;
use super::context::{Context, REPO_POLICY, emit, write_atomically};
use super::failure::Failure;
use crate::finding::{Fingerprint, GuardId};
use crate::git::collect::{self, PathFilter};
use crate::outcome::{Exit, Outcome, Suppressor};
use crate::suppress::{Baseline, baseline};
use std::path::PathBuf;

/// Adds an `[[allow]]` to the repository's policy.
///
/// # Errors
/// A fingerprint, reason or date that is none, or a policy that cannot be read or written.
pub fn allow(args: &Allow) -> Result<Exit, Failure> {
    let context = Context::in_repo(&Common::default())?;
    let fingerprint = Fingerprint::parse(&args.fingerprint).ok_or_else(|| {
        let message = format!("{:?} is no fingerprint", args.fingerprint);
        Failure::usage(message, "it is printed with each finding: gw1: and hexadecimal digits")
    })?;
    let reason = args.reason.trim();
    if reason.is_empty() {
        return Err(Failure::usage(
            "the reason is empty",
            "say why the finding may stay: --reason \"test key, SEC-1\"",
        ));
    }
    let mut entry = format!("\n[[allow]]\nfingerprint = \"{fingerprint}\"\nreason = {}\n", toml_string(reason));
    if let Some(until) = &args.until {
        let date: jiff::civil::Date =
            until.parse().map_err(|_| Failure::usage(format!("{until:?} is no date"), "write it as YYYY-MM-DD"))?;
        entry.push_str(&format!("until = {date}\n"));
    }
    let file = top(&context)?.join(REPO_POLICY);
    let old = match std::fs::read_to_string(&file) {
        Ok(text) => text,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => "version = 1\n".to_owned(),
        Err(e) => return Err(Failure::unreadable("policy", &file, &e)),
    };
    let ending = if old.is_empty() || old.ends_with('\n') { "" } else { "\n" };
    write(&file, &format!("{old}{ending}{entry}"))?;
    emit(|out| writeln!(out, "{REPO_POLICY}: {fingerprint} may stay; stage the file for it to count"))?;
    Ok(Exit::Clean)
}

fn toml_string(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Writes the list of all findings in the tracked files.
///
/// # Errors
/// When not everything could be checked: a list with gaps would hide what it does not know.
pub fn write_baseline(common: &Common) -> Result<Exit, Failure> {
    let (file, outcome, old) = everything(common)?;
    let known = outcome.suppressed.iter().filter(|s| s.by == Suppressor::Baseline).map(|s| &s.finding);
    let found = outcome.findings.iter().filter(|f| f.guard != GuardId::Run);
    save(&file, &Baseline::write(found.chain(known), old.as_ref()))
}

/// Takes out of the list what is no longer found.
///
/// # Errors
/// As [`write_baseline`].
pub fn prune(common: &Common) -> Result<Exit, Failure> {
    let (file, outcome, old) = everything(common)?;
    let used = outcome.suppressed.iter().filter(|s| s.by == Suppressor::Baseline).map(|s| &s.finding);
    save(&file, &Baseline::write(used, old.as_ref()))
}

fn everything(common: &Common) -> Result<(PathBuf, Outcome, Option<Baseline>), Failure> {
    let context = Context::in_repo(common)?;
    let Some(repo) = &context.repo else { return Err(not_here()) };
    let outcome = context.outcome(common, collect::all_files(repo, &PathFilter::default())?)?;
    if let Some(item) = outcome.incomplete.first() {
        return Err(Failure::from(item.clone()));
    }
    Ok((top(&context)?.join(baseline::FILE), outcome, context.baseline()?))
}

fn top(context: &Context) -> Result<PathBuf, Failure> {
    let top = context.repo.as_ref().and_then(|repo| repo.layout().work_tree.clone());
    top.ok_or_else(|| Failure::usage("a bare repository has no files to write to", "run this in a clone"))
}

fn save(file: &std::path::Path, text: &str) -> Result<Exit, Failure> {
    write(file, text)?;
    emit(|out| writeln!(out, "{}: {} findings", baseline::FILE, text.matches("[[finding]]").count()))?;
    Ok(Exit::Clean)
}

fn write(file: &std::path::Path, text: &str) -> Result<(), Failure> {
    let failed = |e| Failure::usage(format!("cannot write {}: {e}", file.display()), "check the permissions");
    write_atomically(file, text.as_bytes()).map_err(failed)
}
