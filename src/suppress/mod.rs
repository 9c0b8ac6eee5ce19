//! Suppressions: what silences a finding, and whether it still needs to.
//!
//! In order: a comment on the line ([`inline`]), the [`baseline`], [`gitleaksignore`], an `[[allow]]` of a policy. Nothing
//! silences a finding of level forbid. Who is silenced by none, or silences none, is reported ([`unused`]).
//!
//! Use counts are atomic flags, so that [`Suppressions::decide`] can be called from several threads. Report
//! remarks after the last finding was decided.

mod allow;
pub mod baseline;
mod comment;
pub mod gitleaksignore;
pub mod inline;
pub mod unused;

pub use baseline::{Baseline, BaselineError};
pub use gitleaksignore::GitleaksIgnore;
pub use inline::Inline;

use crate::change::Origin;
use crate::finding::{Finding, GuardId, Incomplete, Level};
use crate::outcome::Suppressor;
use crate::policy::Policy;
use crate::rule::RuleMeta;
use allow::Allows;
use jiff::civil::Date;
use std::sync::OnceLock;

/// Reads the baseline, `None` where there is none.
pub type LoadBaseline<'p> = dyn Fn() -> Result<Option<Baseline>, Incomplete> + Sync + 'p;

/// Reads the repository's `.gitleaksignore`, `None` where there is none.
pub type LoadIgnore<'p> = dyn Fn() -> Result<Option<GitleaksIgnore>, Incomplete> + Sync + 'p;

/// Everything that can silence a finding, beside the comments of its own file.
pub struct Suppressions<'p> {
    allows: Allows<'p>,
    load: &'p LoadBaseline<'p>,
    baseline: OnceLock<Result<Option<Baseline>, Incomplete>>,
    load_ignored: Option<&'p LoadIgnore<'p>>,
    ignored: OnceLock<Result<Option<GitleaksIgnore>, Incomplete>>,
}

impl<'p> Suppressions<'p> {
    /// The exceptions of a policy as they stand on the day `today`, and the baseline that `load` reads: it is
    /// called once at most, and not before something is found.
    pub fn new(policy: &'p Policy, today: Date, load: &'p LoadBaseline<'p>) -> Self {
        let allows = Allows::new(policy, today);
        Suppressions { allows, load, baseline: OnceLock::new(), load_ignored: None, ignored: OnceLock::new() }
    }

    /// Lets `.gitleaksignore` silence findings of the secrets guard; `load` is called as that of the baseline is.
    #[must_use]
    pub fn with_gitleaks_ignore(mut self, load: &'p LoadIgnore<'p>) -> Self {
        self.load_ignored = Some(load);
        self
    }

    /// Whether `.gitleaksignore` names the place of a finding.
    fn is_ignored(&self, finding: &Finding, above: u32) -> bool {
        let (Some(load), GuardId::Secrets) = (self.load_ignored, finding.guard) else { return false };
        let Ok(Some(ignored)) = self.ignored.get_or_init(load) else { return false };
        let Some(path) = &finding.at.path else { return false };
        // of a file that was found by its name
        let line = finding.at.position.as_ref().map_or(0, |position| position.line as usize + above as usize);
        let commit = match finding.at.origin {
            Origin::Commit(oid) => oid.to_string(),
            Origin::Index | Origin::WorkTree | Origin::Stdin => String::new(),
        };
        let rules = std::iter::once(&finding.rule).chain(&finding.found_by);
        rules.into_iter().any(|rule| ignored.contains(path.as_bytes(), rule, line, &commit))
    }

    /// The baseline, with what the findings decided so far met of it.
    pub fn baseline(&self) -> Option<&Baseline> {
        self.baseline.get_or_init(self.load).as_ref().ok()?.as_ref()
    }

    /// Why files that were needed could not be read.
    pub fn incomplete(&self) -> impl Iterator<Item = Incomplete> {
        let baseline = self.baseline.get().and_then(|read| read.as_ref().err());
        let ignored = self.ignored.get().and_then(|read| read.as_ref().err());
        baseline.into_iter().chain(ignored).cloned()
    }

