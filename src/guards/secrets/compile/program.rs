//! Small programs for a backtracking matcher: runs of a class, words, alternatives. What does not fit (loops
//! over groups, Unicode classes, very large counts) is left to the `regex` crate.
//!
//! A program has no cycles, so its run time depends on choices alone, which the matcher's budget bounds, and
//! its recursion on the depth counted here.

use super::literal::bytes_of;
use regex_syntax::hir::{self, Class, Hir, HirKind, Repetition};
use std::collections::HashMap;

/// A set of bytes as a bitmap.
pub(crate) type Set = [u64; 4];

/// No upper bound of a [`Op::Run`].
pub(crate) const UNBOUNDED: u16 = u16::MAX;
/// In [`Step::first`]: any byte may follow.
pub(crate) const ANY: u16 = u16::MAX;
/// Capture groups that a program can record, the whole match not counted.
pub(crate) const MAX_GROUPS: u8 = 8;

/// Steps of one rule.
const MAX_STEPS: usize = 2000;
/// Nested choices on one path: bounds the matcher's recursion.
const MAX_DEPTH: u16 = 200;
/// Copies of a repeated group.
const MAX_COPIES: u32 = 64;

/// An assertion about the bytes on both sides of a position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    Boundary,
    NotBoundary,
    WordStart,
    WordEnd,
    WordStartHalf,
    WordEndHalf,
}

/// One operation. Indices of steps count from the rule's first step.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Op {
    /// The end of the regex.
    Accept,
    /// These bytes; with `fold`, lower-case ones that stand for both cases.
    Word { at: u32, len: u16, fold: bool, next: u16 },
    /// `min` to `max` bytes of a set.
    Run { set: u16, min: u16, max: u16, greedy: bool, next: u16 },
    /// The first that leads to the end, of these steps.
    Split { at: u32, len: u16 },
    /// An assertion.
    Look { look: Look, next: u16 },
    /// Remember the position: slot `2n` where group n opens, `2n + 1` where it closes.
    Save { slot: u8, next: u16 },
}

/// An operation and what it can begin with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Step {
    pub(crate) op: Op,
    /// The bytes one of which must follow, or [`ANY`].
    pub(crate) first: u16,
    /// Whether it can lead to the end without another byte.
    pub(crate) ends: bool,
}

/// What the programs of all rules share.
#[derive(Default)]
pub(crate) struct Pools {
    pub(crate) sets: Vec<Set>,
    pub(crate) bytes: Vec<u8>,
    pub(crate) splits: Vec<u16>,
    set_index: HashMap<Set, u16>,
    word_index: HashMap<Vec<u8>, u32>,
}

impl Pools {
    /// The index of a set; `None` when there are too many.
    pub(crate) fn set(&mut self, set: Set) -> Option<u16> {
        if let Some(&known) = self.set_index.get(&set) {
            return Some(known);
        }
        let index = u16::try_from(self.sets.len()).ok().filter(|&n| n != ANY)?;
        self.sets.push(set);
        self.set_index.insert(set, index);
        Some(index)
    }

    fn word(&mut self, word: &[u8]) -> u32 {
        if let Some(&known) = self.word_index.get(word) {
            return known;
        }
        let at = self.bytes.len() as u32;
        self.bytes.extend_from_slice(word);
        self.word_index.insert(word.to_vec(), at);
        at
    }
}

/// A piece of a top-level concatenation; groups are opened so that a literal inside one can be an anchor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'h> {
    Hir(&'h Hir),
    Open(u32),
    Close(u32),
}

impl<'h> Part<'h> {
    /// What is matched; `None` where a group opens or closes.
    pub(crate) fn hir(self) -> Option<&'h Hir> {
        match self {
            Part::Hir(hir) => Some(hir),
            Part::Open(_) | Part::Close(_) => None,
        }
    }
}

/// The concatenation that `hir` is.
pub(crate) fn parts(hir: &Hir) -> Vec<Part<'_>> {
    fn flatten<'h>(hir: &'h Hir, parts: &mut Vec<Part<'h>>) {
        match hir.kind() {
            HirKind::Concat(subs) => subs.iter().for_each(|sub| flatten(sub, parts)),
            HirKind::Capture(group) => {
                parts.push(Part::Open(group.index));
                flatten(&group.sub, parts);
                parts.push(Part::Close(group.index));
            }
            _ => parts.push(Part::Hir(hir)),
        }
    }
    let mut all = Vec::new();
    flatten(hir, &mut all);
    all
}

