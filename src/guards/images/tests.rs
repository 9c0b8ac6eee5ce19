//! The guard as a whole: examples of the rules, places, labels, bounds.

use super::*;
use crate::change::{Origin, RepoPath};
use crate::finding::{Level, Span};
use crate::policy::{Globs, ImagesPolicy, Layer, Pin, PolicyFile, SetBy, Value};
use smallvec::SmallVec;

fn seen(path: &str) -> Occurrence {
    Occurrence {
        path: RepoPath::new(path.as_bytes()),
        origin: Origin::Index,
        kind: EntryKind::File,
        bases: SmallVec::new(),
    }
}

fn strings(list: &[&str]) -> Option<Value<Vec<String>>> {
    let by = SetBy::File(0, Span::new(0, 8));
    Some(Value::new(list.iter().map(|s| (*s).to_owned()).collect(), by))
}

/// A policy that asks for everything but a pin.
fn strict() -> Policy {
    let file = PolicyFile { name: "org.toml".into(), layer: Layer::Org, text: "[images]\nregistries = []\n".into() };
    Policy {
        files: vec![file],
        images: ImagesPolicy {
            registries: strings(&["registry.corp.example/**", "docker.io/docker/dockerfile"]),
            final_base: strings(&["scratch", "registry.corp.example/base/alpine", "gcr.io/distroless/**"]),
            multi_stage: Value::default(true),
            ..ImagesPolicy::default()
        },
        ..Policy::default()
    }
}

fn judge(policy: &Policy, path: &str, text: &[u8]) -> Sink {
    let mut sink = Sink::default();
    let occurrence = seen(path);
    let blob = Blob { oid: None, bytes: text, seen: std::slice::from_ref(&occurrence) };
    Images::new(policy).blob(&blob, &mut sink).unwrap();
    sink
}

fn found(policy: &Policy, text: &str) -> Vec<String> {
    judge(policy, "Dockerfile", text.as_bytes()).findings.into_iter().map(|f| f.rule.into_owned()).collect()
}

#[test]
fn every_rule_keeps_its_examples() {
    for rule in RULES {
        let id = rule.meta.id;
        let mut policy = strict();
        policy.images.pin.value = match id {
            "image-tag" => Pin::Tag,
            "image-digest" => Pin::Digest,
            _ => Pin::None,
        };
        assert!(!rule.meta.bad.is_empty() && !rule.meta.good.is_empty(), "{id}");
        for text in rule.meta.bad {
            let rules = found(&policy, text);
            assert!(rules.iter().any(|r| r == id), "{id} missed {text:?}, found {rules:?}");
        }
        for text in rule.meta.good {
            let rules = found(&policy, text);
            assert!(!rules.iter().any(|r| r == id), "{id} on {text:?}");
        }
    }
}

