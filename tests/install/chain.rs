//! What runs when Git runs a hook: order, arguments, standard input, exit codes.

use crate::sandbox::{Sandbox, text, write_program};
use gitward::install::{Hook, Mode};
use std::fs;

#[test]
fn a_commit_runs_the_hooks_in_order() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.install(&repo);
    assert_eq!(sandbox.commit(&repo, &[]), (true, String::new()));
    assert_eq!(
        sandbox.log(),
        [
            "gitward gitward hook pre-commit",
            "gitward gitward hook prepare-commit-msg .git/COMMIT_EDITMSG message",
            "gitward gitward hook commit-msg .git/COMMIT_EDITMSG",
        ]
    );
    for code in [1, 2, 101] {
        sandbox.exits("gitward", code);
        assert!(!sandbox.commit(&repo, &[]).0, "exit code {code} must refuse the commit");
    }
}

#[test]
fn no_verify_does_not_skip_the_backstop() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.install(&repo);
    sandbox.exits("gitward", 1);
    assert!(!sandbox.commit(&repo, &["--no-verify"]).0);
    assert_eq!(sandbox.log(), ["gitward gitward hook prepare-commit-msg .git/COMMIT_EDITMSG message"]);
}

#[test]
fn a_merge_commit_is_checked() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["switch", "-q", "-c", "side"]);
    sandbox.commit(&repo, &[]);
    sandbox.git_ok(&repo, &["switch", "-q", "main"]);
    sandbox.install(&repo);
    sandbox.exits("gitward", 1);
    assert!(!sandbox.git(&repo, &["merge", "-q", "--no-ff", "--no-edit", "side"]).status.success());
    assert_eq!(sandbox.log(), ["gitward gitward hook pre-merge-commit"]);
}

#[test]
fn what_was_there_runs_after_gitward_with_the_same_arguments() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    for name in ["pre-commit", "commit-msg"] {
        sandbox.foreign(&repo.join(".git/hooks").join(name));
    }
    let report = sandbox.install(&repo);
    let chained: Vec<Hook> = report.hooks.iter().filter(|h| h.chained.is_some()).map(|h| h.hook).collect();
    assert_eq!(chained, [Hook::PreCommit, Hook::CommitMsg]);
    assert!(sandbox.commit(&repo, &[]).0);
    assert_eq!(
        sandbox.log(),
        [
            "gitward gitward hook pre-commit",
            "before pre-commit.pre-gitward",
            "gitward gitward hook prepare-commit-msg .git/COMMIT_EDITMSG message",
            "gitward gitward hook commit-msg .git/COMMIT_EDITMSG",
            "before commit-msg.pre-gitward .git/COMMIT_EDITMSG",
        ]
    );
}

#[test]
fn either_of_the_two_can_refuse() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hook = repo.join(".git/hooks/pre-commit");
    sandbox.foreign(&hook);
    sandbox.install(&repo);
    for (gitward, before, code, calls) in [(0, 0, 0, 2), (1, 0, 1, 1), (0, 7, 7, 2), (2, 7, 2, 1)] {
        sandbox.exits("gitward", gitward);
        sandbox.exits("before", before);
        let status = sandbox.command(&repo, &hook).status().unwrap();
        assert_eq!((status.code(), sandbox.log().len()), (Some(code), calls), "gitward {gitward}, before {before}");
    }
    assert!(!sandbox.commit(&repo, &[]).0);
}

#[test]
fn both_read_the_refs_of_a_push() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&sandbox.root, &["init", "-q", "--bare", "remote.git"]);
    sandbox.git_ok(&repo, &["remote", "add", "origin", "../remote.git"]);
    sandbox.foreign(&repo.join(".git/hooks/pre-push"));
    sandbox.install(&repo);

    sandbox.exits("before", 1);
    let push = ["push", "-q", "origin", "main", "main:other"];
    assert!(!sandbox.git(&repo, &push).status.success());
    sandbox.exits("before", 0);
    assert!(sandbox.git(&repo, &push).status.success());
    let oid = sandbox.git_ok(&repo, &["rev-parse", "main"]);
    let none = "0".repeat(40);
    let expected =
        format!("refs/heads/main {oid} refs/heads/main {none}\nrefs/heads/main {oid} refs/heads/other {none}\n");
    assert_eq!(sandbox.stdin("gitward"), expected);
    assert_eq!(sandbox.stdin("before"), expected);
    assert_eq!(
        sandbox.log()[..2],
        ["gitward gitward hook pre-push origin ../remote.git", "before pre-push.pre-gitward origin ../remote.git"]
    );

    // nothing to push: no line, and not an empty one either
    assert!(sandbox.git(&repo, &push).status.success());
    assert_eq!((sandbox.stdin("gitward"), sandbox.stdin("before")), (String::new(), String::new()));
}

#[test]
fn a_push_hook_that_reads_nothing_is_no_error() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hook = repo.join(".git/hooks/pre-push");
    write_program(&hook, "#!/bin/sh\nexit 0\n");
    sandbox.install(&repo);
    write_program(&sandbox.binary(), "#!/bin/sh\nexit 0\n");
    let refs = repo.join("refs");
    fs::write(&refs, "a b c d\n".repeat(100_000)).unwrap();
    let out = sandbox.command(&repo, &hook).stdin(fs::File::open(&refs).unwrap()).output().unwrap();
    assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()));
}

