//! `git log -p` and `git diff` as child processes whose output [`super::patch`] reads.

use super::GitError;
use super::patch::{FORMAT, PatchReader};
use super::plumbing::git;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

/// Bytes of git's messages that are kept.
const MAX_MESSAGES: u64 = 64 << 10;
/// Bytes read from git at once.
const BUFFER: usize = 256 << 10;

/// The reader of a child's patches.
pub type Patches = PatchReader<BufReader<ChildStdout>>;

/// A running git. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    messages: Option<JoinHandle<Vec<u8>>>,
    name: &'static str,
}

/// Options of `git log` that write files, run programs, print something that is no patch, or print none though one
/// is asked for behind them. Facts: git-log(1).
/// Git takes unambiguous beginnings of options, so these are refused as well.
const REFUSED: &[&str] = &[
    "--output",
    "--output-indicator-new",
    "--output-indicator-old",
    "--output-indicator-context",
    "--ext-diff",
    "--textconv",
    "--show-signature",
    "--graph",
    "--color",
    "--color-words",
    "--color-moved",
    "--color-moved-ws",
    "--word-diff",
    "--word-diff-regex",
    "--line-prefix",
    "--name-only",
    "--name-status",
    "--check",
    "--stdin",
    "--help",
];

/// Options that are beginnings of refused ones and mean something else.
const HARMLESS: &[&str] = &["--text"];

/// Whether an option of `git log` may be passed on. Those behind `--` are paths.
pub fn is_refused(option: &str) -> bool {
    let name = option.split('=').next().unwrap_or_default();
    if !name.starts_with("--") {
        return name == "-z" || name == "-h";
    }
    let abbreviates = |refused: &&&str| refused.starts_with(name);
    name.len() > 2 && !HARMLESS.contains(&name) && REFUSED.iter().any(|r| abbreviates(&r))
}

/// Starts `git log` in `dir`. `options` are passed on as they are; none may be one that [`is_refused`]. `None`:
/// every commit of every ref, and no changes of type, unmerged, unknown, deleted or broken paths.
///
/// # Errors
/// When git cannot be started, or an option is refused.
pub fn history(dir: &Path, options: Option<&[&str]>) -> Result<(Process, Patches), GitError> {
    let mut command = patch_command(dir);
    command.args(["log", "-p", "-U0", "--no-relative"]);
    let all = ["--full-history", "--all", "--diff-filter=tuxdb"];
    let options = options.unwrap_or(&all);
    let end = options.iter().position(|o| *o == "--").unwrap_or(options.len());
    let (before, paths) = options.split_at_checked(end).unwrap_or((options, &[]));
    if let Some(refused) = before.iter().find(|o| is_refused(o)) {
        return Err(GitError::Unsupported(format!("the option {refused} of git log")));
    }
    command.args(before);
    // of options that contradict each other the last counts
    command.args(["-p", "-U0", FORMAT, "--encoding=UTF-8", "--no-show-signature", "--no-graph", "--no-notes"]);
    command.args(PATCH_OPTIONS).args(paths);
    start(command, "log")
}

/// Starts `git diff` in `dir`, on what lies below it: the index against `HEAD`, or the work tree against the index.
///
/// # Errors
/// When git cannot be started.
pub fn difference(dir: &Path, staged: bool) -> Result<(Process, Patches), GitError> {
    let mut command = patch_command(dir);
    command.args(["diff", "-p", "-U0", "--no-relative"]).args(PATCH_OPTIONS);
    if staged {
        command.arg("--staged");
    }
    command.args(["--", "."]);
    start(command, "diff")
}

/// The address of the remote that `git fetch` would use; nothing is fetched.
pub fn remote_address(dir: &Path) -> Option<String> {
    let mut command = git(dir);
    command.args(["ls-remote", "--quiet", "--get-url"]).stdout(Stdio::piped()).stderr(Stdio::null());
    let output = command.output().ok().filter(|o| o.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned()).filter(|address| !address.is_empty())
}

/// What makes a patch one that [`super::patch`] reads, whatever the configuration says.
const PATCH_OPTIONS: &[&str] = &[
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--submodule=short",
    "--output-indicator-new=+",
    "--output-indicator-old=-",
    "--output-indicator-context= ",
];

fn patch_command(dir: &Path) -> Command {
    let mut command = git(dir);
    command.args(["-c", "core.quotePath=true", "-c", "diff.suppressBlankEmpty=false", "-c", "log.showRoot=true"]);
    command
}

fn start(mut command: Command, name: &'static str) -> Result<(Process, Patches), GitError> {
    let none = |why: String| GitError::NoGit { why };
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(|e| none(e.to_string()))?;
    let pipes = (child.stdout.take(), child.stderr.take());
    let mut process = Process { child, messages: None, name };
    let (Some(stdout), Some(mut stderr)) = pipes else { return Err(none("no pipes".into())) };
    process.messages = Some(std::thread::spawn(move || {
        let mut kept = Vec::new();
        let _ = (&mut stderr).take(MAX_MESSAGES).read_to_end(&mut kept);
        // git must not wait for a reader of the rest
        let _ = std::io::copy(&mut stderr, &mut std::io::sink());
        kept
    }));
    Ok((process, PatchReader::new(BufReader::with_capacity(BUFFER, stdout))))
}

impl Process {
    /// Ends it before its time; its reader then comes to an end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
    }

    /// Waits for its end; what it warned of.
    ///
    /// # Errors
    /// When it failed, in its words.
    pub fn finish(mut self) -> Result<Vec<String>, GitError> {
        let status = self.child.wait();
        let messages = self.messages.take().and_then(|m| m.join().ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&messages).trim().to_owned();
        match status {
            Ok(status) if status.success() => Ok(text.lines().map(str::to_owned).collect()),
            Ok(_) => Err(GitError::Command { command: self.name.into(), stderr: text }),
            Err(e) => Err(GitError::Command { command: self.name.into(), stderr: e.to_string() }),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.messages.is_some() {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_write_or_run_are_refused_however_short() {
        for refused in [
            "--output=x",
            "--output",
            "--out",
            "--o=x",
            "--ext-diff",
            "--ext",
            "--textconv",
            "--textc",
            "--graph",
            "-z",
            "--color=always",
            "--word-diff",
            "--show-sig",
            "--output-indicator-new=x",
            "--line-prefix=x",
            "--stdin",
            "--name-only",
            "--check",
        ] {
            assert!(is_refused(refused), "{refused}");
        }
        for passed in [
            "--all",
            "--since=2020-01-01",
            "--text",
            "-m",
            "--first-parent",
            "A..B",
            "-1",
            "--",
            "--oneline",
            "--cc",
            "--diff-filter=A",
            "--no-ext-diff",
            "--no-textconv",
            "--author=x",
            "--no-color",
            "HEAD",
            "path",
        ] {
            assert!(!is_refused(passed), "{passed}");
        }
    }
}
