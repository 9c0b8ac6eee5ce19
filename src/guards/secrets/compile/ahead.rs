//! What must stand behind a literal for its rule to match there: a row of bytes of one set, such as the forty digits
//! of a key within two hundred bytes behind its name. Few places where a literal stands have it, and to see that it
//! is missing takes a look at some bytes; the matcher would try every way to get there.

use super::grams;
use super::literal::bytes_of;
use super::program::{Pools, Set, or, set_of, singleton};
use regex_syntax::hir::{Hir, HirKind};

/// Parts of a concatenation that are looked at.
const PARTS: usize = 32;
/// How far behind the literal the row may end.
const REACH: usize = 1024;
/// A row that stands behind more than this share of literals by chance is not worth a look.
const LIKELY: f64 = 0.1;

/// A row of at least `min` bytes of a set that begins `from` to `to` bytes behind the beginning of a literal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Ahead {
    /// Index in `Catalogue::sets`.
    pub(crate) set: u16,
    /// Its least length; 0: nothing is asked for.
    pub(crate) min: u16,
    /// Where it begins at the earliest.
    pub(crate) from: u16,
    /// Where it begins at the latest.
    pub(crate) to: u16,
    /// Whether it lies in a [`RUN`] of digits of base64 wherever it stands.
    pub(crate) in_run: bool,
}

/// The least length of a row that may be looked for in the list of runs.
pub(crate) const RUN: usize = 24;

impl Ahead {
    /// Asks for nothing.
    pub(crate) const NOTHING: Ahead = Ahead { set: 0, min: 0, from: 0, to: 0, in_run: false };

    /// Bytes behind the beginning of the literal that have a say.
    pub(crate) fn reach(self) -> usize {
        usize::from(self.to) + usize::from(self.min)
    }

    /// The row that is the least likely one in every match of the concatenation of `parts`, which begins with a
    /// literal of at least `known` bytes.
    pub(crate) fn of(parts: &[&Hir], known: usize, pools: &mut Pools) -> Self {
        let (mut from, mut to) = (0, 0);
        let mut best: Option<(f64, Row, usize, usize)> = None;
        for (n, part) in parts.iter().enumerate().take(PARTS) {
            let known = known.saturating_sub(from);
            let row = Row::leading(&parts[n..], known);
            let chance = (to - from + 1) as f64 * row.chance(known);
            if row.min > 0 && to + row.min <= REACH && best.as_ref().is_none_or(|best| chance < best.0) {
                best = Some((chance, row, from, to));
            }
            let properties = part.properties();
            let (Some(least), Some(most)) = (properties.minimum_len(), properties.maximum_len()) else { break };
            (from, to) = (from + least, to.saturating_add(most));
            if to > REACH {
                break;
            }
        }
        let best = best.filter(|(chance, ..)| *chance < LIKELY);
        let ahead = best.and_then(|(_, row, from, to)| {
            let in_run = row.min >= RUN && row.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/-_".contains(&b));
            let [min, from, to] = [row.min, from, to].map(|n| u16::try_from(n).ok());
            Some(Ahead { set: pools.set(row.set)?, min: min?, from: from?, to: to?, in_run })
        });
        ahead.unwrap_or(Ahead::NOTHING)
    }
}

/// At least so many bytes of a set.
#[derive(Clone, Copy)]
struct Row {
    set: Set,
    min: usize,
}

impl Row {
    /// The bytes of its set.
    fn bytes(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|b| self.set[usize::from(b >> 6)] >> (b & 63) & 1 != 0)
    }

    /// How likely it is to begin at a place of a text where its first `known` bytes are there.
    fn chance(&self, known: usize) -> f64 {
        let share: f64 = self.bytes().map(grams::byte).sum();
        share.min(1.0).powi(i32::try_from(self.min.saturating_sub(known)).unwrap_or(i32::MAX))
    }

    /// The least likely row that every match of the concatenation of `parts` begins with, given its first bytes.
    fn leading(parts: &[&Hir], known: usize) -> Self {
        let mut row = Row { set: Set::default(), min: 0 };
        let mut best = row;
        let mut offer = |row: Row| {
            if row.min > 0 && (best.min == 0 || row.chance(known) < best.chance(known)) {
                best = row;
            }
        };
        for part in parts.iter().take(PARTS) {
            if let Some(first) = first_of(part) {
                offer(row.and(&first));
            }
            row = row.and(&Row { set: bytes_in(part), min: part.properties().minimum_len().unwrap_or(0) });
            row.min = row.min.min(REACH);
            offer(row);
        }
        best
    }

    /// This one and another behind it.
    fn and(&self, other: &Row) -> Self {
        Row { set: or(self.set, other.set), min: self.min + other.min }
    }
}

/// The row that every way of an alternative begins with.
fn first_of(hir: &Hir) -> Option<Row> {
    match hir.kind() {
        HirKind::Capture(capture) => first_of(&capture.sub),
        HirKind::Concat(parts) => Some(Row::leading(&parts.iter().collect::<Vec<_>>(), 0)),
        HirKind::Alternation(ways) => {
            let rows = ways.iter().map(|way| first_of(way).unwrap_or_else(|| Row::leading(&[way], 0)));
            rows.reduce(|a, b| Row { set: or(a.set, b.set), min: a.min.min(b.min) })
        }
        _ => None,
    }
}

/// The bytes that a match may hold.
fn bytes_in(hir: &Hir) -> Set {
    let all = |subs: &[Hir]| subs.iter().map(bytes_in).fold(Set::default(), or);
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => Set::default(),
        HirKind::Literal(literal) => literal.0.iter().map(|b| singleton(*b)).fold(Set::default(), or),
        HirKind::Class(class) => bytes_of(class).and_then(|_| set_of(class)).unwrap_or([u64::MAX; 4]),
        HirKind::Repetition(repetition) => bytes_in(&repetition.sub),
        HirKind::Capture(capture) => bytes_in(&capture.sub),
        HirKind::Concat(subs) | HirKind::Alternation(subs) => all(subs),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::parse;
    use super::super::program::{Part, parts};
    use super::*;

    fn ahead(regex: &str) -> (usize, usize, usize, usize) {
        let (hir, mut pools) = (parse(regex).unwrap(), Pools::default());
        let flat: Vec<&Hir> = parts(&hir).into_iter().filter_map(Part::hir).collect();
        let found = Ahead::of(&flat, 3, &mut pools);
        let bytes = pools.sets.get(usize::from(found.set)).map_or(0, |s| s.iter().map(|w| w.count_ones()).sum());
        (bytes as usize, found.min.into(), found.from.into(), found.to.into())
    }

    #[test]
    fn finds_the_rarest_row() {
        assert_eq!(ahead(r"pat([0-9a-z]{14}\.[0-9a-f]{64})\b"), (16, 64, 18, 18));
        assert_eq!(ahead(r#"(?i:name[a-z_]{0,20})["']?\s{0,3}=\s{1,4}([0-9]{12,30})\b"#), (10, 12, 6, 33));
        // the beginnings of both ways
        assert_eq!(ahead(r"name=(?:([0-9]{20})[^0-9]|([0-9A-F]{15}x)$)"), (17, 16, 5, 5));
        assert_eq!(ahead(r"name=(?:[0-9][A-F][0-9]){9}"), (16, 27, 5, 5));
    }

    #[test]
    fn asks_for_nothing_that_is_everywhere() {
        for regex in [r"name.{30}", r"name[^\n]*[0-9]{40}", r"name[a-z ]{4}"] {
            assert_eq!(ahead(regex).1, 0, "{regex}");
        }
    }
}
