//! Typed values from TOML, each with its place; what does not fit becomes a [`Problem`].

use super::datum::{Datum, quote};
use super::error::Problem;
use super::keys::{Key, Kind};
use super::load::PolicySource;
use super::units::{self, DURATIONS, SIZES};
use super::wording::{shown, type_of};
use super::{Globs, KeyFile, Layer, RuleSource, SetBy};
use crate::finding::{Fingerprint, Label, Position, Span};
use crate::rule::did_you_mean;
use globset::{Glob, GlobBuilder, GlobSetBuilder};
use std::io;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeArray, DeValue};

/// The entry of `secrets.rules` that means the built-in rules.
pub(super) const BUILTIN_RULES: &str = "default";

/// Entries of one list; more is no policy that people wrote.
const MAX_ITEMS: usize = 4096;

/// Bytes of one text. The longest that is of use is an RSA key of 16,384 bits in base64.
const MAX_TEXT: usize = 8192;

/// Bytes of one glob: each costs time to compile.
const MAX_GLOB: usize = 1024;

/// Faults of one file that are looked for. Each costs a count of lines; nobody reads more at a time.
pub(super) const MAX_FAULTS: usize = 60;

/// A TOML value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Reads one file.
pub(super) struct Reader<'a> {
    /// The file.
    pub(super) source: &'a PolicySource<'a>,
    /// Its text.
    pub(super) text: Arc<str>,
    /// Whose it is.
    pub(super) layer: Layer,
    /// What its values are marked with; the span of [`SetBy::File`] is put in for each.
    pub(super) by: SetBy,
    /// What is wrong with it.
    pub(super) problems: Vec<Problem>,
}

/// The bytes of a value or key.
pub(super) fn span_of<T>(value: &Spanned<T>) -> Span {
    let span = value.span();
    Span::new(span.start, span.end)
}

