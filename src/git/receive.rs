//! A push as the server's hook sees it: the lines on standard input, and what is new to the repository.
//! The objects lie in a quarantine that Git's environment names; opening the repository honours it.

use super::collect::{Gather, PathFilter, add_commits, tip_of};
use super::{Backend, GitError, HideRefs, ObjectKind, Revisions, tree};
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

/// Everything that a push brings: the commits, tags and files that are new to the repository, and for each
/// ref the commits that it gains.
///
/// # Errors
/// When an object cannot be read.
pub fn receive(repo: &Arc<dyn Backend>, updates: Vec<RefUpdate>) -> Result<ChangeSet, GitError> {
    let mut gather = Gather::new(Scope::Receive);
    let mut reader = repo.reader()?;
    let mut tips = Vec::new();
    let mut gained: Vec<(usize, Oid, Option<Oid>)> = Vec::new();
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
                gained.push((n, oid, update.old));
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
    let new = repo.commits(&Revisions { tips, hide_refs: HideRefs::All, ..Revisions::default() })?;
    add_commits(repo, &mut gather, reader.as_mut(), &new, &PathFilter::default())?;
    let mut set = gather.set;
    add_gained(repo, &mut set, &gained)?;
    set.refs = updates;
    Ok(set)
}

/// Notes on each commit which refs gain it; one that the repository had already is added for that alone.
fn add_gained(
    repo: &Arc<dyn Backend>,
    set: &mut ChangeSet,
    gained: &[(usize, Oid, Option<Oid>)],
) -> Result<(), GitError> {
    let mut by_oid: HashMap<Oid, usize> = set.commits.iter().enumerate().map(|(n, c)| (c.commit.oid, n)).collect();
    let mut reader = repo.reader()?;
    for (update, new, old) in gained {
        // a new ref gains what no other ref has: its commits are the new ones
        let which = match old {
            Some(old) => Revisions { tips: vec![*new], hidden: vec![*old], ..Revisions::default() },
            None => Revisions { tips: vec![*new], hide_refs: HideRefs::All, ..Revisions::default() },
        };
        for oid in repo.commits(&which)? {
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
