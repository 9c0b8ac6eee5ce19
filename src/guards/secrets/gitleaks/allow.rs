//! Allow-lists: when a place, or a finding at it, is let go.

use super::pattern::Pattern;
use crate::finding::Span;
use smallvec::SmallVec;
use std::cell::RefCell;
use std::collections::HashMap;

/// What the patterns of an allow-list are tried on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Target {
    /// The secret.
    Secret,
    /// All that the rule matched.
    Match,
    /// The line or lines.
    Line,
}

/// An allow-list.
#[derive(Debug)]
pub(super) struct Allowlist {
    /// Whether all kinds that it has must agree, not one.
    pub(super) all: bool,
    pub(super) target: Target,
    /// In lower case.
    pub(super) commits: Vec<String>,
    pub(super) paths: Option<Pattern>,
    pub(super) regexes: Option<Pattern>,
    /// In lower case.
    pub(super) stopwords: Vec<String>,
}

/// Where a text stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    /// Empty: nowhere.
    pub(crate) path: &'a [u8],
    /// In hexadecimal; empty: none.
    pub(crate) commit: &'a str,
}

impl<'a> Place<'a> {
    /// The paths of places that have one.
    pub(in crate::guards::secrets) fn paths(places: &[Place<'a>]) -> SmallVec<[&'a [u8]; 4]> {
        places.iter().map(|place| place.path).filter(|path| !path.is_empty()).collect()
    }
}

impl Place<'static> {
    /// That of a text without path and commit.
    pub(super) const NOWHERE: Self = Place { path: b"", commit: "" };
}

/// What is asked about a finding.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) secret: &'a [u8],
    pub(super) matched: &'a [u8],
    pub(super) line: &'a [u8],
    /// Where the line stands.
    pub(super) line_at: Span,
    pub(super) answers: &'a Answers,
}

/// What allow-lists have said about lines: a line is asked about once, however many findings it holds.
#[derive(Default)]
pub(super) struct Answers(RefCell<HashMap<(usize, Span), bool>>);

impl Answers {
    /// The answer of an allow-list on a line.
    fn of(&self, list: &Allowlist, line: Span, ask: impl FnOnce() -> Answer) -> Answer {
        let key = (std::ptr::from_ref(list).addr(), line);
        if let Some(known) = self.0.borrow().get(&key) {
            return Ok(*known);
        }
        let answer = ask()?;
        self.0.borrow_mut().insert(key, answer);
        Ok(answer)
    }
}

type Answer = Result<bool, String>;

impl Allowlist {
    /// Whether it states nothing.
    pub(super) fn is_empty(&self) -> bool {
        let Allowlist { commits, paths, regexes, stopwords, .. } = self;
        commits.is_empty() && paths.is_none() && regexes.is_none() && stopwords.is_empty()
    }

    fn has_commit(&self, place: Place<'_>) -> bool {
        !place.commit.is_empty() && self.commits.iter().any(|commit| commit.eq_ignore_ascii_case(place.commit))
    }

    /// Whether one of its path patterns matches.
    ///
    /// # Errors
    /// For a pattern that is too large.
    pub(super) fn has_path(&self, path: &[u8]) -> Answer {
        match &self.paths {
            Some(paths) if !path.is_empty() => paths.is_match(path),
            _ => Ok(false),
        }
    }

    /// Whether everything at a place is let go, whatever it holds.
    ///
    /// # Errors
    /// For a pattern that is too large.
    pub(super) fn covers(&self, place: Place<'_>) -> Answer {
        if place.path.is_empty() && place.commit.is_empty() {
            return Ok(false);
        }
        if !self.all {
            return Ok(self.has_commit(place) || self.has_path(place.path)?);
        }
        // what asks for more than the place is judged with the finding
        if self.regexes.is_some() || !self.stopwords.is_empty() {
            return Ok(false);
        }
        self.agrees_on(place)
    }

