//! The literal pass: every byte of every text goes through here, so this is the loop that counts.
//!
//! One automaton step waits for the load of the one before. Six walks over six parts of the text wait at
//! the same time, which makes it three times faster. Each part but the first is entered `longest` bytes early,
//! without reporting: from there on the state is the one that a single walk would have, so hits at the seams are
//! neither lost nor seen twice. (One byte less would do, but for literals that have to stand at an edge: the first
//! byte is taken for one.)

use super::compile::automaton::{Automaton, WIDTHS};
use smallvec::SmallVec;
use std::ops::Range;

/// Bytes whose hits are collected before they are handed on: bounds the memory of a text full of literals.
const SEGMENT: usize = 256 << 10;
/// Texts of fewer bytes a walk, for each byte of the longest literal, are walked once: the seams would cost more than
/// the waiting.
const SHORT: usize = 2;

/// Parts of a text that are walked at once.
const WALKS: usize = 6;

/// The hits of a walk before they are handed on: the end of the literal within the segment, and the state. Most texts
/// have no more than find room without memory of their own.
type Seen = SmallVec<[(u32, u16); 24]>;

/// The automaton with the width of its rows known to the compiler, which is worth a third of the speed.
#[derive(Clone, Copy)]
struct Walk<'a, const WIDTH: usize> {
    table: &'a [[u8; 4]],
    classes: &'a [u8; 256],
    /// Where the row of the first match state begins.
    first_match: usize,
}

impl<const WIDTH: usize> Walk<'_, WIDTH> {
    /// Where the row of the state begins that follows that of `row`.
    #[inline(always)]
    fn next(&self, row: usize, byte: u8) -> usize {
        // the automaton holds its own states alone, so that the index is always good
        u32::from_le_bytes(self.table[row + usize::from(self.classes[usize::from(byte)])]) as usize
    }

    /// The state of a row.
    #[inline(always)]
    fn state(row: usize) -> u16 {
        (row / WIDTH) as u16
    }

    fn all(&self, text: &[u8], row: usize) -> usize {
        text.iter().fold(row, |row, &byte| self.next(row, byte))
    }
}

/// Calls `on_hit` with the end of each literal whose last byte lies in that range of `text`, which has to lie inside
/// of it, and the state there, in ascending order of ends.
pub(crate) fn scan<E>(
    automaton: &Automaton,
    text: &[u8],
    range: Range<usize>,
    on_hit: impl FnMut(usize, u16) -> Result<(), E>,
) -> Result<(), E> {
    const NARROW: usize = WIDTHS[0];
    const MIDDLE: usize = WIDTHS[1];
    const WIDE: usize = WIDTHS[2];
    match automaton.width {
        NARROW => walk::<NARROW, E>(automaton, text, range, on_hit),
        MIDDLE => walk::<MIDDLE, E>(automaton, text, range, on_hit),
        _ => walk::<WIDE, E>(automaton, text, range, on_hit),
    }
}

fn walk<const WIDTH: usize, E>(
    automaton: &Automaton,
    text: &[u8],
    range: Range<usize>,
    mut on_hit: impl FnMut(usize, u16) -> Result<(), E>,
) -> Result<(), E> {
    let first_match = usize::from(automaton.first_match) * WIDTH;
    let walk = Walk::<WIDTH> { table: &automaton.table, classes: &automaton.classes, first_match };
    let early = usize::from(automaton.longest);
    let mut row = walk.all(&text[range.start.saturating_sub(early)..range.start], 0);
    let mut seen: [Seen; WALKS] = Default::default();
    let short = SHORT * WALKS * early.max(1);
    let mut from = range.start;
    while from < range.end {
        let to = range.end.min(from + SEGMENT);
        if to - from < short {
            for (at, &byte) in (from..).zip(&text[from..to]) {
                row = walk.next(row, byte);
                if row >= walk.first_match {
                    on_hit(at + 1, Walk::<WIDTH>::state(row))?;
                }
            }
        } else {
            row = six(walk, text, from, to, early, row, &mut seen);
            for (end, state) in seen.iter_mut().flat_map(|s| s.drain(..)) {
                on_hit(from + end as usize, state)?;
            }
        }
        from = to;
    }
    Ok(())
}

