//! History, index, work tree.

use super::{gitleaks, places, repo, report, token};
use crate::support::Sandbox;

#[test]
fn every_commit_is_read_by_its_added_lines() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("d/f.py", format!("a\nb\nx = '{}'\n", token(1)));
    let first = repo.commit("subject\n\nbody <b>");
    repo.stage("d/f.py", "a\n");
    repo.commit("gone from the tree, not from the history");
    repo.git(&["checkout", "-q", "-b", "other", &first]);
    repo.stage("e \u{e9}.txt", format!("{}\r\n", token(2)));
    let second = repo.commit("other branch");
    repo.git(&["checkout", "-q", "main"]);
    let found = report(&repo, &["git"], 1);
    let mut seen: Vec<_> = found.iter().map(|f| f["Fingerprint"].as_str().unwrap().to_owned()).collect();
    seen.sort();
    let mut expected = [format!("{first}:d/f.py:tok:3"), format!("{second}:e \u{e9}.txt:tok:1")];
    expected.sort();
    assert_eq!(seen, expected);
    let one = found.iter().find(|f| f["Commit"] == first.as_str()).unwrap();
    assert_eq!(one["Author"], "Test");
    assert_eq!(one["Email"], "test@example.com");
    assert_eq!(one["Date"], "2025-06-15T15:06:40Z");
    assert_eq!(one["Message"], "subject\n\nbody <b>");
    assert_eq!((&one["Secret"], &one["Match"]), (&"secret01".into(), &token(1).into()));
    // from a folder and from outside, files are named from the top
    let inside = sandbox.at(repo.dir.join("d"));
    let rules = ["-c", "../.gitleaks.toml"];
    assert!(places(&report(&inside, &[&["git"], &rules[..]].concat(), 1)).contains(&"d/f.py:3".to_owned()));
    let outside = sandbox.at(sandbox.path());
    assert_eq!(report(&outside, &["git", "repo"], 1).len(), 2);
    assert_eq!(report(&outside, &["detect", "-s", "repo"], 1).len(), 2);
}

#[test]
fn log_options_choose_commits_and_can_do_no_harm() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("a", token(1));
    repo.commit("one");
    repo.stage("b", token(2));
    repo.commit("two");
    assert_eq!(places(&report(&repo, &["git", "--log-opts=-1"], 1)), ["b:1"]);
    assert_eq!(places(&report(&repo, &["git", "--log-opts", "--all  -- a"], 1)), ["a:1"]);
    assert_eq!(places(&report(&repo, &["git", "--log-opts", "HEAD~1..HEAD"], 1)), ["b:1"]);
    // what changes the form of the output does not hide anything
    for form in ["--oneline", "--pretty=raw", "-s", "--raw", "--stat", "-U9", "--no-prefix", "--date=raw"] {
        assert_eq!(places(&report(&repo, &["git", "--log-opts", form], 1)), ["b:1", "a:1"], "{form}");
    }
    for refused in ["--output=stolen", "--outp=stolen", "--ext-diff", "-z", "--graph", "--textconv", "--name-only"] {
        let run = gitleaks(&repo, &["git", "--log-opts", refused]).expect(1);
        assert!(run.stderr.contains("--log-opts"), "{refused}: {}", run.stderr);
    }
    assert!(!repo.dir.join("stolen").exists());
    gitleaks(&repo, &["git", "--log-opts", "no-such-revision", "--exit-code", "0"]).expect(1);
}

#[test]
fn configuration_of_git_hides_nothing() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("a b", format!("{}\n", token(1)));
    repo.commit("root");
    for (key, value) in [
        ("color.ui", "always"),
        ("color.diff", "always"),
        ("diff.noprefix", "true"),
        ("diff.mnemonicPrefix", "true"),
        ("log.showRoot", "false"),
        ("format.pretty", "oneline"),
        ("log.date", "relative"),
        ("core.quotePath", "false"),
        ("diff.external", "false"),
        ("diff.relative", "true"),
    ] {
        repo.git(&["config", key, value]);
        assert_eq!(places(&report(&repo, &["git"], 1)), ["a b:1"], "{key}");
    }
    repo.write("a b", token(2));
    assert_eq!(places(&report(&repo, &["git", "--pre-commit"], 1)), ["a b:1"]);
}

