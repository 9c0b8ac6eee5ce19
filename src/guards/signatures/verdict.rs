//! What is known of one object's signature.

use super::format::Format;
use crate::policy::Require;

/// The result of checking one commit or tag.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Verdict {
    /// It verifies, the key was valid when it was made and is now, and it belongs to the committer.
    Good,
    /// As [`Verdict::Good`] when it was made; the key has expired or was retired since.
    GoodAtCommit,
    /// As [`Verdict::Good`], by a security key that nobody touched.
    NoPresence,
    /// There is none.
    Unsigned,
    /// It does not verify, is damaged, is of no known kind, or was made for another purpose.
    Bad,
    /// No key of the policy can check it.
    UnknownKey,
    /// The key was not valid at the reference time.
    ExpiredKey,
    /// The signature itself has an end, and that is past.
    ExpiredSignature,
    /// The key had been revoked by then, or was revoked as compromised at any time.
    Revoked,
    /// It verifies, but the key is not the committer's.
    WrongEmail,
    /// The key is known and may not sign commits.
    NotAuthorized,
    /// It verifies with an algorithm or key size that can be forged.
    Weak,
    /// The algorithm or format is not built in.
    Unsupported,
    /// There are several.
    Multiple,
    /// A header that looks like a signature's holds bytes that no signature covers.
    UnsignedHeader,
    /// It was made at another time than the object claims.
    Skew,
    /// The tag object carries another name than the ref.
    TagName,
}

impl Verdict {
    /// Every verdict, best first.
    pub const ALL: [Verdict; 17] = [
        Verdict::Good,
        Verdict::GoodAtCommit,
        Verdict::NoPresence,
        Verdict::Unsigned,
        Verdict::Bad,
        Verdict::UnknownKey,
        Verdict::ExpiredKey,
        Verdict::ExpiredSignature,
        Verdict::Revoked,
        Verdict::WrongEmail,
        Verdict::NotAuthorized,
        Verdict::Weak,
        Verdict::Unsupported,
        Verdict::Multiple,
        Verdict::UnsignedHeader,
        Verdict::Skew,
        Verdict::TagName,
    ];

    /// The name in reports; it does not change between versions.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Good => "good",
            Verdict::GoodAtCommit => "good-at-commit",
            Verdict::NoPresence => "no-presence",
            Verdict::Unsigned => "unsigned",
            Verdict::Bad => "bad",
            Verdict::UnknownKey => "unknown-key",
            Verdict::ExpiredKey => "expired-key",
            Verdict::ExpiredSignature => "expired-signature",
            Verdict::Revoked => "revoked",
            Verdict::WrongEmail => "wrong-email",
            Verdict::NotAuthorized => "not-authorized",
            Verdict::Weak => "weak",
            Verdict::Unsupported => "unsupported",
            Verdict::Multiple => "multiple",
            Verdict::UnsignedHeader => "unsigned-header",
            Verdict::Skew => "skew",
            Verdict::TagName => "tag-name",
        }
    }

    /// Whether a trusted key vouches for the object, perhaps with a remark.
    pub fn is_good(self) -> bool {
        matches!(self, Verdict::Good | Verdict::GoodAtCommit | Verdict::NoPresence)
    }

    /// Whether an object with this verdict meets what a policy requires.
    pub fn satisfies(self, require: Require) -> bool {
        let broken = matches!(self, Verdict::Bad | Verdict::Multiple | Verdict::UnsignedHeader);
        match require {
            Require::Off => !broken,
            Require::Present => !broken && self != Verdict::Unsigned,
            Require::Valid => self.is_good() || self == Verdict::WrongEmail,
            Require::Trusted => self.is_good(),
        }
    }
}

/// A verdict and what led to it. The texts may hold bytes of the repository: not safe to print as they are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assessment {
    /// The verdict.
    pub verdict: Verdict,
    /// The kind of signature, where one is there and its kind is known.
    pub format: Option<Format>,
    /// Who made it, by the name that the policy knows: a signer's name or the principals of a line.
    pub signer: Option<String>,
    /// The key that made it, or that it claims made it: an OpenPGP fingerprint or key id in upper-case
    /// hexadecimal, or `SHA256:…` as OpenSSH prints it.
    pub key: Option<String>,
    /// Why, in a few words without a full stop; empty where the verdict says it all.
    pub detail: String,
}

impl Assessment {
    /// A bare verdict.
    pub(super) fn new(verdict: Verdict, detail: impl Into<String>) -> Self {
        Assessment { verdict, format: None, signer: None, key: None, detail: detail.into() }
    }

    /// The same, with the key's fingerprint.
    #[must_use]
    pub(super) fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// The same, with the signer's name.
    #[must_use]
    pub(super) fn signer(mut self, signer: impl Into<String>) -> Self {
        self.signer = Some(signer.into());
        self
    }
}

/// A check that failed: the first one ends the examination.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    /// What it means for the signature.
    pub(super) verdict: Verdict,
    /// Why.
    pub(super) detail: String,
}

impl Fault {
    /// Of this verdict.
    pub(super) fn new(verdict: Verdict, detail: impl Into<String>) -> Self {
        Fault { verdict, detail: detail.into() }
    }

    /// [`Verdict::Bad`].
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Fault::new(Verdict::Bad, detail)
    }
}

impl From<Fault> for Assessment {
    fn from(fault: Fault) -> Self {
        Assessment::new(fault.verdict, fault.detail)
    }
}
