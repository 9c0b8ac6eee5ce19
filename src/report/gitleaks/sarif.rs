//! SARIF 2.1.0 in the shape of gitleaks: all rules, each result with the secret as its snippet.

use super::json::Writer;
use super::{Finding, Rule, TOOL};
use std::io::{self, Write};

/// Writes one run.
pub(super) fn write(findings: &[Finding], rules: &[Rule<'_>], out: &mut dyn Write) -> io::Result<()> {
    let mut writer = Writer::new(" ");
    writer.object(|w| {
        w.field("$schema", b"https://json.schemastore.org/sarif-2.1.0.json");
        w.field("version", b"2.1.0");
        w.key("runs");
        w.array(&[()], |w, ()| {
            w.object(|w| {
                w.key("tool");
                w.object(|w| tool(w, rules));
                w.key("results");
                w.array(findings, |w, finding| w.object(|w| result(w, finding)));
            });
        });
    });
    out.write_all(writer.finish().as_bytes())?;
    out.write_all(b"\n")
}

fn tool(w: &mut Writer, rules: &[Rule<'_>]) {
    w.key("driver");
    w.object(|w| {
        w.field("name", TOOL.as_bytes());
        // what gitleaks states, whatever its version
        w.field("semanticVersion", b"v8.0.0");
        w.field("informationUri", b"https://github.com/gitleaks/gitleaks");
        w.key("rules");
        w.array(rules, |w, rule| {
            w.object(|w| {
                w.field("id", rule.id.as_bytes());
                w.key("shortDescription");
                w.object(|w| w.field("text", rule.description.as_bytes()));
            });
        });
    });
}

fn result(w: &mut Writer, f: &Finding) {
    let mut text = [f.rule_id.as_bytes(), b" has detected secret for file ", &f.file].concat();
    if !f.commit.is_empty() {
        text.extend_from_slice(b" at commit ");
        text.extend_from_slice(f.commit.as_bytes());
    }
    text.push(b'.');
    w.key("message");
    w.object(|w| w.field("text", &text));
    w.field("ruleId", f.rule_id.as_bytes());
    w.key("locations");
    w.array(&[()], |w, ()| {
        w.object(|w| {
            w.key("physicalLocation");
            w.object(|w| location(w, f));
        });
    });
    w.key("partialFingerprints");
    w.object(|w| {
        w.field("commitSha", f.commit.as_bytes());
        w.field("email", &f.email);
        w.field("author", &f.author);
        w.field("date", f.date.as_bytes());
        w.field("commitMessage", &f.message);
    });
    w.key("properties");
    w.object(|w| {
        w.key("tags");
        w.array(&f.tags, |w, tag| w.string(tag.as_bytes()));
    });
}

fn location(w: &mut Writer, f: &Finding) {
    w.key("artifactLocation");
    w.object(|w| w.field("uri", if f.symlink.is_empty() { &f.file } else { &f.symlink }));
    w.key("region");
    w.object(|w| {
        w.number("startLine", &f.start_line.to_string());
        w.number("startColumn", &f.start_column.to_string());
        w.number("endLine", &f.end_line.to_string());
        w.number("endColumn", &f.end_column.to_string());
        w.key("snippet");
        w.object(|w| w.field("text", &f.secret));
    });
}
