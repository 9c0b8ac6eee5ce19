//! Sorts the bytes of a text into classes, as many at once as the processor can: 64 bytes become a number with a bit
//! for each, the first one lowest.

use super::super::classes::LEVEL;
use fearless_simd::prelude::*;
use fearless_simd::{dispatch, u8x64};

/// Bytes that are classed together.
pub(super) const CHUNK: usize = 64;
/// Chunks whose masks are made at once: enough to forget what it takes to ask what the processor can. A number has a
/// bit for each of them.
const BLOCK: usize = 64;

/// What is known of some chunks in a row.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The digits of base64, of both alphabets; those of the chunk in front come first.
    digits: [u64; BLOCK + 1],
    /// Bytes that an escape may begin with.
    marks: [u64; BLOCK],
    /// The chunks that hold a part of a long row of digits which begins or ends in them, or ends in front of them.
    rows: u64,
    /// The chunks with marks.
    marked: u64,
    /// Whether there is a zero.
    pub(super) has_zero: bool,
    /// How many chunks there are.
    pub(super) len: usize,
}

impl Block {
    /// The chunks with digits that may belong to a long row, and those with marks.
    pub(super) fn busy(&self) -> (u64, u64) {
        (self.rows, self.marked)
    }

    /// The digits of a chunk, and those of the one in front.
    pub(super) fn digits(&self, chunk: usize) -> (u64, u64) {
        let at = |n: usize| self.digits.get(n).copied().unwrap_or_default();
        (at(chunk + 1), at(chunk))
    }

    /// The marks of a chunk.
    pub(super) fn marks(&self, chunk: usize) -> u64 {
        self.marks.get(chunk).copied().unwrap_or_default()
    }
}

/// The blocks of a text; bytes behind its end are of no class. Rows are of at least `MIN` digits.
pub(super) struct Blocks<'a, const MIN: usize> {
    /// What is not classed yet.
    rest: &'a [u8],
    block: Block,
}

impl<'a, const MIN: usize> Blocks<'a, MIN> {
    /// Those of a text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        // else a row could begin and end in two chunks without being seen where they meet
        const { assert!(MIN > 0 && 2 * MIN <= CHUNK) };
        let block = Block { digits: [0; BLOCK + 1], marks: [0; BLOCK], rows: 0, marked: 0, has_zero: false, len: 0 };
        Blocks { rest: text, block }
    }

    /// The next chunks, all full but the last of the text; none at its end.
    pub(super) fn next(&mut self) -> Option<&Block> {
        if self.rest.is_empty() {
            return None;
        }
        let (now, rest) = self.rest.split_at(self.rest.len().min(BLOCK * CHUNK));
        self.rest = rest;
        let block = &mut self.block;
        block.digits[0] = block.digits[block.len];
        let (whole, last) = now.as_chunks::<CHUNK>();
        (block.len, block.has_zero) = (0, false);
        dispatch!(*LEVEL, simd => block.classify(simd, whole));
        if !last.is_empty() {
            let mut chunk = [b' '; CHUNK];
            chunk.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
            dispatch!(*LEVEL, simd => block.classify(simd, &[chunk]));
        }
        dispatch!(*LEVEL, simd => block.find_rows::<_, MIN>(simd));
        Some(&self.block)
    }
}

impl Block {
    /// Adds the masks of some chunks.
    #[inline(always)]
    fn classify<S: Simd>(&mut self, simd: S, chunks: &[[u8; CHUNK]]) {
        let all = |byte| u8x64::splat(simd, byte);
        let from = |bytes: u8x64<S>, first: u8, last: u8| (bytes - all(first)).simd_le(all(last - first));
        let mut zeros = 0;
        let at = self.len;
        for ((chunk, digits), marks) in chunks.iter().zip(&mut self.digits[at + 1..]).zip(&mut self.marks[at..]) {
            let bytes = u8x64::from_slice(simd, chunk);
            let is = |byte| bytes.simd_eq(all(byte));
            // `/` stands in front of the digits
            let letters_and_digits = from(bytes | all(0x20), b'a', b'z') | from(bytes, b'/', b'9');
            *digits = (letters_and_digits | is(b'+') | is(b'-') | is(b'_')).to_bitmask();
            // an ampersand alone stands in code everywhere; that of the last byte may be one of a reference
            let references = is(b'&').to_bitmask() & (is(b'#').to_bitmask() >> 1 | 1 << (CHUNK - 1));
            *marks = (is(b'\\') | is(b'%')).to_bitmask() | references;
            zeros |= is(0).to_bitmask();
        }
        self.len += chunks.len();
        self.has_zero |= zeros != 0;
    }

