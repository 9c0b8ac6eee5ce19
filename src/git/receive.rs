//! A push as the server's hook sees it: the lines on standard input, and what is new to the repository.
//! The objects lie in a quarantine that Git's environment names; opening the repository honours it.

use super::collect::{Gather, PathFilter, add_commits, tip_of};
use super::{Backend, GitError, HideRefs, MAX_METADATA, ObjectKind, Revisions, tree};
use crate::change::{ChangeSet, CommitEntry, EntryKind, Occurrence, Oid, Origin, RefUpdate, RepoPath, Scope, Tag};
use smallvec::SmallVec;
use std::collections::HashMap;
use std::sync::Arc;

/// The most bytes of standard input that are read: some hundred thousand refs.
pub const MAX_INPUT: u64 = 64 << 20;

/// Reads `old SP new SP ref LF` lines.
///
/// # Errors
/// A line of another form, with its number.
pub fn parse_updates(input: &[u8]) -> Result<Vec<RefUpdate>, GitError> {
    let mut updates = Vec::new();
    for (n, line) in input.split(|&b| b == b'\n').enumerate() {
        if line.is_empty() && n + 1 == input.split(|&b| b == b'\n').count() {
            break;
        }
        let update = parse_line(line)
            .ok_or_else(|| GitError::corrupt(format!("line {} of the hook's input is not `old new ref`", n + 1)))?;
        updates.push(update);
    }
    Ok(updates)
}

fn parse_line(line: &[u8]) -> Option<RefUpdate> {
    let mut words = line.splitn(3, |&b| b == b' ');
    let (old, new) = (Oid::from_hex(words.next()?)?, Oid::from_hex(words.next()?)?);
    let name = words.next().filter(|name| !name.is_empty())?;
    let present = |oid: Oid| (!oid.is_zero()).then_some(oid);
    Some(RefUpdate { name: RepoPath::new(name), old: present(old), new: present(new) })
}

/// Which refs are asked for more than content, by their full names.
pub type IsProtected<'a> = dyn Fn(&[u8]) -> bool + 'a;

/// Everything that a push brings: the commits, tags and files that are new to the repository, and the
/// commits that each protected ref gains, be they new or not.
///
/// # Errors
/// When an object cannot be read.
pub fn receive(
    repo: &Arc<dyn Backend>,
    updates: Vec<RefUpdate>,
    protected: &IsProtected<'_>,
) -> Result<ChangeSet, GitError> {
    pushed(repo, Scope::Receive, updates, &HideRefs::All, protected)
}

/// Everything that a push would bring to a remote of which the `known` refs tell what it has.
///
/// # Errors
/// When an object cannot be read.
pub fn outgoing(
    repo: &Arc<dyn Backend>,
    updates: Vec<RefUpdate>,
    known: &HideRefs,
    protected: &IsProtected<'_>,
) -> Result<ChangeSet, GitError> {
    pushed(repo, Scope::Range, updates, known, protected)
}

fn pushed(
    repo: &Arc<dyn Backend>,
    scope: Scope,
    updates: Vec<RefUpdate>,
    known: &HideRefs,
    protected: &IsProtected<'_>,
) -> Result<ChangeSet, GitError> {
    let mut gather = Gather::new(scope);
    let mut reader = repo.reader()?;
    let mut tips = Vec::new();
    let mut gained: Vec<Gained> = Vec::new();
    for (n, update) in updates.iter().enumerate() {
        let Some(new) = update.new else { continue };
        let mut tags = Vec::new();
        let (kind, oid) = tree::peel(reader.as_mut(), &new, |oid, raw| {
            tags.push(Tag { oid, refname: Some(update.name.lossy().into_owned()), raw });
        })?;
        gather.set.tags.extend(tags);
        let origin = Origin::Commit(oid);
        match kind {
            ObjectKind::Commit => {
                tips.push(oid);
                gained.push(Gained { update: n, new: oid, old: update.old });
                if update.name.as_bytes().starts_with(b"refs/heads/") {
                    let tip = tip_of(repo, reader.as_mut(), &oid, Some(update.name.clone()))?;
                    gather.set.tips.push(tip);
                }
            }
            ObjectKind::Tree => {
                for file in tree::list(reader.as_mut(), repo.layout().format, &oid)? {
                    if let Some(kind) = file.kind() {
                        let seen = Occurrence { path: file.path, origin, kind, bases: SmallVec::new() };
                        gather.blob(file.version.oid, seen);
                    }
                }
            }
            ObjectKind::Blob => {
                let seen =
                    Occurrence { path: update.name.clone(), origin, kind: EntryKind::File, bases: SmallVec::new() };
                gather.blob(oid, seen);
            }
            // peel ends at something else
            ObjectKind::Tag => {}
        }
    }
    // what the other side says it has is known too, where it is here
    gained.iter_mut().for_each(|g| g.old = g.old.filter(|old| reader.read(old, MAX_METADATA).is_ok()));
    let hidden = gained.iter().filter_map(|g| g.old).filter(|_| scope != Scope::Receive).collect();
    let new = repo.commits(&Revisions { tips, hidden, hide_refs: known.clone(), ..Revisions::default() })?;
    add_commits(repo, &mut gather, reader.as_mut(), &new, &PathFilter::default())?;
    let mut set = gather.set;
    set.refs = updates;
    gained.retain(|g| set.refs.get(g.update).is_some_and(|r| protected(r.name.as_bytes())));
    add_gained(repo, &mut set, &gained, known, protected)?;
    Ok(set)
}