#[test]
fn names_of_rules_are_unique() {
    let mut names: Vec<String> = RULES
        .iter()
        .flat_map(|r| std::iter::once(r.meta.id).chain(r.meta.aliases.iter().copied()))
        .map(str::to_ascii_lowercase)
        .collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn nothing_is_asked_without_a_policy() {
    let text = "FROM evil.example/x:1\nCOPY --from=$X a b/\nRUN --mount=from=evil.example/y true\n";
    let rules = found(&Policy::default(), text);
    assert_eq!(rules, ["DL3022"]);
    assert!(found(&Policy::default(), "FROM $BASE\n").is_empty());
}

#[test]
fn default_levels_deny_only_what_breaks_a_build_or_a_policy() {
    for rule in RULES {
        let meta = rule.meta;
        let denies = meta.id.starts_with("image-") || matches!(meta.id, "dockerfile-parse" | "DL3023");
        assert_eq!(meta.level == Level::Deny, denies, "{}", meta.id);
    }
}

#[test]
fn a_policy_finding_shows_both_places() {
    let mut sink =
        judge(&strict(), "svc/Dockerfile", b"FROM scratch AS a\nFROM a\nCOPY --from=\\\nEvil.example/x:1 /a /b\n");
    sink.findings.retain(|f| f.rule == "image-registry");
    let [finding] = sink.findings.as_slice() else { panic!("{:?}", sink.findings) };
    assert_eq!(finding.note, "evil.example/x:1");
    assert_eq!(finding.related[0].file, "org.toml");
    assert_eq!(finding.related[0].message, "only these are allowed");
    assert!(finding.help[0].contains("registry.corp.example/**"), "{:?}", finding.help);
    assert_eq!(finding.at.path.as_ref().unwrap().as_bytes(), b"svc/Dockerfile");
}

#[test]
fn marks_stand_on_the_name() {
    let cases = [
        ("FROM scratch\nCOPY --from=evil.example/x:1 /a /b\n", "evil.example/x:1"),
        ("FROM scratch\nRUN --mount=type=bind,from=evil.example/x:1,target=/x true\n", "evil.example/x:1"),
        ("FROM scratch\nRUN --mount=\"from=evil.example/x:1\" true\n", "--mount=\"from=evil.example/x:1\""),
        ("\u{feff}# syntax = evil.example/x:1\nFROM scratch\n", "evil.example/x:1"),
        ("#!/usr/bin/env x\n#syntax=evil.example/x:1 --arg\nFROM scratch\n", "evil.example/x:1"),
        ("// syntax=evil.example/x:1\n", "evil.example/x:1"),
        ("{\"syntax\": \"evil.example/x:1\"}\n", "evil.example/x:1"),
        ("FROM --platform=linux/amd64 evil.example/x:1 AS x\n", "evil.example/x:1"),
        ("from \\\n# note\n\n  evil.example/x:1\n", "evil.example/x:1"),
        ("FROM \"evil.example/x:1\"\n", "\"evil.example/x:1\""),
        ("FROM scratch\nONBUILD RUN --mount=from=evil.example/x:1 true\n", "evil.example/x:1"),
    ];
    for (text, want) in cases {
        let sink = judge(&strict(), "Dockerfile", text.as_bytes());
        let finding = sink.findings.iter().find(|f| f.rule == "image-registry").unwrap_or_else(|| panic!("{text}"));
        let marked = finding.at.position.as_ref().unwrap().span.of(text.as_bytes());
        assert_eq!(std::str::from_utf8(marked).unwrap(), want);
        assert_eq!(finding.note, "evil.example/x:1");
    }
}

/// Files that try to pull an image past the policy.
#[test]
fn holes_stay_closed() {
    let closed = [
        "FROM registry.corp.example/a:1 AS ubuntu\nFROM ubuntu@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
        "FROM scratch AS x\nFROM index.docker.io/x\n",
        "ARG A=registry.corp.example\nARG A=evil.example\nFROM $A/x:1\n",
        "ARG A=registry.corp.example\nARG B=${A%%.*}.evil.example\nFROM ${B:-x}/x:1\n",
        "ARG TARGETARCH=evil.example/x\nFROM $TARGETARCH\n",
        "FROM scratch\nRUN --mount=FROM=evil.example/x true\n",
        "FROM scratch\nRUN --mount=\\\"from=evil.example/x\\\",type=bind true\n",
        "FROM scratch\nRUN --network=none --mount=type=cache,from=evil.example/x true\n",
        // the stage comes later
        "FROM scratch\nCOPY --from=busybox a b\nFROM scratch AS busybox\n",
        // a trigger runs in another file
        "FROM scratch AS busybox\nONBUILD COPY --from=busybox a b\n",
        // no here-document: a word is quoted without end
        "FROM scratch\nRUN it's <<'ARG x'\nFROM evil.example/x\nARG x\n",
        "FROM scratch\nRUN ${x:1} <<'ARG x'\nFROM evil.example/x\nARG x\n",
        // no here-document in JSON form, nor for other instructions
        "FROM scratch\nRUN [\"<<USER\"]\nFROM evil.example/x\n",
        "FROM scratch\nCMD <<'ARG x'\nFROM evil.example/x\nARG x\n",
        // a here-document without end hides nothing
        "FROM scratch\nRUN <<EOF\nFROM evil.example/x\n",
        // a doubled escape does not continue, a comment never does
        "FROM scratch\nRUN a \\\\\nFROM evil.example/x\n",
        "FROM scratch\n# a \\\nFROM evil.example/x\n",
        "# escape=`\nFROM scratch\nRUN c:\\\nFROM evil.example/x\n",
        "NONSENSE\nFROM evil.example/x\n",
        "FROM evil.example/x as\n",
        "FROM evil.example/x:1 junk\n",
        "FROM\tevil.example/x\r\n",
        "\u{a0}FROM evil.example/x\n",
    ];
    for text in closed {
        let rules = found(&strict(), text);
        assert!(rules.iter().any(|r| r == "image-registry"), "{text:?}: {rules:?}");
    }
}

#[test]
fn unresolvable_names_are_asked_about_once() {
    let mut policy = strict();
    policy.images.registries = None;
    policy.images.multi_stage.value = false;
    // only the final base is asked about
    assert!(found(&policy, "FROM $A AS x\nFROM scratch\n").is_empty());
    assert_eq!(found(&policy, "FROM $A AS x\nFROM x\n"), ["image-unresolvable"]);
    policy.images = ImagesPolicy { pin: Value::default(Pin::Digest), ..ImagesPolicy::default() };
    assert_eq!(found(&policy, "FROM $A AS x\nFROM scratch\n"), ["image-unresolvable"]);
}

#[test]
fn wants_dockerfiles() {
    let mut policy = Policy::default();
    let glob = globset::GlobBuilder::new("vendor/**").literal_separator(true).build().unwrap();
    policy.images.common.exclude.value =
        Globs { patterns: vec!["vendor/**".into()], set: globset::GlobSetBuilder::new().add(glob).build().unwrap() };
    let guard = Images::new(&policy);
    let wanted = [
        "Dockerfile",
        "a/b/dockerfile",
        "Containerfile",
        "Dockerfile.dev",
        "Dockerfile-arm64",
        "api.Dockerfile",
        "x/api.dockerfile",
        "x.containerfile",
        "DOCKERFILE",
    ];
    for path in wanted {
        assert!(guard.wants(&seen(path)), "{path}");
    }
    let others = [
        "Dockerfile.dockerignore",
        "Dockerfile.j2",
        "mydockerfile",
        "Dockerfiles/x",
        "dockerfile_x",
        "x.Dockerfile.md",
        "vendor/x/Dockerfile",
    ];
    for path in others {
        assert!(!guard.wants(&seen(path)), "{path}");
    }
    for kind in [EntryKind::Symlink, EntryKind::Gitlink] {
        assert!(!guard.wants(&Occurrence { kind, ..seen("Dockerfile") }));
    }
}

#[test]
fn fingerprints_survive_moved_lines() {
    let policy = strict();
    let print = |path: &str, text: &str| {
        let sink = judge(&policy, path, text.as_bytes());
        sink.findings.into_iter().find(|f| f.rule == "image-registry").unwrap().fingerprint
    };
    let first = print("Dockerfile", "FROM evil.example/x:1\n");
    assert_eq!(first, print("Dockerfile", "# note\nFROM scratch\n\nfrom  evil.example/x:1 AS y\n"));
    assert_ne!(first, print("Dockerfile", "FROM evil.example/x:2\n"));
    assert_ne!(first, print("x/Dockerfile", "FROM evil.example/x:1\n"));
}

#[test]
fn bounds_are_reported() {
    let policy = Policy::default();
    let guard = Images::new(&policy);
    let occurrence = seen("Dockerfile");
    let run = |text: &[u8]| {
        let mut sink = Sink::default();
        let blob = Blob { oid: None, bytes: text, seen: std::slice::from_ref(&occurrence) };
        guard.blob(&blob, &mut sink).map(|()| sink)
    };
    assert!(run(&vec![b'\n'; MAX_FILE + 1]).is_err());
    assert!(run(&b"x\n".repeat(MAX_FILE / 2)).is_err());
    let sink = run(&b"WORKDIR x\n".repeat(MAX_FINDINGS + 1)).unwrap();
    assert_eq!((sink.findings.len(), sink.incomplete.len()), (MAX_FINDINGS, 1));
}
