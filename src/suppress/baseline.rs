//! `.gitward-baseline.toml`: findings that were there when the gate was set up.
//!
//! Made to be committed and merged: an entry names a finding by its fingerprint, so that it survives moved
//! lines; entries are sorted, and there is no time, no line number and nothing secret in the file.
//!
//! ```toml
//! version = 1
//!
//! [[finding]]
//! fingerprint = "gw1:4f9a12c07b3e5d61"
//! rule = "github-pat"
//! path = "docs/sample.md"
//! reason = "revoked 2024"   # optional, kept when the file is written anew
//! ```

use super::unused::{SUPPRESSION_UNUSED, place, remark};
use crate::finding::{Finding, Fingerprint, GuardId, Incomplete, Level, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use toml::Spanned;

/// The name of the file, at the root of a repository.
pub const FILE: &str = ".gitward-baseline.toml";
/// Largest file, in bytes: some hundred thousand entries.
pub const MAX_BYTES: usize = 32 << 20;
/// Most unused entries that are reported one by one: a place costs a look over the whole file.
const MAX_REMARKS: usize = 100;
/// The only version of the format.
const VERSION: i64 = 1;

/// A baseline, and which of its entries were met.
#[derive(Debug)]
pub struct Baseline {
    name: String,
    text: String,
    /// By fingerprint.
    entries: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    fingerprint: Fingerprint,
    rule: String,
    path: Option<String>,
    reason: Option<String>,
    /// The fingerprint in the file.
    span: Span,
    used: AtomicBool,
}

/// Why a baseline was refused. Nothing of it is honoured then, and the run says that it is incomplete.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct BaselineError {
    /// The file's name as given.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// What is wrong, in one line.
    pub message: String,
}

impl From<BaselineError> for Incomplete {
    fn from(error: BaselineError) -> Self {
        Incomplete::new("the baseline", error)
            .help("mend the line, or write the file anew with `gitward baseline write`")
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    version: Spanned<i64>,
    #[serde(default)]
    finding: Vec<RawEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEntry {
    fingerprint: Spanned<String>,
    rule: String,
    path: Option<String>,
    reason: Option<String>,
}

impl Baseline {
    /// Reads a baseline; `name` is how the file is called in messages.
    ///
    /// # Errors
    /// When the file is too large, no TOML, of another version, or holds an unknown key or a malformed
    /// fingerprint.
    pub fn parse(text: &str, name: &str) -> Result<Self, BaselineError> {
        let error = |at: usize, message: String| {
            let before = text.as_bytes().get(..at).unwrap_or_default();
            let line = 1 + memchr::memchr_iter(b'\n', before).count() as u32;
            BaselineError { file: name.to_owned(), line, message }
        };
        if text.len() > MAX_BYTES {
            return Err(error(0, format!("larger than {MAX_BYTES} bytes")));
        }
        let raw: RawFile = toml::from_str(text)
            .map_err(|e| error(e.span().map_or(0, |s| s.start), e.message().lines().collect::<Vec<_>>().join(" ")))?;
        if *raw.version.get_ref() != VERSION {
            let message = format!("version {} is not known, only {VERSION} is", raw.version.get_ref());
            return Err(error(raw.version.span().start, message));
        }
        let mut entries = Vec::with_capacity(raw.finding.len());
        for entry in raw.finding {
            let span = entry.fingerprint.span();
            let Some(fingerprint) = Fingerprint::parse(entry.fingerprint.get_ref()) else {
                let message = "a fingerprint is `gw1:` and 12 to 64 hexadecimal digits".to_owned();
                return Err(error(span.start, message));
            };
            let RawEntry { rule, path, reason, .. } = entry;
            let (span, used) = (Span::new(span.start, span.end), AtomicBool::new(false));
            entries.push(Entry { fingerprint, rule, path, reason, span, used });
        }
        entries.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        Ok(Baseline { name: name.to_owned(), text: text.to_owned(), entries })
    }

    /// The entries that mean this finding. One may be written short; each length is one binary search.
    fn entries_of<'a>(&'a self, fingerprint: &Fingerprint) -> impl Iterator<Item = &'a Entry> {
        let full = fingerprint.as_str();
        let lengths = Fingerprint::PREFIX.len()..=full.len();
        lengths.filter_map(|len| full.get(..len)).flat_map(|short| {
            let start = self.entries.partition_point(|e| e.fingerprint.as_str() < short);
            let rest = self.entries.get(start..).unwrap_or_default().iter();
            rest.take_while(move |e| e.fingerprint.as_str() == short)
        })
    }

    /// The reason of the entry for this finding, which may be empty; its entries count as used.
    pub(super) fn find(&self, fingerprint: &Fingerprint) -> Option<&str> {
        let mark = |e: &Entry| e.used.store(true, Ordering::Relaxed);
        let entry = self.entries_of(fingerprint).inspect(|e| mark(e)).last()?;
        Some(entry.reason.as_deref().unwrap_or_default())
    }

