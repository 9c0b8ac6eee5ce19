//! The rules of a configuration, ready to be searched for: those with a regex in the guard's engine, where it means
//! there what it means to Go; others one by one, if a keyword of theirs stands in the text.

use super::super::assignment::Kind;
use super::super::builtin::BUILTIN;
use super::super::compile::automaton::{Automaton, Needle};
use super::super::compile::plan::{self, Catalogue};
use super::super::compile::schema::RawRule;
use super::super::engine::{BadRule, RuleSet};
use super::super::surroundings;
use super::super::{filter, overlap, prefilter};
use super::allow::{Allowlist, lower};
use super::file::{FileRule, Required};
use super::merge::Merged;
use super::pattern::Pattern;
use super::scan::MAX_FINDINGS;
use crate::finding::{Confidence, Span};
use std::cell::LazyCell;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// A regex that matches nothing, for what the engine does not search.
const NOTHING: &str = "[a&&b]";
/// Texts of at most so many bytes …
const LITTLE: usize = 64 << 10;
/// … are searched rule by rule, up to so many bytes together …
const BUDGET: usize = 256 << 10;
/// … where no more than so many rules have a say: to compile those whose keywords stand in a commit takes less than to
/// analyse all of them.
const FEW: usize = 32;

/// A rule.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) id: String,
    pub(super) description: String,
    pub(super) tags: Vec<String>,
    pub(super) regex: Option<Arc<Pattern>>,
    pub(super) path: Option<Arc<Pattern>>,
    /// `None`: the first group that is not empty, or the whole match.
    pub(super) secret_group: Option<usize>,
    pub(super) entropy: f64,
    pub(super) allow: Vec<Arc<Allowlist>>,
    pub(super) required: Vec<Required>,
    pub(super) skip_report: bool,
    pub(super) is_generic: bool,
    /// In lower case, none of them empty.
    keywords: Vec<String>,
    /// Whether all its keywords are empty, which stand in no text.
    is_mute: bool,
    builtin: Option<u16>,
}

/// Rules and allow-lists for all of them.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) all: Vec<Rule>,
    pub(super) allow: Vec<Arc<Allowlist>>,
    index: HashMap<String, usize>,
    /// What there is to say of them, without what they search for.
    told: OnceLock<Result<RuleSet, BadRule>>,
    engine: OnceLock<Result<Engine, BadRule>>,
    /// Bytes that were searched without the engine.
    little: AtomicUsize,
}

/// What is made of the rules at the first text.
#[derive(Debug)]
struct Engine {
    set: RuleSet,
    /// Rules that the set does not search in any text, and in texts beyond ASCII.
    direct: Vec<usize>,
    direct_beyond: Vec<usize>,
    /// Of the latter: those without keywords, and the keywords of others.
    ungated: Vec<u16>,
    keywords: Option<Automaton>,
    /// Whether a keyword has letters beyond ASCII.
    has_foreign: bool,
    /// The rules of the built-in ones; empty: none takes part.
    of_builtin: Vec<Option<usize>>,
}

/// A raw match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hit {
    pub(super) whole: Span,
    /// Of built-in rules, which know.
    pub(super) secret: Option<Span>,
}

/// The raw matches in a text.
#[derive(Debug, Default)]
pub(super) struct Hits {
    /// Rules that have a say, in their order.
    pub(super) asked: BTreeSet<u16>,
    /// From left to right.
    pub(super) of: HashMap<usize, Vec<Hit>>,
    count: usize,
}

impl Hits {
    /// Whether there is room for more: one more than can be kept tells of the rest.
    fn add(&mut self, rule: usize, hit: Hit) -> bool {
        if self.count <= MAX_FINDINGS {
            self.count += 1;
            self.asked.extend(u16::try_from(rule));
            self.of.entry(rule).or_default().push(hit);
        }
        self.count <= MAX_FINDINGS
    }
}

impl Rule {
    fn new(rule: FileRule) -> Self {
        let mut keywords = rule.keywords;
        let had = !keywords.is_empty();
        keywords.retain(|word| !word.is_empty());
        Rule {
            is_generic: rule.id.to_lowercase().contains("generic"),
            id: rule.id,
            description: rule.description,
            tags: rule.tags,
            path: rule.path,
            secret_group: usize::try_from(rule.secret_group).ok().filter(|n| *n > 0),
            entropy: rule.entropy,
            allow: rule.allow,
            required: rule.required,
            skip_report: rule.skip_report,
            is_mute: had && keywords.is_empty(),
            keywords,
            // a regex of its own takes the place of the built-in one
            builtin: rule.builtin.filter(|_| rule.regex.is_none()),
            regex: rule.regex,
        }
    }

