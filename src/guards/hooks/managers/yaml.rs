//! A bounded YAML reader that keeps the place of every key and value.
//!
//! Hook configurations are small files written by anyone who can push, so everything is bounded: bytes,
//! depth, and the number of nodes that the document stands for once aliases are expanded. Aliases are
//! links, never copies. What two YAML readers could understand differently (a key twice, a tag that
//! changes a value, a second document) is refused: a gate must not read another file than the hook
//! manager does.

use crate::finding::Span;
use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// Largest document, in bytes. Real hook configurations have a few kilobytes.
pub(crate) const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting. A hook configuration needs six.
const MAX_DEPTH: usize = 64;
/// Most nodes, each alias counted as what it stands for.
const MAX_NODES: usize = 100_000;

/// Why a document was refused, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct YamlError {
    /// In one line.
    pub(crate) message: String,
    /// The offending bytes; may be empty at the end of the text.
    pub(crate) span: Span,
}

impl YamlError {
    pub(crate) fn new(message: impl Into<String>, span: Span) -> Self {
        YamlError { message: message.into(), span }
    }
}

/// A parsed document. Nodes refer to each other by index; an alias is a second reference to its anchor.
#[derive(Debug)]
pub(crate) struct Document<'t> {
    nodes: Vec<Node<'t>>,
    root: Option<usize>,
}

#[derive(Debug)]
struct Node<'t> {
    span: Span,
    /// Nodes that it stands for, itself included, aliases expanded.
    weight: usize,
    kind: Kind<'t>,
}

#[derive(Debug)]
enum Kind<'t> {
    Scalar {
        text: Cow<'t, str>,
        plain: bool,
    },
    Sequence(Vec<usize>),
    /// Keys and values in order, merge keys applied. Every key is a scalar.
    Mapping(Vec<(usize, usize)>),
}

/// A node of a [`Document`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Yaml<'d> {
    nodes: &'d [Node<'d>],
    at: usize,
}

impl<'t> Document<'t> {
    /// Parses a document.
    ///
    /// # Errors
    /// When it is no UTF-8, not one well-formed document, ambiguous, or beyond the bounds.
    pub(crate) fn parse(bytes: &'t [u8]) -> Result<Self, YamlError> {
        if bytes.len() > MAX_BYTES {
            return Err(YamlError::new(format!("the file is larger than {MAX_BYTES} bytes"), Span::default()));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|e| YamlError::new("the file is not UTF-8", Span::new(e.valid_up_to(), e.valid_up_to() + 1)))?;
        Builder::new(text).run()
    }

    /// The root node; `None` where the file holds nothing but comments.
    pub(crate) fn root(&self) -> Option<Yaml<'_>> {
        self.root.map(|at| Yaml { nodes: &self.nodes, at })
    }
}

impl<'d> Yaml<'d> {
    fn node(self) -> Option<&'d Node<'d>> {
        self.nodes.get(self.at)
    }

    fn other(self, at: usize) -> Yaml<'d> {
        Yaml { nodes: self.nodes, at }
    }

    /// Its bytes in the file, where the anchor stands in the case of an alias.
    pub(crate) fn span(self) -> Span {
        self.node().map_or(Span::default(), |n| n.span)
    }

    /// The text of a scalar; `None` for collections and for null.
    pub(crate) fn text(self) -> Option<&'d str> {
        match &self.node()?.kind {
            Kind::Scalar { text, plain: true } if is_null(text) => None,
            Kind::Scalar { text, .. } => Some(text),
            Kind::Sequence(_) | Kind::Mapping(_) => None,
        }
    }

    /// The elements of a sequence.
    pub(crate) fn items(self) -> Option<impl Iterator<Item = Yaml<'d>>> {
        match &self.node()?.kind {
            Kind::Sequence(items) => Some(items.iter().map(move |&at| self.other(at))),
            Kind::Scalar { .. } | Kind::Mapping(_) => None,
        }
    }

    /// The keys and values of a mapping.
    pub(crate) fn entries(self) -> Option<impl Iterator<Item = (Yaml<'d>, Yaml<'d>)>> {
        match &self.node()?.kind {
            Kind::Mapping(entries) => Some(entries.iter().map(move |&(k, v)| (self.other(k), self.other(v)))),
            Kind::Scalar { .. } | Kind::Sequence(_) => None,
        }
    }

    /// The key's node and its value, in a mapping that has `key`.
    pub(crate) fn get(self, key: &str) -> Option<(Yaml<'d>, Yaml<'d>)> {
        self.entries()?.find(|(k, _)| k.text() == Some(key))
    }
}

