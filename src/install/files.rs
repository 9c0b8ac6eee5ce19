//! What the file system must do for a hook: whole files or none, and permissions that Git asks for.

use super::InstallError;
use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};

/// The start of a file, at most `limit` bytes.
pub(super) fn head(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What is at `path` itself; a link is not followed.
pub(super) fn entry(path: &Path) -> Result<Option<Metadata>, InstallError> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(InstallError::io("look at", path)(error)),
    }
}

/// Writes a program beside `path` and renames it there, over whatever was there.
///
/// The content is on the disk before the name is: an empty hook after a power cut would let everything
/// pass. The mode ignores the umask: on a server the hook is run by other users than the one who installs
/// it, and Git skips what it cannot execute.
pub(super) fn write_program(path: &Path, bytes: &[u8], permissions: Option<Permissions>) -> Result<(), InstallError> {
    let write = || -> io::Result<()> {
        let dir = path.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".gitward-").tempfile_in(dir)?;
        file.write_all(bytes)?;
        if let Some(permissions) = permissions.or_else(program_permissions) {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(InstallError::io("write", path))
}

/// Gives the hook a second name, so that there is no moment without a hook; the caller then renames the
/// shim over the first. File systems without links make do with a rename.
///
/// The second name must not be taken yet.
pub(super) fn set_aside(hook: &Path, backup: &Path) -> Result<(), InstallError> {
    match fs::hard_link(hook, backup) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(InstallError::io("write", backup)(error)),
        Err(_) => rename(hook, backup),
    }
}

/// Renames, over whatever was there.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), InstallError> {
    fs::rename(from, to).map_err(InstallError::io("move", from))?;
    // two names of one file: rename(2) does nothing then, and says that it did
    match entry(from)? {
        Some(_) => fs::remove_file(from).map_err(InstallError::io("remove", from)),
        None => Ok(()),
    }
}

/// Whether two entries are the same hook: links to the same place, or files with the same content that both
/// can or both cannot be run.
pub(super) fn same(a: &Path, b: &Path) -> Result<bool, InstallError> {
    let (Some(meta_a), Some(meta_b)) = (entry(a)?, entry(b)?) else { return Ok(false) };
    if meta_a.is_symlink() || meta_b.is_symlink() {
        let target = |path: &Path| fs::read_link(path).map_err(InstallError::io("read", path));
        return Ok(meta_a.is_symlink() && meta_b.is_symlink() && target(a)? == target(b)?);
    }
    if !meta_a.is_file()
        || !meta_b.is_file()
        || meta_a.len() != meta_b.len()
        || is_program(&meta_a) != is_program(&meta_b)
    {
        return Ok(false);
    }
    let open = |path: &Path| File::open(path).map(BufReader::new).map_err(InstallError::io("read", path));
    let (mut left, mut right) = (open(a)?, open(b)?);
    loop {
        let x = left.fill_buf().map_err(InstallError::io("read", a))?;
        let y = right.fill_buf().map_err(InstallError::io("read", b))?;
        let n = x.len().min(y.len());
        if n == 0 {
            return Ok(x.len() == y.len());
        }
        if x.get(..n) != y.get(..n) {
            return Ok(false);
        }
        left.consume(n);
        right.consume(n);
    }
}

/// The path without links; what does not exist yet is taken as it is written. `None` if that could lead
/// anywhere.
pub(super) fn resolve(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    absolute.ancestors().find_map(|ancestor| {
        let real = ancestor.canonicalize().ok()?;
        let rest = absolute.strip_prefix(ancestor).ok()?;
        let plain = rest.components().all(|part| matches!(part, std::path::Component::Normal(_)));
        Some(plain.then(|| if rest.as_os_str().is_empty() { real } else { real.join(rest) }))
    })?
}

#[cfg(unix)]
fn program_permissions() -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn program_permissions() -> Option<Permissions> {
    None
}

/// Whether Git would run it.
#[cfg(unix)]
pub(super) fn is_program(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.is_file() && meta.permissions().mode() & 0o111 != 0
}

/// Whether Git would run it: where there is no such permission, it runs any file.
#[cfg(not(unix))]
pub(super) fn is_program(meta: &Metadata) -> bool {
    meta.is_file()
}

/// Whether every user can run it.
#[cfg(unix)]
pub(super) fn is_program_for_all(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.is_file() && meta.permissions().mode() & 0o555 == 0o555
}

/// Whether every user can run it.
#[cfg(not(unix))]
pub(super) fn is_program_for_all(meta: &Metadata) -> bool {
    meta.is_file()
}

/// Keeps others from changing the hooks until it is dropped. The lock is on the directory itself and in
/// the kernel, so a killed process leaves none behind; a file system that knows no locks does without.
pub(super) fn lock(hooks_dir: &Path) -> Result<Option<File>, InstallError> {
    // opening anything but a directory could wait for ever
    if !hooks_dir.is_dir() {
        return Ok(None);
    }
    let Ok(dir) = File::open(hooks_dir) else { return Ok(None) };
    match dir.try_lock() {
        Ok(()) => Ok(Some(dir)),
        Err(fs::TryLockError::WouldBlock) => Err(InstallError::Busy { hooks_dir: hooks_dir.to_owned() }),
        Err(fs::TryLockError::Error(_)) => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_tail_is_kept_and_a_climbing_one_refused() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        assert_eq!(resolve(dir.path()), Some(real.clone()));
        assert_eq!(resolve(&dir.path().join("a/b")), Some(real.join("a/b")));
        assert_eq!(resolve(&dir.path().join("a/../../b")), None);
    }

    #[test]
    fn same_looks_at_content_and_mode() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        write_program(&a, &[b'x'; 20_000], None).unwrap();
        write_program(&b, &[b'x'; 20_000], None).unwrap();
        assert!(same(&a, &b).unwrap());
        let mut other = [b'x'; 20_000];
        other[19_999] = b'y';
        write_program(&b, &other, None).unwrap();
        assert!(!same(&a, &b).unwrap());
        assert!(!same(&a, &dir.path().join("none")).unwrap());
    }

    #[test]
    fn renaming_ends_with_one_name() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        write_program(&a, b"x", None).unwrap();
        set_aside(&a, &b).unwrap();
        assert!(b.exists());
        rename(&b, &a).unwrap();
        assert!(a.exists() && !b.exists());
    }

    #[cfg(unix)]
    #[test]
    fn a_second_change_at_once_is_turned_away() {
        let dir = tempfile::tempdir().unwrap();
        let first = lock(dir.path()).unwrap();
        assert!(matches!(lock(dir.path()), Err(InstallError::Busy { .. })));
        drop(first);
        assert!(lock(dir.path()).unwrap().is_some());
    }
}
