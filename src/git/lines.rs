//! Which lines of a text a change added, by the algorithm that Git itself uses.

use super::GitError;
use std::ops::Range;

/// What is kept of each end that two texts have in common, in bytes: where lines repeat, what was added may be shown a
/// little further up or down.
const KEPT: usize = 1024;

/// The lines of `new`, from 1, that are not in `old`: sorted, disjoint ranges, the end exclusive.
///
/// # Errors
/// When the texts cannot be compared (more than a gibibyte).
pub fn added(old: &[u8], new: &[u8]) -> Result<Vec<Range<u32>>, GitError> {
    let (old, new, before) = without_ends(old, new);
    let mut options = git2::DiffOptions::new();
    options.context_lines(0).interhunk_lines(0).force_text(true);
    let patch = git2::Patch::from_buffers(old, None, new, None, Some(&mut options))?;
    let mut ranges = Vec::new();
    for n in 0..patch.num_hunks() {
        let (hunk, _) = patch.hunk(n)?;
        if hunk.new_lines() > 0 {
            let start = before + hunk.new_start();
            ranges.push(start..start + hunk.new_lines());
        }
    }
    Ok(ranges)
}

/// Two texts without most of the lines that both begin and end with, and how many lines stood in front. A comparison
/// hashes both texts and sorts their lines; most changes are small.
fn without_ends<'a>(old: &'a [u8], new: &'a [u8]) -> (&'a [u8], &'a [u8], u32) {
    let common = old.iter().zip(new).take_while(|(a, b)| a == b).count().saturating_sub(KEPT);
    let front = new.get(..common).unwrap_or_default();
    let start = memchr::memrchr(b'\n', front).map_or(0, |n| n + 1);
    let lines = memchr::memchr_iter(b'\n', front).count() as u32;
    let (old, new) = (old.get(start..).unwrap_or_default(), new.get(start..).unwrap_or_default());
    let common = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().saturating_sub(KEPT);
    let back = new.get(new.len() - common..).unwrap_or_default();
    let rest = memchr::memchr(b'\n', back).map_or(0, |n| back.len() - n - 1);
    let cut = |text: &'a [u8]| text.get(..text.len() - rest).unwrap_or(text);
    (cut(old), cut(new), lines)
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
    fn common_ends_are_counted_and_not_compared() {
        let lines = |range: Range<u32>| range.map(|n| format!("line {n}\n")).collect::<String>();
        for (before, behind) in [(0, 0), (1, 500), (500, 1), (500, 500), (0, 500), (500, 0)] {
            let (front, back) = (lines(0..before), lines(1000..1000 + behind));
            let old = format!("{front}old\n{back}");
            let new = format!("{front}new\nand more\n{back}");
            assert_eq!(added(old.as_bytes(), new.as_bytes()).unwrap(), [before + 1..before + 3], "{before} {behind}");
            let cut = without_ends(old.as_bytes(), new.as_bytes());
            assert!(cut.0.len() + cut.1.len() < 6 * KEPT, "{before} {behind}");
            assert_eq!(added(old.as_bytes(), old.as_bytes()).unwrap(), []);
            // repeated lines, without a last line end
            let (old, new) = ("x\n".repeat(1000), format!("{}x", "x\n".repeat(1001)));
            assert_eq!(added(old.as_bytes(), new.as_bytes()).unwrap(), [1001..1003]);
        }
    }

    #[test]
    fn intersections_are_what_both_have() {
        assert_eq!(intersect(&[1..5, 8..9], &[2..3, 4..10]), [2..3, 4..5, 8..9]);
        assert_eq!(intersect(&[1..2], &[2..3]), []);
    }
}
