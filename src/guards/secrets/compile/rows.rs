//! Rules as rows of numbers. No row holds a pointer: texts are places in one long text, lists are places in
//! shared tables. The built-in rules thus need no relocation when the binary is loaded, which would cost more
//! than a small commit's whole check, and their pages are read only where a rule is asked for.

use super::plan::Search;
use super::schema::{CONFIDENCES, Checksum, LEVELS, RawAllow, RawRule, Target, Validator};
use std::borrow::Cow;
use std::collections::HashMap;

/// In the binary for built-in rules, on the heap for users'.
pub(crate) type List<T> = Cow<'static, [T]>;

/// A text, as its place in [`Rows::text`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Text {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

/// Neighbours in a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Part {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

impl Part {
    fn of<T>(self, table: &[T]) -> &[T] {
        let (at, len) = (self.at as usize, self.len as usize);
        table.get(at..at + len).unwrap_or_default()
    }
}

/// When a match is let go; as in rule files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AllowRow {
    pub(crate) all: bool,
    pub(crate) target: Target,
    pub(crate) regexes: Part,
    pub(crate) stopwords: Part,
    pub(crate) paths: Part,
}

/// An analysed rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) id: Text,
    pub(crate) provider: Text,
    pub(crate) description: Text,
    pub(crate) regex: Text,
    /// The group that is the secret; 0: the first that is not empty, or the whole match.
    pub(crate) secret_group: u8,
    /// Number of groups of the regex.
    pub(crate) groups: u8,
    pub(crate) entropy: f32,
    /// Index in [`LEVELS`].
    pub(crate) level: u8,
    /// Index in [`CONFIDENCES`].
    pub(crate) confidence: u8,
    pub(crate) specificity: i16,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) validate: Part,
    pub(crate) least: [u8; 3],
    pub(crate) allow: Part,
    pub(crate) paths: Option<Text>,
    pub(crate) revoke: Text,
    pub(crate) matches: Part,
    pub(crate) ignores: Part,
    pub(crate) gate: Part,
    /// The rule's first step in `Catalogue::steps`.
    pub(crate) base: u32,
    pub(crate) search: Search,
}

/// The rows and what they point into.
#[derive(Clone, Debug)]
pub(crate) struct Rows {
    pub(crate) rows: List<Row>,
    pub(crate) text: Cow<'static, str>,
    pub(crate) texts: List<Text>,
    pub(crate) allows: List<AllowRow>,
    pub(crate) validators: List<Validator>,
}

impl Rows {
    /// The rule of that index.
    pub(crate) fn get(&self, index: u16) -> Option<Rule<'_>> {
        Some(self.rule(self.rows.get(usize::from(index))?))
    }

    /// Every rule, in the order of indices.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = Rule<'_>> {
        self.rows.iter().map(|row| self.rule(row))
    }

    /// What a row says.
    fn rule<'a>(&'a self, row: &Row) -> Rule<'a> {
        Rule {
            id: self.text(row.id),
            provider: self.text(row.provider),
            description: self.text(row.description),
            regex: self.text(row.regex),
            entropy: row.entropy,
            level: LEVELS.get(usize::from(row.level)).copied().unwrap_or_default(),
            confidence: CONFIDENCES.get(usize::from(row.confidence)).copied().unwrap_or_default(),
            specificity: row.specificity,
            checksum: row.checksum,
            validate: row.validate.of(&self.validators),
            least: row.least,
            paths: row.paths.map(|p| self.text(p)),
            revoke: self.text(row.revoke),
            matches: self.list(row.matches),
            ignores: self.list(row.ignores),
            gate: self.list(row.gate),
            allow: row.allow.of(&self.allows),
            rows: self,
        }
    }

    fn text(&self, text: Text) -> &str {
        let (at, len) = (text.at as usize, text.len as usize);
        self.text.get(at..at + len).unwrap_or_default()
    }

    fn list(&self, part: Part) -> Texts<'_> {
        Texts { rows: self, list: part.of(&self.texts) }
    }
}

/// A list of texts.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    rows: &'a Rows,
    list: &'a [Text],
}

impl<'a> Texts<'a> {
    /// The texts, in order.
    pub(crate) fn iter(self) -> impl ExactSizeIterator<Item = &'a str> {
        let Texts { rows, list } = self;
        list.iter().map(|text| rows.text(*text))
    }

    fn owned(self) -> Vec<String> {
        self.iter().map(str::to_owned).collect()
    }
}

