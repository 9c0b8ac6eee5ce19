//! A file together with what it extends. Facts: gitleaks' README, "Configuration", and the program's answers.

use super::super::RulesError;
use super::super::alias;
use super::super::builtin::BUILTIN;
use super::super::compile::CompileError;
use super::allow::Allowlist;
use super::file::{self, File, FileRule};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// How many files a chain of extensions may add.
const MAX_DEPTH: usize = 2;

/// Reads a file that another one extends.
pub(super) type Resolve<'a> = &'a dyn Fn(&str) -> Result<Arc<str>, String>;

/// The files in which mistakes have their place.
#[derive(Default)]
struct Sources(Vec<(String, Arc<str>)>);

/// Rules and allow-lists for all of them.
#[derive(Default, Debug)]
pub(super) struct Merged {
    pub(super) rules: Vec<FileRule>,
    pub(super) allow: Vec<Arc<Allowlist>>,
    pub(super) notices: Vec<String>,
    /// Whether the built-in rules take part.
    pub(super) has_builtin: bool,
}

/// Reads a file and what it extends.
///
/// # Errors
/// At the first thing that gitleaks would refuse, in the file where it stands.
pub(super) fn load(name: &str, text: Arc<str>, resolve: Resolve<'_>) -> Result<Merged, RulesError> {
    let mut sources = Sources::default();
    let (mut merged, file) = sources.read(name, text, resolve, 0)?;
    sources.validate(&mut merged)?;
    for allow in file.allow.iter().filter(|a| !a.targets.is_empty()) {
        for target in &allow.targets {
            let meant = meant(target);
            let mut is_known = false;
            for rule in merged.rules.iter_mut().filter(|rule| rule.is_one_of(&meant)) {
                rule.allow.push(Arc::clone(&allow.list));
                is_known = true;
            }
            if is_known {
                continue;
            }
            if !merged.has_builtin {
                let message = format!("an allow-list is for the rule `{target}`, which does not exist");
                return Err(sources.wrong(0, CompileError::new(allow.at.clone(), message)));
            }
            // gitleaks has rules that are none here
            merged.notices.push(format!("an allow-list is for the rule `{target}`, which is unknown here"));
        }
    }
    Ok(merged)
}

/// The built-in rules as gitleaks' rules.
pub(super) fn builtin() -> Merged {
    let rules = BUILTIN.rules().iter().zip(0..).map(|(rule, n)| FileRule {
        id: rule.id.to_string(),
        description: rule.description.to_string(),
        builtin: Some(n),
        ..FileRule::default()
    });
    Merged { rules: rules.collect(), has_builtin: true, ..Merged::default() }
}

impl Sources {
    fn wrong(&self, origin: usize, error: CompileError) -> RulesError {
        let (name, text) = self.0.get(origin).map_or(("", ""), |(name, text)| (name, text));
        RulesError::new(name, text, error)
    }

    fn read(
        &mut self,
        name: &str,
        text: Arc<str>,
        resolve: Resolve<'_>,
        depth: usize,
    ) -> Result<(Merged, File), RulesError> {
        let origin = self.0.len();
        self.0.push((name.to_owned(), Arc::clone(&text)));
        let mut file = file::read(&text).map_err(|e| self.wrong(origin, e))?;
        let mut merged = Merged {
            rules: std::mem::take(&mut file.rules),
            allow: file.allow.iter().filter(|a| a.targets.is_empty()).map(|a| Arc::clone(&a.list)).collect(),
            notices: std::mem::take(&mut file.notices),
            has_builtin: false,
        };
        merged.rules.iter_mut().for_each(|rule| rule.origin = origin);
        if depth == MAX_DEPTH {
            return Ok((merged, file));
        }
        let (path, at) = &file.path;
        let at = |message: String| CompileError::new(Range::clone(at), message);
        match (file.use_default, path.as_str()) {
            (true, "") => merged.extend(builtin(), &file.disabled),
            (true, _) => {
                let error = at("both `path` and `useDefault` are set".into());
                return Err(self.wrong(origin, error.help("extend one of the two")));
            }
            (false, "") => {}
            (false, path) => {
                let text = resolve(path)
                    .map_err(|why| self.wrong(origin, at(format!("`{path}` cannot be extended: {why}"))))?;
                let (base, _) = self.read(path, text, resolve, depth + 1)?;
                merged.extend(base, &file.disabled);
            }
        }
        Ok((merged, file))
    }

