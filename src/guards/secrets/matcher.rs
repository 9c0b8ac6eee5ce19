//! Runs the small programs of [`super::compile::program`]: leftmost-first, as the regex crate does, with a
//! budget that stands for "this text is made to be slow; use the regex crate instead".

use super::compile::ahead::Ahead;
use super::compile::plan::Catalogue;
use super::compile::program::{ANY, Look, MAX_GROUPS, Op, Set, Step, UNBOUNDED};
use super::compile::rows::Row;

/// The budget is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Spent;

/// Bytes that a run may cross for one unit of the budget.
const RUN_BYTES: usize = 8;
/// A position that no group has reached.
const UNSET: usize = usize::MAX;

/// A rule's program on one text.
pub(crate) struct Matcher<'a> {
    steps: &'a [Step],
    sets: &'a [Set],
    bytes: &'a [u8],
    splits: &'a [u16],
    text: &'a [u8],
    /// Units left.
    pub(crate) fuel: u64,
    /// One past the last byte that was looked at, but for a word that did not stand there.
    pub(crate) seen: usize,
    /// Whether groups are recorded.
    record: bool,
    slots: [usize; 2 * (MAX_GROUPS as usize + 1)],
}

impl<'a> Matcher<'a> {
    /// The program of `rule` over `text`.
    pub(crate) fn new(catalogue: &'a Catalogue, rule: &Row, text: &'a [u8], fuel: u64) -> Self {
        Matcher {
            steps: catalogue.steps.get(rule.base as usize..).unwrap_or_default(),
            sets: &catalogue.sets,
            bytes: &catalogue.bytes,
            splits: &catalogue.splits,
            text,
            fuel,
            seen: 0,
            record: false,
            slots: [UNSET; 2 * (MAX_GROUPS as usize + 1)],
        }
    }

    /// Whether the part of the program from `entry` on matches at `at`.
    pub(crate) fn check(&mut self, entry: u16, at: usize) -> Result<bool, Spent> {
        Ok(self.may(entry, at) && self.run(entry, at)?.is_some())
    }

    /// The match with the first start in `from..=to`, as start and end.
    pub(crate) fn find(&mut self, entry: u16, from: usize, to: usize) -> Result<Option<(usize, usize)>, Spent> {
        self.record = true;
        for start in from..=to {
            if self.may(entry, start)
                && let Some(end) = self.run(entry, start)?
            {
                return Ok(Some((start, end)));
            }
        }
        Ok(None)
    }

    /// Whether anything was asked but whether a literal is followed by what it has to be.
    pub(crate) fn has_searched(&self) -> bool {
        self.record
    }

    /// What a group covered in the match that [`Matcher::find`] found.
    pub(crate) fn group(&self, group: usize) -> Option<(usize, usize)> {
        let slot = |n: usize| self.slots.get(n).copied().filter(|&at| at != UNSET);
        slot(2 * group).zip(slot(2 * group + 1))
    }

    /// Whether the byte at `at` lets a step succeed.
    #[inline]
    fn may(&self, step: u16, at: usize) -> bool {
        let step = &self.steps[usize::from(step)];
        match self.text.get(at) {
            Some(&byte) => step.first == ANY || has(&self.sets[usize::from(step.first)], byte),
            None => step.ends,
        }
    }

    fn burn(&mut self, units: usize) -> Result<(), Spent> {
        self.fuel = self.fuel.checked_sub(units as u64).ok_or(Spent)?;
        Ok(())
    }

    /// The end of the match of the program from `step` on at `at`. Recursion is bounded by the program's depth,
    /// which its compiler bounds.
    fn run(&mut self, mut step: u16, mut at: usize) -> Result<Option<usize>, Spent> {
        loop {
            self.burn(1)?;
            self.seen = self.seen.max(at);
            match self.steps[usize::from(step)].op {
                Op::Accept => return Ok(Some(at)),
                Op::Word { at: word, len, fold, next } => {
                    let (word, len) = (word as usize, usize::from(len));
                    let Some(here) = self.text.get(at..).and_then(|t| t.get(..len)) else { return Ok(None) };
                    let word = &self.bytes[word..word + len];
                    if !(if fold { here.eq_ignore_ascii_case(word) } else { here == word }) {
                        return Ok(None);
                    }
                    (step, at) = (next, at + len);
                }
                Op::Look { look, next } => {
                    if !self.holds(look, at) {
                        return Ok(None);
                    }
                    step = next;
                }
                Op::Save { slot, next } => {
                    if self.record {
                        let slot = usize::from(slot);
                        let before = std::mem::replace(&mut self.slots[slot], at);
                        let end = self.run(next, at)?;
                        if end.is_none() {
                            self.slots[slot] = before;
                        }
                        return Ok(end);
                    }
                    step = next;
                }
                Op::Split { at: ways, len } => {
                    let splits = self.splits;
                    let ways = &splits[ways as usize..ways as usize + usize::from(len)];
                    let Some((&last, others)) = ways.split_last() else { return Ok(None) };
                    for &way in others {
                        if self.may(way, at)
                            && let Some(end) = self.run(way, at)?
                        {
                            return Ok(Some(end));
                        }
                    }
                    if !self.may(last, at) {
                        return Ok(None);
                    }
                    step = last;
                }
                Op::Run { set, min, max, greedy, next } => {
                    let sets = self.sets;
                    let set = &sets[usize::from(set)];
                    let room = self.text.len() - at;
                    let max = if max == UNBOUNDED { room } else { room.min(usize::from(max)) };
                    let min = usize::from(min);
                    if !greedy {
                        return self.lazy(set, min, max, next, at);
                    }
                    let count = leading(set, &self.text[at..at + max]);
                    self.seen = self.seen.max(at + count);
                    self.burn(count / RUN_BYTES)?;
                    if count < min {
                        return Ok(None);
                    }
                    for len in (min + 1..=count).rev() {
                        if self.may(next, at + len)
                            && let Some(end) = self.run(next, at + len)?
                        {
                            return Ok(Some(end));
                        }
                    }
                    // the shortest is the last choice: no need to come back
                    (step, at) = (next, at + min);
                }
            }
        }
    }

