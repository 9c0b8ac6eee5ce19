//! Knows every secret of a run and finds each of them, whole or in part, in any text that is about to be
//! written.
//!
//! | secret | is masked |
//! |---|---|
//! | any | at its own mark, from what may be shown on |
//! | one of eight bytes or more | wherever a window of [`WINDOW`] bytes of it stands, in each of its [`variant`]s |
//! | a shorter one, of [`SHORTEST`] bytes or more | wherever it stands whole |
//! | a mere word ([`Secret::is_word`]) | where it stands behind what is in front of it at its place ([`words`]) |
//!
//! A text byte is masked when it belongs to a window that also occurs in a secret. That covers secrets that are
//! cut at the edge of a snippet, that span several lines, or that stand many times in one line, in one linear
//! pass. A word is not masked elsewhere: it says nothing there, and a report without the words "name" and "admin"
//! cannot be read. What the program says in words of its own ([`Finding::own_words`]) is not asked about at all.
//!
//! It does not know secrets of other runs, and no encodings other than those of [`variant`] and of the marked
//! text itself.

mod variant;
mod windows;
mod words;

use crate::finding::{Finding, Snippet};
use crate::outcome::Outcome;
use crate::secret::Secret;
use std::collections::BTreeSet;
use std::ops::Range;
use variant::{Variant, variants};
use windows::{Windows, collect};
use words::Words;

/// No output holds this many consecutive bytes of a secret. One more than [`crate::secret::SHOWN_MAX`]
/// would do; eight bytes fill a machine word.
const WINDOW: usize = 8;

/// The shortest secret that is masked wherever it occurs. Shorter ones are masked at their own mark: to
/// mask every "ab" would destroy the report and hide nothing.
const SHORTEST: usize = 4;

/// What a path has in common with a secret is masked from this length on, and below it where it is the whole secret.
const LONG: usize = 16;

/// The longest run of mask characters outside excerpts.
pub(super) const MASK_MAX: usize = 32;

/// Bytes on each side of what is shown of a snippet that are looked at too: what is masked, and how it begins,
/// depends on no more.
const MARGIN: usize = 64;

/// Windows that say nothing about a secret by themselves. They stay readable unless a neighbouring window
/// is masked too; else one webhook address would mask every link in the help texts.
const COMMON: [&[u8]; 1] = [b"https://"];

/// A secret's beginning and how many bytes of it may stay readable.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Head {
    start: Box<[u8]>,
    shown: usize,
}

/// Masks secrets in text. Without secrets it costs nothing.
#[derive(Default)]
pub struct Redactor {
    /// Every window of every secret that is no mere word.
    windows: Windows,
    /// Secrets of `SHORTEST..WINDOW` bytes as (length, bytes), sorted.
    short: Vec<(usize, u64)>,
    /// Secrets of fewer than [`LONG`] bytes, sorted.
    brief: Vec<Box<[u8]>>,
    /// How secrets begin, sorted.
    heads: Vec<Head>,
    /// The places of mere words.
    words: Words,
    /// Whether marks of secrets are left as they are.
    off: bool,
}

impl Redactor {
    /// Masks the secrets of all findings, suppressed ones too, and the marked text of a finding whose
    /// secret stands there in another encoding.
    pub fn of(outcome: &Outcome) -> Self {
        let mut known: BTreeSet<(&[u8], usize)> = BTreeSet::new();
        let (mut words, mut places) = (BTreeSet::new(), BTreeSet::new());
        let all = outcome.findings.iter().chain(outcome.suppressed.iter().map(|s| &s.finding));
        for finding in all {
            let Some(secret) = &finding.secret else { continue };
            known.extend(encoded_mark(finding, secret).map(|mark| (mark, 0)));
            if secret.is_word() {
                words.extend([secret.expose(), &secret.expose()[secret.shown()..]]);
                places.extend(finding.at.position.as_ref().and_then(|p| words::place(&p.snippet)));
            } else {
                known.insert((secret.expose(), secret.shown()));
            }
        }
        let mut made = Self::over(known);
        made.words = Words::of(places);
        // what is a word in one place may be the password of a URL in another: in paths it is a word
        made.brief.retain(|secret| !words.contains(&**secret));
        made
    }

