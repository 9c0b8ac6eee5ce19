//! From a text to the credentials in it: what the rules match, also where it is encoded, judged and let go or kept.

use super::compile::ahead::RUN;
use super::compile::rows::Rule;
use super::decode::{self, Decoded, Told};
use super::engine::{FAR, Focus, Found, Reach, RuleSet};
use super::filter::{self, Candidate};
use super::gitleaks::Place as Whereabouts;
use super::surroundings::Site;
use super::value::{PathClass, Strength};
use super::vectors::is_vector;
use super::version::{BESIDE, MAX_ENCODED};
use super::{Secrets, incomplete, overlap};
use crate::finding::{Confidence, Incomplete, Span};
use smallvec::SmallVec;

/// Candidates that are kept of one text; more are no leak but an attack, or data that belongs in `exclude`.
const MAX_CANDIDATES: usize = 100_000;

const _: () = assert!(decode::RUN <= RUN, "runs that a rule asks for are listed");

/// What was found in a text.
pub(super) struct Harvest {
    /// In the order of their places, one a value.
    pub(super) candidates: Vec<Candidate>,
    /// Whether there were more than can be kept.
    pub(super) overflow: bool,
    /// The bound that kept encoded text from being looked at.
    pub(super) limit: Option<decode::Limit>,
    /// How far from a literal something had a say, in the text and where it is encoded, in bytes there; right where the
    /// site asks for it, else too far.
    pub(super) reach: [Reach; 2],
}

impl Harvest {
    /// Whether there is nothing to report.
    pub(super) fn is_empty(&self) -> bool {
        self.candidates.is_empty() && !self.overflow && self.limit.is_none()
    }
}

/// A part of a text that is searched.
#[derive(Clone, Copy)]
pub(super) struct Part<'a> {
    /// Set where the text was decoded.
    pub(super) layer: Option<&'a Decoded<'a>>,
    /// Where it is searched.
    pub(super) focus: Focus<'a>,
}

/// What is said of a search beside what it found.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    /// Whether there was more than can be kept.
    pub(super) overflow: bool,
    /// How far from a literal something had a say, in bytes of the text that was searched.
    pub(super) reach: Reach,
}