/// A ref that is to point at a commit.
struct Gained {
    /// Position in the push.
    update: usize,
    new: Oid,
    old: Option<Oid>,
}

/// Notes on each commit which protected refs gain it; one that the repository had already is added for that
/// alone. Otherwise "push to a scratch branch first, then fast-forward" would pass.
fn add_gained(
    repo: &Arc<dyn Backend>,
    set: &mut ChangeSet,
    gained: &[Gained],
    known: &HideRefs,
    protected: &IsProtected<'_>,
) -> Result<(), GitError> {
    if gained.is_empty() {
        return Ok(());
    }
    let mut by_oid: HashMap<Oid, usize> = set.commits.iter().enumerate().map(|(n, c)| (c.commit.oid, n)).collect();
    let mut reader = repo.reader()?;
    let guarded = guarded_tips(repo, reader.as_mut(), known, protected)?;
    for Gained { update, new, old } in gained {
        // a new ref gains what no protected ref has
        let hidden = old.map_or_else(|| guarded.clone(), |old| vec![old]);
        for oid in repo.commits(&Revisions { tips: vec![*new], hidden, ..Revisions::default() })? {
            let at = match by_oid.get(&oid) {
                Some(at) => *at,
                None => {
                    let commit = tree::read_commit(reader.as_mut(), &oid)?;
                    set.commits.push(CommitEntry { commit, is_new: false, refs: SmallVec::new() });
                    by_oid.insert(oid, set.commits.len() - 1);
                    set.commits.len() - 1
                }
            };
            if let Some(entry) = set.commits.get_mut(at) {
                entry.refs.push(*update);
            }
        }
    }
    Ok(())
}

/// The commits that the other side's protected refs point at.
fn guarded_tips(
    repo: &Arc<dyn Backend>,
    reader: &mut dyn super::ObjectReader,
    known: &HideRefs,
    protected: &IsProtected<'_>,
) -> Result<Vec<Oid>, GitError> {
    let prefix = known.prefix().unwrap_or_default();
    let mut tips = Vec::new();
    for (name, oid) in repo.refs()? {
        let Some(rest) = name.as_bytes().strip_prefix(prefix.as_bytes()) else { continue };
        // a remote-tracking ref stands for a branch of the remote; without the remote's name it is unknown
        let there = match known {
            HideRefs::Remotes(Some(_)) => [b"refs/heads/", rest].concat(),
            HideRefs::All => name.as_bytes().to_vec(),
            HideRefs::None | HideRefs::Remotes(None) => continue,
        };
        if protected(&there)
            && let (ObjectKind::Commit, commit) = tree::peel(reader, &oid, |_, _| {})?
        {
            tips.push(commit);
        }
    }
    Ok(tips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_must_be_understood() {
        let (a, z) = ("a".repeat(40), "0".repeat(40));
        let good = format!("{z} {a} refs/heads/main\n{a} {z} refs/tags/a b\n");
        let updates = parse_updates(good.as_bytes()).unwrap();
        assert_eq!(updates.len(), 2);
        assert!(updates[0].old.is_none() && updates[1].new.is_none());
        assert_eq!(updates[1].name.as_bytes(), b"refs/tags/a b");
        assert!(parse_updates(b"").unwrap().is_empty());
        for bad in [format!("{a} refs/heads/main\n"), format!("\n{good}"), format!("{a} {a} \n"), "x y z\n".into()] {
            assert!(parse_updates(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
