use super::super::{Format, Signatures, Verdict};
use super::support::*;
use crate::guard::Guard as _;
use crate::policy::{Policy, Require};
use sha2::{Digest, Sha256};
use signature::Signer as _;

fn trusted(seed: u8) -> Policy {
    policy(Require::Trusted, vec![ssh_signer(&ssh_key(seed), &["nobody@acme.example", "T@ACME.example"])])
}

#[test]
fn good() {
    let payload = payload(EMAIL, WHEN);
    let result = check(&trusted(1), &signed(&payload, &ssh_sign(&ssh_key(1), &payload)));
    assert_eq!(result.verdict, Verdict::Good, "{result:?}");
    assert_eq!((result.format, result.signer.as_deref()), (Some(Format::Ssh), Some("Sam")));
    assert!(result.key.unwrap().starts_with("SHA256:"));
}

#[test]
fn bad_whether_the_key_is_known_or_not() {
    let text = payload(EMAIL, WHEN);
    let signature = ssh_sign(&ssh_key(1), &text);
    let mut other = text.clone();
    *other.last_mut().unwrap() = b'!';
    for policy in [trusted(1), policy(Require::Off, vec![])] {
        assert_eq!(verdict(&policy, &signed(&other, &signature)), Verdict::Bad);
    }
}

#[test]
fn unknown_key_wrong_email_wrong_namespace() {
    let text = payload(EMAIL, WHEN);
    assert_eq!(verdict(&trusted(2), &signed(&text, &ssh_sign(&ssh_key(1), &text))), Verdict::UnknownKey);
    let other = payload("mallory@acme.example", WHEN);
    assert_eq!(verdict(&trusted(1), &signed(&other, &ssh_sign(&ssh_key(1), &other))), Verdict::WrongEmail);
    let result = check(&trusted(1), &signed(&text, &ssh_sign_in(&ssh_key(1), &text, "file")));
    assert_eq!(result.verdict, Verdict::Bad);
    assert!(result.detail.contains("`file`"), "{}", result.detail);
}

#[test]
fn allowed_signers_decide_by_address() {
    let line = ssh_line(&ssh_key(1));
    let of = |text: &str, email: &str| {
        let payload = payload(email, WHEN);
        verdict(&allowed(text), &signed(&payload, &ssh_sign(&ssh_key(1), &payload)))
    };
    assert_eq!(of(&format!("*@acme.example {line}"), EMAIL), Verdict::Good);
    assert_eq!(of(&format!("*@acme.example {line}"), "t@evil.example"), Verdict::WrongEmail);
    assert_eq!(of(&format!("!t@*,*@acme.example {line}"), EMAIL), Verdict::WrongEmail);
    assert_eq!(of(&format!("t@* namespaces=\"file,git\" {line}"), EMAIL), Verdict::Good);
    assert_eq!(of(&format!("t@* namespaces=\"file\" {line}"), EMAIL), Verdict::NotAuthorized);
    // an authority's key signs certificates and nothing else
    assert_eq!(of(&format!("t@* cert-authority {line}"), EMAIL), Verdict::UnknownKey);
    // every line of a key counts, the best decides
    assert_eq!(of(&format!("x@* {line}\nt@* namespaces=\"file\" {line}\nt@* {line}"), EMAIL), Verdict::Good);
}

#[test]
fn validity_of_lines() {
    let line = ssh_line(&ssh_key(1));
    let text = payload(EMAIL, WHEN);
    let of = |options: &str| {
        verdict(&allowed(&format!("t@* {options} {line}")), &signed(&text, &ssh_sign(&ssh_key(1), &text)))
    };
    // the commit is of 2023-11-14 22:13:20 UTC, the check of 22:30
    assert_eq!(of("valid-after=\"20231114Z\",valid-before=\"20231115Z\""), Verdict::Good);
    assert_eq!(of("valid-after=\"20231114221320Z\""), Verdict::Good);
    assert_eq!(of("valid-after=\"20231114221321Z\""), Verdict::ExpiredKey);
    assert_eq!(of("valid-before=\"20231114221319Z\""), Verdict::ExpiredKey);
    assert_eq!(of("valid-before=\"20231114221320Z\""), Verdict::GoodAtCommit);
}

