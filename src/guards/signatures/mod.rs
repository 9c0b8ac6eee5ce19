//! The signatures guard: who really made a commit or tag.
//!
//! Checked in this process, with no other program, keyring or network: OpenPGP and SSH signatures against the
//! keys that the policy names, and those against the committer's address, which Git never compares. X.509
//! signatures are recognised and reported as not checked.
//!
//! Checks run in this order and the first failure is the [`Verdict`]: format, one signature, headers outside
//! it, key found, arithmetic, strength of algorithms, expiry of the signature, revocation, authorization,
//! validity of the key at the reference time, clock skew, identity, validity now. SSH signatures bring their
//! key along, so that their arithmetic comes before the key is looked for. The reference time is that of the
//! signature for OpenPGP, and the committer's for SSH, where there is no other.
//!
//! Which verdicts pass is [`Verdict::satisfies`]. Whatever `require` says, a signature that is bad, one of several
//! or beside unsigned headers is refused, and keys of the policy that cannot be read make the check incomplete as
//! soon as a signature of their kind is there. Which refs are asked is the caller's business.

mod allowed_signers;
mod armor;
mod backend;
mod base64;
mod certs;
mod format;
mod object;
mod offence;
mod openpgp;
mod pattern;
mod rsa;
mod rules;
mod ssh;
mod sshcert;
mod sshkey;
mod sshsig;
mod trust;
mod verdict;
mod wire;
mod x509;

#[cfg(test)]
mod tests;

pub use format::Format;
pub use verdict::{Assessment, Verdict};

use crate::change::{Blob, Commit, Identity, Occurrence, Oid, Tag};
use crate::finding::{GuardId, Incomplete};
use crate::guard::{Guard, Sink};
use crate::policy::Policy;
use crate::rule::RuleMeta;
use backend::{Backend, Context};
use object::Signed;
use offence::Subject;
use rules::Kind;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{SystemTime, UNIX_EPOCH};
use trust::Trust;

/// `max_skew` where the policy sets none (or 0), in seconds.
const DEFAULT_MAX_SKEW: u64 = 24 * 60 * 60;

/// Every rule of this guard.
pub fn rules() -> Vec<RuleMeta<'static>> {
    rules::RULES.iter().map(|&rule| *rule).collect()
}

/// The guard.
pub struct Signatures<'p> {
    policy: &'p Policy,
    trust: Trust<'p>,
    /// The time of the check: seconds since 1970.
    now: i64,
}

impl<'p> Signatures<'p> {
    /// Of this policy. Reads no key: that is done when the first signature of a kind has to be checked.
    pub fn new(policy: &'p Policy) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs());
        Signatures::at(policy, i64::try_from(now).unwrap_or(i64::MAX))
    }

    /// As [`Signatures::new`], as of a time in seconds since 1970.
    fn at(policy: &'p Policy, now: i64) -> Self {
        Signatures { policy, trust: Trust::new(&policy.signatures), now }
    }

    /// Checks a commit, whatever the policy requires: good results too.
    ///
    /// # Errors
    /// When the policy's keys cannot be read, or the check itself failed.
    pub fn verify_commit(&self, commit: &Commit) -> Result<Assessment, Incomplete> {
        let signed = object::of_commit(&commit.raw, is_sha256(&commit.oid));
        self.assess(signed, &commit.committer, || format!("signature of commit {}", commit.oid.short()))
    }

    /// Checks an annotated tag, whatever the policy requires: good results too.
    ///
    /// # Errors
    /// As [`Signatures::verify_commit`].
    pub fn verify_tag(&self, tag: &Tag) -> Result<Assessment, Incomplete> {
        let signed = object::of_tag(&tag.raw, is_sha256(&tag.oid));
        let what = || format!("signature of tag {}", tag.oid.short());
        let assessment = self.assess(signed, &tagger(tag), what)?;
        Ok(check_name(tag, assessment))
    }

    fn assess(
        &self,
        signed: Option<Signed>,
        who: &Identity,
        what: impl Fn() -> String,
    ) -> Result<Assessment, Incomplete> {
        let Some(signed) = signed else { return Ok(Assessment::new(Verdict::Unsigned, "")) };
        let format = Format::of(&signed.signature);
        let Some(format) = format else {
            return Ok(Assessment::new(Verdict::Bad, "it begins like none of the known kinds"));
        };
        let mut assessment = match outer_fault(&signed) {
            Some(fault) => fault,
            None => {
                let check = || self.backend(format).verify(&signed.payload, &signed.signature, &self.context(who));
                contain(what, check)?
            }
        };
        assessment.format = Some(format);
        Ok(assessment)
    }