    /// Whether it asks for more than a path.
    pub(super) fn has_regex(&self) -> bool {
        self.regex.is_some() || self.builtin.is_some()
    }

    /// Whether it is a built-in rule, perhaps with allow-lists of the file.
    pub(super) fn is_builtin(&self) -> bool {
        self.builtin.is_some()
    }

    /// Whether a keyword stands in the text, which `lower` gives in lower case, or none is asked for.
    pub(super) fn is_open<'t>(&self, lower: impl FnOnce() -> &'t mut Vec<u8>) -> bool {
        let has = |text: &[u8], word: &String| memchr::memmem::find(text, word.as_bytes()).is_some();
        !self.is_mute
            && (self.keywords.is_empty() || {
                let text = lower();
                self.keywords.iter().any(|word| has(text, word))
            })
    }

    /// The regex for the engine, if the engine can search for it.
    fn searched(&self) -> Option<&Pattern> {
        let regex = self.regex.as_deref().filter(|_| !self.is_mute)?;
        let finds_nothing = plan::parse(regex.for_engine()).ok()?.properties().minimum_len() == Some(0);
        (!finds_nothing && self.keywords.iter().all(|word| word.is_ascii())).then_some(regex)
    }

    /// For the engine, which searches for `searched`.
    fn raw(&self, searched: Option<&Pattern>) -> RawRule {
        RawRule {
            id: self.id.clone(),
            description: if self.description.is_empty() { self.id.clone() } else { self.description.clone() },
            regex: searched.map_or(NOTHING, Pattern::for_engine).to_owned(),
            keywords: if searched.is_some() { self.keywords.clone() } else { Vec::new() },
            level: "deny",
            confidence: "medium",
            specificity: 100,
            ..RawRule::default()
        }
    }
}

impl Rules {
    /// Takes the rules of a configuration; builds nothing.
    pub(super) fn new(merged: Merged) -> Self {
        let mut rules = Rules {
            all: merged.rules.into_iter().map(Rule::new).collect(),
            allow: merged.allow,
            index: HashMap::new(),
            told: OnceLock::new(),
            engine: OnceLock::new(),
            little: AtomicUsize::new(0),
        };
        rules.number();
        rules
    }

    /// Keeps some rules.
    pub(super) fn retain(&mut self, keep: impl Fn(&Rule) -> bool) {
        self.all.retain(keep);
        (self.told, self.engine) = (OnceLock::new(), OnceLock::new());
        self.number();
    }

    fn number(&mut self) {
        self.index = self.all.iter().enumerate().map(|(n, rule)| (rule.id.clone(), n)).collect();
    }

    /// The index of the rule of that id.
    pub(super) fn index(&self, id: &str) -> Option<usize> {
        self.index.get(id).copied()
    }

    fn engine(&self) -> Result<&Engine, BadRule> {
        self.engine.get_or_init(|| Engine::new(&self.all)).as_ref().map_err(Clone::clone)
    }

    /// The rules as the guard knows them, by the same indices; they search for nothing there.
    ///
    /// # Errors
    /// When they are too many for its tables.
    pub(super) fn set(&self) -> Result<&RuleSet, BadRule> {
        let tell = || Ok(RuleSet::new(catalogue(self.all.iter().map(|rule| rule.raw(None)))?));
        self.told.get_or_init(tell).as_ref().map_err(Clone::clone)
    }

    /// The raw matches in a text that stands at `paths`, with those of the built-in rules or without.
    ///
    /// # Errors
    /// For a rule whose regex cannot be compiled, and for rules too many for the tables.
    pub(super) fn hits(&self, text: &[u8], paths: &[&[u8]], builtin: bool) -> Result<Hits, BadRule> {
        let mut hits = Hits::default();
        let is_ascii = text.is_ascii();
        if let Some(few) = self.is_little(text, builtin).then(|| self.few(text)).flatten() {
            few.into_iter().try_for_each(|(index, rule)| rule.search(index, text, is_ascii, &mut hits))?;
            return Ok(hits);
        }
        let engine = self.engine()?;
        engine.set.scan(text, Kind::Yaml, Default::default(), |found| {
            let rule = usize::from(found.rule);
            let differs = || self.all.get(rule).and_then(|r| r.regex.as_ref()).is_some_and(|regex| regex.differs());
            if is_ascii || !differs() {
                hits.add(rule, Hit { whole: found.whole, secret: None });
            }
        })?;
        let direct = if is_ascii { &engine.direct } else { &engine.direct_beyond };
        if !direct.is_empty() {
            let gated = engine.gated(direct, text, is_ascii);
            for &index in direct {
                let open = u16::try_from(index).is_ok_and(|n| gated.contains(&n));
                if let Some(rule) = self.all.get(index).filter(|_| open) {
                    rule.search(index, text, is_ascii, &mut hits)?;
                }
            }
        }
        if builtin && !engine.of_builtin.is_empty() {
            engine.builtin(text, paths, &mut hits)?;
        }
        Ok(hits)
    }

