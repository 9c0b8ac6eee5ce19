//! Quotes, escapes and `${var}` as the frontend's word processor treats them.

use super::budget::{Budget, Spent};
use crate::guards::images::glob::{Glob, Token};
use std::fmt;

/// Longest result of an expansion of one word, in bytes.
pub const MAX_EXPANDED: usize = 8 << 10;
/// Deepest nesting of `${a:-${b:-…}}`.
const MAX_DEPTH: u32 = 24;

/// Why a word has no value.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExpandError {
    /// Malformed `${…}`, an unknown operator or a quote without end.
    Syntax(&'static str),
    /// `${name:?}` and the like, or a bare `$name` without value.
    Unset(String),
    /// A bound on length, depth or work was reached.
    TooLarge,
}

impl From<Spent> for ExpandError {
    fn from(_: Spent) -> Self {
        ExpandError::TooLarge
    }
}

impl fmt::Display for ExpandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ExpandError::Syntax(what) => f.write_str(what),
            ExpandError::Unset(name) => write!(f, "the variable {name} has no value"),
            ExpandError::TooLarge => f.write_str("the expansion is too large"),
        }
    }
}

/// A word with its variables replaced.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Expanded {
    /// The value.
    pub text: Vec<u8>,
    /// Plain `$name` and `${name}` without value that went in as nothing.
    pub unset: Vec<Vec<u8>>,
}

/// Expands `word`: quotes go, variables are looked up in `env`.
///
/// # Errors
/// When the word is malformed or beyond the bounds.
pub fn expand<'e>(
    word: &[u8],
    escape: u8,
    env: &dyn Fn(&[u8]) -> Option<&'e [u8]>,
    budget: &Budget,
) -> Result<Expanded, ExpandError> {
    let mut engine = Engine::new(word, escape, Mode::Value, env, budget, MAX_EXPANDED);
    let text = engine.until(None, false, 0)?;
    Ok(Expanded { text, unset: engine.unset })
}

/// Splits a shell line into words as the frontend does to find here-documents: quotes, escapes and
/// variables stay as they are. `None`: the line cannot be split, and holds no here-document then.
///
/// # Errors
/// [`ExpandError::TooLarge`] alone.
pub(super) fn raw_words(line: &[u8], budget: &Budget) -> Result<Option<Vec<Vec<u8>>>, ExpandError> {
    words(line, Mode::Raw, budget)
}

/// Splits the word of a here-document: quotes and escapes go.
///
/// # Errors
/// [`ExpandError::TooLarge`] alone.
pub(super) fn cooked_words(line: &[u8], budget: &Budget) -> Result<Option<Vec<Vec<u8>>>, ExpandError> {
    words(line, Mode::Cooked, budget)
}

