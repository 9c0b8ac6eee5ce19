//! `scan --history` on repositories as Git makes them: read in bulk and through `git`, the findings are the same.

mod random;

use crate::support::{GITWARD, Repo, Run, Sandbox, github_pat};
use serde_json::Value;

/// The lines of a scan but for times, and its exit code; `how` is the value of `GITWARD_GIT`.
fn scan(repo: &Repo<'_>, how: &str, more: &[&str]) -> (i32, Vec<Value>) {
    let mut command = repo.command(GITWARD);
    command.env("GITWARD_GIT", how).args(["scan", "--history", "--format", "jsonl"]).args(more);
    let run = Run::of(&mut command);
    assert!(run.stderr.is_empty(), "{}", run.stderr);
    let mut lines: Vec<Value> = run.stdout.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("elapsed_ms");
    }
    (run.code, lines)
}

/// Both ways, and what the first remembers: the findings alone.
#[track_caller]
fn agree(repo: &Repo<'_>, state: &str) -> Vec<Value> {
    let (code, lines) = scan(repo, "plumbing", &[]);
    for more in [&["--no-cache"][..], &[], &[]] {
        let here = scan(repo, "", more);
        assert_eq!(here.0, code, "{state}: {:#?}", here.1);
        assert_eq!(here.1, lines, "{state}, {more:?}");
    }
    lines.into_iter().filter(|l| l["type"] == "finding").collect()
}

fn places(findings: &[Value]) -> Vec<String> {
    let place = |f: &Value| {
        let at = &f["location"];
        format!("{}:{} {}", at["path"].as_str().unwrap_or("-"), at["range"]["start"]["line"], f["brought"]["in_tip"])
    };
    findings.iter().map(place).collect()
}

fn line() -> String {
    format!("token = \"{}\"\n", github_pat())
}

#[test]
fn a_finding_says_who_brought_it_and_whether_it_is_still_there() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a.py", "x = 1\n");
    repo.commit("first");
    repo.stage("a.py", format!("x = 1\n{}", line()));
    let commit = repo.commit("second");
    repo.stage("a.py", format!("x = 2\n{}", line()));
    repo.commit("third keeps it");
    let found = agree(&repo, "in the tip");
    assert_eq!(places(&found), ["a.py:2 true"]);
    assert_eq!(found[0]["location"]["commit"], commit);
    assert_eq!(found[0]["brought"]["author"], "Test");
    assert_eq!(found[0]["brought"]["email"], "test@example.com");
    assert_eq!(found[0]["brought"]["date"], "2025-06-15T15:06:40Z");
    repo.git(&["mv", "a.py", "b.py"]);
    repo.commit("moved");
    assert_eq!(places(&agree(&repo, "moved")), ["a.py:2 true"]);
    repo.stage("b.py", "x = 2\n");
    repo.commit("gone");
    let found = agree(&repo, "gone");
    assert_eq!(places(&found), ["a.py:2 false"]);
    let human = repo.gitward(&["scan", "--history"]).expect(1).stdout;
    assert!(human.contains(&format!("(commit {} by Test on 2025-06-15, in no tip any more)", &commit[..7])), "{human}");
    // added again: another commit brings it
    repo.stage("c.py", line());
    repo.commit("again");
    assert_eq!(places(&agree(&repo, "again")), ["a.py:2 true", "c.py:1 true"]);
    // an unreachable commit is nobody's history
    repo.stage("d.py", line());
    repo.commit("lost");
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    assert_eq!(places(&agree(&repo, "unreachable")), ["a.py:2 true", "c.py:1 true"]);
}

