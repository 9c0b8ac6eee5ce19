//! Which level a finding has, and which findings were asked for.

use crate::finding::{Finding, GuardId, Level};
use crate::guard::Guard;
use crate::policy::Policy;
use crate::rule::{self, did_you_mean};
use std::collections::HashMap;

/// The levels that a policy sets, by the rules' ids.
pub(super) struct Levels {
    by_rule: HashMap<(GuardId, String), Level>,
}

impl Levels {
    pub(super) fn new(policy: &Policy, guards: &[Box<dyn Guard + '_>]) -> Self {
        let mut by_rule = HashMap::new();
        for guard in guards {
            let common = match guard.id() {
                GuardId::Secrets => &policy.secrets.common,
                GuardId::Images => &policy.images.common,
                GuardId::Signatures => &policy.signatures.common,
                GuardId::Hooks => &policy.hooks.common,
                GuardId::Run => continue,
            };
            // the rules are listed only where something is said about one
            if common.levels.is_empty() {
                continue;
            }
            for rule in guard.rules() {
                if let Some((_, level)) = common.levels.iter().find(|(name, _)| rule.is_called(name)) {
                    by_rule.insert((guard.id(), rule.id.to_owned()), level.value);
                }
            }
        }
        Levels { by_rule }
    }

    pub(super) fn of(&self, finding: &Finding) -> Level {
        if self.by_rule.is_empty() {
            return finding.level;
        }
        let said = self.by_rule.get(&(finding.guard, finding.rule.clone().into_owned())).copied();
        match (said, &finding.found_by) {
            // whoever writes what stands around it does not choose a lower level by that
            (Some(level), Some(_)) => level.max(finding.level),
            (level, _) => level.unwrap_or(finding.level),
        }
    }
}

/// `--only` and `--skip`: names of guards and rules.
#[derive(Clone, Debug, Default)]
pub struct Select {
    only: Vec<String>,
    skip: Vec<String>,
    guards: Vec<GuardId>,
}

/// A name that is neither a guard's nor a rule's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnknownName {
    /// As given.
    pub name: String,
    /// What was meant, perhaps.
    pub suggestion: Option<String>,
}

impl Select {
    /// Checks the names and resolves aliases.
    ///
    /// # Errors
    /// The first name that is neither a guard's nor a rule's.
    pub fn new(only: &[String], skip: &[String], guards: &[Box<dyn Guard + '_>]) -> Result<Self, UnknownName> {
        let mut select = Select { guards: GuardId::ALL.to_vec(), ..Select::default() };
        if only.is_empty() && skip.is_empty() {
            return Ok(select);
        }
        let rules: Vec<_> = guards.iter().flat_map(|g| g.rules()).collect();
        let find = |name: &String| {
            if let Some(guard) = GuardId::from_name(name) {
                return Ok(vec![(guard.name().to_owned(), guard)]);
            }
            let found: Vec<_> = rule::called(&rules, name).map(|r| (r.id.to_owned(), r.guard)).collect();
            if !found.is_empty() {
                return Ok(found);
            }
            let names = GuardId::ALL.iter().map(|g| g.name());
            let names = names.chain(rules.iter().flat_map(|r| std::iter::once(r.id).chain(r.aliases.iter().copied())));
            Err(UnknownName { name: name.clone(), suggestion: did_you_mean(name, names).map(str::to_owned) })
        };
        if !only.is_empty() {
            select.guards.clear();
        }
        for name in only {
            for (id, guard) in find(name)? {
                select.only.push(id);
                select.guards.push(guard);
            }
        }
        for name in skip {
            for (id, guard) in find(name)? {
                if id == guard.name() {
                    select.guards.retain(|g| *g != guard);
                }
                select.skip.push(id);
            }
        }
        Ok(select)
    }

    /// Whether a guard has to run.
    pub fn wants(&self, guard: GuardId) -> bool {
        self.guards.contains(&guard)
    }

    /// Whether nothing is left out.
    pub fn is_everything(&self) -> bool {
        self.only.is_empty() && self.skip.is_empty()
    }

    pub(super) fn admits(&self, finding: &Finding) -> bool {
        let named = |list: &[String]| list.iter().any(|n| finding.is_of(n) || n == finding.guard.name());
        (self.only.is_empty() || named(&self.only)) && !named(&self.skip)
    }
}
