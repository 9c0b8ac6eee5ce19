//! From raw matches to candidates: entropy, character classes, dummies, allow-lists, validators, checksums. Cheap
//! questions first; regexes are compiled at the first match that gets so far.

use super::assignment::{Pair, Place, Quote};
use super::base64;
use super::beside::{Sample, is_assigned, is_default, is_unrelated, sample};
use super::checksum;
use super::compile::rows::Rule;
use super::compile::schema::{RawAllow, Target};
use super::engine::{Found, compile};
use super::entropy::shannon;
use super::standing::raise;
use super::validate::Verdict;
use super::validate::placeholder::{Dummy, dummy};
use super::value::{Context, PathClass, PlaceKind, Strength, is_earnest, is_uuid, judge as judge_value, judge_bytes};
use super::vectors::is_vector;
use crate::finding::{Confidence, Span};
use regex::bytes::{Regex, RegexSet, RegexSetBuilder};
use smallvec::SmallVec;

/// Other rules that are named beside the one that reports a value.
pub(crate) const MAX_ALSO: usize = 3;

/// A match that passed every filter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Candidate {
    /// Index of the rule set.
    pub(crate) set: usize,
    /// Index of the rule in it.
    pub(crate) rule: u16,
    /// The secret.
    pub(crate) secret: Span,
    /// What the secret is given to, where a reader found it.
    pub(crate) name: Option<Span>,
    /// The rule's confidence after checksum and validators.
    pub(crate) confidence: Confidence,
    /// How sure the judge of values is of it: what is not random may be a word, and is worth a warning or a note.
    /// Rules that know a format are sure.
    pub(crate) strength: Strength,
    /// What is worth saying about it, such as "checksum valid".
    pub(crate) note: String,
    /// Other rules that found the same value: rule set and rule, at most [`MAX_ALSO`].
    pub(crate) also: SmallVec<[(usize, u16); MAX_ALSO]>,
    /// What the bytes at `secret` stand for, where they are encoded.
    pub(crate) decoded: Option<Box<[u8]>>,
}

impl Candidate {
    /// The credential itself, of the text that the candidate was found in.
    pub(crate) fn value<'a>(&'a self, text: &'a [u8]) -> &'a [u8] {
        self.decoded.as_deref().unwrap_or_else(|| self.secret.of(text))
    }
}

/// The compiled allow-lists and path pattern of a rule, or the allow-lists of a whole rule file.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    allow: Vec<Allowed>,
    paths: Option<Regex>,
}

#[derive(Debug)]
struct Allowed {
    all: bool,
    target: Target,
    regexes: RegexSet,
    stopwords: Vec<Vec<u8>>,
    paths: RegexSet,
}

impl Filters {
    /// Compiles those of a rule.
    ///
    /// # Errors
    /// What the regex crate says.
    pub(crate) fn of(rule: &Rule<'_>) -> Result<Self, String> {
        let paths = rule.paths.map(compile).transpose()?;
        Ok(Filters { paths, ..Filters::of_file(&rule.allow())? })
    }

    /// Compiles allow-lists.
    ///
    /// # Errors
    /// What the regex crate says.
    pub(crate) fn of_file(allow: &[RawAllow]) -> Result<Self, String> {
        let set = |regexes: &[String]| RegexSetBuilder::new(regexes).unicode(false).build().map_err(|e| e.to_string());
        let mut all = Vec::with_capacity(allow.len());
        for allow in allow {
            all.push(Allowed {
                all: allow.all,
                target: allow.target.unwrap_or(Target::Secret),
                regexes: set(&allow.regexes)?,
                stopwords: allow.stopwords.iter().map(|w| w.to_ascii_lowercase().into_bytes()).collect(),
                paths: set(&allow.paths)?,
            });
        }
        Ok(Filters { allow: all, paths: None })
    }