fn words(line: &[u8], mode: Mode, budget: &Budget) -> Result<Option<Vec<Vec<u8>>>, ExpandError> {
    let limit = line.len().saturating_mul(2).saturating_add(64);
    let mut engine = Engine::new(line, b'\\', mode, &|_| None, budget, limit);
    match engine.until(None, mode == Mode::Raw, 0) {
        Ok(_) => Ok(Some(engine.words.finish())),
        Err(ExpandError::TooLarge) => Err(ExpandError::TooLarge),
        Err(_) => Ok(None),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Expand; unset variables are empty.
    Value,
    /// Split only; everything stays.
    Raw,
    /// Split only; quotes and escapes go, variables stay.
    Cooked,
}

#[derive(Default)]
struct Words {
    word: Vec<u8>,
    done: Vec<Vec<u8>>,
}

impl Words {
    fn split(&mut self, text: &[u8]) {
        for &b in text {
            if super::words::is_blank(b) {
                if !self.word.is_empty() {
                    self.done.push(std::mem::take(&mut self.word));
                }
            } else {
                self.word.push(b);
            }
        }
    }

    fn finish(&mut self) -> Vec<Vec<u8>> {
        self.split(b" ");
        std::mem::take(&mut self.done)
    }
}

struct Engine<'a, 'e> {
    text: &'a [u8],
    at: usize,
    escape: u8,
    mode: Mode,
    env: &'a dyn Fn(&[u8]) -> Option<&'e [u8]>,
    budget: &'a Budget,
    limit: usize,
    unset: Vec<Vec<u8>>,
    /// Of the outermost level.
    words: Words,
}

impl<'a, 'e> Engine<'a, 'e> {
    fn new(
        text: &'a [u8],
        escape: u8,
        mode: Mode,
        env: &'a dyn Fn(&[u8]) -> Option<&'e [u8]>,
        budget: &'a Budget,
        limit: usize,
    ) -> Self {
        Engine { text, at: 0, escape, mode, env, budget, limit, unset: Vec::new(), words: Words::default() }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let b = self.peek()?;
        self.at += 1;
        Some(b)
    }

    /// Adds to a result within the limit.
    fn add(&self, result: &mut Vec<u8>, text: &[u8]) -> Result<(), ExpandError> {
        self.budget.spend(text.len() + 1)?;
        if result.len() + text.len() > self.limit {
            return Err(ExpandError::TooLarge);
        }
        result.extend_from_slice(text);
        Ok(())
    }

    /// Reads up to `stop`, which is consumed, or to the end where there is none.
    fn until(&mut self, stop: Option<u8>, raw_escapes: bool, depth: u32) -> Result<Vec<u8>, ExpandError> {
        if depth > MAX_DEPTH {
            return Err(ExpandError::TooLarge);
        }
        let top = depth == 0 && self.mode != Mode::Value;
        let mut result = Vec::new();
        while let Some(b) = self.peek() {
            if Some(b) == stop {
                self.at += 1;
                return Ok(result);
            }
            let (piece, split) = match b {
                b'$' => (self.dollar(depth)?, true),
                b'\'' => (self.single_quoted()?, false),
                b'"' => (self.double_quoted(raw_escapes, depth)?, false),
                b'<' => (self.angle(), false),
                _ if b == self.escape => {
                    self.at += 1;
                    let mut piece = if raw_escapes { vec![b] } else { Vec::new() };
                    piece.extend(self.next());
                    (piece, false)
                }
                _ => (self.plain_run(stop), true),
            };
            self.add(&mut result, &piece)?;
            if top && split {
                self.words.split(&piece);
            } else if top {
                self.words.word.extend_from_slice(&piece);
            }
        }
        match stop {
            None => Ok(result),
            Some(b'/') => Err(ExpandError::Syntax("a / is missing in ${name/pattern/replacement}")),
            Some(_) => Err(ExpandError::Syntax("a } is missing")),
        }
    }

    /// Bytes without meaning, one at least.
    fn plain_run(&mut self, stop: Option<u8>) -> Vec<u8> {
        let special = |b: u8| matches!(b, b'$' | b'\'' | b'"' | b'<') || b == self.escape || Some(b) == stop;
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let len = 1 + rest.iter().take_while(|&&b| !special(b)).count();
        let start = self.at;
        self.at += len;
        self.since(start)
    }

    /// `<<` with the blanks behind it: they may part the operator of a here-document from its word.
    fn angle(&mut self) -> Vec<u8> {
        let start = self.at;
        self.at += 1;
        if self.peek() == Some(b'<') {
            self.at += 1;
            while self.peek().is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
                self.at += 1;
            }
        }
        self.text.get(start..self.at).unwrap_or_default().to_vec()
    }

    fn single_quoted(&mut self) -> Result<Vec<u8>, ExpandError> {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        let len = memchr::memchr(b'\'', rest).ok_or(ExpandError::Syntax("a ' has no counterpart"))?;
        let start = self.at;
        self.at += len + 2;
        let keep = usize::from(self.mode != Mode::Raw);
        Ok(self.text.get(start + keep..self.at - keep).unwrap_or_default().to_vec())
    }

    fn double_quoted(&mut self, raw_escapes: bool, depth: u32) -> Result<Vec<u8>, ExpandError> {
        self.at += 1;
        let raw = self.mode == Mode::Raw;
        let mut result = if raw { vec![b'"'] } else { Vec::new() };
        loop {
            match self.peek() {
                None => return Err(ExpandError::Syntax("a \" has no counterpart")),
                Some(b'"') => {
                    self.at += 1;
                    if raw {
                        result.push(b'"');
                    }
                    return Ok(result);
                }
                Some(b'$') => {
                    let value = self.dollar(depth)?;
                    self.add(&mut result, &value)?;
                }
                Some(b) if b == self.escape => {
                    self.at += 1;
                    if raw_escapes {
                        result.push(b);
                    }
                    match self.peek() {
                        None => {}
                        // only these can be escaped; any other backslash stands for itself
                        Some(c) if matches!(c, b'"' | b'$') || c == self.escape => {
                            self.at += 1;
                            self.add(&mut result, &[c])?;
                        }
                        Some(_) => self.add(&mut result, &[b])?,
                    }
                }
                Some(b) => {
                    self.at += 1;
                    self.add(&mut result, &[b])?;
                }
            }
        }
    }

    fn dollar(&mut self, depth: u32) -> Result<Vec<u8>, ExpandError> {
        let start = self.at;
        self.at += 1;
        if self.peek() != Some(b'{') {
            let name = self.name();
            if name.is_empty() {
                return Ok(b"$".to_vec());
            }
            return Ok(self.plain(name, start));
        }
        self.at += 1;
        match self.peek() {
            None => return Err(ExpandError::Syntax("a } is missing")),
            Some(b'{' | b'}' | b':') => return Err(ExpandError::Syntax("a variable's name is missing in ${}")),
            Some(_) => {}
        }
        let name = self.name();
        let mut operator = self.next();
        let null_is_unset = operator == Some(b':');
        if null_is_unset {
            operator = self.next();
        }
        match operator {
            Some(b'}') if !null_is_unset => Ok(self.plain(name, start)),
            Some(b'/') if !null_is_unset => self.replaced(name, start, depth),
            Some(op @ (b'-' | b'+' | b'?' | b'#' | b'%')) => self.modified(name, op, null_is_unset, start, depth),
            _ => Err(ExpandError::Syntax("an operator in ${} is not supported")),
        }
    }

    /// The bytes since `start`, for modes in which variables stay.
    fn since(&self, start: usize) -> Vec<u8> {
        self.text.get(start..self.at).unwrap_or_default().to_vec()
    }

    fn plain(&mut self, name: Vec<u8>, start: usize) -> Vec<u8> {
        if self.mode != Mode::Value {
            return self.since(start);
        }
        match (self.env)(&name) {
            Some(value) => value.to_vec(),
            None => {
                self.unset.push(name);
                Vec::new()
            }
        }
    }

    /// `${name-word}`, `+`, `?`, `#`, `%`.
    fn modified(
        &mut self,
        name: Vec<u8>,
        operator: u8,
        null_is_unset: bool,
        start: usize,
        depth: u32,
    ) -> Result<Vec<u8>, ExpandError> {
        let unset_before = self.unset.len();
        let word = self.until(Some(b'}'), matches!(operator, b'#' | b'%'), depth + 1)?;
        if self.mode != Mode::Value {
            return Ok(self.since(start));
        }
        let value = (self.env)(&name);
        let given = value.filter(|v| !(null_is_unset && v.is_empty()));
        let uses_word = match operator {
            b'-' => given.is_none(),
            b'+' => given.is_some(),
            b'?' => false,
            _ => true,
        };
        if !uses_word {
            self.unset.truncate(unset_before);
        }
        match operator {
            b'-' => Ok(given.map_or(word, <[u8]>::to_vec)),
            b'+' => Ok(if given.is_some() { word } else { Vec::new() }),
            b'?' => match given {
                Some(value) => Ok(value.to_vec()),
                None => Err(ExpandError::Unset(String::from_utf8_lossy(&name).into_owned())),
            },
            _ => {
                let value = value.unwrap_or_default();
                let (greedy, pattern) = match word.split_first() {
                    Some((first, rest)) if *first == operator => (true, rest),
                    _ => (false, word.as_slice()),
                };
                self.trimmed(value, pattern, operator == b'#', greedy)
            }
        }
    }

    /// The value without the shortest or longest prefix or suffix that fits.
    fn trimmed(&self, value: &[u8], pattern: &[u8], prefix: bool, greedy: bool) -> Result<Vec<u8>, ExpandError> {
        let pattern = glob(pattern)?;
        // lengths of the removed part, in the order of preference
        for n in 0..=value.len() {
            let cut = if greedy { value.len() - n } else { n };
            let (removed, kept) = if prefix {
                value.split_at(cut)
            } else {
                let (kept, removed) = value.split_at(value.len() - cut);
                (removed, kept)
            };
            if self.fits(&pattern, removed)? {
                return Ok(kept.to_vec());
            }
        }
        Ok(value.to_vec())
    }

    fn fits(&self, pattern: &Glob, text: &[u8]) -> Result<bool, ExpandError> {
        // the empty text takes a step as well
        self.budget.spend(1)?;
        Ok(pattern.fits_counted(text, || self.budget.spend(1))?)
    }

    /// `${name/pattern/replacement}`, `//` for every occurrence.
    fn replaced(&mut self, name: Vec<u8>, start: usize, depth: u32) -> Result<Vec<u8>, ExpandError> {
        let all = self.peek() == Some(b'/');
        if all {
            self.at += 1;
        }
        let pattern = self.until(Some(b'/'), true, depth + 1)?;
        let replacement = self.until(Some(b'}'), true, depth + 1)?;
        if self.mode != Mode::Value {
            return Ok(self.since(start));
        }
        let pattern = glob(&pattern)?;
        let value = (self.env)(&name).unwrap_or_default();
        let mut result = Vec::new();
        let mut at = 0;
        while at <= value.len() {
            // the longest part from here on that fits
            let rest = value.get(at..).unwrap_or_default();
            let mut found = None;
            for len in (0..=rest.len()).rev() {
                if self.fits(&pattern, rest.get(..len).unwrap_or_default())? {
                    found = Some(len);
                    break;
                }
            }
            match found {
                Some(len) => {
                    self.add(&mut result, &replacement)?;
                    if len == 0 {
                        self.add(&mut result, rest.get(..1).unwrap_or_default())?;
                    }
                    at += len.max(1);
                    if !all {
                        break;
                    }
                }
                None => {
                    self.add(&mut result, rest.get(..1).unwrap_or_default())?;
                    at += 1;
                }
            }
        }
        let tail = value.get(at..).unwrap_or_default();
        self.add(&mut result, tail)?;
        Ok(result)
    }

    /// A variable's name: digits, one special parameter, or letters, digits and `_`.
    fn name(&mut self) -> Vec<u8> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let len = match rest.first() {
            Some(b) if b.is_ascii_digit() => rest.iter().take_while(|b| b.is_ascii_digit()).count(),
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!') => 1,
            // beyond ASCII every letter counts; what is none makes an unknown name, which has no value
            _ => rest.iter().take_while(|&&b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80).count(),
        };
        self.at += len;
        rest.get(..len).unwrap_or_default().to_vec()
    }
}

