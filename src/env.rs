//! Every environment variable that gitward reads, declared once.

use std::ffi::OsString;

/// A variable: its name and what it does.
#[derive(Clone, Copy, Debug)]
pub struct Var {
    /// Its name.
    pub name: &'static str,
    /// What it does, for the documentation.
    pub about: &'static str,
}

impl Var {
    /// The value; `None` where it is unset or empty.
    #[allow(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn os(self) -> Option<OsString> {
        std::env::var_os(self.name).filter(|v| !v.is_empty())
    }

    /// The value as text; `None` where it is unset, empty or not UTF-8.
    pub fn text(self) -> Option<String> {
        self.os()?.into_string().ok()
    }
}

macro_rules! vars {
    ($($name:ident = $about:literal;)*) => {
        $(#[doc = $about] pub const $name: Var = Var { name: stringify!($name), about: $about };)*
        /// All of them.
        pub const ALL: &[Var] = &[$($name),*];
    };
}

vars! {
    GITWARD_POLICY = "The organisation's policy file.";
    GITLEAKS_CONFIG = "gitleaks': the rule file, where the policy names none.";
    GITLEAKS_CONFIG_TOML = "gitleaks': the content of the rule file, where there is no GITLEAKS_CONFIG.";
    GITWARD_GIT = "`plumbing` reads every repository through the `git` command.";
    GIT_INDEX_FILE = "Git's: the index to read, set for `commit -a` and `commit PATH`.";
    GIT_DIR = "Git's: the repository.";
    GIT_WORK_TREE = "Git's: the work tree.";
    GIT_OBJECT_DIRECTORY = "Git's: where objects are, set while a push is being received.";
    GIT_ALTERNATE_OBJECT_DIRECTORIES = "Git's: where further objects are, set while a push is being received.";
    GIT_QUARANTINE_PATH = "Git's: set while a push is being received.";
    PRE_COMMIT = "The pre-commit framework's: set while it runs hooks.";
    PRE_COMMIT_FROM_REF = "The pre-commit framework's: start of the range to check.";
    PRE_COMMIT_TO_REF = "The pre-commit framework's: end of the range to check.";
    PRE_COMMIT_REMOTE_NAME = "The pre-commit framework's: the remote of a push.";
    NO_COLOR = "No colour.";
    FORCE_COLOR = "Colour even when the output is no terminal.";
    CLICOLOR_FORCE = "As FORCE_COLOR.";
    XDG_CONFIG_HOME = "Where Git's own configuration may be.";
    TERM = "A `dumb` terminal gets no colour.";
    GL_ID = "GitLab's: set while it runs a server hook.";
    GL_REPOSITORY = "GitLab's: set while it runs a server hook.";
}