    /// Whether a match in a text that stands at these paths is let go; `None`: paths are not asked about.
    pub(crate) fn lets_go(&self, text: &[u8], found: &Found, paths: Option<&[&[u8]]>) -> bool {
        let wanted = |p: &Regex| paths.is_none_or(|paths| paths.iter().any(|path| p.is_match(path)));
        let elsewhere = self.paths.as_ref().is_some_and(|p| !wanted(p));
        elsewhere || self.allow.iter().any(|allow| allow.holds(text, found, paths))
    }
}

impl Allowed {
    fn holds(&self, text: &[u8], found: &Found, paths: Option<&[&[u8]]>) -> bool {
        let paths = paths.unwrap_or_default();
        let secret = found.secret.of(text);
        let target = match self.target {
            Target::Secret => secret,
            Target::Match => found.whole.of(text),
            Target::Line => lines(text, found.whole),
        };
        // every place must be allowed: the same bytes may stand at another path too
        let path = || !paths.is_empty() && paths.iter().all(|p| self.paths.is_match(p));
        let word = || {
            let lower = secret.to_ascii_lowercase();
            self.stopwords.iter().any(|word| memchr::memmem::find(&lower, word).is_some())
        };
        let asked = [!self.regexes.is_empty(), !self.stopwords.is_empty(), !self.paths.is_empty()];
        let answer = |n: usize| match n {
            0 => self.regexes.is_match(target),
            1 => word(),
            _ => path(),
        };
        let mut asked = (0..3).filter(|&n| asked[n]);
        if self.all { asked.all(answer) } else { asked.any(answer) }
    }
}

/// The lines that hold `span`, at most some kilobytes on each side.
fn lines(text: &[u8], span: Span) -> &[u8] {
    const MARGIN: usize = 4096;
    let (from, to) = (span.start.saturating_sub(MARGIN), (span.end + MARGIN).min(text.len()));
    let start = memchr::memrchr(b'\n', &text[from..span.start]).map_or(from, |n| from + n + 1);
    let end = memchr::memchr(b'\n', &text[span.end..to]).map_or(to, |n| span.end + n);
    &text[start..end]
}

/// Judges a match by what the rule itself says; allow-lists come after. `None`: let go.
pub(crate) fn judge(rule: &Rule<'_>, set: usize, text: &[u8], found: &Found, path: PathClass) -> Option<Candidate> {
    let secret = found.secret.of(text);
    // the bytes of a key tell for themselves: curves have parameters of zeros and ones
    let structured = rule.validate.iter().any(|validator| validator.reads_structure());
    // the judge of values has its own view of what stands for one
    let judged = found.pair.is_some();
    let dummy = if structured || judged { Dummy::No } else { dummy(secret) };
    let mut confidence = Confidence::from_name(rule.confidence).unwrap_or_default();
    // a form that is proof by itself is named even so, as a note
    if !has_characters(rule.least, secret)
        || dummy == Dummy::Wholly
        || dummy > Dummy::No && confidence < Confidence::High
    {
        return None;
    }
    let strength = match found.pair {
        Some(_) => strength(text, found, path)?,
        None if dummy > Dummy::No => Strength::Slight,
        None => Strength::Strong,
    };
    if found.pair.is_some_and(|pair| is_vector(text, pair, path)) {
        return None;
    }
    if rule.entropy > 0.0 && dummy == Dummy::No && shannon(secret) < rule.entropy {
        return None;
    }
    let mut notes = Vec::new();
    if dummy > Dummy::No {
        confidence = Confidence::Medium;
        notes.push("looks made up".to_owned());
    }
    for validator in rule.validate {
        match validator.judge(text, found.secret) {
            Verdict::Keep => {}
            Verdict::Lower(why) => {
                confidence = Confidence::Low;
                notes.push(why.to_owned());
            }
            Verdict::Drop => return None,
        }
    }
    match rule.checksum.map(|c| c.verify(secret)) {
        Some(checksum::Verdict::Valid) => {
            confidence = Confidence::High;
            notes.push("checksum valid".to_owned());
        }
        Some(checksum::Verdict::Invalid) => {
            confidence = match confidence {
                Confidence::High => Confidence::Medium,
                // nobody computes one for what is made up
                Confidence::Medium if dummy > Dummy::No => Confidence::Medium,
                _ => Confidence::Low,
            };
            notes.push("checksum invalid".to_owned());
        }
        Some(checksum::Verdict::Shows(what)) => notes.push(what),
        Some(checksum::Verdict::Absent) | None => {}
    }
    if strength == Strength::Doubtful {
        confidence = Confidence::Low;
    }
    Some(Candidate {
        set,
        rule: found.rule,
        secret: found.secret,
        name: found.pair.map(|pair| pair.name),
        confidence,
        strength,
        note: notes.join(", "),
        also: SmallVec::new(),
        decoded: None,
    })
}

