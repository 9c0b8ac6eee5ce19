//! Several rules on one value: the most specific one speaks.

use super::filter::{Candidate, MAX_ALSO};
use crate::finding::Confidence;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Keeps, of candidates whose secrets share bytes, the best: those of low confidence last, then by `specificity`,
/// confidence, length, and the order of rules. It remembers the rules of the others. The result is in the order of
/// places.
pub(crate) fn collapse(mut all: Vec<Candidate>, specificity: impl Fn(&Candidate) -> i16) -> Vec<Candidate> {
    all.sort_by_key(|c| {
        let len = c.secret.end - c.secret.start;
        // what is doubtful never takes the place of what is not
        let sure = c.confidence > Confidence::Low;
        (Reverse((sure, specificity(c), c.confidence, len)), c.set, c.rule, c.secret.start)
    });
    // what is kept, by start; disjoint, so that looking at the neighbour before is enough
    let mut kept: BTreeMap<usize, Candidate> = BTreeMap::new();
    for candidate in all {
        let before = kept.range_mut(..candidate.secret.end).next_back();
        match before.filter(|(_, other)| other.secret.overlaps(candidate.secret)) {
            Some((_, other)) => remember(other, &candidate),
            None => drop(kept.insert(candidate.secret.start, candidate)),
        }
    }
    kept.into_values().collect()
}

/// Notes the rule of a candidate that gave way.
fn remember(kept: &mut Candidate, other: &Candidate) {
    let rule = (other.set, other.rule);
    if rule != (kept.set, kept.rule) && kept.also.len() < MAX_ALSO && !kept.also.contains(&rule) {
        kept.also.push(rule);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Span;
    use crate::guards::secrets::value::Strength;
    use smallvec::SmallVec;

    fn candidate(rule: u16, start: usize, end: usize) -> Candidate {
        let secret = Span::new(start, end);
        Candidate {
            set: 0,
            rule,
            secret,
            name: None,
            confidence: Confidence::High,
            strength: Strength::Strong,
            note: String::new(),
            also: SmallVec::new(),
            decoded: None,
        }
    }

    #[test]
    fn the_most_specific_wins() {
        let all = vec![candidate(1, 0, 100), candidate(2, 10, 50), candidate(2, 60, 70), candidate(3, 100, 110)];
        let rules = |specific: u16| -> Vec<(u16, usize)> {
            let kept = collapse(all.clone(), |c| if c.rule == specific { 200 } else { 100 });
            kept.iter().map(|c| (c.rule, c.secret.start)).collect()
        };
        assert_eq!(rules(2), [(2, 10), (2, 60), (3, 100)]);
        assert_eq!(rules(1), [(1, 0), (3, 100)]);
        // the longer one, all else being equal
        assert_eq!(rules(3), [(1, 0), (3, 100)]);
    }

    #[test]
    fn the_same_span_is_kept_once() {
        let kept = collapse(vec![candidate(2, 5, 9), candidate(1, 5, 9), candidate(2, 5, 9)], |_| 100);
        let also = |c: &Candidate| c.also.to_vec();
        assert_eq!(kept.iter().map(|c| (c.rule, also(c))).collect::<Vec<_>>(), [(1, vec![(0, 2)])]);
    }

    #[test]
    fn other_rules_are_named_up_to_a_bound() {
        let kept = collapse((1..9).map(|rule| candidate(rule, 5, 9)).collect(), |_| 100);
        assert_eq!(kept.iter().map(|c| c.also.len()).collect::<Vec<_>>(), [MAX_ALSO]);
    }

    #[test]
    fn the_doubtful_gives_way() {
        let doubtful = Candidate { confidence: Confidence::Low, ..candidate(2, 0, 100) };
        let kept = collapse(vec![doubtful, candidate(1, 10, 50)], |c| i16::try_from(c.rule).unwrap());
        assert_eq!(kept.iter().map(|c| c.rule).collect::<Vec<_>>(), [1]);
    }
}
