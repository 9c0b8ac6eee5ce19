//! What is wrong with a policy, with the place and the way out.

use crate::finding::{Label, Position, Span};
use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};
use std::fmt::{self, Display};
use std::sync::Arc;

/// One fault in a policy file.
///
/// Its texts may hold text of a repository's file: print them through the same neutralising writer as
/// findings.
#[derive(Clone, Debug)]
pub struct Problem {
    /// A stable name, such as `policy::unknown_key`.
    pub code: &'static str,
    /// The file's name as people know it.
    pub file: String,
    /// The offending part, with its line; `None` where the file as a whole is meant.
    pub position: Option<Position>,
    /// What is wrong, in one line, without a full stop.
    pub message: String,
    /// What to do, one line each, the most likely first.
    pub help: Vec<String>,
    /// Other places in the same file that explain it.
    pub related: Vec<Label>,
    source: NamedSource<Arc<str>>,
}

impl Problem {
    /// A fault at `span` of a file's text.
    pub(super) fn at(code: &'static str, file: &str, text: &Arc<str>, span: Span, message: String) -> Self {
        Problem {
            code,
            file: file.to_owned(),
            position: Some(Position::new(text.as_bytes(), span)),
            message,
            help: Vec::new(),
            related: Vec::new(),
            source: NamedSource::new(file, Arc::clone(text)),
        }
    }

    /// A fault of a file as a whole.
    pub(super) fn whole(code: &'static str, file: &str, message: String) -> Self {
        Problem { position: None, ..Problem::at(code, file, &Arc::from(""), Span::default(), message) }
    }

    /// Adds a line that says what to do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The line in the file, from 1, where one is meant.
    pub fn line(&self) -> Option<u32> {
        self.position.as_ref().map(|p| p.line)
    }

    /// The column in the line in characters, from 1, where one is meant.
    pub fn column(&self) -> Option<u32> {
        self.position.as_ref().map(|p| p.column)
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.position {
            Some(at) => write!(f, "{}:{}:{}: {}", self.file, at.line, at.column, self.message),
            None => write!(f, "{}: {}", self.file, self.message),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new(self.code))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        (!self.help.is_empty()).then(|| Box::new(self.help.join("\n")) as Box<dyn Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.position.as_ref().map(|_| &self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.position.as_ref()?.span;
        let main = LabeledSpan::new_primary_with_span(None, (span.start, span.end - span.start));
        let others = self.related.iter().map(|label| {
            let span = label.position.span;
            LabeledSpan::new(Some(label.message.clone()), span.start, span.end - span.start)
        });
        Some(Box::new(std::iter::once(main).chain(others)))
    }
}

/// Why a policy cannot be used: every fault of every file, in the order of the files and lines. Never
/// without a fault.
#[derive(Clone, Debug)]
pub struct PolicyError {
    problems: Vec<Problem>,
    left_out: usize,
}

/// Faults that are reported; the rest is counted.
const MAX_PROBLEMS: usize = 50;

impl PolicyError {
    /// Of all that was found; `Ok` if that is nothing.
    pub(super) fn check(mut problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        let left_out = problems.len().saturating_sub(MAX_PROBLEMS);
        problems.truncate(MAX_PROBLEMS);
        Err(PolicyError { problems, left_out })
    }

    /// The faults, with file, line, column, message and help as plain parts.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// How many more faults there are than [`PolicyError::problems`] lists.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

impl Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, problem) in self.problems.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            Display::fmt(problem, f)?;
        }
        match self.left_out {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for PolicyError {}

impl Diagnostic for PolicyError {
    fn code<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new("policy::invalid"))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn Display + 'a>> {
        Some(Box::new("nothing was checked: a policy with an error is not applied in part"))
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|p| p as &dyn Diagnostic)))
    }
}
