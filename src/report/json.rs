//! One JSON document of schema `gitward/1`; the records are described in [`super::record`].

use super::Context;
use super::record::{
    FindingRecord, IncompleteRecord, SCHEMA, StatsRecord, SuppressedRecord, milliseconds, scope_name, write_line,
};
use serde::Serialize;
use std::io;

#[derive(Serialize)]
struct Document<'a> {
    /// `gitward/1`
    schema: &'static str,
    /// The program that wrote it.
    version: &'static str,
    /// What was looked at: `staged`, `range`, `worktree`, `all-files`, `history`, `paths`, `stdin`, `receive`.
    scope: &'static str,
    /// The exit code that follows: 0 clean, 1 findings, 2 not everything was checked.
    exit: u8,
    /// From this level on a finding blocks.
    fail_level: &'static str,
    findings: Vec<FindingRecord<'a>>,
    suppressed: Vec<SuppressedRecord<'a>>,
    incomplete: Vec<IncompleteRecord>,
    /// Remarks on the policy.
    notices: Vec<String>,
    stats: StatsRecord,
    /// Wall time: the one field that differs between runs over the same input.
    elapsed_ms: u64,
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let (outcome, redactor) = (context.outcome, context.redactor);
    let document = Document {
        schema: SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        scope: scope_name(outcome.scope),
        exit: outcome.exit() as u8,
        fail_level: outcome.fail_level.name(),
        findings: outcome.findings.iter().map(|f| FindingRecord::new(outcome, f, redactor)).collect(),
        suppressed: outcome.suppressed.iter().map(|s| SuppressedRecord::new(outcome, s, redactor)).collect(),
        incomplete: outcome.incomplete.iter().map(|i| IncompleteRecord::new(i, redactor)).collect(),
        notices: outcome.notices.iter().map(|n| redactor.text(n.as_bytes())).collect(),
        stats: StatsRecord::new(&outcome.stats),
        elapsed_ms: milliseconds(&outcome.stats),
    };
    write_line(out, &document)
}
