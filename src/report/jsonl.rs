//! One JSON object a line: findings, suppressed findings, gaps, notices, and a summary as the last line. The
//! records are those of [`super::record`] with `schema` and `type` in front.
//!
//! A reader that sees no line of type `summary` has an output that was cut off.

use super::Context;
use super::record::{
    FindingRecord, IncompleteRecord, SCHEMA, StatsRecord, SuppressedRecord, milliseconds, scope_name, write_line,
};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Line<T> {
    /// `gitward/1`
    schema: &'static str,
    /// `finding`, `suppressed`, `incomplete`, `notice` or `summary`.
    r#type: &'static str,
    #[serde(flatten)]
    record: T,
}

#[derive(Serialize)]
struct NoticeRecord {
    message: String,
}

#[derive(Serialize)]
struct SummaryRecord {
    version: &'static str,
    scope: &'static str,
    exit: u8,
    fail_level: &'static str,
    findings: usize,
    suppressed: usize,
    incomplete: usize,
    stats: StatsRecord,
    elapsed_ms: u64,
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (outcome, redactor) = (context.outcome, context.redactor);
    for finding in &outcome.findings {
        line(out, "finding", FindingRecord::new(outcome, finding, redactor))?;
    }
    for suppressed in &outcome.suppressed {
        line(out, "suppressed", SuppressedRecord::new(outcome, suppressed, redactor))?;
    }
    for incomplete in &outcome.incomplete {
        line(out, "incomplete", IncompleteRecord::new(incomplete, redactor))?;
    }
    for notice in &outcome.notices {
        line(out, "notice", NoticeRecord { message: redactor.text(notice.as_bytes()) })?;
    }
    let summary = SummaryRecord {
        version: env!("CARGO_PKG_VERSION"),
        scope: scope_name(outcome.scope),
        exit: outcome.exit() as u8,
        fail_level: outcome.fail_level.name(),
        findings: outcome.findings.len(),
        suppressed: outcome.suppressed.len(),
        incomplete: outcome.incomplete.len(),
        stats: StatsRecord::new(&outcome.stats),
        elapsed_ms: milliseconds(&outcome.stats),
    };
    line(out, "summary", summary)
}

fn line(out: &mut dyn io::Write, r#type: &'static str, record: impl Serialize) -> io::Result<()> {
    write_line(out, &Line { schema: SCHEMA, r#type, record })
}
