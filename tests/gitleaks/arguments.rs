//! Flags, configuration, exit codes.

use super::{RULES, gitleaks, places, repo, report, token};
use crate::support::{GITWARD, Run, Sandbox, github_pat};

#[test]
fn exit_codes_are_those_of_gitleaks() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("clean", "nothing\n");
    gitleaks(&repo, &["dir", "clean"]).expect(0);
    repo.write("a", token(1));
    gitleaks(&repo, &["dir", "."]).expect(1);
    gitleaks(&repo, &["dir", ".", "--exit-code", "7"]).expect(7);
    gitleaks(&repo, &["dir", ".", "--exit-code=0"]).expect(0);
    for unknown in [&["git", "--bogus"][..], &["--bogus"], &["dir", "--staged"]] {
        let run = gitleaks(&repo, unknown).expect(126);
        assert!(run.stderr.contains("unknown flag"), "{}", run.stderr);
    }
    for wrong in [&["git", "-z"][..], &["bogus"], &["git", "a", "b"], &["git", "--exit-code", "x"], &["dir", "absent"]]
    {
        gitleaks(&repo, wrong).expect(1);
    }
    assert!(gitleaks(&repo, &["--help"]).expect(0).stdout.contains("--redact"));
    assert!(gitleaks(&repo, &["git", "-h"]).expect(0).stdout.contains("--log-opts"));
    assert!(gitleaks(&repo, &["version"]).expect(0).stdout.starts_with("8."));
}

#[test]
fn what_cannot_be_checked_is_an_error_whatever_the_exit_code_for_leaks() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("a", token(1));
    repo.write("b.zip", b"PK\x03\x04cut off");
    gitleaks(&repo, &["dir", ".", "--exit-code", "0"]).expect(0);
    let run = gitleaks(&repo, &["dir", ".", "--exit-code", "0", "--max-archive-depth", "1"]).expect(1);
    assert!(run.stderr.contains("b.zip") && run.stderr.contains("partial scan"), "{}", run.stderr);
    // an empty directory is not a repository
    std::fs::create_dir(repo.sandbox.path().join("empty")).unwrap();
    let empty = repo.sandbox.at(repo.sandbox.path().join("empty"));
    gitleaks(&empty, &["git", "--exit-code", "0"]).expect(1);
}

#[test]
fn the_configuration_is_looked_up_in_order() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let rule = |id: &str| format!("[[rules]]\nid = '{id}'\nregex = 'tok_[a-z0-9]+'\n");
    repo.write("a", token(1));
    repo.write("../flag.toml", rule("flag"));
    repo.write("../env.toml", rule("env"));
    let found = |args: &[&str], env: &[(&str, &str)]| {
        let mut command = repo.command(GITWARD);
        command.args(["gitleaks", "dir", "-f", "json", "-r", "-"]).args(args).envs(env.iter().copied());
        let run = Run::of(&mut command);
        let list: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).unwrap_or_default();
        list.iter().map(|f| f["RuleID"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let text = rule("text");
    let (file, content) = (("GITLEAKS_CONFIG", "../env.toml"), ("GITLEAKS_CONFIG_TOML", text.as_str()));
    assert_eq!(found(&["."], &[]), [""; 0]);
    repo.write(".gitleaks.toml", rule("own"));
    assert_eq!(found(&["."], &[]), ["own"]);
    // a file has the built-in rules
    assert_eq!(found(&["a"], &[]), [""; 0]);
    assert_eq!(found(&["."], &[content]), ["text"]);
    assert_eq!(found(&["."], &[content, file]), ["env"]);
    assert_eq!(found(&["a", "-c", "../flag.toml"], &[content, file]), ["flag"]);
    // one that is named and not there is no reason to take another
    gitleaks(&repo, &["dir", ".", "-c", "absent.toml"]).expect(1);
    repo.write("broken.toml", "[[rules]]\nid = 'x'\nregex = '('\n");
    assert!(gitleaks(&repo, &["dir", ".", "-c", "broken.toml"]).expect(1).stderr.contains("broken.toml"));
}

#[test]
fn without_a_configuration_the_built_in_rules_apply() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a.py", format!("x = '{}'\n", github_pat()));
    assert_eq!(report(&repo, &["git", "--staged"], 1)[0]["RuleID"], "github-pat");
    repo.commit("c");
    assert_eq!(report(&repo, &["git"], 1)[0]["RuleID"], "github-pat");
}

#[test]
fn rules_can_be_chosen() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("x.key", token(1));
    assert_eq!(report(&repo, &["dir", "."], 1).len(), 2);
    let only = report(&repo, &["dir", ".", "--enable-rule", "tok"], 1);
    assert_eq!((only.len(), &only[0]["RuleID"]), (1, &"tok".into()));
    assert_eq!(report(&repo, &["dir", ".", "--enable-rule=tok,key-file"], 1).len(), 2);
    gitleaks(&repo, &["dir", ".", "--enable-rule", "absent"]).expect(1);
}

#[test]
fn the_terminal_shows_no_secret_unless_asked() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("a\x1b[31m", format!("x {} \x1b]0;t\x07\n", token(1)));
    let run = gitleaks(&repo, &["dir", ".", "-v"]).expect(1);
    assert!(run.stdout.contains("RuleID:      tok") && !run.stdout.contains("secret01"), "{}", run.stdout);
    assert!(!run.stdout.contains('\x1b') && !run.stderr.contains('\x1b'));
    let run = gitleaks(&repo, &["dir", ".", "-v", "--redact=20"]).expect(1);
    assert!(!run.stdout.contains("secr"), "{}", run.stdout);
    let run = gitleaks(&repo, &["dir", ".", "-v", "--show"]).expect(1);
    assert!(run.stdout.contains("Secret:      secret01\n"), "{}", run.stdout);
    let quiet = gitleaks(&repo, &["dir", ".", "-l", "error", "--no-banner", "--no-color"]).expect(1);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
}

#[test]
fn encoded_text_is_decoded_as_deep_as_asked() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    // "token is tok_secret01 here", in base64
    repo.write("a", "x = dG9rZW4gaXMgdG9rX3NlY3JldDAxIGhlcmU=\n");
    let found = report(&repo, &["dir", "."], 1);
    assert_eq!(found[0]["Secret"], "secret01");
    assert!(found[0]["Tags"].as_array().unwrap().contains(&"decoded:base64".into()), "{found:?}");
    assert_eq!(places(&report(&repo, &["dir", ".", "--max-decode-depth", "0"], 0)), [""; 0]);
}

#[test]
fn templates_are_refused_and_so_are_unknown_formats() {
    let sandbox = Sandbox::new();
    let repo = repo(&sandbox, "repo");
    repo.write("a", token(1));
    let run = gitleaks(&repo, &["dir", ".", "-r", "x.txt", "--report-template", "t.tmpl"]).expect(1);
    assert!(run.stderr.contains("template"), "{}", run.stderr);
    for wrong in [&["-r", "-"][..], &["-r", "x.xml"], &["-r", "x", "-f", "html"], &["-r", "no/such/dir.json"]] {
        gitleaks(&repo, &[&["dir", "."], wrong].concat()).expect(1);
    }
    assert!(!repo.dir.join("x.txt").exists() && !repo.dir.join("x.xml").exists());
    // without a report its format is never looked at
    gitleaks(&repo, &["dir", ".", "-f", "html"]).expect(1);
    repo.write("rules.toml", RULES);
}
