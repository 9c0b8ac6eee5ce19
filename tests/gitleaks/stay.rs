//! What may stay: ignore files, comments, baselines.

use super::{gitleaks, places, repo, report, token};
use crate::support::Sandbox;

#[test]
fn ignore_files_in_both_places_and_both_forms() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("d/a", format!("{}\n{}\n", token(1), token(2)));
    let first = repo.commit("c");
    repo.stage("d/b", token(3));
    let second = repo.commit("c");
    repo.write(".gitleaksignore", format!("# known\n{first}:d\\a:tok:1\n"));
    assert_eq!(places(&report(&repo, &["git"], 1)), ["d/b:1", "d/a:2"]);
    // another commit's does not count, and neither does one with a commit outside of the history
    repo.write(".gitleaksignore", format!("{second}:d/a:tok:1\n{first}:d/b:tok:1\n"));
    assert_eq!(report(&repo, &["git"], 1).len(), 3);
    assert_eq!(places(&report(&repo, &["dir", "."], 1)), ["d/a:1", "d/a:2", "d/b:1"]);
    // three fields count in every commit
    repo.write(".gitleaksignore", "d/a:tok:1\nd/a:tok:2\nd/b:tok:1\nnonsense\n");
    let run = gitleaks(&repo, &["git"]).expect(0);
    assert!(run.stderr.contains("nonsense"), "{}", run.stderr);
    gitleaks(&repo, &["dir", "."]).expect(0);
    // that of the scanned directory, and that of the option, a file or a folder
    let outside = sandbox.at(sandbox.path());
    gitleaks(&outside, &["git", "repo"]).expect(0);
    std::fs::rename(repo.dir.join(".gitleaksignore"), sandbox.path().join("known")).unwrap();
    gitleaks(&repo, &["git"]).expect(1);
    gitleaks(&repo, &["git", "-i", "../known"]).expect(0);
    std::fs::rename(sandbox.path().join("known"), sandbox.path().join(".gitleaksignore")).unwrap();
    gitleaks(&repo, &["git", "-i", ".."]).expect(0);
}

#[test]
fn comments_allow_a_line_unless_told_otherwise() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("a", format!("{} # gitleaks:allow\n{}\n# gitleaks:allow\n", token(1), token(2)));
    assert_eq!(places(&report(&repo, &["dir", "."], 1)), ["a:2"]);
    assert_eq!(places(&report(&repo, &["dir", ".", "--ignore-gitleaks-allow"], 1)), ["a:1", "a:2"]);
}

#[test]
fn a_baseline_survives_what_changes_around_the_value() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("a", format!("{}\n", token(1)));
    let run = |args: &[&str], code| places(&report(&repo, &[&["dir", "."], args].concat(), code));
    gitleaks(&repo, &["dir", ".", "-r", "../base.json"]).expect(1);
    gitleaks(&repo, &["dir", ".", "-r", "../cut.json", "--redact"]).expect(1);
    for baseline in ["../base.json", "../cut.json"] {
        assert_eq!(run(&["-b", baseline], 0), [""; 0]);
        assert_eq!(run(&["-b", baseline, "--redact"], 0), [""; 0]);
    }
    // a line above, another description
    repo.write("a", format!("new\n{}\n", token(1)));
    repo.write(".gitleaks.toml", super::RULES.replace("a <token>", "other words"));
    assert_eq!(run(&["-b", "../base.json"], 0), [""; 0]);
    // a redacted one knows the line alone
    assert_eq!(run(&["-b", "../cut.json"], 1), ["a:2"]);
    // another value at the same place is new
    repo.write("a", format!("{}\n", token(2)));
    assert_eq!(run(&["-b", "../base.json"], 1), ["a:1"]);
    // one that cannot be read hides nothing
    repo.write("../broken.json", "{}");
    let broken = gitleaks(&repo, &["dir", ".", "-b", "../broken.json"]).expect(1);
    assert!(broken.stderr.contains("broken.json") && broken.stderr.contains("leaks found: 1"), "{}", broken.stderr);
}
