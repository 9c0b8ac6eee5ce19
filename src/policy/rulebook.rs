//! The names of rules that a policy may use.

use crate::finding::{GuardId, Level};
use crate::rule::{RuleMeta, called, did_you_mean};
use std::cell::OnceCell;
use toml::de::DeTable;

/// The rules that exist. Asked for when a policy names the first one, not before.
pub(super) struct RuleBook<'a> {
    source: &'a dyn Fn() -> Vec<RuleMeta<'a>>,
    known: OnceCell<Vec<RuleMeta<'a>>>,
    /// Ids that policies' own rule files declare.
    own: Vec<String>,
}

/// A rule that a name means.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Named {
    pub(super) id: String,
    pub(super) guard: GuardId,
    /// The level without any policy.
    pub(super) level: Level,
}

impl<'a> RuleBook<'a> {
    pub(super) fn new(source: &'a dyn Fn() -> Vec<RuleMeta<'a>>) -> Self {
        RuleBook { source, known: OnceCell::new(), own: Vec::new() }
    }

    fn known(&self) -> &[RuleMeta<'a>] {
        self.known.get_or_init(|| (self.source)())
    }

    /// Takes note of the ids in a rule file. One that is not valid TOML names nothing here; the guard that
    /// reads it says what is wrong with it.
    pub(super) fn learn(&mut self, text: &str) {
        let Ok(file) = DeTable::parse(text) else { return };
        let Some(rules) = file.get_ref().get("rules").and_then(|r| r.get_ref().as_array()) else { return };
        let ids = rules.iter().filter_map(|rule| rule.get_ref().as_table()?.get("id")?.get_ref().as_str());
        self.own.extend(ids.map(str::to_owned));
    }

    /// The rule of that id, of `guard` or of any, or else those with that alias: what others have one rule for may
    /// be several here.
    pub(super) fn find(&self, guard: Option<GuardId>, name: &str) -> Vec<Named> {
        let fits = |g: GuardId| guard.is_none_or(|wanted| wanted == g);
        let named = |r: &RuleMeta<'_>| Named { id: r.id.to_owned(), guard: r.guard, level: r.level };
        let mut found: Vec<Named> = called(self.known(), name).filter(|r| fits(r.guard)).map(named).collect();
        if found.is_empty() {
            let own = self.own.iter().find(|id| fits(GuardId::Secrets) && id.eq_ignore_ascii_case(name));
            found.extend(own.map(|id| Named { id: id.clone(), guard: GuardId::Secrets, level: Level::default() }));
        }
        found
    }

    /// What to say about a name that means nothing to [`RuleBook::find`].
    pub(super) fn advice(&self, guard: Option<GuardId>, name: &str) -> Vec<String> {
        let mut help = Vec::new();
        if let Some(other) = self.find(None, name).first() {
            help.push(format!("{} is a rule of {1}: [{1}.rule.{0}]", other.id, other.guard.name()));
        } else {
            let fits = |g: GuardId| guard.is_none_or(|wanted| wanted == g);
            let known = self.known().iter().filter(|r| fits(r.guard));
            let names = known.flat_map(|r| std::iter::once(r.id).chain(r.aliases.iter().copied()));
            let own = self.own.iter().filter(|_| fits(GuardId::Secrets)).map(String::as_str);
            help.extend(did_you_mean(name, names.chain(own)).map(|near| format!("did you mean `{near}`?")));
        }
        help.push("`gitward rules list` names every rule".to_owned());
        help
    }
}
