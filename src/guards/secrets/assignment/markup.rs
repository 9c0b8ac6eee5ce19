//! Elements, and values that stand beside their name: `<add key="name" value="value"/>`,
//! `{"name": "name", "value": "value"}`, `- name: name` above `value: value`.

use super::lex::{
    at, before, is_at, is_name, quote_at, run, run_back, skip_blanks, skip_blanks_back, skip_space, word_before,
};
use super::operand::{self, Target};
use super::{MAX_VALUE, Place, Quote, Reading};
use crate::finding::Span;

/// What the value beside a name is called, in lower case; longer words first.
const VALUES: [&[u8]; 6] = [b"defaultvalue", b"default_value", b"value", b"val", b"content", b"text"];
/// The furthest that a tag may go on behind a name, in bytes.
const MAX_TAG: usize = 128;
/// The longest name of a namespace, in bytes.
const MAX_SPACE: usize = 16;
/// What the value of an object is called that describes it, in lower case.
const MEMBERS: [&[u8]; 2] = [b"value", b"default"];
/// Members of such an object that are looked at.
const MAX_MEMBERS: usize = 8;
/// Elements that hold the value beside, or inside, the one that holds the name, in lower case.
const ELEMENTS: [&[u8]; 6] =
    [b"value", b"string", b"param-value", b"env-entry-value", b"defaultvalue", b"plaintextvalue"];
/// The furthest that the default of a variable is looked for, in bytes.
const MAX_VARIABLE: usize = 512;

/// Behind the sign of `value=` or `value:`, if that comes next.
pub(super) fn companion(text: &[u8], from: usize) -> Option<usize> {
    let mut i = skip_blanks(text, from);
    i += usize::from(at(text, i) == b',');
    i = skip_space(text, i);
    let quote = quote_at(text, i, false);
    i += quote.map_or(0, |q| q.len);
    if let Some(quote) = quote
        && is_at(text, i, b"type")
        && quote_at(text, i + 4, false) == Some(quote)
    {
        i = behind_type(text, i + 4 + quote.len, quote.len)?;
    }
    // android:value
    let space = run(text, i, MAX_SPACE, |b| b.is_ascii_lowercase());
    if quote.is_none() && at(text, space) == b':' && !matches!(at(text, space + 1), b' ' | b':') {
        i = space + 1;
    }
    let word = VALUES.into_iter().find(|word| is_at(text, i, word))?;
    i += word.len();
    if let Some(quote) = quote {
        if quote_at(text, i, false) != Some(quote) {
            return None;
        }
        i += quote.len;
    }
    i = skip_blanks(text, i);
    match (at(text, i), at(text, i + 1)) {
        (b'=', b'>') => Some(i + 2),
        (b'=' | b':', _) => Some(i + 1),
        _ => None,
    }
}

/// Behind `: "…", "` of a member that says what type the value has, from its colon.
fn behind_type(text: &[u8], from: usize, quote: usize) -> Option<usize> {
    let open = skip_blanks(text, skip_blanks(text, from) + 1);
    let end = run(text, open + quote, MAX_TAG, |b| is_name(b) || b == b' ');
    let comma = end + quote;
    let next = skip_space(text, comma + 1);
    let same = quote_at(text, open, false).is_some() && quote_at(text, open, false) == quote_at(text, next, false);
    (same && at(text, comma) == b',').then_some(next + quote)
}

/// `variable "name" { default = "value" }`, as in Terraform.
pub(super) fn variable(reading: &mut Reading, text: &[u8], target: &Target) {
    let open = target.separator.end;
    let word = skip_blanks_back(text, target.name.outer);
    if at(text, open) != b'{' || !word_before(text, word, b"variable") {
        return;
    }
    let limit = text.len().min(open.saturating_add(MAX_VARIABLE));
    let block = text.get(open..limit).unwrap_or_default();
    let block = block.get(..memchr::memchr(b'}', block).unwrap_or(block.len())).unwrap_or_default();
    reading.spend(block.len());
    default(reading, text, target, open, block, Place::Properties);
}

/// `("--name", help="…", default="value")`: the default of an option, among the other arguments behind its name.
pub(super) fn option(reading: &mut Reading, text: &[u8], target: &Target) {
    let open = target.separator.end;
    let limit = text.len().min(open.saturating_add(MAX_VARIABLE));
    let rest = text.get(open..limit).unwrap_or_default();
    let rest = rest.get(..memchr::memchr(b')', rest).unwrap_or(0)).unwrap_or_default();
    reading.spend(rest.len());
    default(reading, text, target, open, rest, Place::Assignment);
}

/// `Field(default="value")`, `env("NAME", default="value")`: the default among the arguments that begin at `open`;
/// whether there is one.
pub(super) fn keyword(reading: &mut Reading, text: &[u8], target: &Target, open: usize, place: Place) -> bool {
    let limit = text.len().min(open.saturating_add(MAX_TAG));
    let rest = text.get(open..limit).unwrap_or_default();
    let rest = rest.get(..memchr::memchr2(b')', b'\n', rest).unwrap_or(0)).unwrap_or_default();
    reading.spend(rest.len());
    let first = reading.pairs.len();
    default(reading, text, target, open, rest, place);
    reading.pairs.len() > first
}

