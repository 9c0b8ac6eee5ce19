//! Character classes and single escapes of Go's patterns.

use super::dialect::{Cursor, Result, push_char};

/// The last character.
const LAST: u32 = 0x10_FFFF;

/// Ranges of the classes that both sides have by name; ASCII alone. Facts: Go's `regexp/syntax`, "ASCII character
/// classes" and "Perl character classes".
const NAMED: &[(&str, &[(u8, u8)])] = &[
    ("alnum", &[(b'0', b'9'), (b'A', b'Z'), (b'a', b'z')]),
    ("alpha", &[(b'A', b'Z'), (b'a', b'z')]),
    ("ascii", &[(0, 0x7F)]),
    ("blank", &[(b'\t', b'\t'), (b' ', b' ')]),
    ("cntrl", &[(0, 0x1F), (0x7F, 0x7F)]),
    ("digit", &[(b'0', b'9')]),
    ("graph", &[(b'!', b'~')]),
    ("lower", &[(b'a', b'z')]),
    ("print", &[(b' ', b'~')]),
    ("punct", &[(b'!', b'/'), (b':', b'@'), (b'[', b'`'), (b'{', b'~')]),
    ("space", &[(0x09, 0x0D), (b' ', b' ')]),
    ("upper", &[(b'A', b'Z')]),
    ("word", &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')]),
    ("xdigit", &[(b'0', b'9'), (b'A', b'F'), (b'a', b'f')]),
];
const DIGIT: &[(u8, u8)] = &[(b'0', b'9')];
/// Without the vertical tab, which `[[:space:]]` has.
const SPACE: &[(u8, u8)] = &[(0x09, 0x0A), (0x0C, 0x0D), (b' ', b' ')];
const WORD: &[(u8, u8)] = &[(b'0', b'9'), (b'A', b'Z'), (b'_', b'_'), (b'a', b'z')];

/// A class of characters as a pattern states it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Class {
    negated: bool,
    /// Ends included.
    ranges: Vec<(u32, u32)>,
    /// Unicode properties as they are written: `\p{Greek}`.
    properties: Vec<String>,
}

/// Reads a bracketed class.
///
/// # Errors
/// For what Go refuses.
pub(super) fn parse(input: &mut Cursor<'_>) -> Result<Class> {
    let start = input.at;
    input.next();
    let mut class = Class { negated: input.eat("^"), ..Class::default() };
    let mut first = true;
    loop {
        match input.peek() {
            None => return input.refuse(start, "a class is not closed"),
            Some(']') if !first => {
                input.next();
                return Ok(class);
            }
            Some(_) => class.item(input, start)?,
        }
        first = false;
    }
}

impl Class {
    fn item(&mut self, input: &mut Cursor<'_>, start: usize) -> Result<()> {
        let at = input.at;
        if input.rest().starts_with("[:") {
            let mut ahead = *input;
            ahead.at += 2;
            if let Some(name) = ahead.until(":]") {
                *input = ahead;
                let (negated, plain) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
                let Some((_, ranges)) = NAMED.iter().find(|(known, _)| *known == plain) else {
                    return input.refuse(at, "there is no such named class");
                };
                self.add(ranges, negated);
                return Ok(());
            }
        }
        if matches!(input.rest().as_bytes(), [b'\\', b'p' | b'P' | b'd' | b'D' | b's' | b'S' | b'w' | b'W', ..]) {
            return self.escaped(input);
        }
        let low = member(input, start)?;
        let mut high = low;
        if let [b'-', next, ..] = input.rest().as_bytes()
            && *next != b']'
        {
            input.next();
            high = member(input, start)?;
        }
        if high < low {
            return input.refuse(at, "a range of a class runs backwards");
        }
        self.ranges.push((low.into(), high.into()));
        Ok(())
    }

    /// Adds what `\d`, `\S`, `\pL`, `\p{Greek}` and the like stand for.
    ///
    /// # Errors
    /// For a property without a name.
    pub(super) fn escaped(&mut self, input: &mut Cursor<'_>) -> Result<()> {
        let at = input.at;
        input.next();
        match input.next() {
            Some(c @ ('d' | 'D')) => self.add(DIGIT, c == 'D'),
            Some(c @ ('s' | 'S')) => self.add(SPACE, c == 'S'),
            Some(c @ ('w' | 'W')) => self.add(WORD, c == 'W'),
            Some(c @ ('p' | 'P')) => {
                let mut buffer = [0; 4];
                let name = match input.next() {
                    Some('{') => input.until("}").unwrap_or_default(),
                    Some(letter) => letter.encode_utf8(&mut buffer),
                    None => "",
                };
                let (negated, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
                if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                    return input.refuse(at, "a Unicode class has a name");
                }
                let p = if negated == (c == 'p') { 'P' } else { 'p' };
                let property = format!(r"\{p}{{{name}}}");
                if regex_syntax::parse(&property).is_err() {
                    return input.refuse(at, format!("there is no Unicode class `{name}`"));
                }
                self.properties.push(property);
            }
            _ => return input.refuse(at, "this is no class"),
        }
        Ok(())
    }

