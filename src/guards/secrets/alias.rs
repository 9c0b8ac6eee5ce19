//! What gitleaks calls the built-in rules, for its files: `patterns/dictionary/gitleaks-ids.toml`, as lines that the
//! build script checked.

use super::builtin::BUILTIN;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Names that no rule here has: theirs, a blank, ours.
static ALIASES: &str = include_str!(concat!(env!("OUT_DIR"), "/gitleaks-aliases.txt"));
/// Names that a rule here has too, and the others that they mean, likewise.
static MORE: &str = include_str!(concat!(env!("OUT_DIR"), "/gitleaks-more.txt"));

fn pairs(lines: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    lines.lines().filter_map(|line| line.split_once(' '))
}

/// The built-in rules that gitleaks' rule of this id stands for, beside one of the very id.
pub(super) fn ours(theirs: &str) -> impl Iterator<Item = &str> {
    pairs(ALIASES).chain(pairs(MORE)).filter(move |(name, _)| *name == theirs).map(|(_, ours): (&str, &str)| ours)
}

/// What gitleaks finds by a telling name with, whosesoever it is.
const THEIR_GENERIC: &str = "generic-api-key";

/// Whether what gitleaks finds with its rule `theirs` is what the rule `ours` finds.
pub fn is_gitleaks_id(ours: &str, theirs: &str) -> bool {
    // a name beside it tells what that rule finds
    let by_name = || BUILTIN.rules().iter().any(|rule| rule.id == ours && rule.confidence == "medium");
    ours == theirs || self::ours(theirs).any(|id| id == ours) || theirs == THEIR_GENERIC && by_name()
}

/// The aliases of the built-in rules, in their order.
pub(super) fn of_builtin() -> &'static [Vec<&'static str>] {
    static ALL: OnceLock<Vec<Vec<&'static str>>> = OnceLock::new();
    ALL.get_or_init(|| {
        let mut of: HashMap<&str, Vec<&'static str>> = HashMap::new();
        pairs(ALIASES).for_each(|(theirs, ours)| of.entry(ours).or_default().push(theirs));
        BUILTIN.rules().iter().map(|rule| of.remove(rule.id).unwrap_or_default()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_id_of_theirs_may_be_several_rules_here() {
        assert!(is_gitleaks_id("stripe-secret-key", "stripe-access-token"));
        assert!(is_gitleaks_id("stripe-restricted-key", "stripe-access-token"));
        assert!(is_gitleaks_id("generic-password", "generic-api-key"));
        assert!(is_gitleaks_id("github-pat", "github-pat"));
        assert!(is_gitleaks_id("axonaut-named-key", "generic-api-key"));
        assert!(!is_gitleaks_id("github-pat", "generic-api-key"));
        assert!(!is_gitleaks_id("github-pat", "gitlab-pat") && !is_gitleaks_id("stripe-secret-key", "stripe"));
    }

    #[test]
    fn an_alias_is_nobodys_id() {
        let ids: Vec<&str> = BUILTIN.rules().iter().map(|rule| rule.id).collect();
        assert_eq!(of_builtin().len(), ids.len());
        assert!(of_builtin().iter().flatten().all(|alias| !ids.contains(alias)));
        assert!(of_builtin().iter().flatten().count() > 100);
    }
}
