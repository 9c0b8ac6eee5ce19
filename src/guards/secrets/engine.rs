//! From a text to the raw matches of all rules of a set: exactly those of each rule's regex, searched from left
//! to right without overlaps, at the price of the literal pass and a look at each hit.
//!
//! Why that is exact. Every match of a rule holds one of its literals, and a match begins at most `back` bytes
//! before the literal that it was anchored at. Hits come in the order of their ends. At a hit all starts are
//! tried from `back` bytes before it up to it, first to last, each with the whole program. A start further left
//! would belong to an earlier hit, where it was tried; one of a later hit that lies further left than a start
//! that matches is in the tried range itself. So the first start that matches is the leftmost.

use super::assignment::{Kind, Pair, Reading};
use super::compile::ahead::Ahead;
use super::compile::automaton::Hit;
use super::compile::plan::{Catalogue, Search};
use super::compile::rows::{Row, Rows, Rule};
use super::compile::schema::Reader;
use super::filter::Filters;
use super::matcher::{Matcher, Spent, stands_ahead};
use super::prefilter;
use crate::finding::Span;
use regex::bytes::{Regex, RegexBuilder};
use std::convert::Infallible;
use std::ops::Range;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Units of the matcher that a rule has for a text of no length …
const FUEL: u64 = 1 << 16;
/// … and for each byte of it. Beyond, the regex crate searches the rest once.
const FUEL_PER_BYTE: u64 = 8;
/// Bytes that are looked at behind literals for each byte of a text. Beyond, the matchers are asked at once, which
/// have bounds of their own.
const LOOKS_PER_BYTE: u64 = 16;
/// Bytes that a compiled regex may take: large counts of classes need some.
const REGEX_SIZE: usize = 64 << 20;

/// Bytes on one side of a keyword that readers may look at without counting them.
pub(super) const UNCOUNTED: usize = 320;

/// Where in a text is searched, and what is known of the text.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Focus<'a> {
    /// Where literals have to end, in ascending order; `None`: anywhere.
    pub(crate) ranges: Option<&'a [Range<usize>]>,
    /// All runs of at least [`RUN`](super::compile::ahead::RUN) digits of base64, from left to right; `None` where
    /// nobody has listed them.
    pub(crate) runs: Option<&'a [Span]>,
}

/// A match of a rule, before any filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Found {
    /// Index of the rule.
    pub(crate) rule: u16,
    /// All that the regex matched.
    pub(crate) whole: Span,
    /// The part that is the secret.
    pub(crate) secret: Span,
    /// Its name and place, where a reader found it.
    pub(crate) pair: Option<Pair>,
}

/// A rule that cannot be run: its regex is too large, or its allow-list is wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct BadRule {
    /// The rule's id.
    pub(crate) rule: String,
    /// What is wrong.
    pub(crate) why: String,
}

/// A rule's regexes, compiled when first needed.
#[derive(Default, Debug)]
struct Lazy {
    regex: OnceLock<Result<Regex, String>>,
    filters: OnceLock<Result<Filters, String>>,
}

/// Bytes on each side of a literal that had a say in what came of it.
pub(crate) type Reach = usize;
/// More than can be told.
pub(crate) const FAR: Reach = usize::MAX;

/// Rules that run together. Making one costs nothing; nothing is compiled before a text asks for it.
#[derive(Debug)]
pub(crate) struct RuleSet {
    catalogue: Catalogue,
    lazy: OnceLock<Box<[Lazy]>>,
}

impl RuleSet {
    /// Takes analysed rules.
    pub(crate) const fn new(catalogue: Catalogue) -> Self {
        RuleSet { catalogue, lazy: OnceLock::new() }
    }

    /// The rules, in the order of their indices.
    pub(crate) fn rules(&self) -> &Rows {
        &self.catalogue.rules
    }

    /// How a rule is run.
    pub(crate) fn row(&self, rule: u16) -> Option<&Row> {
        self.catalogue.rules.rows.get(usize::from(rule))
    }

    /// How many rules have no literal, and so search every text.
    #[cfg(test)]
    pub(crate) fn searched_always(&self) -> usize {
        self.catalogue.always.len()
    }

    /// Reports every raw match in `text`, which stands in a file of that kind: those of one regex from left to
    /// right, those of readers in the order of their keywords. Returns the reach of what was looked at.
    ///
    /// # Errors
    /// For a rule whose regex cannot be compiled.
    pub(crate) fn scan(
        &self,
        text: &[u8],
        kind: Kind,
        focus: Focus<'_>,
        found: impl FnMut(Found),
    ) -> Result<Reach, BadRule> {
        self.observe(text, kind, focus, found, &mut ())
    }

