//! Values behind a separator: strings, strings in wrappers, lists, defaults.

use super::lex::{at, before, is_at, is_name, quote_at, run, run_back, skip_blanks, skip_blanks_back, skip_space};
use super::name::{Name, Separator, Sign};
use super::{Kind, MAX_ELEMENTS, MAX_VALUE, Pair, Place, Quote, Reading, bare, call, literal, markup};
use crate::finding::Span;

/// Values shorter than this are not worth a question, in bytes.
const MIN_VALUE: usize = 4;
/// The longest expression in front of a string, in bytes: a type, a path, a call.
const MAX_EXPRESSION: usize = 96;
/// Names in front of another that are given their values with it.
const MAX_TOGETHER: usize = 4;
/// The deepest nesting of wrappers.
const MAX_WRAPPERS: usize = 3;

/// What a pair is made of but its value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target {
    pub(super) name: Name,
    pub(super) separator: Separator,
    pub(super) kind: Kind,
}

impl Target {
    /// Files a pair, unless the value is too short to be asked about or belongs to another reader.
    pub(super) fn push(&self, reading: &mut Reading, text: &[u8], value: Span, place: Place, quote: Quote) {
        let value = trim(text, value);
        let value = if quote == Quote::None { value } else { without_quotes(text, value) };
        let mut value = default_of(text, value);
        let is_header = ends_with(self.name.span.of(text), b"authorization");
        if let Some(space) = memchr::memchr(b' ', value.of(text)).filter(|_| is_header) {
            let scheme = &value.of(text)[..space];
            if scheme.eq_ignore_ascii_case(b"basic") || scheme.eq_ignore_ascii_case(b"bearer") {
                return;
            }
            value.start += space + 1;
        }
        let bytes = value.of(text);
        // what stands between two strings of an expression
        let glue = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b'+' | b','));
        if bytes.len() < MIN_VALUE || glue(bytes.first()) && glue(bytes.last()) {
            return;
        }
        let place = if is_header { Place::Header } else { place };
        reading.push(Pair { name: self.name.span, value, place, quote });
    }

    /// The place of a value in quotes.
    fn place(&self, text: &[u8]) -> Place {
        let name = self.name.span.of(text);
        let sign = self.separator.sign;
        if sign == Sign::Colon && (starts_with(name, b"x-") || name.eq_ignore_ascii_case(b"private-token")) {
            return Place::Header;
        }
        match (sign, self.kind) {
            (Sign::Compare, _) => Place::Comparison,
            (Sign::Equals, _) if self.name.dashes > 0 => Place::CommandLine,
            (Sign::Equals, Kind::Markup) => Place::XmlAttribute,
            (Sign::Equals | Sign::Colon, Kind::Properties) => Place::Properties,
            (Sign::Equals, Kind::Shell) => Place::Shell,
            (Sign::Equals, Kind::Dockerfile) => Place::Dockerfile,
            (Sign::Colon, Kind::Yaml) => Place::Yaml,
            (Sign::Colon, _) if self.name.quote.is_some() => Place::Json,
            _ => Place::Assignment,
        }
    }
}

/// Whether a name begins with a word (lower case) in any case.
pub(super) fn starts_with(name: &[u8], word: &[u8]) -> bool {
    is_at(name, 0, word)
}

/// Whether a name ends in a word (lower case) in any case.
pub(super) fn ends_with(name: &[u8], word: &[u8]) -> bool {
    name.len().checked_sub(word.len()).is_some_and(|i| is_at(name, i, word))
}

/// Without the quotes of a string inside a string: `"\"value\""`, `'"value"'`.
fn without_quotes(text: &[u8], value: Span) -> Span {
    let quotes: [&[u8]; 3] = [b"\\\"", b"\"", b"'"];
    let inside = |quote: &&[u8]| {
        let inner = value.of(text).strip_prefix(*quote)?.strip_suffix(*quote)?;
        memchr::memmem::find(inner, quote).is_none().then_some(quote.len())
    };
    quotes.iter().find_map(inside).map_or(value, |len| Span::new(value.start + len, value.end - len))
}

/// Without white space at both ends.
fn trim(text: &[u8], value: Span) -> Span {
    let bytes = value.of(text);
    let start = value.start + (bytes.len() - bytes.trim_ascii_start().len());
    Span::new(start, start + bytes.trim_ascii().len())
}

