//! The values without any policy: gitward is useful at once and asks for nothing that a repository does
//! not have. What is not listed here is the type's own default, such as [`Require::Off`].
//!
//! [`Require::Off`]: super::Require::Off

use super::{Limits, RuleSource, SecretsPolicy, SignaturesPolicy, Value};
use crate::finding::Confidence;

/// A day: clocks of developers' machines differ by hours where a time zone is set wrong.
const MAX_SKEW: u64 = 24 * 60 * 60;

/// NIST SP 800-57 part 1 revision 5, table 2: 2048 bits are the least that is still acceptable.
const MIN_RSA_BITS: u32 = 2048;

/// 256 MiB: above every source file, below what exhausts a build machine's memory.
const MAX_BLOB: u64 = 256 << 20;

impl Default for SecretsPolicy {
    fn default() -> Self {
        SecretsPolicy {
            common: Default::default(),
            rules: Value::default(vec![RuleSource::Builtin]),
            min_confidence: Value::default(Confidence::Medium),
            archives: Value::default(false),
        }
    }
}

impl Default for SignaturesPolicy {
    fn default() -> Self {
        SignaturesPolicy {
            common: Default::default(),
            require: Value::default(Default::default()),
            refs: Value::default(Vec::new()),
            signers: Vec::new(),
            allowed_signers: None,
            max_skew: Value::default(MAX_SKEW),
            min_rsa_bits: Value::default(MIN_RSA_BITS),
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Limits { max_blob: Value::default(MAX_BLOB), deadline: Value::default(0) }
    }
}
