//! Deltas: an object as pieces of another one and new bytes.

use std::ops::Range;

/// Why a delta cannot be applied.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BadDelta;

/// A number of 7 bits a byte, the lowest first.
fn number(delta: &mut &[u8]) -> Option<usize> {
    let (mut value, mut shift) = (0usize, 0);
    loop {
        let (&byte, rest) = delta.split_first()?;
        *delta = rest;
        let part = usize::from(byte & 0x7f);
        value |= part.checked_shl(shift).filter(|v| v >> shift == part)?;
        shift += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

/// How many bytes the result of a delta has.
pub(super) fn result_len(mut delta: &[u8]) -> Option<usize> {
    number(&mut delta)?;
    number(&mut delta)
}

/// What of a result is not as in the base: ascending ranges of the result that do not touch. An empty one is a place
/// at which something was left out, or the pieces around it have other neighbours.
#[derive(Default, Debug)]
pub(super) struct Changes {
    ranges: Vec<Range<usize>>,
    /// Where in the base an unchanged result would go on.
    next: usize,
}

impl Changes {
    fn clear(&mut self) {
        self.ranges.clear();
        self.next = 0;
    }

    fn add(&mut self, range: Range<usize>) {
        match self.ranges.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.ranges.push(range),
        }
    }

    /// The result has `at` bytes and goes on with the base's bytes from `offset`.
    fn copy(&mut self, at: usize, offset: usize, len: usize) {
        if offset != self.next {
            self.add(at..at);
        }
        self.next = offset + len;
    }

    /// The result and the base are at their ends.
    fn end(&mut self, at: usize, base: usize) {
        self.copy(at, base, 0);
    }

    /// The ranges.
    pub(super) fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }
}

/// Puts the result of a delta against `base` into `out`, and what that changes into `changes`.
pub(super) fn apply(
    base: &[u8],
    mut delta: &[u8],
    out: &mut Vec<u8>,
    mut changes: Option<&mut Changes>,
) -> Result<(), BadDelta> {
    let (Some(base_len), Some(len)) = (number(&mut delta), number(&mut delta)) else { return Err(BadDelta) };
    if base_len != base.len() {
        return Err(BadDelta);
    }
    out.clear();
    out.reserve(len);
    if let Some(changes) = &mut changes {
        changes.clear();
    }
    while let Some((&op, rest)) = delta.split_first() {
        delta = rest;
        let piece = if op & 0x80 != 0 {
            // each low bit says that a byte of the offset, then of the length, follows
            let mut byte = |n: u32| match (op >> n & 1, delta.split_first()) {
                (0, _) => Some(0),
                (_, Some((&byte, rest))) => {
                    delta = rest;
                    Some(usize::from(byte))
                }
                (_, None) => None,
            };
            let mut word = |from: u32, bytes: u32| {
                (0..bytes).try_fold(0usize, |value, n| Some(value | byte(from + n)? << (8 * n)))
            };
            let (Some(offset), Some(size)) = (word(0, 4), word(4, 3)) else { return Err(BadDelta) };
            let size = if size == 0 { 0x1_0000 } else { size };
            let piece = offset.checked_add(size).and_then(|end| base.get(offset..end));
            if let (Some(changes), Some(_)) = (&mut changes, piece) {
                changes.copy(out.len(), offset, size);
            }
            piece
        } else if op != 0 {
            let (new, rest) = delta.split_at_checked(usize::from(op)).ok_or(BadDelta)?;
            delta = rest;
            if let Some(changes) = &mut changes {
                changes.add(out.len()..out.len() + new.len());
            }
            Some(new)
        } else {
            None
        };
        match piece {
            // never more than was announced: the caller has weighed that
            Some(piece) if piece.len() <= len - out.len() => out.extend_from_slice(piece),
            _ => return Err(BadDelta),
        }
    }
    if let Some(changes) = changes {
        changes.end(out.len(), base.len());
    }
    if out.len() == len { Ok(()) } else { Err(BadDelta) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_inserts() {
        let delta = [10, 8, 0x91, 2, 3, 2, b'x', b'y', 0x90, 3];
        let mut out = vec![1; 50];
        assert_eq!(apply(b"0123456789", &delta, &mut out, None), Ok(()));
        assert_eq!(out, b"234xy012");
        assert_eq!(result_len(&delta), Some(8));
        // a copy without a size is one of 64 KiB
        let base = vec![7; 0x1_0000];
        assert_eq!(apply(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80], &mut out, None), Ok(()));
        assert_eq!(out, base);
    }

    #[test]
    #[allow(clippy::single_range_in_vec_init, reason = "a list of ranges is what is asked for")]
    fn changes_are_what_differs_from_the_base() {
        let changes = |delta: &[u8]| {
            let (mut out, mut changes) = (Vec::new(), Changes::default());
            apply(b"0123456789", delta, &mut out, Some(&mut changes)).unwrap();
            changes.ranges().to_vec()
        };
        let copy = |offset: u8, len: u8| [0x91, offset, len];
        let with = |len: u8, ops: &[&[u8]]| [&[10, len], ops.concat().as_slice()].concat();
        assert!(changes(&with(10, &[&copy(0, 4), &copy(4, 6)])).is_empty(), "the base itself");
        assert_eq!(changes(&with(12, &[&copy(0, 4), b"\x02xy", &copy(4, 6)])), [4..6], "put in");
        assert_eq!(changes(&with(10, &[&copy(0, 4), b"\x02xy", &copy(6, 4)])), [4..6], "in the place of others");
        assert_eq!(changes(&with(6, &[&copy(0, 3), &copy(7, 3)])), [3..3], "left out");
        assert_eq!(changes(&with(5, &[&copy(5, 5)])), [0..0], "without its beginning");
        assert_eq!(changes(&with(5, &[&copy(0, 5)])), [5..5], "without its end");
        assert_eq!(changes(&with(10, &[&copy(5, 5), &copy(0, 5)])), [0..0, 5..5, 10..10], "in another order");
    }

    #[test]
    fn no_delta_reads_or_writes_beyond_its_bounds() {
        let mut out = Vec::new();
        for bad in [
            &[][..],
            &[10],
            &[9, 1, 0x90, 1],        // another base
            &[10, 4, 0x91, 8, 4],    // beyond the base's end
            &[10, 2, 0x90, 4],       // more than announced
            &[10, 9, 0x90, 4],       // less than announced
            &[10, 4, 4, b'a'],       // cut
            &[10, 4, 0x91],          // cut
            &[10, 4, 0, b'a', b'b'], // reserved
            &[10, 1, 0x9f, 255, 255, 255, 255, 1],
            &[255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1, 1],
        ] {
            assert_eq!(apply(b"0123456789", bad, &mut out, None), Err(BadDelta), "{bad:?}");
        }
    }
}
