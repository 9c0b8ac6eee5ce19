//! Rule files of users: our dialect and that of gitleaks. Read at once, so that mistakes are told before
//! anything is scanned; analysed at the first text.

use super::compile::CompileError;
use super::compile::plan;
use super::compile::schema::RawRule;
use super::compile::schema::{self, RuleFile};
use super::engine::RuleSet;
use super::filter::Filters;
use crate::finding::Span;
use crate::rule::did_you_mean;
use std::sync::{Arc, OnceLock};

/// What is wrong with a rule file.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}:{column}: {message}")]
pub struct RulesError {
    /// The file's name as people know it.
    pub file: String,
    /// Line of the mistake, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes of the file that are meant.
    pub span: Span,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub help: String,
}

impl RulesError {
    fn new(file: &str, text: &str, error: CompileError) -> Self {
        let (line, column) = error.line_column(text);
        let meant = error.unknown.as_ref().and_then(|(found, known)| did_you_mean(found, known.iter().copied()));
        RulesError {
            file: file.to_owned(),
            line,
            column,
            span: Span::new(error.span.start, error.span.end),
            message: error.message,
            help: meant.map_or(error.help, |word| format!("did you mean `{word}`?")),
        }
    }
}

/// A rule file of a user.
#[derive(Debug)]
pub struct UserRules {
    name: String,
    text: Arc<str>,
    file: RuleFile,
    set: OnceLock<Result<RuleSet, RulesError>>,
    allow: OnceLock<Result<Filters, String>>,
}

impl UserRules {
    /// Reads a rule file; `name` is what messages call it.
    ///
    /// # Errors
    /// At the first mistake: TOML, an unknown key or word, a wrong regex.
    pub fn load(name: &str, text: Arc<str>) -> Result<Self, RulesError> {
        let wrong = |e| RulesError::new(name, &text, e);
        let file = schema::read(&text).map_err(wrong)?;
        for rule in &file.rules {
            plan::parse_rule(rule).map_err(wrong)?;
        }
        for regex in file.allow.iter().flat_map(|a| a.regexes.iter().chain(&a.paths)) {
            plan::check_regex(regex, 0..0).map_err(wrong)?;
        }
        Ok(UserRules { name: name.to_owned(), text, file, set: OnceLock::new(), allow: OnceLock::new() })
    }

    /// The rules as written.
    pub(crate) fn raw(&self) -> &[RawRule] {
        &self.file.rules
    }

    /// Whether the file defines a rule of that id, or switches it off.
    pub(crate) fn replaces(&self, id: &str) -> bool {
        self.file.rules.iter().any(|r| r.id == id) || self.file.disabled.iter().any(|d| d == id)
    }

    /// The analysed rules.
    ///
    /// # Errors
    /// When the rules are too many or too large for the tables.
    pub(crate) fn set(&self) -> Result<&RuleSet, &RulesError> {
        let analyse = || match plan::catalogue(&self.file.rules) {
            Ok(catalogue) => Ok(RuleSet::new(catalogue)),
            Err(e) => Err(RulesError::new(&self.name, &self.text, e)),
        };
        self.set.get_or_init(analyse).as_ref()
    }

    /// The file's own allow-lists, which hold for every rule.
    ///
    /// # Errors
    /// What the regex crate says.
    pub(crate) fn allow(&self) -> Result<&Filters, &String> {
        let allow = || Filters::of_file(&self.file.allow);
        self.allow.get_or_init(allow).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_have_a_place_and_a_remedy() {
        let wrong = |text: &str| UserRules::load("rules.toml", text.into()).unwrap_err();
        let e = wrong("[[rules]]\nid = 'a'\nregexx = 'x'");
        assert_eq!(e.to_string(), "rules.toml:3:1: unknown key `regexx`");
        assert_eq!(e.help, "did you mean `regex`?");
        let e = wrong("[[rules]]\nid = 'a'\nregex = '''ab(c'''");
        assert_eq!((e.line, e.column), (3, 14), "{e}");
        let e = wrong("[[rules]]\nid = 'a'\nregex = 'ab(c)'\nsecret_group = 2");
        assert!(e.message.contains("1 groups"), "{e}");
        assert!(wrong("[[rules]]\nid = 'a'\nregex = 'a*'").message.contains("matches nothing"));
        assert!(wrong("[[rules]]\nid = 'a'\nregex = 'a'\nallow = ['(']").message.contains("is wrong"));
    }
}
