//! Where a history is entered: what all refs and `HEAD` lead to.

use super::cache;
use crate::change::{Oid, RepoPath, Tag};
use crate::finding::Incomplete;
use crate::git::{Backend, GitError, ObjectKind, ObjectReader, tree};
use std::collections::BTreeSet;

/// What refs lead to, each once.
#[derive(Default)]
pub(super) struct Tips {
    pub(super) commits: BTreeSet<Oid>,
    /// Those of branches: local ones, remote-tracking ones, `HEAD`.
    pub(super) branches: BTreeSet<Oid>,
    /// Trees that refs point at without a commit.
    pub(super) trees: BTreeSet<Oid>,
    /// Blobs that refs point at, with the ref's name.
    pub(super) blobs: Vec<(RepoPath, Oid)>,
    /// Annotated tags.
    pub(super) tags: Vec<Tag>,
    /// Refs that lead nowhere.
    pub(super) incomplete: Vec<Incomplete>,
}

impl Tips {
    /// Follows all refs. `kind` knows some objects without reading them.
    ///
    /// # Errors
    /// When the refs cannot be listed, or an object is malformed.
    pub(super) fn of(
        repo: &dyn Backend,
        reader: &mut dyn ObjectReader,
        kind: impl Fn(&Oid) -> Option<ObjectKind>,
    ) -> Result<Self, GitError> {
        let mut tips = Tips::default();
        let mut known = BTreeSet::new();
        for (name, oid) in repo.refs()? {
            let is_branch = [&b"refs/heads/"[..], b"refs/remotes/"].iter().any(|p| name.as_bytes().starts_with(p));
            let (found, target) = match kind(&oid).filter(|kind| *kind != ObjectKind::Tag) {
                Some(kind) => (kind, oid),
                None => match tips.peel(reader, &name, &oid, &mut known) {
                    Ok(found) => found,
                    Err(error @ (GitError::Missing { .. } | GitError::TooLarge { .. })) => {
                        tips.incomplete.push(error.incomplete(format!("the ref {}", name.lossy())));
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            match found {
                ObjectKind::Commit => {
                    tips.commits.insert(target);
                    if is_branch {
                        tips.branches.insert(target);
                    }
                }
                ObjectKind::Tree => {
                    tips.trees.insert(target);
                }
                ObjectKind::Blob => tips.blobs.push((name, target)),
                ObjectKind::Tag => {}
            }
        }
        if let Some(head) = repo.head()? {
            tips.commits.insert(head);
            tips.branches.insert(head);
        }
        tips.blobs.sort();
        Ok(tips)
    }

    /// Stands for everything that the tips lead to in a history that is cut off behind `shallow`.
    pub(super) fn digest(&self, shallow: &[Oid]) -> [u8; 32] {
        let commits = self.commits.iter().map(|oid| (0, *oid));
        let branches = self.branches.iter().map(|oid| (1, *oid));
        let trees = self.trees.iter().map(|oid| (2, *oid));
        cache::tips(commits.chain(branches).chain(trees).chain(shallow.iter().map(|oid| (3, *oid))))
    }

    fn peel(
        &mut self,
        reader: &mut dyn ObjectReader,
        name: &RepoPath,
        oid: &Oid,
        known: &mut BTreeSet<Oid>,
    ) -> Result<(ObjectKind, Oid), GitError> {
        tree::peel(reader, oid, |oid, raw| {
            if known.insert(oid) {
                self.tags.push(Tag { oid, refname: Some(name.lossy().into_owned()), raw });
            }
        })
    }
}