    /// `suppression-unused` for the entries that no finding met.
    pub(super) fn unused(&self) -> Vec<Finding> {
        let mut unused: Vec<_> = self.entries.iter().filter(|e| !e.used.load(Ordering::Relaxed)).collect();
        unused.sort_by_key(|e| e.span);
        let on = |entry: &Entry, about: &str, message| {
            let at = place(&self.name, &self.text, entry.span);
            let mut finding = remark(&SUPPRESSION_UNUSED, &[b"baseline", about.as_bytes()], at, message);
            finding.help.push("`gitward baseline prune` takes unused entries away".to_owned());
            finding
        };
        let (shown, rest) = unused.split_at(unused.len().min(MAX_REMARKS));
        let one = |e: &&Entry| {
            let path = e.path.as_deref().unwrap_or("no file");
            let message = format!("the baseline entry for {} in {path} silences nothing", e.rule);
            on(e, e.fingerprint.as_str(), message)
        };
        let more = rest.first().map(|e| on(e, "more", format!("{} more baseline entries silence nothing", rest.len())));
        shown.iter().map(one).chain(more).collect()
    }

    /// The file without the entries that were not met, after a run over the whole repository.
    pub fn prune(&self) -> String {
        draw(self.entries.iter().filter(|e| e.used.load(Ordering::Relaxed)).map(|e| Line {
            fingerprint: e.fingerprint.as_str(),
            rule: &e.rule,
            path: e.path.clone(),
            reason: e.reason.as_deref(),
        }))
    }

    /// A file that holds these findings. `old` is the present file: its reasons are kept. Hand over what it
    /// silenced too, or that is lost.
    ///
    /// Same findings, same bytes. Findings of level forbid and those about suppressions are left out: no
    /// baseline silences them.
    pub fn write<'a>(findings: impl IntoIterator<Item = &'a Finding>, old: Option<&Baseline>) -> String {
        let fit = |f: &&Finding| f.level < Level::Forbid && f.guard != GuardId::Run;
        let entry = |f: &Fingerprint| old?.entries_of(f).find(|e| e.reason.is_some());
        draw(findings.into_iter().filter(fit).map(|f| Line {
            fingerprint: f.fingerprint.as_str(),
            rule: &f.rule,
            path: path(f),
            reason: entry(&f.fingerprint).and_then(|e| e.reason.as_deref()),
        }))
    }
}

/// The path of a finding; none where there is none or where it holds the secret itself.
fn path(finding: &Finding) -> Option<String> {
    let path = finding.at.path.as_ref()?;
    let leaks = |s: &crate::secret::Secret| memchr::memmem::find(path.as_bytes(), s.expose()).is_some();
    (!finding.secret.as_ref().is_some_and(leaks)).then(|| path.lossy().into_owned())
}

/// What an entry says.
struct Line<'a> {
    fingerprint: &'a str,
    rule: &'a str,
    path: Option<String>,
    reason: Option<&'a str>,
}

/// Draws the file: one entry a fingerprint, sorted by path, rule and fingerprint.
fn draw<'a>(lines: impl Iterator<Item = Line<'a>>) -> String {
    // of several places of a finding, the first is named
    let mut places: BTreeMap<&str, Line<'a>> = BTreeMap::new();
    for line in lines {
        let known = places.get(line.fingerprint);
        if known.is_none_or(|k| (&line.path, line.rule) < (&k.path, k.rule)) {
            places.insert(line.fingerprint, line);
        }
    }
    let mut lines: Vec<_> = places.into_values().collect();
    lines.sort_by(|a, b| (&a.path, a.rule, a.fingerprint).cmp(&(&b.path, b.rule, b.fingerprint)));
    let mut out =
        String::from("# Findings that gitward knows and does not report. Written by `gitward baseline write`.\n");
    let _ = writeln!(out, "version = {VERSION}");
    for line in lines {
        let _ = writeln!(out, "\n[[finding]]\nfingerprint = {}", quoted(line.fingerprint));
        let _ = writeln!(out, "rule = {}", quoted(line.rule));
        for (key, value) in [("path", line.path.as_deref()), ("reason", line.reason)] {
            if let Some(value) = value {
                let _ = writeln!(out, "{key} = {}", quoted(value));
            }
        }
    }
    out
}