/// Compiles a pattern of `${name#pattern}` and `${name/pattern/…}`.
fn glob(pattern: &[u8]) -> Result<Glob, ExpandError> {
    let mut tokens = Vec::with_capacity(pattern.len());
    let mut bytes = pattern.iter().copied().peekable();
    while let Some(b) = bytes.next() {
        tokens.push(match b {
            b'*' => Token::Any,
            b'?' => Token::One,
            // before } and / the backslash only protects them from ending the pattern
            b'\\' if matches!(bytes.peek(), Some(b'}' | b'/')) => continue,
            b'\\' => match bytes.next() {
                Some(c @ (b'*' | b'?' | b'\\')) => Token::Byte(c),
                _ => return Err(ExpandError::Syntax("a pattern in ${} has an invalid escape")),
            },
            b => Token::Byte(b),
        });
    }
    Ok(Glob::new(tokens))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(word: &str) -> String {
        let env = |name: &[u8]| -> Option<&'static [u8]> {
            match name {
                b"x" => Some(b"value"),
                b"empty" => Some(b""),
                b"path" => Some(b"a/b/c.tar.gz"),
                _ => None,
            }
        };
        match expand(word.as_bytes(), b'\\', &env, &Budget::default()) {
            Ok(e) => String::from_utf8(e.text).unwrap(),
            Err(ExpandError::Syntax(_)) => "syntax".to_owned(),
            Err(e) => e.to_string(),
        }
    }

    #[test]
    fn operators() {
        let cases = [
            ("$x", "value"),
            ("${x}", "value"),
            ("a${x}b", "avalueb"),
            ("$xy", ""),
            ("$x-y", "value-y"),
            ("\\$x", "$x"),
            ("'$x'", "$x"),
            ("\"$x\"", "value"),
            ("\"\\$x\"", "$x"),
            ("\"a\\b\"", "a\\b"),
            ("$", "$"),
            ("a$", "a$"),
            ("${nope:-d}", "d"),
            ("${nope-d}", "d"),
            ("${empty:-d}", "d"),
            ("${empty-d}", ""),
            ("${x:-d}", "value"),
            ("${x:+d}", "d"),
            ("${empty:+d}", ""),
            ("${empty+d}", "d"),
            ("${nope:+d}", ""),
            ("${x:?m}", "value"),
            ("${nope:?m}", "the variable nope has no value"),
            ("${empty:?m}", "the variable empty has no value"),
            ("${empty?m}", ""),
            ("${nope:-${x}}", "value"),
            ("${nope:-${empty:-$x}}", "value"),
            ("${nope:-'a b'}", "a b"),
            ("${path#*/}", "b/c.tar.gz"),
            ("${path##*/}", "c.tar.gz"),
            ("${path%.*}", "a/b/c.tar"),
            ("${path%%.*}", "a/b/c"),
            ("${path#nope}", "a/b/c.tar.gz"),
            ("${x/a/-}", "v-lue"),
            ("${path//\\//-}", "a-b-c.tar.gz"),
            ("${path/a*c/x}", "x.tar.gz"),
            ("${x//?/z}", "zzzzz"),
            ("${x:1}", "syntax"),
            ("${x^}", "syntax"),
            ("${}", "syntax"),
            ("${x", "syntax"),
            ("${x:-a", "syntax"),
            ("'x", "syntax"),
            ("\"x", "syntax"),
            ("$1x", "x"),
        ];
        for (word, want) in cases {
            assert_eq!(run(word), want, "{word}");
        }
    }

    #[test]
    fn unset_names_count_only_where_they_are_used() {
        let none = |_: &[u8]| None;
        let unset = |w: &str| expand(w.as_bytes(), b'\\', &none, &Budget::default()).unwrap().unset;
        assert_eq!(unset("$a/${b}"), [b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(unset("${a:-x}"), Vec::<Vec<u8>>::new());
        assert_eq!(unset("${a:-$b}"), [b"b".to_vec()]);
        assert_eq!(unset("${a:+$b}"), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn bounds_hold() {
        let deep = format!("{}x{}", "${a:-".repeat(1000), "}".repeat(1000));
        let none = |_: &[u8]| None;
        assert_eq!(expand(deep.as_bytes(), b'\\', &none, &Budget::default()), Err(ExpandError::TooLarge));
        let big = vec![b'a'; MAX_EXPANDED];
        let env = |_: &[u8]| Some(big.as_slice());
        assert_eq!(expand(b"$a$a", b'\\', &env, &Budget::default()), Err(ExpandError::TooLarge));
        let slow = expand(b"${a//*a*a*a*b/x}", b'\\', &env, &Budget::new(100_000));
        assert_eq!(slow, Err(ExpandError::TooLarge));
    }

    #[test]
    fn splitting_keeps_everything() {
        let split = |line: &str| -> Option<Vec<String>> {
            let words = raw_words(line.as_bytes(), &Budget::default()).unwrap()?;
            Some(words.into_iter().map(|w| String::from_utf8(w).unwrap()).collect())
        };
        assert_eq!(split("RUN cat <<E > /f").unwrap(), ["RUN", "cat", "<<E", ">", "/f"]);
        assert_eq!(split("a <<  'E F' b").unwrap(), ["a", "<<  'E F'", "b"]);
        assert_eq!(split(r#"a "b c"\ d $x ${y:-z}"#).unwrap(), ["a", r#""b c"\ d"#, "$x", "${y:-z}"]);
        assert_eq!(split("it's <<E"), None);
        assert_eq!(split("${x:1} <<E"), None);
    }
}
