//! The keys that the policy names, and whose they are.
//!
//! Nothing is read before a signature of its kind has to be checked: most runs see none.

use super::allowed_signers;
use super::certs::Ring;
use super::pattern::PatternList;
use crate::finding::Incomplete;
use crate::policy::{SignaturesPolicy, Signer};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The policy's keys, read on demand.
pub(super) struct Trust<'p> {
    policy: &'p SignaturesPolicy,
    openpgp: OnceLock<Result<Ring<'p>, Incomplete>>,
    ssh: OnceLock<Result<SshKeys<'p>, Incomplete>>,
}

/// SSH keys by their encoding; one key may stand in several places.
#[derive(Debug, Default)]
pub(super) struct SshKeys<'p> {
    entries: HashMap<Vec<u8>, Vec<SshEntry<'p>>>,
    remarks: Vec<String>,
}

/// One place where the policy names an SSH key, and what it says there.
#[derive(Debug)]
pub(super) struct SshEntry<'p> {
    /// The signer's name, or the principals as written.
    pub(super) name: String,
    /// Whom it may sign for.
    pub(super) holder: Holder<'p>,
    /// Whether the key makes certificates, and only those.
    pub(super) authority: bool,
    /// What it may sign; `None`: anything.
    pub(super) namespaces: Option<PatternList>,
    /// First second in which it counts, since 1970.
    pub(super) after: Option<i64>,
    /// Last second in which it counts.
    pub(super) before: Option<i64>,
}

/// How a place in the policy says whom a key may sign for.
#[derive(Debug)]
pub(super) enum Holder<'p> {
    /// `emails` of a signer.
    Emails(&'p [String]),
    /// Principals of an allowed signers file.
    Principals(PatternList),
}

impl Holder<'_> {
    /// Whether it may sign for this address.
    pub(super) fn owns(&self, email: &[u8]) -> bool {
        match self {
            Holder::Emails(emails) => lists(emails, email),
            Holder::Principals(patterns) => patterns.matches(email),
        }
    }
}

/// Whether an address is listed; letters of ASCII in either case.
pub(super) fn lists(emails: &[String], email: &[u8]) -> bool {
    emails.iter().any(|e| e.as_bytes().eq_ignore_ascii_case(email))
}

impl<'p> Trust<'p> {
    /// Of this policy.
    pub(super) fn new(policy: &'p SignaturesPolicy) -> Self {
        Trust { policy, openpgp: OnceLock::new(), ssh: OnceLock::new() }
    }

    /// The OpenPGP certificates.
    ///
    /// # Errors
    /// When a file of the policy holds something else.
    pub(super) fn openpgp(&self) -> Result<&Ring<'p>, Incomplete> {
        self.openpgp.get_or_init(|| self.read_openpgp()).as_ref().map_err(Clone::clone)
    }

    /// The SSH keys.
    ///
    /// # Errors
    /// When a key or a line of the policy cannot be understood.
    pub(super) fn ssh(&self) -> Result<&SshKeys<'p>, Incomplete> {
        self.ssh.get_or_init(|| self.read_ssh()).as_ref().map_err(Clone::clone)
    }

    /// Remarks on keys that were read so far.
    pub(super) fn remarks(&self) -> Vec<String> {
        self.ssh.get().and_then(|keys| keys.as_ref().ok()).map_or_else(Vec::new, |keys| keys.remarks.clone())
    }

    fn read_openpgp(&self) -> Result<Ring<'p>, Incomplete> {
        let mut ring = Ring::default();
        for signer in &self.policy.signers {
            let signer: &'p Signer = &signer.value;
            for file in &signer.openpgp {
                ring.add(signer, &file.bytes).map_err(|why| {
                    Incomplete::new(
                        format!("OpenPGP certificates of signer `{}`", signer.name),
                        format!("{}: {why}", file.name),
                    )
                    .help("the file must hold what `gpg --armor --export FINGERPRINT` prints")
                })?;
            }
        }
        ring.index();
        Ok(ring)
    }

    fn read_ssh(&self) -> Result<SshKeys<'p>, Incomplete> {
        let mut keys = SshKeys::default();
        for signer in &self.policy.signers {
            let signer: &'p Signer = &signer.value;
            for (n, text) in signer.ssh.iter().enumerate() {
                let blob = allowed_signers::parse_key(text.as_bytes()).map_err(|why| {
                    Incomplete::new(format!("SSH keys of signer `{}`", signer.name), format!("key {}: {why}", n + 1))
                        .help("a key is `KIND BASE64 [COMMENT]`, as in a file that ends in `.pub`")
                })?;
                keys.entries.entry(blob).or_default().push(SshEntry {
                    name: signer.name.clone(),
                    holder: Holder::Emails(&signer.emails),
                    authority: false,
                    namespaces: None,
                    after: None,
                    before: None,
                });
            }
        }
        let Some(file) = &self.policy.allowed_signers else { return Ok(keys) };
        let file = &file.value;
        let (lines, remarks) = allowed_signers::parse(&file.bytes).map_err(|bad| {
            Incomplete::new("allowed signers of the policy", format!("{} line {}: {}", file.name, bad.line, bad.why))
                .help("correct the line: OpenSSH does not read on behind it either")
        })?;
        keys.remarks.extend(remarks.into_iter().map(|r| format!("{} {r}", file.name)));
        for line in lines {
            keys.entries.entry(line.key).or_default().push(SshEntry {
                name: line.text,
                holder: Holder::Principals(line.principals),
                authority: line.authority,
                namespaces: line.namespaces,
                after: line.after,
                before: line.before,
            });
        }
        Ok(keys)
    }
}

impl<'p> SshKeys<'p> {
    /// Where the policy names this key, in the order of the policy.
    pub(super) fn places(&self, key: &[u8]) -> &[SshEntry<'p>] {
        self.entries.get(key).map_or(&[], Vec::as_slice)
    }
}