/// A TOML basic string: always in one line, so that an entry has the same lines whatever it holds.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Origin;
    use crate::finding::Location;
    use crate::secret::Secret;
    use proptest::prelude::*;

    fn finding(rule: &'static str, path: &str, about: &str) -> Finding {
        let at = Location::tree(Some(path.as_bytes()), Origin::Index);
        let fingerprint = Fingerprint::over(&[about.as_bytes()]);
        Finding::new(rule.into(), GuardId::Secrets, Level::Deny, String::new(), at, fingerprint)
    }

    #[test]
    fn is_deterministic_sorted_and_read_back() {
        let mut hidden = finding("r", "dir/token-abcdef", "4");
        hidden.secret = Some(Secret::new(b"abcdef"));
        let mut forbidden = finding("r", "f", "5");
        forbidden.level = Level::Forbid;
        let mut about = finding("r", "f", "6");
        about.guard = GuardId::Run;
        let mut nowhere = finding("r", "", "7");
        nowhere.at.path = None;
        let all = [
            finding("b", "z\t\"\\.py", "1"),
            finding("b", "a.py", "2"),
            finding("a", "a.py", "3"),
            finding("a", "later.py", "3"),
            hidden,
            forbidden,
            about,
            nowhere,
        ];
        let text = Baseline::write(&all, None);
        assert_eq!(Baseline::write(all.iter().rev(), None), text);
        let paths: Vec<_> = text.lines().filter(|l| l.starts_with("path")).collect();
        assert_eq!(paths, [r#"path = "a.py""#, r#"path = "a.py""#, r#"path = "z\u0009\"\\.py""#]);
        assert!(!text.contains("abcdef"));
        let baseline = Baseline::parse(&text, FILE).unwrap();
        let known: Vec<_> = all.iter().map(|f| baseline.find(&f.fingerprint).is_some()).collect();
        assert_eq!(known, [true, true, true, true, true, false, false, true]);
        assert_eq!(baseline.prune(), text);
    }

    #[test]
    fn short_entries_and_repeated_ones_hold() {
        let fingerprint = Fingerprint::over(&[b"x"]);
        let short = &fingerprint.as_str()[..16];
        let entry = |fp: &str, reason: &str| {
            format!("[[finding]]\nfingerprint = \"{fp}\"\nrule = \"r\"\nreason = \"{reason}\"\n")
        };
        let text = format!(
            "version = 1\n{}{}",
            entry(&short.to_ascii_uppercase().replace("GW1", "gw1"), "short"),
            entry("gw1:000000000000", "other")
        );
        let baseline = Baseline::parse(&text, FILE).unwrap();
        assert_eq!(baseline.find(&fingerprint), Some("short"));
        assert_eq!(baseline.find(&Fingerprint::over(&[b"y"])), None);
        let unused = baseline.unused();
        let position = unused[0].at.position.as_ref().unwrap();
        assert_eq!((unused.len(), unused[0].rule.as_ref(), position.line), (1, "suppression-unused", 7));

        let many: String = (0..MAX_REMARKS + 7).map(|n| entry(&format!("gw1:{n:012x}"), "")).collect();
        let many = Baseline::parse(&format!("version = 1\n{many}"), FILE).unwrap().unused();
        assert_eq!(many.len(), MAX_REMARKS + 1);
        assert_eq!(many[MAX_REMARKS].message, "7 more baseline entries silence nothing");

        let twice = format!("version = 1\n{0}{0}", entry(short, "same"));
        let twice = Baseline::parse(&twice, FILE).unwrap();
        assert!(twice.find(&fingerprint).is_some() && twice.unused().is_empty());
        assert_eq!(twice.prune().matches("[[finding]]").count(), 1);
    }

    #[test]
    fn prune_and_write_keep_reasons() {
        let (kept, gone) = (finding("r", "kept", "1"), finding("r", "gone", "2"));
        let text =
            Baseline::write([&kept, &gone], None).replace("path = \"kept\"", "path = \"kept\"\nreason = \"old key\"");
        let old = Baseline::parse(&text, FILE).unwrap();
        assert_eq!(old.find(&kept.fingerprint), Some("old key"));
        let pruned = old.prune();
        assert!(pruned.contains("reason = \"old key\"") && !pruned.contains("gone"));
        assert_eq!(Baseline::write([&kept], Some(&old)), pruned);
    }

    #[test]
    fn errors_name_the_line() {
        let table = [
            ("", 1, "version"),
            ("version = 2\n", 1, "version 2"),
            ("version = 1\n\n[[finding]]\nrule = \"r\"\n", 3, "fingerprint"),
            ("version = 1\n[[finding]]\nfingerprint = \"abc\"\nrule = \"r\"\n", 3, "hexadecimal"),
            ("version = 1\n[[finding]]\nfingerprint = \"gw1:000000000000\"\nrule = \"r\"\nline = 3\n", 5, "line"),
            ("version = 1\n<<<<<<< HEAD\n", 2, ""),
        ];
        for (text, line, want) in table {
            let error = Baseline::parse(text, "b.toml").expect_err(text);
            assert_eq!(error.line, line, "{text}: {error}");
            assert!(error.message.contains(want) && !error.message.contains('\n'), "{text}: {error}");
            assert!(Incomplete::from(error).why.starts_with("b.toml:"));
        }
    }

    proptest! {
        #[test]
        fn any_text_survives(path in "\\PC{0,20}|[\\x00-\\x1f\\x7f\"\\\\]{0,9}", reason in "(?s).{0,20}") {
            let line = || Line { fingerprint: "gw1:0123456789ab", rule: "r", path: Some(path.clone()), reason: Some(&reason) };
            let text = draw([line()].into_iter());
            let back = Baseline::parse(&text, FILE).unwrap();
            prop_assert_eq!(back.entries[0].path.as_ref(), Some(&path));
            prop_assert_eq!(back.entries[0].reason.as_ref(), Some(&reason));
        }
    }
}
