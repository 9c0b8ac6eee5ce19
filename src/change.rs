//! What a run looks at, in values of our own: no Git library's type appears here.

use crate::finding::Incomplete;
use smallvec::SmallVec;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

/// An object id: 20 bytes (SHA-1) or 32 bytes (SHA-256).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid {
    bytes: [u8; 32],
    len: u8,
}

impl Oid {
    /// From raw bytes; `None` unless there are 20 or 32.
    pub fn from_bytes(raw: &[u8]) -> Option<Self> {
        let mut bytes = [0; 32];
        // of a known length each, which is copied without a call
        match raw.len() {
            20 => bytes[..20].copy_from_slice(&raw[..20]),
            32 => bytes.copy_from_slice(raw),
            _ => return None,
        }
        Some(Oid { bytes, len: raw.len() as u8 })
    }

    /// The null id of `len` bytes, which must be 20 or 32.
    pub(crate) fn zero(len: usize) -> Self {
        Oid { bytes: [0; 32], len: len as u8 }
    }

    /// From 40 or 64 hexadecimal digits, either case.
    pub fn from_hex(hex: &[u8]) -> Option<Self> {
        if !matches!(hex.len(), 40 | 64) {
            return None;
        }
        let digit = |b: u8| char::from(b).to_digit(16).map(|d| d as u8);
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(hex.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Oid { bytes, len: (hex.len() / 2) as u8 })
    }

    /// The raw bytes, 20 or 32.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }

    /// The null id: "no object" in Git's protocols.
    pub fn is_zero(&self) -> bool {
        self.as_bytes().iter().all(|&b| b == 0)
    }

    /// The first seven digits, for people.
    pub fn short(&self) -> String {
        let mut hex = self.to_string();
        hex.truncate(7);
        hex
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A path in a repository: bytes, `/` between parts, relative to the root. Not safe to print as it is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(Box<[u8]>);

impl RepoPath {
    /// Takes a path as Git stores it.
    pub fn new(bytes: &[u8]) -> Self {
        RepoPath(bytes.into())
    }

    /// The bytes as Git stores them.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The last part.
    pub fn file_name(&self) -> &[u8] {
        self.0.rsplit(|&b| b == b'/').next().unwrap_or_default()
    }

    /// As text, invalid bytes replaced; still to be neutralised before it reaches a terminal.
    pub fn lossy(&self) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }
}

impl fmt::Debug for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.lossy())
    }
}

/// Where a version of a file stands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Origin {
    /// The index: what the next commit will hold.
    Index,
    /// A file on disk.
    WorkTree,
    /// The commit that brought it.
    Commit(Oid),
    /// Standard input.
    Stdin,
}

/// What kind of tree entry it is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EntryKind {
    /// Mode 100644.
    File,
    /// Mode 100755.
    Executable,
    /// Mode 120000; the content is the target.
    Symlink,
    /// Mode 160000; a commit of another repository, without content here.
    Gitlink,
}

impl EntryKind {
    /// From Git's mode bits; `None` for a tree or nothing.
    pub fn from_mode(mode: u32) -> Option<Self> {
        match mode & 0o170_000 {
            0o100_000 if mode & 0o111 != 0 => Some(EntryKind::Executable),
            0o100_000 => Some(EntryKind::File),
            0o120_000 => Some(EntryKind::Symlink),
            0o160_000 => Some(EntryKind::Gitlink),
            _ => None,
        }
    }
}

/// One place where a blob stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// Its path.
    pub path: RepoPath,
    /// Index, work tree or commit.
    pub origin: Origin,
    /// File, link …
    pub kind: EntryKind,
    /// The blobs that it replaced: one a parent that had the path. Empty: new here.
    pub bases: SmallVec<[Oid; 1]>,
}

/// A blob with its content, as guards see it.
#[derive(Clone, Debug)]
pub struct Blob<'a> {
    /// Its id, where it is in an object store.
    pub oid: Option<Oid>,
    /// The whole content.
    pub bytes: &'a [u8],
    /// Where it stands: only the places that the guard wanted; never empty.
    pub seen: &'a [Occurrence],
}

/// How far from a change of a blob something may lie that has a say in what it changes, in bytes on each side.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Reach {
    /// Of the text as it is.
    pub plain: u16,
    /// Of the text where it is encoded.
    pub encoded: u16,
}

impl Reach {
    /// What suffices for both.
    pub fn max(self, other: Self) -> Self {
        Reach { plain: self.plain.max(other.plain), encoded: self.encoded.max(other.encoded) }
    }
}

/// What makes a version of a blob of another one, which held nothing.
#[derive(Clone, Copy, Debug)]
pub struct Changes<'a> {
    /// All places at which they differ: ascending ranges of bytes of the version; an empty one is a seam.
    pub ranges: &'a [Range<usize>],
    /// What was said of the other one.
    pub reach: Reach,
}

