//! The Git hooks that gitward can stand in.

/// A Git hook by its name in `githooks(5)`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Hook {
    /// Before a commit is made; `git commit --no-verify` skips it.
    PreCommit,
    /// Before a merge commit is made without conflicts; Git does not run `pre-commit` there.
    PreMergeCommit,
    /// Before the message is edited; the one hook of a commit that `--no-verify` does not skip, and that
    /// cherry-picks, reverts and rebases run as well.
    PrepareCommitMsg,
    /// After the message is edited.
    CommitMsg,
    /// Before objects leave for a remote; standard input has a line a ref.
    PrePush,
    /// On a server, once a push; standard input has a line a ref.
    PreReceive,
    /// On a server, once a ref.
    Update,
}

impl Hook {
    /// Every hook.
    pub const ALL: [Hook; 7] = [
        Hook::PreCommit,
        Hook::PreMergeCommit,
        Hook::PrepareCommitMsg,
        Hook::CommitMsg,
        Hook::PrePush,
        Hook::PreReceive,
        Hook::Update,
    ];

    /// The file name that Git looks for.
    pub fn name(self) -> &'static str {
        match self {
            Hook::PreCommit => "pre-commit",
            Hook::PreMergeCommit => "pre-merge-commit",
            Hook::PrepareCommitMsg => "prepare-commit-msg",
            Hook::CommitMsg => "commit-msg",
            Hook::PrePush => "pre-push",
            Hook::PreReceive => "pre-receive",
            Hook::Update => "update",
        }
    }

    /// The hook of that name, if gitward has a use for it.
    pub fn from_name(name: &str) -> Option<Hook> {
        Hook::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Where Git runs it.
    pub fn side(self) -> Side {
        match self {
            Hook::PreCommit | Hook::PreMergeCommit | Hook::PrepareCommitMsg | Hook::CommitMsg | Hook::PrePush => {
                Side::Client
            }
            Hook::PreReceive | Hook::Update => Side::Server,
        }
    }

    /// What the shim calls gitward with, before Git's own arguments.
    pub(super) fn command(self) -> String {
        match self.side() {
            Side::Client => format!("hook {}", self.name()),
            Side::Server => self.name().to_owned(),
        }
    }

    /// What does not happen when the hook fails.
    pub(super) fn guards(self) -> &'static str {
        match self {
            Hook::PreCommit | Hook::PreMergeCommit | Hook::PrepareCommitMsg | Hook::CommitMsg => "commit",
            Hook::PrePush | Hook::PreReceive | Hook::Update => "push",
        }
    }
}

/// The two ends of a push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// The clone in which commits are made.
    Client,
    /// The repository that receives them.
    Server,
}

/// What the hooks directory belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A clone.
    Client,
    /// A repository that receives pushes.
    Server,
    /// A template (`init.templateDir`), from which Git copies the hooks into new clones.
    Template,
}

impl Mode {
    /// The hooks that are installed unless others are asked for. `update` is not among them: where
    /// `pre-receive` runs it would check every ref a second time.
    pub fn default_hooks(self) -> &'static [Hook] {
        match self {
            Mode::Client | Mode::Template => {
                &[Hook::PreCommit, Hook::PreMergeCommit, Hook::PrepareCommitMsg, Hook::CommitMsg, Hook::PrePush]
            }
            Mode::Server => &[Hook::PreReceive],
        }
    }

    /// Which hooks make sense there.
    pub fn side(self) -> Side {
        match self {
            Mode::Client | Mode::Template => Side::Client,
            Mode::Server => Side::Server,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_to_their_hooks() {
        for hook in Hook::ALL {
            assert_eq!(Hook::from_name(hook.name()), Some(hook));
        }
        assert_eq!(Hook::from_name("post-commit"), None);
    }

    #[test]
    fn default_hooks_are_of_their_mode_s_side() {
        for mode in [Mode::Client, Mode::Server, Mode::Template] {
            assert!(mode.default_hooks().iter().all(|hook| hook.side() == mode.side()), "{mode:?}");
        }
    }
}
