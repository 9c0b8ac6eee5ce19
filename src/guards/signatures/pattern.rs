//! Lists of patterns as OpenSSH has them: `*`, `?`, and `!` in front of what is excluded.

/// Longer texts match nothing: OpenSSH bounds them alike, and no address is longer (RFC 5321: 254 bytes).
const MAX_TEXT: usize = 1024;

/// Patterns, separated by commas.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct PatternList(Vec<Pattern>);

#[derive(Clone, PartialEq, Eq, Debug)]
struct Pattern {
    negated: bool,
    text: Vec<u8>,
}

impl PatternList {
    /// Reads a list; any bytes are one.
    pub(super) fn parse(list: &[u8]) -> Self {
        let pattern = |p: &[u8]| match p.strip_prefix(b"!") {
            Some(rest) => Pattern { negated: true, text: rest.to_vec() },
            None => Pattern { negated: false, text: p.to_vec() },
        };
        PatternList(list.split(|&b| b == b',').filter(|p| !p.is_empty()).map(pattern).collect())
    }

    /// Whether some pattern matches and no negated one does. Letters of ASCII match in either case, as the
    /// addresses of a policy's signers do.
    pub(super) fn matches(&self, text: &[u8]) -> bool {
        let hit = |negated| self.0.iter().any(|p| p.negated == negated && glob(&p.text, text));
        text.len() <= MAX_TEXT && !hit(true) && hit(false)
    }
}

/// Matches by moving the last star: at most pattern times text steps, no recursion.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while let Some(&byte) = text.get(t) {
        match pattern.get(p) {
            Some(b'*') => {
                p += 1;
                star = Some((p, t));
            }
            Some(&want) if want == b'?' || want.eq_ignore_ascii_case(&byte) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    p = after;
                    t = from + 1;
                    star = Some((after, t));
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&b| b == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_lists() {
        let yes = |list: &str, text: &str| PatternList::parse(list.as_bytes()).matches(text.as_bytes());
        assert!(yes("a@x.example", "A@X.example"));
        assert!(yes("*@x.example", "b@x.example"));
        assert!(yes("a?c*f", "abcdef"));
        assert!(yes("*", ""));
        assert!(yes("*a*b*", "xxaxxbxx"));
        assert!(!yes("*a*b*", "xxbxxaxx"));
        assert!(!yes("", ""));
        assert!(!yes("*@x.example", "a@x.example.org"));
        assert!(!yes("*@x.example,!mallory@*", "mallory@x.example"));
        assert!(!yes("!mallory@*", "alice@x.example"));
        assert!(!yes("*", &"a".repeat(2000)));
        assert!(!yes(&"*a".repeat(500), &"a".repeat(400)));
    }
}
