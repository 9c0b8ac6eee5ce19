//! `hook-config-missing`

use super::BASE;
use crate::guard::Sink;
use crate::guards::hooks::required::File;
use crate::guards::hooks::snippet;
use crate::rule::RuleMeta;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-config-missing",
    summary: "hooks are required and there is no hook configuration",
    docs: "The policy requires hooks (`[[hooks.require]]`), and the tree holds no `.pre-commit-config.yaml`. \
           Create one with the hooks that the finding lists, then run `pre-commit install`.",
    ..BASE
};

/// Reports it for a tree without any configuration; `file` is the one to create.
pub(in super::super) fn check(file: &File<'_>, sink: &mut Sink) {
    let required = &file.policy.hooks.require;
    let ids: Vec<_> = required.iter().map(|r| format!("`{}`", r.value.id)).collect();
    let message = format!("no hook configuration, required: {}", ids.join(", "));
    let mut finding = file.finding(&META, "", message, file.whole());
    finding.related.extend(required.iter().filter_map(|r| file.policy.label(r.by, "required here")));
    finding.help.push(format!("create {} with `repos:` and an entry for each required hook", file.path));
    finding.help.extend(required.iter().map(|r| snippet::entry(&r.value)));
    sink.push(finding);
}
