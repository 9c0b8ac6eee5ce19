//! The comments that allow a finding: ours, and those of tools that repositories already use.

use crate::finding::GuardId;
use memchr::memmem;
use std::ops::Range;
use std::sync::LazyLock;

/// Most rule ids in one comment.
const MAX_RULES: usize = 64;
/// Longest list of rule ids, in bytes.
const MAX_LIST: usize = 1024;
/// Longest reason that is kept, in bytes.
const MAX_REASON: usize = 200;

/// Whose comment it is. Facts: gitleaks README "gitleaks:allow"; detect-secrets README "Inline
/// Allowlisting"; trufflehog README `trufflehog:ignore`; hadolint README "Inline ignores".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Syntax {
    /// `gitward: allow[rule, …] reason`, for any guard but the hooks guard.
    Gitward,
    /// `gitleaks:allow`, any secret on the line.
    Gitleaks,
    /// `pragma: allowlist secret`, any secret on the line.
    DetectSecrets,
    /// `pragma: allowlist nextline secret`, any secret on the next line.
    DetectSecretsNext,
    /// `trufflehog:ignore`, any secret on the line.
    Trufflehog,
    /// `# hadolint ignore=DL3006,…`, above an instruction.
    Hadolint,
    /// `# hadolint global ignore=…`, the whole file.
    HadolintGlobal,
}

/// What every comment holds.
const NEEDLES: [&[u8]; 5] = [b"gitward:", b"gitleaks:allow", b"pragma:", b"trufflehog:ignore", b"hadolint"];

/// What ends a reason on its line: the end of a block comment, or another comment.
const REASON_ENDS: [&[u8]; 8] =
    [b"*/", b"-->", b"*)", b"#}", b"gitward:", b"gitleaks:allow", b"pragma:", b"trufflehog:ignore"];

/// A comment, read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Comment {
    pub(super) syntax: Syntax,
    /// Rule ids as written; empty for the syntaxes that name none.
    pub(super) rules: Vec<String>,
    /// The reason given with it; may be empty.
    pub(super) reason: String,
    /// Bytes from its first word to the end of its rules.
    pub(super) len: usize,
    /// Why it allows nothing.
    pub(super) broken: Option<&'static str>,
}

/// The first `max` comments in order, each with the byte at which it starts. Linear in the text.
pub(super) fn hits(text: &[u8], max: usize) -> Vec<(usize, Comment)> {
    let starts_word = |at: usize| !at.checked_sub(1).and_then(|n| text.get(n)).is_some_and(|&b| is_word(b));
    let of = |needle| {
        let places = memmem::find_iter(text, needle).filter(|&at| starts_word(at));
        places.filter_map(|at| Some((at, read(text.get(at..)?)?))).take(max)
    };
    let mut hits: Vec<(usize, Comment)> = NEEDLES.into_iter().flat_map(of).collect();
    hits.sort_by_key(|(at, _)| *at);
    hits.truncate(max);
    hits
}

/// What each comment of ours begins with.
const MARK: &[u8] = b"gitward:";

/// Whether a text can hold a comment of ours; the cheapest possible question.
pub(super) fn mentions(text: &[u8]) -> bool {
    static FINDER: LazyLock<memmem::Finder<'_>> = LazyLock::new(|| memmem::Finder::new(MARK));
    FINDER.find(text).is_some()
}

/// As [`mentions`], of a text that did not before these bytes of it were changed.
pub(super) fn mentions_near(text: &[u8], changed: &Range<usize>) -> bool {
    let (from, to) = (changed.start.saturating_sub(MARK.len()), changed.end.saturating_add(MARK.len()));
    mentions(text.get(from..to.min(text.len())).unwrap_or(text))
}

impl Syntax {
    /// Whether it speaks of findings of this guard at all.
    pub(super) fn is_for(self, guard: GuardId) -> bool {
        match self {
            // a hook configuration cannot excuse itself from what it is checked for
            Syntax::Gitward => guard != GuardId::Hooks,
            Syntax::Hadolint | Syntax::HadolintGlobal => guard == GuardId::Images,
            Syntax::Gitleaks | Syntax::DetectSecrets | Syntax::DetectSecretsNext | Syntax::Trufflehog => {
                guard == GuardId::Secrets
            }
        }
    }

