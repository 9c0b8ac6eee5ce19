//! X.509 signatures: recognised, not checked.

use super::backend::{Backend, Context};
use super::verdict::{Assessment, Verdict};
use crate::finding::Incomplete;

/// Says that it cannot check.
pub(super) struct X509;

impl Backend for X509 {
    fn verify(&self, _: &[u8], _: &[u8], _: &Context<'_>) -> Result<Assessment, Incomplete> {
        Ok(Assessment::new(Verdict::Unsupported, "X.509 signatures cannot be checked yet"))
    }
}