#[test]
fn what_is_staged_and_what_is_not() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    // before there is any commit
    repo.stage("d/a", format!("x\n{}\n", token(1)));
    assert_eq!(places(&report(&repo, &["git", "--staged"], 1)), ["d/a:2"]);
    repo.commit("c");
    repo.stage("d/a", format!("x\n{}\n\n{}\n", token(1), token(2)));
    repo.write("d/a", format!("{}\nx\n{}\n\n{}\n", token(3), token(1), token(2)));
    for staged in [&["git", "--staged"][..], &["git", "--pre-commit", "--staged"], &["protect", "--staged"]] {
        let found = report(&repo, staged, 1);
        assert_eq!(places(&found), ["d/a:4"]);
        assert_eq!(found[0]["Fingerprint"], "d/a:tok:4");
        assert_eq!((&found[0]["Date"], &found[0]["Commit"]), (&"0001-01-01T00:00:00Z".into(), &"".into()));
    }
    for unstaged in [&["git", "--pre-commit"][..], &["protect"]] {
        assert_eq!(places(&report(&repo, unstaged, 1)), ["d/a:1"]);
    }
    let inside = sandbox.at(repo.dir.join("d"));
    assert_eq!(places(&report(&inside, &["git", "--staged", "-c", "../.gitleaks.toml"], 1)), ["d/a:4"]);
    repo.git(&["reset", "-q", "--hard"]);
    assert_eq!(report(&repo, &["git", "--staged"], 0).len(), 0);
}

#[test]
fn the_hook_entry_of_gitleaks_stops_a_commit() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    let hook = "#!/bin/sh\nexec gitward gitleaks git --pre-commit --redact --staged --verbose\n";
    repo.write(".git/hooks/pre-commit", hook);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = repo.dir.join(".git/hooks/pre-commit");
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    repo.stage("a", token(1));
    let refused = repo.try_git(&["commit", "-q", "-m", "c"]);
    assert!(!refused.status.success());
    let said = String::from_utf8_lossy(&refused.stdout).into_owned() + &String::from_utf8_lossy(&refused.stderr);
    assert!(said.contains("RuleID:      tok") && !said.contains("secret01"), "{said}");
    repo.stage("a", "nothing\n");
    repo.git(&["commit", "-q", "-m", "c"]);
    // `commit -a` has an index of its own
    repo.write("a", token(1));
    assert!(!repo.try_git(&["commit", "-q", "-a", "-m", "c"]).status.success());
}

#[test]
fn files_of_a_kind_are_found_by_their_names_once() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("x.key", "1\n2\n3\n4\n5\n");
    let first = repo.commit("c");
    repo.stage("x.key", "1\nb\n3\nd\n5\n");
    let second = repo.commit("two hunks");
    repo.git(&["mv", "x.key", "y"]);
    repo.commit("renamed");
    let found = report(&repo, &["git"], 1);
    let fingerprints: Vec<_> = found.iter().map(|f| f["Fingerprint"].as_str().unwrap()).collect();
    assert_eq!(fingerprints, [format!("{second}:x.key:key-file:0"), format!("{first}:x.key:key-file:0")]);
    assert_eq!(found[0]["Match"], "file detected: x.key");
}

#[test]
fn links_lead_to_known_forges_without_passwords() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("a.md", token(1));
    let commit = repo.commit("c");
    assert!(report(&repo, &["git"], 1)[0].get("Link").is_none());
    let password = format!("https://user:{}@github.com/o/r.git", "pass");
    repo.git(&["remote", "add", "origin", &password]);
    let link = |args: &[&str]| report(&repo, &[&["git"], args].concat(), 1)[0].get("Link").cloned();
    let expected = format!("https://github.com/o/r/blob/{commit}/a.md");
    assert_eq!(link(&[]).unwrap(), format!("{expected}?plain=1#L1"));
    assert_eq!(link(&["--platform", "gitlab"]).unwrap(), format!("{expected}#L1"));
    assert_eq!(link(&["--platform", "none"]), None);
    gitleaks(&repo, &["git", "--platform", "sourcehut"]).expect(1);
}

#[test]
fn the_rules_themselves_are_no_subject_wherever_they_are() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("d/rules.toml", format!("{}# {}\n", super::RULES, token(1)));
    repo.stage("rules.toml", token(2));
    repo.commit("c");
    assert_eq!(places(&report(&repo, &["git", "-c", "d/rules.toml"], 1)), ["rules.toml:1"]);
    let inside = sandbox.at(repo.dir.join("d"));
    assert_eq!(places(&report(&inside, &["git", "-c", "rules.toml"], 1)), ["rules.toml:1"]);
    let outside = sandbox.at(sandbox.path());
    assert_eq!(places(&report(&outside, &["git", "repo", "-c", "repo/d/rules.toml"], 1)), ["rules.toml:1"]);
}

#[test]
fn missing_objects_are_an_error() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.stage("a", "x\n");
    repo.commit("c");
    let blob = repo.git(&["rev-parse", "HEAD:a"]);
    let (dir, name) = blob.split_at(2);
    std::fs::remove_file(repo.dir.join(".git/objects").join(dir).join(name)).unwrap();
    gitleaks(&repo, &["git", "--exit-code", "0"]).expect(1);
}