/// `name: { type: String, value: "value" }`: the value of what an object describes, from behind its brace; whether
/// there is one.
pub(super) fn member(reading: &mut Reading, text: &[u8], target: &Target, open: usize) -> bool {
    let limit = text.len().min(open.saturating_add(MAX_TAG));
    let block = text.get(open..limit).unwrap_or_default();
    let block = block.get(..memchr::memchr2(b'{', b'}', block).unwrap_or(block.len())).unwrap_or_default();
    reading.spend(block.len());
    let mut from = open;
    for part in block.split(|&b| b == b',').take(MAX_MEMBERS) {
        let i = run(text, from, MAX_TAG, |b| b.is_ascii_whitespace());
        from += part.len() + 1;
        let quote = quote_at(text, i, false);
        let name = i + quote.map_or(0, |q| q.len);
        let Some(word) = MEMBERS.into_iter().find(|word| is_at(text, name, word)) else { continue };
        let end = name + word.len();
        if quote_at(text, end, false) != quote && quote.is_some() {
            continue;
        }
        let sign = skip_blanks(text, end + quote.map_or(0, |q| q.len));
        let value = skip_blanks(text, sign + 1);
        if at(text, sign) == b':' && quote_at(text, value, false).is_some() {
            operand::quoted(reading, text, target, value, Place::Json);
            return true;
        }
    }
    false
}

/// The string that `default =` gives in `block`, which begins at `open`.
fn default(reading: &mut Reading, text: &[u8], target: &Target, open: usize, block: &[u8], place: Place) {
    let Some(found) = memchr::memmem::find(block, b"default") else { return };
    let sign = skip_blanks(text, open + found + b"default".len());
    if at(text, sign) == b'=' {
        operand::quoted(reading, text, target, skip_blanks(text, sign + 1), place);
    }
}

/// `<name>value</name>`, and `<property name="name">value</property>`.
pub(super) fn element(reading: &mut Reading, text: &[u8], target: &Target) {
    let name = target.name;
    let end = target.separator.end;
    if at(text, end) == b'<' && before(text, end) != b'>' {
        return sibling(reading, text, target);
    }
    let opens = match name.quote {
        Some(_) => before(text, name.outer) == b'=',
        None => {
            let prefix = run_back(text, name.outer, MAX_TAG, |b| is_name(b) || b == b':');
            before(text, prefix) == b'<'
        }
    };
    if opens {
        let from = opened(text, target.separator.end).unwrap_or(target.separator.end);
        content(reading, text, target, from);
    }
}

/// `<key>name</key><string>value</string>`, `<name>name</name><value>value</value>`: the element behind the one
/// whose text is the name.
fn sibling(reading: &mut Reading, text: &[u8], target: &Target) {
    let close = target.separator.end;
    let prefix = run_back(text, target.name.outer, MAX_TAG, |b| is_name(b) || b == b' ');
    let end = run(text, close + 2, MAX_TAG, |b| is_name(b) || b == b':');
    reading.spend(end - prefix);
    if before(text, prefix) != b'>' || at(text, close + 1) != b'/' || at(text, end) != b'>' {
        return;
    }
    if let Some(from) = opened(text, end + 1) {
        content(reading, text, target, from);
    }
}

/// Behind the tag at `from`, spaces left aside, if it opens an element for values.
fn opened(text: &[u8], from: usize) -> Option<usize> {
    let tag = skip_space(text, from);
    let word = ELEMENTS.into_iter().find(|word| at(text, tag) == b'<' && is_at(text, tag + 1, word))?;
    let end = run(text, tag + 1 + word.len(), MAX_TAG, |b| !matches!(b, b'<' | b'>' | b'\n'));
    let is_word = matches!(at(text, tag + 1 + word.len()), b'>' | b' ');
    (is_word && at(text, end) == b'>' && before(text, end) != b'/').then_some(end + 1)
}

/// `<setting name="name" type="…"><value>value</value>`: the element inside the one that has the name among its
/// attributes.
pub(super) fn element_inside(reading: &mut Reading, text: &[u8], target: &Target) {
    if before(text, target.name.outer) != b'=' {
        return;
    }
    let end = run(text, target.separator.end, MAX_TAG, |b| !matches!(b, b'>' | b'<'));
    reading.spend(end - target.separator.end);
    if at(text, end) == b'>'
        && before(text, end) != b'/'
        && let Some(from) = opened(text, end + 1)
    {
        content(reading, text, target, from);
    }
}

/// `<name type="…">value</name>`.
pub(super) fn element_with_attributes(reading: &mut Reading, text: &[u8], target: &Target) {
    if before(text, target.name.outer) != b'<' {
        return;
    }
    let end = run(text, target.separator.end, MAX_TAG, |b| !matches!(b, b'>' | b'<'));
    reading.spend(end - target.separator.end);
    if at(text, end) == b'>' && before(text, end) != b'/' {
        content(reading, text, target, end + 1);
    }
}

/// The text of an element up to the next tag.
fn content(reading: &mut Reading, text: &[u8], target: &Target, from: usize) {
    const CDATA: &[u8] = b"<![CDATA[";
    // what does not hold the next tag is not searched again
    if from < reading.element {
        return;
    }
    let is_cdata = is_at(text, skip_space(text, from), b"<![cdata[");
    let from = if is_cdata { skip_space(text, from) + CDATA.len() } else { from };
    let limit = text.len().min(from.saturating_add(MAX_VALUE));
    let rest = text.get(from..limit).unwrap_or_default();
    let end = memchr::memchr(if is_cdata { b']' } else { b'<' }, rest);
    reading.spend(end.unwrap_or(rest.len()));
    match end {
        Some(end) => target.push(reading, text, Span::new(from, from + end), Place::XmlElement, Quote::None),
        None => reading.element = limit,
    }
}
