//! A commit's message and date as gitleaks reports them: it reads what `git log` prints for people, in which
//! tabs are blanks, lines are indented, and the lines of a subject are joined.

use unicode_width::UnicodeWidthStr;

/// What `git log` puts in front of each line.
const INDENT: &str = "    ";
/// The columns between tab stops.
const TAB: usize = 8;

/// Subject, an empty line, and the body without more than one empty line in a row.
pub(super) fn message(raw: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(raw);
    let mut lines = text.lines().skip_while(|l| l.trim().is_empty()).map(|l| format!("{INDENT}{}", without_tabs(l)));
    let mut subject = String::new();
    let mut indent = String::new();
    for line in lines.by_ref() {
        let words = line.trim();
        if words.is_empty() {
            break;
        }
        if subject.is_empty() {
            indent = line.chars().take_while(|c| c.is_whitespace()).collect();
        } else {
            subject.push(' ');
        }
        subject.push_str(words);
    }
    let mut body = String::new();
    let mut gap = false;
    for line in lines {
        let line = line.trim_end();
        let line = line.strip_prefix(&indent).unwrap_or(line);
        if line.is_empty() {
            gap = true;
            continue;
        }
        if !body.is_empty() {
            body.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        body.push_str(line);
    }
    if !body.is_empty() {
        subject.push_str("\n\n");
        subject.push_str(&body);
    }
    subject.into_bytes()
}

fn without_tabs(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut column = 0;
    for (n, part) in line.split('\t').enumerate() {
        if n > 0 {
            let blanks = TAB - column % TAB;
            out.extend(std::iter::repeat_n(' ', blanks));
            column += blanks;
        }
        out.push_str(part);
        column += part.width();
    }
    out
}

/// RFC 3339 in UTC; the year 1 where there is no date.
pub(super) fn date(seconds: Option<i64>) -> String {
    let time = seconds.and_then(|s| jiff::Timestamp::from_second(s).ok());
    time.map_or_else(|| "0001-01-01T00:00:00Z".to_owned(), |t| t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_read_as_git_log_prints_them() {
        let told = |raw: &str| String::from_utf8(message(raw.as_bytes())).unwrap();
        assert_eq!(told("\n\nsubject\ngoes on\n\nbody\n   in\n\n\nlast\n"), "subject goes on\n\nbody\n   in\n\nlast");
        assert_eq!(
            told("  tabs\tin\there\nsecond line\n\n\tbody\tx  \n  y\n"),
            "tabs  in      here second line\n\n      body    x\ny"
        );
        assert_eq!(told("only"), "only");
        assert_eq!(told(""), "");
    }

    #[test]
    fn dates_are_in_utc() {
        assert_eq!(date(Some(1_709_613_672)), "2024-03-05T04:41:12Z");
        assert_eq!(date(None), "0001-01-01T00:00:00Z");
        assert_eq!(date(Some(i64::MAX)), "0001-01-01T00:00:00Z");
    }
}
