//! The one way from bytes of a repository to text for people: redact, neutralise, clip.
//!
//! Every string that a human format prints comes from [`Excerpts`]; the formats add fixed words only.

use super::neutralise;
use super::redact::{Kind, MASK_MAX, Redactor, around, pieces, within};
use crate::finding::{Finding, Snippet};
use crate::secret::Secret;
use std::ops::Range;

/// The columns of source that are shown of a line.
const COLUMNS: usize = 100;

/// The columns of source that stay in front of a mark that is wider than the room.
const LEAD: usize = 20;

/// The bytes of a line around a mark's start that can matter: no column takes more than twenty, a
/// character and its [`COMBINING_MAX`] marks.
const REACH: usize = 20 * COLUMNS;

/// Combining marks that a character keeps; more of them would paint over the lines around.
const COMBINING_MAX: usize = 4;

/// The columns that the id of a rule may take.
const RULE_COLUMNS: usize = 100;

/// Which characters may be printed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Charset {
    /// Whatever a UTF-8 terminal shows.
    #[default]
    Utf8,
    /// ASCII alone; the rest is written as `\u{e4}`.
    Ascii,
}

impl Charset {
    fn ellipsis(self) -> &'static str {
        match self {
            Charset::Utf8 => "…",
            Charset::Ascii => "...",
        }
    }
}

/// A line of source that may be printed, and where its mark stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Excerpt {
    /// The line, clipped around the mark.
    pub text: String,
    /// Terminal columns of `text` in front of the mark.
    pub start: usize,
    /// Terminal columns of the mark, as far as it is shown; at least one.
    pub width: usize,
}

/// Makes printable text.
#[derive(Clone, Copy, Debug)]
pub struct Excerpts<'a> {
    redactor: &'a Redactor,
    charset: Charset,
}

/// A character as it is printed, with the combining marks behind it.
struct Cell {
    /// Its bytes in the source.
    source: Range<usize>,
    /// Where it begins in the printed text.
    out: usize,
    /// The column where it begins.
    column: usize,
}

/// Printed text by cell. Has one cell more than characters: the end.
struct Laid {
    text: String,
    cells: Vec<Cell>,
}

impl<'a> Excerpts<'a> {
    /// Masks with `redactor`, prints with `charset`.
    pub fn new(redactor: &'a Redactor, charset: Charset) -> Self {
        Excerpts { redactor, charset }
    }

    /// One line of at most `columns` columns from any text: a message, a name.
    pub fn line(&self, text: impl AsRef<[u8]>, columns: usize) -> String {
        let text = text.as_ref();
        self.one_line(text, &self.redactor.masked(text), columns)
    }

    /// The same for what a finding says: its message, note or help. Words of the program's own are not masked.
    pub fn said(&self, finding: &Finding, text: &str, columns: usize) -> String {
        if finding.own_words { self.one_line(text.as_bytes(), &[], columns) } else { self.line(text, columns) }
    }

    /// The same for a path, as [`Redactor::masked_path`] has it.
    pub fn path(&self, path: &[u8], columns: usize) -> String {
        self.one_line(path, &self.redactor.masked_path(path), columns)
    }

    /// The id of a rule. It is a word of gitward or of a rule file and stays readable, even where a weak
    /// password is the word "password".
    pub fn rule(&self, id: &str) -> String {
        self.one_line(id.as_bytes(), &[], RULE_COLUMNS)
    }

    fn one_line(&self, text: &[u8], masked: &[Range<usize>], columns: usize) -> String {
        let Laid { mut text, cells } = self.lay(text, masked, MASK_MAX);
        if cells.last().is_some_and(|end| end.column > columns) {
            let ellipsis = self.charset.ellipsis();
            let room = columns.saturating_sub(neutralise::width(ellipsis));
            // the last cell that begins within the room may stick out of it: it goes
            let keep = cells.partition_point(|c| c.column <= room).saturating_sub(1);
            text.truncate(cells.get(keep).map_or(0, |c| c.out));
            text.push_str(ellipsis);
        }
        text
    }

    /// The line of a snippet. `secret`: what the mark is, if it is a credential.
    pub fn snippet(&self, snippet: &Snippet, secret: Option<&Secret>) -> Excerpt {
        let end = snippet.mark.end.min(snippet.text.len());
        let start = snippet.mark.start.min(end);
        let near = around(&snippet.text, start, REACH, REACH);
        let masked = self.redactor.masked_in(snippet, secret, &near);
        let cut = (snippet.cut || near.start > 0, near.end < snippet.text.len());
        let source = snippet.text.get(near.clone()).unwrap_or_default();
        let laid = self.lay(source, &within(&masked, &near), usize::MAX);
        let mark = start.saturating_sub(near.start)..end.saturating_sub(near.start).min(source.len());
        self.clip(&laid, &mark, cut)
    }

