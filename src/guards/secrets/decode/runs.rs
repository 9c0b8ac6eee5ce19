//! Finds long runs of base64 digits. Every byte of every text passes here, so this costs as little as it can: bytes
//! are classed many at a time, and only where two neighbouring blocks of eight hold nothing but digits is looked
//! closer. A run of [`MIN`] bytes covers two such blocks wherever it lies.

use super::base64::MIN;
use crate::finding::Span;

const CHUNK: usize = 64;
const BLOCK: usize = 8;

/// The runs of at least [`MIN`] digits of base64, of both alphabets, from left to right.
pub(super) struct Runs<'a> {
    text: &'a [u8],
    at: usize,
    /// Whether the block in front of `at` holds nothing but digits.
    carry: bool,
}

impl<'a> Runs<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Runs { text, at: 0, carry: false }
    }

    /// The run around two blocks of digits at `at`; the search goes on behind it.
    fn around(&mut self, at: usize) -> Option<Span> {
        let (front, back) = self.text.split_at_checked(at)?;
        // in front of the place where the last run ended there stands no digit
        let before = front.iter().rev().take_while(|b| is_digit(**b)).count();
        let after = back.iter().take_while(|b| is_digit(**b)).count();
        let run = Span::new(at - before, at + after);
        (self.at, self.carry) = (run.end, false);
        (run.end - run.start >= MIN).then_some(run)
    }
}

impl Iterator for Runs<'_> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        loop {
            let rest = self.text.get(self.at..)?;
            let (full, len) = match rest.first_chunk::<CHUNK>() {
                Some(chunk) => (blocks(chunk), CHUNK),
                None if rest.is_empty() => return None,
                None => {
                    let mut last = [b' '; CHUNK];
                    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                    (blocks(&last), rest.len())
                }
            };
            // bit n: blocks n - 1 and n
            let pairs = full & (full << 1 | u8::from(self.carry));
            if pairs == 0 {
                self.carry = full >> 7 == 1;
                self.at += len;
                continue;
            }
            let place = self.at + BLOCK * pairs.trailing_zeros() as usize;
            if let Some(run) = self.around(place) {
                return Some(run);
            }
        }
    }
}

/// A bit for each block of the chunk, the first one lowest: whether it holds nothing but digits.
#[inline(always)]
fn blocks(chunk: &[u8; CHUNK]) -> u8 {
    let mut other = [0u8; CHUNK];
    for (other, &byte) in other.iter_mut().zip(chunk) {
        *other = u8::from(!is_digit(byte));
    }
    let mut full = 0;
    for (n, block) in other.as_chunks::<BLOCK>().0.iter().enumerate() {
        full |= u8::from(u64::from_ne_bytes(*block) == 0) << n;
    }
    full
}

/// Without branches, so that many bytes are classed by one instruction.
#[inline(always)]
fn is_digit(byte: u8) -> bool {
    let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
    // `/` stands in front of the digits
    let number = byte.wrapping_sub(b'/') < 11;
    letter | number | (byte == b'+') | (byte == b'-') | (byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(text: &[u8]) -> Vec<Span> {
        let mut all = vec![];
        let mut start = 0;
        for end in 0..=text.len() {
            if text.get(end).is_none_or(|b| !is_digit(*b)) {
                if end - start >= MIN {
                    all.push(Span::new(start, end));
                }
                start = end + 1;
            }
        }
        all
    }

    #[test]
    fn digits_are_those_of_both_alphabets() {
        for byte in 0..=255 {
            let known = super::super::super::base64::digit(byte).is_some();
            assert_eq!(is_digit(byte), known, "{byte}");
        }
    }

    proptest! {
        #[test]
        fn finds_every_long_run(text in "([aZ9+/_-]{0,40}[ .]{1,2}){0,12}[aZ9+/_-]{0,90}") {
            let found: Vec<Span> = Runs::new(text.as_bytes()).collect();
            prop_assert_eq!(found, naive(text.as_bytes()));
        }
    }
}