#[test]
fn a_server_checks_what_it_receives() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&sandbox.root, &["init", "-q", "--bare", "remote.git"]);
    let remote = sandbox.root.join("remote.git");
    sandbox.foreign(&remote.join("hooks/pre-receive"));
    let mut target = sandbox.target(&remote, Mode::Server);
    target.hooks.push(Hook::Update);
    sandbox.install_to(target).unwrap();

    sandbox.exits("gitward", 1);
    let push = ["push", "-q", "../remote.git", "main"];
    assert!(!sandbox.git(&repo, &push).status.success());
    assert_eq!(sandbox.log(), ["gitward gitward pre-receive"]);
    sandbox.exits("gitward", 0);
    assert!(sandbox.git(&repo, &push).status.success());
    let (oid, none) = (sandbox.git_ok(&repo, &["rev-parse", "main"]), "0".repeat(40));
    assert_eq!(sandbox.stdin("gitward"), format!("{none} {oid} refs/heads/main\n"));
    assert_eq!(sandbox.stdin("before"), sandbox.stdin("gitward"));
    let update = format!("gitward gitward update refs/heads/main {none} {oid}");
    assert_eq!(sandbox.log(), ["gitward gitward pre-receive", "before pre-receive.pre-gitward", &update]);
}

#[test]
fn without_the_binary_nothing_is_committed_or_pushed() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-push"));
    sandbox.install(&repo);
    fs::remove_file(sandbox.binary()).unwrap();

    let (committed, said) = sandbox.commit(&repo, &[]);
    assert!(!committed);
    assert!(said.contains("gitward: not found"), "{said}");
    assert!(said.contains("commit refused"), "{said}");
    assert!(said.contains("remove this hook: rm '.git/hooks/pre-commit'"), "{said}");
    assert!(!sandbox.commit(&repo, &["--no-verify"]).0);

    let out = sandbox.command(&repo, hooks.join("pre-push")).output().unwrap();
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.contains("push refused"), "{said}");
    assert!(said.contains("remove this hook: mv '"), "what was there goes back: {said}");
    assert_eq!(sandbox.log(), [""; 0], "nothing else runs either");

    // a binary that cannot be run is as good as none
    fs::write(sandbox.binary(), "").unwrap();
    assert!(!sandbox.commit(&repo, &[]).0);
}

#[test]
fn a_moved_binary_is_found_on_path() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.install(&repo);
    let elsewhere = sandbox.root.join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::rename(sandbox.binary(), elsewhere.join("gitward")).unwrap();
    let path = format!("{}:{}", elsewhere.display(), crate::sandbox::path_without_gitward());
    let out = sandbox.command(&repo, repo.join(".git/hooks/pre-commit")).env("PATH", path).output().unwrap();
    assert!(out.status.success());
    assert_eq!(sandbox.log(), ["gitward gitward hook pre-commit"]);
}

/// What pre-commit does: run the hook that it displaced, refuse to be run by it, then run its own.
const FRAMEWORK: &str = r#"#!/bin/sh
# File generated by pre-commit: https://pre-commit.com
[ -z "$PRE_COMMIT_RUNNING_LEGACY" ] || { echo 'migration mode' >&2; exit 1; }
legacy="$(dirname "$0")/pre-commit.legacy"
[ ! -x "$legacy" ] || PRE_COMMIT_RUNNING_LEGACY=1 "$legacy" "$@" || exit 1
echo framework >>"$HOME/log"
"#;

#[test]
fn a_framework_and_what_it_displaced_run_after_gitward() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    write_program(&hooks.join("pre-commit"), FRAMEWORK);
    sandbox.foreign(&hooks.join("pre-commit.legacy"));
    sandbox.install(&repo);
    assert!(sandbox.command(&repo, hooks.join("pre-commit")).status().unwrap().success());
    assert_eq!(sandbox.log(), ["gitward gitward hook pre-commit", "before pre-commit.legacy", "framework"]);
}

#[test]
fn a_framework_installed_over_gitward_runs_it() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    sandbox.install(&repo);
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    write_program(&hooks.join("pre-commit"), FRAMEWORK);

    let run = || sandbox.command(&repo, hooks.join("pre-commit")).status().unwrap().success();
    let calls = ["gitward gitward hook pre-commit", "before pre-commit.pre-gitward", "framework"];
    assert!(run());
    assert_eq!(sandbox.log(), calls);

    // a second installation finds the shim where it is now, and taking it away leaves the framework's order
    sandbox.install(&repo);
    assert!(run());
    assert_eq!(sandbox.log(), calls);
    sandbox.uninstall(&repo);
    assert!(run());
    assert_eq!(sandbox.log(), ["before pre-commit.legacy", "framework"]);
}

#[test]
fn a_framework_on_both_sides_of_gitward_runs_once() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    write_program(&hooks.join("pre-commit"), FRAMEWORK);
    sandbox.install(&repo);
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.legacy")).unwrap();
    write_program(&hooks.join("pre-commit"), FRAMEWORK);
    assert!(sandbox.command(&repo, hooks.join("pre-commit")).status().unwrap().success());
    assert_eq!(sandbox.log(), ["gitward gitward hook pre-commit", "framework"]);
}