#[test]
fn local_times_are_remarked_on() {
    let policy = allowed(&format!("# a comment\nt@* valid-after=\"20200101\" {}\n", ssh_line(&ssh_key(1))));
    let guard = Signatures::at(&policy, NOW);
    assert!(guard.notices().is_empty(), "nothing is read before it is needed");
    let payload = payload(EMAIL, WHEN);
    let commit = signed(&payload, &ssh_sign(&ssh_key(1), &payload));
    assert_eq!(guard.verify_commit(&commit).unwrap().verdict, Verdict::Good);
    assert_eq!(guard.notices().len(), 1);
    assert!(guard.notices()[0].contains("allowed_signers line 2"));
}

#[test]
fn a_malformed_policy_is_never_clean() {
    let payload = payload(EMAIL, WHEN);
    let commit = signed(&payload, &ssh_sign(&ssh_key(1), &payload));
    let good = ssh_line(&ssh_key(1));
    let policy_file = allowed(&format!("t@* {good}\n\nt@* what-is-this {good}\n"));
    let error = Signatures::at(&policy_file, NOW).verify_commit(&commit).unwrap_err();
    assert!(error.to_string().contains("allowed_signers line 3"), "{error}");
    let mut signer = ssh_signer(&ssh_key(1), &[EMAIL]);
    signer.ssh.push("ssh-ed25519 AAAA".into());
    let policy_key = policy(Require::Off, vec![signer]);
    let error = Signatures::at(&policy_key, NOW).verify_commit(&commit).unwrap_err();
    assert!(error.to_string().contains("`Sam`: key 2"), "{error}");
}

/// A signature by a security key that shows `flags`.
fn security_key_sign(payload: &[u8], flags: u8) -> (String, Vec<u8>) {
    let key = ssh_key(9);
    let public = strings(&[b"sk-ssh-ed25519@openssh.com", &key.public.0, b"ssh:"]);
    let trailer = [flags, 0, 0, 0, 5];
    let message = ssh_bytes(payload, "git");
    let over = [&Sha256::digest(b"ssh:")[..], &trailer, &Sha256::digest(&message)[..]].concat();
    let raw = key.sign(&over);
    let mut signature = strings(&[b"sk-ssh-ed25519@openssh.com", raw.as_bytes()]);
    signature.extend(trailer);
    (format!("sk-ssh-ed25519@openssh.com {}", base64(&public)), sshsig(&public, "git", &signature))
}

#[test]
fn security_keys() {
    let text = payload(EMAIL, WHEN);
    for (flags, want) in [(1, Verdict::Good), (5, Verdict::Good), (0, Verdict::NoPresence)] {
        let (line, signature) = security_key_sign(&text, flags);
        let policy = allowed(&format!("t@* {line}"));
        assert_eq!(verdict(&policy, &signed(&text, &signature)), want, "flags {flags}");
        assert_eq!(verdict(&policy, &signed(&payload("x@y", WHEN), &signature)), Verdict::Bad);
    }
}

#[test]
fn kinds_that_cannot_be_checked() {
    let text = payload(EMAIL, WHEN);
    let of = |public: &[u8], signature: &[u8]| {
        verdict(&policy(Require::Off, vec![]), &signed(&text, &sshsig(public, "git", signature)))
    };
    let small = strings(&[b"ssh-rsa", &[1, 0, 1], &[&[0][..], &[0xff; 128]].concat()]);
    assert_eq!(of(&small, &strings(&[b"rsa-sha2-512", &[1; 128]])), Verdict::Weak);
    let large = strings(&[b"ssh-rsa", &[1, 0, 1], &[&[0][..], &[0xff; 1024]].concat()]);
    assert_eq!(of(&large, &strings(&[b"rsa-sha2-512", &[1; 1024]])), Verdict::Unsupported);
    let fair = strings(&[b"ssh-rsa", &[1, 0, 1], &[&[0][..], &[0xff; 384]].concat()]);
    assert_eq!(of(&fair, &strings(&[b"ssh-rsa", &[1; 384]])), Verdict::Weak);
    assert_eq!(of(&fair, &strings(&[b"rsa-sha2-512", &[1; 384]])), Verdict::Bad);
    assert_eq!(of(&fair, &strings(&[b"ssh-ed25519", &[1; 64]])), Verdict::Bad);
    assert_eq!(of(&strings(&[b"ssh-mldsa65", &[1; 32]]), b""), Verdict::Unsupported);
    let dsa = strings(&[b"ssh-dss", &[1; 9], &[1; 9], &[1; 9], &[1; 9]]);
    assert_eq!(of(&dsa, &strings(&[b"ssh-dss", &[1; 40]])), Verdict::Weak);
}