/// What the judge of values says to a pair; of basic credentials it is asked about the password.
fn strength(text: &[u8], found: &Found, path: PathClass) -> Option<Strength> {
    let pair = found.pair?;
    if is_unrelated(text, pair) {
        return None;
    }
    let context = Context { place: pair.place.kind(), quoted: pair.quote != Quote::None, path };
    let (name, value) = (pair.name.of(text), pair.value.of(text));
    match pair.place {
        Place::BasicAuth => {
            let decoded = base64::decode(value)?;
            let colon = memchr::memchr(b':', &decoded)?;
            let (user, password) = (&decoded[..colon], &decoded[colon + 1..]);
            // `token:` alone carries a token in the user's name
            let password = if password.is_empty() { user } else { password };
            // the header says that it is one, whatever it looks like; the validator drops what everybody has
            let made_up = matches!(path, PathClass::Test | PathClass::Docs);
            let floor = if made_up { Strength::Slight } else { Strength::Weak };
            Some(judge_value(user, password, &context).map_or(floor, |found| found.max(floor)))
        }
        Place::Bytes => judge_bytes(name, value, &context),
        // a comparison with a literal proves little; a test compares with what it has set
        Place::Comparison => judge_value(name, value, &context).map(|found| match found {
            Strength::Strong => Strength::Weak,
            Strength::Slight | Strength::Weak => Strength::Slight,
            Strength::Doubtful => Strength::Doubtful,
        }),
        // words stand in comments and texts for everything; what is left was made by chance
        Place::Note => {
            let found = judge_value(name, value, &context).filter(|found| *found == Strength::Strong)?;
            Some(around(text, pair, found, path))
        }
        place => {
            let found = raise(text, pair, judge_value(name, value, &context)?, path);
            if found < Strength::Strong && place.kind() == PlaceKind::Assignment && !is_assigned(text, pair) {
                return None;
            }
            Some(if found == Strength::Doubtful { found } else { around(text, pair, found, path) })
        }
    }
}

/// What a value that was judged `found` is by the text around it.
fn around(text: &[u8], pair: Pair, found: Strength, path: PathClass) -> Strength {
    // the form of a statement proves what the word does not
    let proves = matches!(pair.place.kind(), PlaceKind::Url | PlaceKind::Sql | PlaceKind::Option);
    match (found, sample(text, pair.value)) {
        (Strength::Weak | Strength::Slight, Some(_)) if proves => Strength::Slight,
        (found, Some(sample)) => in_sample(found, sample, pair.value.of(text)),
        (Strength::Weak, None) if is_default(text, pair) => Strength::Slight,
        // set up to be tried out, by a test
        (Strength::Slight, None) if !proves && path == PathClass::Test && is_default(text, pair) => Strength::Doubtful,
        (found, None) => found,
    }
}

/// What a value that was judged `found` is where a text shows how something is used: there every password stands for
/// one, and every id for an id.
fn in_sample(found: Strength, sample: Sample, value: &[u8]) -> Strength {
    match found {
        Strength::Strong if is_uuid(value) => Strength::Doubtful,
        Strength::Strong if sample == Sample::Comment => Strength::Weak,
        Strength::Strong => Strength::Slight,
        Strength::Weak | Strength::Slight if is_earnest(value) => Strength::Slight,
        Strength::Weak | Strength::Slight | Strength::Doubtful => Strength::Doubtful,
    }
}

