//! What cannot be checked never passes: a clear error, and exit code 2.

use crate::support::{GITWARD, Repo, Run, Sandbox, github_pat};
use std::path::Path;

#[track_caller]
fn refused(run: Run, words: &[&str]) {
    let text = format!("{}{}", run.stdout, run.stderr);
    assert_eq!(run.code, 2, "{text}");
    for word in words {
        assert!(text.contains(word), "{word:?} is not in:\n{text}");
    }
}

fn repo<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "clean\n");
    repo
}

#[test]
fn not_a_repository() {
    let sandbox = Sandbox::new();
    let home = sandbox.at(sandbox.path().join("home"));
    for args in [&["check"][..], &["check", "--staged"], &["hook", "pre-commit"], &["install"], &["verify"]] {
        refused(home.gitward(args), &["not a Git repository", "help:"]);
    }
}

#[test]
fn a_branch_without_commits_works() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.gitward(&["check"]).expect(0);
    repo.stage("b", github_pat());
    repo.gitward(&["check"]).expect(1);
}

#[test]
fn a_missing_blob() {
    let sandbox = Sandbox::new();
    for how in ["", "plumbing"] {
        let repo = sandbox.repo(&format!("repo{how}"), &[]);
        repo.stage("a", "clean\n");
        let oid = repo.git(&["rev-parse", ":a"]);
        let (dir, file) = oid.split_at(2);
        std::fs::remove_file(repo.dir.join(".git/objects").join(dir).join(file)).unwrap();
        // nor is the file on disk what would be committed
        repo.write("a", "other\n");
        let run = Run::of(repo.command(GITWARD).env("GITWARD_GIT", how).arg("check"));
        refused(run, &["could not check a", &oid[..7], "missing", "help:"]);
    }
}

#[test]
fn missing_and_misspelt_arguments() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.commit("first");
    refused(repo.gitward(&["check", "nowhere"]), &["no such file or directory: nowhere"]);
    refused(repo.gitward(&["check", "/"]), &["outside this repository"]);
    refused(repo.gitward(&["scan", "nowhere"]), &["nowhere", "help:"]);
    refused(repo.gitward(&["lint", "nowhere"]), &["nowhere"]);
    refused(repo.gitward(&["check", "--range", "HEAD..nope"]), &["no such revision: nope"]);
    refused(repo.gitward(&["check", "--range", "HEAD...main"]), &["A..B"]);
    refused(repo.gitward(&["verify", "nope"]), &["no such revision: nope"]);
    refused(repo.gitward(&["check", "--onyl", "secrets"]), &["--only"]);
    refused(repo.gitward(&["check", "--only", "secrts"]), &["secrets"]);
    refused(repo.gitward(&["check", "--skip", "github-pta"]), &["github-pat"]);
    refused(repo.gitward(&["check", "--format", "jsno"]), &["json"]);
    refused(repo.gitward(&["check", "--fail-level", "dney"]), &["deny"]);
    refused(repo.gitward(&["check", "--report", "sarif"]), &["FORMAT=PATH"]);
    refused(repo.gitward(&["hook", "pre-comit"]), &["pre-commit"]);
    refused(repo.gitward(&["explain", "github-pta"]), &["github-pat"]);
    refused(repo.gitward(&["check", "--policy", "/nowhere.toml"]), &["/nowhere.toml"]);
}

#[test]
fn broken_policies() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    let cases = [
        ("[images\n", ".gitward.toml:1:", "toml"),
        ("[images]\nregistires = []\n", ".gitward.toml:2:1", "registries"),
        ("fail_level = \"denny\"\n", ".gitward.toml:1:14", "deny"),
        ("[images]\nmulti_stage = \"yes\"\n", ".gitward.toml:2:15", "true"),
        ("version = 2\n", ".gitward.toml:1:11", "1"),
        ("[[allow]]\nfingerprint = \"gw1:4f9a12c07b3e\"\n", ".gitward.toml:1:", "reason"),
        ("[secrets.rule.github-pta]\nlevel = \"warn\"\n", ".gitward.toml:1:", "github-pat"),
        ("[secrets]\nrules = [\"default\", \"mine.toml\"]\n", ".gitward.toml:2:", "mine.toml"),
    ];
    for (text, place, word) in cases {
        repo.stage(".gitward.toml", text);
        for args in [&["check"][..], &["policy", "check"], &["hook", "pre-commit"]] {
            refused(repo.gitward(args), &[place, word]);
        }
    }
    // one that is not tracked counts as well, and so does what is staged before what lies there
    repo.git(&["rm", "-q", "--cached", ".gitward.toml"]);
    refused(repo.gitward(&["check"]), &["mine.toml"]);
    repo.stage(".gitward.toml", "version = 1\n");
    repo.write(".gitward.toml", "nonsense\n");
    repo.gitward(&["check"]).expect(0);
    repo.stage(".gitward.toml", b"\xff\xfe".as_slice());
    refused(repo.gitward(&["check"]), &[".gitward.toml", "UTF-8"]);
}