/// Walks `from..to` in six interleaved parts; returns the row at the end.
///
/// As many as there are registers for their states. Whether one of them is at a match is asked with `|`: with a
/// maximum the compiler moves the states into a vector and back, which takes twice the time.
fn six<const WIDTH: usize>(
    walk: Walk<'_, WIDTH>,
    text: &[u8],
    from: usize,
    to: usize,
    early: usize,
    row: usize,
    seen: &mut [Seen; WALKS],
) -> usize {
    let part = (to - from) / WALKS;
    let start = |n: usize| from + n * part;
    let (mut a, mut b, mut c, mut d, mut e, mut f) = (row, 0, 0, 0, 0, 0);
    // a part is longer than what is entered early
    let enter = |n: usize| text[start(n) - early..start(n)].iter();
    for ((((&v, &w), &x), &y), &z) in enter(1).zip(enter(2)).zip(enter(3)).zip(enter(4)).zip(enter(5)) {
        (b, c, d) = (walk.next(b, v), walk.next(c, w), walk.next(d, x));
        (e, f) = (walk.next(e, y), walk.next(f, z));
    }
    let bytes = |n: usize| text[start(n)..start(n) + part].iter();
    let bytes = bytes(0).zip(bytes(1)).zip(bytes(2)).zip(bytes(3)).zip(bytes(4)).zip(bytes(5));
    let first = walk.first_match;
    for (at, (((((&u, &v), &w), &x), &y), &z)) in bytes.enumerate() {
        (a, b, c) = (walk.next(a, u), walk.next(b, v), walk.next(c, w));
        (d, e, f) = (walk.next(d, x), walk.next(e, y), walk.next(f, z));
        if (a >= first) | (b >= first) | (c >= first) | (d >= first) | (e >= first) | (f >= first) {
            note::<WIDTH>([a, b, c, d, e, f], first, |n| n * part + at + 1, seen);
        }
    }
    // fewer bytes than walks remain
    let end = start(WALKS);
    for (at, &byte) in (end..).zip(&text[end..to]) {
        f = walk.next(f, byte);
        if f >= first {
            seen[WALKS - 1].push(((at + 1 - from) as u32, Walk::<WIDTH>::state(f)));
        }
    }
    f
}

/// Notes the walks that are at a match. Out of the loop, which has no registers to spare for this.
#[cold]
#[inline(never)]
fn note<const WIDTH: usize>(
    rows: [usize; WALKS],
    first: usize,
    end: impl Fn(usize) -> usize,
    seen: &mut [Seen; WALKS],
) {
    for ((n, seen), row) in seen.iter_mut().enumerate().zip(rows) {
        if row >= first {
            // a segment is shorter than 4 GiB
            seen.push((end(n) as u32, Walk::<WIDTH>::state(row)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile::automaton::Needle;
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn needle(text: &[u8], rule: u16, edge: bool) -> Needle {
        Needle { text: text.to_vec(), rule, edge }
    }

    fn naive(needles: &[Needle], text: &[u8]) -> Vec<(usize, u16, usize)> {
        let text = text.to_ascii_lowercase();
        let mut all = vec![];
        for Needle { text: literal, rule, edge } in needles {
            for (at, window) in text.windows(literal.len()).enumerate() {
                let is_inside = at > 0 && text[at - 1].is_ascii_alphanumeric();
                if window == literal && !(*edge && is_inside) {
                    all.push((at + literal.len(), *rule, literal.len()));
                }
            }
        }
        all.sort_unstable();
        all
    }

    fn ours(needles: &[Needle], text: &[u8]) -> Vec<(usize, u16, usize)> {
        let automaton = Automaton::new(needles).unwrap();
        let mut all = vec![];
        let mut last = 0;
        let result: Result<(), Infallible> = scan(&automaton, text, 0..text.len(), |end, state| {
            assert!(end > last, "hits come in order");
            last = end;
            all.extend(automaton.hits(state).iter().map(|h| (end, h.rule, usize::from(h.len))));
            Ok(())
        });
        result.unwrap();
        all.sort_unstable();
        all
    }

    proptest! {
        #[test]
        fn sees_what_a_naive_search_sees(
            words in prop::collection::btree_map("[ab-]{2,7}", any::<(bool, bool)>(), 1..8),
            text in "([abAB-]{0,40}[abAB9é_-]{0,3}){0,100}",
        ) {
            let mut needles = vec![];
            for (n, (word, (edge, both))) in words.into_iter().enumerate() {
                needles.push(needle(word.as_bytes(), 2 * n as u16, edge));
                if both {
                    needles.push(needle(word.as_bytes(), 2 * n as u16 + 1, !edge));
                }
            }
            prop_assert_eq!(ours(&needles, text.as_bytes()), naive(&needles, text.as_bytes()));
        }
    }

    #[test]
    fn ranges_see_the_literals_that_end_in_them() {
        let automaton = Automaton::new(&[needle(b"abc", 0, false), needle(b"bc", 1, true)]).unwrap();
        let text = b"abc.abc.abc".repeat(300);
        let ends = |range: Range<usize>| {
            let mut ends = vec![];
            let result: Result<(), Infallible> = scan(&automaton, &text, range, |end, state| {
                ends.extend(automaton.hits(state).iter().map(|_| end));
                Ok(())
            });
            result.unwrap();
            ends
        };
        let all = ends(0..text.len());
        for (from, to) in [(0, 3), (1, 3), (2, 7), (3, 7), (6, 7), (500, 2900), (501, 3300), (7, 7)] {
            let inside: Vec<usize> = all.iter().copied().filter(|end| (from + 1..=to).contains(end)).collect();
            assert_eq!(ends(from..to), inside, "{from}..{to}");
        }
    }

    #[test]
    fn seams_of_parts_and_segments_are_exact() {
        let needles = [needle(b"abcabd", 0, false), needle(b"bd", 1, false), needle(b"abcabc", 2, true)];
        for len in [71, 72, 75, SEGMENT, SEGMENT + 5, 2 * SEGMENT + 73] {
            let text: Vec<u8> = b"abcabcabd".iter().copied().cycle().take(len).collect();
            assert_eq!(ours(&needles, &text), naive(&needles, &text), "{len}");
        }
    }
}
