//! Comments of one text that allow findings, and the lines that each covers.
//!
//! A comment covers its own line. One that stands alone on its line also covers the statement below: the
//! next line that is not such a comment itself, and the lines that it continues on with a backslash.

use super::comment::{self, Comment, Syntax};
use super::unused::{SUPPRESSION_INVALID, SUPPRESSION_UNUSED, remark};
use crate::change::Blob;
use crate::finding::{Finding, Location, Span};
use crate::rule::RuleMeta;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Most comments of one text that are honoured.
const MAX_COMMENTS: usize = 10_000;
/// Most comments of one text that are reported one by one: a place costs a look over the whole text.
const MAX_REMARKS: usize = 100;

/// Whether a text can hold a comment of gitward's own, at the cost of one search. Without findings in the
/// text, only then is [`Inline::scan`] of use.
pub fn mentions(text: &[u8]) -> bool {
    comment::mentions(text)
}

/// As [`mentions`], of a text that did not before these bytes of it were changed; an empty range is a seam.
pub fn mentions_near(text: &[u8], changed: &Range<usize>) -> bool {
    comment::mentions_near(text, changed)
}

/// The comments of one text. Made once for a text that has findings; remembers which comments were used.
#[derive(Debug, Default)]
pub struct Inline {
    /// By line.
    comments: Vec<Placed>,
    /// Those that cover the whole text.
    global: Vec<Placed>,
    /// Where the comments begin that are beyond the bound.
    ignored: Option<usize>,
}

/// A comment in its place.
#[derive(Debug)]
struct Placed {
    comment: Comment,
    /// From its first word to the end of its rules.
    span: Span,
    /// First and last line that it covers, from 1.
    covers: (u32, u32),
    /// The last line that this one or any before it covers.
    reach: u32,
    /// Whether it looks like a comment, rather than like prose about one.
    is_comment: bool,
    /// A flag a rule; one where no rule is named.
    used: Vec<AtomicBool>,
}

impl Inline {
    /// Reads all comments of a text; linear in its length.
    pub fn scan(text: &[u8]) -> Self {
        let mut hits = comment::hits(text, MAX_COMMENTS + 1);
        let ignored = hits.get(MAX_COMMENTS).map(|(at, _)| *at);
        hits.truncate(MAX_COMMENTS);
        let mut line = Line::first(text);
        let mut places: Vec<(Line, usize, Comment)> = Vec::with_capacity(hits.len());
        for (at, comment) in hits {
            line.advance(text, at);
            places.push((line, at, comment));
        }
        let mut inline = Inline { ignored, ..Inline::default() };
        let mut below = Below::default();
        // from the last to the first: a comment above another covers what that one covers
        for (line, at, comment) in places.into_iter().rev() {
            let covers = match comment.syntax {
                Syntax::HadolintGlobal => (1, u32::MAX),
                Syntax::DetectSecretsNext => (line.number + 1, line.number + 1),
                Syntax::Hadolint | Syntax::Gitward if line.alone == Some(true) => {
                    (line.number, below.last(text, &line))
                }
                Syntax::Hadolint => continue,
                Syntax::Gitward | Syntax::Gitleaks | Syntax::DetectSecrets | Syntax::Trufflehog => {
                    (line.number, line.number)
                }
            };
            let before = text.get(line.start..at).unwrap_or_default().trim_ascii_end();
            let placed = Placed {
                span: Span::new(at, at + comment.len),
                covers,
                reach: 0,
                is_comment: before.last().is_none_or(|&b| is_leader(b)),
                used: (0..comment.rules.len().max(1)).map(|_| AtomicBool::new(false)).collect(),
                comment,
            };
            match placed.comment.syntax {
                Syntax::HadolintGlobal => inline.global.push(placed),
                _ => inline.comments.push(placed),
            }
        }
        inline.comments.sort_by_key(|p| (p.covers.0, p.span.start));
        let mut reach = 0;
        for placed in &mut inline.comments {
            reach = reach.max(placed.covers.1);
            placed.reach = reach;
        }
        inline
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty() && self.global.is_empty()
    }

