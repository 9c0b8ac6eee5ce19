//! The numbers of a run in words.

use super::severity::Severity;
use crate::change::LeftOut;
use crate::outcome::{Outcome, Stats, Suppressor};
use std::time::Duration;

/// `2 errors, 1 warning, 1 suppressed (baseline), 14 files, 27 kB, 21 ms`
pub(super) fn line(outcome: &Outcome) -> String {
    let mut parts = findings(outcome);
    if parts.is_empty() && outcome.incomplete.is_empty() {
        parts.push(String::from("no findings"));
    }
    if !outcome.incomplete.is_empty() {
        parts.push(format!("{} not checked", outcome.incomplete.len()));
    }
    parts.extend(suppressed(outcome));
    parts.extend(work(&outcome.stats));
    parts.join(", ")
}

/// `2 errors`, `1 warning`: each severity that occurs.
pub(super) fn findings(outcome: &Outcome) -> Vec<String> {
    let count = |severity| outcome.findings.iter().filter(|f| Severity::from(f.level) == severity).count() as u64;
    [Severity::Error, Severity::Warning, Severity::Note]
        .map(|severity| (count(severity), severity))
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, severity)| number(n, severity.name()))
        .collect()
}

/// `1 suppressed (baseline)`, `3 suppressed (2 inline, 1 policy)`
fn suppressed(outcome: &Outcome) -> Option<String> {
    let all = [Suppressor::Inline, Suppressor::Baseline, Suppressor::GitleaksIgnore, Suppressor::Policy];
    let kinds: Vec<(usize, &str)> = all
        .map(|by| (outcome.suppressed.iter().filter(|s| s.by == by).count(), by.name()))
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .collect();
    let by = match kinds.as_slice() {
        [] => return None,
        [(_, name)] => String::from(*name),
        several => several.iter().map(|(n, name)| format!("{n} {name}")).collect::<Vec<_>>().join(", "),
    };
    Some(format!("{} suppressed ({by})", outcome.suppressed.len()))
}

fn work(stats: &Stats) -> Vec<String> {
    let mut parts = Vec::new();
    if stats.commits > 0 {
        parts.push(number(stats.commits, "commit"));
    }
    parts.push(number(stats.blobs, "file"));
    parts.push(size(stats.bytes));
    let LeftOut { ignored, special } = stats.left_out;
    if ignored > 0 {
        parts.push(format!("{ignored} left out by ignore files"));
    }
    if special > 0 {
        parts.push(format!("{special} left out as no files"));
    }
    parts.push(time(stats.elapsed));
    parts
}

/// `1 file`, `14 files`
pub(super) fn number(n: u64, noun: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {noun}{plural}")
}

/// Decimal units: `612 bytes`, `27 kB`, `1.2 MB`.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => number(bytes, "byte"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
        _ => format!("{}.{} GB", bytes / 1_000_000_000, bytes / 100_000_000 % 10),
    }
}

/// `21 ms`, `1.2 s`, `2 min 5 s`
fn time(elapsed: Duration) -> String {
    match elapsed.as_secs() {
        0 => format!("{} ms", elapsed.as_millis()),
        s @ 1..60 => format!("{s}.{} s", elapsed.subsec_millis() / 100),
        s => format!("{} min {} s", s / 60, s % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_read_well() {
        assert_eq!([0, 1, 999, 1_000, 27_512].map(size), ["0 bytes", "1 byte", "999 bytes", "1 kB", "27 kB"]);
        assert_eq!([1_250_000, 3_999_999_999].map(size), ["1.2 MB", "3.9 GB"]);
        assert_eq!(
            [0, 21, 999, 1_250, 125_000].map(|ms| time(Duration::from_millis(ms))),
            ["0 ms", "21 ms", "999 ms", "1.2 s", "2 min 5 s"]
        );
    }
}
