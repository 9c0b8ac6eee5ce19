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

    /// Whether it looks at what stands behind a secret, however far.
    pub(crate) fn reads_on(self, secret: &[u8]) -> bool {
        match self {
            Validator::PemPrivateKey | Validator::Jwt => true,
            Validator::AnyToken => jwt::has_form(secret),
            Validator::DerPrivateKey | Validator::BasicAuth | Validator::NotPlaceholder => false,
        }
    }

    /// Judges the part `span` of `text`.
    pub(crate) fn judge(self, text: &[u8], span: Span) -> Verdict {
        match self {
            Validator::PemPrivateKey => pem::judge(text, span),
            Validator::DerPrivateKey => der::judge(span.of(text)),
            Validator::Jwt => jwt::judge(text, span),
            Validator::AnyToken if jwt::has_form(span.of(text)) => jwt::judge(text, span),
            Validator::AnyToken => Verdict::Keep,
            Validator::BasicAuth => basic::judge(span.of(text)),
            // always asked, before the others
            Validator::NotPlaceholder => Verdict::Keep,
        }
    }
}
