//! `[[allow]]` of policies: reasoned exceptions that can end by themselves.

use super::is_called;
use super::unused::{ALLOW_EXPIRED, SUPPRESSION_UNUSED, place, remark};
use crate::change::Origin;
use crate::finding::{Finding, Location};
use crate::policy::{Allow, Layer, Policy, SetBy, Value};
use crate::rule::RuleMeta;
use jiff::civil::Date;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exceptions of a policy on a day, and which of them were needed.
#[derive(Debug)]
pub(super) struct Allows<'p> {
    policy: &'p Policy,
    today: Date,
    /// A flag an exception: a finding met it, whether it still holds or not.
    met: Vec<AtomicBool>,
}

impl<'p> Allows<'p> {
    pub(super) fn new(policy: &'p Policy, today: Date) -> Self {
        Allows { policy, today, met: policy.allow.iter().map(|_| AtomicBool::new(false)).collect() }
    }

    /// The reason of an exception that holds today. Exceptions of the finding past their day are remembered.
    pub(super) fn find(&self, finding: &Finding, rule: Option<&RuleMeta<'_>>) -> Option<&'p str> {
        let matching = self.policy.allow.iter().zip(&self.met).filter(|(a, _)| matches(&a.value, finding, rule));
        let mut found = None;
        for (allow, met) in matching {
            met.store(true, Ordering::Relaxed);
            if !self.is_over(&allow.value) {
                found = found.or(Some(allow.value.reason.as_str()));
            }
        }
        found
    }

    /// `until` is the last day.
    fn is_over(&self, allow: &Allow) -> bool {
        allow.until.is_some_and(|day| day < self.today)
    }

    /// `allow-expired` for exceptions past their day that a finding met; with `report_unused` for all of
    /// them, and `suppression-unused` for those of the repository that none met. An organisation's serve
    /// other repositories too, so being unused here says nothing about them.
    pub(super) fn remarks(&self, report_unused: bool) -> Vec<Finding> {
        let mut found = Vec::new();
        for (allow, met) in self.policy.allow.iter().zip(&self.met) {
            let (met, over) = (met.load(Ordering::Relaxed), self.is_over(&allow.value));
            if let (true, Some(until)) = (over && (met || report_unused), allow.value.until) {
                let message = format!("the exception for {} ended on {until}", name(&allow.value));
                let mut finding = self.remark(&ALLOW_EXPIRED, allow, message);
                finding.note = format!("today is {}", self.today);
                finding.help.push("mend what it excepts and take it away, or decide anew and move the date".to_owned());
                found.push(finding);
            } else if report_unused && !met && !over && allow.value.layer == Layer::Repo {
                let message = format!("the exception for {} silences nothing", name(&allow.value));
                let mut finding = self.remark(&SUPPRESSION_UNUSED, allow, message);
                finding.help.push("take it away".to_owned());
                found.push(finding);
            }
        }
        found
    }

    fn remark(&self, rule: &RuleMeta<'static>, allow: &Value<Allow>, message: String) -> Finding {
        let at = match allow.by {
            SetBy::File(file, span) => self.policy.files.get(file).map(|f| place(&f.name, &f.text, span)),
            SetBy::Default | SetBy::Preset(_) | SetBy::Option(_) => None,
        };
        let at = at.unwrap_or_else(|| Location::tree(None, Origin::WorkTree));
        remark(rule, &[b"allow", name(&allow.value).as_bytes()], at, message)
    }
}

/// Whether everything that the exception names fits. One that names neither a fingerprint nor a rule
/// excepts nothing.
fn matches(allow: &Allow, finding: &Finding, rule: Option<&RuleMeta<'_>>) -> bool {
    let fingerprint = allow.fingerprint.as_ref().is_none_or(|f| f.means(&finding.fingerprint));
    let called = allow.rule.as_deref().is_none_or(|name| is_called(finding, rule, name));
    if !fingerprint || !called || allow.fingerprint.is_none() && allow.rule.is_none() {
        return false;
    }
    let Some(globs) = &allow.path else { return true };
    let path = finding.at.path.as_ref();
    path.is_some_and(|p| globs.set.is_match_candidate(&globset::Candidate::from_bytes(p.as_bytes())))
}

/// What an exception is for, in words.
fn name(allow: &Allow) -> String {
    let paths = allow.path.as_ref().map(|p| format!("in {}", p.patterns.join(", ")));
    let parts = [allow.rule.clone(), allow.fingerprint.as_ref().map(ToString::to_string), paths];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Fingerprint, GuardId, Level, Span};
    use crate::policy::{Globs, PolicyFile};
    use globset::{GlobBuilder, GlobSet};
    use std::sync::Arc;

