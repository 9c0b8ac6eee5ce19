//! Git repositories: the only module that knows a Git library or calls `git`.
//!
//! One interface, [`Backend`], and two implementations: [`native`] in process, and [`plumbing`] through the
//! `git` command for what the library cannot open (reftable, split and sparse indexes, partial clones,
//! unknown extensions). [`open`] chooses. What both share - comparing trees, collecting a
//! [`ChangeSet`](crate::change::ChangeSet) - is written once, on top of [`ObjectReader`].
//!
//! Nothing here talks to a network or writes to a repository.

pub mod collect;
mod disk;
mod error;
pub mod history;
pub mod index;
pub mod lines;
pub mod log;
pub mod native;
mod pack;
pub mod patch;
pub mod plumbing;
pub mod receive;
mod staged;
pub mod tree;
pub mod view;

pub use error::GitError;

use crate::change::{EntryKind, Oid, RepoPath};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How ids are made.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectFormat {
    /// 20-byte ids.
    Sha1,
    /// 32-byte ids.
    Sha256,
}

impl ObjectFormat {
    /// Bytes of an id.
    pub fn id_len(self) -> usize {
        match self {
            ObjectFormat::Sha1 => 20,
            ObjectFormat::Sha256 => 32,
        }
    }

    /// The id of the tree without entries, which every Git knows.
    pub fn empty_tree(self) -> &'static str {
        match self {
            ObjectFormat::Sha1 => "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
            ObjectFormat::Sha256 => "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321",
        }
    }
}

/// Where the parts of a repository are.
#[derive(Clone, Debug)]
pub struct Layout {
    /// The directory of this work tree's state (`HEAD`, `index`).
    pub git_dir: PathBuf,
    /// The directory that all work trees share (refs, objects, `config`).
    pub common_dir: PathBuf,
    /// The top of the work tree; `None` in a bare repository.
    pub work_tree: Option<PathBuf>,
    /// How ids are made.
    pub format: ObjectFormat,
}

impl Layout {
    /// The index file, `GIT_INDEX_FILE` honoured: `commit -a`, `commit PATH` and `commit -i` hand over another.
    pub fn index_file(&self) -> PathBuf {
        match crate::env::GIT_INDEX_FILE.os() {
            // relative to where git runs a hook: the top of the work tree
            Some(file) => self.work_tree.as_ref().unwrap_or(&self.git_dir).join(file),
            None => self.git_dir.join("index"),
        }
    }
}

/// What became of a path.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    /// New path.
    Added,
    /// The path is gone.
    Deleted,
    /// Other content or executable bit.
    Modified,
    /// Another kind of entry: file, link, submodule.
    TypeChanged,
    /// A merge that is not resolved.
    Unmerged,
}

impl Status {
    /// Git's letter for it.
    pub fn letter(self) -> char {
        match self {
            Status::Added => 'A',
            Status::Deleted => 'D',
            Status::Modified => 'M',
            Status::TypeChanged => 'T',
            Status::Unmerged => 'U',
        }
    }

    /// From Git's letter.
    pub fn from_letter(letter: u8) -> Option<Self> {
        Some(match letter {
            b'A' => Status::Added,
            b'D' => Status::Deleted,
            b'M' => Status::Modified,
            b'T' => Status::TypeChanged,
            b'U' => Status::Unmerged,
            _ => return None,
        })
    }

    /// What the difference of two entries of one path is called.
    pub(crate) fn between(old: Version, new: Version) -> Self {
        if old.mode & 0o170_000 == new.mode & 0o170_000 { Status::Modified } else { Status::TypeChanged }
    }
}

/// One version of a file: mode bits and object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Version {
    /// Git's mode, such as 0o100644.
    pub mode: u32,
    /// The object.
    pub oid: Oid,
}

/// A difference between a commit and what follows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Change {
    /// What became of the path.
    pub status: Status,
    /// Before; `None` where the path is new.
    pub old: Option<Version>,
    /// After; `None` where it is gone or unmerged.
    pub new: Option<Version>,
    /// The path.
    pub path: RepoPath,
    /// A file on disk that is known to hold the bytes of `new`.
    pub file: Option<PathBuf>,
}

/// A file of an index or tree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct File {
    /// Its path.
    pub path: RepoPath,
    /// Mode and object.
    pub version: Version,
}

impl File {
    /// File, link, submodule …
    pub fn kind(&self) -> Option<EntryKind> {
        EntryKind::from_mode(self.version.mode)
    }
}

/// The four types of object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ObjectKind {
    /// A commit.
    Commit,
    /// A directory.
    Tree,
    /// A file's content.
    Blob,
    /// An annotated tag.
    Tag,
}

impl ObjectKind {
    /// Git's name for it.
    pub fn name(self) -> &'static str {
        match self {
            ObjectKind::Commit => "commit",
            ObjectKind::Tree => "tree",
            ObjectKind::Blob => "blob",
            ObjectKind::Tag => "tag",
        }
    }

    /// From Git's name.
    pub fn from_name(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"commit" => ObjectKind::Commit,
            b"tree" => ObjectKind::Tree,
            b"blob" => ObjectKind::Blob,
            b"tag" => ObjectKind::Tag,
            _ => return None,
        })
    }
}

/// An object with its content.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its type.
    pub kind: ObjectKind,
    /// Its content, without the header.
    pub data: Vec<u8>,
}

/// Reads objects; one for each thread.
pub trait ObjectReader: Send {
    /// The object of that id. Objects of more than `max` bytes are refused before they are read.
    ///
    /// # Errors
    /// [`GitError::Missing`], [`GitError::TooLarge`], or that it cannot be read.
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError>;
}

