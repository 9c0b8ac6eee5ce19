//! The three words for seriousness that readers of reports know.

use super::style::Role;
use crate::finding::Level;

/// A level as reports name it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// From level `note`, or `allow`.
    Note,
    /// From level `warn`.
    Warning,
    /// From levels `deny` and `forbid`.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`: also SARIF's names.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        }
    }

    pub(super) fn role(self) -> Role {
        match self {
            Severity::Error => Role::Error,
            Severity::Warning => Role::Warning,
            Severity::Note => Role::Note,
        }
    }
}

impl From<Level> for Severity {
    fn from(level: Level) -> Self {
        match level {
            Level::Forbid | Level::Deny => Severity::Error,
            Level::Warn => Severity::Warning,
            Level::Note | Level::Allow => Severity::Note,
        }
    }
}
