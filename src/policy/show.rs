//! The effective policy key by key, with the origin of each value.

use super::datum::{Datum, list_of, quote};
use super::keys::{Kind, List, ROOT, Table};
use super::{Allow, Policy, RequiredHook, SetBy, Signer};
use crate::finding::GuardId;

/// A key of the effective policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShownKey {
    /// Its full name: `images.pin`, `secrets.rule.generic-password`.
    pub key: String,
    /// Its value as it would be written, on one line without control characters; `not set` where nothing is
    /// asked.
    pub value: String,
    /// Where it was set: `default`, `preset strict`, `FILE:LINE:COLUMN`, `--fail-level`.
    pub origin: String,
}

/// Every key in the order of the schema; lists of tables entry by entry.
pub fn show(policy: &Policy) -> Vec<ShownKey> {
    let mut out = Vec::new();
    table(policy, &ROOT, "", GuardId::Run, &mut out);
    out
}

fn table(policy: &Policy, def: &Table, prefix: &str, guard: GuardId, out: &mut Vec<ShownKey>) {
    for key in def.keys() {
        let path = format!("{prefix}{}", key.name);
        match key.kind {
            Kind::Section(inner) => {
                let guard = GuardId::from_name(key.name).unwrap_or(guard);
                table(policy, inner, &format!("{path}."), guard, out);
            }
            Kind::Levels => {
                for (id, level) in policy.common(guard).into_iter().flat_map(|c| &c.levels) {
                    out.push(row(policy, format!("{path}.{id}"), quote(level.value.name()), level.by));
                }
            }
            Kind::List(list) => entries(policy, list, &path, out),
            kind => {
                let Some(setting) = &key.setting else { continue };
                out.push(match (setting.get)(policy, guard) {
                    Some(v) => row(policy, path, v.value.render(kind), v.by),
                    None => row(policy, path, "not set".to_owned(), SetBy::Default),
                });
            }
        }
    }
}

fn entries(policy: &Policy, list: List, path: &str, out: &mut Vec<ShownKey>) {
    let before = out.len();
    let mut add = |value: String, by: SetBy| out.push(row(policy, path.to_owned(), value, by));
    match list {
        List::Signer => policy.signatures.signers.iter().for_each(|s| add(signer(&s.value), s.by)),
        List::Hook => policy.hooks.require.iter().for_each(|h| add(hook(&h.value), h.by)),
        List::Allow => policy.allow.iter().for_each(|a| add(allow(&a.value), a.by)),
        // blocks are merged: what they set stands at its key
        List::Repo => return,
    }
    if out.len() == before {
        out.push(row(policy, path.to_owned(), "[]".to_owned(), SetBy::Default));
    }
}

fn row(policy: &Policy, key: String, value: String, by: SetBy) -> ShownKey {
    ShownKey { key, value, origin: policy.origin(by) }
}

/// `{ name = "…", … }` of the fields that are there.
fn fields<const N: usize>(fields: [(&str, Option<String>); N]) -> String {
    let there = fields.into_iter().filter_map(|(name, value)| Some(format!("{name} = {}", value?)));
    format!("{{ {} }}", there.collect::<Vec<_>>().join(", "))
}

fn texts(list: &[String]) -> Option<String> {
    (!list.is_empty()).then(|| list_of(list.iter().map(String::as_str)))
}

fn signer(signer: &Signer) -> String {
    let files = (!signer.openpgp.is_empty()).then(|| list_of(signer.openpgp.iter().map(|f| f.name.as_str())));
    fields([
        ("name", Some(quote(&signer.name))),
        ("emails", texts(&signer.emails)),
        ("openpgp", files),
        ("ssh", texts(&signer.ssh)),
    ])
}

fn hook(hook: &RequiredHook) -> String {
    fields([
        ("id", Some(quote(&hook.id))),
        ("source", texts(&hook.source)),
        ("min_rev", hook.min_rev.as_deref().map(quote)),
        ("stages", texts(&hook.stages)),
    ])
}

fn allow(allow: &Allow) -> String {
    fields([
        ("fingerprint", allow.fingerprint.as_ref().map(|f| quote(f.as_str()))),
        ("rule", allow.rule.as_deref().map(quote)),
        ("path", allow.path.as_ref().and_then(|p| texts(&p.patterns))),
        ("reason", Some(quote(&allow.reason))),
        ("until", allow.until.map(|day| Datum::Date(day).render(Kind::Date))),
    ])
}
