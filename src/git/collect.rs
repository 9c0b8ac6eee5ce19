//! From a repository to a [`ChangeSet`]: one function for each scope.

use super::view::{ObjectView, WorkTreeView};
use super::{Backend, File, GitError, ObjectReader, Revisions, Status, tree};
use crate::change::{
    BlobEntry, ChangeSet, Commit, CommitEntry, EntryKind, Occurrence, Oid, Origin, Removed, RepoPath, Scope, Source,
    Tag, Tip,
};
use crate::finding::Incomplete;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Which paths of a repository are looked at.
#[derive(Clone, Debug, Default)]
pub struct PathFilter {
    /// Files, or directories with everything below; empty: all.
    pub prefixes: Vec<RepoPath>,
}

impl PathFilter {
    /// Whether a path is looked at.
    pub fn admits(&self, path: &[u8]) -> bool {
        self.prefixes.is_empty()
            || self.prefixes.iter().any(|p| {
                let p = p.as_bytes();
                p.is_empty() || path == p || (path.starts_with(p) && path.get(p.len()) == Some(&b'/'))
            })
    }
}

/// Gathers blobs, each once, with all places where it stands.
pub(super) struct Gather {
    pub(super) set: ChangeSet,
    by_oid: HashMap<Oid, usize>,
}

impl Gather {
    pub(super) fn new(scope: Scope) -> Self {
        Gather { set: ChangeSet::empty(scope), by_oid: HashMap::new() }
    }

    pub(super) fn blob(&mut self, oid: Oid, seen: Occurrence) {
        self.blob_from(oid, Source::Object, seen);
    }

    fn blob_from(&mut self, oid: Oid, source: Source, seen: Occurrence) {
        let blobs = &mut self.set.blobs;
        let at = *self.by_oid.entry(oid).or_insert_with(|| {
            blobs.push(BlobEntry { oid: Some(oid), source, seen: SmallVec::new() });
            blobs.len() - 1
        });
        let known = &mut blobs[at].seen;
        // the same file with the same past tells nothing new; a longer list is not worth the comparisons
        if known.len() > 16 || !known.iter().any(|k| k.path == seen.path && k.bases == seen.bases) {
            known.push(seen);
        }
    }
}

/// What the next commit adds.
///
/// # Errors
/// When the index or a tree cannot be read.
pub fn staged(repo: &Arc<dyn Backend>, filter: &PathFilter) -> Result<ChangeSet, GitError> {
    let mut gather = Gather::new(Scope::Staged);
    let mut merge: Option<Sides> = None;
    for change in repo.staged()? {
        if !filter.admits(change.path.as_bytes()) {
            continue;
        }
        if change.status == Status::Unmerged {
            let what = change.path.lossy().into_owned();
            let item = Incomplete::new(what, "the path has an unresolved merge conflict");
            gather.set.incomplete.push(item.help("resolve the conflict and stage the result"));
            continue;
        }
        let Some(new) = change.new else {
            if let Some(old) = change.old {
                gather.set.removed.push(Removed { origin: Origin::Index, path: change.path, oid: old.oid });
            }
            continue;
        };
        let Some(kind) = EntryKind::from_mode(new.mode) else { continue };
        let mut bases: SmallVec<[Oid; 1]> = change.old.iter().map(|v| v.oid).collect();
        // in a merge, what comes from the other side is not new here
        let sides = match &mut merge {
            Some(sides) => sides,
            none => none.insert(Sides::of(repo)?),
        };
        bases.extend(sides.versions(repo, change.path.as_bytes())?);
        let source = change.file.map_or(Source::Object, Source::File);
        gather.blob_from(new.oid, source, Occurrence { path: change.path, origin: Origin::Index, kind, bases });
    }
    gather.set.tips.push(Tip {
        name: None,
        origin: Origin::Index,
        view: Box::new(ObjectView::index(Arc::clone(repo))),
    });
    Ok(gather.set)
}

/// The other sides of a merge in progress.
struct Sides {
    roots: Vec<Oid>,
    reader: Option<Box<dyn ObjectReader>>,
}