/// Reads an object of the kind that it must have.
///
/// # Errors
/// As [`ObjectReader::read`]; another kind is corruption.
pub fn read_as(reader: &mut dyn ObjectReader, oid: &Oid, kind: ObjectKind) -> Result<Vec<u8>, GitError> {
    let object = reader.read(oid, MAX_METADATA)?;
    if object.kind == kind {
        Ok(object.data)
    } else {
        Err(GitError::corrupt(format!("object {oid} is a {}, not a {}", object.kind.name(), kind.name())))
    }
}

/// The largest commit, tree or tag that is read, in bytes.
pub const MAX_METADATA: u64 = 256 << 20;

/// Which commits: everything reachable from `tips`, nothing that is reachable from `hidden`.
#[derive(Clone, Default, Debug)]
pub struct Revisions {
    /// Where to begin: commits.
    pub tips: Vec<Oid>,
    /// What is known already: commits.
    pub hidden: Vec<Oid>,
    /// Whether all refs are `tips` too.
    pub all_refs: bool,
    /// Whether all refs are known already.
    pub hide_refs: HideRefs,
}

/// Which refs count as known.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub enum HideRefs {
    /// None.
    #[default]
    None,
    /// All: on a server, what it has.
    All,
    /// Remote-tracking refs; of one remote where it is named.
    Remotes(Option<String>),
}

impl HideRefs {
    /// The prefix of the refs that count as known; `None`: no ref does.
    pub(crate) fn prefix(&self) -> Option<String> {
        match self {
            HideRefs::None => None,
            HideRefs::All => Some("refs/".into()),
            HideRefs::Remotes(None) => Some("refs/remotes/".into()),
            HideRefs::Remotes(Some(name)) => Some(format!("refs/remotes/{name}/")),
        }
    }
}

/// A repository.
pub trait Backend: Send + Sync {
    /// Where its parts are.
    fn layout(&self) -> &Layout;

    /// The commit that is checked out; `None` on a branch without commits.
    ///
    /// # Errors
    /// When `HEAD` cannot be read.
    fn head(&self) -> Result<Option<Oid>, GitError>;

    /// What the next commit changes: index against `HEAD`, without rename detection, in path order.
    ///
    /// # Errors
    /// When the index or a tree cannot be read.
    fn staged(&self) -> Result<Vec<Change>, GitError>;

    /// Every file of the index that is not in conflict, in path order.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn tracked(&self) -> Result<Vec<File>, GitError>;

    /// The index's version of one path.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn staged_file(&self, path: &[u8]) -> Result<Option<Version>, GitError>;

    /// Changes of tracked files on disk against the index; `new` is `None` also for changed files, since
    /// they have no object.
    ///
    /// # Errors
    /// When the index cannot be read.
    fn unstaged(&self) -> Result<Vec<Change>, GitError>;

    /// The object that a revision expression names.
    ///
    /// # Errors
    /// [`GitError::BadRevision`].
    fn resolve(&self, rev: &str) -> Result<Oid, GitError>;

    /// The commits of a set, parents before children.
    ///
    /// # Errors
    /// When a commit cannot be read.
    fn commits(&self, which: &Revisions) -> Result<Vec<Oid>, GitError>;

    /// All refs and what they point at, tags not peeled.
    ///
    /// # Errors
    /// When the refs cannot be read.
    fn refs(&self) -> Result<Vec<(RepoPath, Oid)>, GitError>;

    /// A reader of objects.
    ///
    /// # Errors
    /// When the object store cannot be opened.
    fn reader(&self) -> Result<Box<dyn ObjectReader>, GitError>;

    /// A reader for a further thread, which waits for no other.
    ///
    /// # Errors
    /// As [`Backend::reader`].
    fn own_reader(&self) -> Result<Box<dyn ObjectReader>, GitError> {
        self.reader()
    }

    /// The object directory, where it can be read in bulk: packs, loose objects and alternates lie there as
    /// files, and there is no other place for objects.
    fn objects(&self) -> Option<PathBuf> {
        None
    }

    /// A value of the configuration, the strongest level's.
    ///
    /// # Errors
    /// When the configuration cannot be read.
    fn config(&self, key: &str) -> Result<Option<String>, GitError>;

    /// A value of the system's or user's configuration: what a repository cannot set.
    ///
    /// # Errors
    /// As [`Backend::config`].
    fn config_outside(&self, key: &str) -> Result<Option<String>, GitError>;

    /// The URLs of all remotes.
    ///
    /// # Errors
    /// As [`Backend::config`].
    fn remotes(&self) -> Result<Vec<String>, GitError>;

    /// Commits whose parents were cut off by a shallow clone.
    fn shallow(&self) -> Vec<Oid> {
        let text = std::fs::read(self.layout().common_dir.join("shallow")).unwrap_or_default();
        text.split(|&b| b == b'\n').filter_map(Oid::from_hex).collect()
    }
}

/// Opens the repository around `dir`, or the one that Git's environment variables name.
///
/// # Errors
/// [`GitError::NotARepository`], or why it cannot be opened.
pub fn open(dir: &Path) -> Result<Arc<dyn Backend>, GitError> {
    if crate::env::GITWARD_GIT.text().as_deref() == Some("plumbing") {
        return Ok(Arc::new(plumbing::Plumbing::open(dir)?));
    }
    match native::Native::open(dir) {
        Ok(native) => Ok(Arc::new(native)),
        Err(GitError::NotARepository { dir }) => Err(GitError::NotARepository { dir }),
        // a format that the library does not know: git may
        Err(first) => match plumbing::Plumbing::open(dir) {
            Ok(plumbing) => Ok(Arc::new(plumbing)),
            Err(GitError::NoGit { .. }) => Err(first),
            Err(other) => Err(other),
        },
    }
}
