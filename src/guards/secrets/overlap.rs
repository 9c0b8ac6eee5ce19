//! Several rules on one value: the most specific one speaks.

use super::filter::Candidate;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Keeps, of candidates whose secrets share bytes, the best: by `specificity`, then confidence, then length,
/// then the order of rules. The result is in the order of places.
pub(crate) fn collapse(mut all: Vec<Candidate>, specificity: impl Fn(&Candidate) -> i16) -> Vec<Candidate> {
    all.sort_by_key(|c| {
        let len = c.secret.end - c.secret.start;
        (Reverse((specificity(c), c.confidence, len)), c.set, c.rule, c.secret.start)
    });
    // what is kept, by start; disjoint, so that looking at the neighbour before is enough
    let mut kept: BTreeMap<usize, Candidate> = BTreeMap::new();
    for candidate in all {
        let before = kept.range(..candidate.secret.end).next_back();
        if before.is_none_or(|(_, other)| !other.secret.overlaps(candidate.secret)) {
            kept.insert(candidate.secret.start, candidate);
        }
    }
    kept.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Confidence, Span};

    fn candidate(rule: u16, start: usize, end: usize) -> Candidate {
        let secret = Span::new(start, end);
        Candidate {
            set: 0,
            rule,
            secret,
            name: None,
            confidence: Confidence::High,
            weak: false,
            note: String::new(),
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
        assert_eq!(collapse(vec![candidate(2, 5, 9), candidate(1, 5, 9)], |_| 100), [candidate(1, 5, 9)]);
    }
}
