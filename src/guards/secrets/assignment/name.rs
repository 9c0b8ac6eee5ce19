//! From a keyword to the name around it, what follows the name, and the kind of pair that makes.

use super::lex::{
    Delimiter, at, before, is_at, is_name, quote_at, run, run_back, skip_blanks, skip_blanks_back, skip_space,
    word_before,
};
use super::operand::{self, Target};
use super::{Kind, MAX_NAME, Place, Reading, bare, markup, spaced};
use crate::finding::Span;

/// The longest run of words in front of the keyword inside a quoted name, in bytes.
const MAX_WORDS: usize = 64;

/// What stands between a name and its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Sign {
    /// `=`, also `?=`, `+=`, `||=`, `<-`, `%3D`.
    Equals,
    /// `:`, also `%3A`.
    Colon,
    /// `=>`.
    Arrow,
    /// `:=`.
    Walrus,
    /// `==`, `===`, `!=`.
    Compare,
    /// `,` behind a quoted name.
    Comma,
    /// `(` right behind the name.
    Call,
    /// `>`.
    Element,
    /// Spaces alone.
    Space,
    /// The end of the line.
    Line,
}

/// A sign where it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Separator {
    pub(super) sign: Sign,
    /// Behind it.
    pub(super) end: usize,
    /// Whether spaces stand in front of it.
    pub(super) spaced: bool,
    /// The quote that closes the name.
    pub(super) quote: Option<Delimiter>,
}

/// A name in its surroundings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub(super) span: Span,
    /// Dashes in front of it.
    pub(super) dashes: usize,
    /// Where the dashes and the opening quote begin.
    pub(super) outer: usize,
    /// Its quotes.
    pub(super) quote: Option<Delimiter>,
    /// Whether `\n` stands in front of it: it begins a line inside a string.
    pub(super) in_string: bool,
}

/// Reads the pair at a keyword.
pub(super) fn read(reading: &mut Reading, text: &[u8], hit: Span, kind: Kind) {
    if hit.start < reading.names {
        return;
    }
    let mut end = run(text, hit.end, MAX_NAME, is_name);
    reading.names = end;
    reading.spend(end - hit.start);
    while end > hit.end && matches!(before(text, end), b'.' | b'-') {
        end -= 1;
    }
    // the cheapest question that settles most: what follows?
    let Some(separator) = separator(text, end) else { return };
    let Some(name) = name(text, hit.start, end, separator.quote) else { return };
    reading.spend(separator.end - name.outer);
    if at(text, end) == b'}' && !is_subscript(text, &name) {
        return;
    }
    let target = Target { name, separator, kind };
    match separator.sign {
        Sign::Equals | Sign::Colon | Sign::Arrow | Sign::Walrus | Sign::Compare => {
            operand::assigned(reading, text, &target);
        }
        Sign::Comma | Sign::Line => {
            if let Some(value) = markup::companion(text, end_of_name(&target)) {
                operand::beside(reading, text, &target, value);
            } else if separator.sign == Sign::Comma && (name.dashes > 0 || is_pair(text, &name)) {
                // with one dash it may be any string of a list
                let is_option = name.dashes == 2 || name.dashes == 1 && kind != Kind::Code;
                let place = if is_option { Place::CommandLine } else { Place::Argument };
                let value = operand::quoted(reading, text, &target, skip_space(text, separator.end), place);
                if value.is_none() && name.dashes > 0 {
                    markup::option(reading, text, &target);
                }
            }
        }
        Sign::Call => operand::argument(reading, text, &target),
        Sign::Element => markup::element(reading, text, &target),
        Sign::Space => spaced(reading, text, &target),
    }
}

/// Whether the braces around the name look up what it names, as in Perl: `$ENV{NAME}`, `$self->{name}`.
fn is_subscript(text: &[u8], name: &Name) -> bool {
    let open = name.outer.saturating_sub(1);
    at(text, open) == b'{' && (before(text, open).is_ascii_alphanumeric() || before(text, open) == b'>')
}

/// Whether name and string are a pair and not two of a list: no other string stands in front of the name, unless it is
/// its type. Without quotes a constant is one (`CURLOPT_USERPWD, "…"`), the first of two in braces (`{name, "…"}`), a
/// symbol (`:name, "…"`) and what a string is copied to.
fn is_pair(text: &[u8], name: &Name) -> bool {
    if name.quote.is_none() {
        let bytes = name.span.of(text);
        let is_constant = bytes.contains(&b'_') && !bytes.iter().any(u8::is_ascii_lowercase);
        let open = name.outer.saturating_sub(1);
        let copies: [&[u8]; 3] = [b"strcpy", b"strncpy", b"strlcpy"];
        return match at(text, open) {
            b'{' | b':' if open < name.outer => true,
            b'(' => is_constant || copies.iter().any(|function| word_before(text, open, function)),
            _ => is_constant,
        };
    }
    let comma = run_back(text, name.outer, MAX_WORDS, |b| b.is_ascii_whitespace());
    let string = run_back(text, comma.saturating_sub(1), MAX_WORDS, |b| b.is_ascii_whitespace());
    before(text, comma) != b',' || !matches!(before(text, string), b'"' | b'\'') || is_typed(text, string)
}

