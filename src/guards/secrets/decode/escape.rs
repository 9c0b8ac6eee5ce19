//! Backslash escapes, as strings of C, JSON, JavaScript, Python and shells have them.
//!
//! A list of strings in which each but the last ends in an escaped line end, as notebooks keep the source and
//! output of their cells, is one text: quotes and commas between them are passed over.

use super::unit::{Unit, hex_digit};

/// The longest white space between two strings of a list.
const MAX_SPACE: usize = 256;

/// The end of the escape at `at` if it may hide a credential: a character by number, or one that joins a word or
/// quote behind it to what stands in front.
pub(super) fn hiding(text: &[u8], at: usize) -> Option<usize> {
    let [kind, rest @ ..] = text.get(at + 1..)? else { return None };
    let joins = |next: Option<&u8>| next.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    match kind {
        b'u' | b'x' | b'U' | b'0'..=b'7' => character(text, at).map(|(_, end)| end),
        b'n' | b't' | b'r' if joins(rest.first()) => Some(at + 2),
        b'n' => joint(text, at + 2),
        b'"' | b'/' => Some(at + 2),
        b'\\' if rest.first().is_some_and(|b| matches!(b, b'n' | b't' | b'r' | b'"' | b'u' | b'x' | b'/' | b'\\')) => {
            Some(at + 2)
        }
        _ => None,
    }
}

/// The character or byte that an escape by number stands for, and its end.
fn character(text: &[u8], at: usize) -> Option<(Code, usize)> {
    let rest = text.get(at + 2..)?;
    let digits = |from: usize, count: usize| {
        let digits = rest.get(from..from + count)?;
        digits.iter().try_fold(0u32, |code, b| Some(code << 4 | hex_digit(*b)?))
    };
    match text.get(at + 1)? {
        b'x' => Some((Code::Byte(u8::try_from(digits(0, 2)?).ok()?), at + 4)),
        b'U' => Some((Code::Character(digits(0, 8)?), at + 10)),
        b'u' if rest.first() == Some(&b'{') => {
            let len = rest.iter().take(8).position(|b| *b == b'}')?.checked_sub(1).filter(|n| *n > 0)?;
            Some((Code::Character(digits(1, len)?), at + 4 + len))
        }
        b'u' => {
            let code = digits(0, 4)?;
            // two halves of one character
            if (0xd800..0xdc00).contains(&code)
                && rest.get(4..6) == Some(b"\\u")
                && let Some(low) = digits(6, 4).filter(|low| (0xdc00..0xe000).contains(low))
            {
                return Some((Code::Character(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)), at + 12));
            }
            Some((Code::Character(code), at + 6))
        }
        // three octal digits; fewer are more often a reference to a group
        first @ b'0'..=b'3' => match rest {
            [b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                Some((Code::Byte((first - b'0') << 6 | (b - b'0') << 3 | (c - b'0')), at + 4))
            }
            _ => None,
        },
        _ => None,
    }
}

enum Code {
    Byte(u8),
    Character(u32),
}

/// One byte, or what an escape stands for; what is no escape stands for itself.
pub(super) fn unit(text: &[u8], at: usize) -> Unit {
    if text.get(at) != Some(&b'\\') {
        return Unit::literal(text, at);
    }
    match character(text, at) {
        Some((Code::Byte(byte), end)) => return Unit::whole(&[byte], at, end),
        Some((Code::Character(code), end)) => return Unit::character(code, at, end),
        None => {}
    }
    let byte = match text.get(at + 1) {
        Some(b'n') => {
            let end = joint(text, at + 2).unwrap_or(at + 2);
            return Unit::whole(b"\n", at, end);
        }
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(same @ (b'"' | b'\'' | b'/' | b'\\' | b'`' | b'$')) => *same,
        _ => return Unit::literal(text, at),
    };
    Unit::whole(&[byte], at, at + 2)
}

/// Where the next string of a list begins, if one ends at `at` and a line break lies between the two.
fn joint(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let quote = rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
    let (mut breaks, mut commas) = (false, 0);
    for (n, byte) in rest.iter().enumerate().skip(1).take(MAX_SPACE) {
        match byte {
            b'\n' => breaks = true,
            b' ' | b'\t' | b'\r' => {}
            b',' | b'+' if commas == 0 => commas = 1,
            _ if byte == quote && breaks => return Some(at + n + 1),
            _ => return None,
        }
    }
    None
}
