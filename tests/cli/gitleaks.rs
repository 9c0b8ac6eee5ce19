//! What a repository has of gitleaks, in the guard itself: rules, ids, ignore files.

use crate::support::{Repo, Run, Sandbox, github_pat};

/// A rule of the tests' own.
const RULE: &str = "[[rules]]\nid = 'tok'\nregex = '''tok_([a-z0-9]{8})'''\nkeywords = ['tok_']\n";

fn token() -> String {
    format!("{}_secret01", "tok")
}

/// A value of Stripe's, with a body that is nobody's.
fn stripe() -> String {
    format!("{}_live_{}", "sk", "4eC39HqLyjWDarjtT1zdp7dcQ2vLm9Rt")
}

#[track_caller]
fn finds(run: &Run, rules: &[&str], not: &[&str]) {
    for rule in rules {
        assert!(run.stdout.contains(&format!("[{rule}]")), "{rule}\n{}\n{}", run.stdout, run.stderr);
    }
    for rule in not {
        assert!(!run.stdout.contains(&format!("[{rule}]")), "{rule}\n{}", run.stdout);
    }
}

fn checked(repo: &Repo<'_>, args: &[&str], code: i32) -> Run {
    repo.gitward(args).expect(code)
}

#[test]
fn a_rule_file_may_be_named() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write("../rules.toml", RULE);
    repo.stage("a", token());
    for verb in [&["check"][..], &["scan"], &["scan", "a"], &["check", "--all-files"]] {
        checked(&repo, verb, 0);
        let run = checked(&repo, &[verb, &["--gitleaks-config", "../rules.toml"]].concat(), 1);
        finds(&run, &["tok"], &[]);
    }
    repo.commit("c");
    for verb in [["check", "--history"], ["scan", "--history"]] {
        finds(&checked(&repo, &[&verb[..], &["--gitleaks-config", "../rules.toml"]].concat(), 1), &["tok"], &[]);
        checked(&repo, &verb, 0);
    }
    // it takes the place of the repository's own, and the built-in rules stay
    repo.write(".gitleaks.toml", RULE.replace("'tok'", "'theirs'"));
    repo.write("b", github_pat());
    finds(&checked(&repo, &["scan", "a"], 1), &["theirs"], &["tok"]);
    let run = checked(&repo, &["scan", "a", "b", "--gitleaks-config", "../rules.toml"], 1);
    finds(&run, &["tok", "github-pat"], &["theirs"]);
    // beside what a policy names
    repo.write("ours.toml", RULE.replace("'tok'", "'ours'"));
    repo.write(".gitward.toml", "version = 1\n[secrets]\nrules = ['default', 'ours.toml']\n");
    finds(&checked(&repo, &["scan", "a", "--gitleaks-config", "../rules.toml"], 1), &["ours"], &["theirs"]);
    // what cannot be read or used is told
    for (text, what) in [("[[rules]]", "rule"), ("nonsense", "TOML")] {
        repo.write("../bad.toml", text);
        let run = checked(&repo, &["scan", "a", "--gitleaks-config", "../bad.toml"], 2);
        assert!(run.stderr.contains("bad.toml") && run.stderr.contains(what), "{}", run.stderr);
    }
    checked(&repo, &["scan", "a", "--gitleaks-config", "../none.toml"], 2);
}

#[test]
fn rules_go_by_the_names_that_gitleaks_has_for_them() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write("a", format!("see '{}'\n", stripe()));
    finds(&checked(&repo, &["scan", "a"], 1), &["stripe-secret-key"], &[]);
    let list = checked(&repo, &["rules", "list"], 0);
    assert!(list.stdout.contains("stripe-secret-key (stripe-access-token)"), "{}", list.stdout);
    assert!(checked(&repo, &["explain", "stripe-access-token"], 0).stdout.contains("stripe-restricted-key"));
    // switched off, allowed, made a warning, selected
    let config = |text: &str| repo.write(".gitleaks.toml", format!("[extend]\nuseDefault = true\n{text}"));
    config("disabledRules = ['stripe-access-token']\n");
    checked(&repo, &["scan", "a"], 0);
    config("[[allowlists]]\ntargetRules = ['stripe-access-token']\nregexes = ['4eC39']\n");
    checked(&repo, &["scan", "a"], 0);
    config("[[rules]]\nid = 'stripe-access-token'\n[[rules.allowlists]]\nregexes = ['4eC39']\n");
    checked(&repo, &["scan", "a"], 0);
    // in the place of the built-in ones
    config("[[rules]]\nid = 'stripe-access-token'\nregex = '''sk_live_(4eC[a-zA-Z0-9]{20})'''\n");
    finds(&checked(&repo, &["scan", "a"], 1), &["stripe-access-token"], &["stripe-secret-key"]);
    config("disabledRules = ['github-pat']\n");
    finds(&checked(&repo, &["scan", "a"], 1), &["stripe-secret-key"], &[]);
    std::fs::remove_file(repo.dir.join(".gitleaks.toml")).unwrap();
    checked(&repo, &["scan", "a", "--skip", "stripe-access-token"], 0);
    checked(&repo, &["scan", "a", "--only", "stripe-access-token"], 1);
    checked(&repo, &["scan", "a", "--only", "slack-config-access-token"], 0);
    repo.write(".gitward.toml", "version = 1\n[secrets.rule.stripe-access-token]\nlevel = 'warn'\n");
    checked(&repo, &["scan", "a"], 0);
    let enabled = |id: &str, code| checked(&repo, &["gitleaks", "dir", "a", "--enable-rule", id], code);
    enabled("stripe-access-token", 1);
    enabled("slack-config-access-token", 0);
    assert!(enabled("stripe", 1).stderr.contains("no rule"));
    // two of theirs may be one here
    checked(
        &repo,
        &["gitleaks", "dir", "a", "--enable-rule=bittrex-access-key", "--enable-rule=bittrex-secret-key"],
        0,
    );
}

