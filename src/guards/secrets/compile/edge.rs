//! Whether a literal of a rule stands at the beginning of a word wherever the rule matches: then it need not be seen
//! inside of one.

use super::literal::{self, Literals, bytes_of};
use super::program::Part;
use regex_syntax::hir::{Hir, HirKind, Look};

/// More ways to begin are not told apart.
const MAX_WAYS: usize = 64;

/// Which of `literals` can have no letter or digit of ASCII in front: they are those with one of which every match of the
/// concatenation of `rest` begins, which stands behind that of `before`.
pub(crate) fn edges(before: &[Part<'_>], rest: &[&Hir], literals: &[Vec<u8>]) -> Vec<bool> {
    let empty = rest.iter().take_while(|hir| hir.properties().maximum_len() == Some(0)).count();
    let (looks, rest) = rest.split_at(empty);
    let before: Vec<&Hir> = before.iter().filter_map(|part| part.hir()).chain(looks.iter().copied()).collect();
    if is_edge(&before, literals) {
        return vec![true; literals.len()];
    }
    let Some((first, others)) = rest.split_first() else { return vec![false; literals.len()] };
    let ways: Vec<(bool, Option<Literals>)> = ways(first, MAX_WAYS)
        .into_iter()
        .map(|(edge, way)| {
            let way = way.as_ref();
            (edge, literal::at_start(&way.into_iter().chain(others.iter().copied()).collect::<Vec<_>>()))
        })
        .collect();
    let may_be = |text: &[u8], found: &Option<Literals>| {
        let is = |other: &Vec<u8>| other.starts_with(text) || text.starts_with(other);
        found.as_ref().is_none_or(|found| found.texts.iter().any(is))
    };
    literals
        .iter()
        .map(|text| begins_word(text) && ways.iter().all(|(edge, found)| *edge || !may_be(text, found)))
        .collect()
}

/// The ways in which a match of `hir` begins, and whether each asks for the beginning of a word; what has none in it is
/// one way, and so is what has too many.
fn ways(hir: &Hir, most: usize) -> Vec<(bool, Option<Hir>)> {
    match hir.kind() {
        HirKind::Capture(group) => ways(&group.sub, most),
        HirKind::Alternation(all) if all.len() <= most => {
            all.iter().flat_map(|way| ways(way, most / all.len())).collect()
        }
        HirKind::Concat(subs) => {
            let behind = |n: usize| subs.get(n..).unwrap_or_default().iter().cloned();
            match subs.first().map(Hir::kind) {
                Some(HirKind::Look(Look::WordAscii | Look::WordStartAscii)) => {
                    vec![(true, Some(Hir::concat(behind(1).collect())))]
                }
                Some(HirKind::Alternation(_) | HirKind::Capture(_)) => {
                    let first = subs.first().map(|first| ways(first, most)).unwrap_or_default();
                    let whole = |way: Option<Hir>| Hir::concat(way.into_iter().chain(behind(1)).collect());
                    first.into_iter().map(|(edge, way)| (edge, Some(whole(way)))).collect()
                }
                _ => vec![(false, Some(hir.clone()))],
            }
        }
        _ => vec![(false, Some(hir.clone()))],
    }
}

fn begins_word(text: &[u8]) -> bool {
    text.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether no letter or digit of ASCII can stand in front of a literal behind the concatenation of `before`. All of
/// `literals` are asked, as any of them may stand there.
fn is_edge(before: &[&Hir], literals: &[Vec<u8>]) -> bool {
    let begin_words = literals.iter().all(|text| begins_word(text));
    before.iter().fold(false, |edge, hir| behind(hir, edge, begin_words))
}

/// Whether a literal right behind every match of `hir` stands at an edge, given whether it does right in front of it.
fn behind(hir: &Hir, edge: bool, begin_words: bool) -> bool {
    let word = u8::is_ascii_alphanumeric;
    match hir.kind() {
        HirKind::Empty => edge,
        HirKind::Capture(group) => behind(&group.sub, edge, begin_words),
        HirKind::Concat(subs) => subs.iter().fold(edge, |edge, sub| behind(sub, edge, begin_words)),
        HirKind::Alternation(ways) => ways.iter().all(|way| behind(way, edge, begin_words)),
        // what holds behind one holds behind all that follow
        HirKind::Repetition(repeated) => (edge || repeated.min > 0) && behind(&repeated.sub, edge, begin_words),
        HirKind::Literal(literal) => literal.0.last().is_some_and(|b| !word(b)),
        HirKind::Class(class) => {
            let bytes = bytes_of(class);
            bytes.is_some_and(|bytes| !bytes.ranges().iter().any(|r| (r.start()..=r.end()).any(|b| word(&b))))
        }
        HirKind::Look(look) => match look {
            Look::Start | Look::StartLF | Look::StartCRLF | Look::WordStartAscii | Look::WordStartHalfAscii => true,
            // one side of it is no byte of a word
            Look::WordAscii => edge || begin_words,
            _ => edge,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::parse;
    use super::super::program::parts;
    use super::*;

    #[test]
    fn tells_literals_of_one_alternative_from_others() {
        let edge = |regex: &str| {
            let hir = parse(regex).unwrap();
            let rest: Vec<&Hir> = parts(&hir).into_iter().filter_map(Part::hir).collect();
            let literals = literal::at_start(&rest).unwrap().texts;
            let edges = edges(&[], &rest, &literals);
            let words = literals.iter().zip(edges).filter(|(_, edge)| *edge);
            words.map(|(text, _)| String::from_utf8_lossy(text).into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(edge(r"(?i:(?:priv|wallet|\beth)[0-9a-z]{3})"), ["eth"]);
        assert_eq!(edge(r"\b(ion_[0-9a-z]{8})\b"), ["ion_"]);
        assert_eq!(edge(r"(\b)(?:ab|cd)x"), ["abx", "cdx"]);
        assert_eq!(edge(r"(?:ab|\b(?:cd|ef))x"), ["cdx", "efx"]);
        // a word may begin with each of these in two ways
        assert_eq!(edge(r"(?:\bkey|key_)[0-9a-z]{3}"), [] as [&str; 0]);
        assert_eq!(edge(r"(?:\bkey_|key)[0-9a-z]{3}"), [] as [&str; 0]);
        assert_eq!(edge(r"(?:a|\b-)key"), [] as [&str; 0]);
    }

    #[test]
    fn tells_edges_from_words() {
        let edge = |regex: &str, literal: &str| {
            let hir = parse(regex).unwrap();
            let before: Vec<&Hir> = parts(&hir).into_iter().filter_map(Part::hir).collect();
            is_edge(&before, &[literal.as_bytes().to_vec()])
        };
        for regex in [
            r"\b",
            r"(?:^|[^0-9A-Za-z+/])",
            r"(?:\b|_)",
            r"(?i:(?:^|[-_ ]))",
            r"(?m)^",
            r"a=",
            r"\b(x?-)?",
            r"\b(?:x|y)\b",
            r"[a-z]+\b",
            r"key[ :=]{1,3}",
            r"(\b)",
            r"(?:-)+",
            r"\b-{0,3}",
        ] {
            assert!(edge(regex, "pat"), "{regex}");
        }
        for regex in ["", r"\B", r"a", r"(?:^|x)", r"\b[a-z_]?", r"=?", r"[^b]", r"(?:-|x)", r"(?:-?)+", r"\b(?:x|-)?"]
        {
            assert!(!edge(regex, "pat"), "{regex}");
        }
        // the boundary is between these two, or in front of both
        assert!(!edge(r"\b", "-x"));
        assert!(edge(r"\b", "_x") && edge(r"a-\b", "x"));
    }
}
