//! A translated pattern, compiled when first used.

use super::dialect::{self, Refused, Translated};
use crate::finding::Span;
use regex::bytes::{CaptureLocations, Regex, RegexBuilder};
use std::sync::OnceLock;

/// Bytes that a compiled pattern may take; large counts of large classes need many.
const SIZE: usize = 1 << 28;

/// A pattern of a rule file.
#[derive(Debug)]
pub(super) struct Pattern {
    translated: Translated,
    bytes: OnceLock<Result<Regex, String>>,
    chars: OnceLock<Result<Regex, String>>,
}

impl Pattern {
    /// Translates; compiles nothing.
    ///
    /// # Errors
    /// For what Go refuses, and what the `regex` crate cannot read.
    pub(super) fn new(go: &str) -> Result<Self, Refused> {
        let translated = dialect::translate(go)?;
        let read = |text: &str, unicode: bool| {
            let mut parser = regex_syntax::ParserBuilder::new().unicode(unicode).utf8(false).build();
            parser.parse(text).map(drop).map_err(|e| Refused { at: 0, why: e.to_string() })
        };
        read(&translated.bytes, false)?;
        // reading the other form too, which takes long, can bring nothing but an unknown class to light
        let names_class = |chars: &&str| chars.contains("\\p") || chars.contains("\\P");
        translated.chars.as_deref().filter(names_class).map_or(Ok(()), |chars| read(chars, true))?;
        Ok(Pattern { translated, bytes: OnceLock::new(), chars: OnceLock::new() })
    }

    /// One of several patterns; flags of one hold for those behind it, as in Go, where they are joined likewise.
    ///
    /// # Errors
    /// As [`Pattern::new`].
    pub(super) fn any(go: &[impl AsRef<str>]) -> Result<Self, Refused> {
        let all: Vec<&str> = go.iter().map(AsRef::as_ref).collect();
        Pattern::new(&format!("(?:{})", all.join("|")))
    }

    /// The form for the engine of rules.
    pub(super) fn for_engine(&self) -> &str {
        &self.translated.bytes
    }

    /// Whether the engine's form means something else on texts beyond ASCII.
    pub(super) fn differs(&self) -> bool {
        self.translated.chars.is_some()
    }

    /// Number of groups.
    pub(super) fn groups(&self) -> usize {
        self.translated.groups
    }

    /// The regex for a text.
    ///
    /// # Errors
    /// When it is too large.
    fn regex(&self, is_ascii: impl FnOnce() -> bool) -> Result<&Regex, String> {
        let build = |text: &str, unicode: bool| {
            RegexBuilder::new(text).unicode(unicode).size_limit(SIZE).build().map_err(|e| e.to_string())
        };
        let cell = match &self.translated.chars {
            Some(chars) if !is_ascii() => self.chars.get_or_init(|| build(chars, true)),
            _ => self.bytes.get_or_init(|| build(&self.translated.bytes, false)),
        };
        cell.as_ref().map_err(Clone::clone)
    }

    /// Whether the pattern matches somewhere in `text`.
    ///
    /// # Errors
    /// When the pattern is too large to be compiled.
    pub(super) fn is_match(&self, text: &[u8]) -> Result<bool, String> {
        Ok(self.regex(|| text.is_ascii())?.is_match(text))
    }

    /// All matches in `text`, from left to right, without overlaps, until `found` answers no; `is_ascii`: what the
    /// text is.
    ///
    /// # Errors
    /// When the pattern is too large to be compiled.
    pub(super) fn find_all(
        &self,
        text: &[u8],
        is_ascii: bool,
        mut found: impl FnMut(Span) -> bool,
    ) -> Result<(), String> {
        for m in self.regex(|| is_ascii)?.find_iter(text) {
            if !found(Span::new(m.start(), m.end())) {
                break;
            }
        }
        Ok(())
    }

    /// The groups of the first match in `text`; `None`: no match.
    ///
    /// # Errors
    /// When the pattern is too large to be compiled.
    pub(super) fn groups_of(&self, text: &[u8]) -> Result<Option<Vec<Option<Span>>>, String> {
        let regex = self.regex(|| text.is_ascii())?;
        let mut places: CaptureLocations = regex.capture_locations();
        if regex.captures_read(&mut places, text).is_none() {
            return Ok(None);
        }
        let group = |n| places.get(n).map(|(from, to)| Span::new(from, to));
        Ok(Some((0..places.len()).map(group).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spans(pattern: &str, text: &[u8]) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        let found = |span: Span| {
            all.push((span.start, span.end));
            true
        };
        Pattern::new(pattern).unwrap().find_all(text, text.is_ascii(), found).unwrap();
        all
    }

    #[test]
    fn counts_characters() {
        assert_eq!(spans("x.{2}y", "xééy".as_bytes()), [(0, 6)]);
        assert_eq!(spans("x.{2}y", "xéy".as_bytes()), []);
        // what is no character is matched by nothing
        assert_eq!(spans("x.{2}y", b"x\xFF\xC3y xaby"), [(5, 9)]);
        assert_eq!(spans("[^a]", b"\xE2\x82a\xFFb"), [(4, 5)]);
    }

    #[test]
    fn joined_patterns_share_flags() {
        let any = Pattern::any(&["(?i)foo", "bar"]).unwrap();
        assert!(any.is_match(b"BAR").unwrap());
        let any = Pattern::any(&["bar", "(?i)foo"]).unwrap();
        assert!(!any.is_match(b"BAR").unwrap());
        assert!(any.is_match(b"FOO").unwrap());
    }
}