/// The spellings of null in the core schema.
fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// A collection whose end has not been seen.
struct Open {
    kind: OpenKind,
    anchor: usize,
    span: Span,
    weight: usize,
    /// Where its last key or value ends.
    last: usize,
}

enum OpenKind {
    Sequence(Vec<usize>),
    Mapping {
        entries: Vec<(usize, usize)>,
        /// The texts of its own keys.
        keys: HashSet<String>,
        /// The key whose value comes next.
        key: Option<usize>,
        /// The value of `<<`.
        merge: Option<usize>,
    },
}

struct Builder<'t> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    offsets: Offsets<'t>,
    nodes: Vec<Node<'t>>,
    /// Complete nodes by anchor number.
    anchors: HashMap<usize, usize>,
    open: Vec<Open>,
    root: Option<usize>,
    documents: usize,
}

impl<'t> Builder<'t> {
    fn new(text: &'t str) -> Self {
        Builder {
            parser: Parser::new_from_str(text),
            offsets: Offsets::new(text),
            nodes: Vec::new(),
            anchors: HashMap::new(),
            open: Vec::new(),
            root: None,
            documents: 0,
        }
    }

    fn run(mut self) -> Result<Document<'t>, YamlError> {
        while let Some(next) = self.parser.next_event() {
            let (event, place) = next.map_err(|e| {
                let at = self.offsets.byte(e.marker().index());
                YamlError::new(e.info(), self.offsets.one(at))
            })?;
            let span = self.offsets.span(place);
            self.event(event, span)?;
        }
        Ok(Document { nodes: self.nodes, root: self.root })
    }

    fn event(&mut self, event: Event<'t>, span: Span) -> Result<(), YamlError> {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return Err(YamlError::new("a second document starts here; one is expected", span));
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                check_tag(tag.as_deref(), span)?;
                let plain = style == ScalarStyle::Plain && tag.is_none();
                let span = self.offsets.bare(span);
                let span = self.offsets.quoted(span, style);
                self.complete(Node { span, weight: 1, kind: Kind::Scalar { text, plain } }, anchor)?;
            }
            Event::Alias(anchor) => {
                // an anchor is known once its node is complete, so no node can contain itself
                let target = self.anchors.get(&anchor).copied();
                let target = target.ok_or_else(|| YamlError::new("this alias stands inside its own anchor", span))?;
                self.place(target, span)?;
            }
            Event::SequenceStart(anchor, tag) => {
                check_tag(tag.as_deref(), span)?;
                self.open(OpenKind::Sequence(Vec::new()), anchor, span)?;
            }
            Event::MappingStart(anchor, tag) => {
                check_tag(tag.as_deref(), span)?;
                let kind = OpenKind::Mapping { entries: Vec::new(), keys: HashSet::new(), key: None, merge: None };
                self.open(kind, anchor, span)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(span)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        Ok(())
    }

    fn open(&mut self, kind: OpenKind, anchor: usize, span: Span) -> Result<(), YamlError> {
        if self.open.len() >= MAX_DEPTH {
            return Err(YamlError::new(format!("nested deeper than {MAX_DEPTH} levels"), span));
        }
        let span = self.offsets.bare(span);
        self.open.push(Open { kind, anchor, span, weight: 1, last: span.end });
        Ok(())
    }

    fn close(&mut self, end: Span) -> Result<(), YamlError> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let kind = match open.kind {
            OpenKind::Sequence(items) => Kind::Sequence(items),
            OpenKind::Mapping { mut entries, mut keys, merge, .. } => {
                if let Some(merge) = merge {
                    self.merge(merge, &mut entries, &mut keys)?;
                }
                Kind::Mapping(entries)
            }
        };
        // a block collection ends where its last element does, not where the next thing starts
        let flow = matches!(self.offsets.text.as_bytes().get(open.span.start), Some(b'[' | b'{'));
        // its end event begins at the bracket, and counts a comment behind it in
        let end = if flow { end.start + 1 } else { open.last };
        let span = Span::new(open.span.start, end);
        self.complete(Node { span, weight: open.weight, kind }, open.anchor)
    }

    /// Applies `<<`: the mapping's own keys win, then the earlier of several merged mappings.
    fn merge(
        &self,
        value: usize,
        entries: &mut Vec<(usize, usize)>,
        keys: &mut HashSet<String>,
    ) -> Result<(), YamlError> {
        let node = Yaml { nodes: &self.nodes, at: value };
        let wrong = |n: Yaml<'_>| YamlError::new("`<<` merges mappings only", n.span());
        let mut one = |from: Yaml<'_>| -> Result<(), YamlError> {
            for (key, value) in from.entries().ok_or_else(|| wrong(from))? {
                if keys.insert(self.key_text(key.at).to_owned()) {
                    entries.push((key.at, value.at));
                }
            }
            Ok(())
        };
        match node.items() {
            Some(mut items) => items.try_for_each(one),
            None => one(node),
        }
    }

    fn key_text(&self, at: usize) -> &str {
        match self.nodes.get(at).map(|n| &n.kind) {
            Some(Kind::Scalar { text, .. }) => text,
            Some(Kind::Sequence(_) | Kind::Mapping(_)) | None => "",
        }
    }

    fn complete(&mut self, node: Node<'t>, anchor: usize) -> Result<(), YamlError> {
        let (at, span) = (self.nodes.len(), node.span);
        self.nodes.push(node);
        if anchor > 0 {
            self.anchors.insert(anchor, at);
        }
        self.place(at, span)
    }

    /// Puts a complete node, or an alias of one that stands at `span`, into the collection around it.
    fn place(&mut self, at: usize, span: Span) -> Result<(), YamlError> {
        let Some(node) = self.nodes.get(at) else { return Ok(()) };
        let Some(open) = self.open.last_mut() else {
            self.root = Some(at);
            return Ok(());
        };
        open.weight = open.weight.saturating_add(node.weight);
        open.last = open.last.max(span.end);
        if open.weight > MAX_NODES {
            return Err(YamlError::new(format!("more than {MAX_NODES} values, aliases expanded"), span));
        }
        match &mut open.kind {
            OpenKind::Sequence(items) => items.push(at),
            OpenKind::Mapping { entries, keys, key, merge } => match (key.take(), &node.kind) {
                (None, Kind::Scalar { text, .. }) => {
                    if !keys.insert(text.to_string()) {
                        return Err(YamlError::new("this key stands twice in the mapping", span));
                    }
                    *key = Some(at);
                }
                (None, Kind::Sequence(_) | Kind::Mapping(_)) => {
                    return Err(YamlError::new("a key must be a scalar", span));
                }
                (Some(k), _) => match self.nodes.get(k).map(|n| &n.kind) {
                    Some(Kind::Scalar { text, plain: true }) if text == "<<" => *merge = Some(at),
                    _ => entries.push((k, at)),
                },
            },
        }
        Ok(())
    }
}

