//! Checks of a match that may drop it: what decodes to nothing, or to a dummy, is no credential.

mod basic;
mod der;
mod jwt;
mod pem;
pub(crate) mod placeholder;

use super::compile::schema::Validator;
use crate::finding::Span;

/// What a check says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Verdict {
    /// As it seems.
    Keep,
    /// A credential of less use to a thief, for this reason.
    Lower(&'static str),
    /// No credential.
    Drop,
}

impl Validator {
    /// Whether it reads the bytes of a key, so that their look says nothing.
    pub(crate) fn reads_structure(self) -> bool {
        matches!(self, Validator::PemPrivateKey | Validator::DerPrivateKey)
    }

    /// Judges the part `span` of `text`.
    pub(crate) fn judge(self, text: &[u8], span: Span) -> Verdict {
        match self {
            Validator::PemPrivateKey => pem::judge(text, span),
            Validator::DerPrivateKey => der::judge(span.of(text)),
            Validator::Jwt => jwt::judge(text, span),
            Validator::BasicAuth => basic::judge(span.of(text)),
            // always asked, before the others
            Validator::NotPlaceholder => Verdict::Keep,
        }
    }
}