impl Sides {
    fn of(repo: &Arc<dyn Backend>) -> Result<Self, GitError> {
        let file = repo.layout().git_dir.join("MERGE_HEAD");
        let text = match std::fs::read(&file) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Sides { roots: Vec::new(), reader: None }),
            Err(e) => return Err(GitError::io(file, &e)),
        };
        let mut reader = repo.reader()?;
        let heads = text.split(|&b| b == b'\n').filter_map(Oid::from_hex);
        let roots =
            heads.map(|oid| Ok(tree::read_commit(reader.as_mut(), &oid)?.tree)).collect::<Result<_, GitError>>()?;
        Ok(Sides { roots, reader: Some(reader) })
    }

    fn versions(&mut self, repo: &Arc<dyn Backend>, path: &[u8]) -> Result<Vec<Oid>, GitError> {
        let Some(reader) = &mut self.reader else { return Ok(Vec::new()) };
        let format = repo.layout().format;
        let found = self.roots.iter().map(|root| tree::find(reader.as_mut(), format, root, path));
        Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().map(|v| v.oid).collect())
    }
}

/// The commits of a range and what each brings.
///
/// # Errors
/// When a commit or tree cannot be read.
pub fn commits(
    repo: &Arc<dyn Backend>,
    scope: Scope,
    which: &Revisions,
    filter: &PathFilter,
) -> Result<ChangeSet, GitError> {
    let mut gather = Gather::new(scope);
    let mut reader = repo.reader()?;
    add_commits(repo, &mut gather, reader.as_mut(), &repo.commits(which)?, filter)?;
    if which.all_refs {
        add_tags(repo, &mut gather, reader.as_mut())?;
    }
    if let [tip, ..] = which.tips[..] {
        let (kind, oid) = tree::peel(reader.as_mut(), &tip, |_, _| {})?;
        if kind == super::ObjectKind::Commit {
            gather.set.tips.push(tip_of(repo, reader.as_mut(), &oid, None)?);
        }
    }
    Ok(gather.set)
}

/// Adds the annotated tags that refs point at, and files that they point at without a commit.
fn add_tags(repo: &Arc<dyn Backend>, gather: &mut Gather, reader: &mut dyn ObjectReader) -> Result<(), GitError> {
    let mut seen: HashSet<Oid> = HashSet::new();
    for (name, oid) in repo.refs()? {
        let mut tags = Vec::new();
        let refname = name.lossy().into_owned();
        let peeled = tree::peel(reader, &oid, |oid, raw| {
            if seen.insert(oid) {
                tags.push(Tag { oid, refname: Some(refname.clone()), raw });
            }
        });
        gather.set.tags.append(&mut tags);
        match peeled {
            Ok((super::ObjectKind::Blob, blob)) => {
                let origin = Origin::Commit(blob);
                let kind = EntryKind::File;
                gather.blob(blob, Occurrence { path: name, origin, kind, bases: SmallVec::new() });
            }
            Ok(_) => {}
            Err(error) => gather.set.incomplete.push(error.incomplete(refname)),
        }
    }
    Ok(())
}

pub(super) fn tip_of(
    repo: &Arc<dyn Backend>,
    reader: &mut dyn ObjectReader,
    commit: &Oid,
    name: Option<RepoPath>,
) -> Result<Tip, GitError> {
    let root = tree::read_commit(reader, commit)?.tree;
    Ok(Tip { name, origin: Origin::Commit(*commit), view: Box::new(ObjectView::tree(Arc::clone(repo), root)) })
}

/// Adds commits, parents first, and the blobs that they bring.
pub(super) fn add_commits(
    repo: &Arc<dyn Backend>,
    gather: &mut Gather,
    reader: &mut dyn ObjectReader,
    ids: &[Oid],
    filter: &PathFilter,
) -> Result<(), GitError> {
    let shallow = repo.shallow();
    for oid in ids {
        let commit = tree::read_commit(reader, oid)?;
        add_changes(repo, gather, reader, &commit, &shallow, filter, &|_| true)?;
        gather.set.commits.push(CommitEntry { commit, is_new: true, refs: SmallVec::new() });
    }
    Ok(())
}

