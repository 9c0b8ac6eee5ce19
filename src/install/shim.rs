//! The shell script that Git runs: rendering and recognition.

use super::{Hook, InstallError};
use std::path::Path;

const TEMPLATE: &str = include_str!("../../hooks/shim.sh");

/// What the second line of every shim starts with, whatever its version.
const MARKER: &[u8] = b"# gitward hook v";

/// More than the first two lines of a shim can hold.
pub(super) const HEAD: u64 = 256;

/// Above this a file with the marker is none of ours: a path is at most a few thousand bytes.
pub(super) const LONGEST: u64 = 64 * 1024;

/// The text of a hook that runs `binary`.
///
/// # Errors
/// [`InstallError::BinaryPath`] when the path cannot be written into a script.
pub fn render(hook: Hook, binary: &Path) -> Result<Vec<u8>, InstallError> {
    let script = TEMPLATE
        .replace("@hook@", hook.name())
        .replace("@command@", &hook.command())
        .replace("@action@", hook.guards());
    // the path comes last: it may hold anything, other placeholders too
    let slot = "'@binary@'";
    let (before, after) = script.split_once(slot).unwrap_or((&script, ""));
    let mut text = before.as_bytes().to_vec();
    text.extend(quote(path_bytes(binary)?));
    text.extend(after.as_bytes());
    Ok(text)
}

/// Whether a file that starts with `head` is a shim of ours, of this or another version.
pub(super) fn is_ours(head: &[u8]) -> bool {
    head.starts_with(b"#!") && head.split(|&b| b == b'\n').nth(1).is_some_and(|line| line.starts_with(MARKER))
}

/// One word for a POSIX shell: between single quotes everything but the single quote stands for itself.
fn quote(bytes: &[u8]) -> Vec<u8> {
    let mut word = Vec::with_capacity(bytes.len().saturating_add(2));
    word.push(b'\'');
    for &byte in bytes {
        match byte {
            b'\'' => word.extend(br"'\''"),
            _ => word.push(byte),
        }
    }
    word.push(b'\'');
    word
}

#[cfg(unix)]
fn path_bytes(path: &Path) -> Result<&[u8], InstallError> {
    use std::os::unix::ffi::OsStrExt;
    Ok(path.as_os_str().as_bytes())
}

#[cfg(not(unix))]
fn path_bytes(path: &Path) -> Result<&[u8], InstallError> {
    path.to_str().map(str::as_bytes).ok_or_else(|| InstallError::BinaryPath { path: path.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn no_placeholder_is_left() {
        for hook in Hook::ALL {
            let text = String::from_utf8(render(hook, Path::new("/opt/gitward")).unwrap()).unwrap();
            assert!(!text.contains('@') || text.matches('@').count() == text.matches("\"$@\"").count(), "{text}");
            assert!(text.contains("gitward='/opt/gitward'\n"), "{text}");
            assert!(is_ours(text.as_bytes()));
            assert!((text.len() as u64) < LONGEST);
        }
    }

    #[test]
    fn the_marker_is_within_the_head() {
        for hook in Hook::ALL {
            let text = render(hook, Path::new("/x")).unwrap();
            assert!(is_ours(&text[..HEAD as usize]));
        }
    }

    #[test]
    fn only_the_second_line_marks_a_shim() {
        assert!(is_ours(b"#!/bin/sh\n# gitward hook v2: pre-commit\n"));
        assert!(!is_ours(b"#!/bin/sh\n\n# gitward hook v1: quoted further down\n"));
        assert!(!is_ours(b"# gitward hook v1\n# gitward hook v1\n"));
        assert!(!is_ours(b"#!/bin/sh"));
        assert!(!is_ours(b""));
    }

    #[test]
    fn a_path_may_hold_a_placeholder() {
        let text = render(Hook::PreCommit, Path::new("/@hook@/'@binary@'/gitward")).unwrap();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains(r"gitward='/@hook@/'\''@binary@'\''/gitward'"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn sh_reads_back_what_was_quoted() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;
        let all: Vec<u8> = (1..=255).collect();
        for word in [&b"/plain"[..], b"a b", b"it's", b"''", b"new\nline\n", b"$(id) `id` \\ \"$HOME\" !", b"", &all] {
            let mut script = b"printf %s. ".to_vec();
            script.extend(quote(word));
            let out = Command::new("sh").arg("-c").arg(OsStr::from_bytes(&script)).output().unwrap();
            assert_eq!(out.stdout, [word, b"."].concat());
        }
    }
}
