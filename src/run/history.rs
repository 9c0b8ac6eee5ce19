//! The guards as the judge of a history, and what is told of a finding beyond its place.

use super::{Part, inline};
use crate::archive;
use crate::change::{Blob, ChangeSet, Changes, Commit, Glance, Occurrence, Origin, Reach};
use crate::finding::{Brought, Finding, Incomplete};
use crate::git::history::Judge;
use crate::guard::{Guard, Sink};
use smallvec::SmallVec;
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Asks the guards exactly what a run asks them, and whether anything came of it.
pub struct Probe<'a> {
    /// The guards that take part.
    pub guards: &'a [Box<dyn Guard + 'a>],
    /// `limits.max_blob`, in bytes.
    pub max_blob: u64,
    /// Whether archives are opened: the run does that, with every one of them.
    pub archives: bool,
}

impl Probe<'_> {
    /// Whether a guard found something, could not check, or failed: the run finds out which.
    fn speaks(&self, ask: impl Fn(&dyn Guard, &mut Sink) -> Result<(), Incomplete>) -> bool {
        self.guards.iter().any(|guard| {
            let mut sink = Sink::default();
            let answer = catch_unwind(AssertUnwindSafe(|| ask(guard.as_ref(), &mut sink)));
            !matches!(answer, Ok(Ok(()))) || !sink.findings.is_empty() || !sink.incomplete.is_empty()
        })
    }
}

impl Judge for Probe<'_> {
    fn max_blob(&self) -> u64 {
        self.max_blob
    }

    fn wants(&self, seen: &Occurrence) -> bool {
        self.guards.iter().any(|guard| guard.wants(seen))
    }

    fn blob(&self, blob: &Blob<'_>, changes: Option<Changes<'_>>) -> Glance {
        let mut settled = Some(Reach::default());
        for guard in self.guards {
            let seen: SmallVec<[Occurrence; 1]> = blob.seen.iter().filter(|s| guard.wants(s)).cloned().collect();
            if seen.is_empty() {
                continue;
            }
            let ask = || guard.glance(&Blob { seen: &seen, ..blob.clone() }, changes);
            match catch_unwind(AssertUnwindSafe(ask)) {
                Ok(Glance::Nothing { settled: own }) => settled = settled.zip(own).map(|(all, own)| all.max(own)),
                Ok(Glance::Something) | Err(_) => return Glance::Something,
            }
        }
        // a comment of ours may itself be remarked on
        let mentions = || match changes {
            None => inline::mentions(blob.bytes),
            Some(changes) => changes.ranges.iter().any(|range| inline::mentions_near(blob.bytes, range)),
        };
        if self.archives && archive::kind(blob.bytes).is_some() || mentions() {
            return Glance::Something;
        }
        Glance::Nothing { settled }
    }

    fn commit(&self, commit: &Commit) -> bool {
        self.speaks(|guard, sink| guard.commit(commit, sink))
    }
}

/// Notes beside each finding who brought it and whether a tip still has it, and counts what was looked at in
/// advance.
pub(super) fn attribute(set: &ChangeSet, total: &mut Part) {
    let Some(history) = &set.history else { return };
    total.stats.blobs += history.blobs;
    total.stats.bytes += history.bytes;
    total.stats.commits += history.commits;
    let alive: HashSet<_> = total.alive.iter().collect();
    let note = |finding: &mut Finding| {
        let Origin::Commit(oid) = finding.at.origin else { return };
        let Some(author) = history.authors.get(&oid) else { return };
        let in_tip = finding.at.path.is_some().then(|| alive.contains(&finding.fingerprint));
        finding.brought = Some(Brought { author: author.clone(), in_tip });
    };
    total.findings.iter_mut().for_each(note);
    total.suppressed.iter_mut().for_each(|s| note(&mut s.finding));
}
