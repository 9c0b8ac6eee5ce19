//! The images guard: Dockerfiles, the images that they pull, and what the policy says about both.
//!
//! - [`dockerfile`] reads the files, stages and every place that names an image,
//! - [`mod@reference`] brings names into their full form,
//! - [`policy`] matches them against the policy's patterns,
//! - `rules` holds one file a rule.
//!
//! What is not done here: inline suppression (the pipeline's), and asking a registry.

pub mod dockerfile;
mod glob;
pub mod policy;
pub mod reference;
mod rules;

use crate::change::{Blob, EntryKind, Occurrence};
use crate::finding::{Finding, Fingerprint, GuardId, Incomplete, Label, Location, Position};
use crate::guard::{Guard, Sink};
use crate::policy::Policy;
use crate::rule::RuleMeta;
use policy::Patterns;
use rules::{Context, Offence, RULES, Rule};
use std::path::Path;

/// Largest file that is read, in bytes; what people write is a thousandth of it.
pub const MAX_FILE: usize = 4 << 20;
/// Findings of one rule in one file; more are reported as not checked.
const MAX_FINDINGS: usize = 200;

/// Every rule of this guard.
pub fn rules() -> Vec<RuleMeta<'static>> {
    RULES.iter().map(|r| r.meta).collect()
}

/// The guard. Borrows the policy that it applies.
pub struct Images<'p> {
    policy: &'p Policy,
    patterns: Patterns,
    /// The rules that the policy asks for.
    asked: Vec<&'static Rule>,
}

impl<'p> Images<'p> {
    /// A guard that applies `[images]` of this policy.
    pub fn new(policy: &'p Policy) -> Self {
        let asked = RULES.iter().copied().filter(|r| (r.asked)(&policy.images)).collect();
        Images { policy, patterns: Patterns::new(&policy.images), asked }
    }

    fn finding(&self, blob: &Blob<'_>, seen: &Occurrence, rule: &Rule, offence: Offence) -> Finding {
        let id = rule.meta.id;
        let path = seen.path.as_bytes();
        let fingerprint = Fingerprint::over(&[b"images", id.as_bytes(), path, &offence.subject]);
        let at = Location::at_occurrence(seen, blob.oid, Some(Position::new(blob.bytes, offence.span)));
        let mut finding = Finding::new(id.into(), GuardId::Images, rule.meta.level, offence.message, at, fingerprint);
        finding.note = offence.note;
        finding.help = offence.help;
        finding.related.extend(offence.by.and_then(|(by, words)| self.policy.label(by, words)));
        finding.related.extend(offence.related.into_iter().map(|(span, message)| Label {
            file: seen.path.lossy().into_owned(),
            position: Position::new(blob.bytes, span),
            message,
        }));
        finding
    }
}

impl Guard for Images<'_> {
    fn id(&self) -> GuardId {
        GuardId::Images
    }

    fn rules(&self) -> Vec<RuleMeta<'_>> {
        rules()
    }

    fn wants(&self, seen: &Occurrence) -> bool {
        let common = &self.policy.images.common;
        matches!(seen.kind, EntryKind::File | EntryKind::Executable)
            && is_dockerfile(seen.path.file_name())
            && !common.disabled.value
            && !common.exclude.value.set.is_match(Path::new(seen.path.lossy().as_ref()))
    }

    fn blob(&self, blob: &Blob<'_>, sink: &mut Sink) -> Result<(), Incomplete> {
        let Some(seen) = blob.seen.first() else { return Ok(()) };
        let incomplete = |why: String| Incomplete::new(format!("the Dockerfile {}", seen.path.lossy()), why);
        if blob.bytes.len() > MAX_FILE {
            let why = format!("it has {} bytes, more than {MAX_FILE}", blob.bytes.len());
            return Err(
                incomplete(why).help("no builder needs so large a file; exclude it in images.exclude if it is none")
            );
        }
        let file = dockerfile::parse(blob.bytes).map_err(|e| incomplete(e.to_string()))?;
        let build = dockerfile::stages::resolve(&file);
        let cx =
            Context { text: blob.bytes, policy: self.policy, patterns: &self.patterns, file: &file, build: &build };
        for rule in &self.asked {
            let mut offences = Vec::new();
            (rule.check)(&cx, &mut offences);
            if offences.len() > MAX_FINDINGS {
                let why = format!(
                    "{} has {} findings in it, of which {MAX_FINDINGS} are reported",
                    rule.meta.id,
                    offences.len()
                );
                sink.incomplete(incomplete(why));
                offences.truncate(MAX_FINDINGS);
            }
            for offence in offences {
                sink.push(self.finding(blob, seen, rule, offence));
            }
        }
        Ok(())
    }
}

/// Endings of files that are named like a Dockerfile and are none: lists of ignored files and templates.
const NOT_DOCKERFILES: [&str; 7] = [".dockerignore", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".template"];

/// Whether a file of that name is taken for a Dockerfile, in any case of letters: `Dockerfile`,
/// `Containerfile`, either with `.suffix` or `-suffix`, and `*.dockerfile`, `*.containerfile`.
pub fn is_dockerfile(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let begins = ["dockerfile", "containerfile"]
        .iter()
        .any(|n| name.strip_prefix(n.as_bytes()).is_some_and(|rest| matches!(rest, [] | [b'.' | b'-', ..])));
    let ends = || [".dockerfile", ".containerfile"].iter().any(|n| name.ends_with(n.as_bytes()));
    (begins || ends()) && !NOT_DOCKERFILES.iter().any(|n| name.ends_with(n.as_bytes()))
}

#[cfg(test)]
mod tests;
