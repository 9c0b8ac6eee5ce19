//! `hook-stage`

use super::BASE;
use crate::guard::Sink;
use crate::guards::hooks::required::{Candidates, Case};
use crate::guards::hooks::snippet;
use crate::rule::RuleMeta;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-stage",
    summary: "a required hook does not run in a Git hook in which it must",
    docs: "The stages of a hook are its own `stages`, else `default_stages`, else all. The policy's `stages` must \
           be among them. A hook that is left with `manual` alone runs in no Git hook and never satisfies a \
           requirement. The old names `commit`, `push` and `merge-commit` count as what they mean.",
    bad: &[
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n    stages: [pre-push]\n",
        "default_stages: [manual]\nrepos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n",
    ],
    good: &[
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n    stages: [commit, push]\n",
        "default_stages: [manual]\nrepos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n    stages: [pre-commit, pre-push]\n",
    ],
    ..BASE
};

/// The stage that no Git hook runs.
const MANUAL: &str = "manual";

/// Checks the stages of all candidates together: one entry may serve one stage, another the next.
pub(in super::super) fn check<'a>(case: &Case<'a>, hooks: &Candidates<'a>, sink: &mut Sink) {
    let lists: Vec<_> = hooks.iter().map(|h| case.config.stages(h)).collect();
    // a hook without any list runs everywhere
    let runs = |wanted: &dyn Fn(&str) -> bool| {
        lists.iter().any(|l| l.is_none_or(|l| l.names.iter().any(|n| wanted(current(n)))))
    };
    let required = case.hook();
    let missing: Vec<_> = required.stages.iter().map(|s| current(s)).filter(|s| !runs(&|name| name == *s)).collect();
    let message = if !missing.is_empty() {
        format!("`{}` does not run at {}", required.id, missing.join(", "))
    } else if required.stages.is_empty() && !runs(&|name| name != MANUAL) {
        format!("`{}` runs in no Git hook", required.id)
    } else {
        return;
    };
    let Some(span) = hooks.first().map(|h| case.config.stages(h).map_or(h.id.span, |l| l.span)) else { return };
    let mut finding = case.finding(&META, message, span);
    let wanted = match required.stages.is_empty() {
        true => vec!["pre-commit"],
        false => required.stages.iter().map(|s| current(s)).collect(),
    };
    finding.help.push(format!("write `stages: {}` in the hook's entry", snippet::list(wanted.into_iter())));
    sink.push(finding);
}

/// The current name of a stage.
fn current(stage: &str) -> &str {
    match stage {
        "commit" => "pre-commit",
        "push" => "pre-push",
        "merge-commit" => "pre-merge-commit",
        other => other,
    }
}
