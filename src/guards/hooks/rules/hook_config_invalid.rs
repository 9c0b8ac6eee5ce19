//! `hook-config-invalid`

use super::BASE;
use crate::guard::Sink;
use crate::guards::hooks::managers::yaml::YamlError;
use crate::guards::hooks::required::File;
use crate::rule::RuleMeta;

pub(in super::super) const META: RuleMeta<'static> = RuleMeta {
    id: "hook-config-invalid",
    summary: "the hook configuration cannot be read, so nothing it says counts",
    docs: "Hooks are required, and the configuration is not valid or not unambiguous: broken YAML, a key that \
           stands twice, an unknown tag, a missing `repos`, `repo`, `hooks` or `id`. The hook manager would run \
           no hook, or others than those that a reader sees. `pre-commit validate-config` names most of these \
           errors.",
    bad: &["repos: [\n", "repos: []\nrepos: []\n", "hooks: []\n"],
    ..BASE
};

/// Reports why the file was refused.
pub(in super::super) fn report(file: &File<'_>, error: YamlError, sink: &mut Sink) {
    let message = format!("the hook configuration cannot be read: {}", error.message);
    let mut finding = file.finding(&META, "", message, file.at(error.span));
    let required = &file.policy.hooks.require;
    finding.related.extend(required.first().and_then(|r| file.policy.label(r.by, "hooks are required here")));
    finding.help.push("`pre-commit validate-config` checks the file".to_owned());
    sink.push(finding);
}
