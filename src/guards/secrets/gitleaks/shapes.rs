//! Where a text looks encoded: what gitleaks searches for with one regex of four alternatives, of which the first one
//! that matches at the leftmost place takes it. Every byte of every text passes here, in every pass of decoding, so
//! each alternative is found by what is rare in it.

use super::super::decode::Runs;
use crate::finding::Span;

/// `%XX`, and all of the line up to the last one.
pub(super) const PERCENT: usize = 0;
/// `U+XXXX` with white space behind it, and `\uXXXX`, several in a row.
pub(super) const UNICODE: usize = 1;
/// The least digits of a hexadecimal text …
const MIN_HEX: usize = 32;
pub(super) const HEX: usize = 2;
/// … and of one in base64, of either alphabet.
const MIN_BASE64: usize = 16;
pub(super) const BASE64: usize = 3;

/// The shapes in a text with their kinds, from left to right.
pub(super) struct Shapes<'a> {
    text: &'a [u8],
    /// The end of the last one.
    at: usize,
    runs: Runs<'a, MIN_BASE64>,
    /// The next of each kind, as far as they are known; `usize::MAX`: there is none.
    percent: usize,
    unicode: usize,
    run: Option<Span>,
}

impl<'a> Shapes<'a> {
    /// Those of a text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        let mut runs = Runs::new(text);
        let run = runs.next();
        Shapes { text, at: 0, runs, percent: percent_from(text, 0), unicode: unicode_from(text, 0), run }
    }

    /// Passes by what lies in the last shape.
    fn advance(&mut self) {
        if self.percent < self.at {
            self.percent = percent_from(self.text, self.at);
        }
        if self.unicode < self.at {
            self.unicode = unicode_from(self.text, self.at);
        }
        while let Some(run) = self.run.filter(|run| run.start < self.at) {
            // what is left of a run may be one by itself
            let rest = Span::new(self.at.min(run.end), run.end);
            self.run = if rest.end - rest.start >= MIN_BASE64 { Some(rest) } else { self.runs.next() };
        }
    }
}

impl Iterator for Shapes<'_> {
    type Item = (usize, Span);

    fn next(&mut self) -> Option<(usize, Span)> {
        self.advance();
        let run = self.run.map_or(usize::MAX, |run| run.start);
        let start = self.percent.min(self.unicode).min(run);
        let (kind, end) = if start == self.percent {
            (PERCENT, percent_end(self.text, start)?)
        } else if start == self.unicode {
            (UNICODE, unicode_end(self.text, start)?)
        } else {
            let Span { end, .. } = self.run?;
            let hex = self.text.get(start..end)?.iter().take_while(|b| b.is_ascii_hexdigit()).count();
            let padding = self.text.get(end..)?.iter().take(2).take_while(|b| **b == b'=').count();
            if hex >= MIN_HEX { (HEX, start + hex) } else { (BASE64, end + padding) }
        };
        self.at = end;
        Some((kind, Span::new(start, end)))
    }
}

fn are_hex(digits: Option<&[u8]>) -> bool {
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

fn is_percent(text: &[u8], at: usize) -> bool {
    are_hex(text.get(at + 1..at + 3))
}

/// The first `%XX` from `from` on.
fn percent_from(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    memchr::memchr_iter(b'%', rest).map(|at| from + at).find(|at| is_percent(text, *at)).unwrap_or(usize::MAX)
}

/// The end of the last `%XX` that characters alone, and no line end, part from the one at `at`.
fn percent_end(text: &[u8], at: usize) -> Option<usize> {
    let first = at.checked_add(3)?;
    let rest = text.get(first..)?;
    let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))?;
    let line = line.utf8_chunks().next().map_or(&[][..], |chunk| chunk.valid().as_bytes());
    let last = memchr::memrchr_iter(b'%', line).find(|at| is_percent(line, *at));
    Some(last.map_or(first, |last| first + last + 3))
}

/// The first escape by number from `from` on.
fn unicode_from(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let found = memchr::memchr2_iter(b'\\', b'U', rest).map(|at| from + at).find(|at| one(text, *at).is_some());
    found.unwrap_or(usize::MAX)
}

/// The end of the row of escapes at `at`, all of one kind.
fn unicode_end(text: &[u8], at: usize) -> Option<usize> {
    let mut end = one(text, at)?;
    while text.get(end) == text.get(at)
        && let Some(next) = one(text, end)
    {
        end = next;
    }
    Some(end)
}

/// The end of the escape at `at`.
fn one(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    match rest {
        [b'U', b'+', digits @ ..] if are_hex(digits.get(..4)) => match digits.get(4) {
            None => Some(at + 6),
            Some(b'\t' | b'\n' | 0x0c | b'\r' | b' ') => Some(at + 7),
            Some(_) => None,
        },
        [b'\\', b'\\', b'u' | b'U', digits @ ..] if are_hex(digits.get(..4)) => Some(at + 7),
        [b'\\', b'u' | b'U', digits @ ..] if are_hex(digits.get(..4)) => Some(at + 6),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::bytes::{Regex, RegexBuilder};
    use std::sync::LazyLock;

    /// What gitleaks searches for.
    const REGEX: &str = concat!(
        r"(%[0-9A-Fa-f]{2}(?:(?u:.)*%[0-9A-Fa-f]{2})?)",
        r"|((?:U\+[0-9A-Fa-f]{4}(?:[\t\n\f\r ]|$))+|(?:\\{1,2}[uU][0-9A-Fa-f]{4})+)",
        r"|([0-9A-Fa-f]{32,})",
        r"|([0-9A-Za-z_/+-]{16,}={0,2})",
    );

    fn by_regex(text: &[u8]) -> Vec<(usize, Span)> {
        static COMPILED: LazyLock<Regex> = LazyLock::new(|| RegexBuilder::new(REGEX).unicode(false).build().unwrap());
        let all = COMPILED.captures_iter(text).map(|found| {
            let kind = (0..4).find(|n| found.get(n + 1).is_some()).unwrap();
            let whole = found.get(0).unwrap();
            (kind, Span::new(whole.start(), whole.end()))
        });
        all.collect()
    }

    fn check(text: &[u8]) -> Result<(), TestCaseError> {
        prop_assert_eq!(Shapes::new(text).collect::<Vec<_>>(), by_regex(text), "{}", text.escape_ascii());
        Ok(())
    }

    proptest! {
        #[test]
        fn finds_what_the_regex_finds(
            parts in prop::collection::vec(
                "%|%4|%41|%C3|\\\\|\\\\u0041|\\\\\\\\U00e9|U\\+|U\\+0041|[ \n\t]|=|é|U\\+0041 |[0-9a-f]{15,34}|[A-Za-z_/+-]{14,18}|x",
                0..24,
            ),
            cut in any::<u8>(),
        ) {
            let mut text = parts.concat().into_bytes();
            check(&text)?;
            // half a character
            if let Some(byte) = text.get_mut(usize::from(cut)) {
                *byte = 0xc3;
            }
            check(&text)?;
        }
    }

    #[test]
    fn is_linear() {
        for part in ["%41\\", "%41\n", "U+0041 x", "%4141414141414141 ", "\\\\\\\\u"] {
            let text = part.repeat((4 << 20) / part.len());
            let started = std::time::Instant::now();
            Shapes::new(text.as_bytes()).count();
            assert!(started.elapsed().as_secs() < 20, "{part}");
        }
    }
}