    /// Cuts `laid` to [`COLUMNS`] around the bytes `mark` of its source. `cut`: whether source is missing
    /// in front, behind.
    fn clip(&self, laid: &Laid, mark: &Range<usize>, cut: (bool, bool)) -> Excerpt {
        let column = |cell: usize| laid.cells.get(cell).map_or(0, |c| c.column);
        let out = |cell: usize| laid.cells.get(cell).map_or(0, |c| c.out);
        let last = laid.cells.len().saturating_sub(1);
        let first = laid.cells.partition_point(|c| c.source.end <= mark.start).min(last);
        let behind = laid.cells.partition_point(|c| c.source.start < mark.end).clamp(first, last);
        let (mark_start, mark_end) = (column(first), column(behind));

        let ellipsis = self.charset.ellipsis();
        let mut shown = 0..last;
        if column(last) > COLUMNS {
            let room = COLUMNS - 2 * neutralise::width(ellipsis);
            let lead = (room.saturating_sub(mark_end - mark_start) / 2).max(LEAD);
            let from = mark_start.saturating_sub(lead).min(column(last) - room);
            shown.start = laid.cells.partition_point(|c| c.column < from).min(first);
            // the end of a cell is where the next one begins
            shown.end = laid.cells.partition_point(|c| c.column <= column(shown.start) + room).saturating_sub(1);
        }
        let mut text = String::new();
        if cut.0 || shown.start > 0 {
            text.push_str(ellipsis);
        }
        let start = neutralise::width(&text) + mark_start - column(shown.start);
        text.push_str(laid.text.get(out(shown.start)..out(shown.end)).unwrap_or_default());
        if cut.1 || shown.end < last {
            text.push_str(ellipsis);
        }
        let width = mark_end.min(column(shown.end)).saturating_sub(mark_start).max(1);
        Excerpt { text, start, width }
    }

    fn lay(&self, source: &[u8], masked: &[Range<usize>], mask_max: usize) -> Laid {
        let mut laid = Laid { text: String::with_capacity(source.len()), cells: Vec::with_capacity(source.len() + 1) };
        let mut column = 0;
        let mut masks = 0;
        let mut combining = 0;
        for piece in pieces(source, masked) {
            let out = laid.text.len();
            masks = if piece.kind == Kind::Masked { masks + 1 } else { 0 };
            match piece.kind {
                Kind::Masked if masks <= mask_max => laid.text.push('*'),
                Kind::Masked => {}
                Kind::Invalid(byte) => neutralise::push_byte(&mut laid.text, byte),
                Kind::Char('#') if neutralise::is_command(source, piece.at) => {
                    neutralise::push_byte(&mut laid.text, b'#')
                }
                Kind::Char(c) if self.charset == Charset::Ascii => neutralise::push_ascii(&mut laid.text, c),
                Kind::Char(c) => neutralise::push(&mut laid.text, c),
            }
            let mut width = neutralise::width(&laid.text[out..]);
            combining = if width == 0 { combining + 1 } else { 0 };
            if let (Kind::Char(c), true) = (piece.kind, combining > COMBINING_MAX) {
                laid.text.truncate(out);
                neutralise::push_escape(&mut laid.text, c);
                width = neutralise::width(&laid.text[out..]);
            }
            match laid.cells.last_mut() {
                Some(cell) if width == 0 => cell.source.end = piece.at + piece.len,
                _ => laid.cells.push(Cell { source: piece.at..piece.at + piece.len, out, column }),
            }
            column += width;
        }
        let end = source.len();
        laid.cells.push(Cell { source: end..usize::MAX, out: laid.text.len(), column });
        laid
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Position, Span};

    fn excerpt(line: &str, mark: &str) -> Excerpt {
        let at = line.find(mark).unwrap();
        let position = Position::new(line.as_bytes(), Span::new(at, at + mark.len()));
        Excerpts::new(&Redactor::default(), Charset::Utf8).snippet(&position.snippet, None)
    }

    /// The line with its mark below, as a terminal shows it.
    fn drawn(line: &str, mark: &str) -> String {
        let e = excerpt(line, mark);
        format!("{}\n{}{}", e.text, " ".repeat(e.start), "^".repeat(e.width))
    }

    #[test]
    fn marks_line_up() {
        assert_eq!(drawn("FROM python:3", "python"), "FROM python:3\n     ^^^^^^");
        assert_eq!(drawn("\tx = \"日本\" # ü", "日本"), "    x = \"日本\" # ü\n         ^^^^");
        assert_eq!(drawn("e\u{301}e\u{301} = x", "x"), "e\u{301}e\u{301} = x\n     ^");
        assert_eq!(drawn("a\u{1b}b c", "b c"), "a\\x1bb c\n     ^^^");
        assert_eq!(drawn("a\u{202e}b", "\u{202e}"), "a\\u{202e}b\n ^^^^^^^^");
        assert_eq!(drawn("abc", ""), "abc\n^");
    }

