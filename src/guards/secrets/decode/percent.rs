//! Percent-encoding, as in URLs and forms.

use super::unit::{Unit, hex_digit};

/// The byte that the escape at `at` stands for.
pub(super) fn escaped(text: &[u8], at: usize) -> Option<u8> {
    match text.get(at..at + 3)? {
        [b'%', high, low] => u8::try_from(hex_digit(*high)? << 4 | hex_digit(*low)?).ok(),
        _ => None,
    }
}

/// One byte, escaped or not.
pub(super) fn unit(text: &[u8], at: usize) -> Unit {
    match escaped(text, at) {
        Some(byte) => Unit::whole(&[byte], at, at + 3),
        None => Unit::literal(text, at),
    }
}
