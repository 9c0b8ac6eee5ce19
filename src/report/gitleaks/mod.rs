//! The report files of gitleaks 8, for scripts that read them. Facts: gitleaks README "Output", and the files
//! that gitleaks 8.30 writes.
//!
//! Unlike every other format of this crate these hold the secret itself unless it was redacted before: that is
//! what their readers compare.

mod csv;
mod json;
mod junit;
mod sarif;

use std::io::{self, Write};

/// The name of the tool in these reports: readers such as code scanning match old and new results by it.
const TOOL: &str = "gitleaks";

/// A leak with all that the reports say about it. Text is bytes: paths and secrets need not be UTF-8.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Finding {
    /// The rule's id.
    pub rule_id: String,
    /// The rule's description.
    pub description: String,
    /// First line of the match, from 1; 0 where a file's name alone was matched.
    pub start_line: usize,
    /// Last line of the match.
    pub end_line: usize,
    /// Column of the match's first byte, as gitleaks counts.
    pub start_column: usize,
    /// Column of the match's last byte, as gitleaks counts.
    pub end_column: usize,
    /// What the rule matched.
    pub matched: Vec<u8>,
    /// The secret in it.
    pub secret: Vec<u8>,
    /// The file; empty for standard input.
    pub file: Vec<u8>,
    /// The symbolic link that led to the file; may be empty.
    pub symlink: Vec<u8>,
    /// The commit's id in hexadecimal; empty outside the history.
    pub commit: String,
    /// Where the forge shows the line; may be empty.
    pub link: String,
    /// Shannon entropy of the secret in bits.
    pub entropy: f32,
    /// The author's name.
    pub author: Vec<u8>,
    /// The author's e-mail address.
    pub email: Vec<u8>,
    /// When the commit was written, RFC 3339 in UTC.
    pub date: String,
    /// The commit's message.
    pub message: Vec<u8>,
    /// The rule's tags, and how the secret was decoded.
    pub tags: Vec<String>,
    /// What an ignore file names it by.
    pub fingerprint: Vec<u8>,
}

/// A rule, as SARIF lists it.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its description.
    pub description: &'a str,
}

/// The formats.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// An array of findings.
    Json,
    /// A table; nothing at all without findings.
    Csv,
    /// JUnit XML.
    Junit,
    /// SARIF 2.1.0.
    Sarif,
}

impl Format {
    /// The format that `--report-format` names, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "json" => Some(Format::Json),
            "csv" => Some(Format::Csv),
            "junit" => Some(Format::Junit),
            "sarif" => Some(Format::Sarif),
            _ => None,
        }
    }

    /// The format that a file's extension implies; JUnit has none.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Format::from_name(extension).filter(|&f| f != Format::Junit)
    }
}

/// Writes a report; `rules` are listed in SARIF.
///
/// # Errors
/// Those of the writer.
pub fn write(format: Format, findings: &[Finding], rules: &[Rule<'_>], out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Json => json::write(findings, out),
        Format::Csv => csv::write(findings, out),
        Format::Junit => junit::write(findings, out),
        Format::Sarif => sarif::write(findings, rules, out),
    }
}

