//! Values without quotes: only where the kind of file or the place leaves no doubt that they are values.

use super::lex::{at, before, is_at, is_name, quote_at, run, run_back, skip_blanks, skip_blanks_back, word_before};
use super::name::{Name, Sign};
use super::operand::{Target, in_query};
use super::{Kind, MAX_BARE, MAX_ELEMENTS, MAX_NESTED, Place, Quote, Reading};
use crate::finding::Span;
use crate::guards::secrets::lines::opens_comment;

/// The furthest that the other members of a connection string are looked for, in bytes.
const MAX_MEMBER: usize = 64;
/// Members of connection strings that stand beside a password, in lower case.
const MEMBERS: &[&[u8]] = &[
    b"host",
    b"hostname",
    b"server",
    b"user",
    b"username",
    b"uid",
    b"dbname",
    b"database",
    b"port",
    b"sslmode",
    b"hostaddr",
    b"addr",
    b"db",
    b"driver",
    b"timeout",
    b"endpoint",
    b"accountname",
];
/// The most bytes in front of a value on its line that are looked at.
const MAX_LINE: usize = 256;
/// Lines of a mapping that are looked at.
const MAX_DESCRIBED: usize = 6;
/// The most bytes of white space and marks of a comment in front of a name.
const MAX_MARK: usize = 64;
/// Words in front of `name=value`.
const SHELL_WORDS: [&[u8]; 9] =
    [b"export", b"set", b"setenv", b"-e", b"--env", b"--build-arg", b"-var", b"declare", b"env"];
/// As the others, in Dockerfiles.
const DOCKER_WORDS: [&[u8]; 2] = [b"env", b"arg"];

/// What ends a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    /// The end of the line, or a comment.
    Line,
    /// White space, a quote, what a shell takes for an operator.
    Word,
    /// What no query holds.
    Query,
    /// `;`, a quote, the end of the line.
    Member,
}

impl Stop {
    fn at(self, byte: u8) -> bool {
        match byte {
            b'\n' | b'\r' | 0 => true,
            _ if self == Stop::Line => false,
            b'"' | b'\'' | b'`' | b'<' | b'\\' => true,
            b';' => true,
            _ if self == Stop::Member => false,
            b' ' | b'\t' | b'&' | b'|' | b'>' => true,
            b'#' | b')' | b']' | b'}' | b',' => self == Stop::Query,
            _ => false,
        }
    }
}

/// Reads a value without quotes behind a sign; whether this was a place for one.
pub(super) fn read(reading: &mut Reading, text: &[u8], target: &Target, here: usize) -> bool {
    let Some((stop, place)) = context(reading, text, target, here) else { return false };
    let here =
        here + usize::from(stop == Stop::Query && target.separator.sign == Sign::Colon && at(text, here) == b'-');
    if matches!(at(text, here), b'[' | b'{') && matches!(stop, Stop::Line | Stop::Word) && at(text, here + 1) != b'{' {
        return false;
    }
    if place == Place::Yaml && matches!(at(text, here), b'\n' | b'\r' | b'|' | b'>') {
        return yaml_below(reading, text, target, here);
    }
    if matches!(at(text, here), b'\n' | b'\r') {
        return false;
    }
    take(reading, text, target, here, stop, place);
    true
}

