//! How each rule is searched for, and the flat tables that a scan runs on.

use super::CompileError;
use super::ahead::Ahead;
use super::automaton::{Automaton, Needle};
use super::edge;
use super::literal::{self, Literals};
use super::program::{Compiler, MAX_GROUPS, Part, Pools, Set, Step, parts};
use super::rows::{Builder, List, Rows, Way};
use super::schema::{RawRule, Reader};
use regex_syntax::hir::Hir;

/// The furthest that a match may begin before its literal for the matcher to try every start itself.
const MAX_BACK: usize = 1024;
/// The longest match that is looked for around a literal inside it.
const MAX_AROUND: usize = 512;
/// Literals more frequent than this (hits per byte) are given up for keywords, if there are any.
const MAX_RATE: f64 = 2e-3;

/// What a hit costs whose match may begin anywhere before it, in hits that need no search for the beginning.
const UNBOUNDED_COST: f64 = 10_000.0;

/// How the matches of a rule are found. Positions are relative to the beginning of a literal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Search {
    /// A match begins `least` to `back` bytes before the literal, or further inside; `find` is the program's
    /// entry, `check` that of the part that begins with the literal.
    Program { find: u16, check: Option<u16>, back: u32, least: u32 },
    /// The regex crate looks, from `back` bytes before the first literal at which `check` holds, or from the
    /// beginning of the text.
    Regex { check: Option<u16>, back: Option<u32> },
    /// The reader looks at each keyword.
    Reader(Reader),
}

/// All rules, ready to run.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    pub(crate) automaton: Automaton,
    pub(crate) rules: Rows,
    /// What is asked for where a literal of a rule stands, one a rule.
    pub(crate) ahead: List<Ahead>,
    /// Rules without any literal: they search every text.
    pub(crate) always: List<u16>,
    pub(crate) steps: List<Step>,
    pub(crate) sets: List<Set>,
    pub(crate) bytes: List<u8>,
    pub(crate) splits: List<u16>,
}

/// Reads a regex as the scan means it: bytes, ASCII classes.
///
/// # Errors
/// What the parser says.
pub(crate) fn parse(regex: &str) -> Result<Hir, Box<regex_syntax::Error>> {
    regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(regex).map_err(Box::new)
}

/// Reads the regex of a rule, and checks what depends on it.
///
/// # Errors
/// With the place in the rule file.
pub(crate) fn parse_rule(raw: &RawRule) -> Result<Hir, CompileError> {
    let hir = parse(&raw.regex).map_err(|e| {
        let (offset, kind) = match &*e {
            regex_syntax::Error::Parse(e) => (e.span().start.offset, e.kind().to_string()),
            regex_syntax::Error::Translate(e) => (e.span().start.offset, e.kind().to_string()),
            other => (0, other.to_string()),
        };
        // inside a literal string the regex stands as it is, after its quotes
        let inside = raw.regex_span.start + offset + 3;
        let span = if inside < raw.regex_span.end { inside..raw.regex_span.end } else { raw.regex_span.clone() };
        CompileError::new(span, format!("the regex of `{}` is wrong: {kind}", raw.id))
            .help("the syntax is that of the Rust regex crate, on bytes: no look-around, no back-references")
    })?;
    let others = raw.allow.iter().flat_map(|a| a.regexes.iter().chain(&a.paths)).chain(&raw.paths);
    for other in others {
        check_regex(other, raw.regex_span.clone())
            .map_err(|e| e.help(format!("it belongs to the rule `{}`", raw.id)))?;
    }
    let groups = hir.properties().explicit_captures_len();
    if usize::from(raw.secret_group.unwrap_or(0)) > groups {
        return Err(CompileError::new(
            raw.regex_span.clone(),
            format!("the regex of `{}` has {groups} groups", raw.id),
        )
        .help("secret_group counts the opening parentheses of groups, from 1"));
    }
    if hir.properties().minimum_len() == Some(0) && raw.reader.is_none() {
        return Err(CompileError::new(raw.regex_span.clone(), format!("the regex of `{}` matches nothing", raw.id))
            .help("let it demand at least one byte"));
    }
    Ok(hir)
}

/// Whether a regex of an allow-list or on paths can be read.
///
/// # Errors
/// At `span` if not.
pub(crate) fn check_regex(regex: &str, span: std::ops::Range<usize>) -> Result<(), CompileError> {
    parse(regex).map(drop).map_err(|e| CompileError::new(span, format!("the regex `{regex}` is wrong: {e}")))
}