    /// The reason of a comment that allows the finding, which lies in this text.
    pub(super) fn allows(&self, finding: &Finding, rule: Option<&RuleMeta<'_>>) -> Option<&str> {
        let position = finding.at.position.as_ref()?;
        let end = self.comments.partition_point(|p| p.covers.0 <= position.end_line);
        let near = self.comments.get(..end).unwrap_or_default().iter().rev();
        let near = near.take_while(|p| p.reach >= position.line).filter(|p| p.covers.1 >= position.line);
        // every comment that applies counts as used
        near.chain(&self.global).filter(|p| p.allows(finding, rule)).last().map(|p| p.comment.reason.as_str())
    }

    /// Comments that allow nothing, as findings: `suppression-invalid`, and where `report_unused`, the
    /// `suppression-unused` of gitward's own. Call it after every finding of the blob was decided; ask for
    /// unused ones only where all guards have seen the whole blob.
    pub fn remarks(&self, blob: &Blob<'_>, report_unused: bool) -> Vec<Finding> {
        let on = |complaint: Complaint, span| {
            let at = Location::in_blob(blob, span);
            let path = at.path.clone().unwrap_or_default();
            let about = [path.as_bytes(), complaint.about.as_bytes()];
            let mut finding = remark(complaint.rule, &about, at, complaint.message);
            finding.help.push(complaint.help.to_owned());
            finding
        };
        let mut all = self.comments.iter().filter_map(|p| Some((p.complaint(report_unused)?, p.span)));
        let mut found: Vec<_> = all.by_ref().take(MAX_REMARKS).map(|(complaint, span)| on(complaint, span)).collect();
        if let Some((first, span)) = all.next() {
            let message = format!("{} more comments of this file allow nothing", 1 + all.count());
            found.push(on(Complaint { about: "more".to_owned(), message, ..first }, span));
        }
        if let Some(at) = self.ignored {
            let message = format!("more than {MAX_COMMENTS} comments allow something; this and the rest do not count");
            let help = "except the file or the rule in the policy";
            let complaint = Complaint { rule: &SUPPRESSION_INVALID, about: "bound".to_owned(), message, help };
            found.push(on(complaint, Span::new(at, at)));
        }
        found
    }
}

/// What is wrong with a comment.
struct Complaint {
    rule: &'static RuleMeta<'static>,
    /// Tells it from others of the file.
    about: String,
    message: String,
    help: &'static str,
}

impl Placed {
    /// What is wrong with it, if it is one of gitward's own and no prose.
    fn complaint(&self, report_unused: bool) -> Option<Complaint> {
        if self.comment.syntax != Syntax::Gitward || !self.is_comment {
            return None;
        }
        if let Some(why) = self.comment.broken {
            let message = format!("this comment allows nothing: {why}");
            let help = "write `gitward: allow[rule-id] reason`";
            return Some(Complaint { rule: &SUPPRESSION_INVALID, about: why.to_owned(), message, help });
        }
        let rules = self.comment.rules.iter().zip(&self.used);
        let unused = rules.filter(|(_, used)| !used.load(Ordering::Relaxed)).map(|(name, _)| name.as_str());
        let about = unused.collect::<Vec<_>>().join(", ");
        let message = format!("nothing to allow here: {about}");
        let help = "take the comment away, or the rules that it needs no more";
        (report_unused && !about.is_empty()).then_some(Complaint { rule: &SUPPRESSION_UNUSED, about, message, help })
    }

    /// Whether it allows the finding, whose line it covers; remembers which of its rules did.
    fn allows(&self, finding: &Finding, rule: Option<&RuleMeta<'_>>) -> bool {
        if self.comment.broken.is_some() || !self.comment.syntax.is_for(finding.guard) {
            return false;
        }
        if self.comment.rules.is_empty() {
            return true;
        }
        let mut allows = false;
        for (name, used) in self.comment.rules.iter().zip(&self.used) {
            if super::is_called(finding, rule, name) {
                used.store(true, Ordering::Relaxed);
                allows = true;
            }
        }
        allows
    }
}

/// Whether a byte is part of what starts a comment in some language: `#`, `//`, `--`, `;`, `/*`, `<!--`,
/// `%`, `"`, `'`, `(*`, `{#`.
fn is_leader(b: u8) -> bool {
    matches!(b, b'#' | b'/' | b'-' | b';' | b'*' | b'<' | b'!' | b'%' | b'"' | b'\'' | b'(' | b'{')
}