/// Whether the string that ends at `end` is the type of a constant that Gradle makes: `buildConfigField "String", …`.
fn is_typed(text: &[u8], end: usize) -> bool {
    let open = run_back(text, end.saturating_sub(1), MAX_WORDS, is_name).saturating_sub(1);
    let word = run_back(text, open, MAX_WORDS, |b| matches!(b, b' ' | b'('));
    [&b"buildconfigfield"[..], b"resvalue"].iter().any(|function| word_before(text, word, function))
}

/// Behind the name and its closing quote.
fn end_of_name(target: &Target) -> usize {
    target.name.span.end + target.name.quote.map_or(0, |q| q.len)
}

/// A name with spaces behind it: `ENV name value`, `--name value`, `#define NAME "value"`, `name string = "…"`.
fn spaced(reading: &mut Reading, text: &[u8], target: &Target) {
    let (name, i) = (target.name, target.separator.end);
    if name.quote.is_some() || target.kind == Kind::Markup {
        match markup::companion(text, end_of_name(target)) {
            Some(value) => operand::beside(reading, text, target, value),
            None if target.kind == Kind::Code && at(text, i) == b't' => spaced::infix(reading, text, target, i),
            None if name.quote.is_none() => markup::element_with_attributes(reading, text, target),
            None if target.kind == Kind::Markup => markup::element_inside(reading, text, target),
            // (set "name" "value")
            None if target.kind == Kind::Code && quote_at(text, i, false) == name.quote => {
                operand::quoted(reading, text, target, i, Place::Argument);
            }
            None => markup::variable(reading, text, target),
        }
        return;
    }
    // #define NAME @"value"
    let i = operand::skip_prefix(text, i);
    if quote_at(text, i, false).is_some() {
        let is_password = name.span.of(text).eq_ignore_ascii_case(b"password");
        let place = match at(text, i) {
            _ if name.dashes > 0 => Place::CommandLine,
            b'\'' if is_password => Place::Sql,
            _ => Place::Assignment,
        };
        // a string that ends behind a word is none that begins there
        if name.dashes > 0 || followed_by_end(text, i) {
            operand::quoted(reading, text, target, i, place);
        }
    } else if name.dashes > 0 {
        bare::command_line(reading, text, target, i);
    } else if target.kind == Kind::Dockerfile && word_before(text, skip_blanks_back(text, name.outer), b"env") {
        bare::rest_of_line(reading, text, target, i, Place::Dockerfile);
    } else if let Some(value) = behind_type(text, i) {
        operand::quoted(reading, text, target, value, Place::Assignment);
    } else {
        spaced::read(reading, text, target, i);
    }
}

/// Whether what is quoted at `i` begins with something that a value may begin with.
fn followed_by_end(text: &[u8], i: usize) -> bool {
    !matches!(at(text, i + 1), b' ' | b'\t' | b'\n' | b'\r' | b',' | b';' | b')' | b'+' | b'.')
}

/// Behind `) {` where a string follows: what a block gives, as in `fetch("NAME") { "value" }` and `let(:name) { "value" }`.
fn block(text: &[u8], close: usize) -> Option<usize> {
    let open = skip_blanks(text, close + 1);
    (at(text, open) == b'{' && quote_at(text, skip_blanks(text, open + 1), false).is_some()).then_some(open + 1)
}

/// Whether what a comma puts beside a name is a string, or a value that says so.
fn is_followed(text: &[u8], i: usize) -> bool {
    let next = skip_blanks(text, i);
    quote_at(text, next, false).is_some() || is_at(text, next, b"value:")
}

/// Behind `string =` and `[]byte =`, as in Go's declarations.
fn behind_type(text: &[u8], i: usize) -> Option<usize> {
    let types: [&[u8]; 4] = [b"string", b"*string", b"[]byte", b"[]string"];
    let word = types.into_iter().find(|word| text.get(i..).is_some_and(|t| t.starts_with(word)))?;
    let sign = skip_blanks(text, i + word.len());
    (at(text, sign) == b'=' && at(text, sign + 1) != b'=').then(|| skip_space(text, sign + 1))
}

