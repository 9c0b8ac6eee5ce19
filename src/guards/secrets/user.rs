//! Rule files of users: our dialect and that of gitleaks. Read at once, so that mistakes are told before
//! anything is scanned; analysed at the first text.

use super::compile::CompileError;
use super::compile::plan;
use super::compile::schema::RawRule;
use super::compile::schema::{self, RuleFile};
use super::engine::{BadRule, Found, RuleSet};
use super::filter::Filters;
use super::gitleaks::{Config, Place};
use crate::finding::Span;
use crate::rule::did_you_mean;
use smallvec::SmallVec;
use std::sync::{Arc, OnceLock};

/// The name of gitleaks' rule files.
pub const GITLEAKS_FILE: &str = ".gitleaks.toml";

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
    pub(super) fn new(file: &str, text: &str, error: CompileError) -> Self {
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
pub struct UserRules(Kind);

#[derive(Debug)]
enum Kind {
    Own(Box<Own>),
    Gitleaks(Box<Config>),
}

/// A file of our dialect.
#[derive(Debug)]
struct Own {
    name: String,
    text: Arc<str>,
    file: RuleFile,
    set: OnceLock<Result<RuleSet, RulesError>>,
    allow: OnceLock<Result<Filters, String>>,
}

impl UserRules {
    /// Reads a rule file; `name` is what messages call it, and tells whose dialect it is.
    ///
    /// # Errors
    /// At the first mistake: TOML, an unknown key or word, a wrong regex.
    pub fn load(name: &str, text: Arc<str>) -> Result<Self, RulesError> {
        if name.rsplit(['/', '\\']).next() == Some(GITLEAKS_FILE) {
            return UserRules::gitleaks(name, text, &[]);
        }
        let wrong = |e| RulesError::new(name, &text, e);
        let file = schema::read(&text).map_err(wrong)?;
        for rule in &file.rules {
            plan::parse_rule(rule).map_err(wrong)?;
        }
        for regex in file.allow.iter().flat_map(|a| a.regexes.iter().chain(&a.paths)) {
            plan::check_regex(regex, 0..0).map_err(wrong)?;
        }
        let own = Own { name: name.to_owned(), text, file, set: OnceLock::new(), allow: OnceLock::new() };
        Ok(UserRules(Kind::Own(Box::new(own))))
    }

    /// Reads a configuration of gitleaks; `extends` are the files that it may extend.
    ///
    /// # Errors
    /// For what gitleaks refuses.
    pub(crate) fn gitleaks(name: &str, text: Arc<str>, extends: &[(String, Arc<str>)]) -> Result<Self, RulesError> {
        let resolve = |wanted: &str| {
            let found = extends.iter().find(|(name, _)| name == wanted);
            found.map(|(_, text)| Arc::clone(text)).ok_or_else(|| "there is no such file".to_owned())
        };
        Ok(UserRules(Kind::Gitleaks(Box::new(Config::load(name, text, &resolve)?))))
    }

    /// The rules as written in our dialect.
    pub(crate) fn raw(&self) -> &[RawRule] {
        match &self.0 {
            Kind::Own(own) => &own.file.rules,
            Kind::Gitleaks(_) => &[],
        }
    }

    /// The configuration, where the file is one of gitleaks.
    pub(crate) fn config(&self) -> Option<&Config> {
        match &self.0 {
            Kind::Own(_) => None,
            Kind::Gitleaks(config) => Some(config),
        }
    }

    /// Whether the file defines a rule of that id, or switches it off.
    pub(crate) fn replaces(&self, id: &str) -> bool {
        match &self.0 {
            Kind::Own(own) => own.file.rules.iter().any(|r| r.id == id) || own.file.disabled.iter().any(|d| d == id),
            Kind::Gitleaks(config) => config.replaces(id),
        }
    }

    /// The analysed rules.
    ///
    /// # Errors
    /// When the rules are too many or too large for the tables.
    pub(crate) fn set(&self) -> Result<&RuleSet, BadRule> {
        match &self.0 {
            Kind::Own(own) => own.set().map_err(|e| BadRule { rule: String::new(), why: e.to_string() }),
            Kind::Gitleaks(config) => config.set(),
        }
    }

    /// Whether the file's own allow-lists, which hold for every rule, let go of what a rule found in a text that
    /// stands at all of `places`; `None`: paths are not asked about.
    ///
    /// # Errors
    /// For a pattern that cannot be compiled.
    pub(crate) fn lets_go(
        &self,
        id: &str,
        text: &[u8],
        found: &Found,
        places: Option<&[Place<'_>]>,
    ) -> Result<bool, BadRule> {
        let bad = |why: &String| BadRule { rule: id.to_owned(), why: why.clone() };
        match &self.0 {
            Kind::Own(own) => {
                let allow = || Filters::of_file(&own.file.allow);
                let allow = own.allow.get_or_init(allow).as_ref().map_err(bad)?;
                let paths: Option<SmallVec<[&[u8]; 4]>> = places.map(Place::paths);
                Ok(allow.lets_go(text, found, paths.as_deref()))
            }
            Kind::Gitleaks(config) => {
                config.lets_go(id, text, (found.whole, found.secret), places).map_err(|why| bad(&why))
            }
        }
    }
}

impl Own {
    fn set(&self) -> Result<&RuleSet, &RulesError> {
        let analyse = || match plan::catalogue(&self.file.rules) {
            Ok(catalogue) => Ok(RuleSet::new(catalogue)),
            Err(e) => Err(RulesError::new(&self.name, &self.text, e)),
        };
        self.set.get_or_init(analyse).as_ref()
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
