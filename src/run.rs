//! The run: every blob of a change once past the guards that want it, commits and the resulting tree after
//! it; then levels, "was it added here", suppression and order.

mod added;
mod content;
mod fan_out;
mod history;
mod levels;
mod parts;

use crate::change::{Blob, BlobEntry, ChangeSet, CommitEntry, Occurrence, Scope};
use crate::finding::{Finding, Fingerprint, GuardId, Incomplete, Level};
use crate::git::Backend;
use crate::guard::{Guard, Judges, Sink};
use crate::outcome::{Outcome, Stats, Suppressed};
use crate::policy::Policy;
use crate::rule::RuleMeta;
use crate::suppress::{Inline, Suppressions, inline};
use content::{Contents, Loaded};
use levels::Levels;
use smallvec::SmallVec;
use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

pub use history::Probe;
pub use levels::{Select, UnknownName};

/// What a run needs beside the change itself.
pub struct Request<'a> {
    /// The effective policy.
    pub policy: &'a Policy,
    /// The guards, each with its section of the policy.
    pub guards: &'a [Box<dyn Guard + 'a>],
    /// The repository, where the change comes from one.
    pub repo: Option<Arc<dyn Backend>>,
    /// Inline comments, baseline and exceptions.
    pub suppressions: &'a Suppressions<'a>,
    /// `--only` and `--skip`.
    pub select: &'a Select,
    /// Since when the process has been at it.
    pub started: Instant,
    /// Where it counts the blobs that it is done with, for whoever watches.
    pub done: Option<&'a AtomicU64>,
}

/// Runs the guards over a change.
pub fn run(request: &Request<'_>, mut set: ChangeSet) -> Outcome {
    let pass = Pass {
        request,
        scope: set.scope,
        levels: Levels::new(request.policy, request.guards),
        deadline: match request.policy.limits.deadline.value {
            0 => None,
            seconds => Some(request.started + Duration::from_secs(seconds)),
        },
        set: &set,
        rules: OnceLock::new(),
    };
    let mut total = pass.blobs();
    total.join(pass.commits());
    total.join(pass.whole());
    history::attribute(&set, &mut total);
    total.stats.left_out = set.left_out;
    total.incomplete.append(&mut set.incomplete);
    finish(request, set.scope, total)
}

/// Puts everything in its order and adds what is known only at the end.
fn finish(request: &Request<'_>, scope: Scope, mut total: Part) -> Outcome {
    // only a look at everything can tell that an exception serves nothing
    total.findings.extend(request.suppressions.remarks(is_whole(request, scope)));
    total.incomplete.extend(request.suppressions.incomplete());
    total.findings.sort_by(|a, b| key(a).cmp(&key(b)));
    total.findings.dedup();
    total.suppressed.sort_by(|a, b| key(&a.finding).cmp(&key(&b.finding)));
    total.suppressed.dedup();
    total.incomplete.sort();
    total.incomplete.dedup();
    total.stats.elapsed = request.started.elapsed();
    Outcome {
        scope,
        findings: total.findings,
        suppressed: total.suppressed,
        incomplete: total.incomplete,
        notices: request
            .policy
            .notices
            .iter()
            .cloned()
            .chain(request.guards.iter().flat_map(|g| g.notices()))
            .collect(),
        stats: total.stats,
        fail_level: request.policy.fail_level.value,
    }
}

/// Whether all guards saw the whole repository.
fn is_whole(request: &Request<'_>, scope: Scope) -> bool {
    scope == Scope::AllFiles && request.select.is_everything()
}

/// The order of findings: by file and place, then by what was found.
fn key(f: &Finding) -> impl Ord {
    let place = f.at.position.as_ref().map(|p| (p.line, p.column, p.end_line, p.end_column));
    (f.at.path.clone(), place, f.rule.clone(), f.fingerprint.clone(), f.at.origin, f.at.oid)
}

