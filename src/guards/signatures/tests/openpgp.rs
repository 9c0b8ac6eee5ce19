use super::super::{Format, Verdict};
use super::support::*;
use crate::policy::Require;
use openpgp::cert::{CertRevocationBuilder, SubkeyRevocationBuilder};
use openpgp::serialize::SerializeInto;
use openpgp::types::{HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use openpgp::{Cert, Packet};
use sequoia_openpgp as openpgp;
use std::time::Duration;

fn assess(cert: &Cert, policy_cert: &Cert) -> Verdict {
    let payload = payload(EMAIL, WHEN);
    verdict(
        &policy(Require::Trusted, vec![pgp_signer(policy_cert, &[EMAIL])]),
        &signed(&payload, &pgp_sign(cert, &payload)),
    )
}

fn revoked(cert: &Cert, reason: ReasonForRevocation, when: i64) -> Cert {
    let mut signer = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let signature = CertRevocationBuilder::new()
        .set_signature_creation_time(at(when))
        .unwrap()
        .set_reason_for_revocation(reason, b"")
        .unwrap()
        .build(&mut signer, cert, None)
        .unwrap();
    cert.clone().insert_packets(Packet::from(signature)).unwrap().0
}

#[test]
fn good() {
    let cert = pgp_key(|b| b);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &["T@ACME.example"])]);
    let payload = payload(EMAIL, WHEN);
    let result = check(&policy, &signed(&payload, &pgp_sign(&cert, &payload)));
    assert_eq!(result.verdict, Verdict::Good, "{result:?}");
    assert_eq!(result.signer.as_deref(), Some("Theo"));
    assert_eq!(result.format, Some(Format::OpenPgp));
    let subkey = cert.keys().subkeys().next().unwrap().key().fingerprint().to_hex();
    assert_eq!(result.key, Some(subkey));
}

#[test]
fn bad_after_one_byte_changed() {
    let cert = pgp_key(|b| b);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &[EMAIL])]);
    let text = payload(EMAIL, WHEN);
    let signature = pgp_sign(&cert, &text);
    let mut other = text.clone();
    *other.last_mut().unwrap() = b'!';
    assert_eq!(verdict(&policy, &signed(&other, &signature)), Verdict::Bad);
}

#[test]
fn unknown_key_names_the_issuer() {
    let cert = pgp_key(|b| b);
    let payload = payload(EMAIL, WHEN);
    let result = check(&policy(Require::Trusted, vec![]), &signed(&payload, &pgp_sign(&cert, &payload)));
    assert_eq!(result.verdict, Verdict::UnknownKey);
    assert_eq!(result.key.map(|k| k.len()), Some(40));
    assert_eq!(assess(&cert, &pgp_key(|b| b)), Verdict::UnknownKey);
}

#[test]
fn wrong_email() {
    let cert = pgp_key(|b| b);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &["other@acme.example"])]);
    let payload = payload(EMAIL, WHEN);
    assert_eq!(verdict(&policy, &signed(&payload, &pgp_sign(&cert, &payload))), Verdict::WrongEmail);
}

#[test]
fn the_same_certificate_of_two_signers_and_two_files() {
    let cert = pgp_key(|b| b);
    let mut first = pgp_signer(&cert, &["other@acme.example"]);
    // several blocks in a file, and the same one twice
    let file = [&first.openpgp[0].bytes[..], &pgp_signer(&pgp_key(|b| b), &[]).openpgp[0].bytes[..]].concat().repeat(2);
    first.openpgp[0].bytes = file.into();
    let mut second = pgp_signer(&cert, &[EMAIL]);
    second.name = "Second".into();
    let policy = policy(Require::Trusted, vec![first, second]);
    let payload = payload(EMAIL, WHEN);
    let result = check(&policy, &signed(&payload, &pgp_sign(&cert, &payload)));
    assert_eq!((result.verdict, result.signer.as_deref()), (Verdict::Good, Some("Second")));
}

#[test]
fn expired_key() {
    // over before the commit, and between the commit and the check
    let ended = pgp_key(|b| b.set_validity_period(Duration::from_secs(364 * DAY as u64)));
    assert_eq!(assess(&ended, &ended), Verdict::ExpiredKey);
    let since = pgp_key(|b| b.set_validity_period(Duration::from_secs((365 * DAY + 500) as u64)));
    assert_eq!(assess(&since, &since), Verdict::GoodAtCommit);
}

