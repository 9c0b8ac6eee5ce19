//! Puts gitward's hooks beside those that are there, and takes them away again.
//!
//! A hook is a shell script (`hooks/shim.sh`) that runs the installed binary and then the hook that was
//! there before, which is kept as `<name>.pre-gitward`. What this module does not do: find the hooks
//! directory (the caller asks Git, which knows `core.hooksPath`, worktrees and submodules), change Git's
//! configuration, or print.
//!
//! gitward comes first, so that a refused change reaches no other program. What a chained `pre-commit` hook
//! stages after that, `prepare-commit-msg` sees.
//!
//! At no moment is there no hook: the old one gets a second name, then the shim is renamed over the first.
//! A failure takes everything back.

mod error;
mod files;
mod hook;
mod journal;
mod shim;
mod state;

pub use error::InstallError;
pub use hook::{Hook, Mode, Side};
pub use shim::render;
pub use state::{HookState, Occupant, inspect};

use journal::Journal;
use std::fmt;
use std::path::{Path, PathBuf};

/// Where to install, or to take away from.
#[derive(Clone, Debug)]
pub struct Target {
    /// Where Git looks for hooks: `git rev-parse --git-path hooks`, made absolute. Need not exist.
    pub hooks_dir: PathBuf,
    /// The hooks meant; [`Mode::default_hooks`] to install, [`Hook::ALL`] to take away.
    pub hooks: Vec<Hook>,
    /// What the directory belongs to.
    pub mode: Mode,
    /// The repository; `None` for a template.
    pub repository: Option<Repository>,
    /// Whether a directory outside the repository may be changed.
    pub allow_shared: bool,
}

/// The directories that belong to one repository.
#[derive(Clone, Debug)]
pub struct Repository {
    /// `git rev-parse --git-common-dir`, made absolute.
    pub git_dir: PathBuf,
    /// The top of each work tree; none for a bare repository.
    pub work_trees: Vec<PathBuf>,
}

/// An installation to be made.
#[derive(Clone, Debug)]
pub struct InstallRequest {
    /// Where.
    pub target: Target,
    /// The absolute path that the hooks run. It is written into them, so it should be one that stays.
    pub binary: PathBuf,
}

/// What was done.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// One entry a hook, in the order asked for.
    pub hooks: Vec<HookReport>,
    /// What the user should know beyond that; sentences, free of control characters.
    pub notes: Vec<String>,
}

/// What was done about one hook.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HookReport {
    /// Which.
    pub hook: Hook,
    /// What was done.
    pub change: Change,
    /// The hook that was there first and runs after gitward, if there is one.
    pub chained: Option<PathBuf>,
}

/// What was done about a hook.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Change {
    /// The shim was written.
    Installed,
    /// A shim of another version, or for another binary, was replaced.
    Updated,
    /// The shim was there already.
    Unchanged,
    /// The shim was removed, nothing had been there before it.
    Removed,
    /// The hook that had been there before is back.
    Restored,
    /// The hook is somebody else's and was left alone.
    Left,
    /// There was no hook.
    Absent,
}

impl fmt::Display for HookReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match self.change {
            Change::Installed => "installed",
            Change::Updated => "updated",
            Change::Unchanged => "up to date",
            Change::Removed => "removed",
            Change::Restored => "removed, the hook that was there before is back",
            Change::Left => "not gitward's, left alone",
            Change::Absent => "not installed",
        };
        write!(f, "{}: {change}", self.hook.name())?;
        if self.chained.is_some() {
            f.write_str("; the hook that was there before runs after it")?;
        }
        Ok(())
    }
}

