//! Draws the program's own errors as findings are drawn.

use super::excerpt::{Charset, Excerpts};
use super::frame::{Frame, Remark};
use super::human::{MESSAGE_COLUMNS, NOTE_COLUMNS, source};
use super::redact::Redactor;
use super::severity::Severity;
use super::style::Style;
use crate::finding::{Position, Span};
use miette::{Diagnostic, LabeledSpan, SourceCode};

/// How many causes, labels and related errors of an error are shown: a configuration can be wrong in very
/// many places.
const SHOWN_MAX: usize = 16;

/// The error with its code, the source that its labels mark, its causes and its help; then the errors that
/// are related to it. Ends with a line end.
///
/// Text of policies and configurations is neutralised; secrets are not known here, so nothing is masked.
pub fn diagnostic(error: &dyn Diagnostic, style: Style) -> String {
    let redactor = Redactor::off();
    let text = Excerpts::new(&redactor, Charset::Utf8);
    let mut out = remark(text, error, None).draw(style);
    for related in error.related().into_iter().flatten().take(SHOWN_MAX) {
        out.push_str(&remark(text, related, error.source_code()).draw(style));
    }
    out
}

/// `outer`: the source of the error that this one is related to, for errors without one of their own.
fn remark(text: Excerpts<'_>, error: &dyn Diagnostic, outer: Option<&dyn SourceCode>) -> Remark {
    let code = error.code().map(|c| text.rule(&c.to_string())).unwrap_or_default();
    let mut advice = Vec::new();
    let causes = std::iter::successors(error.source(), |e| e.source());
    advice.extend(causes.take(SHOWN_MAX).map(|e| ("cause", text.line(e.to_string(), MESSAGE_COLUMNS))));
    let help = error.help().map(|h| h.to_string()).unwrap_or_default();
    advice.extend(help.lines().map(|line| ("help", text.line(line, MESSAGE_COLUMNS))));
    advice.extend(error.url().map(|url| ("help", format!("see {}", text.line(url.to_string(), MESSAGE_COLUMNS)))));
    Remark {
        severity: match error.severity() {
            Some(miette::Severity::Advice) => Severity::Note,
            Some(miette::Severity::Warning) => Severity::Warning,
            Some(miette::Severity::Error) | None => Severity::Error,
        },
        code,
        message: text.line(error.to_string(), MESSAGE_COLUMNS),
        frames: frames(text, error, outer),
        advice,
    }
}

fn frames(text: Excerpts<'_>, error: &dyn Diagnostic, outer: Option<&dyn SourceCode>) -> Vec<Frame> {
    let Some(code) = error.source_code().or(outer) else { return Vec::new() };
    let mut labels: Vec<LabeledSpan> = error.labels().into_iter().flatten().take(SHOWN_MAX).collect();
    labels.sort_by_key(|l| !l.primary());
    labels.iter().filter_map(|label| frame(text, code, label)).collect()
}

fn frame(text: Excerpts<'_>, code: &dyn SourceCode, label: &LabeledSpan) -> Option<Frame> {
    // all lines, so that a position can be looked up as for findings
    let contents = code.read_span(label.inner(), usize::MAX, usize::MAX).ok()?;
    let start = label.offset().checked_sub(contents.span().offset())?;
    let mut position = Position::new(contents.data(), Span::new(start, start.saturating_add(label.len())));
    let above = u32::try_from(contents.line()).unwrap_or(u32::MAX);
    position.line = position.line.saturating_add(above);
    position.end_line = position.end_line.saturating_add(above);
    let name = contents.name().map_or_else(|| String::from("<input>"), |n| text.line(n, MESSAGE_COLUMNS));
    Some(Frame {
        place: format!("{name}:{}:{}", position.line, position.column),
        source: Some(source(text, &position, None, text.line(label.label().unwrap_or_default(), NOTE_COLUMNS))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use miette::NamedSource;

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("unknown key `registires`")]
    #[diagnostic(code("policy-key"), help("did you mean `registries`?\nsee gitward policy check"))]
    struct UnknownKey {
        #[source_code]
        source_code: NamedSource<String>,
        #[label("not a key of [images]")]
        at: miette::SourceSpan,
        #[label(primary, "in this table")]
        table: miette::SourceSpan,
        #[source]
        cause: std::io::Error,
    }

    #[test]
    fn errors_look_like_findings() {
        let toml = "version = 1\n\n[images]\nregistires = [\"\u{1b}[2J\"]\n";
        let error = UnknownKey {
            source_code: NamedSource::new(".gitward\u{202e}.toml", toml.to_owned()),
            at: (22, 10).into(),
            table: (13, 8).into(),
            cause: std::io::Error::other("low\nlevel"),
        };
        assert_eq!(
            diagnostic(&error, Style::PLAIN),
            "error[policy-key]: unknown key `registires`\n \
             --> .gitward\\u{202e}.toml:3:1\n  |\n3 | [images]\n  | ^^^^^^^^ in this table\n \
             --> .gitward\\u{202e}.toml:4:1\n  |\n4 | registires = [\"\\x1b[2J\"]\n  | ---------- not a key of [images]\n  \
             = cause: low\\nlevel\n  \
             = help: did you mean `registries`?\n  \
             = help: see gitward policy check\n"
        );
    }

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("two problems")]
    struct Several {
        #[related]
        all: Vec<Plain>,
    }

    #[derive(Debug, thiserror::Error, Diagnostic)]
    #[error("problem {0}")]
    #[diagnostic(severity(Warning))]
    struct Plain(u8);

    #[test]
    fn related_errors_follow() {
        let error = Several { all: vec![Plain(1), Plain(2)] };
        assert_eq!(diagnostic(&error, Style::PLAIN), "error: two problems\nwarning: problem 1\nwarning: problem 2\n");
    }

    #[test]
    fn a_label_outside_the_source_is_left_out() {
        let error = UnknownKey {
            source_code: NamedSource::new("f", String::from("x")),
            at: (900, 10).into(),
            table: (1, 0).into(),
            cause: std::io::Error::other("x"),
        };
        let text = diagnostic(&error, Style::PLAIN);
        assert!(text.contains(" --> f:1:2\n  |\n1 | x\n  |  ^ in this table\n  = cause"), "{text}");
    }
}
