//! JUnit XML as Go's encoder writes it: one test case a finding, its JSON as the failure's text.

use super::{Finding, TOOL, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// Writes one suite with all findings.
pub(super) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let count = findings.len();
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\t");
    let _ = write!(text, "<testsuite failures=\"{count}\" name=\"{TOOL}\" tests=\"{count}\" time=\"\">");
    for finding in findings {
        case(&mut text, finding);
    }
    if count > 0 {
        text.push_str("\n\t");
    }
    text.push_str("</testsuite>\n</testsuites>");
    out.write_all(text.as_bytes())
}

fn case(text: &mut String, f: &Finding) {
    let description = escaped(f.description.as_bytes());
    let at = if f.commit.is_empty() { String::new() } else { format!(", at commit {}", f.commit) };
    let file = escaped(&f.file);
    let message =
        format!("{} has detected a secret in file {file}, line {}{at}.", escaped(f.rule_id.as_bytes()), f.start_line);
    // writing to a String cannot fail
    let _ = write!(
        text,
        "\n\t\t<testcase classname=\"{description}\" file=\"{file}\" name=\"{message}\" time=\"\">\n\t\t\t\
         <failure message=\"{message}\" type=\"{description}\">{}</failure>\n\t\t</testcase>",
        escaped(json::single(f).as_bytes())
    );
}

/// What XML and its attributes cannot hold, escaped; what no XML can hold, replaced.
fn escaped(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("&#34;"),
                '\'' => out.push_str("&#39;"),
                '&' => out.push_str("&amp;"),
                '<' => out.push_str("&lt;"),
                '>' => out.push_str("&gt;"),
                '\t' => out.push_str("&#x9;"),
                '\n' => out.push_str("&#xA;"),
                '\r' => out.push_str("&#xD;"),
                '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
                c => out.push(c),
            }
        }
        out.extend(chunk.invalid().iter().map(|_| '\u{fffd}'));
    }
    out
}
