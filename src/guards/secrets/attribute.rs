//! Which rule of a provider fits a value that a generic rule found: one that would have found it, were the provider's
//! word a part of the value's own name.

use super::builtin::BUILTIN;
use super::compile::rows::Rule;
use super::filter;
use super::provider;
use super::value::{PathClass, Strength};
use crate::finding::{Confidence, Span};

/// Longer values are of no form that a name tells.
const MAX_VALUE: usize = 2048;
/// The part of a name that is asked about, its end.
const MAX_NAME: usize = 64;
/// What names of a reader say nothing by: there the form of the text tells that something is a token.
const SPEECHLESS: [&[u8]; 3] = [b"", b"bearer", b"authorization"];

/// The built-in rule of `provider` that a value of that name is of; `None`: none that refuses such a value.
pub(super) fn rule(provider: &str, name: &[u8], value: &[u8]) -> Option<Rule<'static>> {
    if value.len() > MAX_VALUE || value.iter().any(|b| matches!(b, b'"' | b'\\') || b.is_ascii_control()) {
        return None;
    }
    let name = name.get(name.len().saturating_sub(MAX_NAME)..).unwrap_or(name);
    let name = if SPEECHLESS.iter().any(|word| name.eq_ignore_ascii_case(word)) { b"token" } else { name };
    let rules = BUILTIN.rules();
    let mut best: Option<Rule<'static>> = None;
    for word in provider::words(provider) {
        let line = [word.as_bytes(), b"_", name, b" = \"", value, b"\"\n"].concat();
        let start = word.len() + name.len() + 5;
        let secret = Span::new(start, start + value.len());
        let scanned = BUILTIN.scan(&line, Default::default(), Default::default(), |found| {
            let Some(rule) = rules.get(found.rule).filter(|_| found.pair.is_none() && found.secret == secret) else {
                return;
            };
            let fits = rule.provider == provider
                && rule.level == "deny"
                && best.as_ref().is_none_or(|best| best.specificity < rule.specificity)
                && filter::judge(&rule, 0, &line, &found, PathClass::default())
                    .is_some_and(|found| found.strength == Strength::Strong && found.confidence > Confidence::Low)
                && BUILTIN.filters(found.rule).is_ok_and(|own| !own.lets_go(&line, &found, Some(&[])));
            if fits {
                best = Some(rule);
            }
        });
        scanned.ok()?;
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Blob, EntryKind, Occurrence, Origin, RepoPath};
    use crate::finding::{Finding, Level};
    use crate::guard::{Guard, Sink};
    use crate::guards::secrets::Secrets;
    use crate::policy::schema::{Policy, Value};

    const HEX: &str = "4f9a12c07b3e8d615ea0c9b27f38d146";

    fn only_finding(policy: &Policy, text: &str) -> Finding {
        let path = RepoPath::new(b"src/a.py");
        let seen = [Occurrence { path, origin: Origin::Index, kind: EntryKind::File, bases: Default::default() }];
        let mut sink = Sink::default();
        Secrets::new(policy)
            .unwrap()
            .blob(&Blob { oid: None, bytes: text.as_bytes(), seen: &seen }, &mut sink)
            .unwrap();
        assert_eq!(sink.findings.len(), 1, "{text}");
        sink.findings.remove(0)
    }

    #[test]
    fn what_belongs_to_a_provider_is_reported_by_its_rule() {
        let mut policy = Policy::default();
        let generic = only_finding(&policy, &format!("api_key = \"{HEX}\"\n"));
        assert_eq!(generic.rule, "generic-api-key");
        for text in [
            format!("algolia:\n  api_key: \"{HEX}\"\n"),
            format!("client = algolia.connect(api_key=\"{HEX}\")\n"),
            format!("# algolia\napi_key = \"{HEX}\"\n"),
        ] {
            let told = only_finding(&policy, &text);
            assert_eq!((&*told.rule, told.provider.as_deref()), ("algolia-api-key", Some("algolia")), "{text}");
            assert_eq!(told.fingerprint, generic.fingerprint, "{text}");
        }
        // neither a line that is done nor a policy about the rule that found it
        let text = format!("algolia = 1\napi_key = \"{HEX}\"\n");
        assert_eq!(only_finding(&policy, &text).rule, "generic-api-key");
        policy.secrets.common.levels.insert("generic-api-key".to_owned(), Value::default(Level::Warn));
        let text = format!("# algolia\napi_key = \"{HEX}\"\n");
        assert_eq!(only_finding(&policy, &text).rule, "generic-api-key");
    }

    fn id(provider: &str, name: &str, value: &str) -> Option<&'static str> {
        rule(provider, name.as_bytes(), value.as_bytes()).map(|rule| rule.id)
    }

    #[test]
    fn a_rule_fits_by_the_form_of_its_values() {
        let hex = HEX;
        assert_eq!(id("algolia", "apiKey", hex), Some("algolia-api-key"));
        assert_eq!(id("datadog", "Bearer", hex), Some("datadog-api-key"));
        for (provider, name, value) in [
            ("algolia", "apiKey", &hex[1..]),
            ("algolia", "commit", hex),
            ("nobody", "apiKey", hex),
            ("algolia", "apiKey", "4f9a12c07b3e8d615ea0c9b27f38d14\""),
            // what is public by design says less than that something is a key
            ("adobe", "client_id", hex),
        ] {
            assert_eq!(id(provider, name, value), None, "{provider} {name}");
        }
    }
}
