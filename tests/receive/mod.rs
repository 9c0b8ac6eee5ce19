//! Real pushes into a bare repository whose pre-receive hook is gitward.

use crate::support::{GITWARD, Repo, Run, Sandbox, github_pat};

fn pair<'s>(sandbox: &'s Sandbox, name: &str, init: &[&str]) -> (Repo<'s>, Repo<'s>) {
    let server = sandbox.repo(&format!("{name}.git"), &[&["--bare"], init].concat());
    server.gitward(&["install", "--server", "."]).expect(0);
    let clone = sandbox.repo(name, init);
    clone.git(&["remote", "add", "origin", server.dir.to_str().unwrap()]);
    clone.stage("a", "clean\n");
    clone.commit("first");
    (server, clone)
}

fn push(clone: &Repo<'_>, args: &[&str]) -> Run {
    Run::from(clone.try_git(&[&["push", "-q", "origin"], args].concat()))
}

#[track_caller]
fn refused(run: &Run, words: &[&str]) {
    assert_ne!(run.code, 0, "{run:?}");
    for word in words {
        assert!(run.stderr.contains(word), "{word:?} is not in {}", run.stderr);
    }
    assert!(!run.stderr.contains(&github_pat()[..8]), "{}", run.stderr);
}

#[test]
fn clean_pushes_pass_and_dirty_ones_are_refused() {
    let sandbox = Sandbox::new();
    for (name, init) in
        [("sha1", &[][..]), ("sha256", &["--object-format=sha256"]), ("reftable", &["--ref-format=reftable"])]
    {
        let (server, clone) = pair(&sandbox, name, init);
        let run = push(&clone, &["main"]).expect(0);
        assert_eq!(run.stderr, "", "{name}");
        clone.stage("b", format!("x\n{}\n", github_pat()));
        let bad = clone.commit("slipped");
        clone.git(&["rm", "-q", "b"]);
        clone.commit("taken back");
        refused(&push(&clone, &["main"]), &["github-pat", "b:2", &bad[..7], "gw1:"]);
        assert_eq!(server.git(&["rev-list", "--count", "main"]), "1", "{name}");
    }
}

#[test]
fn loose_and_packed_objects() {
    let sandbox = Sandbox::new();
    for (limit, name) in [("1", "packed"), ("100000", "loose")] {
        let (server, clone) = pair(&sandbox, name, &[]);
        server.git(&["config", "transfer.unpackLimit", limit]);
        push(&clone, &["main"]).expect(0);
        for n in 0..120 {
            clone.write(format!("f{n}"), format!("{n}\n").repeat(50));
        }
        clone.git(&["add", "-A"]);
        clone.commit("many");
        push(&clone, &["main"]).expect(0);
        clone.stage("f7", format!("{}{}\n", "7\n".repeat(50), github_pat()));
        clone.commit("bad");
        refused(&push(&clone, &["main"]), &["github-pat", "f7:51"]);
    }
}

#[test]
fn every_ref_and_every_kind_of_update() {
    let sandbox = Sandbox::new();
    let (server, clone) = pair(&sandbox, "repo", &[]);
    push(&clone, &["main"]).expect(0);
    // several refs, only the last of which is bad
    clone.git(&["branch", "good"]);
    clone.git(&["checkout", "-q", "-b", "bad"]);
    clone.stage("b", github_pat());
    clone.commit("bad");
    refused(&push(&clone, &["good", "bad"]), &["github-pat"]);
    assert!(!server.try_git(&["rev-parse", "-q", "--verify", "good"]).status.success());
    push(&clone, &["good"]).expect(0);
    // what git notes, tags and messages hold
    clone.git(&["checkout", "-q", "main"]);
    clone.git(&["tag", "-a", "v1", "-m", &format!("release {}", github_pat())]);
    refused(&push(&clone, &["v1"]), &["github-pat"]);
    clone.git(&["tag", "light", "bad"]);
    refused(&push(&clone, &["light"]), &["github-pat"]);
    clone.git(&["notes", "add", "-m", &github_pat(), "HEAD"]);
    refused(&push(&clone, &["refs/notes/commits"]), &["github-pat"]);
    clone.git(&["commit", "-q", "--allow-empty", "-m", &format!("use {}", github_pat())]);
    refused(&push(&clone, &["main"]), &["github-pat"]);
    clone.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // a tag that names a blob, and one that names a tree
    clone.git(&["tag", "blob", "bad:b"]);
    refused(&push(&clone, &["blob"]), &["github-pat"]);
    clone.git(&["tag", "tree", "bad^{tree}"]);
    refused(&push(&clone, &["tree"]), &["github-pat"]);
    // a path name
    clone.stage(&format!("dir/{}", github_pat()), "x\n");
    clone.commit("name");
    refused(&push(&clone, &["main"]), &["github-pat"]);
    clone.git(&["reset", "-q", "--hard", "HEAD~1"]);
    // deleting and forcing
    clone.git(&["commit", "-q", "--amend", "-m", "rewritten"]);
    push(&clone, &["--force", "main"]).expect(0);
    push(&clone, &["--delete", "good"]).expect(0);
}