/// What a look at a blob, without telling what it found, brought.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Glance {
    /// Something is there, or a closer look is needed.
    Something,
    /// Nothing is there.
    Nothing {
        /// Which changes a version that stands at the same paths may be judged by; `None`: by no less than the whole.
        settled: Option<Reach>,
    },
}

/// A unique object of a change, not read yet.
#[derive(Clone, Debug)]
pub struct BlobEntry {
    /// Its id, where it is in an object store.
    pub oid: Option<Oid>,
    /// How the content is come by.
    pub source: Source,
    /// Every place where it stands.
    pub seen: SmallVec<[Occurrence; 1]>,
}

/// How the content of a [`BlobEntry`] is come by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// From the object store.
    Object,
    /// From this file, which is known to hold the same bytes as the object.
    File(std::path::PathBuf),
    /// Here already.
    Memory(std::sync::Arc<[u8]>),
}

/// A person and a moment, as a commit or tag states them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Identity {
    /// Name; raw bytes of the sender's choosing.
    pub name: Vec<u8>,
    /// E-mail address without the angle brackets.
    pub email: Vec<u8>,
    /// Seconds since 1970 in UTC, as claimed.
    pub time: i64,
}

impl Identity {
    /// Parses `Name <email> seconds zone`, forgivingly: what is missing is empty or zero.
    pub fn parse(line: &[u8]) -> Self {
        let open = memchr::memrchr(b'<', line).unwrap_or(line.len());
        let rest = line.get(open + 1..).unwrap_or_default();
        let close = memchr::memchr(b'>', rest).unwrap_or(rest.len());
        let time = rest.get(close + 1..).unwrap_or_default();
        let time = std::str::from_utf8(time).ok().and_then(|t| t.split_ascii_whitespace().next()?.parse().ok());
        Identity { name: line[..open].trim_ascii().to_vec(), email: rest[..close].to_vec(), time: time.unwrap_or(0) }
    }
}

/// A commit object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Commit {
    /// Its id.
    pub oid: Oid,
    /// Its root tree.
    pub tree: Oid,
    /// Its parents, in order.
    pub parents: SmallVec<[Oid; 2]>,
    /// Who wrote the change.
    pub author: Identity,
    /// Who made the commit.
    pub committer: Identity,
    /// Where the message starts in `raw`.
    message: usize,
    /// The object as stored, without its header: what a signature covers, and the signature.
    pub raw: Vec<u8>,
}

impl Commit {
    /// Reads a commit object; `None` where a required header line is missing or malformed.
    pub fn parse(oid: Oid, raw: Vec<u8>) -> Option<Self> {
        let (mut tree, mut parents, mut author, mut committer) = (None, SmallVec::new(), None, None);
        let mut at = 0;
        while at < raw.len() && raw[at] != b'\n' {
            let end = memchr::memchr(b'\n', &raw[at..]).map_or(raw.len(), |n| at + n);
            let line = &raw[at..end];
            if let Some(hex) = line.strip_prefix(b"tree ") {
                tree = tree.or(Some(Oid::from_hex(hex)?));
            } else if let Some(hex) = line.strip_prefix(b"parent ") {
                parents.push(Oid::from_hex(hex)?);
            } else if let Some(who) = line.strip_prefix(b"author ") {
                author.get_or_insert_with(|| Identity::parse(who));
            } else if let Some(who) = line.strip_prefix(b"committer ") {
                committer.get_or_insert_with(|| Identity::parse(who));
            }
            at = end + 1;
        }
        let message = (at + 1).min(raw.len());
        Some(Commit { oid, tree: tree?, parents, author: author?, committer: committer?, message, raw })
    }

    /// The message, in whatever encoding the sender chose.
    pub fn message(&self) -> &[u8] {
        &self.raw[self.message..]
    }
}

/// An annotated tag object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tag {
    /// Its id.
    pub oid: Oid,
    /// The ref that points at it (`refs/tags/v1`), as far as known.
    pub refname: Option<String>,
    /// The object as stored, without its header.
    pub raw: Vec<u8>,
}

impl Tag {
    /// The value of a header line, such as `object`, `type`, `tag` or `tagger`.
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let head = memchr::memmem::find(&self.raw, b"\n\n").map_or(&self.raw[..], |n| &self.raw[..n]);
        head.split(|&b| b == b'\n').find_map(|line| line.strip_prefix(name.as_bytes())?.strip_prefix(b" "))
    }

    /// The message and whatever signature follows it.
    pub fn body(&self) -> &[u8] {
        memchr::memmem::find(&self.raw, b"\n\n").map_or(&[], |n| &self.raw[n + 2..])
    }
}

/// What a push does to a ref.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RefUpdate {
    /// Full name, such as `refs/heads/main`; bytes of the sender's choosing.
    pub name: RepoPath,
    /// What the server has; `None`: the ref is created.
    pub old: Option<Oid>,
    /// What is pushed; `None`: the ref is deleted.
    pub new: Option<Oid>,
}