#[test]
fn revoked_key() {
    let cert = pgp_key(|b| b);
    let hard = revoked(&cert, ReasonForRevocation::KeyCompromised, NOW - 1);
    assert_eq!(assess(&cert, &hard), Verdict::Revoked);
    let before = revoked(&cert, ReasonForRevocation::KeyRetired, WHEN - DAY);
    assert_eq!(assess(&cert, &before), Verdict::Revoked);
    let after = revoked(&cert, ReasonForRevocation::KeyRetired, WHEN + 500);
    assert_eq!(assess(&cert, &after), Verdict::GoodAtCommit);
}

#[test]
fn revoked_subkey() {
    let cert = pgp_key(|b| b);
    let mut signer = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let subkey = cert.keys().subkeys().next().unwrap().key().clone();
    let signature = SubkeyRevocationBuilder::new()
        .set_reason_for_revocation(ReasonForRevocation::KeyCompromised, b"")
        .unwrap()
        .build(&mut signer, &cert, &subkey, None)
        .unwrap();
    let revoked = cert.clone().insert_packets(Packet::from(signature)).unwrap().0;
    assert_eq!(assess(&cert, &revoked), Verdict::Revoked);
}

#[test]
fn a_revocation_in_another_file_counts() {
    let cert = pgp_key(|b| b);
    let hard = revoked(&cert, ReasonForRevocation::KeyCompromised, NOW - 1);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &[EMAIL]), pgp_signer(&hard, &[])]);
    let payload = payload(EMAIL, WHEN);
    assert_eq!(verdict(&policy, &signed(&payload, &pgp_sign(&cert, &payload))), Verdict::Revoked);
}

#[test]
fn key_that_may_not_sign() {
    let encryption = KeyFlags::empty().set_transport_encryption();
    let cert = pgp_key(|b| b.set_cipher_suite(openpgp::cert::CipherSuite::P256).add_subkey(encryption, None, None));
    // an ECDSA key cannot be told from one for encryption by its algorithm: only its flags forbid
    let certify_only = cert.primary_key().key().clone().parts_into_secret().unwrap();
    let payload = payload(EMAIL, WHEN);
    let signature = openpgp::packet::signature::SignatureBuilder::new(SignatureType::Binary)
        .set_signature_creation_time(at(WHEN))
        .unwrap()
        .sign_message(&mut certify_only.into_keypair().unwrap(), &payload)
        .unwrap();
    let armor = armored(openpgp::armor::Kind::Signature, &[signature.into()]);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &[EMAIL])]);
    assert_eq!(verdict(&policy, &signed(&payload, &armor)), Verdict::NotAuthorized);
}

#[test]
fn expired_signature_skew_and_weak_hash() {
    let cert = pgp_key(|b| b);
    let policy = policy(Require::Trusted, vec![pgp_signer(&cert, &[EMAIL])]);
    let of = |text: &[u8], packet: Packet| {
        verdict(&policy, &signed(text, &armored(openpgp::armor::Kind::Signature, &[packet])))
    };
    let text = payload(EMAIL, WHEN);
    let short = pgp_packet(&cert, &text, |b| b.set_signature_validity_period(Duration::from_secs(60)).unwrap());
    assert_eq!(of(&text, short), Verdict::ExpiredSignature);
    let late = payload(EMAIL, WHEN + 2 * DAY);
    assert_eq!(of(&late, pgp_packet(&cert, &late, |b| b)), Verdict::Skew);
    // both say tomorrow, and a day later still
    let future = payload(EMAIL, NOW + 2 * DAY);
    let packet = pgp_packet(&cert, &future, |b| b.set_signature_creation_time(at(NOW + 2 * DAY)).unwrap());
    assert_eq!(of(&future, packet), Verdict::Skew);
    let sha1 = pgp_packet(&cert, &text, |b| b.set_hash_algo(HashAlgorithm::SHA1));
    assert_eq!(of(&text, sha1), Verdict::Weak);
    // forged and weak is forged
    let sha1 = pgp_packet(&cert, b"another", |b| b.set_hash_algo(HashAlgorithm::SHA1));
    assert_eq!(of(&text, sha1), Verdict::Bad);
}