#[test]
fn broken_rule_files() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.stage(".gitward.toml", "[secrets]\nrules = [\"default\", \"mine.toml\"]\n");
    let rule = |regex: &str| format!("[[rules]]\nid = \"mine\"\ndescription = \"Mine\"\nregex = '{regex}'\n");
    repo.stage("mine.toml", rule("mine_[0-9"));
    refused(repo.gitward(&["check"]), &["mine.toml:4:", "mine"]);
    refused(repo.gitward(&["rules", "check", "mine.toml"]), &["mine.toml:4:"]);
    repo.stage("mine.toml", rule("mine_[0-9]{8}") + "keywrods = [\"mine_\"]\n");
    refused(repo.gitward(&["check"]), &["mine.toml:5:1", "keywords"]);
    repo.stage("mine.toml", rule("mine_([0-9]{8})") + "keywords = [\"mine_\"]\n");
    repo.gitward(&["check"]).expect(0);
    repo.stage("b", format!("mine_{}\n", "50391827"));
    assert!(repo.gitward(&["check"]).expect(1).stdout.contains("error[mine]"));
}

#[test]
fn unreadable_files() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.write("dir/secret", "x");
    // root reads everything: a directory where a file is expected cannot be read by anyone
    std::fs::create_dir(repo.dir.join("policy.toml")).unwrap();
    refused(repo.gitward(&["check", "--policy", "policy.toml"]), &["policy.toml"]);
    std::fs::create_dir(repo.dir.join(".gitward.toml")).unwrap();
    refused(repo.gitward(&["check"]), &[".gitward.toml"]);
    std::fs::remove_dir(repo.dir.join(".gitward.toml")).unwrap();
    std::fs::write(repo.dir.join(".git/index"), b"DIRC\0\0\0\x02\0\0\0\x09damaged").unwrap();
    refused(repo.gitward(&["check"]), &["index", "help:"]);
}

#[test]
fn a_head_that_leads_nowhere() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    let head = repo.commit("first");
    let (dir, file) = head.split_at(2);
    std::fs::remove_file(repo.dir.join(".git/objects").join(dir).join(file)).unwrap();
    repo.stage("b", "b\n");
    refused(repo.gitward(&["check"]), &["missing", &head[..7]]);
    let run = Run::of(repo.command(GITWARD).env("GITWARD_GIT", "plumbing").arg("check"));
    assert_eq!(run.code, 2, "{run:?}");
}

#[test]
fn a_large_file_is_not_passed_over_in_silence() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.stage(".gitward.toml", "[limits]\nmax_blob = 1000\n");
    repo.stage("big", "x".repeat(1001));
    refused(repo.gitward(&["check"]), &["could not check big", "limits.max_blob"]);
    refused(repo.gitward(&["scan", "big"]), &["could not check big", "limits.max_blob"]);
}

#[test]
fn a_closed_pipe_is_quiet() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.stage("b", format!("{}\n", github_pat()));
    let script = "gitward check --all-files 2>err | head -c 1 >/dev/null; cat err";
    let run = Run::of(repo.command("bash").args(["-c", script])).expect(0);
    assert_eq!(run.stdout, "");
}

#[test]
fn no_binary_no_commit() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    // a binary of its own, which goes away
    let copy = sandbox.path().join("bin/gitward");
    std::fs::create_dir(copy.parent().unwrap()).unwrap();
    std::fs::copy(Path::new(GITWARD), &copy).unwrap();
    Run::of(repo.command(&copy).arg("install")).expect(0);
    std::fs::remove_file(&copy).unwrap();
    let run =
        Run::of(repo.command("git").env("PATH", "/usr/local/bin:/usr/bin:/bin").args(["commit", "-q", "-m", "x"]));
    assert_ne!(run.code, 0);
    assert!(run.stderr.contains("gitward") && run.stderr.contains("reinstall"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_policy_that_is_tracked_as_a_link() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    repo.write("elsewhere.toml", "version = 1\n[secrets]\nenabled = false\n");
    std::os::unix::fs::symlink("elsewhere.toml", repo.dir.join(".gitward.toml")).unwrap();
    repo.git(&["add", ".gitward.toml"]);
    refused(repo.gitward(&["check"]), &[".gitward.toml", "not as a regular file", "commit the file itself"]);
}

#[test]
fn a_policy_without_end() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox);
    let file = std::fs::File::create(repo.dir.join("large.toml")).unwrap();
    file.set_len(1 << 40).unwrap();
    refused(repo.gitward(&["check", "--policy", "large.toml"]), &["large.toml", "larger than 16 MiB"]);
}