    fn agrees_on(&self, place: Place<'_>) -> Answer {
        Ok((self.commits.is_empty() || self.has_commit(place))
            && (self.paths.is_none() || self.has_path(place.path)?))
    }

    /// Whether a finding at a place is let go.
    ///
    /// # Errors
    /// For a pattern that is too large.
    pub(super) fn lets_go(&self, subject: &Subject<'_>, place: Place<'_>) -> Answer {
        if !self.all {
            return Ok(self.has_stopword(subject.secret) || self.has_regex(subject)?);
        }
        Ok(self.agrees_on(place)?
            && (self.stopwords.is_empty() || self.has_stopword(subject.secret))
            && (self.regexes.is_none() || self.has_regex(subject)?))
    }

    fn has_regex(&self, subject: &Subject<'_>) -> Answer {
        let Some(regexes) = &self.regexes else { return Ok(false) };
        let matches = |text: &[u8]| if text.is_empty() { Ok(false) } else { regexes.is_match(text) };
        match self.target {
            Target::Secret => matches(subject.secret),
            Target::Match => matches(subject.matched),
            Target::Line => subject.answers.of(self, subject.line_at, || matches(subject.line)),
        }
    }

    fn has_stopword(&self, secret: &[u8]) -> bool {
        if self.stopwords.is_empty() {
            return false;
        }
        let lower = lower(secret);
        self.stopwords.iter().any(|word| !word.is_empty() && memchr::memmem::find(&lower, word.as_bytes()).is_some())
    }
}

/// The text in lower case, beyond ASCII too.
pub(super) fn lower(text: &[u8]) -> Vec<u8> {
    if text.is_ascii() { text.to_ascii_lowercase() } else { String::from_utf8_lossy(text).to_lowercase().into_bytes() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(list: &[&str]) -> Vec<String> {
        list.iter().map(|s| (*s).to_owned()).collect()
    }

    fn list(all: bool, regexes: &[&str], paths: &[&str], commits: &[&str], stopwords: &[&str]) -> Allowlist {
        let pattern = |list: &[&str]| (!list.is_empty()).then(|| Pattern::any(list).unwrap());
        Allowlist {
            all,
            target: Target::Secret,
            commits: strings(commits),
            paths: pattern(paths),
            regexes: pattern(regexes),
            stopwords: strings(stopwords),
        }
    }

    #[test]
    fn one_kind_or_all() {
        let (answers, line_at) = (Answers::default(), Span::new(0, 4));
        let subject = Subject { secret: b"abcDEF", matched: b"k=abcDEF", line: b"line", line_at, answers: &answers };
        let place = |path: &'static str, commit: &'static str| Place { path: path.as_bytes(), commit };
        let or = list(false, &["^abc"], &["^docs/"], &["ff00"], &["zz"]);
        assert!(or.covers(place("docs/x", "")).unwrap());
        assert!(or.covers(place("x", "FF00")).unwrap());
        assert!(!or.covers(place("x", "")).unwrap());
        assert!(or.lets_go(&subject, place("x", "")).unwrap());
        let and = list(true, &["^abc"], &["^docs/"], &[], &["def"]);
        assert!(!and.covers(place("docs/x", "")).unwrap());
        assert!(and.lets_go(&subject, place("docs/x", "")).unwrap());
        assert!(!and.lets_go(&subject, place("x", "")).unwrap());
        let place_alone = list(true, &[], &["^docs/"], &["ff00"], &[]);
        assert!(!place_alone.covers(place("docs/x", "")).unwrap());
        assert!(place_alone.covers(place("docs/x", "ff00")).unwrap());
    }

    #[test]
    fn a_text_without_place_is_never_covered() {
        let all = list(false, &[], &[".*"], &[], &[]);
        assert!(!all.covers(Place { path: b"", commit: "" }).unwrap());
        assert!(!list(false, &[], &[], &[], &[""]).has_stopword(b"abc"));
    }
}
