//! Sets of small numbers.

use std::sync::atomic::{AtomicU64, Ordering};

/// A set of numbers below a bound; adding takes no exclusive access, so that threads can share it.
#[derive(Default)]
pub(in crate::git) struct Bits(Vec<AtomicU64>);

impl Bits {
    /// The empty set of numbers below `len`.
    pub(in crate::git) fn new(len: usize) -> Self {
        Bits((0..len.div_ceil(64)).map(|_| AtomicU64::new(0)).collect())
    }

    /// Adds a number; whether it was not in the set. Numbers beyond the bound are never in it.
    pub(in crate::git) fn add(&self, n: u32) -> bool {
        let mask = 1 << (n % 64);
        self.0.get(n as usize / 64).is_some_and(|word| word.fetch_or(mask, Ordering::Relaxed) & mask == 0)
    }

    /// Whether a number is in the set.
    pub(in crate::git) fn has(&self, n: u32) -> bool {
        self.0.get(n as usize / 64).is_some_and(|word| word.load(Ordering::Relaxed) >> (n % 64) & 1 == 1)
    }

    /// The numbers in ascending order.
    pub(in crate::git) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().enumerate().flat_map(|(n, word)| {
            let mut rest = word.load(Ordering::Relaxed);
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(n as u32 * 64 + bit)
            })
        })
    }

    /// How many numbers are in the set.
    pub(in crate::git) fn count(&self) -> usize {
        self.0.iter().map(|word| word.load(Ordering::Relaxed).count_ones() as usize).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_what_was_added() {
        let set = Bits::new(130);
        assert!(set.add(129) && set.add(0) && set.add(64) && !set.add(64) && !set.add(500));
        assert!(set.has(64) && !set.has(63) && !set.has(500));
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 64, 129]);
        assert_eq!(set.count(), 3);
    }
}
