//! The literals of which every match of a regex must hold one, chosen so that they are rare in real text.

use super::grams;
use regex_syntax::hir::literal::{ExtractKind, Extractor, Seq};
use regex_syntax::hir::{Capture, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Repetition};

/// More alternatives than that flood the prefilter.
const MAX_LITERALS: usize = 64;
/// Longer literals cost states and win nothing.
const MAX_LEN: usize = 12;
/// Literals are cut to a length at which together they are rarer than this share of positions: longer and more
/// of them cost states and win nothing …
const RARE: f64 = 1e-7;
/// … but not to fewer bytes than this: words of a language are more frequent than the counts say.
const MIN_CUT: usize = 8;
/// No literal is taken to be rarer than this: the counts know nothing of what they have not seen.
const UNSEEN: f64 = 1e-9;
/// As many parts of a concatenation as a prefix is looked for in: more cannot lengthen a literal.
const PARTS: usize = 10;

/// Literals in lower case, and how often one of them stands in source text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Literals {
    /// Distinct; each of at least two bytes.
    pub(crate) texts: Vec<Vec<u8>>,
    /// Expected hits per byte of text.
    pub(crate) rate: f64,
}

impl Literals {
    /// Measures and cuts literals; `None` when they are too short or too many.
    pub(crate) fn new(texts: impl IntoIterator<Item = Vec<u8>>) -> Option<Self> {
        let texts: Vec<Vec<u8>> = texts.into_iter().collect();
        if texts.iter().any(|t| t.len() < 2) {
            return None;
        }
        let cuts = (MIN_CUT..=MAX_LEN).map(|len| Literals::cut(&texts, len));
        let best = cuts.reduce(|short, long| if short.rate <= RARE { short } else { long })?;
        (1..=MAX_LITERALS).contains(&best.texts.len()).then_some(best)
    }

    /// The first `len` bytes of each.
    fn cut(texts: &[Vec<u8>], len: usize) -> Self {
        let mut texts: Vec<Vec<u8>> = texts.iter().map(|t| t[..t.len().min(len)].to_vec()).collect();
        texts.sort();
        // one that begins with another adds nothing; sorted, the shorter one comes first
        texts.dedup_by(|longer, shorter| longer.starts_with(shorter));
        let rate = texts.iter().map(|t| grams::frequency(t) + UNSEEN).sum();
        Literals { texts, rate }
    }

    /// How far a longer literal may begin before one that stands inside it and so is seen first.
    pub(crate) fn slack(&self) -> usize {
        let mut slack = 0;
        for long in &self.texts {
            for short in &self.texts {
                // a common end is reported with the longer one first
                for at in 1..long.len().saturating_sub(short.len()) {
                    if long[at..].starts_with(short) {
                        slack = slack.max(at);
                    }
                }
            }
        }
        slack
    }
}

/// The literals with one of which every match of the concatenation of `parts` begins.
pub(crate) fn at_start(parts: &[&Hir]) -> Option<Literals> {
    let parts = parts.iter().take(PARTS).map(|h| lower(h)).collect();
    prefixes(&Hir::concat(parts))
}

/// The literals of which every match holds one, wherever it stands.
pub(crate) fn inside(hir: &Hir) -> Option<Literals> {
    required(&lower(hir))
}

fn prefixes(hir: &Hir) -> Option<Literals> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(16).limit_repeat(8).limit_literal_len(MAX_LEN);
    let seq: Seq = extractor.limit_total(MAX_LITERALS).extract(hir);
    Literals::new(seq.literals()?.iter().map(|l| l.as_bytes().to_vec()))
}

fn required(hir: &Hir) -> Option<Literals> {
    let mut best = None;
    let mut offer = |found: Option<Literals>| {
        if let Some(found) = found
            && best.as_ref().is_none_or(|b: &Literals| found.rate < b.rate)
        {
            best = Some(found);
        }
    };
    match hir.kind() {
        HirKind::Concat(parts) => {
            for (n, part) in parts.iter().enumerate() {
                offer(prefixes(&Hir::concat(parts[n..].iter().take(PARTS).cloned().collect())));
                offer(required(part));
            }
        }
        HirKind::Alternation(parts) => {
            offer(prefixes(hir));
            let all: Option<Vec<Literals>> = parts.iter().map(required).collect();
            offer(all.and_then(|all| Literals::new(all.into_iter().flat_map(|l| l.texts))));
        }
        HirKind::Repetition(r) if r.min > 0 => {
            offer(prefixes(hir));
            offer(required(&r.sub));
        }
        HirKind::Capture(c) => return required(&c.sub),
        HirKind::Literal(_) | HirKind::Class(_) => offer(prefixes(hir)),
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => {}
    }
    best
}

/// The regex over lower-cased text: it matches whenever `hir` matches the text as it is.
fn lower(hir: &Hir) -> Hir {
    match hir.kind() {
        HirKind::Empty => Hir::empty(),
        HirKind::Literal(l) => Hir::literal(l.0.to_ascii_lowercase()),
        HirKind::Class(class) => Hir::class(Class::Bytes(lower_class(class))),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Repetition(r) => {
            Hir::repetition(Repetition { min: r.min, max: r.max, greedy: r.greedy, sub: Box::new(lower(&r.sub)) })
        }
        HirKind::Capture(Capture { sub, .. }) => lower(sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(lower).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(lower).collect()),
    }
}

fn lower_class(class: &Class) -> ClassBytes {
    let Some(bytes) = bytes_of(class) else {
        return ClassBytes::new([ClassBytesRange::new(0, u8::MAX)]);
    };
    let folded = bytes.ranges().iter().flat_map(|r| r.start()..=r.end()).map(|b| b.to_ascii_lowercase());
    ClassBytes::new(folded.map(|b| ClassBytesRange::new(b, b)))
}

/// A class as bytes, unless it holds characters beyond ASCII.
pub(crate) fn bytes_of(class: &Class) -> Option<ClassBytes> {
    match class {
        Class::Bytes(bytes) => Some(bytes.clone()),
        Class::Unicode(chars) => chars.to_byte_class(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::parse;
    use super::*;

    fn texts(found: Option<Literals>) -> Vec<String> {
        found.unwrap().texts.iter().map(|t| String::from_utf8_lossy(t).into_owned()).collect()
    }

    #[test]
    fn folds_cuts_and_minimises() {
        let hir = parse("(?i)secret|Secretly|TOKEN").unwrap();
        assert_eq!(texts(at_start(&[&hir])), ["secret", "token"]);
        assert_eq!(texts(inside(&parse("[a-z]{3}GHP_[0-9a-z]+").unwrap())), ["ghp_"]);
        assert_eq!(texts(inside(&parse("x?(?:ab|cd)y").unwrap())), ["aby", "cdy"]);
        assert!(inside(&parse("[a-z]{20}").unwrap()).is_none());
        assert!(at_start(&[&parse("[0-9]{20}x").unwrap()]).is_none());
    }

    #[test]
    fn slack_is_about_literals_inside_others() {
        let slack = |t: &[&str]| Literals::new(t.iter().map(|t| t.as_bytes().to_vec())).unwrap().slack();
        assert_eq!(slack(&["key", "token"]), 0);
        assert_eq!(slack(&["key", "a_key"]), 0);
        assert_eq!(slack(&["key", "a_keys"]), 2);
    }
}
