//! From a text to findings, in the order of gitleaks' questions: places, keywords, matches, comments, entropy,
//! allow-lists, required rules; then the same with what is encoded in the text.

use super::allow::{Allowlist, Answers, Place, Subject};
use super::decode::{Origin, Passes};
use super::location::LineEnds;
use super::rules::{Hit, Hits, Rule, Rules};
use crate::finding::{Incomplete, Span};
use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Findings of one text; more are no leaks but an attack, or data.
pub(super) const MAX_FINDINGS: usize = 100_000;
/// Passes of decoding that are made at most.
const MAX_PASSES: usize = 64;
/// Comparisons of findings with those of required rules.
const MAX_COMPARED: u64 = 50_000_000;
/// Secrets of one line that those of generic rules are compared with.
const MAX_BETTER: usize = 1000;
/// The comment that lets a line go.
const ALLOW: &[u8] = b"gitleaks:allow";

/// What a run may be told beside the rules.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    /// `gitleaks:allow` counts for nothing.
    pub(super) ignore_comments: bool,
    /// Millions of bytes beyond which regexes are not asked; 0: no limit.
    pub(super) max_megabytes: usize,
    /// Built-in rules are left out.
    pub(super) own_rules_alone: bool,
    /// Rules for certain paths take part at any.
    pub(super) any_path: bool,
}

/// A finding.
#[derive(Clone, Debug)]
pub(in crate::guards::secrets) struct Found {
    /// Index of the rule.
    pub(in crate::guards::secrets) rule: usize,
    /// Lines from 0; all zero for a path alone.
    pub(super) start_line: usize,
    pub(super) end_line: usize,
    pub(super) start_column: usize,
    pub(super) end_column: usize,
    /// Whether there is a line at all.
    pub(super) has_line: bool,
    pub(super) matched: Vec<u8>,
    pub(super) secret: Vec<u8>,
    /// Where the secret stands; of decoded ones, where the encoded match does.
    pub(in crate::guards::secrets) place: Span,
    /// All that was matched, likewise.
    pub(in crate::guards::secrets) whole: Span,
    pub(super) entropy: f64,
    /// Those of decoding.
    pub(super) tags: Vec<String>,
}

/// A text with what is computed of it once.
struct Scan<'a> {
    rules: &'a Rules,
    text: &'a [u8],
    options: Options,
    /// Places where nothing lets go of all.
    places: Vec<Place<'a>>,
    lines: OnceCell<LineEnds>,
    /// Where [`ALLOW`] stands.
    comments: OnceCell<Vec<usize>>,
    compared: u64,
}

/// A pass over the text, decoded as often as it says.
struct Pass<'a> {
    text: &'a [u8],
    passes: &'a Passes,
    hits: Hits,
    answers: Answers,
}

pub(super) type Result<T> = std::result::Result<T, Incomplete>;

