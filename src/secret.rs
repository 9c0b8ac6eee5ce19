//! A leaked credential in memory, and the only form of it that may leave the process.
//!
//! [`Secret`] has no `Display` and no `Serialize`; its `Debug` shows a [`Redacted`]. Text for people or
//! machines is made by `report::excerpt`, which masks every known secret in every string that it prints.

use std::fmt;

/// Bytes that were recognised as a credential.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Secret {
    bytes: Box<[u8]>,
    is_word: bool,
}

/// The longest start of a secret that is ever shown, in bytes. Short enough that no output holds eight
/// consecutive bytes of one.
pub const SHOWN_MAX: usize = 6;

impl Secret {
    /// Takes the bytes of a credential.
    pub fn new(bytes: &[u8]) -> Self {
        Secret { bytes: bytes.into(), is_word: false }
    }

    /// Takes a password that may be a mere word, such as `cassandra`. One of letters, `-` and `_` alone is masked at
    /// its own place and stays readable elsewhere: a report whose paths and lines lack the word says nothing.
    pub fn word(bytes: &[u8]) -> Self {
        let is_word = bytes.iter().all(|&b| is_of_word(b));
        Secret { bytes: bytes.into(), is_word }
    }

    /// Whether it is a mere word.
    pub fn is_word(&self) -> bool {
        self.is_word
    }

    /// The credential itself: for hashing, comparing and masking, never for printing.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// How many leading bytes may be shown: enough to recognise the kind, never more than a sixth.
    pub fn shown(&self) -> usize {
        let n = (self.bytes.len() / 6).min(SHOWN_MAX);
        // never half a character, never a control byte
        self.bytes[..n].iter().take_while(|b| b.is_ascii_graphic()).count()
    }

    /// The form that may be printed.
    pub fn redacted(&self) -> Redacted {
        Redacted { shown: self.bytes[..self.shown()].iter().map(|&b| char::from(b)).collect(), len: self.bytes.len() }
    }
}

/// Whether a byte may be part of a mere word.
pub(crate) fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_')
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({})", self.redacted())
    }
}

/// What may be shown of a secret: its first bytes and its length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redacted {
    /// The first bytes, printable ASCII, at most [`SHOWN_MAX`].
    pub shown: String,
    /// The length of the whole secret in bytes.
    pub len: usize,
}

impl fmt::Display for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = (self.len - self.shown.len()).min(32);
        write!(f, "{}{}", self.shown, "*".repeat(masked))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_a_sixth_at_most() {
        assert_eq!(Secret::new(b"hunter2").redacted().to_string(), "h******");
        assert_eq!(Secret::new(b"abc").redacted().to_string(), "***");
        let long = Secret::new(&[b'x'; 400]);
        assert_eq!(long.redacted().to_string(), format!("xxxxxx{}", "*".repeat(32)));
        assert_eq!(Secret::new("ключключключ".as_bytes()).shown(), 0);
        assert_eq!(format!("{long:?}"), format!("Secret({})", long.redacted()));
    }
}
