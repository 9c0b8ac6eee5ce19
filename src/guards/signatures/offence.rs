//! Puts an assessment into words: a finding with what to do about it.

use super::format::Format;
use super::rules::{Kind, rule_of};
use super::verdict::{Assessment, Verdict};
use crate::change::{Identity, Oid};
use crate::finding::{Finding, Fingerprint, GuardId, Location};
use crate::policy::{Policy, Require};
use std::borrow::Cow;

/// Characters of a name, an address or a detail that a message keeps.
const CLIP: usize = 120;

/// A commit or tag, as messages name it.
pub(super) struct Subject<'a> {
    /// Which of the two.
    pub(super) kind: Kind,
    /// Its id.
    pub(super) oid: Oid,
    /// The committer or tagger.
    pub(super) who: &'a Identity,
}

impl Subject<'_> {
    fn words(&self) -> String {
        let kind = match self.kind {
            Kind::Commit => "commit",
            Kind::Tag => "tag",
        };
        format!("{kind} {} by {} <{}>", self.oid.short(), clip(&self.who.name), clip(&self.who.email))
    }
}

/// The offence that an assessment is under this policy; `None` where it is none. A good signature with a remark
/// is one of a low level, where signatures are asked to be good.
pub(super) fn finding(subject: &Subject<'_>, assessment: &Assessment, policy: &Policy) -> Option<Finding> {
    let require = &policy.signatures.require;
    let verdict = assessment.verdict;
    let remark = verdict.is_good() && require.value >= Require::Valid;
    if verdict.satisfies(require.value) && !remark {
        return None;
    }
    let rule = rule_of(verdict, subject.kind)?;
    let mut finding = Finding::new(
        Cow::Borrowed(rule.id),
        GuardId::Signatures,
        rule.level,
        message(subject, assessment),
        Location::object(subject.oid),
        Fingerprint::over(&[b"signatures", rule.id.as_bytes(), subject.oid.as_bytes()]),
    );
    if let Some(key) = &assessment.key {
        finding.note = format!("key {key}");
    }
    // what is refused even without being asked for has no policy line to point at
    if !verdict.satisfies(require.value) && verdict.satisfies(Require::Off) {
        finding.related.extend(policy.label(require.by, format!("asked for here: {}", asked(require.value))));
    }
    finding.help = help(subject, assessment, policy);
    Some(finding)
}

fn asked(require: Require) -> &'static str {
    match require {
        Require::Off => "nothing",
        Require::Present => "a signature",
        Require::Valid => "a signature by a known key",
        Require::Trusted => "a signature by a key of the committer",
    }
}

fn message(subject: &Subject<'_>, assessment: &Assessment) -> String {
    let words = subject.words();
    let says = match assessment.verdict {
        Verdict::Unsigned => return format!("{words} is not signed"),
        Verdict::TagName => return format!("{words}: {}", clip(assessment.detail.as_bytes())),
        Verdict::Good => "is good",
        Verdict::GoodAtCommit => "is good, but its key has expired or was retired since",
        Verdict::NoPresence => "is good, but nobody touched the security key",
        Verdict::Bad => "is bad",
        Verdict::UnknownKey => "was made by a key that the policy does not know",
        Verdict::ExpiredKey => "was made by a key that was not valid then",
        Verdict::ExpiredSignature => "has expired",
        Verdict::Revoked => "was made by a revoked key",
        Verdict::WrongEmail => "was made by a key that may not sign for this address",
        Verdict::NotAuthorized => "was made by a key that may not sign it",
        Verdict::Weak => "is too weak to mean anything",
        Verdict::Unsupported => "cannot be checked",
        Verdict::Multiple => "is not the only one",
        Verdict::UnsignedHeader => "leaves a header out",
        Verdict::Skew => "was made at another time than it claims",
    };
    let mut text = format!("the signature of {words} {says}");
    if let (Verdict::WrongEmail, Some(signer)) = (assessment.verdict, &assessment.signer) {
        text.push_str(&format!(", but for `{}`", clip(signer.as_bytes())));
    }
    if !assessment.detail.is_empty() {
        text.push_str(&format!(": {}", clip(assessment.detail.as_bytes())));
    }
    text
}

fn help(subject: &Subject<'_>, assessment: &Assessment, policy: &Policy) -> Vec<String> {
    let lines: &[&str] = match (assessment.verdict, subject.kind) {
        (Verdict::Good, _) => &[],
        (Verdict::Unsigned, Kind::Commit) => &[
            "sign the last commit: git commit --amend --no-edit -S",
            "sign all since BASE: git rebase --exec 'git commit --amend --no-edit -S' BASE",
            "sign from now on: git config commit.gpgsign true",
        ],
        (Verdict::Unsigned, Kind::Tag) => {
            &["make the tag anew: git tag -s -f NAME COMMIT", "sign from now on: git config tag.gpgSign true"]
        }
        (Verdict::UnknownKey, _) => return unknown_key_help(assessment.format, policy),
        (Verdict::WrongEmail, _) => &[
            "commit with an address of the key's holder: git config user.email ADDRESS, then sign again",
            "or add the address to `emails` of the signer, or to the principals in the allowed signers file",
        ],
        (Verdict::TagName, _) => &["give the ref the tag's own name, or make the tag anew: git tag -s -f NAME COMMIT"],
        (Verdict::Unsupported, _) => &["sign again with an Ed25519 key, OpenPGP or SSH"],
        (Verdict::Weak, _) => &["sign again with an Ed25519 key, and let the policy name that one"],
        (Verdict::ExpiredKey, _) => &["prolong the key and put its new form into the policy, or sign with another"],
        (Verdict::GoodAtCommit, _) => &["prolong or replace the key before it signs again"],
        (Verdict::NoPresence, _) => &["make the key without `no-touch-required`"],
        (Verdict::Revoked | Verdict::NotAuthorized, _) => &["sign again with another key"],
        (_, Kind::Commit) => &["sign the last commit again: git commit --amend --no-edit -S"],
        (_, Kind::Tag) => &["make the tag anew: git tag -s -f NAME COMMIT"],
    };
    lines.iter().map(ToString::to_string).collect()
}

/// Which key of the policy to set, and whether it names any key of the kind so far.
fn unknown_key_help(format: Option<Format>, policy: &Policy) -> Vec<String> {
    let signatures = &policy.signatures;
    let any = |has: fn(&crate::policy::Signer) -> bool| signatures.signers.iter().any(|s| has(&s.value));
    let (known, add) = match format {
        Some(Format::Ssh) => (
            any(|s| !s.ssh.is_empty()) || signatures.allowed_signers.is_some(),
            "trust the key: add it to `ssh` of a `[[signatures.signer]]`, or set `allowed_signers` of \
             `[signatures.trust]`",
        ),
        _ => (
            any(|s| !s.openpgp.is_empty()),
            "trust the key: add its certificate file to `openpgp` of a `[[signatures.signer]]`",
        ),
    };
    let mut lines = vec![add.to_owned()];
    if !known {
        lines.insert(0, "the policy names no key of this kind".to_owned());
    }
    lines
}

/// As text, cut to [`CLIP`] characters.
fn clip(bytes: &[u8]) -> String {
    // no character is longer than four bytes: the rest is never decoded
    let text = String::from_utf8_lossy(bytes.get(..CLIP * 4 + 4).unwrap_or(bytes)).into_owned();
    match text.char_indices().nth(CLIP) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text,
    }
}
