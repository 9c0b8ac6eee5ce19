//! Passwords that are mere words, and where they stand.
//!
//! A word such as `name` is masked at its own place, and in every text that repeats what stands in front of it
//! there: another finding's excerpt of the same line, a copy of it in another file. Elsewhere it is a word.

use super::SHORTEST;
use super::windows::Windows;
use crate::finding::Snippet;
use crate::secret::is_of_word;
use std::collections::BTreeSet;
use std::ops::Range;

/// Bytes that tell a place: the first [`SHORTEST`] of the word and twelve in front of them, zeros where the text
/// begins.
const REACH: usize = 16;

/// The places of words.
#[derive(Default)]
pub(super) struct Words {
    /// The last eight bytes of each place: answers for almost every byte of a text.
    ends: Windows,
    /// Sorted.
    places: Vec<u128>,
}

/// What tells the place of a snippet's mark; `None` where the mark is too short to be known anywhere else.
pub(super) fn place(snippet: &Snippet) -> Option<u128> {
    let end = snippet.mark.start.checked_add(SHORTEST)?;
    let is_known = end <= snippet.mark.end.min(snippet.text.len());
    is_known.then(|| before(&snippet.text, end))
}

/// The bytes of `text` up to `end`, as a big-endian number.
fn before(text: &[u8], end: usize) -> u128 {
    let bytes = text.get(end.saturating_sub(REACH)..end).unwrap_or_default();
    bytes.iter().fold(0, |n, &b| n << 8 | u128::from(b))
}

impl Words {
    pub(super) fn of(places: BTreeSet<u128>) -> Self {
        let places: Vec<u128> = places.into_iter().collect();
        let ends: Vec<u64> = places.iter().map(|place| (*place & u128::from(u64::MAX)) as u64).collect();
        Words { ends: Windows::of(&ends), places }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The word that begins [`SHORTEST`] bytes before `end` of `text`, if it is one of these at a place of its own;
    /// else nothing. `last`: the eight bytes before `end`.
    pub(super) fn at(&self, text: &[u8], end: usize, last: u64) -> Range<usize> {
        if !self.ends.has(last) || self.places.binary_search(&before(text, end)).is_err() {
            return 0..0;
        }
        let rest = text.get(end..).unwrap_or_default();
        end.saturating_sub(SHORTEST)..end + rest.iter().take_while(|&&b| is_of_word(b)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Span;
    use crate::report::redact::{WINDOW, word};

    fn words(text: &str, mark: &str) -> Words {
        let at = text.find(mark).unwrap();
        let snippet = Snippet { text: text.into(), mark: Span::new(at, at + mark.len()), cut: false };
        Words::of(place(&snippet).into_iter().collect())
    }

    fn found(words: &Words, text: &str) -> Vec<(usize, usize)> {
        let at = |end: &usize| {
            let last = &text.as_bytes()[end.saturating_sub(WINDOW)..*end];
            words.at(text.as_bytes(), *end, word(last))
        };
        (1..=text.len()).map(|end| at(&end)).filter(|hit| !hit.is_empty()).map(|hit| (hit.start, hit.end)).collect()
    }

    #[test]
    fn a_word_is_known_behind_what_stands_in_front_of_it() {
        let words = words("db_password = 'name'", "name");
        for (text, want) in [
            ("db_password = 'name'", vec![(15, 19)]),
            ("x; db_password = 'name', db_password = 'names'", vec![(18, 22), (40, 45)]),
            ("let name = 'name';", vec![]),
            ("the heading = 'name'", vec![]),
            ("db_password = 'nam'", vec![]),
        ] {
            assert_eq!(found(&words, text), want, "{text}");
        }
    }

    #[test]
    fn a_text_that_begins_with_a_word_is_a_place_too() {
        let words = words("cassandra", "cassandra");
        assert_eq!(found(&words, "cassandra"), [(0, 9)]);
        assert!(found(&words, "a cassandra").is_empty());
        let words = super::tests::words("a = abc", "abc");
        assert!(words.is_empty(), "it is too short to be looked for");
    }
}
