//! The TOML of rule files: our key names and those of gitleaks, read with the place of every mistake.

use super::CompileError;
use super::named::expand;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

type Result<T> = std::result::Result<T, CompileError>;

/// Declares an enumeration whose values have names in rule files.
macro_rules! named {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum $name { $($(#[$doc])* $variant,)+ }

        impl $name {
            /// Every name, in the order of declaration.
            pub(crate) const NAMES: &'static [&'static str] = &[$($text,)+];

            /// The value of that name.
            pub(crate) fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

named! {
    /// Checks of a token against itself; they change the confidence and never drop a match.
    Checksum {
        /// The last 6 characters are the CRC-32 of what stands between the last `_` and them, in base 62.
        Crc32Base62 = "crc32-base62",
        /// The last 8 characters are the CRC-32, in hexadecimal, of what stands before them.
        Crc32Hex = "crc32-hex",
        /// GitLab's routable tokens: payload, length and CRC-32 in base 36.
        GitlabRoutable = "gitlab-routable",
        /// Bech32, as in age's secret keys.
        Bech32 = "bech32",
        /// NATS keys: base 32 that ends in a CRC-16.
        Nkey = "nkey",
        /// AWS access key ids hold an account number; nothing to verify, shown in the note.
        AwsAccount = "aws-account",
    }
}

named! {
    /// Checks that may drop a match.
    Validator {
        /// A private key block with a whole body.
        PemPrivateKey = "pem-private-key",
        /// Base64 of a private key with a whole body, without PEM's lines.
        DerPrivateKey = "der-private-key",
        /// A JSON web token that decodes and is signed.
        Jwt = "jwt",
        /// The same where it has the form of one: of rules that take any token for what their names say.
        AnyToken = "any-token",
        /// Base64 of `user:password`.
        BasicAuth = "basic-auth",
        /// Always on; may be written out.
        NotPlaceholder = "not-placeholder",
    }
}

named! {
    /// What reads a credential in its place, where a rule has no regex; see `assignment`.
    Reader {
        /// A name that holds a keyword, and its value.
        Assignment = "assignment",
        /// `scheme://user:password@host`, at `://`.
        Url = "url",
        /// `Basic …` and `Bearer …`.
        Header = "header",
        /// Short options of the program that a keyword names.
        Command = "command",
        /// The password among the arguments of a call, at its opening bracket.
        Login = "login",
        /// `IDENTIFIED BY '…'`, at its first word; the columns and rows of `INSERT INTO`.
        Sql = "sql",
        /// `ConvertTo-SecureString "…"`.
        SecureString = "securestring",
        /// The private member beside `kty`.
        Jwk = "jwk",
    }
}

named! {
    /// What an allow-list regex is matched against.
    Target {
        /// The secret.
        Secret = "secret",
        /// The whole match.
        Match = "match",
        /// The line or lines of the match.
        Line = "line",
    }
}

/// The names of levels, as in `finding::Level`; a test holds the two together.
pub(crate) const LEVELS: &[&str] = &["allow", "note", "warn", "deny", "forbid"];
/// The names of confidences, as in `finding::Confidence`; a test holds the two together.
pub(crate) const CONFIDENCES: &[&str] = &["low", "medium", "high"];

/// When a match is let go.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RawAllow {
    /// Whether all kinds must agree (`condition = "AND"`), not one of them.
    pub(crate) all: bool,
    /// What `regexes` are matched against.
    pub(crate) target: Option<Target>,
    /// Regexes.
    pub(crate) regexes: Vec<String>,
    /// Lower-case substrings of the secret.
    pub(crate) stopwords: Vec<String>,
    /// Regexes on paths.
    pub(crate) paths: Vec<String>,
}

/// One `[[rules]]` table.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RawRule {
    pub(crate) id: String,
    /// Empty: the file's name.
    pub(crate) provider: String,
    pub(crate) description: String,
    pub(crate) regex: String,
    /// Where the regex, or the reader's name, stands in the file.
    pub(crate) regex_span: Range<usize>,
    /// Instead of a regex.
    pub(crate) reader: Option<Reader>,
    pub(crate) secret_group: Option<u8>,
    /// Lower case.
    pub(crate) keywords: Vec<String>,
    /// Bits a character; 0: not asked.
    pub(crate) entropy: f32,
    pub(crate) level: &'static str,
    pub(crate) confidence: &'static str,
    pub(crate) specificity: i16,
    pub(crate) checksum: Option<Checksum>,
    pub(crate) validate: Vec<Validator>,
    /// Least numbers of digits, upper-case and lower-case letters in the secret.
    pub(crate) least: [u8; 3],
    pub(crate) allow: Vec<RawAllow>,
    /// A regex that one of the paths must match.
    pub(crate) paths: Option<String>,
    pub(crate) revoke: String,
    pub(crate) matches: Vec<String>,
    pub(crate) ignores: Vec<String>,
}

/// A rule file.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct RuleFile {
    /// Its rules, in order.
    pub(crate) rules: Vec<RawRule>,
    /// Allow-lists for every rule of the file.
    pub(crate) allow: Vec<RawAllow>,
    /// `[extend] disabledRules`: built-in rules that are switched off.
    pub(crate) disabled: Vec<String>,
}

const TOP_KEYS: &[&str] = &["rules", "title", "description", "minVersion", "extend", "allowlist", "allowlists"];
const EXTEND_KEYS: &[&str] = &["useDefault", "disabledRules"];
const ALLOW_KEYS: &[&str] =
    &["description", "condition", "regexes", "regexTarget", "stopwords", "paths", "commits", "targetRules"];
const RULE_KEYS: &[&str] = &[
    "id",
    "provider",
    "description",
    "regex",
    "reader",
    "secret_group",
    "keywords",
    "entropy",
    "confidence",
    "level",
    "checksum",
    "validate",
    "min_digits",
    "min_upper",
    "min_lower",
    "allow",
    "stopwords",
    "paths",
    "specificity",
    "revoke",
    "matches",
    "ignores",
    "tags",
    "path",
    "allowlist",
    "allowlists",
];

/// Reads a rule file.
///
/// # Errors
/// At the first mistake, with its place. Regexes are not read here.
pub(crate) fn read(text: &str) -> Result<RuleFile> {
    let top = DeTable::parse(text)
        .map_err(|e| CompileError::new(e.span().unwrap_or(0..0), format!("not TOML: {}", e.message())))?;
    let mut file = RuleFile::default();
    for (key, value) in top.get_ref() {
        match known(key, TOP_KEYS)? {
            "rules" => {
                for table in tables(value)? {
                    let rule = rule(table)?;
                    if file.rules.iter().any(|r| r.id == rule.id) {
                        let again = format!("the rule `{}` is defined twice in this file", rule.id);
                        return Err(CompileError::new(table.span(), again).help("rename one of them or remove it"));
                    }
                    file.rules.push(rule);
                }
            }
            "extend" => {
                for (key, value) in table(value)? {
                    if known(key, EXTEND_KEYS)? == "disabledRules" {
                        file.disabled = strings(value)?;
                    }
                }
            }
            "allowlist" | "allowlists" => {
                for table in tables(value)? {
                    file.allow.push(allowlist(table)?);
                }
            }
            _ => {}
        }
    }
    Ok(file)
}

fn rule(value: &Spanned<DeValue<'_>>) -> Result<RawRule> {
    let mut rule = RawRule { level: "deny", confidence: "medium", specificity: 100, ..RawRule::default() };
    let mut own = RawAllow::default();
    for (key, value) in table(value)? {
        match known(key, RULE_KEYS)? {
            "id" => rule.id = id(value)?,
            "provider" => rule.provider = string(value)?.to_owned(),
            "description" => rule.description = string(value)?.to_owned(),
            "regex" => (rule.regex, rule.regex_span) = (expand(string(value)?).into_owned(), value.span()),
            "reader" => {
                rule.reader = Reader::from_name(word(value, "reader", Reader::NAMES)?);
                rule.regex_span = value.span();
            }
            "secret_group" => {
                let group = integer(value, 0, 99)?;
                rule.secret_group = (group > 0).then_some(group as u8);
            }
            "keywords" => rule.keywords = strings(value)?.iter().map(|k| k.to_ascii_lowercase()).collect(),
            "entropy" => rule.entropy = float(value)?,
            "confidence" => rule.confidence = word(value, "confidence", CONFIDENCES)?,
            "level" => rule.level = word(value, "level", LEVELS)?,
            "checksum" => rule.checksum = Checksum::from_name(word(value, "checksum", Checksum::NAMES)?),
            "validate" => {
                for name in array(value)? {
                    rule.validate.extend(Validator::from_name(word(name, "validator", Validator::NAMES)?));
                }
            }
            "min_digits" => rule.least[0] = integer(value, 0, 255)? as u8,
            "min_upper" => rule.least[1] = integer(value, 0, 255)? as u8,
            "min_lower" => rule.least[2] = integer(value, 0, 255)? as u8,
            "allow" => own.regexes = strings(value)?,
            "stopwords" => own.stopwords = strings(value)?.iter().map(|k| k.to_ascii_lowercase()).collect(),
            "paths" | "path" => rule.paths = Some(string(value)?.to_owned()),
            "specificity" => rule.specificity = integer(value, -1000, 1000)? as i16,
            "revoke" => rule.revoke = string(value)?.to_owned(),
            "matches" => rule.matches = strings(value)?,
            "ignores" => rule.ignores = strings(value)?,
            "allowlist" | "allowlists" => {
                for table in tables(value)? {
                    rule.allow.push(allowlist(table)?);
                }
            }
            _ => {} // tags
        }
    }
    if rule.reader.is_some() && (!rule.regex.is_empty() || rule.keywords.iter().all(|k| k.len() < 2)) {
        return Err(CompileError::new(rule.regex_span, "a reader stands instead of a regex and needs keywords")
            .help("remove the regex; a keyword has two bytes at least"));
    }
    let no_search = rule.regex.is_empty() && rule.reader.is_none();
    for (missing, what) in [(rule.id.is_empty(), "id"), (no_search, "regex")] {
        if missing {
            return Err(CompileError::new(value.span(), format!("a rule without `{what}`"))
                .help("every rule needs an id and a regex"));
        }
    }
    if rule.description.is_empty() {
        rule.description.clone_from(&rule.id);
    }
    if own != RawAllow::default() {
        rule.allow.push(own);
    }
    Ok(rule)
}

fn allowlist(value: &Spanned<DeValue<'_>>) -> Result<RawAllow> {
    let mut allow = RawAllow::default();
    for (key, value) in table(value)? {
        match known(key, ALLOW_KEYS)? {
            "condition" => {
                allow.all = match string(value)?.to_ascii_uppercase().as_str() {
                    "AND" | "&&" => true,
                    "OR" | "||" => false,
                    other => return Err(CompileError::unknown(value.span(), "condition", other, &["OR", "AND"])),
                }
            }
            "regexes" => allow.regexes = strings(value)?,
            "regexTarget" => allow.target = Target::from_name(word(value, "target", Target::NAMES)?),
            "stopwords" => allow.stopwords = strings(value)?.iter().map(|k| k.to_ascii_lowercase()).collect(),
            "paths" => allow.paths = strings(value)?,
            "commits" | "targetRules" => {
                return Err(CompileError::new(key.span(), format!("`{}` is not supported", key.get_ref()))
                    .help("use `[[allow]]` with a fingerprint in the policy, or an allow-list of the rule"));
            }
            _ => {} // description
        }
    }
    if allow.regexes.is_empty() && allow.stopwords.is_empty() && allow.paths.is_empty() {
        return Err(CompileError::new(value.span(), "an allow-list that allows nothing")
            .help("give it regexes, stopwords or paths"));
    }
    Ok(allow)
}

/// The known key that is meant: case and `_` do not count, so that gitleaks' names are ours.
pub(super) fn known(key: &Spanned<std::borrow::Cow<'_, str>>, keys: &'static [&'static str]) -> Result<&'static str> {
    let plain = |k: &str| k.replace('_', "").to_ascii_lowercase();
    let name = plain(key.get_ref());
    let found = keys.iter().find(|k| plain(k) == name);
    found.copied().ok_or_else(|| CompileError::unknown(key.span(), "key", key.get_ref(), keys))
}

fn wrong(value: &Spanned<DeValue<'_>>, wanted: &str) -> CompileError {
    CompileError::new(value.span(), format!("expected {wanted}, found {}", value.get_ref().type_str()))
}

pub(super) fn table<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Result<&'a DeTable<'i>> {
    value.get_ref().as_table().ok_or_else(|| wrong(value, "a table"))
}

fn array<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Result<&'a [Spanned<DeValue<'i>>]> {
    value.get_ref().as_array().map(|a| &a[..]).ok_or_else(|| wrong(value, "an array"))
}

/// An array of tables, or one table.
fn tables<'a, 'i>(value: &'a Spanned<DeValue<'i>>) -> Result<&'a [Spanned<DeValue<'i>>]> {
    if value.get_ref().is_table() { Ok(std::slice::from_ref(value)) } else { array(value) }
}

fn string<'a>(value: &'a Spanned<DeValue<'_>>) -> Result<&'a str> {
    value.get_ref().as_str().ok_or_else(|| wrong(value, "a string"))
}

pub(super) fn strings(value: &Spanned<DeValue<'_>>) -> Result<Vec<String>> {
    array(value)?.iter().map(|v| string(v).map(str::to_owned)).collect()
}

fn word(value: &Spanned<DeValue<'_>>, what: &str, words: &'static [&'static str]) -> Result<&'static str> {
    let found = string(value)?;
    let word = words.iter().find(|w| **w == found);
    word.copied().ok_or_else(|| CompileError::unknown(value.span(), what, found, words))
}

fn integer(value: &Spanned<DeValue<'_>>, min: i64, max: i64) -> Result<i64> {
    let number = value.get_ref().as_integer().ok_or_else(|| wrong(value, "an integer"))?;
    let number = i64::from_str_radix(number.as_str(), number.radix()).ok().filter(|n| (min..=max).contains(n));
    number.ok_or_else(|| CompileError::new(value.span(), format!("expected a number from {min} to {max}")))
}

fn float(value: &Spanned<DeValue<'_>>) -> Result<f32> {
    let text = match value.get_ref() {
        DeValue::Integer(n) => n.as_str(),
        DeValue::Float(n) => n.as_str(),
        _ => return Err(wrong(value, "a number")),
    };
    let number = text.parse::<f32>().ok().filter(|n| (0.0..=8.0).contains(n));
    number.ok_or_else(|| CompileError::new(value.span(), "expected a number from 0 to 8"))
}

/// An id in our spelling; gitleaks' users may have upper case and underscores too.
fn id(value: &Spanned<DeValue<'_>>) -> Result<String> {
    let text = string(value)?;
    let good = !text.is_empty()
        && text.len() <= 100
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if good {
        Ok(text.to_owned())
    } else {
        Err(CompileError::new(value.span(), "an id has 1 to 100 ASCII letters, digits, `-`, `_` or `.`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_dialects() {
        let file = read(
            r#"
            title = "x"
            [extend]
            useDefault = true
            disabledRules = ["aws-access-token"]
            [[rules]]
            id = "a"
            regex = '''a(b)'''
            secretGroup = 1
            keywords = ["Ab"]
            entropy = 3
            [[rules.allowlists]]
            condition = "AND"
            regexTarget = "line"
            regexes = ["x"]
            [[rules]]
            id = "b"
            regex = "b"
            stopwords = ["Example"]
            min_digits = 2
            "#,
        )
        .unwrap();
        assert_eq!(file.disabled, ["aws-access-token"]);
        let [a, b] = &file.rules[..] else { panic!() };
        assert_eq!((a.secret_group, &a.keywords[..], a.entropy), (Some(1), &["ab".to_owned()][..], 3.0));
        assert_eq!((a.allow[0].all, a.allow[0].target), (true, Some(Target::Line)));
        assert_eq!((&b.allow[0].stopwords[..], b.least), (&["example".to_owned()][..], [2, 0, 0]));
        assert_eq!((b.level, b.confidence), ("deny", "medium"));
    }

    #[test]
    fn names_the_place_of_a_mistake() {
        let place = |text: &str| {
            let e = read(text).unwrap_err();
            let (line, column) = e.line_column(text);
            (line, column, e.message)
        };
        assert_eq!(place("[[rules]]\nid = \"a\"\nregx = 'x'"), (3, 1, "unknown key `regx`".into()));
        assert_eq!(place("[[rules]]\nid = 7").0, 2);
        assert_eq!(place("[[rules]]\nid = 'a'\nregex = 'a'\nlevel = 'dny'").1, 9);
        assert_eq!(place("x = [").0, 1);
        assert!(place("[[rules]]\nid = 'a'").2.contains("without `regex`"));
    }
}
