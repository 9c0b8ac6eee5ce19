//! The rules, one file each. All deny: they speak only when a policy requires a hook.

pub(super) mod hook_config_invalid;
pub(super) mod hook_config_missing;
pub(super) mod hook_missing;
pub(super) mod hook_rev;
pub(super) mod hook_skipped;
pub(super) mod hook_source;
pub(super) mod hook_stage;

use super::managers::Hook;
use super::required::Candidates;
use crate::finding::{GuardId, Level};
use crate::rule::RuleMeta;

/// Every rule.
pub(super) const ALL: [RuleMeta<'static>; 7] = [
    hook_config_missing::META,
    hook_config_invalid::META,
    hook_missing::META,
    hook_source::META,
    hook_rev::META,
    hook_stage::META,
    hook_skipped::META,
];

/// What the rules have in common.
const BASE: RuleMeta<'static> = RuleMeta {
    id: "",
    aliases: &[],
    guard: GuardId::Hooks,
    level: Level::Deny,
    summary: "",
    docs: "",
    bad: &[],
    good: &[],
};

/// The hooks that pass, or where none does, all of them and the first of them.
fn narrow<'a>(hooks: Candidates<'a>, pass: impl Fn(&'a Hook<'a>) -> bool) -> (Candidates<'a>, Option<&'a Hook<'a>>) {
    let passing: Candidates<'a> = hooks.iter().copied().filter(|h| pass(h)).collect();
    if passing.is_empty() {
        let first = hooks.first().copied();
        return (hooks, first);
    }
    (passing, None)
}

/// Longest text of a configuration that a message repeats, in characters.
const SHOWN: usize = 100;

/// Text of a configuration for a message, cut.
fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
