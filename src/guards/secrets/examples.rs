//! The examples of rules, through the whole guard: what `rules check` and the tests ask.

use super::surroundings::Site;
use super::{Secrets, builtin, template};
use crate::finding::Incomplete;
use std::sync::OnceLock;

/// Of one rule: what matches, what is ignored.
type Examples = [Vec<&'static str>; 2];

/// The examples of the built-in rules, in the order of the rules; for documentation.
pub(crate) fn builtin() -> &'static [Examples] {
    static ALL: OnceLock<Vec<Examples>> = OnceLock::new();
    let lists =
        || builtin::BUILTIN.rules().iter().map(|rule| [rule.matches.iter().collect(), rule.ignores.iter().collect()]);
    ALL.get_or_init(|| lists().collect())
}

/// What an example was to show.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    /// `matches`: a finding of the rule.
    Finding,
    /// `ignores`: none.
    Nothing,
}

/// An example that does not show what it should.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExampleFailure {
    /// The rule's id.
    pub rule: String,
    /// The template as written.
    pub example: String,
    /// What it was to show.
    pub expected: Expected,
    /// What it shows instead.
    pub found: String,
}

impl Secrets<'_> {
    /// Runs every example of every rule through the guard, at confidences that the policy asks for.
    ///
    /// # Errors
    /// When a rule cannot be run.
    pub fn check_examples(&self) -> Result<Vec<ExampleFailure>, Incomplete> {
        let mut failures = Vec::new();
        let builtin = builtin::BUILTIN.rules().iter().filter(|rule| self.builtin && !self.is_replaced(0, rule.id));
        for rule in builtin {
            self.check(rule.id, rule.matches.iter(), Expected::Finding, &mut failures)?;
            self.check(rule.id, rule.ignores.iter(), Expected::Nothing, &mut failures)?;
        }
        for rule in self.users.iter().flat_map(|user| user.raw()) {
            self.check(&rule.id, rule.matches.iter().map(String::as_str), Expected::Finding, &mut failures)?;
            self.check(&rule.id, rule.ignores.iter().map(String::as_str), Expected::Nothing, &mut failures)?;
        }
        Ok(failures)
    }

    fn check<'e>(
        &self,
        rule: &str,
        examples: impl Iterator<Item = &'e str>,
        expected: Expected,
        failures: &mut Vec<ExampleFailure>,
    ) -> Result<(), Incomplete> {
        for example in examples {
            let mut fail = |found: String| {
                failures.push(ExampleFailure { rule: rule.to_owned(), example: example.to_owned(), expected, found });
            };
            let text = match template::expand(example, rule) {
                Ok(text) => text,
                Err(why) => {
                    fail(why);
                    continue;
                }
            };
            // at any path, and at none: there a rule for certain paths must not stand in the way of others
            let mut found = self.harvest(text.as_bytes(), &Site::of(None))?.candidates;
            found.extend(self.harvest(text.as_bytes(), &Site::of(Some(&[])))?.candidates);
            let mut ids: Vec<&str> = found.iter().filter_map(|c| Some(self.rule(c)?.id)).collect();
            ids.sort_unstable();
            ids.dedup();
            match (expected, ids.contains(&rule)) {
                (Expected::Finding, false) | (Expected::Nothing, true) => fail(match ids[..] {
                    [] => "nothing".to_owned(),
                    _ => ids.join(", "),
                }),
                (Expected::Finding, true) | (Expected::Nothing, false) => {}
            }
        }
        Ok(())
    }
}