/// The value behind a sign of assignment.
pub(super) fn assigned(reading: &mut Reading, text: &[u8], target: &Target) {
    let (name, separator) = (target.name, target.separator);
    let here = behind_others(reading, text, target, skip_blanks(text, separator.end));
    if let Some(quote) = quote_at(text, here, true) {
        // "password=" + value: the string that holds the name ends here
        let opens = name.quote.is_some() || !quote.ends_at(text, name.outer) && !in_query(text, &name);
        if opens {
            let first = reading.pairs.len();
            let end = quoted(reading, text, target, here, target.place(text));
            literal::pieces(reading, text, target, end, target.place(text));
            // key="name" value="…": not what is looked for, but its name
            let is_key = name.span.of(text).eq_ignore_ascii_case(b"key");
            if is_key && end.is_some_and(|end| markup::companion(text, end).is_some()) {
                reading.pairs.truncate(first);
            }
        }
        return;
    }
    if bare::read(reading, text, target, here) || separator.sign == Sign::Compare {
        return;
    }
    let value = skip_space(text, here);
    expression(reading, text, target, value, target.place(text), 0);
}

/// Where the value of the last of several names stands that are given theirs at once in a line of their own:
/// `user, password = "…", "…"`; `first` where that is not so.
fn behind_others(reading: &mut Reading, text: &[u8], target: &Target, first: usize) -> usize {
    let is_sign = matches!(target.separator.sign, Sign::Equals | Sign::Walrus) && target.separator.spaced;
    let (mut name, mut value) = (target.name.outer, first);
    if target.kind != Kind::Code || !is_sign || before(text, skip_blanks_back(text, name)) != b',' {
        return first;
    }
    for _ in 0..MAX_TOGETHER {
        let comma = skip_blanks_back(text, name).saturating_sub(1);
        let start = run_back(text, comma, MAX_EXPRESSION, is_name);
        let Some(quote) = quote_at(text, value, false).filter(|_| start < comma) else { break };
        let end = run(text, value + quote.len, MAX_EXPRESSION, |b| !matches!(b, b'"' | b'\'' | b'`' | b'\n'));
        let next = skip_blanks(text, end + quote.len);
        reading.spend(name - start + next - value);
        if quote_at(text, end, false) != Some(quote) || at(text, next) != b',' {
            break;
        }
        (name, value) = (start, skip_blanks(text, next + 1));
        match before(text, skip_blanks_back(text, name)) {
            b',' => {}
            b'\n' | 0 => {
                // another name with its own: `user, password = "…", other = "…"` of a declaration that goes on
                let end = skip_blanks(text, run(text, value, MAX_EXPRESSION, is_name));
                reading.spend(end - value);
                return if at(text, end) == b'=' { first } else { value };
            }
            _ => break,
        }
    }
    first
}

/// The value that stands beside a name which is itself one: `key="name" value="value"`.
pub(super) fn beside(reading: &mut Reading, text: &[u8], target: &Target, value: usize) {
    let value = skip_blanks(text, value);
    let place = match target.kind {
        Kind::Yaml => Place::Yaml,
        Kind::Markup => Place::XmlAttribute,
        _ if target.separator.sign == Sign::Comma => Place::Json,
        _ => Place::XmlAttribute,
    };
    if quote_at(text, value, true).is_some() {
        quoted(reading, text, target, value, place);
    } else if target.kind == Kind::Yaml {
        bare::rest_of_line(reading, text, target, value, place);
    }
}

/// The string at `i`, if there is one; returns the end behind its quotes.
pub(super) fn quoted(reading: &mut Reading, text: &[u8], target: &Target, i: usize, place: Place) -> Option<usize> {
    let i = skip_prefix(text, i);
    let quote = quote_at(text, i, true)?;
    // the one quote or the other: an empty string
    if quote_at(text, i + quote.len, false) == Some(quote) {
        return Some(i + 2 * quote.len);
    }
    let value = quote.content(reading, text, i + quote.len)?;
    target.push(reading, text, value, place, quote.quote);
    Some(value.end + quote.len)
}

/// Behind the letters that a string literal may begin with: `b"`, `r#"`, `@"`, `L"`.
pub(super) fn skip_prefix(text: &[u8], i: usize) -> usize {
    let end =
        run(text, i, 2, |b| matches!(b, b'b' | b'B' | b'r' | b'R' | b'u' | b'U' | b'f' | b'L' | b'N' | b'@' | b'&'));
    let end = run(text, end, 3, |b| b == b'#');
    if matches!(at(text, end), b'"' | b'\'') { end } else { i }
}

/// What stands behind `${NAME:-` or `${NAME:`, or all of it.
fn default_of(text: &[u8], value: Span) -> Span {
    let bytes = value.of(text);
    if !bytes.starts_with(b"${") || bytes.last() != Some(&b'}') {
        return value;
    }
    let colon = run(bytes, 2, MAX_EXPRESSION, is_name);
    if at(bytes, colon) != b':' {
        return value;
    }
    let start = colon + 1 + usize::from(matches!(at(bytes, colon + 1), b'-' | b'='));
    Span::new(value.start + start, value.end - 1)
}

