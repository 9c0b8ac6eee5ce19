//! Commits, policies and keys for tests.

use super::super::wire::put_string;
use super::super::{Assessment, Signatures, Verdict};
use crate::change::{Commit, Oid, Tag};
use crate::policy::{KeyFile, Policy, Require, SetBy, Signer, Value};
use sequoia_openpgp as openpgp;
use sha2::{Digest, Sha512};
use signature::Signer as _;
use ssh_key::private::Ed25519Keypair;

use openpgp::cert::{Cert, CertBuilder, CipherSuite};
use openpgp::packet::signature::SignatureBuilder;
use openpgp::policy::StandardPolicy;
use openpgp::serialize::{Serialize, SerializeInto};
use openpgp::types::SignatureType;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// 2023-11-14, when the commits of these tests are made.
pub(super) const WHEN: i64 = 1_700_000_000;
/// When they are checked.
pub(super) const NOW: i64 = WHEN + 1_000;
pub(super) const DAY: i64 = 86_400;
pub(super) const EMAIL: &str = "t@acme.example";

pub(super) fn oid() -> Oid {
    Oid::from_bytes(&[7; 20]).unwrap()
}

pub(super) fn payload(email: &str, time: i64) -> Vec<u8> {
    let tree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
    format!("tree {tree}\nauthor A <a@acme.example> {time} +0000\ncommitter T <{email}> {time} +0000\n\nmessage\n")
        .into_bytes()
}

pub(super) fn header(name: &str, value: &[u8]) -> Vec<u8> {
    let value = String::from_utf8_lossy(value).trim_end().replace('\n', "\n ");
    format!("{name} {value}\n").into_bytes()
}

/// Puts header lines behind the others.
pub(super) fn insert(object: &[u8], header: &[u8]) -> Vec<u8> {
    let at = memchr::memmem::find(object, b"\n\n").unwrap() + 1;
    [&object[..at], header, &object[at..]].concat()
}

pub(super) fn commit(raw: Vec<u8>) -> Commit {
    Commit::parse(oid(), raw).unwrap()
}

/// The commit that `payload` becomes with a signature.
pub(super) fn signed(payload: &[u8], signature: &[u8]) -> Commit {
    commit(insert(payload, &header("gpgsig", signature)))
}

pub(super) fn tag(email: &str, name: &str, refname: &str, sign: impl Fn(&[u8]) -> Vec<u8>) -> Tag {
    let text = format!("object {}\ntype commit\ntag {name}\ntagger T <{email}> {WHEN} +0000\n\nrelease\n", oid());
    let mut raw = text.into_bytes();
    raw.extend(sign(&raw));
    Tag { oid: oid(), refname: Some(refname.into()), raw }
}

pub(super) fn policy(require: Require, signers: Vec<Signer>) -> Policy {
    let mut policy = Policy::default();
    policy.signatures.require = Value::new(require, SetBy::Option("test"));
    policy.signatures.signers = signers.into_iter().map(Value::default).collect();
    policy
}

pub(super) fn allowed(text: &str) -> Policy {
    let mut policy = policy(Require::Trusted, Vec::new());
    let file = KeyFile { name: "allowed_signers".into(), bytes: text.as_bytes().into() };
    policy.signatures.allowed_signers = Some(Value::default(file));
    policy
}

pub(super) fn check(policy: &Policy, commit: &Commit) -> Assessment {
    Signatures::at(policy, NOW).verify_commit(commit).unwrap()
}

pub(super) fn verdict(policy: &Policy, commit: &Commit) -> Verdict {
    check(policy, commit).verdict
}

// --- OpenPGP ---

pub(super) fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds as u64)
}

/// A certificate with a signing subkey, made a year before [`WHEN`].
pub(super) fn pgp_key(change: impl FnOnce(CertBuilder) -> CertBuilder) -> Cert {
    let builder = CertBuilder::new()
        .set_cipher_suite(CipherSuite::Cv25519)
        .set_creation_time(at(WHEN - 365 * DAY))
        .add_userid("T <t@acme.example>")
        .add_signing_subkey();
    change(builder).generate().unwrap().0
}

