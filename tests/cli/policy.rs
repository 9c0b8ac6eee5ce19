//! The policy: layers, and the four guards that each obey it.

use crate::support::{Repo, Sandbox, github_pat};

fn org(sandbox: &Sandbox, text: &str) -> String {
    let file = sandbox.path().join("org.toml");
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn images_are_held_to_the_policy() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("Dockerfile", "FROM python:3.12\nRUN true\n");
    repo.gitward(&["check"]).expect(0);
    repo.stage(
        ".gitward.toml",
        "[images]\nregistries = [\"registry.corp.example/**\"]\nfinal_base = [\"scratch\", \"registry.corp.example/base/alpine\"]\nmulti_stage = true\npin = \"tag\"\n",
    );
    let run = repo.gitward(&["check"]).expect(1);
    for rule in ["image-registry", "image-final-base", "image-multi-stage"] {
        assert!(run.stdout.contains(&format!("error[{rule}]")), "{rule}\n{}", run.stdout);
    }
    assert!(run.stdout.contains("--> Dockerfile:1:6"), "{}", run.stdout);
    assert!(run.stdout.contains("--> .gitward.toml:2:14"), "{}", run.stdout);
    assert!(run.stdout.contains("docker.io/library/python:3.12"), "{}", run.stdout);
    repo.gitward(&["lint"]).expect(1);
    repo.stage(
        "Dockerfile",
        "FROM registry.corp.example/rust:1 AS build\nRUN cargo build\nFROM registry.corp.example/base/alpine:3.20\nCOPY --from=build /app /app\n",
    );
    repo.gitward(&["check"]).expect(0);
    repo.gitward(&["lint"]).expect(0);
}

#[test]
fn the_hook_set_is_held_to_the_policy() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "a\n");
    let policy =
        org(&sandbox, "[[hooks.require]]\nid = \"gitward\"\nsource = [\"git.corp.example/mirrors/gitward\"]\n");
    let run = repo.gitward(&["check", "--policy", &policy]).expect(1);
    assert!(run.stdout.contains("error[hook-config-missing]"), "{}", run.stdout);
    repo.stage(
        ".pre-commit-config.yaml",
        "repos:\n- repo: https://example.com/x\n  rev: v1\n  hooks:\n  - id: other\n",
    );
    let run = repo.gitward(&["check", "--policy", &policy]).expect(1);
    assert!(run.stdout.contains("error[hook-missing]"), "{}", run.stdout);
    assert!(run.stdout.contains("org.toml:"), "{}", run.stdout);
    repo.stage(
        ".pre-commit-config.yaml",
        "repos:\n- repo: https://git.corp.example/mirrors/gitward.git\n  rev: v1.2.0\n  hooks:\n  - id: gitward\n",
    );
    repo.gitward(&["check", "--policy", &policy]).expect(0);
    // it is the staged configuration that counts: the weakening commit itself is stopped
    repo.git(&["rm", "-q", "--cached", ".pre-commit-config.yaml"]);
    repo.gitward(&["check", "--policy", &policy]).expect(1);
}

#[test]
fn signatures_are_held_to_the_policy() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", "a\n");
    repo.commit("not signed");
    repo.gitward(&["verify"]).expect(0);
    let policy = org(&sandbox, "[signatures]\nrequire = \"present\"\n");
    let run = repo.gitward(&["verify", "--policy", &policy]).expect(1);
    assert!(run.stdout.contains("error[commit-unsigned]"), "{}", run.stdout);

    let key = sandbox.path().join("id");
    let made = repo.command("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "t", "-f"]).arg(&key).output();
    crate::support::assert_ok(&made.unwrap(), "ssh-keygen");
    repo.git(&["config", "gpg.format", "ssh"]);
    repo.git(&["config", "user.signingKey", key.to_str().unwrap()]);
    repo.git(&["commit", "-q", "-S", "--allow-empty", "-m", "signed"]);
    repo.gitward(&["verify", "--policy", &policy]).expect(0);
    let trusted = |email: &str| {
        let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
        let signer = format!(
            "[signatures]\nrequire = \"trusted\"\n[[signatures.signer]]\nname = \"T\"\nemails = [\"{email}\"]\nssh = [\"{}\"]\n",
            public.trim()
        );
        org(&sandbox, &signer)
    };
    let run = repo.gitward(&["verify", "--policy", &trusted("test@example.com")]).expect(0);
    assert!(run.stdout.contains(" good"), "{}", run.stdout);
    let run = repo.gitward(&["verify", "--policy", &trusted("other@example.com")]).expect(1);
    assert!(run.stdout.contains("signature-wrong-email"), "{}", run.stdout);
    repo.gitward(&["verify", "--range", "HEAD~1..HEAD", "--policy", &trusted("test@example.com")]).expect(0);
    repo.gitward(&["verify", "--range", "HEAD", "--policy", &trusted("test@example.com")]).expect(1);
}