/// A commit of a change and why it is in it. Content is asked of what is new; signatures are asked of what
/// a ref gains, which may have been pushed to another ref long before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CommitEntry {
    /// The commit.
    pub commit: Commit,
    /// Whether the repository did not have it before.
    pub is_new: bool,
    /// The ref updates that bring it: positions in [`ChangeSet::refs`].
    pub refs: SmallVec<[usize; 1]>,
}

/// A file that the change takes away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Removed {
    /// The change that took it: index or commit.
    pub origin: Origin,
    /// Where it stood.
    pub path: RepoPath,
    /// What it held.
    pub oid: Oid,
}

/// Reads files of one tree (an index, a commit, a work tree) that need not be part of the change.
pub trait TreeView: Sync + Send {
    /// The content at `path`, `None` where there is no such file; symbolic links are not followed.
    ///
    /// # Errors
    /// When the object or file is there and cannot be read.
    fn read(&self, path: &[u8]) -> Result<Option<Vec<u8>>, Incomplete>;

    /// The object at `path`: `Some(None)` where there is no such file, `None` where it is not known.
    fn id(&self, path: &[u8]) -> Option<Option<Oid>>;

    /// Every file path of the tree, sorted.
    ///
    /// # Errors
    /// When a part of the tree cannot be read.
    fn paths(&self) -> Result<Vec<RepoPath>, Incomplete>;
}

/// A tree as it will be when the change is accepted.
pub struct Tip {
    /// The ref that it is for, where there is one.
    pub name: Option<RepoPath>,
    /// Index, work tree or the commit.
    pub origin: Origin,
    /// Its files.
    pub view: Box<dyn TreeView>,
}

/// What the run was asked to look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// What the next commit adds.
    Staged,
    /// Commits of a range or push.
    Range,
    /// Changes of tracked files that are not staged.
    WorkTree,
    /// Every tracked file as it is staged.
    AllFiles,
    /// Every commit of the repository.
    History,
    /// Files and directories on disk.
    Paths,
    /// Standard input.
    Stdin,
    /// A push, on the server.
    Receive,
}

impl Scope {
    /// Whether the whole content is judged, not only what a change added.
    pub fn is_whole(self) -> bool {
        matches!(self, Scope::AllFiles | Scope::Paths | Scope::Stdin)
    }

    /// The scope in words, for messages: "in …".
    pub fn words(self) -> &'static str {
        match self {
            Scope::Staged => "a staged change",
            Scope::Range => "a commit of the range",
            Scope::WorkTree => "a change in the work tree",
            Scope::AllFiles => "a tracked file",
            Scope::History => "the history",
            Scope::Paths => "a file",
            Scope::Stdin => "standard input",
            Scope::Receive => "a pushed commit",
        }
    }
}

/// Everything that a run looks at.
pub struct ChangeSet {
    /// What was asked for.
    pub scope: Scope,
    /// Every unique blob once.
    pub blobs: Vec<BlobEntry>,
    /// Files that the change takes away.
    pub removed: Vec<Removed>,
    /// Commits, parents before children.
    pub commits: Vec<CommitEntry>,
    /// Tag objects.
    pub tags: Vec<Tag>,
    /// Ref updates of a push.
    pub refs: Vec<RefUpdate>,
    /// The trees that result; the hook set is judged on them.
    pub tips: Vec<Tip>,
    /// What could not be listed.
    pub incomplete: Vec<Incomplete>,
    /// What is known of a history beside its objects.
    pub history: Option<History>,
    /// What was left out of a directory on purpose.
    pub left_out: LeftOut,
}

/// How much of a directory is no part of a change, and why.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LeftOut {
    /// Files, and directories with all that they hold, that ignore files name.
    pub ignored: u64,
    /// Sockets, pipes and devices: they hold nothing.
    pub special: u64,
}

/// What is known of a history beside the objects that are to be judged.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct History {
    /// Blobs that were looked at in advance and hold nothing; they are not in [`ChangeSet::blobs`].
    pub blobs: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Commits that were looked at in advance and hold nothing; they are not in [`ChangeSet::commits`].
    pub commits: u64,
    /// Who wrote the commits that bring the blobs.
    pub authors: HashMap<Oid, Identity>,
    /// Those of the blobs that the tip of a branch still has, whatever their paths.
    pub standing: HashSet<Oid>,
}

impl ChangeSet {
    /// A change of nothing.
    pub fn empty(scope: Scope) -> Self {
        ChangeSet {
            scope,
            blobs: Vec::new(),
            removed: Vec::new(),
            commits: Vec::new(),
            tags: Vec::new(),
            refs: Vec::new(),
            tips: Vec::new(),
            incomplete: Vec::new(),
            history: None,
            left_out: LeftOut::default(),
        }
    }
}
