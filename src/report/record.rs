//! The records of schema `gitward/1`, shared by `json` and `jsonl`.
//!
//! Compatibility: within `gitward/1` no field changes its meaning or type, and none goes away; fields and
//! values of enumerations may be added. Readers ignore what they do not know.
//!
//! Every text is redacted. Text that is not UTF-8 has U+FFFD in place of the bytes that are not; for paths
//! the bytes follow in hexadecimal digits.

use super::redact::{Kind, Redactor, around, pieces, within};
use super::severity::Severity;
use crate::change::{Origin, RepoPath, Scope};
use crate::finding::{Finding, Incomplete, Label, Position, Snippet};
use crate::outcome::{Outcome, Stats, Suppressed};
use crate::secret::Secret;
use serde::Serialize;
use std::fmt::Write as _;
use std::io;
use std::ops::Range;

/// The name of the schema, in every document and on every line.
pub(super) const SCHEMA: &str = "gitward/1";

/// The bytes of source on each side of a mark's start in `snippet`.
const SNIPPET_REACH: usize = 256;

/// An offence.
#[derive(Serialize)]
pub(super) struct FindingRecord<'a> {
    /// Public id of the rule.
    rule: &'a str,
    /// `secrets`, `images`, `signatures`, `hooks` or `run`.
    guard: &'static str,
    /// `note`, `warn`, `deny` or `forbid`.
    level: &'static str,
    /// `note`, `warning` or `error`.
    severity: &'static str,
    /// Whether it is at or above the fail level.
    blocks: bool,
    /// `low`, `medium` or `high`.
    confidence: &'static str,
    /// What is wrong.
    message: String,
    /// A few words about the marked text; may be empty.
    note: String,
    /// `gw1:…`
    fingerprint: &'a str,
    /// What may be known of the credential; `null` where none was found.
    secret: Option<SecretRecord>,
    /// Whose credential it is, or `null`.
    provider: Option<String>,
    /// Where.
    location: LocationRecord,
    /// Places that explain it, such as the policy line.
    related: Vec<RelatedRecord>,
    /// What to do next.
    help: Vec<String>,
    /// A change that would mend it, or `null`.
    fix: Option<FixRecord>,
    /// Of a history: who wrote the commit that `location` names, and what became of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    brought: Option<BroughtRecord>,
}

#[derive(Serialize)]
struct BroughtRecord {
    author: String,
    email: String,
    /// RFC 3339, in UTC; `null` where the commit states none that exists.
    date: Option<String>,
    /// Whether the tip of a branch still has it; `null` for messages and identities.
    in_tip: Option<bool>,
}

#[derive(Serialize)]
struct SecretRecord {
    /// Its first characters, printable ASCII, at most six; may be empty.
    shown: String,
    /// Its length in bytes.
    length: usize,
}

#[derive(Serialize)]
struct LocationRecord {
    /// Relative to the root of the repository; `null` for a commit, a tag or the whole change.
    path: Option<String>,
    /// The path in hexadecimal digits, where it is not UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    path_bytes: Option<String>,
    /// `index`, `worktree`, `commit` or `stdin`.
    origin: &'static str,
    /// The commit that brought it, where origin is `commit`.
    commit: Option<String>,
    /// The object that is meant.
    oid: Option<String>,
    /// The place in the text; `null` for a whole file or object.
    range: Option<RangeRecord>,
}

#[derive(Serialize)]
struct RangeRecord {
    start: PointRecord,
    /// Behind the last character.
    end: PointRecord,
    /// The first line, cut to some hundred bytes around the start.
    snippet: String,
}

#[derive(Serialize)]
struct PointRecord {
    /// From 1.
    line: u32,
    /// In Unicode code points, from 1; a byte that is not UTF-8 counts as one.
    column: u32,
    /// Bytes from the start of the file.
    offset: usize,
}

#[derive(Serialize)]
struct RelatedRecord {
    file: String,
    range: RangeRecord,
    message: String,
}

#[derive(Serialize)]
struct FixRecord {
    /// Bytes of the file to be replaced: first, and one past the last.
    start: usize,
    end: usize,
    replacement: String,
}

