//! The secrets guard: leaked credentials in files, path names, commit and tag messages.
//!
//! | stage | module |
//! |---|---|
//! | rule files to tables, at build time or at the first text | `compile`, `builtin`, `user` |
//! | every byte once, for the literals of all rules | `prefilter` |
//! | the rule's regex where a literal stands | `engine`, `matcher` |
//! | or its reader of names and values | `assignment` |
//! | provider of a value that no format tells | `provider` |
//! | entropy, dummies, test vectors, allow-lists, validators, checksums | `filter`, `validate`, `vectors`, `checksum` |
//! | what is encoded, decoded and searched again | `decode` |
//! | doubtful words that their place makes credentials | `standing` |
//! | one finding a value | `overlap`, `findings` |
//! | what gitleaks calls the rules | `alias` |

mod alias;
mod assignment;
mod base64;
mod builtin;
mod checksum;
mod compile;
mod decode;
mod engine;
mod entropy;
mod examples;
mod filter;
mod findings;
pub mod gitleaks;
mod lines;
mod matcher;
mod overlap;
mod prefilter;
mod provider;
mod standing;
mod surroundings;
mod template;
mod user;
mod validate;
mod value;
mod vectors;

pub use alias::is_gitleaks_id;
pub use examples::{ExampleFailure, Expected};
pub use user::{GITLEAKS_FILE, RulesError, UserRules};

use crate::change::{Blob, Commit, EntryKind, Identity, Occurrence, Oid, Origin, Tag};
use crate::finding::{Confidence, GuardId, Incomplete, Level, Location, Span};
use crate::guard::{Guard, Judges, Sink};
use crate::policy::schema::{GuardPolicy, Policy, RuleSource, SetBy};
use crate::rule::RuleMeta;
use compile::rows::Rule;
use decode::Transcoded;
use engine::{BadRule, Found, RuleSet};
use filter::Candidate;
use findings::Place;
use gitleaks::Place as Whereabouts;
use lines::Lines;
use smallvec::SmallVec;
use std::time::Duration;
use surroundings::Site;

/// Candidates that are kept of one text; more are no leak but an attack, or data that belongs in `exclude`.
const MAX_CANDIDATES: usize = 100_000;

/// What `explain` says of every rule.
const DOCS: &str = "Whoever can read the repository, now or in ten years, has this credential; removing it in a later commit \
leaves it in the history. Revoke it with its issuer, then take it out of the commit: read it from the environment or \
from a secret store.\n\nA sample that opens nothing is allowed with `gitward allow FINGERPRINT --reason …`, or with a \
comment on its line: `gitward: allow[RULE] reason`.";

/// The secrets guard under a policy.
#[derive(Debug)]
pub struct Secrets<'p> {
    common: &'p GuardPolicy,
    min_confidence: Confidence,
    /// Whether the built-in rules take part.
    builtin: bool,
    users: Vec<UserRules>,
}

impl<'p> Secrets<'p> {
    /// Takes the policy's rule files; neither compiles nor analyses anything.
    ///
    /// # Errors
    /// The first mistake in a rule file.
    pub fn new(policy: &'p Policy) -> Result<Self, RulesError> {
        let secrets = &policy.secrets;
        let sources = &secrets.rules;
        let mut users = Vec::new();
        for source in &sources.value {
            match source {
                RuleSource::Builtin => {}
                RuleSource::File { name, text } => users.push(UserRules::load(name, text.clone())?),
                RuleSource::Gitleaks { name, text, extends } => {
                    users.push(UserRules::gitleaks(name, text.clone(), extends)?);
                }
            }
        }
        Ok(Secrets {
            common: &secrets.common,
            min_confidence: secrets.min_confidence.value,
            // a policy that says nothing wants them
            builtin: sources.value.contains(&RuleSource::Builtin)
                || sources.value.is_empty() && sources.by == SetBy::Default,
            users,
        })
    }

    /// What each rule costs on `text`: id, looks at its literals, nanoseconds. Dearest first; rules that were
    /// never looked at are left out. For developers of rules.
    ///
    /// # Errors
    /// When a rule cannot be run.
    pub fn profile(&self, text: &[u8]) -> Result<Vec<(String, u64, u128)>, Incomplete> {
        let mut all = Vec::new();
        for (_, set) in self.sets()? {
            let mut costs = Vec::new();
            set.profile(text, &mut costs).map_err(|e| incomplete(&e))?;
            let looked = set.rules().iter().zip(costs).filter(|(_, (hits, _))| *hits > 0);
            all.extend(looked.map(|(rule, (hits, time))| (rule.id.to_owned(), hits, Duration::as_nanos(&time))));
        }
        all.sort_by_key(|(_, _, nanos)| std::cmp::Reverse(*nanos));
        Ok(all)
    }

