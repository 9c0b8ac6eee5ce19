//! JSON as Go's encoder writes it: its indentation, its escapes, its order of keys.

use super::Finding;
use std::io::{self, Write};

/// What one level of an array of findings is indented by.
const INDENT: &str = " ";

/// Writes all findings as an array.
pub(super) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(INDENT);
    writer.array(findings, finding);
    writer.text.push('\n');
    out.write_all(writer.text.as_bytes())
}

/// One finding alone, each level indented by a tab: what JUnit holds.
pub(super) fn single(one: &Finding) -> String {
    let mut writer = Writer::new("\t");
    finding(&mut writer, one);
    writer.text
}

fn finding(writer: &mut Writer, f: &Finding) {
    writer.object(|w| {
        w.field("RuleID", f.rule_id.as_bytes());
        w.field("Description", f.description.as_bytes());
        w.number("StartLine", &f.start_line.to_string());
        w.number("EndLine", &f.end_line.to_string());
        w.number("StartColumn", &f.start_column.to_string());
        w.number("EndColumn", &f.end_column.to_string());
        w.field("Match", &f.matched);
        w.field("Secret", &f.secret);
        w.field("File", &f.file);
        w.field("SymlinkFile", &f.symlink);
        w.field("Commit", f.commit.as_bytes());
        if !f.link.is_empty() {
            w.field("Link", f.link.as_bytes());
        }
        w.number("Entropy", &f.entropy.to_string());
        w.field("Author", &f.author);
        w.field("Email", &f.email);
        w.field("Date", f.date.as_bytes());
        w.field("Message", &f.message);
        w.key("Tags");
        w.array(&f.tags, |w, tag| w.string(tag.as_bytes()));
        w.field("Fingerprint", &f.fingerprint);
    });
}

/// A JSON text in the making.
pub(super) struct Writer {
    text: String,
    indent: &'static str,
    depth: usize,
    /// Whether the innermost object or array has no element yet.
    first: bool,
}

impl Writer {
    /// With an indentation for each level.
    pub(super) fn new(indent: &'static str) -> Self {
        Writer { text: String::new(), indent, depth: 0, first: true }
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// `{ … }` with at least one field.
    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.text.push('{');
        self.nested(fill);
        self.text.push('}');
    }

    /// `[ … ]`, or `[]` without elements.
    pub(super) fn array<T>(&mut self, items: &[T], each: impl Fn(&mut Self, &T)) {
        self.text.push('[');
        if !items.is_empty() {
            self.nested(|w| {
                for item in items {
                    w.next();
                    each(w, item);
                }
            });
        }
        self.text.push(']');
    }

    fn nested(&mut self, fill: impl FnOnce(&mut Self)) {
        let outer = std::mem::replace(&mut self.first, true);
        self.depth += 1;
        fill(self);
        self.depth -= 1;
        self.first = outer;
        self.line();
    }

    fn line(&mut self) {
        self.text.push('\n');
        self.text.extend(std::iter::repeat_n(self.indent, self.depth));
    }

    fn next(&mut self) {
        if !std::mem::replace(&mut self.first, false) {
            self.text.push(',');
        }
        self.line();
    }

    /// A key; its value comes next.
    pub(super) fn key(&mut self, key: &str) {
        self.next();
        self.string(key.as_bytes());
        self.text.push_str(": ");
    }

    /// A key with a text.
    pub(super) fn field(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.string(value);
    }

    /// A key with a number.
    pub(super) fn number(&mut self, key: &str, value: &str) {
        self.key(key);
        self.text.push_str(value);
    }

    /// A text. Go escapes what HTML and JavaScript could take for their own, and replaces what is no UTF-8.
    pub(super) fn string(&mut self, value: &[u8]) {
        self.text.push('"');
        for chunk in value.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' => self.text.push_str("\\\""),
                    '\\' => self.text.push_str("\\\\"),
                    '\n' => self.text.push_str("\\n"),
                    '\r' => self.text.push_str("\\r"),
                    '\t' => self.text.push_str("\\t"),
                    '\u{8}' => self.text.push_str("\\b"),
                    '\u{c}' => self.text.push_str("\\f"),
                    '<' | '>' | '&' | '\0'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                        self.text.push_str(&format!("\\u{:04x}", u32::from(c)));
                    }
                    c => self.text.push(c),
                }
            }
            // one for each byte, as Go does
            self.text.extend(chunk.invalid().iter().map(|_| "\\ufffd"));
        }
        self.text.push('"');
    }
}
