//! `hook-missing`

use super::{BASE, shown};
use crate::guard::Sink;
use crate::guards::hooks::required::{Candidates, Case};
use crate::guards::hooks::snippet;
use crate::rule::{RuleMeta, did_you_mean};

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-missing",
    summary: "a required hook is not configured",
    docs: "The policy requires a hook by its id, and no entry of the configuration has that id. Add the entry \
           that the finding shows under `repos:`.",
    bad: &[
        "repos: []\n",
        "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitwrad\n",
    ],
    good: &["repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.4.0\n  hooks:\n  - id: gitward\n"],
    ..BASE
};

/// How many configured ids are compared for a suggestion.
const COMPARED: usize = 1000;

/// The hooks of the required id; `None`, and a finding, where there is none.
pub(in super::super) fn check<'a>(case: &Case<'a>, sink: &mut Sink) -> Option<Candidates<'a>> {
    let id = case.hook().id.as_str();
    let found: Candidates<'a> = case.config.hooks.iter().filter(|h| h.id.value == id).collect();
    if !found.is_empty() {
        return Some(found);
    }
    let ids = case.config.hooks.iter().take(COMPARED).map(|h| h.id);
    let near = did_you_mean(id, ids.clone().map(|t| t.value));
    let near = near.and_then(|name| ids.clone().find(|t| t.value == name));
    let span = near.map_or(case.config.list, |t| t.span);
    let mut finding = case.finding(&META, format!("the required hook `{id}` is not configured"), span);
    if let Some(near) = near {
        finding.note = format!("did you mean `{id}`?");
        finding.help.push(format!("is `{}` meant to be `{id}`?", shown(near.value)));
    }
    finding.help.push(format!("add under `repos:`  {}", snippet::entry(case.hook())));
    sink.push(finding);
    None
}
