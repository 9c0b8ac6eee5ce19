//! OpenPGP signatures, with sequoia.

use super::armor;
use super::backend::{Backend, Context};
use super::certs::{Held, Ring};
use super::rsa;
use super::trust::{Trust, lists};
use super::verdict::{Assessment, Fault, Verdict};
use crate::finding::Incomplete;
use sequoia_openpgp as openpgp;

use openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use openpgp::crypto::mpi;
use openpgp::packet::Signature;
use openpgp::packet::key::PublicParts;
use openpgp::parse::{PacketParserBuilder, PacketParserResult, Parse};
use openpgp::policy::{HashAlgoSecurity, Policy, StandardPolicy};
use openpgp::types::{PublicKeyAlgorithm, RevocationStatus, SignatureType};
use openpgp::{KeyHandle, Packet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The most issuers that a signature may name: one key has a fingerprint and an id.
const MAX_ISSUERS: usize = 8;
/// Versions of the signature packet that sequoia reads.
const VERSIONS: [u8; 3] = [3, 4, 6];

/// Checks with the certificates of the policy.
pub(super) struct OpenPgp<'t, 'p>(pub(super) &'t Trust<'p>);

impl Backend for OpenPgp<'_, '_> {
    fn verify(&self, payload: &[u8], signature: &[u8], context: &Context<'_>) -> Result<Assessment, Incomplete> {
        let signature = match armor::body(signature).and_then(|_| only_packet(signature)) {
            Ok(signature) => signature,
            Err(fault) => return Ok(fault.into()),
        };
        Ok(Check { payload, signature: &signature, context, policy: &StandardPolicy::new() }.run(self.0.openpgp()?))
    }
}

/// The one signature packet of an armored text.
fn only_packet(armored: &[u8]) -> Result<Signature, Fault> {
    let damaged = |_| Fault::bad("its packets are damaged");
    let mut found = None;
    // a packet that is not understood keeps its content, which tells its version
    let mut next = PacketParserBuilder::from_bytes(armored)
        .and_then(|b| b.max_recursion_depth(0).max_packet_size(armor::MAX as u32).buffer_unread_content().build())
        .map_err(damaged)?;
    while let PacketParserResult::Some(parser) = next {
        let (packet, after) = parser.next().map_err(damaged)?;
        let signature = match packet {
            Packet::Signature(signature) => signature,
            Packet::Unknown(packet) if packet.tag() == openpgp::packet::Tag::Signature => {
                let version = packet.body().first().copied().unwrap_or_default();
                let cause = packet.error().downcast_ref();
                return Err(if VERSIONS.contains(&version) && !cause.is_some_and(is_unsupported) {
                    Fault::bad("its packet is damaged")
                } else {
                    Fault::new(
                        Verdict::Unsupported,
                        format!("its packet, of version {version}, is of a kind not built in"),
                    )
                });
            }
            _ => return Err(Fault::bad("a packet is no signature")),
        };
        if found.replace(signature).is_some() {
            return Err(Fault::new(Verdict::Multiple, "the armor holds several packets"));
        }
        next = after;
    }
    let signature = found.ok_or_else(|| Fault::bad("the armor holds no packet"))?;
    if signature.typ() == SignatureType::Binary {
        Ok(signature)
    } else {
        Err(Fault::bad(format!("its type is {}, not that of a document", signature.typ())))
    }
}

fn is_unsupported(error: &openpgp::Error) -> bool {
    use openpgp::Error::{
        UnsupportedEllipticCurve, UnsupportedHashAlgorithm, UnsupportedPacketType, UnsupportedPublicKeyAlgorithm,
    };
    matches!(
        error,
        UnsupportedEllipticCurve(_)
            | UnsupportedHashAlgorithm(_)
            | UnsupportedPacketType(_)
            | UnsupportedPublicKeyAlgorithm(_)
    )
}

fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

/// One signature under examination.
struct Check<'a> {
    payload: &'a [u8],
    signature: &'a Signature,
    context: &'a Context<'a>,
    policy: &'a StandardPolicy<'a>,
}

