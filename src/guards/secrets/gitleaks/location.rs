//! Lines and columns as gitleaks counts them, its slips included: reports and baselines hold them.

use crate::finding::Span;

/// Where line ends stand in a text.
pub(super) struct LineEnds {
    ends: Vec<usize>,
    len: usize,
}

/// A place in a text. Lines are counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Location {
    pub(super) start_line: usize,
    pub(super) end_line: usize,
    /// From 1 on the first line, from 2 on others: the line end before counts.
    pub(super) start_column: usize,
    pub(super) end_column: usize,
    /// What counts as the line or lines of the match: from the line end before it on, or, on a last line that
    /// is not ended, from the beginning of the text.
    pub(super) line: Span,
}

impl LineEnds {
    pub(super) fn new(text: &[u8]) -> Self {
        let mut ends: Vec<usize> = memchr::memchr_iter(b'\n', text).collect();
        if ends.is_empty() {
            ends.push(text.len());
        }
        LineEnds { ends, len: text.len() }
    }

    /// The line end before line `n`, or 0.
    fn before(&self, n: usize) -> usize {
        n.checked_sub(1).and_then(|n| self.ends.get(n)).copied().unwrap_or(0)
    }

    /// The place of a match in `text`, which the line ends are of.
    pub(super) fn locate(&self, text: &[u8], place: Span) -> Location {
        let Span { start, end } = place;
        let start_line = self.ends.partition_point(|at| *at <= start);
        let Some(&line_end) = self.ends.get(start_line) else {
            // a last line without an end
            let before = self.ends.last().copied().unwrap_or(0);
            let rest = text.get(end..self.len).unwrap_or_default();
            let line_end = end + memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
            let column = |at: usize| at.saturating_sub(before);
            return Location {
                start_line: self.ends.len(),
                end_line: self.ends.len(),
                start_column: column(start) + 1,
                end_column: column(end),
                line: Span::new(0, line_end.max(end)),
            };
        };
        let mut location = Location {
            start_line,
            end_line: start_line,
            start_column: start - self.before(start_line) + 1,
            // where the match ends on a last line without an end
            end_column: 0,
            line: Span::new(self.before(start_line), line_end.max(end)),
        };
        let last = self.ends.partition_point(|at| *at < end);
        if let Some(&line_end) = self.ends.get(last).filter(|_| end > 0) {
            location.end_column = end - self.before(last);
            if last >= start_line {
                location.end_line = last;
                location.line.end = line_end.max(end);
            }
        }
        location
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate(text: &str, start: usize, end: usize) -> (usize, usize, usize, usize, &str) {
        let found = LineEnds::new(text.as_bytes()).locate(text.as_bytes(), Span::new(start, end));
        let line = &text[found.line.start..found.line.end];
        (found.start_line, found.end_line, found.start_column, found.end_column, line)
    }

    #[test]
    fn counts_as_gitleaks_does() {
        assert_eq!(locate("ab cd\nef gh\nij", 3, 5), (0, 0, 4, 5, "ab cd"));
        assert_eq!(locate("ab cd\nef gh\nij", 9, 11), (1, 1, 5, 6, "\nef gh"));
        assert_eq!(locate("ab cd\nef gh\nij", 3, 8), (0, 1, 4, 3, "ab cd\nef gh"));
        // on a last line without an end the whole text counts as the line
        assert_eq!(locate("ab cd\nef gh\nij", 12, 13), (2, 2, 2, 2, "ab cd\nef gh\nij"));
        assert_eq!(locate("ab cd\nef gh\nij", 9, 13), (1, 1, 5, 0, "\nef gh\ni"));
        assert_eq!(locate("ab cd", 3, 5), (0, 0, 4, 5, "ab cd"));
    }
}
