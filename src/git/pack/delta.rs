//! Deltas: an object as pieces of another one and new bytes.

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

/// Puts the result of a delta against `base` into `out`.
pub(super) fn apply(base: &[u8], mut delta: &[u8], out: &mut Vec<u8>) -> Result<(), BadDelta> {
    let (Some(base_len), Some(len)) = (number(&mut delta), number(&mut delta)) else { return Err(BadDelta) };
    if base_len != base.len() {
        return Err(BadDelta);
    }
    out.clear();
    out.reserve(len);
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
            offset.checked_add(size).and_then(|end| base.get(offset..end))
        } else if op != 0 {
            let (new, rest) = delta.split_at_checked(usize::from(op)).ok_or(BadDelta)?;
            delta = rest;
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
    if out.len() == len { Ok(()) } else { Err(BadDelta) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_and_inserts() {
        let delta = [10, 8, 0x91, 2, 3, 2, b'x', b'y', 0x90, 3];
        let mut out = vec![1; 50];
        assert_eq!(apply(b"0123456789", &delta, &mut out), Ok(()));
        assert_eq!(out, b"234xy012");
        assert_eq!(result_len(&delta), Some(8));
        // a copy without a size is one of 64 KiB
        let base = vec![7; 0x1_0000];
        assert_eq!(apply(&base, &[0x80, 0x80, 4, 0x80, 0x80, 4, 0x80], &mut out), Ok(()));
        assert_eq!(out, base);
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
            assert_eq!(apply(b"0123456789", bad, &mut out), Err(BadDelta), "{bad:?}");
        }
    }
}
