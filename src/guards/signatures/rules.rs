//! The rules of the guard: one for each verdict that is an offence.

use super::verdict::Verdict;
use crate::finding::{GuardId, Level};
use crate::rule::RuleMeta;

/// What an offence is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A commit.
    Commit,
    /// An annotated tag.
    Tag,
}

/// The rule that a verdict breaks; `None` for a good one.
pub(super) fn rule_of(verdict: Verdict, kind: Kind) -> Option<&'static RuleMeta<'static>> {
    Some(match verdict {
        Verdict::Good => return None,
        Verdict::GoodAtCommit => &GOOD_AT_COMMIT,
        Verdict::NoPresence => &NO_PRESENCE,
        Verdict::Unsigned if kind == Kind::Tag => &TAG_UNSIGNED,
        Verdict::Unsigned => &COMMIT_UNSIGNED,
        Verdict::Bad => &BAD,
        Verdict::UnknownKey => &UNKNOWN_KEY,
        Verdict::ExpiredKey => &EXPIRED_KEY,
        Verdict::ExpiredSignature => &EXPIRED,
        Verdict::Revoked => &REVOKED,
        Verdict::WrongEmail => &WRONG_EMAIL,
        Verdict::NotAuthorized => &NOT_AUTHORIZED,
        Verdict::Weak => &WEAK,
        Verdict::Unsupported => &UNSUPPORTED,
        Verdict::Multiple => &MULTIPLE,
        Verdict::UnsignedHeader => &UNSIGNED_HEADER,
        Verdict::Skew => &SKEW,
        Verdict::TagName => &TAG_NAME,
    })
}

/// Every rule, in the order of the documentation.
pub(super) const RULES: [&RuleMeta<'static>; 17] = [
    &COMMIT_UNSIGNED,
    &TAG_UNSIGNED,
    &BAD,
    &MULTIPLE,
    &UNSIGNED_HEADER,
    &UNKNOWN_KEY,
    &WRONG_EMAIL,
    &NOT_AUTHORIZED,
    &EXPIRED_KEY,
    &EXPIRED,
    &REVOKED,
    &WEAK,
    &UNSUPPORTED,
    &SKEW,
    &TAG_NAME,
    &GOOD_AT_COMMIT,
    &NO_PRESENCE,
];

const fn rule(id: &'static str, level: Level, summary: &'static str, docs: &'static str) -> RuleMeta<'static> {
    RuleMeta { id, aliases: &[], guard: GuardId::Signatures, level, summary, docs, bad: &[], good: &[] }
}

static COMMIT_UNSIGNED: RuleMeta<'static> = rule(
    "commit-unsigned",
    Level::Deny,
    "a commit is not signed",
    "The name and the address of a commit are whatever its maker typed. Only a signature says who made it. Asked \
     from `require = \"present\"` on.\n\nSign every commit with `git config commit.gpgsign true`; sign the last one \
     again with `git commit --amend --no-edit -S`.",
);

static TAG_UNSIGNED: RuleMeta<'static> = rule(
    "tag-unsigned",
    Level::Deny,
    "an annotated tag is not signed",
    "Asked from `require = \"present\"` on. Make the tag anew with `git tag -s -f NAME COMMIT`, and sign every tag \
     with `git config tag.gpgSign true`.",
);

static BAD: RuleMeta<'static> = rule(
    "signature-bad",
    Level::Deny,
    "a signature does not verify, is damaged, or was not made for Git",
    "The object was changed after it was signed, or the signature was taken from elsewhere. Refused whatever \
     `require` says. An innocent cause: Git up to 2.47 signs a message that is not UTF-8 before it repairs it; set \
     `i18n.commitEncoding`, or write the message in UTF-8.",
);

static MULTIPLE: RuleMeta<'static> = rule(
    "signature-multiple",
    Level::Deny,
    "an object has several signatures",
    "Tools disagree on which of them counts, so that one object is good for one and bad for another. Git makes one. \
     Refused whatever `require` says.",
);

static UNSIGNED_HEADER: RuleMeta<'static> = rule(
    "signature-unsigned-header",
    Level::Deny,
    "a header that starts with `gpgsig` holds bytes that no signature covers",
    "Git leaves every such header out of what is signed, also those that it does not know, and calls the signature \
     good. Anybody can put bytes there without breaking it. Refused whatever `require` says.",
);

