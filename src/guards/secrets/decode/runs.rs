//! Finds what looks encoded: long runs of base64 digits, and bytes that escapes begin with. Every byte of every text
//! passes here, so this costs as little as it can: a few operations on the [`masks`](super::masks) of 64 bytes tell
//! whether enough digits stand in a row. Most chunks of most texts have no such row, and are not looked at again.

use super::masks::{Blocks, CHUNK, Masks};
use crate::finding::Span;
use std::collections::VecDeque;

/// The runs of at least `MIN` digits of base64, of both alphabets, from left to right.
pub(in super::super) struct Runs<'a, const MIN: usize> {
    blocks: Blocks<'a>,
    len: usize,
    /// Where the chunk begins that comes next.
    at: usize,
    row: Row<MIN>,
    /// Those of the block that was looked at last.
    known: VecDeque<Span>,
}

impl<'a, const MIN: usize> Runs<'a, MIN> {
    /// Those of a text.
    pub(in super::super) fn new(text: &'a [u8]) -> Self {
        Runs { blocks: Blocks::new(text), len: text.len(), at: 0, row: Row::default(), known: VecDeque::new() }
    }
}

impl<const MIN: usize> Iterator for Runs<'_, MIN> {
    type Item = Span;

    fn next(&mut self) -> Option<Span> {
        while self.known.is_empty() {
            let block = self.blocks.next();
            if block.is_empty() {
                return self.row.end(self.len);
            }
            for masks in block {
                let mut digits = masks.digits;
                while let Some(run) = self.row.next(self.at, &mut digits) {
                    self.known.push_back(run);
                }
                self.at += CHUNK;
            }
        }
        self.known.pop_front()
    }
}

/// Calls `on_run` for each of the [`Runs`], and `on_mark` for each place of a byte that an escape may begin with; both
/// from left to right, but one ahead of the other within a chunk. Whether there is a zero in the text.
pub(super) fn sweep<const MIN: usize>(
    text: &[u8],
    mut on_run: impl FnMut(Span),
    mut on_mark: impl FnMut(usize),
) -> bool {
    let (mut blocks, mut row, mut at) = (Blocks::new(text), Row::<MIN>::default(), 0);
    let mut all_zeros = 0;
    loop {
        let block = blocks.next();
        if block.is_empty() {
            break;
        }
        for &Masks { mut digits, mut marks, zeros } in block {
            all_zeros |= zeros;
            while let Some(run) = row.next(at, &mut digits) {
                on_run(run);
            }
            while marks != 0 {
                on_mark(at + marks.trailing_zeros() as usize);
                marks &= marks - 1;
            }
            at += CHUNK;
        }
    }
    row.end(text.len()).into_iter().for_each(on_run);
    all_zeros != 0
}

/// How far a row of digits has come.
#[derive(Default)]
struct Row<const MIN: usize> {
    /// How many digits there are right in front of the chunk.
    before: usize,
}

impl<const MIN: usize> Row<MIN> {
    /// The next run that ends in the chunk at `at`, of whose digits those up to its end are taken away.
    #[inline(always)]
    fn next(&mut self, at: usize, digits: &mut u64) -> Option<Span> {
        if *digits == u64::MAX {
            self.before += CHUNK;
            return None;
        }
        // whether digits go on from the chunk before is anybody's guess: nothing here branches on it
        let more = digits.trailing_ones();
        *digits &= u64::MAX << if self.before > 0 { more } else { 0 };
        let len = self.before + more as usize;
        if len >= MIN && self.before > 0 {
            self.before = 0;
            return Some(Span::new(at + more as usize - len, at + more as usize));
        }
        let rows = row(*digits, MIN);
        if rows != 0 {
            let first = rows.trailing_zeros();
            let end = first + (*digits >> first).trailing_ones();
            if end < u64::BITS {
                *digits &= u64::MAX << end;
                return Some(Span::new(at + first as usize, at + end as usize));
            }
        }
        self.before = digits.leading_ones() as usize;
        None
    }

    /// The run at the end of the text.
    fn end(&mut self, len: usize) -> Option<Span> {
        let before = std::mem::take(&mut self.before);
        (before >= MIN).then(|| Span::new(len - before, len))
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

#[cfg(test)]
mod tests {
    use super::super::super::base64::digit;
    use super::*;
    use proptest::prelude::*;

    const MIN: usize = 24;

    fn naive(text: &[u8]) -> Vec<Span> {
        let mut all = vec![];
        let mut start = 0;
        for end in 0..=text.len() {
            if text.get(end).is_none_or(|b| digit(*b).is_none()) {
                if end - start >= MIN {
                    all.push(Span::new(start, end));
                }
                start = end + 1;
            }
        }
        all
    }

    proptest! {
        #[test]
        fn finds_every_long_run(text in "([aZ9+/_-]{0,40}[ .%\\\\]{1,2}){0,12}[aZ9+/_-]{0,90}") {
            let text = text.as_bytes();
            let found: Vec<Span> = Runs::<MIN>::new(text).collect();
            prop_assert_eq!(&found, &naive(text));
            let (mut runs, mut marks) = (vec![], vec![]);
            sweep::<MIN>(text, |run| runs.push(run), |at| marks.push(at));
            prop_assert_eq!(runs, found);
            let all: Vec<usize> = memchr::memchr2_iter(b'%', b'\\', text).collect();
            prop_assert_eq!(marks, all);
        }
    }
}
