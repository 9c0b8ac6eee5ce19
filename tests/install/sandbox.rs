//! A directory, an environment without the user's own settings, and programs that log their calls.

use gitward::install::{InstallError, InstallRequest, Mode, Report, Repository, Target, install, uninstall};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard};

/// One test at a time: a program that one thread is writing while another forks cannot be run
/// (`ETXTBSY`).
static SERIAL: Mutex<()> = Mutex::new(());

pub(crate) struct Sandbox {
    _serial: MutexGuard<'static, ()>,
    _dir: tempfile::TempDir,
    pub(crate) root: PathBuf,
}

/// Logs its name, the name it was called by and its arguments to `$HOME/log`, keeps what a push hook gets
/// on standard input in `$HOME/<name>.stdin`, and exits with what `$HOME/<name>.exit` holds.
fn program(name: &str) -> String {
    format!(
        r#"#!/bin/sh
{{ printf '%s' {name}; printf ' %s' "${{0##*/}}" "$@"; printf '\n'; }} >>"$HOME/log"
case " ${{0##*/}} $* " in *" pre-push"* | *" pre-receive"*) cat >"$HOME/{name}.stdin" ;; esac
exit "$(cat "$HOME/{name}.exit" 2>/dev/null || echo 0)"
"#
    )
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let serial = SERIAL.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let dir = tempfile::tempdir().unwrap();
        // every test is a test of quoting
        let root = dir.path().canonicalize().unwrap().join("it's a $(room)");
        fs::create_dir_all(root.join("bin")).unwrap();
        let sandbox = Sandbox { _serial: serial, _dir: dir, root };
        write_program(&sandbox.binary(), &program("gitward"));
        sandbox
    }

    /// The stand-in for gitward.
    pub(crate) fn binary(&self) -> PathBuf {
        self.root.join("bin/gitward")
    }

    /// Writes a hook of somebody else; it logs as `before`.
    pub(crate) fn foreign(&self, path: &Path) {
        write_program(path, &program("before"));
    }

    pub(crate) fn command(&self, cwd: &Path, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(cwd).env_clear().envs([
            ("PATH", path_without_gitward()),
            ("HOME", self.root.to_str().unwrap().to_owned()),
            ("LC_ALL", "C".to_owned()),
            ("GIT_CONFIG_NOSYSTEM", "1".to_owned()),
            ("GIT_CONFIG_GLOBAL", "/dev/null".to_owned()),
            ("GIT_TERMINAL_PROMPT", "0".to_owned()),
            ("GIT_EDITOR", "true".to_owned()),
            ("GIT_AUTHOR_NAME", "T".to_owned()),
            ("GIT_AUTHOR_EMAIL", "t@example.org".to_owned()),
            ("GIT_AUTHOR_DATE", "2026-01-01T00:00:00Z".to_owned()),
            ("GIT_COMMITTER_NAME", "T".to_owned()),
            ("GIT_COMMITTER_EMAIL", "t@example.org".to_owned()),
            ("GIT_COMMITTER_DATE", "2026-01-01T00:00:00Z".to_owned()),
        ]);
        command
    }

    pub(crate) fn git(&self, cwd: &Path, args: &[&str]) -> Output {
        self.command(cwd, "git").args(["-c", "protocol.file.allow=always"]).args(args).output().unwrap()
    }

    /// As [`Sandbox::git`], for what must succeed; standard output without the last line feed.
    pub(crate) fn git_ok(&self, cwd: &Path, args: &[&str]) -> String {
        let out = self.git(cwd, args);
        assert!(out.status.success(), "git {args:?}: {}", text(&out.stderr));
        text(&out.stdout).trim_end_matches('\n').to_owned()
    }

    /// A repository with one commit on `main`.
    pub(crate) fn repo(&self, name: &str) -> PathBuf {
        let dir = self.root.join(name);
        self.git_ok(&self.root, &["init", "-q", "-b", "main", name]);
        self.git_ok(&dir, &["commit", "-q", "--allow-empty", "-m", "first"]);
        dir
    }

    /// Whether a commit of one new file goes through; with what Git said.
    pub(crate) fn commit(&self, repo: &Path, extra: &[&str]) -> (bool, String) {
        fs::write(repo.join("file"), format!("{}\n", self.git_ok(repo, &["rev-list", "--all"]))).unwrap();
        self.git_ok(repo, &["add", "file"]);
        let out = self.git(repo, &[&["commit", "-q", "-m", "more"], extra].concat());
        (out.status.success(), text(&out.stderr))
    }

    /// What the command line resolves before it calls the library.
    pub(crate) fn target(&self, repo: &Path, mode: Mode) -> Target {
        let ask = |what: &[&str]| {
            PathBuf::from(self.git_ok(repo, &[&["rev-parse", "--path-format=absolute"], what].concat()))
        };
        let bare = self.git_ok(repo, &["rev-parse", "--is-bare-repository"]) == "true";
        Target {
            hooks_dir: ask(&["--git-path", "hooks"]),
            hooks: mode.default_hooks().to_vec(),
            mode,
            repository: Some(Repository {
                git_dir: ask(&["--git-common-dir"]),
                work_trees: if bare { Vec::new() } else { vec![ask(&["--show-toplevel"])] },
            }),
            allow_shared: false,
        }
    }

    pub(crate) fn install(&self, repo: &Path) -> Report {
        self.install_to(self.target(repo, Mode::Client)).unwrap()
    }

    pub(crate) fn install_to(&self, target: Target) -> Result<Report, InstallError> {
        install(&InstallRequest { target, binary: self.binary() })
    }

    pub(crate) fn uninstall(&self, repo: &Path) -> Report {
        uninstall(&self.target(repo, Mode::Client)).unwrap()
    }

    /// Makes `gitward` or `before` end with this code from now on.
    pub(crate) fn exits(&self, name: &str, code: u8) {
        fs::write(self.root.join(format!("{name}.exit")), code.to_string()).unwrap();
    }

    /// The calls since the last time.
    pub(crate) fn log(&self) -> Vec<String> {
        let path = self.root.join("log");
        let log = fs::read_to_string(&path).unwrap_or_default();
        let _ = fs::remove_file(path);
        log.lines().map(str::to_owned).collect()
    }

    /// What a push hook got on standard input.
    pub(crate) fn stdin(&self, name: &str) -> String {
        fs::read_to_string(self.root.join(format!("{name}.stdin"))).unwrap()
    }
}

pub(crate) fn write_program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The caller's `PATH`, which must find Git but not an installed gitward.
pub(crate) fn path_without_gitward() -> String {
    let path = std::env::var_os("PATH").unwrap();
    let dirs = std::env::split_paths(&path).filter(|dir| !dir.join("gitward").exists());
    std::env::join_paths(dirs).unwrap().into_string().unwrap()
}