    /// The reason in reports where the comment gives none.
    fn words(self) -> &'static str {
        match self {
            Syntax::Gitward => "",
            Syntax::Gitleaks => "gitleaks:allow",
            Syntax::DetectSecrets | Syntax::DetectSecretsNext => "pragma: allowlist secret",
            Syntax::Trufflehog => "trufflehog:ignore",
            Syntax::Hadolint | Syntax::HadolintGlobal => "hadolint ignore",
        }
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn read(text: &[u8]) -> Option<Comment> {
    let mut cursor = Cursor { text, at: 0 };
    if cursor.eat(b"gitward:") {
        return gitward(cursor);
    }
    let syntax = if cursor.eat(b"gitleaks:allow") {
        Syntax::Gitleaks
    } else if cursor.eat(b"trufflehog:ignore") {
        Syntax::Trufflehog
    } else if cursor.eat(b"pragma:") {
        cursor.blanks();
        if !cursor.eat(b"allowlist") && !cursor.eat(b"whitelist") {
            return None;
        }
        if !cursor.eat(b" ") && !cursor.eat(b"-") {
            return None;
        }
        let next = cursor.eat(b"nextline") && cursor.blanks();
        if !cursor.eat(b"secret") {
            return None;
        }
        if next { Syntax::DetectSecretsNext } else { Syntax::DetectSecrets }
    } else {
        return hadolint(cursor);
    };
    let ends = !cursor.peek().is_some_and(is_word);
    let (rules, reason) = (Vec::new(), syntax.words().to_owned());
    ends.then_some(Comment { syntax, rules, reason, len: cursor.at, broken: None })
}

/// `allow[rule, …] reason`, behind `gitward:`.
fn gitward(mut cursor: Cursor<'_>) -> Option<Comment> {
    cursor.blanks();
    if !cursor.eat(b"allow") || cursor.peek().is_some_and(is_word) {
        return None;
    }
    let broken = |cursor: Cursor<'_>, why| {
        let (rules, reason) = (Vec::new(), String::new());
        Some(Comment { syntax: Syntax::Gitward, rules, reason, len: cursor.at, broken: Some(why) })
    };
    let word = cursor.at;
    cursor.blanks();
    if !cursor.eat(b"[") {
        cursor.at = word;
        return broken(cursor, "it must name the rules that it allows");
    }
    let rest = cursor.line(MAX_LIST);
    let Some(end) = memchr::memchr(b']', rest) else {
        return broken(cursor, "its list of rules is not closed");
    };
    let list = rest.get(..end).unwrap_or_default();
    cursor.at += end + 1;
    match ids(list) {
        Some(rules) if !rules.is_empty() => {
            let reason = reason(cursor.line(MAX_REASON));
            Some(Comment { syntax: Syntax::Gitward, rules, reason, len: cursor.at, broken: None })
        }
        Some(_) => broken(cursor, "it must name the rules that it allows"),
        None => broken(cursor, "its list of rules is not a list of rule ids"),
    }
}

/// `hadolint ignore=…` or `hadolint global ignore=…`.
fn hadolint(mut cursor: Cursor<'_>) -> Option<Comment> {
    if !(cursor.eat(b"hadolint") && cursor.blanks()) {
        return None;
    }
    let global = cursor.eat(b"global") && cursor.blanks();
    if !cursor.eat(b"ignore") {
        return None;
    }
    cursor.blanks();
    if !cursor.eat(b"=") {
        return None;
    }
    let rest = cursor.line(MAX_LIST);
    let stop = rest.iter().position(|&b| !(is_word(b) || matches!(b, b',' | b' ' | b'\t')));
    let list = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default();
    let mut rules = Vec::new();
    for part in list.split(|&b| b == b',').take(MAX_RULES) {
        let mut words = part.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
        rules.extend(words.next().map(|id| String::from_utf8_lossy(id).into_owned()));
        // prose behind the last code
        if words.next().is_some() {
            break;
        }
    }
    let syntax = if global { Syntax::HadolintGlobal } else { Syntax::Hadolint };
    let len = cursor.at + list.trim_ascii_end().len();
    (!rules.is_empty()).then(|| Comment { syntax, rules, reason: syntax.words().to_owned(), len, broken: None })
}

/// Rule ids between commas; `None` where something else stands there.
fn ids(list: &[u8]) -> Option<Vec<String>> {
    let good = |id: &[u8]| !id.is_empty() && id.iter().all(|&b| is_word(b) || b == b'.');
    let list = list.trim_ascii();
    if list.is_empty() {
        return Some(Vec::new());
    }
    let ids: Option<Vec<_>> = list
        .split(|&b| b == b',')
        .map(<[u8]>::trim_ascii)
        .map(|id| good(id).then(|| String::from_utf8_lossy(id).into_owned()))
        .collect();
    ids.filter(|ids| ids.len() <= MAX_RULES)
}

/// The reason in the rest of the line: up to the end of the comment or the next one.
fn reason(rest: &[u8]) -> String {
    let end = REASON_ENDS.iter().filter_map(|e| memmem::find(rest, e)).min().unwrap_or(rest.len());
    let text = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '-' | '–' | '—'));
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '#' | '/'));
    // a character cut at the bound
    text.trim_end_matches('\u{fffd}').to_owned()
}

