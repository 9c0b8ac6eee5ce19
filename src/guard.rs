//! The shape that all guards share.

use crate::change::{Blob, ChangeSet, Changes, Commit, Glance, Occurrence, Tag};
use crate::finding::{Finding, GuardId, Incomplete};
use crate::rule::RuleMeta;

/// A kind of check. Made from its policy section; holds no state of a run.
pub trait Guard: Sync {
    /// Which guard it is.
    fn id(&self) -> GuardId;

    /// Every rule it can report, for lookups, `rules list`, `explain` and SARIF.
    fn rules(&self) -> Vec<RuleMeta<'_>>;

    /// Whether it wants to see a blob at this place. Asked before the content is read; must be cheap.
    fn wants(&self, seen: &Occurrence) -> bool;

    /// What of a change it judges.
    fn judges(&self) -> Judges {
        Judges::Result
    }

    /// Whether it can judge a content in parts: a window of a large file, a file in an archive.
    fn judges_parts(&self) -> bool {
        false
    }

    /// Judges one blob. Called from several threads.
    ///
    /// # Errors
    /// When the content cannot be judged; the run reports that as [`Incomplete`].
    fn blob(&self, blob: &Blob<'_>, sink: &mut Sink) -> Result<(), Incomplete>;

    /// Whether [`Guard::blob`] would find anything, or could not say. A history asks this of every blob; with
    /// `changes`, of those alone. Whoever answers that a blob is settled has to answer for its versions as a look at the
    /// whole would.
    fn glance(&self, blob: &Blob<'_>, changes: Option<Changes<'_>>) -> Glance {
        if changes.is_some() {
            return Glance::Something;
        }
        let mut sink = Sink::default();
        match self.blob(blob, &mut sink) {
            Ok(()) if sink.findings.is_empty() && sink.incomplete.is_empty() => Glance::Nothing { settled: None },
            _ => Glance::Something,
        }
    }

    /// Judges one commit: message, identities, signature.
    ///
    /// # Errors
    /// As [`Guard::blob`].
    fn commit(&self, _commit: &Commit, _sink: &mut Sink) -> Result<(), Incomplete> {
        Ok(())
    }

    /// Judges one annotated tag.
    ///
    /// # Errors
    /// As [`Guard::blob`].
    fn tag(&self, _tag: &Tag, _sink: &mut Sink) -> Result<(), Incomplete> {
        Ok(())
    }

    /// Remarks that the run brought up and that are no findings, such as a key of the policy that cannot verify
    /// anything. Asked after everything else.
    fn notices(&self) -> Vec<String> {
        Vec::new()
    }

    /// Judges what needs the whole change or the resulting tree.
    ///
    /// # Errors
    /// As [`Guard::blob`].
    fn set(&self, _set: &ChangeSet, _sink: &mut Sink) -> Result<(), Incomplete> {
        Ok(())
    }
}

/// What of a change a guard judges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Judges {
    /// What each commit adds: it stays in the history even if a later one takes it away.
    Added,
    /// The files as the change leaves them.
    Result,
}

/// Where guards put what they find.
#[derive(Default, Debug)]
pub struct Sink {
    /// Offences, in any order; the run sorts them.
    pub findings: Vec<Finding>,
    /// What a guard saw and could not check, without giving up on the rest.
    pub incomplete: Vec<Incomplete>,
}

impl Sink {
    /// Adds a finding.
    pub fn push(&mut self, finding: Finding) {
        self.findings.push(finding);
    }

    /// Notes something that could not be checked.
    pub fn incomplete(&mut self, what: Incomplete) {
        self.incomplete.push(what);
    }
}
