//! The literal pass: every byte of every text goes through here, so this is the loop that counts.
//!
//! One automaton step waits for the load of the one before. Several walks over as many parts of the text wait at the
//! same time, which makes it three times faster. What a step asks for beside the automaton is the class of its byte:
//! those of some bytes of each part are found first, many at once ([`classes`](super::classes)). Each part but the
//! first is entered `longest` bytes early, without reporting: from there on the state is the one that a single walk
//! would have, so hits at the seams are neither lost nor seen twice. (One byte less would do, but for literals that
//! have to stand at an edge: the first byte is taken for one.)

use super::classes::Classes;
use super::compile::automaton::Automaton;
use smallvec::SmallVec;
use std::ops::Range;

/// Bytes whose hits are collected before they are handed on: bounds the memory of a text full of literals.
const SEGMENT: usize = 256 << 10;
/// Parts of a text that are walked at once: as many as there are registers for their states.
const WALKS: usize = 8;
/// Bytes of each part whose classes are found before they are walked over.
const ROUND: usize = 512;

/// The hits of a walk before they are handed on: the end of the literal within the segment, and the row of the state.
/// Most texts have no more than find room without memory of their own.
type Seen = SmallVec<[(u32, u32); 24]>;

/// The automaton, as its steps ask for it.
#[derive(Clone, Copy)]
struct Walk<'a> {
    table: &'a [[u8; 4]],
    classes: &'a [u8; 256],
    /// Where the row of the first match state begins.
    first_match: usize,
}

impl Walk<'_> {
    /// Where the row of the state begins that follows that of `row`.
    #[inline(always)]
    fn next(&self, row: usize, byte: u8) -> usize {
        self.step(row, self.classes[usize::from(byte)])
    }

    /// The same for a byte of a class.
    #[inline(always)]
    fn step(&self, row: usize, class: u8) -> usize {
        // the automaton holds its own states alone, so that the index is always good
        u32::from_le_bytes(self.table[row + usize::from(class)]) as usize
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
    mut on_hit: impl FnMut(usize, u16) -> Result<(), E>,
) -> Result<(), E> {
    let first_match = usize::from(automaton.first_match) * automaton.width;
    let walk = Walk { table: &automaton.table, classes: &automaton.classes, first_match };
    // fewer than 2^16 rows
    let state = |row: usize| (row / automaton.width) as u16;
    let early = usize::from(automaton.longest);
    let mut row = walk.all(&text[range.start.saturating_sub(early)..range.start], 0);
    let mut from = range.start;
    // in a shorter text what a part is entered early by would be more than the part
    let short = WALKS * early.max(1);
    if range.len() >= short {
        let classes = Classes::new(&automaton.classes);
        let mut seen: [Seen; WALKS] = Default::default();
        while range.end - from >= short {
            let segment = &text[from..range.end.min(from + SEGMENT)];
            row = side_by_side(walk, &classes, segment, early, row, &mut seen);
            for (end, row) in seen.iter_mut().flat_map(|s| s.drain(..)) {
                on_hit(from + end as usize, state(row as usize))?;
            }
            from += segment.len();
        }
    }
    for (at, &byte) in (from..).zip(&text[from..range.end]) {
        row = walk.next(row, byte);
        if row >= walk.first_match {
            on_hit(at + 1, state(row))?;
        }
    }
    Ok(())
}

/// Walks a text in interleaved parts, each longer than what is entered early; returns the row at the end.
fn side_by_side(
    walk: Walk<'_>,
    classes: &Classes<'_>,
    text: &[u8],
    early: usize,
    row: usize,
    seen: &mut [Seen; WALKS],
) -> usize {
    let part = text.len() / WALKS;
    let mut rows = [0; WALKS];
    rows[0] = row;
    let enter: [&[u8]; WALKS] = std::array::from_fn(|n| &text[(n * part).saturating_sub(early)..n * part]);
    for at in 0..early {
        for (row, bytes) in rows.iter_mut().zip(enter).skip(1) {
            *row = walk.next(*row, bytes[at]);
        }
    }
    let mut buffer = [[0; ROUND]; WALKS];
    for done in (0..part).step_by(ROUND) {
        let len = ROUND.min(part - done);
        let parts = std::array::from_fn::<_, WALKS, _>(|n| &text[n * part + done..][..len]);
        classes.of_all(parts, &mut buffer);
        rows = round(walk, &buffer, len, rows, |n, at, row| {
            // a segment is shorter than 4 GiB
            seen[n].push(((n * part + done + at + 1) as u32, row as u32));
        });
    }
    // fewer bytes than walks remain
    let mut row = rows[WALKS - 1];
    for (at, &byte) in (WALKS * part..).zip(&text[WALKS * part..]) {
        row = walk.next(row, byte);
        if row >= walk.first_match {
            seen[WALKS - 1].push((at as u32 + 1, row as u32));
        }
    }
    row
}

/// Walks over the first `len` of each part's classes.
///
/// Whether one of the walks is at a match is asked with `|`: with a maximum the compiler moves the states into a vector
/// and back, which takes twice the time.
#[inline(never)]
fn round(
    walk: Walk<'_>,
    parts: &[[u8; ROUND]; WALKS],
    len: usize,
    rows: [usize; WALKS],
    mut on_match: impl FnMut(usize, usize, usize),
) -> [usize; WALKS] {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = rows;
    let first = walk.first_match;
    #[expect(clippy::needless_range_loop, reason = "it indexes eight rows")]
    for at in 0..len.min(ROUND) {
        (a, b) = (walk.step(a, parts[0][at]), walk.step(b, parts[1][at]));
        (c, d) = (walk.step(c, parts[2][at]), walk.step(d, parts[3][at]));
        (e, f) = (walk.step(e, parts[4][at]), walk.step(f, parts[5][at]));
        (g, h) = (walk.step(g, parts[6][at]), walk.step(h, parts[7][at]));
        if (a >= first)
            | (b >= first)
            | (c >= first)
            | (d >= first)
            | (e >= first)
            | (f >= first)
            | (g >= first)
            | (h >= first)
        {
            note([a, b, c, d, e, f, g, h], first, at, &mut on_match);
        }
    }
    [a, b, c, d, e, f, g, h]
}

/// Tells of the walks that are at a match. Out of the loop, which has no registers to spare for this.
#[cold]
#[inline(never)]
fn note(rows: [usize; WALKS], first: usize, at: usize, on_match: &mut impl FnMut(usize, usize, usize)) {
    for (n, row) in rows.into_iter().enumerate() {
        if row >= first {
            on_match(n, at, row);
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
