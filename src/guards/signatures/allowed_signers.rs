//! OpenSSH's allowed signers file (`ssh-keygen(1)`, ALLOWED SIGNERS).
//!
//! A line is `principals [options] keytype base64 [comment]`. One line that cannot be understood makes the whole
//! file unusable, as with OpenSSH: an option that was not understood may be the one that restricts the key.

use super::base64;
use super::pattern::PatternList;
use super::sshkey::{Key, fields};

/// A line of the file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// The principals as written.
    pub(super) text: String,
    /// Whom it is for.
    pub(super) principals: PatternList,
    /// `cert-authority`: the key signs certificates and nothing else.
    pub(super) authority: bool,
    /// `namespaces`; `None`: all.
    pub(super) namespaces: Option<PatternList>,
    /// `valid-after`: seconds since 1970, included.
    pub(super) after: Option<i64>,
    /// `valid-before`: seconds since 1970, included.
    pub(super) before: Option<i64>,
    /// The key, encoded.
    pub(super) key: Vec<u8>,
}

/// Why a file cannot be used.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Malformed {
    /// The line, from 1.
    pub(super) line: usize,
    /// What is wrong in it.
    pub(super) why: String,
}

/// Reads a file. Beside the lines: remarks on times without a zone, which are taken as UTC so that every
/// machine comes to the same result, where OpenSSH takes its own machine's zone.
///
/// # Errors
/// At the first line that is malformed.
pub(super) fn parse(text: &[u8]) -> Result<(Vec<Line>, Vec<String>), Malformed> {
    let (mut lines, mut remarks) = (Vec::new(), Vec::new());
    for (n, line) in text.split(|&b| b == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let number = n + 1;
        let (line, local) = parse_line(line).map_err(|why| Malformed { line: number, why })?;
        if local {
            remarks.push(format!("line {number}: a time without `Z` is taken as UTC; append the `Z`"));
        }
        lines.push(line);
    }
    Ok((lines, remarks))
}

/// Reads `keytype base64 [comment]`.
///
/// # Errors
/// Says what is wrong.
pub(super) fn parse_key(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|w| !w.is_empty());
    let kind = words.next().unwrap_or_default();
    if fields(kind).is_none() {
        return Err(format!("`{}` is no kind of key", String::from_utf8_lossy(kind)));
    }
    let blob = words.next().and_then(base64::decode).ok_or("the key is not valid base 64")?;
    let key = Key::parse(&blob).map_err(|_| "the key is damaged")?;
    let mut reader = super::wire::Reader(&key.blob);
    if reader.string() != Some(kind) {
        return Err("the key is of another kind than the line says".into());
    }
    Ok(blob)
}

/// A line, and whether it holds a time without a zone.
fn parse_line(line: &[u8]) -> Result<(Line, bool), String> {
    let (principals, rest) = match line.strip_prefix(b"\"") {
        Some(quoted) => {
            let end = memchr::memchr(b'"', quoted).ok_or("the quotes around the principals do not end")?;
            (quoted.get(..end).unwrap_or_default(), quoted.get(end + 1..).unwrap_or_default())
        }
        None => split_word(line),
    };
    let mut parsed = Line {
        text: String::from_utf8_lossy(principals).into_owned(),
        principals: PatternList::parse(principals),
        authority: false,
        namespaces: None,
        after: None,
        before: None,
        key: Vec::new(),
    };
    let mut rest = rest.trim_ascii_start();
    let mut local = false;
    if fields(split_word(rest).0).is_none() {
        let (options, key) = rest.split_at_checked(end_of_options(rest)).unwrap_or((rest, b""));
        local = parse_options(options, &mut parsed)?;
        rest = key;
    }
    parsed.key = parse_key(rest)?;
    Ok((parsed, local))
}

fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(u8::is_ascii_whitespace).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, b""))
}

/// Where the options end: at white space outside quotes.
fn end_of_options(text: &[u8]) -> usize {
    let (mut quoted, mut escaped) = (false, false);
    for (n, &byte) in text.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b' ' | b'\t' if !quoted => return n,
            _ => {}
        }
    }
    text.len()
}