    fn add(&mut self, ranges: &[(u8, u8)], negated: bool) {
        if !negated {
            self.ranges.extend(ranges.iter().map(|&(low, high)| (u32::from(low), u32::from(high))));
            return;
        }
        let mut from = 0;
        for &(low, high) in ranges {
            if u32::from(low) > from {
                self.ranges.push((from, u32::from(low) - 1));
            }
            from = u32::from(high) + 1;
        }
        self.ranges.push((from, LAST));
    }

    /// Whether some character beyond ASCII is in it.
    pub(super) fn differs(&self) -> bool {
        self.negated || !self.properties.is_empty() || self.ranges.iter().any(|&(_, high)| high > 0x7F)
    }

    /// As the engine searches it: right on ASCII texts.
    pub(super) fn for_bytes(&self) -> String {
        let narrow = |&(low, high): &(u32, u32)| high <= 0x7F || high == LAST && low <= 0x80;
        if self.properties.is_empty() && self.ranges.iter().all(narrow) {
            // all bytes beyond ASCII, or none
            self.write(|n| char::from(u8::try_from(n).unwrap_or(u8::MAX)), true)
        } else {
            format!("(?u:{})", self.for_chars())
        }
    }

    /// On characters.
    pub(super) fn for_chars(&self) -> String {
        self.write(|n| char::from_u32(n).unwrap_or(char::REPLACEMENT_CHARACTER), false)
    }

    fn write(&self, character: impl Fn(u32) -> char, bytes: bool) -> String {
        let mut out = String::from(if self.negated { "[^" } else { "[" });
        let push = |out: &mut String, n: u32| match character(n) {
            c if bytes && !c.is_ascii() => out.push_str(&format!(r"\x{:02X}", u32::from(c))),
            c => push_char(out, c),
        };
        for &(low, high) in &self.ranges {
            push(&mut out, low);
            if high > low {
                out.push('-');
                push(&mut out, high);
            }
        }
        self.properties.iter().for_each(|property| out.push_str(property));
        out.push(']');
        out
    }
}

/// One character of a class.
fn member(input: &mut Cursor<'_>, start: usize) -> Result<char> {
    match input.peek() {
        None => input.refuse(start, "a class is not closed"),
        Some('\\') => escaped_char(input, input.at),
        Some(c) => {
            input.next();
            Ok(c)
        }
    }
}

/// The character that an escape stands for.
///
/// # Errors
/// For escapes that Go does not know.
pub(super) fn escaped_char(input: &mut Cursor<'_>, at: usize) -> Result<char> {
    input.next();
    let Some(c) = input.next() else { return input.refuse(at, "the pattern ends with a backslash") };
    Ok(match c {
        'a' => '\x07',
        'f' => '\x0C',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0B',
        'x' => return hexadecimal(input, at),
        '0'..='7' => {
            let octal = |input: &Cursor<'_>| input.peek().and_then(|c| c.to_digit(8));
            if c != '0' && octal(input).is_none() {
                return input.refuse(at, "there are no back-references in this syntax");
            }
            let mut code = c.to_digit(8).unwrap_or(0);
            for _ in 0..2 {
                let Some(digit) = octal(input) else { break };
                input.next();
                code = code * 8 + digit;
            }
            char::from_u32(code).unwrap_or('\0')
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => c,
        c => return input.refuse(at, format!(r"the escape `\{c}` is unknown")),
    })
}

fn hexadecimal(input: &mut Cursor<'_>, at: usize) -> Result<char> {
    let digits = if input.eat("{") {
        input.until("}").unwrap_or_default()
    } else {
        let two = input.rest().get(..2).unwrap_or_default();
        input.at += two.len();
        two
    };
    let good = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| good);
    match code.and_then(char::from_u32) {
        Some(c) => Ok(c),
        None => input.refuse(at, r"`\x` takes two hexadecimal digits, or some in braces"),
    }
}
