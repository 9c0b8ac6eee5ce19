//! One line a finding, as compilers print them: `path:line:col: level[rule] message gw1:…`.

use super::human::{MESSAGE_COLUMNS, could_not_check};
use super::severity::Severity;
use super::{Context, place, summary};
use std::io;

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (outcome, text) = (context.outcome, context.text);
    for finding in &outcome.findings {
        if let Some(place) = place::place(text, &finding.at) {
            // GitHub obeys lines that begin with two colons, and a path may
            let here = if place.starts_with("::") { "./" } else { "" };
            write!(out, "{here}{place}: ")?;
        }
        let severity = Severity::from(finding.level).name();
        let (rule, message) = (text.rule(&finding.rule), text.said(finding, &finding.message, MESSAGE_COLUMNS));
        write!(out, "{severity}[{rule}] {message}")?;
        if let Some(commit) = place::commit_of_file(&finding.at) {
            write!(out, " (commit {commit})")?;
        }
        writeln!(out, " {}", finding.fingerprint)?;
    }
    for incomplete in &outcome.incomplete {
        writeln!(out, "error[incomplete] {}", could_not_check(text, incomplete))?;
    }
    for notice in &outcome.notices {
        writeln!(out, "note: {}", text.line(notice, MESSAGE_COLUMNS))?;
    }
    if context.options.verbose {
        writeln!(out, "{}", summary::line(outcome))?;
    }
    Ok(())
}
