//! The staged list in every repository format and state: through both implementations it is the one that
//! `git diff --cached --raw` prints.

use crate::support::{Repo, Run, Sandbox};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

/// Git's own list: path to (status, old, new), sorted. An unmerged path is one entry.
fn by_git(repo: &Repo<'_>) -> BTreeMap<String, String> {
    let output = repo
        .command("git")
        .env("GIT_NO_LAZY_FETCH", "1")
        .args(["diff", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    parse(&output.stdout)
}

/// A path that can be read in a failure, and stays distinct.
fn show(path: &[u8]) -> String {
    path.escape_ascii().to_string()
}

fn parse(raw: &[u8]) -> BTreeMap<String, String> {
    let mut list = BTreeMap::new();
    let fields: Vec<&[u8]> = raw.split(|&b| b == 0).collect();
    for pair in fields.chunks_exact(2) {
        let head = String::from_utf8_lossy(pair[0]).into_owned();
        // of a conflict only the fact is compared: what git prints beside it differs between versions
        let head = if head.ends_with('U') { "U".to_owned() } else { head };
        let known = list.entry(show(pair[1])).or_insert_with(|| head.clone());
        if head == "U" {
            *known = head;
        }
    }
    list
}

fn by_gitward(repo: &Repo<'_>, how: &str) -> Result<BTreeMap<String, String>, String> {
    let output =
        repo.command(crate::support::GITWARD).env("GITWARD_GIT", how).args(["plumbing", "staged"]).output().unwrap();
    if output.status.success() { Ok(parse(&output.stdout)) } else { Err(Run::from(output).stderr) }
}

#[track_caller]
fn agree(repo: &Repo<'_>, state: &str) -> BTreeMap<String, String> {
    let git = by_git(repo);
    for how in ["", "plumbing"] {
        assert_eq!(by_gitward(repo, how), Ok(git.clone()), "{state}, {how:?}");
    }
    git
}

/// Some history, then a change of every kind.
fn fill(repo: &Repo<'_>) {
    for n in 0..40 {
        repo.write(format!("dir{}/sub/file{n}.txt", n % 5), format!("content {n}\n"));
    }
    repo.write("a-b", "between a and a/");
    repo.write("a/x", "below a\n");
    repo.write("a0", "after a/\n");
    repo.write("becomes-link", "text\n");
    repo.write("becomes-dir", "text\n");
    repo.write("mode", "#!/bin/sh\n");
    repo.write("old name", "the same content in another place\n");
    repo.git(&["add", "-A"]);
    repo.commit("first");
}

fn change(repo: &Repo<'_>) {
    repo.stage("dir1/sub/file1.txt", "changed\n");
    repo.stage("dir9/new/deep/er/file", "new\n");
    repo.git(&["rm", "-q", "dir2/sub/file2.txt"]);
    repo.git(&["rm", "-q", "-r", "dir3"]);
    repo.git(&["mv", "old name", "new name"]);
    repo.git(&["update-index", "--chmod=+x", "mode"]);
    std::fs::remove_file(repo.dir.join("becomes-link")).unwrap();
    std::os::unix::fs::symlink("a/x", repo.dir.join("becomes-link")).unwrap();
    std::fs::remove_file(repo.dir.join("becomes-dir")).unwrap();
    repo.write("becomes-dir/inside", "text\n");
    repo.git(&["add", "-A", "becomes-link", "becomes-dir"]);
}

/// A repository with history and changes, in a format.
fn changed<'s>(sandbox: &'s Sandbox, name: &str, init: &[&str], config: &[(&str, &str)]) -> Repo<'s> {
    let repo = sandbox.repo(name, init);
    for (key, value) in config {
        repo.git(&["config", key, value]);
    }
    fill(&repo);
    change(&repo);
    repo
}

