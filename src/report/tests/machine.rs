//! The formats for programs, read back as programs read them.

use super::*;
use serde_json::{Value, json};

fn parsed(format: Format, outcome: &Outcome) -> Value {
    serde_json::from_str(&plain(format, outcome)).unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

fn masked_token() -> String {
    format!("tok_Zx{}", "*".repeat(34))
}

#[test]
fn json_has_the_documented_fields() {
    let doc = parsed(Format::Json, &full());
    assert_eq!(
        keys(&doc),
        [
            "elapsed_ms",
            "exit",
            "fail_level",
            "findings",
            "incomplete",
            "notices",
            "schema",
            "scope",
            "stats",
            "suppressed",
            "version"
        ]
    );
    assert_eq!((&doc["schema"], &doc["scope"], &doc["exit"]), (&json!("gitward/1"), &json!("staged"), &json!(2)));
    assert_eq!(doc["stats"], json!({ "blobs": 14, "bytes": 27512, "commits": 0 }));
    assert_eq!(
        doc["findings"][0],
        json!({
            "rule": "github-pat", "guard": "secrets", "level": "deny", "severity": "error", "blocks": true,
            "confidence": "high",
            "message": "GitHub personal access token in a staged change",
            "note": "40 bytes, checksum valid",
            "fingerprint": "gw1:4f9a12c07b3e",
            "secret": { "shown": "tok_Zx", "length": 40 },
            "provider": "github",
            "location": {
                "path": "src/app.py", "origin": "index", "commit": null, "oid": null,
                "range": {
                    "start": { "line": 5, "column": 11, "offset": 14 },
                    "end": { "line": 5, "column": 51, "offset": 54 },
                    "snippet": format!("GITHUB = \"{}\"", masked_token()),
                },
            },
            "related": [],
            "help": [
                "revoke it at github.com/settings/tokens, then remove it from this commit",
                "not a secret? gitward allow gw1:4f9a12c07b3e --reason \"…\"",
            ],
            "fix": null,
        })
    );
    let commit = commit_id().to_string();
    assert_eq!(
        doc["findings"][1]["location"],
        json!({
            "path": null, "origin": "commit", "commit": commit, "oid": commit, "range": null
        })
    );
    assert_eq!(
        doc["findings"][2]["fix"],
        json!({ "start": 5, "end": 16, "replacement": "registry.corp.example/python:3.12" })
    );
    assert_eq!(doc["findings"][2]["related"][0]["range"]["start"], json!({ "line": 12, "column": 14, "offset": 24 }));
    assert_eq!(doc["suppressed"][0]["by"], "baseline");
    assert_eq!(doc["suppressed"][0]["finding"]["rule"], "github-pat");
    assert_eq!(doc["incomplete"][0]["why"], "object not found");
}

#[test]
fn json_ends_with_the_one_field_that_varies() {
    let (mut slow, fast) = (full(), full());
    slow.stats.elapsed = Duration::from_secs(5);
    let (slow, fast) = (plain(Format::Json, &slow), plain(Format::Json, &fast));
    assert!(fast.ends_with(",\"elapsed_ms\":21}\n"), "{fast}");
    assert_eq!(slow.strip_suffix("5000}\n"), fast.strip_suffix("21}\n"));
}

#[test]
fn jsonl_is_typed_and_ends_with_a_summary() {
    let text = plain(Format::Jsonl, &full());
    let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let types: Vec<&str> = lines.iter().map(|l| l["type"].as_str().unwrap()).collect();
    assert_eq!(types, ["finding", "finding", "finding", "suppressed", "incomplete", "notice", "summary"]);
    assert!(text.lines().all(|l| l.starts_with("{\"schema\":\"gitward/1\",\"type\":")));
    let doc = parsed(Format::Json, &full());
    assert_eq!(lines[0]["location"], doc["findings"][0]["location"]);
    assert_eq!((&lines[6]["exit"], &lines[6]["findings"]), (&json!(2), &json!(3)));
}

#[test]
fn paths_that_are_not_utf8_keep_their_bytes() {
    let mut finding = base_image();
    finding.at.path = Some(RepoPath::new(b"a\xff b/\xc3\xa4:c"));
    let one = outcome(vec![finding]);
    let location = &parsed(Format::Json, &one)["findings"][0]["location"];
    assert_eq!((&location["path"], &location["path_bytes"]), (&json!("a\u{fffd} b/ä:c"), &json!("61ff20622fc3a43a63")));
    let sarif = parsed(Format::Sarif, &one);
    let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"];
    assert_eq!(uri, &json!({ "uri": "a%FF%20b/%C3%A4%3Ac", "uriBaseId": "%SRCROOT%" }));
}

fn rule() -> RuleMeta<'static> {
    RuleMeta {
        id: "github-pat",
        aliases: &[],
        guard: GuardId::Secrets,
        level: Level::Deny,
        summary: "GitHub personal access token",
        docs: "Whoever has it **is** you.",
        bad: &[],
        good: &[],
    }
}