/// What a rule is searched by, before the tables exist.
struct Plan {
    search: Search,
    steps: Vec<Step>,
    literals: Option<Literals>,
    /// Of each literal, whether no letter or digit stands in front of it in a match; of those that are missing, none.
    edges: Vec<bool>,
    ahead: Ahead,
    gated: bool,
}

impl Plan {
    /// Every keyword is looked at, as it stands: readers begin where it begins.
    fn of_reader(reader: Reader, keywords: &[String]) -> Self {
        let texts = keywords.iter().filter(|k| k.len() >= 2).map(|k| k.clone().into_bytes()).collect();
        let literals = Some(Literals { texts, rate: 0.0 });
        let ahead = Ahead::NOTHING;
        Plan { search: Search::Reader(reader), steps: Vec::new(), literals, edges: Vec::new(), ahead, gated: true }
    }
}

/// Analyses rules.
///
/// # Errors
/// For a wrong regex, and for rules whose literals do not fit one automaton.
pub(crate) fn catalogue(raw: &[RawRule]) -> Result<Catalogue, CompileError> {
    let mut pools = Pools::default();
    let (mut steps, mut literals, mut always, mut aheads) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut rules = Builder::default();
    for (index, raw) in raw.iter().enumerate() {
        let too_many = || CompileError::new(raw.regex_span.clone(), "more than 65,535 rules");
        let index = u16::try_from(index).map_err(|_| too_many())?;
        let hir = parse_rule(raw)?;
        let plan = match raw.reader {
            Some(reader) => Plan::of_reader(reader, &raw.keywords),
            None => plan(&hir, &raw.keywords, &mut pools),
        };
        let base = steps.len() as u32;
        aheads.push(plan.ahead);
        steps.extend(plan.steps);
        let found = plan.literals.map(|l| l.texts).unwrap_or_default();
        // what matches nothing has no least length, and is searched in no text
        if found.is_empty() && hir.properties().minimum_len().is_some() {
            always.push(index);
        }
        let groups = hir.properties().explicit_captures_len().min(255) as u8;
        let gate = gate(raw, &found, plan.gated);
        rules.add(raw, &Way { groups, gate, base, search: plan.search });
        let edges = plan.edges.into_iter().chain(std::iter::repeat(false));
        literals.extend(found.into_iter().zip(edges).map(|(text, edge)| Needle { text, rule: index, edge }));
    }
    let automaton = Automaton::new(&literals).ok_or_else(|| {
        CompileError::new(0..0, "the literals of these rules need more than 65,536 states")
            .help("split the file, or shorten its keywords")
    })?;
    Ok(Catalogue {
        automaton,
        rules: rules.build(),
        ahead: aheads.into(),
        always: always.into(),
        steps: steps.into(),
        sets: pools.sets.into(),
        bytes: pools.bytes.into(),
        splits: pools.splits.into(),
    })
}

/// The keywords that are still to be asked for where the literals stand.
fn gate(raw: &RawRule, literals: &[Vec<u8>], gated: bool) -> Vec<String> {
    // literals of the regex that hold a keyword imply the gate
    let holds_keyword = |l: &Vec<u8>| raw.keywords.iter().any(|k| !k.is_empty() && contains(l, k.as_bytes()));
    let implied = gated || !literals.is_empty() && literals.iter().all(holds_keyword);
    if implied { Vec::new() } else { raw.keywords.clone() }
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    text.windows(needle.len()).any(|w| w == needle)
}

/// The literals that a part of the concatenation begins with.
struct Anchor {
    /// The part that begins with them, and with it what has no length in front of it.
    first: usize,
    part: usize,
    literals: Literals,
    /// Longest and shortest length of what stands before it.
    back: Option<usize>,
    least: usize,
}

