//! The comparison: what a policy requires against what a configuration says.

use super::managers::{Hook, HookConfig};
use super::rules::{hook_missing, hook_rev, hook_skipped, hook_source, hook_stage};
use super::version::Version;
use crate::change::Origin;
use crate::finding::{Finding, Fingerprint, GuardId, Incomplete, Location, Span};
use crate::guard::Sink;
use crate::policy::{Policy, RequiredHook, Value};
use crate::rule::RuleMeta;

/// A configuration file of one tree, and the policy that it is judged by.
pub(super) struct File<'a> {
    pub(super) policy: &'a Policy,
    /// Relative to the root of the repository.
    pub(super) path: &'static str,
    pub(super) origin: Origin,
    /// The whole file; empty where there is none.
    pub(super) text: &'a [u8],
}

impl File<'_> {
    /// A finding of `rule` about the required hook `id`, or about the file where that is empty.
    pub(super) fn finding(&self, rule: &RuleMeta<'static>, id: &str, message: String, at: Location) -> Finding {
        let parts: [&[u8]; 4] = [b"hooks", rule.id.as_bytes(), id.as_bytes(), self.path.as_bytes()];
        Finding::new(rule.id.into(), GuardId::Hooks, rule.level, message, at, Fingerprint::over(&parts))
    }

    /// A place in the file.
    pub(super) fn at(&self, span: Span) -> Location {
        Location::in_file(self.path.as_bytes(), self.origin, self.text, span)
    }

    /// The file as a whole, which need not exist.
    pub(super) fn whole(&self) -> Location {
        Location::tree(Some(self.path.as_bytes()), self.origin)
    }
}

/// One requirement against one configuration.
pub(super) struct Case<'a> {
    pub(super) file: &'a File<'a>,
    pub(super) config: &'a HookConfig<'a>,
    pub(super) required: &'a Value<RequiredHook>,
}

impl<'a> Case<'a> {
    /// What is required.
    pub(super) fn hook(&self) -> &'a RequiredHook {
        &self.required.value
    }

    /// A finding at `span` of the configuration, with a label at the policy line that requires the hook.
    pub(super) fn finding(&self, rule: &RuleMeta<'static>, message: String, span: Span) -> Finding {
        let mut finding = self.file.finding(rule, &self.hook().id, message, self.file.at(span));
        finding.related.extend(self.file.policy.label(self.required.by, "required here"));
        finding
    }
}

/// Hooks of the required id that are still thought to satisfy the requirement.
pub(super) type Candidates<'a> = Vec<&'a Hook<'a>>;

/// Judges one requirement.
///
/// An id may be configured several times. Every check keeps the hooks that pass it, and where none does,
/// reports that and hands all of them on, so that one run tells everything that is wrong.
pub(super) fn compare(case: &Case<'_>, sink: &mut Sink) {
    let least = match case.hook().min_rev.as_deref().map(|text| (text, Version::least(text))) {
        None => None,
        Some((_, Some(version))) => Some(version),
        Some((text, None)) => {
            let why = format!("`min_rev = \"{text}\"` of the policy is not a version");
            let what = format!("the version of the required hook `{}`", case.hook().id);
            sink.incomplete(Incomplete::new(what, why).help("write a version such as \"1.4.0\""));
            None
        }
    };
    let Some(hooks) = hook_missing::check(case, sink) else { return };
    let hooks = hook_source::check(case, hooks, sink);
    let hooks = hook_rev::check(case, hooks, least.as_ref(), sink);
    hook_stage::check(case, &hooks, sink);
    hook_skipped::check(case, &hooks, sink);
}
