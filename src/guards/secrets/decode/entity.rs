//! Character references of HTML and XML: numbers, and the names that XML knows.

use super::unit::Unit;

/// The digits of the largest character, with some zeros in front.
const MAX_DIGITS: usize = 8;
/// XML 1.0 section 4.6.
const NAMES: [(&[u8], u32); 5] = [(b"amp;", 0x26), (b"lt;", 0x3c), (b"gt;", 0x3e), (b"quot;", 0x22), (b"apos;", 0x27)];

/// The character that the reference by number at `at` stands for, and its end.
pub(super) fn numbered(text: &[u8], at: usize) -> Option<(u32, usize)> {
    let rest = text.get(at..)?.strip_prefix(b"&#")?;
    let (radix, digits) = match rest {
        [b'x' | b'X', digits @ ..] => (16, digits),
        digits => (10, digits),
    };
    let count = digits.iter().take(MAX_DIGITS + 1).take_while(|b| char::from(**b).is_digit(radix)).count();
    if count == 0 || count > MAX_DIGITS || digits.get(count) != Some(&b';') {
        return None;
    }
    let number = std::str::from_utf8(digits.get(..count)?).ok()?;
    let end = text.len() - digits.len() + count + 1;
    Some((u32::from_str_radix(number, radix).ok()?, end))
}

/// One byte, or the character of a reference.
pub(super) fn unit(text: &[u8], at: usize) -> Unit {
    if let Some((code, end)) = numbered(text, at) {
        return Unit::character(code, at, end);
    }
    let rest = text.get(at + 1..).unwrap_or_default();
    let named = |name: &(&[u8], u32)| text.get(at) == Some(&b'&') && rest.starts_with(name.0);
    match NAMES.iter().find(|name| named(name)) {
        Some((name, code)) => Unit::character(*code, at, at + 1 + name.len()),
        None => Unit::literal(text, at),
    }
}