    /// Masks these secrets, mere words among them as if they were none.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        Self::over(secrets.into_iter().map(|s| (s.expose(), s.shown())).collect())
    }

    /// Masks nothing, not even marks: for `--show-secrets`, and where no secret can be.
    pub fn off() -> Self {
        Redactor { off: true, ..Redactor::default() }
    }

    fn over(known: BTreeSet<(&[u8], usize)>) -> Self {
        let mut made = Redactor::default();
        let mut windows = Vec::new();
        for (secret, shown) in known {
            if secret.len() < SHORTEST {
                continue;
            }
            collect(secret, &mut windows);
            made.learn(secret, shown);
            for Variant { text, changed } in variants(secret) {
                // it may show what the secret itself may, and nothing that reads otherwise
                let same = text.iter().zip(secret).take(shown).take_while(|(a, b)| a == b).count();
                made.learn(&text, same);
                // its other windows are the secret's own
                let mut from = 0;
                for change in changed {
                    from = change.start.saturating_sub(WINDOW - 1).max(from);
                    let to = (change.end + WINDOW - 1).min(text.len());
                    collect(text.get(from..to).unwrap_or_default(), &mut windows);
                    from = to.saturating_sub(WINDOW - 1).max(from);
                }
            }
        }
        made.windows = Windows::of(&windows);
        made.short.sort_unstable();
        made.short.dedup();
        made.heads.sort_unstable();
        made.heads.dedup();
        made.brief.sort_unstable();
        made.brief.dedup();
        made
    }

    /// All about a text that is to be masked but its windows.
    fn learn(&mut self, text: &[u8], shown: usize) {
        // what is asked about may begin behind what may be shown
        let both = [text, &text[shown.min(text.len())..]];
        self.brief.extend(both.into_iter().filter(|t| (SHORTEST..LONG).contains(&t.len())).map(Box::from));
        if text.len() < WINDOW {
            self.short.push((text.len(), word(text)));
        }
        if shown > 0 {
            self.heads.push(Head { start: text[..text.len().min(WINDOW)].into(), shown });
        }
    }

    /// The bytes of `text` to be masked, in order, apart from each other.
    pub fn masked(&self, text: &[u8]) -> Vec<Range<usize>> {
        if self.windows.is_empty() && self.short.is_empty() && self.words.is_empty() {
            return Vec::new();
        }
        let mut mask: Vec<bool> = Vec::new();
        let mut last = 0u64;
        for (at, &byte) in text.iter().enumerate() {
            last = last << 8 | u64::from(byte);
            let end = at + 1;
            let mut len = if end >= WINDOW && self.windows.has(last) { WINDOW } else { 0 };
            if len == 0 {
                len = self.short_at(end, last).unwrap_or(0);
            }
            let word = self.words.at(text, end, last);
            if len > 0 || !word.is_empty() {
                mask.resize(text.len(), false);
                mask[end - len..end].fill(true);
                mask[word].fill(true);
            }
        }
        self.ranges(text, &mask)
    }

    /// What [`Redactor::masked`] finds in the part `near` of the text of a snippet whose mark is `secret`, if it is
    /// one; elsewhere in it there may be more. A mark that does not hold the secret itself holds it encoded, in part
    /// or escaped: then all of it goes.
    pub fn masked_in(&self, snippet: &Snippet, secret: Option<&Secret>, near: &Range<usize>) -> Vec<Range<usize>> {
        let from = near.start.saturating_sub(MARGIN);
        let part = snippet.text.get(from..(near.end + MARGIN).min(snippet.text.len())).unwrap_or_default();
        let found: Vec<_> = self.masked(part).into_iter().map(|m| from + m.start..from + m.end).collect();
        let Some(secret) = secret.filter(|_| !self.off) else { return found };
        let end = snippet.mark.end.min(snippet.text.len());
        let mark = snippet.mark.start.min(end)..end;
        let marked = snippet.text.get(mark.clone()).unwrap_or_default();
        // very short secrets and common windows are not found by the pass over the text
        let inside = !secret.is_word() && found.iter().any(|m| m.start < mark.end && mark.start < m.end);
        if inside && memchr::memmem::find(marked, secret.expose()).is_some() {
            return found;
        }
        let shown = secret.expose().get(..secret.shown()).filter(|s| marked.starts_with(s)).map_or(0, <[u8]>::len);
        let whole = mark.start + shown..mark.end;
        let mut all = found;
        if !whole.is_empty() {
            all.push(whole);
        }
        merge(all)
    }

    /// `text` with `*` for every masked character; long masks are shortened. Invalid UTF-8 becomes U+FFFD.
    pub fn text(&self, text: &[u8]) -> String {
        let mut out = String::with_capacity(text.len());
        let mut run = 0;
        for piece in pieces(text, &self.masked(text)) {
            run = if piece.kind == Kind::Masked { run + 1 } else { 0 };
            match piece.kind {
                Kind::Char(c) => out.push(c),
                Kind::Invalid(_) => out.push(char::REPLACEMENT_CHARACTER),
                Kind::Masked if run <= MASK_MAX => out.push('*'),
                Kind::Masked => {}
            }
        }
        out
    }

    /// The same for what a finding says: its message, note, help or provider. Words of the program's own stay.
    pub fn said(&self, finding: &Finding, text: &str) -> String {
        if finding.own_words { text.to_owned() } else { self.text(text.as_bytes()) }
    }

    /// The bytes of a path to be masked, in order, apart from each other. What it has in common with a secret by
    /// being made of the same words (`api-key/`) stays, unless it is a whole secret: a report whose paths lead
    /// nowhere is of no use.
    pub fn masked_path(&self, path: &[u8]) -> Vec<Range<usize>> {
        if self.windows.is_empty() && self.short.is_empty() {
            return Vec::new();
        }
        let mut mask = vec![false; path.len()];
        let mut take = |run: Range<usize>| {
            let part = path.get(run.clone()).unwrap_or_default();
            if part.len() >= LONG + self.shown(part) || self.holds_brief(part) {
                mask[run].fill(true);
            }
        };
        // of the same bytes in a row as a secret, not of several secrets' words one behind the other
        let mut run = 0..0;
        let mut last = 0u64;
        for (at, &byte) in path.iter().enumerate() {
            last = last << 8 | u64::from(byte);
            let end = at + 1;
            if end >= WINDOW && self.windows.has(last) {
                run = if run.end == at { run.start..end } else { end - WINDOW..end };
            } else if run.end == at {
                take(std::mem::take(&mut run));
            }
            if let Some(len) = self.short_at(end, last) {
                take(end - len..end);
            }
        }
        take(run);
        self.ranges(path, &mask)
    }

    /// The length of the longest short secret that ends at `end`; `last`: the [`WINDOW`] bytes before it.
    fn short_at(&self, end: usize, last: u64) -> Option<usize> {
        if self.short.is_empty() {
            return None;
        }
        let fits = |n: &usize| self.short.binary_search(&(*n, last & (u64::MAX >> (64 - 8 * n)))).is_ok();
        (SHORTEST..WINDOW).rev().filter(|n| *n <= end).find(fits)
    }

    /// A path, which stays bytes, with one `*` a masked byte.
    pub fn path(&self, path: &[u8]) -> Vec<u8> {
        let mut out = path.to_vec();
        for range in self.masked_path(path) {
            out[range].fill(b'*');
        }
        out
    }

    /// Whether a secret of fewer than [`LONG`] bytes stands in `part`, which is as short.
    fn holds_brief(&self, part: &[u8]) -> bool {
        let known = |window: &[u8]| self.brief.binary_search_by(|secret| (**secret).cmp(window)).is_ok();
        (SHORTEST..=part.len()).any(|len| part.windows(len).any(known))
    }

    /// As [`Redactor::path`], as text: invalid UTF-8 becomes U+FFFD.
    pub fn path_text(&self, path: &[u8]) -> String {
        String::from_utf8_lossy(&self.path(path)).into_owned()
    }

    fn ranges(&self, text: &[u8], mask: &[bool]) -> Vec<Range<usize>> {
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(start) = mask.get(at..).and_then(|m| m.iter().position(|&b| b)).map(|n| at + n) {
            let end = start + mask[start..].iter().take_while(|&&b| b).count();
            at = end;
            let range = &text[start..end];
            if COMMON.contains(&range) || range.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let from = start + self.shown(range);
            if from < end {
                out.push(from..end);
            }
        }
        out
    }

    /// How many bytes at the front of a masked range may stay readable: it must begin as a secret does.
    fn shown(&self, range: &[u8]) -> usize {
        let key = &range[..range.len().min(WINDOW)];
        let from = self.heads.partition_point(|h| &*h.start < key);
        let same = self.heads[from..].iter().take_while(|h| &*h.start == key);
        same.map(|h| h.shown).max().unwrap_or(0)
    }
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Redactor({} windows)", self.windows.len())
    }
}

