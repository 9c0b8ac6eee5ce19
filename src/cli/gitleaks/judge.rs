//! From a text to the findings that are reported: the rules, then what is ignored or was known before, then
//! redaction.

use super::args::Options;
use super::baseline::Baseline;
use super::ignore::fingerprint;
use super::link::Site;
use super::{message, redact};
use crate::finding::Incomplete;
use crate::git::patch::LogCommit;
use crate::guards::secrets::gitleaks::{Config, Fragment, Leak};
use crate::report::gitleaks::Finding;
use crate::suppress::GitleaksIgnore;
use std::collections::HashSet;
use std::time::Instant;

/// Most findings of a run.
const MAX_FINDINGS: usize = 250_000;
/// Most reasons that are kept for what could not be checked.
const MAX_INCOMPLETE: usize = 1000;

/// A text to judge.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) bytes: &'a [u8],
    /// As reports name it; empty for standard input.
    pub(super) path: &'a [u8],
    /// The link that led there; mostly empty.
    pub(super) symlink: &'a [u8],
    pub(super) origin: Origin<'a>,
    /// The number of its first line.
    pub(super) first_line: usize,
}

/// Where a text is from.
#[derive(Clone, Copy)]
pub(super) enum Origin<'a> {
    /// A file or standard input.
    Plain,
    /// The index or the work tree of a repository.
    Uncommitted,
    /// A commit.
    Commit(&'a LogCommit),
}

/// All that decides about a text.
pub(super) struct Judge<'a> {
    pub(super) rules: &'a Config,
    pub(super) options: &'a Options,
    pub(super) ignored: GitleaksIgnore,
    pub(super) baseline: Baseline,
    pub(super) site: Option<Site>,
    /// When to give up.
    pub(super) deadline: Option<Instant>,
}

impl Judge<'_> {
    /// What is to be reported of a text, in the order of its lines.
    ///
    /// # Errors
    /// When it could not be checked.
    pub(super) fn findings(&self, text: &Text<'_>) -> Result<Vec<Finding>, Incomplete> {
        let commit = match text.origin {
            Origin::Commit(commit) => Some(commit),
            Origin::Plain | Origin::Uncommitted => None,
        };
        let fragment = Fragment {
            bytes: text.bytes,
            path: text.path,
            commit: commit.map(|c| c.id.as_str()),
            first_line: text.first_line,
        };
        let mut leaks = self.rules.scan(&fragment, self.options.max_decode_depth)?;
        leaks.sort_by(|a, b| {
            let key = |l: &Leak| (l.start_line, l.start_column, l.end_line, l.end_column);
            key(a).cmp(&key(b)).then_with(|| a.rule_id.cmp(&b.rule_id))
        });
        let mut findings = Vec::new();
        for leak in leaks {
            let id = commit.map_or("", |c| c.id.as_str());
            if self.ignored.contains(text.path, &leak.rule_id, leak.start_line, id)
                || self.baseline.contains(&leak.rule_id, text.path, id, &leak.secret, leak.start_line)
            {
                continue;
            }
            let (secret, matched) = redact::redact(&leak.secret, &leak.matched, self.options.redact);
            let mut finding = Finding {
                fingerprint: fingerprint(text.path, &leak.rule_id, leak.start_line, id),
                rule_id: leak.rule_id,
                description: leak.description,
                start_line: leak.start_line,
                end_line: leak.end_line,
                start_column: leak.start_column,
                end_column: leak.end_column,
                matched,
                secret,
                file: text.path.to_vec(),
                symlink: text.symlink.to_vec(),
                entropy: leak.entropy,
                tags: leak.tags,
                ..Finding::default()
            };
            match text.origin {
                Origin::Plain => {}
                Origin::Uncommitted => finding.date = message::date(None),
                Origin::Commit(commit) => {
                    finding.commit.clone_from(&commit.id);
                    finding.author = commit.author.trim_ascii().to_vec();
                    finding.email = commit.email.trim_ascii().to_vec();
                    finding.date = message::date(commit.time);
                    finding.message = message::message(&commit.message);
                    finding.link = self.site.as_ref().map_or_else(String::new, |site| site.link(&finding));
                }
            }
            findings.push(finding);
        }
        Ok(findings)
    }

    /// Whether `--timeout` is over.
    pub(super) fn is_late(&self) -> bool {
        self.deadline.is_some_and(|end| Instant::now() >= end)
    }

    /// Whether a text of so many bytes is passed by.
    pub(super) fn is_too_large(&self, bytes: u64) -> bool {
        let limit = self.options.max_target_megabytes.saturating_mul(1_000_000);
        limit > 0 && bytes > limit
    }
}

/// What a scan, or a part of one, came to.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) findings: Vec<Finding>,
    pub(super) incomplete: Vec<Incomplete>,
    /// Deliberately passed by, such as files beyond `--max-target-megabytes`.
    pub(super) warnings: Vec<String>,
    pub(super) bytes: u64,
    pub(super) commits: u64,
    /// Files that were found by their name: each hunk and piece of such a file finds it again.
    names: HashSet<Vec<u8>>,
}

impl Tally {
    /// Adds the result for one text.
    pub(super) fn add(&mut self, result: Result<Vec<Finding>, Incomplete>) {
        match result {
            Ok(findings) => {
                for finding in findings {
                    self.push(finding);
                }
            }
            Err(item) => self.fail(item),
        }
    }

    /// Adds the result for one part of the scan.
    pub(super) fn merge(&mut self, part: Tally) {
        self.add(Ok(part.findings));
        part.incomplete.into_iter().for_each(|item| self.fail(item));
        self.warnings.extend(part.warnings);
        self.bytes += part.bytes;
        self.commits += part.commits;
    }

    /// Notes something that could not be checked.
    pub(super) fn fail(&mut self, item: Incomplete) {
        if self.incomplete.len() < MAX_INCOMPLETE {
            self.incomplete.push(item);
        }
    }

    fn push(&mut self, finding: Finding) {
        if finding.start_line == 0 && !self.names.insert(finding.fingerprint.clone()) {
            return;
        }
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        } else if self.findings.len() == MAX_FINDINGS && self.incomplete.len() < MAX_INCOMPLETE {
            let why = format!("there are more than {MAX_FINDINGS} leaks");
            let item = Incomplete::new("the scan", why);
            if self.incomplete.last() != Some(&item) {
                self.fail(item);
            }
        }
    }
}
