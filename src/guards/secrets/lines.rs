//! Positions of many spans of one text, in ascending order, at the cost of one pass over it; and which lines are
//! comments.

use crate::finding::{Position, Span};

/// Bytes on each side of a span that are looked at for its snippet: a little more than a snippet keeps.
const MARGIN: usize = 4100;

/// What comments begin with. A star without a blank behind it is an operator.
const COMMENTS: [&[u8]; 8] = [b"//", b"/*", b"* ", b"#", b"--", b";", b"%", b"<!--"];

/// Whether a line without the white space in front of it begins as comments do.
pub(crate) fn opens_comment(line: &[u8]) -> bool {
    COMMENTS.iter().any(|mark| line.starts_with(mark))
}

/// Counts lines and columns from one span to the next.
pub(crate) struct Lines<'a> {
    text: &'a [u8],
    /// Up to here lines and columns are counted.
    at: usize,
    /// Line ends before `at`.
    lines: u32,
    /// Where the line of `at` begins.
    line_start: usize,
    /// Characters between `line_start` and `at`.
    columns: u32,
}

impl<'a> Lines<'a> {
    /// At the beginning of `text`.
    pub(crate) fn new(text: &'a [u8]) -> Self {
        Lines { text, at: 0, lines: 0, line_start: 0, columns: 0 }
    }

    /// The position of `span`, which must not begin before the last one.
    pub(crate) fn position(&mut self, span: Span) -> Position {
        self.advance(span.start.min(self.text.len()));
        let from = self.line_start.max(self.at.saturating_sub(MARGIN));
        let to = (span.end + MARGIN).min(self.text.len());
        let near = &self.text[from..to.max(self.at)];
        let mut position = Position::new(near, Span::new(span.start - from, span.end - from));
        if position.end_line == 1 {
            // columns of the window, moved to those of the line
            position.end_column = 1 + self.columns + (position.end_column - position.column);
        }
        position.column = 1 + self.columns;
        position.line += self.lines;
        position.end_line += self.lines;
        position.span = span;
        position
    }

    fn advance(&mut self, to: usize) {
        let passed = self.text.get(self.at..to).unwrap_or_default();
        let counted = match memchr::memrchr(b'\n', passed) {
            Some(last) => {
                self.lines += memchr::memchr_iter(b'\n', passed).count() as u32;
                self.line_start = self.at + last + 1;
                self.columns = 0;
                &passed[last + 1..]
            }
            None => passed,
        };
        let characters = |c: std::str::Utf8Chunk<'_>| c.valid().chars().count() + c.invalid().len();
        self.columns += counted.utf8_chunks().map(characters).sum::<usize>() as u32;
        self.at = to.max(self.at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_positions_counted_from_the_start() {
        let long = "ä".repeat(6000);
        let text = format!("one two\nthree öö four\n\nfive\nsix {long} seven {long} eight\nnine");
        let mut lines = Lines::new(text.as_bytes());
        for word in ["one", "two", "three", "four", "five\nsix", "seven", "eight\nnine", "nine"] {
            let start = text.find(word).unwrap();
            let span = Span::new(start, start + word.len());
            let (ours, theirs) = (lines.position(span), Position::new(text.as_bytes(), span));
            assert_eq!(
                (ours.span, ours.line, ours.column, ours.end_line, ours.end_column, ours.snippet.cut),
                (theirs.span, theirs.line, theirs.column, theirs.end_line, theirs.end_column, theirs.snippet.cut),
                "{word}"
            );
            assert_eq!(ours.snippet.mark.of(&ours.snippet.text), theirs.snippet.mark.of(&theirs.snippet.text));
        }
    }
}
