//! OpenPGP certificates of the policy, found by the ids of all their keys.

use crate::policy::Signer;
use sequoia_openpgp::cert::{Cert, CertParser};
use sequoia_openpgp::parse::Parse;
use sequoia_openpgp::{Fingerprint, KeyHandle, KeyID};
use std::collections::HashMap;

const BEGIN: &[u8] = b"-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &[u8] = b"-----END PGP PUBLIC KEY BLOCK-----";

/// A certificate and the signers that hold it.
pub(super) struct Held<'p> {
    /// Everything that the policy's files say of it.
    pub(super) cert: Cert,
    /// In the order of the policy; never empty.
    pub(super) signers: Vec<&'p Signer>,
}

/// All certificates.
#[derive(Default)]
pub(super) struct Ring<'p> {
    held: Vec<Held<'p>>,
    by_cert: HashMap<Fingerprint, usize>,
    by_key: HashMap<KeyID, Vec<usize>>,
}

impl<'p> Ring<'p> {
    /// Adds the certificates of a file. What several files say of one certificate, such as a revocation, is
    /// taken together.
    ///
    /// # Errors
    /// Says what is wrong with the file.
    pub(super) fn add(&mut self, signer: &'p Signer, file: &[u8]) -> Result<(), String> {
        for cert in read(file)? {
            let fingerprint = cert.fingerprint();
            let Some(held) = self.by_cert.get(&fingerprint).and_then(|&n| self.held.get_mut(n)) else {
                self.by_cert.insert(fingerprint, self.held.len());
                self.held.push(Held { cert, signers: vec![signer] });
                continue;
            };
            held.cert = held.cert.clone().merge_public(cert).map_err(|e| e.to_string())?;
            if !held.signers.iter().any(|s| std::ptr::eq(*s, signer)) {
                held.signers.push(signer);
            }
        }
        Ok(())
    }

    /// Makes the certificates findable; called once, after the last [`Ring::add`].
    pub(super) fn index(&mut self) {
        for (n, held) in self.held.iter().enumerate() {
            for key in held.cert.keys() {
                let at = self.by_key.entry(key.key().keyid()).or_default();
                if at.last() != Some(&n) {
                    at.push(n);
                }
            }
        }
    }

    /// Certificates with a key that may be meant by this id or fingerprint.
    pub(super) fn with_key(&self, handle: &KeyHandle) -> impl Iterator<Item = &Held<'p>> {
        self.by_key.get(&KeyID::from(handle)).into_iter().flatten().filter_map(|&n| self.held.get(n))
    }
}

/// The certificates of a file: armored blocks one after the other, or binary.
fn read(file: &[u8]) -> Result<Vec<Cert>, String> {
    let mut certs = Vec::new();
    let mut rest = file;
    let mut armored = false;
    while let Some(start) = memchr::memmem::find(rest, BEGIN) {
        armored = true;
        let block = rest.get(start..).unwrap_or_default();
        let end = memchr::memmem::find(block, END).ok_or("the last line of a key block is missing")? + END.len();
        let (block, after) = block.split_at_checked(end).unwrap_or((block, b""));
        parse(block, &mut certs)?;
        rest = after;
    }
    if !armored {
        parse(file, &mut certs)?;
    }
    if certs.is_empty() {
        return Err("holds no OpenPGP certificate".into());
    }
    Ok(certs)
}

fn parse(block: &[u8], certs: &mut Vec<Cert>) -> Result<(), String> {
    for cert in CertParser::from_bytes(block).map_err(|e| e.to_string())? {
        let cert = cert.map_err(|e| e.to_string())?;
        if cert.is_tsk() {
            return Err("holds a secret key: remove it and export the public one".into());
        }
        certs.push(cert);
    }
    Ok(())
}
