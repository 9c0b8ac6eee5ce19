//! Real commits through the installed hooks.

use crate::support::{Repo, Run, Sandbox, github_pat};

fn guarded<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name, &[]);
    repo.stage("README.md", "hello\n");
    repo.commit("first");
    repo.gitward(&["install"]).expect(0);
    repo
}

fn try_commit(repo: &Repo<'_>, args: &[&str]) -> Run {
    Run::from(repo.try_git(&[&["commit", "-q", "-m", "change"], args].concat()))
}

#[test]
fn a_planted_token_is_refused_and_shown_where_and_why() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    let head = repo.git(&["rev-parse", "HEAD"]);
    let token = github_pat();
    repo.stage("src/app.py", format!("import os\n\nGITHUB = \"{token}\"\n"));
    let run = try_commit(&repo, &[]).expect(1);
    let text = run.stdout + &run.stderr;
    assert!(text.contains("error[github-pat]: GitHub personal access token in a staged change"), "{text}");
    assert!(text.contains("--> src/app.py:3:11"), "{text}");
    assert!(text.contains("GITHUB = \"ghp_"), "{text}");
    assert!(text.contains("checksum valid"), "{text}");
    assert!(text.contains("gitward allow gw1:"), "{text}");
    assert!(!text.contains(&token[..8]), "{text}");
    assert_eq!(repo.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn a_clean_commit_passes_unnoticed() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    repo.stage("src/app.py", "import os\n");
    let run = try_commit(&repo, &[]).expect(0);
    assert_eq!((run.stdout, run.stderr), (String::new(), String::new()));
    // and one that changes nothing
    let run = try_commit(&repo, &["--allow-empty"]).expect(0);
    assert_eq!((run.stdout, run.stderr), (String::new(), String::new()));
}

#[test]
fn every_way_to_commit_is_guarded() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    repo.write("README.md", format!("token {}\n", github_pat()));
    for args in [&["-a"][..], &["README.md"], &["-i", "README.md"]] {
        try_commit(&repo, args).expect(1);
    }
    repo.git(&["add", "-A"]);
    // prepare-commit-msg runs even here
    try_commit(&repo, &["--no-verify"]).expect(1);
    try_commit(&repo, &["--amend"]).expect(1);
}

#[test]
fn the_message_is_part_of_the_commit() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    repo.stage("a", "a\n");
    let message = format!("use {}", github_pat());
    let run = Run::from(repo.try_git(&["commit", "-q", "-m", &message])).expect(1);
    let text = run.stdout + &run.stderr;
    assert!(text.contains("github-pat") && !text.contains(&github_pat()[..8]), "{text}");
}

#[test]
fn the_first_commit_of_a_repository_is_guarded() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.gitward(&["install"]).expect(0);
    repo.stage("a", format!("{}\n", github_pat()));
    try_commit(&repo, &[]).expect(1);
    repo.stage("a", "clean\n");
    try_commit(&repo, &[]).expect(0);
}

#[test]
fn worktrees_and_submodules_are_guarded() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    let linked = sandbox.path().join("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap()]);
    let linked = sandbox.at(linked);
    linked.stage("a", github_pat());
    try_commit(&linked, &[]).expect(1);

    let library = sandbox.repo("library", &[]);
    library.stage("a", "a\n");
    library.commit("first");
    let url = library.dir.display().to_string();
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "lib"]);
    let inner = sandbox.at(repo.dir.join("lib"));
    inner.gitward(&["install"]).expect(0);
    inner.stage("b", github_pat());
    try_commit(&inner, &[]).expect(1);
}

#[test]
fn uninstalled_means_unguarded() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    repo.stage("a", github_pat());
    try_commit(&repo, &[]).expect(1);
    repo.gitward(&["uninstall"]).expect(0);
    try_commit(&repo, &[]).expect(0);
}

#[test]
fn a_push_of_what_slipped_through_is_refused() {
    let sandbox = Sandbox::new();
    let repo = guarded(&sandbox, "repo");
    let remote = sandbox.repo("remote.git", &["--bare"]);
    repo.git(&["remote", "add", "origin", remote.dir.to_str().unwrap()]);
    repo.git(&["push", "-q", "origin", "main"]);
    repo.stage("a", github_pat());
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "slipped"]);
    repo.git(&["rm", "-q", "a"]);
    repo.git(&["-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "taken back"]);
    let run = Run::from(repo.try_git(&["push", "-q", "origin", "main"]));
    assert_ne!(run.code, 0);
    let text = run.stdout + &run.stderr;
    assert!(text.contains("github-pat"), "{text}");
    // a push that brings nothing new of that kind passes
    repo.git(&["reset", "-q", "--hard", "HEAD~2"]);
    repo.stage("b", "b\n");
    repo.git(&["commit", "-q", "-m", "clean"]);
    repo.git(&["push", "-q", "origin", "main"]);
}
