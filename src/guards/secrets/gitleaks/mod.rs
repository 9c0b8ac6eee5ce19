//! gitleaks' rule files (`.gitleaks.toml`) and what gitleaks 8 finds with them.
//!
//! | part | module |
//! |---|---|
//! | Go's regular expressions | `dialect`, `class`, `pattern` |
//! | encoded text | `decode` |

mod class;
mod decode;
mod dialect;
mod pattern;

use super::RulesError;
use crate::finding::Incomplete;
use std::sync::Arc;

/// Loaded rules and allow-lists.
#[derive(Debug)]
pub struct Config {}

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
    /// Reads a configuration; `name` is what messages call it, and `resolve` reads the file that it extends.
    ///
    /// # Errors
    /// For what gitleaks refuses, with the place.
    pub fn load(
        name: &str,
        text: Arc<str>,
        resolve: &dyn Fn(&str) -> Result<Arc<str>, String>,
    ) -> Result<Config, RulesError> {
        let _ = (name, text, resolve);
        Ok(Config {})
    }

    /// The built-in rules.
    pub fn builtin() -> Config {
        Config {}
    }

    /// Whether an allow-list for all rules lets go of everything at a path.
    pub fn skips_path(&self, path: &[u8]) -> bool {
        let _ = path;
        false
    }

    /// Lets `gitleaks:allow` comments count for nothing.
    pub fn ignore_allow_comments(&mut self) {}

    /// Keeps these rules alone.
    ///
    /// # Errors
    /// The first id that no rule has.
    pub fn enable_only(&mut self, ids: &[String]) -> Result<(), String> {
        let _ = ids;
        Ok(())
    }

    /// Lets rules with a regex pass by texts of more than so many million bytes; 0: there is no limit.
    pub fn max_target_megabytes(&mut self, limit: usize) {
        let _ = limit;
    }

    /// The rules in their order: id, description.
    pub fn rules(&self) -> Vec<(&str, &str)> {
        Vec::new()
    }

    /// What of the file has no effect here or deserves a warning, such as a `minVersion` beyond that of
    /// gitleaks as it is known here.
    pub fn notices(&self) -> &[String] {
        &[]
    }

    /// What gitleaks would find, rule by rule; encoded text is decoded up to `max_decode_depth` times.
    ///
    /// # Errors
    /// For a rule that cannot be run, and a text with more findings than can be kept.
    pub fn scan(&self, fragment: &Fragment<'_>, max_decode_depth: u32) -> Result<Vec<Leak>, Incomplete> {
        let _ = (fragment, max_decode_depth);
        Ok(Vec::new())
    }
}