    /// The number of places where literals end.
    pub(crate) fn count_literals(&self, text: &[u8]) -> usize {
        let mut count = 0;
        let counted: Result<(), Infallible> =
            prefilter::scan(&self.catalogue.automaton, text, 0..text.len(), |_, _| {
                count += 1;
                Ok(())
            });
        counted.map_or_else(|never| match never {}, |()| count)
    }

    /// As [`RuleSet::scan`]; adds each rule's hits and time to `costs`, one entry a rule.
    pub(crate) fn profile(&self, text: &[u8], costs: &mut Vec<(u64, Duration)>) -> Result<(), BadRule> {
        costs.resize(self.rules().rows.len(), (0, Duration::ZERO));
        self.observe(text, Kind::default(), Focus::default(), |_| {}, costs).map(|_| ())
    }

    fn observe<O: Observer>(
        &self,
        text: &[u8],
        kind: Kind,
        Focus { ranges, runs }: Focus<'_>,
        mut found: impl FnMut(Found),
        observer: &mut O,
    ) -> Result<Reach, BadRule> {
        let (states, index, reading) = (Vec::new(), Vec::new(), Reading::default());
        let looks = FUEL + LOOKS_PER_BYTE * text.len() as u64;
        let runs = runs.map(<[Span]>::iter);
        let mut scan = Scan { set: self, text, states, index, looks, runs, kind, reading, reach: 0 };
        let automaton = &self.catalogue.automaton;
        let mut on_hit = |end: usize, state| {
            for hit in automaton.hits(state) {
                let since = O::now();
                scan.hit(end, *hit, &mut found)?;
                observer.note(hit.rule, since);
            }
            Ok(())
        };
        match ranges {
            None => prefilter::scan(automaton, text, 0..text.len(), on_hit)?,
            Some(ranges) => {
                ranges.iter().try_for_each(|range| prefilter::scan(automaton, text, range.clone(), &mut on_hit))?;
            }
        }
        for &rule in &*self.catalogue.always {
            scan.reach = FAR;
            let since = O::now();
            scan.by_regex(rule, 0, &mut found)?;
            observer.note(rule, since);
        }
        Ok(scan.reach)
    }

    fn lazy(&self, rule: u16) -> Option<&Lazy> {
        let all = self.lazy.get_or_init(|| self.rules().rows.iter().map(|_| Lazy::default()).collect());
        all.get(usize::from(rule))
    }

    fn lazily<'a, T>(
        &'a self,
        rule: u16,
        cell: impl FnOnce(&'a Lazy) -> &'a OnceLock<Result<T, String>>,
        make: impl FnOnce(&Rule<'_>) -> Result<T, String>,
    ) -> Result<&'a T, BadRule> {
        let bad = |why: &str| BadRule {
            rule: self.rules().get(rule).map_or_else(String::new, |r| r.id.to_owned()),
            why: why.to_owned(),
        };
        let (Some(lazy), Some(data)) = (self.lazy(rule), self.rules().get(rule)) else {
            return Err(bad("there is no such rule"));
        };
        cell(lazy).get_or_init(|| make(&data)).as_ref().map_err(|why| bad(why))
    }

    /// The compiled allow-lists and path patterns of a rule.
    ///
    /// # Errors
    /// Where one of them cannot be compiled.
    pub(crate) fn filters(&self, rule: u16) -> Result<&Filters, BadRule> {
        self.lazily(rule, |lazy| &lazy.filters, Filters::of)
    }

    fn regex(&self, rule: u16) -> Result<&Regex, BadRule> {
        self.lazily(rule, |lazy| &lazy.regex, |rule| compile(rule.regex))
    }
}

/// Compiles a regex as rules mean it: bytes, ASCII classes.
///
/// # Errors
/// What the regex crate says.
pub(crate) fn compile(regex: &str) -> Result<Regex, String> {
    RegexBuilder::new(regex).unicode(false).size_limit(REGEX_SIZE).build().map_err(|e| e.to_string())
}

/// Someone who measures.
trait Observer {
    type Since;
    fn now() -> Self::Since;
    fn note(&mut self, rule: u16, since: Self::Since);
}

impl Observer for () {
    type Since = ();
    fn now() {}
    fn note(&mut self, _: u16, (): ()) {}
}

impl Observer for Vec<(u64, Duration)> {
    type Since = Instant;

    fn now() -> Instant {
        Instant::now()
    }

    fn note(&mut self, rule: u16, since: Instant) {
        if let Some((hits, time)) = self.get_mut(usize::from(rule)) {
            *hits += 1;
            *time += since.elapsed();
        }
    }
}

/// States that are looked through one by one.
const FEW: usize = 12;

/// How far a rule has come in a text.
#[derive(Clone, Copy)]
struct State {
    /// Its index.
    rule: u16,
    /// The end of the last match.
    at: usize,
    /// What its matcher may still do.
    fuel: u64,
    /// The whole text has been searched.
    done: bool,
    /// Whether a keyword stands in the text, once that was asked.
    gate: Option<bool>,
}