/// Installs the hooks. A second time it only brings the shims up to date.
///
/// # Errors
/// Any [`InstallError`]. Nothing is changed then, or it is an [`InstallError::RollBack`] that says what is.
pub fn install(request: &InstallRequest) -> Result<Report, InstallError> {
    let InstallRequest { target, binary } = request;
    check_binary(binary)?;
    if let Some(&hook) = target.hooks.iter().find(|hook| hook.side() != target.mode.side()) {
        return Err(InstallError::WrongSide { hook, mode: target.mode });
    }
    check_place(target)?;
    if is_husky(&target.hooks_dir) {
        return Err(InstallError::Husky { hooks_dir: target.hooks_dir.clone() });
    }
    let mut notes = Vec::new();
    notes.extend(work_tree_note(target));
    let mut journal = Journal::default();
    match install_all(target, binary, &mut journal, &mut notes) {
        Ok(hooks) => Ok(Report { hooks, notes }),
        Err(cause) => Err(journal.roll_back(cause)),
    }
}

/// Removes the hooks that gitward wrote, and puts back what they displaced, byte for byte.
///
/// # Errors
/// As [`install`].
pub fn uninstall(target: &Target) -> Result<Report, InstallError> {
    check_place(target)?;
    let mut journal = Journal::default();
    let mut notes = Vec::new();
    match uninstall_all(target, &mut journal, &mut notes) {
        Ok(hooks) => Ok(Report { hooks, notes }),
        Err(cause) => Err(journal.roll_back(cause)),
    }
}

fn install_all(
    target: &Target,
    binary: &Path,
    journal: &mut Journal,
    notes: &mut Vec<String>,
) -> Result<Vec<HookReport>, InstallError> {
    journal.create_dir(&target.hooks_dir)?;
    let _lock = files::lock(&target.hooks_dir)?;
    target.hooks.iter().map(|&hook| install_one(&target.hooks_dir, hook, binary, journal, notes)).collect()
}

fn install_one(
    hooks_dir: &Path,
    hook: Hook,
    binary: &Path,
    journal: &mut Journal,
    notes: &mut Vec<String>,
) -> Result<HookReport, InstallError> {
    let text = render(hook, binary)?;
    let HookState { path, occupant, backup, kept, .. } = inspect(hooks_dir, hook)?;
    match kept {
        Occupant::Nobody | Occupant::Other => {}
        Occupant::Shim | Occupant::LinkToShim => return Err(InstallError::Misplaced { path: backup }),
        Occupant::NoFile => return Err(InstallError::NotAFile { path: backup }),
    }
    let change = match occupant {
        Occupant::Nobody => {
            journal.write(&path, &text)?;
            Change::Installed
        }
        Occupant::Shim if is_current(&path, &text)? => Change::Unchanged,
        Occupant::Shim => {
            journal.rewrite(&path, &text)?;
            Change::Updated
        }
        Occupant::Other => {
            if kept == Occupant::Nobody {
                journal.displace(&path, &backup, &text)?;
                notes.extend(own_name_note(hook, &backup));
            } else if files::same(&path, &backup)? {
                journal.write_over_kept(&path, &backup, &text)?;
            } else {
                return Err(InstallError::Conflict { hook: path, backup });
            }
            Change::Installed
        }
        Occupant::LinkToShim => return Err(InstallError::Misplaced { path }),
        Occupant::NoFile => return Err(InstallError::NotAFile { path }),
    };
    let chained = std::fs::metadata(&backup).is_ok_and(|meta| files::is_program(&meta)).then_some(backup);
    Ok(HookReport { hook, change, chained })
}

fn uninstall_all(
    target: &Target,
    journal: &mut Journal,
    notes: &mut Vec<String>,
) -> Result<Vec<HookReport>, InstallError> {
    let _lock = files::lock(&target.hooks_dir)?;
    target.hooks.iter().map(|&hook| uninstall_one(&target.hooks_dir, hook, journal, notes)).collect()
}

