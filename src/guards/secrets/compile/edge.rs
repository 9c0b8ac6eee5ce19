//! Whether a literal of a rule stands at the beginning of a word wherever the rule matches: then it need not be seen
//! inside of one.

use super::literal::bytes_of;
use super::program::Part;
use regex_syntax::hir::{Hir, HirKind, Look};

/// Whether no letter or digit of ASCII can stand in front of a literal behind the concatenation of `before`. All of
/// `literals` are asked, as any of them may stand there.
pub(crate) fn is_edge(before: &[Part<'_>], literals: &[Vec<u8>]) -> bool {
    let begins_word = |text: &Vec<u8>| text.first().is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let begin_words = literals.iter().all(begins_word);
    before.iter().filter_map(|part| part.hir()).fold(false, |edge, hir| behind(hir, edge, begin_words))
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
    fn tells_edges_from_words() {
        let edge = |regex: &str, literal: &str| {
            let hir = parse(regex).unwrap();
            is_edge(&parts(&hir), &[literal.as_bytes().to_vec()])
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
