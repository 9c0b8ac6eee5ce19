//! What installing and taking away leave on the disk.

use crate::sandbox::{Sandbox, text};
use gitward::install::{
    Change, Hook, HookReport, InstallError, InstallRequest, Mode, Occupant, inspect, install, uninstall,
};
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// Every entry of a directory: mode and content, or where a link leads.
fn snapshot(dir: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let entry = |path: PathBuf| {
        let meta = fs::symlink_metadata(&path).unwrap();
        let content = if meta.is_symlink() {
            fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
        } else if meta.is_dir() {
            Vec::new()
        } else {
            fs::read(&path).unwrap()
        };
        (path, (meta.permissions().mode(), content))
    };
    fs::read_dir(dir).unwrap().map(|found| entry(found.unwrap().path())).collect()
}

fn changes(hooks: &[HookReport]) -> Vec<Change> {
    hooks.iter().map(|hook| hook.change).collect()
}

#[test]
fn uninstall_restores_every_byte_and_mode() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    fs::write(hooks.join("pre-commit"), b"#!/bin/sh\nexit 0 # \xff no line feed").unwrap();
    fs::set_permissions(hooks.join("pre-commit"), Permissions::from_mode(0o750)).unwrap();
    sandbox.foreign(&repo.join("tools/check"));
    symlink("../../tools/check", hooks.join("commit-msg")).unwrap();
    fs::write(hooks.join("pre-push"), "#!/bin/sh\nexit 1\n").unwrap();
    fs::set_permissions(hooks.join("pre-push"), Permissions::from_mode(0o644)).unwrap();
    symlink("nowhere", hooks.join("pre-merge-commit")).unwrap();
    let before = snapshot(&hooks);
    assert!(before.keys().any(|path| path.ends_with("pre-push.sample")), "Git's samples are part of the test");

    let report = sandbox.install(&repo);
    assert_eq!(changes(&report.hooks), [Change::Installed; 5]);
    assert!(sandbox.commit(&repo, &[]).0);
    assert!(sandbox.log().contains(&"before commit-msg.pre-gitward .git/COMMIT_EDITMSG".to_owned()));
    let pushed = sandbox.command(&repo, hooks.join("pre-push")).status().unwrap();
    assert!(pushed.success(), "a hook that Git did not run is not run now either");

    let report = sandbox.uninstall(&repo);
    use Change::{Removed, Restored};
    assert_eq!(changes(&report.hooks), [Restored, Restored, Removed, Restored, Restored]);
    assert_eq!(snapshot(&hooks), before);
    assert_eq!(changes(&sandbox.uninstall(&repo).hooks)[2], Change::Absent);
    assert_eq!(snapshot(&hooks), before);
}

#[test]
fn a_second_installation_changes_nothing() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    let first = sandbox.install(&repo);
    let before = snapshot(&hooks);
    let second = sandbox.install(&repo);
    assert_eq!(changes(&second.hooks), [Change::Unchanged; 5]);
    assert_eq!(second.hooks[0].chained, first.hooks[0].chained);
    assert!(second.hooks[0].chained.is_some());
    assert_eq!(snapshot(&hooks), before);
}

#[test]
fn a_second_installation_repairs_what_changed() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    sandbox.install(&repo);
    let whole = snapshot(&hooks);
    fs::write(hooks.join("pre-commit"), "#!/bin/sh\n# gitward hook v0: pre-commit\n").unwrap();
    fs::set_permissions(hooks.join("prepare-commit-msg"), Permissions::from_mode(0o644)).unwrap();
    fs::remove_file(hooks.join("pre-push")).unwrap();
    let report = sandbox.install(&repo);
    use Change::{Installed, Unchanged, Updated};
    assert_eq!(changes(&report.hooks), [Updated, Unchanged, Updated, Unchanged, Installed]);
    assert_eq!(snapshot(&hooks), whole);
}

#[test]
fn a_hook_put_over_the_shim_is_left_alone() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    sandbox.install(&repo);
    fs::write(hooks.join("pre-commit"), "#!/bin/sh\n# somebody else's\n").unwrap();
    let over = snapshot(&hooks);

    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::Conflict { .. })), "{refusal:?}");
    assert_eq!(snapshot(&hooks), over);

    let report = sandbox.uninstall(&repo);
    assert_eq!(report.hooks[0].change, Change::Left);
    assert!(report.notes.iter().any(|note| note.contains("pre-commit.pre-gitward")), "{:?}", report.notes);
    assert_eq!(text(&fs::read(hooks.join("pre-commit")).unwrap()), "#!/bin/sh\n# somebody else's\n");
    assert!(!hooks.join("commit-msg").exists());
}