/// A rule, to be asked.
#[derive(Clone, Copy)]
pub(crate) struct Rule<'a> {
    pub(crate) id: &'a str,
    pub(crate) provider: &'a str,
    pub(crate) description: &'a str,
    pub(crate) regex: &'a str,
    /// Bits a character.
    pub(crate) entropy: f32,
    pub(crate) level: &'static str,
    pub(crate) confidence: &'static str,
    pub(crate) specificity: i16,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) validate: &'a [Validator],
    pub(crate) least: [u8; 3],
    pub(crate) paths: Option<&'a str>,
    pub(crate) revoke: &'a str,
    /// Built-in rules' examples, as templates.
    pub(crate) matches: Texts<'a>,
    pub(crate) ignores: Texts<'a>,
    /// One of them must stand in the text; empty: nothing is asked beyond the literals.
    pub(crate) gate: Texts<'a>,
    allow: &'a [AllowRow],
    rows: &'a Rows,
}

impl Rule<'_> {
    /// The rule's allow-lists, as a file states them.
    pub(crate) fn allow(&self) -> Vec<RawAllow> {
        let read = |row: &AllowRow| RawAllow {
            all: row.all,
            target: Some(row.target),
            regexes: self.rows.list(row.regexes).owned(),
            stopwords: self.rows.list(row.stopwords).owned(),
            paths: self.rows.list(row.paths).owned(),
        };
        self.allow.iter().map(read).collect()
    }
}

/// How a rule is run; the rest of its row is as in the file.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) groups: u8,
    /// Keywords that the search does not imply.
    pub(crate) gate: Vec<String>,
    pub(crate) base: u32,
    pub(crate) search: Search,
}

/// Makes [`Rows`]. Equal texts are kept once.
#[derive(Default)]
pub(crate) struct Builder {
    rows: Vec<Row>,
    text: String,
    known: HashMap<String, Text>,
    texts: Vec<Text>,
    allows: Vec<AllowRow>,
    validators: Vec<Validator>,
}

impl Builder {
    /// Appends a rule.
    pub(crate) fn add(&mut self, raw: &RawRule, way: &Way) {
        let index = |names: &[&str], name: &str| names.iter().position(|n| *n == name).unwrap_or_default() as u8;
        let allows: Vec<AllowRow> = raw.allow.iter().map(|allow| self.allow(allow)).collect();
        let row = Row {
            id: self.text(&raw.id),
            provider: self.text(&raw.provider),
            description: self.text(&raw.description),
            regex: self.text(&raw.regex),
            secret_group: raw.secret_group.unwrap_or(0),
            groups: way.groups,
            entropy: raw.entropy,
            level: index(LEVELS, raw.level),
            confidence: index(CONFIDENCES, raw.confidence),
            specificity: raw.specificity,
            checksum: raw.checksum,
            validate: append(&mut self.validators, raw.validate.iter().copied()),
            least: raw.least,
            allow: append(&mut self.allows, allows),
            paths: raw.paths.as_ref().map(|p| self.text(p)),
            revoke: self.text(&raw.revoke),
            matches: self.list(&raw.matches),
            ignores: self.list(&raw.ignores),
            gate: self.list(&way.gate),
            base: way.base,
            search: way.search,
        };
        self.rows.push(row);
    }

    /// What was added.
    pub(crate) fn build(self) -> Rows {
        let Builder { rows, text, texts, allows, validators, .. } = self;
        Rows {
            rows: rows.into(),
            text: text.into(),
            texts: texts.into(),
            allows: allows.into(),
            validators: validators.into(),
        }
    }

    fn allow(&mut self, raw: &RawAllow) -> AllowRow {
        AllowRow {
            all: raw.all,
            target: raw.target.unwrap_or(Target::Secret),
            regexes: self.list(&raw.regexes),
            stopwords: self.list(&raw.stopwords),
            paths: self.list(&raw.paths),
        }
    }

    fn text(&mut self, text: &str) -> Text {
        if let Some(known) = self.known.get(text) {
            return *known;
        }
        let place = Text { at: self.text.len() as u32, len: text.len() as u32 };
        self.text.push_str(text);
        self.known.insert(text.to_owned(), place);
        place
    }

    fn list(&mut self, list: &[String]) -> Part {
        let places: Vec<Text> = list.iter().map(|text| self.text(text)).collect();
        append(&mut self.texts, places)
    }
}

fn append<T>(table: &mut Vec<T>, items: impl IntoIterator<Item = T>) -> Part {
    let at = table.len();
    table.extend(items);
    Part { at: at as u32, len: (table.len() - at) as u32 }
}
