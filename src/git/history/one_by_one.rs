//! The history through the backend's own reader, commit after commit: for stores that cannot be read in bulk.

use super::commits::{Node, in_order};
use super::tips::Tips;
use super::{add_refs, standing};
use crate::change::{ChangeSet, History, Scope};
use crate::git::collect::{Gather, PathFilter, add_commits};
use crate::git::{Backend, GitError, Revisions, tree};
use std::collections::HashSet;
use std::sync::Arc;

pub(super) fn collect(repo: &Arc<dyn Backend>, filter: &PathFilter) -> Result<ChangeSet, GitError> {
    let mut reader = repo.reader()?;
    let reader = reader.as_mut();
    let tips = Tips::of(repo.as_ref(), reader, |_| None)?;
    let which = Revisions { all_refs: true, ..Revisions::default() };
    let mut nodes = Vec::new();
    for oid in repo.commits(&which)? {
        let commit = tree::read_commit(reader, &oid)?;
        nodes.push(Node { key: oid, oid, parents: commit.parents, time: commit.committer.time });
    }
    let shallow: HashSet<_> = repo.shallow().into_iter().collect();
    nodes.iter_mut().filter(|node| shallow.contains(&node.oid)).for_each(|node| node.parents.clear());
    let order: Vec<_> = in_order(&nodes).into_iter().filter_map(|n| nodes.get(n)).map(|node| node.oid).collect();
    let mut gather = Gather::new(Scope::History);
    add_commits(repo, &mut gather, reader, &order, filter)?;
    add_refs(repo, &mut gather, reader, tips.trees.iter(), &tips.blobs, filter, &|_| true)?;
    let mut set = gather.set;
    let mut history = History::default();
    history.authors.extend(set.commits.iter().map(|c| (c.commit.oid, c.commit.author.clone())));
    let mut held = HashSet::new();
    for tip in &tips.branches {
        let root = tree::root_of(reader, tip)?;
        match tree::list(reader, repo.layout().format, &root) {
            Ok(files) => held.extend(files.into_iter().map(|f| f.version.oid)),
            // the commits above have said that it is missing
            Err(GitError::Missing { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    history.standing = standing(&set, |oid| held.contains(oid));
    set.history = Some(history);
    set.tags = tips.tags;
    set.incomplete.extend(tips.incomplete);
    Ok(set)
}
