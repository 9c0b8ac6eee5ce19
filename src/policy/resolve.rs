//! Names of rules in a policy, once all rules are known.

use super::datum::{Datum, quote};
use super::document::{LevelEntry, Walk};
use super::keyname::KeyName;
use super::read::Reader;
use super::rulebook::RuleBook;
use super::{RuleSource, SetBy};
use crate::finding::{GuardId, Span};
use std::collections::BTreeMap;

impl Walk<'_> {
    /// Puts the ids of rules in the place of what was written, once the file's own rules are known.
    pub(super) fn resolve(&mut self, rules: &mut RuleBook<'_>) {
        let Walk { reader, document } = self;
        let bodies = || std::iter::once(&document.body).chain(document.blocks.iter().map(|b| &b.body));
        for entry in bodies().flat_map(|b| &b.settings) {
            if let Datum::Sources(sources) = &entry.datum {
                for source in sources {
                    if let RuleSource::File { text, .. } = source {
                        rules.learn(text);
                    }
                }
            }
        }
        let unknown = |reader: &mut Reader<'_>, guard: Option<GuardId>, name: &str, at: Span| {
            if reader.is_full() {
                return;
            }
            let mut problem = reader.fault("policy::rule", at, format!("there is no rule {}", quote(name)));
            if let Some(guard) = guard {
                problem.message = format!("there is no rule {} in {}", quote(name), guard.name());
            }
            problem.help = rules.advice(guard, name);
            reader.problems.push(problem);
        };
        let blocks = document.blocks.iter_mut().map(|b| &mut b.body);
        for body in std::iter::once(&mut document.body).chain(blocks) {
            let mut first: BTreeMap<(GuardId, String), Span> = BTreeMap::new();
            for entry in std::mem::take(&mut body.levels) {
                let found = rules.find(Some(entry.guard), &entry.id);
                if found.is_empty() {
                    unknown(reader, Some(entry.guard), &entry.id, entry.name);
                }
                for rule in found {
                    if let Some(before) = first.insert((entry.guard, rule.id.clone()), entry.name) {
                        reader.twice(format!("the level of {} is set twice", rule.id), before, entry.name);
                    }
                    body.levels.push(LevelEntry { id: rule.id, built_in: rule.level, ..entry.clone() });
                }
            }
            let mut first: BTreeMap<&str, SetBy> = BTreeMap::new();
            for hook in &body.hooks {
                if let Some(SetBy::File(_, before)) = first.insert(&hook.value.id, hook.by)
                    && let SetBy::File(_, at) = hook.by
                {
                    reader.twice(format!("hook {} is required twice", quote(&hook.value.id)), before, at);
                }
            }
            for entry in &mut body.allow {
                let Some(name) = &mut entry.allow.rule else { continue };
                match &rules.find(None, name)[..] {
                    [] => unknown(reader, None, name, entry.rule),
                    [rule] => name.clone_from(&rule.id),
                    // an alias of several, which it stays
                    _ => {}
                }
            }
        }
        for names in [&mut document.locked, &mut document.open] {
            for name in std::mem::take(names) {
                let Some((guard, rule)) = name.rule() else {
                    names.push(name);
                    continue;
                };
                let found = rules.find(Some(guard), rule);
                if found.is_empty() {
                    unknown(reader, Some(guard), rule, name.span);
                }
                names.extend(found.iter().map(|rule| {
                    let text = format!("{}.rule.{}", guard.name(), rule.id);
                    KeyName { text, ..name.clone() }
                }));
            }
        }
    }
}