#[test]
fn gitleaksignore_silences_places() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("d/a", format!("key = '{}'\n", stripe()));
    let ignore = |text: &str| repo.write(".gitleaksignore", text);
    checked(&repo, &["check"], 1);
    for (text, code) in [
        ("d/a:stripe-access-token:1\n", 0),
        ("# known\nd\\a:stripe-secret-key:1\n", 0),
        ("d/a:stripe-access-token:2\n", 1),
        ("d/b:stripe-access-token:1\n", 1),
        ("d/a:github-pat:1\n", 1),
        ("d/a:stripe-access-token\n", 1),
    ] {
        ignore(text);
        checked(&repo, &["check"], code);
        checked(&repo, &["gitleaks", "dir", "."], code);
    }
    ignore("d/a:stripe-access-token:1\n");
    let run = checked(&repo, &["check", "-v"], 0);
    assert!(run.stdout.contains("1 suppressed (gitleaksignore)"), "{}", run.stdout);
    // in one commit alone
    let commit = repo.commit("c");
    ignore(&format!("{commit}:d/a:stripe-access-token:1\n"));
    checked(&repo, &["check", "--history"], 0);
    ignore(&format!("{}:d/a:stripe-access-token:1\n", "1".repeat(40)));
    checked(&repo, &["check", "--history"], 1);
    // nothing silences what is forbidden
    ignore("d/a:stripe-access-token:1\n");
    repo.write(".gitward.toml", "version = 1\n[secrets.rule]\nstripe-secret-key = 'forbid'\n");
    checked(&repo, &["check", "--all-files"], 1);
}

#[test]
fn a_path_that_is_allowed_lets_go_of_that_path_alone() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write(".gitleaks.toml", format!("{RULE}[[rules.allowlists]]\npaths = ['^samples/']\n"));
    for path in ["samples/a", "src/a", "samples/b"] {
        repo.stage(path, token());
    }
    let run = checked(&repo, &["check"], 1);
    assert!(run.stdout.contains("src/a:1") && !run.stdout.contains("samples/"), "{}", run.stdout);
    repo.git(&["rm", "-q", "--cached", "src/a"]);
    checked(&repo, &["check"], 0);
    // and so for all rules
    repo.write(".gitleaks.toml", "[[allowlists]]\npaths = ['^samples/']\n");
    for path in ["samples/c", "src/c"] {
        repo.stage(path, github_pat());
    }
    let run = checked(&repo, &["check"], 1);
    assert!(run.stdout.contains("src/c:1") && !run.stdout.contains("samples/"), "{}", run.stdout);
}

#[test]
fn a_rule_for_names_asks_for_its_keywords() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write(".gitleaks.toml", "[[rules]]\nid = 'state'\npath = '''\\.state$'''\nkeywords = ['Password']\n");
    repo.write("a.state", "nothing to see\n");
    repo.write("b.state", "the PASSWORD is\n");
    checked(&repo, &["scan", "a.state"], 0);
    finds(&checked(&repo, &["scan", "b.state"], 1), &["state"], &[]);
}

#[test]
fn encoded_text_is_decoded_for_rules_of_gitleaks_too() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write(".gitleaks.toml", RULE);
    let hex: String = format!("see {} here", token()).bytes().map(|b| format!("{b:02x}")).collect();
    repo.write("a", format!("\nx = \"{hex}\"\n"));
    let run = checked(&repo, &["scan", "a"], 1);
    finds(&run, &["tok"], &[]);
    assert!(run.stdout.contains("a:2") && run.stdout.contains("decoded hex"), "{}", run.stdout);
    assert!(!run.stdout.contains(&hex[8..40]), "{}", run.stdout);
}
