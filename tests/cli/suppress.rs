//! What may stay: inline comments, the baseline, exceptions of the policy.

use crate::support::random::Random;
use crate::support::{Repo, Sandbox, github_pat};

fn staged<'s>(sandbox: &'s Sandbox, line: &str) -> Repo<'s> {
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a.py", line);
    repo
}

fn fingerprint(repo: &Repo<'_>) -> String {
    let json = repo.gitward(&["check", "--all-files", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    json["findings"][0]["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn inline_comments_name_their_rule() {
    let sandbox = Sandbox::new();
    let pat = github_pat();
    let repo = staged(&sandbox, &format!("x = '{pat}'  # gitward: allow[github-pat] sample of the docs\n"));
    repo.gitward(&["check"]).expect(0);
    let run = repo.gitward(&["check", "-v"]).expect(0);
    assert!(run.stdout.contains("1 suppressed"), "{}", run.stdout);
    repo.stage("a.py", format!("# gitward: allow[github-pat] sample\nx = '{pat}'\n"));
    repo.gitward(&["check"]).expect(0);
    repo.stage("a.py", format!("x = '{pat}'  # gitward: allow[other-rule] wrong\n"));
    repo.gitward(&["check"]).expect(1);
    repo.stage("a.py", format!("x = '{pat}'  # gitward: allow\n"));
    repo.gitward(&["check"]).expect(1);
    // what other scanners' comments say is understood
    repo.stage("a.py", format!("x = '{pat}'  # gitleaks:allow\n"));
    repo.gitward(&["check"]).expect(0);
}

#[test]
fn a_forbidden_finding_is_not_silenced() {
    let sandbox = Sandbox::new();
    let repo = staged(&sandbox, &format!("x = '{}'  # gitward: allow[github-pat] please\n", github_pat()));
    let fp = fingerprint_or_suppressed(&repo);
    let org = sandbox.path().join("org.toml");
    std::fs::write(&org, "[secrets.rule.github-pat]\nlevel = \"forbid\"\n").unwrap();
    let org = org.to_str().unwrap();
    repo.gitward(&["check", "--policy", org]).expect(1);
    repo.gitward(&["allow", &fp, "--reason", "please"]).expect(0);
    repo.git(&["add", "-A"]);
    repo.gitward(&["check", "--policy", org]).expect(1);
}

fn fingerprint_or_suppressed(repo: &Repo<'_>) -> String {
    let json = repo.gitward(&["check", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let of = |v: &serde_json::Value| v["fingerprint"].as_str().map(str::to_owned);
    of(&json["findings"][0])
        .or_else(|| of(&json["suppressed"][0]["finding"]))
        .or_else(|| of(&json["suppressed"][0]))
        .unwrap()
}

#[test]
fn an_exception_has_a_reason_and_an_end() {
    let sandbox = Sandbox::new();
    let repo = staged(&sandbox, &format!("x = '{}'\n", github_pat()));
    let fp = fingerprint(&repo);
    repo.gitward(&["allow", &fp, "--reason", "documented \"sample\""]).expect(0);
    repo.git(&["add", "-A"]);
    repo.gitward(&["check"]).expect(0);
    // it is the secret that is excepted, wherever it stands, and no other
    repo.stage("b.py", format!("\n\nmoved = '{}'\n", github_pat()));
    repo.gitward(&["check"]).expect(0);
    repo.stage(".gitward.toml", format!("[[allow]]\nfingerprint = \"{fp}\"\nreason = \"x\"\nuntil = 2020-01-01\n"));
    let run = repo.gitward(&["check"]).expect(1);
    assert!(run.stdout.contains("allow-expired"), "{}", run.stdout);
    repo.gitward(&["allow", "nonsense", "--reason", "x"]).expect(2);
    repo.gitward(&["allow", &fp, "--reason", " "]).expect(2);
}

#[test]
fn a_baseline_silences_what_is_there_today() {
    let sandbox = Sandbox::new();
    let repo = staged(&sandbox, &format!("x = '{}'\n", github_pat()));
    repo.gitward(&["check", "--all-files"]).expect(1);
    repo.gitward(&["baseline", "write"]).expect(0);
    let text = std::fs::read_to_string(repo.dir.join(".gitward-baseline.toml")).unwrap();
    assert!(!text.contains(&github_pat()[..8]) && text.contains("gw1:"), "{text}");
    repo.git(&["add", "-A"]);
    repo.gitward(&["check", "--all-files"]).expect(0);
    repo.gitward(&["baseline", "write"]).expect(0);
    assert_eq!(std::fs::read_to_string(repo.dir.join(".gitward-baseline.toml")).unwrap(), text);
    // what is gone is unused, and pruned
    repo.stage("a.py", "x = 1\n");
    let run = repo.gitward(&["check", "--all-files"]).expect(0);
    assert!(run.stdout.contains("suppression-unused"), "{}", run.stdout);
    repo.gitward(&["baseline", "prune"]).expect(0);
    repo.git(&["add", "-A"]);
    let run = repo.gitward(&["check", "--all-files"]).expect(0);
    assert_eq!(run.stdout, "");
    repo.stage(".gitward-baseline.toml", "[[finding]]\nfingerprnt = 1\n");
    repo.stage("a.py", format!("x = '{}'\n", github_pat()));
    repo.gitward(&["check"]).expect(2);
}

#[test]
fn what_stands_around_a_value_changes_nothing_that_was_said_of_it() {
    let sandbox = Sandbox::new();
    let mut random = Random(5);
    let key: String = (0..32).map(|_| char::from(b"0123456789abcdef"[random.next(16)])).collect();
    let text = |comment: &str| format!("algolia:\n  api_key: \"{key}\"{comment}\n");
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a.yml", text(""));
    let run = repo.gitward(&["check"]).expect(1);
    assert!(run.stdout.contains("algolia-api-key"), "{}", run.stdout);
    // the rule that found it, and the one that it is of
    for rule in ["generic-api-key", "algolia-api-key"] {
        repo.gitward(&["check", "--only", rule]).expect(1);
        repo.gitward(&["check", "--skip", rule]).expect(0);
        repo.stage("b.yml", text(&format!("  # gitward: allow[{rule}] a sample of the manual")));
        repo.git(&["rm", "-q", "--cached", "a.yml"]);
        repo.gitward(&["check"]).expect(0);
        repo.stage("a.yml", text(""));
    }
    // whoever writes the name of a provider above it chooses no lower level by that
    let org = sandbox.path().join("org.toml");
    std::fs::write(&org, "[secrets.rule.algolia-api-key]\nlevel = \"note\"\n").unwrap();
    repo.gitward(&["check", "--policy", org.to_str().unwrap()]).expect(1);
}
