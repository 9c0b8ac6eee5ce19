//! Patterns as gitleaks reads them (RE2, <https://github.com/google/re2/wiki/Syntax>; Go's `regexp` has the same
//! syntax), rewritten for the `regex` crate so that each keeps its meaning.
//!
//! RE2 matches characters, and a byte that is no UTF-8 by nothing; the engine of this guard matches bytes. Both
//! agree on ASCII texts always, and on all texts unless the pattern counts or excludes characters. So each pattern
//! has a form for bytes, and, where it makes a difference, a second one for texts beyond ASCII. Only there, and only
//! in the second form, do `k` and `s` fold to the Kelvin sign and the long s.

use super::class::{self, Class};
use std::collections::HashSet;

/// The largest count of a repetition, and the largest product of nested ones, that Go accepts.
const MAX_REPEAT: u32 = 1000;
/// Groups inside groups; the parser of the `regex` crate stops at 250.
const MAX_DEPTH: usize = 240;

/// A pattern in the syntax of the `regex` crate.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Translated {
    /// To be compiled with `unicode(false)`.
    pub(super) bytes: String,
    /// To be compiled with `unicode(true)` for texts beyond ASCII; `None`: `bytes` means the same there.
    pub(super) chars: Option<String>,
    /// Number of groups.
    pub(super) groups: usize,
}

/// Why Go would refuse a pattern.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Refused {
    /// Byte of the pattern.
    pub(super) at: usize,
    /// What is wrong there.
    pub(super) why: String,
}

pub(super) type Result<T> = std::result::Result<T, Refused>;

/// Rewrites a pattern.
///
/// # Errors
/// For what Go refuses, with the place.
pub(super) fn translate(pattern: &str) -> Result<Translated> {
    let mut translator = Translator {
        input: Cursor { text: pattern, at: 0 },
        bytes: String::with_capacity(pattern.len() + 16),
        chars: String::with_capacity(pattern.len() + 16),
        differs: false,
        groups: 0,
        names: HashSet::new(),
        open: vec![Frame::default()],
        atom: None,
        repeated: false,
    };
    translator.run()?;
    let Translator { bytes, chars, differs, groups, .. } = translator;
    Ok(Translated { bytes, chars: differs.then_some(chars), groups })
}

/// A place in a pattern.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    pub(super) fn eat(&mut self, text: &str) -> bool {
        let found = self.rest().starts_with(text);
        if found {
            self.at += text.len();
        }
        found
    }

    /// Everything up to `end`, and past it; `None`: it does not come.
    pub(super) fn until(&mut self, end: &str) -> Option<&'a str> {
        let (inside, _) = self.rest().split_once(end)?;
        self.at += inside.len() + end.len();
        Some(inside)
    }

    pub(super) fn refuse<T>(&self, at: usize, why: impl Into<String>) -> Result<T> {
        Err(Refused { at, why: why.into() })
    }
}

/// An open group, or the pattern itself.
#[derive(Clone, Copy, Debug, Default)]
struct Frame {
    at: usize,
    /// The largest product of nested counts in it.
    product: u32,
}

struct Translator<'a> {
    input: Cursor<'a>,
    bytes: String,
    chars: String,
    differs: bool,
    groups: usize,
    names: HashSet<&'a str>,
    open: Vec<Frame>,
    /// The product of the counts of what a repetition would repeat; `None`: there is nothing.
    atom: Option<u32>,
    /// Whether what stands before is a repetition.
    repeated: bool,
}

impl<'a> Translator<'a> {
    fn run(&mut self) -> Result<()> {
        while let Some(c) = self.input.peek() {
            let at = self.input.at;
            let repeated = std::mem::take(&mut self.repeated);
            match c {
                '(' => self.open_group(at)?,
                ')' => self.close_group(at)?,
                '|' => {
                    self.input.next();
                    self.end_atom();
                    self.atom = None;
                    self.both("|");
                }
                '^' | '$' => {
                    self.input.next();
                    self.atom(1, if c == '^' { "^" } else { "$" });
                }
                '.' => {
                    self.input.next();
                    self.differs = true;
                    self.atom(1, ".");
                }
                '[' => {
                    let class = class::parse(&mut self.input)?;
                    self.class(&class);
                }
                '*' | '+' | '?' => {
                    self.input.next();
                    self.repeat(at, repeated, None, c.encode_utf8(&mut [0; 4]))?;
                }
                '{' => self.braces(at, repeated)?,
                '\\' => self.escape(at)?,
                c => {
                    self.input.next();
                    self.literal(c);
                }
            }
        }
        self.end_atom();
        match self.open.pop() {
            Some(frame) if !self.open.is_empty() => self.input.refuse(frame.at, "a group is not closed"),
            _ => Ok(()),
        }
    }

