//! SARIF 2.1.0 (OASIS standard), in the shape that GitHub code scanning and its like accept.
//!
//! Deterministic: no times. URIs are relative to the root of the repository and percent-encoded, byte by
//! byte, so that a path that is not UTF-8 keeps its name.

use super::record::{marked, scope_name, snippet, write_line};
use super::redact::Redactor;
use super::severity::Severity;
use super::{Context, Provenance, percent};
use crate::change::Origin;
use crate::finding::{Finding, GuardId, Level, Location, Position};
use crate::outcome::{Suppressed, Suppressor};
use crate::rule::RuleMeta;
use crate::secret::Secret;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::io;

/// GitHub shows the 5,000 most serious results of a run and refuses a file with more than 25,000.
const RESULTS_MAX: usize = 25_000;

/// The bytes of a line that is shown as context.
const CONTEXT_MAX: usize = 200;

/// A result to be: a finding, and what silenced it.
#[derive(Clone, Copy)]
struct Entry<'a> {
    finding: &'a Finding,
    suppressed: Option<&'a Suppressed>,
}

pub(super) fn write(context: &Context<'_>, out: &mut dyn io::Write) -> io::Result<()> {
    let outcome = context.outcome;
    let open = outcome.findings.iter().map(|finding| Entry { finding, suppressed: None });
    let silenced = outcome.suppressed.iter().map(|s| Entry { finding: &s.finding, suppressed: Some(s) });
    let mut entries: Vec<Entry<'_>> = open.chain(silenced).collect();
    entries.sort_by_key(|e| (e.suppressed.is_some(), std::cmp::Reverse(e.finding.level)));
    let left_out = entries.len().saturating_sub(RESULTS_MAX);
    entries.truncate(RESULTS_MAX);

    let (rules, index) = rules(&entries, context.rules);
    let results: Vec<Value> = entries.iter().map(|e| result(*e, &index, context.redactor)).collect();
    let mut run = json!({
        "tool": { "driver": {
            "name": "gitward",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules,
        } },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the root of the repository" } } },
        "invocations": [invocation(context, left_out)],
        "results": results,
        "properties": { "scope": scope_name(outcome.scope) },
    });
    if let (Some(provenance), Some(run)) = (&context.options.provenance, run.as_object_mut()) {
        run.insert(String::from("versionControlProvenance"), json!([version_control(provenance, context.redactor)]));
    }
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    });
    write_line(out, &log)
}

/// The rules that results refer to, by id, and the index of each.
fn rules<'a>(entries: &[Entry<'a>], known: &[RuleMeta<'_>]) -> (Vec<Value>, HashMap<&'a str, usize>) {
    let mut used: BTreeMap<&str, &Finding> = BTreeMap::new();
    for entry in entries {
        let worst = used.entry(&entry.finding.rule).or_insert(entry.finding);
        if entry.finding.level > worst.level {
            *worst = entry.finding;
        }
    }
    let by_id: HashMap<&str, &RuleMeta<'_>> = known.iter().map(|meta| (meta.id, meta)).collect();
    let descriptors = used.iter().map(|(id, worst)| {
        let meta = by_id.get(id).copied().or_else(|| known.iter().find(|m| m.is_called(id)));
        descriptor(id, worst, meta)
    });
    (descriptors.collect(), used.keys().enumerate().map(|(n, id)| (*id, n)).collect())
}

fn descriptor(id: &str, worst: &Finding, meta: Option<&RuleMeta<'_>>) -> Value {
    let summary = meta.map_or(id, |m| m.summary);
    let docs = meta.map(|m| m.docs).filter(|d| !d.is_empty()).unwrap_or(summary);
    let mut properties = json!({ "tags": ["security", worst.guard.name()] });
    // a number that GitHub sorts by; of an unused suppression it would say nothing
    if worst.guard != GuardId::Run {
        properties["security-severity"] = json!(security_severity(worst.level));
    }
    json!({
        "id": id,
        "shortDescription": { "text": summary },
        "fullDescription": { "text": summary },
        "help": { "text": docs, "markdown": docs },
        "defaultConfiguration": { "level": Severity::from(meta.map_or(worst.level, |m| m.level)).name() },
        "properties": properties,
    })
}

