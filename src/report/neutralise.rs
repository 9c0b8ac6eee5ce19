//! Makes characters visible that would act on a terminal, on a log viewer or on the reader's eye instead
//! of showing themselves.

use std::fmt::Write;
use unicode_width::UnicodeWidthChar;

/// The columns that a tab takes, wherever it stands.
const TAB: &str = "    ";

/// Whether `c` must not be written as it is: controls, directional formatting (CVE-2021-42574), line and
/// paragraph separators, and characters without a shape of their own (Unicode `Default_Ignorable_Code_Point`
/// and blank fillers).
pub(super) fn is_hostile(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Appends `c` in visible form: `\x1b`, `\u{202e}`, `\n`; a tab as spaces.
pub(super) fn push(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str(TAB),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        c if is_hostile(c) => push_escape(out, c),
        c => out.push(c),
    }
}

/// The same in ASCII alone.
pub(super) fn push_ascii(out: &mut String, c: char) {
    if c.is_ascii() { push(out, c) } else { push_escape(out, c) }
}

/// Appends the code of `c`: `\x1b`, `\u{202e}`.
pub(super) fn push_escape(out: &mut String, c: char) {
    // writing to a String cannot fail
    let _ =
        if c.is_ascii() { write!(out, "\\x{:02x}", u32::from(c)) } else { write!(out, "\\u{{{:x}}}", u32::from(c)) };
}

/// Appends a byte that is no UTF-8 in visible form: `\xff`.
pub(super) fn push_byte(out: &mut String, byte: u8) {
    let _ = write!(out, "\\x{byte:02x}");
}

/// The columns that text made by [`push`] takes on a terminal.
pub(super) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Whether the `#` at `at` is the second one of a logging command such as `##[group]` or `##vso[task.complete]`,
/// which CI systems obey wherever it stands in a line of output.
pub(super) fn is_command(text: &[u8], at: usize) -> bool {
    let Some(rest) = text.get(at + 1..) else { return false };
    let before = at.checked_sub(1).and_then(|n| text.get(n));
    // the names that are known have at most eight letters
    let name = rest.iter().take(16).take_while(|b| b.is_ascii_alphabetic()).count();
    before == Some(&b'#') && rest.get(name) == Some(&b'[')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| push(&mut out, c));
        out
    }

    #[test]
    fn controls_become_visible() {
        assert_eq!(shown("a\u{1b}[31mb\u{7f}\u{9b}\0"), "a\\x1b[31mb\\x7f\\u{9b}\\x00");
        assert_eq!(
            shown("x\u{202e}y\u{2066}z\u{200b}\u{feff}\u{2028}"),
            "x\\u{202e}y\\u{2066}z\\u{200b}\\u{feff}\\u{2028}"
        );
        assert_eq!(shown("a\tb\r\n"), "a    b\\r\\n");
        assert_eq!(shown("äöü 日本 e\u{301} ключ"), "äöü 日本 e\u{301} ключ");
    }

    #[test]
    fn every_character_that_passes_is_harmless() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = shown(&c.to_string());
            assert!(!text.contains(|c: char| c.is_control()), "{c:?}");
        }
    }

    #[test]
    fn widths_are_those_of_a_terminal() {
        assert_eq!(width("abc"), 3);
        assert_eq!(width("日本"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn logging_commands_are_seen() {
        assert!(is_command(b"##[group]", 1));
        assert!(is_command(b"x ##vso[task.x]", 3));
        assert!(!is_command(b"## heading [x]", 1));
        assert!(!is_command(b"#[derive]", 0));
    }
}
