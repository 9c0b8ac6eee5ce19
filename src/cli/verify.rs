//! `gitward verify`: a verdict for each commit and tag, the good ones too.

use super::args::Verify;
use super::check::{not_here, parse_range, with_guard};
use super::context::{Context, emit};
use super::failure::Failure;
use crate::change::{ChangeSet, Commit, CommitEntry, Scope, Tag};
use crate::finding::Incomplete;
use crate::git::{self, Backend, ObjectKind, ObjectReader};
use crate::guards::signatures::{Assessment, Signatures};
use crate::outcome::Exit;
use smallvec::SmallVec;

/// Verifies commits and tags, prints a line for each, then the findings.
///
/// # Errors
/// When there is nothing to report because the request itself fails.
pub fn verify(args: &Verify) -> Result<Exit, Failure> {
    let common = with_guard(&args.common, "signatures");
    let context = Context::in_repo(&common)?;
    let Some(repo) = &context.repo else { return Err(not_here()) };
    let mut set = ChangeSet::empty(Scope::Range);
    let mut reader = repo.reader()?;
    if let Some(range) = &args.range {
        for oid in repo.commits(&parse_range(repo.as_ref(), range)?)? {
            add_commit(&mut set, git::tree::read_commit(reader.as_mut(), &oid)?);
        }
    }
    let mut revs: Vec<&str> = args.revs.iter().map(String::as_str).collect();
    if revs.is_empty() && args.range.is_none() && args.tag.is_empty() {
        revs.push("HEAD");
    }
    for rev in revs {
        add(repo.as_ref(), reader.as_mut(), &mut set, rev)?;
    }
    for tag in &args.tag {
        let name = if tag.starts_with("refs/") { tag.clone() } else { format!("refs/tags/{tag}") };
        add(repo.as_ref(), reader.as_mut(), &mut set, &name)?;
    }
    if common.format == "human" && !common.quiet {
        print(&context, &set)?;
    }
    context.run(&common, set)
}

fn add_commit(set: &mut ChangeSet, commit: Commit) {
    set.commits.push(CommitEntry { commit, is_new: true, refs: SmallVec::new() });
}

/// Adds what a revision names: a commit, or an annotated tag.
fn add(repo: &dyn Backend, reader: &mut dyn ObjectReader, set: &mut ChangeSet, rev: &str) -> Result<(), Failure> {
    let oid = repo.resolve(rev)?;
    let refname = rev.starts_with("refs/").then(|| rev.to_owned());
    let object = reader.read(&oid, git::MAX_METADATA)?;
    match object.kind {
        ObjectKind::Tag => set.tags.push(Tag { oid, refname, raw: object.data }),
        ObjectKind::Commit => {
            let commit = Commit::parse(oid, object.data);
            add_commit(set, commit.ok_or_else(|| Incomplete::new(format!("commit {oid}"), "it is malformed"))?);
        }
        ObjectKind::Tree | ObjectKind::Blob => {
            let message = format!("{rev} names a {}, which cannot be signed", object.kind.name());
            return Err(Failure::usage(message, "name a commit or an annotated tag"));
        }
    }
    Ok(())
}

/// One line an object: id, verdict, key, signer.
fn print(context: &Context, set: &ChangeSet) -> Result<(), Failure> {
    let guard = Signatures::new(&context.policy);
    let mut lines = Vec::new();
    for entry in &set.commits {
        lines.push(line("commit", &entry.commit.oid.short(), guard.verify_commit(&entry.commit)));
    }
    for tag in &set.tags {
        lines.push(line("tag", &tag.oid.short(), guard.verify_tag(tag)));
    }
    emit(|out| lines.iter().try_for_each(|line| writeln!(out, "{}", crate::report::plain(line))))
}

fn line(kind: &str, id: &str, result: Result<Assessment, Incomplete>) -> String {
    let Ok(found) = result else { return format!("{kind} {id} not-checked") };
    let mut text = format!("{kind} {id} {}", found.verdict.name());
    for part in [found.signer, found.key, (!found.detail.is_empty()).then_some(found.detail)].into_iter().flatten() {
        text.push_str("  ");
        text.push_str(&part);
    }
    text
}
