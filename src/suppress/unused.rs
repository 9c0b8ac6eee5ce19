//! What the run says about suppressions themselves: unused, not understood, past their day.

use crate::change::Origin;
use crate::finding::{Finding, Fingerprint, GuardId, Level, Location, Span};
use crate::rule::RuleMeta;

/// A suppression that silences nothing.
pub const SUPPRESSION_UNUSED: RuleMeta<'static> = RuleMeta {
    id: "suppression-unused",
    aliases: &[],
    guard: GuardId::Run,
    level: Level::Note,
    summary: "a suppression silences nothing",
    docs: "A `gitward: allow[…]` comment, a baseline entry or an `[[allow]]` of the repository found nothing to \
           silence in a run over the whole repository. What it was for is gone; left in place, it would silence \
           the next offence unseen. Take it away; `gitward baseline prune` does so for the baseline.",
    bad: &[],
    good: &[],
};

/// A comment that means to allow a finding and does not.
pub const SUPPRESSION_INVALID: RuleMeta<'static> = RuleMeta {
    id: "suppression-invalid",
    aliases: &[],
    guard: GuardId::Run,
    level: Level::Warn,
    summary: "a comment means to allow a finding and does not",
    docs: "A comment must name the rules that it allows: `gitward: allow[rule-id, other-rule] reason`. One that \
           names none would silence offences that nobody has seen yet, so it is not honoured.",
    bad: &[],
    good: &[],
};

/// An exception of a policy whose last day has passed.
pub const ALLOW_EXPIRED: RuleMeta<'static> = RuleMeta {
    id: "allow-expired",
    aliases: &[],
    guard: GuardId::Run,
    level: Level::Warn,
    summary: "an exception of the policy is past its last day",
    docs: "An `[[allow]]` with `until` holds up to and including that day. Afterwards its findings count again. \
           Mend what it was for, or decide anew and move the date.",
    bad: &[],
    good: &[],
};

/// The rules of the run, for lookups and `explain`.
pub const RULES: [RuleMeta<'static>; 3] = [SUPPRESSION_UNUSED, SUPPRESSION_INVALID, ALLOW_EXPIRED];

/// A finding of the run about the suppression that `about` names.
pub(super) fn remark(rule: &RuleMeta<'static>, about: &[&[u8]], at: Location, message: String) -> Finding {
    let parts: Vec<&[u8]> = [&b"run"[..], rule.id.as_bytes()].into_iter().chain(about.iter().copied()).collect();
    Finding::new(rule.id.into(), GuardId::Run, rule.level, message, at, Fingerprint::over(&parts))
}

/// A place in a policy or baseline.
pub(super) fn place(file: &str, text: &str, span: Span) -> Location {
    Location::in_file(file.as_bytes(), Origin::WorkTree, text.as_bytes(), span)
}
