//! Statements that name a password by a phrase: SQL's `IDENTIFIED BY`, PowerShell's `ConvertTo-SecureString`.

use super::lex::{at, before, is_at, is_name, quote_at, run, skip_blanks, skip_space};
use super::{Pair, Place, Quote, Reading, insert};
use crate::finding::Span;
use crate::guards::secrets::compile::schema::Reader;

/// The furthest that `BY` is looked for behind `IDENTIFIED WITH plugin`, in bytes.
const MAX_PLUGIN: usize = 48;
/// The longest command, in bytes.
const MAX_COMMAND: usize = 512;

/// Reads the statement whose first words stand at `hit`.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span) {
    if is_at(text, hit.start, b"insert") { insert::read(reading, text, hit) } else { identified(reading, text, hit) }
}

/// `IDENTIFIED BY 'value'`, `IDENTIFIED WITH plugin BY 'value'`.
fn identified(reading: &mut Reading, text: &[u8], hit: Span) {
    let mut i = skip_space(text, hit.end);
    if is_at(text, i, b"with ") {
        let plugin = skip_blanks(text, i + 5);
        let end = run(text, plugin, MAX_PLUGIN, |b| is_name(b) || matches!(b, b'\'' | b'"' | b'`'));
        i = skip_space(text, end);
    }
    if !is_at(text, i, b"by") {
        return;
    }
    let from = skip_space(text, i + 2);
    reading.spend(from - hit.start);
    let name = Span::new(hit.start, i + 2);
    // what stands in backticks is a name, or code in a sentence
    let Some(quote) = quote_at(text, from, false).filter(|quote| quote.quote != Quote::Back) else {
        // Oracle takes a word; another one follows, or the end of the statement
        let end = run(text, from, 64, |b| is_name(b) || matches!(b, b'#' | b'$' | b'!'));
        let value = Span::new(from, end);
        if from > i + 2 && value.of(text).iter().any(u8::is_ascii_digit) && matches!(at(text, end), b';' | b' ' | b'\n')
        {
            reading.push(Pair { name, value, place: Place::Sql, quote: Quote::None });
        }
        return;
    };
    if let Some(value) = quote.content(reading, text, from + quote.len) {
        reading.push(Pair { name, value, place: Place::Sql, quote: quote.quote });
    }
}

/// The first string in the line, where `-AsPlainText` says that it stands there in clear.
pub(super) fn secure_string(reading: &mut Reading, text: &[u8], hit: Span) {
    if reading.is_passed(Reader::SecureString, hit.start) {
        return;
    }
    let end = run(text, hit.end, MAX_COMMAND, |b| b != b'\n');
    reading.pass(Reader::SecureString, end);
    reading.spend(end - hit.start);
    let clear = |i: &usize| is_at(text, *i, b"-asplaintext") || is_at(text, *i, b"-a ");
    if before(text, hit.start) == b'-' || !(hit.end..end).any(|i| clear(&i)) {
        return;
    }
    let opens =
        |i: &usize| matches!(at(text, *i), b'"' | b'\'') && matches!(before(text, *i), b' ' | b'\t' | b'(' | b':');
    let string = (hit.end..end).find(opens).and_then(|i| {
        let quote = quote_at(text, i, false)?;
        Some((quote.content(reading, text, i + quote.len)?, quote.quote))
    });
    let word = || {
        let i = skip_blanks(text, hit.end);
        let stop = run(text, i, 128, |b| !b.is_ascii_whitespace() && !matches!(b, b'(' | b')' | b'$' | b'"' | b'\''));
        (!matches!(at(text, i), b'-' | b'$') && at(text, stop) == b' ').then(|| (Span::new(i, stop), Quote::None))
    };
    if let Some((value, quote)) = string.or_else(word) {
        reading.push(Pair { name: hit, value, place: Place::SecureString, quote });
    }
}
