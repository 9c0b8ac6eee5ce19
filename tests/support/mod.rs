//! Hermetic repositories and commands: fixed identity and dates, no configuration but the test's own.

pub mod random;

use flate2::Compression;
use flate2::write::GzEncoder;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

/// The binary under test.
pub const GITWARD: &str = env!("CARGO_BIN_EXE_gitward");

/// A directory that holds a home and repositories, gone when the test ends.
pub struct Sandbox {
    root: TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("gitward-test").tempdir().unwrap();
        let sandbox = Sandbox { root };
        std::fs::create_dir(sandbox.path().join("home")).unwrap();
        sandbox
    }

    pub fn path(&self) -> &Path {
        self.root.path()
    }

    /// A command in an environment of the test's own.
    pub fn command(&self, program: impl AsRef<OsStr>, dir: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(dir).env_clear().stdin(Stdio::null());
        let bin = Path::new(GITWARD).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let home = self.path().join("home");
        let fixed = [
            ("GIT_CONFIG_NOSYSTEM", "1"),
            ("GIT_AUTHOR_NAME", "Test"),
            ("GIT_AUTHOR_EMAIL", "test@example.com"),
            ("GIT_AUTHOR_DATE", "1750000000 +0000"),
            ("GIT_COMMITTER_NAME", "Test"),
            ("GIT_COMMITTER_EMAIL", "test@example.com"),
            ("GIT_COMMITTER_DATE", "1750000000 +0000"),
            ("LC_ALL", "C.UTF-8"),
            ("TZ", "UTC"),
        ];
        command.env("PATH", path).env("HOME", &home).env("XDG_CONFIG_HOME", home.join(".config")).envs(fixed);
        command
    }

    /// A new repository with a branch `main`; `args` are further ones of `git init`.
    pub fn repo(&self, name: &str, args: &[&str]) -> Repo<'_> {
        let dir = self.path().join(name);
        let mut command = self.command("git", self.path());
        command.args(["init", "-q", "-b", "main"]).args(args).arg(&dir);
        assert_ok(&command.output().unwrap(), "git init");
        Repo { sandbox: self, dir }
    }

    /// A repository that is there already.
    pub fn at(&self, dir: impl Into<PathBuf>) -> Repo<'_> {
        Repo { sandbox: self, dir: dir.into() }
    }
}

/// A repository of a [`Sandbox`].
#[derive(Clone)]
pub struct Repo<'s> {
    pub sandbox: &'s Sandbox,
    pub dir: PathBuf,
}

impl Repo<'_> {
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        self.sandbox.command(program, &self.dir)
    }

    /// Runs git, which must succeed; its standard output without the last line end.
    pub fn git(&self, args: &[&str]) -> String {
        let output = self.try_git(args);
        assert_ok(&output, &format!("git {args:?}"));
        String::from_utf8_lossy(&output.stdout).trim_end_matches('\n').to_owned()
    }

    pub fn try_git(&self, args: &[&str]) -> Output {
        self.command("git").args(args).output().unwrap()
    }

    /// Runs gitward.
    pub fn gitward(&self, args: &[&str]) -> Run {
        Run::of(self.command(GITWARD).args(args))
    }

    pub fn write(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) {
        let file = self.dir.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, content).unwrap();
    }

    /// Stages a file with this content.
    pub fn stage(&self, path: &str, content: impl AsRef<[u8]>) {
        self.write(path, content);
        self.git(&["add", "-f", "--", path]);
    }

    /// Commits what is staged, past all hooks; the new commit's id.
    pub fn commit(&self, message: &str) -> String {
        self.git(&["commit", "-q", "--no-verify", "--allow-empty", "-m", message]);
        self.git(&["rev-parse", "HEAD"])
    }
}

/// What a command did.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    pub fn of(command: &mut Command) -> Self {
        Run::from(command.output().unwrap())
    }

    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "\nstdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

#[track_caller]
pub fn assert_ok(output: &Output, what: &str) {
    assert!(output.status.success(), "{what}: {}", String::from_utf8_lossy(&output.stderr));
}

/// A token in the format that its provider documents, made so that no file of ours holds one. The checksum
/// is right.
pub fn github_pat() -> String {
    let body = "Zx8kQ2vLm9Rt4Yp7Ws1Nb6Hd3Jf5Kg";
    let mut n = crc32fast::hash(body.as_bytes());
    let mut digits = Vec::new();
    for _ in 0..6 {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        digits.insert(0, alphabet[n as usize % 62]);
        n /= 62;
    }
    format!("{}_{body}{}", "ghp", String::from_utf8(digits).unwrap())
}

/// A gzip file.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = GzEncoder::new(Vec::new(), Compression::best());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A zip archive of one file, stored.
pub fn zip(name: &str, content: &[u8]) -> Vec<u8> {
    let mut common = vec![20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    common.extend((content.len() as u32).to_le_bytes());
    common.extend((content.len() as u32).to_le_bytes());
    common.extend((name.len() as u32).to_le_bytes());
    let local = [b"PK\x03\x04", &common[..], name.as_bytes(), content].concat();
    let central = [b"PK\x01\x02\x14\0", &common[..], &[0; 14], name.as_bytes()].concat();
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((central.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    [local, central, end, vec![0, 0]].concat()
}
