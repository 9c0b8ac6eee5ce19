//! Whether the value beside a telling name is a credential, a word that may be one, or nothing.
//!
//! | question | module |
//! |---|---|
//! | what does the name promise? | `name` |
//! | what is the file about? | `path` |
//! | does the value refer to another? | `reference` |
//! | does it stand for a credential that is to be put there? | `dummy` |
//! | is it something else by its form? | `shape` |
//! | is it base64 of text? | `encoded` |
//! | is it the recovery phrase of a wallet? | `phrase` |
//! | did chance make it, or a person? | `random`, `words` |
//!
//! All of it is linear in the value, whose length is bounded, and allocates nothing.

mod dummy;
mod encoded;
mod name;
mod path;
mod phrase;
mod random;
mod reference;
mod shape;
#[cfg(test)]
mod tests;
mod words;

use name::Promise;
pub(crate) use path::PathClass;
use shape::Shape;

/// Shorter values are not judged …
const MIN_LEN: usize = 4;
/// … nor longer ones, which are data.
const MAX_LEN: usize = 1024;
/// The shortest password of two words and a dash.
const MIN_PHRASE: usize = 12;
/// The longest password that a person makes up.
const MAX_WORD: usize = 32;

/// How sure it is that a value is a credential.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Strength {
    /// A word that is rather an example or a default: worth a look at most.
    Doubtful,
    /// A word that is a password somewhere, though one that everybody has, or one of a test or a sample.
    Slight,
    /// A password that a person may have made up, or a credential of other people's code.
    Weak,
    /// Random.
    Strong,
}

/// Where a value stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum PlaceKind {
    /// Code: an assignment, an argument, a member of a literal.
    Assignment,
    /// A file of settings or data, a shell's or a container's environment.
    Config,
    /// An option of a command.
    Option,
    /// A header of a request; the name is the header's or the scheme's (`Bearer`).
    Header,
    /// A parameter in a URL.
    Query,
    /// The password of `scheme://user:password@host`; the name is the user.
    Url,
    /// A password in a statement of SQL, whatever its name.
    Sql,
    /// An element of a list.
    List,
}

/// What stands around a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Context {
    /// Its place.
    pub(crate) place: PlaceKind,
    /// Whether it stands in quotes.
    pub(crate) quoted: bool,
    /// What its file is.
    pub(crate) path: PathClass,
}

/// Judges `value` by its name, form and place; `None`: it is no credential.
pub(crate) fn judge(name: &[u8], value: &[u8], context: &Context) -> Option<Strength> {
    by_name(name, value, context).map(|found| found.min(limit(context.path)))
}

fn by_name(name: &[u8], value: &[u8], context: &Context) -> Option<Strength> {
    let demand = demand(context.path)?;
    let promise = match context.place {
        PlaceKind::Url | PlaceKind::Sql => Promise::Password,
        PlaceKind::Header => name::promise(name).unwrap_or(Promise::Other),
        PlaceKind::Assignment | PlaceKind::Config | PlaceKind::Option | PlaceKind::Query | PlaceKind::List => {
            name::promise(name)?
        }
    };
    let value = without_scheme(value.trim_ascii());
    if !(MIN_LEN..=MAX_LEN).contains(&value.len()) {
        return None;
    }
    if phrase::is_phrase(name, value) {
        return Some(Strength::Strong);
    }
    if promise == Promise::Other && context.place != PlaceKind::Query && name::is_signature(name) {
        return None;
    }
    let text = encoded::text(value);
    // most values end here: people wrote them, and no person makes up a token
    if promise != Promise::Password && text.is_none() && !is_random(promise, value, demand) {
        return (promise == Promise::Secret && is_made_up(name, value, context)).then_some(Strength::Slight);
    }
    let in_code = context.place == PlaceKind::Assignment && !context.quoted && context.path != PathClass::Config;
    if reference::refers(value, in_code) {
        return None;
    }
    match context.place {
        // the same word twice is how many a service is set up; two that everybody has are an example
        PlaceKind::Url if dummy::is_stock(name) && dummy::is_stock(value) => {
            let is_set = dummy::is_shipped(value) || dummy::is_service(name) && name.eq_ignore_ascii_case(value);
            let found = if is_set { Strength::Slight } else { Strength::Doubtful };
            return (!dummy::is_example(name)).then_some(found);
        }
        PlaceKind::Url => {}
        // a mark is added where a rule for passwords asks for one
        _ if dummy::echoes(name, value) && !(is_marked(value) && name::words(value).nth(1).is_none()) => {
            let is_own = is_account(value) && name::words(name).next().is_some_and(|w| w.eq_ignore_ascii_case(value));
            let is_set = context.place == PlaceKind::Config && promise == Promise::Password && is_own;
            return (is_set && demand == Demand::Usual).then_some(Strength::Slight);
        }
        _ => {}
    }
    if let Some(text) = text {
        // what is readable is as good as the text that it hides
        return decoded(promise, text.as_bytes().trim_ascii(), context, demand);
    }
    by_value(promise, value, context, demand)
}

