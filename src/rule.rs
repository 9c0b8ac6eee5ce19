//! What is known about a rule beside its check: the source of `explain`, `rules list`, SARIF help and docs.

use crate::finding::{GuardId, Level};

/// A rule's public face.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RuleMeta<'a> {
    /// A word such as `image-registry`; unique over all guards.
    pub id: &'a str,
    /// Other names that select the same rule, such as `DL3007`.
    pub aliases: &'a [&'a str],
    /// Whose it is.
    pub guard: GuardId,
    /// The level without any policy.
    pub level: Level,
    /// One line: what the offence is.
    pub summary: &'a str,
    /// Why it matters and what to do, in Markdown; may be empty.
    pub docs: &'a str,
    /// Offending examples.
    pub bad: &'a [&'a str],
    /// Examples that pass.
    pub good: &'a [&'a str],
}

impl RuleMeta<'_> {
    /// Whether `name` is the id or an alias, in any case of letters.
    pub fn is_called(&self, name: &str) -> bool {
        self.id.eq_ignore_ascii_case(name) || self.aliases.iter().any(|a| a.eq_ignore_ascii_case(name))
    }
}

/// The rule of that id, or else those with that alias: what others have one rule for may be several here. In any
/// case of letters.
pub fn called<'r, 'a>(rules: &'r [RuleMeta<'a>], name: &str) -> impl Iterator<Item = &'r RuleMeta<'a>> {
    let by_id = rules.iter().find(|r| r.id.eq_ignore_ascii_case(name));
    rules.iter().filter(move |r| by_id.map_or_else(|| r.is_called(name), |one| one.id == r.id))
}

/// The candidate nearest to `name`, if it is near enough to be what was meant: at most a third of the
/// letters differ (Damerau-Levenshtein with adjacent swaps).
pub fn did_you_mean<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|c| (distance(&name, &c.to_ascii_lowercase()), c))
        .filter(|(d, c)| *d <= (name.len().max(c.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, c)| c)
}

fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    // lengths are those of identifiers; longer input is nobody's typing error
    if a.len() > 64 || b.len() > 64 {
        return usize::MAX;
    }
    let mut rows = vec![vec![0usize; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            let mut best = (rows[i - 1][j] + 1).min(rows[i][j - 1] + 1).min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_what_was_meant() {
        let keys = ["registries", "final_base", "multi_stage", "pin"];
        assert_eq!(did_you_mean("registires", keys), Some("registries"));
        assert_eq!(did_you_mean("Multi-Stage", keys), Some("multi_stage"));
        assert_eq!(did_you_mean("pni", keys), Some("pin"));
        assert_eq!(did_you_mean("colour", keys), None);
    }
}
