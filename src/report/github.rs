//! GitHub workflow commands: each finding becomes an annotation of the line in the pull request.
//!
//! The format is that of the "Workflow commands for GitHub Actions" reference. GitHub shows ten errors and
//! ten warnings of a step, so the most serious findings come first.

use super::human::{MESSAGE_COLUMNS, could_not_check};
use super::severity::Severity;
use super::{Context, place};
use crate::finding::Finding;
use std::io;

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (outcome, text) = (context.outcome, context.text);
    for incomplete in &outcome.incomplete {
        writeln!(out, "::error title=incomplete::{}", data(&could_not_check(text, incomplete)))?;
    }
    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.level));
    for finding in findings {
        let mut properties = Vec::new();
        if let Some(path) = &finding.at.path {
            properties.push(format!("file={}", property(&text.path(path.as_bytes(), MESSAGE_COLUMNS))));
            if let Some(position) = &finding.at.position {
                properties.push(format!("line={},col={}", position.line, position.column));
            }
        }
        properties.push(format!("title={}", property(&text.rule(&finding.rule))));
        let mut lines = vec![text.said(finding, &finding.message, MESSAGE_COLUMNS)];
        lines.extend(place::commit_of_file(&finding.at).map(|commit| format!("commit {commit}")));
        if finding.at.path.is_none() {
            lines.extend(place::place(text, &finding.at));
        }
        lines.extend(finding.help.iter().map(|h| format!("help: {}", text.said(finding, h, MESSAGE_COLUMNS))));
        lines.push(finding.fingerprint.to_string());
        let command = command(finding.level.into());
        writeln!(out, "::{command} {}::{}", properties.join(","), data(&lines.join("\n")))?;
    }
    for notice in &outcome.notices {
        writeln!(out, "::notice title=gitward::{}", data(&text.line(notice, MESSAGE_COLUMNS)))?;
    }
    Ok(())
}

fn command(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

/// The escapes of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
