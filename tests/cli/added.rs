//! What a change adds blocks it; what stood there before does not.

use crate::support::{Repo, Sandbox, github_pat};

fn line() -> String {
    format!("token = \"{}\"\n", github_pat())
}

/// A repository that holds a secret since long.
fn with_old_secret<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name, &[]);
    repo.stage("conf.py", format!("a = 1\n{}b = 2\n", line()));
    repo.commit("long ago");
    repo
}

#[test]
fn an_old_secret_in_a_changed_file_does_not_block() {
    let sandbox = Sandbox::new();
    for how in ["", "plumbing"] {
        let repo = with_old_secret(&sandbox, &format!("repo{how}"));
        let check = |code| {
            let mut command = repo.command(crate::support::GITWARD);
            crate::support::Run::of(command.env("GITWARD_GIT", how).arg("check")).expect(code)
        };
        repo.stage("conf.py", format!("a = 1\n{}b = 3\nc = 4\n", line()));
        check(0);
        // the same secret on a new line does
        repo.stage("conf.py", format!("a = 1\n{}b = 3\nc = \"{}\"\n", line(), github_pat()));
        assert!(check(1).stdout.contains("conf.py:4:6"));
        // and so does a change of its line
        repo.stage("conf.py", format!("a = 1\nexport {}b = 2\n", line()));
        check(1);
    }
}

#[test]
fn a_moved_file_brings_nothing_new() {
    let sandbox = Sandbox::new();
    let repo = with_old_secret(&sandbox, "repo");
    repo.git(&["mv", "conf.py", "moved.py"]);
    repo.gitward(&["check"]).expect(0);
    // moved and changed elsewhere
    repo.stage("moved.py", format!("a = 1\n{}b = 2\nc = 3\n", line()));
    repo.gitward(&["check"]).expect(0);
    repo.stage("moved.py", format!("a = 1\n{}b = 2\nc = \"{}\"\n", line(), github_pat()));
    repo.gitward(&["check"]).expect(1);
    // a copy is new
    repo.git(&["reset", "-q", "--hard"]);
    repo.stage("copy.py", line());
    repo.gitward(&["check"]).expect(1);
}

#[test]
fn a_merge_is_judged_by_what_it_adds() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("f", "1\n2\n3\n4\n5\n6\n7\n8\n9\n");
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.stage("f", format!("1\n2\n3\n4\n5\n6\n7\n8\n9\n{}", line()));
    let side = repo.commit("brings a secret");
    repo.git(&["checkout", "-q", "main"]);
    repo.stage("f", "one\n2\n3\n4\n5\n6\n7\n8\n9\n");
    let main = repo.commit("ours");
    // the merge itself adds nothing: the other side's commit did
    repo.git(&["merge", "-q", "--no-commit", "side"]);
    repo.gitward(&["check"]).expect(0);
    repo.commit("merge");
    repo.gitward(&["check", "--range", &format!("{side}..HEAD")]).expect(0);
    repo.gitward(&["check", "--range", &format!("{main}..HEAD")]).expect(1);

    // a merge that adds one of its own
    repo.git(&["reset", "-q", "--hard", &main]);
    repo.git(&["checkout", "-q", "-b", "clean", "main~1"]);
    repo.stage("g", "clean\n");
    let clean = repo.commit("clean");
    repo.git(&["checkout", "-q", "main"]);
    repo.git(&["merge", "-q", "--no-commit", "clean"]);
    repo.stage("f", format!("one\n2\n3\n4\n{}5\n6\n7\n8\n9\n", line()));
    assert!(repo.gitward(&["check"]).expect(1).stdout.contains("f:5:10"));
    repo.commit("evil merge");
    let run = repo.gitward(&["check", "--range", &format!("{main}..HEAD")]).expect(1);
    let merge = repo.git(&["rev-parse", "--short=7", "HEAD"]);
    assert!(run.stdout.contains(&format!("f:5:10 (commit {merge})")), "{}", run.stdout);
    repo.gitward(&["check", "--range", &format!("{main}..{clean}")]).expect(0);
}

#[test]
fn every_commit_of_a_range_counts() {
    let sandbox = Sandbox::new();
    for init in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let repo = sandbox.repo(&format!("repo{}", init.concat().len()), init);
        repo.stage("a", "a\n");
        repo.commit("first");
        repo.stage("b", line());
        let bad = repo.commit("brings it");
        repo.git(&["rm", "-q", "b"]);
        repo.commit("takes it back");
        let run = repo.gitward(&["check", "--range", "HEAD~2..HEAD"]).expect(1);
        assert!(run.stdout.contains(&format!("b:1:10 (commit {})", &bad[..7])), "{}", run.stdout);
        repo.gitward(&["check", "--range", "HEAD~1..HEAD"]).expect(0);
        repo.gitward(&["check", "--all-files"]).expect(0);
        let run = repo.gitward(&["check", "--history"]).expect(1);
        assert_eq!(run.stdout.matches("error[github-pat]").count(), 1, "{}", run.stdout);
        let run = repo.gitward(&["scan", "--history"]).expect(1);
        assert!(run.stdout.contains(&bad[..7]));
    }
}

#[test]
fn both_ways_to_read_find_the_same() {
    let sandbox = Sandbox::new();
    let repo = with_old_secret(&sandbox, "repo");
    repo.stage("new name\n.py", line());
    repo.stage("dir/Dockerfile", "FROM debian\nMAINTAINER x\n");
    repo.commit("more");
    repo.write("conf.py", line() + "x\n" + &line());
    let run = |how: &str, args: &[&str]| {
        let mut command = repo.command(crate::support::GITWARD);
        let run = crate::support::Run::of(command.env("GITWARD_GIT", how).args(args).args(["--format", "concise"]));
        (run.code, run.stdout)
    };
    for args in [
        &["check", "--history"][..],
        &["check", "--all-files"],
        &["check", "--worktree"],
        &["check", "--range", "HEAD~1..HEAD"],
    ] {
        let native = run("", args);
        assert_eq!(native.0, 1, "{args:?}: {}", native.1);
        assert_eq!(native, run("plumbing", args), "{args:?}");
    }
}

#[test]
fn work_tree_and_all_files() {
    let sandbox = Sandbox::new();
    let repo = with_old_secret(&sandbox, "repo");
    repo.gitward(&["check", "--all-files"]).expect(1);
    repo.gitward(&["check", "--worktree"]).expect(0);
    repo.write("conf.py", format!("a = 1\n{}b = 2\nnew = \"{}\"\n", line(), github_pat()));
    assert!(repo.gitward(&["check", "--worktree"]).expect(1).stdout.contains("conf.py:4:8"));
    repo.gitward(&["check"]).expect(0);
    repo.gitward(&["check", "--worktree", "conf.py"]).expect(1);
    repo.write("other/x", "x");
    repo.gitward(&["check", "--worktree", "other"]).expect(0);
}

#[test]
fn files_and_standard_input() {
    let sandbox = Sandbox::new();
    let repo = with_old_secret(&sandbox, "repo");
    assert!(repo.gitward(&["scan"]).expect(1).stdout.contains("conf.py:2:10"));
    repo.gitward(&["scan", "conf.py"]).expect(1);
    let outside = sandbox.at(sandbox.path().join("home"));
    outside.write("deep/er/x", line());
    assert!(outside.gitward(&["scan"]).expect(1).stdout.contains("deep/er/x:1:10"));
    let mut command = outside.command("sh");
    let run = crate::support::Run::of(command.args(["-c", "gitward scan - < deep/er/x"])).expect(1);
    assert!(run.stdout.contains("-:1:10"), "{}", run.stdout);
}
