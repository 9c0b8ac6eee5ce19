//! Which lines of a text a change added, by the algorithm that Git itself uses.

use super::GitError;
use std::ops::Range;

/// The lines of `new`, from 1, that are not in `old`: sorted, disjoint ranges, the end exclusive.
///
/// # Errors
/// When the texts cannot be compared (more than a gibibyte).
pub fn added(old: &[u8], new: &[u8]) -> Result<Vec<Range<u32>>, GitError> {
    let mut options = git2::DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let patch = git2::Patch::from_buffers(old, None, new, None, Some(&mut options))?;
    let mut ranges = Vec::new();
    for n in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(n)?;
        if hunk.new_lines() > 0 {
            ranges.push(hunk.new_start()..hunk.new_start() + hunk.new_lines());
        }
    }
    Ok(ranges)
}

/// What stands in every list: the lines of a merge that no parent has.
pub fn intersect(a: &[Range<u32>], b: &[Range<u32>]) -> Vec<Range<u32>> {
    let (mut out, mut i, mut j) = (Vec::new(), 0, 0);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let both = x.start.max(y.start)..x.end.min(y.end);
        if !both.is_empty() {
            out.push(both);
        }
        if x.end < y.end { i += 1 } else { j += 1 }
    }
    out
}

#[cfg(test)]
#[allow(clippy::single_range_in_vec_init, reason = "lists of ranges are what is compared")]
mod tests {
    use super::*;

    #[test]
    fn tells_new_lines_from_old_ones() {
        assert_eq!(added(b"", b"a\nb\n").unwrap(), [1..3]);
        assert_eq!(added(b"a\nb\n", b"a\nx\nb\ny").unwrap(), [2..3, 4..5]);
        assert_eq!(added(b"a\nb\nc\n", b"a\nc\n").unwrap(), []);
        assert_eq!(added(b"a\0\n", b"a\0\nb\0").unwrap(), [2..3]);
        assert_eq!(added(b"same", b"same").unwrap(), []);
    }

    #[test]
    fn intersections_are_what_both_have() {
        assert_eq!(intersect(&[1..5, 8..9], &[2..3, 4..10]), [2..3, 4..5, 8..9]);
        assert_eq!(intersect(&[1..2], &[2..3]), []);
    }
}
