//! For people: each finding with its line of source and the policy line behind it, then a summary.

use super::Context;
use super::excerpt::Excerpts;
use super::frame::{Frame, Remark, Source};
use super::severity::Severity;
use super::{place, summary};
use crate::finding::{Finding, GuardId, Incomplete, Level, Position};
use crate::outcome::Suppressed;
use crate::secret::Secret;
use std::io;

/// The columns of a message, a help line, a reason.
pub(super) const MESSAGE_COLUMNS: usize = 1000;

/// The columns of the words behind a mark.
pub(super) const NOTE_COLUMNS: usize = 200;

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (outcome, options, text) = (context.outcome, context.options, context.text);
    for finding in &outcome.findings {
        let remark = remark(text, finding);
        writeln!(out, "{}", remark.draw(options.style))?;
    }
    for incomplete in &outcome.incomplete {
        writeln!(out, "{}", unchecked(text, incomplete).draw(options.style))?;
    }
    for notice in &outcome.notices {
        let remark = Remark {
            severity: Severity::Note,
            code: String::new(),
            message: text.line(notice, MESSAGE_COLUMNS),
            frames: Vec::new(),
            advice: Vec::new(),
        };
        out.write_all(remark.draw(options.style).as_bytes())?;
    }
    if options.verbose {
        for suppressed in &outcome.suppressed {
            writeln!(out, "{}", silenced(text, suppressed))?;
        }
    }
    if options.verbose || !outcome.findings.is_empty() || !outcome.incomplete.is_empty() {
        writeln!(out, "{}", summary::line(outcome))?;
    }
    if !outcome.incomplete.is_empty() {
        let n = summary::number(outcome.incomplete.len() as u64, "thing");
        writeln!(out, "{n} could not be checked: nothing may be concluded from what is not listed here")?;
    }
    Ok(())
}

fn remark(text: Excerpts<'_>, finding: &Finding) -> Remark {
    let mut frames = Vec::with_capacity(1 + finding.related.len());
    if let Some(mut place) = place::place(text, &finding.at) {
        if let Some(commit) = place::commit_of_file(&finding.at) {
            let brought = finding.brought.as_ref().map(|b| place::brought(text, b)).unwrap_or_default();
            place.push_str(&format!(" (commit {commit}{brought})"));
        }
        let position = finding.at.position.as_ref();
        let note = || text.said(finding, &finding.note, NOTE_COLUMNS);
        frames.push(Frame { place, source: position.map(|p| source(text, p, finding.secret.as_ref(), note())) });
    }
    for label in &finding.related {
        frames.push(Frame {
            place: place::label(text, label),
            source: Some(source(text, &label.position, None, text.line(&label.message, NOTE_COLUMNS))),
        });
    }
    let mut advice: Vec<_> = finding.help.iter().map(|h| ("help", text.said(finding, h, MESSAGE_COLUMNS))).collect();
    advice.extend(way_out(finding).map(|line| ("help", line)));
    Remark {
        severity: finding.level.into(),
        code: text.rule(&finding.rule),
        message: text.said(finding, &finding.message, MESSAGE_COLUMNS),
        frames,
        advice,
    }
}

/// How to except a finding, where that is possible and its own help does not say it.
fn way_out(finding: &Finding) -> Option<String> {
    let fingerprint = finding.fingerprint.as_str();
    if finding.level == Level::Forbid || finding.help.iter().any(|h| h.contains(fingerprint)) {
        return None;
    }
    let question = match finding.guard {
        GuardId::Secrets => "not a secret?",
        GuardId::Images | GuardId::Signatures | GuardId::Hooks => "a known exception?",
        GuardId::Run => return None,
    };
    Some(format!("{question} gitward allow {fingerprint} --reason \"…\""))
}

/// `note`: what is said of the mark, ready to be printed.
pub(super) fn source(text: Excerpts<'_>, position: &Position, secret: Option<&Secret>, mut note: String) -> Source {
    if position.end_line > position.line {
        let comma = if note.is_empty() { "" } else { ", " };
        note.push_str(&format!("{comma}to line {}", position.end_line));
    }
    Source { line: position.line, excerpt: text.snippet(&position.snippet, secret), note }
}

fn unchecked(text: Excerpts<'_>, incomplete: &Incomplete) -> Remark {
    let help = (!incomplete.help.is_empty()).then(|| ("help", text.line(&incomplete.help, MESSAGE_COLUMNS)));
    Remark {
        severity: Severity::Error,
        code: String::from("incomplete"),
        message: could_not_check(text, incomplete),
        frames: Vec::new(),
        advice: help.into_iter().collect(),
    }
}

/// `could not check WHAT: WHY`
pub(super) fn could_not_check(text: Excerpts<'_>, incomplete: &Incomplete) -> String {
    let what = text.line(&incomplete.what, MESSAGE_COLUMNS);
    format!("could not check {what}: {}", text.line(&incomplete.why, MESSAGE_COLUMNS))
}

/// `suppressed[rule]: message, at src/app.py:5:11 (baseline: reason)`
fn silenced(text: Excerpts<'_>, suppressed: &Suppressed) -> String {
    let finding = &suppressed.finding;
    let at = place::place(text, &finding.at).map(|p| format!(", at {p}")).unwrap_or_default();
    let reason = match text.line(&suppressed.reason, MESSAGE_COLUMNS) {
        reason if reason.is_empty() => reason,
        reason => format!(": {reason}"),
    };
    let rule = text.rule(&finding.rule);
    let message = text.said(finding, &finding.message, MESSAGE_COLUMNS);
    format!("suppressed[{rule}]: {message}{at} ({}{reason})", suppressed.by.name())
}
