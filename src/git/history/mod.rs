//! The whole history of a repository: everything that any ref leads to.
//!
//! Where the object store can be read in bulk, every commit, tree and blob is made once, in storage order and on
//! all cores, and only what [`Judge`] holds for worth a second look is attributed to commits and handed on; the
//! run judges it as it judges any change. The order of that: commits and trees, from which the paths of every
//! blob follow; the blobs; then back from the blobs that hold something to the trees and commits that brought
//! them. Elsewhere the commits are compared with their parents one by one; the result is the same.

mod bulk;
mod cache;
mod commits;
mod hot;
mod one_by_one;
mod places;
mod tips;
mod trees;

pub use super::pack::Watch;
pub use cache::Cache;

use super::collect::{Gather, PathFilter};
use super::pack::Store;
use super::{Backend, GitError, ObjectReader, tree};
use crate::change::{Blob, ChangeSet, Changes, Commit, EntryKind, Glance, Occurrence, Oid, Origin, RepoPath};
use smallvec::SmallVec;
use std::collections::HashSet;
use std::sync::Arc;

/// Tells what of a history is worth a second look. Called from several threads.
///
/// What it says "no" to is never looked at again: it has to ask exactly what the run would ask.
pub trait Judge: Sync {
    /// The largest blob that is looked at, in bytes; a larger one is left to the run to complain of.
    fn max_blob(&self) -> u64;

    /// Whether a blob at this place is looked at at all.
    fn wants(&self, seen: &Occurrence) -> bool;

    /// Whether anything is found in a blob. It comes with every path at which any commit has it; the origins
    /// mean nothing. Where `changes` are given, the blob is made of one that stood at the same paths and was
    /// [settled](Glance::Nothing). "Something" then asks for a look at the whole.
    fn blob(&self, blob: &Blob<'_>, changes: Option<Changes<'_>>) -> Glance;

    /// Whether anything is found in a commit's message or identities.
    fn commit(&self, commit: &Commit) -> bool;
}

/// The history as a change: of a store that was read in bulk only what `judge` picked. With a `cache` it is not
/// asked again about what it knows to hold nothing.
///
/// # Errors
/// When a commit cannot be read.
pub fn collect(
    repo: &Arc<dyn Backend>,
    filter: &PathFilter,
    judge: &dyn Judge,
    watch: &Watch,
    cache: Option<&Cache>,
) -> Result<ChangeSet, GitError> {
    // a part of the paths is not what is remembered
    let cache = cache.filter(|_| filter.prefixes.is_empty());
    let bulk = repo.objects().and_then(|dir| Store::open(&dir, repo.layout().format).ok());
    match bulk.map(|store| bulk::collect(repo, &store, filter, &bulk::Ask { judge, watch, cache })) {
        // damage of a whole pack and the like: object by object it may still be told from the rest
        None | Some(Err(GitError::Unsupported(_))) => one_by_one::collect(repo, filter),
        Some(result) => result,
    }
}

/// Adds what refs point at without a commit.
fn add_refs<'a>(
    repo: &Arc<dyn Backend>,
    gather: &mut Gather,
    reader: &mut dyn ObjectReader,
    trees: impl Iterator<Item = &'a Oid>,
    blobs: &[(RepoPath, Oid)],
    filter: &PathFilter,
    keep: &dyn Fn(&Oid) -> bool,
) -> Result<(), GitError> {
    for root in trees {
        for file in tree::list(reader, repo.layout().format, root)? {
            let Some(kind) = file.kind() else { continue };
            if filter.admits(file.path.as_bytes()) && keep(&file.version.oid) {
                let origin = Origin::Commit(*root);
                gather.blob(file.version.oid, Occurrence { path: file.path, origin, kind, bases: SmallVec::new() });
            }
        }
    }
    for (name, oid) in blobs {
        let (origin, kind) = (Origin::Commit(*oid), EntryKind::File);
        gather.blob(*oid, Occurrence { path: name.clone(), origin, kind, bases: SmallVec::new() });
    }
    Ok(())
}

/// The blobs of a change that a tip still has.
fn standing(set: &ChangeSet, held: impl Fn(&Oid) -> bool) -> HashSet<Oid> {
    set.blobs.iter().filter_map(|blob| blob.oid).filter(held).collect()
}
