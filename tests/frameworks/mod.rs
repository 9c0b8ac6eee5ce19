//! Through the pre-commit framework and prek, as they come from their registry. A test whose framework is not
//! on this machine says so and passes: `GITWARD_TEST_PRE_COMMIT` and `GITWARD_TEST_PREK` name the programs,
//! else they are looked for on PATH. The build by `language: rust` is `tests/frameworks/language-rust`, which
//! takes minutes.

use crate::support::{Repo, Run, Sandbox, github_pat};
use std::path::{Path, PathBuf};

/// A framework's program, if it is here.
fn program(variable: &str, name: &str) -> Option<PathBuf> {
    let named = std::env::var_os(variable).map(PathBuf::from);
    let on_path = || std::env::split_paths(&std::env::var_os("PATH")?).map(|d| d.join(name)).find(|p| p.is_file());
    let found = named.or_else(on_path);
    if found.is_none() {
        eprintln!("skipped: {name} is not installed; set {variable}");
    }
    found
}

fn frameworks() -> Vec<PathBuf> {
    [("GITWARD_TEST_PRE_COMMIT", "pre-commit"), ("GITWARD_TEST_PREK", "prek")]
        .into_iter()
        .filter_map(|(variable, name)| program(variable, name))
        .collect()
}

/// A repository with our manifest, as a user's configuration names it.
fn manifest<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = sandbox.repo("gitward", &[]);
    let text = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join(".pre-commit-hooks.yaml")).unwrap();
    repo.stage(".pre-commit-hooks.yaml", text);
    repo.commit("manifest");
    repo.git(&["tag", "v1"]);
    repo
}

fn configured<'s>(sandbox: &'s Sandbox, framework: &Path, ids: &[&str]) -> Repo<'s> {
    let name = framework.file_name().unwrap().to_str().unwrap();
    let source = sandbox.path().join("gitward");
    let source = if source.exists() { sandbox.at(source) } else { manifest(sandbox) };
    let repo = sandbox.repo(name, &[]);
    let hooks: String = ids.iter().map(|id| format!("  - id: {id}\n")).collect();
    repo.stage(
        ".pre-commit-config.yaml",
        format!("repos:\n- repo: {}\n  rev: v1\n  hooks:\n{hooks}", source.dir.display()),
    );
    repo.commit("configured");
    repo
}

fn run(repo: &Repo<'_>, framework: &Path, args: &[&str]) -> Run {
    Run::of(repo.command(framework).args(args))
}

fn text(run: &Run) -> String {
    format!("{}{}", run.stdout, run.stderr)
}

#[test]
fn a_commit_through_a_framework() {
    for framework in frameworks() {
        let sandbox = Sandbox::new();
        let repo = configured(&sandbox, &framework, &["gitward-system"]);
        run(&repo, &framework, &["install"]).expect(0);
        repo.stage("a.py", format!("x = 1\ntoken = '{}'\n", github_pat()));
        let refused = Run::from(repo.try_git(&["commit", "-q", "-m", "x"])).expect(1);
        assert!(text(&refused).contains("a.py:2:10") && text(&refused).contains("github-pat"), "{refused:?}");
        assert!(!text(&refused).contains(&github_pat()[..8]));
        // what is staged counts, not what lies there
        repo.write("a.py", "x = 1\n");
        Run::from(repo.try_git(&["commit", "-q", "-m", "x"])).expect(1);
        repo.git(&["add", "-A"]);
        let passed = Run::from(repo.try_git(&["commit", "-q", "-m", "x"])).expect(0);
        assert!(text(&passed).contains("Passed"), "{passed:?}");
    }
}

#[test]
fn all_files_and_ranges_are_really_looked_at() {
    for framework in frameworks() {
        let sandbox = Sandbox::new();
        let repo = configured(&sandbox, &framework, &["gitward-system"]);
        run(&repo, &framework, &["run", "--all-files"]).expect(0);
        repo.stage("a", github_pat());
        repo.commit("bad");
        // nothing is staged: a hook that looks at the index alone would pass
        let all = run(&repo, &framework, &["run", "--all-files"]);
        assert_ne!(all.code, 0, "{all:?}");
        let range = run(&repo, &framework, &["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]);
        assert_ne!(range.code, 0, "{range:?}");
        repo.stage("b", "clean\n");
        repo.commit("clean");
        // a commit that changes no file is not asked about all of them
        run(&repo, &framework, &["install"]).expect(0);
        repo.git(&["commit", "-q", "--amend", "-m", "other words"]);
        run(&repo, &framework, &["run", "--from-ref", "HEAD~1", "--to-ref", "HEAD"]).expect(0);
    }
}

#[test]
fn the_split_ids_and_the_other_stages() {
    for framework in frameworks() {
        let sandbox = Sandbox::new();
        let ids =
            ["gitward-secrets-system", "gitward-images-system", "gitward-commit-msg-system", "gitward-push-system"];
        let repo = configured(&sandbox, &framework, &ids);
        for stage in ["pre-commit", "commit-msg", "pre-push"] {
            run(&repo, &framework, &["install", "--hook-type", stage]).expect(0);
        }
        repo.stage(".gitward.toml", "[images]\nmulti_stage = true\n");
        repo.git(&["commit", "-q", "-m", "policy"]);
        repo.stage("Dockerfile", "FROM debian:12\n");
        let refused = Run::from(repo.try_git(&["commit", "-q", "-m", "x"])).expect(1);
        assert!(text(&refused).contains("image-multi-stage"), "{refused:?}");
        repo.git(&["rm", "-q", "-f", "Dockerfile"]);
        let message = format!("use {}", github_pat());
        let refused = Run::from(repo.try_git(&["commit", "-q", "--allow-empty", "-m", &message])).expect(1);
        assert!(text(&refused).contains("github-pat"), "{refused:?}");
        // a push of what slipped through
        let remote = sandbox.repo("remote.git", &["--bare"]);
        repo.git(&["remote", "add", "origin", remote.dir.to_str().unwrap()]);
        repo.git(&["push", "-q", "origin", "main"]);
        repo.stage("a", github_pat());
        repo.commit("slipped");
        let refused = Run::from(repo.try_git(&["push", "-q", "origin", "main"]));
        assert_ne!(refused.code, 0, "{refused:?}");
        assert!(text(&refused).contains("github-pat"), "{refused:?}");
    }
}

#[test]
fn try_repo() {
    let Some(pre_commit) = program("GITWARD_TEST_PRE_COMMIT", "pre-commit") else { return };
    let sandbox = Sandbox::new();
    let source = manifest(&sandbox);
    let repo = sandbox.repo("user", &[]);
    repo.stage("a", format!("{}\n", github_pat()));
    let source = source.dir.to_str().unwrap();
    let tried = run(&repo, &pre_commit, &["try-repo", source, "gitward-system"]).expect(1);
    assert!(text(&tried).contains("a:1:1"), "{tried:?}");
    repo.stage("a", "clean\n");
    run(&repo, &pre_commit, &["try-repo", source, "gitward-system"]).expect(0);
}