/// A program under construction: from its end to its beginning, so that what follows a step is known.
pub(crate) struct Compiler<'p> {
    pools: &'p mut Pools,
    steps: Vec<Step>,
    depths: Vec<u16>,
}

impl<'p> Compiler<'p> {
    /// A program that only accepts: step 0.
    pub(crate) fn new(pools: &'p mut Pools) -> Self {
        let accept = Step { op: Op::Accept, first: ANY, ends: true };
        Compiler { pools, steps: vec![accept], depths: vec![0] }
    }

    /// Forgets the steps from number `len` on.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.steps.truncate(len);
        self.depths.truncate(len);
    }

    /// The steps.
    pub(crate) fn into_steps(self) -> Vec<Step> {
        self.steps
    }

    /// Puts `parts` before step `next`; returns the step that begins them, `None` if they do not fit.
    pub(crate) fn concat(&mut self, parts: &[Part<'_>], mut next: u16) -> Option<u16> {
        let mut end = parts.len();
        while let Some(last) = end.checked_sub(1) {
            let word_start = words_before(parts, end);
            if word_start < last {
                next = self.words(&parts[word_start..end], next)?;
                end = word_start;
            } else {
                next = match parts[last] {
                    Part::Hir(hir) => self.hir(hir, next)?,
                    Part::Open(group) => self.save(group, 0, next)?,
                    Part::Close(group) => self.save(group, 1, next)?,
                };
                end = last;
            }
        }
        Some(next)
    }

    fn hir(&mut self, hir: &Hir, next: u16) -> Option<u16> {
        match hir.kind() {
            HirKind::Empty => Some(next),
            HirKind::Literal(literal) => self.word(&literal.0, false, next),
            HirKind::Class(class) => {
                let set = set_of(class)?;
                self.run(set, 1, 1, true, next)
            }
            HirKind::Look(look) => {
                let look = look_of(*look)?;
                let Step { first, ends, .. } = *self.steps.get(usize::from(next))?;
                self.push(Op::Look { look, next }, first, ends, next, 0)
            }
            HirKind::Capture(_) | HirKind::Concat(_) => self.concat(&parts(hir), next),
            HirKind::Alternation(subs) => {
                let mut ways = Vec::with_capacity(subs.len());
                for sub in subs {
                    ways.push(self.hir(sub, next)?);
                }
                self.split(&ways)
            }
            HirKind::Repetition(repetition) => self.repetition(repetition, next),
        }
    }

    fn repetition(&mut self, r: &Repetition, next: u16) -> Option<u16> {
        let set = match r.sub.kind() {
            HirKind::Class(class) => set_of(class),
            HirKind::Literal(literal) if literal.0.len() == 1 => Some(singleton(literal.0[0])),
            _ => None,
        };
        if let Some(set) = set {
            let bound = |n: u32| u16::try_from(n).ok().filter(|&n| n != UNBOUNDED);
            let max = r.max.map_or(Some(UNBOUNDED), bound)?;
            return self.run(set, bound(r.min)?, max, r.greedy, next);
        }
        let max = r.max.filter(|&n| n <= MAX_COPIES)?;
        let mut entry = next;
        for _ in r.min..max {
            let body = self.hir(&r.sub, entry)?;
            entry = self.split(&if r.greedy { [body, next] } else { [next, body] })?;
        }
        for _ in 0..r.min {
            entry = self.hir(&r.sub, entry)?;
        }
        Some(entry)
    }

    fn run(&mut self, set: Set, min: u16, max: u16, greedy: bool, next: u16) -> Option<u16> {
        let after = *self.steps.get(usize::from(next))?;
        let (first, ends) = match min {
            0 => (self.union(&[set], &[after.first])?, after.ends),
            _ => (self.pools.set(set)?, false),
        };
        let set = self.pools.set(set)?;
        self.push(Op::Run { set, min, max, greedy, next }, first, ends, next, u16::from(min != max))
    }

    fn word(&mut self, word: &[u8], fold: bool, next: u16) -> Option<u16> {
        let (&lead, len) = (word.first()?, u16::try_from(word.len()).ok()?);
        let mut first = singleton(lead);
        if fold {
            first = or(first, singleton(lead.to_ascii_uppercase()));
        }
        let (first, at) = (self.pools.set(first)?, self.pools.word(word));
        self.push(Op::Word { at, len, fold, next }, first, false, next, 0)
    }

    fn words(&mut self, parts: &[Part<'_>], next: u16) -> Option<u16> {
        let bytes: Vec<u8> = parts.iter().filter_map(|part| word_of(*part)).flatten().collect();
        self.word(&bytes, true, next)
    }

    fn save(&mut self, group: u32, side: u8, next: u16) -> Option<u16> {
        let group = u8::try_from(group).ok().filter(|&g| g <= MAX_GROUPS)?;
        let Step { first, ends, .. } = *self.steps.get(usize::from(next))?;
        self.push(Op::Save { slot: 2 * group + side, next }, first, ends, next, 1)
    }

    fn split(&mut self, ways: &[u16]) -> Option<u16> {
        let steps: Option<Vec<Step>> = ways.iter().map(|&w| self.steps.get(usize::from(w)).copied()).collect();
        let steps = steps?;
        let firsts: Vec<u16> = steps.iter().map(|s| s.first).collect();
        let (first, ends) = (self.union(&[], &firsts)?, steps.iter().any(|s| s.ends));
        let deepest = ways.iter().copied().max_by_key(|&w| self.depths.get(usize::from(w)))?;
        let (at, len) = (self.pools.splits.len() as u32, u16::try_from(ways.len()).ok()?);
        self.pools.splits.extend_from_slice(ways);
        self.push(Op::Split { at, len }, first, ends, deepest, 1)
    }

    fn union(&mut self, sets: &[Set], firsts: &[u16]) -> Option<u16> {
        let mut all = sets.iter().fold(Set::default(), |a, b| or(a, *b));
        for &first in firsts {
            if first == ANY {
                return Some(ANY);
            }
            all = or(all, *self.pools.sets.get(usize::from(first))?);
        }
        self.pools.set(all)
    }

    fn push(&mut self, op: Op, first: u16, ends: bool, next: u16, choices: u16) -> Option<u16> {
        let depth = *self.depths.get(usize::from(next))? + choices;
        if self.steps.len() >= MAX_STEPS || depth > MAX_DEPTH {
            return None;
        }
        self.steps.push(Step { op, first, ends });
        self.depths.push(depth);
        Some((self.steps.len() - 1) as u16)
    }
}

/// Where the longest row of parts that are letters in both cases, and bytes that are no letters, begins that
/// stops at `end`.
fn words_before(parts: &[Part<'_>], end: usize) -> usize {
    let mut start = end;
    while start > 0 && word_of(parts[start - 1]).is_some() {
        start -= 1;
    }
    start
}

/// The lower-case bytes that a part matches whatever the case; `None` for any other part.
fn word_of(part: Part<'_>) -> Option<Vec<u8>> {
    let Part::Hir(hir) = part else { return None };
    match hir.kind() {
        HirKind::Literal(literal) => {
            let plain = !literal.0.iter().any(u8::is_ascii_alphabetic);
            plain.then(|| literal.0.to_vec())
        }
        HirKind::Class(class) => {
            let members: Vec<u8> = bytes_of(class)?.ranges().iter().flat_map(|r| r.start()..=r.end()).take(3).collect();
            match members[..] {
                [upper, lower] if upper.is_ascii_uppercase() && lower == upper.to_ascii_lowercase() => {
                    Some(vec![lower])
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// The members of a class; `None` where some are no bytes.
pub(crate) fn set_of(class: &Class) -> Option<Set> {
    let mut set = Set::default();
    for range in bytes_of(class)?.ranges() {
        for byte in range.start()..=range.end() {
            set = or(set, singleton(byte));
        }
    }
    Some(set)
}

/// The set of one byte.
pub(crate) fn singleton(byte: u8) -> Set {
    let mut set = Set::default();
    set[usize::from(byte >> 6)] = 1 << (byte & 63);
    set
}

/// The members of either.
pub(crate) fn or(a: Set, b: Set) -> Set {
    [a[0] | b[0], a[1] | b[1], a[2] | b[2], a[3] | b[3]]
}

fn look_of(look: hir::Look) -> Option<Look> {
    Some(match look {
        hir::Look::Start => Look::Start,
        hir::Look::End => Look::End,
        hir::Look::StartLF => Look::LineStart,
        hir::Look::EndLF => Look::LineEnd,
        hir::Look::WordAscii => Look::Boundary,
        hir::Look::WordAsciiNegate => Look::NotBoundary,
        hir::Look::WordStartAscii => Look::WordStart,
        hir::Look::WordEndAscii => Look::WordEnd,
        hir::Look::WordStartHalfAscii => Look::WordStartHalf,
        hir::Look::WordEndHalfAscii => Look::WordEndHalf,
        _ => return None,
    })
}