/// What ends the value at `here`, and its place.
fn context(reading: &mut Reading, text: &[u8], target: &Target, here: usize) -> Option<(Stop, Place)> {
    let Target { name, separator, kind } = target;
    let previous = before(text, name.outer);
    let tight = !separator.spaced && here == separator.end;
    let in_string = matches!(previous, b'"' | b'\'' | b'`');
    if separator.sign == Sign::Equals && tight && name.quote.is_none() {
        if name.dashes > 0 {
            return Some((Stop::Word, Place::CommandLine));
        }
        if in_query(text, name) {
            return Some((Stop::Query, Place::Query));
        }
        let word = skip_blanks_back(text, name.outer);
        let is_word = |words: &[&[u8]]| word < name.outer && words.iter().any(|w| word_before(text, word, w));
        if *kind == Kind::Dockerfile && is_word(&DOCKER_WORDS) {
            return Some((Stop::Word, Place::Dockerfile));
        }
        if is_word(&SHELL_WORDS) {
            return Some((Stop::Word, Place::Shell));
        }
        // a member behind a semicolon, which in code ends a statement too, stands inside a string
        if before(text, word) == b';' && *kind != Kind::Code && *kind != Kind::Shell {
            return Some((Stop::Member, Place::ConnectionString));
        }
        if before(text, word) == b';' && word == name.outer || in_string {
            return Some((Stop::Member, Place::ConnectionString));
        }
        if word < name.outer && follows_member(text, word) {
            return Some((Stop::Word, Place::ConnectionString));
        }
        if name.in_string {
            return Some((Stop::Word, Place::Properties));
        }
    }
    // ${name:value} and ${name:-value}: what stands in where the name is not set
    if matches!(separator.sign, Sign::Colon | Sign::Walrus)
        && previous == b'{'
        && is_at(text, name.outer.saturating_sub(2), b"${")
    {
        // ${name:?why} and ${name:+instead} say what is done about it; no shell has names with dots
        if matches!(at(text, here), b'?' | b'+') && !name.span.of(text).contains(&b'.') {
            return None;
        }
        return Some((Stop::Query, Place::Properties));
    }
    if separator.sign == Sign::Colon && name.quote.is_none() && in_string {
        return header(reading, text, name, here);
    }
    let spaced = here > separator.end || matches!(at(text, here), b'\n' | b'\r');
    match (kind, separator.sign) {
        _ if name.quote.is_some() && !matches!(kind, Kind::Yaml | Kind::Prose) => None,
        (Kind::Properties, Sign::Equals | Sign::Colon) => Some((Stop::Line, Place::Properties)),
        (Kind::Yaml, Sign::Colon) if spaced => Some((Stop::Line, Place::Yaml)),
        (Kind::Yaml, Sign::Equals) if tight => Some((Stop::Word, Place::Properties)),
        (Kind::Shell, Sign::Walrus) => Some((Stop::Line, Place::Shell)),
        (Kind::Shell, Sign::Equals) if separator.spaced && is_variable(text, name) => Some((Stop::Line, Place::Shell)),
        // what a batch file asks for
        (Kind::Shell, Sign::Equals) if word_before(text, skip_blanks_back(text, name.outer), b"/p") => None,
        (Kind::Shell, Sign::Equals) if tight => Some((Stop::Word, Place::Shell)),
        (Kind::Dockerfile, Sign::Equals) if tight => Some((Stop::Word, Place::Dockerfile)),
        (Kind::Shell | Kind::Dockerfile, Sign::Colon) if spaced => Some((Stop::Word, Place::Yaml)),
        (Kind::Code | Kind::Markup, Sign::Colon | Sign::Equals)
            if (spaced || separator.sign == Sign::Equals) && is_note(reading, text, target, here) =>
        {
            Some((Stop::Word, Place::Note))
        }
        (Kind::Prose, Sign::Equals) => Some((Stop::Word, Place::Properties)),
        (Kind::Prose, Sign::Colon) => Some((Stop::Word, Place::Yaml)),
        _ => None,
    }
}

/// Whether a name and the word at `here` are all that a line of a comment holds, or one of the text of a page.
fn is_note(reading: &mut Reading, text: &[u8], target: &Target, here: usize) -> bool {
    let is_mark = |b| matches!(b, b' ' | b'\t' | b'/' | b'#' | b'*' | b'-' | b';' | b'%' | b'<' | b'!');
    let outer = target.name.outer;
    let start = run_back(text, outer, MAX_MARK, is_mark);
    let marks = text.get(start..outer).unwrap_or_default();
    let is_page = target.kind == Kind::Markup;
    let opens = match (before(text, start), marks.trim_ascii_start()) {
        (b'\n' | b'>' | 0, []) => is_page,
        (b'\n' | 0, marks) => opens_comment(marks),
        _ => false,
    };
    if !opens {
        return false;
    }
    let end = run(text, here, MAX_BARE, |b| !Stop::Word.at(b));
    reading.spend(end - here);
    let rest = skip_blanks(text, end);
    let closes = |marks: &[&[u8]]| marks.iter().any(|mark| is_at(text, rest, mark));
    end > here
        && (matches!(at(text, rest), b'\n' | b'\r' | 0) || closes(&[b"*/", b"-->"]) || is_page && closes(&[b"<"]))
}

