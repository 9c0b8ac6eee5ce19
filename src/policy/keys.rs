//! Every key of a policy file, once: what it is called, what it takes, what it does, which way is
//! stricter, and where its value lives. Reading, merging, suggestions, `policy show` and generated
//! documents all go by these tables.

use super::datum::Datum;
use super::setting::{Setting, Stricter, common, optional, setting};
use super::{GuardPolicy, Pin, Require, Value};
use crate::finding::{Confidence, Level};

/// A table of a policy file and its keys.
#[derive(Debug)]
pub struct Table {
    /// How it is written: `[images]`, `[[allow]]`; empty for the top level.
    pub name: &'static str,
    /// What it is for, in one line.
    pub doc: &'static str,
    /// Its keys in the order in which people see them, in groups that tables share.
    pub groups: &'static [&'static [Key]],
}

impl Table {
    /// Its keys.
    pub fn keys(&self) -> impl Iterator<Item = &'static Key> + use<> {
        self.groups.iter().copied().flatten()
    }

    /// The key of that name.
    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys().find(|k| k.name == name)
    }
}

/// A key of a policy file.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Whether only an organisation's policy may hold it.
    pub org_only: bool,
    /// How it is merged, for keys with one value in the effective policy.
    pub(super) setting: Option<Setting>,
}

/// What a key takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// The version of the format: an integer.
    Version,
    /// `true` or `false`.
    Bool,
    /// One of these words, weakest demand first where they have an order.
    Choice(&'static [&'static str]),
    /// A list of these words.
    Choices(&'static [&'static str]),
    /// An integer from 0 to this one.
    Count(u64),
    /// Bytes, or text such as `"256MiB"`.
    Size,
    /// Seconds, or text such as `"24h"`.
    Duration,
    /// A text.
    Text,
    /// A version such as `1.4.0`.
    Release,
    /// A list of texts.
    Texts,
    /// A list of globs of paths in the repository.
    Globs,
    /// A list of globs of names: images, refs, remotes.
    Patterns,
    /// A list of SSH public keys.
    SshKeys,
    /// A list of `"default"` and rule files.
    Rules,
    /// A file, relative to the policy that names it.
    File,
    /// A list of files.
    Files,
    /// A day.
    Date,
    /// A fingerprint as findings show it.
    Fingerprint,
    /// A list of key names such as `secrets.*`.
    KeyNames,
    /// Levels of rules: `ID = "warn"` or `[….ID] level = "warn"`.
    Levels,
    /// A table.
    Section(&'static Table),
    /// A list of tables.
    List(List),
}

/// The lists of tables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum List {
    /// `[[signatures.signer]]`
    Signer,
    /// `[[hooks.require]]`
    Hook,
    /// `[[allow]]`
    Allow,
    /// `[[repo]]`
    Repo,
}

impl List {
    /// What an entry holds.
    pub fn table(self) -> &'static Table {
        match self {
            List::Signer => &SIGNER,
            List::Hook => &HOOK,
            List::Allow => &ALLOW,
            List::Repo => &REPO,
        }
    }
}

const fn key(name: &'static str, kind: Kind, doc: &'static str, setting: Option<Setting>) -> Key {
    Key { name, kind, doc, org_only: false, setting }
}

const fn org(name: &'static str, kind: Kind, doc: &'static str) -> Key {
    Key { name, kind, doc, org_only: true, setting: None }
}

/// The names of [`Level`]s.
pub(super) static LEVELS: [&str; 5] = ["allow", "note", "warn", "deny", "forbid"];
static CONFIDENCES: [&str; 3] = ["low", "medium", "high"];
static PINS: [&str; 3] = ["none", "tag", "digest"];
static REQUIRES: [&str; 4] = ["off", "present", "valid", "trusted"];
/// The stages that a hook configuration can name (githooks(5)).
static STAGES: [&str; 9] = [
    "commit-msg",
    "post-checkout",
    "post-commit",
    "post-merge",
    "post-rewrite",
    "pre-commit",
    "pre-merge-commit",
    "pre-push",
    "prepare-commit-msg",
];

/// The longest RSA key that OpenSSH reads (`SSHBUF_MAX_BIGNUM`), in bits.
const MAX_RSA_BITS: u64 = 16_384;

static FAIL_LEVEL: [Key; 1] = [key(
    "fail_level",
    Kind::Choice(&LEVELS),
    "from this level on a finding blocks",
    setting!(Lower, always: true, field = fail_level,
        v => Datum::Word(v.name()), Datum::Word(w) => Level::from_name(w)),
)];

