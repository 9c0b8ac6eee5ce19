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
/// The furthest that the default of a variable is looked for, in bytes.
const MAX_VARIABLE: usize = 512;

/// Behind the sign of `value=` or `value:`, if that comes next.
pub(super) fn companion(text: &[u8], from: usize) -> Option<usize> {
    let mut i = skip_blanks(text, from);
    i += usize::from(at(text, i) == b',');
    i = skip_space(text, i);
    let quote = quote_at(text, i, false);
    i += quote.map_or(0, |q| q.len);
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
    let Some(found) = memchr::memmem::find(block, b"default") else { return };
    let sign = skip_blanks(text, open + found + b"default".len());
    if at(text, sign) == b'=' {
        operand::quoted(reading, text, target, skip_blanks(text, sign + 1), Place::Properties);
    }
}

/// `<name>value</name>`, and `<property name="name">value</property>`.
pub(super) fn element(reading: &mut Reading, text: &[u8], target: &Target) {
    let name = target.name;
    let opens = match name.quote {
        Some(_) => before(text, name.outer) == b'=',
        None => {
            let prefix = run_back(text, name.outer, MAX_TAG, |b| is_name(b) || b == b':');
            before(text, prefix) == b'<'
        }
    };
    if opens {
        content(reading, text, target, target.separator.end);
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
