//! A name and a value with nothing but words and spaces between: `setenv NAME value`, `requirepass value`,
//! `Dim password As String = "…"`, `"password" to "…"`.

use super::bare;
use super::lex::{at, before, is_at, is_name, quote_at, run, run_back, skip_blanks, skip_blanks_back};
use super::operand::{self, Target};
use super::{Kind, Place, Reading};

/// The longest value, in bytes.
const MAX_VALUE: usize = 128;
/// The furthest that the beginning of a line is looked for, in bytes.
const MAX_LINE: usize = 160;
/// What stands in front of `name value`, in lower case, up to the name.
const SETTERS: &[&[u8]] =
    &[b"\\set ", b":setvar ", b"setenv ", b"set -x ", b"set -gx ", b"set -ux ", b"configure set ", b"config set "];
/// Types of SQL, in lower case.
const SQL_TYPES: [&[u8]; 4] = [b"nvarchar", b"varchar", b"nchar", b"sysname"];

/// Reads what stands behind the name and spaces, at `i`.
pub(super) fn read(reading: &mut Reading, text: &[u8], target: &Target, i: usize) {
    let outer = target.name.outer;
    let is_setter = |words: &&[u8]| outer.checked_sub(words.len()).is_some_and(|start| is_at(text, start, words));
    if SETTERS.iter().any(is_setter) {
        bare::word(reading, text, target, i, Place::Shell);
    } else if let Some(value) = declared(text, i) {
        operand::quoted(reading, text, target, value, Place::Assignment);
    } else if target.kind == Kind::Properties && is_directive(text, target, i) {
        bare::rest_of_line(reading, text, target, i, Place::Properties);
    }
}

/// `"name" to "value"`, as in Kotlin.
pub(super) fn infix(reading: &mut Reading, text: &[u8], target: &Target, i: usize) {
    let value = skip_blanks(text, i + 3);
    if is_at(text, i, b"to ") && quote_at(text, value, false).is_some() {
        operand::quoted(reading, text, target, value, Place::Json);
    }
}

/// Behind `As String =` and `nvarchar(50) =`.
fn declared(text: &[u8], i: usize) -> Option<usize> {
    let end = if is_at(text, i, b"as string") {
        i + b"as string".len()
    } else {
        let word = SQL_TYPES.into_iter().find(|word| is_at(text, i, word))?;
        run(text, i + word.len(), 6, |b| b.is_ascii_alphanumeric() || matches!(b, b'(' | b')'))
    };
    let sign = skip_blanks(text, end);
    let value = skip_blanks(text, sign + 1);
    let value = value + usize::from(at(text, value) == b'N' && at(text, value + 1) == b'\'');
    (at(text, sign) == b'=' && quote_at(text, value, false).is_some()).then_some(value)
}

/// Whether one word is all that the line has behind the name: the name begins the line, or the word is no word of
/// a language.
fn is_directive(text: &[u8], target: &Target, i: usize) -> bool {
    let end = run(text, i, MAX_VALUE, |b| !b.is_ascii_whitespace());
    let word = text.get(i..end).unwrap_or_default();
    if !matches!(at(text, skip_blanks(text, end)), b'\n' | b'\r' | 0)
        || matches!(before(text, target.name.outer), b'"' | b'\'')
    {
        return false;
    }
    let start = run_back(text, target.name.outer, MAX_LINE, |b| b != b'\n');
    let head = text.get(start..skip_blanks_back(text, target.name.outer)).unwrap_or_default();
    let begins = head.iter().all(|b| matches!(b, b'#' | b';' | b' ' | b'\t'));
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    let mixed = word.len() >= 8 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic);
    let plain = word.iter().all(|&b| is_name(b) || b.is_ascii_punctuation());
    plain && (mixed || begins && word.len() >= 6 && !head.contains(&b'#'))
}