/// The line of the comment that is looked at.
#[derive(Clone, Copy, Debug)]
struct Line {
    number: u32,
    start: usize,
    /// Without the line feed.
    end: usize,
    /// Whether a comment is all that it holds; `None`: not looked at.
    alone: Option<bool>,
}

impl Line {
    fn first(text: &[u8]) -> Self {
        Line { number: 1, start: 0, end: end_of_line(text, 0), alone: None }
    }

    /// Goes on to the line of `at`. The first comment of a line tells whether it stands alone.
    fn advance(&mut self, text: &[u8], at: usize) {
        if at > self.end {
            let passed = text.get(self.start..at).unwrap_or_default();
            self.number += memchr::memchr_iter(b'\n', passed).count() as u32;
            self.start += memchr::memrchr(b'\n', passed).map_or(0, |n| n + 1);
            self.end = end_of_line(text, at);
            self.alone = None;
        }
        let line = text.get(self.start..self.end).unwrap_or_default();
        self.alone.get_or_insert_with(|| is_alone(line, at - self.start));
    }
}

fn end_of_line(text: &[u8], from: usize) -> usize {
    memchr::memchr(b'\n', text.get(from..).unwrap_or_default()).map_or(text.len(), |n| from + n)
}

/// Whether a line holds nothing beside a comment whose first word is at `at`.
fn is_alone(line: &[u8], at: usize) -> bool {
    let (before, after) = line.split_at(at.min(line.len()));
    if !before.iter().all(|&b| is_leader(b) || b.is_ascii_whitespace()) {
        return false;
    }
    // a block comment may end in front of code
    let ends: [(&[u8], &[u8]); 4] = [(b"/*", b"*/"), (b"<!--", b"-->"), (b"(*", b"*)"), (b"{#", b"#}")];
    ends.iter().filter(|(open, _)| memchr::memmem::find(before, open).is_some()).all(|(_, close)| {
        let end = memchr::memmem::find(after, close);
        end.is_none_or(|n| after.get(n + close.len()..).unwrap_or_default().trim_ascii().is_empty())
    })
}

/// What stands below comments, asked from the last comment of a text to the first; what was walked over
/// is remembered, so that a text is walked over once.
#[derive(Default)]
struct Below {
    /// Line number of the comment asked last, and the last line that it covers.
    comment: Option<(u32, u32)>,
    /// First line number of the statement seen last, and its last.
    statement: Option<(u32, u32)>,
}

impl Below {
    /// The last line that a comment alone on `line` covers.
    fn last(&mut self, text: &[u8], line: &Line) -> u32 {
        let last = match self.comment {
            Some((number, last)) if number == line.number || number == line.number + 1 => last,
            _ => self.statement_end(text, line.number + 1, line.end + 1),
        };
        self.comment = Some((line.number, last));
        last
    }

    /// The last line of the statement that begins at line `first`, byte `at`.
    fn statement_end(&mut self, text: &[u8], first: u32, mut at: usize) -> u32 {
        let known = self.statement;
        let (mut number, mut continued) = (first, false);
        let last = loop {
            if let Some((_, last)) = known.filter(|(start, _)| *start == number) {
                break last;
            }
            let end = end_of_line(text, at);
            let line = text.get(at..end).unwrap_or_default().trim_ascii();
            // comments may stand between the lines of a Dockerfile instruction
            continued = line.ends_with(b"\\") || continued && line.starts_with(b"#");
            if !continued || end >= text.len() {
                break number;
            }
            (number, at) = (number + 1, end + 1);
        };
        self.statement = Some((first, last));
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{EntryKind, Occurrence, Origin, RepoPath};
    use crate::finding::{Fingerprint, GuardId, Level};
    use proptest::prelude::*;

    const META: RuleMeta<'static> = RuleMeta {
        id: "image-latest",
        aliases: &["DL3007"],
        guard: GuardId::Images,
        level: Level::Deny,
        summary: "",
        docs: "",
        bad: &[],
        good: &[],
    };

