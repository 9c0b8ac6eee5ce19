//! Credentials that only a name tells apart: the words that providers go by, and the rules that follow from
//! them where a value's shape alone says little.

use super::CompileError;
use super::schema::{RawRule, Validator, known, strings, table};
use std::borrow::Cow;
use toml::de::DeTable;

/// In a regex: "is assigned", in the spellings of code, JSON, YAML, XML, shells and option lists, with the type
/// and the call that may stand in between, up to the first byte of the value.
const IS: &str = "{{is}}";
const ASSIGNMENT: &str = concat!(
    r#"["'`\\\])]{0,3}"#,
    r"(?:[ \t]{0,4}:?[ \t]{0,4}(?:&?(?:'static )?str|[Ss]tring)\??)?",
    r"[ \t]{0,10}(?:=>|[.:?|+]{0,3}={1,3}|:|,|>)\s{0,12}",
    r"(?:[0-9A-Za-z_.!]{1,24}\()?",
    r#"[>"'`\\]{0,3}"#,
);
/// What a name says that is given to a credential.
const TELLING: &str = "key|token|secret|auth|pass|pwd|cred|api|access|private|licen[cs]e|login";
/// Shorter words are parts of others, and ask for a boundary in front of them.
const SHORT: usize = 4;
/// Shapes that say less are matched by too much.
const LEAST_LEN: u32 = 15;

/// A regex of a rule file with its abbreviations written out.
pub(super) fn expand(regex: &str) -> Cow<'_, str> {
    if regex.contains(IS) { Cow::Owned(regex.replace(IS, ASSIGNMENT)) } else { Cow::Borrowed(regex) }
}

/// A line of the dictionary.
#[derive(Clone, PartialEq, Debug, Default)]
pub(crate) struct Provider {
    /// Its name as rule ids have it: lower-case letters and digits.
    pub(crate) slug: String,
    /// What it is called in names: lower-case letters and digits, `-` where a separator may stand.
    pub(crate) words: Vec<String>,
    /// Whether the words mean something else too, so that a name must also say that it is a credential's.
    pub(crate) common: bool,
    /// Templates of its credentials, such as `{{hex:32}}` or `{{alnum:20..40}}`.
    pub(crate) shapes: Vec<String>,
}

/// Reads the dictionary.
///
/// # Errors
/// At the first mistake, with its place.
pub(crate) fn read(text: &str) -> Result<Vec<Provider>, CompileError> {
    let top = DeTable::parse(text)
        .map_err(|e| CompileError::new(e.span().unwrap_or(0..0), format!("not TOML: {}", e.message())))?;
    let mut all = Vec::new();
    for (slug, value) in top.get_ref() {
        let mut provider = Provider { slug: slug.get_ref().to_string(), ..Provider::default() };
        for (key, value) in table(value)? {
            match known(key, &["words", "common", "shapes"])? {
                "words" => provider.words = strings(value)?,
                "shapes" => provider.shapes = strings(value)?,
                _ => {
                    let wrong = || CompileError::new(value.span(), "expected true or false");
                    provider.common = value.get_ref().as_bool().ok_or_else(wrong)?;
                }
            }
        }
        if provider.words.is_empty() {
            provider.words.push(provider.slug.clone());
        }
        let plain = |word: &String| {
            let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            word.len() >= 2 && word.bytes().all(good)
        };
        if !provider.words.iter().chain([&provider.slug]).all(plain) {
            let wrong = format!("a word of `{}` is not of a-z, 0-9 and `-`", provider.slug);
            return Err(CompileError::new(slug.span(), wrong));
        }
        all.push(provider);
    }
    // the file's order, which the parser does not keep, is that of the alphabet
    all.sort_by(|a, b| a.slug.cmp(&b.slug));
    Ok(all)
}

impl Provider {
    /// The rule for values of its shapes beside its name; `None` where it has no shapes.
    ///
    /// # Errors
    /// For a shape that cannot be read, or one that is too short to mean anything.
    pub(crate) fn rule(&self) -> Result<Option<RawRule>, String> {
        if self.shapes.is_empty() {
            return Ok(None);
        }
        let shapes: Result<Vec<Shape>, String> = self.shapes.iter().map(|s| Shape::read(s)).collect();
        let shapes = shapes.map_err(|why| format!("`{}`: {why}", self.slug))?;
        let word = self.words.iter().max_by_key(|w| (w.len() > SHORT, std::cmp::Reverse(w.len())));
        let word = word.ok_or("a provider without a word")?.replace('-', "_");
        let upper = word.to_ascii_uppercase();
        let mut rule = RawRule {
            id: format!("{}-named-key", self.slug),
            provider: self.slug.clone(),
            description: format!("Key or token named after {}", self.slug),
            regex: format!("{}{ASSIGNMENT}{}", self.name(), Shape::any(&shapes)),
            entropy: shapes.iter().map(|s| s.entropy).fold(f32::MAX, f32::min),
            least: [shapes.iter().map(|s| s.digits).min().unwrap_or(0), 0, 0],
            level: "deny",
            confidence: "medium",
            specificity: 40,
            validate: vec![Validator::AnyToken],
            ..RawRule::default()
        };
        for shape in &shapes {
            rule.matches.push(format!("{upper}_API_KEY = \"{}\"", shape.example));
            rule.matches.push(format!("{{\"{word}_token\": \"{}\"}}", shape.example));
            rule.ignores.push(format!("{upper}_COMMIT = \"{}\"", shape.example));
            rule.ignores.push(format!("x = \"{}\"", shape.example));
        }
        Ok(Some(rule))
    }

