//! `scan PATH`: what of a directory is looked at, what is not, and what is said of that.

use crate::support::{GITWARD, Sandbox, github_pat};

#[test]
fn ignore_files_are_honoured_where_asked() {
    let sandbox = Sandbox::new();
    let dir = sandbox.at(sandbox.path().join("plain"));
    dir.write(".gitignore", "build/\n*.log\n");
    dir.write("sub/.ignore", "own\n");
    for path in ["build/a", "build/b", "x.log", "sub/own", "sub/.hidden"] {
        dir.write(path, github_pat());
    }
    let all = dir.gitward(&["scan", ".", "-v"]).expect(1);
    assert!(["build/a", "x.log", "sub/own", "sub/.hidden"].iter().all(|p| all.stdout.contains(p)), "{}", all.stdout);
    let run = dir.gitward(&["scan", "--respect-ignore", "-v"]).expect(1);
    assert!(run.stdout.contains("sub/.hidden:1") && !run.stdout.contains("build/"), "{}", run.stdout);
    // a directory counts once
    assert!(run.stdout.contains("3 left out by ignore files"), "{}", run.stdout);
    // what is named is meant
    dir.gitward(&["scan", "--respect-ignore", "x.log"]).expect(1);
    dir.gitward(&["scan", "--respect-ignore", "--history"]).expect(2);
}

#[cfg(unix)]
#[test]
fn links_are_followed_where_named_and_what_is_no_file_is_counted() {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;
    let sandbox = Sandbox::new();
    let dir = sandbox.at(sandbox.path().join("plain"));
    dir.write("../outside/f", github_pat());
    dir.write("a", "nothing\n");
    symlink("../outside", dir.dir.join("to-dir")).unwrap();
    symlink("../outside/f", dir.dir.join("to-file")).unwrap();
    let _socket = UnixListener::bind(dir.dir.join("socket")).unwrap();
    let run = dir.gitward(&["scan", ".", "-v"]).expect(0);
    assert!(run.stdout.contains("1 left out as no files"), "{}", run.stdout);
    for named in ["to-dir", "to-file", "to-dir/f"] {
        dir.gitward(&["scan", named]).expect(1);
    }
    symlink("nowhere", dir.dir.join("dangling")).unwrap();
    dir.gitward(&["scan", "."]).expect(0);
    dir.gitward(&["scan", "dangling"]).expect(2);
    assert!(dir.gitward(&["scan", "socket"]).expect(2).stderr.contains("socket"));
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_blocks() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    let dir = sandbox.at(sandbox.path().join("plain"));
    dir.write("closed/f", "x");
    dir.write("g", "x");
    let close = |path: &str, mode| {
        let path = dir.dir.join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    close("closed", 0);
    close("g", 0);
    // who may read everything can be kept from nothing
    if std::fs::read(dir.dir.join("g")).is_err() {
        let run = dir.gitward(&["scan", "."]).expect(2);
        assert!(run.stdout.contains("closed") && run.stdout.contains("g:"), "{}", run.stdout);
    }
    close("closed", 0o755);
}

/// On a terminal, which `script` makes, a scan that takes long says how far it is.
#[cfg(target_os = "linux")]
#[test]
fn a_long_scan_shows_its_progress() {
    let sandbox = Sandbox::new();
    let dir = sandbox.at(sandbox.path().join("plain"));
    let line = "let some_name = other_name(first_argument, second_argument) + password_of(user);\n";
    for n in 0..8 {
        dir.write(format!("f{n}"), line.repeat(40_000));
    }
    let mut script = dir.command("script");
    script.env("TERM", "xterm").args(["-qec", &format!("{GITWARD} scan ."), "/dev/null"]);
    // not every machine has it
    let Ok(output) = script.output() else { return };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{shown}");
    assert!(shown.contains("of 8 files ("), "{shown:?}");
    // it goes away
    assert!(shown.trim_end().ends_with("\x1b[K"), "{shown:?}");
    // and is nothing for a pipe
    assert_eq!(dir.gitward(&["scan", "."]).expect(0).stderr, "");
}
