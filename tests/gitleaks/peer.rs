//! Side by side with gitleaks itself, where `GITWARD_TEST_GITLEAKS` names its binary.

use super::{gitleaks, repo, token};
use crate::support::{Repo, Run, Sandbox};

/// Lines or elements in an order of their own: gitleaks reports as its threads come.
fn sorted(format: &str, text: &str) -> Vec<String> {
    let mut parts: Vec<String> = match format {
        "json" => {
            let list: Vec<serde_json::Value> = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
            list.iter().map(ToString::to_string).collect()
        }
        "sarif" => {
            let whole: serde_json::Value = serde_json::from_str(text).unwrap_or_else(|e| panic!("{e}: {text}"));
            let run = &whole["runs"][0];
            let lists = [&run["results"], &run["tool"]["driver"]["rules"]];
            lists.iter().flat_map(|l| l.as_array().unwrap()).map(ToString::to_string).collect()
        }
        _ => text.lines().map(str::to_owned).collect(),
    };
    parts.sort();
    parts
}

fn prepared<'s>(sandbox: &'s Sandbox) -> Repo<'s> {
    let repo = repo(sandbox, "repo");
    repo.stage("d/a b.py", format!("first\n\n  k = '{}' # <b>&\n", token(1)));
    repo.stage("x.key", "one\n");
    repo.commit("  odd\tsubject <x>\ngoes on\n\nbody\n\n\n   in \u{e9}\n");
    repo.stage("d/a b.py", format!("first\n\n  k = '{}' # <b>&\n{} {}\r\n", token(1), token(2), token(3)));
    repo.stage("e\u{e9}\t", format!("\u{fe}{}", token(4)));
    repo.commit("two");
    repo.git(&["remote", "add", "origin", "git@gitlab.com:o/r.git"]);
    repo.stage("x.key", format!("one\n{} # gitleaks:allow\n{}\n", token(5), token(6)));
    repo.write("d/a b.py", format!("{}\n", token(7)));
    repo.write(".gitleaksignore", "d/a b.py:tok:4\nnonsense\n");
    repo
}

#[test]
fn reports_and_exit_codes_are_the_same() {
    let Some(peer) = std::env::var_os("GITWARD_TEST_GITLEAKS") else {
        eprintln!("GITWARD_TEST_GITLEAKS is not set: not compared with gitleaks");
        return;
    };
    let sandbox = Sandbox::new();
    let repo = prepared(&sandbox);
    let requests: [&[&str]; 14] = [
        &["git"],
        &["git", "--staged"],
        &["git", "--pre-commit"],
        &["git", "--log-opts=-1"],
        &["git", "--log-opts=--all -- d"],
        &["git", "--platform=github", "--enable-rule", "tok", "--redact=40"],
        &["git", "--ignore-gitleaks-allow", "--exit-code=9"],
        &["dir", "."],
        &["dir", "d", "-c", ".gitleaks.toml", "--enable-rule=tok", "--redact"],
        &["detect", "-s", "."],
        &["detect", "--no-git", "--no-color"],
        &["protect", "--staged", "-v=false"],
        &["dir", "absent"],
        &["git", "--no-such-flag"],
    ];
    for request in requests {
        for format in ["json", "csv", "sarif", "junit"] {
            let args = [request, &["-f", format, "-r", "-", "--no-banner"]].concat();
            let theirs = Run::of(repo.command(&peer).args(&args));
            let ours = gitleaks(&repo, &args);
            assert_eq!(ours.code, theirs.code, "{args:?}: {} {}", ours.stderr, theirs.stderr);
            if theirs.stdout.is_empty() || ours.stdout.is_empty() {
                assert_eq!(ours.stdout.is_empty(), theirs.stdout.is_empty() || theirs.code == 126, "{args:?}");
                continue;
            }
            assert_eq!(sorted(format, &ours.stdout), sorted(format, &theirs.stdout), "{args:?}");
            assert_eq!(ours.stdout.len(), theirs.stdout.len(), "{args:?}");
        }
    }
}