    /// How many literals of rules stand in `text`: what the prefilter alone does, for benchmarks.
    ///
    /// # Errors
    /// When a rule file cannot be analysed.
    pub fn count_literals(&self, text: &[u8]) -> Result<usize, Incomplete> {
        Ok(self.sets()?.into_iter().map(|(_, set)| set.count_literals(text)).sum())
    }

    /// How many matches the rules' regexes and readers have in `text` before any of them is judged, for benchmarks.
    ///
    /// # Errors
    /// When a rule file cannot be analysed, or a rule cannot be run.
    pub fn count_matches(&self, text: &[u8]) -> Result<usize, Incomplete> {
        let mut count = 0;
        for (_, set) in self.sets()? {
            set.scan(text, Default::default(), |_| count += 1).map_err(|e| incomplete(&e))?;
        }
        Ok(count)
    }

    /// How many bytes what is encoded in `text` decodes to, in all layers: for benchmarks.
    pub fn count_decoded(text: &[u8]) -> usize {
        let mut count = 0;
        // counting fails nowhere
        let _ = decode::each(text, |layer| {
            count += layer.text().len();
            Ok(())
        });
        count
    }

    /// The rule sets with their numbers: 0 is the built-in one, then the users' in order.
    fn sets(&self) -> Result<SmallVec<[(usize, &RuleSet); 4]>, Incomplete> {
        let mut sets = SmallVec::new();
        if self.builtin {
            sets.push((0, &builtin::BUILTIN));
        }
        for (n, user) in self.users.iter().enumerate() {
            let set = user.set().map_err(|e| incomplete(&e))?;
            sets.push((n + 1, set));
        }
        Ok(sets)
    }