    fn backend(&self, format: Format) -> Box<dyn Backend + '_> {
        match format {
            Format::OpenPgp => Box::new(openpgp::OpenPgp(&self.trust)),
            Format::Ssh => Box::new(ssh::Ssh(&self.trust)),
            Format::X509 => Box::new(x509::X509),
        }
    }

    fn context<'a>(&self, who: &'a Identity) -> Context<'a> {
        let policy = &self.policy.signatures;
        let min_rsa_bits = usize::try_from(policy.min_rsa_bits.value).unwrap_or(usize::MAX);
        Context {
            email: &who.email,
            time: who.time,
            now: self.now,
            max_skew: if policy.max_skew.value == 0 { DEFAULT_MAX_SKEW } else { policy.max_skew.value },
            min_rsa_bits: min_rsa_bits.max(rsa::MIN_BITS),
        }
    }

    fn report(&self, kind: Kind, oid: Oid, who: &Identity, assessment: &Assessment, sink: &mut Sink) {
        let subject = Subject { kind, oid, who };
        sink.findings.extend(offence::finding(&subject, assessment, self.policy));
    }
}

impl Guard for Signatures<'_> {
    fn id(&self) -> GuardId {
        GuardId::Signatures
    }

    fn rules(&self) -> Vec<RuleMeta<'_>> {
        rules()
    }

    fn wants(&self, _: &Occurrence) -> bool {
        false
    }

    fn blob(&self, _: &Blob<'_>, _: &mut Sink) -> Result<(), Incomplete> {
        Ok(())
    }

    fn notices(&self) -> Vec<String> {
        self.trust.remarks()
    }

    fn commit(&self, commit: &Commit, sink: &mut Sink) -> Result<(), Incomplete> {
        let assessment = self.verify_commit(commit)?;
        self.report(Kind::Commit, commit.oid, &commit.committer, &assessment, sink);
        Ok(())
    }

    fn tag(&self, tag: &Tag, sink: &mut Sink) -> Result<(), Incomplete> {
        let assessment = self.verify_tag(tag)?;
        self.report(Kind::Tag, tag.oid, &tagger(tag), &assessment, sink);
        Ok(())
    }
}

/// Runs a check; a panic in a library must neither pass for a verdict nor take the run's other results along.
fn contain<T>(what: impl Fn() -> String, check: impl FnOnce() -> Result<T, Incomplete>) -> Result<T, Incomplete> {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|_| {
        Err(Incomplete::new(what(), "the verifier failed")
            .help("please report this, with the object that `git cat-file -p` prints"))
    })
}

/// What is wrong with a signature before it is looked into.
fn outer_fault(signed: &Signed) -> Option<Assessment> {
    if signed.signature.len() > armor::MAX {
        let why = format!("it is larger than {} KiB", armor::MAX >> 10);
        return Some(Assessment::new(Verdict::Bad, why));
    }
    if signed.count > 1 {
        return Some(Assessment::new(Verdict::Multiple, format!("there are {} signature headers", signed.count)));
    }
    let stray = signed.stray.as_ref()?;
    let why = format!("`{}` is not covered", String::from_utf8_lossy(stray));
    Some(Assessment::new(Verdict::UnsignedHeader, why))
}

/// Compares a signed tag's own name with its ref, where the ref is known.
fn check_name(tag: &Tag, assessment: Assessment) -> Assessment {
    // a key of another address does not make the name any better
    if !assessment.verdict.is_good() && assessment.verdict != Verdict::WrongEmail {
        return assessment;
    }
    let Some(refname) = &tag.refname else { return assessment };
    let name = tag.header("tag").unwrap_or_default();
    if refname.as_bytes().strip_prefix(b"refs/tags/") == Some(name) {
        return assessment;
    }
    let detail = format!("it calls itself `{}`, the ref is `{refname}`", String::from_utf8_lossy(name));
    Assessment { verdict: Verdict::TagName, detail, ..assessment }
}

fn tagger(tag: &Tag) -> Identity {
    tag.header("tagger").map(Identity::parse).unwrap_or_default()
}

fn is_sha256(oid: &Oid) -> bool {
    oid.as_bytes().len() == 32
}
