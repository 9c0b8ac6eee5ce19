//! Changes that can be taken back: what was done, in order, and how to undo it.

use super::{InstallError, files, shim};
use std::fs::{self, Permissions};
use std::path::{Path, PathBuf};

/// The changes of one installation.
#[derive(Default)]
pub(super) struct Journal {
    done: Vec<Undo>,
}

enum Undo {
    RemoveDir(PathBuf),
    Remove(PathBuf),
    Rename { from: PathBuf, to: PathBuf },
    Write(OldShim),
    SetAside { hook: PathBuf, backup: PathBuf, shim: OldShim },
}

/// A shim as it was; they are small.
struct OldShim {
    path: PathBuf,
    text: Vec<u8>,
    permissions: Permissions,
}

impl OldShim {
    fn read(path: &Path) -> Result<OldShim, InstallError> {
        let text = files::head(path, shim::LONGEST).map_err(InstallError::io("read", path))?;
        let permissions = fs::metadata(path).map_err(InstallError::io("read", path))?.permissions();
        Ok(OldShim { path: path.to_owned(), text, permissions })
    }

    fn write(self) -> Result<(), InstallError> {
        files::write_program(&self.path, &self.text, Some(self.permissions))
    }
}

impl Journal {
    /// Makes the hooks directory if it is missing; Git makes none when its template has none.
    pub(super) fn create_dir(&mut self, dir: &Path) -> Result<(), InstallError> {
        if dir.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(dir).map_err(InstallError::io("create", dir))?;
        self.done.push(Undo::RemoveDir(dir.to_owned()));
        Ok(())
    }

    /// Writes a shim where nothing is.
    pub(super) fn write(&mut self, path: &Path, text: &[u8]) -> Result<(), InstallError> {
        files::write_program(path, text, None)?;
        self.done.push(Undo::Remove(path.to_owned()));
        Ok(())
    }

    /// Writes a shim over another.
    pub(super) fn rewrite(&mut self, path: &Path, text: &[u8]) -> Result<(), InstallError> {
        let old = OldShim::read(path)?;
        files::write_program(path, text, None)?;
        self.done.push(Undo::Write(old));
        Ok(())
    }

    /// Sets a hook aside under a name that is free, and writes a shim in its place.
    pub(super) fn displace(&mut self, hook: &Path, backup: &Path, text: &[u8]) -> Result<(), InstallError> {
        files::set_aside(hook, backup)?;
        self.write_over_kept(hook, backup, text)
    }

    /// Writes a shim over a hook that `backup` holds as well. Taking that back leaves the one copy, under
    /// the hook's own name.
    pub(super) fn write_over_kept(&mut self, hook: &Path, backup: &Path, text: &[u8]) -> Result<(), InstallError> {
        self.done.push(Undo::Rename { from: backup.to_owned(), to: hook.to_owned() });
        files::write_program(hook, text, None)
    }

    /// Puts a hook that was set aside back over the shim.
    pub(super) fn put_back(&mut self, backup: &Path, hook: &Path) -> Result<(), InstallError> {
        let shim = OldShim::read(hook)?;
        files::rename(backup, hook)?;
        self.done.push(Undo::SetAside { hook: hook.to_owned(), backup: backup.to_owned(), shim });
        Ok(())
    }

    /// Puts a hook that was set aside back where nothing is.
    pub(super) fn rename(&mut self, from: &Path, to: &Path) -> Result<(), InstallError> {
        files::rename(from, to)?;
        self.done.push(Undo::Rename { from: to.to_owned(), to: from.to_owned() });
        Ok(())
    }

    /// Removes a shim.
    pub(super) fn remove(&mut self, path: &Path) -> Result<(), InstallError> {
        let old = OldShim::read(path)?;
        fs::remove_file(path).map_err(InstallError::io("remove", path))?;
        self.done.push(Undo::Write(old));
        Ok(())
    }

    /// Takes everything back, the last change first, and passes the cause on.
    pub(super) fn roll_back(self, cause: InstallError) -> InstallError {
        let left: Vec<PathBuf> = self.done.into_iter().rev().filter_map(Undo::run).collect();
        if left.is_empty() { cause } else { InstallError::RollBack { cause: Box::new(cause), left } }
    }
}

impl Undo {
    /// The path that could not be put back, if so.
    fn run(self) -> Option<PathBuf> {
        match self {
            Undo::RemoveDir(path) => fs::remove_dir(&path).is_err().then_some(path),
            Undo::Remove(path) => fs::remove_file(&path).is_err().then_some(path),
            Undo::Rename { from, to } => files::rename(&from, &to).is_err().then_some(to),
            Undo::Write(old) => {
                let path = old.path.clone();
                old.write().is_err().then_some(path)
            }
            Undo::SetAside { hook, backup, shim } => {
                let undone = files::set_aside(&hook, &backup).and_then(|()| shim.write());
                undone.is_err().then_some(hook)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and contents.
    fn listing(dir: &Path) -> Vec<(PathBuf, Vec<u8>)> {
        let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
        let mut all: Vec<_> = paths.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        all.sort();
        all
    }

    fn cause() -> InstallError {
        InstallError::Busy { hooks_dir: PathBuf::new() }
    }

    #[test]
    fn every_change_can_be_taken_back() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        for name in ["rewritten", "displaced", "shim", "removed", "backup", "lone"] {
            fs::write(at(name), name).unwrap();
        }
        let before = listing(dir.path());
        let mut journal = Journal::default();
        journal.create_dir(&at("new")).unwrap();
        journal.write(&at("new/written"), b"text").unwrap();
        journal.rewrite(&at("rewritten"), b"text").unwrap();
        journal.displace(&at("displaced"), &at("displaced.pre-gitward"), b"text").unwrap();
        journal.put_back(&at("backup"), &at("shim")).unwrap();
        journal.remove(&at("removed")).unwrap();
        journal.rename(&at("lone"), &at("hook")).unwrap();
        assert_eq!(fs::read(at("shim")).unwrap(), b"backup");
        assert!(matches!(journal.roll_back(cause()), InstallError::Busy { .. }));
        assert_eq!(listing(dir.path()), before);
    }

    #[test]
    fn a_name_that_is_taken_is_not_set_aside_to() {
        let dir = tempfile::tempdir().unwrap();
        let (hook, backup) = (dir.path().join("hook"), dir.path().join("backup"));
        fs::write(&hook, "hook").unwrap();
        fs::write(&backup, "backup").unwrap();
        let before = listing(dir.path());
        assert!(Journal::default().displace(&hook, &backup, b"text").is_err());
        assert_eq!(listing(dir.path()), before);
    }

    #[test]
    fn what_cannot_be_taken_back_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("hook");
        let mut journal = Journal::default();
        journal.write(&path, b"text").unwrap();
        fs::remove_file(&path).unwrap();
        let error = journal.roll_back(cause());
        assert!(matches!(error, InstallError::RollBack { ref left, .. } if *left == [path]), "{error:?}");
    }
}
