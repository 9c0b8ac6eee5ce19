//! The effective policy as typed values.

use crate::finding::{Confidence, Fingerprint, GuardId, Label, Level, Position, Span};
use globset::GlobSet;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a value was set.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SetBy {
    /// Built in.
    #[default]
    Default,
    /// A preset named by `extends`.
    Preset(&'static str),
    /// A file: index into [`Policy::files`], and the bytes of the value in it.
    File(usize, Span),
    /// The command line or environment; the option's or variable's name.
    Option(&'static str),
}

/// A value and where it was set.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Value<T> {
    /// The value.
    pub value: T,
    /// Where it was set.
    pub by: SetBy,
}

impl<T> Value<T> {
    /// A value that stands in a file.
    pub fn new(value: T, by: SetBy) -> Self {
        Value { value, by }
    }

    /// A built-in value.
    pub fn default(value: T) -> Self {
        Value { value, by: SetBy::Default }
    }
}

/// Which layer a policy file belongs to, strongest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Layer {
    /// The organisation's: `--policy`, `GITWARD_POLICY`, Git's system or global configuration, the system file.
    Org,
    /// The repository's `.gitward.toml`.
    Repo,
}

/// A policy file that was read.
#[derive(Clone, Debug)]
pub struct PolicyFile {
    /// Its name as people know it.
    pub name: String,
    /// Its layer.
    pub layer: Layer,
    /// Its text, for labels.
    pub text: Arc<str>,
}

/// The effective policy.
#[derive(Clone, Debug, Default)]
pub struct Policy {
    /// From this level on a finding blocks.
    pub fail_level: Value<Level>,
    /// The secrets guard.
    pub secrets: SecretsPolicy,
    /// The images guard.
    pub images: ImagesPolicy,
    /// The signatures guard.
    pub signatures: SignaturesPolicy,
    /// The hooks guard.
    pub hooks: HooksPolicy,
    /// Reasoned exceptions.
    pub allow: Vec<Value<Allow>>,
    /// Bounds on what is read.
    pub limits: Limits,
    /// Every file that took part, in the order of their strength.
    pub files: Vec<PolicyFile>,
    /// Remarks, such as a weaker value of the repository that was ignored.
    pub notices: Vec<String>,
}

impl Policy {
    /// What all guards have, of one of them; `None` for the run itself, which has no section.
    pub fn common(&self, guard: GuardId) -> Option<&GuardPolicy> {
        match guard {
            GuardId::Secrets => Some(&self.secrets.common),
            GuardId::Images => Some(&self.images.common),
            GuardId::Signatures => Some(&self.signatures.common),
            GuardId::Hooks => Some(&self.hooks.common),
            GuardId::Run => None,
        }
    }

    pub(super) fn common_mut(&mut self, guard: GuardId) -> Option<&mut GuardPolicy> {
        match guard {
            GuardId::Secrets => Some(&mut self.secrets.common),
            GuardId::Images => Some(&mut self.images.common),
            GuardId::Signatures => Some(&mut self.signatures.common),
            GuardId::Hooks => Some(&mut self.hooks.common),
            GuardId::Run => None,
        }
    }

    /// Where a value was set, as people write it: `default`, `preset strict`, `FILE:LINE:COLUMN`, `--option`.
    pub fn origin(&self, by: SetBy) -> String {
        match by {
            SetBy::Default => "default".to_owned(),
            SetBy::Preset(name) => format!("preset {name}"),
            SetBy::Option(name) => name.to_owned(),
            SetBy::File(index, span) => match self.files.get(index) {
                Some(file) => {
                    let at = Position::new(file.text.as_bytes(), span);
                    format!("{}:{}:{}", file.name, at.line, at.column)
                }
                None => "unknown".to_owned(),
            },
        }
    }

