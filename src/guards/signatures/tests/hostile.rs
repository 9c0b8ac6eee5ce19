use super::super::{Signatures, Verdict};
use super::support::*;
use crate::guard::{Guard, Sink};
use crate::policy::{Policy, Require};
use proptest::prelude::*;
use std::sync::OnceLock;

/// A policy with keys of both kinds, and their good signatures over `text`.
fn setting(text: &[u8]) -> (Policy, [Vec<u8>; 2]) {
    let cert = pgp_key(|b| b);
    let signers = vec![pgp_signer(&cert, &[EMAIL]), ssh_signer(&ssh_key(1), &[EMAIL])];
    (policy(Require::Trusted, signers), [pgp_sign(&cert, text), ssh_sign(&ssh_key(1), text)])
}

#[test]
fn oversized_signatures_are_not_read() {
    let text = payload(EMAIL, WHEN);
    let body = "A".repeat(70 << 10);
    let armor = format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n");
    let result = check(&policy(Require::Off, vec![]), &signed(&text, armor.as_bytes()));
    assert_eq!(result.verdict, Verdict::Bad);
    assert!(result.detail.contains("64 KiB"));
}

#[test]
fn no_cut_or_changed_signature_is_good() {
    let text = payload(EMAIL, WHEN);
    let (policy, signatures) = setting(&text);
    let guard = Signatures::at(&policy, NOW);
    for signature in &signatures {
        assert_eq!(guard.verify_commit(&signed(&text, signature)).unwrap().verdict, Verdict::Good);
        let end = signature.trim_ascii_end().len();
        for n in 0..end {
            let got = guard.verify_commit(&signed(&text, &signature[..n])).unwrap().verdict;
            assert!(!got.is_good(), "cut to {n}: {got:?}");
        }
    }
}

#[test]
fn too_many_issuers_are_not_tried() {
    let cert = pgp_key(|b| b);
    let text = payload(EMAIL, WHEN);
    let packet = pgp_packet(&cert, &text, |b| {
        (0..20u8).fold(b, |b, n| {
            use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
            let value = SubpacketValue::Issuer(sequoia_openpgp::KeyID::from_bytes(&[n; 8]));
            b.modify_hashed_area(|mut a| a.add(Subpacket::new(value, false)?).map(|()| a)).unwrap()
        })
    });
    let armor = armored(sequoia_openpgp::armor::Kind::Signature, &[packet]);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &[EMAIL])]);
    assert_eq!(verdict(&policy, &signed(&text, &armor)), Verdict::Bad);
}

#[test]
fn a_failing_verifier_is_incomplete() {
    let result: Result<(), _> = super::super::contain(|| "signature of x".into(), || panic!("on purpose"));
    assert_eq!(result.unwrap_err().to_string(), "signature of x: the verifier failed");
}

#[test]
fn names_are_any_bytes() {
    let mut text = payload("t@acme.example", WHEN);
    let at = memchr::memmem::find(&text, b"T <t@").unwrap();
    text.splice(at..at + 1, [0xff, 0x1b, b'['].iter().copied().chain([b'x'; 5_000]));
    let policy = policy(Require::Present, vec![]);
    let mut sink = Sink::default();
    Signatures::at(&policy, NOW).commit(&commit(text), &mut sink).unwrap();
    let message = &sink.findings[0].message;
    assert!(message.len() < 600 && message.contains('…'), "{message}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_in_place_of_an_object(raw in prop::collection::vec(any::<u8>(), 0..400), cut in 0usize..4) {
        let head: &[u8] = [b"".as_slice(), b"gpgsig ", b"gpgsig -----BEGIN SSH SIGNATURE-----\n ", b"\ngpgsig-sha256 "][cut];
        let object = [head, &raw].concat();
        for sha256 in [false, true] {
            if let Some(signed) = super::super::object::of_commit(&object, sha256) {
                prop_assert!(signed.payload.len() + signed.signature.len() < object.len());
            }
            super::super::object::of_tag(&object, sha256);
        }
    }

    #[test]
    fn a_flipped_bit_is_never_good(which in 0usize..2, place in any::<prop::sample::Index>(), bit in 0u8..8) {
        static SETTING: OnceLock<(Policy, [Vec<u8>; 2])> = OnceLock::new();
        let text = payload(EMAIL, WHEN);
        let (policy, signatures) = SETTING.get_or_init(|| setting(&text));
        let mut raw = signed(&text, &signatures[which]).raw;
        let n = place.index(raw.len());
        raw[n] ^= 1 << bit;
        // what still is a commit is not good, unless the armor's free text took the change
        if let Some(commit) = crate::change::Commit::parse(oid(), raw) {
            let got = Signatures::at(policy, NOW).verify_commit(&commit).unwrap();
            prop_assert!(!got.verdict.is_good() || got.key.is_some());
            if got.verdict.is_good() {
                let split = super::super::object::of_commit(&commit.raw, false).unwrap();
                prop_assert_eq!(split.payload, text);
            }
        }
    }

    #[test]
    fn any_allowed_signers_file(text in "[ -~\t\n\"\\\\]{0,200}") {
        let _ = super::super::allowed_signers::parse(text.as_bytes());
    }
}
