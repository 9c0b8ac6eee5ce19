use super::super::{Signatures, Verdict};
use super::support::*;
use crate::change::{Commit, Tag};
use crate::finding::{Finding, Level};
use crate::guard::{Guard, Sink};
use crate::policy::{Layer, Policy, PolicyFile, Require, SetBy};
use std::sync::Arc;

fn findings(policy: &Policy, commit: &Commit) -> Vec<Finding> {
    let mut sink = Sink::default();
    Signatures::at(policy, NOW).commit(commit, &mut sink).unwrap();
    assert!(sink.incomplete.is_empty());
    sink.findings
}

fn rules(policy: &Policy, commit: &Commit) -> Vec<String> {
    findings(policy, commit).into_iter().map(|f| f.rule.into_owned()).collect()
}

fn tag_rules(policy: &Policy, tag: &Tag) -> Vec<String> {
    let mut sink = Sink::default();
    Signatures::at(policy, NOW).tag(tag, &mut sink).unwrap();
    sink.findings.into_iter().map(|f| f.rule.into_owned()).collect()
}

/// What each value of `require` makes of a commit, `off` first; `-` for nothing.
fn by_require(commit: &Commit) -> [String; 4] {
    [Require::Off, Require::Present, Require::Valid, Require::Trusted].map(|require| {
        let found = rules(&policy(require, vec![ssh_signer(&ssh_key(1), &[EMAIL])]), commit);
        if found.is_empty() { "-".into() } else { found.join(" ") }
    })
}

#[test]
fn what_each_requirement_asks() {
    let text = payload(EMAIL, WHEN);
    let good = ssh_sign(&ssh_key(1), &text);
    assert_eq!(by_require(&signed(&text, &good)), ["-", "-", "-", "-"]);
    let unsigned = "commit-unsigned";
    assert_eq!(by_require(&commit(text.clone())), ["-", unsigned, unsigned, unsigned]);
    let stranger = signed(&text, &ssh_sign(&ssh_key(2), &text));
    let unknown = "signature-unknown-key";
    assert_eq!(by_require(&stranger), ["-", "-", unknown, unknown]);
    let other = payload("other@acme.example", WHEN);
    assert_eq!(by_require(&signed(&other, &ssh_sign(&ssh_key(1), &other))), ["-", "-", "-", "signature-wrong-email"]);
    assert_eq!(by_require(&signed(&other, &good)), ["signature-bad"; 4]);
    let twice = commit(insert(&text, &header("gpgsig", &good).repeat(2)));
    assert_eq!(by_require(&twice), ["signature-multiple"; 4]);
    let stray = commit(insert(&insert(&text, &header("gpgsig", &good)), b"gpgsigx evil\n"));
    assert_eq!(by_require(&stray), ["signature-unsigned-header"; 4]);
    let x509 = signed(&text, b"-----BEGIN SIGNED MESSAGE-----\nMIID\n-----END SIGNED MESSAGE-----\n");
    let unsupported = "signature-unsupported";
    assert_eq!(by_require(&x509), ["-", "-", unsupported, unsupported]);
    let junk = signed(&text, b"hello");
    assert_eq!(by_require(&junk), ["signature-bad"; 4]);
}

#[test]
fn a_finding_says_what_why_and_what_next() {
    let text = "[signatures]\nrequire = \"trusted\"\n";
    let mut policy = policy(Require::Trusted, vec![]);
    policy.files = vec![PolicyFile { name: "org.toml".into(), layer: Layer::Org, text: Arc::from(text) }];
    let at = text.find("\"trusted\"").unwrap();
    policy.signatures.require.by = SetBy::File(0, crate::finding::Span::new(at, at + 9));
    let found = findings(&policy, &commit(payload(EMAIL, WHEN)));
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!(finding.message, "commit 0707070 by T <t@acme.example> is not signed");
    assert_eq!(finding.level, Level::Deny);
    assert_eq!(finding.at.oid, Some(oid()));
    assert_eq!((finding.related[0].file.as_str(), finding.related[0].position.line), ("org.toml", 2));
    assert!(finding.help.iter().any(|h| h.contains("git commit --amend --no-edit -S")));
    assert!(finding.help.iter().any(|h| h.contains("git rebase --exec")));
    // bad is bad without anybody asking
    let junk = findings(&policy, &signed(&payload(EMAIL, WHEN), b"hello"));
    assert!(junk[0].related.is_empty());
    assert_ne!(junk[0].fingerprint, finding.fingerprint);
}

