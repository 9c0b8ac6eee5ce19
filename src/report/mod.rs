//! What a run found, as people and programs want to read it. One file a format; a new format is a file and
//! a variant of [`Format`].
//!
//! Nothing leaves this module that [`Redactor`] has not seen: no format prints a secret, and human formats
//! print no byte that acts on a terminal. Reporters change neither findings nor the exit code.

mod concise;
mod diagnostic;
mod excerpt;
mod frame;
mod github;
pub mod gitleaks;
mod human;
mod json;
mod jsonl;
mod neutralise;
mod percent;
mod place;
mod record;
mod redact;
mod remote;
mod sarif;
mod severity;
mod style;
mod summary;
#[cfg(test)]
mod tests;

pub use diagnostic::diagnostic;
pub use excerpt::{Charset, Excerpt, Excerpts};
pub use redact::Redactor;
pub use remote::{Remote, Verdict, write_remote};
pub use severity::Severity;
pub use style::{ColorChoice, ColorEnv, Style};

use crate::change::Oid;
use crate::outcome::Outcome;
use crate::rule::RuleMeta;
use std::io;

/// The output formats of `--format` and `--report`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Format {
    /// Source lines with carets, for a person.
    #[default]
    Human,
    /// `path:line:col: level[rule] message fingerprint`, for editors and `grep`.
    Concise,
    /// One JSON document, schema `gitward/1`.
    Json,
    /// The same as one JSON object a line.
    Jsonl,
    /// SARIF 2.1.0.
    Sarif,
    /// GitHub workflow commands: annotations in pull requests.
    Github,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 6] =
        [Format::Human, Format::Concise, Format::Json, Format::Jsonl, Format::Sarif, Format::Github];

    /// The name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Format::Human => "human",
            Format::Concise => "concise",
            Format::Json => "json",
            Format::Jsonl => "jsonl",
            Format::Sarif => "sarif",
            Format::Github => "github",
        }
    }

    /// The format of that name. For suggestions give the names of [`Format::ALL`] to
    /// [`crate::rule::did_you_mean`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// Whether [`write()`] reads the rules that it is given; if not, none need be collected.
    pub fn wants_rules(self) -> bool {
        match self {
            Format::Sarif => true,
            Format::Human | Format::Concise | Format::Json | Format::Jsonl | Format::Github => false,
        }
    }
}

/// How to write, beside the format.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Options {
    /// Colour; the human format alone has any.
    pub style: Style,
    /// Whether the output goes to a terminal, which `show_secrets` asks for.
    pub is_terminal: bool,
    /// `--show-secrets`: no masks. Honoured by the human format on a terminal alone.
    pub show_secrets: bool,
    /// `--verbose`: a summary where there is nothing to report, and what was suppressed.
    pub verbose: bool,
    /// Which repository was looked at, for SARIF.
    pub provenance: Option<Provenance>,
}

/// A repository and the version of it that was looked at.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Provenance {
    /// Absolute URI of the repository; user information in it is left out.
    pub uri: String,
    /// The commit.
    pub revision: Option<Oid>,
}

/// What every format gets.
struct Context<'a> {
    outcome: &'a Outcome,
    rules: &'a [RuleMeta<'a>],
    options: &'a Options,
    redactor: &'a Redactor,
    text: Excerpts<'a>,
}

/// A line of text that is safe for a terminal: nothing in it is masked, everything that is not plain text is
/// made visible.
pub fn plain(line: &str) -> String {
    Excerpts::new(&Redactor::off(), Charset::Utf8).line(line, PLAIN_COLUMNS)
}

/// Columns of a [`plain`] line.
const PLAIN_COLUMNS: usize = 400;

/// Writes `outcome` to `out`. `rules`: the metadata of all rules, read where [`Format::wants_rules`].
///
/// The same outcome gives the same bytes, apart from the wall time, which stands last. Human formats write
/// nothing for a run without findings, notices and gaps. `out` gets many small pieces: it should be buffered.
///
/// # Errors
/// Those of `out`. A closed pipe is one: the caller decides that it is no failure.
pub fn write(
    format: Format,
    outcome: &Outcome,
    rules: &[RuleMeta<'_>],
    options: &Options,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let in_clear = format == Format::Human && options.show_secrets && options.is_terminal;
    let redactor = if in_clear { Redactor::off() } else { Redactor::of(outcome) };
    let text = Excerpts::new(&redactor, Charset::Utf8);
    let context = Context { outcome, rules, options, redactor: &redactor, text };
    match format {
        Format::Human => human::write(&context, out),
        Format::Concise => concise::write(&context, out),
        Format::Json => json::write(&context, out),
        Format::Jsonl => jsonl::write(&context, out),
        Format::Sarif => sarif::write(&context, out),
        Format::Github => github::write(&context, out),
    }
}