    fn lazy(&mut self, set: &Set, min: usize, max: usize, next: u16, at: usize) -> Result<Option<usize>, Spent> {
        if max < min || leading(set, &self.text[at..at + min]) < min {
            return Ok(None);
        }
        for len in min..=max {
            if len % RUN_BYTES == 0 {
                self.burn(1)?;
            }
            self.seen = self.seen.max(at + len);
            if self.may(next, at + len)
                && let Some(end) = self.run(next, at + len)?
            {
                return Ok(Some(end));
            }
            if !self.text.get(at + len).is_some_and(|&b| has(set, b)) {
                break;
            }
        }
        Ok(None)
    }

    fn holds(&self, look: Look, at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|n| self.text.get(n)).copied();
        let after = self.text.get(at).copied();
        let word = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_');
        match look {
            Look::Start => before.is_none(),
            Look::End => after.is_none(),
            Look::LineStart => before.is_none_or(|b| b == b'\n'),
            Look::LineEnd => after.is_none_or(|b| b == b'\n'),
            Look::Boundary => word(before) != word(after),
            Look::NotBoundary => word(before) == word(after),
            Look::WordStart => !word(before) && word(after),
            Look::WordEnd => word(before) && !word(after),
            Look::WordStartHalf => !word(before),
            Look::WordEndHalf => !word(after),
        }
    }
}

/// Whether the row that a rule asks for stands behind the literal that begins at `at`, and how many bytes were looked
/// at to tell, each once at most. Where few are of the set few are looked at: a row holds the last byte of the first
/// place where it may be.
pub(crate) fn stands_ahead(ahead: Ahead, sets: &[Set], text: &[u8], at: usize) -> (bool, usize) {
    let (Some(set), Some(least)) = (sets.get(usize::from(ahead.set)), usize::from(ahead.min).checked_sub(1)) else {
        return (true, 0);
    };
    let (mut start, mut looked) = (at + usize::from(ahead.from), 0);
    let last_start = at + usize::from(ahead.to);
    // what begins at `start` is known to be of the set up to here
    let mut known = start;
    while start <= last_start {
        let Some(window) = text.get(known..=start + least) else { break };
        let gap = window.iter().rposition(|&b| !has(set, b));
        looked += window.len() - gap.unwrap_or(0);
        match gap {
            None => return (true, looked),
            Some(gap) => (start, known) = (known + gap + 1, start + least + 1),
        }
    }
    (false, looked)
}

#[inline]
fn has(set: &Set, byte: u8) -> bool {
    set[usize::from(byte >> 6)] >> (byte & 63) & 1 != 0
}

fn leading(set: &Set, text: &[u8]) -> usize {
    text.iter().position(|&b| !has(set, b)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::super::compile::program::{or, singleton};
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn rows_are_seen_where_they_stand(text in "[ab ]{0,60}", min in 1u16..6, from in 0u16..10, more in 0u16..20) {
            let ahead = Ahead { set: 0, min, from, to: from + more, in_run: false };
            let sets = [or(singleton(b'a'), singleton(b'b'))];
            let (min, from, to) = (usize::from(min), usize::from(from), usize::from(from + more));
            let row = |at: usize| text.get(at..at + min).is_some_and(|row| !row.contains(' '));
            for at in 0..=text.len() {
                let (stands, looked) = stands_ahead(ahead, &sets, text.as_bytes(), at);
                prop_assert_eq!(stands, (at + from..=at + to).any(row));
                prop_assert!(looked <= to - from + min);
            }
        }
    }
}
