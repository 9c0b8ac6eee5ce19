//! A version of a text that is known to hold nothing, judged by its changes.
//!
//! Why that is exact. Whatever is found begins with a literal of a rule. What is made of a literal depends on bytes
//! around it, of which the engine and the readers keep count: the most that any literal of a text asked for is its
//! *reach*. In a version, a literal that is further than that from all changes has the same bytes around it, and comes
//! to the same nothing. The others are looked at, in the whole text, as ever; what they ask for adds to the reach of the
//! version. A text with a literal that asks for more than can be told is not settled, and its versions are looked at
//! as a whole.
//!
//! What is encoded is decoded again on the lines around each change: what spans more lines than these, or so long
//! ones that this costs more than a look at everything, is left to that.

use super::Secrets;
use super::decode::{Told, Transcoded};
use super::engine::Focus;
use super::harvest::Part;
use super::surroundings::Site;
use crate::change::{Blob, Changes, Glance, Reach};
use crate::finding::Incomplete;
use std::ops::Range;

/// Bytes around a name and a value that may say that they are no pair.
pub(super) const BESIDE: usize = 320;
/// No encoding makes more bytes of one.
pub(super) const MAX_ENCODED: usize = 10;
/// Bytes that the matcher may look at without telling, and the longest literal.
const UNTOLD: usize = 128;
/// Bytes around an escape that decide whether and with what it is decoded.
const DECODED_WITH: usize = 512;
/// A longer reach is worth no glance.
const MAX_REACH: usize = 16 << 10;
/// The longest lines, and the most bytes of wrapped ones, that are taken along.
const MAX_LINES: usize = 16 << 10;
/// As many digits in a row at the end of a line may go on in the next one.
const WRAPPED: usize = 24;

/// In the form that is handed on; `None` where it is too long.
fn reach([plain, encoded]: [usize; 2]) -> Option<Reach> {
    let short = |reach: usize| u16::try_from(reach).ok().filter(|_| reach <= MAX_REACH);
    Some(Reach { plain: short(plain)?, encoded: short(encoded)? })
}

impl Secrets<'_> {
    /// Whether anything is in a blob.
    ///
    /// # Errors
    /// As for a look that tells what.
    pub(super) fn glance_at_all(&self, blob: &Blob<'_>) -> Result<Glance, Incomplete> {
        let commits = self.commits(blob);
        let places = super::places(blob, &commits);
        let site = Site::of(Some(&places)).asking_reach();
        let harvest = self.harvest(blob.bytes, &site)?;
        if !harvest.is_empty() {
            return Ok(Glance::Something);
        }
        for place in &places {
            if !self.harvest_path(*place, &Site::of(Some(std::slice::from_ref(place))), blob.bytes)?.is_empty() {
                return Ok(Glance::Something);
            }
        }
        Ok(Glance::Nothing { settled: reach(harvest.reach).filter(|_| !has_zeros(blob.bytes)) })
    }

    /// As [`Secrets::glance_at_all`], of a version of a settled blob.
    ///
    /// # Errors
    /// As there.
    pub(super) fn glance_at(&self, blob: &Blob<'_>, changes: Changes<'_>) -> Result<Glance, Incomplete> {
        let text = blob.bytes;
        let before = [changes.reach.plain, changes.reach.encoded].map(usize::from);
        let ranges = around(changes.ranges, before[0] + UNTOLD, text.len());
        let covered: usize = ranges.iter().map(ExactSizeIterator::len).sum();
        let is_cheaper = covered < text.len() / 8 * 7;
        if !is_cheaper || self.users.iter().any(|user| user.config().is_some()) || Transcoded::of(text).is_some() {
            return Ok(Glance::Something);
        }
        // the path has been looked at with the other version
        let commits = self.commits(blob);
        let places = super::places(blob, &commits);
        let site = Site::of(Some(&places)).asking_reach();
        let mut found = Vec::new();
        let part = Part { layer: None, focus: Focus { ranges: Some(&ranges), runs: None } };
        let seen = self.candidates(text, &site, part, &mut found)?;
        if !found.is_empty() || seen.overflow {
            return Ok(Glance::Something);
        }
        let mut after = [before[0].max(seen.reach), before[1]];
        for range in &around(changes.ranges, before[1] + UNTOLD + DECODED_WITH, text.len()) {
            let Some(lines) = lines(text, range).filter(|lines| !has_zeros(lines)) else {
                return Ok(Glance::Something);
            };
            let (inner, Told { limit, .. }) = self.harvest_encoded(lines, &site, &mut found)?;
            if !found.is_empty() || inner.overflow || limit.is_some() {
                return Ok(Glance::Something);
            }
            after[1] = after[1].max(inner.reach);
        }
        Ok(Glance::Nothing { settled: reach(after) })
    }
}

/// Text in 16-bit units, and what only claims to be, has runs of its own.
fn has_zeros(text: &[u8]) -> bool {
    memchr::memchr(0, text).is_some()
}

/// The changes of a text of `len` bytes with so many on each side, those that meet joined.
fn around(changes: &[Range<usize>], near: usize, len: usize) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for change in changes {
        let range = change.start.saturating_sub(near)..len.min(change.end.saturating_add(near));
        match ranges.last_mut() {
            Some(last) if range.start <= last.end => last.end = range.end,
            _ => ranges.push(range),
        }
    }
    ranges
}

/// The lines of a range, with those that base64 may be wrapped over.
fn lines<'a>(text: &'a [u8], range: &Range<usize>) -> Option<&'a [u8]> {
    let (first, last) = (range.start.saturating_sub(MAX_LINES), text.len().min(range.end.saturating_add(MAX_LINES)));
    let start = |to: usize| match memchr::memrchr(b'\n', text.get(first..to)?) {
        Some(n) => Some(first + n + 1),
        None => (first == 0).then_some(0),
    };
    let end = |from: usize| match memchr::memchr(b'\n', text.get(from..last)?) {
        Some(n) => Some(from + n),
        None => (last == text.len()).then_some(last),
    };
    let (mut from, mut to) = (start(range.start)?, end(range.end)?);
    while from > 0 && is_wrapped(text.get(..from - 1)?) {
        from = start(from - 1)?;
    }
    while to < text.len() && is_wrapped(text.get(..to)?) {
        to = end(to + 1)?;
    }
    text.get(from..to)
}

/// Whether a text ends in a line that may go on in the next one.
fn is_wrapped(text: &[u8]) -> bool {
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    let digits = text.iter().rev().take(WRAPPED).take_while(|b| b.is_ascii_alphanumeric() || b"+/-_=".contains(b));
    digits.count() == WRAPPED
}

#[cfg(test)]
mod tests;