/// Judges a list of numbers that are the bytes of a value.
pub(crate) fn judge_bytes(name: &[u8], list: &[u8], context: &Context) -> Option<Strength> {
    /// Bytes of the shortest key.
    const MIN_BYTES: usize = 16;
    name::promise(name)?;
    demand(context.path)?;
    let (mut count, mut rows, mut seen, mut last, mut step) = (0, 0, [false; 256], 0u8, 0u8);
    for number in list.split(|&b| b == b',').map(<[u8]>::trim_ascii).filter(|n| !n.is_empty()) {
        let text = std::str::from_utf8(number).ok()?;
        let byte = match text.strip_prefix("0x").or(text.strip_prefix("0X")) {
            Some(hex) => u8::from_str_radix(hex, 16).ok()?,
            None => text.parse::<u8>().ok()?,
        };
        let next = byte.wrapping_sub(last);
        // neighbours, or the same step again
        rows += usize::from(count > 0 && (byte.abs_diff(last) <= 1 || count > 1 && next == step));
        *seen.get_mut(usize::from(byte))? = true;
        (count, last, step) = (count + 1, byte, next);
    }
    let different = seen.iter().filter(|seen| **seen).count();
    // chance draws 15 of 16 different ones, and neighbours once in a hundred
    (count >= MIN_BYTES && different >= MIN_BYTES / 2 && different * 3 >= count.min(96) && rows * 4 <= count)
        .then(|| limit(context.path))
}

/// What a file asks of a credential in it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Demand {
    Usual,
    /// Made-up values are common.
    High,
}

/// `None`: nothing is reported by its name in such files.
fn demand(path: PathClass) -> Option<Demand> {
    match path {
        PathClass::Source | PathClass::Config => Some(Demand::Usual),
        PathClass::Test | PathClass::Docs | PathClass::Minified | PathClass::Vendored => Some(Demand::High),
        PathClass::Translation | PathClass::Lock => None,
    }
}

/// What a value can be at most: other people's code is theirs to mend, so nobody is kept from committing it.
fn limit(path: PathClass) -> Strength {
    if path == PathClass::Vendored { Strength::Weak } else { Strength::Strong }
}

/// A value without `Bearer` and the like in front.
fn without_scheme(value: &[u8]) -> &[u8] {
    const SCHEMES: [&[u8]; 6] = [b"bearer ", b"basic ", b"token ", b"apikey ", b"key ", b"oauth "];
    let scheme = |s: &&&[u8]| value.get(..s.len()).is_some_and(|v| v.eq_ignore_ascii_case(s));
    SCHEMES.iter().find(scheme).and_then(|s| value.get(s.len()..)).unwrap_or(value).trim_ascii_start()
}

