//! The SSHSIG format (PROTOCOL.sshsig of OpenSSH).

use super::verdict::{Fault, Verdict};
use super::wire::{Reader, put_string};
use super::{armor, base64};
use sha2::{Digest, Sha256, Sha512};

/// What the blob and the signed bytes begin with.
const MAGIC: &[u8] = b"SSHSIG";
/// The only version there is.
const VERSION: u32 = 1;
/// The namespace that Git signs in.
pub(super) const NAMESPACE: &[u8] = b"git";

/// A signature, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct SshSig {
    /// The encoded key or certificate.
    pub(super) key: Vec<u8>,
    /// The encoded signature over [`SshSig::signed_bytes`].
    pub(super) signature: Vec<u8>,
    reserved: Vec<u8>,
    hash: Hash,
}

/// How the payload is hashed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Hash {
    Sha256,
    Sha512,
}

impl SshSig {
    /// Reads an armored signature.
    ///
    /// # Errors
    /// [`Verdict::Bad`] or [`Verdict::Multiple`] where it is not exactly one, or was not made for Git;
    /// [`Verdict::Unsupported`] for another version of the format.
    pub(super) fn parse(armored: &[u8]) -> Result<Self, Fault> {
        let blob = base64::decode(armor::body(armored)?).ok_or_else(|| Fault::bad("its base 64 is damaged"))?;
        let mut reader = Reader(&blob);
        let magic = reader.take(MAGIC.len());
        let version = reader.u32().filter(|_| magic == Some(MAGIC));
        match version {
            Some(VERSION) => {}
            Some(n) => return Err(Fault::new(Verdict::Unsupported, format!("version {n} of the format is unknown"))),
            None => return Err(Fault::bad("its armor holds no SSH signature")),
        }
        Self::fields(reader)?.ok_or_else(|| Fault::bad("its blob is damaged"))
    }

    /// The bytes that the key has signed for this payload.
    pub(super) fn signed_bytes(&self, payload: &[u8]) -> Vec<u8> {
        let (name, digest): (&[u8], Vec<u8>) = match self.hash {
            Hash::Sha256 => (b"sha256", Sha256::digest(payload).to_vec()),
            Hash::Sha512 => (b"sha512", Sha512::digest(payload).to_vec()),
        };
        let mut signed = MAGIC.to_vec();
        for part in [NAMESPACE, &self.reserved, name, &digest] {
            put_string(&mut signed, part);
        }
        signed
    }

    fn fields(mut reader: Reader<'_>) -> Result<Option<Self>, Fault> {
        let mut next = || reader.string();
        let (Some(key), Some(namespace), Some(reserved)) = (next(), next(), next()) else { return Ok(None) };
        let (Some(hash), Some(signature)) = (next(), next()) else { return Ok(None) };
        if !reader.is_empty() {
            return Ok(None);
        }
        if namespace != NAMESPACE {
            let namespace = String::from_utf8_lossy(namespace);
            return Err(Fault::bad(format!("it was made in the namespace `{namespace}`, not `git`")));
        }
        let hash = match hash {
            b"sha256" => Hash::Sha256,
            b"sha512" => Hash::Sha512,
            _ => return Err(Fault::bad("its hash is neither sha256 nor sha512")),
        };
        Ok(Some(SshSig { key: key.to_vec(), signature: signature.to_vec(), reserved: reserved.to_vec(), hash }))
    }
}
