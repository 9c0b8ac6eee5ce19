//! The files that policies are made of: the organisation's, and the repository's own.

use super::failure::Failure;
use crate::change::TreeView;
use crate::env;
use crate::finding::Incomplete;
use crate::git::Backend;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where the machine's owner puts the policy for all its users.
const SYSTEM_POLICY: &str = "/etc/gitward/policy.toml";
/// The largest policy, baseline or rule file, in bytes.
const MAX_FILE: u64 = 16 << 20;

/// A repository's own files, as its policy names them.
pub(super) struct Files {
    pub(super) view: Box<dyn TreeView>,
    /// Where a file that is not tracked may lie.
    pub(super) disk: Option<PathBuf>,
}

impl Files {
    /// The content of a file; `None` if there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is tracked and no regular file: what a link leads to is not what is committed.
    pub(super) fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Failure> {
        if let Some(bytes) = self.view.read(name.as_bytes()).map_err(Failure::from)? {
            return Ok(Some(bytes));
        }
        let Some(disk) = &self.disk else { return Ok(None) };
        if let Some(Some(_)) = self.view.id(name.as_bytes()) {
            let why = Incomplete::new(name, "it is tracked as a link or submodule, not as a regular file");
            return Err(why.help("commit the file itself in its place").into());
        }
        match read_file(&disk.join(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(Incomplete::new(name, e).into()),
        }
    }

    /// As [`Files::read`], for a file that must be there.
    ///
    /// # Errors
    /// As for [`Files::read`], and when there is none.
    pub(super) fn bytes(&self, name: &str) -> io::Result<Vec<u8>> {
        let found = self.read(name).map_err(|f| io::Error::other(f.to_string()))?;
        found.ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// As [`Files::read`], for text.
    ///
    /// # Errors
    /// As for [`Files::read`], and when it is not UTF-8.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(bytes) = self.read(name)? else { return Ok(None) };
        let text = String::from_utf8(bytes).map_err(|_| Incomplete::new(name, "it is not UTF-8 text"))?;
        Ok(Some(text))
    }
}

/// A file of the organisation's policy.
pub(super) struct OrgFile {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    dir: PathBuf,
}

impl OrgFile {
    /// Reads the files that it names, beside it.
    pub(super) fn reader(&self) -> impl Fn(&str) -> io::Result<Vec<u8>> + '_ {
        |name| read_file(&self.dir.join(name))
    }
}

/// Reads a file of at most [`MAX_FILE`] bytes.
///
/// # Errors
/// That it cannot be read, or is larger.
pub(super) fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_FILE >> 20)));
    }
    Ok(bytes)
}

/// Reads a policy.
///
/// # Errors
/// As [`read_file`], naming the file.
pub(super) fn read_policy(path: &Path) -> Result<Vec<u8>, Failure> {
    read_file(path).map_err(|e| Failure::unreadable("policy", path, &e))
}

/// The organisation's policy: option, environment, Git's configuration outside the repository, system file.
/// Of these the first that is there counts; a directory stands for all its `.toml` files in the order of
/// their names.
///
/// # Errors
/// When one of them cannot be read.
pub(super) fn org_files(option: Option<&Path>, repo: Option<&dyn Backend>) -> Result<Vec<OrgFile>, Failure> {
    let named = match option {
        Some(path) => Some(path.to_path_buf()),
        None => env::GITWARD_POLICY.os().map(PathBuf::from),
    };
    let named = match (named, repo) {
        (None, Some(repo)) => repo.config_outside("gitward.policy")?.map(PathBuf::from),
        (named, _) => named,
    };
    let path = match named {
        Some(path) => path,
        None => match std::fs::metadata(SYSTEM_POLICY) {
            Ok(_) => PathBuf::from(SYSTEM_POLICY),
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(Failure::unreadable("policy", Path::new(SYSTEM_POLICY), &e)),
        },
    };
    let mut paths = vec![path.clone()];
    if path.is_dir() {
        let unreadable = |e: &io::Error| Failure::unreadable("policy", &path, e);
        paths.clear();
        for entry in std::fs::read_dir(&path).map_err(|e| unreadable(&e))? {
            let file = entry.map_err(|e| unreadable(&e))?.path();
            if file.extension().is_some_and(|e| e == "toml") {
                paths.push(file);
            }
        }
        paths.sort();
        if paths.is_empty() {
            return Err(Failure::usage(format!("the policy directory {} has no .toml file", path.display()), ""));
        }
    }
    paths
        .into_iter()
        .map(|file| {
            Ok(OrgFile {
                name: file.display().to_string(),
                bytes: read_policy(&file)?,
                dir: file.parent().unwrap_or(Path::new("")).to_path_buf(),
            })
        })
        .collect()
}
