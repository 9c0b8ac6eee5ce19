//! The shape of what checks one kind of signature.

use super::verdict::Assessment;
use crate::finding::Incomplete;

/// What a signature is checked against, beside the keys.
#[derive(Clone, Copy, Debug)]
pub(super) struct Context<'a> {
    /// The committer's or tagger's e-mail address, as claimed; any bytes.
    pub(super) email: &'a [u8],
    /// The committer's or tagger's time, as claimed: seconds since 1970.
    pub(super) time: i64,
    /// The time of the check: seconds since 1970.
    pub(super) now: i64,
    /// The largest difference between a signature's own time and `time`, in seconds.
    pub(super) max_skew: u64,
    /// The smallest RSA modulus, in bits.
    pub(super) min_rsa_bits: usize,
}

/// Checks signatures of one kind.
pub(super) trait Backend {
    /// Checks `signature`, at most [`super::armor::MAX`] bytes that start with the kind's armor line, over
    /// `payload`. Checks run in the order that the guard's documentation gives; the first to fail decides.
    ///
    /// # Errors
    /// When the policy's keys cannot be read. A signature of any shape is no error.
    fn verify(&self, payload: &[u8], signature: &[u8], context: &Context<'_>) -> Result<Assessment, Incomplete>;
}