/// Adds the blobs that a commit brings, of those for which `keep` says yes, and what it removes.
pub(super) fn add_changes(
    repo: &Arc<dyn Backend>,
    gather: &mut Gather,
    reader: &mut dyn ObjectReader,
    commit: &Commit,
    shallow: &[Oid],
    filter: &PathFilter,
    keep: &dyn Fn(&Oid) -> bool,
) -> Result<(), GitError> {
    let origin = Origin::Commit(commit.oid);
    let changes = match tree::commit_changes(reader, repo.layout().format, commit, shallow) {
        Ok(changes) => changes,
        Err(error @ GitError::Missing { .. }) => {
            gather.set.incomplete.push(error.incomplete(format!("the files of commit {}", commit.oid.short())));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    for change in changes {
        if !filter.admits(change.path.as_bytes()) {
            continue;
        }
        match change.new {
            Some(new) => {
                let Some(kind) = EntryKind::from_mode(new.mode).filter(|_| keep(&new.oid)) else { continue };
                let bases = change.old.iter().map(|v| v.oid).collect();
                gather.blob(new.oid, Occurrence { path: change.path, origin, kind, bases });
            }
            None => {
                let removed = change.old.iter().map(|v| v.oid);
                gather.set.removed.extend(removed.map(|oid| Removed { origin, path: change.path.clone(), oid }));
            }
        }
    }
    Ok(())
}

/// Changes of tracked files that are not staged.
///
/// # Errors
/// When the index cannot be read.
pub fn work_tree(repo: &Arc<dyn Backend>, filter: &PathFilter) -> Result<ChangeSet, GitError> {
    let mut set = ChangeSet::empty(Scope::WorkTree);
    let Some(top) = repo.layout().work_tree.clone() else { return Ok(set) };
    for change in repo.unstaged()? {
        if !filter.admits(change.path.as_bytes()) || change.status == Status::Deleted {
            continue;
        }
        let file = top.join(super::plumbing::os_path(change.path.as_bytes())?);
        let kind = match std::fs::symlink_metadata(&file) {
            Ok(meta) if meta.file_type().is_symlink() => EntryKind::Symlink,
            Ok(_) => EntryKind::File,
            Err(e) => return Err(GitError::io(file, &e)),
        };
        let bases = change.old.iter().map(|v| v.oid).collect();
        let seen = Occurrence { path: change.path, origin: Origin::WorkTree, kind, bases };
        set.blobs.push(BlobEntry { oid: None, source: Source::File(file), seen: SmallVec::from_elem(seen, 1) });
    }
    set.tips.push(Tip {
        name: None,
        origin: Origin::WorkTree,
        view: Box::new(WorkTreeView::new(Arc::clone(repo), top)),
    });
    Ok(set)
}

/// Every tracked file as it is staged; in a bare repository the files of `HEAD`.
///
/// # Errors
/// When the index or a tree cannot be read.
pub fn all_files(repo: &Arc<dyn Backend>, filter: &PathFilter) -> Result<ChangeSet, GitError> {
    let mut gather = Gather::new(Scope::AllFiles);
    let (files, origin, view) = match (&repo.layout().work_tree, repo.head()?) {
        (None, Some(head)) => {
            let mut reader = repo.reader()?;
            let root = tree::read_commit(reader.as_mut(), &head)?.tree;
            let files = tree::list(reader.as_mut(), repo.layout().format, &root)?;
            (files, Origin::Commit(head), ObjectView::tree(Arc::clone(repo), root))
        }
        _ => (repo.tracked()?, Origin::Index, ObjectView::index(Arc::clone(repo))),
    };
    for file in files {
        let Some(kind) = File::kind(&file).filter(|_| filter.admits(file.path.as_bytes())) else { continue };
        gather.blob(file.version.oid, Occurrence { path: file.path, origin, kind, bases: SmallVec::new() });
    }
    gather.set.tips.push(Tip { name: None, origin, view: Box::new(view) });
    Ok(gather.set)
}