/// What a character of a text is to a reporter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// Itself.
    Char(char),
    /// A byte that is not UTF-8.
    Invalid(u8),
    /// A character or byte, any part of which is masked.
    Masked,
}

/// A character of a text and where it begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece {
    /// Its first byte.
    pub(super) at: usize,
    /// Its bytes.
    pub(super) len: usize,
    /// What it is.
    pub(super) kind: Kind,
}

/// The parts of `masked` that lie in `range`, counted from its start.
pub(super) fn within(masked: &[Range<usize>], range: &Range<usize>) -> Vec<Range<usize>> {
    let cut = |m: &Range<usize>| m.start.max(range.start)..m.end.min(range.end);
    masked.iter().map(cut).filter(|m| m.start < m.end).map(|m| m.start - range.start..m.end - range.start).collect()
}

/// The bytes of `text` that are at most `before` bytes in front of `at` or `after` bytes behind it, without
/// half characters at the ends; `at` is in `text`.
pub(super) fn around(text: &[u8], at: usize, before: usize, after: usize) -> Range<usize> {
    let inside = |n: usize| text.get(n).is_some_and(|b| b & 0xc0 == 0x80);
    let mut from = at.saturating_sub(before);
    // a character has at most three bytes after the first; more of them are invalid bytes of their own
    from += (0..3).take_while(|n| from > 0 && from + n < at && inside(from + n)).count();
    let mut to = at.saturating_add(after).min(text.len());
    to -= (0..3).take_while(|n| to < text.len() && to - n > at && inside(to - n)).count();
    from..to
}