pub(super) fn armored(kind: openpgp::armor::Kind, packets: &[openpgp::Packet]) -> Vec<u8> {
    let mut writer = openpgp::armor::Writer::new(Vec::new(), kind).unwrap();
    packets.iter().for_each(|p| p.serialize(&mut writer).unwrap());
    writer.finalize().unwrap()
}

/// A signature packet by the first key that may sign.
pub(super) fn pgp_packet(
    cert: &Cert,
    payload: &[u8],
    change: impl FnOnce(SignatureBuilder) -> SignatureBuilder,
) -> openpgp::Packet {
    let standard = StandardPolicy::new();
    let key = cert.keys().with_policy(&standard, at(WHEN - 300 * DAY)).for_signing().secret().next().unwrap();
    let mut pair = key.key().clone().into_keypair().unwrap();
    let builder = SignatureBuilder::new(SignatureType::Binary).set_signature_creation_time(at(WHEN)).unwrap();
    change(builder).sign_message(&mut pair, payload).unwrap().into()
}

pub(super) fn pgp_sign(cert: &Cert, payload: &[u8]) -> Vec<u8> {
    armored(openpgp::armor::Kind::Signature, &[pgp_packet(cert, payload, |b| b)])
}

pub(super) fn pgp_signer(cert: &Cert, emails: &[&str]) -> Signer {
    let bytes = cert.clone().strip_secret_key_material().armored().to_vec().unwrap();
    Signer {
        name: "Theo".into(),
        emails: emails.iter().map(ToString::to_string).collect(),
        openpgp: vec![KeyFile { name: "keys/theo.asc".into(), bytes: bytes.into() }],
        ssh: Vec::new(),
    }
}

// --- SSH ---

pub(super) fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |n, &b| n << 8 | u32::from(b)) << (8 * (3 - chunk.len()));
        for n in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * n) & 63) as usize];
            text.push(if n > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    text
}

pub(super) fn strings(parts: &[&[u8]]) -> Vec<u8> {
    let mut out = Vec::new();
    parts.iter().for_each(|p| put_string(&mut out, p));
    out
}

pub(super) fn ssh_key(seed: u8) -> Ed25519Keypair {
    Ed25519Keypair::from_seed(&[seed; 32])
}

pub(super) fn ssh_blob(key: &Ed25519Keypair) -> Vec<u8> {
    strings(&[b"ssh-ed25519", &key.public.0])
}

pub(super) fn ssh_line(key: &Ed25519Keypair) -> String {
    format!("ssh-ed25519 {}", base64(&ssh_blob(key)))
}

/// What is signed for a payload.
pub(super) fn ssh_bytes(payload: &[u8], namespace: &str) -> Vec<u8> {
    let digest = Sha512::digest(payload);
    [b"SSHSIG".to_vec(), strings(&[namespace.as_bytes(), b"", b"sha512", &digest])].concat()
}

/// An armored signature from its parts.
pub(super) fn sshsig(public: &[u8], namespace: &str, signature: &[u8]) -> Vec<u8> {
    let rest = strings(&[public, namespace.as_bytes(), b"", b"sha512", signature]);
    let blob = [b"SSHSIG".to_vec(), vec![0, 0, 0, 1], rest].concat();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", base64(&blob)).into_bytes()
}

pub(super) fn ssh_sign_in(key: &Ed25519Keypair, payload: &[u8], namespace: &str) -> Vec<u8> {
    let raw = key.sign(&ssh_bytes(payload, namespace));
    sshsig(&ssh_blob(key), namespace, &strings(&[b"ssh-ed25519", raw.as_bytes()]))
}

pub(super) fn ssh_sign(key: &Ed25519Keypair, payload: &[u8]) -> Vec<u8> {
    ssh_sign_in(key, payload, "git")
}

pub(super) fn ssh_signer(key: &Ed25519Keypair, emails: &[&str]) -> Signer {
    Signer {
        name: "Sam".into(),
        emails: emails.iter().map(ToString::to_string).collect(),
        openpgp: Vec::new(),
        ssh: vec![ssh_line(key)],
    }
}