/// Refuses tags that make a value something else than it looks.
fn check_tag(tag: Option<&Tag>, span: Span) -> Result<(), YamlError> {
    let Some(tag) = tag else { return Ok(()) };
    let harmless = matches!(tag.suffix.as_str(), "str" | "seq" | "map" | "int" | "bool" | "float" | "null");
    if tag.is_yaml_core_schema() && harmless {
        return Ok(());
    }
    Err(YamlError::new("a tag of this kind is not understood", span))
}

/// Characters between two remembered byte offsets.
const STRIDE: usize = 256;

/// Byte offsets of characters: the parser counts characters.
struct Offsets<'t> {
    text: &'t str,
    /// The byte offset of every [`STRIDE`]th character; empty where bytes and characters are the same.
    marks: Vec<usize>,
}

impl<'t> Offsets<'t> {
    fn new(text: &'t str) -> Self {
        let marks = match text.is_ascii() {
            true => Vec::new(),
            false => text.char_indices().step_by(STRIDE).map(|(at, _)| at).collect(),
        };
        Offsets { text, marks }
    }

    fn byte(&self, index: usize) -> usize {
        if self.marks.is_empty() {
            return index.min(self.text.len());
        }
        let Some(&mark) = self.marks.get(index / STRIDE) else { return self.text.len() };
        let rest = self.text.get(mark..).unwrap_or_default();
        rest.char_indices().nth(index % STRIDE).map_or(self.text.len(), |(n, _)| mark + n)
    }