    /// What silences the finding, and the reason given with it (may be empty). The finding has the level
    /// that the policy gives it. `rule` knows the other names of its rule. `inline` holds the comments of
    /// the text that it lies in; `None` where there is no text, or where comments are not honoured. `above` are the lines
    /// of the file in front of that text.
    pub fn decide(
        &self,
        finding: &Finding,
        rule: Option<&RuleMeta<'_>>,
        inline: Option<&Inline>,
        above: u32,
    ) -> Option<(Suppressor, String)> {
        if finding.level >= Level::Forbid {
            return None;
        }
        let inline = || Some((Suppressor::Inline, inline?.allows(finding, rule)?));
        let baseline = || Some((Suppressor::Baseline, self.baseline()?.find(&finding.fingerprint)?));
        let policy = || Some((Suppressor::Policy, self.allows.find(finding, rule)?));
        let ignored = || self.is_ignored(finding, above).then_some((Suppressor::GitleaksIgnore, ""));
        let (by, reason) = inline().or_else(baseline).or_else(ignored).or_else(policy)?;
        Some((by, reason.to_owned()))
    }

    /// Findings about exceptions and the baseline: `allow-expired`, and where `report_unused`,
    /// `suppression-unused`. Ask for the latter only after all guards have seen the whole repository.
    pub fn remarks(&self, report_unused: bool) -> Vec<Finding> {
        let mut found = self.allows.remarks(report_unused);
        if report_unused && let Some(baseline) = self.baseline() {
            found.extend(baseline.unused());
        }
        found
    }
}

/// Whether `name`, as a person wrote it, means the finding's rule.
fn is_called(finding: &Finding, rule: Option<&RuleMeta<'_>>, name: &str) -> bool {
    finding.is_of(name) || rule.is_some_and(|r| r.is_called(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Fingerprint, GuardId, Location, Span};
    use crate::policy::{Allow, Layer, Value};

    const TEXT: &[u8] = b"key # gitward: allow[r] in the text\n";

    fn finding(level: Level) -> Finding {
        let at = Location::in_file(b"f", Origin::Index, TEXT, Span::new(0, 3));
        Finding::new("r".into(), GuardId::Secrets, level, String::new(), at, Fingerprint::over(&[b"x"]))
    }

    #[test]
    fn asks_the_line_then_the_baseline_then_the_policy() {
        let mut policy = Policy::default();
        policy.allow.push(Value::default(Allow {
            fingerprint: None,
            rule: Some("r".into()),
            path: None,
            reason: "in the policy".into(),
            until: None,
            layer: Layer::Org,
        }));
        let none = Policy::default();
        let nothing = || Ok(None);
        let text = Baseline::write([&finding(Level::Deny)], None);
        let baseline = || Ok(Some(Baseline::parse(&text, baseline::FILE).unwrap()));
        let inline = Inline::scan(TEXT);
        let today = Date::constant(2027, 1, 1);
        let table = [
            (Suppressions::new(&none, today, &nothing), None, None),
            (Suppressions::new(&policy, today, &nothing), None, Some((Suppressor::Policy, "in the policy"))),
            (Suppressions::new(&policy, today, &baseline), None, Some((Suppressor::Baseline, ""))),
            (Suppressions::new(&policy, today, &baseline), Some(&inline), Some((Suppressor::Inline, "in the text"))),
        ];
        for (suppressions, inline, want) in table {
            let want = want.map(|(by, reason)| (by, reason.to_owned()));
            assert_eq!(suppressions.decide(&finding(Level::Deny), None, inline, 0), want);
            assert_eq!(suppressions.decide(&finding(Level::Forbid), None, inline, 0), None);
        }
    }

    #[test]
    fn a_baseline_is_read_when_something_is_found_and_damage_silences_nothing() {
        let policy = Policy::default();
        let broken = || Err(Incomplete::new("baseline", "broken"));
        let suppressions = Suppressions::new(&policy, Date::constant(2027, 1, 1), &broken);
        assert_eq!((suppressions.remarks(false), suppressions.incomplete().count()), (Vec::new(), 0));
        assert_eq!(suppressions.decide(&finding(Level::Deny), None, None, 0), None);
        assert_eq!(suppressions.incomplete().count(), 1);
    }

    #[test]
    fn an_entry_that_was_never_asked_is_unused() {
        let policy = Policy::default();
        let text = Baseline::write([&finding(Level::Deny)], None);
        let baseline = || Ok(Some(Baseline::parse(&text, baseline::FILE).unwrap()));
        let suppressions = Suppressions::new(&policy, Date::constant(2027, 1, 1), &baseline);
        assert!(suppressions.decide(&finding(Level::Deny), None, Some(&Inline::scan(TEXT)), 0).is_some());
        assert_eq!(suppressions.remarks(false), []);
        assert_eq!(suppressions.remarks(true)[0].rule, "suppression-unused");
        assert!(suppressions.baseline().is_some_and(|b| !b.prune().contains("[[finding]]")));
    }
}