/// Whether the name is a variable of a makefile: of capitals, at the beginning of a line. A shell takes no spaces there.
fn is_variable(text: &[u8], name: &Name) -> bool {
    let start = skip_blanks_back(text, name.outer);
    let exported = start - if word_before(text, start, b"export") { b"export".len() } else { 0 };
    matches!(before(text, exported), b'\n' | 0)
        && (exported < start || start == name.outer)
        && !name.span.of(text).iter().any(u8::is_ascii_lowercase)
}

/// `"Name: value"`: one word up to the quote that opened in front of the name.
fn header(reading: &mut Reading, text: &[u8], name: &Name, here: usize) -> Option<(Stop, Place)> {
    let quote = quote_at(text, name.outer - 1, false)?;
    let end = run(text, here, MAX_BARE, |b| !Stop::Word.at(b));
    reading.spend(end - here);
    let escaped =
        || (1..=4).any(|n| name.outer > n && quote_at(text, name.outer - 1 - n, false) == quote_at(text, end, false));
    (end > here && (quote_at(text, end, false) == Some(quote) || escaped())).then_some((Stop::Word, Place::Header))
}

/// Whether `host=…` or another member of a connection string ends at `i`.
fn follows_member(text: &[u8], i: usize) -> bool {
    let start = run_back(text, i, MAX_MEMBER, |b| !matches!(b, b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b','));
    let end = run(text, start, i - start, is_name);
    let member = text.get(start..end).unwrap_or_default();
    // variables of the environment, one behind the other: A=… B=…
    let is_constant = || member.contains(&b'_') && member.iter().all(|b| b.is_ascii_uppercase() || *b == b'_');
    at(text, end) == b'=' && end < i && (MEMBERS.iter().any(|m| member.eq_ignore_ascii_case(m)) || is_constant())
}

/// `--name value`.
pub(super) fn command_line(reading: &mut Reading, text: &[u8], target: &Target, i: usize) {
    // one dash and a word is a phrase in prose and a difference in code
    let is_option = target.name.dashes == 2 || matches!(target.kind, Kind::Shell | Kind::Dockerfile | Kind::Prose);
    let opens = matches!(before(text, target.name.outer), b' ' | b'\t' | b'\n' | b'"' | b'\'' | b'`' | b'[' | b'(' | 0);
    if is_option && opens && !matches!(at(text, i), b'-' | b'\\') {
        take(reading, text, target, i, Stop::Word, Place::CommandLine);
    }
}

/// A value up to white space, or what a shell takes for an operator.
pub(super) fn word(reading: &mut Reading, text: &[u8], target: &Target, i: usize, place: Place) {
    take(reading, text, target, i, Stop::Word, place);
}

/// A value up to the end of the line.
pub(super) fn rest_of_line(reading: &mut Reading, text: &[u8], target: &Target, i: usize, place: Place) {
    take(reading, text, target, i, Stop::Line, place);
}