    /// A label at the place where a value was set; `None` for built-in values and options.
    pub fn label(&self, by: SetBy, message: impl Into<String>) -> Option<Label> {
        let SetBy::File(file, span) = by else { return None };
        let file = self.files.get(file)?;
        Some(Label {
            file: file.name.clone(),
            position: Position::new(file.text.as_bytes(), span),
            message: message.into(),
        })
    }
}

/// What every guard's section can say.
#[derive(Clone, Debug, Default)]
pub struct GuardPolicy {
    /// Whether the guard runs at all (`enabled = false`).
    pub disabled: Value<bool>,
    /// A level for each rule that a policy names: `[GUARD.rule.ID] level = …`, by the rule's id. Where an
    /// alias was written, the id stands here, so that two layers cannot miss each other.
    pub levels: BTreeMap<String, Value<Level>>,
    /// Paths that the guard leaves alone: `exclude = ["vendor/**"]`.
    pub exclude: Value<Globs>,
}

/// Path globs: the patterns as written and the compiled set.
#[derive(Clone, Debug, Default)]
pub struct Globs {
    /// As written.
    pub patterns: Vec<String>,
    /// Compiled: `*` stops at `/`, `**` does not.
    pub set: GlobSet,
}

impl PartialEq for Globs {
    fn eq(&self, other: &Self) -> bool {
        self.patterns == other.patterns
    }
}

impl Eq for Globs {}

/// `[secrets]`
#[derive(Clone, Debug)]
pub struct SecretsPolicy {
    /// What all guards have.
    pub common: GuardPolicy,
    /// `rules`: `"default"` and rule files, relative to the policy file that names them.
    pub rules: Value<Vec<RuleSource>>,
    /// `min_confidence`: findings below it are not reported.
    pub min_confidence: Value<Confidence>,
    /// `archives`: whether the files in archives are looked at.
    pub archives: Value<bool>,
}

/// One entry of `secrets.rules`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RuleSource {
    /// `"default"`: the built-in rules.
    Builtin,
    /// A rule file, read already: its name as people know it, and its text.
    File {
        /// As written in the policy.
        name: String,
        /// The content.
        text: Arc<str>,
    },
    /// A configuration of gitleaks, read already with what it extends.
    Gitleaks {
        /// The file's name, or the variable that holds it.
        name: String,
        /// The content.
        text: Arc<str>,
        /// Names and contents of the files that it extends, and that these extend.
        extends: Vec<(String, Arc<str>)>,
    },
}

/// How far an image reference must be pinned. The order is the order of strictness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Pin {
    /// Not at all.
    #[default]
    None,
    /// A tag other than `latest`.
    Tag,
    /// A digest.
    Digest,
}

impl Pin {
    /// Every value, weakest first.
    pub const ALL: [Pin; 3] = [Pin::None, Pin::Tag, Pin::Digest];

    /// The name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Pin::None => "none",
            Pin::Tag => "tag",
            Pin::Digest => "digest",
        }
    }

    /// The value of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.name() == name)
    }
}

/// `[images]`
#[derive(Clone, Debug, Default)]
pub struct ImagesPolicy {
    /// What all guards have.
    pub common: GuardPolicy,
    /// `registries`: patterns of allowed images, on the fully qualified name; `None`: not asked.
    pub registries: Option<Value<Vec<String>>>,
    /// `final_base`: patterns of allowed bases of the final stage; `None`: not asked.
    pub final_base: Option<Value<Vec<String>>>,
    /// `multi_stage`: a Dockerfile must have several stages, and the final one must not be a build stage.
    pub multi_stage: Value<bool>,
    /// `pin`
    pub pin: Value<Pin>,
}

/// How much is asked of signatures. The order is the order of strictness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Require {
    /// Nothing is asked; a signature that is there and bad is refused all the same.
    #[default]
    Off,
    /// There must be one.
    Present,
    /// It must verify with a known key.
    Valid,
    /// It must verify with a key that the policy trusts for the committer.
    Trusted,
}