    /// The rule that a candidate is of.
    fn rule(&self, candidate: &Candidate) -> Option<Rule<'_>> {
        self.rule_of(candidate.set, candidate.rule)
    }

    /// A rule by the numbers of its set and its own.
    fn rule_of(&self, set: usize, rule: u16) -> Option<Rule<'_>> {
        let set = match set.checked_sub(1) {
            None => &builtin::BUILTIN,
            Some(n) => self.users.get(n)?.set().ok()?,
        };
        set.rules().get(rule)
    }

    /// What a rule's findings share a fingerprint by: the provider, or else the id; that of the built-in rule
    /// where a user's rule takes its place without naming one.
    fn family<'a>(&self, rule: &Rule<'a>) -> &'a str {
        let known = || builtin::BUILTIN.rules().iter().find(|r| r.id == rule.id);
        match rule.provider {
            "" => known().map_or(rule.id, |r| r.provider),
            provider => provider,
        }
    }

    /// Whether a later rule file has put its own rule in the place of this one, or switched it off.
    fn is_replaced(&self, set: usize, id: &str) -> bool {
        self.users.iter().skip(set).any(|user| user.replaces(id))
    }

    /// The credentials in a text.
    fn harvest(&self, text: &[u8], site: &Site<'_>) -> Result<Harvest, Incomplete> {
        let mut encoded = Vec::new();
        let mut overflow = false;
        let limit = decode::each(text, |layer| {
            let mut inner = Vec::new();
            overflow |= self.candidates(layer.text(), site, true, &mut inner)?;
            encoded.extend(inner.into_iter().filter_map(|c| layer.claim(c)));
            Ok(())
        })?;
        let plain = self.harvest_plain(text, site, encoded)?;
        Ok(Harvest { overflow: overflow | plain.overflow, limit, ..plain })
    }

    /// As [`Secrets::harvest`], without a look at what is encoded; `also` are candidates that lie there.
    fn harvest_plain(&self, text: &[u8], site: &Site<'_>, also: Vec<Candidate>) -> Result<Harvest, Incomplete> {
        let mut all = Vec::new();
        let overflow = self.candidates(text, site, false, &mut all)?;
        // where nothing tells two apart, the first stays
        all.extend(also);
        let specificity = |c: &Candidate| self.rule(c).map_or(0, |rule| rule.specificity);
        Ok(Harvest { candidates: overlap::collapse(all, specificity), overflow, limit: None })
    }

    /// Adds the credentials in a text, before those that are one are collapsed; whether there were too many.
    /// Configurations of gitleaks decode by themselves, as gitleaks does, and are not asked about what was.
    fn candidates(
        &self,
        text: &[u8],
        site: &Site<'_>,
        decoded: bool,
        all: &mut Vec<Candidate>,
    ) -> Result<bool, Incomplete> {
        let mut overflow = false;
        let mut bad = None;
        let Site { places, paths, surroundings } = site;
        // what is encoded stands at another place than where it was found
        let mut take = |number: usize, set: &RuleSet, text: &[u8], found: &Found, encoded: Option<(Span, String)>| {
            if all.len() == MAX_CANDIDATES || bad.is_some() {
                overflow = true;
                return;
            }
            let Some(rule) = set.rules().get(found.rule) else { return };
            let Some(candidate) = filter::judge(&rule, number, text, found, surroundings.class) else { return };
            if candidate.confidence < self.min_confidence || self.is_replaced(number, rule.id) {
                return;
            }
            let own = set.filters(found.rule).map(|own| own.lets_go(text, found, paths.as_deref()));
            let files = self.users.iter().map(|user| user.lets_go(rule.id, text, found, *places));
            match std::iter::once(own).chain(files).collect::<Result<Vec<bool>, _>>() {
                Ok(answers) if answers.contains(&true) => {}
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
                Some(_) if decoded => {}
                Some(config) => {
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
                    let scanned = set.scan(text, surroundings.kind, |found| take(number, set, text, &found, None));
                    scanned.map_err(|e| incomplete(&e))?;
                }
            }
        }
        if let Some(e) = bad {
            return Err(incomplete(&e));
        }
        Ok(overflow)
    }

    /// Scans a name and address.
    fn identity(
        &self,
        who: &Identity,
        role: &'static str,
        kind: &str,
        oid: Oid,
        sink: &mut Sink,
    ) -> Result<(), Incomplete> {
        self.label(&[&who.name, &b" <"[..], &who.email, b">"].concat(), role, kind, oid, sink)
    }

    /// Scans a short text of a commit or tag that is not its message.
    fn label(&self, text: &[u8], role: &'static str, kind: &str, oid: Oid, sink: &mut Sink) -> Result<(), Incomplete> {
        let harvest = self.harvest(text, &Site::of(Some(&[])))?;
        let name = || format!("{kind} {}", oid.short());
        findings::add(self, text, &harvest, &Place { name: &name, role }, sink, |_| Location::object(oid));
        Ok(())
    }

    /// The configuration of gitleaks that a rule set is made of.
    fn config(&self, set: usize) -> Option<&gitleaks::Config> {
        self.users.get(set.checked_sub(1)?)?.config()
    }

    /// The credentials in the name of a path where `content` is, and the path where a rule is against it as it is.
    fn harvest_path(&self, place: Whereabouts<'_>, site: &Site<'_>, content: &[u8]) -> Result<Harvest, Incomplete> {
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
                    weak: false,
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

    /// Scans the message of a commit or tag.
    fn message(&self, text: &[u8], kind: &str, oid: Oid, sink: &mut Sink) -> Result<(), Incomplete> {
        let harvest = self.harvest(text, &Site::of(Some(&[])))?;
        let mut lines = Lines::new(text);
        let name = || format!("{kind} {}", oid.short());
        findings::add(self, text, &harvest, &Place { name: &name, role: "" }, sink, |span| Location {
            position: Some(lines.position(span)),
            ..Location::object(oid)
        });
        Ok(())
    }
}

/// What was found in a text.
struct Harvest {
    /// In the order of their places, one a value.
    candidates: Vec<Candidate>,
    /// Whether there were more than can be kept.
    overflow: bool,
    /// The bound that kept encoded text from being looked at.
    limit: Option<decode::Limit>,
}

fn incomplete(bad: &BadRule) -> Incomplete {
    Incomplete::new(format!("the secret rule {}", bad.rule), &bad.why).help("mend its regex, or remove the rule")
}