fn take(reading: &mut Reading, text: &[u8], target: &Target, from: usize, stop: Stop, place: Place) {
    let from = if place == Place::Yaml { behind_properties(text, from) } else { from };
    let (end, count) = reading.bare;
    reading.bare = match from < end {
        true if count >= MAX_NESTED => return,
        true => (end, count + 1),
        false => (from, 0),
    };
    let mut end = run(text, from, MAX_BARE, |b| !stop.at(b));
    if stop == Stop::Word && target.kind == Kind::Prose {
        end = behind_apostrophe(text, from, end);
    }
    reading.spend(end - from);
    reading.bare.0 = reading.bare.0.max(end);
    if end - from >= MAX_BARE {
        return;
    }
    let end = if stop == Stop::Member { before_member(text, from, end) } else { end };
    let mut value = Span::new(from, end);
    let bytes = value.of(text);
    // a call, or an index: other code stands in its place
    let is_call = bytes.first().is_some_and(|&b| is_name(b)) && bytes.contains(&b'(') && stop == Stop::Word;
    let is_index =
        stop == Stop::Word && matches!(at(text, end), b'"' | b'\'') && matches!(bytes.last(), Some(b'[' | b'('));
    if is_call || is_index {
        return;
    }
    if stop == Stop::Line {
        value.end = from + without_comment(bytes, place);
        value.end -= usize::from(closes_quote(text, value));
    } else if target.kind == Kind::Prose && place != Place::Query {
        // what closes a sentence, a bracket or a mark of emphasis
        let kept = run_back(bytes, bytes.len(), 4, |b| matches!(b, b'.' | b',' | b':' | b')' | b'*' | b']' | b'}'));
        value.end = from + kept;
    } else {
        let kept = run_back(bytes, bytes.len(), 2, |b| matches!(b, b',' | b')'));
        value.end = from + kept;
    }
    target.push(reading, text, value, place, Quote::None);
}

/// Whether the last byte of a value up to the end of its line is a quote that opened in front of it: then the name
/// stands in a string, too.
fn closes_quote(text: &[u8], value: Span) -> bool {
    let Some((quote @ (b'"' | b'\''), body)) = value.of(text).split_last() else { return false };
    let line = run_back(text, value.start, MAX_LINE, |b| b != b'\n');
    let is_odd = |text: &[u8]| memchr::memchr_iter(*quote, text).count() % 2 == 1;
    !body.contains(quote) && is_odd(text.get(line..value.start).unwrap_or_default())
}

/// Behind the tag and the anchor of a YAML node: `!!str`, `&name`.
fn behind_properties(text: &[u8], from: usize) -> usize {
    let mut i = from;
    for _ in 0..2 {
        let end = run(text, i, MAX_MEMBER, |b| is_name(b) || matches!(b, b'!' | b'&'));
        // `&name` alone may be a value
        if !matches!(at(text, i), b'!' | b'&') || at(text, end) != b' ' {
            break;
        }
        i = skip_blanks(text, end);
    }
    i
}

/// The end of a word with an apostrophe inside: a quote that follows one letter or digit and precedes another.
fn behind_apostrophe(text: &[u8], from: usize, end: usize) -> usize {
    let inside = at(text, end) == b'\''
        && end > from
        && before(text, end).is_ascii_alphanumeric()
        && at(text, end + 1).is_ascii_alphanumeric();
    if inside { run(text, end + 1, MAX_BARE, |b| !Stop::Word.at(b)) } else { end }
}

/// The end of a value that another `name=` follows behind a space, as in `"A=… B=…"`.
fn before_member(text: &[u8], from: usize, end: usize) -> usize {
    let value = text.get(from..end).unwrap_or_default();
    let Some(space) = memchr::memchr(b' ', value).map(|n| from + n) else { return end };
    let name = run(text, space + 1, MAX_MEMBER, is_name);
    if name > space + 1 && at(text, name) == b'=' { space } else { end }
}

/// The length of a value without the comment or the rest of the flow mapping behind it.
fn without_comment(value: &[u8], place: Place) -> usize {
    let comment = value.windows(2).position(|w| {
        let mark = w[1] == b'#' || w[1] == b';' && place == Place::Properties;
        mark && matches!(w[0], b' ' | b'\t')
    });
    let mut len = comment.unwrap_or(value.len());
    if place == Place::Yaml {
        let next = value.windows(2).position(|w| w == b", ").unwrap_or(len);
        len = len.min(next);
        let closes = value[..len].ends_with(b"}") && !value[..len].contains(&b'{');
        len -= usize::from(closes);
    }
    len
}