    /// A regex for the name that a credential of this provider is assigned to.
    fn name(&self) -> String {
        // abbreviations stand in too many names to be looked for, where there is a longer word
        let long = |w: &&String| w.len() > SHORT || self.words.iter().all(|other| other.len() <= SHORT);
        let words: Vec<&String> = self.words.iter().filter(long).collect();
        let short = words.iter().any(|w| w.len() <= SHORT);
        let words: Vec<String> = words.iter().map(|w| w.replace('-', "[_. -]?")).collect();
        let start = if short || self.common { r"(?:\b|_)" } else { "" };
        let words = words.join("|");
        if self.common {
            format!(r"(?i:{start}(?:{words})(?:[_. -][0-9a-z_. -]{{0,24}})?(?:{TELLING})[0-9a-z_]{{0,16}})")
        } else {
            format!(r"(?i:{start}(?:{words})(?:[0-9a-z_. -]{{0,24}}(?:{TELLING})[0-9a-z_]{{0,16}})?)")
        }
    }
}

/// A template of a value, as a regex and as the least that random text of it has.
struct Shape {
    regex: String,
    /// For the rule's examples: of a fixed length.
    example: String,
    /// What may not follow, so that the value is whole.
    after: &'static str,
    entropy: f32,
    digits: u8,
}

impl Shape {
    fn read(template: &str) -> Result<Self, String> {
        let mut shape =
            Shape { regex: String::new(), example: String::new(), after: "0-9A-Za-z_-", entropy: 2.5, digits: 1 };
        let (mut rest, mut len, mut wide) = (template, 0u32, false);
        while let Some((before, after)) = rest.split_once("{{") {
            let (inside, next) = after.split_once("}}").ok_or("a `{{` without its `}}`")?;
            shape.literal(before);
            len += before.len() as u32;
            let class = Class::read(inside).ok_or_else(|| format!("unknown placeholder {{{{{inside}}}}}"))?;
            wide |= class.name != "digit";
            if class.name == "alpha" {
                shape.digits = 0;
            }
            shape.after = if class.bytes.contains('+') { "0-9A-Za-z+/=_-" } else { "0-9A-Za-z_-" };
            len += class.least;
            shape.add(&class);
            rest = next;
        }
        shape.literal(rest);
        len += rest.len() as u32;
        if len < LEAST_LEN {
            return Err(format!("the shape {template} is shorter than {LEAST_LEN} characters"));
        }
        // random text of n characters has close to log2(min(n, alphabet)) bits a character
        shape.entropy = match (wide, len) {
            (false, _) => 2.2,
            (true, ..24) => 2.7,
            (true, _) => 3.0,
        };
        Ok(shape)
    }

    fn literal(&mut self, text: &str) {
        self.regex.push_str(&regex_syntax::escape(text));
        self.example.push_str(text);
    }

    fn add(&mut self, class: &Class<'_>) {
        let Class { name, bytes, least, most } = class;
        if *name == "uuid" {
            self.regex.push_str("[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}");
            self.example.push_str("{{uuid}}");
            return;
        }
        self.regex.push_str(&match least == most {
            true => format!("[{bytes}]{{{least}}}"),
            false => format!("[{bytes}]{{{least},{most}}}"),
        });
        let class = if matches!(*name, "dotted" | "b64any") { "alnum" } else { name };
        self.example.push_str(&format!("{{{{{class}:{least}}}}}"));
    }

    /// A regex for any of them, up to the end of the value.
    fn any(shapes: &[Shape]) -> String {
        // the end of each is asked for, so that their order does not matter
        let ends = |after: &str| if after.contains('+') { "={0,2}" } else { "" };
        let one = |s: &Shape| format!("({}{})(?:[^{}]|$)", s.regex, ends(s.after), s.after);
        let all: Vec<String> = shapes.iter().map(one).collect();
        if let [one] = &all[..] { one.clone() } else { format!("(?:{})", all.join("|")) }
    }
}

