//! Which provider a credential is of, by what stands around it: the words of a key's name, then those near the
//! value. For findings only; the dictionary is `patterns/dictionary/providers.toml`, laid out by the build
//! script as one text and a sorted table of places in it.

use super::lines::opens_comment;
use crate::finding::Span;
use smallvec::SmallVec;

/// A word that a provider goes by, as places in [`TEXT`].
#[derive(Debug)]
struct Word {
    at: u16,
    len: u8,
    /// Where the provider's slug stands.
    of: u16,
    slug: u8,
    /// Whether it means something else too.
    common: bool,
}

static TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/providers.txt"));
include!(concat!(env!("OUT_DIR"), "/providers.rs"));

/// The part of a name that is looked at, its end: there it says what the value is.
const MAX_NAME: usize = 128;
/// The part of the surroundings that is looked at, their end.
const MAX_AROUND: usize = 2048;
/// The part of what follows on a line that is looked at.
const MAX_BEHIND: usize = 256;
/// Lines above a value among which the head of its section is looked for.
const MAX_LINES: usize = 16;
/// Longer words are no provider's.
const MAX_WORD: usize = 32;
/// As many segments of a name as one provider's word may be written in: `open_weather_map`.
const MAX_JOINED: usize = 4;
/// What says that a name is that of a credential.
const TELLING: [&[u8]; 19] = [
    b"accesskey",
    b"accesstoken",
    b"api",
    b"apikey",
    b"apitoken",
    b"auth",
    b"cred",
    b"credential",
    b"credentials",
    b"key",
    b"pass",
    b"passwd",
    b"password",
    b"pat",
    b"pwd",
    b"secret",
    b"secretkey",
    b"token",
    b"webhook",
];
/// Ends of the hosts that a common word may be a label of.
const DOMAINS: [&[u8]; 10] = [b"ai", b"app", b"co", b"com", b"cloud", b"dev", b"io", b"net", b"org", b"so"];

/// The provider that a name speaks of, or else what stands nearest the value.
///
/// `name` is what the value is given to: `STRIPE_API_KEY`, `stripe.apiKey`, `stripeKey`; empty where there is
/// none. `around` is text that ends at or soon after the value: its line and a few before. A word that means
/// something else too (`square`, `linear`) counts in a name only beside a word such as `key` or `token`, and
/// around it only as part of a host (`api.square.com`).
pub(crate) fn of(name: &[u8], around: &[u8]) -> Option<&'static str> {
    in_name(end(name, MAX_NAME)).or_else(|| nearby(end(around, MAX_AROUND)))
}

/// The provider that a name speaks of, or else what belongs to the value at `at` by the form of the text: its line, a
/// comment right above, the head of the section that it stands in.
pub(crate) fn beside(name: &[u8], text: &[u8], at: Span) -> Option<&'static str> {
    in_name(end(name, MAX_NAME)).or_else(|| {
        let before = end(text.get(..at.start)?, MAX_AROUND);
        let behind = text.get(at.end..)?;
        let behind = behind.get(..MAX_BEHIND).unwrap_or(behind);
        let behind = behind.split(|&b| b == b'\n').next().unwrap_or_default();
        let mut lines = before.rsplit(|&b| b == b'\n');
        let line = lines.next().unwrap_or_default();
        let of_line = nearby(line).or_else(|| nearby(behind));
        of_line.or_else(|| heads(line, lines).find_map(|head| nearby(head).or_else(|| named(head))))
    })
}

/// The lines above that speak for a line: a comment right above it, and the nearest that is indented less.
fn heads<'a>(line: &[u8], above: impl Iterator<Item = &'a [u8]>) -> impl Iterator<Item = &'a [u8]> {
    let indent = |line: &[u8]| line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let own = indent(line);
    let mut above = above.take(MAX_LINES).filter(|line| !line.trim_ascii().is_empty());
    let first = above.next();
    let comment = first.filter(|line| opens_comment(line.trim_ascii_start()));
    let section = first.into_iter().chain(above).find(|line| indent(line) < own);
    comment.into_iter().chain(section)
}

/// The provider that the head of a section is: its word and nothing else, so that it counts though it means something
/// else too (`line:`, `"front": {`).
fn named(head: &[u8]) -> Option<&'static str> {
    let ends = |b: &u8| b.is_ascii_whitespace() || b"\"'`:=>{([])".contains(b);
    let from = head.iter().position(|b| !ends(b))?;
    let to = head.iter().rposition(|b| !ends(b))? + 1;
    let word = head.get(from..to).filter(|word| word.len() <= MAX_WORD)?;
    let joined: SmallVec<[u8; MAX_WORD]> = word.iter().copied().filter(|b| !matches!(b, b'_' | b'-')).collect();
    lookup(&joined).map(Word::provider)
}

/// What a provider goes by in names, in the order of the alphabet.
pub(crate) fn words(provider: &str) -> impl Iterator<Item = &'static str> {
    WORDS.iter().filter(move |word| word.provider() == provider).map(Word::text)
}