    /// Tells which chunks are of interest.
    #[inline(always)]
    fn find_rows<S: Simd, const MIN: usize>(&mut self, _: S) {
        (self.rows, self.marked) = (0, 0);
        for n in 0..self.len.min(BLOCK) {
            let (before, digits) = (self.digits[n], self.digits[n + 1]);
            // the end of the one in front, and what follows it
            let seam = before >> (CHUNK - MIN) | digits << MIN;
            let rows = row(digits, MIN) | row(seam, MIN);
            self.rows |= u64::from(rows != 0) << n;
            self.marked |= u64::from(self.marks[n] != 0) << n;
        }
    }
}

/// A one where `len` ones begin.
#[inline(always)]
pub(super) fn row(ones: u64, len: usize) -> u64 {
    let (mut rows, mut known) = (ones, 1);
    while known < len {
        let more = known.min(len - known);
        rows &= rows >> more;
        known += more;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::super::super::base64::digit;
    use super::*;
    use proptest::prelude::*;

    const MIN: usize = 24;

    /// Digits and marks of each chunk, and whether there is a zero.
    type Seen = (Vec<(u64, u64)>, bool);

    fn naive(text: &[u8]) -> Seen {
        let mask = |chunk: &[u8], is_in: &dyn Fn(usize, u8) -> bool| {
            chunk.iter().enumerate().fold(0, |mask, (n, byte)| mask | u64::from(is_in(n, *byte)) << n)
        };
        let refers = |chunk: &[u8], n: usize| n == CHUNK - 1 || chunk.get(n + 1) == Some(&b'#');
        let of = |chunk: &[u8]| {
            let marks = |n, byte| matches!(byte, b'\\' | b'%') || byte == b'&' && refers(chunk, n);
            (mask(chunk, &|_, byte| digit(byte).is_some()), mask(chunk, &marks))
        };
        (text.chunks(CHUNK).map(of).collect(), text.contains(&0))
    }

    fn ours(text: &[u8]) -> Seen {
        let (mut all, mut has_zero, mut blocks) = (vec![], false, Blocks::<MIN>::new(text));
        let mut last = 0;
        while let Some(block) = blocks.next() {
            has_zero |= block.has_zero;
            let (rows, marked) = block.busy();
            assert!(block.len == BLOCK || (rows | marked) >> block.len == 0);
            for chunk in 0..block.len {
                let ((digits, before), marks) = (block.digits(chunk), block.marks(chunk));
                assert_eq!(before, last);
                last = digits;
                assert_eq!(marked >> chunk & 1 != 0, marks != 0);
                // a row of that many ends in the chunk, or at its beginning
                let two = u128::from(before) | u128::from(digits) << CHUNK;
                let all_digits = |n: usize| two >> n & ((1 << MIN) - 1) == (1 << MIN) - 1;
                assert_eq!(rows >> chunk & 1 != 0, (CHUNK - MIN..=2 * CHUNK - MIN).any(all_digits));
                all.push((digits, marks));
            }
        }
        (all, has_zero)
    }

    #[test]
    fn every_byte_is_of_its_class() {
        let text: Vec<u8> = (0..=255).collect();
        assert_eq!(ours(&text), naive(&text));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn texts_of_every_length(
            words in prop::collection::vec(("[aZ9+/_-]{0,70}", prop_oneof![Just(b'&'), Just(b'#'), any::<u8>()]), 0..200),
        ) {
            let text: Vec<u8> = words.iter().flat_map(|(word, end)| word.bytes().chain([*end])).collect();
            prop_assert_eq!(ours(&text), naive(&text));
        }
    }
}