/// A silenced offence.
#[derive(Serialize)]
pub(super) struct SuppressedRecord<'a> {
    /// `inline`, `baseline`, `gitleaksignore` or `policy`.
    by: &'static str,
    /// The reason given; may be empty.
    reason: String,
    finding: FindingRecord<'a>,
}

/// Something that could not be checked.
#[derive(Serialize)]
pub(super) struct IncompleteRecord {
    what: String,
    why: String,
    /// May be empty.
    help: String,
}

/// How much was looked at.
#[derive(Serialize)]
pub(super) struct StatsRecord {
    /// Unique blobs or files.
    blobs: u64,
    /// Their bytes.
    bytes: u64,
    /// Commits and tags.
    commits: u64,
}

impl<'a> FindingRecord<'a> {
    pub(super) fn new(outcome: &Outcome, finding: &'a Finding, redactor: &Redactor) -> Self {
        let secret = finding.secret.as_ref();
        FindingRecord {
            rule: &finding.rule,
            guard: finding.guard.name(),
            level: finding.level.name(),
            severity: Severity::from(finding.level).name(),
            blocks: outcome.blocks(finding),
            confidence: finding.confidence.name(),
            message: redactor.said(finding, &finding.message),
            note: redactor.said(finding, &finding.note),
            fingerprint: finding.fingerprint.as_str(),
            secret: secret.map(Secret::redacted).map(|r| SecretRecord { shown: r.shown, length: r.len }),
            provider: finding.provider.as_ref().map(|name| redactor.said(finding, name)),
            location: LocationRecord::new(finding, redactor),
            related: finding.related.iter().map(|l| RelatedRecord::new(l, redactor)).collect(),
            help: finding.help.iter().map(|h| redactor.said(finding, h)).collect(),
            fix: finding.fix.as_ref().map(|fix| FixRecord {
                start: fix.span.start,
                end: fix.span.end,
                replacement: redactor.text(fix.replacement.as_bytes()),
            }),
            brought: finding.brought.as_ref().map(|b| BroughtRecord {
                author: redactor.text(&b.author.name),
                email: redactor.text(&b.author.email),
                date: super::place::date(&b.author).map(|t| t.to_string()),
                in_tip: b.in_tip,
            }),
        }
    }
}

impl LocationRecord {
    fn new(finding: &Finding, redactor: &Redactor) -> Self {
        let at = &finding.at;
        let (origin, commit) = match at.origin {
            Origin::Index => ("index", None),
            Origin::WorkTree => ("worktree", None),
            Origin::Commit(oid) => ("commit", Some(oid.to_string())),
            Origin::Stdin => ("stdin", None),
        };
        LocationRecord {
            path: at.path.as_ref().map(|p| redactor.path_text(p.as_bytes())),
            path_bytes: at.path.as_ref().and_then(|p| path_bytes(p, redactor)),
            origin,
            commit,
            oid: at.oid.map(|oid| oid.to_string()),
            range: at.position.as_ref().map(|p| RangeRecord::new(p, finding.secret.as_ref(), redactor)),
        }
    }
}

impl RangeRecord {
    fn new(position: &Position, secret: Option<&Secret>, redactor: &Redactor) -> Self {
        RangeRecord {
            start: PointRecord { line: position.line, column: position.column, offset: position.span.start },
            end: PointRecord { line: position.end_line, column: position.end_column, offset: position.span.end },
            snippet: snippet(&position.snippet, secret, redactor),
        }
    }
}

impl RelatedRecord {
    fn new(label: &Label, redactor: &Redactor) -> Self {
        RelatedRecord {
            file: redactor.text(label.file.as_bytes()),
            range: RangeRecord::new(&label.position, None, redactor),
            message: redactor.text(label.message.as_bytes()),
        }
    }
}

impl<'a> SuppressedRecord<'a> {
    pub(super) fn new(outcome: &Outcome, suppressed: &'a Suppressed, redactor: &Redactor) -> Self {
        SuppressedRecord {
            by: suppressed.by.name(),
            reason: redactor.text(suppressed.reason.as_bytes()),
            finding: FindingRecord::new(outcome, &suppressed.finding, redactor),
        }
    }
}

