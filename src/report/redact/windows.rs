//! A set of windows of secrets, for one question a byte of text.

use super::{WINDOW, word};
use std::hash::{BuildHasher, Hasher, RandomState};

/// Windows of [`WINDOW`] bytes, as big-endian numbers: an open-addressed table, at most three quarters full.
///
/// It holds 32 bits of each hash, which with those that tell the place are 42 or more: half the memory of the windows,
/// and large keys make many. A window that is not in the set passes for one that is once in millions of questions, and
/// a few bytes more are masked.
#[derive(Default)]
pub(super) struct Windows {
    /// Zero where there is none; empty for the empty set.
    slots: Vec<u32>,
    /// Odd and another one in each run, so that no text can be made that fills one part of the table alone.
    factor: u64,
    /// Of a hash, the bits that are no slot.
    shift: u32,
    len: usize,
}

/// Bits of a hash below those that are kept: they depend on few of the window's.
const LOW: u32 = 20;

impl Windows {
    /// The set of `all`, which may repeat themselves.
    pub(super) fn of(all: &[u64]) -> Self {
        if all.is_empty() {
            return Windows::default();
        }
        let size = (all.len() + all.len() / 3 + 1).next_power_of_two();
        let factor = RandomState::new().build_hasher().finish() | 1;
        let mut made = Windows { slots: vec![0; size], factor, shift: u64::BITS - size.trailing_zeros(), len: 0 };
        for &window in all {
            made.insert(window);
        }
        made
    }

    fn insert(&mut self, window: u64) {
        let (mut at, mark) = self.place(window);
        // a quarter of the slots stay free, so that the search ends
        while let Some(slot) = self.slots.get_mut(at) {
            match *slot {
                0 => {
                    *slot = mark;
                    self.len += 1;
                    return;
                }
                known if known == mark => return,
                _ => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Whether a window is in the set.
    pub(super) fn has(&self, window: u64) -> bool {
        let (mut at, mark) = self.place(window);
        loop {
            match self.slots.get(at) {
                None | Some(0) => return false,
                Some(known) if *known == mark => return true,
                Some(_) => at = (at + 1) & (self.slots.len() - 1),
            }
        }
    }

    /// Where the search for a window begins, and what stands for it there.
    fn place(&self, window: u64) -> (usize, u32) {
        // the upper bits of the product depend on all bits of the window; without a factor there are no slots
        let hash = (window ^ window >> 32).wrapping_mul(self.factor);
        (hash.checked_shr(self.shift).unwrap_or(0) as usize, (hash >> LOW) as u32 | 1)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.len
    }
}

/// Appends the windows of `text`.
pub(super) fn collect(text: &[u8], out: &mut Vec<u64>) {
    let Some((first, rest)) = text.split_at_checked(WINDOW) else { return };
    out.reserve(rest.len() + 1);
    let mut last = word(first);
    out.push(last);
    for &byte in rest {
        last = last << 8 | u64::from(byte);
        out.push(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn windows(text: &[u8]) -> Vec<u64> {
        let mut out = Vec::new();
        collect(text, &mut out);
        out
    }

    #[test]
    fn windows_of_a_text() {
        assert!(windows(b"1234567").is_empty());
        assert_eq!(windows(b"123456789"), [word(b"12345678"), word(b"23456789")]);
        assert!(Windows::of(&[]).is_empty() && !Windows::of(&[]).has(0));
        assert!(Windows::of(&[0]).has(0) && !Windows::of(&[1]).has(0));
    }

    proptest! {
        #[test]
        fn holds_what_was_put_in_and_nothing_else(
            all in proptest::collection::vec(0u64..200, 0..100),
            asked in proptest::collection::vec(0u64..200, 0..100),
        ) {
            let set = Windows::of(&all);
            for window in asked.iter().chain(&all) {
                prop_assert_eq!(set.has(*window), all.contains(window));
            }
            let distinct: std::collections::BTreeSet<_> = all.iter().collect();
            prop_assert_eq!(set.len(), distinct.len());
        }
    }
}
