//! Where Git keeps hooks: worktrees, submodules, `core.hooksPath`, templates.

use crate::sandbox::{Sandbox, write_program};
use gitward::install::{InstallError, Mode, Target};
use std::fs;
use std::path::Path;

/// Commits are refused exactly when gitward refuses.
fn assert_guarded(sandbox: &Sandbox, repo: &Path) {
    sandbox.exits("gitward", 0);
    let (committed, said) = sandbox.commit(repo, &[]);
    assert!(committed, "{said}");
    assert_eq!(sandbox.log().first().map(String::as_str), Some("gitward gitward hook pre-commit"));
    sandbox.exits("gitward", 1);
    assert!(!sandbox.commit(repo, &[]).0);
}

#[test]
fn a_linked_worktree_shares_the_hooks() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["worktree", "add", "-q", "../tree"]);
    let tree = sandbox.root.join("tree");
    sandbox.foreign(&repo.join(".git/hooks/pre-commit"));
    sandbox.install(&tree);
    assert_guarded(&sandbox, &tree);
    assert_guarded(&sandbox, &repo);
}

#[test]
fn a_submodule_has_hooks_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.repo("library");
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["submodule", "--quiet", "add", "../library", "sub"]);
    let sub = repo.join("sub");
    sandbox.install(&sub);
    assert!(sandbox.commit(&repo, &[]).0);
    assert_eq!(sandbox.log(), [""; 0], "the repository around it is left alone");
    assert_guarded(&sandbox, &sub);
}

#[test]
fn a_hooks_path_inside_the_work_tree_is_used_with_a_remark() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["config", "core.hooksPath", ".githooks"]);
    sandbox.foreign(&repo.join(".githooks/pre-commit"));
    let report = sandbox.install(&repo);
    assert!(report.notes.iter().any(|note| note.contains("part of the work tree")), "{:?}", report.notes);
    assert!(!repo.join(".git/hooks/pre-commit").exists());
    assert_guarded(&sandbox, &repo);
}

#[test]
fn a_hooks_path_that_does_not_exist_yet_is_made() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["config", "core.hooksPath", "tools/hooks"]);
    sandbox.install(&repo);
    assert_guarded(&sandbox, &repo);
}

#[test]
fn a_shared_hooks_path_is_only_changed_on_demand() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let shared = sandbox.root.join("shared");
    sandbox.git_ok(&repo, &["config", "core.hooksPath", shared.to_str().unwrap()]);
    let mut target = sandbox.target(&repo, Mode::Client);
    let refusal = sandbox.install_to(target.clone());
    assert!(matches!(refusal, Err(InstallError::Shared { ref hooks_dir }) if *hooks_dir == shared), "{refusal:?}");
    assert!(!shared.exists());
    assert!(matches!(gitward::install::uninstall(&target), Err(InstallError::Shared { .. })));
    target.allow_shared = true;
    sandbox.install_to(target).unwrap();
    assert_guarded(&sandbox, &repo);
}

#[test]
fn a_hooks_directory_that_is_a_link_is_judged_by_where_it_leads() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let shared = sandbox.root.join("shared");
    fs::create_dir(&shared).unwrap();
    fs::remove_dir_all(repo.join(".git/hooks")).unwrap();
    std::os::unix::fs::symlink(&shared, repo.join(".git/hooks")).unwrap();
    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::Shared { .. })), "{refusal:?}");
    assert_eq!(fs::read_dir(&shared).unwrap().count(), 0);
}

#[test]
fn husky_s_own_directory_is_left_to_husky() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.git_ok(&repo, &["config", "core.hooksPath", ".husky/_"]);
    write_program(&repo.join(".husky/_/h"), "");
    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::Husky { .. })), "{refusal:?}");
}

#[test]
fn new_repositories_get_the_hooks_of_a_template() {
    let sandbox = Sandbox::new();
    let template = sandbox.root.join("template");
    sandbox.foreign(&template.join("hooks/pre-commit"));
    let target = Target {
        hooks_dir: template.join("hooks"),
        hooks: Mode::Template.default_hooks().to_vec(),
        mode: Mode::Template,
        repository: None,
        allow_shared: false,
    };
    sandbox.install_to(target).unwrap();
    let setting = format!("init.templateDir={}", template.display());
    sandbox.git_ok(&sandbox.root, &["-c", &setting, "init", "-q", "repo"]);
    let repo = sandbox.root.join("repo");
    assert!(sandbox.commit(&repo, &[]).0);
    assert_eq!(sandbox.log()[..2], ["gitward gitward hook pre-commit", "before pre-commit.pre-gitward"]);
}