    fn both(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.chars.push_str(text);
    }

    /// What stood before can no longer be repeated: its counts are now those of the group.
    fn end_atom(&mut self) {
        if let (Some(product), Some(frame)) = (self.atom, self.open.last_mut()) {
            frame.product = frame.product.max(product);
        }
    }

    /// Writes something that may be repeated.
    fn atom(&mut self, product: u32, text: &str) {
        self.end_atom();
        self.atom = Some(product);
        self.both(text);
    }

    fn literal(&mut self, c: char) {
        self.end_atom();
        self.atom = Some(1);
        let mut text = String::new();
        push_char(&mut text, c);
        self.chars.push_str(&text);
        if c.is_ascii() {
            self.bytes.push_str(&text);
        } else {
            // folds beyond ASCII too
            self.bytes.push_str(&format!("(?u:{text})"));
        }
    }

    fn class(&mut self, class: &Class) {
        self.end_atom();
        self.atom = Some(1);
        self.differs |= class.differs();
        self.bytes.push_str(&class.for_bytes());
        self.chars.push_str(&class.for_chars());
    }

    fn open_group(&mut self, at: usize) -> Result<()> {
        self.input.next();
        if self.open.len() > MAX_DEPTH {
            return self.input.refuse(at, "groups stand too deep inside one another");
        }
        let mut opens = "(".to_owned();
        if self.input.eat("?") {
            if self.input.eat("P<") || self.input.eat("<") {
                if matches!(self.input.peek(), Some('=' | '!')) {
                    return self.input.refuse(at, "there is no look-behind in this syntax");
                }
                let name = self.input.until(">").unwrap_or_default();
                if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
                    return self.input.refuse(at, "a group's name has letters, digits and `_`, and ends with `>`");
                }
                if !self.names.insert(name) {
                    return self.input.refuse(at, format!("two groups are called `{name}`"));
                }
                self.groups += 1;
            } else {
                opens = self.flags(at)?;
                if opens.ends_with(')') || opens.is_empty() {
                    // flags alone; what stood before them may still be repeated in Go, and nowhere else
                    self.both(&opens);
                    return Ok(());
                }
            }
        } else {
            self.groups += 1;
        }
        self.end_atom();
        self.atom = None;
        self.open.push(Frame { at, product: 1 });
        self.both(&opens);
        Ok(())
    }

    /// Flags after `(?`, up to `:` or `)`, each named once.
    fn flags(&mut self, at: usize) -> Result<String> {
        let (mut on, mut off) = (String::new(), String::new());
        let (mut negative, mut saw) = (false, true);
        loop {
            match self.input.next() {
                Some(c @ ('i' | 'm' | 's' | 'U')) => {
                    let (add, remove) = if negative { (&mut off, &mut on) } else { (&mut on, &mut off) };
                    remove.retain(|other| other != c);
                    if !add.contains(c) {
                        add.push(c);
                    }
                    saw = true;
                }
                Some('-') if !negative => (negative, saw) = (true, false),
                Some(end @ (':' | ')')) if saw => {
                    let minus = if off.is_empty() { "" } else { "-" };
                    return Ok(match (end, on.is_empty() && off.is_empty()) {
                        (')', true) => String::new(),
                        _ => format!("(?{on}{minus}{off}{end}"),
                    });
                }
                _ => {
                    return self.input.refuse(at, "what follows `(?` is not of this syntax: there is no look-around");
                }
            }
        }
    }

    fn close_group(&mut self, at: usize) -> Result<()> {
        self.input.next();
        self.end_atom();
        if self.open.len() < 2 {
            return self.input.refuse(at, "`)` closes no group");
        }
        let product = self.open.pop().map_or(1, |frame| frame.product);
        self.atom = Some(product.max(1));
        self.both(")");
        Ok(())
    }

    /// A repetition with `count`: the multiple that it counts for.
    fn repeat(&mut self, at: usize, repeated: bool, count: Option<u32>, text: &str) -> Result<()> {
        let Some(product) = self.atom else {
            return self.input.refuse(at, "there is nothing to repeat here");
        };
        if repeated {
            return self.input.refuse(at, "a repetition of a repetition needs a group");
        }
        let product = product.saturating_mul(count.unwrap_or(1).max(1));
        if product > MAX_REPEAT {
            return self.input.refuse(at, "repetitions must not count beyond 1000, nor their product where nested");
        }
        self.atom = Some(product);
        self.both(text);
        if self.input.eat("?") {
            self.both("?");
        }
        self.repeated = true;
        Ok(())
    }

    /// A `{`: a count if it looks like one to Go, itself if not.
    fn braces(&mut self, at: usize, repeated: bool) -> Result<()> {
        let Some((min, max)) = self.count() else {
            self.input.at = at + 1;
            self.literal('{');
            return Ok(());
        };
        let good = |n: &u32| *n <= MAX_REPEAT;
        match (min, max) {
            (Some(min), None) if good(&min) => self.repeat(at, repeated, Some(min), &format!("{{{min},}}")),
            (Some(min), Some(Some(max))) if good(&max) && min <= max => {
                let text = if min == max { format!("{{{min}}}") } else { format!("{{{min},{max}}}") };
                self.repeat(at, repeated, Some(max), &text)
            }
            _ => self.input.refuse(at, "a repetition counts up to 1000, the smaller number first"),
        }
    }

    /// Reads `{n}`, `{n,}` or `{n,m}`; a number too large to be one is `None` inside.
    fn count(&mut self) -> Option<(Option<u32>, Option<Option<u32>>)> {
        self.input.next();
        let min = self.number()?;
        let max = if self.input.eat(",") {
            if self.input.peek() == Some('}') { None } else { Some(self.number()?) }
        } else {
            Some(min)
        };
        self.input.eat("}").then_some((min, max))
    }

    fn number(&mut self) -> Option<Option<u32>> {
        let digits = self.input.rest().bytes().take_while(u8::is_ascii_digit).count();
        let text = self.input.rest().get(..digits)?;
        if text.is_empty() || digits > 1 && text.starts_with('0') {
            return None;
        }
        self.input.at += digits;
        Some(text.parse().ok())
    }

    fn escape(&mut self, at: usize) -> Result<()> {
        let after = self.input.rest().as_bytes().get(1);
        match after {
            Some(b'A') => self.assertion(r"\A"),
            Some(b'z') => self.assertion(r"\z"),
            Some(b @ (b'b' | b'B')) => {
                self.differs |= *b == b'B';
                self.input.at += 2;
                self.atom(1, if *b == b'b' { r"(?-u:\b)" } else { r"(?-u:\B)" });
            }
            Some(b'Q') => {
                self.input.at += 2;
                let rest = self.input.rest();
                let quoted = self.input.until(r"\E").unwrap_or(rest);
                if quoted.len() == rest.len() {
                    self.input.at = self.input.text.len();
                }
                quoted.chars().for_each(|c| self.literal(c));
            }
            Some(b'p' | b'P' | b'd' | b'D' | b's' | b'S' | b'w' | b'W') => {
                let mut class = Class::default();
                class.escaped(&mut self.input)?;
                self.class(&class);
            }
            _ => {
                let c = class::escaped_char(&mut self.input, at)?;
                self.literal(c);
            }
        }
        Ok(())
    }

    fn assertion(&mut self, text: &str) {
        self.input.at += 2;
        self.atom(1, text);
    }
}