struct Scan<'a> {
    set: &'a RuleSet,
    text: &'a [u8],
    /// Of the rules that were hit: few, of many.
    states: Vec<State>,
    /// For each rule the place of its state plus one, or 0. Made when there are more than [`FEW`] states.
    index: Vec<u16>,
    /// Bytes that may still be looked at behind literals.
    looks: u64,
    /// The runs that do not lie in front of all literals that come yet.
    runs: Option<std::slice::Iter<'a, Span>>,
    kind: Kind,
    /// What the readers remember.
    reading: Reading,
    reach: Reach,
}

impl Scan<'_> {
    /// Looks at a literal that ends there; most are let go right away.
    #[inline]
    fn hit(&mut self, end: usize, hit: Hit, found: &mut impl FnMut(Found)) -> Result<(), BadRule> {
        let catalogue = &self.set.catalogue;
        let at = end - usize::from(hit.len);
        if self.looks > 0 {
            let ahead = catalogue.ahead.get(usize::from(hit.rule)).copied().unwrap_or(Ahead::NOTHING);
            if ahead.in_run && !self.has_run(ahead, Span::new(at, end)) {
                self.reach = self.reach.max(ahead.reach());
                return Ok(());
            }
            let (stands, looked) = stands_ahead(ahead, &catalogue.sets, self.text, at);
            self.looks = self.looks.saturating_sub(looked as u64);
            if !stands {
                self.reach = self.reach.max(ahead.reach());
                return Ok(());
            }
        }
        self.literal(Span::new(at, end), hit, found)
    }

    /// Whether a run is known to be where it could hold the row that is asked for behind a literal; also where none are
    /// known.
    #[inline]
    fn has_run(&mut self, ahead: Ahead, literal: Span) -> bool {
        let Some(runs) = &mut self.runs else { return true };
        // literals come in the order of their ends, and none begins further in front of it
        let floor = literal.end.saturating_sub(usize::from(self.set.catalogue.automaton.longest));
        while runs.as_slice().first().is_some_and(|run| run.end <= floor) {
            runs.next();
        }
        let (from, to) = (literal.start + usize::from(ahead.from), literal.start + ahead.reach());
        let holds = |run: &Span| run.end.min(to).saturating_sub(run.start.max(from)) >= usize::from(ahead.min);
        runs.as_slice().iter().take_while(|run| run.start < to).any(holds)
    }

    /// Searches around a literal.
    #[inline(never)]
    fn literal(&mut self, place: Span, hit: Hit, found: &mut impl FnMut(Found)) -> Result<(), BadRule> {
        let set = self.set;
        let Span { start: at, end } = place;
        let Some(rule) = set.row(hit.rule) else { return Ok(()) };
        if let Search::Reader(reader) = rule.search {
            self.read(reader, hit.rule, place, found);
            return Ok(());
        }
        let state = self.state(hit.rule);
        if state.done || at < state.at {
            // without the match before, there might be one here
            self.reach = FAR;
            return Ok(());
        }
        let mut matcher = Matcher::new(&set.catalogue, rule, self.text, state.fuel);
        let from = |back: u32| state.at.max(at.saturating_sub(back as usize));
        let back = match rule.search {
            Search::Program { back, .. } => Some(back),
            Search::Regex { back, .. } => back,
            Search::Reader(_) => None,
        };
        let begin = back.map_or(state.at, from);
        let result = match rule.search {
            Search::Program { find, check, back, least } => match at.checked_sub(least as usize) {
                None => Ok(None),
                Some(to) => program(&mut matcher, check, find, at, from(back)..=to),
            },
            // spent or not, the regex has the last word
            Search::Regex { check: Some(check), .. } if matcher.check(check, at) == Ok(false) => Ok(None),
            Search::Regex { .. } => Err(Spent),
            Search::Reader(_) => Ok(None),
        };
        let back = back.map_or(0, |back| back as usize);
        self.reach = match result {
            // what matched before decides where this one may begin
            _ if state.at > at.saturating_sub(back) => FAR,
            Err(Spent) => FAR,
            Ok(_) => {
                self.reach.max(matcher.seen.saturating_sub(end)).max(if matcher.has_searched() { back } else { 0 })
            }
        };
        match result {
            Ok(Some((start, end))) => {
                let whole = Span::new(start, end);
                let secret = secret(rule, whole, |n| matcher.group(n).map(|(a, b)| Span::new(a, b)));
                self.update(State { at: end, fuel: matcher.fuel, ..state });
                if self.gate(hit.rule, rule, whole) {
                    found(Found { rule: hit.rule, whole, secret, pair: None });
                }
                Ok(())
            }
            Ok(None) => {
                self.update(State { fuel: matcher.fuel, ..state });
                Ok(())
            }
            Err(Spent) => self.by_regex(hit.rule, begin, found),
        }
    }

    /// The pairs that a reader sees at a keyword.
    fn read(&mut self, reader: Reader, rule: u16, at: Span, found: &mut impl FnMut(Found)) {
        let before = self.reading.steps;
        for pair in self.reading.read(reader, self.text, at, self.kind) {
            found(Found { rule, whole: pair.whole(), secret: pair.value, pair: Some(*pair) });
        }
        let counted = usize::try_from(self.reading.steps - before).unwrap_or(FAR);
        let jumped = std::mem::take(&mut self.reading.jumped);
        self.reach = self.reach.max(if jumped { FAR } else { counted.saturating_add(UNCOUNTED) });
    }

    /// Where the state of a rule is kept.
    fn place(&self, rule: u16) -> Option<usize> {
        if self.index.is_empty() {
            return self.states.iter().position(|state| state.rule == rule);
        }
        self.index.get(usize::from(rule))?.checked_sub(1).map(usize::from)
    }

    fn state(&mut self, rule: u16) -> State {
        if let Some(known) = self.place(rule).and_then(|place| self.states.get(place)) {
            return *known;
        }
        let fuel = FUEL + FUEL_PER_BYTE * self.text.len() as u64;
        let state = State { rule, at: 0, fuel, done: false, gate: None };
        self.states.push(state);
        if self.states.len() > FEW {
            let all = if self.index.is_empty() { 0 } else { self.states.len() - 1 };
            self.index.resize(self.set.rules().rows.len(), 0);
            for (n, state) in self.states.iter().enumerate().skip(all) {
                if let Some(place) = self.index.get_mut(usize::from(state.rule)) {
                    // there are fewer rules than 2^16, and each is added once
                    *place = n as u16 + 1;
                }
            }
        }
        state
    }

    /// Keeps the state of a rule that [`Scan::state`] was asked about.
    fn update(&mut self, state: State) {
        if let Some(known) = self.place(state.rule).and_then(|place| self.states.get_mut(place)) {
            *known = state;
        }
    }

    /// Searches the rest of the text once, with the regex crate.
    fn by_regex(&mut self, index: u16, mut from: usize, found: &mut impl FnMut(Found)) -> Result<(), BadRule> {
        let set = self.set;
        let Some(rule) = set.row(index) else { return Ok(()) };
        let state = self.state(index);
        self.update(State { done: true, ..state });
        let regex = set.regex(index)?;
        let mut groups = regex.capture_locations();
        while let Some(whole) = regex.captures_read_at(&mut groups, self.text, from) {
            let whole = Span::new(whole.start(), whole.end());
            if !self.gate(index, rule, whole) {
                break;
            }
            let secret = secret(rule, whole, |n| groups.get(n).map(|(a, b)| Span::new(a, b)));
            found(Found { rule: index, whole, secret, pair: None });
            from = whole.end.max(whole.start + 1);
            if from > self.text.len() {
                break;
            }
        }
        Ok(())
    }

    /// Whether the rule's keywords let it speak in this text; asked at its first match, which most often holds one.
    fn gate(&mut self, index: u16, row: &Row, whole: Span) -> bool {
        if row.gate.len == 0 {
            return true;
        }
        let Some(rule) = self.set.rules().get(index) else { return false };
        let state = self.state(index);
        let is_in = |text: &[u8]| rule.gate.iter().any(|word| holds(text, word.as_bytes()));
        let open = state.gate.unwrap_or_else(|| is_in(whole.of(self.text)) || is_in(self.text));
        self.update(State { gate: Some(open), done: state.done || !open, ..state });
        if !open {
            self.reach = FAR;
        }
        open
    }
}

fn program(
    matcher: &mut Matcher<'_>,
    check: Option<u16>,
    find: u16,
    at: usize,
    starts: std::ops::RangeInclusive<usize>,
) -> Result<Option<(usize, usize)>, Spent> {
    if let Some(check) = check
        && !matcher.check(check, at)?
    {
        return Ok(None);
    }
    matcher.find(find, *starts.start(), *starts.end())
}

/// The group that is the secret: the one that the rule names, else the first that is not empty, else all.
fn secret(rule: &Row, whole: Span, group: impl Fn(usize) -> Option<Span>) -> Span {
    let full = |n: usize| group(n).filter(|s| s.start < s.end);
    let found = match rule.secret_group {
        0 => (1..=usize::from(rule.groups)).find_map(full),
        n => full(usize::from(n)),
    };
    found.unwrap_or(whole)
}

/// Whether a lower-case `word` stands in `text` in any case.
fn holds(text: &[u8], word: &[u8]) -> bool {
    let Some(&first) = word.first() else { return true };
    memchr::memchr2_iter(first, first.to_ascii_uppercase(), text)
        .any(|at| text.get(at..at + word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)))
}
