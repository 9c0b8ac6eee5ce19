//! What hook managers are told to run, in a form that does not depend on the manager.
//!
//! A manager is one file that turns its configuration into [`HookConfig`].

pub(crate) mod pre_commit;
pub(crate) mod yaml;

use crate::finding::Span;

/// A value and its bytes in the configuration.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Text<'d> {
    /// The value.
    pub(crate) value: &'d str,
    /// Where it stands.
    pub(crate) span: Span,
}

/// A configuration file, read.
#[derive(Debug)]
pub(crate) struct HookConfig<'d> {
    /// Where hooks come from.
    pub(crate) repos: Vec<HookRepo<'d>>,
    /// Every hook in order.
    pub(crate) hooks: Vec<Hook<'d>>,
    /// The stages of hooks that name none; `None`: all.
    pub(crate) default_stages: Option<Stages<'d>>,
    /// Hook ids or aliases that are configured not to run.
    pub(crate) skipped: Vec<Text<'d>>,
    /// The place that stands for the list of hooks as a whole.
    pub(crate) list: Span,
}

/// Where hooks come from.
#[derive(Debug)]
pub(crate) struct HookRepo<'d> {
    /// A URL, a path, or a word such as `local`.
    pub(crate) url: Text<'d>,
    /// The version of it.
    pub(crate) rev: Option<Text<'d>>,
}

/// A hook that is configured.
#[derive(Debug)]
pub(crate) struct Hook<'d> {
    /// Index into [`HookConfig::repos`].
    pub(crate) repo: usize,
    /// Its id in the repository that it comes from.
    pub(crate) id: Text<'d>,
    /// A second name that skips it.
    pub(crate) alias: Option<Text<'d>>,
    /// Its own stages; `None`: the default.
    pub(crate) stages: Option<Stages<'d>>,
}

/// A list of stages.
#[derive(Debug)]
pub(crate) struct Stages<'d> {
    /// As written.
    pub(crate) names: Vec<&'d str>,
    /// The bytes of the list.
    pub(crate) span: Span,
}

impl<'d> HookConfig<'d> {
    /// The list that decides in which stages a hook runs; `None`: in all of them.
    ///
    /// A hook's manifest can name stages too. It lies in another repository and is not looked at.
    pub(crate) fn stages<'a>(&'a self, hook: &'a Hook<'d>) -> Option<&'a Stages<'d>> {
        hook.stages.as_ref().or(self.default_stages.as_ref())
    }
}
