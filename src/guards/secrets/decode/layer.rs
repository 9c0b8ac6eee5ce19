//! All that is encoded in a text, decoded into one text, and the way back from each byte.

use super::cluster::Clusters;
use super::unit::Codec;
use super::{Region, base64, runs, utf16};
use crate::finding::Span;

/// Encoded bytes from one entry of the map to the next: what looking up a place costs at most.
const STRIDE: usize = 4096;
/// The most runs of digits that are listed.
const MAX_RUNS: usize = 1 << 16;
/// The most bytes of a line in front of an encoded value that are taken along: the name it is given to.
const MAX_CONTEXT: usize = 64;

impl Region {
    /// Whether what stands around it on its line is taken along: stretches have theirs already.
    fn stands_in_line(&self) -> bool {
        matches!(self.codec, Codec::Base64 | Codec::Hex)
    }

    /// Where what is taken along in front of it begins.
    fn context(&self, text: &[u8]) -> usize {
        let start = self.span.start;
        if !self.stands_in_line() {
            return start;
        }
        let from = start.saturating_sub(MAX_CONTEXT);
        let before = text.get(from..start).unwrap_or_default();
        memchr::memrchr(b'\n', before).map_or(from, |n| from + n + 1)
    }
}

/// What is encoded in a text, in the order of its places; and the runs of [`base64::MIN`] digits in it, unless there
/// are more than [`MAX_RUNS`].
pub(super) fn regions(text: &[u8]) -> (Vec<Region>, Option<Vec<Span>>) {
    let (mut regions, mut stretches, mut clusters) = (Vec::new(), Vec::new(), Clusters::new());
    let mut runs = Vec::new();
    let on_run = |run: Span| {
        if runs.len() <= MAX_RUNS {
            if runs.is_empty() {
                // a text that has one has more
                runs.reserve(64);
            }
            runs.push(run);
        }
        // the lines that carried the last one on are runs of their own
        if regions.last().is_none_or(|last: &Region| run.start >= last.span.end) {
            regions.extend(base64::region(text, run));
        }
    };
    let on_mark = |at: usize| clusters.add(text, at, &mut stretches);
    let has_zero = runs::sweep::<{ base64::MIN }>(text, on_run, on_mark);
    clusters.close(text, &mut stretches);
    regions.append(&mut stretches);
    if has_zero {
        utf16::regions(text, &mut regions);
    }
    regions.sort_unstable_by_key(|r| (r.span.start, r.span.end));
    (regions, Some(runs).filter(|runs| runs.len() <= MAX_RUNS))
}

/// What is encoded in a text, decoded; the parts are separated by line ends.
#[derive(Debug, Default)]
pub(super) struct Layer {
    /// The decoded text.
    pub(super) text: Vec<u8>,
    /// Sorted by `at`.
    marks: Vec<Mark>,
    /// Where decoded bytes lie in the text, sorted; those of a part that are less than [`MAX_CONTEXT`] apart are one
    /// entry. All other bytes stand in the encoded text as they are.
    fresh: Vec<Span>,
}

/// A step of the decoder whose place on both sides is kept.
#[derive(Clone, Copy, Debug)]
struct Mark {
    /// Its place in the decoded text.
    at: usize,
    /// Its place in the encoded text.
    source: usize,
    /// The end of what is encoded this way.
    end: usize,
    codec: Codec,
    /// Tells parts from each other: what lies in two of them is nobody's.
    part: usize,
}

impl Layer {
    /// Decodes the regions of `text`, at most `budget` bytes. The flag says whether something was left out.
    pub(super) fn of(text: &[u8], regions: Vec<Region>, budget: usize) -> (Self, bool) {
        Layer::decoding(text, regions, budget, |_| true)
    }

    /// Decodes what is encoded in the text of this layer, as [`Layer::of`]. What was taken along together with all
    /// its context is left out: it was decoded where it comes from. Else it would come again in each further layer,
    /// and values side by side would look like values in each other.
    pub(super) fn next(&self, budget: usize) -> (Self, bool) {
        Layer::decoding(&self.text, regions(&self.text).0, budget, |region| {
            let start = region.context(&self.text);
            let next = self.fresh.get(self.fresh.partition_point(|fresh| fresh.end < start));
            next.is_some_and(|fresh| fresh.start <= region.span.end)
        })
    }

    /// Decodes those regions of `text` that `is_wanted` takes, at most `budget` bytes.
    fn decoding(text: &[u8], regions: Vec<Region>, budget: usize, is_wanted: impl Fn(&Region) -> bool) -> (Self, bool) {
        let mut layer = Layer::default();
        for (part, region) in regions.into_iter().enumerate() {
            if !is_wanted(&region) {
                continue;
            }
            if layer.text.len() + region.span.end - region.span.start + MAX_CONTEXT > budget {
                return (layer, true);
            }
            layer.add(text, region, part);
        }
        (layer, false)
    }

