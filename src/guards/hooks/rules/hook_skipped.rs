//! `hook-skipped`

use super::BASE;
use crate::guard::Sink;
use crate::guards::hooks::managers::{Hook, Text};
use crate::guards::hooks::required::{Candidates, Case};
use crate::rule::RuleMeta;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-skipped",
    summary: "a required hook is configured and skipped",
    docs: "`ci.skip` lists the required hook, by its id or its alias: pre-commit.ci and its like leave it out. \
           Take it off the list.",
    bad: &[
        "ci: {skip: [gitward]}\nrepos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n",
    ],
    good: &[
        "ci: {skip: [other]}\nrepos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n",
    ],
    ..BASE
};

/// Reports it where every hook that would satisfy the requirement is skipped.
pub(in super::super) fn check<'a>(case: &Case<'a>, hooks: &Candidates<'a>, sink: &mut Sink) {
    let by_name = |hook: &Hook<'a>| -> Option<Text<'a>> {
        let called = |name: &str| name == hook.id.value || hook.alias.is_some_and(|a| a.value == name);
        case.config.skipped.iter().copied().find(|t| called(t.value))
    };
    let skipped: Option<Vec<_>> = hooks.iter().map(|h| by_name(h)).collect();
    let Some(first) = skipped.and_then(|s| s.first().copied()) else { return };
    let message = format!("the required hook `{}` is skipped", case.hook().id);
    let mut finding = case.finding(&META, message, first.span);
    finding.help.push("take it off `ci.skip`".to_owned());
    sink.push(finding);
}
