//! What a guard says: findings with their places, and what could not be checked.

use crate::change::{Blob, Identity, Occurrence, Oid, Origin, RepoPath};
use crate::secret::Secret;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::fmt;

/// The four guards.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum GuardId {
    /// Leaked credentials.
    Secrets,
    /// Dockerfiles and image references.
    Images,
    /// Commit and tag signatures.
    Signatures,
    /// The mandatory hook set.
    Hooks,
    /// The run itself: unused suppressions and the like.
    Run,
}

impl GuardId {
    /// Every guard that can be selected by name.
    pub const ALL: [GuardId; 4] = [GuardId::Secrets, GuardId::Images, GuardId::Signatures, GuardId::Hooks];

    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            GuardId::Secrets => "secrets",
            GuardId::Images => "images",
            GuardId::Signatures => "signatures",
            GuardId::Hooks => "hooks",
            GuardId::Run => "run",
        }
    }

    /// The guard of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.name() == name)
    }
}

/// How serious a finding is. The order is the order of seriousness.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Level {
    /// Not reported.
    Allow,
    /// Reported, never blocks by default.
    Note,
    /// Reported, does not block by default.
    Warn,
    /// Blocks.
    #[default]
    Deny,
    /// Blocks, and no inline comment, baseline or repository file silences it.
    Forbid,
}

impl Level {
    /// Every level, weakest first.
    pub const ALL: [Level; 5] = [Level::Allow, Level::Note, Level::Warn, Level::Deny, Level::Forbid];

    /// The name in policies and reports.
    pub fn name(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Note => "note",
            Level::Warn => "warn",
            Level::Deny => "deny",
            Level::Forbid => "forbid",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.name() == name)
    }
}

/// How sure a guard is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Confidence {
    /// Worth a look.
    Low,
    /// Likely.
    #[default]
    Medium,
    /// As good as certain.
    High,
}

impl Confidence {
    /// Every value, lowest first.
    pub const ALL: [Confidence; 3] = [Confidence::Low, Confidence::Medium, Confidence::High];

    /// The name in policies, rules and reports.
    pub fn name(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }

    /// The confidence of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// Bytes `start..end` of a text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// `start..end`; an end before the start is moved up to it.
    pub fn new(start: usize, end: usize) -> Self {
        Span { start, end: end.max(start) }
    }

    /// The bytes of `text` that it covers, cut to the text.
    pub fn of(self, text: &[u8]) -> &[u8] {
        let end = self.end.min(text.len());
        &text[self.start.min(end)..end]
    }

    /// Whether the two share a byte.
    pub fn overlaps(self, other: Span) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// A line of source with a marked part. Raw bytes: printed only through `report::excerpt`.
#[derive(Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The line, without its end, cut to some kilobytes around the mark.
    pub text: Vec<u8>,
    /// The marked bytes of `text`.
    pub mark: Span,
    /// Whether bytes of the line are missing in front.
    pub cut: bool,
}

impl fmt::Debug for Snippet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snippet({} bytes, {:?})", self.text.len(), self.mark)
    }
}

/// Where in a text something stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Position {
    /// The bytes of the whole text.
    pub span: Span,
    /// First line, from 1.
    pub line: u32,
    /// Column of the first byte in its line, in Unicode scalar values (an invalid byte counts as one), from 1.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last byte.
    pub end_column: u32,
    /// The first line of it.
    pub snippet: Snippet,
}

/// Bytes of a line that a snippet keeps on each side of its mark: more than any reporter prints.
const SNIPPET_MARGIN: usize = 4096;

impl Position {
    /// Looks up `span` in `text`: counts lines, so call it for findings alone.
    pub fn new(text: &[u8], span: Span) -> Self {
        let start = span.start.min(text.len());
        let end = span.end.clamp(start, text.len());
        let line_start = memchr::memrchr(b'\n', &text[..start]).map_or(0, |n| n + 1);
        let line_end = memchr::memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n);
        let line = 1 + memchr::memchr_iter(b'\n', &text[..start]).count() as u32;
        // a span that ends with a line end belongs to that line
        let last = end.saturating_sub(1).max(start);
        let end_line = line + memchr::memchr_iter(b'\n', &text[start..last]).count() as u32;
        let last_start = memchr::memrchr(b'\n', &text[..last]).map_or(0, |n| n + 1);
        let from = start.saturating_sub(SNIPPET_MARGIN).max(line_start);
        let mut shown_end = line_end;
        if shown_end > line_start && text[shown_end - 1] == b'\r' && shown_end > start {
            shown_end -= 1;
        }
        let mark_end = end.min(shown_end).max(start);
        let to = (mark_end + SNIPPET_MARGIN).min(shown_end).max(mark_end);
        Position {
            span: Span::new(start, end),
            line,
            column: 1 + columns(&text[line_start..start]),
            end_line,
            end_column: 1 + columns(&text[last_start..end]),
            snippet: Snippet {
                text: text[from..to].to_vec(),
                mark: Span::new(start - from, mark_end - from),
                cut: from > line_start,
            },
        }
    }
}

