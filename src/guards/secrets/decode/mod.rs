//! Credentials that are encoded: base64, hexadecimal digits, percent-encoding, escapes, character references,
//! UTF-16, and these in each other.
//!
//! What is encoded in a text is found in a cheap pass, decoded into a [layer](layer::Layer), and searched by the
//! same rules; in the layer it begins anew, [`MAX_DEPTH`] times at most. Nothing that decodes to anything but text
//! is kept. A finding lies where the encoded bytes lie.
//!
//! | what | module |
//! |---|---|
//! | bytes of a class, long runs of digits | `masks`, `runs`, `base64`, `hex` |
//! | stretches with escapes | `cluster`, `escape`, `percent`, `entity` |
//! | 16-bit characters | `utf16` |
//! | decoding, and the way back | `unit`, `layer` |

mod base64;
mod cluster;
mod entity;
mod escape;
mod hex;
mod layer;
mod masks;
mod percent;
mod runs;
mod unit;
mod utf16;

use super::filter::Candidate;
use crate::finding::{Incomplete, Position, Span};
use layer::Layer;
pub(super) use runs::Runs;
use std::cell::Cell;
use unit::Codec;

/// How many encodings in each other are opened. Each costs little, as [`TIMES`] bounds them all; but percent signs
/// and backslashes can be escaped over and over in a few bytes each.
const MAX_DEPTH: usize = 16;
/// The layers of a text have together at most this many times its bytes. Base64 in base64, however deep, makes less
/// than three times as many as it takes, and short values side by side, each with its context, less than four; so that
/// honest text stays below …
const TIMES: usize = 4;
/// … and these.
const SLACK: usize = 1 << 20;

/// Bytes of a text that are encoded in one way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Region {
    codec: Codec,
    span: Span,
}

/// A text that something was decoded to, within the texts that it was decoded from.
pub(super) struct Decoded<'a> {
    text: &'a [u8],
    layers: &'a [Layer],
}

impl Decoded<'_> {
    /// The text to search.
    pub(super) fn text(&self) -> &[u8] {
        self.layers.last().map_or(self.text, |layer| &layer.text)
    }

    /// How many encodings are in each other here, from 1.
    pub(super) fn depth(&self) -> usize {
        self.layers.len()
    }

    /// Whether bytes of this text were together where they were decoded from.
    pub(super) fn holds(&self, span: Span) -> bool {
        self.layers.last().is_none_or(|layer| layer.is_one(span))
    }

    /// A candidate in this text as one of the original text; `None` for one that stands there as it is too.
    pub(super) fn claim(&self, mut found: Candidate) -> Option<Candidate> {
        let (source, how) = self.source(found.secret)?;
        found.decoded = Some(found.secret.of(self.text()).into());
        found.secret = source;
        let how = format!("decoded {how}");
        found.note = if found.note.is_empty() { how } else { format!("{how}, {}", found.note) };
        Some(found)
    }

    /// The bytes of the original text that bytes of this one come from, and the encodings, outermost first:
    /// `base64 > percent`. `None` for bytes that are there as they are, or that were never together.
    fn source(&self, span: Span) -> Option<(Span, String)> {
        let (mut span, mut names) = (span, Vec::new());
        for (n, layer) in self.layers.iter().enumerate().rev() {
            let parent = n.checked_sub(1).and_then(|n| self.layers.get(n)).map_or(self.text, |layer| &layer.text);
            let (source, codec) = layer.source(parent, span)?;
            names.push(codec.name());
            span = source;
        }
        names.reverse();
        Some((span, names.join(" > ")))
    }
}

/// A bound that was reached: not all that is encoded was looked at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Limit {
    /// [`MAX_DEPTH`].
    Depth,
    /// [`TIMES`] the bytes of the text.
    Bytes,
}

impl Limit {
    /// What was not looked at, for people.
    pub(super) fn words(self) -> String {
        match self {
            Limit::Depth => {
                format!("text is encoded more than {MAX_DEPTH} times over; the innermost was not looked at")
            }
            Limit::Bytes => {
                format!("what it holds encoded has more than {TIMES} times its length; not all was looked at")
            }
        }
    }
}

