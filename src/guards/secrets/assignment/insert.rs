//! `INSERT INTO users (name, password) VALUES ('…', '…'), …`: the values of columns whose names hold a word for a
//! credential. What the names promise, and what the values are, is for the judge of values.

use super::lex::{at, is_at, is_name, quote_at, run, skip_space};
use super::{Pair, Place, Reading};
use crate::finding::Span;
use crate::guards::secrets::compile::schema::Reader;
use smallvec::SmallVec;

/// Columns that are read.
const MAX_COLUMNS: usize = 64;
/// Rows that are read.
const MAX_ROWS: usize = 64;
/// The longest value that is no string, in bytes.
const MAX_WORD: usize = 128;
/// What stands in the names of columns that are worth a look, in lower case.
const WORDS: [&[u8]; 6] = [b"pass", b"pwd", b"secret", b"token", b"api_key", b"apikey"];

/// Reads the statement whose `insert into` stands at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    if reading.is_passed(Reader::Sql, hit.start) {
        return;
    }
    let from = skip_space(text, hit.end);
    let table = run(text, from, MAX_WORD, |b| is_name(b) || matches!(b, b'`' | b'"' | b'[' | b']'));
    let mut i = skip_space(text, table);
    reading.spend(i - hit.start);
    reading.pass(Reader::Sql, i);
    if at(text, i) != b'(' {
        return;
    }
    i += 1;
    let mut wanted: SmallVec<[(usize, Span); 4]> = SmallVec::new();
    let mut columns = 0;
    loop {
        i = skip_space(text, i);
        let start = run(text, i, 1, |b| matches!(b, b'`' | b'"' | b'['));
        let end = run(text, start, MAX_WORD, is_name);
        let name = Span::new(start, end);
        let has = |word: &&[u8]| name.of(text).windows(word.len()).any(|w| w.eq_ignore_ascii_case(word));
        if WORDS.iter().any(has) {
            wanted.push((columns, name));
        }
        columns += 1;
        let close = skip_space(text, run(text, end, 1, |b| matches!(b, b'`' | b'"' | b']')));
        reading.spend(close - i);
        i = close + 1;
        match at(text, close) {
            b',' if columns < MAX_COLUMNS => {}
            b')' => break,
            _ => return,
        }
    }
    reading.pass(Reader::Sql, i);
    i = skip_space(text, i);
    if wanted.is_empty() || !is_at(text, i, b"values") {
        return;
    }
    i += b"values".len();
    for _ in 0..MAX_ROWS {
        i = skip_space(text, i);
        if at(text, i) != b'(' {
            return;
        }
        let Some(end) = row(reading, text, i + 1, columns, &wanted) else { return };
        reading.spend(end.saturating_sub(i));
        reading.pass(Reader::Sql, end);
        i = skip_space(text, end);
        if at(text, i) != b',' {
            return;
        }
        i += 1;
    }
}

/// Reads the values of a row up to behind its closing bracket; `None` where one of them is no literal.
fn row(reading: &mut Reading, text: &[u8], from: usize, columns: usize, wanted: &[(usize, Span)]) -> Option<usize> {
    let mut i = from;
    for column in 0..columns {
        i = skip_space(text, i);
        i += usize::from(at(text, i) == b'N' && at(text, i + 1) == b'\'');
        if let Some(quote) = quote_at(text, i, false) {
            let open = i + quote.len;
            if quote_at(text, open, false) == Some(quote) {
                i = open + quote.len;
            } else {
                let value = quote.content(reading, text, open)?;
                if let Some((_, name)) =
                    wanted.iter().find(|(n, _)| *n == column).filter(|_| !is_digest(value.of(text)))
                    && value.end - value.start >= 4
                {
                    reading.push(Pair { name: *name, value, place: Place::Assignment, quote: quote.quote });
                }
                i = value.end + quote.len;
            }
        } else {
            // a number, a word, a call without arguments
            let end = run(text, i, MAX_WORD, |b| is_name(b) || matches!(b, b'+' | b':' | b'@'));
            reading.spend(end - i);
            i = end;
            i += 2 * usize::from(is_at(text, i, b"()"));
        }
        i = skip_space(text, i);
        match at(text, i) {
            b',' if column + 1 < columns => i += 1,
            b')' if column + 1 == columns => return Some(i + 1),
            _ => return None,
        }
    }
    None
}

/// Whether the value is a digest, as passwords in tables should be.
fn is_digest(value: &[u8]) -> bool {
    matches!(value.len(), 32 | 40 | 56 | 64 | 96 | 128) && value.iter().all(u8::is_ascii_hexdigit)
}