/// All findings in a text that stands at all of `places`: what one place lets go of counts where another does not.
///
/// # Errors
/// For a rule that cannot be run, and for more findings than can be kept.
pub(super) fn scan(
    rules: &Rules,
    text: &[u8],
    places: &[Place<'_>],
    max_depth: usize,
    options: Options,
) -> Result<Vec<Found>> {
    let mut open = Vec::with_capacity(places.len());
    for place in places {
        if !any_covers(&rules.allow, *place).map_err(|why| incomplete("the allow-lists", why))? {
            open.push(*place);
        }
    }
    if open.is_empty() {
        return Ok(Vec::new());
    }
    let mut scan =
        Scan { rules, text, options, places: open, lines: OnceCell::new(), comments: OnceCell::new(), compared: 0 };
    let mut all = Vec::new();
    let mut passes = Passes::default();
    scan.pass(text, &passes, &mut all)?;
    let mut decoded: Option<Vec<u8>> = None;
    while passes.depth() < max_depth {
        if passes.depth() == MAX_PASSES {
            return Err(incomplete("the text", format!("it is encoded more than {MAX_PASSES} times")));
        }
        let Some(next) = passes.next(decoded.as_deref().unwrap_or(text)) else { break };
        scan.pass(&next, &passes, &mut all)?;
        decoded = Some(next);
    }
    Ok(without_generic(rules, all))
}

fn incomplete(what: &str, why: impl std::fmt::Display) -> Incomplete {
    Incomplete::new(format!("gitleaks' rules: {what}"), why)
}

pub(super) fn any_covers(lists: &[Arc<Allowlist>], place: Place<'_>) -> std::result::Result<bool, String> {
    for list in lists {
        if list.covers(place)? {
            return Ok(true);
        }
    }
    Ok(false)
}

impl<'a> Scan<'a> {
    fn pass(&mut self, text: &[u8], passes: &Passes, all: &mut Vec<Found>) -> Result<()> {
        let paths: Vec<&[u8]> = self.places.iter().map(|place| place.path).filter(|path| !path.is_empty()).collect();
        let hits =
            self.rules.hits(text, &paths, !self.options.own_rules_alone).map_err(|e| incomplete(&e.rule, e.why))?;
        let pass = Pass { text, passes, hits, answers: Answers::default() };
        for &rule in &pass.hits.asked {
            let found = self.rule(usize::from(rule), &pass, false)?;
            if all.len() + found.len() > MAX_FINDINGS {
                return Err(incomplete("the text", format!("it has more than {MAX_FINDINGS} findings")));
            }
            all.extend(found);
        }
        Ok(())
    }

    /// The findings of a rule in a pass; `nested`: for another rule that requires it.
    fn rule(&mut self, index: usize, pass: &Pass<'_>, nested: bool) -> Result<Vec<Found>> {
        let Some(rule) = self.rules.all.get(index) else { return Ok(Vec::new()) };
        if rule.skip_report && !nested {
            return Ok(Vec::new());
        }
        let wrong = |why| incomplete(&rule.id, why);
        let places = self.places_of(rule).map_err(wrong)?;
        let Some(first) = places.first() else { return Ok(Vec::new()) };
        if !rule.has_regex() {
            let found = (pass.passes.depth() == 0).then(|| Found::at_path(index, first.path));
            return Ok(found.into_iter().collect());
        }
        let limit = self.options.max_megabytes;
        if limit > 0 && pass.text.len() / 1_000_000 > limit {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        let own;
        let hits = match pass.hits.of.get(&index) {
            Some(hits) => hits,
            // a required rule is asked without its keywords
            None if nested => {
                own = self.hits_without_keywords(rule, pass).map_err(wrong)?;
                &own
            }
            None => return Ok(Vec::new()),
        };
        for hit in hits {
            if let Some(found) = self.judge(index, rule, hit, pass, &places).map_err(wrong)? {
                all.push(found);
            }
        }
        if nested || rule.required.is_empty() || all.is_empty() {
            return Ok(all);
        }
        self.with_required(rule, pass, all)
    }

    /// The places where the rule has a say.
    fn places_of(&self, rule: &Rule) -> std::result::Result<Vec<Place<'a>>, String> {
        let mut open = Vec::new();
        for place in &self.places {
            let wanted = match &rule.path {
                Some(path) if !self.options.any_path => path.is_match(place.path)?,
                _ => true,
            };
            if wanted && !any_covers(&rule.allow, *place)? {
                open.push(*place);
            }
        }
        Ok(open)
    }

    fn hits_without_keywords(&self, rule: &Rule, pass: &Pass<'_>) -> std::result::Result<Vec<Hit>, String> {
        let mut hits = Vec::new();
        let Some(regex) = &rule.regex else { return Ok(hits) };
        regex.find_all(pass.text, pass.text.is_ascii(), |whole| {
            hits.push(Hit { whole, secret: None });
            hits.len() <= MAX_FINDINGS
        })?;
        Ok(hits)
    }

    /// A match through all questions.
    fn judge(
        &self,
        index: usize,
        rule: &Rule,
        hit: &Hit,
        pass: &Pass<'_>,
        places: &[Place<'_>],
    ) -> std::result::Result<Option<Found>, String> {
        let inside = trimmed(pass.text, hit.whole);
        let matched = inside.of(pass.text);
        let origin = if pass.passes.depth() > 0 {
            match pass.passes.origin(hit.whole) {
                // seen in an earlier pass
                None => return Ok(None),
                origin => origin,
            }
        } else {
            None
        };
        let place = match &origin {
            Some(origin) => origin.place,
            // line ends in front are taken from the end: so does gitleaks
            None => Span::new(hit.whole.start, hit.whole.start + matched.len()),
        };
        let location = self.lines.get_or_init(|| LineEnds::new(self.text)).locate(self.text, place);
        if !self.options.ignore_comments && self.has_comment(location.line) {
            return Ok(None);
        }
        let secret = secret(rule, hit, inside, matched)?;
        let secret_bytes = secret.of(pass.text);
        let entropy = entropy(secret_bytes);
        if rule.entropy != 0.0 && entropy <= rule.entropy {
            return Ok(None);
        }
        let (line_text, line_at) = match &origin {
            Some(origin) => line_around(pass.text, origin),
            None => (self.text, location.line),
        };
        let line = line_at.of(line_text);
        let subject = Subject { secret: secret_bytes, matched, line, line_at, answers: &pass.answers };
        let mut allowed = true;
        for place in places {
            allowed &= any_lets_go(&self.rules.allow, &subject, *place)? || any_lets_go(&rule.allow, &subject, *place)?;
            if !allowed {
                break;
            }
        }
        if allowed {
            return Ok(None);
        }
        Ok(Some(Found {
            rule: index,
            start_line: location.start_line,
            end_line: location.end_line,
            start_column: location.start_column,
            end_column: location.end_column,
            has_line: true,
            matched: matched.to_vec(),
            secret: secret_bytes.to_vec(),
            whole: place,
            place: if origin.is_some() { place } else { secret },
            entropy,
            tags: origin.map(|origin| origin.tags).unwrap_or_default(),
        }))
    }

    fn has_comment(&self, line: Span) -> bool {
        let comments = self.comments.get_or_init(|| memchr::memmem::find_iter(self.text, ALLOW).collect());
        let first = comments.partition_point(|at| *at < line.start);
        comments.get(first).is_some_and(|at| at + ALLOW.len() <= line.end)
    }

    /// Keeps findings near which each required rule has one too.
    fn with_required(&mut self, rule: &Rule, pass: &Pass<'_>, mut all: Vec<Found>) -> Result<Vec<Found>> {
        for required in &rule.required {
            let others = match self.rules.index(&required.id) {
                Some(other) => self.rule(other, pass, true)?,
                None => Vec::new(),
            };
            let near = Near::new(&others);
            let mut kept = Vec::with_capacity(all.len());
            for found in all {
                if near.has(&found, required.within_lines, required.within_columns, &mut self.compared) {
                    kept.push(found);
                }
                if self.compared > MAX_COMPARED {
                    return Err(incomplete(&rule.id, "there are too many findings of the rules that it requires"));
                }
            }
            all = kept;
        }
        Ok(all)
    }
}

impl Found {
    /// Of what is encoded: the match as it was decoded, where the secret is in it, and the encodings.
    pub(in crate::guards::secrets) fn decoded(&self) -> Option<(&[u8], Span, String)> {
        let names: Vec<&str> = self.tags.iter().filter_map(|tag| tag.strip_prefix("decoded:")).collect();
        let start = memchr::memmem::find(&self.matched, &self.secret)?;
        let note = || format!("decoded {}", names.join(", "));
        (!names.is_empty()).then(|| (&*self.matched, Span::new(start, start + self.secret.len()), note()))
    }

    fn at_path(rule: usize, path: &[u8]) -> Self {
        Found {
            rule,
            start_line: 0,
            end_line: 0,
            start_column: 0,
            end_column: 0,
            has_line: false,
            matched: [b"file detected: ", path].concat(),
            secret: Vec::new(),
            place: Span::new(0, 0),
            whole: Span::new(0, 0),
            entropy: 0.0,
            tags: Vec::new(),
        }
    }
}

/// Columns at which findings begin, by line.
struct Near(BTreeMap<i64, Vec<i64>>);

impl Near {
    fn new(found: &[Found]) -> Self {
        let mut lines: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for one in found {
            lines.entry(signed(one.line())).or_default().push(signed(one.start_column));
        }
        lines.values_mut().for_each(|columns| columns.sort_unstable());
        Near(lines)
    }

    fn has(&self, one: &Found, lines: Option<i64>, columns: Option<i64>, compared: &mut u64) -> bool {
        let around = |at: i64, by: Option<i64>| match by {
            None => Some((i64::MIN, i64::MAX)),
            Some(by) if by < 0 => None,
            Some(by) => Some((at.saturating_sub(by), at.saturating_add(by))),
        };
        let (line, column) = (signed(one.line()), signed(one.start_column));
        let Some(((from, to), (left, right))) = around(line, lines).zip(around(column, columns)) else { return false };
        self.0.range(from..=to).any(|(_, all)| {
            *compared += 1;
            all.get(all.partition_point(|at| *at < left)).is_some_and(|at| *at <= right)
        })
    }
}

impl Found {
    /// A line number in which a finding without a line differs from one on the first line.
    fn line(&self) -> usize {
        if self.has_line { self.start_line + 1 } else { 0 }
    }
}

fn signed(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn any_lets_go(lists: &[Arc<Allowlist>], subject: &Subject<'_>, place: Place<'_>) -> std::result::Result<bool, String> {
    for list in lists {
        if list.lets_go(subject, place)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A match without the line ends around it.
fn trimmed(text: &[u8], whole: Span) -> Span {
    let bytes = whole.of(text);
    let front = bytes.iter().take_while(|b| **b == b'\n').count();
    let back = bytes.iter().skip(front).rev().take_while(|b| **b == b'\n').count();
    Span::new(whole.start + front, whole.end - back)
}

/// The secret in a match. Groups are those of the regex on the match alone: what stands around it is not seen.
fn secret(rule: &Rule, hit: &Hit, inside: Span, matched: &[u8]) -> std::result::Result<Span, String> {
    if let Some(secret) = hit.secret {
        return Ok(secret);
    }
    let Some(regex) = rule.regex.as_ref().filter(|regex| regex.groups() > 0) else { return Ok(inside) };
    let Some(groups) = regex.groups_of(matched)? else { return Ok(inside) };
    let found = match rule.secret_group {
        Some(group) => groups.get(group).map(|span| span.unwrap_or(Span::new(0, 0))),
        None => groups.iter().skip(1).flatten().find(|span| span.start < span.end).copied(),
    };
    let moved = |span: Span| Span::new(inside.start + span.start, inside.start + span.end);
    Ok(found.map_or(inside, moved))
}

/// The line or lines of decoded text, from the line end before on.
fn line_around<'t>(text: &'t [u8], origin: &Origin) -> (&'t [u8], Span) {
    let Span { start, end } = origin.decoded;
    let before = text.get(..(start + 1).min(text.len())).unwrap_or_default();
    let from = memchr::memrchr(b'\n', before).unwrap_or(0);
    let to = memchr::memchr(b'\n', text.get(end..).unwrap_or_default()).map_or(text.len(), |n| end + n);
    (text, Span::new(from, to))
}

/// Shannon entropy in bits: characters are counted, over the number of bytes.
pub(super) fn entropy(text: &[u8]) -> f64 {
    let share = |count: usize| count as f64 / text.len() as f64;
    let sum = |counts: &mut dyn Iterator<Item = usize>| counts.map(|n| -share(n) * share(n).log2()).sum::<f64>();
    if text.is_ascii() {
        let mut counts = [0usize; 128];
        text.iter().for_each(|b| counts[usize::from(b & 0x7F)] += 1);
        // the sum of nothing is -0
        return sum(&mut counts.into_iter().filter(|n| *n > 0)) + 0.0;
    }
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for chunk in text.utf8_chunks() {
        chunk.valid().chars().for_each(|c| *counts.entry(c).or_default() += 1);
        if !chunk.invalid().is_empty() {
            *counts.entry(char::REPLACEMENT_CHARACTER).or_default() += chunk.invalid().len();
        }
    }
    sum(&mut counts.into_values()) + 0.0
}

/// Lets go of what a generic rule found where another one found at least as much on the same line.
fn without_generic(rules: &Rules, all: Vec<Found>) -> Vec<Found> {
    let is_generic = |found: &Found| rules.all.get(found.rule).is_some_and(|rule| rule.is_generic);
    if !all.iter().any(is_generic) {
        return all;
    }
    let mut better: HashMap<usize, Vec<Vec<u8>>> = HashMap::new();
    for found in all.iter().filter(|found| !is_generic(found)) {
        let secrets = better.entry(found.line()).or_default();
        if secrets.len() < MAX_BETTER {
            secrets.push(found.secret.clone());
        }
    }
    let holds = |secret: &Vec<u8>, part: &Found| memchr::memmem::find(secret, &part.secret).is_some();
    let beaten = |found: &Found| better.get(&found.line()).is_some_and(|all| all.iter().any(|s| holds(s, found)));
    all.into_iter().filter(|found| !is_generic(found) || !beaten(found)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entropy_is_of_characters_over_bytes() {
        assert_eq!(entropy(b""), 0.0);
        assert_eq!(entropy(b"aaaa"), 0.0);
        assert_eq!(entropy(b"abcd"), 2.0);
        // two characters, four bytes: each has the share of a quarter
        assert_eq!(entropy("éè".as_bytes()), 1.0);
    }
}