/// What is said of a text beside what is encoded in it.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// The bound that was reached, if any.
    pub(super) limit: Option<Limit>,
    /// All its runs of at least [`RUN`] digits of base64, from left to right; `None` where there are too many.
    pub(super) runs: Option<Vec<Span>>,
}

/// The least length of a run that is told of.
pub(super) const RUN: usize = base64::MIN;

/// Hands each layer of what is encoded in `text` to `visit`, outermost first.
///
/// # Errors
/// Those of `visit`.
pub(super) fn each(text: &[u8], visit: impl FnMut(&Decoded<'_>) -> Result<(), Incomplete>) -> Result<Told, Incomplete> {
    let (regions, runs) = layer::regions(text);
    let limit = each_of(text, regions, visit)?;
    Ok(Told { limit, runs })
}

fn each_of(
    text: &[u8],
    regions: Vec<Region>,
    mut visit: impl FnMut(&Decoded<'_>) -> Result<(), Incomplete>,
) -> Result<Option<Limit>, Incomplete> {
    let mut layers: Vec<Layer> = Vec::new();
    let mut budget = SLACK.saturating_add(text.len().saturating_mul(TIMES));
    let (mut layer, mut cut) = Layer::of(text, regions, budget);
    loop {
        if layer.text.is_empty() {
            return Ok(cut.then_some(Limit::Bytes));
        }
        if layers.len() == MAX_DEPTH {
            return Ok(layer.is_deliberate().then_some(Limit::Depth));
        }
        budget = budget.saturating_sub(layer.text.len());
        layers.push(layer);
        visit(&Decoded { text, layers: &layers })?;
        if cut {
            return Ok(Some(Limit::Bytes));
        }
        (layer, cut) = layers.last().map(|last| last.next(budget)).unwrap_or_default();
    }
}

/// A text in UTF-16 as UTF-8, or one without its byte order mark.
#[derive(Debug)]
pub(super) struct Transcoded<'a> {
    original: &'a [u8],
    form: Form,
    /// A place in the original and the line ends in front of it: positions come in ascending order.
    counted: Cell<(usize, u32)>,
}

#[derive(Debug)]
enum Form {
    /// UTF-8 behind a mark of three bytes.
    Marked,
    Utf16(Layer),
}

/// The byte order mark in UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

impl<'a> Transcoded<'a> {
    /// `None` for a text that is to be searched as it is.
    pub(super) fn of(original: &'a [u8]) -> Option<Self> {
        let form = match utf16::detect(original) {
            Some((codec, mark)) => Form::Utf16(Layer::whole(original, codec, mark)),
            None => {
                original.strip_prefix(MARK)?;
                Form::Marked
            }
        };
        Some(Transcoded { original, form, counted: Cell::default() })
    }

    /// The text to search.
    pub(super) fn text(&self) -> &[u8] {
        match &self.form {
            Form::Marked => self.original.get(MARK.len()..).unwrap_or_default(),
            Form::Utf16(layer) => &layer.text,
        }
    }

    /// Whether the bytes as they are may hold what the text does not: what only claims to be UTF-16.
    pub(super) fn hides_bytes(&self) -> bool {
        matches!(self.form, Form::Utf16(_))
    }

    /// Moves a position in the text to where its bytes lie in the original; column and snippet stay those of the
    /// text, the line is counted in the original, as by Git.
    pub(super) fn locate(&self, position: &mut Position) {
        let lines = |from: usize, to: usize| {
            memchr::memchr_iter(b'\n', self.original.get(from..to).unwrap_or_default()).count() as u32
        };
        match &self.form {
            Form::Marked => {
                let Span { start, end } = position.span;
                position.span = Span::new(start + MARK.len(), end + MARK.len());
            }
            Form::Utf16(layer) => {
                if let Some((span, _)) = layer.source(self.original, position.span) {
                    position.span = span;
                    let (at, before) = self.counted.get();
                    let before = if at <= span.start { before + lines(at, span.start) } else { lines(0, span.start) };
                    self.counted.set((span.start, before));
                    position.line = 1 + before;
                    position.end_line = position.line + lines(span.start, span.end);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