#[test]
fn sarif_is_what_code_scanning_asks_for() {
    let mut out = Vec::new();
    let provenance = Provenance { uri: String::from("https://u:p@git.example/r"), revision: Some(commit_id()) };
    let options = Options { provenance: Some(provenance), ..Options::default() };
    write(Format::Sarif, &full(), &[rule()], &options, &mut out).unwrap();
    let log: Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["invocations"][0]["exitCode"], 2);
    let gap = "could not check blob 1a2b3c4 of src/b.bin: object not found\ngit fetch it, then try again";
    assert_eq!(
        run["invocations"][0]["toolExecutionNotifications"],
        json!([{ "level": "error", "message": { "text": gap } }])
    );
    assert_eq!(
        run["versionControlProvenance"],
        json!([{
            "repositoryUri": "https://git.example/r",
            "revisionId": commit_id().to_string(),
            "mappedTo": { "uriBaseId": "%SRCROOT%" },
        }])
    );

    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    let ids: Vec<&Value> = rules.iter().map(|r| &r["id"]).collect();
    assert_eq!(ids, ["commit-unsigned", "github-pat", "image-registry"]);
    assert_eq!(
        rules[1],
        json!({
            "id": "github-pat",
            "shortDescription": { "text": "GitHub personal access token" },
            "fullDescription": { "text": "GitHub personal access token" },
            "help": { "text": "Whoever has it **is** you.", "markdown": "Whoever has it **is** you." },
            "defaultConfiguration": { "level": "error" },
            "properties": { "tags": ["security", "secrets"], "security-severity": "8.0" },
        })
    );
    assert_eq!(rules[2]["properties"]["security-severity"], "9.5");

    let results = run["results"].as_array().unwrap();
    let order: Vec<&Value> = results.iter().map(|r| &r["ruleId"]).collect();
    assert_eq!(order, ["image-registry", "github-pat", "commit-unsigned", "github-pat"]);
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert_eq!(keys(&result["partialFingerprints"]), ["gitward/v1"]);
    }
    let leak = &results[1]["locations"][0]["physicalLocation"];
    assert_eq!(
        leak["region"],
        json!({
            "startLine": 5, "startColumn": 11, "endLine": 5, "endColumn": 51, "snippet": { "text": masked_token() }
        })
    );
    assert_eq!(leak["contextRegion"]["snippet"]["text"], format!("GITHUB = \"{}\"", masked_token()));
    assert_eq!(
        results[0]["relatedLocations"][0]["physicalLocation"]["artifactLocation"],
        json!({ "uri": ".gitward.toml", "uriBaseId": "%SRCROOT%" })
    );
    assert_eq!(results[0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"]["byteLength"], 11);
    assert_eq!(
        results[2]["locations"],
        json!([{ "logicalLocations": [{ "fullyQualifiedName": format!("commit {}", commit_id()) }] }])
    );
    assert_eq!(results[2]["suppressions"], json!([]));
    assert_eq!(
        results[3]["suppressions"],
        json!([{
            "kind": "external", "status": "accepted", "justification": "sample, SEC-812",
            "properties": { "by": "baseline" },
        }])
    );
}

#[test]
fn sarif_keeps_the_most_serious_results_and_says_so() {
    let mut findings = vec![unsigned(); 25_000];
    findings.push(base_image());
    let log = parsed(Format::Sarif, &outcome(findings));
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    assert_eq!(run["results"][0]["ruleId"], "image-registry");
    let text = run["invocations"][0]["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap();
    assert!(text.starts_with("1 result"), "{text}");
    assert_eq!(run["invocations"][0]["executionSuccessful"], true);
}

#[test]
fn sarif_names_files_outside_the_repository_without_a_uri() {
    let mut finding = base_image();
    finding.related[0].file = String::from("/etc/gitward/policy.toml");
    let log = parsed(Format::Sarif, &outcome(vec![finding]));
    assert_eq!(
        log["runs"][0]["results"][0]["relatedLocations"][0]["logicalLocations"],
        json!([{ "fullyQualifiedName": "/etc/gitward/policy.toml:12" }])
    );
}

#[test]
fn machines_get_a_document_for_a_clean_run() {
    let clean = outcome(Vec::new());
    assert_eq!(parsed(Format::Json, &clean)["exit"], 0);
    assert_eq!(parsed(Format::Jsonl, &clean)["type"], "summary");
    assert_eq!(parsed(Format::Sarif, &clean)["runs"][0]["results"], json!([]));
}
