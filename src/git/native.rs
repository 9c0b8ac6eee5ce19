//! A repository in process: libgit2 for refs, configuration, objects and ancestry, our own reader for the
//! index, whose comparison with `HEAD` is what a commit waits for.

use super::index::Index;
use super::plumbing::Plumbing;
use super::{
    Backend, Change, File, GitError, HideRefs, Layout, Object, ObjectFormat, ObjectKind, ObjectReader, Revisions,
    Status, Version, disk, staged, tree,
};
use crate::change::{Oid, RepoPath};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A repository that libgit2 can open.
pub struct Native {
    layout: Layout,
    repo: Arc<Mutex<git2::Repository>>,
    dir: PathBuf,
    /// Read once: a run sees one state.
    index: OnceLock<Result<Index, GitError>>,
    /// What the library opens but the index reader cannot read is left to `git`.
    plumbing: OnceLock<Plumbing>,
}

impl Native {
    /// Opens the repository around `dir`; Git's environment variables come first, as for Git.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], or [`GitError::Unsupported`] for formats that libgit2 does not know.
    pub fn open(dir: &Path) -> Result<Self, GitError> {
        let repo = open(dir)?;
        let layout = Layout {
            git_dir: repo.path().to_path_buf(),
            common_dir: repo.commondir().to_path_buf(),
            work_tree: repo.workdir().map(Path::to_path_buf),
            format: match repo.object_format() {
                git2::ObjectFormat::Sha256 => ObjectFormat::Sha256,
                git2::ObjectFormat::Sha1 => ObjectFormat::Sha1,
            },
        };
        Ok(Native {
            layout,
            repo: Arc::new(Mutex::new(repo)),
            dir: dir.to_path_buf(),
            index: OnceLock::new(),
            plumbing: OnceLock::new(),
        })
    }

    fn repo(&self) -> MutexGuard<'_, git2::Repository> {
        locked(&self.repo)
    }

    fn index(&self) -> Result<&Index, GitError> {
        let read = || Index::read(&self.layout.index_file(), self.layout.format);
        self.index.get_or_init(read).as_ref().map_err(Clone::clone)
    }

    fn plumbing(&self) -> Result<&Plumbing, GitError> {
        if let Some(plumbing) = self.plumbing.get() {
            return Ok(plumbing);
        }
        let plumbing = Plumbing::open(&self.dir)?;
        Ok(self.plumbing.get_or_init(|| plumbing))
    }

    /// Reads the index here, or has `git` do it where it has a form that is not read here.
    fn with_index<T>(
        &self,
        here: impl FnOnce(&Index) -> Result<T, GitError>,
        there: impl FnOnce(&Plumbing) -> Result<T, GitError>,
    ) -> Result<T, GitError> {
        match self.index() {
            Ok(index) => here(index),
            Err(GitError::Unsupported(_)) => there(self.plumbing()?),
            Err(error) => Err(error),
        }
    }
}

fn locked(repo: &Mutex<git2::Repository>) -> MutexGuard<'_, git2::Repository> {
    // a panic elsewhere leaves the handle as good as it was
    repo.lock().unwrap_or_else(PoisonError::into_inner)
}

fn open(dir: &Path) -> Result<git2::Repository, GitError> {
    // objects are checked when they enter the store; hashing each again costs more than scanning it
    git2::opts::strict_hash_verification(false);
    let from_env = crate::env::GIT_DIR.os().is_some();
    let opened = if from_env || dir == Path::new(".") {
        git2::Repository::open_from_env()
    } else {
        let flags = git2::RepositoryOpenFlags::FROM_ENV;
        git2::Repository::open_ext(dir, flags, std::iter::empty::<&Path>())
    };
    opened.map_err(|error| match error.code() {
        git2::ErrorCode::NotFound => GitError::NotARepository { dir: dir.to_path_buf() },
        _ => GitError::Unsupported(error.message().to_owned()),
    })
}

fn git2_oid(oid: &Oid) -> Result<git2::Oid, GitError> {
    Ok(git2::Oid::from_bytes(oid.as_bytes())?)
}

fn own_oid(oid: git2::Oid) -> Result<Oid, GitError> {
    Oid::from_bytes(oid.as_bytes()).ok_or_else(|| GitError::corrupt("object id of an unknown length"))
}