#[test]
fn the_server_s_policy_is_not_the_pusher_s() {
    let sandbox = Sandbox::new();
    let (server, clone) = pair(&sandbox, "repo", &[]);
    let policy = sandbox.path().join("server.toml");
    std::fs::write(
        &policy,
        "[signatures]\nrequire = \"present\"\nrefs = [\"refs/heads/main\"]\n[images]\nmulti_stage = true\n",
    )
    .unwrap();
    server.git(&["config", "--global", "gitward.policy", policy.to_str().unwrap()]);
    refused(&push(&clone, &["main"]), &["commit-unsigned"]);
    push(&clone, &["main:refs/heads/topic"]).expect(0);
    // commits that the server has already are still asked for a signature where it is required
    refused(&push(&clone, &["main:refs/heads/main"]), &["commit-unsigned"]);
    std::fs::write(&policy, "[images]\nmulti_stage = true\n").unwrap();
    push(&clone, &["main"]).expect(0);
    clone.stage("Dockerfile", "FROM debian:12\n");
    clone.commit("bad image");
    refused(&push(&clone, &["main"]), &["image-multi-stage", "Dockerfile:"]);
    clone.stage("Dockerfile", "FROM debian:12 AS build\nRUN make\nFROM scratch\nCOPY --from=build /a /a\n");
    clone.commit("mended");
    push(&clone, &["main"]).expect(0);
    // a repository's file is read as it was before the push, and cannot weaken the server's
    clone.stage(".gitward.toml", "[images]\nmulti_stage = false\n[secrets.rule.github-pat]\nlevel = \"allow\"\n");
    clone.stage("b", github_pat());
    clone.commit("weaken");
    refused(&push(&clone, &["main"]), &["github-pat"]);
    // an unreadable policy refuses everything
    std::fs::write(&policy, "[images\n").unwrap();
    clone.git(&["reset", "-q", "--hard", "HEAD~1"]);
    clone.stage("c", "c\n");
    clone.commit("clean");
    refused(&push(&clone, &["main"]), &["server.toml"]);
}

#[test]
fn what_gitlab_shows() {
    let sandbox = Sandbox::new();
    let (server, clone) = pair(&sandbox, "repo", &[]);
    clone.stage("b", github_pat());
    let new = clone.commit("bad");
    // the objects are there; only the hook is asked
    clone.git(&[
        "push",
        "-q",
        "--no-verify",
        "origin",
        "main:refs/heads/x",
        "--receive-pack",
        "git -c core.hooksPath=/dev/null receive-pack",
    ]);
    let input = format!("{} {new} refs/heads/y\n", "0".repeat(40));
    server.git(&["update-ref", "-d", "refs/heads/x"]);
    let file = sandbox.path().join("input");
    std::fs::write(&file, input).unwrap();
    let mut command = server.command(GITWARD);
    command.env("GL_ID", "user-1").arg("pre-receive").stdin(std::fs::File::open(&file).unwrap());
    let run = Run::of(&mut command).expect(1);
    let text = run.stdout + &run.stderr;
    assert!(text.lines().all(|l| l.starts_with("GL-HOOK-ERR: ")), "{text}");
    assert!(text.is_ascii());
    // lines that are none
    std::fs::write(&file, "nonsense\n").unwrap();
    let mut command = server.command(GITWARD);
    command.arg("pre-receive").stdin(std::fs::File::open(&file).unwrap());
    Run::of(&mut command).expect(2);
}
