//! What people read: remarks on standard error, findings on standard output with `--verbose`. Text of the
//! repository never reaches the terminal raw.

use super::redact;
use crate::report::gitleaks::{Finding, for_terminal};
use std::io::Write;

/// How serious a remark is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Severity {
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// Writes remarks to standard error from a level on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Console {
    from: Severity,
}

impl Console {
    /// By the name that `--log-level` takes; an unknown one is as `info`, with a warning.
    pub(super) fn new(level: &str) -> Self {
        let from = match level.to_ascii_lowercase().as_str() {
            "trace" | "debug" => Severity::Debug,
            "info" => Severity::Info,
            "warn" => Severity::Warn,
            "err" | "error" => Severity::Error,
            "fatal" => Severity::Fatal,
            _ => {
                let console = Console { from: Severity::Info };
                console.say(Severity::Warn, &format!("unknown log level: {level}"));
                return console;
            }
        };
        Console { from }
    }

    /// Writes a line.
    pub(super) fn say(self, severity: Severity, text: &str) {
        if severity < self.from {
            return;
        }
        let word = match severity {
            Severity::Debug => "DBG",
            Severity::Info => "INF",
            Severity::Warn => "WRN",
            Severity::Error => "ERR",
            Severity::Fatal => "FTL",
        };
        // there is nowhere left to say that this failed
        let _ = writeln!(std::io::stderr().lock(), "{word} {}", for_terminal(text.as_bytes()));
    }
}

/// A finding for a person; `full`: with its secret as the report has it.
pub(super) fn describe(finding: &Finding, full: bool) -> String {
    let (secret, matched) = if full {
        (finding.secret.clone(), finding.matched.clone())
    } else {
        redact::redact(&finding.secret, &finding.matched, 100)
    };
    let mut out = String::new();
    let mut line = |name: &str, value: &[u8]| {
        // one line each, whatever the value holds
        let value = for_terminal(value.trim_ascii()).replace('\n', "\\n");
        out.push_str(&format!("{:<12} {value}\n", format!("{name}:")));
    };
    line("Finding", &matched);
    line("Secret", &secret);
    line("RuleID", finding.rule_id.as_bytes());
    line("Entropy", format!("{:.6}", finding.entropy).as_bytes());
    if !finding.tags.is_empty() {
        line("Tags", format!("[{}]", finding.tags.join(" ")).as_bytes());
    }
    if !finding.file.is_empty() {
        line("File", &finding.file);
        line("Line", finding.start_line.to_string().as_bytes());
        if !finding.commit.is_empty() {
            line("Commit", finding.commit.as_bytes());
            line("Author", &finding.author);
            line("Email", &finding.email);
            line("Date", finding.date.as_bytes());
        }
        line("Fingerprint", &finding.fingerprint);
        if !finding.link.is_empty() {
            line("Link", finding.link.as_bytes());
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_shown_when_asked_for_and_controls_never_act() {
        let finding = Finding {
            rule_id: "r".into(),
            matched: b"k=sec\x1bret".to_vec(),
            secret: b"sec\x1bret".to_vec(),
            file: b"a\nb\x1b[2J".to_vec(),
            commit: "c".into(),
            ..Finding::default()
        };
        let hidden = describe(&finding, false);
        assert!(hidden.contains("Finding:     k=REDACTED\nSecret:      REDACTED\n"), "{hidden}");
        assert!(hidden.contains("File:        a\\nb\\x1b[2J\n"), "{hidden}");
        let full = describe(&finding, true);
        assert!(full.contains("Secret:      sec\\x1bret\n") && !full.contains('\x1b'), "{full}");
    }
}
