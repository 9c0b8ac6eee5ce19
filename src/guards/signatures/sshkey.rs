//! SSH public keys: reading one, and checking a signature with it.

use super::rsa;
use super::verdict::{Fault, Verdict};
use super::wire::Reader;
use signature::Verifier;
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg};

/// Kinds of key, and how many fields follow the name in the encoding (RFC 4253, 5656, 8709; PROTOCOL.u2f of
/// OpenSSH).
const KINDS: [(&str, usize); 8] = [
    ("ssh-ed25519", 1),
    ("ssh-rsa", 2),
    ("ssh-dss", 4),
    ("ecdsa-sha2-nistp256", 2),
    ("ecdsa-sha2-nistp384", 2),
    ("ecdsa-sha2-nistp521", 2),
    ("sk-ssh-ed25519@openssh.com", 2),
    ("sk-ecdsa-sha2-nistp256@openssh.com", 3),
];

/// Signature flags of a security key (PROTOCOL.u2f): somebody touched it.
pub(super) const TOUCHED: u8 = 0x01;
/// … and gave the PIN or a fingerprint.
pub(super) const USER_VERIFIED: u8 = 0x04;

/// How many fields a key of this kind has; `None` for an unknown kind.
pub(super) fn fields(kind: &[u8]) -> Option<usize> {
    KINDS.iter().find(|(name, _)| name.as_bytes() == kind).map(|&(_, n)| n)
}

/// A public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Key {
    /// Its encoding, which is what keys are compared by.
    pub(super) blob: Vec<u8>,
    data: KeyData,
}

impl Key {
    /// Reads an encoded key; not a certificate.
    ///
    /// # Errors
    /// [`Verdict::Bad`] where it is damaged, [`Verdict::Unsupported`] where its kind is unknown.
    pub(super) fn parse(blob: &[u8]) -> Result<Self, Fault> {
        let kind = Reader(blob).string().ok_or_else(|| Fault::bad("its public key is damaged"))?;
        if fields(kind).is_none() {
            let kind = String::from_utf8_lossy(kind);
            return Err(Fault::new(Verdict::Unsupported, format!("keys of kind `{kind}` cannot be checked")));
        }
        let key = ssh_key::PublicKey::from_bytes(blob).map_err(|_| Fault::bad("its public key is damaged"))?;
        Ok(Key { blob: blob.to_vec(), data: key.key_data().clone() })
    }

    /// `SHA256:…` as `ssh-keygen -l` prints it.
    pub(super) fn fingerprint(&self) -> String {
        self.data.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Checks an encoded signature over `message`. Gives the flags of a security key.
    ///
    /// # Errors
    /// [`Verdict::Bad`] where it does not verify; [`Verdict::Weak`] or [`Verdict::Unsupported`] where that
    /// cannot be told or would mean nothing.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<Option<u8>, Fault> {
        let damaged = || Fault::bad("its signature blob is damaged");
        let mut reader = Reader(signature);
        let name = reader.string().ok_or_else(damaged)?;
        let mut bytes = reader.string().ok_or_else(damaged)?.to_vec();
        self.check_algorithm(name)?;
        let mut flags = None;
        if matches!(self.data, KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_)) {
            // flags and a counter of 32 bits, both signed
            let trailer = reader.take(5).ok_or_else(damaged)?;
            bytes.extend_from_slice(trailer);
            flags = trailer.first().copied();
        }
        if !reader.is_empty() {
            return Err(damaged());
        }
        let algorithm = std::str::from_utf8(name).ok().and_then(|n| Algorithm::new(n).ok()).ok_or_else(damaged)?;
        let signature = ssh_key::Signature::new(algorithm, bytes).map_err(|_| damaged())?;
        self.data.verify(message, &signature).map_err(|_| Fault::bad("it does not match what is signed"))?;
        Ok(flags)
    }

    /// Asks the policy's minimum of an RSA key.
    ///
    /// # Errors
    /// [`Verdict::Weak`] where it is smaller than `min_rsa_bits`.
    pub(super) fn check_strength(&self, min_rsa_bits: usize) -> Result<(), Fault> {
        match self.data.rsa() {
            Some(key) => rsa::check_minimum(key.n.as_bytes(), min_rsa_bits),
            None => Ok(()),
        }
    }

    /// Whether a key of this kind makes signatures of that name.
    fn check_algorithm(&self, name: &[u8]) -> Result<(), Fault> {
        let good = match &self.data {
            KeyData::Dsa(_) => return Err(Fault::new(Verdict::Weak, "it was made with DSA")),
            KeyData::Rsa(key) => {
                rsa::check_size(key.n.as_bytes(), key.e.as_bytes())?;
                if name == b"ssh-rsa" {
                    return Err(Fault::new(Verdict::Weak, "it was made with RSA over SHA-1"));
                }
                matches!(name, b"rsa-sha2-256" | b"rsa-sha2-512")
            }
            KeyData::SkEcdsaSha2NistP256(_) if name.starts_with(b"webauthn-") => {
                return Err(Fault::new(Verdict::Unsupported, "signatures made by a browser cannot be checked"));
            }
            other => other.algorithm().as_str().as_bytes() == name,
        };
        if good { Ok(()) } else { Err(Fault::bad("its algorithm is not one of its key's")) }
    }
}