/// A string behind what may stand in front of one: a type, a wrapper, a reference to be preferred, a bracket.
fn expression(reading: &mut Reading, text: &[u8], target: &Target, i: usize, place: Place, depth: usize) {
    let i = run(text, i, 2, |b| matches!(b, b'&' | b'*'));
    // &'static str
    let is_lifetime = before(text, i) == b'&' && at(text, i) == b'\'';
    if is_lifetime && depth == 0 {
        return typed(reading, text, target, i);
    }
    let literal = skip_prefix(text, i);
    if quote_at(text, literal, true).is_some() {
        quoted(reading, text, target, i, place);
        return;
    }
    if target.kind == Kind::Code && literal::bracketed(reading, text, target, i, place) {
        return;
    }
    // []byte("…"), []string{"…"}
    let i = if at(text, i) == b'[' && at(text, i + 1) == b']' { i + 2 } else { i };
    match at(text, i) {
        b'{' if markup::member(reading, text, target, i + 1) => return,
        b'[' | b'{' | b'(' => return list(reading, text, target, i + 1),
        b if is_name(b) => {}
        _ => return,
    }
    let path = run(text, i, MAX_EXPRESSION, |b| is_name(b) || matches!(b, b':' | b'!' | b'@' | b'&' | b'<' | b'>'));
    let path = skip_blanks(text, path);
    reading.spend(path - i);
    if is_at(text, path, b"().") && depth < MAX_WRAPPERS {
        // Base64.getDecoder().decode("…")
        expression(reading, text, target, path + 3, place, depth + 1);
    } else if at(text, path) == b'(' {
        let word = last_word(text, i, path);
        let inside = skip_space(text, path + 1);
        if let Some(second) = call::is_default(word).then(|| second_argument(text, inside)).flatten() {
            quoted(reading, text, target, second, place);
        } else if call::is_list(word) {
            list(reading, text, target, inside);
        } else if call::is_wrapper(word) && depth < MAX_WRAPPERS {
            expression(reading, text, target, inside, place, depth + 1);
        } else if !(call::is_setting(word) && markup::keyword(reading, text, target, inside, place)) {
            preferred(reading, text, target, path, place);
        }
    } else if depth == 0 && target.separator.sign == Sign::Colon && target.name.quote.is_none() {
        typed(reading, text, target, i);
    } else if matches!(at(text, path), b'{' | b'[') {
        // new String[] { "…" }
        let open = run(text, path, 4, |b| matches!(b, b'[' | b']' | b' '));
        if matches!(at(text, open), b'{') {
            list(reading, text, target, open + 1);
        } else {
            preferred(reading, text, target, path, place);
        }
    } else if is_at(text, i, b"new ") && depth < MAX_WRAPPERS {
        expression(reading, text, target, i + 4, place, depth + 1);
    } else {
        preferred(reading, text, target, path, place);
    }
}

/// The last word of a path.
fn last_word(text: &[u8], from: usize, to: usize) -> &[u8] {
    let path = Span::new(from, to).of(text);
    let word = path.rsplit(|b| !(b.is_ascii_alphanumeric() || *b == b'_')).find(|w| !w.is_empty());
    word.unwrap_or_default()
}

/// The second of the arguments that begin at `i`.
fn second_argument(text: &[u8], i: usize) -> Option<usize> {
    let end = run(text, i, MAX_EXPRESSION, |b| is_name(b) || matches!(b, b'"' | b'\'' | b':' | b'/'));
    let comma = skip_blanks(text, end);
    let mut second = skip_space(text, comma + 1);
    // Python names it
    if is_at(text, second, b"default=") {
        second += b"default=".len();
    }
    (at(text, comma) == b',' && quote_at(text, second, false).is_some()).then_some(second)
}

/// The string behind `… ||`, `… ??`, `… or` and `… ?:`.
fn preferred(reading: &mut Reading, text: &[u8], target: &Target, from: usize, place: Place) {
    let end = run(text, from, MAX_EXPRESSION, |b| !matches!(b, b'\n' | b';' | b'{' | b'}' | b','));
    reading.spend(end - from);
    let words: [&[u8]; 5] = [b"||", b"??", b"?:", b" or ", b" else "];
    for i in from..end {
        // condition ? one : other
        if at(text, i) == b'?' && at(text, i + 1) == b' ' {
            return literal::choice(reading, text, target, i + 1, end, place);
        }
        if let Some(word) = words.into_iter().find(|word| text.get(i..).is_some_and(|t| t.starts_with(word))) {
            let value = skip_space(text, i + word.len());
            if quote_at(text, value, false).is_some() {
                quoted(reading, text, target, value, place);
            }
            return;
        }
    }
}

