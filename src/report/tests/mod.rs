//! One outcome with everything in it, and what each format makes of it.

mod leaks;
mod machine;

use super::*;
use crate::change::{Origin, RepoPath, Scope};
use crate::finding::{Finding, Fingerprint, Fix, GuardId, Incomplete, Label, Level, Location, Position, Span};
use crate::outcome::{Outcome, Stats, Suppressed, Suppressor};
use crate::secret::Secret;
use std::time::Duration;

/// A token that is none: no provider has such a prefix.
fn token() -> String {
    format!("{}{}", "tok_", "Zx8kZx8kZx8kZx8kZx8kZx8kZx8kZx8kZx8k")
}

fn commit_id() -> Oid {
    Oid::from_hex(format!("178b8e1{}", "0".repeat(33)).as_bytes()).unwrap()
}

fn at(path: &str, origin: Origin, text: &str, mark: &str) -> Location {
    let start = text.find(mark).unwrap();
    Location::in_file(path.as_bytes(), origin, text.as_bytes(), Span::new(start, start + mark.len()))
}

fn fingerprint(n: u8) -> Fingerprint {
    Fingerprint::parse(&format!("gw1:4f9a12c07b3{n:x}")).unwrap()
}

/// A secret at line 5, column 11, as in the design.
fn leaked(origin: Origin) -> Finding {
    let text = format!("\n\n\n\nGITHUB = \"{}\"\n", token());
    let mut finding = Finding::new(
        "github-pat".into(),
        GuardId::Secrets,
        Level::Deny,
        String::from("GitHub personal access token in a staged change"),
        at("src/app.py", origin, &text, &token()),
        fingerprint(14),
    );
    finding.secret = Some(Secret::new(token().as_bytes()));
    finding.provider = Some("github".into());
    finding.note = String::from("40 bytes, checksum valid");
    finding.help = vec![
        String::from("revoke it at github.com/settings/tokens, then remove it from this commit"),
        format!("not a secret? gitward allow {} --reason \"…\"", finding.fingerprint),
    ];
    finding
}

fn base_image() -> Finding {
    let mut finding = Finding::new(
        "image-registry".into(),
        GuardId::Images,
        Level::Forbid,
        String::from("base image comes from docker.io"),
        at("Dockerfile", Origin::Index, "FROM python:3.12\n", "python:3.12"),
        fingerprint(1),
    );
    finding.note = String::from("docker.io/library/python:3.12");
    let policy = format!("{}registries = [\"registry.corp.example/*\"]\n", "\n".repeat(11));
    let start = policy.find('[').unwrap();
    finding.related.push(Label {
        file: String::from(".gitward.toml"),
        position: Position::new(policy.as_bytes(), Span::new(start, policy.len() - 1)),
        message: String::from("only these are allowed"),
    });
    finding.help.push(String::from("gitward explain image-registry"));
    finding.fix = Some(Fix { span: Span::new(5, 16), replacement: String::from("registry.corp.example/python:3.12") });
    finding
}

fn unsigned() -> Finding {
    Finding::new(
        "commit-unsigned".into(),
        GuardId::Signatures,
        Level::Warn,
        String::from("commit of T <t@example> is not signed"),
        Location::object(commit_id()),
        fingerprint(2),
    )
}

fn outcome(findings: Vec<Finding>) -> Outcome {
    Outcome {
        scope: Scope::Staged,
        findings,
        suppressed: Vec::new(),
        incomplete: Vec::new(),
        notices: Vec::new(),
        stats: Stats { blobs: 14, bytes: 27_512, elapsed: Duration::from_millis(21), ..Stats::default() },
        fail_level: Level::Deny,
    }
}

/// Everything at once.
fn full() -> Outcome {
    let mut full = outcome(vec![leaked(Origin::Index), unsigned(), base_image()]);
    let mut old = leaked(Origin::Commit(commit_id()));
    old.level = Level::Warn;
    full.suppressed.push(Suppressed {
        finding: old,
        by: Suppressor::Baseline,
        reason: String::from("sample, SEC-812"),
    });
    full.incomplete
        .push(Incomplete::new("blob 1a2b3c4 of src/b.bin", "object not found").help("git fetch it, then try again"));
    full.notices.push(String::from("images.pin is weaker than the organisation's policy and was ignored"));
    full
}