#[test]
fn messages_tags_notes_and_refs_to_other_things_are_looked_at() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "nothing\n");
    repo.commit("first");
    assert!(agree(&repo, "clean").is_empty());
    repo.commit(&format!("a message with {}", github_pat()));
    assert_eq!(agree(&repo, "message").len(), 1);
    repo.git(&["tag", "-a", "v1", "-m", &github_pat()]);
    assert_eq!(agree(&repo, "tag").len(), 2);
    repo.git(&["notes", "add", "-m", &github_pat()]);
    assert_eq!(agree(&repo, "note").len(), 3);
    repo.write("blob", line());
    let blob = repo.git(&["hash-object", "-w", "blob"]);
    repo.git(&["update-ref", "refs/odd/blob", &blob]);
    assert_eq!(agree(&repo, "blob").len(), 4);
    repo.stage("sub/file", line());
    let tree = repo.git(&["write-tree"]);
    repo.git(&["update-ref", "refs/odd/tree", &tree]);
    assert_eq!(agree(&repo, "tree").len(), 5);
    // a name is content too
    repo.git(&["reset", "-q", "--hard"]);
    repo.stage(&format!("dir/{}.txt", github_pat()), "harmless\n");
    repo.commit("name");
    assert_eq!(agree(&repo, "name").len(), 6);
    repo.git(&["symbolic-ref", "refs/heads/dangling", "refs/heads/nowhere"]);
    assert_eq!(agree(&repo, "a symbolic ref to nothing").len(), 6);
}

#[test]
fn merges_bring_only_what_no_parent_has() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "1\n2\n3\n");
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "side"]);
    repo.stage("side", line());
    repo.commit("on the side");
    repo.git(&["checkout", "-q", "main"]);
    repo.stage("a", "1\n2\n3\n4\n");
    repo.commit("on main");
    repo.git(&["merge", "-q", "--no-ff", "--no-edit", "side"]);
    let found = agree(&repo, "merge");
    assert_eq!(places(&found), ["side:1 true"]);
    assert_eq!(found[0]["location"]["commit"], repo.git(&["rev-parse", "side"]));
    // one that adds what neither side had
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    repo.stage("evil", line());
    let merge = repo.commit("evil merge");
    let found = agree(&repo, "evil merge");
    assert_eq!(places(&found), ["evil:1 true", "side:1 true"]);
    assert_eq!(found[0]["location"]["commit"], merge);
}

#[test]
fn stores_of_every_kind_are_read() {
    let sandbox = Sandbox::new();
    for (name, args) in [("sha1", &[][..]), ("sha256", &["--object-format=sha256"][..])] {
        let repo = sandbox.repo(name, args);
        for n in 0..12 {
            let body: String = (0..200).map(|l| format!("line {l}\n")).collect();
            repo.stage("long.txt", format!("{n}\n{body}{}", if n % 4 == 2 { line() } else { String::new() }));
            repo.stage(&format!("dir/{n}"), format!("{n}\n"));
            repo.commit(&format!("commit {n}"));
        }
        let loose = agree(&repo, "loose");
        assert_eq!(loose.len(), 3); // it went away and came back with another blob
        repo.git(&["repack", "-q", "-adf", "--depth=50"]);
        assert_eq!(agree(&repo, "packed"), loose);
        repo.stage("late", line());
        repo.commit("late");
        assert_eq!(agree(&repo, "both").len(), 4);
        repo.git(&["repack", "-q", "-d"]);
        assert_eq!(agree(&repo, "two packs").len(), 4);
        let clone = |dir: &str, args: &[&str]| {
            let url = format!("file://{}", repo.dir.display());
            repo.git(&[&["clone", "-q"], args, &[&url, sandbox.path().join(dir).to_str().unwrap()]].concat());
            sandbox.at(sandbox.path().join(dir))
        };
        let shallow = clone(&format!("shallow-{name}"), &["--depth=2"]);
        // the commit at the edge brings everything that it has
        assert_eq!(places(&agree(&shallow, "shallow")), ["late:1 true"]);
        let bare = clone(&format!("bare-{name}"), &["--bare"]);
        assert_eq!(agree(&bare, "bare").len(), 4);
        repo.git(&["clone", "-q", "--shared", ".", sandbox.path().join(format!("shared-{name}")).to_str().unwrap()]);
        let shared = sandbox.at(sandbox.path().join(format!("shared-{name}")));
        shared.stage("own", line());
        shared.commit("own");
        assert_eq!(agree(&shared, "borrowed").len(), 5);
    }
}