/// Goes through `text` by character, with the `masked` ranges (sorted, apart) laid over it.
pub(super) fn pieces<'a>(text: &'a [u8], masked: &'a [Range<usize>]) -> impl Iterator<Item = Piece> + 'a {
    let mut chunk_at = 0;
    let characters = text.utf8_chunks().flat_map(move |chunk| {
        let at = chunk_at;
        let invalid_at = at + chunk.valid().len();
        chunk_at = invalid_at + chunk.invalid().len();
        let valid = chunk.valid().char_indices().map(move |(n, c)| (at + n, c.len_utf8(), Kind::Char(c)));
        let invalid = chunk.invalid().iter().enumerate().map(move |(n, &b)| (invalid_at + n, 1, Kind::Invalid(b)));
        valid.chain(invalid)
    });
    let mut next = 0;
    characters.map(move |(at, len, kind)| {
        while masked.get(next).is_some_and(|m| m.end <= at) {
            next += 1;
        }
        let hidden = masked.get(next).is_some_and(|m| m.start < at + len);
        Piece { at, len, kind: if hidden { Kind::Masked } else { kind } }
    })
}

/// The bytes as a big-endian number; at most eight count.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, &b| n << 8 | u64::from(b))
}

fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_unstable_by_key(|r| (r.start, r.end));
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