impl IncompleteRecord {
    pub(super) fn new(incomplete: &Incomplete, redactor: &Redactor) -> Self {
        IncompleteRecord {
            what: redactor.text(incomplete.what.as_bytes()),
            why: redactor.text(incomplete.why.as_bytes()),
            help: redactor.text(incomplete.help.as_bytes()),
        }
    }
}

impl StatsRecord {
    pub(super) fn new(stats: &Stats) -> Self {
        StatsRecord { blobs: stats.blobs, bytes: stats.bytes, commits: stats.commits }
    }
}

/// The name of a scope in reports.
pub(super) fn scope_name(scope: Scope) -> &'static str {
    match scope {
        Scope::Staged => "staged",
        Scope::Range => "range",
        Scope::WorkTree => "worktree",
        Scope::AllFiles => "all-files",
        Scope::History => "history",
        Scope::Paths => "paths",
        Scope::Stdin => "stdin",
        Scope::Receive => "receive",
    }
}

/// Whole milliseconds, as far as 64 bits go.
pub(super) fn milliseconds(stats: &Stats) -> u64 {
    u64::try_from(stats.elapsed.as_millis()).unwrap_or(u64::MAX)
}

fn path_bytes(path: &RepoPath, redactor: &Redactor) -> Option<String> {
    if std::str::from_utf8(path.as_bytes()).is_ok() {
        return None;
    }
    let mut hex = String::with_capacity(2 * path.as_bytes().len());
    for byte in redactor.path(path.as_bytes()) {
        // writing to a String cannot fail
        let _ = write!(hex, "{byte:02x}");
    }
    Some(hex)
}

/// The source around a mark, with `*` for masked characters.
pub(super) fn snippet(snippet: &Snippet, secret: Option<&Secret>, redactor: &Redactor) -> String {
    let at = snippet.mark.start.min(snippet.text.len());
    part(snippet, around(&snippet.text, at, SNIPPET_REACH, SNIPPET_REACH), secret, redactor)
}

/// The marked text of a snippet, with `*` for masked characters.
pub(super) fn marked(snippet: &Snippet, secret: Option<&Secret>, redactor: &Redactor) -> String {
    let end = snippet.mark.end.min(snippet.text.len());
    part(snippet, snippet.mark.start.min(end)..end, secret, redactor)
}

fn part(snippet: &Snippet, range: Range<usize>, secret: Option<&Secret>, redactor: &Redactor) -> String {
    let masked = within(&redactor.masked_in(snippet, secret, &range), &range);
    let text = snippet.text.get(range).unwrap_or_default();
    pieces(text, &masked)
        .map(|piece| match piece.kind {
            Kind::Char(c) => c,
            Kind::Invalid(_) => char::REPLACEMENT_CHARACTER,
            Kind::Masked => '*',
        })
        .collect()
}

/// Writes `value` as one line of JSON. What [`super::neutralise`] takes for hostile is written as `\u…`: the
/// same string to a parser, harmless to a terminal.
pub(super) fn write_line(out: &mut dyn io::Write, value: &impl Serialize) -> io::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Tame))?;
    out.write_all(b"\n")
}

/// The compact format of `serde_json`, with more escapes.
struct Tame;

impl serde_json::ser::Formatter for Tame {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut clean = 0;
        for (at, c) in fragment.char_indices().filter(|(_, c)| super::neutralise::is_hostile(*c)) {
            out.write_all(&fragment.as_bytes()[clean..at])?;
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
            clean = at + c.len_utf8();
        }
        out.write_all(&fragment.as_bytes()[clean..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_are_escaped_and_survive() {
        let text = "a\u{1b}\u{7f}\u{9b}\u{202e}\u{e0001}\"ä日\n";
        let mut out = Vec::new();
        write_line(&mut out, &text).unwrap();
        assert_eq!(
            String::from_utf8(out.clone()).unwrap(),
            "\"a\\u001b\\u007f\\u009b\\u202e\\udb40\\udc01\\\"ä日\\n\"\n"
        );
        assert_eq!(serde_json::from_slice::<String>(&out).unwrap(), text);
    }
}
