//! From rule files to tables that a scan can run: shared by the build script, which does it for the
//! built-in rules, and by the library, which does it for users' rules at the first blob.
//!
//! | step | module |
//! |---|---|
//! | TOML to [`schema::RawRule`] with precise errors | [`schema`] |
//! | names of providers to rules | [`named`] |
//! | gitleaks' names of rules to ours | [`ids`] |
//! | regex to the literals that every match must hold | [`literal`], with frequencies from [`grams`] |
//! | what must stand behind them, and in front | [`ahead`], [`edge`] |
//! | literals to one case-folded automaton | [`automaton`] |
//! | regex to a small backtracking program | [`program`] |
//! | the rule's way of searching | [`plan`] |
//! | all of it laid out in flat tables | [`rows`] |
//!
//! Nothing here may name another module of the crate: the build script includes this folder by its path.

pub(crate) mod ahead;
pub(crate) mod automaton;
pub(crate) mod edge;
pub(crate) mod grams;
#[allow(dead_code, reason = "for the build script alone")]
pub(crate) mod ids;
pub(crate) mod literal;
#[allow(dead_code, reason = "the build script makes the rules, the library writes out abbreviations alone")]
pub(crate) mod named;
pub(crate) mod plan;
pub(crate) mod program;
pub(crate) mod rows;
pub(crate) mod schema;

use std::ops::Range;

/// What is wrong with a rule file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct CompileError {
    /// The bytes of the file that are meant.
    pub(crate) span: Range<usize>,
    /// What is wrong, without a full stop.
    pub(crate) message: String,
    /// What to do about it; may be empty.
    pub(crate) help: String,
    /// The unknown word and the words that would have been known there.
    pub(crate) unknown: Option<(String, &'static [&'static str])>,
}

impl CompileError {
    /// An error without advice.
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        CompileError { span, message: message.into(), help: String::new(), unknown: None }
    }

    /// With a line that says what to do.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// An unknown key or value among `known` ones.
    pub(crate) fn unknown(span: Range<usize>, what: &str, found: &str, known: &'static [&'static str]) -> Self {
        CompileError::new(span, format!("unknown {what} `{found}`"))
            .help(format!("known here: {}", known.join(", ")))
            .with_words(found, known)
    }

    fn with_words(mut self, found: &str, known: &'static [&'static str]) -> Self {
        self.unknown = Some((found.to_owned(), known));
        self
    }

    /// Line and column, both from 1, of the error in `text`; columns count characters.
    pub(crate) fn line_column(&self, text: &str) -> (usize, usize) {
        let before = text.get(..self.span.start).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |n| n + 1);
        (1 + before.matches('\n').count(), 1 + before[line_start..].chars().count())
    }
}