/// The marked text, where it is neither around the secret nor a part of it: an encoded form.
fn encoded_mark<'a>(finding: &'a Finding, secret: &Secret) -> Option<&'a [u8]> {
    let snippet = &finding.at.position.as_ref()?.snippet;
    let mark = snippet.mark.of(&snippet.text);
    let related = |a: &[u8], b: &[u8]| memchr::memmem::find(a, b).is_some();
    (!related(mark, secret.expose()) && !related(secret.expose(), mark)).then_some(mark)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Origin, Scope};
    use crate::finding::{Fingerprint, GuardId, Level, Location, Span};
    use crate::outcome::Stats;

    fn redactor(secrets: &[&[u8]]) -> Redactor {
        Redactor::new(&secrets.iter().map(|s| Secret::new(s)).collect::<Vec<_>>())
    }

    fn snippet(text: &str, mark: &str) -> Snippet {
        let at = text.find(mark).unwrap();
        Snippet { text: text.into(), mark: Span::new(at, at + mark.len()), cut: false }
    }

    #[test]
    fn masks_every_occurrence_and_keeps_the_head() {
        let r = redactor(&[b"tok_0123456789abcdefghijklmnop"]);
        assert_eq!(
            r.text(b"a tok_0123456789abcdefghijklmnop, tok_0123456789abcdefghijklmnop"),
            "a tok_0*************************, tok_0*************************"
        );
        assert_eq!(r.text(b"only the middle 56789abcdef of it"), "only the middle *********** of it");
        assert_eq!(r.text(b"seven: 0123456"), "seven: 0123456");
        assert_eq!(r.text(b"cut at the start: tok_0123"), "cut at the start: tok_0***");
    }

    #[test]
    fn masks_neighbours_and_overlaps_as_one() {
        let r = redactor(&[b"alpha-alpha-alpha-alpha", b"alpha-omega-omega-omega"]);
        assert_eq!(
            r.text(b"alpha-alpha-alpha-alphaalpha-omega-omega-omega"),
            format!("alp{}", "*".repeat(32)),
            "the second one has no head of its own, and long masks are shortened"
        );
    }

    #[test]
    fn masks_lines_of_secrets_of_several_lines() {
        let r = redactor(&[b"first line of a key\nsecond line of it\nend"]);
        assert_eq!(r.text(b"> second line of it"), format!("> {}", "*".repeat(17)));
    }

    #[test]
    fn masks_whole_characters() {
        let r = redactor(&["ключ-от-двери".as_bytes()]);
        assert_eq!(r.text("до ключ-от-двери после".as_bytes()), "до ************* после");
        let r = redactor(&[b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"]);
        assert_eq!(r.path(b"a\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8b"), b"a********b");
        assert_eq!(r.text(b"a\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8b"), "a********b");
    }

    #[test]
    fn short_secrets_are_masked_whole() {
        let r = redactor(&[b"abc", b"pass", b"hunter2"]);
        assert_eq!(r.text(b"pass=hunter2 abc hunter"), "****=h****** abc hunter");
    }

    #[test]
    fn paths_keep_the_words_that_they_share_with_secrets() {
        let r = redactor(&[b"svc_production-1f9a2c", b"xx-server-client-77aa33", b"hunter2-hunter2"]);
        for (path, shown) in [
            // words of two secrets, one behind the other
            ("acme-production-server-client-key/f", "acme-production-server-client-key/f"),
            ("dumps/svc_production-1f9a2c.txt", "dumps/svc******************.txt"),
            ("a/hunter2-hunter2/b", "a/hu*************/b"),
            ("a/hunter2-/b", "a/hunter2-/b"),
        ] {
            assert_eq!(r.path_text(path.as_bytes()), shown);
        }
    }

    #[test]
    fn a_word_is_masked_at_its_place_alone() {
        let found = |secret: Secret, line: &str, mark: &str| {
            let at = line.find(mark).unwrap();
            let span = Span::new(at, at + mark.len());
            let at = Location::in_file(b"name/f", Origin::Index, line.as_bytes(), span);
            let message = format!("a secret of {line}");
            let print = Fingerprint::parse("gw1:4f9a12c07b3e").unwrap();
            let mut finding = Finding::new("r".into(), GuardId::Secrets, Level::Warn, message, at, print);
            finding.secret = Some(secret);
            finding
        };
        let line = "db_password = name; token = 0123456789abcdef";
        let token = || Secret::new(b"0123456789abcdef");
        let findings = vec![found(Secret::word(b"name"), line, "name"), found(token(), line, "0123456789abcdef")];
        let outcome = Outcome {
            scope: Scope::Staged,
            findings,
            suppressed: Vec::new(),
            incomplete: Vec::new(),
            notices: Vec::new(),
            stats: Stats::default(),
            fail_level: Level::Deny,
        };
        let r = Redactor::of(&outcome);
        let masked = "db_password = ****; token = 01**************";
        assert_eq!(r.text(line.as_bytes()), masked);
        for finding in &outcome.findings {
            let position = finding.at.position.as_ref().unwrap();
            let near = 0..line.len();
            let ranges = r.masked_in(&position.snippet, finding.secret.as_ref(), &near);
            let hidden = |n: usize| ranges.iter().any(|m| m.contains(&n));
            let shown: String = line.chars().enumerate().map(|(n, c)| if hidden(n) { '*' } else { c }).collect();
            assert_eq!(shown, masked);
        }
        assert_eq!(r.text(b"let name = hex!(0)"), "let name = hex!(0)");
        assert_eq!(r.path_text(b"name/f"), "name/f");
        let mut own = outcome.findings[0].clone();
        assert_eq!(r.said(&own, &own.message), format!("a secret of {masked}"));
        own.own_words = true;
        assert_eq!(r.said(&own, "Password beside its name"), "Password beside its name");
    }

    #[test]
    fn masks_escaped_forms() {
        let r = redactor(&[b"p\"ss/w\\rd&mo\x01re"]);
        for (text, clear) in [
            (r#"json p\"ss/w\\rd&mo\u0001re"#, "json "),
            ("url p%22ss%2Fw%5Crd%26mo%01re", "url "),
            (r#"debug p\"ss/w\\rd&mo\u{1}re"#, "debug "),
        ] {
            let shown = r.text(text.as_bytes());
            assert!(
                shown.strip_prefix(clear).unwrap().trim_start_matches(['p', '"']).chars().all(|c| c == '*'),
                "{shown}"
            );
        }
    }

    #[test]
    fn common_windows_stay_readable_alone() {
        let r = redactor(&[b"https://hooks.example/services/T0/B0", b"a        b        c"]);
        assert_eq!(r.text(b"see https://manual.invalid/"), "see https://manual.invalid/");
        assert_eq!(r.text(b"x          y"), "x          y");
        assert_eq!(r.text(b"https://hooks.example/services/T0/B0"), format!("https:{}", "*".repeat(30)));
    }

    #[test]
    fn a_mark_without_the_secret_is_masked_whole() {
        let masked = |r: &Redactor, s: &Snippet, secret: &Secret| {
            r.masked_in(s, Some(secret), &(0..s.text.len())).iter().map(|m| (m.start, m.end)).collect::<Vec<_>>()
        };
        let decoded = Secret::new(b"decoded-secret-value");
        let s = snippet("key: ZGVjb2RlZC1zZWNyZXQtdmFsdWU= # x", "ZGVjb2RlZC1zZWNyZXQtdmFsdWU=");
        assert_eq!(masked(&Redactor::new([&decoded]), &s, &decoded), [(5, 33)]);
        assert_eq!(masked(&Redactor::off(), &s, &decoded), []);
        let tiny = Secret::new(b"ab");
        assert_eq!(masked(&Redactor::new([&tiny]), &snippet("pin = ab", "ab"), &tiny), [(6, 8)]);
        let common = Secret::new(b"https://");
        assert_eq!(masked(&Redactor::new([&common]), &snippet("p = https://", "https://"), &common), [(5, 12)]);
        let part = Secret::new(b"first line 0123\nrest");
        let s = snippet("first line 0123", "first line 0123");
        assert_eq!(masked(&Redactor::new([&part]), &s, &part), [(3, 15)]);
    }
}
