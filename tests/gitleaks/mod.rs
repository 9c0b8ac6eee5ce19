//! `gitward gitleaks …` beside what gitleaks promises: arguments, files, reports, exit codes.

mod archives;
mod arguments;
mod files;
mod formats;
mod peer;
mod repository;
mod stay;

use crate::support::{Repo, Run, Sandbox};
use serde_json::Value;

/// A rule of the tests' own, so that they do not hang on the built-in ones.
const RULES: &str = "[[rules]]\nid = 'tok'\ndescription = 'a <token>'\nregex = '''tok_([a-z0-9]{8})'''\n\
                     keywords = ['tok_']\ntags = ['a', 'b']\n[[rules]]\nid = 'key-file'\npath = '''\\.key$'''\n";

/// A value that the rule finds, and nothing else.
fn token(n: usize) -> String {
    format!("{}_secret{n:02}", "tok")
}

/// A repository with the rules in `.gitleaks.toml`, not committed.
fn repo<'s>(sandbox: &'s Sandbox, name: &str) -> Repo<'s> {
    let repo = sandbox.repo(name, &[]);
    repo.write(".gitleaks.toml", RULES);
    repo
}

fn gitleaks(repo: &Repo<'_>, args: &[&str]) -> Run {
    repo.gitward(&[&["gitleaks"], args].concat())
}

/// The JSON report on standard output.
fn report(repo: &Repo<'_>, args: &[&str], code: i32) -> Vec<Value> {
    let run = gitleaks(repo, &[args, &["-f", "json", "-r", "-"]].concat()).expect(code);
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stdout))
}

/// `File:StartLine` of each finding.
fn places(findings: &[Value]) -> Vec<String> {
    findings.iter().map(|f| format!("{}:{}", f["File"].as_str().unwrap(), f["StartLine"])).collect()
}
