//! The reports, and where they go.

use super::{gitleaks, repo, report, token};
use crate::support::{Repo, Sandbox};

fn leaky<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = repo(sandbox, "repo");
    repo.stage("a,b", format!("x\n  k = {} \u{e9}\n", token(1)));
    repo.commit("say \"hi\", twice");
    repo
}

#[test]
fn json_has_the_keys_in_their_order() {
    let sandbox = Sandbox::new();
    let repo = leaky(&sandbox);
    let text = gitleaks(&repo, &["git", "-f", "json", "-r", "-"]).expect(1).stdout;
    let keys: Vec<&str> = text.lines().filter_map(|l| l.strip_prefix("  \"")?.split('"').next()).collect();
    let expected = "RuleID Description StartLine EndLine StartColumn EndColumn Match Secret File SymlinkFile Commit \
                    Entropy Author Email Date Message Tags Fingerprint";
    assert_eq!(keys, expected.split_whitespace().collect::<Vec<_>>());
    assert!(text.contains("\"Description\": \"a \\u003ctoken\\u003e\""), "{text}");
    // the column of a later line of a fragment is one too large, as gitleaks counts
    assert!(text.contains("\"StartLine\": 2") && text.contains("\"StartColumn\": 8"), "{text}");
    assert_eq!(gitleaks(&repo, &["git", "--log-opts=-0", "-f", "json", "-r", "-"]).expect(0).stdout, "[]\n");
}

#[test]
fn csv_sarif_and_junit_hold_the_finding() {
    let sandbox = Sandbox::new();
    let repo = leaky(&sandbox);
    let csv = gitleaks(&repo, &["git", "-f", "csv", "-r", "-"]).expect(1).stdout;
    let (head, row) = csv.split_once('\n').unwrap();
    assert_eq!(head.split(',').count(), 16);
    assert!(row.starts_with("tok,") && row.contains("\"a,b\"") && row.contains("\"say \"\"hi\"\", twice\""), "{row}");
    let sarif = gitleaks(&repo, &["git", "-f", "sarif", "-r", "-"]).expect(1).stdout;
    let sarif: serde_json::Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["version"], "2.1.0");
    let (run, result) = (&sarif["runs"][0], &sarif["runs"][0]["results"][0]);
    assert_eq!(run["tool"]["driver"]["rules"].as_array().unwrap().len(), 2);
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!((&place["artifactLocation"]["uri"], &place["region"]["startLine"]), (&"a,b".into(), &2.into()));
    assert_eq!(place["region"]["snippet"]["text"], "secret01");
    assert_eq!(result["partialFingerprints"]["commitMessage"], "say \"hi\", twice");
    let junit = gitleaks(&repo, &["git", "-f", "junit", "-r", "-"]).expect(1).stdout;
    assert!(junit.contains("<testsuite failures=\"1\" name=\"gitleaks\" tests=\"1\" time=\"\">"), "{junit}");
    assert!(junit.contains("&#34;secret01&#34;") && junit.ends_with("</testsuites>"), "{junit}");
}

#[test]
fn reports_go_to_files_by_their_extension() {
    let sandbox = Sandbox::new();
    let repo = leaky(&sandbox);
    for (name, start) in [("r.json", "[\n {"), ("r.CSV", "RuleID,"), ("r.sarif", "{\n \"$schema\"")] {
        let out = format!("../{name}");
        let run = gitleaks(&repo, &["git", "-r", &out]).expect(1);
        assert_eq!(run.stdout, "");
        let text = std::fs::read_to_string(sandbox.path().join(name)).unwrap();
        assert!(text.starts_with(start) && text.contains("secret01"), "{text}");
    }
    gitleaks(&repo, &["git", "-f", "sarif", "-r", "../named.json"]).expect(1);
    assert!(std::fs::read_to_string(sandbox.path().join("named.json")).unwrap().contains("$schema"));
    // a device is written to, not replaced
    #[cfg(unix)]
    {
        let run = gitleaks(&repo, &["git", "-f", "json", "-r", "/dev/stdout"]).expect(1);
        assert!(run.stdout.starts_with("[\n"), "{}", run.stdout);
    }
}

#[test]
fn redaction_cuts_every_format() {
    let sandbox = Sandbox::new();
    let repo = leaky(&sandbox);
    for format in ["json", "csv", "sarif", "junit"] {
        let run = gitleaks(&repo, &["git", "-f", format, "-r", "-", "--redact", "-v"]).expect(1);
        assert!(run.stdout.contains("REDACTED") && !run.stdout.contains("secret01"), "{format}: {}", run.stdout);
    }
    let found = report(&repo, &["git", "--redact=75"], 1);
    assert_eq!((&found[0]["Secret"], &found[0]["Match"]), (&"se...".into(), &"tok_se...".into()));
    assert_eq!(report(&repo, &["git", "--redact=0"], 1)[0]["Secret"], "secret01");
}
