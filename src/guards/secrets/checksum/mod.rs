//! Checks that tokens carry in themselves. They change the confidence; a bad one never drops a match, as
//! issuers change their formats.

mod aws;
mod bech32;
pub(crate) mod crc32;
mod gitlab;
mod nkey;

use super::compile::schema::Checksum;

/// What a check says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// The token is what its issuer makes.
    Valid,
    /// It is not, or the check is another one.
    Invalid,
    /// Nothing to verify, something to show.
    Shows(String),
    /// The token is of a form that carries none.
    Absent,
}

impl Checksum {
    /// Checks `token`.
    pub(crate) fn verify(self, token: &[u8]) -> Verdict {
        let valid = match self {
            Checksum::Crc32Base62 => crc32::base62(token),
            Checksum::Crc32Hex => crc32::hex(token),
            Checksum::GitlabRoutable => return gitlab::routable(token),
            Checksum::Bech32 => bech32::verify(token),
            Checksum::Nkey => nkey::verify(token),
            Checksum::AwsAccount => {
                return aws::account(token).map_or(Verdict::Absent, |n| Verdict::Shows(format!("account {n:012}")));
            }
        };
        if valid { Verdict::Valid } else { Verdict::Invalid }
    }
}

/// The number that `text` writes in the digits `alphabet`; `None` for another byte or beyond 64 bits.
fn number(text: &[u8], alphabet: &[u8]) -> Option<u64> {
    text.iter().try_fold(0u64, |n, &byte| {
        let digit = memchr::memchr(byte, alphabet)? as u64;
        n.checked_mul(alphabet.len() as u64)?.checked_add(digit)
    })
}
