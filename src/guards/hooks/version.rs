//! Versions as tags name them, and what else a `rev` can be.

use std::cmp::Ordering;

/// Longest text that is read as a version, in bytes.
const MAX_LEN: usize = 64;

/// A version: numbers, then the parts of a pre-release. Build metadata (`+…`) does not count.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Version {
    numbers: Vec<u64>,
    /// Empty for a release.
    pre: Vec<Part>,
}

/// A part of a pre-release: numbers are lower than words, as in Semantic Versioning 2.0.0, item 11.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Part {
    Number(u64),
    Word(String),
}

impl Version {
    /// Reads `v1.2.3`, `1.2`, `v4`, `1.0.0-rc.1`, `1.0rc1`. A number alone is no version: it may as well
    /// be the start of a commit id.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_LEN || !text.is_ascii() {
            return None;
        }
        let bare = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let core = bare.split('+').next().unwrap_or_default();
        let end = core.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(core.len());
        let (numbers, pre) = core.split_at(end);
        // `1.0.dev1`: the dot belongs to the word
        let numbers = if pre.is_empty() { numbers } else { numbers.strip_suffix('.').unwrap_or(numbers) };
        let numbers: Vec<u64> = numbers.split('.').map(|n| n.parse().ok()).collect::<Option<_>>()?;
        if numbers.len() < 2 && bare.len() == text.len() {
            return None;
        }
        let pre: Vec<Part> = match pre.strip_prefix('-').unwrap_or(pre) {
            "" if pre.is_empty() => Vec::new(),
            words => words.split('.').map(Part::parse).collect::<Option<_>>()?,
        };
        Some(Version { numbers, pre })
    }

    /// Reads the least version of a policy, where a number alone is one.
    pub(super) fn least(text: &str) -> Option<Self> {
        Version::parse(text).or_else(|| Version::parse(&format!("v{text}")))
    }

    /// Where it stands beside `other`: `1.4` and `1.4.0` are equal, a pre-release is older than its release.
    pub(super) fn order(&self, other: &Version) -> Ordering {
        let len = self.numbers.len().max(other.numbers.len());
        let number = |v: &Version, n: usize| v.numbers.get(n).copied().unwrap_or(0);
        let numbers = (0..len).map(|n| number(self, n)).cmp((0..len).map(|n| number(other, n)));
        numbers.then_with(|| match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self.pre.cmp(&other.pre),
        })
    }
}

impl Part {
    fn parse(text: &str) -> Option<Self> {
        let good = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        let word = || good.then(|| Part::Word(text.to_owned()));
        text.parse().map(Part::Number).ok().or_else(word)
    }
}

/// What a `rev` is, as far as its text tells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Rev {
    /// A version tag.
    Version(Version),
    /// A commit id, perhaps short.
    Commit,
    /// A name with a digit in it that is not read as a version: likely a tag.
    Tag,
    /// A branch, or another name whose meaning moves.
    Branch,
}

impl Rev {
    /// Reads a `rev`. Tags and branches are told apart by custom alone: a tag has a digit in it.
    pub(super) fn parse(text: &str) -> Self {
        let name = text.strip_prefix("refs/tags/").unwrap_or(text);
        let moves = ["refs/", "heads/", "remotes/", "origin/"].iter().any(|p| name.starts_with(p));
        // `HEAD~2`, `v1^{}`, `@{1}`: expressions, not names
        let expression = name.starts_with("HEAD") || name.contains(['~', '^', '@', ':']);
        let hex = (7..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_hexdigit());
        if moves || expression {
            Rev::Branch
        } else if let Some(version) = Version::parse(name) {
            Rev::Version(version)
        } else if hex && name.bytes().any(|b| b.is_ascii_digit()) {
            Rev::Commit
        } else if name.bytes().any(|b| b.is_ascii_digit()) {
            Rev::Tag
        } else {
            Rev::Branch
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_versions() {
        let ascending = [
            "0.9",
            "v1.0.0-1",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "1.0.0.1",
            "v1.4.0",
            "1.10.0rc1",
            "v1.10",
            "v2",
            "2024.1.15",
        ];
        for pair in ascending.windows(2) {
            let (a, b) = (Version::parse(pair[0]).unwrap(), Version::parse(pair[1]).unwrap());
            assert_eq!(a.order(&b), Ordering::Less, "{pair:?}");
            assert_eq!(b.order(&a), Ordering::Greater, "{pair:?}");
        }
        let equal = |a: &str, b: &str| Version::parse(a).unwrap().order(&Version::parse(b).unwrap());
        assert_eq!(equal("v1.4", "1.4.0+build.7"), Ordering::Equal);
        assert_eq!(equal("1.0.dev1", "1.0"), Ordering::Less);
    }

    #[test]
    fn tells_what_a_rev_is() {
        let table = [
            ("v1.2.3", "version"),
            ("refs/tags/v1.2.3", "version"),
            ("1.2", "version"),
            ("v4", "version"),
            ("1234567", "commit"),
            ("0123456789abcdef0123456789abcdef01234567", "commit"),
            ("release-2024", "tag"),
            ("gitward-1.2.3", "tag"),
            ("1..2", "tag"),
            ("1.", "tag"),
            ("1.0.0-", "tag"),
            ("99999999999999999999.0", "tag"),
            ("main", "branch"),
            ("master", "branch"),
            ("HEAD", "branch"),
            ("HEAD~1", "branch"),
            ("origin/v1", "branch"),
            ("refs/heads/v1.2.3", "branch"),
            // eight letters are as likely a branch as a commit id
            ("deadbeef", "branch"),
            ("stable", "branch"),
            ("v1.2.3~1", "branch"),
            ("", "branch"),
        ];
        for (text, want) in table {
            let got = match Rev::parse(text) {
                Rev::Version(_) => "version",
                Rev::Commit => "commit",
                Rev::Tag => "tag",
                Rev::Branch => "branch",
            };
            assert_eq!(got, want, "{text}");
        }
    }
}