#[test]
fn every_index_and_object_format() {
    let sandbox = Sandbox::new();
    type Case = (&'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);
    let cases: &[Case] = &[
        ("plain", &[], &[]),
        ("sha256", &["--object-format=sha256"], &[]),
        ("reftable", &["--ref-format=reftable"], &[]),
        ("sha256-reftable", &["--object-format=sha256", "--ref-format=reftable"], &[]),
        ("index-v4", &[], &[("index.version", "4")]),
        ("sha256-v4", &["--object-format=sha256"], &[("index.version", "4")]),
        ("split", &[], &[("core.splitIndex", "true")]),
        ("untracked-cache", &[], &[("core.untrackedCache", "true")]),
        ("skip-hash", &[], &[("index.skipHash", "true")]),
        ("threads", &[], &[("index.threads", "2")]),
        ("worktree-config", &[], &[("extensions.worktreeConfig", "true")]),
    ];
    for (name, init, config) in cases {
        let repo = changed(&sandbox, name, init, config);
        let list = agree(&repo, name);
        assert!(list.len() >= 17, "{name}: {list:?}");
        // and with a cache tree that is valid but for one directory
        repo.commit("second");
        assert!(agree(&repo, name).is_empty());
        repo.stage("dir4/sub/file4.txt", "again\n");
        assert_eq!(agree(&repo, name).len(), 1);
        repo.git(&["gc", "-q"]);
        assert_eq!(agree(&repo, name).len(), 1);
    }
}

#[test]
fn index_version_3_and_intent_to_add() {
    let sandbox = Sandbox::new();
    let repo = changed(&sandbox, "ita", &[], &[]);
    repo.write("announced", "not staged\n");
    repo.git(&["add", "-N", "announced"]);
    repo.git(&["rm", "-q", "--cached", "a0"]);
    repo.git(&["add", "-N", "a0"]);
    let list = agree(&repo, "intent to add");
    assert!(!list.contains_key("announced"));
    assert!(list["a0"].ends_with('D'));
}

#[test]
fn sparse_index() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("sparse", &[]);
    fill(&repo);
    repo.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
    repo.git(&["sparse-checkout", "set", "dir1"]);
    repo.stage("dir1/sub/file1.txt", "changed\n");
    assert_eq!(agree(&repo, "sparse").len(), 1);
}

#[test]
fn branches_without_commits_and_detached_heads() {
    let sandbox = Sandbox::new();
    for init in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let repo = sandbox.repo(&format!("unborn{}", init.len() + init.concat().len()), init);
        assert!(agree(&repo, "unborn, empty").is_empty());
        repo.stage("a/b", "1\n");
        repo.stage("c", "2\n");
        assert_eq!(agree(&repo, "unborn").len(), 2);
        repo.commit("first");
        repo.git(&["checkout", "-q", "--detach"]);
        repo.stage("c", "3\n");
        assert_eq!(agree(&repo, "detached").len(), 1);
    }
}

#[test]
fn clones_of_every_kind() {
    let sandbox = Sandbox::new();
    let origin = sandbox.repo("origin", &[]);
    fill(&origin);
    origin.stage("late", "late\n");
    origin.commit("second");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.dir.display());
    let kinds: &[(&str, &[&str])] = &[
        ("shallow", &["--depth=1"]),
        ("partial", &["--filter=blob:none", "--no-checkout"]),
        ("partial-checkout", &["--filter=blob:none"]),
        ("shared", &["--shared"]),
    ];
    for (name, args) in kinds {
        let dir = sandbox.path().join(name);
        let from = if *name == "shared" { origin.dir.display().to_string() } else { url.clone() };
        origin.git(&[&["clone", "-q"], *args, &[&from, dir.to_str().unwrap()]].concat());
        let repo = sandbox.at(dir);
        if *name == "partial" {
            repo.git(&["read-tree", "HEAD"]);
        }
        assert!(agree(&repo, name).is_empty(), "{name}");
        repo.stage("dir1/sub/file1.txt", "changed in a clone\n");
        repo.stage("fresh", "new\n");
        assert_eq!(agree(&repo, name).len(), 2, "{name}");
    }
    // the extension by which older versions mark a partial clone
    let repo = sandbox.at(sandbox.path().join("partial"));
    repo.git(&["config", "core.repositoryFormatVersion", "1"]);
    repo.git(&["config", "extensions.partialClone", "origin"]);
    assert_eq!(agree(&repo, "extensions.partialClone").len(), 2);
}

#[test]
fn linked_worktrees_and_submodules() {
    let sandbox = Sandbox::new();
    let repo = changed(&sandbox, "main", &[], &[]);
    let linked = sandbox.path().join("linked");
    repo.git(&["worktree", "add", "-q", linked.to_str().unwrap(), "HEAD"]);
    let linked = sandbox.at(linked);
    linked.stage("only/here", "x\n");
    assert_eq!(agree(&linked, "linked").len(), 1);
    assert!(agree(&repo, "main").len() >= 17);

    let sub = sandbox.repo("library", &[]);
    fill(&sub);
    let url = sub.dir.display().to_string();
    repo.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "vendor/lib"]);
    let list = agree(&repo, "submodule added");
    assert!(list["vendor/lib"].contains("160000"));
    let inner = sandbox.at(repo.dir.join("vendor/lib"));
    inner.stage("dir1/sub/file1.txt", "inner\n");
    assert_eq!(agree(&inner, "inside a submodule").len(), 1);
    // from a directory below the top, where paths stay relative to the top
    let below = sandbox.at(repo.dir.join("dir1"));
    assert_eq!(by_gitward(&below, "").unwrap(), list);
    assert_eq!(by_gitward(&below, "plumbing").unwrap(), list);
}

