//! A repository through the `git` command: everything that Git itself can read.

use super::{
    Backend, Change, File, GitError, Layout, Object, ObjectFormat, ObjectKind, ObjectReader, Revisions, Status, Version,
};
use crate::change::{Oid, RepoPath};
use std::borrow::Cow;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A repository that is read through `git`.
pub struct Plumbing {
    layout: Layout,
    dir: PathBuf,
}

/// A path as the system takes it.
///
/// # Errors
/// Where the system's paths are text and this is not.
pub(crate) fn os_path(path: &[u8]) -> Result<Cow<'_, Path>, GitError> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        Ok(Cow::Borrowed(Path::new(OsStr::from_bytes(path))))
    }
    #[cfg(not(unix))]
    {
        let text = std::str::from_utf8(path).map_err(|_| GitError::corrupt("a path is not UTF-8"))?;
        Ok(Cow::Owned(PathBuf::from(text)))
    }
}

/// A path in the form that Git prints.
fn path_from(bytes: &[u8]) -> Result<PathBuf, GitError> {
    os_path(bytes).map(Cow::into_owned)
}

/// `git` with an environment in which it fetches nothing, runs nothing, replaces nothing and says the same
/// in every language. Git's own variables for repository, index and quarantine stay.
pub(super) fn git(dir: &Path) -> Command {
    let mut command = bare_git(dir);
    command
        .args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never"])
        .args(["-c", "diff.external=", "-c", "diff.noprefix=false", "-c", "log.showSignature=false"]);
    command
}

/// The same without settings of ours: to read the configuration as it is.
fn bare_git(dir: &Path) -> Command {
    let mut command = Command::new("git");
    command
        .current_dir(dir)
        .env("LC_ALL", "C")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_PAGER", "cat")
        .env_remove("GIT_EXTERNAL_DIFF")
        .env_remove("GIT_DIFF_OPTS")
        .env_remove("GIT_TRACE")
        .stdin(Stdio::null());
    command
}

fn run(mut command: Command, name: &str, input: Option<&[u8]>) -> Result<Vec<u8>, GitError> {
    command.stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|e| GitError::NoGit { why: e.to_string() })?;
    let output = std::thread::scope(|scope| {
        // written from a thread of its own: both sides may fill their pipes
        if let (Some(input), Some(mut stdin)) = (input, child.stdin.take()) {
            scope.spawn(move || stdin.write_all(input));
        }
        child.wait_with_output()
    });
    let output = output.map_err(|e| GitError::NoGit { why: e.to_string() })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(GitError::Command { command: name.to_owned(), stderr })
}

impl Plumbing {
    /// Opens the repository around `dir`, or the one that Git's environment variables name.
    ///
    /// # Errors
    /// [`GitError::NotARepository`], [`GitError::NoGit`], or Git's own refusal.
    pub fn open(dir: &Path) -> Result<Self, GitError> {
        let mut command = git(dir);
        command.args(["rev-parse", "--absolute-git-dir", "--git-common-dir", "--is-bare-repository"]);
        command.args(["--is-inside-work-tree", "--show-object-format"]);
        let out = run(command, "rev-parse", None).map_err(|error| match error {
            GitError::Command { stderr, .. } if stderr.contains("not a git repository") => {
                GitError::NotARepository { dir: dir.to_path_buf() }
            }
            other => other,
        })?;
        let lines: Vec<&[u8]> = out.split(|&b| b == b'\n').collect();
        let line = |n: usize| lines.get(n).copied().unwrap_or_default();
        let git_dir = path_from(line(0))?;
        let common_dir = dir.join(path_from(line(1))?);
        let format = match line(4) {
            b"sha1" => ObjectFormat::Sha1,
            b"sha256" => ObjectFormat::Sha256,
            other => {
                let other = String::from_utf8_lossy(other).into_owned();
                return Err(GitError::Unsupported(format!("object format {other:?}")));
            }
        };
        let work_tree = if line(3) == b"true" {
            let mut command = git(dir);
            command.args(["rev-parse", "--show-toplevel"]);
            let out = run(command, "rev-parse", None)?;
            Some(path_from(out.strip_suffix(b"\n").unwrap_or(&out))?)
        } else {
            None
        };
        Ok(Plumbing { layout: Layout { git_dir, common_dir, work_tree, format }, dir: dir.to_path_buf() })
    }