fn columns(text: &[u8]) -> u32 {
    text.utf8_chunks().map(|c| c.valid().chars().count() + c.invalid().len()).sum::<usize>() as u32
}

/// Where a finding is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Location {
    /// The file; `None` for a commit, a tag, a ref or the whole change.
    pub path: Option<RepoPath>,
    /// Index, work tree, commit …
    pub origin: Origin,
    /// The commit, tag or blob that is meant.
    pub oid: Option<Oid>,
    /// The place in the text, where there is one.
    pub position: Option<Position>,
}

impl Location {
    /// A place in a blob, at the first of its occurrences; the run repeats it for the others.
    pub fn in_blob(blob: &Blob<'_>, span: Span) -> Self {
        Location::at_occurrence(&blob.seen[0], blob.oid, Some(Position::new(blob.bytes, span)))
    }

    /// A place in a file of the change.
    pub fn at_occurrence(seen: &Occurrence, oid: Option<Oid>, position: Option<Position>) -> Self {
        Location { path: Some(seen.path.clone()), origin: seen.origin, oid, position }
    }

    /// A place in a file that is not necessarily part of the change.
    pub fn in_file(path: &[u8], origin: Origin, text: &[u8], span: Span) -> Self {
        Location { path: Some(RepoPath::new(path)), origin, oid: None, position: Some(Position::new(text, span)) }
    }

    /// A commit or tag as a whole.
    pub fn object(oid: Oid) -> Self {
        Location { path: None, origin: Origin::Commit(oid), oid: Some(oid), position: None }
    }

    /// A file as a whole, or the tree where `path` is `None`.
    pub fn tree(path: Option<&[u8]>, origin: Origin) -> Self {
        Location { path: path.map(RepoPath::new), origin, oid: None, position: None }
    }
}

/// A second place that explains a finding, such as the policy line that made it an offence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// The file's name as people know it.
    pub file: String,
    /// The place in it.
    pub position: Position,
    /// What it says about the finding.
    pub message: String,
}

/// A change that would mend it: replace `span` of the file by `replacement`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fix {
    /// What is replaced, in bytes of the file.
    pub span: Span,
    /// By what.
    pub replacement: String,
}

/// Names a finding by what it is about, not by where it stands: no line number and no time go in, so
/// it survives moved lines, squashes and rebases.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The prefix of every fingerprint of this scheme.
    pub const PREFIX: &'static str = "gw1:";

    /// Over the parts in order, each with its length in front: 64 bits of SHA-256.
    pub fn over(parts: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let digest = hash.finalize();
        let mut text = String::from(Self::PREFIX);
        for byte in &digest[..8] {
            text.push_str(&format!("{byte:02x}"));
        }
        Fingerprint(text)
    }

    /// Reads `gw1:` and 12 to 64 hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix(Self::PREFIX)?;
        let good = (12..=64).contains(&hex.len()) && hex.bytes().all(|b| b.is_ascii_hexdigit());
        good.then(|| Fingerprint(text.to_ascii_lowercase()))
    }

    /// Whether `self`, perhaps written short, means `other`.
    pub fn means(&self, other: &Fingerprint) -> bool {
        other.0.starts_with(&self.0)
    }

    /// `gw1:` and hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rule's id: a word such as `github-pat`, or a code such as `DL3007`.
pub type RuleId = Cow<'static, str>;