    /// Whether a text may be searched without the engine, which gives the same answers: there was not yet more than is
    /// worth making it, and no built-in rule takes part.
    fn is_little(&self, text: &[u8], builtin: bool) -> bool {
        text.len() <= LITTLE
            && self.engine.get().is_none()
            && !(builtin && self.all.iter().any(Rule::is_builtin))
            && self.little.fetch_add(text.len(), Ordering::Relaxed) < BUDGET
    }

    /// The rules that have a say in a text, unless they are more than [`FEW`].
    fn few(&self, text: &[u8]) -> Option<Vec<(usize, &Rule)>> {
        let mut lowered = None;
        let mut is_open = |rule: &Rule| rule.is_open(|| lowered.get_or_insert_with(|| lower(text)));
        let open = self.all.iter().enumerate().filter(|(_, rule)| !rule.is_builtin() && is_open(rule));
        let few: Vec<(usize, &Rule)> = open.take(FEW + 1).collect();
        (few.len() <= FEW).then_some(few)
    }
}

/// Analyses rules.
fn catalogue(raw: impl Iterator<Item = RawRule>) -> Result<Catalogue, BadRule> {
    let raw: Vec<RawRule> = raw.collect();
    plan::catalogue(&raw).map_err(|e| BadRule { rule: String::new(), why: e.message })
}

impl Rule {
    fn search(&self, index: usize, text: &[u8], is_ascii: bool, hits: &mut Hits) -> Result<(), BadRule> {
        let Some(regex) = &self.regex else {
            hits.asked.extend(u16::try_from(index));
            return Ok(());
        };
        let searched = regex.find_all(text, is_ascii, |whole| hits.add(index, Hit { whole, secret: None }));
        searched.map_err(|why| BadRule { rule: self.id.clone(), why })
    }
}

/// Whether a character stands in the text that has one of ASCII in its lower-case form: the Kelvin sign, and the
/// capital I with a dot.
fn becomes_ascii(text: &[u8]) -> bool {
    ["\u{212a}", "\u{130}"].iter().any(|one| memchr::memmem::find(text, one.as_bytes()).is_some())
}

impl Engine {
    fn new(all: &[Rule]) -> Result<Self, BadRule> {
        // to tell takes a look at the whole regex
        let searched: Vec<Option<&Pattern>> = all.iter().map(Rule::searched).collect();
        let catalogue = catalogue(all.iter().zip(&searched).map(|(rule, regex)| rule.raw(*regex)))?;
        let (mut direct, mut direct_beyond, mut ungated, mut keywords) = (vec![], vec![], vec![], vec![]);
        let mut of_builtin = Vec::new();
        for (index, ((rule, searched), number)) in all.iter().zip(searched).zip(0u16..).enumerate() {
            if let Some(builtin) = rule.builtin {
                of_builtin.resize(of_builtin.len().max(usize::from(builtin) + 1), None);
                if let Some(place) = of_builtin.get_mut(usize::from(builtin)) {
                    *place = Some(index);
                }
                continue;
            }
            if rule.is_mute || searched.is_some_and(|regex| !regex.differs()) {
                continue;
            }
            direct_beyond.push(index);
            if searched.is_none() {
                direct.push(index);
            }
            if rule.keywords.is_empty() {
                ungated.push(number);
            }
            let needle = |word: &String| Needle { text: word.clone().into_bytes(), rule: number, edge: false };
            keywords.extend(rule.keywords.iter().map(needle));
        }
        let has_foreign = keywords.iter().any(|needle: &Needle| !needle.text.is_ascii());
        let automaton = Automaton::new(&keywords);
        if automaton.is_none() {
            // too many or too long: the regexes are asked without them, and find what they find
            ungated.clone_from(&direct_beyond.iter().filter_map(|n| u16::try_from(*n).ok()).collect());
        }
        let set = RuleSet::new(catalogue);
        Ok(Engine { set, direct, direct_beyond, ungated, keywords: automaton, has_foreign, of_builtin })
    }

    /// Of the rules `asked`, those with a keyword in the text, and those without any; perhaps others.
    fn gated(&self, asked: &[usize], text: &[u8], is_ascii: bool) -> BTreeSet<u16> {
        let mut open: BTreeSet<u16> = self.ungated.iter().copied().collect();
        let is_open = |rule: &usize| u16::try_from(*rule).is_ok_and(|n| open.contains(&n));
        if asked.iter().all(is_open) {
            return open;
        }
        if let Some(keywords) = &self.keywords {
            // the automaton knows both cases of what is ASCII
            let lowered = (!is_ascii && (self.has_foreign || becomes_ascii(text))).then(|| lower(text));
            let text = lowered.as_deref().unwrap_or(text);
            let scanned: Result<(), Infallible> = prefilter::scan(keywords, text, 0..text.len(), |_, state| {
                open.extend(keywords.hits(state).iter().map(|hit| hit.rule));
                Ok(())
            });
            scanned.unwrap_or_else(|never| match never {});
        }
        open
    }