/// A placeholder of a template: a class of bytes and how many of them.
struct Class<'a> {
    name: &'a str,
    bytes: &'static str,
    least: u32,
    most: u32,
}

impl<'a> Class<'a> {
    fn read(inside: &'a str) -> Option<Self> {
        if inside == "uuid" {
            return Some(Class { name: "uuid", bytes: "0-9A-Fa-f-", least: 36, most: 36 });
        }
        let (name, count) = inside.split_once(':')?;
        let (least, most) = count.split_once("..").unwrap_or((count, count));
        let bytes = match name {
            "alnum" => "0-9A-Za-z",
            "alpha" => "A-Za-z",
            "lower" => "a-z",
            "upper" => "A-Z",
            "digit" => "0-9",
            "loweralnum" => "0-9a-z",
            "upperalnum" => "0-9A-Z",
            "hex" | "HEX" => "0-9A-Fa-f",
            "b64" => "0-9A-Za-z+/",
            "b64url" => "0-9A-Za-z_-",
            // base64 of any kind with its padding, and the dots between parts
            "b64any" => "0-9A-Za-z+/=._-",
            "dotted" => "0-9A-Za-z._-",
            _ => return None,
        };
        let (least, most) = (least.parse().ok()?, most.parse().ok()?);
        (1 <= least && least <= most && most <= 2000).then_some(Class { name, bytes, least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(line: &str) -> Result<Option<RawRule>, String> {
        read(line).unwrap()[0].rule()
    }

    fn found<'t>(line: &str, text: &'t str) -> Option<&'t str> {
        let regex = regex::Regex::new(&rule(line).unwrap().unwrap().regex).unwrap();
        let groups = regex.captures(text)?;
        groups.iter().skip(1).flatten().next().map(|m| m.as_str())
    }

    #[test]
    fn a_name_or_the_word_itself_is_asked_for() {
        let acme = r#"acme = { shapes = ["{{hex:16}}", "{{uuid}}"] }"#;
        let hex = "0123456789abcdef";
        for text in ["ACME_API_KEY=", "acmeToken: '", "\"acme\": \"", "acme.secret := ", "acme.login="] {
            assert_eq!(found(acme, &format!("{text}{hex}\"")), Some(hex), "{text}");
        }
        for text in ["acme_commit = ", "acme-1.2.tgz#", "key = ", "acme "] {
            assert_eq!(found(acme, &format!("{text}{hex}\"")), None, "{text}");
        }
        assert_eq!(found(acme, &format!("acme_key = {hex}0")), None);
    }

    #[test]
    fn common_words_ask_for_a_telling_name() {
        let line = r#"line = { words = ["line"], common = true, shapes = ["{{alnum:16}}"] }"#;
        let value = "0123456789abcdeZ";
        for text in ["LINE_TOKEN=", "my_line_channel_secret: ", "lineToken = "] {
            assert_eq!(found(line, &format!("{text}{value}")), Some(value), "{text}");
        }
        for text in ["line = ", "inline_token = ", "linear_token = ", "deadline: "] {
            assert_eq!(found(line, &format!("{text}{value}")), None, "{text}");
        }
    }

    #[test]
    fn abbreviations_are_looked_for_where_there_is_no_longer_word() {
        let regex = |words: &str| {
            rule(&format!(r#"acme = {{ words = [{words}], shapes = ["{{{{hex:32}}}}"] }}"#)).unwrap().unwrap().regex
        };
        assert!(regex(r#""acm""#).starts_with(r"(?i:(?:\b|_)(?:acm)"));
        assert!(regex(r#""acm", "acmecorp""#).starts_with(r"(?i:(?:acmecorp)"));
    }

    #[test]
    fn lines_without_shapes_make_no_rule_and_wrong_ones_are_refused() {
        assert_eq!(rule("acme = {}"), Ok(None));
        assert!(rule(r#"acme = { shapes = ["{{hex:8}}"] }"#).is_err());
        assert!(rule(r#"acme = { shapes = ["{{hexes:32}}"] }"#).is_err());
        assert!(read(r#"acme = { words = ["Acme"] }"#).is_err());
        assert!(read("acme = { shape = [] }").is_err());
    }

    #[test]
    fn abbreviations_are_written_out() {
        assert_eq!(expand("abc"), "abc");
        let regex = regex::Regex::new(&format!("^a{}(b)$", expand("{{is}}"))).unwrap();
        for text in ["a=b", "a: 'b", "a\" => \"b", "a: &str = \"b", "a := []byte(\"b", "a>b", "a\\\":\\\"b"] {
            assert_eq!(regex.is_match(text), !text.contains("[]"), "{text}");
        }
    }
}