/// On the scale of CVSS, in the middle of GitHub's classes: critical from 9.0, high 7.0, medium 4.0.
fn security_severity(level: Level) -> &'static str {
    match level {
        Level::Forbid => "9.5",
        Level::Deny => "8.0",
        Level::Warn => "5.5",
        Level::Note | Level::Allow => "2.0",
    }
}

fn result(entry: Entry<'_>, index: &HashMap<&str, usize>, redactor: &Redactor) -> Value {
    let finding = entry.finding;
    let mut properties = json!({
        "guard": finding.guard.name(),
        "level": finding.level.name(),
        "confidence": finding.confidence.name(),
    });
    if let Some(provider) = &finding.provider {
        properties["provider"] = json!(redactor.said(finding, provider));
    }
    if let Origin::Commit(oid) = finding.at.origin {
        properties["commit"] = json!(oid.to_string());
    }
    if let Some(oid) = finding.at.oid {
        properties["oid"] = json!(oid.to_string());
    }
    let mut message = redactor.said(finding, &finding.message);
    for help in &finding.help {
        message.push('\n');
        message.push_str(&redactor.said(finding, help));
    }
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": index.get(&*finding.rule),
        "level": Severity::from(finding.level).name(),
        "message": { "text": message },
        "locations": [location(&finding.at, finding.secret.as_ref(), redactor)],
        "partialFingerprints": { "gitward/v1": finding.fingerprint.as_str() },
        "suppressions": entry.suppressed.map(|s| suppression(s, redactor)).into_iter().collect::<Vec<_>>(),
        "properties": properties,
    });
    let related = related(finding, redactor);
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some(fixes) = fixes(finding, redactor) {
        result["fixes"] = fixes;
    }
    result
}

fn location(at: &Location, secret: Option<&Secret>, redactor: &Redactor) -> Value {
    if let Some(path) = &at.path {
        let mut physical = json!({ "artifactLocation": artifact(path.as_bytes(), redactor) });
        if let Some(position) = &at.position {
            physical["region"] = region(position, secret, redactor);
            // a region's snippet is the whole of it or nothing
            if !position.snippet.cut && position.snippet.text.len() <= CONTEXT_MAX {
                physical["contextRegion"] = json!({
                    "startLine": position.line,
                    "endLine": position.line,
                    "snippet": { "text": snippet(&position.snippet, secret, redactor) },
                });
            }
        }
        return json!({ "physicalLocation": physical });
    }
    let name = match at.origin {
        Origin::Commit(oid) => format!("commit {oid}"),
        Origin::Stdin => String::from("standard input"),
        Origin::Index | Origin::WorkTree => String::from("the change"),
    };
    json!({ "logicalLocations": [{ "fullyQualifiedName": name }] })
}

fn artifact(path: &[u8], redactor: &Redactor) -> Value {
    let mut uri = String::with_capacity(path.len());
    percent::encode(&redactor.path(path), "/*", &mut uri);
    json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
}

fn region(position: &Position, secret: Option<&Secret>, redactor: &Redactor) -> Value {
    let mut region = Map::new();
    region.insert("startLine".into(), json!(position.line));
    region.insert("startColumn".into(), json!(position.column));
    region.insert("endLine".into(), json!(position.end_line));
    region.insert("endColumn".into(), json!(position.end_column));
    if position.line == position.end_line {
        let text = marked(&position.snippet, secret, redactor);
        region.insert("snippet".into(), json!({ "text": text }));
    }
    Value::Object(region)
}

