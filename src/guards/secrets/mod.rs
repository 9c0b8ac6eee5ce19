//! The secrets guard: leaked credentials in files, path names, commit and tag messages.
//!
//! | stage | module |
//! |---|---|
//! | rule files to tables, at build time or at the first text | `compile`, `builtin`, `user` |
//! | every byte once, for the literals of all rules | `prefilter`, `classes` |
//! | the rule's regex where a literal stands | `engine`, `matcher` |
//! | or its reader of names and values | `assignment` |
//! | provider of a value that no format tells, and its rule | `provider`, `attribute` |
//! | entropy, dummies, test vectors, allow-lists, validators, checksums | `filter`, `beside`, `validate`, `vectors`, `checksum` |
//! | what is encoded, decoded and searched again | `decode` |
//! | doubtful words that their place makes credentials | `standing` |
//! | one finding a value | `overlap`, `findings` |
//! | what gitleaks calls the rules | `alias` |

mod alias;
mod assignment;
mod attribute;
mod base64;
mod beside;
mod builtin;
mod checksum;
mod classes;
mod compile;
mod decode;
mod engine;
mod entropy;
mod examples;
mod filter;
mod findings;
pub mod gitleaks;
mod harvest;
mod lines;
mod list;
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
mod version;

pub use alias::is_gitleaks_id;
pub use examples::{ExampleFailure, Expected};
pub use user::{GITLEAKS_FILE, RulesError, UserRules};

use crate::change::{Blob, Changes, Commit, EntryKind, Glance, Identity, Occurrence, Oid, Origin, Tag};
use crate::finding::{Confidence, GuardId, Incomplete, Level, Location};
use crate::guard::{Guard, Judges, Sink};
use crate::policy::schema::{GuardPolicy, Policy, RuleSource, SetBy};
use crate::rule::RuleMeta;
use compile::rows::Rule;
use decode::Transcoded;
use engine::{BadRule, RuleSet};
use filter::Candidate;
use findings::Place;
use gitleaks::Place as Whereabouts;
use lines::Lines;
use smallvec::SmallVec;
use std::time::Duration;
use surroundings::Site;

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
            set.scan(text, Default::default(), Default::default(), |_| count += 1).map_err(|e| incomplete(&e))?;
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

    /// The commits that a blob's places are of, as far as anybody asks: gitleaks' allow-lists do.
    fn commits(&self, blob: &Blob<'_>) -> SmallVec<[String; 1]> {
        let commit = |seen: &Occurrence| match seen.origin {
            Origin::Commit(oid) if self.users.iter().any(|user| user.config().is_some()) => oid.to_string(),
            _ => String::new(),
        };
        blob.seen.iter().map(commit).collect()
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

/// Where a blob stands; as many commits as it has places.
fn places<'a>(blob: &'a Blob<'_>, commits: &'a [String]) -> SmallVec<[Whereabouts<'a>; 4]> {
    let places = blob.seen.iter().zip(commits);
    places.map(|(seen, commit)| Whereabouts { path: seen.path.as_bytes(), commit }).collect()
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
        let commits = self.commits(blob);
        let places = places(blob, &commits);
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
                Some(_) => self.harvest_plain(blob.bytes, &site, None, Vec::new())?,
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

    fn glance(&self, blob: &Blob<'_>, changes: Option<Changes<'_>>) -> Glance {
        let answer = match changes {
            Some(changes) => self.glance_at(blob, changes),
            None if Transcoded::of(blob.bytes).is_none() => self.glance_at_all(blob),
            None => {
                let mut sink = Sink::default();
                let is_empty = |sink: Sink| sink.findings.is_empty() && sink.incomplete.is_empty();
                self.blob(blob, &mut sink).map(|()| match is_empty(sink) {
                    true => Glance::Nothing { settled: None },
                    false => Glance::Something,
                })
            }
        };
        answer.unwrap_or(Glance::Something)
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
