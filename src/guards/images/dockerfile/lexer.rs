//! Lines: directives, comments, continuation, bodies of here-documents.

use super::ast::{Directive, Joined, ParseError};
use super::words::{is_blank, trim_start};
use crate::finding::Span;

const BOM: &[u8] = b"\xef\xbb\xbf";
/// Here-documents without end that are looked for in one file: each search may read all of the rest.
const MAX_LOST_HEREDOCS: u32 = 8;

/// Reads a file line by line.
pub(super) struct Lexer<'a> {
    text: &'a [u8],
    at: usize,
    escape: u8,
    lost_heredocs: u32,
    pub(super) comments: Vec<Span>,
    pub(super) empty_continuations: Vec<Span>,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a [u8], escape: u8) -> Self {
        let at = after_bom(text);
        Lexer { text, at, escape, lost_heredocs: 0, comments: Vec::new(), empty_continuations: Vec::new() }
    }

    /// The next line: where it starts, and its bytes without the end.
    fn line(&mut self) -> Option<(usize, &'a [u8])> {
        let (start, line, next) = line_at(self.text, self.at)?;
        self.at = next;
        Some((start, line))
    }

    /// Records a comment line; `false`: it is none.
    fn comment(&mut self, start: usize, line: &[u8]) -> bool {
        let trimmed = trim_start(line);
        let is_comment = trimmed.first() == Some(&b'#');
        if is_comment {
            let end = start + line.len();
            self.comments.push(Span::new(end - trimmed.len(), end));
        }
        is_comment
    }

    /// The next instruction's lines, joined. Comments and blank lines in front are passed over.
    pub(super) fn instruction(&mut self) -> Option<Joined> {
        loop {
            let (start, line) = self.line()?;
            if self.comment(start, line) {
                continue;
            }
            let trimmed = trim_start(line);
            let (content, mut ends) = continued(trimmed, self.escape);
            if ends && content.is_empty() {
                continue;
            }
            let mut joined = Joined::default();
            joined.push(start + line.len() - trimmed.len(), content);
            while !ends {
                let Some((start, line)) = self.line() else { break };
                if self.comment(start, line) {
                    continue;
                }
                if trim_start(line).is_empty() {
                    self.empty_continuations.push(Span::new(start, start + line.len()));
                    continue;
                }
                let (content, last) = continued(line, self.escape);
                joined.push(start, content);
                ends = last;
            }
            return Some(joined);
        }
    }

    /// Where reading stands; for [`Lexer::back_to`].
    pub(super) fn mark(&self) -> usize {
        self.at
    }

    /// Goes back to a mark.
    pub(super) fn back_to(&mut self, mark: usize) {
        self.at = mark;
    }

    /// Passes over a here-document: its body, `None` where no line ends it. The position is then undefined.
    pub(super) fn heredoc(&mut self, name: &[u8], strip_tabs: bool) -> Option<Span> {
        if self.lost_heredocs >= MAX_LOST_HEREDOCS {
            return None;
        }
        let body = self.at;
        while let Some((start, line)) = self.line() {
            let tabs = if strip_tabs { line.iter().take_while(|&&b| b == b'\t').count() } else { 0 };
            if line.get(tabs..) == Some(name) {
                return Some(Span::new(body, start));
            }
        }
        self.lost_heredocs += 1;
        None
    }
}

/// Start, content and start of the next line; every `\r` at the end belongs to the line's end.
fn line_at(text: &[u8], at: usize) -> Option<(usize, &[u8], usize)> {
    let rest = text.get(at..).filter(|r| !r.is_empty())?;
    let end = memchr::memchr(b'\n', rest);
    let mut line = &rest[..end.unwrap_or(rest.len())];
    while let [head @ .., b'\r'] = line {
        line = head;
    }
    Some((at, line, end.map_or(text.len(), |n| at + n + 1)))
}