type AnyKey<'a> = ErasedKeyAmalgamation<'a, PublicParts>;

impl Check<'_> {
    /// Tries the keys that the signature names: the first that verifies decides, else the first that does not.
    fn run(&self, ring: &Ring<'_>) -> Assessment {
        let issuers = self.signature.get_issuers();
        if issuers.len() > MAX_ISSUERS {
            return Assessment::new(Verdict::Bad, format!("it names more than {MAX_ISSUERS} keys"));
        }
        let mut failed = None;
        let mut tried = Vec::new();
        for issuer in &issuers {
            for held in ring.with_key(issuer) {
                for key in held.cert.keys().filter(|k| k.key().key_handle().aliases(issuer)) {
                    let id = (held.cert.fingerprint(), key.key().fingerprint());
                    if tried.contains(&id) {
                        continue;
                    }
                    let fingerprint = id.1.to_hex();
                    tried.push(id);
                    let assessment = match self.verifies(&key) {
                        Ok(()) => return self.judge(held, &key).key(fingerprint),
                        Err(fault) => Assessment::from(fault).key(fingerprint),
                    };
                    failed.get_or_insert_with(|| name_signer(assessment, held));
                }
            }
        }
        failed.unwrap_or_else(|| unknown(&issuers))
    }

    /// Whether the key made the signature.
    fn verifies(&self, key: &AnyKey<'_>) -> Result<(), Fault> {
        if let mpi::PublicKey::RSA { e, n } = key.key().mpis() {
            rsa::check_size(n.value(), e.value())?;
        }
        self.signature.verify_message(key.key(), self.payload).map_err(|error| {
            match error.chain().find_map(|cause| cause.downcast_ref::<openpgp::Error>()) {
                Some(cause) if is_unsupported(cause) => Fault::new(Verdict::Unsupported, cause.to_string()),
                _ => Fault::bad("it does not match what is signed"),
            }
        })
    }

    /// Everything after the arithmetic.
    fn judge(&self, held: &Held<'_>, key: &AnyKey<'_>) -> Assessment {
        match self.authorized(held, key) {
            Ok(assessment) => assessment,
            Err(fault) => name_signer(fault.into(), held),
        }
    }

    fn authorized(&self, held: &Held<'_>, key: &AnyKey<'_>) -> Result<Assessment, Fault> {
        self.strong(key)?;
        let made =
            self.signature.signature_creation_time().ok_or_else(|| Fault::bad("it does not say when it was made"))?;
        let now = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.context.now).unwrap_or_default());
        if self.signature.signature_expiration_time().is_some_and(|end| end <= now) {
            return Err(Fault::new(Verdict::ExpiredSignature, ""));
        }
        if self.is_revoked(held, key, made) {
            return Err(Fault::new(Verdict::Revoked, ""));
        }
        // exported keys often carry the newest self-signature alone: ask again as of now
        let binding = self.binding(held, key, made).or_else(|_| self.binding(held, key, now))?;
        if !binding.for_signing {
            return Err(Fault::new(Verdict::NotAuthorized, "its key is not marked for signing"));
        }
        if !binding.is_alive(made) {
            return Err(Fault::new(Verdict::ExpiredKey, ""));
        }
        self.timely(seconds(made))?;
        let Some(signer) = held.signers.iter().find(|s| lists(&s.emails, self.context.email)) else {
            return Err(Fault::new(Verdict::WrongEmail, ""));
        };
        let lives = !self.is_revoked(held, key, now)
            && self.binding(held, key, now).is_ok_and(|b| b.for_signing && b.is_alive(now));
        let verdict = if lives { Verdict::Good } else { Verdict::GoodAtCommit };
        Ok(Assessment::new(verdict, "").signer(&signer.name))
    }

    /// Whether the signature's time fits the object's, and both the present.
    fn timely(&self, made: i64) -> Result<(), Fault> {
        let Context { time, now, max_skew, .. } = *self.context;
        let skew = made.abs_diff(time);
        if skew > max_skew {
            return Err(Fault::new(Verdict::Skew, format!("the two lie {skew} seconds apart")));
        }
        if made > now.saturating_add_unsigned(max_skew) {
            return Err(Fault::new(Verdict::Skew, "it is from the future"));
        }
        Ok(())
    }

    fn strong(&self, key: &AnyKey<'_>) -> Result<(), Fault> {
        if let Err(why) = self.policy.signature(self.signature, HashAlgoSecurity::CollisionResistance) {
            let cause = why.chain().last().map(ToString::to_string).unwrap_or_default();
            return Err(Fault::new(Verdict::Weak, cause));
        }
        #[allow(deprecated, reason = "the id of the algorithm that is refused")]
        if key.key().pk_algo() == PublicKeyAlgorithm::DSA {
            return Err(Fault::new(Verdict::Weak, "it was made with DSA"));
        }
        match key.key().mpis() {
            mpi::PublicKey::RSA { n, .. } => rsa::check_minimum(n.value(), self.context.min_rsa_bits),
            _ => Ok(()),
        }
    }

    /// Whether the certificate or the key counts as revoked at a time: from then on, or at any time where the
    /// reason is compromise or none is given.
    fn is_revoked(&self, held: &Held<'_>, key: &AnyKey<'_>, at: SystemTime) -> bool {
        let is = |status: &RevocationStatus<'_>| matches!(status, RevocationStatus::Revoked(_));
        let fingerprint = key.key().fingerprint();
        is(&held.cert.revocation_status(self.policy, at))
            || held.cert.keys().subkeys().any(|subkey| {
                subkey.key().fingerprint() == fingerprint && is(&subkey.revocation_status(self.policy, at))
            })
    }

    /// What the certificate says of the key as of a time.
    fn binding(&self, held: &Held<'_>, key: &AnyKey<'_>, at: SystemTime) -> Result<Binding, Fault> {
        let cert = held.cert.with_policy(self.policy, at).map_err(|error| {
            match error.chain().find_map(|cause| cause.downcast_ref::<openpgp::Error>()) {
                Some(cause @ openpgp::Error::PolicyViolation(..)) => {
                    Fault::new(Verdict::Weak, format!("its certificate: {cause}"))
                }
                _ => Fault::new(Verdict::NotAuthorized, "its certificate has no valid self-signature"),
            }
        })?;
        let fingerprint = key.key().fingerprint();
        let valid = cert
            .keys()
            .find(|k| k.key().fingerprint() == fingerprint)
            .ok_or_else(|| Fault::new(Verdict::NotAuthorized, "its key is not validly bound to its certificate"))?;
        let primary = cert.primary_key();
        Ok(Binding {
            for_signing: valid.for_signing(),
            from: primary.key().creation_time().max(valid.key().creation_time()),
            until: [primary.key_expiration_time(), valid.key_expiration_time()].into_iter().flatten().min(),
        })
    }
}

/// What a certificate says of one of its keys.
struct Binding {
    for_signing: bool,
    from: SystemTime,
    until: Option<SystemTime>,
}

impl Binding {
    fn is_alive(&self, at: SystemTime) -> bool {
        self.from <= at && self.until.is_none_or(|end| at < end)
    }
}

fn name_signer(assessment: Assessment, held: &Held<'_>) -> Assessment {
    match held.signers.first() {
        Some(signer) => assessment.signer(&signer.name),
        None => assessment,
    }
}

fn unknown(issuers: &[KeyHandle]) -> Assessment {
    let fingerprint = issuers.iter().find(|h| matches!(h, KeyHandle::Fingerprint(_)));
    match fingerprint.or(issuers.first()) {
        Some(handle) => Assessment::new(Verdict::UnknownKey, "").key(handle.to_hex()),
        None => Assessment::new(Verdict::UnknownKey, "it names no key"),
    }
}