    /// Decodes a whole text.
    pub(super) fn whole(text: &[u8], codec: Codec, start: usize) -> Self {
        let mut layer = Layer::default();
        layer.decode(text, Region { codec, span: Span::new(start, text.len()) }, 0);
        layer
    }

    fn add(&mut self, text: &[u8], region: Region, part: usize) {
        let Span { start, end } = region.span;
        let context = region.context(text);
        let (others, marks, fresh) = (self.text.len(), self.marks.len(), self.fresh.len());
        if context < start {
            self.decode(text, Region { codec: Codec::Context, span: Span::new(context, start) }, part);
        }
        let at = self.text.len();
        self.decode(text, region, part);
        let own = self.text.get(at..).unwrap_or_default();
        // what decodes to its own beginning, as a long row of one digit may, says nothing new, and would say it again
        if text.get(start..).is_some_and(|rest| rest.starts_with(own)) {
            self.text.truncate(others);
            self.marks.truncate(marks);
            self.fresh.truncate(fresh);
            return;
        }
        if region.stands_in_line() && matches!(text.get(end), Some(b'"' | b'\'' | b'`')) {
            self.decode(text, Region { codec: Codec::Context, span: Span::new(end, end + 1) }, part);
        }
        self.text.push(b'\n');
    }

    fn decode(&mut self, text: &[u8], region: Region, part: usize) {
        let Region { codec, span } = region;
        let Some(text) = text.get(..span.end) else { return };
        let mut source = span.start;
        let mut next_mark = source;
        let others = self.fresh.len();
        while source < span.end {
            if source >= next_mark {
                self.marks.push(Mark { at: self.text.len(), source, end: span.end, codec, part });
                next_mark = source + STRIDE;
            }
            let rest = text.get(source..).unwrap_or_default();
            match codec.plain(rest) {
                0 => {
                    let unit = codec.unit(text, source);
                    let at = self.text.len();
                    self.text.extend(unit.bytes().iter().map(|b| b.value));
                    // a single byte stands for itself
                    if unit.next > source + 1 {
                        self.freshen(at, others);
                    }
                    source = unit.next;
                }
                plain => {
                    let plain = plain.min(next_mark - source);
                    self.text.extend_from_slice(rest.get(..plain).unwrap_or_default());
                    source += plain;
                }
            }
        }
    }

    /// Takes the text from `at` on for decoded. The first `others` entries belong to other parts.
    fn freshen(&mut self, at: usize, others: usize) {
        let end = self.text.len();
        match self.fresh.get_mut(others..).and_then(|own| own.last_mut()) {
            Some(last) if at - last.end < MAX_CONTEXT => last.end = end,
            _ => self.fresh.push(Span::new(at, end)),
        }
    }

    /// Whether somebody encoded what is here on purpose; escapes of escapes come about by themselves.
    pub(super) fn is_deliberate(&self) -> bool {
        self.marks.iter().any(|m| matches!(m.codec, Codec::Base64 | Codec::Hex | Codec::Percent | Codec::Entities))
    }

    /// Where bytes of the decoded text come from in `text`, the encoded one, and how they were encoded there;
    /// `None` where they are not of one part, or none of them was encoded.
    pub(super) fn source(&self, text: &[u8], span: Span) -> Option<(Span, Codec)> {
        let last = span.end.checked_sub(1).filter(|last| *last >= span.start)?;
        let (from, first) = self.byte(text, span.start)?;
        let (to, second) = self.byte(text, last)?;
        let codec = if first.codec == Codec::Context { second.codec } else { first.codec };
        (first.part == second.part && codec != Codec::Context).then(|| (Span::new(from.start, to.end), codec))
    }

    /// Whether the bytes of a span of the decoded text are of one part.
    pub(super) fn is_one(&self, span: Span) -> bool {
        let part = |at: usize| self.marks.get(self.marks.partition_point(|m| m.at <= at).checked_sub(1)?);
        part(span.start).map(|mark| mark.part) == part(span.end.saturating_sub(1)).map(|mark| mark.part)
    }

    /// Where a byte of the decoded text comes from.
    fn byte(&self, text: &[u8], at: usize) -> Option<(Span, Mark)> {
        let mark = *self.marks.get(self.marks.partition_point(|m| m.at <= at).checked_sub(1)?)?;
        let text = text.get(..mark.end)?;
        let (mut decoded, mut source) = (mark.at, mark.source);
        while source < mark.end {
            let unit = match mark.codec.plain(text.get(source..)?) {
                0 => mark.codec.unit(text, source),
                plain if at < decoded + plain => {
                    let place = source + (at - decoded);
                    return Some((Span::new(place, place + 1), mark));
                }
                plain => {
                    (decoded, source) = (decoded + plain, source + plain);
                    continue;
                }
            };
            if let Some(byte) = unit.bytes().get(at - decoded) {
                return Some((Span::new(byte.from, byte.to), mark));
            }
            (decoded, source) = (decoded + unit.bytes().len(), unit.next);
        }
        None
    }
}