impl Require {
    /// Every value, weakest first.
    pub const ALL: [Require; 4] = [Require::Off, Require::Present, Require::Valid, Require::Trusted];

    /// The name in policies.
    pub fn name(self) -> &'static str {
        match self {
            Require::Off => "off",
            Require::Present => "present",
            Require::Valid => "valid",
            Require::Trusted => "trusted",
        }
    }

    /// The value of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// `[signatures]`
#[derive(Clone, Debug)]
pub struct SignaturesPolicy {
    /// What all guards have.
    pub common: GuardPolicy,
    /// `require`
    pub require: Value<Require>,
    /// `refs`: globs of refs that it is asked of, on the server; empty: all.
    pub refs: Value<Vec<String>>,
    /// `[[signatures.signer]]`
    pub signers: Vec<Value<Signer>>,
    /// `[signatures.trust] allowed_signers`: an OpenSSH allowed signers file, read already.
    pub allowed_signers: Option<Value<KeyFile>>,
    /// `max_skew`: largest difference between signature time and committer time, in seconds.
    pub max_skew: Value<u64>,
    /// `min_rsa_bits`
    pub min_rsa_bits: Value<u32>,
}

impl SignaturesPolicy {
    /// Whether signatures are asked of commits that this ref gains (`refs/heads/main`); `*` stops at `/`.
    pub fn covers(&self, refname: &[u8]) -> bool {
        let name = String::from_utf8_lossy(refname);
        let matches = |pattern: &String| {
            let glob = globset::GlobBuilder::new(pattern).literal_separator(true).build();
            // a pattern that cannot be read protects everything
            glob.map_or(true, |g| g.compile_matcher().is_match(name.as_ref()))
        };
        self.refs.value.is_empty() || self.refs.value.iter().any(matches)
    }
}

/// A key file that a policy names, read already.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFile {
    /// As written in the policy.
    pub name: String,
    /// The content.
    pub bytes: Arc<[u8]>,
}

/// `[[signatures.signer]]`: a person or forge and what it may sign.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Signer {
    /// `name`
    pub name: String,
    /// `emails`: addresses that the committer may have.
    pub emails: Vec<String>,
    /// `openpgp`: certificate files.
    pub openpgp: Vec<KeyFile>,
    /// `ssh`: public keys as in `authorized_keys`.
    pub ssh: Vec<String>,
}

/// `[hooks]`
#[derive(Clone, Debug, Default)]
pub struct HooksPolicy {
    /// What all guards have.
    pub common: GuardPolicy,
    /// `[[hooks.require]]`
    pub require: Vec<Value<RequiredHook>>,
}

/// `[[hooks.require]]`: a hook that every repository must run.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct RequiredHook {
    /// `id`: as in a hook configuration.
    pub id: String,
    /// `source`: where it may come from (`host/path`), empty: anywhere.
    pub source: Vec<String>,
    /// `min_rev`: the lowest version tag.
    pub min_rev: Option<String>,
    /// `stages`: Git hooks in which it must run; empty: any.
    pub stages: Vec<String>,
}

/// `[[allow]]`: a reasoned exception.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Allow {
    /// `fingerprint`
    pub fingerprint: Option<Fingerprint>,
    /// `rule`: with `path`, all findings of a rule in these files.
    pub rule: Option<String>,
    /// `path`: globs.
    pub path: Option<Globs>,
    /// `reason`: never empty.
    pub reason: String,
    /// `until`: the last day on which it holds.
    pub until: Option<jiff::civil::Date>,
    /// Which layer grants it: a repository cannot except a `forbid` finding, nobody can.
    pub layer: Layer,
}

/// `[limits]`
#[derive(Clone, Debug)]
pub struct Limits {
    /// `max_blob`: a larger blob is not read, which is reported, in bytes.
    pub max_blob: Value<u64>,
    /// `deadline`: seconds after which a run stops and says that it is incomplete; 0: none.
    pub deadline: Value<u64>,
}
