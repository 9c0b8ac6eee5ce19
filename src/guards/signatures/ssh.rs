//! SSH signatures.

use super::backend::{Backend, Context};
use super::sshcert::{Certificate, USER};
use super::sshkey::{Key, TOUCHED, USER_VERIFIED};
use super::sshsig::{NAMESPACE, SshSig};
use super::trust::{Holder, SshEntry, Trust};
use super::verdict::{Assessment, Fault, Verdict};
use crate::finding::Incomplete;

/// Critical options of certificates that restrict logins and say nothing about signatures.
const LOGIN_OPTIONS: [&[u8]; 2] = [b"force-command", b"source-address"];
/// The critical option that asks for a PIN or a fingerprint at each use.
const VERIFY_REQUIRED: &[u8] = b"verify-required";

/// Checks with the SSH keys of the policy. A key need not be known for a signature to be found bad: it is part
/// of the signature.
pub(super) struct Ssh<'t, 'p>(pub(super) &'t Trust<'p>);

impl Backend for Ssh<'_, '_> {
    fn verify(&self, payload: &[u8], signature: &[u8], context: &Context<'_>) -> Result<Assessment, Incomplete> {
        let signature = match SshSig::parse(signature) {
            Ok(signature) => signature,
            Err(fault) => return Ok(fault.into()),
        };
        let (key, certificate) = match key_of(&signature) {
            Ok(found) => found,
            Err(fault) => return Ok(fault.into()),
        };
        let fingerprint = key.fingerprint();
        let checked = key.verify(&signature.signed_bytes(payload), &signature.signature);
        let flags = match checked.and_then(|flags| key.check_strength(context.min_rsa_bits).map(|()| flags)) {
            Ok(flags) => flags,
            Err(fault) => return Ok(Assessment::from(fault).key(fingerprint)),
        };
        let made = Made { certificate: certificate.as_ref(), flags, context };
        let keys = self.0.ssh()?;
        let places = keys.places(certificate.as_ref().map_or(&key.blob, |c| &c.authority.blob));
        let mut best: Option<Assessment> = None;
        for place in places.iter().filter(|p| p.authority == certificate.is_some()) {
            let assessment = made.judge(place);
            if best.as_ref().is_none_or(|b| rank(assessment.verdict) > rank(b.verdict)) {
                best = Some(assessment);
            }
        }
        Ok(best.unwrap_or_else(|| Assessment::new(Verdict::UnknownKey, "")).key(fingerprint))
    }
}

/// The key that made it, and its certificate.
fn key_of(signature: &SshSig) -> Result<(Key, Option<Certificate<'_>>), Fault> {
    match Certificate::parse(&signature.key)? {
        Some(certificate) => Ok((certificate.key.clone(), Some(certificate))),
        None => Ok((Key::parse(&signature.key)?, None)),
    }
}

/// How far a place in the policy carries: the best of several counts.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Good => 5,
        Verdict::GoodAtCommit | Verdict::NoPresence => 4,
        Verdict::WrongEmail => 3,
        Verdict::ExpiredKey => 2,
        Verdict::NotAuthorized => 1,
        _ => 0,
    }
}

/// A signature that verifies.
struct Made<'a> {
    certificate: Option<&'a Certificate<'a>>,
    flags: Option<u8>,
    context: &'a Context<'a>,
}

impl Made<'_> {
    /// What one place of the policy makes of it.
    fn judge(&self, place: &SshEntry<'_>) -> Assessment {
        let assessment = match self.check(place) {
            Ok(verdict) => Assessment::new(verdict, ""),
            Err(fault) => fault.into(),
        };
        assessment.signer(&place.name)
    }

    fn check(&self, place: &SshEntry<'_>) -> Result<Verdict, Fault> {
        let refuse = |why: &str| Err(Fault::new(Verdict::NotAuthorized, why));
        if place.namespaces.as_ref().is_some_and(|n| !n.matches(NAMESPACE)) {
            return refuse("the policy does not list `git` among its key's namespaces");
        }
        if let Some(certificate) = self.certificate {
            certificate.verify()?;
            certificate.authority.check_strength(self.context.min_rsa_bits)?;
            self.check_certificate(certificate, &place.holder)?;
        }
        if !self.lasts(place, self.context.time) {
            return Err(Fault::new(Verdict::ExpiredKey, ""));
        }
        let email = self.context.email;
        let named = |c: &Certificate<'_>| c.principals.iter().any(|p| p.eq_ignore_ascii_case(email));
        if !place.holder.owns(email) || !self.certificate.is_none_or(named) {
            return Err(Fault::new(Verdict::WrongEmail, ""));
        }
        Ok(if !self.lasts(place, self.context.now) {
            Verdict::GoodAtCommit
        } else if self.flags.is_some_and(|f| f & TOUCHED == 0) {
            Verdict::NoPresence
        } else {
            Verdict::Good
        })
    }

    fn check_certificate(&self, certificate: &Certificate<'_>, holder: &Holder<'_>) -> Result<(), Fault> {
        let refuse = |why: String| Err(Fault::new(Verdict::NotAuthorized, why));
        if certificate.kind != USER {
            return refuse("its certificate is not a user's".into());
        }
        for &option in &certificate.critical {
            let met = LOGIN_OPTIONS.contains(&option)
                || (option == VERIFY_REQUIRED && self.flags.is_some_and(|f| f & USER_VERIFIED != 0));
            if !met {
                let option = String::from_utf8_lossy(option);
                return refuse(format!("its certificate demands `{option}`, which is unknown or not met"));
            }
        }
        if !certificate.principals.iter().any(|p| holder.owns(p)) {
            return refuse("its certificate names no principal that its authority may vouch for".into());
        }
        Ok(())
    }

    /// Whether key and certificate count at a time, in seconds since 1970.
    fn lasts(&self, place: &SshEntry<'_>, at: i64) -> bool {
        let in_certificate =
            self.certificate.is_none_or(|c| u64::try_from(at).is_ok_and(|t| c.valid_after <= t && t < c.valid_before));
        in_certificate && place.after.is_none_or(|a| at >= a) && place.before.is_none_or(|b| at <= b)
    }
}
