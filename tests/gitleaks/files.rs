//! Directories, files, standard input.

use super::{gitleaks, places, repo, report, token};
use crate::support::{GITWARD, Run, Sandbox};
use std::io::Write;
use std::process::Stdio;

#[test]
fn files_are_named_as_the_argument_is_typed() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("f.py", format!("\n{}\n", token(1)));
    repo.write("e/g h.py", format!("{}\n", token(2)));
    let named = |path: &str| places(&report(&repo, &["dir", path, "-c", ".gitleaks.toml"], 1));
    assert_eq!(named("."), ["e/g h.py:1", "f.py:2"]);
    assert_eq!(named("e"), ["e/g h.py:1"]);
    assert_eq!(named("./e/"), ["e/g h.py:1"]);
    assert_eq!(named("e/../e"), ["e/g h.py:1"]);
    assert_eq!(named("f.py"), ["f.py:2"]);
    let absolute = repo.dir.join("e").display().to_string();
    assert_eq!(named(&absolute), [format!("{absolute}/g h.py:1")]);
    for verb in [&["directory", "e"][..], &["file", "e"], &["detect", "--no-git", "-s", "e"]] {
        assert_eq!(places(&report(&repo, &[verb, &["-c", ".gitleaks.toml"]].concat(), 1)), ["e/g h.py:1"]);
    }
    let found = report(&repo, &["dir", "."], 1);
    assert_eq!(found[1]["Fingerprint"], "f.py:tok:2");
    assert_eq!((&found[1]["Date"], &found[1]["Commit"]), (&"".into(), &"".into()));
}

#[test]
fn some_files_are_no_subject() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    let tok = token(1);
    repo.write(".gitleaks.toml", format!("{}# {tok}\n", super::RULES));
    repo.write("a.zip", &tok);
    repo.write("d/b.tar.gz", &tok);
    repo.write("pdf", format!("%PDF-1.7 {tok}"));
    repo.write(".git/x", &tok);
    repo.write("base.json", format!("[{{\"Match\": \"{tok}\"}}]"));
    repo.write("image.png", format!("\u{89}PNG {tok}"));
    repo.write("empty.key", "");
    repo.write("old.json", &tok);
    let args = ["dir", ".", "-b", "base.json"];
    assert_eq!(places(&report(&repo, &args, 1)), ["image.png:1", "old.json:1"]);
    // the report of an earlier run is none of the files
    gitleaks(&repo, &["dir", ".", "-b", "base.json", "-r", "old.json"]).expect(1);
    let first = std::fs::read_to_string(repo.dir.join("old.json")).unwrap();
    gitleaks(&repo, &["dir", ".", "-b", "base.json", "-r", "old.json"]).expect(1);
    assert_eq!(std::fs::read_to_string(repo.dir.join("old.json")).unwrap(), first);
    assert_eq!(first.matches("RuleID").count(), 1, "{first}");
}

#[test]
fn large_files_can_be_passed_by() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    // larger than what is judged at once, with a secret on either side and one across no seam
    let filler = "lorem ipsum dolor\n".repeat(600_000);
    repo.write("big", format!("{}\n{filler}\n{}\n", token(1), token(2)));
    assert_eq!(places(&report(&repo, &["dir", "."], 1)), ["big:1", "big:600003"]);
    let run = gitleaks(&repo, &["dir", ".", "--max-target-megabytes", "2"]).expect(0);
    assert!(run.stderr.contains("big"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn links_are_followed_when_asked() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("d/real", token(1));
    symlink("real", repo.dir.join("d/link")).unwrap();
    symlink("d", repo.dir.join("dir-link")).unwrap();
    assert_eq!(places(&report(&repo, &["dir", "."], 1)), ["d/real:1"]);
    let found = report(&repo, &["dir", ".", "--follow-symlinks"], 1);
    assert_eq!(places(&found), ["d/real:1", "d/real:1"]);
    assert_eq!(found[0]["SymlinkFile"], "d/link");
    // what is named itself is followed
    assert_eq!(places(&report(&repo, &["dir", "dir-link", "-c", ".gitleaks.toml"], 1)), ["dir-link/real:1"]);
    symlink("nowhere", repo.dir.join("broken")).unwrap();
    gitleaks(&repo, &["dir", ".", "--follow-symlinks", "--exit-code", "0"]).expect(1);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_do_no_harm() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write(std::ffi::OsStr::from_bytes(b"a\xff\nb"), token(1));
    assert_eq!(places(&report(&repo, &["dir", "."], 1)), ["a\u{fffd}\nb:1"]);
}

#[test]
fn standard_input_has_no_name() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    for verb in [&["stdin"][..], &["detect", "--pipe"]] {
        let mut command = repo.command(GITWARD);
        command.arg("gitleaks").args(verb).args(["-f", "json", "-r", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("\n\nx {}", token(1)).as_bytes()).unwrap();
        let run = Run::from(child.wait_with_output().unwrap()).expect(1);
        let found: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((&found[0]["File"], &found[0]["Fingerprint"]), (&"".into(), &":tok:3".into()));
    }
}