/// `name: type = "value"`.
fn typed(reading: &mut Reading, text: &[u8], target: &Target, i: usize) {
    let is_type =
        |b: u8| is_name(b) || matches!(b, b' ' | b'<' | b'>' | b'[' | b']' | b'&' | b'|' | b'?' | b':' | b'\'');
    let sign = run(text, i, MAX_EXPRESSION / 2, is_type);
    reading.spend(sign - i);
    if at(text, sign) == b'=' && !matches!(at(text, sign + 1), b'=' | b'>') && before(text, sign) != b'\'' {
        let value = skip_space(text, sign + 1);
        // no type stands behind the sign
        let target = Target { separator: Separator { sign: Sign::Equals, end: value, ..target.separator }, ..*target };
        expression(reading, text, &target, value, Place::Assignment, 1);
    } else {
        preferred(reading, text, target, i, target.place(text));
    }
}

/// The strings of a list whose first element is to begin at `i`.
fn list(reading: &mut Reading, text: &[u8], target: &Target, mut i: usize) {
    // names inside a list begin no list of their own: what it holds is read once
    if i <= reading.list {
        return;
    }
    if at(text, skip_space(text, i)).is_ascii_digit() {
        return bytes(reading, text, target, skip_space(text, i));
    }
    // (None, "…"): a file of a form without a name
    let nothing: [&[u8]; 4] = [b"none", b"null", b"nil", b"undefined"];
    let first = skip_space(text, i);
    if let Some(word) = nothing.into_iter().find(|word| is_at(text, first, word))
        && at(text, first + word.len()) == b','
    {
        i = first + word.len() + 1;
    }
    for _ in 0..MAX_ELEMENTS {
        i = skip_space(text, i);
        if quote_at(text, i, true).is_none() {
            break;
        }
        let Some(end) = quoted(reading, text, target, i, Place::List) else { break };
        i = skip_space(text, end);
        match at(text, i) {
            b',' => i += 1,
            // an object: {"name": …}
            b':' | b'=' => {
                reading.pairs.clear();
                break;
            }
            _ => break,
        }
    }
    reading.list = i;
}

/// The bytes of a list whose first one stands at `start`: `90, 105, 0x4a`.
fn bytes(reading: &mut Reading, text: &[u8], target: &Target, start: usize) {
    let limit = start.saturating_add(MAX_VALUE);
    let end =
        run(text, start, MAX_VALUE, |b| b.is_ascii_hexdigit() || b.is_ascii_whitespace() || matches!(b, b',' | b'x'));
    reading.spend(end - start);
    reading.list = end;
    if end < limit && matches!(at(text, end), b'}' | b']') {
        let value = trim(text, Span::new(start, end));
        reading.push(Pair { name: target.name.span, value, place: Place::Bytes, quote: Quote::None });
    }
}

/// The string in `setName("value")`, `setName("user", "value")`, and what `getName() { return "value" }` gives.
pub(super) fn argument(reading: &mut Reading, text: &[u8], target: &Target) {
    let name = target.name.span.of(text);
    let last = name.rsplit(|&b| b == b'.').next().unwrap_or(name);
    let value = skip_space(text, target.separator.end);
    if call::asks(last) {
        if at(text, value) == b')' {
            literal::returned(reading, text, target, value + 1);
        }
        return;
    }
    let first = reading.pairs.len();
    let Some(end) = quoted(reading, text, target, value, Place::Argument) else {
        return expression(reading, text, target, value, Place::Argument, 1);
    };
    let behind = skip_space(text, end);
    match (at(text, behind), before(text, target.separator.end)) {
        (b')', b'(') | (b'}', b'{') => {}
        // of several arguments the first is rather a name
        (b',', b'(') if [&b"set"[..], b"add", b"change", b"update"].iter().any(|word| starts_with(last, word)) => {
            reading.pairs.truncate(first);
            let end = quoted(reading, text, target, skip_space(text, behind + 1), Place::Argument);
            if end.is_some_and(|end| at(text, skip_space(text, end)) != b')') {
                reading.pairs.truncate(first);
            }
        }
        _ => reading.pairs.truncate(first),
    }
}

/// Whether the name stands in the query of a URL.
pub(super) fn in_query(text: &[u8], name: &Name) -> bool {
    let i = name.outer;
    matches!(before(text, i), b'?' | b'&')
        || i >= 5 && is_at(text, i - 5, b"&amp;")
        || is_at(text, i.saturating_sub(3), b"%26")
}