#[test]
fn without_keys_the_help_names_what_to_set() {
    let text = payload(EMAIL, WHEN);
    let ssh = signed(&text, &ssh_sign(&ssh_key(1), &text));
    let found = findings(&policy(Require::Trusted, vec![]), &ssh);
    assert_eq!(found[0].help[0], "the policy names no key of this kind");
    assert!(found[0].help[1].contains("`allowed_signers`"), "{:?}", found[0].help);
    assert!(found[0].note.starts_with("key SHA256:"));
    let cert = pgp_key(|b| b);
    let pgp = signed(&text, &pgp_sign(&cert, &text));
    let found = findings(&policy(Require::Valid, vec![ssh_signer(&ssh_key(1), &[])]), &pgp);
    assert_eq!(found[0].rule, "signature-unknown-key");
    assert!(found[0].help[1].contains("`openpgp`"), "{:?}", found[0].help);
}

#[test]
fn remarks_are_notes() {
    let text = payload(EMAIL, WHEN);
    let line = ssh_line(&ssh_key(1));
    let mut policy = allowed(&format!("t@* valid-before=\"20231114221320Z\" {line}"));
    let lapsed = signed(&text, &ssh_sign(&ssh_key(1), &text));
    let found = findings(&policy, &lapsed);
    assert_eq!((found[0].rule.as_ref(), found[0].level), ("signature-good-at-commit", Level::Note));
    policy.signatures.require.value = Require::Present;
    assert!(findings(&policy, &lapsed).is_empty());
}

#[test]
fn tags() {
    let policy = |require| policy(require, vec![ssh_signer(&ssh_key(1), &[EMAIL])]);
    let sign = |text: &[u8]| ssh_sign(&ssh_key(1), text);
    let good = tag(EMAIL, "v1.0", "refs/tags/v1.0", sign);
    assert!(tag_rules(&policy(Require::Trusted), &good).is_empty());
    assert_eq!(Signatures::at(&policy(Require::Trusted), NOW).verify_tag(&good).unwrap().verdict, Verdict::Good);
    let renamed = tag(EMAIL, "v1.0", "refs/tags/v2.0", sign);
    assert_eq!(tag_rules(&policy(Require::Valid), &renamed), ["tag-name"]);
    assert!(tag_rules(&policy(Require::Present), &renamed).is_empty());
    let unknown_ref = Tag { refname: None, ..renamed };
    assert!(tag_rules(&policy(Require::Trusted), &unknown_ref).is_empty());
    let unsigned = tag(EMAIL, "v1.0", "refs/tags/v1.0", |_| Vec::new());
    assert_eq!(tag_rules(&policy(Require::Present), &unsigned), ["tag-unsigned"]);
    assert!(tag_rules(&policy(Require::Off), &unsigned).is_empty());
    let other = tag("x@acme.example", "v1.0", "refs/tags/v1.0", sign);
    assert_eq!(tag_rules(&policy(Require::Trusted), &other), ["signature-wrong-email"]);
    let bad = tag(EMAIL, "v1.0", "refs/tags/v1.0", |_| ssh_sign(&ssh_key(1), b"another"));
    assert_eq!(tag_rules(&policy(Require::Off), &bad), ["signature-bad"]);
}

#[test]
fn verdict_names_are_stable() {
    let names: Vec<_> = Verdict::ALL.iter().map(|v| v.name()).collect();
    let want = "good good-at-commit no-presence unsigned bad unknown-key expired-key expired-signature revoked \
                wrong-email not-authorized weak unsupported multiple unsigned-header skew tag-name";
    assert_eq!(names.join(" "), want);
}
