//! The literal pass: every byte of every text goes through here, so this is the loop that counts.
//!
//! One automaton step waits for the load of the one before. Four walks over four parts of the text wait at
//! the same time, which makes it two to three times faster. Each part but the first is entered
//! `longest - 1` bytes early, without reporting: from there on the state is the one that a single walk would
//! have, so hits at the seams are neither lost nor seen twice.

use super::compile::automaton::Automaton;
use std::ops::Range;

/// Bytes whose hits are collected before they are handed on: bounds the memory of a text full of literals.
const SEGMENT: usize = 256 << 10;
/// Shorter texts are walked once: the seams would cost more than the waiting.
const SHORT: usize = 1 << 10;

/// A hit before it is handed on: the end of the literal, and the state.
type Seen = (usize, u16);

/// The automaton with the width of its rows known to the compiler, which is worth a third of the speed.
#[derive(Clone, Copy)]
struct Walk<'a, const SHIFT: u32> {
    table: &'a [[u8; 2]],
    classes: &'a [u8; 256],
    first_match: u16,
}

impl<const SHIFT: u32> Walk<'_, SHIFT> {
    #[inline(always)]
    fn next(&self, state: u16, byte: u8) -> u16 {
        // the automaton holds its own states alone, so that the index is always good
        u16::from_le_bytes(self.table[usize::from(state) << SHIFT | usize::from(self.classes[usize::from(byte)])])
    }

    fn all(&self, text: &[u8], state: u16) -> u16 {
        text.iter().fold(state, |state, &byte| self.next(state, byte))
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
    match automaton.shift {
        ..=6 => walk::<6, E>(automaton, text, range, on_hit),
        7 => walk::<7, E>(automaton, text, range, on_hit),
        _ => walk::<8, E>(automaton, text, range, on_hit),
    }
}

fn walk<const SHIFT: u32, E>(
    automaton: &Automaton,
    text: &[u8],
    range: Range<usize>,
    mut on_hit: impl FnMut(usize, u16) -> Result<(), E>,
) -> Result<(), E> {
    let walk =
        Walk::<SHIFT> { table: &automaton.table, classes: &automaton.classes, first_match: automaton.first_match };
    let early = usize::from(automaton.longest).saturating_sub(1);
    let mut state = walk.all(&text[range.start.saturating_sub(early)..range.start], 0);
    let mut seen: [Vec<Seen>; 4] = Default::default();
    let mut from = range.start;
    while from < range.end {
        let to = range.end.min(from + SEGMENT);
        if to - from < SHORT {
            for (at, &byte) in (from..).zip(&text[from..to]) {
                state = walk.next(state, byte);
                if state >= walk.first_match {
                    on_hit(at + 1, state)?;
                }
            }
        } else {
            state = four(walk, text, from, to, early, state, &mut seen);
            for (at, state) in seen.iter_mut().flat_map(|s| s.drain(..)) {
                on_hit(at, state)?;
            }
        }
        from = to;
    }
    Ok(())
}

/// Walks `from..to` in four interleaved parts; returns the state at the end.
fn four<const SHIFT: u32>(
    walk: Walk<'_, SHIFT>,
    text: &[u8],
    from: usize,
    to: usize,
    early: usize,
    state: u16,
    seen: &mut [Vec<Seen>; 4],
) -> u16 {
    let part = (to - from) / 4;
    let start = [from, from + part, from + 2 * part, from + 3 * part];
    let enter = |at: usize| walk.all(&text[at.saturating_sub(early)..at], 0);
    let (mut a, mut b, mut c, mut d) = (state, enter(start[1]), enter(start[2]), enter(start[3]));
    let bytes = |n: usize| text[start[n]..start[n] + part].iter();
    for (at, (((&w, &x), &y), &z)) in bytes(0).zip(bytes(1)).zip(bytes(2)).zip(bytes(3)).enumerate() {
        (a, b, c, d) = (walk.next(a, w), walk.next(b, x), walk.next(c, y), walk.next(d, z));
        if a.max(b).max(c.max(d)) >= walk.first_match {
            for ((seen, start), state) in seen.iter_mut().zip(start).zip([a, b, c, d]) {
                if state >= walk.first_match {
                    seen.push((start + at + 1, state));
                }
            }
        }
    }
    // at most three bytes remain
    for (at, &byte) in (start[3] + part..).zip(&text[start[3] + part..to]) {
        d = walk.next(d, byte);
        if d >= walk.first_match {
            seen[3].push((at + 1, d));
        }
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::convert::Infallible;

    fn naive(literals: &[(Vec<u8>, u16)], text: &[u8]) -> Vec<(usize, u16, usize)> {
        let text = text.to_ascii_lowercase();
        let mut all = vec![];
        for (literal, rule) in literals {
            for (at, window) in text.windows(literal.len()).enumerate() {
                if window == literal {
                    all.push((at + literal.len(), *rule, literal.len()));
                }
            }
        }
        all.sort_unstable();
        all
    }

    fn ours(literals: &[(Vec<u8>, u16)], text: &[u8]) -> Vec<(usize, u16, usize)> {
        let automaton = Automaton::new(literals).unwrap();
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
            words in prop::collection::btree_set("[ab-]{2,7}", 1..8),
            text in "[abAB-]{0,3000}",
        ) {
            let literals: Vec<_> = words.into_iter().enumerate().map(|(n, w)| (w.into_bytes(), n as u16)).collect();
            prop_assert_eq!(ours(&literals, text.as_bytes()), naive(&literals, text.as_bytes()));
        }
    }

    #[test]
    fn ranges_see_the_literals_that_end_in_them() {
        let automaton = Automaton::new(&[(b"abc".to_vec(), 0)]).unwrap();
        let text = b"abc.abc.abc".repeat(300);
        let ends = |range: Range<usize>| {
            let mut ends = vec![];
            let result: Result<(), Infallible> = scan(&automaton, &text, range, |end, _| {
                ends.push(end);
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
        let literals = [(b"abcabd".to_vec(), 0), (b"bd".to_vec(), 1)];
        for len in [SHORT - 1, SHORT, SHORT + 3, SEGMENT, SEGMENT + 5, 2 * SEGMENT + SHORT + 1] {
            let text: Vec<u8> = b"abcabcabd".iter().copied().cycle().take(len).collect();
            assert_eq!(ours(&literals, &text), naive(&literals, &text), "{len}");
        }
    }
}
