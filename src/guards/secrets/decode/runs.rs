//! Finds long runs of base64 digits. Every byte of every text passes here, so this costs as little as it can: 64
//! bytes at a time become a number with a bit for each that is a digit, and a few operations on it tell whether
//! enough ones stand in a row. Most chunks of most texts have no such row, and are not looked at again.

use crate::finding::Span;

/// Bytes that are classed together.
const CHUNK: usize = 64;

/// The runs of at least `MIN` digits of base64, of both alphabets, from left to right.
pub(in super::super) struct Runs<'a, const MIN: usize> {
    text: &'a [u8],
    /// Where the chunk begins.
    at: usize,
    /// Its digits behind the last run; `None`: they are not known yet.
    digits: Option<u64>,
    /// How many digits there are right in front of the chunk.
    before: usize,
}

impl<'a, const MIN: usize> Runs<'a, MIN> {
    /// Those of a text.
    pub(in super::super) fn new(text: &'a [u8]) -> Self {
        Runs { text, at: 0, digits: None, before: 0 }
    }

    /// The digits of the chunk; what lies behind the end of the text is none. `None`: the text ends in front of it.
    #[inline(always)]
    fn load(&self) -> Option<u64> {
        let rest = self.text.get(self.at..)?;
        match rest.first_chunk::<CHUNK>() {
            Some(chunk) => Some(classes(chunk)),
            None if rest.is_empty() => None,
            None => {
                let mut last = [b' '; CHUNK];
                last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                Some(classes(&last))
            }
        }
    }
}

impl<const MIN: usize> Iterator for Runs<'_, MIN> {
    type Item = Span;

    #[inline]
    fn next(&mut self) -> Option<Span> {
        loop {
            let Some(mut digits) = self.digits.take().or_else(|| self.load()) else {
                let before = std::mem::take(&mut self.before);
                return (before >= MIN).then(|| Span::new(self.text.len() - before, self.text.len()));
            };
            if digits == u64::MAX {
                self.before += CHUNK;
                self.at += CHUNK;
                continue;
            }
            if self.before > 0 {
                let more = digits.trailing_ones();
                digits &= u64::MAX << more;
                let run = Span::new(self.at - self.before, self.at + more as usize);
                self.before = 0;
                if run.end - run.start >= MIN {
                    self.digits = Some(digits);
                    return Some(run);
                }
            }
            let rows = row(digits, MIN);
            if rows != 0 {
                let first = rows.trailing_zeros();
                let end = first + (digits >> first).trailing_ones();
                if end < u64::BITS {
                    self.digits = Some(digits & u64::MAX << end);
                    return Some(Span::new(self.at + first as usize, self.at + end as usize));
                }
            }
            self.before = digits.leading_ones() as usize;
            self.at += CHUNK;
        }
    }
}

/// A one where `len` ones begin.
#[inline(always)]
fn row(ones: u64, len: usize) -> u64 {
    let (mut rows, mut known) = (ones, 1);
    while known < len {
        let more = known.min(len - known);
        rows &= rows >> more;
        known += more;
    }
    rows
}

/// A bit for each byte, the first one lowest: whether it is a digit.
#[inline(always)]
fn classes(chunk: &[u8; CHUNK]) -> u64 {
    let mut flags = [0u8; CHUNK];
    for (flag, &byte) in flags.iter_mut().zip(chunk) {
        *flag = u8::from(is_digit(byte));
    }
    let mut bits = 0;
    for (n, eight) in flags.as_chunks::<8>().0.iter().enumerate() {
        // moves the lowest bit of each byte into the highest byte, in order
        bits |= (u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * n);
    }
    bits
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

    const MIN: usize = 24;

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
            let found: Vec<Span> = Runs::<MIN>::new(text.as_bytes()).collect();
            prop_assert_eq!(found, naive(text.as_bytes()));
        }
    }
}
