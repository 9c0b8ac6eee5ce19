//! Whether one glob allows everything that another one does. The answer "no" is always safe: a
//! repository's list that cannot be shown to be narrower is not taken.

use super::read::builder;

/// Parts of a pattern that are compared; longer patterns cover only themselves.
const MAX_PARTS: usize = 64;

/// Characters whose meaning reaches beyond one part between slashes.
const COMPLEX: [char; 3] = ['{', '[', '\\'];

/// Characters that make a pattern more than a plain text.
const META: [char; 5] = ['*', '?', '{', '[', '\\'];

/// Whether `wide` matches every text that `narrow` matches (`*` stops at `/`, `**` does not).
pub(super) fn covers(wide: &str, narrow: &str) -> bool {
    if wide == narrow || wide == "**" {
        return true;
    }
    if !narrow.contains(META) {
        return matches(wide, narrow);
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
        _ => !narrow.contains(META) && matches(wide, narrow),
    }
}

fn matches(glob: &str, text: &str) -> bool {
    builder(glob).build().is_ok_and(|g| g.compile_matcher().is_match(text))
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
            assert_eq!(covers(wide, narrow), want, "{wide} over {narrow}");
        }
    }

    #[test]
    fn long_patterns_cost_little() {
        let long = "a/".repeat(100_000);
        assert!(!covers(&format!("**/{long}b"), &format!("{long}*")));
        assert!(!covers(&format!("**/{}**/x", "**/".repeat(60)), &format!("{}*", "a/".repeat(60))));
    }
}