#[test]
fn a_repository_tightens_and_does_not_weaken() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    let policy = org(&sandbox, "[images]\npin = \"tag\"\nmulti_stage = true\n");
    repo.stage(".gitward.toml", "[images]\npin = \"digest\"\nmulti_stage = false\n");
    let run = repo.gitward(&["policy", "show", "--policy", &policy]).expect(0);
    let line = |key: &str| run.stdout.lines().find(|l| l.starts_with(key)).unwrap_or_default().to_owned();
    assert!(
        line("images.pin").contains("digest") && line("images.pin").contains(".gitward.toml:2:7"),
        "{}",
        run.stdout
    );
    assert!(line("images.multi_stage").contains("true") && line("images.multi_stage").contains("org.toml:3:15"));
    assert!(run.stdout.contains("note:") && run.stdout.contains(".gitward.toml:3"), "{}", run.stdout);
    assert!(line("fail_level").contains("deny") && line("fail_level").contains("default"), "{}", run.stdout);
}

#[test]
fn levels_and_selection() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.stage("a", format!("{}\n", crate::support::github_pat()));
    repo.gitward(&["check", "--skip", "secrets"]).expect(0);
    repo.gitward(&["check", "--skip", "github-pat"]).expect(0);
    repo.gitward(&["check", "--only", "images"]).expect(0);
    repo.gitward(&["check", "--only", "github-pat"]).expect(1);
    repo.gitward(&["check", "--exit-zero"]).expect(0);
    repo.stage(".gitward.toml", "[secrets.rule.github-pat]\nlevel = \"warn\"\n");
    let run = repo.gitward(&["check"]).expect(0);
    assert!(run.stdout.contains("warning[github-pat]"), "{}", run.stdout);
    repo.gitward(&["check", "--fail-level", "warn"]).expect(1);
    repo.stage(".gitward.toml", "[secrets.rule.github-pat]\nlevel = \"allow\"\n");
    assert_eq!(repo.gitward(&["check"]).expect(0).stdout, "");
    repo.stage(".gitward.toml", "[secrets]\nexclude = [\"a\"]\n");
    repo.gitward(&["check"]).expect(0);
}

#[test]
fn the_policy_of_the_user_s_configuration_counts() {
    let sandbox = Sandbox::new();
    let repo: Repo<'_> = sandbox.repo("repo", &[]);
    repo.stage("Dockerfile", "FROM python:3.12\n");
    let policy = org(&sandbox, "[images]\nmulti_stage = true\n");
    // the repository's own configuration has no say
    repo.git(&["config", "gitward.policy", &policy]);
    repo.gitward(&["check"]).expect(0);
    repo.git(&["config", "--global", "gitward.policy", &policy]);
    for how in ["", "plumbing"] {
        let mut command = repo.command(crate::support::GITWARD);
        crate::support::Run::of(command.env("GITWARD_GIT", how).arg("check")).expect(1);
    }
}

#[test]
fn what_each_rule_costs_is_told() {
    let sandbox = Sandbox::new();
    let repo = sandbox.repo("repo", &[]);
    repo.write("a.txt", github_pat());
    let shown = repo.gitward(&["rules", "profile", "a.txt"]).expect(0).stdout;
    assert!(shown.contains("github-pat") && shown.contains("bytes"), "{shown}");
    let text = repo.gitward(&["explain", "github-pat"]).expect(0).stdout;
    assert!(text.contains("Revoke it") && text.contains("Found:"), "{text}");
}