/// What stands behind the name that ends at `end`.
fn separator(text: &[u8], end: usize) -> Option<Separator> {
    let mut i = end;
    let mut quote = None;
    match at(text, i) {
        b'=' | b':' | b',' | b' ' | b'\t' | b'(' | b'>' | b'\n' | b'\r' => {}
        b'"' | b'\'' | b'`' | b'\\' | b'&' | b'%' => {
            if let Some(found) = quote_at(text, i, false) {
                i += found.len;
                quote = Some(found);
            }
        }
        // config[password], password[] = …, **password**:, password?:, $(password) …, password</key>,
        // password{"…"}, $x{password} = …
        b'}' if matches!(at(text, i + 1), b' ' | b'=') => i += 1,
        b')' | b'{' | b'[' | b']' | b'*' | b'?' | b'!' | b'+' | b'|' | b'<' => {}
        _ => return None,
    }
    if at(text, i) == b'[' && quote.is_none() {
        let inside = run(text, i + 1, 24, |b| b.is_ascii_alphanumeric() || b == b'_');
        i = if at(text, inside) == b']' { inside + 1 } else { return None };
    }
    i = run(text, i, 2, |b| matches!(b, b']' | b'*'));
    let gap = skip_blanks(text, i);
    let next = |n: usize| at(text, gap + n);
    let found = |sign, len| Some(Separator { sign, end: gap + len, spaced: gap > i, quote });
    match next(0) {
        b'=' => match (next(1), next(2)) {
            (b'=', b'=') => found(Sign::Compare, 3),
            (b'=', _) => found(Sign::Compare, 2),
            (b'>', _) => found(Sign::Arrow, 2),
            (b'~', _) => None,
            _ => found(Sign::Equals, 1),
        },
        b':' => match (next(1), next(2)) {
            (b'=', _) => found(Sign::Walrus, 2),
            (b':', _) | (b'/', b'/') => None,
            // **Password:** value
            (b'*', b'*') => found(Sign::Colon, 3),
            _ => found(Sign::Colon, 1),
        },
        b'!' | b'?' if next(1) == b':' => found(Sign::Colon, 2),
        b'!' if next(1) == b'=' => found(Sign::Compare, 2 + usize::from(next(2) == b'=')),
        b'?' | b'+' if next(1) == b'=' => found(Sign::Equals, 2),
        b'|' if next(1) == b'|' && next(2) == b'=' => found(Sign::Equals, 3),
        b'<' if next(1) == b'-' => found(Sign::Equals, 2),
        b'<' if next(1) == b'/' && quote.is_none() => found(Sign::Element, 0),
        b'-' if next(1) == b'>' && quote.is_some() => found(Sign::Arrow, 2),
        // what stands in where the name has no value
        b'|' | b'?' if next(1) == next(0) && quote_at(text, skip_blanks(text, gap + 2), false).is_some() => {
            found(Sign::Equals, 2)
        }
        b'%' if is_at(text, gap, b"%3d") => found(Sign::Equals, 3),
        b'%' if is_at(text, gap, b"%3a") => found(Sign::Colon, 3),
        b',' if quote.is_some() || is_followed(text, gap + 1) => found(Sign::Comma, 1),
        b')' => found(Sign::Equals, block(text, gap)? - gap),
        b'(' if quote.is_none() && gap == i => found(Sign::Call, 1),
        b'{' if quote.is_none() && gap == end && next(1) == b'"' => found(Sign::Call, 1),
        b'>' => found(Sign::Element, 1),
        b'\n' | b'\r' => found(Sign::Line, 0),
        0 => None,
        _ if gap > i => found(Sign::Space, 0),
        _ => None,
    }
}

/// The name that holds the keyword at `keyword` and ends at `end`; `None` where it has no beginning.
fn name(text: &[u8], keyword: usize, end: usize, quote: Option<Delimiter>) -> Option<Name> {
    let mut start = run_back(text, keyword, MAX_NAME, is_name);
    let mut in_string = false;
    match before(text, start) {
        // the letter of an escape is none of the name's
        b'\\' if is_at(text, start, b"u00") => start += 5,
        b'\\' if matches!(at(text, start), b'n' | b'r' | b't') && start < keyword => {
            start += 1;
            in_string = true;
        }
        b'%' => start += 2,
        _ => {}
    }
    let mut outer = start;
    start = run(text, start, MAX_NAME, |b| matches!(b, b'-' | b'.'));
    let dashes = run_back(text, start, 2, |b| b == b'-').abs_diff(start);
    if dashes == 1 && matches!(at(text, start), b'D' | b'P') && start < keyword {
        start += 1;
    }
    if start > keyword || end - start > MAX_NAME {
        return None;
    }
    if let Some(quote) = quote {
        if !quote.ends_at(text, outer) {
            start = run_back(text, outer, MAX_WORDS, |b| is_name(b) || b == b' ');
            outer = start;
        }
        if !quote.ends_at(text, outer) {
            return None;
        }
        outer -= quote.len;
    }
    Some(Name { span: Span::new(start, end), dashes, outer, quote, in_string })
}