    fn finding(guard: GuardId, rule: &'static str, text: &str, span: Span) -> Finding {
        let at = Location::in_file(b"f", Origin::Index, text.as_bytes(), span);
        Finding::new(rule.into(), guard, Level::Deny, String::new(), at, Fingerprint::over(&[b"x"]))
    }

    fn blob_remarks(text: &str, inline: &Inline, unused: bool) -> Vec<(String, u32, String)> {
        let seen = [Occurrence {
            path: RepoPath::new(b"f"),
            origin: Origin::Index,
            kind: EntryKind::File,
            bases: Default::default(),
        }];
        let blob = Blob { oid: None, bytes: text.as_bytes(), seen: &seen };
        let line = |f: &Finding| f.at.position.as_ref().unwrap().line;
        inline.remarks(&blob, unused).into_iter().map(|f| (f.rule.to_string(), line(&f), f.message)).collect()
    }

    /// Texts in which the findings of rule `r` are marked with `<BAD>` where they are reported and `<ok>`
    /// where they are allowed.
    #[test]
    fn covers_its_line_and_the_statement_below() {
        let secrets = GuardId::Secrets;
        let table = [
            (secrets, "k = <ok> # gitward: allow[r] why\nk = <BAD>\n"),
            (secrets, "<BAD>\n# gitward: allow[r]\nk = <ok>\nk = <BAD>\n"),
            (secrets, "  // gitward: allow[other, r]\nk = <ok>\n"),
            (secrets, "// gitward: allow[other]\nk = <BAD>\n"),
            (secrets, "// gitward: allow[R]\r\nk = <ok>\r\nk = <BAD>\r\n"),
            (secrets, "# gitward: allow[r]\n# gitward: allow[x]\nk = <ok>\n<BAD>"),
            (secrets, "# gitward: allow[r]\n\nk = <BAD>\n"),
            (secrets, "# gitward: allow\nk = <BAD> # gitward: allow\n"),
            (secrets, "/* gitward: allow[r] */ k = <ok>\nk = <BAD>\n"),
            (secrets, "/* gitward: allow[r] */\nk = <ok>\n"),
            (secrets, "#define K \"<ok>\" // gitward: allow[r]\n<BAD>\n"),
            (secrets, "\" gitward: allow[r]\nlet k = <ok>\n"),
            (secrets, "# gitward: allow[r]\nrun \\\n  <ok> \\\n  <ok>\n  <BAD>\n"),
            (secrets, "# gitward: allow[r]\nrun \\\n  # gitward: allow[x]\n  <ok> \\\n  <ok>\n<BAD>"),
            (secrets, "<ok> # gitleaks:allow\n<BAD>\n"),
            (secrets, "# gitleaks:allow\n<BAD>\n"),
            (secrets, "<ok> # trufflehog:ignore\n<ok> // pragma: allowlist secret\n<BAD>\n"),
            (secrets, "# pragma: allowlist nextline secret\n<ok>\n<BAD>\n"),
            (secrets, "# hadolint ignore=r\n<BAD>\n"),
            (GuardId::Hooks, "- repo: <BAD> # gitward: allow[r]\n"),
            (GuardId::Images, "FROM <BAD> # gitleaks:allow trufflehog:ignore pragma: allowlist secret\n"),
            (GuardId::Images, "# hadolint ignore=DL3007\nFROM <ok>\nFROM <BAD>\n"),
            (GuardId::Images, "# hadolint ignore=DL3006\n# hadolint ignore=DL3007,DL3006\nFROM <ok>\n"),
            (GuardId::Images, "FROM <BAD> # hadolint ignore=DL3007\n"),
            (GuardId::Images, "# hadolint global ignore=DL3007\nFROM <ok>\n\nFROM <ok>\n"),
            (GuardId::Images, "# gitward: allow[dl3007]\nFROM <ok>\n"),
            (GuardId::Images, "# gitward: allow[image-latest] both names do\nFROM <ok>\n"),
        ];
        for (guard, text) in table {
            let inline = Inline::scan(text.as_bytes());
            let (rule, meta) = if guard == GuardId::Images { ("image-latest", Some(&META)) } else { ("r", None) };
            for (mark, want) in [("<ok>", true), ("<BAD>", false)] {
                for (at, _) in text.match_indices(mark) {
                    let finding = finding(guard, rule, text, Span::new(at, at + mark.len()));
                    assert_eq!(inline.allows(&finding, meta).is_some(), want, "{mark} at {at} of\n{text}");
                }
            }
        }
    }

