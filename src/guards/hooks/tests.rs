use super::*;
use crate::change::{Oid, Origin, RepoPath, TreeView};
use crate::finding::{Finding, Level, Span};
use crate::policy::{Layer, PolicyFile, RequiredHook, SetBy, Value};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const POLICY: &str = "[[hooks.require]]\nid = \"gitward\"\n";

fn required() -> RequiredHook {
    RequiredHook {
        id: "gitward".into(),
        source: vec!["git.corp.example/mirrors/gitward".into()],
        min_rev: Some("1.4.0".into()),
        stages: vec!["pre-commit".into(), "pre-push".into()],
    }
}

fn policy(hooks: impl IntoIterator<Item = RequiredHook>) -> Policy {
    let mut policy = Policy::default();
    policy.files.push(PolicyFile { name: "org.toml".into(), layer: Layer::Org, text: Arc::from(POLICY) });
    let by = SetBy::File(0, Span::new(0, 17));
    policy.hooks.require = hooks.into_iter().map(|h| Value::new(h, by)).collect();
    policy
}

#[derive(Default, Clone)]
struct Tree {
    files: BTreeMap<&'static str, Result<Vec<u8>, Incomplete>>,
    reads: Arc<AtomicUsize>,
    asked: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl TreeView for Tree {
    fn id(&self, _path: &[u8]) -> Option<Option<Oid>> {
        None
    }

    fn read(&self, path: &[u8]) -> Result<Option<Vec<u8>>, Incomplete> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.asked.lock().unwrap().push(path.to_vec());
        self.files.iter().find(|(p, _)| p.as_bytes() == path).map(|(_, t)| t.clone()).transpose()
    }

    fn paths(&self) -> Result<Vec<RepoPath>, Incomplete> {
        Ok(Vec::new())
    }
}

fn run(policy: &Policy, scope: Scope, tree: &Tree) -> Sink {
    let mut set = ChangeSet::empty(scope);
    set.tips.push(Tip { name: None, origin: Origin::Index, view: Box::new(tree.clone()) });
    let mut sink = Sink::default();
    Hooks::new(policy).set(&set, &mut sink).unwrap();
    sink
}

fn tree(text: &str) -> Tree {
    let files = BTreeMap::from([(".pre-commit-config.yaml", Ok(text.as_bytes().to_vec()))]);
    Tree { files, ..Tree::default() }
}

fn findings(policy: &Policy, text: &str) -> Vec<Finding> {
    let sink = run(policy, Scope::Staged, &tree(text));
    assert_eq!(sink.incomplete, []);
    sink.findings
}

fn rules_of(policy: &Policy, text: &str) -> Vec<String> {
    findings(policy, text).into_iter().map(|f| f.rule.into_owned()).collect()
}

fn marked(finding: &Finding) -> String {
    let snippet = &finding.at.position.as_ref().unwrap().snippet;
    String::from_utf8(snippet.mark.of(&snippet.text).to_vec()).unwrap()
}

#[test]
fn examples_of_every_rule_hold() {
    let policy = policy([required()]);
    for meta in rules::ALL {
        assert!(!meta.summary.is_empty() && !meta.docs.is_empty());
        for bad in meta.bad {
            assert!(rules_of(&policy, bad).iter().any(|r| r == meta.id), "{}: {bad}", meta.id);
        }
        for good in meta.good {
            assert_eq!(rules_of(&policy, good), [""; 0], "{}: {good}", meta.id);
        }
    }
}

