//! Splitting arguments into words, with the place of each.

use super::ast::{Flag, Joined, Pair, Word};

/// White space as the frontend's keyword splitter knows it.
pub fn is_blank(b: u8) -> bool {
    matches!(b, b' ' | b'\t' | b'\r' | 0x0b | 0x0c | b'\n')
}

/// Without leading white space, Unicode's included.
pub fn trim_start(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        match rest {
            [b, tail @ ..] if is_blank(*b) => rest = tail,
            [b, ..] if *b >= 0x80 => {
                let len = wide_space(rest);
                if len == 0 {
                    return rest;
                }
                rest = rest.get(len..).unwrap_or_default();
            }
            _ => return rest,
        }
    }
}

/// Without trailing white space, Unicode's included.
pub fn trim_end(text: &[u8]) -> &[u8] {
    let mut rest = text;
    loop {
        match rest {
            [head @ .., b] if is_blank(*b) => rest = head,
            [.., b] if *b >= 0x80 => {
                // white space outside ASCII takes two or three bytes
                let cut = [2, 3].into_iter().find(|&n| {
                    rest.len().checked_sub(n).and_then(|at| rest.get(at..)).is_some_and(|tail| wide_space(tail) == n)
                });
                let Some(n) = cut else { return rest };
                rest = rest.get(..rest.len() - n).unwrap_or_default();
            }
            _ => return rest,
        }
    }
}

/// The length of the white space character outside ASCII that `text` begins with; 0: it does not.
fn wide_space(text: &[u8]) -> usize {
    let head = text.get(..3).or_else(|| text.get(..2)).unwrap_or_default();
    let first = head.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next());
    first.filter(|c| c.is_whitespace()).map_or(0, char::len_utf8)
}

/// Words parted by blanks; quotes mean nothing.
pub(super) fn plain(args: &Joined) -> Vec<Word> {
    let text = &args.bytes;
    let mut words = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let start = at + text.iter().skip(at).take_while(|&&b| is_blank(b)).count();
        at = start + text.iter().skip(start).take_while(|&&b| !is_blank(b)).count();
        if at > start {
            words.push(args.word(start, at));
        }
    }
    words
}

/// Words parted by blanks outside quotes; quotes and escapes stay in.
pub(super) fn quoted(args: &Joined, escape: u8) -> Vec<Word> {
    let text = &args.bytes;
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut at = 0;
    while let Some(&b) = text.get(at) {
        match quote {
            None if is_blank(b) => {
                if let Some(start) = start.take() {
                    words.push(args.word(start, at));
                }
            }
            None => {
                start.get_or_insert(at);
                if matches!(b, b'\'' | b'"') {
                    quote = Some(b);
                } else if b == escape {
                    at += 1;
                }
            }
            Some(open) if b == open => quote = None,
            Some(b'"') if b == escape => at += 1,
            Some(_) => {}
        }
        at += 1;
    }
    if let Some(start) = start {
        words.push(args.word(start, text.len()));
    }
    words
}

/// Leading `--name[=value]` words, unquoted, and where the rest begins. `--` ends them.
pub(super) fn flags(line: &Joined, from: usize) -> (Vec<Flag>, usize) {
    let text = &line.bytes;
    let mut flags = Vec::new();
    let mut at = from;
    loop {
        at += text.iter().skip(at).take_while(|&&b| is_blank(b)).count();
        if text.get(at..at + 2) != Some(b"--") {
            return (flags, at);
        }
        let start = at;
        let mut word = Vec::new();
        let mut quote = None;
        while let Some(&b) = text.get(at) {
            match quote {
                None if is_blank(b) => break,
                None if matches!(b, b'\'' | b'"') => quote = Some(b),
                Some(open) if b == open => quote = None,
                // the frontend takes a backslash here whatever the escape character is
                _ if b == b'\\' => {
                    at += 1;
                    word.extend(text.get(at));
                }
                _ => word.push(b),
            }
            at += 1;
        }
        at = at.min(text.len());
        if word == b"--" {
            return (flags, at + text.iter().skip(at).take_while(|&&b| is_blank(b)).count());
        }
        let span = line.span(start, at);
        let body = word.get(2..).unwrap_or_default();
        let (name, value) = match memchr::memchr(b'=', body) {
            Some(n) => (&body[..n], Some(Word { text: body[n + 1..].to_vec(), span })),
            None => (body, None),
        };
        flags.push(Flag { name: name.to_vec(), value, span });
    }
}