/// Whether the line right below a name holds one word and is indented further: a plain scalar.
fn is_scalar_below(text: &[u8], target: &Target, here: usize, first: usize) -> bool {
    let start = run_back(text, target.name.outer, MAX_MEMBER, |b| matches!(b, b' ' | b'\t'));
    let indent = target.name.outer - start;
    let line = run_back(text, first, MAX_MEMBER, |b| matches!(b, b' ' | b'\t'));
    let end = run(text, first, MAX_BARE, |b| !b.is_ascii_whitespace());
    matches!(before(text, start), b'\n' | 0)
        && line <= here + 2
        && first - line > indent
        && end > first
        && matches!(at(text, end), b'\n' | b'\r' | 0)
        && !matches!(before(text, end), b':' | b',')
        && is_name(at(text, first))
}

/// A scalar of one line, or a list, in the lines below a name.
fn yaml_below(reading: &mut Reading, text: &[u8], target: &Target, here: usize) -> bool {
    let is_block = matches!(at(text, here), b'|' | b'>');
    let mut i = run(text, here, 4, |b| matches!(b, b'|' | b'>' | b'-' | b'+'));
    for _ in 0..MAX_ELEMENTS {
        i = skip_blanks(text, i);
        i += usize::from(at(text, i) == b'\r');
        let first = skip_blanks(text, i + 1);
        if at(text, i) != b'\n' || i < reading.list {
            return is_block;
        }
        let is_element = is_at(text, first, b"- ");
        let value = if is_element { skip_blanks(text, first + 2) } else { first };
        if !is_block && !is_element && is_scalar_below(text, target, here, first) {
            take(reading, text, target, first, Stop::Line, Place::Yaml);
            return true;
        }
        if is_block == is_element || is_block && first == i + 1 {
            if !is_block {
                described(reading, text, target, here);
            }
            return is_block;
        }
        let line = run(text, value, MAX_BARE, |b| !Stop::Line.at(b));
        if is_element {
            if quote_at(text, value, false).is_some() {
                super::operand::quoted(reading, text, target, value, Place::List);
            } else if !Span::new(value, line).of(text).windows(2).any(|w| w == b": ") {
                take(reading, text, target, value, Stop::Line, Place::List);
            }
            reading.spend(line - i);
            reading.list = reading.list.max(i);
            i = line;
            continue;
        }
        take(reading, text, target, value, Stop::Line, Place::Yaml);
        return true;
    }
    true
}

/// `name:` above `Default: value`, among the first lines of the mapping that describes it.
fn described(reading: &mut Reading, text: &[u8], target: &Target, here: usize) {
    let start = skip_blanks_back(text, target.name.outer);
    let indent = target.name.outer - start;
    if !matches!(before(text, start), b'\n' | 0) {
        return;
    }
    let mut i = here;
    for _ in 0..MAX_DESCRIBED {
        i += usize::from(at(text, i) == b'\r');
        let first = skip_blanks(text, i + 1);
        if at(text, i) != b'\n' || first - (i + 1) <= indent {
            return;
        }
        let end = run(text, first, MAX_MEMBER, is_name);
        let value = skip_blanks(text, end + 1);
        let is_value = [&b"default"[..], b"value"]
            .iter()
            .any(|word| text.get(first..end).is_some_and(|key| key.eq_ignore_ascii_case(word)));
        if is_value && at(text, end) == b':' && value > end + 1 {
            match quote_at(text, value, false) {
                Some(_) => {
                    super::operand::quoted(reading, text, target, value, Place::Yaml);
                }
                None => take(reading, text, target, value, Stop::Line, Place::Yaml),
            }
            return;
        }
        let line = run(text, first, MAX_BARE, |b| !Stop::Line.at(b));
        reading.spend(line - i);
        i = line;
    }
}