impl Secrets<'_> {
    /// The credentials in a text.
    pub(super) fn harvest(&self, text: &[u8], site: &Site<'_>) -> Result<Harvest, Incomplete> {
        let mut encoded = Vec::new();
        let (seen, Told { limit, runs }) = self.harvest_encoded(text, site, &mut encoded)?;
        let plain = self.harvest_plain(text, site, runs.as_deref(), encoded)?;
        let reach = [plain.reach[0], seen.reach];
        Ok(Harvest { overflow: seen.overflow | plain.overflow, reach, limit, ..plain })
    }

    /// Adds those that are encoded in a text, before those that are one are collapsed. The reach is that in the text.
    pub(super) fn harvest_encoded(
        &self,
        text: &[u8],
        site: &Site<'_>,
        encoded: &mut Vec<Candidate>,
    ) -> Result<(Seen, Told), Incomplete> {
        let mut seen = Seen::default();
        let told = decode::each(text, |layer| {
            let mut inner = Vec::new();
            let part = Part { layer: Some(layer), focus: Focus::default() };
            let inside = self.candidates(layer.text(), site, part, &mut inner)?;
            seen.overflow |= inside.overflow;
            seen.reach = seen.reach.max(match (inside.reach, layer.depth()) {
                (0, _) => 0,
                (reach, 1) => reach.saturating_mul(MAX_ENCODED),
                _ => FAR,
            });
            encoded.extend(inner.into_iter().filter_map(|c| layer.claim(c)));
            Ok(())
        })?;
        Ok((seen, told))
    }

    /// As [`Secrets::harvest`], without a look at what is encoded; `also` are candidates that lie there, `runs` what was
    /// told of the text by the look at it.
    pub(super) fn harvest_plain(
        &self,
        text: &[u8],
        site: &Site<'_>,
        runs: Option<&[Span]>,
        also: Vec<Candidate>,
    ) -> Result<Harvest, Incomplete> {
        let mut all = Vec::new();
        let part = Part { layer: None, focus: Focus { ranges: None, runs } };
        let Seen { overflow, reach } = self.candidates(text, site, part, &mut all)?;
        // where nothing tells two apart, the first stays
        all.extend(also);
        let specificity = |c: &Candidate| self.rule(c).map_or(0, |rule| rule.specificity);
        Ok(Harvest { candidates: overlap::collapse(all, specificity), overflow, limit: None, reach: [reach, 0] })
    }

    /// Adds the credentials in a text, before those that are one are collapsed. Configurations of gitleaks decode by
    /// themselves, as gitleaks does, and are not asked about what was.
    pub(super) fn candidates(
        &self,
        text: &[u8],
        site: &Site<'_>,
        part: Part<'_>,
        all: &mut Vec<Candidate>,
    ) -> Result<Seen, Incomplete> {
        let (mut overflow, mut around) = (false, 0);
        let mut bad = None;
        let mut reach = 0;
        let Site { places, paths, kind, asks_reach, .. } = site;
        // what is encoded stands at another place than where it was found
        let mut take = |number: usize, set: &RuleSet, text: &[u8], found: &Found, encoded: Option<(Span, String)>| {
            if all.len() == MAX_CANDIDATES || bad.is_some() {
                overflow = true;
                return;
            }
            let Some(rule) = set.rules().get(found.rule) else { return };
            // bytes that never were together
            if part.layer.is_some_and(|layer| !layer.holds(found.whole)) {
                return;
            }
            let judged = filter::judge(&rule, number, text, found, site.class());
            let is_doubtful = judged.as_ref().is_some_and(|candidate| candidate.strength == Strength::Doubtful);
            let Some(candidate) = judged.filter(|candidate| candidate.confidence >= self.min_confidence) else {
                let tells = *asks_reach && around < FAR && !(is_doubtful && filter::is_shown(text, found));
                around = if tells { around.max(asked_around(&rule, text, found, site.class())) } else { FAR };
                return;
            };
            if self.is_replaced(number, rule.id) {
                return;
            }
            let own = set.filters(found.rule).map(|own| own.lets_go(text, found, paths.as_deref()));
            let files = self.users.iter().map(|user| user.lets_go(rule.id, text, found, *places));
            match std::iter::once(own).chain(files).collect::<Result<Vec<bool>, _>>() {
                // an allow-list may have looked at the whole line
                Ok(answers) if answers.contains(&true) => around = FAR,
                Ok(_) => all.push(match encoded {
                    None => candidate,
                    Some((place, note)) => {
                        let decoded = Some(candidate.secret.of(text).into());
                        Candidate { secret: place, decoded, note, ..candidate }
                    }
                }),
                Err(e) => bad = Some(e),
            }
        };
        for (number, set) in self.sets()? {
            match self.config(number) {
                Some(_) if part.layer.is_some() => {}
                Some(config) => {
                    reach = FAR;
                    for one in config.find(text, *places)? {
                        let rule = u16::try_from(one.rule).unwrap_or(u16::MAX);
                        let found = Found { rule, whole: one.whole, secret: one.place, pair: None };
                        match one.decoded() {
                            None => take(number, set, text, &found, None),
                            Some((text, secret, note)) => {
                                let found = Found { whole: Span::new(0, text.len()), secret, ..found };
                                take(number, set, text, &found, Some((one.place, note)));
                            }
                        }
                    }
                }
                None => {
                    let take = |found| take(number, set, text, &found, None);
                    let own = set.scan(text, *kind, part.focus, take).map_err(|e| incomplete(&e))?;
                    reach = reach.max(own);
                }
            }
        }
        if let Some(e) = bad {
            return Err(incomplete(&e));
        }
        Ok(Seen { overflow, reach: reach.saturating_add(around) })
    }

    /// The credentials in the name of a path where `content` is, and the path where a rule is against it as it is.
    pub(super) fn harvest_path(
        &self,
        place: Whereabouts<'_>,
        site: &Site<'_>,
        content: &[u8],
    ) -> Result<Harvest, Incomplete> {
        let mut harvest = self.harvest(place.path, site)?;
        for (number, _) in self.sets()? {
            let Some(config) = self.config(number) else { continue };
            for rule in config.find_path(place, content).map_err(|e| incomplete(&e))? {
                let secret = Span::new(0, place.path.len());
                let candidate = Candidate {
                    set: number,
                    rule,
                    secret,
                    name: None,
                    confidence: Confidence::Medium,
                    strength: Strength::Strong,
                    note: String::new(),
                    also: SmallVec::new(),
                    decoded: None,
                };
                if candidate.confidence >= self.min_confidence {
                    harvest.candidates.push(candidate);
                }
            }
        }
        harvest.candidates.sort_by_key(|candidate| candidate.secret.start);
        Ok(harvest)
    }
}

/// How far around a match that was not kept may lie what is why, in bytes.
fn asked_around(rule: &Rule<'_>, text: &[u8], found: &Found, path: PathClass) -> Reach {
    match found.pair {
        _ if rule.validate.iter().any(|validator| validator.reads_on(found.secret.of(text))) => FAR,
        Some(pair) if is_vector(text, pair, path) => FAR,
        Some(_) => BESIDE,
        None => 0,
    }
}