/// `k=v k2=v2`; `ENV` and `LABEL` also take `k rest of the line`, `ARG` (`arg`) bare names instead.
///
/// # Errors
/// A message, where a value is missing.
pub(super) fn pairs(args: &Joined, escape: u8, arg: bool) -> Result<Vec<Pair>, &'static str> {
    let words = quoted(args, escape);
    let Some(first) = words.first() else { return Err("needs at least one argument") };
    if !arg && !first.text.contains(&b'=') {
        let text = &args.bytes;
        let key = text.iter().take_while(|&&b| !is_blank(b)).count();
        let value = key + text.iter().skip(key).take_while(|&&b| is_blank(b)).count();
        if value >= text.len() {
            return Err("needs a value: name=value");
        }
        return Ok(vec![Pair { key: args.word(0, key), value: Some(args.word(value, text.len())), legacy: true }]);
    }
    let mut pairs = Vec::with_capacity(words.len());
    for word in words {
        let equals = memchr::memchr(b'=', &word.text);
        if equals == Some(0) {
            return Err("a name is blank");
        }
        if equals.is_none() && !arg {
            return Err("must be of the form name=value");
        }
        pairs.push(split_pair(word, equals));
    }
    Ok(pairs)
}

/// Parts a word at its `=`. The spans are exact unless a continuation stands inside the word.
fn split_pair(word: Word, equals: Option<usize>) -> Pair {
    let Some(n) = equals else { return Pair { key: word, value: None, legacy: false } };
    let Word { text, span } = word;
    let exact = span.end - span.start == text.len();
    let part = |from: usize, to: usize| {
        let place = if exact { crate::finding::Span::new(span.start + from, span.start + to) } else { span };
        Word { text: text[from..to].to_vec(), span: place }
    };
    Pair { key: part(0, n), value: Some(part(n + 1, text.len())), legacy: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Joined {
        let mut j = Joined::default();
        j.push(0, text.as_bytes());
        j
    }

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|w| std::str::from_utf8(&w.text).unwrap()).collect()
    }

    #[test]
    fn quoted_words_keep_their_quotes() {
        let words = quoted(&joined(r#"a="b c" d\ e 'f "g' "h\"i" x\"#), b'\\');
        assert_eq!(texts(&words), [r#"a="b c""#, r"d\ e", r#"'f "g'"#, r#""h\"i""#, r"x\"]);
    }

    #[test]
    fn flags_end_at_the_first_other_word() {
        let line = joined(r#"--from=a --x="b c" --y -- --z rest"#);
        let (found, rest) = flags(&line, 0);
        let names: Vec<_> = found.iter().map(|f| String::from_utf8_lossy(&f.name).into_owned()).collect();
        assert_eq!(names, ["from", "x", "y"]);
        assert_eq!(found[1].value.as_ref().unwrap().text, b"b c");
        assert_eq!(&line.bytes[rest..], b"--z rest");
        assert_eq!(flags(&joined("-x --y"), 0).1, 0);
    }

    #[test]
    fn white_space_beyond_ascii() {
        assert_eq!(trim_start("\u{a0}\u{3000} x".as_bytes()), b"x");
        assert_eq!(trim_end("x \u{2003}\u{85}".as_bytes()), b"x");
        assert_eq!(trim_end(b"x\xff"), b"x\xff");
        assert_eq!(trim_start(b"\xa0x"), b"\xa0x");
    }
}