    #[test]
    fn an_empty_mark_at_the_end_stands_behind_the_line() {
        let position = Position::new(b"abc", Span::new(3, 3));
        let e = Excerpts::new(&Redactor::default(), Charset::Utf8).snippet(&position.snippet, None);
        assert_eq!((e.text.as_str(), e.start, e.width), ("abc", 3, 1));
        let position = Position::new(b"", Span::new(0, 0));
        let e = Excerpts::new(&Redactor::default(), Charset::Utf8).snippet(&position.snippet, None);
        assert_eq!((e.text.as_str(), e.start, e.width), ("", 0, 1));
    }

    #[test]
    fn long_lines_are_clipped_around_the_mark() {
        let line = format!("{}MARK{}", "a".repeat(200), "b".repeat(200));
        let e = excerpt(&line, "MARK");
        assert_eq!(e.text, format!("…{}MARK{}…", "a".repeat(47), "b".repeat(47)));
        assert_eq!((e.start, e.width), (48, 4));

        let line = format!("MARK{}", "b".repeat(200));
        let e = excerpt(&line, "MARK");
        assert_eq!(e.text, format!("MARK{}…", "b".repeat(94)));
        assert_eq!((e.start, e.width), (0, 4));

        let line = format!("{}MARK", "a".repeat(200));
        let e = excerpt(&line, "MARK");
        assert_eq!(e.text, format!("…{}MARK", "a".repeat(94)));
        assert_eq!((e.start, e.width), (95, 4));

        let line = format!("key={}end", "k".repeat(500));
        let e = excerpt(&line, &"k".repeat(500));
        assert_eq!(e.text, format!("key={}…", "k".repeat(94)));
        assert_eq!((e.start, e.width), (4, 94));
    }

    #[test]
    fn clipping_never_splits_wide_characters() {
        let line = format!("{}x{}", "日".repeat(300), "本".repeat(300));
        let e = excerpt(&line, "x");
        assert!(neutralise::width(&e.text) <= COLUMNS, "{}", neutralise::width(&e.text));
        assert_eq!(neutralise::width(e.text.split('x').next().unwrap()), e.start);
        let line = format!("{}x{}", "e\u{301}\u{302}\u{303}".repeat(2000), "e\u{301}".repeat(2000));
        let e = excerpt(&line, "x");
        assert!(neutralise::width(&e.text) <= COLUMNS);
        assert_eq!(neutralise::width(e.text.split('x').next().unwrap()), e.start);
    }

    #[test]
    fn a_snippet_that_was_cut_says_so() {
        let text = [vec![b'a'; 50_000], b"MARK".to_vec(), vec![b'b'; 50_000]].concat();
        let position = Position::new(&text, Span::new(50_000, 50_004));
        let e = Excerpts::new(&Redactor::default(), Charset::Utf8).snippet(&position.snippet, None);
        assert!(e.text.starts_with("…a") && e.text.ends_with("b…"), "{}", e.text);
        let short = Snippet { text: b"tail MARK".to_vec(), mark: Span::new(5, 9), cut: true };
        let e = Excerpts::new(&Redactor::default(), Charset::Utf8).snippet(&short, None);
        assert_eq!((e.text.as_str(), e.start), ("…tail MARK", 6));
    }

    #[test]
    fn secrets_keep_their_columns() {
        let secret = Secret::new(format!("{}{}", "tok_", "Zx8kZx8kZx8kZx8kZx8k").as_bytes());
        let line = [b"a = \"", secret.expose(), b"\" # b"].concat();
        let position = Position::new(&line, Span::new(5, 29));
        let redactor = Redactor::new([&secret]);
        let e = Excerpts::new(&redactor, Charset::Utf8).snippet(&position.snippet, Some(&secret));
        assert_eq!(e.text, format!("a = \"tok_{}\" # b", "*".repeat(20)));
        assert_eq!((e.start, e.width), (5, 24));
    }

    #[test]
    fn lines_are_clipped_and_tamed() {
        let redactor = Redactor::default();
        let utf8 = Excerpts::new(&redactor, Charset::Utf8);
        assert_eq!(utf8.line("short", 5), "short");
        assert_eq!(utf8.line("longer", 5), "long…");
        assert_eq!(utf8.line("日本日本", 5), "日本…");
        assert_eq!(utf8.line("a\nb\u{1b}]8;;x\u{7}", 80), "a\\nb\\x1b]8;;x\\x07");
        assert_eq!(utf8.line(b"a\xffb", 80), "a\\xffb");
        assert_eq!(utf8.line("##[error] ## [x]", 80), "#\\x23[error] ## [x]");
        assert_eq!(utf8.line(format!("e{}", "\u{301}".repeat(6)), 80), "e\u{301}\u{301}\u{301}\u{301}\\u{301}\\u{301}");
        let ascii = Excerpts::new(&redactor, Charset::Ascii);
        assert_eq!(ascii.line("ä…\t日", 80), "\\u{e4}\\u{2026}    \\u{65e5}");
        assert_eq!(ascii.line("longer", 5), "lo...");
    }
}