    /// `git` where the index and its paths are understood: at the top.
    fn at_top(&self) -> Command {
        git(self.layout.work_tree.as_deref().unwrap_or(&self.dir))
    }

    fn call(&self, args: &[&str], input: Option<&[u8]>) -> Result<Vec<u8>, GitError> {
        let mut command = self.at_top();
        command.args(args);
        run(command, args.first().copied().unwrap_or_default(), input)
    }

    /// A value that may be absent: exit 1 without a word.
    fn optional(&self, args: &[&str]) -> Result<Option<String>, GitError> {
        Self::present(self.call(args, None))
    }

    /// As [`Plumbing::optional`], of `git config`.
    fn config_value(&self, args: &[&str]) -> Result<Option<String>, GitError> {
        let mut command = bare_git(&self.dir);
        command.arg("config").args(args);
        Self::present(run(command, "config", None))
    }

    fn present(result: Result<Vec<u8>, GitError>) -> Result<Option<String>, GitError> {
        match result {
            Ok(out) => {
                let out = out.strip_suffix(b"\n").unwrap_or(&out);
                Ok(Some(String::from_utf8_lossy(out).into_owned()))
            }
            Err(GitError::Command { stderr, .. }) if stderr.is_empty() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Reads `:oldmode newmode oldid newid S\0path\0…`.
fn parse_raw(out: &[u8]) -> Result<Vec<Change>, GitError> {
    let bad = || GitError::corrupt("unexpected output of git diff");
    let mut changes: Vec<Change> = Vec::new();
    let mut fields = out.split(|&b| b == 0);
    while let Some(head) = fields.next() {
        if head.is_empty() {
            break;
        }
        let path = fields.next().ok_or_else(bad)?;
        let mut words = head.strip_prefix(b":").ok_or_else(bad)?.split(|&b| b == b' ');
        let mut word = || words.next().ok_or_else(bad);
        let mode = |w: &[u8]| std::str::from_utf8(w).ok().and_then(|w| u32::from_str_radix(w, 8).ok()).ok_or_else(bad);
        let (old_mode, new_mode) = (mode(word()?)?, mode(word()?)?);
        let (old_oid, new_oid) = (Oid::from_hex(word()?).ok_or_else(bad)?, Oid::from_hex(word()?).ok_or_else(bad)?);
        let status = word()?.first().copied().and_then(Status::from_letter).ok_or_else(bad)?;
        let version = |mode: u32, oid: Oid| (mode != 0 && !oid.is_zero()).then_some(Version { mode, oid });
        let (old, new) = (version(old_mode, old_oid), version(new_mode, new_oid));
        let new = if status == Status::Unmerged { None } else { new };
        let path = RepoPath::new(path);
        // an unmerged path is listed once as such and, by some versions, again as a change
        if let Some(last) = changes.last_mut()
            && last.path == path
            && (last.status == Status::Unmerged || status == Status::Unmerged)
        {
            last.status = Status::Unmerged;
            last.old = last.old.or(old);
            last.new = None;
            continue;
        }
        changes.push(Change { status, old, new, path, file: None });
    }
    Ok(changes)
}

impl Backend for Plumbing {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn head(&self) -> Result<Option<Oid>, GitError> {
        match self.optional(&["rev-parse", "--verify", "--quiet", "HEAD^0"])? {
            Some(hex) => {
                Oid::from_hex(hex.as_bytes()).map(Some).ok_or_else(|| GitError::corrupt("HEAD is no object id"))
            }
            None => {
                // nothing there is a new branch; something there that leads nowhere is damage
                match self.optional(&["symbolic-ref", "--quiet", "HEAD"])? {
                    Some(branch) if self.optional(&["rev-parse", "--verify", "--quiet", &branch])?.is_none() => {
                        Ok(None)
                    }
                    _ => Err(GitError::corrupt("HEAD names no commit")),
                }
            }
        }
    }

    fn staged(&self) -> Result<Vec<Change>, GitError> {
        let head = self.head()?.map(|oid| oid.to_string());
        let against = head.as_deref().unwrap_or(self.layout.format.empty_tree());
        let args = [
            "diff-index",
            "--cached",
            "--ita-invisible-in-index",
            "--raw",
            "-z",
            "--no-renames",
            "--no-abbrev",
            "--ignore-submodules=none",
            "--no-ext-diff",
            "--no-textconv",
            "--end-of-options",
            against,
            "--",
        ];
        parse_raw(&self.call(&args, None)?)
    }

    fn tracked(&self) -> Result<Vec<File>, GitError> {
        let out = self.call(&["ls-files", "-s", "-z", "--full-name"], None)?;
        // an entry that only announces a file has the empty blob, as a staged empty file has
        let announced =
            self.call(&["diff-files", "--raw", "-z", "--no-renames", "--diff-filter=A", "--no-abbrev"], None)?;
        let announced: Vec<RepoPath> = parse_raw(&announced)?.into_iter().map(|c| c.path).collect();
        let mut files = Vec::new();
        for line in out.split(|&b| b == 0).filter(|l| !l.is_empty()) {
            let file = parse_ls_files(line).ok_or_else(|| GitError::corrupt("unexpected output of git ls-files"))?;
            files.extend(file.filter(|f| !announced.contains(&f.path)));
        }
        Ok(files)
    }

    fn staged_file(&self, path: &[u8]) -> Result<Option<Version>, GitError> {
        let mut command = self.at_top();
        command.env("GIT_LITERAL_PATHSPECS", "1");
        command.args(["ls-files", "-s", "-z", "--full-name", "--"]).arg(&*os_path(path)?);
        let out = run(command, "ls-files", None)?;
        let found = out.split(|&b| b == 0).filter_map(|line| parse_ls_files(line).flatten());
        Ok(found.filter(|f| f.path.as_bytes() == path).map(|f| f.version).next())
    }

    fn unstaged(&self) -> Result<Vec<Change>, GitError> {
        if self.layout.work_tree.is_none() {
            return Ok(Vec::new());
        }
        let args = ["diff-files", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all"];
        let mut changes = parse_raw(&self.call(&args, None)?)?;
        changes.retain(|c| c.status != Status::Unmerged);
        for change in &mut changes {
            change.new = None;
        }
        Ok(changes)
    }

    fn resolve(&self, rev: &str) -> Result<Oid, GitError> {
        let found = self.optional(&["rev-parse", "--verify", "--quiet", "--end-of-options", rev]);
        let hex = found.ok().flatten().ok_or_else(|| GitError::BadRevision { rev: rev.to_owned() })?;
        Oid::from_hex(hex.trim().as_bytes()).ok_or_else(|| GitError::BadRevision { rev: rev.to_owned() })
    }

    fn commits(&self, which: &Revisions) -> Result<Vec<Oid>, GitError> {
        let mut args = vec!["rev-list".to_owned(), "--topo-order".into(), "--reverse".into()];
        if which.all_refs {
            args.push("--all".into());
        }
        let mut input = String::new();
        for tip in &which.tips {
            input.push_str(&format!("{tip}\n"));
        }
        for oid in &which.hidden {
            input.push_str(&format!("^{oid}\n"));
        }
        args.push("--stdin".into());
        // options behind --stdin count after its revisions
        match &which.hide_refs {
            super::HideRefs::None => {}
            super::HideRefs::All => args.extend(["--not".into(), "--all".into()]),
            super::HideRefs::Remotes(None) => args.extend(["--not".into(), "--remotes".into()]),
            super::HideRefs::Remotes(Some(name)) => args.extend(["--not".into(), format!("--remotes={name}")]),
        }
        if which.tips.is_empty() && !which.all_refs {
            return Ok(Vec::new());
        }
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let out = self.call(&args, Some(input.as_bytes()))?;
        let ids = out.split(|&b| b == b'\n').filter(|l| !l.is_empty());
        ids.map(|l| Oid::from_hex(l).ok_or_else(|| GitError::corrupt("unexpected output of git rev-list"))).collect()
    }

    fn refs(&self) -> Result<Vec<(RepoPath, Oid)>, GitError> {
        let out = self.call(&["for-each-ref", "--format=%(objectname) %(refname)"], None)?;
        let lines = out.split(|&b| b == b'\n').filter(|l| !l.is_empty());
        let parse = |line: &[u8]| {
            let space = memchr::memchr(b' ', line)?;
            Some((RepoPath::new(&line[space + 1..]), Oid::from_hex(&line[..space])?))
        };
        lines.map(|l| parse(l).ok_or_else(|| GitError::corrupt("unexpected output of git for-each-ref"))).collect()
    }

    fn reader(&self) -> Result<Box<dyn ObjectReader>, GitError> {
        let mut command = git(&self.dir);
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|e| GitError::NoGit { why: e.to_string() })?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(GitError::NoGit { why: "no pipes".into() });
        };
        Ok(Box::new(CatFile { child, stdin: Some(stdin), stdout: BufReader::with_capacity(64 << 10, stdout) }))
    }

    fn config(&self, key: &str) -> Result<Option<String>, GitError> {
        self.config_value(&["--get", key])
    }

    fn config_outside(&self, key: &str) -> Result<Option<String>, GitError> {
        for scope in ["--system", "--global"] {
            // a level without a file is an error of `git config`, and an absent value
            if let Ok(Some(value)) = self.config_value(&[scope, "--get", key]) {
                return Ok(Some(value));
            }
        }
        Ok(None)
    }

    fn remotes(&self) -> Result<Vec<String>, GitError> {
        let out = self.config_value(&["-z", "--get-regexp", r"^remote\..*\.url$"])?.unwrap_or_default();
        Ok(out.split('\0').filter_map(|item| item.split_once('\n')).map(|(_, url)| url.to_owned()).collect())
    }
}

/// `mode id stage\tpath`; `Some(None)` for a side of a conflict.
fn parse_ls_files(line: &[u8]) -> Option<Option<File>> {
    let tab = memchr::memchr(b'\t', line)?;
    let mut words = line[..tab].split(|&b| b == b' ');
    let mode = u32::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 8).ok()?;
    let oid = Oid::from_hex(words.next()?)?;
    let file = File { path: RepoPath::new(&line[tab + 1..]), version: Version { mode, oid } };
    Some((words.next()? == b"0").then_some(file))
}

/// One long-lived `git cat-file --batch`.
struct CatFile {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl CatFile {
    fn exchange(&mut self, oid: &Oid, max: u64) -> std::io::Result<Result<Object, GitError>> {
        let Some(stdin) = &mut self.stdin else { return Err(std::io::ErrorKind::BrokenPipe.into()) };
        writeln!(stdin, "{oid}")?;
        stdin.flush()?;
        let mut head = Vec::new();
        self.stdout.read_until(b'\n', &mut head)?;
        let head = head.strip_suffix(b"\n").ok_or(std::io::ErrorKind::UnexpectedEof)?;
        let mut words = head.split(|&b| b == b' ').skip(1);
        let (kind, size) = (words.next().unwrap_or_default(), words.next());
        let Some(kind) = ObjectKind::from_name(kind) else {
            return Ok(Err(GitError::Missing { oid: *oid }));
        };
        let size = size.and_then(|s| std::str::from_utf8(s).ok()?.parse::<u64>().ok());
        let size = size.ok_or(std::io::ErrorKind::InvalidData)?;
        if size > max {
            // passed over, so that the next answer is where it is looked for
            std::io::copy(&mut (&mut self.stdout).take(size + 1), &mut std::io::sink())?;
            return Ok(Err(GitError::TooLarge { oid: *oid, size, max }));
        }
        let mut data = Vec::with_capacity(size as usize);
        (&mut self.stdout).take(size).read_to_end(&mut data)?;
        let mut newline = [0];
        self.stdout.read_exact(&mut newline)?;
        if data.len() as u64 != size {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Ok(Object { kind, data }))
    }
}

impl ObjectReader for CatFile {
    fn read(&mut self, oid: &Oid, max: u64) -> Result<Object, GitError> {
        match self.exchange(oid, max) {
            Ok(result) => result,
            Err(error) => {
                // after a broken exchange nothing that follows can be trusted
                self.stdin = None;
                Err(GitError::Command { command: "cat-file --batch".into(), stderr: format!("object {oid}: {error}") })
            }
        }
    }
}

impl Drop for CatFile {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