/// What one thread brings home.
#[derive(Default)]
struct Part {
    findings: Vec<Finding>,
    suppressed: Vec<Suppressed>,
    incomplete: Vec<Incomplete>,
    /// What is found in blobs that a tip still has, added here or not.
    alive: Vec<Fingerprint>,
    stats: Stats,
}

impl Part {
    fn join(&mut self, other: Part) {
        self.findings.extend(other.findings);
        self.suppressed.extend(other.suppressed);
        self.incomplete.extend(other.incomplete);
        self.alive.extend(other.alive);
        self.stats.blobs += other.stats.blobs;
        self.stats.bytes += other.stats.bytes;
        self.stats.commits += other.stats.commits;
    }
}

/// Blobs from which on a second thread pays for its start.
const BLOBS_FOR_THREADS: usize = 64;
/// Commits from which on it does: a signature takes some hundred microseconds.
const COMMITS_FOR_THREADS: usize = 16;

/// A guard and the places of a blob that it asked to see.
type Wanted<'a> = (&'a dyn Guard, Cow<'a, [Occurrence]>);

/// Paths of a blob that are judged one by one; what stands at more is judged by all of them together.
const MAX_PATHS: usize = 64;

/// The occurrences of a blob path by path, in their order; none where the paths are too many.
fn by_path(seen: &[Occurrence]) -> Vec<SmallVec<[Occurrence; 1]>> {
    let mut paths: Vec<SmallVec<[Occurrence; 1]>> = Vec::new();
    for one in seen {
        let same = |group: &SmallVec<[Occurrence; 1]>| group.first().is_some_and(|first| first.path == one.path);
        match paths.iter().position(same) {
            Some(n) => paths.get_mut(n).into_iter().for_each(|group| group.push(one.clone())),
            None if paths.len() == MAX_PATHS => return Vec::new(),
            None => paths.push(SmallVec::from_elem(one.clone(), 1)),
        }
    }
    paths
}

struct Pass<'a> {
    request: &'a Request<'a>,
    scope: Scope,
    levels: Levels,
    deadline: Option<Instant>,
    set: &'a ChangeSet,
    /// By id; listed when the first finding asks for its rule.
    rules: OnceLock<HashMap<&'a str, RuleMeta<'a>>>,
}