#[test]
fn only_the_newest_self_signature_exported() {
    // prolonged after the commit, and the export keeps the last self-signatures alone
    let cert = pgp_key(|b| b);
    let mut signer = cert.primary_key().key().clone().parts_into_secret().unwrap().into_keypair().unwrap();
    let standard = openpgp::policy::StandardPolicy::new();
    let valid = cert.with_policy(&standard, at(WHEN - DAY)).unwrap();
    let newer = |template: openpgp::packet::signature::SignatureBuilder| {
        template.set_signature_creation_time(at(WHEN + 100)).unwrap()
    };
    let user = valid.userids().next().unwrap();
    let user_sig =
        newer(user.binding_signature().clone().into()).sign_userid_binding(&mut signer, None, user.userid()).unwrap();
    let direct =
        newer(valid.direct_key_signature().unwrap().clone().into()).sign_direct_key(&mut signer, None).unwrap();
    let subkey = valid.keys().subkeys().next().unwrap();
    let binding =
        newer(subkey.binding_signature().clone().into()).sign_subkey_binding(&mut signer, None, subkey.key()).unwrap();
    let lean = Cert::from_packets(
        [
            Packet::from(cert.primary_key().key().clone()),
            direct.into(),
            user.userid().clone().into(),
            user_sig.into(),
            Packet::from(subkey.key().clone().role_into_subordinate()),
            binding.into(),
        ]
        .into_iter(),
    )
    .unwrap();
    assert_eq!(assess(&cert, &lean), Verdict::Good);
}

#[test]
fn several_packets_and_other_packets() {
    let cert = pgp_key(|b| b);
    let policy = policy(Require::Off, vec![pgp_signer(&cert, &[EMAIL])]);
    let text = payload(EMAIL, WHEN);
    let packet = pgp_packet(&cert, &text, |b| b);
    let of = |packets: &[Packet]| verdict(&policy, &signed(&text, &armored(openpgp::armor::Kind::Signature, packets)));
    assert_eq!(of(std::slice::from_ref(&packet)), Verdict::Good);
    assert_eq!(of(&[packet.clone(), packet]), Verdict::Multiple);
    assert_eq!(of(&[]), Verdict::Bad);
    assert_eq!(of(&[openpgp::packet::UserID::from("x").into()]), Verdict::Bad);
    // a signature over a key is none over a document
    let binding = cert.keys().subkeys().next().unwrap().self_signatures().next().unwrap().clone();
    assert_eq!(of(&[binding.into()]), Verdict::Bad);
}

#[test]
fn packets_of_another_version() {
    let text = payload(EMAIL, WHEN);
    for (version, want) in [(5, Verdict::Unsupported), (4, Verdict::Bad)] {
        let mut writer = openpgp::armor::Writer::new(Vec::new(), openpgp::armor::Kind::Signature).unwrap();
        // tag 2, eight bytes
        std::io::Write::write_all(&mut writer, &[0xc2, 8, version, 0, 22, 10, 0, 0, 0, 0]).unwrap();
        let armor = writer.finalize().unwrap();
        let result = check(&policy(Require::Off, vec![]), &signed(&text, &armor));
        assert_eq!(result.verdict, want, "{version}: {}", result.detail);
        assert_eq!(result.detail.contains("version 5"), version == 5, "{}", result.detail);
    }
}

#[test]
fn policy_files_that_hold_no_certificate() {
    let cert = pgp_key(|b| b);
    let payload = payload(EMAIL, WHEN);
    let commit = signed(&payload, &pgp_sign(&cert, &payload));
    let secret = cert.as_tsk().to_vec().unwrap();
    let secret_armor = cert.as_tsk().armored().to_vec().unwrap();
    let cut = pgp_signer(&cert, &[]).openpgp[0].bytes[..200].to_vec();
    for bytes in [b"".to_vec(), b"hello\n".to_vec(), secret, secret_armor, cut] {
        let mut signer = pgp_signer(&cert, &[EMAIL]);
        signer.openpgp[0].bytes = bytes.into();
        let policy = policy(Require::Off, vec![signer]);
        let error = super::super::Signatures::at(&policy, NOW).verify_commit(&commit).unwrap_err();
        assert!(error.to_string().contains("Theo") && error.to_string().contains("keys/theo.asc"), "{error}");
        assert!(!error.help.is_empty());
        // without a signature of the kind nobody looks
        assert_eq!(verdict(&policy, &super::support::commit(payload.clone())), Verdict::Unsigned);
    }
}