    fn globs(patterns: &[&str]) -> Globs {
        let globs = patterns.iter().map(|p| GlobBuilder::new(p).literal_separator(true).build().unwrap());
        Globs { patterns: patterns.iter().map(|p| (*p).to_owned()).collect(), set: GlobSet::new(globs).unwrap() }
    }

    fn allow(fingerprint: Option<&str>, rule: Option<&str>, path: Option<&str>, until: Option<&str>) -> Allow {
        Allow {
            fingerprint: fingerprint.map(|f| Fingerprint::parse(f).unwrap()),
            rule: rule.map(str::to_owned),
            path: path.map(|p| globs(&[p])),
            reason: "why".to_owned(),
            until: until.map(|d| d.parse().unwrap()),
            layer: Layer::Repo,
        }
    }

    fn policy(allows: impl IntoIterator<Item = Allow>) -> Policy {
        let mut policy = Policy::default();
        let text = Arc::from("version = 1\n[[allow]]\n");
        policy.files.push(PolicyFile { name: ".gitward.toml".into(), layer: Layer::Repo, text });
        let by = SetBy::File(0, Span::new(12, 21));
        policy.allow = allows.into_iter().map(|a| Value::new(a, by)).collect();
        policy
    }

    fn finding() -> Finding {
        let at = Location::tree(Some(b"docs/a.md"), Origin::Index);
        Finding::new("r".into(), GuardId::Secrets, Level::Deny, String::new(), at, Fingerprint::over(&[b"x"]))
    }

    fn today() -> Date {
        Date::constant(2027, 3, 31)
    }

    #[test]
    fn everything_named_must_fit() {
        let full = finding().fingerprint.to_string();
        let other = "gw1:000000000000";
        let table = [
            (Some(full.as_str()), None, None, None, true),
            (Some(&full[..16]), None, None, None, true),
            (Some(other), None, None, None, false),
            (None, Some("r"), None, None, true),
            (None, Some("R"), Some("docs/**"), None, true),
            (None, Some("r"), Some("*.md"), None, false),
            (None, Some("other"), Some("docs/**"), None, false),
            (Some(&full[..]), Some("other"), None, None, false),
            (Some(&full[..]), Some("r"), Some("src/**"), None, false),
            (None, None, Some("**"), None, false),
            (None, Some("r"), None, Some("2027-03-31"), true),
            (None, Some("r"), None, Some("2027-03-30"), false),
        ];
        for (fingerprint, rule, path, until, want) in table {
            let allow = allow(fingerprint, rule, path, until);
            let policy = policy([allow.clone()]);
            let allows = Allows::new(&policy, today());
            assert_eq!(allows.find(&finding(), None), want.then_some("why"), "{allow:?}");
        }
        let policy = policy([allow(None, Some("r"), Some("**"), None)]);
        let mut nowhere = finding();
        nowhere.at.path = None;
        assert_eq!(Allows::new(&policy, today()).find(&nowhere, None), None);
    }

    #[test]
    fn says_what_ended_and_what_is_unused() {
        let over = || allow(None, Some("r"), None, Some("2027-01-01"));
        let org = Allow { layer: Layer::Org, ..allow(None, Some("s"), None, None) };
        let policy = policy([over(), allow(None, Some("s"), None, None), org, allow(None, Some("r"), None, None)]);
        let rules = |found: Vec<Finding>| found.into_iter().map(|f| f.rule.into_owned()).collect::<Vec<_>>();

        let silent = Allows::new(&policy, today());
        assert_eq!(rules(silent.remarks(false)), [""; 0]);
        assert_eq!(rules(silent.remarks(true)), ["allow-expired", "suppression-unused", "suppression-unused"]);

        let met = Allows::new(&policy, today());
        assert_eq!(met.find(&finding(), None), Some("why"));
        let found = met.remarks(false);
        assert_eq!(found[0].message, "the exception for r ended on 2027-01-01");
        assert_eq!(found[0].at.position.as_ref().unwrap().line, 2);
        assert_eq!(rules(found), ["allow-expired"]);
        assert_eq!(rules(met.remarks(true)), ["allow-expired", "suppression-unused"]);
    }
}