/// Judges text that stood there as base64: `user:password`, or the value itself.
fn decoded(promise: Promise, text: &[u8], context: &Context, demand: Demand) -> Option<Strength> {
    match memchr::memchr(b':', text).map(|at| (text.get(..at), text.get(at + 1..))) {
        // who encodes a pair means to log in with it, in a test too
        Some((Some(user), Some(password))) => {
            let word = |text: &[u8]| text.len() >= 3 && text.iter().all(u8::is_ascii_alphanumeric);
            let floor = match demand {
                Demand::Usual if !dummy::is_stock(password) => Strength::Weak,
                Demand::Usual | Demand::High => Strength::Slight,
            };
            match by_value(Promise::Password, password, context, demand) {
                Some(found) => Some(found.max(floor)),
                // too short to be judged
                None if password.len() < MIN_LEN => (word(user) && word(password)).then_some(Strength::Slight),
                None => None,
            }
        }
        Some(_) => None,
        None => by_value(promise, text, context, demand),
    }
}

fn by_value(promise: Promise, value: &[u8], context: &Context, demand: Demand) -> Option<Strength> {
    if value.len() < MIN_LEN {
        return None;
    }
    if dummy::is_dummy(value) {
        // 123456 is what most people choose, where there is no doubt that it is chosen
        let proves = matches!(context.place, PlaceKind::Url | PlaceKind::Option);
        return (proves && dummy::is_usual_number(value)).then_some(Strength::Doubtful);
    }
    match shape::shape(value) {
        Shape::Public => return None,
        Shape::Number if promise != Promise::Password => return None,
        Shape::Hash if promise == Promise::Other => return None,
        // in code a key of 256 bits; 160 are a commit or a key of OpenPGP by its name, and in data either names an entry
        Shape::Hash if promise == Promise::Key => {
            let in_code = context.place == PlaceKind::Assignment && context.quoted;
            if !in_code || value.len() == 40 {
                return None;
            }
        }
        Shape::Uuid if promise == Promise::Other => return None,
        // of an entry in data, or the credential of a program
        Shape::Uuid if promise == Promise::Key => {
            let in_code = context.place == PlaceKind::Assignment && context.quoted;
            return in_code.then_some(Strength::Weak);
        }
        Shape::Number | Shape::Hash | Shape::Uuid | Shape::Open => {}
    }
    if dummy::is_disguised(value) {
        return (promise == Promise::Password).then_some(Strength::Slight);
    }
    let stands = dummy::is_of_words(value);
    if !stands && is_random(promise, value, demand) {
        return Some(Strength::Strong);
    }
    if promise != Promise::Password || !is_word(value, context) {
        return None;
    }
    let named = is_name(value, context);
    Some(match demand {
        _ if dummy::is_shipped(value) => Strength::Slight,
        _ if stands && (dummy::is_single(value) || !is_composed(value) && !dummy::is_joined(value)) => {
            Strength::Doubtful
        }
        _ if stands => Strength::Slight,
        _ if is_composed(value) => Strength::Weak,
        Demand::Usual if named => Strength::Doubtful,
        Demand::Usual if dummy::is_stock(value) => Strength::Slight,
        Demand::Usual => Strength::Weak,
        // sentences and tables of documentation have words without quotes beside a name for other reasons
        Demand::High if named || context.path == PathClass::Docs && !context.quoted => Strength::Doubtful,
        Demand::High if dummy::is_stock(value) || dummy::is_plain(value) => Strength::Doubtful,
        Demand::High => Strength::Slight,
    })
}

/// Whether chance made the value: a digit, or 16 bytes, and bits that names do not reach.
fn is_random(promise: Promise, value: &[u8], demand: Demand) -> bool {
    let (bits, len) = match promise {
        Promise::Password => (13.0, 6),
        Promise::Secret => (13.0, 8),
        Promise::Key | Promise::Other => (18.0, 10),
    };
    let bits = if demand == Demand::High { bits + 4.0 } else { bits };
    // without a digit as many bytes have to look like chance
    let section = if value.iter().any(u8::is_ascii_digit) { 0 } else { 16 };
    if value.len() < len.max(section) {
        return false;
    }
    let score = random::score(value);
    score.bits >= bits && score.len >= section
}