fn plan(hir: &Hir, keywords: &[String], pools: &mut Pools) -> Plan {
    let parts = parts(hir);
    let anchor = anchor(&parts);
    let around = hir.properties().maximum_len().filter(|&n| n <= MAX_AROUND);
    let inside = literal::inside(hir).filter(|l| {
        // every hit costs tries of all starts around it
        let factor = around.map_or(4.0 * UNBOUNDED_COST, |n| 4.0 + n as f64 / 4.0);
        anchor.as_ref().is_none_or(|a| l.rate * factor < a.cost())
    });
    let rate = inside.as_ref().or(anchor.as_ref().map(|a| &a.literals)).map_or(1.0, |l| l.rate);
    let words = Literals::new(keywords.iter().map(|k| k.clone().into_bytes()));
    if let Some(words) = words.filter(|w| rate > MAX_RATE && w.rate < rate / 20.0) {
        let search = Search::Regex { check: None, back: None };
        // keywords that were cut to their beginnings are still to be asked for
        let gated = keywords.iter().all(|k| words.texts.iter().any(|t| t == k.as_bytes()));
        return Plan {
            search,
            steps: Vec::new(),
            literals: Some(words),
            edges: Vec::new(),
            ahead: Ahead::NOTHING,
            gated,
        };
    }
    let mut compiler = Compiler::new(pools);
    match (inside, anchor) {
        (Some(literals), _) => {
            let search = match around.zip(compiler.concat(&parts, 0)).filter(|_| groups_fit(hir)) {
                Some((len, find)) => Search::Program { find, check: None, back: len as u32, least: 0 },
                None => Search::Regex { check: None, back: around.map(|n| n as u32) },
            };
            let steps = compiler.into_steps();
            Plan { search, steps, literals: Some(literals), edges: Vec::new(), ahead: Ahead::NOTHING, gated: false }
        }
        (None, Some(anchor)) => {
            let search = anchored(&mut compiler, &parts, &anchor, groups_fit(hir));
            let steps = compiler.into_steps();
            let behind: Vec<&Hir> = parts[anchor.part..].iter().filter_map(|part| part.hir()).collect();
            let known = anchor.literals.texts.iter().map(Vec::len).min().unwrap_or(0);
            let ahead = Ahead::of(&behind, known, pools);
            let rest: Vec<&Hir> = parts[anchor.first..].iter().filter_map(|part| part.hir()).collect();
            let edges = edge::edges(&parts[..anchor.first], &rest, &anchor.literals.texts);
            Plan { search, steps, literals: Some(anchor.literals), edges, ahead, gated: false }
        }
        (None, None) => {
            let search = Search::Regex { check: None, back: None };
            Plan { search, steps: Vec::new(), literals: None, edges: Vec::new(), ahead: Ahead::NOTHING, gated: false }
        }
    }
}

fn groups_fit(hir: &Hir) -> bool {
    hir.properties().explicit_captures_len() <= usize::from(MAX_GROUPS)
}

impl Anchor {
    /// Expected work: hits, and for those that pass the check, the starts to try.
    fn cost(&self) -> f64 {
        self.literals.rate * (1.0 + self.back.map_or(UNBOUNDED_COST, |n| n as f64 / 64.0))
    }
}

/// The cheapest part to anchor at.
fn anchor(parts: &[Part<'_>]) -> Option<Anchor> {
    let mut best: Option<Anchor> = None;
    let (mut back, mut least) = (Some(0usize), 0usize);
    for (n, part) in parts.iter().enumerate() {
        let Part::Hir(hir) = part else { continue };
        let rest: Vec<&Hir> = parts[n..].iter().filter_map(|part| part.hir()).collect();
        if let Some(literals) = literal::at_start(&rest) {
            let found = Anchor { first: n, part: n, literals, back, least };
            if best.as_ref().is_none_or(|b| found.cost() < b.cost()) {
                best = Some(found);
            }
        }
        back = back.zip(hir.properties().maximum_len()).map(|(a, b)| a.saturating_add(b));
        least = least.saturating_add(hir.properties().minimum_len().unwrap_or(0));
    }
    // assertions and groups that open right before it belong to the check
    while let Some(anchor) = &mut best
        && anchor.part > 0
        && is_empty(parts[anchor.part - 1])
    {
        anchor.part -= 1;
    }
    best
}

fn is_empty(part: Part<'_>) -> bool {
    match part {
        Part::Hir(hir) => hir.properties().maximum_len() == Some(0),
        Part::Open(_) | Part::Close(_) => true,
    }
}

fn anchored(compiler: &mut Compiler<'_>, parts: &[Part<'_>], anchor: &Anchor, fits: bool) -> Search {
    let back = anchor.back.map(|n| n + anchor.literals.slack()).filter(|&n| n <= MAX_BACK).map(|n| n as u32);
    let (prefix, suffix) = parts.split_at(anchor.part);
    let check = compiler.concat(suffix, 0);
    if let (Some(check), Some(back), true) = (check, back, fits)
        && let Some(find) = compiler.concat(prefix, check)
    {
        let least = anchor.least as u32;
        // with nothing in front the match itself is the check
        let check = (back > 0).then_some(check);
        return Search::Program { find, check, back, least };
    }
    // as much of the rest as fits is still a necessary condition
    let check = check.or_else(|| {
        (1..suffix.len()).rev().find_map(|n| {
            compiler.truncate(1);
            compiler.concat(&suffix[..n], 0)
        })
    });
    Search::Regex { check, back }
}