/// The content of a line, and whether the instruction ends with it: an escape character at the end,
/// blanks allowed behind it, continues unless it is doubled.
fn continued(line: &[u8], escape: u8) -> (&[u8], bool) {
    let trimmed = line.trim_ascii_end();
    // only blanks and tabs may follow
    let only_blanks = line[trimmed.len()..].iter().all(|b| matches!(b, b' ' | b'\t'));
    match trimmed {
        [head @ .., last] if *last == escape && only_blanks && head.last() != Some(&escape) => (head, false),
        _ => (line, true),
    }
}

fn after_bom(text: &[u8]) -> usize {
    if text.starts_with(BOM) { BOM.len() } else { 0 }
}

/// The directives at the top.
pub(super) struct Directives {
    pub(super) list: Vec<Directive>,
    pub(super) frontend: Option<Directive>,
    pub(super) escape: u8,
    pub(super) errors: Vec<ParseError>,
}

/// Reads the directives, and the frontend as BuildKit looks for it: it also takes `//` comments, a line
/// after `#!`, and a JSON object with the key `syntax`.
pub(super) fn directives(text: &[u8]) -> Directives {
    let top = after_bom(text);
    let mut found = Directives { list: Vec::new(), frontend: None, escape: b'\\', errors: Vec::new() };
    for directive in block(text, top, b"#") {
        let error = |message: String| ParseError { span: directive.span, message, help: String::new() };
        if found.list.iter().any(|d| d.name == directive.name) {
            found.errors.push(error(format!("only one {} directive is allowed", directive.name)));
            break;
        }
        if directive.name == "escape" {
            match directive.value.as_slice() {
                [c @ (b'\\' | b'`')] => found.escape = *c,
                _ => found.errors.push(error("the escape character must be \\ or `".to_owned())),
            }
        }
        found.list.push(directive);
    }
    let syntax = |list: Vec<Directive>| list.into_iter().find(|d| d.name == "syntax");
    let after_shebang = match line_at(text, top) {
        Some((_, line, next)) if line.starts_with(b"#!") => next,
        _ => top,
    };
    found.frontend = syntax(block(text, after_shebang, b"#"))
        .or_else(|| syntax(block(text, after_shebang, b"//")))
        .or_else(|| json_frontend(text, after_shebang));
    found
}

/// Consecutive directive lines from `at` on.
fn block(text: &[u8], mut at: usize, comment: &[u8]) -> Vec<Directive> {
    let mut list = Vec::new();
    while let Some((start, line, next)) = line_at(text, at) {
        let Some(directive) = line.strip_prefix(comment).and_then(|rest| directive(rest, start + comment.len())) else {
            break;
        };
        list.push(directive);
        // three names exist and none may repeat: more lines are an error that shows with the fourth
        if list.len() > 3 {
            break;
        }
        at = next;
    }
    list
}

/// `name = value` with a known name; `rest` stands at `at`.
fn directive(rest: &[u8], at: usize) -> Option<Directive> {
    let body = trim_start(rest);
    let name_len = body.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    let (name, tail) = body.split_at(name_len);
    let name = String::from_utf8(name.to_ascii_lowercase()).ok()?;
    if !matches!(name.as_str(), "syntax" | "escape" | "check") {
        return None;
    }
    let value = trim_start(tail).strip_prefix(b"=")?.trim_ascii_start();
    let start = at + rest.len() - value.len();
    let value = value.trim_ascii_end();
    (!value.is_empty()).then(|| Directive { name, value: value.to_vec(), span: Span::new(start, start + value.len()) })
}

/// The value of `syntax` where the whole text is a JSON object.
fn json_frontend(text: &[u8], at: usize) -> Option<Directive> {
    let body = text.get(at..)?;
    if body.iter().find(|&&b| !is_blank(b)) != Some(&b'{') {
        return None;
    }
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(body).ok()?;
    let value = object.get("syntax")?.as_str()?.as_bytes().to_vec();
    let span = match memchr::memmem::find(body, &value).filter(|_| !value.is_empty()) {
        Some(n) => Span::new(at + n, at + n + value.len()),
        None => Span::new(at, at + 1),
    };
    Some(Directive { name: "syntax".to_owned(), value, span })
}
