//! Whether one glob allows everything that another one does. The answer "no" is always safe: a
//! repository's list that cannot be shown to be narrower is not taken.

use super::read::builder;
use globset::{GlobSet, GlobSetBuilder};

/// Parts of a pattern that are compared; longer patterns cover only themselves.
const MAX_PARTS: usize = 64;

/// Characters whose meaning reaches beyond one part between slashes.
const COMPLEX: [char; 3] = ['{', '[', '\\'];

/// Characters that make a pattern more than a plain text.
const META: [char; 5] = ['*', '?', '{', '[', '\\'];

/// What a list of globs allows.
pub(super) struct Allowed<'a> {
    patterns: &'a [String],
    set: GlobSet,
}

impl<'a> Allowed<'a> {
    /// Compiles the list once; what does not compile allows nothing.
    pub(super) fn new(patterns: &'a [String]) -> Self {
        let mut set = GlobSetBuilder::new();
        for glob in patterns.iter().filter_map(|p| builder(p).build().ok()) {
            set.add(glob);
        }
        Allowed { patterns, set: set.build().unwrap_or_else(|_| GlobSet::empty()) }
    }

    /// Whether one of the list matches every text that `narrow` matches.
    pub(super) fn covers(&self, narrow: &str) -> bool {
        if !narrow.contains(META) && self.set.is_match(narrow) {
            return true;
        }
        self.patterns.iter().any(|wide| covers(wide, narrow))
    }
}

/// Whether `wide` matches every text that the pattern `narrow` matches (`*` stops at `/`, `**` does not).
fn covers(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "**" {
        return true;
    }
    if wide.contains(COMPLEX) {
        return false;
    }
    if let Some(prefix) = wide.strip_suffix("**") {
        // `corp.example/**`: whatever begins with that text, in whatever way it goes on
        if prefix.ends_with('/') && !prefix.contains(META) && narrow.starts_with(prefix) {
            return true;
        }
    }
    if narrow.contains(COMPLEX) {
        return false;
    }
    let wide: Vec<&str> = wide.split('/').collect();
    let narrow: Vec<&str> = narrow.split('/').collect();
    wide.len() <= MAX_PARTS && narrow.len() <= MAX_PARTS && parts_cover(&wide, &narrow)
}

/// Over parts between slashes, in time and space of the product of both lengths: `reach[n]` says whether
/// the wide parts so far cover the first `n` narrow ones.
fn parts_cover(wide: &[&str], narrow: &[&str]) -> bool {
    let mut reach = vec![false; narrow.len() + 1];
    if let Some(first) = reach.first_mut() {
        *first = true;
    }
    for (at, part) in wide.iter().enumerate() {
        let mut next = vec![false; narrow.len() + 1];
        if *part == "**" {
            // a final `/**` wants at least one part
            let last = at > 0 && at + 1 == wide.len();
            let mut open = false;
            for (slot, &reached) in next.iter_mut().zip(&reach) {
                *slot = open || (reached && !last);
                open |= reached;
            }
        } else {
            for ((slot, &reached), other) in next.iter_mut().skip(1).zip(&reach).zip(narrow) {
                *slot = reached && part_covers(part, other);
            }
        }
        reach = next;
    }
    reach.last().copied().unwrap_or(false)
}

fn part_covers(wide: &str, narrow: &str) -> bool {
    match narrow {
        "**" => false,
        _ if wide == narrow => true,
        // an empty part is what `*` does not need to match
        _ if wide == "*" => !narrow.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrower_patterns_are_covered() {
        for (wide, narrow, want) in [
            ("corp.io/**", "corp.io/**", true),
            ("corp.io/**", "corp.io/base/alpine", true),
            ("corp.io/**", "corp.io/base/*", true),
            ("corp.io/**", "corp.io/{a,b}/**", true),
            ("corp.io/**", "corp.io/[a-z]*", true),
            ("**", "anything/**", true),
            ("**/alpine", "corp.io/**/alpine", true),
            ("**/alpine", "corp.io/base/alpine", true),
            ("docker.io/*/x", "docker.io/lib*/x", true),
            ("docker.io/*/x*", "docker.io/lib*/x*", true),
            ("docker.io/library/*", "docker.io/library/alpine", true),
            ("{a,b}.io/*", "a.io/x", true),
            ("refs/heads/**", "refs/heads/release/*", true),
            // wider, other, or not shown to be narrower
            ("corp.io/*", "corp.io/**", false),
            ("corp.io/**", "corp.io", false),
            ("corp.io/**", "corp.io.evil/x", false),
            ("corp.io/**", "**", false),
            ("corp.io/**", "{corp.io/x,evil.io/x}", false),
            ("**/alpine/**", "{a/alpine/b,c}", false),
            ("a?c", "a*c", false),
            ("a/[*]", "a/*", false),
            ("*", "**", false),
            ("*/x", "**/x", false),
            ("v1*", "v*", false),
        ] {
            assert_eq!(Allowed::new(&[wide.to_owned()]).covers(narrow), want, "{wide} over {narrow}");
        }
    }

    /// All pairs of short patterns against all short texts: whoever is said to be covered is.
    #[test]
    fn covered_patterns_match_nothing_else() {
        fn words(tokens: &[&str], most: usize) -> Vec<String> {
            let mut all = vec![String::new()];
            let mut last = all.clone();
            for _ in 0..most {
                last = last.iter().flat_map(|w| tokens.iter().map(move |t| format!("{w}{t}"))).collect();
                all.extend(last.iter().cloned());
            }
            all
        }
        let texts = words(&["a", "b", "/"], 4);
        assert!(texts.len() <= 128);
        let set = |pattern: &String| {
            let glob = builder(pattern).build().unwrap().compile_matcher();
            texts.iter().enumerate().fold(0u128, |set, (n, text)| set | u128::from(glob.is_match(text)) << n)
        };
        let patterns: Vec<String> =
            words(&["a", "/", "*", "**", "?", "{a,b/a}", "[!a]"], 3).into_iter().filter(|p| !p.is_empty()).collect();
        let sets: Vec<u128> = patterns.iter().map(set).collect();
        for (wide, all) in patterns.iter().zip(&sets) {
            let allowed = Allowed::new(std::slice::from_ref(wide));
            for (narrow, some) in patterns.iter().zip(&sets) {
                assert!(some & !all == 0 || !allowed.covers(narrow), "{wide} over {narrow}");
            }
        }
    }

    #[test]
    fn long_patterns_cost_little() {
        let long = "a/".repeat(100_000);
        assert!(!covers(&format!("**/{long}b"), &format!("{long}*")));
        assert!(!covers(&format!("**/{}**/x", "**/".repeat(60)), &format!("{}*", "a/".repeat(60))));
    }
}
