//! Reads single files of an index, a commit or a work tree.

use super::{Backend, GitError, ObjectReader, Version, plumbing::os_path, tree};
use crate::change::{EntryKind, Oid, RepoPath, TreeView};
use crate::finding::Incomplete;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// The largest file that is read through a view: configurations and policies, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// The files of the index or of one tree.
pub struct ObjectView {
    repo: Arc<dyn Backend>,
    /// A root tree; `None`: the index.
    root: Option<Oid>,
    /// Opened when a file is asked for.
    reader: Mutex<Option<Box<dyn ObjectReader>>>,
}

impl ObjectView {
    /// The files of the index.
    pub fn index(repo: Arc<dyn Backend>) -> Self {
        ObjectView { repo, root: None, reader: Mutex::new(None) }
    }

    /// The files below a root tree.
    pub fn tree(repo: Arc<dyn Backend>, root: Oid) -> Self {
        ObjectView { repo, root: Some(root), reader: Mutex::new(None) }
    }

    fn with_reader<T>(&self, f: impl FnOnce(&mut dyn ObjectReader) -> Result<T, GitError>) -> Result<T, GitError> {
        let mut slot = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *slot {
            Some(reader) => f(reader.as_mut()),
            empty => f(empty.insert(self.repo.reader()?).as_mut()),
        }
    }

    fn version(&self, path: &[u8]) -> Result<Option<Version>, GitError> {
        match self.root {
            None => self.repo.staged_file(path),
            Some(root) => self.with_reader(|r| tree::find(r, self.repo.layout().format, &root, path)),
        }
    }

    fn read_file(&self, path: &[u8]) -> Result<Option<Vec<u8>>, GitError> {
        let version = self.version(path)?;
        let is_file =
            |v: &Version| matches!(EntryKind::from_mode(v.mode), Some(EntryKind::File | EntryKind::Executable));
        match version.filter(is_file) {
            Some(version) => self.with_reader(|r| r.read(&version.oid, MAX_FILE)).map(|o| Some(o.data)),
            None => Ok(None),
        }
    }

    fn list(&self) -> Result<Vec<RepoPath>, GitError> {
        let files = match self.root {
            None => self.repo.tracked()?,
            Some(root) => self.with_reader(|r| tree::list(r, self.repo.layout().format, &root))?,
        };
        Ok(files.into_iter().map(|f| f.path).collect())
    }
}

impl TreeView for ObjectView {
    fn read(&self, path: &[u8]) -> Result<Option<Vec<u8>>, Incomplete> {
        self.read_file(path).map_err(|e| e.incomplete(RepoPath::new(path).lossy()))
    }

    fn id(&self, path: &[u8]) -> Option<Option<Oid>> {
        self.version(path).ok().map(|v| v.map(|v| v.oid))
    }

    fn paths(&self) -> Result<Vec<RepoPath>, Incomplete> {
        self.list().map_err(|e| e.incomplete("the list of files"))
    }
}

/// The tracked files as they are on disk.
pub struct WorkTreeView {
    repo: Arc<dyn Backend>,
    top: PathBuf,
}

impl WorkTreeView {
    /// The files below `top`.
    pub fn new(repo: Arc<dyn Backend>, top: PathBuf) -> Self {
        WorkTreeView { repo, top }
    }
}

impl TreeView for WorkTreeView {
    fn read(&self, path: &[u8]) -> Result<Option<Vec<u8>>, Incomplete> {
        let name = RepoPath::new(path);
        let file = os_path(path).map(|p| self.top.join(p)).map_err(|e| e.incomplete(name.lossy()))?;
        match std::fs::symlink_metadata(&file) {
            Ok(meta) if !meta.is_file() => Ok(None),
            Ok(meta) if meta.len() > MAX_FILE => Err(Incomplete::new(name.lossy(), "the file is too large")),
            Ok(_) => std::fs::read(&file).map(Some).map_err(|e| Incomplete::new(name.lossy(), e)),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Incomplete::new(name.lossy(), e)),
        }
    }

    fn id(&self, _path: &[u8]) -> Option<Option<Oid>> {
        None
    }

    fn paths(&self) -> Result<Vec<RepoPath>, Incomplete> {
        let files = self.repo.tracked().map_err(|e| e.incomplete("the list of files"))?;
        Ok(files.into_iter().map(|f| f.path).collect())
    }
}
