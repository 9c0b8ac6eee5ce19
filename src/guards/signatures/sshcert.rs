//! OpenSSH certificates (PROTOCOL.certkeys of OpenSSH).
//!
//! Read here and not by `ssh-key`, which refuses a certificate without an end of validity and encodes what the
//! authority signed anew instead of taking it as it stands.

use super::sshkey::{Key, fields};
use super::verdict::Fault;
use super::wire::{Reader, put_string};

/// What the name of a certificate's kind ends in.
const SUFFIX: &[u8] = b"-cert-v01@openssh.com";
/// The type number of a user's certificate; 2 is a host's.
pub(super) const USER: u32 = 1;

/// A certificate.
#[derive(Clone, Debug)]
pub(super) struct Certificate<'a> {
    /// The key that it is about.
    pub(super) key: Key,
    /// User or host.
    pub(super) kind: u32,
    /// Names that the key may use.
    pub(super) principals: Vec<&'a [u8]>,
    /// First second of validity, since 1970.
    pub(super) valid_after: u64,
    /// One past the last second; the largest number: never.
    pub(super) valid_before: u64,
    /// Names of the options that must be understood.
    pub(super) critical: Vec<&'a [u8]>,
    /// The authority's key.
    pub(super) authority: Key,
    signed: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Certificate<'a> {
    /// Reads an encoded certificate; `None` where `blob` is of another kind.
    ///
    /// # Errors
    /// As [`Key::parse`], of either key.
    pub(super) fn parse(blob: &'a [u8]) -> Result<Option<Self>, Fault> {
        let damaged = || Fault::bad("its certificate is damaged");
        let mut reader = Reader(blob);
        let Some(name) = reader.string() else { return Ok(None) };
        // the kinds of security keys carry their vendor in front of the suffix only in the plain name
        let Some(stem) = name.strip_suffix(SUFFIX) else { return Ok(None) };
        let plain = if stem.starts_with(b"sk-") { [stem, b"@openssh.com"].concat() } else { stem.to_vec() };
        let count = fields(&plain).ok_or_else(|| Fault::bad("its certificate is of an unknown kind"))?;
        let parts = Self::parts(blob, reader, &plain, count).ok_or_else(damaged)?;
        Ok(Some(Certificate {
            key: Key::parse(&parts.key)?,
            kind: parts.kind,
            principals: parts.principals,
            valid_after: parts.valid_after,
            valid_before: parts.valid_before,
            critical: parts.critical,
            authority: Key::parse(parts.authority)?,
            signed: parts.signed,
            signature: parts.signature,
        }))
    }

    /// Whether the authority made it.
    ///
    /// # Errors
    /// As [`Key::verify`].
    pub(super) fn verify(&self) -> Result<(), Fault> {
        self.authority
            .verify(self.signed, self.signature)
            .map(drop)
            .map_err(|f| Fault::new(f.verdict, format!("its certificate: {}", f.detail)))
    }

    fn parts(blob: &'a [u8], mut reader: Reader<'a>, plain: &[u8], count: usize) -> Option<Parts<'a>> {
        let _nonce = reader.string()?;
        let mut key = Vec::new();
        put_string(&mut key, plain);
        for _ in 0..count {
            put_string(&mut key, reader.string()?);
        }
        let _serial = reader.u64()?;
        let kind = reader.u32()?;
        let _key_id = reader.string()?;
        let mut names = Reader(reader.string()?);
        let mut principals = Vec::new();
        while !names.is_empty() {
            principals.push(names.string()?);
        }
        let (valid_after, valid_before) = (reader.u64()?, reader.u64()?);
        let mut options = Reader(reader.string()?);
        let mut critical = Vec::new();
        while !options.is_empty() {
            critical.push(options.string()?);
            let _value = options.string()?;
        }
        let _extensions = reader.string()?;
        let _reserved = reader.string()?;
        let authority = reader.string()?;
        let signed = blob.get(..blob.len().checked_sub(reader.0.len())?)?;
        let signature = reader.string()?;
        let whole = reader.is_empty();
        whole.then_some(Parts {
            key,
            kind,
            principals,
            valid_after,
            valid_before,
            critical,
            authority,
            signed,
            signature,
        })
    }
}

/// The fields of a certificate, keys still encoded.
struct Parts<'a> {
    key: Vec<u8>,
    kind: u32,
    principals: Vec<&'a [u8]>,
    valid_after: u64,
    valid_before: u64,
    critical: Vec<&'a [u8]>,
    authority: &'a [u8],
    signed: &'a [u8],
    signature: &'a [u8],
}