impl Backend for Native {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn head(&self) -> Result<Option<Oid>, GitError> {
        match self.repo().refname_to_id("HEAD") {
            Ok(oid) => own_oid(oid).map(Some),
            Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn staged(&self) -> Result<Vec<Change>, GitError> {
        self.with_index(
            |index| {
                let head = self.head()?;
                let repo = self.repo();
                let odb = repo.odb()?;
                let mut reader = OdbReader { odb };
                let tree = match head {
                    Some(commit) => Some(tree::read_commit(&mut reader, &commit)?.tree),
                    None => None,
                };
                let mut changes = staged::staged(index, tree, self.layout.format, &mut reader)?;
                drop(reader);
                drop(repo);
                disk::locate(self, index, &mut changes)?;
                Ok(changes)
            },
            |git| git.staged(),
        )
    }

    fn tracked(&self) -> Result<Vec<File>, GitError> {
        self.with_index(
            |index| {
                let files = index.entries().filter(|e| e.stage() == 0 && !e.is_intent_to_add());
                Ok(files.map(|e| File { path: RepoPath::new(e.path), version: e.version() }).collect())
            },
            |git| git.tracked(),
        )
    }

    fn staged_file(&self, path: &[u8]) -> Result<Option<Version>, GitError> {
        self.with_index(
            |index| Ok(index.find(path).filter(|e| !e.is_intent_to_add()).map(|e| e.version())),
            |git| git.staged_file(path),
        )
    }

    fn unstaged(&self) -> Result<Vec<Change>, GitError> {
        let Some(top) = self.layout.work_tree.clone() else { return Ok(Vec::new()) };
        self.with_index(
            |index| {
                let mut out = Vec::new();
                for entry in index.entries().filter(|e| e.stage() == 0 && !e.is_hidden_from_work_tree()) {
                    let old = (!entry.is_intent_to_add()).then(|| entry.version());
                    if entry.version().mode & 0o170_000 == 0o160_000 {
                        continue;
                    }
                    let status = match std::fs::symlink_metadata(top.join(super::plumbing::os_path(entry.path)?)) {
                        Ok(meta) if entry.matches(&meta, index) => continue,
                        Ok(_) if old.is_none() => Status::Added,
                        Ok(_) => Status::Modified,
                        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Status::Deleted,
                        Err(e) if e.kind() == std::io::ErrorKind::NotADirectory => Status::Deleted,
                        Err(e) => return Err(GitError::io(top.join(super::plumbing::os_path(entry.path)?), &e)),
                    };
                    out.push(Change { status, old, new: None, path: RepoPath::new(entry.path), file: None });
                }
                Ok(out)
            },
            |git| git.unstaged(),
        )
    }

    fn resolve(&self, rev: &str) -> Result<Oid, GitError> {
        let repo = self.repo();
        let object = repo.revparse_single(rev).map_err(|_| GitError::BadRevision { rev: rev.to_owned() })?;
        own_oid(object.id())
    }

    fn commits(&self, which: &Revisions) -> Result<Vec<Oid>, GitError> {
        let repo = self.repo();
        let mut walk = repo.revwalk()?;
        walk.set_sorting(git2::Sort::TOPOLOGICAL | git2::Sort::REVERSE)?;
        for tip in &which.tips {
            walk.push(git2_oid(tip)?)?;
        }
        if which.all_refs {
            for (oid, _) in commit_refs(&repo, "refs/")? {
                walk.push(oid)?;
            }
            if let Ok(head) = repo.refname_to_id("HEAD") {
                walk.push(head)?;
            }
        }
        for oid in &which.hidden {
            walk.hide(git2_oid(oid)?)?;
        }
        if let Some(prefix) = which.hide_refs.prefix() {
            for (oid, _) in commit_refs(&repo, &prefix)? {
                walk.hide(oid)?;
            }
            if which.hide_refs == HideRefs::All
                && let Ok(head) = repo.refname_to_id("HEAD")
            {
                walk.hide(head)?;
            }
        }
        walk.map(|oid| own_oid(oid?)).collect()
    }

    fn refs(&self) -> Result<Vec<(RepoPath, Oid)>, GitError> {
        let repo = self.repo();
        let mut found = Vec::new();
        for reference in repo.references()? {
            let reference = reference?;
            match reference.resolve() {
                Ok(end) => {
                    if let Some(oid) = end.target() {
                        found.push((RepoPath::new(reference.name_bytes()), own_oid(oid)?));
                    }
                }
                // a symbolic ref to a branch that is not there, which Git passes over too
                Err(error) if error.code() == git2::ErrorCode::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(found)
    }

    fn reader(&self) -> Result<Box<dyn ObjectReader>, GitError> {
        Ok(Box::new(SharedReader { repo: Arc::clone(&self.repo) }))
    }

    fn own_reader(&self) -> Result<Box<dyn ObjectReader>, GitError> {
        Ok(Box::new(OwnReader { repo: open(&self.dir)? }))
    }

    fn objects(&self) -> Option<PathBuf> {
        // a quarantine: what has not been accepted yet lies elsewhere
        let moved = [crate::env::GIT_OBJECT_DIRECTORY, crate::env::GIT_ALTERNATE_OBJECT_DIRECTORIES];
        moved.iter().all(|var| var.os().is_none()).then(|| self.layout.common_dir.join("objects"))
    }

    fn config(&self, key: &str) -> Result<Option<String>, GitError> {
        let config = self.repo().config()?;
        lookup(&config, key)
    }

    fn config_outside(&self, key: &str) -> Result<Option<String>, GitError> {
        let config = self.repo().config()?;
        let outside = [
            git2::ConfigLevel::Global,
            git2::ConfigLevel::XDG,
            git2::ConfigLevel::System,
            git2::ConfigLevel::ProgramData,
        ];
        // what the machine's owner says comes before what its user says
        for level in outside.into_iter().rev() {
            if let Ok(part) = config.open_level(level)
                && let Some(value) = lookup(&part, key)?
            {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn remotes(&self) -> Result<Vec<String>, GitError> {
        let repo = self.repo();
        let mut urls = Vec::new();
        for name in repo.remotes()?.iter() {
            if let Ok(Some(name)) = name
                && let Ok(remote) = repo.find_remote(name)
                && let Ok(url) = remote.url()
            {
                urls.push(url.to_owned());
            }
        }
        Ok(urls)
    }
}

fn lookup(config: &git2::Config, key: &str) -> Result<Option<String>, GitError> {
    match config.get_string(key) {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.code() == git2::ErrorCode::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The commits that refs below a prefix lead to; refs to anything else are left out.
fn commit_refs(repo: &git2::Repository, prefix: &str) -> Result<Vec<(git2::Oid, String)>, GitError> {
    let mut found = Vec::new();
    for reference in repo.references()? {
        let reference = reference?;
        let name = String::from_utf8_lossy(reference.name_bytes()).into_owned();
        if !name.starts_with(prefix) {
            continue;
        }
        if let Ok(commit) = reference.peel(git2::ObjectType::Commit) {
            found.push((commit.id(), name));
        }
    }
    Ok(found)
}

fn read(odb: &git2::Odb<'_>, oid: &Oid, max: u64) -> Result<Object, GitError> {
    let id = git2_oid(oid)?;
    let missing = |error: git2::Error| match error.code() {
        git2::ErrorCode::NotFound => GitError::Missing { oid: *oid },
        _ => GitError::corrupt(format!("object {oid}: {}", error.message())),
    };
    // the header alone is cheap next to a decoded object that has to be thrown away
    if max < u64::MAX {
        let (size, _) = odb.read_header(id).map_err(missing)?;
        if size as u64 > max {
            return Err(GitError::TooLarge { oid: *oid, size: size as u64, max });
        }
    }
    let object = odb.read(id).map_err(missing)?;
    let kind = match object.kind() {
        git2::ObjectType::Commit => ObjectKind::Commit,
        git2::ObjectType::Tree => ObjectKind::Tree,
        git2::ObjectType::Blob => ObjectKind::Blob,
        git2::ObjectType::Tag => ObjectKind::Tag,
        git2::ObjectType::Any => return Err(GitError::corrupt(format!("object {oid} has no type"))),
    };
    Ok(Object { kind, data: object.data().to_vec() })
}

struct OdbReader<'r> {
    odb: git2::Odb<'r>,
}

impl ObjectReader for OdbReader<'_> {
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError> {
        read(&self.odb, oid, max)
    }
}

/// A reader through the repository's handle.
struct SharedReader {
    repo: Arc<Mutex<git2::Repository>>,
}

impl ObjectReader for SharedReader {
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError> {
        read(&locked(&self.repo).odb()?, oid, max)
    }
}

/// A reader with a handle of its own, which waits for no other thread.
struct OwnReader {
    repo: git2::Repository,
}

impl ObjectReader for OwnReader {
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError> {
        // the handle is cached by the repository: this costs a reference count
        read(&self.repo.odb()?, oid, max)
    }
}