static GUARDS: [Key; 4] = [
    key("secrets", Kind::Section(&SECRETS), SECRETS.doc, None),
    key("images", Kind::Section(&IMAGES), IMAGES.doc, None),
    key("signatures", Kind::Section(&SIGNATURES), SIGNATURES.doc, None),
    key("hooks", Kind::Section(&HOOKS), HOOKS.doc, None),
];

static REST: [Key; 2] =
    [key("allow", Kind::List(List::Allow), ALLOW.doc, None), key("limits", Kind::Section(&LIMITS), LIMITS.doc, None)];

/// The whole file.
pub static ROOT: Table = Table {
    name: "",
    doc: "a gitward policy",
    groups: &[
        &[
            key("version", Kind::Version, "the version of this format: 1", None),
            key("extends", Kind::Choice(&super::presets::NAMES), "a built-in policy to start from", None),
        ],
        &FAIL_LEVEL,
        &[
            org("locked", Kind::KeyNames, "keys that a repository may not set at all"),
            org("open", Kind::KeyNames, "keys that a repository may set freely"),
        ],
        &GUARDS,
        &REST,
        &[org("repo", Kind::List(List::Repo), REPO.doc)],
    ],
};

static COMMON: [Key; 3] = [
    key(
        "enabled",
        Kind::Bool,
        "whether the guard runs",
        common!(Higher, c => Value::new(Datum::Bool(!c.disabled.value), c.disabled.by),
            Datum::Bool(on), by => c.disabled = Value::new(!on, by)),
    ),
    key(
        "exclude",
        Kind::Globs,
        "paths that the guard leaves alone",
        common!(Narrower, c => Value::new(Datum::Globs(c.exclude.value.clone()), c.exclude.by),
            Datum::Globs(globs), by => c.exclude = Value::new(globs, by)),
    ),
    key("rule", Kind::Levels, "levels of single rules", None),
];

static SECRETS: Table = Table {
    name: "[secrets]",
    doc: "leaked credentials",
    groups: &[
        &COMMON,
        &[
            key(
                "rules",
                Kind::Rules,
                "where rules come from: \"default\" and rule files",
                setting!(Wider, always: true, field = secrets.rules,
                    v => Datum::Sources(v.clone()), Datum::Sources(list) => Some(list)),
            ),
            key(
                "min_confidence",
                Kind::Choice(&CONFIDENCES),
                "findings below it are not reported",
                setting!(Lower, always: false, field = secrets.min_confidence,
                    v => Datum::Word(v.name()), Datum::Word(w) => Confidence::from_name(w)),
            ),
            key(
                "archives",
                Kind::Bool,
                "whether the files in zip, tar and gzip archives are looked at",
                setting!(Higher, always: false, field = secrets.archives,
                    v => Datum::Bool(*v), Datum::Bool(on) => Some(on)),
            ),
        ],
    ],
};

static IMAGES: Table = Table {
    name: "[images]",
    doc: "Dockerfiles and image references",
    groups: &[
        &COMMON,
        &[
            key(
                "registries",
                Kind::Patterns,
                "images that may be used, by fully qualified name; an empty list allows none but scratch",
                optional!(Narrower, images.registries, Texts),
            ),
            key(
                "final_base",
                Kind::Patterns,
                "images that the final stage may be based on",
                optional!(Narrower, images.final_base, Texts),
            ),
            key(
                "multi_stage",
                Kind::Bool,
                "whether a Dockerfile must keep its build stages out of the final one",
                setting!(Higher, always: false, field = images.multi_stage,
                    v => Datum::Bool(*v), Datum::Bool(on) => Some(on)),
            ),
            key(
                "pin",
                Kind::Choice(&PINS),
                "how far an image reference must be pinned",
                setting!(Higher, always: false, field = images.pin,
                    v => Datum::Word(v.name()), Datum::Word(w) => Pin::from_name(w)),
            ),
        ],
    ],
};

