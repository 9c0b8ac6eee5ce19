//! The guards. None knows another, none knows Git or a report format.

pub mod hooks;
pub mod images;
pub mod secrets;
pub mod signatures;

use crate::finding::GuardId;
use crate::guard::Guard;
use crate::policy::Policy;
use crate::rule::RuleMeta;
use secrets::RulesError;
use std::sync::LazyLock;

/// Every guard that a policy does not switch off.
///
/// # Errors
/// A rule file of the policy that cannot be used.
pub fn all(policy: &Policy) -> Result<Vec<Box<dyn Guard + '_>>, RulesError> {
    let is_on = |id: GuardId| policy.common(id).is_none_or(|common| !common.disabled.value);
    let mut guards: Vec<Box<dyn Guard + '_>> = Vec::with_capacity(GuardId::ALL.len());
    for id in GuardId::ALL.into_iter().filter(|id| is_on(*id)) {
        match id {
            GuardId::Secrets => guards.push(Box::new(secrets::Secrets::new(policy)?)),
            GuardId::Images => guards.push(Box::new(images::Images::new(policy))),
            GuardId::Signatures => guards.push(Box::new(signatures::Signatures::new(policy))),
            GuardId::Hooks => guards.push(Box::new(hooks::Hooks::new(policy))),
            GuardId::Run => {}
        }
    }
    Ok(guards)
}

/// Every built-in rule, for policies that name one.
pub fn rules() -> Vec<RuleMeta<'static>> {
    static POLICY: LazyLock<Policy> = LazyLock::new(Policy::default);
    static SECRETS: LazyLock<Option<secrets::Secrets<'static>>> = LazyLock::new(|| secrets::Secrets::new(&POLICY).ok());
    let mut rules = SECRETS.as_ref().map(Guard::rules).unwrap_or_default();
    rules.extend(images::rules());
    rules.extend(signatures::rules());
    rules.extend(hooks::rules());
    rules
}
