//! Shannon entropy.

/// Entropy of the bytes of `text` in bits a byte; 0 for an empty one.
pub(crate) fn shannon(text: &[u8]) -> f32 {
    let mut counts = [0u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let len = text.len() as f32;
    let share = |n: u32| n as f32 / len;
    counts.iter().filter(|&&n| n > 0).map(|&n| -share(n) * share(n).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_bits() {
        assert_eq!(shannon(b""), 0.0);
        assert_eq!(shannon(b"aaaa"), 0.0);
        assert_eq!(shannon(b"abcd"), 2.0);
        assert_eq!(shannon(b"aabb"), 1.0);
    }
}