static SIGNATURES: Table = Table {
    name: "[signatures]",
    doc: "signatures of commits and tags",
    groups: &[
        &COMMON,
        &[
            key(
                "require",
                Kind::Choice(&REQUIRES),
                "how much is asked of a signature",
                setting!(Higher, always: false, field = signatures.require,
                    v => Datum::Word(v.name()), Datum::Word(w) => Require::from_name(w)),
            ),
            key(
                "refs",
                Kind::Patterns,
                "refs that it is asked of; an empty list means all",
                setting!(WiderOrAll, always: false, field = signatures.refs,
                    v => Datum::Texts(v.clone()), Datum::Texts(list) => Some(list)),
            ),
            key("signer", Kind::List(List::Signer), SIGNER.doc, None),
            key("trust", Kind::Section(&TRUST), TRUST.doc, None),
            key(
                "max_skew",
                Kind::Duration,
                "largest difference between the time of a signature and of its commit",
                setting!(Lower, always: false, field = signatures.max_skew,
                    v => Datum::Number(*v), Datum::Number(n) => Some(n)),
            ),
            key(
                "min_rsa_bits",
                Kind::Count(MAX_RSA_BITS),
                "shortest RSA key that counts",
                setting!(Higher, always: false, field = signatures.min_rsa_bits,
                    v => Datum::Number(u64::from(*v)), Datum::Number(n) => u32::try_from(n).ok()),
            ),
        ],
    ],
};

static TRUST: Table = Table {
    name: "[signatures.trust]",
    doc: "where trusted keys come from",
    groups: &[&[key(
        "allowed_signers",
        Kind::File,
        "an OpenSSH allowed signers file",
        optional!(Trust, signatures.allowed_signers, File),
    )]],
};

static SIGNER: Table = Table {
    name: "[[signatures.signer]]",
    doc: "a person or forge and the keys it signs with",
    groups: &[&[
        key("name", Kind::Text, "who it is", None),
        key("emails", Kind::Texts, "addresses that the committer may have", None),
        key("openpgp", Kind::Files, "OpenPGP certificate files", None),
        key("ssh", Kind::SshKeys, "SSH public keys", None),
    ]],
};

static HOOKS: Table = Table {
    name: "[hooks]",
    doc: "the mandatory hook set",
    groups: &[&COMMON, &[key("require", Kind::List(List::Hook), HOOK.doc, None)]],
};

static HOOK: Table = Table {
    name: "[[hooks.require]]",
    doc: "a hook that every repository must run",
    groups: &[&[
        key("id", Kind::Text, "its id in hook configurations", None),
        key("source", Kind::Patterns, "repositories that it may come from, as host/path", None),
        key("min_rev", Kind::Release, "the lowest version", None),
        key("stages", Kind::Choices(&STAGES), "Git hooks in which it must run", None),
    ]],
};

static ALLOW: Table = Table {
    name: "[[allow]]",
    doc: "a reasoned exception",
    groups: &[&[
        key("fingerprint", Kind::Fingerprint, "the finding that is meant", None),
        key("rule", Kind::Text, "with `path`: all findings of this rule there", None),
        key("path", Kind::Globs, "the files that are meant", None),
        key("reason", Kind::Text, "why; required", None),
        key("until", Kind::Date, "the last day on which it holds", None),
    ]],
};

/// One rule under [`Kind::Levels`].
pub static RULE: Table = Table {
    name: "[GUARD.rule.ID]",
    doc: "one rule of a guard",
    groups: &[&[key("level", Kind::Choice(&LEVELS), "how serious its findings are", None)]],
};

static LIMITS: Table = Table {
    name: "[limits]",
    doc: "bounds on what is read; reaching one is reported and blocks",
    groups: &[&[
        key(
            "max_blob",
            Kind::Size,
            "the largest file that is read",
            setting!(Lower, always: false, field = limits.max_blob,
                v => Datum::Number(*v), Datum::Number(n) => Some(n)),
        ),
        key(
            "deadline",
            Kind::Duration,
            "how long a run may take; 0 means for ever",
            setting!(Sooner, always: false, field = limits.deadline,
                v => Datum::Number(*v), Datum::Number(n) => Some(n)),
        ),
    ]],
};

static REPO: Table = Table {
    name: "[[repo]]",
    doc: "what holds for some repositories alone",
    groups: &[&[key("match", Kind::Section(&MATCH), "which repositories", None)], &FAIL_LEVEL, &GUARDS, &REST],
};

static MATCH: Table = Table {
    name: "[repo.match]",
    doc: "which repositories a block is for, by their remotes as host/path",
    groups: &[&[
        key("remote", Kind::Patterns, "one of these", None),
        key("not_remote", Kind::Patterns, "none of these", None),
    ]],
};

/// The top-level keys, sections and lists that `word` may be a key of: `images` for `pin`.
pub(super) fn homes(word: &str) -> impl Iterator<Item = &'static Table> {
    [&ROOT, &SECRETS, &IMAGES, &SIGNATURES, &TRUST, &SIGNER, &HOOKS, &HOOK, &ALLOW, &LIMITS, &MATCH, &RULE]
        .into_iter()
        .filter(move |table| table.key(word).is_some())
}