static UNKNOWN_KEY: RuleMeta<'static> = rule(
    "signature-unknown-key",
    Level::Deny,
    "a signature was made by a key that the policy does not know",
    "Asked from `require = \"valid\"` on. Keys come from the policy alone: `openpgp` and `ssh` of a \
     `[[signatures.signer]]`, and `allowed_signers` of `[signatures.trust]`. No keyring and no key server is read.",
);

static WRONG_EMAIL: RuleMeta<'static> = rule(
    "signature-wrong-email",
    Level::Deny,
    "a signature is good, but its key is not the committer's",
    "A known key signs under somebody else's address; Git itself does not compare the two. Asked with \
     `require = \"trusted\"`. Commit with an address of the key's holder, or add the address to `emails` of the \
     signer in the policy.",
);

static NOT_AUTHORIZED: RuleMeta<'static> = rule(
    "signature-not-authorized",
    Level::Deny,
    "a known key may not sign this",
    "The OpenPGP key is not marked for signing or not bound to its certificate; the allowed signers line has other \
     `namespaces`; the SSH certificate is a host's, names no fitting principal, or demands what is not met.",
);

static EXPIRED_KEY: RuleMeta<'static> = rule(
    "signature-expired-key",
    Level::Deny,
    "a key was not valid when the signature was made",
    "The time is that of the signature for OpenPGP, and the committer's for SSH, where signatures carry none. \
     Prolong the key and give the policy its new form, or sign with another.",
);

static EXPIRED: RuleMeta<'static> = rule(
    "signature-expired",
    Level::Deny,
    "a signature was made to last for a time that is over",
    "GnuPG makes such signatures with `default-sig-expire`. Sign again without it.",
);

static REVOKED: RuleMeta<'static> = rule(
    "signature-revoked",
    Level::Deny,
    "a signature was made by a revoked key",
    "A key that was revoked as compromised, or without a reason, vouches for nothing, whenever the signature claims \
     to have been made. One that was retired or replaced vouches for what it signed before.",
);

static WEAK: RuleMeta<'static> = rule(
    "signature-weak",
    Level::Deny,
    "a signature can be forged: SHA-1 or MD5, DSA, or a short RSA key",
    "RSA keys below 2048 bits are refused always, below `min_rsa_bits` by policy. So are signatures over SHA-1 or \
     MD5, and certificates that rest on them. Sign with an Ed25519 key.",
);

static UNSUPPORTED: RuleMeta<'static> = rule(
    "signature-unsupported",
    Level::Deny,
    "a signature cannot be checked: its algorithm or format is not built in",
    "X.509 signatures, some elliptic curves, RSA keys above 4096 bits. That is not to say that it is bad; asked from \
     `require = \"valid\"` on.",
);

static SKEW: RuleMeta<'static> = rule(
    "signature-skew",
    Level::Deny,
    "a signature was made at another time than the object claims",
    "The signature's own time and the committer's lie further apart than `max_skew`: one of them was set by hand. \
     A rebase that keeps committer dates does the same.",
);

static TAG_NAME: RuleMeta<'static> = rule(
    "tag-name",
    Level::Deny,
    "a signed tag stands under another name than its own",
    "A signature covers the name inside the tag, not the ref that points at it: a signed `v1.0` can be served as \
     `v2.0`, and Git calls it good. Asked from `require = \"valid\"` on.",
);

static GOOD_AT_COMMIT: RuleMeta<'static> = rule(
    "signature-good-at-commit",
    Level::Note,
    "a signature was good when it was made; its key has expired or was retired since",
    "Expected of old history. For a new commit it may mean that the date was set back: see to it that the key is \
     prolonged or replaced.",
);

static NO_PRESENCE: RuleMeta<'static> = rule(
    "signature-no-presence",
    Level::Allow,
    "a security key signed without being touched",
    "Keys made with `ssh-keygen -O no-touch-required` sign without anybody there. Give this rule a level to demand \
     a touch: `[signatures.rules.signature-no-presence] level = \"deny\"`.",
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_verdict_has_a_listed_rule() {
        for verdict in Verdict::ALL {
            for kind in [Kind::Commit, Kind::Tag] {
                match rule_of(verdict, kind) {
                    Some(rule) => assert!(RULES.iter().any(|r| r.id == rule.id), "{}", rule.id),
                    None => assert_eq!(verdict, Verdict::Good),
                }
            }
        }
        for (n, rule) in RULES.iter().enumerate() {
            assert!(!RULES[..n].iter().any(|r| r.id == rule.id), "{} twice", rule.id);
            assert!(!rule.summary.is_empty() && !rule.docs.is_empty());
        }
    }
}