/// Writes a character so that it means itself, inside a class or outside.
pub(super) fn push_char(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == '_' {
        out.push(c);
    } else if c.is_ascii_graphic() || c == ' ' {
        out.push_str(&format!(r"\x{:02X}", u32::from(c)));
    } else {
        out.push_str(&format!(r"\x{{{:X}}}", u32::from(c)));
    }
}

#[cfg(test)]
mod tests {
    use super::super::pattern::Pattern;
    use super::*;

    /// Patterns with texts in which they match and texts in which they do not.
    const KEPT: &[(&str, &[&str], &[&str])] = &[
        // braces that count nothing
        (r"\${x}y", &["${x}y"], &["xy", "$x"]),
        ("{{a}}", &["{{a}}"], &["a"]),
        ("^a{2$", &["a{2"], &["aa"]),
        ("^a{,5}$", &["a{,5}"], &["aaa", ""]),
        ("^{,5}$", &["{,5}"], &[""]),
        ("^a{02}$", &["a{02}"], &["aa"]),
        ("^a{2,3}$", &["aa", "aaa"], &["a", "aaaa"]),
        ("^a{2,}?b$", &["aaab"], &["ab"]),
        // brackets and operators in classes
        ("^[[]x$", &["[x"], &["x"]),
        ("^[a[b]$", &["a", "[", "b"], &["c"]),
        ("^[]a]$", &["]", "a"], &["[", "b"]),
        ("^[^]a]$", &["b", "["], &["]", "a"]),
        ("^[a&&b]$", &["a", "&", "b"], &["c", ""]),
        ("^[a~~b]$", &["~"], &["c"]),
        ("^[+--]$", &["+", ",", "-"], &["*", "."]),
        (r"^[\w-.]$", &["-", ".", "_", "k"], &[",", " "]),
        ("^[a-]$", &["a", "-"], &["b"]),
        ("^[[:^alpha:]x]$", &["1", "x"], &["a"]),
        (r"^[\S]$", &["a"], &[" ", "\n"]),
        (r"^[^\W]$", &["a", "_"], &["-"]),
        // escapes
        (r"\<w\>", &["<w>"], &["w", " w "]),
        (r"^\Qa.b*\E+$", &["a.b*", "a.b**"], &["aXb*", "a.b"]),
        (r"^\Qa.b", &["a.b"], &["axb"]),
        (r"^\101\x42\x{43}\0$", &["ABC\0"], &["ABC"]),
        (r"^\_\-\/\#$", &["_-/#"], &["-/#"]),
        (r"^\xe9$", &["\u{e9}"], &["e", "E9"]),
        // ends
        (r"ab\z", &["ab"], &["ab\n"]),
        ("ab$", &["ab"], &["ab\n"]),
        ("(?m)ab$", &["ab\n"], &["abc"]),
        // ASCII names, Unicode properties
        (r"^\w$", &["a", "_", "9"], &["\u{e9}", "-"]),
        (r"^\d$", &["7"], &["\u{663}"]),
        (r"^\s$", &[" ", "\t"], &["\u{b}", "\u{a0}"]),
        ("^[[:space:]]$", &["\u{b}"], &["\u{a0}"]),
        (r"\bkey\b", &["a key", "\u{e9}key"], &["keys"]),
        (r"^\pL$", &["a", "\u{e9}"], &["1"]),
        (r"^\p{Greek}$", &["\u{3b1}"], &["a"]),
        (r"^\p{^Greek}$", &["a", "\u{e9}"], &["\u{3b1}"]),
        (r"^[^\x00-\x7F]$", &["\u{e9}", "\u{1f600}"], &["a"]),
        ("^[\u{e0}-\u{ef}]$", &["\u{e9}"], &["e", "\u{f1}"]),
        // characters, not bytes, are counted
        ("^.{2}$", &["\u{e9}\u{e9}", "ab"], &["\u{e9}", "a\n"]),
        ("^(?s).$", &["\n", "\u{e9}"], &["ab"]),
        // folding
        ("(?i)stra\u{df}e", &["STRA\u{1e9e}E", "Stra\u{df}e"], &["strase"]),
        ("(?i)\u{e9}", &["\u{c9}"], &["e"]),
        ("a(?i:b)c", &["aBc"], &["aBC"]),
        ("(?i)a(?-i)b", &["Ab"], &["AB"]),
        ("(?ii-s)a", &["A"], &["b"]),
        // groups by names that are none elsewhere
        ("^(?P<1a>a)(?<b>b)$", &["ab"], &["a"]),
        ("^(|a)c$", &["c", "ac"], &["bc"]),
    ];