#[test]
fn what_is_missing_or_damaged_or_too_large_is_said() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("dir/a", "aaa\n");
    repo.stage("dir/b", line());
    repo.commit("first");
    repo.stage("large", "x".repeat(5000));
    repo.commit("second");
    repo.write(".gitward.toml", "version = 1\n[limits]\nmax_blob = 4000\n");
    let large = agree_incomplete(&repo, "large");
    assert!(large.iter().any(|l| l["what"].as_str().unwrap().starts_with("large")), "{large:?}");
    std::fs::remove_file(repo.dir.join(".gitward.toml")).unwrap();
    let remove =
        |oid: &str| std::fs::remove_file(repo.dir.join(".git/objects").join(&oid[..2]).join(&oid[2..])).unwrap();
    let blob = repo.git(&["rev-parse", "HEAD:dir/a"]);
    remove(&blob);
    assert_eq!(agree_incomplete(&repo, "a missing blob").len(), 1);
    // it is there again: nothing of its absence is remembered
    repo.write("again", "aaa\n");
    repo.git(&["hash-object", "-w", "again"]);
    assert_eq!(places(&agree(&repo, "back")), ["dir/b:1 true"]);
    remove(&repo.git(&["rev-parse", "HEAD:dir"]));
    assert!(!agree_incomplete(&repo, "a missing tree").is_empty());
}

/// As [`agree`], of what could not be checked; the exit code says so.
#[track_caller]
fn agree_incomplete(repo: &Repo<'_>, state: &str) -> Vec<Value> {
    let pick = |lines: Vec<Value>| lines.into_iter().filter(|l| l["type"] == "incomplete").collect::<Vec<_>>();
    let (code, by_git) = scan(repo, "plumbing", &[]);
    assert_eq!(code, 2, "{state}");
    for more in [&["--no-cache"][..], &[], &[]] {
        let (code, here) = scan(repo, "", more);
        assert_eq!(code, 2, "{state}, {more:?}");
        let what = |l: &Value| l["what"].clone();
        let (here, git) = (pick(here), pick(by_git.clone()));
        assert_eq!(here.iter().map(what).collect::<Vec<_>>(), git.iter().map(what).collect::<Vec<_>>(), "{state}");
    }
    pick(by_git)
}

#[test]
fn what_is_remembered_is_used_and_never_believed_blindly() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "nothing\n");
    repo.stage("b", line());
    repo.commit("first");
    agree(&repo, "first");
    let files = || {
        let dir = std::fs::read_dir(repo.dir.join(".git/gitward")).unwrap();
        dir.map(|e| e.unwrap().path()).collect::<Vec<_>>()
    };
    let [file] = &files()[..] else { panic!("{:?}", files()) };
    let good = std::fs::read(file).unwrap();
    for bad in [&b""[..], b"gitward-history1", &good[..good.len() - 1]] {
        std::fs::write(file, bad).unwrap();
        assert_eq!(agree(&repo, "a damaged file").len(), 1);
    }
    // the same blob at another path, a new blob, and a history that has less
    repo.stage("c/a", "nothing\n");
    repo.stage("d", line());
    repo.commit("second");
    assert_eq!(agree(&repo, "more").len(), 2);
    repo.git(&["reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(agree(&repo, "less").len(), 1);
    // other settings, other answers
    repo.write(".gitward.toml", "version = 1\n[secrets]\nexclude = [\"b\"]\n");
    assert_eq!(agree(&repo, "excluded").len(), 0);
    assert_eq!(files().len(), 2);
    // nothing is written where it must not be
    let (_, _) = scan(&repo, "", &["--no-cache"]);
    assert_eq!(files().len(), 2);
}

#[test]
fn no_progress_is_written_where_no_terminal_is() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", line());
    repo.commit("first");
    let run = repo.gitward(&["scan", "--history"]);
    assert!(!run.stderr.contains("objects"), "{}", run.stderr);
}