    /// The bytes of an event, without white space at the end.
    fn span(&self, place: saphyr_parser::Span) -> Span {
        let (start, end) = (self.byte(place.start.index()), self.byte(place.end.index()));
        let inner = self.text.get(start..end).unwrap_or_default();
        Span::new(start, start + inner.trim_end().len())
    }

    /// A node without the anchor and tag in front of it, which the parser counts in.
    fn bare(&self, span: Span) -> Span {
        let mut start = span.start;
        loop {
            let rest = self.text.get(start..).unwrap_or_default();
            if !rest.starts_with(['&', '!']) {
                return Span::new(start, span.end);
            }
            let end = rest.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(rest.len());
            let next = rest.get(end..).unwrap_or_default();
            start += rest.len() - next.trim_start().len();
        }
    }

    /// A quoted scalar up to its closing quote: the parser counts a comment behind it in.
    fn quoted(&self, span: Span, style: ScalarStyle) -> Span {
        let quote = match style {
            ScalarStyle::SingleQuoted => b'\'',
            ScalarStyle::DoubleQuoted => b'"',
            ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded => return span,
        };
        let mut bytes = span.of(self.text.as_bytes()).iter().copied().enumerate().skip(1).peekable();
        while let Some((n, byte)) = bytes.next() {
            if byte == b'\\' && quote == b'"' {
                bytes.next();
            } else if byte == quote && bytes.next_if(|(_, next)| *next == quote && quote == b'\'').is_none() {
                return Span::new(span.start, span.start + n + 1);
            }
        }
        span
    }

