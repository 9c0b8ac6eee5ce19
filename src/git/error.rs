//! Why a repository could not be read.

use crate::change::Oid;
use crate::finding::Incomplete;
use miette::Diagnostic;
use std::path::PathBuf;
use thiserror::Error;

/// Why a repository could not be read.
#[derive(Clone, Debug, Error, Diagnostic)]
pub enum GitError {
    /// No repository here or above.
    #[error("not a Git repository: {}", dir.display())]
    #[diagnostic(
        code("git-not-a-repository"),
        help("run inside a repository, or use `gitward scan PATH` for plain files")
    )]
    NotARepository {
        /// Where the search began.
        dir: PathBuf,
    },
    /// The library cannot read this format; `git` may.
    #[error("this repository format is not supported in process: {0}")]
    #[diagnostic(code("git-unsupported"))]
    Unsupported(String),
    /// `git` is needed and not there.
    #[error("this repository's format needs the `git` command, which could not be started: {why}")]
    #[diagnostic(code("git-no-git"), help("install git, or put it on PATH"))]
    NoGit {
        /// The system's words.
        why: String,
    },
    /// `git` failed.
    #[error("`git {command}` failed: {stderr}")]
    #[diagnostic(code("git-command"))]
    Command {
        /// The subcommand.
        command: String,
        /// Its message.
        stderr: String,
    },
    /// An object that should be there is not.
    #[error("object {oid} is missing from the object store")]
    #[diagnostic(
        code("git-missing-object"),
        help(
            "fetch it first (`git fetch`; in a partial clone `git fetch --refetch`), or repair the repository (`git fsck`)"
        )
    )]
    Missing {
        /// Its id.
        oid: Oid,
    },
    /// An object is larger than what may be read.
    #[error("object {oid} has {size} bytes, more than the limit of {max}")]
    #[diagnostic(code("git-too-large"), help("raise `limits.max_blob` in the policy, or exclude the path"))]
    TooLarge {
        /// Its id.
        oid: Oid,
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        max: u64,
    },
    /// Data that breaks Git's formats.
    #[error("corrupt repository data: {0}")]
    #[diagnostic(code("git-corrupt"), help("check the repository with `git fsck`"))]
    Corrupt(String),
    /// A revision that names nothing.
    #[error("no such revision: {rev}")]
    #[diagnostic(code("git-bad-revision"), help("see `git help revisions`"))]
    BadRevision {
        /// As given.
        rev: String,
    },
    /// The index is in the middle of something that cannot be read.
    #[error("cannot read {}: {why}", path.display())]
    #[diagnostic(code("git-io"))]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's words.
        why: String,
    },
    /// The library's own words.
    #[error("{0}")]
    #[diagnostic(code("git-library"))]
    Library(String),
}

impl GitError {
    pub(crate) fn corrupt(what: impl Into<String>) -> Self {
        GitError::Corrupt(what.into())
    }

    pub(crate) fn io(path: impl Into<PathBuf>, why: &std::io::Error) -> Self {
        GitError::Io { path: path.into(), why: why.to_string() }
    }

    /// As something that could not be checked.
    pub fn incomplete(&self, what: impl Into<String>) -> Incomplete {
        let item = Incomplete::new(what, self);
        match self.help() {
            Some(help) => item.help(help.to_string()),
            None => item,
        }
    }
}

impl From<git2::Error> for GitError {
    fn from(error: git2::Error) -> Self {
        GitError::Library(error.message().to_owned())
    }
}