    #[test]
    fn patterns_keep_their_meaning() {
        for (pattern, matching, others) in KEPT {
            let compiled = Pattern::new(pattern).unwrap_or_else(|e| panic!("{pattern}: {e:?}"));
            for text in *matching {
                assert!(compiled.is_match(text.as_bytes()).unwrap(), "{pattern} on {text:?}");
            }
            for text in *others {
                assert!(!compiled.is_match(text.as_bytes()).unwrap(), "{pattern} on {text:?}");
            }
        }
    }

    #[test]
    fn refuses_what_go_refuses() {
        let refused: &[(&str, usize)] = &[
            ("a(b", 1),
            ("ab)", 2),
            ("*a", 0),
            ("a|*", 2),
            ("a**", 2),
            ("a{2}{3}", 4),
            ("a{1001}", 1),
            ("a{3,2}", 1),
            ("(a{500}){3}", 8),
            ("[a", 0),
            ("[b-a]", 1),
            ("[[:foo:]]", 1),
            (r"a\", 1),
            (r"a\1", 1),
            (r"\Z", 0),
            (r"\u0041", 0),
            (r"\x{110000}", 0),
            (r"\p{Nowhere}", 0),
            ("a(?=b)", 1),
            ("(?<=a)b", 0),
            ("(?x)a", 0),
            ("(?P<a>x)(?P<a>y)", 8),
        ];
        for (pattern, at) in refused {
            assert_eq!(translate(pattern).map_err(|refused| refused.at), Err(*at), "{pattern}");
        }
    }

    #[test]
    fn deep_and_long_patterns_end() {
        assert!(translate(&"(".repeat(100_000)).is_err());
        assert!(translate(&"[".repeat(100_000)).is_err());
        assert!(translate(&"a{1000}".repeat(1000)).is_ok());
    }

    #[test]
    fn most_patterns_need_no_second_form() {
        let second = |pattern: &str| translate(pattern).unwrap().chars.is_some();
        assert!(!second(r"(?i)\b(key_[0-9a-z]{20})\b"));
        assert!(second("a.b") && second("[^a]") && second(r"\S") && second(r"\pL"));
    }
}