#[test]
fn a_hook_that_came_back_as_it_was_is_chained_again() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    let original = snapshot(&hooks);
    sandbox.install(&repo);
    let whole = snapshot(&hooks);
    sandbox.foreign(&hooks.join("pre-commit"));
    assert_eq!(sandbox.install(&repo).hooks[0].change, Change::Installed);
    assert_eq!(snapshot(&hooks), whole);
    // as after an installation that was cut off: two names of one file
    fs::remove_file(hooks.join("pre-commit")).unwrap();
    fs::hard_link(hooks.join("pre-commit.pre-gitward"), hooks.join("pre-commit")).unwrap();
    assert_eq!(sandbox.uninstall(&repo).hooks[0].change, Change::Restored);
    assert_eq!(snapshot(&hooks), original);
}

#[test]
fn a_failure_takes_everything_back() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    // to displace, to rewrite, to chain again, to write; then one that fails
    sandbox.foreign(&hooks.join("pre-commit"));
    fs::write(hooks.join("pre-merge-commit"), "#!/bin/sh\n# gitward hook v0\n").unwrap();
    sandbox.foreign(&hooks.join("prepare-commit-msg"));
    fs::create_dir(hooks.join("pre-push")).unwrap();
    let before = snapshot(&hooks);
    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::NotAFile { .. })), "{refusal:?}");
    assert_eq!(snapshot(&hooks), before);

    // and the directory itself, where there was none
    fs::remove_dir_all(&hooks).unwrap();
    let mut target = sandbox.target(&repo, Mode::Client);
    fs::create_dir_all(hooks.join("pre-push")).unwrap();
    assert!(sandbox.install_to(target.clone()).is_err());
    fs::remove_dir_all(&hooks).unwrap();
    target.hooks_dir = PathBuf::from("/dev/null");
    target.repository = None;
    assert!(matches!(sandbox.install_to(target), Err(InstallError::Io { .. })));
    assert!(!hooks.exists());
}

#[test]
fn a_shim_is_never_chained_to_itself() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.install(&repo);
    fs::rename(hooks.join("pre-commit"), hooks.join("pre-commit.pre-gitward")).unwrap();
    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::Misplaced { .. })), "{refusal:?}");
    fs::rename(hooks.join("pre-commit.pre-gitward"), repo.join("shim")).unwrap();
    symlink("../../shim", hooks.join("pre-commit")).unwrap();
    let refusal = sandbox.install_to(sandbox.target(&repo, Mode::Client));
    assert!(matches!(refusal, Err(InstallError::Misplaced { .. })), "{refusal:?}");
    assert_eq!(sandbox.uninstall(&repo).hooks[0].change, Change::Left);
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_changes() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let before = snapshot(&repo.join(".git/hooks"));
    let target = sandbox.target(&repo, Mode::Client);
    let with = |binary: PathBuf| install(&InstallRequest { target: target.clone(), binary });
    assert!(matches!(with("gitward".into()), Err(InstallError::BinaryNotAbsolute { .. })));
    assert!(matches!(with(repo.join("none")), Err(InstallError::BinaryNotExecutable { .. })));
    assert!(matches!(with(repo.clone()), Err(InstallError::BinaryNotExecutable { .. })));
    let mut server = target.clone();
    server.hooks = vec![Hook::PreReceive];
    assert!(matches!(sandbox.install_to(server), Err(InstallError::WrongSide { .. })));
    assert_eq!(snapshot(&repo.join(".git/hooks")), before);
}

#[test]
fn a_hook_that_asks_for_its_own_name_is_pointed_out() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    sandbox.foreign(&repo.join(".git/hooks/pre-commit"));
    let report = sandbox.install(&repo);
    assert!(report.notes.iter().any(|note| note.contains("its own name")), "{:?}", report.notes);
    assert_eq!(report.hooks[0].to_string(), "pre-commit: installed; the hook that was there before runs after it");
}

#[test]
fn inspect_tells_what_is_there() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    let hooks = repo.join(".git/hooks");
    sandbox.foreign(&hooks.join("pre-commit"));
    let state = inspect(&hooks, Hook::PreCommit).unwrap();
    assert_eq!((state.occupant, state.runs, state.kept), (Occupant::Other, true, Occupant::Nobody));
    sandbox.install(&repo);
    let state = inspect(&hooks, Hook::PreCommit).unwrap();
    assert_eq!((state.occupant, state.runs, state.kept), (Occupant::Shim, true, Occupant::Other));
    fs::set_permissions(&state.path, Permissions::from_mode(0o644)).unwrap();
    assert!(!inspect(&hooks, Hook::PreCommit).unwrap().runs);
}

#[test]
fn a_hooks_directory_that_is_not_there_needs_no_uninstall() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo");
    fs::remove_dir_all(repo.join(".git/hooks")).unwrap();
    let report = uninstall(&sandbox.target(&repo, Mode::Client)).unwrap();
    assert_eq!(changes(&report.hooks), [Change::Absent; 5]);
    assert!(!repo.join(".git/hooks").exists());
}