/// A text whose characters that act on a terminal are made visible; line ends and tabs stay.
pub fn for_terminal(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' | '\t' => out.push(c),
                c => super::neutralise::push(&mut out, c),
            }
        }
        chunk.invalid().iter().for_each(|&b| super::neutralise::push_byte(&mut out, b));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding() -> Finding {
        Finding {
            rule_id: "t".into(),
            description: "d <x>".into(),
            start_line: 1,
            end_line: 1,
            start_column: 3,
            end_column: 16,
            matched: b"k=tok_ab\x01\x08\x0c\x7f\xc3\xa9\xff".to_vec(),
            secret: b"tok_ab\x01\x08\x0c\x7f\xc3\xa9\xff".to_vec(),
            file: b"a b".to_vec(),
            entropy: 3.535_401,
            tags: vec!["a".into(), "b".into()],
            fingerprint: b"a b:t:1".to_vec(),
            ..Finding::default()
        }
    }

    fn written(format: Format, findings: &[Finding]) -> String {
        let mut out = Vec::new();
        write(format, findings, &[Rule { id: "t", description: "d <x>" }], &mut out).unwrap();
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn json_is_what_gitleaks_writes() {
        assert_eq!(written(Format::Json, &[]), "[]\n");
        let expected = concat!(
            "[\n {\n  \"RuleID\": \"t\",\n  \"Description\": \"d \\u003cx\\u003e\",\n  \"StartLine\": 1,\n",
            "  \"EndLine\": 1,\n  \"StartColumn\": 3,\n  \"EndColumn\": 16,\n",
            "  \"Match\": \"k=tok_ab\\u0001\\b\\f\u{7f}é\\ufffd\",\n",
            "  \"Secret\": \"tok_ab\\u0001\\b\\f\u{7f}é\\ufffd\",\n  \"File\": \"a b\",\n",
            "  \"SymlinkFile\": \"\",\n  \"Commit\": \"\",\n  \"Entropy\": 3.535401,\n  \"Author\": \"\",\n",
            "  \"Email\": \"\",\n  \"Date\": \"\",\n  \"Message\": \"\",\n  \"Tags\": [\n   \"a\",\n   \"b\"\n  ],\n",
            "  \"Fingerprint\": \"a b:t:1\"\n }\n]\n"
        );
        assert_eq!(written(Format::Json, &[finding()]), expected);
        let linked = Finding { link: "https://x/y".into(), commit: "c".into(), tags: vec![], ..finding() };
        let text = written(Format::Json, &[linked.clone(), linked]);
        assert!(text.contains("\"Commit\": \"c\",\n  \"Link\": \"https://x/y\",\n  \"Entropy\""), "{text}");
        assert!(text.contains("\"Tags\": [],\n"), "{text}");
        let parsed: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed.len(), 2);
    }

    #[test]
    fn csv_quotes_where_needed() {
        assert_eq!(written(Format::Csv, &[]), "");
        let messy = Finding {
            matched: b" lead".to_vec(),
            secret: b"a,b".to_vec(),
            message: b"one \"two\"\nthree".to_vec(),
            ..finding()
        };
        let text = written(Format::Csv, &[messy]);
        let (head, row) = text.split_once('\n').unwrap();
        assert!(head.starts_with("RuleID,Commit,File,SymlinkFile,Secret,Match,") && head.ends_with("Fingerprint,Tags"));
        assert_eq!(row, "t,,a b,,\"a,b\",\" lead\",1,1,3,16,,\"one \"\"two\"\"\nthree\",,,a b:t:1,a b\n");
        let linked = Finding { link: "l".into(), ..finding() };
        assert!(
            written(Format::Csv, &[linked]).starts_with("RuleID,") && {
                let linked = Finding { link: "l".into(), ..finding() };
                written(Format::Csv, &[linked]).lines().next().unwrap().ends_with("Tags,Link")
            }
        );
    }

    #[test]
    fn junit_and_sarif_have_their_frames() {
        assert_eq!(
            written(Format::Junit, &[]),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n\t<testsuite failures=\"0\" name=\"gitleaks\" \
             tests=\"0\" time=\"\"></testsuite>\n</testsuites>"
        );
        let text = written(Format::Junit, &[finding()]);
        assert!(text.contains("<testcase classname=\"d &lt;x&gt;\" file=\"a b\" name=\"t has detected a secret in file a b, line 1.\" time=\"\">"), "{text}");
        assert!(text.contains(">{&#xA;&#x9;&#34;RuleID&#34;: &#34;t&#34;,&#xA;"), "{text}");
        let sarif: serde_json::Value = serde_json::from_str(&written(Format::Sarif, &[finding()])).unwrap();
        let run = &sarif["runs"][0];
        assert_eq!(run["tool"]["driver"]["rules"][0]["shortDescription"]["text"], "d <x>");
        assert_eq!(run["results"][0]["message"]["text"], "t has detected secret for file a b.");
        assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"], 3);
        let empty: serde_json::Value = serde_json::from_str(&written(Format::Sarif, &[])).unwrap();
        assert_eq!(empty["runs"][0]["results"], serde_json::json!([]));
    }

    #[test]
    fn nothing_acts_on_a_terminal() {
        assert_eq!(for_terminal(b"a\x1b[31m\n\tb\xff\xe2\x80\xae"), "a\\x1b[31m\n\tb\\xff\\u{202e}");
    }
}