fn end(text: &[u8], most: usize) -> &[u8] {
    text.get(text.len().saturating_sub(most)..).unwrap_or(text)
}

/// The provider that most of a name's bytes speak of; of equals the one in front.
fn in_name(name: &[u8]) -> Option<&'static str> {
    let segments = segments(name);
    let mut best: Option<(usize, &'static Word)> = None;
    let mut joined = Vec::with_capacity(MAX_WORD);
    for first in 0..segments.len() {
        joined.clear();
        let last = segments.len().min(first + MAX_JOINED);
        for segment in segments.get(first..last).unwrap_or_default() {
            joined.extend(segment.iter().map(u8::to_ascii_lowercase));
            if joined.len() > MAX_WORD + 16 {
                break;
            }
            let (word, told) = match lookup(&joined) {
                Some(word) => (Some(word), false),
                // STRIPEAPIKEY
                None => (without_telling(&joined), true),
            };
            if let Some(word) = word
                && (!word.common || told || tells(&segments))
                && best.is_none_or(|(len, _)| usize::from(word.len) > len)
            {
                best = Some((usize::from(word.len), word));
            }
        }
    }
    best.map(|(_, word)| word.provider())
}

/// The segments of a name: runs of letters and digits, cut where a small letter meets a capital.
fn segments(name: &[u8]) -> SmallVec<[&[u8]; 8]> {
    let mut all = SmallVec::new();
    for run in name.split(|b| !b.is_ascii_alphanumeric()).filter(|run| !run.is_empty()) {
        let mut from = 0;
        for at in 1..run.len() {
            let (Some(before), Some(here)) = (run.get(at - 1), run.get(at)) else { break };
            let ends_acronym = || before.is_ascii_uppercase() && run.get(at + 1).is_some_and(u8::is_ascii_lowercase);
            if here.is_ascii_uppercase() && (!before.is_ascii_uppercase() || ends_acronym()) {
                all.extend(run.get(from..at));
                from = at;
            }
        }
        all.extend(run.get(from..));
    }
    all
}

fn tells(segments: &[&[u8]]) -> bool {
    segments.iter().any(|segment| TELLING.iter().any(|word| segment.eq_ignore_ascii_case(word)))
}

/// The word that is left of a run when the telling word at its end is taken away.
fn without_telling(run: &[u8]) -> Option<&'static Word> {
    TELLING.iter().filter_map(|telling| run.strip_suffix(*telling)).find_map(lookup)
}

/// The last word of a text that is a provider's.
fn nearby(text: &[u8]) -> Option<&'static str> {
    let mut to = text.len();
    loop {
        let rest = text.get(..to)?;
        let last = rest.iter().rposition(u8::is_ascii_alphanumeric)? + 1;
        let first = rest.get(..last)?.iter().rposition(|b| !b.is_ascii_alphanumeric()).map_or(0, |n| n + 1);
        let run = rest.get(first..last)?;
        if run.len() <= 4 * MAX_WORD {
            let host = || is_host(text.get(last..).unwrap_or_default());
            // `myStripeClient`, and `openweathermap` whole
            let words = segments(run).into_iter().rev().chain([run]);
            let found = words.filter_map(lookup).find(|word| !word.common || host());
            if let Some(word) = found.filter(|word| word.len > 2) {
                return Some(word.provider());
            }
        }
        to = first;
    }
}

/// Whether what follows a word makes it the last label but one of a host.
fn is_host(after: &[u8]) -> bool {
    after.strip_prefix(b".").is_some_and(|rest| {
        let label = rest.split(|b| !b.is_ascii_alphanumeric()).next().unwrap_or_default();
        DOMAINS.iter().any(|domain| label.eq_ignore_ascii_case(domain))
    })
}

/// A word in the dictionary, in any case.
fn lookup(word: &[u8]) -> Option<&'static Word> {
    let mut lower = [0; MAX_WORD];
    let lower = lower.get_mut(..word.len())?;
    lower.copy_from_slice(word);
    lower.make_ascii_lowercase();
    let bit = bit(lower);
    if FILTER.get(bit / 64)? >> (bit % 64) & 1 == 0 {
        return None;
    }
    WORDS.binary_search_by(|w| w.text().as_bytes().cmp(lower)).ok().and_then(|n| WORDS.get(n))
}

/// Bits of the filter: some ten a word.
const FILTER_BITS: usize = 1 << 16;
/// A bit for the beginning and length of each word: answers for almost every word of a text without a search.
static FILTER: [u64; FILTER_BITS / 64] = {
    let mut filter = [0; FILTER_BITS / 64];
    let mut n = 0;
    while n < WORDS.len() {
        let (_, text) = TEXT.as_bytes().split_at(WORDS[n].at as usize);
        let bit = bit(text.split_at(WORDS[n].len as usize).0);
        filter[bit / 64] |= 1 << (bit % 64);
        n += 1;
    }
    filter
};

