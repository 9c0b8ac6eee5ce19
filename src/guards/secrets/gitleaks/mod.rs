//! gitleaks' rule files (`.gitleaks.toml`) and what gitleaks 8 finds with them.
//!
//! | part | module |
//! |---|---|
//! | Go's regular expressions | `dialect`, `class`, `pattern` |
//! | files, and what they extend | `value`, `file`, `merge` |
//! | rules in the guard's engine | `rules` |
//! | what lets go of a finding | `allow` |
//! | from a text to findings | `scan`, `location` |
//! | encoded text | `shapes`, `decode` |
//! | as a rule file of the guard | `guard` |

mod allow;
mod class;
mod decode;
mod dialect;
mod file;
mod guard;
mod location;
mod merge;
mod pattern;
mod rules;
mod scan;
mod shapes;
mod value;

use super::{RulesError, alias};
use crate::finding::Incomplete;
pub(crate) use allow::Place;
use rules::Rules;
use scan::Options;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Loaded rules and allow-lists.
#[derive(Debug)]
pub struct Config {
    rules: Rules,
    options: Options,
    notices: Vec<String>,
    /// Whether the built-in rules take part.
    has_builtin: bool,
}

/// A text to scan: a file, or the added lines of a hunk.
#[derive(Clone, Copy, Debug)]
pub struct Fragment<'a> {
    /// The text.
    pub bytes: &'a [u8],
    /// Where it stands, with `/`; empty: nowhere, as standard input.
    pub path: &'a [u8],
    /// The commit that brought it, as 40 or 64 hexadecimal digits.
    pub commit: Option<&'a str>,
    /// The number of its first line, from 1.
    pub first_line: usize,
}

/// A finding as gitleaks reports it.
#[derive(Clone, PartialEq, Debug)]
pub struct Leak {
    /// The rule.
    pub rule_id: String,
    /// Its description.
    pub description: String,
    /// Its tags, then those of decoding: `decoded:base64`, `decode-depth:1`.
    pub tags: Vec<String>,
    /// The first line of the match, from the fragment's first line on; 0 where a path alone was matched.
    pub start_line: usize,
    /// The last line.
    pub end_line: usize,
    /// Where the match begins, in bytes: from 1 on the fragment's first line, from 2 on later ones.
    pub start_column: usize,
    /// Where it ends, likewise.
    pub end_column: usize,
    /// All that the rule matched, decoded, without line ends around it.
    pub matched: Vec<u8>,
    /// The part that is the secret.
    pub secret: Vec<u8>,
    /// Shannon entropy of the secret, in bits a character.
    pub entropy: f32,
}

impl Config {
    /// Reads a configuration; `name` is what messages call it, and `resolve` reads the file that it extends, as
    /// named there. Nothing is compiled.
    ///
    /// # Errors
    /// For what gitleaks refuses, with the place.
    pub fn load(
        name: &str,
        text: Arc<str>,
        resolve: &dyn Fn(&str) -> Result<Arc<str>, String>,
    ) -> Result<Config, RulesError> {
        Ok(Config::of(merge::load(name, text, resolve)?))
    }

    /// The built-in rules.
    pub fn builtin() -> Config {
        Config::of(merge::builtin())
    }

    fn of(mut merged: merge::Merged) -> Config {
        let notices = std::mem::take(&mut merged.notices);
        let has_builtin = merged.has_builtin;
        Config { rules: Rules::new(merged), options: Options::default(), notices, has_builtin }
    }

    /// Whether an allow-list for all rules names the path: gitleaks does not even open such files. Unlike in
    /// [`Config::scan`], the condition of the list is not asked.
    pub fn skips_path(&self, path: &[u8]) -> bool {
        // a pattern that cannot be compiled skips nothing, and the scan tells of it
        self.rules.allow.iter().any(|list| list.has_path(path).unwrap_or(false))
    }

    /// Lets `gitleaks:allow` comments count for nothing.
    pub fn ignore_allow_comments(&mut self) {
        self.options.ignore_comments = true;
    }

    /// Keeps these rules alone; an id may be what gitleaks calls built-in ones.
    ///
    /// # Errors
    /// The first id that no rule has.
    pub fn enable_only(&mut self, ids: &[String]) -> Result<(), String> {
        let mut wanted = BTreeSet::new();
        for id in ids {
            let known = |id: &str| self.rules.index(id).and_then(|n| self.rules.all.get(n));
            let itself = Some(id.as_str()).filter(|id| known(id).is_some());
            let named = alias::ours(id).filter(|id| known(id).is_some_and(rules::Rule::is_builtin));
            let meant: Vec<&str> = itself.into_iter().chain(named).collect();
            if meant.is_empty() {
                return Err(id.clone());
            }
            wanted.extend(meant);
        }
        self.rules.retain(|rule| wanted.contains(rule.id.as_str()));
        Ok(())
    }

    /// Lets rules with a regex pass by texts of more than so many whole millions of bytes; 0: there is no limit.
    pub fn max_target_megabytes(&mut self, limit: usize) {
        self.options.max_megabytes = limit;
    }

    /// The rules in their order: id, description.
    pub fn rules(&self) -> Vec<(&str, &str)> {
        self.rules.all.iter().map(|rule| (rule.id.as_str(), rule.description.as_str())).collect()
    }

    /// What of the file has no effect here or deserves a warning, such as a `minVersion` beyond the release of
    /// gitleaks that is known here.
    pub fn notices(&self) -> &[String] {
        &self.notices
    }

    /// What gitleaks would find, rule by rule; encoded text is decoded up to `max_decode_depth` times.
    ///
    /// # Errors
    /// For a rule that cannot be run, and a text with more findings than can be kept.
    pub fn scan(&self, fragment: &Fragment<'_>, max_decode_depth: u32) -> Result<Vec<Leak>, Incomplete> {
        let place = Place { path: fragment.path, commit: fragment.commit.unwrap_or_default() };
        let depth = usize::try_from(max_decode_depth).unwrap_or(usize::MAX);
        let found = scan::scan(&self.rules, fragment.bytes, &[place], depth, self.options)?;
        let line = |one: &scan::Found, line: usize| if one.has_line { fragment.first_line + line } else { 0 };
        let leaks = found.into_iter().filter_map(|one| {
            let rule = self.rules.all.get(one.rule)?;
            Some(Leak {
                rule_id: rule.id.clone(),
                description: rule.description.clone(),
                start_line: line(&one, one.start_line),
                end_line: line(&one, one.end_line),
                start_column: one.start_column,
                end_column: one.end_column,
                tags: rule.tags.iter().cloned().chain(one.tags).collect(),
                matched: one.matched,
                secret: one.secret,
                entropy: one.entropy as f32,
            })
        });
        Ok(leaks.collect())
    }
}

#[cfg(test)]
mod tests;