fn written(format: Format, outcome: &Outcome, options: &Options) -> String {
    let mut out = Vec::new();
    write(format, outcome, &[], options, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn plain(format: Format, outcome: &Outcome) -> String {
    written(format, outcome, &Options::default())
}

#[test]
fn format_names_are_unique_and_found() {
    for format in Format::ALL {
        assert_eq!(Format::from_name(format.name()), Some(format));
    }
    assert_eq!(Format::from_name("JSON"), None);
    let names = Format::ALL.map(Format::name);
    assert_eq!(crate::rule::did_you_mean("serif", names), Some("sarif"));
}

#[test]
fn human_shows_the_line_and_the_mark() {
    assert_eq!(
        plain(Format::Human, &outcome(vec![leaked(Origin::Index)])),
        r#"error[github-pat]: GitHub personal access token in a staged change
 --> src/app.py:5:11
  |
5 | GITHUB = "tok_Zx**********************************"
  |           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ 40 bytes, checksum valid
  = help: revoke it at github.com/settings/tokens, then remove it from this commit
  = help: not a secret? gitward allow gw1:4f9a12c07b3e --reason "…"

1 error, 14 files, 27 kB, 21 ms
"#
    );
}

#[test]
fn human_shows_the_policy_line_and_aligns_the_gutter() {
    assert_eq!(
        plain(Format::Human, &outcome(vec![base_image()])),
        r#"error[image-registry]: base image comes from docker.io
  --> Dockerfile:1:6
   |
 1 | FROM python:3.12
   |      ^^^^^^^^^^^ docker.io/library/python:3.12
  --> .gitward.toml:12:14
   |
12 | registries = ["registry.corp.example/*"]
   |              --------------------------- only these are allowed
   = help: gitward explain image-registry

1 error, 14 files, 27 kB, 21 ms
"#
    );
}

#[test]
fn human_names_commits() {
    let text = plain(Format::Human, &outcome(vec![leaked(Origin::Commit(commit_id())), unsigned()]));
    assert!(text.contains(" --> src/app.py:5:11 (commit 178b8e1)\n"), "{text}");
    assert!(
        text.ends_with(
            "warning[commit-unsigned]: commit of T <t@example> is not signed\n --> commit 178b8e1\n  \
             = help: a known exception? gitward allow gw1:4f9a12c07b32 --reason \"…\"\n\n\
             1 error, 1 warning, 14 files, 27 kB, 21 ms\n"
        ),
        "{text}"
    );
}

#[test]
fn human_says_what_was_not_checked() {
    let mut gap = full();
    gap.findings.clear();
    assert_eq!(
        plain(Format::Human, &gap),
        "error[incomplete]: could not check blob 1a2b3c4 of src/b.bin: object not found\n  \
         = help: git fetch it, then try again\n\n\
         note: images.pin is weaker than the organisation's policy and was ignored\n\
         1 not checked, 1 suppressed (baseline), 14 files, 27 kB, 21 ms\n\
         1 thing could not be checked: nothing may be concluded from what is not listed here\n"
    );
}

#[test]
fn a_clean_run_is_silent_unless_asked() {
    let mut clean = outcome(Vec::new());
    assert_eq!(plain(Format::Human, &clean), "");
    assert_eq!(plain(Format::Concise, &clean), "");
    assert_eq!(plain(Format::Github, &clean), "");
    clean.suppressed = full().suppressed;
    assert_eq!(plain(Format::Human, &clean), "");
    clean.stats.commits = 3;
    let verbose = Options { verbose: true, ..Options::default() };
    assert_eq!(
        written(Format::Human, &clean, &verbose),
        "suppressed[github-pat]: GitHub personal access token in a staged change, at src/app.py:5:11 (baseline: sample, SEC-812)\n\
         no findings, 1 suppressed (baseline), 3 commits, 14 files, 27 kB, 21 ms\n"
    );
}

#[test]
fn the_summary_counts_each_kind() {
    let mut many = full();
    let again = many.suppressed[0].clone();
    many.suppressed.push(Suppressed { by: Suppressor::Inline, ..again.clone() });
    many.suppressed.push(again);
    assert_eq!(
        summary::line(&many),
        "2 errors, 1 warning, 1 not checked, 3 suppressed (1 inline, 2 baseline), 14 files, 27 kB, 21 ms"
    );
}

#[test]
fn marks_of_several_lines_say_where_they_end() {
    let text = "a: |\n  one\n  two\n";
    let finding = Finding::new(
        "x".into(),
        GuardId::Run,
        Level::Note,
        String::from("m"),
        at("f", Origin::WorkTree, text, "one\n  two"),
        fingerprint(3),
    );
    assert_eq!(
        plain(Format::Human, &outcome(vec![finding])),
        "note[x]: m\n --> f:2:3\n  |\n2 |   one\n  |   ^^^ to line 3\n\n1 note, 14 files, 27 kB, 21 ms\n"
    );
}

#[test]
fn colour_touches_our_own_words_only() {
    let options = Options { style: Style::COLOR, ..Options::default() };
    let colored = written(Format::Human, &full(), &options);
    assert!(colored.starts_with("\u{1b}[1;31merror[github-pat]\u{1b}[0m\u{1b}[1m: GitHub"), "{colored}");
    let bare = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(&colored, "").into_owned();
    assert_eq!(bare, plain(Format::Human, &full()));
    for format in Format::ALL.into_iter().filter(|f| *f != Format::Human) {
        assert_eq!(written(format, &full(), &options), plain(format, &full()), "{format:?}");
    }
}

#[test]
fn secrets_are_shown_on_a_terminal_to_people_alone() {
    let asked = Options { show_secrets: true, ..Options::default() };
    let terminal = Options { is_terminal: true, ..asked.clone() };
    assert!(written(Format::Human, &full(), &terminal).contains(&token()));
    assert!(!written(Format::Human, &full(), &asked).contains(&token()));
    for format in Format::ALL.into_iter().filter(|f| *f != Format::Human) {
        assert!(!written(format, &full(), &terminal).contains(&token()), "{format:?}");
    }
}

#[test]
fn concise_is_a_line_a_finding() {
    let mut all = full();
    all.findings.push(leaked(Origin::Commit(commit_id())));
    assert_eq!(
        plain(Format::Concise, &all),
        "src/app.py:5:11: error[github-pat] GitHub personal access token in a staged change gw1:4f9a12c07b3e\n\
         commit 178b8e1: warning[commit-unsigned] commit of T <t@example> is not signed gw1:4f9a12c07b32\n\
         Dockerfile:1:6: error[image-registry] base image comes from docker.io gw1:4f9a12c07b31\n\
         src/app.py:5:11: error[github-pat] GitHub personal access token in a staged change (commit 178b8e1) gw1:4f9a12c07b3e\n\
         error[incomplete] could not check blob 1a2b3c4 of src/b.bin: object not found\n\
         note: images.pin is weaker than the organisation's policy and was ignored\n"
    );
    let mut sly = unsigned();
    sly.at.path = Some(RepoPath::new(b"::stop-commands::x"));
    assert!(plain(Format::Concise, &outcome(vec![sly])).starts_with("./::stop"));
}

#[test]
fn github_annotates_and_escapes() {
    let mut odd = base_image();
    odd.at.path = Some(RepoPath::new(b"a,b:c%d\n::error::x"));
    odd.message = String::from("100% wrong\n::error::forged");
    odd.help.clear();
    let mut all = full();
    all.findings.push(odd);
    assert_eq!(
        plain(Format::Github, &all),
        "::error title=incomplete::could not check blob 1a2b3c4 of src/b.bin: object not found\n\
         ::error file=Dockerfile,line=1,col=6,title=image-registry::base image comes from docker.io%0A\
         help: gitward explain image-registry%0Agw1:4f9a12c07b31\n\
         ::error file=a%2Cb%3Ac%25d\\n%3A%3Aerror%3A%3Ax,line=1,col=6,title=image-registry::\
         100%25 wrong\\n::error::forged%0Agw1:4f9a12c07b31\n\
         ::error file=src/app.py,line=5,col=11,title=github-pat::GitHub personal access token in a staged change%0A\
         help: revoke it at github.com/settings/tokens, then remove it from this commit%0A\
         help: not a secret? gitward allow gw1:4f9a12c07b3e --reason \"…\"%0Agw1:4f9a12c07b3e\n\
         ::warning title=commit-unsigned::commit of T <t@example> is not signed%0Acommit 178b8e1%0Agw1:4f9a12c07b32\n\
         ::notice title=gitward::images.pin is weaker than the organisation's policy and was ignored\n"
    );
}

fn remote(outcome: &Outcome, verdict: Verdict, gitlab: bool) -> String {
    let mut out = Vec::new();
    let remote = Remote { verdict, policy: Some("main:.gitward.toml"), gitlab };
    write_remote(outcome, remote, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn remote_is_short_and_ascii() {
    let mut push = outcome(vec![unsigned(), leaked(Origin::Commit(commit_id()))]);
    push.findings[0].message.push_str(" für immer");
    push.stats.commits = 14;
    assert_eq!(
        remote(&push, Verdict::Rejected, false),
        "gitward: push rejected: 2 findings in 14 new commits (policy: main:.gitward.toml)\n  \
         178b8e1 src/app.py:5         github-pat           gw1:4f9a12c07b3e  tok_Zx********************************\n  \
         178b8e1 -                    commit-unsigned      gw1:4f9a12c07b32  \
         commit of T <t@example> is not signed f\\u{fc}r immer\n\
         rewrite these commits and push again; details: gitward explain <rule>\n"
    );
    assert_eq!(remote(&outcome(Vec::new()), Verdict::Accepted, true), "");
}

#[test]
fn remote_counts_what_does_not_fit() {
    let mut push = full();
    push.findings = vec![unsigned(); 100];
    let text = remote(&push, Verdict::Rejected, true);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 40);
    assert!(lines.iter().all(|l| l.starts_with("GL-HOOK-ERR: ") && l.is_ascii()), "{text}");
    assert!(lines[1].contains("could not check blob"), "gaps first: {text}");
    assert_eq!(lines[38], "GL-HOOK-ERR:   ... and 64 more");
}
