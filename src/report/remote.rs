//! What a server hook tells the person who pushes: few lines of plain ASCII, each behind `remote: ` in their
//! terminal.

use super::excerpt::{Charset, Excerpts};
use super::human::could_not_check;
use super::redact::Redactor;
use super::summary;
use crate::change::Origin;
use crate::finding::Finding;
use crate::outcome::Outcome;
use std::io;

/// The lines of findings and gaps, so that the whole stays at forty: the first line, the count of what is
/// left out and the last line come on top.
const ITEMS_MAX: usize = 37;

/// The columns of a line's last part.
const REMARK_COLUMNS: usize = 60;

/// The columns of a path or the policy's name.
const PLACE_COLUMNS: usize = 100;

/// What became of the push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// It is accepted; findings are shown for information.
    Accepted,
    /// It is refused.
    Rejected,
}

/// How to speak to the client.
#[derive(Clone, Copy, Debug)]
pub struct Remote<'a> {
    /// What became of the push.
    pub verdict: Verdict,
    /// Where the policy is, such as `main:.gitward.toml`.
    pub policy: Option<&'a str>,
    /// Whether GitLab is the caller: its web interface shows only lines that begin with `GL-HOOK-ERR: `.
    pub gitlab: bool,
}

/// Writes at most forty lines; nothing where there is neither a finding nor a gap. Blocking findings first,
/// else in the order of `outcome`.
///
/// # Errors
/// Those of `out`.
pub fn write_remote(outcome: &Outcome, remote: Remote<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    if outcome.findings.is_empty() && outcome.incomplete.is_empty() {
        return Ok(());
    }
    let redactor = Redactor::of(outcome);
    let text = Excerpts::new(&redactor, Charset::Ascii);
    let prefix = if remote.gitlab { "GL-HOOK-ERR: " } else { "" };
    writeln!(out, "{prefix}gitward: {}", head(text, outcome, remote))?;

    let mut findings: Vec<&Finding> = outcome.findings.iter().collect();
    findings.sort_by_key(|f| (!outcome.blocks(f), std::cmp::Reverse(f.level)));
    let gaps = outcome.incomplete.iter().map(|i| could_not_check(text, i));
    let total = outcome.incomplete.len() + findings.len();
    let lines = gaps.chain(findings.iter().map(|f| line(text, f)));
    for line in lines.take(ITEMS_MAX) {
        writeln!(out, "{prefix}  {line}")?;
    }
    if total > ITEMS_MAX {
        writeln!(out, "{prefix}  ... and {} more", total - ITEMS_MAX)?;
    }
    let last = match remote.verdict {
        Verdict::Rejected if findings.is_empty() => {
            "nothing may be concluded from an incomplete check: push again, or ask your administrator"
        }
        Verdict::Rejected => "rewrite these commits and push again; details: gitward explain <rule>",
        Verdict::Accepted => "details: gitward explain <rule>",
    };
    writeln!(out, "{prefix}{last}")
}

/// `push rejected: 2 findings, 1 not checked in 14 commits (policy: main:.gitward.toml)`
fn head(text: Excerpts<'_>, outcome: &Outcome, remote: Remote<'_>) -> String {
    let mut counts = Vec::new();
    if !outcome.findings.is_empty() {
        counts.push(summary::number(outcome.findings.len() as u64, "finding"));
    }
    if !outcome.incomplete.is_empty() {
        counts.push(format!("{} not checked", outcome.incomplete.len()));
    }
    let verdict = match remote.verdict {
        Verdict::Accepted => "push accepted",
        Verdict::Rejected => "push rejected",
    };
    let commits = match outcome.stats.commits {
        0 => String::new(),
        n => format!(" in {}", summary::number(n, "new commit")),
    };
    let policy = remote.policy.map(|p| format!(" (policy: {})", text.line(p, PLACE_COLUMNS))).unwrap_or_default();
    format!("{verdict}: {}{commits}{policy}", counts.join(", "))
}

/// `178b8e1 src/app.py:5  github-pat  gw1:4f9a12c07b3e  tok_Zx****`
fn line(text: Excerpts<'_>, finding: &Finding) -> String {
    let commit = match finding.at.origin {
        Origin::Commit(oid) => oid.short(),
        Origin::Index | Origin::WorkTree | Origin::Stdin => String::from("-"),
    };
    let place = match (&finding.at.path, &finding.at.position) {
        (Some(path), Some(position)) => format!("{}:{}", text.path(path.as_bytes(), PLACE_COLUMNS), position.line),
        (Some(path), None) => text.path(path.as_bytes(), PLACE_COLUMNS),
        (None, _) => String::from("-"),
    };
    let remark = match &finding.secret {
        Some(secret) => secret.redacted().to_string(),
        None => text.said(finding, &finding.message, REMARK_COLUMNS),
    };
    format!("{commit} {place:<20} {:<20} {}  {remark}", text.rule(&finding.rule), finding.fingerprint)
}
