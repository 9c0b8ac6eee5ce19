//! A table as Go's CSV writer writes it.

use super::Finding;
use std::io::{self, Write};

const COLUMNS: [&str; 16] = [
    "RuleID",
    "Commit",
    "File",
    "SymlinkFile",
    "Secret",
    "Match",
    "StartLine",
    "EndLine",
    "StartColumn",
    "EndColumn",
    "Author",
    "Message",
    "Date",
    "Email",
    "Fingerprint",
    "Tags",
];

/// Writes a row a finding below the names of the columns; nothing without findings. The last column, `Link`, is
/// there where the first finding has one.
pub(super) fn write(findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
    let Some(first) = findings.first() else { return Ok(()) };
    let linked = !first.link.is_empty();
    let names = COLUMNS.iter().copied().chain(linked.then_some("Link"));
    row(out, names.map(str::as_bytes))?;
    for f in findings {
        let numbers = [f.start_line, f.end_line, f.start_column, f.end_column].map(|n| n.to_string());
        let tags = f.tags.join(" ");
        let before = [f.rule_id.as_bytes(), f.commit.as_bytes(), &f.file, &f.symlink, &f.secret, &f.matched];
        let behind = [&f.author, &f.message, f.date.as_bytes(), &f.email, &f.fingerprint, tags.as_bytes()];
        let link = linked.then_some(f.link.as_bytes());
        row(out, before.into_iter().chain(numbers.iter().map(|n| n.as_bytes())).chain(behind).chain(link))?;
    }
    Ok(())
}

fn row<'a>(out: &mut dyn Write, cells: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    for (n, cell) in cells.enumerate() {
        if n > 0 {
            out.write_all(b",")?;
        }
        if !needs_quotes(cell) {
            out.write_all(cell)?;
            continue;
        }
        out.write_all(b"\"")?;
        for (n, part) in cell.split(|&b| b == b'"').enumerate() {
            if n > 0 {
                out.write_all(b"\"\"")?;
            }
            out.write_all(part)?;
        }
        out.write_all(b"\"")?;
    }
    out.write_all(b"\n")
}

/// Whether a cell could be read as something else without quotes; `\.` ends the data of a database's copy.
fn needs_quotes(cell: &[u8]) -> bool {
    let leading_space =
        || cell.utf8_chunks().next().and_then(|c| c.valid().chars().next()).is_some_and(char::is_whitespace);
    cell == b"\\." || cell.iter().any(|b| matches!(b, b',' | b'"' | b'\n' | b'\r')) || leading_space()
}
