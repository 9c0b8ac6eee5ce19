//! From candidates to findings: what people and reports are told.

use super::compile::rows::Rule;
use super::filter::Candidate;
use super::harvest::Harvest;
use super::value::Strength;
use super::{Secrets, attribute, provider};
use crate::finding::{Finding, Fingerprint, GuardId, Incomplete, Level, Location, Span};
use crate::guard::Sink;
use crate::secret::Secret;
use std::collections::HashMap;

/// Findings of one text; findings must never cost more than the scan.
const MAX_FINDINGS: usize = 5_000;
/// Places of one and the same secret in a text that are reported one by one.
const MAX_PLACES: usize = 100;

/// The provider of rules that are of none.
const GENERIC: &str = "generic";
/// Those of rules that know a credential by where it stands alone.
const PLACES: [&str; 3] = [GENERIC, "http", "url"];

/// How the text that was searched is spoken of.
pub(crate) struct Place<'a> {
    /// Names it where not all of its secrets can be told.
    pub(crate) name: &'a dyn Fn() -> String,
    /// What part of a thing it is; empty for the content itself.
    pub(crate) role: &'static str,
}

/// Adds a finding for each candidate of `harvest`; `locate` makes the location of its secret in `text`, and is
/// asked in ascending order.
pub(crate) fn add(
    guard: &Secrets<'_>,
    text: &[u8],
    harvest: &Harvest,
    place: &Place<'_>,
    sink: &mut Sink,
    mut locate: impl FnMut(Span) -> Location,
) {
    // by rule and secret: number of places, index of the last finding
    let mut seen: HashMap<(usize, u16, &[u8]), (usize, usize)> = HashMap::new();
    let (mut count, mut left_out) = (0, harvest.overflow);
    for candidate in &harvest.candidates {
        let Some(rule) = guard.rule(candidate) else { continue };
        let bytes = candidate.value(text);
        let (places, last) = seen.entry((candidate.set, candidate.rule, bytes)).or_default();
        *places += 1;
        if *places > MAX_PLACES {
            continue;
        }
        if count == MAX_FINDINGS {
            left_out = true;
            break;
        }
        count += 1;
        *last = sink.findings.len();
        let level = Level::from_name(rule.level).unwrap_or_default();
        let level = match candidate.strength {
            Strength::Strong => level,
            Strength::Weak => level.min(Level::Warn),
            Strength::Slight | Strength::Doubtful => level.min(Level::Note),
        };
        let fingerprint = Fingerprint::over(&[b"secrets", guard.family(&rule).as_bytes(), bytes]);
        let at = locate(candidate.secret);
        // the fingerprint stays with the rule that found it: what stands around may change
        let told = told(guard, &rule, candidate, text);
        let found_by = told.as_ref().map(|_| rule.id.to_owned().into());
        let rule = told.unwrap_or(rule);
        let mut finding = Finding::new(
            rule.id.to_owned().into(),
            GuardId::Secrets,
            level,
            rule.description.to_owned(),
            at,
            fingerprint,
        );
        finding.found_by = found_by;
        // the texts of built-in rules are constants, those of users' rules come from files
        finding.own_words = candidate.set == 0;
        // a rule that is against a path as such found no credential in it
        let is_path = bytes.len() == text.len() && (rule.paths.is_some() || rule.regex.is_empty());
        finding.secret = (!is_path).then(|| match candidate.strength {
            Strength::Strong => Secret::new(bytes),
            Strength::Weak | Strength::Slight | Strength::Doubtful => Secret::word(bytes),
        });
        finding.provider = provider(&rule, candidate, text);
        if let Some(provider) =
            finding.provider.as_ref().filter(|_| rule.provider == GENERIC || finding.found_by.is_some())
        {
            finding.message.push_str(&format!(", of {provider} by the names around it"));
        }
        finding.confidence = candidate.confidence;
        finding.note = format!("{} bytes", bytes.len());
        let also = also(guard, candidate);
        for more in [&*candidate.note, &*also, place.role].into_iter().filter(|more| !more.is_empty()) {
            finding.note.push_str(", ");
            finding.note.push_str(more);
        }
        finding.help.push(match rule.revoke {
            "" => "revoke it with its issuer, then remove it from this commit".to_owned(),
            revoke => format!("revoke it at {revoke}, then remove it from this commit"),
        });
        sink.push(finding);
    }
    for (places, last) in seen.into_values().filter(|(places, _)| *places > MAX_PLACES) {
        if let Some(finding) = sink.findings.get_mut(last) {
            finding.note.push_str(&format!("; {} more times here", places - MAX_PLACES));
        }
    }
    if let Some(limit) = harvest.limit {
        let help = "remove it, or exclude the file from the secrets guard: [secrets] exclude";
        sink.incomplete(Incomplete::new((place.name)(), limit.words()).help(help));
    }
    if left_out {
        sink.incomplete(
            Incomplete::new(
                (place.name)(),
                format!("more than {MAX_FINDINGS} secrets in one text; not all are listed"),
            )
            .help("remove them, or exclude the file from the secrets guard: [secrets] exclude"),
        );
    }
}

/// The other rules that found the value, in words; empty where there are none.
fn also(guard: &Secrets<'_>, candidate: &Candidate) -> String {
    let ids = candidate.also.iter().filter_map(|&(set, rule)| Some(guard.rule_of(set, rule)?.id));
    let ids = ids.collect::<Vec<_>>().join(", ");
    if ids.is_empty() { ids } else { format!("also {ids}") }
}

/// The rule of a provider that a value which a generic one found is of, by what belongs to it and by its form.
fn told<'a>(guard: &'a Secrets<'_>, rule: &Rule<'a>, candidate: &Candidate, text: &[u8]) -> Option<Rule<'a>> {
    // what a policy says of the rule that found it is said of this
    let asked = candidate.set == 0
        && PLACES.contains(&rule.provider)
        && candidate.strength == Strength::Strong
        && candidate.decoded.is_none()
        && !guard.common.levels.contains_key(rule.id);
    let name = name(candidate, text);
    let provider = asked.then(|| super::provider::beside(name, text, candidate.secret)).flatten()?;
    attribute::rule(provider, name, candidate.value(text)).filter(|rule| !guard.is_replaced(0, rule.id))
}

/// Whose credential it is: the rule's provider, or what the names around it say.
fn provider(rule: &Rule<'_>, candidate: &Candidate, text: &[u8]) -> Option<String> {
    if !matches!(rule.provider, "" | GENERIC) {
        return Some(rule.provider.to_owned());
    }
    // what stands before it says what a value is of; what follows belongs to the next, and its own bytes are not for
    // a message
    provider::of(name(candidate, text), text.get(..candidate.secret.start)?).map(str::to_owned)
}

/// What a value in `text` is given to; empty where nothing is, or where the name is encoded too.
fn name<'t>(candidate: &Candidate, text: &'t [u8]) -> &'t [u8] {
    candidate.name.filter(|_| candidate.decoded.is_none()).map_or(&b""[..], |name| name.of(text))
}