    /// What the built-in rules find, by their own filters; one finding a value.
    fn builtin(&self, text: &[u8], paths: &[&[u8]], hits: &mut Hits) -> Result<(), BadRule> {
        let (mut all, mut wholes, mut bad) = (Vec::new(), HashMap::new(), None);
        let class = LazyCell::new(|| surroundings::class(Some(paths)));
        BUILTIN.scan(text, surroundings::kind(Some(paths)), Default::default(), |found| {
            let known = self.of_builtin.get(usize::from(found.rule)).copied().flatten();
            if known.is_none() || all.len() > MAX_FINDINGS {
                return;
            }
            let Some(rule) = BUILTIN.rules().get(found.rule) else { return };
            let Some(candidate) = filter::judge(&rule, 0, text, &found, *class) else { return };
            if candidate.confidence < Confidence::Medium {
                return;
            }
            match BUILTIN.filters(found.rule).map(|own| own.lets_go(text, &found, Some(paths))) {
                Ok(true) => {}
                Ok(false) => {
                    wholes.insert((found.rule, found.secret), found.whole);
                    all.push(candidate);
                }
                Err(e) => bad = Some(e),
            }
        })?;
        if let Some(e) = bad {
            return Err(e);
        }
        let specificity = |c: &filter::Candidate| BUILTIN.rules().get(c.rule).map_or(0, |rule| rule.specificity);
        for candidate in overlap::collapse(all, specificity) {
            let whole = wholes.get(&(candidate.rule, candidate.secret)).copied().unwrap_or(candidate.secret);
            let index = self.of_builtin.get(usize::from(candidate.rule)).copied().flatten();
            if let Some(index) = index {
                hits.add(index, Hit { whole, secret: Some(candidate.secret) });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;
    use proptest::prelude::*;

    const CONFIG: &str = r"
[[rules]]
id = 'pair'
regex = '(?i)key[ =:]{1,3}([a-z0-9]{4,8})'
keywords = ['key']
[[rules]]
id = 'always'
regex = '[A-Z]{3}-[0-9]{2,}'
[[rules]]
id = 'dots'
regex = 'tok_.{2}y'
keywords = ['TOK_', 'other']
[[rules]]
id = 'words'
regex = '\bé?x\b'
[[rules]]
id = 'path'
path = 'pem$'
keywords = ['key']
";

    proptest! {
        #[test]
        fn little_is_searched_as_much_is(
            words in prop::collection::vec(
                prop_oneof![
                    Just("key"), Just("KEY"), Just(" = "), Just(":"), Just("abcd1234ef"), Just("tok_"), Just("TOK_"),
                    Just("éé"), Just("y"), Just("x"), Just("ABC-12"), Just("\n"), Just("other"), Just("\u{212a}ey"),
                ],
                0..30,
            ),
        ) {
            let text = words.concat();
            let hits = |little: usize| {
                let rules = Config::load("a.toml", CONFIG.into(), &|_| Err(String::new())).unwrap().rules;
                rules.little.store(little, Ordering::Relaxed);
                let Hits { asked, of, .. } = rules.hits(text.as_bytes(), &[b"a.pem"], false).unwrap();
                prop_assert_eq!(rules.engine.get().is_none(), little == 0);
                let of = |rule: usize| of.get(&rule).map(|hits| hits.iter().map(|hit| hit.whole).collect::<Vec<_>>());
                Ok((asked, (0..rules.all.len()).map(of).collect::<Vec<_>>()))
            };
            prop_assert_eq!(hits(0)?, hits(BUDGET)?);
        }
    }

    #[test]
    fn built_in_rules_cost_a_configuration_nothing() {
        let config =
            Config::load(".gitleaks.toml", "[extend]\nuseDefault = true\n".into(), &|_| Err(String::new())).unwrap();
        // they are searched as built in, not once more as the file's
        assert_eq!(config.rules.engine().unwrap().set.searched_always(), 0);
    }

    #[test]
    fn two_characters_become_ascii() {
        for one in ('\u{80}'..=char::MAX).map(String::from) {
            let becomes = one.to_lowercase().bytes().any(|b| b.is_ascii());
            assert_eq!(becomes, becomes_ascii(one.as_bytes()), "{one:?}");
        }
    }
}
