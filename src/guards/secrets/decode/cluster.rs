//! Finds stretches of text that hold escapes.
//!
//! Escapes are few in most texts, and a look at each is cheap. A stretch begins a little before its first escape on
//! the same line, goes on while the next one is near, and ends a little behind the last: that much of the context
//! belongs to what a rule has to see.

use super::unit::Codec;
use super::{Region, entity, escape, percent};
use crate::finding::Span;

/// The most bytes in front of the first escape.
const BEFORE: usize = 128;
/// The most bytes between two escapes of a stretch, and behind the last.
const GAP: usize = 256;

/// Collects the stretches of each kind of escape.
pub(super) struct Clusters {
    escapes: Cluster,
    percents: Cluster,
    entities: Cluster,
}

impl Clusters {
    pub(super) fn new() -> Self {
        Clusters {
            escapes: Cluster::new(Codec::Escapes, 1),
            // a single one stands in many a format string
            percents: Cluster::new(Codec::Percent, 2),
            entities: Cluster::new(Codec::Entities, 1),
        }
    }

    /// Takes a place where an escape may begin, which lies behind all others.
    #[inline]
    pub(super) fn add(&mut self, text: &[u8], at: usize, out: &mut Vec<Region>) {
        match text.get(at) {
            Some(b'\\') if at >= self.escapes.end => {
                if let Some(end) = escape::hiding(text, at) {
                    self.escapes.add(text, at, end, out);
                }
            }
            Some(b'%') if percent::escaped(text, at).is_some() => self.percents.add(text, at, at + 3, out),
            Some(b'&') => {
                if let Some((_, end)) = entity::numbered(text, at) {
                    self.entities.add(text, at, end, out);
                }
            }
            _ => {}
        }
    }

    /// Closes those that are open.
    pub(super) fn close(mut self, text: &[u8], out: &mut Vec<Region>) {
        for cluster in [&mut self.escapes, &mut self.percents, &mut self.entities] {
            cluster.close(text, out);
        }
    }
}

/// A stretch in the making.
struct Cluster {
    codec: Codec,
    /// Escapes that make a stretch worth decoding.
    min: usize,
    count: usize,
    /// Where the stretch begins.
    start: usize,
    /// The end of the last escape.
    end: usize,
    /// The end of the last stretch.
    floor: usize,
}

impl Cluster {
    fn new(codec: Codec, min: usize) -> Self {
        Cluster { codec, min, count: 0, start: 0, end: 0, floor: 0 }
    }

    /// Takes an escape, which lies behind all others.
    fn add(&mut self, text: &[u8], at: usize, end: usize, out: &mut Vec<Region>) {
        let near = at.saturating_sub(self.end) <= GAP;
        let between = text.get(self.end..at).unwrap_or_default();
        if self.count > 0 && !(near && memchr::memchr(b'\n', between).is_none()) {
            self.close(text, out);
        }
        if self.count == 0 {
            let from = at.saturating_sub(BEFORE).max(self.floor);
            let before = text.get(from..at).unwrap_or_default();
            self.start = memchr::memrchr(b'\n', before).map_or(from, |n| from + n + 1);
        }
        self.count += 1;
        self.end = end;
    }

    fn close(&mut self, text: &[u8], out: &mut Vec<Region>) {
        if self.count >= self.min {
            let to = (self.end + GAP).min(text.len());
            let behind = text.get(self.end..to).unwrap_or_default();
            let end = memchr::memchr(b'\n', behind).map_or(to, |n| self.end + n);
            out.push(Region { codec: self.codec, span: Span::new(self.start, end) });
            self.floor = end;
        }
        self.count = 0;
    }
}