/// Whether a match stands where a text [shows](sample) how something is used, which may be far from where that is said.
pub(crate) fn is_shown(text: &[u8], found: &Found) -> bool {
    found.pair.is_some_and(|pair| sample(text, pair.value).is_some())
}

/// Whether there are as many digits, upper-case and lower-case letters as asked.
fn has_characters(least: [u8; 3], secret: &[u8]) -> bool {
    let kinds: [fn(&u8) -> bool; 3] = [u8::is_ascii_digit, u8::is_ascii_uppercase, u8::is_ascii_lowercase];
    let enough = |(least, kind): (u8, fn(&u8) -> bool)| {
        let least = usize::from(least);
        secret.iter().filter(|b| kind(b)).take(least).count() == least
    };
    least.into_iter().zip(kinds).all(enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guards::secrets::compile::schema::RawAllow;

    fn lets_go(allow: &RawAllow, text: &str, path: &str) -> bool {
        let filters = Filters::of_file(std::slice::from_ref(allow)).unwrap();
        let start = text.find("key").unwrap();
        let (whole, secret) = (Span::new(start, start + 8), Span::new(start + 4, start + 8));
        let found = Found { rule: 0, whole, secret, pair: None };
        filters.lets_go(text.as_bytes(), &found, Some(&[path.as_bytes()]))
    }

    #[test]
    fn allow_lists_ask_one_or_all() {
        let strings = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let mut allow = RawAllow { regexes: strings(&["^ab"]), paths: strings(&["^docs/"]), ..RawAllow::default() };
        assert!(lets_go(&allow, "key=abcd", "src"));
        assert!(lets_go(&allow, "key=xxxx", "docs/a"));
        allow.all = true;
        assert!(!lets_go(&allow, "key=abcd", "src"));
        assert!(lets_go(&allow, "key=abcd", "docs/a"));
    }

    #[test]
    fn regexes_look_at_their_target() {
        let mut allow = RawAllow { regexes: vec!["^key=|test$".to_owned()], ..RawAllow::default() };
        assert!(!lets_go(&allow, "x\nkey=abcd # test\n", "a"));
        allow.target = Some(Target::Match);
        assert!(lets_go(&allow, "x\n  key=abcd # test\n", "a"));
        allow.target = Some(Target::Line);
        assert!(lets_go(&allow, "x\n  key=abcd # test\ny", "a"));
        assert!(!lets_go(&allow, "x\n  key=abcd # tests\ny", "a"));
    }

    #[test]
    fn samples_show_passwords_that_nobody_has() {
        use Strength::{Doubtful, Slight, Strong, Weak};
        let (comment, literal) = (Sample::Comment, Sample::Literal);
        for (found, sample, value, is) in [
            (Weak, comment, "television", Doubtful),
            (Slight, literal, "admin", Doubtful),
            (Slight, literal, "S0meP@ssw0rd", Doubtful),
            (Weak, literal, "Tr0ub4dor&3", Slight),
            (Strong, comment, "tG7kQ9xZ2mW4", Weak),
            (Strong, literal, "tG7kQ9xZ2mW4", Slight),
            (Strong, comment, "d83e18b5-0200-4e0b-9cdb-6fdf95b00267", Doubtful),
        ] {
            assert_eq!(in_sample(found, sample, value.as_bytes()), is, "{value}");
        }
    }

    #[test]
    fn stopwords_and_characters_look_at_the_secret() {
        let allow = RawAllow { stopwords: vec!["bc".to_owned()], ..RawAllow::default() };
        assert!(lets_go(&allow, "key=aBCd", "a"));
        assert!(!lets_go(&allow, "key=abdc", "a"));
        assert!(has_characters([1, 1, 1], b"aB3"));
        assert!(!has_characters([2, 0, 0], b"aB3"));
    }
}