    #[test]
    fn any_line_of_a_finding_counts() {
        let text = "key = '''\nabc # gitward: allow[r] sample\ndef'''\n";
        let inline = Inline::scan(text.as_bytes());
        let long = finding(GuardId::Secrets, "r", text, Span::new(6, text.len() - 1));
        assert_eq!(inline.allows(&long, None), Some("sample"));
        let first = finding(GuardId::Secrets, "r", text, Span::new(0, 3));
        assert_eq!(inline.allows(&first, None), None);
    }

    #[test]
    fn reports_comments_that_allow_nothing() {
        let text = "\
a # gitward: allow[r] used
b # gitward: allow[r, s] half used
c # gitward: allow[r]
d # gitward: allow
In prose, `gitward: allow[r]` and `gitward: allow` are left alone.
e # gitleaks:allow
";
        let inline = Inline::scan(text.as_bytes());
        for line in [0, text.find("b #").unwrap()] {
            assert!(inline.allows(&finding(GuardId::Secrets, "r", text, Span::new(line, line + 1)), None).is_some());
        }
        let invalid = (
            "suppression-invalid".to_owned(),
            4,
            "this comment allows nothing: it must name the rules that it allows".to_owned(),
        );
        assert_eq!(blob_remarks(text, &inline, false), std::slice::from_ref(&invalid));
        let unused =
            |line, names: &str| ("suppression-unused".to_owned(), line, format!("nothing to allow here: {names}"));
        assert_eq!(blob_remarks(text, &inline, true), [unused(2, "s"), unused(3, "r"), invalid]);
    }

    #[test]
    fn is_bounded_and_says_so() {
        let text = "# gitward: allow[r]\n".repeat(MAX_COMMENTS + 5) + "x\n";
        let inline = Inline::scan(text.as_bytes());
        assert_eq!(inline.comments.len(), MAX_COMMENTS);
        let remarks = blob_remarks(&text, &inline, false);
        assert_eq!((remarks.len(), remarks[0].1), (1, MAX_COMMENTS as u32 + 1));
        let remarks = blob_remarks(&text, &inline, true);
        assert_eq!(remarks.len(), MAX_REMARKS + 2);
        assert_eq!(remarks[MAX_REMARKS].2, "9900 more comments of this file allow nothing");
        // one long line, and a long statement below each of many comments
        let line = "/* gitward: allow[r] */ ".repeat(MAX_COMMENTS);
        assert_eq!(Inline::scan(line.as_bytes()).comments.len(), MAX_COMMENTS);
        let inside = "# gitward: allow[r]\nx \\\n".repeat(MAX_COMMENTS);
        // the last line that is continued to is the empty one at the end
        assert_eq!(Inline::scan(inside.as_bytes()).comments[0].covers, (1, 2 * MAX_COMMENTS as u32 + 1));
    }

    #[test]
    fn one_search_tells_that_there_is_nothing() {
        assert!(mentions(b"x # gitward:allow[y]") && !mentions(b"x # gitleaks:allow"));
        assert!(Inline::scan(b"nothing here").is_empty());
        assert!(!Inline::scan(b"# hadolint global ignore=DL3007").is_empty());
    }

    proptest! {
        #[test]
        fn takes_any_text(text in "(gitward: ?allow|\\[[a,]{0,3}\\]?|# |/\\*|\\*/|\\\\?\\n|hadolint (global )?ignore=a|pragma: allowlist |nextline |secret|x|é){0,40}") {
            let inline = Inline::scan(text.as_bytes());
            let lines = text.split('\n').count() as u32;
            for placed in &inline.comments {
                prop_assert!(placed.span.end <= text.len());
                prop_assert!(placed.covers.0 >= 1 && placed.covers.0 <= placed.covers.1);
                prop_assert!(placed.covers.1 <= lines + 1);
            }
            blob_remarks(&text, &inline, true);
        }
    }
}
