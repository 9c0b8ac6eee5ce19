//! Why a verb gave up before there was anything to report. Always exit code 2.

use crate::finding::Incomplete;
use crate::git::GitError;
use crate::guards::secrets::RulesError;
use crate::policy::PolicyError;
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// An error with all that is known about it.
#[derive(Debug)]
pub struct Failure(Box<dyn Diagnostic + Send + Sync>);

impl Failure {
    /// From a typed error.
    pub fn new(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Failure(Box::new(error))
    }

    /// A request that makes no sense, with advice (which may be empty).
    pub fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Failure::new(Plain { code: "usage", message: message.into(), help: help.into() })
    }

    /// A file that cannot be read.
    pub fn unreadable(what: &str, path: &Path, error: &std::io::Error) -> Self {
        let message = format!("cannot read the {what} {}: {error}", path.display());
        Failure::new(Plain { code: "unreadable", message, help: "check the name and the permissions".into() })
    }

    /// For reporters and callers that want its parts.
    pub fn diagnostic(&self) -> &dyn Diagnostic {
        self.0.as_ref()
    }

    /// As something that a run could not check.
    pub fn incomplete_of(&self, what: &str) -> Incomplete {
        let item = Incomplete::new(what, &self.0);
        match self.0.help() {
            Some(help) => item.help(help.to_string()),
            None => item,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Failure::new(error)
    }
}

impl From<Incomplete> for Failure {
    fn from(item: Incomplete) -> Self {
        Failure::new(Plain { code: "incomplete", message: item.to_string(), help: item.help })
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Failure::new(error)
    }
}

/// A mistake in a rule file, with the file to show it in.
#[derive(Debug)]
pub(super) struct BadRules {
    error: RulesError,
    source: NamedSource<Arc<str>>,
}

impl BadRules {
    pub(super) fn new(error: RulesError, text: Arc<str>) -> Self {
        let source = NamedSource::new(&error.file, text);
        BadRules { error, source }
    }
}

impl fmt::Display for BadRules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.error.message)
    }
}

impl std::error::Error for BadRules {}

impl Diagnostic for BadRules {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new("rules-invalid"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.error.help.is_empty()).then(|| Box::new(&self.error.help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.error.span;
        let label = LabeledSpan::new_primary_with_span(None, (span.start, span.end - span.start));
        Some(Box::new(std::iter::once(label)))
    }
}

#[derive(Debug)]
struct Plain {
    code: &'static str,
    message: String,
    help: String,
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Plain {}

impl Diagnostic for Plain {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(&self.help) as Box<dyn fmt::Display>)
    }
}