/// Whether a person may have made the value up as a password.
fn is_word(value: &[u8], context: &Context) -> bool {
    if value.len() > MAX_WORD
        || value.iter().any(|b| !b.is_ascii_graphic() || matches!(b, b'"' | b'\'' | b'<' | b'>' | b';'))
    {
        return false;
    }
    let letters = value.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let quoted = context.quoted || context.place != PlaceKind::Assignment || context.path == PathClass::Config;
    quoted && (letters > 0 || value.len() >= 6)
}

/// Whether a value that is not random does more than fill the place of a password, as those of samples do.
pub(crate) fn is_earnest(value: &[u8]) -> bool {
    is_composed(value) && !dummy::is_disguised(value) && !dummy::is_of_words(value)
}

/// Whether a value is a single word of those that dummies are made of, such as `secret` or `test1`.
pub(crate) fn is_single(value: &[u8]) -> bool {
    dummy::is_single(value)
}

/// Whether all words of a value are those of dummies, and written apart, as names are: `new-password`.
pub(crate) fn is_plain(value: &[u8]) -> bool {
    dummy::is_plain(value) && !dummy::is_joined(value)
}

/// Whether a value is a UUID, which in a sample is any.
pub(crate) fn is_uuid(value: &[u8]) -> bool {
    shape::shape(value) == Shape::Uuid
}

/// Whether a person made up a secret: one run of small letters under the name of what is secret (`client_secret`, not
/// `secret` alone, under which names of secrets stand too). Names of other things are shorter, or of words apart.
fn is_made_up(name: &[u8], value: &[u8], context: &Context) -> bool {
    const MIN: usize = 10;
    let letters = value.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let run =
        (MIN..=MAX_WORD).contains(&value.len()) && letters >= MIN && value.iter().skip(letters).all(u8::is_ascii_digit);
    let placed = context.quoted || context.place == PlaceKind::Config && context.path != PathClass::Docs;
    run && placed
        && name::is_of_secret(name)
        && !name::spells(name, value)
        && !dummy::is_dummy(value)
        && !dummy::is_single(value)
        && !reference::refers(value, false)
        && shape::shape(value) == Shape::Open
}

/// Whether a value keeps the rule of [`is_composed`] with a mark, which nobody writes by the way.
fn is_marked(value: &[u8]) -> bool {
    is_composed(value) && value.iter().any(|b| b.is_ascii_punctuation() && !random::is_separator(*b) || *b == b'@')
}

/// Whether a value is the name of an account or a service: one word of small letters that says something.
fn is_account(value: &[u8]) -> bool {
    value.len() >= MIN_LEN
        && value.iter().all(u8::is_ascii_lowercase)
        && (!dummy::is_single(value) || dummy::is_service(value))
}

/// Several words and nothing else.
fn is_name(value: &[u8], context: &Context) -> bool {
    let plain = value.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'-' | b'.' | b':' | b'/'));
    // names of things in a program are seldom strings of long words with dashes, as passwords of two words are
    let phrase = context.quoted
        && context.place == PlaceKind::Assignment
        && value.len() >= MIN_PHRASE
        && value.iter().all(|b| b.is_ascii_lowercase() || *b == b'-')
        && !value.split(|b| *b == b'-').any(dummy::is_single);
    plain && name::words(value).nth(1).is_some() && context.place != PlaceKind::Url && !phrase
}

/// Whether the value keeps the rule that most services have for passwords, and names do not keep: eight bytes of
/// three kinds, a digit or a mark among them.
fn is_composed(value: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| value.iter().any(kind);
    let digit = has(u8::is_ascii_digit);
    let mark = has(|b| b.is_ascii_punctuation() && !random::is_separator(*b) || *b == b'@');
    let kinds = [has(u8::is_ascii_lowercase), has(u8::is_ascii_uppercase), digit, mark];
    value.len() >= 8 && (digit || mark) && kinds.into_iter().filter(|kind| *kind).count() >= 3
}