impl Guard for Secrets<'_> {
    fn id(&self) -> GuardId {
        GuardId::Secrets
    }

    fn rules(&self) -> Vec<RuleMeta<'_>> {
        let meta = |id, aliases, level, summary, bad, good| RuleMeta {
            id,
            aliases,
            guard: GuardId::Secrets,
            level: Level::from_name(level).unwrap_or_default(),
            summary,
            docs: DOCS,
            bad,
            good,
        };
        let mut all = Vec::new();
        if self.builtin {
            let rules = builtin::BUILTIN.rules().iter().zip(alias::of_builtin()).zip(examples::builtin());
            let rules = rules.filter(|((rule, _), _)| !self.is_replaced(0, rule.id));
            all.extend(rules.map(|((r, a), [bad, good])| meta(r.id, &**a, r.level, r.description, &**bad, &**good)));
        }
        for (n, user) in self.users.iter().enumerate() {
            let later = &self.users[n + 1..];
            let rules = user.raw().iter().filter(|rule| !later.iter().any(|u| u.replaces(&rule.id)));
            let config = user.config().into_iter().flat_map(gitleaks::Config::own_rules);
            let config = config.filter(|(id, _)| !later.iter().any(|u| u.replaces(id)));
            all.extend(config.map(|(id, description)| meta(id, &[], "deny", description, &[], &[])));
            all.extend(rules.map(|r| meta(&r.id, &[], r.level, &r.description, &[], &[])));
        }
        all
    }

    fn notices(&self) -> Vec<String> {
        let configs = self.users.iter().filter_map(UserRules::config);
        configs.flat_map(|config| config.notices().iter().cloned()).collect()
    }

    fn judges(&self) -> Judges {
        Judges::Added
    }

    fn judges_parts(&self) -> bool {
        true
    }

    fn wants(&self, seen: &Occurrence) -> bool {
        let exclude = &self.common.exclude.value.set;
        seen.kind != EntryKind::Gitlink && (exclude.is_empty() || !exclude.is_match(&*seen.path.lossy()))
    }

    fn blob(&self, blob: &Blob<'_>, sink: &mut Sink) -> Result<(), Incomplete> {
        let Some(first) = blob.seen.first() else { return Ok(()) };
        let name = || first.path.lossy().into_owned();
        // commits are asked for by gitleaks' allow-lists alone
        let commit = |seen: &Occurrence| match seen.origin {
            Origin::Commit(oid) if self.users.iter().any(|user| user.config().is_some()) => oid.to_string(),
            _ => String::new(),
        };
        let commits: SmallVec<[String; 1]> = blob.seen.iter().map(commit).collect();
        let places = blob.seen.iter().zip(&commits);
        let places: SmallVec<[Whereabouts<'_>; 4]> =
            places.map(|(seen, commit)| Whereabouts { path: seen.path.as_bytes(), commit }).collect();
        let whole = Place { name: &name, role: "" };
        let site = Site::of(Some(&places));
        let transcoded = Transcoded::of(blob.bytes);
        if let Some(transcoded) = &transcoded {
            let text = transcoded.text();
            let harvest = self.harvest(text, &site)?;
            let mut lines = Lines::new(text);
            findings::add(self, text, &harvest, &whole, sink, |span| {
                let mut position = lines.position(span);
                transcoded.locate(&mut position);
                Location::at_occurrence(first, blob.oid, Some(position))
            });
        }
        // also what claims to be UTF-16: programs that read bytes see the bytes
        if transcoded.as_ref().is_none_or(Transcoded::hides_bytes) {
            let harvest = match &transcoded {
                Some(_) => self.harvest_plain(blob.bytes, &site, Vec::new())?,
                None => self.harvest(blob.bytes, &site)?,
            };
            let mut lines = Lines::new(blob.bytes);
            findings::add(self, blob.bytes, &harvest, &whole, sink, |span| {
                Location::at_occurrence(first, blob.oid, Some(lines.position(span)))
            });
        }
        for (seen, place) in blob.seen.iter().zip(&places) {
            let path = seen.path.as_bytes();
            let harvest = match *places {
                [_] => self.harvest_path(*place, &site, blob.bytes)?,
                _ => self.harvest_path(*place, &Site::of(Some(std::slice::from_ref(place))), blob.bytes)?,
            };
            findings::add(self, path, &harvest, &Place { name: &name, role: "in the path's name" }, sink, |_| {
                Location::at_occurrence(seen, blob.oid, None)
            });
        }
        Ok(())
    }

    fn commit(&self, commit: &Commit, sink: &mut Sink) -> Result<(), Incomplete> {
        self.message(commit.message(), "commit", commit.oid, sink)?;
        self.identity(&commit.author, "in the author's identity", "commit", commit.oid, sink)?;
        if commit.author != commit.committer {
            self.identity(&commit.committer, "in the committer's identity", "commit", commit.oid, sink)?;
        }
        Ok(())
    }

    fn tag(&self, tag: &Tag, sink: &mut Sink) -> Result<(), Incomplete> {
        self.message(tag.body(), "tag", tag.oid, sink)?;
        if let Some(name) = tag.header("tag") {
            self.label(name, "in the tag's name", "tag", tag.oid, sink)?;
        }
        let tagger = tag.header("tagger").map(Identity::parse).unwrap_or_default();
        self.identity(&tagger, "in the tagger's identity", "tag", tag.oid, sink)
    }
}

#[cfg(test)]
mod tests;
