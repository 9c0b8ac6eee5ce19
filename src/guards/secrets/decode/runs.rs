//! Finds what looks encoded: long runs of base64 digits, and bytes that escapes begin with. Every byte of every text
//! passes here, so this costs as little as it can: the [masks](super::masks) of 64 bytes tell whether enough digits
//! stand in a row. Most chunks of most texts have no such row, and are not looked at.

use super::masks::{Block, Blocks, CHUNK, row};
use crate::finding::Span;
use std::collections::VecDeque;

/// The runs of at least `MIN` digits of base64, of both alphabets, from left to right.
pub(in super::super) struct Runs<'a, const MIN: usize> {
    blocks: Blocks<'a, MIN>,
    len: usize,
    /// Where the block begins that comes next.
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
            let Some(block) = self.blocks.next() else { return self.row.end(self.len) };
            for chunk in ones(block.busy().0) {
                self.row.each(block, chunk, self.at, |run| self.known.push_back(run));
            }
            self.at += block.len * CHUNK;
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
    let (mut blocks, mut row, mut at) = (Blocks::<MIN>::new(text), Row::<MIN>::default(), 0);
    let mut has_zero = false;
    while let Some(block) = blocks.next() {
        has_zero |= block.has_zero;
        let (rows, marked) = block.busy();
        for chunk in ones(rows | marked) {
            if rows >> chunk & 1 != 0 {
                row.each(block, chunk, at, &mut on_run);
            }
            ones(block.marks(chunk)).for_each(|mark| on_mark(at + chunk * CHUNK + mark));
        }
        at += block.len * CHUNK;
    }
    row.end(text.len()).into_iter().for_each(on_run);
    has_zero
}

/// The places of the ones of a number, the lowest first.
#[inline(always)]
fn ones(mut number: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (number != 0).then(|| number.trailing_zeros() as usize)?;
        number &= number - 1;
        Some(lowest)
    })
}

/// How far a row of digits has come.
#[derive(Default)]
struct Row<const MIN: usize> {
    /// How many digits there are right in front of the chunk that comes next, where that has to be looked at.
    before: usize,
}

impl<const MIN: usize> Row<MIN> {
    /// Calls `on_run` for the runs that end in a chunk of a block that begins at `at`. Chunks that cannot hold a part of
    /// a run need not be asked about.
    #[inline(always)]
    fn each(&mut self, block: &Block, chunk: usize, at: usize, mut on_run: impl FnMut(Span)) {
        let at = at + chunk * CHUNK;
        let (mut digits, before) = block.digits(chunk);
        if before != u64::MAX {
            self.before = before.leading_ones() as usize;
        }
        if digits == u64::MAX {
            self.before += CHUNK;
            return;
        }
        let more = digits.trailing_ones() as usize;
        if self.before + more >= MIN {
            on_run(Span::new(at - self.before, at + more));
        }
        // there is an end in this chunk
        digits &= u64::MAX << more;
        loop {
            let rows = row(digits, MIN);
            let first = rows.trailing_zeros();
            let end = first + (digits.checked_shr(first).unwrap_or(0)).trailing_ones();
            if end >= u64::BITS {
                break;
            }
            digits &= u64::MAX << end;
            on_run(Span::new(at + first as usize, at + end as usize));
        }
        self.before = digits.leading_ones() as usize;
    }

    /// The run at the end of the text.
    fn end(&mut self, len: usize) -> Option<Span> {
        let before = std::mem::take(&mut self.before);
        (before >= MIN).then(|| Span::new(len - before, len))
    }
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