#[test]
fn unmerged_paths() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("conflict", &[]);
    fill(&repo);
    repo.git(&["checkout", "-q", "-b", "other"]);
    repo.stage("dir1/sub/file1.txt", "theirs\n");
    repo.stage("dir2/sub/file2.txt", "theirs alone\n");
    repo.git(&["rm", "-q", "a0"]);
    repo.commit("theirs");
    repo.git(&["checkout", "-q", "main"]);
    repo.stage("dir1/sub/file1.txt", "ours\n");
    repo.stage("a0", "ours\n");
    repo.commit("ours");
    assert!(!repo.try_git(&["merge", "-q", "other"]).status.success());
    let list = agree(&repo, "conflict");
    assert_eq!(list["dir1/sub/file1.txt"], "U");
    assert_eq!(list["a0"], "U");
    assert_eq!(list.len(), 3);
}

#[test]
fn odd_names_links_and_line_ends() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("odd", &[]);
    repo.git(&["config", "core.autocrlf", "input"]);
    repo.write(".gitattributes", "*.crlf text eol=crlf\n*.up filter=up\n*.u16 working-tree-encoding=UTF-16\n");
    repo.git(&["config", "filter.up.clean", "tr a-z A-Z"]);
    repo.git(&["add", "-A"]);
    repo.commit("first");
    let names: [&[u8]; 10] = [
        b"new\nline",
        b"quote\"s",
        b"back\\slash",
        b"tab\there",
        b"\xff\xfe not utf-8",
        b"-dash",
        b" space ",
        b"esc\x1b[31m",
        b":(glob)*",
        "ünïcödé/日本".as_bytes(),
    ];
    for name in names {
        let file = repo.dir.join(OsString::from_vec(name.to_vec()));
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, name).unwrap();
    }
    repo.write("text.crlf", "a\r\nb\r\n");
    repo.write("text.up", "lower\n");
    repo.write("text.u16", b"\xff\xfea\0b\0".as_slice());
    std::os::unix::fs::symlink(OsString::from_vec(b"\xff dangling".to_vec()), repo.dir.join("link")).unwrap();
    repo.git(&["add", "-A"]);
    let list = agree(&repo, "odd names");
    assert_eq!(list.len(), names.len() + 4);
    for name in names {
        assert!(list.contains_key(&show(name)), "{}", show(name));
    }
}

/// What a hook sees during `commit -a`, `commit PATH` and `commit -i`, which hand it another index.
#[test]
fn the_index_that_a_commit_hands_over() {
    let sandbox = Sandbox::new();
    for init in [&[][..], &["--ref-format=reftable"]] {
        let repo = sandbox.repo(&format!("handed{}", init.len()), init);
        fill(&repo);
        let hook = repo.dir.join(".git/hooks/pre-commit");
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        let script = "#!/bin/sh\nset -e\n\
            git diff --cached --raw -z --no-renames --no-abbrev >../git\n\
            gitward plumbing staged >../native\n\
            GITWARD_GIT=plumbing gitward plumbing staged >../plumbing\n";
        std::fs::write(&hook, script).unwrap();
        std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let cases: [(&[&str], usize); 4] = [
            (&["commit", "-q", "-m", "x"], 1),
            (&["commit", "-q", "-a", "-m", "x"], 3),
            (&["commit", "-q", "-m", "x", "dir2/sub/file2.txt"], 1),
            (&["commit", "-q", "-i", "-m", "x", "dir2/sub/file2.txt"], 2),
        ];
        for (n, (args, count)) in cases.iter().enumerate() {
            repo.stage("dir1/sub/file1.txt", format!("staged {n}\n"));
            repo.write("dir2/sub/file2.txt", format!("not staged {n}\n"));
            repo.write("dir4/sub/file4.txt", format!("not staged {n}\n"));
            repo.git(args);
            let read = |name: &str| parse(&std::fs::read(sandbox.path().join(name)).unwrap());
            assert_eq!(read("git").len(), *count, "{args:?}");
            assert_eq!(read("native"), read("git"), "{args:?}");
            assert_eq!(read("plumbing"), read("git"), "{args:?}");
            repo.git(&["add", "-A"]);
            repo.commit("rest");
        }
    }
}
