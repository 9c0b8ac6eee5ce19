//! What is asked of RSA keys before any arithmetic, whichever format brings them.

use super::verdict::{Fault, Verdict};

/// Below this a modulus can be factored: NIST SP 800-131A disallows it. No policy goes lower.
pub(super) const MIN_BITS: usize = 2048;
/// The largest modulus and exponent that the `rsa` crate takes.
const MAX_BITS: usize = 4096;
const MAX_EXPONENT_BITS: usize = 33;

/// Looks at a modulus and an exponent, both big-endian.
///
/// # Errors
/// [`Verdict::Weak`] for a modulus that is too small, [`Verdict::Unsupported`] for numbers too large to compute
/// with: without this test either would look like a bad signature.
pub(super) fn check_size(modulus: &[u8], exponent: &[u8]) -> Result<(), Fault> {
    let bits = bits(modulus);
    if bits < MIN_BITS {
        return Err(Fault::new(Verdict::Weak, format!("its RSA key has {bits} bits")));
    }
    if bits > MAX_BITS || self::bits(exponent) > MAX_EXPONENT_BITS {
        return Err(Fault::new(
            Verdict::Unsupported,
            format!(
                "its RSA key has {bits} bits or a large exponent; {MAX_BITS} bits are the most that can be checked"
            ),
        ));
    }
    Ok(())
}

/// Compares with what the policy demands; asked once the signature is known to verify.
///
/// # Errors
/// [`Verdict::Weak`] where the key is smaller.
pub(super) fn check_minimum(modulus: &[u8], min_bits: usize) -> Result<(), Fault> {
    let bits = bits(modulus);
    if bits < min_bits {
        let why = format!("its RSA key has {bits} bits, the policy asks for {min_bits}");
        return Err(Fault::new(Verdict::Weak, why));
    }
    Ok(())
}

/// The length of a big-endian number in bits, leading zeros not counted.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|&&b| b == 0).count();
    let first = number.get(zeros).map_or(0, |b| b.leading_zeros() as usize);
    ((number.len() - zeros) * 8) - first
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bits() {
        assert_eq!(bits(&[]), 0);
        assert_eq!(bits(&[0, 0]), 0);
        assert_eq!(bits(&[0, 1, 0]), 9);
        assert_eq!(bits(&[0x80; 256]), 2048);
        let verdict = |n: usize, e: &[u8]| check_size(&vec![0xff; n], e).err().map(|f| f.verdict);
        assert_eq!(verdict(128, &[1, 0, 1]), Some(Verdict::Weak));
        assert_eq!(verdict(256, &[1, 0, 1]), None);
        assert_eq!(verdict(1024, &[1, 0, 1]), Some(Verdict::Unsupported));
        assert_eq!(verdict(256, &[1; 9]), Some(Verdict::Unsupported));
        assert!(check_minimum(&[0xff; 256], 3072).is_err());
    }
}