#[derive(Clone, Copy)]
struct Cursor<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.rest().first().copied()
    }

    fn eat(&mut self, word: &[u8]) -> bool {
        let is = self.rest().starts_with(word);
        self.at += if is { word.len() } else { 0 };
        is
    }

    /// Skips blanks, a few at most; true where there was one.
    fn blanks(&mut self) -> bool {
        let n = self.rest().iter().take(16).take_while(|b| matches!(b, b' ' | b'\t')).count();
        self.at += n;
        n > 0
    }

    /// The rest of the line, at most `max` bytes of it.
    fn line(&self, max: usize) -> &'a [u8] {
        let rest = self.rest();
        let rest = rest.get(..max).unwrap_or(rest);
        rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Option<(Syntax, Vec<String>, String, Option<&'static str>)> {
        let mut found = hits(text.as_bytes(), 9);
        assert!(found.len() < 2, "{text}");
        found.pop().map(|(_, c)| (c.syntax, c.rules, c.reason, c.broken))
    }

    #[test]
    fn reads_every_syntax() {
        use Syntax::*;
        let table: &[(&str, Syntax, &[&str], &str)] = &[
            ("# gitward: allow[github-pat] sample key", Gitward, &["github-pat"], "sample key"),
            ("// gitward:allow[a,b , DL3006]: why", Gitward, &["a", "b", "DL3006"], "why"),
            ("/* gitward: allow [a.b] */", Gitward, &["a.b"], ""),
            ("<!-- gitward: allow[x] — reason here --> text", Gitward, &["x"], "reason here"),
            ("{\"c\": \"gitward: allow[x] doc\",", Gitward, &["x"], "doc"),
            ("k = 1 # gitleaks:allow", Gitleaks, &[], "gitleaks:allow"),
            ("k = 1 # pragma: allowlist secret", DetectSecrets, &[], "pragma: allowlist secret"),
            ("k = 1 # pragma:whitelist-secret", DetectSecrets, &[], "pragma: allowlist secret"),
            ("# pragma: allowlist nextline secret", DetectSecretsNext, &[], "pragma: allowlist secret"),
            ("x // trufflehog:ignore", Trufflehog, &[], "trufflehog:ignore"),
            ("# hadolint ignore=DL3006, SC2046", Hadolint, &["DL3006", "SC2046"], "hadolint ignore"),
            ("# hadolint ignore = DL3006 because of x, y", Hadolint, &["DL3006"], "hadolint ignore"),
            ("# hadolint global ignore=DL3003", HadolintGlobal, &["DL3003"], "hadolint ignore"),
        ];
        for (text, syntax, rules, reason) in table {
            let (s, r, why, broken) = one(text).expect(text);
            assert_eq!((s, why.as_str(), broken), (*syntax, *reason, None), "{text}");
            assert_eq!(r, *rules, "{text}");
        }
    }

    #[test]
    fn tells_broken_comments_from_prose() {
        let table = [
            ("# gitward: allow", Some("name")),
            ("# gitward: allow sample", Some("name")),
            ("# gitward: allow[]", Some("name")),
            ("# gitward: allow[a", Some("closed")),
            ("# gitward: allow[a\n]", Some("closed")),
            ("# gitward: allow[*]", Some("not a list")),
            ("# gitward: allow[a,]", Some("not a list")),
            ("# gitward: allow[a b]", Some("not a list")),
            ("gitward: push rejected", None),
            ("gitward: allowed[x]", None),
            ("my-gitward: allow[x]", None),
            ("gitleaks:allowed", None),
            ("pragma: no cover", None),
            ("pragma: allowlist secretary", None),
            ("pragma: allowlist_secret", None),
            ("hadolint ignores nothing", None),
            ("hadolint ignore=", None),
        ];
        for (text, want) in table {
            match (one(text), want) {
                (None, None) => {}
                (Some((_, _, _, Some(why))), Some(want)) => assert!(why.contains(want), "{text}: {why}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }

    #[test]
    fn several_comments_on_a_line() {
        let text = b"x # gitward: allow[a] first # gitleaks:allow gitward: allow[b] second";
        let found: Vec<_> = hits(text, 9).into_iter().map(|(_, c)| (c.syntax, c.reason)).collect();
        let want = [(Syntax::Gitward, "first"), (Syntax::Gitleaks, "gitleaks:allow"), (Syntax::Gitward, "second")];
        assert_eq!(found, want.map(|(s, r)| (s, r.to_owned())));
    }

    #[test]
    fn bounds() {
        let many = format!("gitward: allow[{}]", vec!["a"; MAX_RULES + 1].join(","));
        assert!(one(&many).unwrap().3.is_some());
        let long = format!("gitward: allow[a] {}", "ü".repeat(MAX_REASON));
        let reason = one(&long).unwrap().2;
        assert!(reason.len() <= MAX_REASON && reason.chars().all(|c| c == 'ü'));
    }
}
