//! The kinds of signature, told apart as Git does: by how the first line begins.

/// A kind of signature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Format {
    /// OpenPGP (RFC 4880, RFC 9580).
    OpenPgp,
    /// OpenSSH's SSHSIG.
    Ssh,
    /// CMS with X.509 certificates (RFC 5652).
    X509,
}

/// Armor lines and what they announce; `gpg-interface.c` of Git knows the same four.
const STARTS: [(&[u8], Format); 4] = [
    (b"-----BEGIN PGP SIGNATURE-----", Format::OpenPgp),
    (b"-----BEGIN PGP MESSAGE-----", Format::OpenPgp),
    (b"-----BEGIN SSH SIGNATURE-----", Format::Ssh),
    (b"-----BEGIN SIGNED MESSAGE-----", Format::X509),
];

impl Format {
    /// The name in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Format::OpenPgp => "openpgp",
            Format::Ssh => "ssh",
            Format::X509 => "x509",
        }
    }

    /// The kind of a text that begins with an armor line.
    pub(super) fn of(signature: &[u8]) -> Option<Self> {
        STARTS.iter().find(|(start, _)| signature.starts_with(start)).map(|&(_, format)| format)
    }
}