fn uninstall_one(
    hooks_dir: &Path,
    hook: Hook,
    journal: &mut Journal,
    notes: &mut Vec<String>,
) -> Result<HookReport, InstallError> {
    let HookState { path, occupant, backup, kept, .. } = inspect(hooks_dir, hook)?;
    let change = match (occupant, kept) {
        (Occupant::Shim, Occupant::Other) => {
            journal.put_back(&backup, &path)?;
            Change::Restored
        }
        (Occupant::Shim, _) => {
            journal.remove(&path)?;
            Change::Removed
        }
        // the shim was removed by hand
        (Occupant::Nobody, Occupant::Other) => {
            journal.rename(&backup, &path)?;
            Change::Restored
        }
        (Occupant::Nobody, _) => Change::Absent,
        // an installation was cut off, or the same hook was installed again
        (Occupant::Other, Occupant::Other) if files::same(&path, &backup)? => {
            journal.rename(&backup, &path)?;
            Change::Restored
        }
        (Occupant::Other | Occupant::LinkToShim | Occupant::NoFile, _) => {
            if kept == Occupant::Other {
                notes.push(format!(
                    "{} was replaced after gitward had been installed; the hook from before that is still in {backup:?}",
                    hook.name()
                ));
            }
            Change::Left
        }
    };
    Ok(HookReport { hook, change, chained: None })
}

fn is_current(path: &Path, text: &[u8]) -> Result<bool, InstallError> {
    let limit = u64::try_from(text.len()).unwrap_or(shim::LONGEST).saturating_add(1);
    let there = files::head(path, limit).map_err(InstallError::io("read", path))?;
    Ok(there == text && std::fs::metadata(path).is_ok_and(|meta| files::is_program_for_all(&meta)))
}

fn check_binary(binary: &Path) -> Result<(), InstallError> {
    if !binary.is_absolute() {
        return Err(InstallError::BinaryNotAbsolute { path: binary.to_owned() });
    }
    match std::fs::metadata(binary) {
        Ok(meta) if files::is_program(&meta) => Ok(()),
        _ => Err(InstallError::BinaryNotExecutable { path: binary.to_owned() }),
    }
}

/// Refuses a directory that other repositories may use as well. A hooks directory that is a link is judged
/// by where it leads.
fn check_place(target: &Target) -> Result<(), InstallError> {
    let Some(repository) = &target.repository else { return Ok(()) };
    if target.allow_shared {
        return Ok(());
    }
    let inside = files::resolve(&target.hooks_dir).is_some_and(|hooks_dir| {
        let mut own = repository.work_trees.iter().chain([&repository.git_dir]);
        own.any(|dir| files::resolve(dir).is_some_and(|dir| hooks_dir.starts_with(dir)))
    });
    if inside { Ok(()) } else { Err(InstallError::Shared { hooks_dir: target.hooks_dir.clone() }) }
}

/// Husky 9 points `core.hooksPath` to `.husky/_`, where every hook sources `h`.
fn is_husky(hooks_dir: &Path) -> bool {
    hooks_dir.file_name().is_some_and(|name| name == "_")
        && ["h", "husky.sh"].iter().any(|name| hooks_dir.join(name).is_file())
}

fn work_tree_note(target: &Target) -> Option<String> {
    let repository = target.repository.as_ref()?;
    let hooks_dir = files::resolve(&target.hooks_dir)?;
    let inside = |dir: &PathBuf| files::resolve(dir).is_some_and(|dir| hooks_dir.starts_with(dir));
    (!inside(&repository.git_dir) && repository.work_trees.iter().any(inside)).then(|| {
        format!(
            "{:?} is part of the work tree: do not commit the hooks, they name this machine's gitward",
            target.hooks_dir
        )
    })
}

/// A hook that derives what to do from its own file name now sees another one. A plain search, since only
/// a remark hangs on it.
fn own_name_note(hook: Hook, backup: &Path) -> Option<String> {
    if !std::fs::metadata(backup).is_ok_and(|meta| files::is_program(&meta)) {
        return None;
    }
    let text = files::head(backup, shim::LONGEST).ok()?;
    let asks =
        ["basename", "${0##", "argv[0]"].iter().any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some());
    asks.then(|| {
        format!(
            "the {} hook that was there seems to ask for its own name, which is now {backup:?}: test it",
            hook.name()
        )
    })
}
