//! The hooks guard: does the repository run the hooks that a policy requires?
//!
//! Clients can leave their hooks out, and nothing on a server sees that. What a server (or the hook itself,
//! before the weakening commit exists) can see is the configuration in the tree that results from a
//! change. It is compared with `[[hooks.require]]`.
//!
//! It reads no file unless a policy requires a hook. It does not look at the manifests of the hooks, which
//! lie in other repositories, at filters (`files`, `exclude`) or at overridden entries.

mod managers;
mod required;
mod rules;
mod snippet;
mod source;
mod version;

use crate::change::{Blob, ChangeSet, Occurrence, Scope, Tip};
use crate::finding::{GuardId, Incomplete};
use crate::guard::{Guard, Sink};
use crate::policy::Policy;
use crate::rule::RuleMeta;
use managers::pre_commit;
use managers::yaml::Document;
use required::{Case, File};

/// The guard; works on the resulting trees alone.
pub struct Hooks<'p> {
    policy: &'p Policy,
}

/// Every rule of this guard.
pub fn rules() -> Vec<RuleMeta<'static>> {
    rules::ALL.to_vec()
}

impl<'p> Hooks<'p> {
    /// A guard that asks for `policy.hooks.require`.
    pub fn new(policy: &'p Policy) -> Self {
        Hooks { policy }
    }

    fn tip(&self, tip: &Tip, sink: &mut Sink) {
        let file = |path, text| File { policy: self.policy, path, origin: tip.origin, text };
        for path in pre_commit::FILES {
            match tip.view.read(path.as_bytes()) {
                Ok(Some(text)) => return judge(&file(path, &text), sink),
                Ok(None) => {}
                Err(why) => return sink.incomplete(why),
            }
        }
        let [path, ..] = pre_commit::FILES;
        rules::hook_config_missing::check(&file(path, &[]), sink);
    }
}

fn judge(file: &File<'_>, sink: &mut Sink) {
    let document = match Document::parse(file.text) {
        Ok(document) => document,
        Err(error) => return rules::hook_config_invalid::report(file, error, sink),
    };
    let config = match pre_commit::read(&document) {
        Ok(config) => config,
        Err(error) => return rules::hook_config_invalid::report(file, error, sink),
    };
    for required in &file.policy.hooks.require {
        required::compare(&Case { file, config: &config, required }, sink);
    }
}

impl Guard for Hooks<'_> {
    fn id(&self) -> GuardId {
        GuardId::Hooks
    }

    fn rules(&self) -> Vec<RuleMeta<'_>> {
        rules()
    }

    fn wants(&self, _seen: &Occurrence) -> bool {
        false
    }

    fn blob(&self, _blob: &Blob<'_>, _sink: &mut Sink) -> Result<(), Incomplete> {
        Ok(())
    }

    fn set(&self, set: &ChangeSet, sink: &mut Sink) -> Result<(), Incomplete> {
        // paths and standard input are no repository's tree
        if !self.policy.hooks.require.is_empty() && !matches!(set.scope, Scope::Paths | Scope::Stdin) {
            set.tips.iter().for_each(|tip| self.tip(tip, sink));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