/// The bit of a lower-case word.
const fn bit(word: &[u8]) -> usize {
    let mut hash = word.len();
    let mut at = 0;
    while at < word.len() && at < 4 {
        hash = (hash << 5) + (hash << 2) + word[at] as usize;
        at += 1;
    }
    hash & (FILTER_BITS - 1)
}

impl Word {
    fn text(&self) -> &'static str {
        part(self.at, self.len)
    }

    fn provider(&self) -> &'static str {
        part(self.of, self.slug)
    }
}

fn part(at: u16, len: u8) -> &'static str {
    let at = usize::from(at);
    TEXT.get(at..at + usize::from(len)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cmp::Ordering;

    #[test]
    fn every_provider_is_known_by_name() {
        let mut slugs: Vec<&str> = WORDS.iter().map(Word::provider).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert!(slugs.len() >= 900, "{}", slugs.len());
        for word in &WORDS {
            let (text, slug) = (word.text(), word.provider());
            let upper = text.to_ascii_uppercase();
            for name in [
                format!("{upper}_API_KEY"),
                format!("{text}.token"),
                format!("{text}-secret"),
                format!("{text}Token"),
                format!("MY_{upper}_SECRET_KEY_PROD"),
            ] {
                assert_eq!(of(name.as_bytes(), b""), Some(slug), "{name}");
            }
        }
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(WORDS.windows(2).all(|pair| pair[0].text().cmp(pair[1].text()) == Ordering::Less));
        assert!(WORDS.iter().all(|w| !w.text().is_empty() && !w.provider().is_empty() && w.text().len() <= MAX_WORD));
    }

    #[test]
    fn names_are_read_in_every_spelling() {
        for (name, provider) in [
            ("stripeApiKey", "stripe"),
            ("OPEN_WEATHER_MAP_TOKEN", "openweather"),
            ("openWeatherMapKey", "openweather"),
            ("services.github.token", "github"),
            ("new-relic-license-key", "newrelic"),
            ("AWSSecretKey", "aws"),
            ("SENDGRIDAPIKEY", "sendgrid"),
            ("myapp_stripe_test_secret", "stripe"),
            ("linear_api_key", "linear"),
            ("SQUARE_ACCESS_TOKEN", "square"),
        ] {
            assert_eq!(of(name.as_bytes(), b""), Some(provider), "{name}");
        }
        for name in ["api_key", "square_root", "linear", "front", "box_size", "password", "", "__", "the_token_of_x"] {
            assert_eq!(of(name.as_bytes(), b""), None, "{name}");
        }
    }

    #[test]
    fn what_stands_near_is_asked_when_the_name_says_nothing() {
        for (around, provider) in [
            ("# https://api.sendgrid.com/v3\nkey = x", "sendgrid"),
            ("client = StripeClient(api_key=x", "stripe"),
            ("# mailgun, not sendgrid\nkey = ", "sendgrid"),
            ("curl https://api.square.com/ -H 'x'", "square"),
            ("url: https://hooks.linear.app/x", "linear"),
        ] {
            assert_eq!(of(b"api_key", around.as_bytes()), Some(provider), "{around}");
        }
        for around in ["draw a square box", "linear.weight = 3", "in front of the notion", ""] {
            assert_eq!(of(b"api_key", around.as_bytes()), None, "{around}");
        }
        assert_eq!(of(b"STRIPE_KEY", b"sendgrid"), Some("stripe"));
    }

    #[test]
    fn what_belongs_to_a_value_speaks_for_it() {
        let of = |text: &str| {
            let at = text.find("VALUE").unwrap();
            beside(b"key", text.as_bytes(), Span::new(at, at + 5))
        };
        for (text, provider) in [
            ("stripe:\n  mode: test\n  key: VALUE", "stripe"),
            ("{\"stripe\": {\"key\": \"VALUE\"}}", "stripe"),
            ("line:\n  key: VALUE", "line"),
            ("  \"front\": {\n    \"key\": \"VALUE\"", "front"),
            ("# stripe\nkey = VALUE", "stripe"),
            ("new Stripe({ key: 'VALUE' })", "stripe"),
            ("curl -H 'Key: VALUE' https://api.stripe.com/v1", "stripe"),
            ("https://api.stripe.com/v1?key=VALUE", "stripe"),
        ] {
            assert_eq!(of(text), Some(provider), "{text}");
        }
        for text in [
            "stripe_mode = test\nkey = VALUE",
            "key = VALUE\nstripe = test",
            "stripe:\n  mode: test\nkey: VALUE",
            "a:\n  stripe: test\n  key: VALUE",
            "line = 3:\n  key: VALUE",
            "in front:\n  key: VALUE",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert!(words("newrelic").any(|word| word == "newrelic"));
    }

    #[test]
    fn long_texts_cost_little() {
        let text = "aB1_".repeat(1 << 18);
        assert_eq!(of(text.as_bytes(), text.as_bytes()), None);
        assert_eq!(of(format!("{text}stripe_key").as_bytes(), b""), Some("stripe"));
    }
}