/// One offence.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The rule's public id.
    pub rule: RuleId,
    /// The id of the rule that found it, where what stands around it makes it one of `rule`: what a person or a policy
    /// says of either is said of it.
    pub found_by: Option<RuleId>,
    /// Whose rule it is.
    pub guard: GuardId,
    /// The rule's own level; the run puts the policy's in its place.
    pub level: Level,
    /// What is wrong, in one line: lower-case start unless a name, no full stop. May hold bytes of the
    /// repository: printed only through `report::excerpt`.
    pub message: String,
    /// Where.
    pub at: Location,
    /// The policy line that forbids it, and other places that explain it.
    pub related: Vec<Label>,
    /// The credential, for guards that find some.
    pub secret: Option<Secret>,
    /// Whose credential it is, as a slug such as `stripe`, where that is known.
    pub provider: Option<String>,
    /// A few words under the mark, such as "40 bytes, checksum valid".
    pub note: String,
    /// How sure the guard is.
    pub confidence: Confidence,
    /// Its name in baselines.
    pub fingerprint: Fingerprint,
    /// What to do next, one line each.
    pub help: Vec<String>,
    /// A change that would mend it.
    pub fix: Option<Fix>,
    /// Of a history: who brought it, and what became of it.
    pub brought: Option<Brought>,
    /// Whether `message`, `note`, `provider` and `help` are of the program's own words alone, with no byte of what
    /// was checked nor of a configuration: reports mask nothing in them.
    pub own_words: bool,
}

/// What a history tells of a finding beyond the commit that brought it, which [`Location::origin`] names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Brought {
    /// Who wrote that commit, and when, as it claims.
    pub author: Identity,
    /// Whether the tip of a branch still has what was found, there or elsewhere; `None` for messages and
    /// identities.
    pub in_tip: Option<bool>,
}

impl Finding {
    /// Whether `id` is that of its rule, or of the one that found it.
    pub fn is_of(&self, id: &str) -> bool {
        self.rule.eq_ignore_ascii_case(id) || self.found_by.as_ref().is_some_and(|rule| rule.eq_ignore_ascii_case(id))
    }

    /// A finding without decorations.
    pub fn new(
        rule: RuleId,
        guard: GuardId,
        level: Level,
        message: String,
        at: Location,
        fingerprint: Fingerprint,
    ) -> Self {
        Finding {
            rule,
            found_by: None,
            guard,
            level,
            message,
            at,
            related: Vec::new(),
            secret: None,
            provider: None,
            note: String::new(),
            confidence: Confidence::High,
            fingerprint,
            help: Vec::new(),
            fix: None,
            brought: None,
            own_words: false,
        }
    }
}

/// Something that could not be checked. It blocks: nothing turns it into "clean".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Incomplete {
    /// What was to be checked: "blob 1a2b3c of src/a.py".
    pub what: String,
    /// Why it could not be.
    pub why: String,
    /// What to do about it; may be empty.
    pub help: String,
}

impl Incomplete {
    /// Without advice.
    pub fn new(what: impl Into<String>, why: impl fmt::Display) -> Self {
        Incomplete { what: what.into(), why: why.to_string(), help: String::new() }
    }

    /// With a line that says what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }
}

impl fmt::Display for Incomplete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_lines_and_characters() {
        let text = "a\näö = x\r\nlast".as_bytes();
        let at = memchr::memmem::find(text, b"x").unwrap();
        let p = Position::new(text, Span::new(at, at + 1));
        assert_eq!((p.line, p.column, p.end_line, p.end_column), (2, 6, 2, 7));
        assert_eq!(p.snippet.text, "äö = x".as_bytes());
        assert_eq!(p.snippet.mark.of(&p.snippet.text), b"x");
        let p = Position::new(text, Span::new(0, text.len()));
        assert_eq!((p.line, p.end_line, p.end_column), (1, 3, 5));
        assert_eq!(p.snippet.text, b"a");
        let p = Position::new(text, Span::new(900, 1000));
        assert_eq!((p.line, p.column), (3, 5));
    }

    #[test]
    fn snippets_of_long_lines_are_cut() {
        let text = vec![b'x'; 100_000];
        let p = Position::new(&text, Span::new(50_000, 50_010));
        assert_eq!(p.snippet.text.len(), 2 * SNIPPET_MARGIN + 10);
        assert!(p.snippet.cut);
        assert_eq!(p.snippet.mark, Span::new(SNIPPET_MARGIN, SNIPPET_MARGIN + 10));
    }

    #[test]
    fn fingerprints_tell_parts_apart() {
        assert_ne!(Fingerprint::over(&[b"ab", b"c"]), Fingerprint::over(&[b"a", b"bc"]));
        let fp = Fingerprint::over(&[b"x"]);
        assert_eq!(Fingerprint::parse(fp.as_str()), Some(fp.clone()));
        assert!(Fingerprint::parse(&fp.as_str()[..16]).unwrap().means(&fp));
        assert_eq!(Fingerprint::parse("gw1:xyz"), None);
    }
}