impl<'a> Pass<'a> {
    fn rule(&self, id: &str) -> Option<&RuleMeta<'a>> {
        let list = || self.request.guards.iter().flat_map(|g| g.rules()).map(|r| (r.id, r)).collect();
        self.rules.get_or_init(list).get(id)
    }

    fn blobs(&self) -> Part {
        let blobs = &self.set.blobs;
        let (repo, max) = (&self.request.repo, self.request.policy.limits.max_blob.value);
        let contents = |thread: usize| Contents::new(repo.clone(), thread > 0, max);
        self.fan_out(blobs.len(), BLOBS_FOR_THREADS, "files", contents, |contents, n, part| {
            if let Some(entry) = blobs.get(n) {
                self.blob(entry, contents, part);
            }
            if let Some(done) = self.request.done {
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    }

    fn commits(&self) -> Part {
        let commits = &self.set.commits;
        let mut total = self.fan_out(
            commits.len(),
            COMMITS_FOR_THREADS,
            "commits",
            |_| (),
            |(), n, part| {
                if let Some(entry) = commits.get(n) {
                    part.stats.commits += 1;
                    self.judge(part, &format!("commit {}", entry.commit.oid.short()), |guard, sink| {
                        if self.asks(guard, entry) { guard.commit(&entry.commit, sink) } else { Ok(()) }
                    });
                }
            },
        );
        for tag in &self.set.tags {
            total.stats.commits += 1;
            self.judge(&mut total, &format!("tag {}", tag.oid.short()), |guard, sink| guard.tag(tag, sink));
        }
        total
    }

    fn whole(&self) -> Part {
        let mut part = Part::default();
        self.judge(&mut part, "the change as a whole", |guard, sink| guard.set(self.set, sink));
        part
    }

    /// Whether a guard is asked about a commit: content of what is new, signatures of what a ref gains.
    fn asks(&self, guard: &dyn Guard, entry: &CommitEntry) -> bool {
        if guard.id() != GuardId::Signatures {
            return entry.is_new;
        }
        // outside of a push there is no ref to ask about
        let mut gaining = entry.refs.iter().filter_map(|n| self.set.refs.get(*n));
        self.set.refs.is_empty() || gaining.any(|r| self.request.policy.signatures.covers(r.name.as_bytes()))
    }

    fn blob(&self, entry: &BlobEntry, contents: &mut Contents, part: &mut Part) {
        let mut wanted: SmallVec<[Wanted<'_>; 4]> = SmallVec::new();
        for guard in self.request.guards {
            let is_wanted = |s: &&Occurrence| guard.wants(s) && self.is_asked(guard.as_ref(), entry, s);
            let count = entry.seen.iter().take_while(is_wanted).count();
            let seen = match count == entry.seen.len() {
                true => Cow::Borrowed(&entry.seen[..]),
                false => entry.seen.iter().filter(is_wanted).cloned().collect(),
            };
            if !seen.is_empty() {
                wanted.push((guard.as_ref(), seen));
            }
        }
        if wanted.is_empty() {
            return;
        }
        let bytes = match contents.load(entry, |file, len| self.is_large(file, len, entry, &wanted)) {
            Ok(Loaded::Whole(bytes)) => bytes,
            Ok(Loaded::Large(file)) => return self.in_windows(file, entry, &wanted, contents, part),
            Err(why) => return part.incomplete.push(why),
        };
        part.stats.blobs += 1;
        part.stats.bytes += bytes.len() as u64;
        self.text(entry, &bytes, 0, &wanted, contents, part);
        self.archive(entry, &bytes, &wanted, contents, part);
        contents.give_back(bytes);
    }

    /// Has guards judge a content, and applies the comments in it. `above` are the lines of the file in front of it.
    fn text(
        &self,
        entry: &BlobEntry,
        bytes: &[u8],
        above: u32,
        wanted: &[Wanted<'_>],
        contents: &mut Contents,
        part: &mut Part,
    ) {
        let in_tip = entry.oid.zip(self.set.history.as_ref()).is_some_and(|(oid, h)| h.standing.contains(&oid));
        let mut found = Vec::new();
        for (guard, seen) in wanted {
            let blob = Blob { oid: entry.oid, bytes, seen };
            let judge = |blob: &Blob<'_>, part: &mut Part| {
                self.call(*guard, part, || content::name(entry), |sink| guard.blob(blob, sink))
            };
            let together = judge(&blob, part);
            let paths = if together.is_empty() { Vec::new() } else { by_path(seen) };
            let judged: Vec<_> = match &paths[..] {
                [] | [_] => vec![(blob, together)],
                // what stands at several paths may be let go at one of them alone
                several => several
                    .iter()
                    .map(|seen| Blob { seen, ..blob.clone() })
                    .map(|blob| (blob.clone(), judge(&blob, part)))
                    .collect(),
            };
            for (blob, findings) in judged {
                for finding in findings {
                    if in_tip {
                        part.alive.push(finding.fingerprint.clone());
                    }
                    self.place(*guard, &blob, finding, contents, &mut found);
                }
            }
        }
        if found.is_empty() && !inline::mentions(bytes) {
            return;
        }
        let comments = Inline::scan(bytes);
        for finding in found {
            self.file(finding, Some(&comments), above, part);
        }
        let blob = Blob { oid: entry.oid, bytes, seen: &entry.seen };
        for remark in comments.remarks(&blob, is_whole(self.request, self.scope)) {
            self.file(remark, None, above, part);
        }
    }

    /// Whether this version of the file is one that the guard judges: some judge what a change added, others
    /// what it results in.
    fn is_asked(&self, guard: &dyn Guard, entry: &BlobEntry, seen: &Occurrence) -> bool {
        // what a parent has at the same place is not this change's doing
        if entry.oid.is_some_and(|oid| seen.bases.contains(&oid)) {
            return false;
        }
        match guard.judges() {
            Judges::Added => true,
            Judges::Result => {
                let in_commit = matches!(seen.origin, crate::change::Origin::Commit(_));
                !in_commit
                    || self.set.tips.is_empty()
                    || self.set.tips.iter().any(|t| t.view.id(seen.path.as_bytes()).is_none_or(|id| id == entry.oid))
            }
        }
    }

    /// Finds the occurrences that a finding in a blob is about: one for each path.
    fn place(
        &self,
        guard: &dyn Guard,
        blob: &Blob<'_>,
        found: Finding,
        contents: &mut Contents,
        out: &mut Vec<Finding>,
    ) {
        let lines = found.at.position.as_ref().map(|p| p.line..p.end_line + 1);
        let mut done: SmallVec<[&[u8]; 4]> = SmallVec::new();
        for seen in blob.seen {
            let path = seen.path.as_bytes();
            // a finding that names its file is about that one
            let other = found.at.path.as_ref().is_some_and(|p| p != &blob.seen[0].path && p != &seen.path);
            if done.contains(&path) || other {
                continue;
            }
            if guard.judges() == Judges::Added
                && !self.scope.is_whole()
                && !added::is_added(blob, seen, lines.clone(), self.set, contents)
            {
                continue;
            }
            done.push(path);
            let mut finding = found.clone();
            finding.at.path = Some(seen.path.clone());
            finding.at.origin = seen.origin;
            out.push(finding);
        }
    }

    /// Gives a finding the policy's level and files it with the findings or the suppressed. `comments` are
    /// those of the text that it lies in, which has `above` lines of the file in front of it.
    fn file(&self, mut finding: Finding, comments: Option<&Inline>, above: u32, part: &mut Part) {
        finding.level = self.levels.of(&finding);
        if finding.level == Level::Allow || !self.request.select.admits(&finding) {
            return;
        }
        if finding.guard == GuardId::Secrets {
            finding.message = format!("{} in {}", finding.message, self.scope.words());
        }
        match self.request.suppressions.decide(&finding, self.rule(&finding.rule), comments, above) {
            Some((by, reason)) => part.suppressed.push(Suppressed { finding, by, reason }),
            None => part.findings.push(finding),
        }
    }

    /// Asks every guard for something that is no blob.
    fn judge(&self, part: &mut Part, what: &str, ask: impl Fn(&dyn Guard, &mut Sink) -> Result<(), Incomplete>) {
        for guard in self.request.guards {
            for finding in self.call(guard.as_ref(), part, || what.to_owned(), |sink| ask(guard.as_ref(), sink)) {
                self.file(finding, None, 0, part);
            }
        }
    }

    /// Calls a guard; that it could not check, or panicked, is noted and never taken for "clean".
    fn call(
        &self,
        guard: &dyn Guard,
        part: &mut Part,
        what: impl Fn() -> String,
        ask: impl FnOnce(&mut Sink) -> Result<(), Incomplete>,
    ) -> Vec<Finding> {
        let mut sink = Sink::default();
        let result = catch_unwind(AssertUnwindSafe(|| ask(&mut sink)));
        part.incomplete.append(&mut sink.incomplete);
        match result {
            Ok(Ok(())) => {}
            Ok(Err(why)) => part.incomplete.push(why),
            Err(_) => {
                let why = format!("the {} guard failed unexpectedly", guard.id().name());
                let help = "this is a defect of gitward: please report it with the file, if it can be shared";
                part.incomplete.push(Incomplete::new(what(), why).help(help));
            }
        }
        sink.findings
    }
}