/// Reads `name[="value"],…` into the line; tells whether a time has no zone.
fn parse_options(mut text: &[u8], line: &mut Line) -> Result<bool, String> {
    let mut local = false;
    loop {
        let end = text.iter().position(|b| matches!(b, b'=' | b',')).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).unwrap_or((text, b""));
        let (value, rest) = match rest.strip_prefix(b"=") {
            Some(rest) => unquote(rest).map(|(value, rest)| (Some(value), rest))?,
            None => (None, rest),
        };
        local |= set_option(&name.to_ascii_lowercase(), value, line)?;
        match rest.strip_prefix(b",") {
            Some(more) => text = more,
            None if rest.is_empty() => break,
            None => return Err("options are not separated by commas".into()),
        }
    }
    if let (Some(after), Some(before)) = (line.after, line.before)
        && before <= after
    {
        return Err("`valid-before` is not after `valid-after`".into());
    }
    Ok(local)
}

fn set_option(name: &[u8], value: Option<Vec<u8>>, line: &mut Line) -> Result<bool, String> {
    let shown = String::from_utf8_lossy(name).into_owned();
    let twice = || Err(format!("`{shown}` is there twice"));
    match (name, value) {
        (b"cert-authority", None) => line.authority = true,
        (b"namespaces", Some(_)) if line.namespaces.is_some() => return twice(),
        (b"namespaces", Some(list)) => line.namespaces = Some(PatternList::parse(&list)),
        (b"valid-after", Some(_)) if line.after.is_some() => return twice(),
        (b"valid-before", Some(_)) if line.before.is_some() => return twice(),
        (b"valid-after" | b"valid-before", Some(text)) => {
            let (time, utc) = parse_time(&text).ok_or_else(|| format!("the time of `{shown}` is malformed"))?;
            let field = if name == b"valid-after" { &mut line.after } else { &mut line.before };
            *field = Some(time);
            return Ok(!utc);
        }
        (b"cert-authority", Some(_)) => return Err(format!("`{shown}` takes no value")),
        (b"namespaces" | b"valid-after" | b"valid-before", None) => return Err(format!("`{shown}` needs a value")),
        _ => return Err(format!("`{shown}` is neither a kind of key nor an option")),
    }
    Ok(false)
}

/// A quoted value and what follows; a backslash protects a quote.
fn unquote(text: &[u8]) -> Result<(Vec<u8>, &[u8]), String> {
    let mut rest = text.strip_prefix(b"\"").ok_or("a value is not in quotes")?;
    let mut value = Vec::new();
    loop {
        match rest {
            [b'\\', b'"', more @ ..] => {
                value.push(b'"');
                rest = more;
            }
            [b'"', more @ ..] => return Ok((value, more)),
            [byte, more @ ..] => {
                value.push(*byte);
                rest = more;
            }
            [] => return Err("the quotes around a value do not end".into()),
        }
    }
}

/// Reads `YYYYMMDD[HHMM[SS]][Z]`: seconds since 1970 taken as UTC, and whether the text says so.
fn parse_time(text: &[u8]) -> Option<(i64, bool)> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, zone) = text.split_at_checked(digits)?;
    let utc = zone.eq_ignore_ascii_case(b"Z") || zone.eq_ignore_ascii_case(b"UTC");
    if !matches!(digits, 8 | 12 | 14) || !(utc || zone.is_empty()) {
        return None;
    }
    let part = |from: usize, to: usize| match number.get(from..to) {
        Some(d) => std::str::from_utf8(d).ok()?.parse::<i16>().ok(),
        None => Some(0),
    };
    let small = |from, to| i8::try_from(part(from, to)?).ok();
    let (year, month, day) = (part(0, 4)?, small(4, 6)?, small(6, 8)?);
    let (hour, minute, second) = (small(8, 10)?, small(10, 12)?, small(12, 14)?);
    let civil = jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let time = jiff::tz::Offset::UTC.to_timestamp(civil).ok()?;
    Some((time.as_second(), utc))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_times() {
        assert_eq!(parse_time(b"19700101Z"), Some((0, true)));
        assert_eq!(parse_time(b"197001020101z"), Some((86_400 + 3_660, true)));
        assert_eq!(parse_time(b"20240229235959"), Some((1_709_251_199, false)));
        assert_eq!(parse_time(b"20240229235959UTC"), Some((1_709_251_199, true)));
        for bad in
            ["", "Z", "2024", "20230229Z", "202401012400Z", "20240101T00Z", "2024010100Z", "-0240101Z", "20240101ZZ"]
        {
            assert_eq!(parse_time(bad.as_bytes()), None, "{bad}");
        }
    }
}
