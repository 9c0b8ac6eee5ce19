//! Output: every format holds the finding and none the secret; nothing from the repository reaches the
//! terminal raw.

use crate::support::{GITWARD, Run, Sandbox, github_pat};

#[test]
fn no_format_prints_the_secret() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let pat = github_pat();
    // in the content, twice on a line, and in the name
    repo.stage(&format!("dir/{pat}.txt"), format!("a {pat} {pat}\n"));
    repo.stage("esc\x1b[31m\u{202e}name", format!("\x1b]0;title\x07{pat}\n"));
    for format in ["human", "concise", "json", "jsonl", "sarif", "github"] {
        for color in ["never", "always"] {
            let run = repo.gitward(&["check", "--format", format, "--color", color, "--show-secrets"]).expect(1);
            assert!(run.stdout.contains("github-pat"), "{format}: {}", run.stdout);
            for window in pat.as_bytes().windows(8) {
                let window = std::str::from_utf8(window).unwrap();
                assert!(!run.stdout.contains(window), "{format} prints {window}:\n{}", run.stdout);
            }
            let raw = run.stdout.bytes().filter(|b| *b < 0x20 && *b != b'\n').count();
            assert!(raw == 0 || (color == "always" && format == "human"), "{format}: {:?}", run.stdout);
            assert!(!run.stdout.contains("\x1b]") && !run.stdout.contains('\u{202e}'), "{format}");
            if matches!(format, "json" | "sarif") {
                serde_json::from_str::<serde_json::Value>(&run.stdout).unwrap();
            }
        }
    }
}

#[test]
fn reports_go_to_files_beside_the_output() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", format!("{}\n", github_pat()));
    let run = repo.gitward(&["check", "--report", "sarif=out.sarif", "--report", "json=out.json", "-q"]).expect(1);
    assert!(run.stdout.contains("error[github-pat]"));
    let read = |name: &str| {
        let text = std::fs::read_to_string(repo.dir.join(name)).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap()
    };
    let sarif = read("out.sarif");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "github-pat");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a");
    let json = read("out.json");
    assert_eq!(json["schema"], "gitward/1");
    assert_eq!(json["findings"][0]["rule"], "github-pat");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    for n in 0..200 {
        repo.write(format!("d{}/f{n}", n % 7), format!("{}\nx\n{}\n", github_pat(), n));
    }
    repo.git(&["add", "-A"]);
    let run = || repo.gitward(&["check", "--format", "concise"]).expect(1).stdout;
    let first = run();
    assert_eq!(first.lines().filter(|l| l.contains("github-pat")).count(), 200);
    for _ in 0..3 {
        assert_eq!(run(), first);
    }
}

#[test]
fn colour_follows_option_environment_and_terminal() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", format!("{}\n", github_pat()));
    let coloured = |args: &[&str], env: &[(&str, &str)]| {
        let run = Run::of(repo.command(GITWARD).args(["check"]).args(args).envs(env.iter().copied()));
        run.expect(1).stdout.contains('\x1b')
    };
    assert!(!coloured(&[], &[]));
    assert!(coloured(&["--color", "always"], &[("NO_COLOR", "1")]));
    assert!(coloured(&[], &[("FORCE_COLOR", "1")]));
    assert!(coloured(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")]));
    assert!(!coloured(&["--color", "never"], &[("FORCE_COLOR", "1")]));
}

#[test]
fn version_help_and_lists() {
    let sandbox = Sandbox::new();
    let home = sandbox.at(sandbox.path().join("home"));
    assert!(home.gitward(&["--version"]).expect(0).stdout.starts_with("gitward "));
    assert!(home.gitward(&["--help"]).expect(0).stdout.contains("check"));
    let list = home.gitward(&["rules", "list"]).expect(0).stdout;
    for rule in ["github-pat", "image-registry", "commit-unsigned", "hook-missing"] {
        assert!(list.contains(rule), "{rule}");
        home.gitward(&["explain", rule]).expect(0);
    }
    let json = home.gitward(&["rules", "list", "--json"]).expect(0).stdout;
    let rules: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert!(rules.iter().filter(|r| r["guard"] == "secrets").count() >= 60);
    assert!(home.gitward(&["explain", "DL3007"]).expect(0).stdout.contains("DL3007"));
}