    /// The character at a byte offset.
    fn one(&self, at: usize) -> Span {
        let len = self.text.get(at..).and_then(|t| t.chars().next()).map_or(0, char::len_utf8);
        Span::new(at, at + len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn marked<'t>(text: &'t str, node: Yaml<'_>) -> &'t str {
        std::str::from_utf8(node.span().of(text.as_bytes())).unwrap()
    }

    #[test]
    fn keeps_the_place_of_keys_and_values() {
        for newline in ["\n", "\r\n"] {
            let text = "# ключ 🔑 — comment\na: 'ü'  # é 🔑\nlist:\n- \"x\"\n- y z  # ÿ\n\n\
                flow: [p, {q: r}]  # end\nanchored: &x [p, q]\nkey: &y !!str \"v\" # w\n\
                plain: mehr\n  lines\ndouble: \"it\\\"s # one\" # é\nsingle: 'it''s # one' # é\n"
                .replace('\n', newline);
            let doc = Document::parse(text.as_bytes()).unwrap();
            let root = doc.root().unwrap();
            let (key, value) = root.get("a").unwrap();
            assert_eq!((marked(&text, key), marked(&text, value)), ("a", "'ü'"));
            let (_, list) = root.get("list").unwrap();
            let items: Vec<_> = list.items().unwrap().map(|i| marked(&text, i)).collect();
            assert_eq!(items, ["\"x\"", "y z"]);
            assert!(marked(&text, list).ends_with("y z"), "{:?}", marked(&text, list));
            assert_eq!(marked(&text, root.get("double").unwrap().1), r#""it\"s # one""#);
            assert_eq!(marked(&text, root.get("single").unwrap().1), "'it''s # one'");
            assert_eq!(marked(&text, root.get("flow").unwrap().1), "[p, {q: r}]");
            assert_eq!(marked(&text, root.get("anchored").unwrap().1), "[p, q]");
            assert_eq!(marked(&text, root.get("key").unwrap().1), "\"v\"");
            assert!(marked(&text, root.get("plain").unwrap().1).ends_with("lines"));
        }
        let text = "\u{feff}a: b\n";
        let doc = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(marked(text, doc.root().unwrap().get("a").unwrap().1), "b");
    }

    #[test]
    fn finds_characters_beyond_a_stride() {
        let text = format!("# {}\nkey: välue\n", "ä🔑".repeat(STRIDE));
        let doc = Document::parse(text.as_bytes()).unwrap();
        assert_eq!(marked(&text, doc.root().unwrap().get("key").unwrap().1), "välue");
    }

    #[test]
    fn follows_aliases_and_merge_keys() {
        let text = "\
base: &base {id: one, rev: v1}
other: &other {rev: v2, name: n}
list: &list [a, b]
first: {<<: *base, rev: own}
second: {<<: [*base, *other]}
nested: {<<: {id: inner}}
same: *list
literal: {'<<': *list}
";
        let doc = Document::parse(text.as_bytes()).unwrap();
        let root = doc.root().unwrap();
        let get = |map: &str, key: &str| root.get(map).unwrap().1.get(key).and_then(|(_, v)| v.text());
        let table = [
            ("first", "id", Some("one")),
            ("first", "rev", Some("own")),
            ("second", "rev", Some("v1")),
            ("second", "name", Some("n")),
            ("nested", "id", Some("inner")),
            ("first", "<<", None),
        ];
        for (map, key, want) in table {
            assert_eq!(get(map, key), want, "{map}.{key}");
        }
        assert_eq!(root.get("same").unwrap().1.items().unwrap().count(), 2);
        assert!(root.get("literal").unwrap().1.get("<<").is_some());
    }

    #[test]
    fn knows_null() {
        let doc = Document::parse(b"a:\nb: ~\nc: 'null'\nd: !!str\ne: null\n").unwrap();
        let root = doc.root().unwrap();
        let texts: Vec<_> = ["a", "b", "c", "d", "e"].map(|k| root.get(k).unwrap().1.text()).into();
        assert_eq!(texts, [None, None, Some("null"), Some(""), None]);
        assert!(Document::parse(b"# nothing\n").unwrap().root().is_none_or(|r| r.text().is_none()));
    }

    #[test]
    fn refuses_what_is_ambiguous_or_too_much() {
        let deep = format!("{}x{}", "[".repeat(70), "]".repeat(70));
        let deep_block = "- ".repeat(70) + "x";
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for n in 1..9 {
            let refs = vec![format!("*a{}", n - 1); 10].join(", ");
            laughs.push_str(&format!("a{n}: &a{n} [{refs}]\n"));
        }
        let large = format!("a: {}", "x".repeat(MAX_BYTES));
        let table: &[(&str, &str)] = &[
            ("a: 1\nb: 2\na: 3\n", "twice"),
            ("a: 1\n'a': 3\n", "twice"),
            ("x: {<<: {a: 1}, <<: {b: 1}}", "twice"),
            ("a: 1\n---\nb: 2\n", "second document"),
            ("a: &a [*a]\n", "own anchor"),
            ("a: *nowhere\n", "unknown anchor"),
            ("[a, b]: c\n", "scalar"),
            ("a: !!binary aGk=\n", "tag"),
            ("a: !python/name:os.system x\n", "tag"),
            ("a: {<<: [x]}\n", "mappings only"),
            ("a: [b\n", ""),
            (&deep, "deeper"),
            (&deep_block, "deeper"),
            (&laughs, "aliases expanded"),
            (&large, "larger"),
        ];
        for (text, want) in table {
            let shown = &text[..text.len().min(40)];
            let error = Document::parse(text.as_bytes()).expect_err(shown);
            assert!(error.message.contains(want), "{shown}: {}", error.message);
            assert!(error.span.end <= text.len());
        }
        assert!(Document::parse(b"a: \xff").unwrap_err().message.contains("UTF-8"));
    }

    /// Reads every node that can be reached, aliases followed, and checks its place.
    fn walk(text: &[u8], node: Yaml<'_>, visited: &mut usize) {
        *visited += 1;
        assert!(node.span().end <= text.len());
        for item in node.items().into_iter().flatten() {
            walk(text, item, visited);
        }
        for (key, value) in node.entries().into_iter().flatten() {
            walk(text, key, visited);
            walk(text, value, visited);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_stays_bounded(text in "([ \\n:{}\\[\\],&*<'\"!|>~a-c#é-]|- |: |\\n  |&a |\\*a|<<: |---\\n){0,120}") {
            if let Ok(doc) = Document::parse(text.as_bytes()) {
                let mut visited = 0;
                doc.root().into_iter().for_each(|r| walk(text.as_bytes(), r, &mut visited));
                prop_assert!(visited <= 2 * MAX_NODES);
            }
        }

        #[test]
        fn takes_any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = Document::parse(&bytes);
        }
    }
}
