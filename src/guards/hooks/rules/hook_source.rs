//! `hook-source`

use super::{BASE, narrow, shown};
use crate::guard::Sink;
use crate::guards::hooks::managers::Hook;
use crate::guards::hooks::required::{Candidates, Case};
use crate::guards::hooks::snippet;
use crate::guards::hooks::source::Source;
use crate::rule::RuleMeta;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-source",
    summary: "a required hook comes from a place that the policy does not allow",
    docs: "A hook of the required id is configured, from a repository that `source` does not list. Anyone can \
           give a hook of their own the id of a required one. Repositories are compared as `host/path`: scheme, \
           user, port and `.git` do not matter. `repo: local` counts only where `source` lists `local`.",
    bad: &[
        "repos:\n- repo: https://github.com/someone/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n",
        "repos:\n- repo: local\n  hooks:\n  - id: gitward\n    name: gitward\n    entry: \"true\"\n    language: system\n",
        "repos:\n- repo: git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n",
    ],
    good: &["repos:\n- repo: git@git.corp.example:mirrors/gitward.git\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n"],
    ..BASE
};

/// Keeps the hooks from allowed places.
pub(in super::super) fn check<'a>(case: &Case<'a>, hooks: Candidates<'a>, sink: &mut Sink) -> Candidates<'a> {
    let required = case.hook();
    if required.source.is_empty() {
        return hooks;
    }
    let allowed: Vec<_> = required.source.iter().map(|s| Source::allowed(s)).collect();
    let url = |hook: &Hook<'a>| case.config.repos.get(hook.repo).map(|r| r.url);
    let pass = |hook: &'a Hook<'a>| url(hook).is_some_and(|u| allowed.contains(&Source::configured(u.value)));
    let (hooks, failed) = narrow(hooks, pass);
    if let Some(failed) = failed {
        let (from, span) = url(failed).map_or(("", failed.id.span), |u| (u.value, u.span));
        let message = format!("`{}` comes from `{}`, which the policy does not allow", required.id, shown(from));
        let mut finding = case.finding(&META, message, span);
        finding.help.push(format!("allowed: {}", required.source.join(", ")));
        if let Some(first) = required.source.first() {
            let url = if first == "local" { first.clone() } else { snippet::url(first) };
            finding.help.push(format!("write `repo: {}`", snippet::scalar(&url)));
        }
        sink.push(finding);
    }
    hooks
}