/// Places in files of the repository as such; other files have no relative URI and are named.
fn related(finding: &Finding, redactor: &Redactor) -> Vec<Value> {
    let place = |(n, label): (usize, &crate::finding::Label)| {
        let message = json!({ "text": redactor.text(label.message.as_bytes()) });
        if std::path::Path::new(&label.file).is_relative() && !label.file.contains(':') {
            json!({
                "id": n,
                "message": message,
                "physicalLocation": {
                    "artifactLocation": artifact(label.file.as_bytes(), redactor),
                    "region": region(&label.position, None, redactor),
                },
            })
        } else {
            let name = format!("{}:{}", redactor.text(label.file.as_bytes()), label.position.line);
            json!({ "id": n, "message": message, "logicalLocations": [{ "fullyQualifiedName": name }] })
        }
    };
    finding.related.iter().enumerate().map(place).collect()
}

fn suppression(suppressed: &Suppressed, redactor: &Redactor) -> Value {
    let kind = match suppressed.by {
        Suppressor::Inline => "inSource",
        Suppressor::Baseline | Suppressor::GitleaksIgnore | Suppressor::Policy => "external",
    };
    json!({
        "kind": kind,
        "status": "accepted",
        "justification": redactor.text(suppressed.reason.as_bytes()),
        "properties": { "by": suppressed.by.name() },
    })
}

fn fixes(finding: &Finding, redactor: &Redactor) -> Option<Value> {
    let (fix, path) = (finding.fix.as_ref()?, finding.at.path.as_ref()?);
    let length = fix.span.end.saturating_sub(fix.span.start);
    Some(json!([{ "artifactChanges": [{
        "artifactLocation": artifact(path.as_bytes(), redactor),
        "replacements": [{
            "deletedRegion": { "byteOffset": fix.span.start, "byteLength": length },
            "insertedContent": { "text": redactor.text(fix.replacement.as_bytes()) },
        }],
    }] }]))
}

fn invocation(context: &Context<'_>, left_out: usize) -> Value {
    let (outcome, redactor) = (context.outcome, context.redactor);
    let mut execution: Vec<Value> = Vec::new();
    for incomplete in &outcome.incomplete {
        let mut text = format!("could not check {incomplete}");
        if !incomplete.help.is_empty() {
            text.push('\n');
            text.push_str(&incomplete.help);
        }
        execution.push(json!({ "level": "error", "message": { "text": redactor.text(text.as_bytes()) } }));
    }
    if left_out > 0 {
        let text =
            format!("{left_out} results of the lowest levels are left out: no more than {RESULTS_MAX} are shown");
        execution.push(json!({ "level": "warning", "message": { "text": text } }));
    }
    let remark = |notice: &String| json!({ "level": "note", "message": { "text": redactor.text(notice.as_bytes()) } });
    json!({
        "executionSuccessful": outcome.incomplete.is_empty(),
        "exitCode": outcome.exit() as u8,
        "toolExecutionNotifications": execution,
        "toolConfigurationNotifications": outcome.notices.iter().map(remark).collect::<Vec<_>>(),
    })
}

fn version_control(provenance: &Provenance, redactor: &Redactor) -> Value {
    let uri = without_user(&provenance.uri);
    let mut details =
        json!({ "repositoryUri": redactor.text(uri.as_bytes()), "mappedTo": { "uriBaseId": "%SRCROOT%" } });
    if let Some(revision) = provenance.revision {
        details["revisionId"] = json!(revision.to_string());
    }
    details
}

/// The URI without `user:password@`: remotes are often configured with a token in them.
fn without_user(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return String::from(uri) };
    let authority = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let host = rest[..authority].rfind('@').map_or(0, |at| at + 1);
    format!("{scheme}://{}", &rest[host..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_information_is_left_out() {
        assert_eq!(without_user("https://u:p@h.example/r?a@b"), "https://h.example/r?a@b");
        assert_eq!(without_user("https://h.example/r@2"), "https://h.example/r@2");
        assert_eq!(without_user("ssh://git@h.example"), "ssh://h.example");
        assert_eq!(without_user("h.example:r"), "h.example:r");
    }
}
