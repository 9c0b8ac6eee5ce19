//! A configuration as a rule file of the guard: its own rules search, its allow-lists hold for all rules.

use super::Config;
use super::allow::{self, Answers, Place, Subject};
use super::scan::{self, Found, Options};
use super::value;
use crate::finding::{Incomplete, Span};
use crate::guards::secrets::engine::{BadRule, RuleSet};

/// How often encoded text is decoded: what gitleaks does unless it is told otherwise.
const MAX_DEPTH: usize = 5;

impl Config {
    /// The file that a configuration extends, as it names it; `None`: none, or the text is no configuration.
    pub fn extends(text: &str) -> Option<String> {
        let top = value::parse(text).ok()?;
        let extend = value::table(value::get(top.get_ref(), "extend")?).ok()?;
        value::string(extend, "path").ok().filter(|path| !path.is_empty())
    }

    /// The rules in the form of the guard's engine, by the indices of [`Found::rule`].
    ///
    /// # Errors
    /// When they are too many for its tables.
    pub(in crate::guards::secrets) fn set(&self) -> Result<&RuleSet, BadRule> {
        self.rules.set()
    }

    /// Whether a built-in rule of that id is replaced or switched off.
    pub(in crate::guards::secrets) fn replaces(&self, id: &str) -> bool {
        match self.rules.index(id).and_then(|n| self.rules.all.get(n)) {
            Some(rule) => !rule.is_builtin(),
            None => self.has_builtin,
        }
    }

    /// Rules that are not built in: id, description.
    pub(in crate::guards::secrets) fn own_rules(&self) -> impl Iterator<Item = (&str, &str)> {
        let own = self.rules.all.iter().filter(|rule| !rule.is_builtin() && !rule.skip_report);
        own.map(|rule| (rule.id.as_str(), if rule.description.is_empty() { &*rule.id } else { &*rule.description }))
    }

    /// What its own rules find, in what is encoded too, in a text that stands at all of `places`; `None`: paths are
    /// not asked about.
    ///
    /// # Errors
    /// As for [`Config::scan`].
    pub(in crate::guards::secrets) fn find(
        &self,
        text: &[u8],
        places: Option<&[Place<'_>]>,
    ) -> Result<Vec<Found>, Incomplete> {
        let options = Options {
            // comments are suppressions, which the run judges
            ignore_comments: true,
            own_rules_alone: true,
            any_path: places.is_none(),
            ..Options::default()
        };
        let mut found = scan::scan(&self.rules, text, places.unwrap_or(&[Place::NOWHERE]), MAX_DEPTH, options)?;
        found.retain(|one| one.has_line);
        Ok(found)
    }

    /// The rules that a path alone is an offence against, by index, given what the file there holds: keywords are asked
    /// of that.
    ///
    /// # Errors
    /// For a pattern that is too large.
    pub(in crate::guards::secrets) fn find_path(&self, place: Place<'_>, text: &[u8]) -> Result<Vec<u16>, BadRule> {
        let mut lower = None;
        let mut found = Vec::new();
        for (rule, index) in self.rules.all.iter().zip(0..) {
            let Some(path) = rule.path.as_ref().filter(|_| !rule.has_regex() && !rule.skip_report) else { continue };
            let mut offends = || -> Result<bool, String> {
                Ok(path.is_match(place.path)?
                    && rule.is_open(|| lower.get_or_insert_with(|| allow::lower(text)))
                    && !scan::any_covers(&self.rules.allow, place)?
                    && !scan::any_covers(&rule.allow, place)?)
            };
            if offends().map_err(|why| BadRule { rule: rule.id.clone(), why })? {
                found.push(index);
            }
        }
        Ok(found)
    }

    /// Whether it lets go of what another rule found in a text that stands at all of `places`.
    ///
    /// # Errors
    /// For a pattern that is too large.
    pub(in crate::guards::secrets) fn lets_go(
        &self,
        id: &str,
        text: &[u8],
        (whole, secret): (Span, Span),
        places: Option<&[Place<'_>]>,
    ) -> Result<bool, String> {
        let added = self.rules.index(id).and_then(|n| self.rules.all.get(n)).filter(|rule| rule.is_builtin());
        let lists = || self.rules.allow.iter().chain(added.iter().flat_map(|rule| &rule.allow));
        if lists().next().is_none() && added.is_none_or(|rule| rule.path.is_none() && rule.entropy == 0.0) {
            return Ok(false);
        }
        if added.is_some_and(|rule| rule.entropy != 0.0 && scan::entropy(secret.of(text)) <= rule.entropy) {
            return Ok(true);
        }
        let line_at = lines_of(text, whole);
        let answers = Answers::default();
        let (matched, line) = (whole.of(text), line_at.of(text));
        let subject = Subject { secret: secret.of(text), matched, line, line_at, answers: &answers };
        for place in places.unwrap_or(&[Place::NOWHERE]) {
            let elsewhere = match added.and_then(|rule| rule.path.as_ref()).filter(|_| places.is_some()) {
                Some(path) => !path.is_match(place.path)?,
                None => false,
            };
            let mut allowed = elsewhere;
            for list in lists() {
                allowed = allowed || list.covers(*place)? || list.lets_go(&subject, *place)?;
            }
            if !allowed {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// The lines that hold `span`, at most some kilobytes on each side.
fn lines_of(text: &[u8], span: Span) -> Span {
    const MARGIN: usize = 4096;
    let (from, to) = (span.start.saturating_sub(MARGIN), (span.end + MARGIN).min(text.len()));
    let before = text.get(from..span.start).unwrap_or_default();
    let after = text.get(span.end..to).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(from, |n| from + n + 1);
    Span::new(start, memchr::memchr(b'\n', after).map_or(to, |n| span.end + n))
}