/// Configurations with the marked bytes and the message of the findings, in order.
#[test]
fn points_at_the_offence() {
    let entry =
        |repo: &str, rest: &str| format!("repos:\n- repo: {repo}\n  rev: v1.3.0\n  hooks:\n  - id: gitward\n{rest}");
    let mirror = "https://git.corp.example/mirrors/gitward";
    type Offence = (&'static str, &'static str, &'static str);
    let table: &[(String, &[Offence])] = &[
        (entry(mirror, ""), &[("hook-rev", "v1.3.0", "`gitward` is at v1.3.0, older than 1.4.0")]),
        (
            entry("https://github.com/x/gitward", "    stages: [push]\nci: {skip: [gitward]}\n"),
            &[
                (
                    "hook-source",
                    "https://github.com/x/gitward",
                    "`gitward` comes from `https://github.com/x/gitward`, which the policy does not allow",
                ),
                ("hook-rev", "v1.3.0", "`gitward` is at v1.3.0, older than 1.4.0"),
                ("hook-stage", "[push]", "`gitward` does not run at pre-commit"),
                ("hook-skipped", "gitward", "the required hook `gitward` is skipped"),
            ],
        ),
        ("repos: []\n".into(), &[("hook-missing", "repos", "the required hook `gitward` is not configured")]),
        (
            entry(mirror, "").replace("id: gitward", "id: gitwrad"),
            &[("hook-missing", "gitwrad", "the required hook `gitward` is not configured")],
        ),
        (
            entry(mirror, "").replace("v1.3.0", "0123456789abcdef0123456789abcdef01234567"),
            &[(
                "hook-rev",
                "0123456789abcdef0123456789abcdef01234567",
                "`gitward` is at `0123456789abcdef0123456789abcdef01234567`, which cannot be compared with 1.4.0",
            )],
        ),
        (
            "a: 1\na: 2\n".into(),
            &[(
                "hook-config-invalid",
                "a",
                "the hook configuration cannot be read: this key stands twice in the mapping",
            )],
        ),
    ];
    let policy = policy([required()]);
    for (text, want) in table {
        let got = findings(&policy, text);
        let got: Vec<_> = got.iter().map(|f| (f.rule.as_ref(), marked(f), f.message.as_str())).collect();
        let got: Vec<_> = got.iter().map(|(r, m, t)| (*r, m.as_str(), *t)).collect();
        assert_eq!(got, *want, "{text}");
    }
}

#[test]
fn findings_carry_the_policy_line_and_a_remedy() {
    let policy = policy([required()]);
    let found = findings(&policy, "repos: []\n").remove(0);
    assert_eq!((found.level, found.guard), (Level::Deny, GuardId::Hooks));
    assert_eq!((found.related[0].file.as_str(), found.related[0].position.line), ("org.toml", 1));
    assert!(found.help[0].contains("- {repo: https://git.corp.example/mirrors/gitward"), "{:?}", found.help);
    // moved lines keep the fingerprint, another requirement has another
    let moved = findings(&policy, "# comment\n\nrepos: []\n").remove(0);
    assert_eq!(moved.fingerprint, found.fingerprint);
    let other = findings(&super::tests::policy([RequiredHook { id: "x".into(), ..required() }]), "repos: []\n");
    assert_ne!(other[0].fingerprint, found.fingerprint);

    let old = "repos:\n- repo: https://git.corp.example/mirrors/gitward\n  rev: v1.3.0\n  hooks: [{id: gitward}]\n";
    let fix = findings(&policy, old).remove(0).fix.unwrap();
    assert_eq!((fix.span.of(old.as_bytes()), fix.replacement.as_str()), (&b"v1.3.0"[..], "v1.4.0"));
}

#[test]
fn one_entry_that_satisfies_is_enough() {
    let policy = policy([required()]);
    let text = "\
repos:
- repo: local
  hooks: [{id: gitward}]
- repo: https://git.corp.example/mirrors/gitward
  rev: v0.1
  hooks: [{id: gitward}]
- repo: https://git.corp.example/mirrors/gitward
  rev: v1.4.0
  hooks: [{id: gitward, stages: [commit]}, {id: gitward, alias: again, stages: [push]}]
";
    assert_eq!(rules_of(&policy, text), [""; 0]);
    // only one of the two is skipped by its alias
    assert_eq!(rules_of(&policy, &format!("{text}ci: {{skip: [again]}}\n")), [""; 0]);
    assert_eq!(rules_of(&policy, &format!("{text}ci: {{skip: [gitward]}}\n")), ["hook-skipped"]);
}

#[test]
fn asks_only_what_the_policy_asks() {
    let bare = || RequiredHook { id: "gitward".into(), ..RequiredHook::default() };
    let local = "repos:\n- repo: local\n  hooks: [{id: gitward}]\n";
    let at = |rev: &str| format!("repos:\n- repo: https://h.example/x\n  rev: {rev}\n  hooks: [{{id: gitward}}]\n");
    let manual = "repos:\n- repo: local\n  hooks: [{id: gitward, stages: [manual]}]\n";
    let never = "default_stages: []\nrepos:\n- repo: local\n  hooks: [{id: gitward}]\n";
    let with_local = || RequiredHook { source: vec!["local".into()], ..required() };
    let table: &[(RequiredHook, &str, &[&str])] = &[
        (bare(), local, &[]),
        (with_local(), local, &[]),
        (required(), local, &["hook-source"]),
        (bare(), &at("0123456789abcdef0123456789abcdef01234567"), &[]),
        (bare(), &at("release-7"), &[]),
        (bare(), &at("main"), &["hook-rev"]),
        (bare(), &at("HEAD"), &["hook-rev"]),
        (bare(), manual, &["hook-stage"]),
        (bare(), never, &["hook-stage"]),
        (RequiredHook { stages: vec!["manual".into()], ..bare() }, manual, &[]),
        (RequiredHook { stages: vec!["merge-commit".into()], ..bare() }, manual, &["hook-stage"]),
    ];
    for (hook, text, want) in table {
        assert_eq!(rules_of(&policy([hook.clone()]), text), *want, "{hook:?}\n{text}");
    }
}

#[test]
fn reads_nothing_unless_asked() {
    let empty = Tree::default();
    assert_eq!(run(&policy([]), Scope::Staged, &empty).findings, []);
    assert_eq!(run(&policy([required()]), Scope::Paths, &empty).findings, []);
    assert_eq!(run(&policy([required()]), Scope::Stdin, &empty).findings, []);
    assert_eq!(empty.reads.load(Ordering::Relaxed), 0);
}

#[test]
fn looks_for_both_names_in_order() {
    let policy = policy([required()]);
    let none = Tree::default();
    let sink = run(&policy, Scope::Receive, &none);
    assert_eq!(sink.findings[0].rule, "hook-config-missing");
    assert!(sink.findings[0].help.iter().any(|h| h.contains("id: gitward")));
    assert_eq!(*none.asked.lock().unwrap(), pre_commit::FILES.map(|f| f.as_bytes().to_vec()));

    let good = rules::hook_stage::META.good[0].as_bytes().to_vec();
    let mut both = tree("repos: []\n");
    both.files.insert(".pre-commit-config.yml", Ok(good.clone()));
    assert_eq!(run(&policy, Scope::Staged, &both).findings[0].rule, "hook-missing");
    both.files.remove(".pre-commit-config.yaml");
    assert_eq!(run(&policy, Scope::Staged, &both).findings, []);
}

#[test]
fn fails_closed() {
    let unreadable = Tree {
        files: BTreeMap::from([(".pre-commit-config.yaml", Err(Incomplete::new("file", "missing object")))]),
        ..Tree::default()
    };
    let sink = run(&policy([required()]), Scope::Staged, &unreadable);
    assert_eq!((sink.findings.len(), sink.incomplete.len()), (0, 1));

    let unclear = RequiredHook { min_rev: Some("newest".into()), ..required() };
    let sink = run(&policy([unclear]), Scope::Staged, &tree(rules::hook_stage::META.good[0]));
    assert_eq!((sink.findings.len(), sink.incomplete.len()), (0, 1));
}