    /// Checks what is whole only after merging; lets go of rules that add to one that is not there.
    fn validate(&self, merged: &mut Merged) -> Result<(), RulesError> {
        let Merged { rules, notices, has_builtin, .. } = merged;
        for rule in &*rules {
            let wrong = |at: &Range<usize>, message: String| {
                Err(self.wrong(rule.origin, CompileError::new(at.clone(), message)))
            };
            if rule.id.trim().is_empty() {
                return wrong(&rule.at, "a rule without `id`".into());
            }
            if !rule.has_effect() && !*has_builtin {
                return wrong(&rule.at, format!("`{}` has neither `regex` nor `path`", rule.id));
            }
            let groups = rule.regex.as_ref().map(|regex| regex.groups());
            if let (Some(groups), Ok(wanted)) = (groups, usize::try_from(rule.secret_group))
                && wanted > groups
            {
                return wrong(
                    &rule.group_at,
                    format!("`secretGroup` of `{}` is {wanted}; its regex has {groups} groups", rule.id),
                );
            }
        }
        rules.retain(|rule| {
            if !rule.has_effect() {
                notices.push(format!("there is no built-in rule `{}` to add to", rule.id));
            }
            rule.has_effect()
        });
        Ok(())
    }
}

/// The rules that an id in a file of gitleaks means: the one of that id, then built-in ones.
fn meant(id: &str) -> Vec<&str> {
    std::iter::once(id).chain(alias::ours(id)).collect()
}

impl FileRule {
    /// Whether it is among those that [`meant`] names.
    fn is_one_of(&self, meant: &[&str]) -> bool {
        meant.first().is_some_and(|id| self.id == *id)
            || self.builtin.is_some() && meant.iter().any(|id| self.id == *id)
    }

    fn has_effect(&self) -> bool {
        self.regex.is_some() || self.path.is_some() || self.builtin.is_some()
    }

    /// This rule over another one of the same id.
    fn over(self, mut base: FileRule) -> FileRule {
        if !self.description.is_empty() {
            base.description = self.description;
        }
        if self.entropy != 0.0 {
            base.entropy = self.entropy;
        }
        if self.secret_group != 0 {
            (base.secret_group, base.group_at, base.origin) = (self.secret_group, self.group_at, self.origin);
        }
        if self.regex.is_some() {
            base.regex = self.regex;
            (base.at, base.origin) = (self.at, self.origin);
        }
        if self.path.is_some() {
            base.path = self.path;
        }
        base.tags.extend(self.tags);
        base.keywords.extend(self.keywords);
        base.allow.extend(self.allow);
        base
    }
}

impl Merged {
    /// Adds the rules of a base, but those that are switched off.
    fn extend(&mut self, base: Merged, disabled: &[String]) {
        let mut off: BTreeSet<&str> = disabled.iter().map(String::as_str).collect();
        for id in disabled {
            let meant = meant(id);
            if !base.rules.iter().any(|rule| rule.is_one_of(&meant)) {
                self.notices.push(format!("the disabled rule `{id}` is not in what is extended"));
            }
            if base.has_builtin {
                off.extend(meant);
            }
        }
        let mut own: BTreeMap<String, FileRule> =
            std::mem::take(&mut self.rules).into_iter().map(|rule| (rule.id.clone(), rule)).collect();
        // rules of the file that have gitleaks' name of built-in ones, by the names of these
        let mut named: HashMap<&str, String> = HashMap::new();
        for id in own.keys().filter(|_| base.has_builtin) {
            named.extend(alias::ours(id).map(|ours| (ours, id.clone())));
        }
        let mut merged = BTreeSet::new();
        for rule in base.rules {
            if off.contains(rule.id.as_str()) {
                continue;
            }
            let name = Some(&rule.id).filter(|id| own.contains_key(*id)).or_else(|| {
                let is_builtin = rule.builtin.is_some();
                named.get(rule.id.as_str()).filter(|_| is_builtin)
            });
            let Some(ours) = name.and_then(|name| own.get(name)) else {
                self.rules.push(rule);
                continue;
            };
            // with a regex it takes the place of what it names
            if ours.id == rule.id || ours.regex.is_none() {
                merged.insert(ours.id.clone());
                let id = rule.id.clone();
                self.rules.push(FileRule { id, ..ours.clone().over(rule) });
            }
        }
        own.retain(|id, _| !merged.contains(id));
        self.rules.extend(own.into_values());
        self.rules.sort_by(|a, b| a.id.cmp(&b.id));
        self.allow.extend(base.allow);
        self.notices.extend(base.notices);
        self.has_builtin |= base.has_builtin;
    }
}