impl Reader<'_> {
    /// The mark of a value at `span`.
    pub(super) fn by(&self, span: Span) -> SetBy {
        match self.by {
            SetBy::File(file, _) => SetBy::File(file, span),
            other => other,
        }
    }

    /// A fault at `span`, not yet added.
    pub(super) fn fault(&self, code: &'static str, span: Span, message: String) -> Problem {
        Problem::at(code, &self.source.name, &self.text, span, message)
    }

    /// Whether enough faults were found.
    pub(super) fn is_full(&self) -> bool {
        self.problems.len() >= MAX_FAULTS
    }

    /// Notes that two places say the same thing.
    pub(super) fn twice(&mut self, message: String, one: Span, other: Span) {
        if self.is_full() {
            return;
        }
        let (first, second) = (one.min(other), one.max(other));
        let mut problem = self.fault("policy::duplicate", second, message).help("remove one of the two");
        problem.related.push(Label {
            file: self.source.name.clone(),
            position: Position::new(self.text.as_bytes(), first),
            message: "here as well".to_owned(),
        });
        self.problems.push(problem);
    }

    /// The value as what `key` takes, or `None` with a fault noted; `path` is the key's full name.
    pub(super) fn datum(&mut self, key: &Key, path: &str, value: &Value<'_>) -> Option<Datum> {
        let at = span_of(value);
        match key.kind {
            Kind::Bool => match value.get_ref() {
                DeValue::Boolean(on) => Some(Datum::Bool(*on)),
                _ => self.mistyped(path, key.kind, value),
            },
            Kind::Choice(words) => {
                let word = self.text(path, key.kind, value)?;
                self.word(path, words, &word, at).map(Datum::Word)
            }
            Kind::Choices(words) => {
                let list = self.texts(path, key.kind, value)?;
                let good: Vec<_> = list.iter().filter_map(|(w, at)| self.word(path, words, w, *at)).collect();
                (good.len() == list.len()).then(|| Datum::Texts(good.into_iter().map(str::to_owned).collect()))
            }
            Kind::Version => {
                if integer(value) == Some(1) {
                    return Some(Datum::Number(1));
                }
                let message = format!("{path} is {}; this gitward reads version 1", shown(value));
                self.problems.push(self.fault("policy::version", at, message).help("write `version = 1`"));
                None
            }
            Kind::Count(most) => match integer(value) {
                Some(n) if n <= most => Some(Datum::Number(n)),
                _ => self.mistyped(path, key.kind, value),
            },
            Kind::Size => self.quantity(path, key.kind, value, &SIZES),
            Kind::Duration => self.quantity(path, key.kind, value, &DURATIONS),
            Kind::Text => {
                let text = self.text(path, key.kind, value)?;
                if text.trim().is_empty() {
                    self.problems.push(self.fault("policy::value", at, format!("{path} is empty")));
                    return None;
                }
                Some(Datum::Text(text))
            }
            Kind::Release => {
                let text = self.text(path, key.kind, value)?;
                if is_release(&text) {
                    return Some(Datum::Text(text));
                }
                let message = format!("{path} = {} is not a version", quote(&text));
                self.problems.push(self.fault("policy::value", at, message).help("write one such as \"1.4.0\""));
                None
            }
            Kind::Texts => self.texts(path, key.kind, value).map(bare),
            Kind::KeyNames => self.texts(path, key.kind, value).map(bare),
            Kind::Patterns => {
                let list = self.texts(path, key.kind, value)?;
                self.globs(path, &list).map(|globs| Datum::Texts(globs.patterns))
            }
            Kind::Globs => {
                let list = self.texts(path, key.kind, value)?;
                self.globs(path, &list).map(Datum::Globs)
            }
            Kind::SshKeys => self.ssh_keys(path, key.kind, value),
            Kind::Rules => self.rules(path, key.kind, value),
            Kind::File => {
                let name = self.text(path, key.kind, value)?;
                self.file(path, &name, at).map(Datum::File)
            }
            Kind::Files => {
                let list = self.texts(path, key.kind, value)?;
                let files: Vec<_> = list.iter().filter_map(|(name, at)| self.file(path, name, *at)).collect();
                (files.len() == list.len()).then_some(Datum::Files(files))
            }
            Kind::Date => self.date(path, key.kind, value),
            Kind::Fingerprint => {
                let text = self.text(path, key.kind, value)?;
                let print = Fingerprint::parse(&text);
                if print.is_none() {
                    let message = format!("{path} = {} is not a fingerprint", quote(&text));
                    let help = "copy it from the finding: `gw1:` and 12 to 64 hexadecimal digits";
                    self.problems.push(self.fault("policy::value", at, message).help(help));
                }
                print.map(Datum::Fingerprint)
            }
            // tables are walked, not read
            Kind::Levels | Kind::Section(_) | Kind::List(_) => None,
        }
    }

    /// Notes that `value` is of another type than `kind` takes.
    pub(super) fn mistyped<T>(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<T> {
        // a text in place of a key is not repeated: it may be a private key put here by mistake
        let is = if matches!(kind, Kind::SshKeys) { type_of(value).to_owned() } else { shown(value) };
        let message = format!("{path} takes {}, not {is}", kind.takes());
        self.problems.push(self.fault("policy::type", span_of(value), message));
        None
    }

    fn text(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<String> {
        let DeValue::String(text) = value.get_ref() else { return self.mistyped(path, kind, value) };
        self.bounded(path, text, span_of(value))
    }

    fn bounded(&mut self, path: &str, text: &str, at: Span) -> Option<String> {
        if text.len() <= MAX_TEXT {
            return Some(text.to_owned());
        }
        let message = format!("{path} holds a text of {} bytes; {MAX_TEXT} are the most", text.len());
        self.problems.push(self.fault("policy::too_large", at, message));
        None
    }

    /// The texts of a list with their places; all or none.
    fn texts(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<Vec<(String, Span)>> {
        let DeValue::Array(list) = value.get_ref() else {
            self.mistyped::<()>(path, kind, value);
            if let (DeValue::String(_), Some(last)) = (value.get_ref(), self.problems.last_mut()) {
                last.help.push("put it in brackets: [\"…\"]".to_owned());
            }
            return None;
        };
        if !self.short_enough(path, list, span_of(value)) {
            return None;
        }
        let mut texts = Vec::with_capacity(list.len());
        for item in list {
            match item.get_ref() {
                DeValue::String(text) => {
                    let at = span_of(item);
                    texts.extend(self.bounded(path, text, at).map(|text| (text, at)));
                }
                _ if self.is_full() => {}
                _ => {
                    let message = format!("{path} takes {}; this entry is {}", kind.takes(), shown(item));
                    self.problems.push(self.fault("policy::type", span_of(item), message));
                }
            }
        }
        (texts.len() == list.len()).then_some(texts)
    }

    /// Whether a list is of a bearable length.
    pub(super) fn short_enough(&mut self, path: &str, list: &DeArray<'_>, at: Span) -> bool {
        if list.len() <= MAX_ITEMS {
            return true;
        }
        let message = format!("{path} has {} entries; {MAX_ITEMS} are the most", list.len());
        self.problems.push(self.fault("policy::too_large", at, message));
        false
    }

    /// The word of the table that `word` is.
    pub(super) fn word(
        &mut self,
        path: &str,
        words: &'static [&'static str],
        word: &str,
        at: Span,
    ) -> Option<&'static str> {
        if let Some(known) = words.iter().find(|w| **w == word) {
            return Some(known);
        }
        if self.is_full() {
            return None;
        }
        let mut problem = self.fault("policy::value", at, format!("{path} cannot be {}", quote(word)));
        if let Some(near) = did_you_mean(word, words.iter().copied()) {
            problem = problem.help(format!("did you mean {}?", quote(near)));
        }
        self.problems.push(problem.help(format!("it is one of {}", words.join(", "))));
        None
    }

    fn quantity(&mut self, path: &str, kind: Kind, value: &Value<'_>, units: &[(u64, &str)]) -> Option<Datum> {
        let number = match value.get_ref() {
            DeValue::String(text) => units::parse(text, units),
            _ => integer(value),
        };
        match number {
            Some(n) => Some(Datum::Number(n)),
            None => self.mistyped(path, kind, value),
        }
    }

    fn globs(&mut self, path: &str, list: &[(String, Span)]) -> Option<Globs> {
        let mut set = GlobSetBuilder::new();
        let mut good = 0;
        for (pattern, at) in list {
            match glob(pattern) {
                Ok(glob) => {
                    set.add(glob);
                    good += 1;
                }
                Err(_) if self.is_full() => {}
                Err(why) => {
                    let message = format!("{path}: {} is not a glob: {why}", quote(pattern));
                    let help = "`*` stops at `/`, `**` does not; a backslash makes the next character plain";
                    self.problems.push(self.fault("policy::glob", *at, message).help(help));
                }
            }
        }
        if good < list.len() {
            return None;
        }
        match set.build() {
            Ok(set) => Some(Globs { patterns: list.iter().map(|(p, _)| p.clone()).collect(), set }),
            Err(why) => {
                let at = list.first().map(|(_, at)| *at).unwrap_or_default();
                let message = format!("{path}: the globs are too large together: {why}");
                self.problems.push(self.fault("policy::glob", at, message));
                None
            }
        }
    }

    fn ssh_keys(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<Datum> {
        let list = self.texts(path, kind, value)?;
        let mut good = true;
        for (line, at) in &list {
            if !is_ssh_key(line) {
                good = false;
                if self.is_full() {
                    break;
                }
                // the text is not repeated: it may be a private key put here by mistake
                let message = format!("{path}: this is not an SSH public key");
                let help = "write the line of the .pub file: \"ssh-ed25519 AAAA…\"";
                self.problems.push(self.fault("policy::value", *at, message).help(help));
            }
        }
        good.then(|| bare(list))
    }

    fn rules(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<Datum> {
        let list = self.texts(path, kind, value)?;
        let mut sources = Vec::with_capacity(list.len());
        for (name, at) in &list {
            if name == BUILTIN_RULES {
                sources.push(RuleSource::Builtin);
                continue;
            }
            let Some(bytes) = self.bytes("rule file", path, name, *at) else { continue };
            match String::from_utf8(bytes) {
                Ok(text) => sources.push(RuleSource::File { name: name.clone(), text: text.into() }),
                Err(why) => {
                    let byte = why.utf8_error().valid_up_to();
                    let message =
                        format!("{path}: rule file {} is not UTF-8 text: byte {byte} is not valid", quote(name));
                    self.problems.push(self.fault("policy::file", *at, message));
                }
            }
        }
        (sources.len() == list.len()).then_some(Datum::Sources(sources))
    }

    fn file(&mut self, path: &str, name: &str, at: Span) -> Option<KeyFile> {
        let bytes = self.bytes("key file", path, name, at)?;
        Some(KeyFile { name: name.to_owned(), bytes: bytes.into() })
    }

    fn bytes(&mut self, what: &str, path: &str, name: &str, at: Span) -> Option<Vec<u8>> {
        let read = if self.layer == Layer::Repo && !stays_inside(name) {
            Err(io::Error::other("a repository's policy names files of the repository alone, relative to itself"))
        } else {
            (self.source.read)(name)
        };
        read.map_err(|why| {
            if self.is_full() {
                return;
            }
            let message = format!("{path}: cannot read {what} {}: {why}", quote(name));
            let help = format!("file names are relative to {}", self.source.name);
            self.problems.push(self.fault("policy::file", at, message).help(help));
        })
        .ok()
    }

    fn date(&mut self, path: &str, kind: Kind, value: &Value<'_>) -> Option<Datum> {
        let day = match value.get_ref() {
            DeValue::Datetime(when) if when.time.is_none() && when.offset.is_none() => {
                when.date.and_then(|d| civil(d.year, d.month, d.day))
            }
            DeValue::String(text) if text.len() == "2027-03-31".len() => text.parse().ok(),
            _ => None,
        };
        match day {
            Some(day) => Some(Datum::Date(day)),
            None => self.mistyped(path, kind, value),
        }
    }
}

fn civil(year: u16, month: u8, day: u8) -> Option<jiff::civil::Date> {
    let (year, month, day) = (i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    jiff::civil::Date::new(year, month, day).ok()
}

fn bare(list: Vec<(String, Span)>) -> Datum {
    Datum::Texts(list.into_iter().map(|(text, _)| text).collect())
}

/// A glob as all of gitward means it.
pub(super) fn glob(pattern: &str) -> Result<Glob, String> {
    if pattern.is_empty() {
        return Err("it is empty and matches nothing".to_owned());
    }
    if pattern.len() > MAX_GLOB {
        return Err(format!("it has {} bytes; {MAX_GLOB} are the most", pattern.len()));
    }
    builder(pattern).build().map_err(|why| why.kind().to_string())
}

/// How every pattern of a policy is meant: `*` stops at `/`, `**` does not, a backslash makes the next
/// character plain on every system.
pub(super) fn builder(pattern: &str) -> GlobBuilder<'_> {
    let mut builder = GlobBuilder::new(pattern);
    builder.literal_separator(true).backslash_escape(true);
    builder
}

fn integer(value: &Value<'_>) -> Option<u64> {
    match value.get_ref() {
        DeValue::Integer(n) => u64::from_str_radix(n.as_str(), n.radix()).ok(),
        _ => None,
    }
}

/// Digits in up to four groups between dots, perhaps a `v` in front and a suffix such as `-rc.1` behind.
fn is_release(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let suffix = text.get(core.len()..).unwrap_or_default();
    let groups = core.split('.').count();
    groups <= 4
        && core.split('.').all(|g| (1..=9).contains(&g.len()) && g.bytes().all(|b| b.is_ascii_digit()))
        && suffix.bytes().all(|b| b.is_ascii_alphanumeric() || b"-+.".contains(&b))
}

/// Whether a line has the shape of `authorized_keys`: a key type and base64 behind it, perhaps options in
/// front.
fn is_ssh_key(line: &str) -> bool {
    let words: Vec<&str> = line.split_ascii_whitespace().collect();
    words.windows(2).any(|pair| match pair {
        [kind, data] => {
            ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|p| kind.starts_with(p))
                && data.starts_with("AAAA")
        }
        _ => false,
    })
}

/// Whether a relative name stays below its directory, by its text alone.
fn stays_inside(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(['/', '\\', '~'])
        && !name.contains([':', '\0'])
        && !name.split(['/', '\\']).any(|part| part == "..")
}
