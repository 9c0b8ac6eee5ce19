//! The encodings, one step at a time: a step is what a few bytes of an encoded text stand for, and where each of
//! them comes from. Decoding and looking a place up again go through the same steps, so they cannot disagree.

use super::{base64, entity, escape, hex, percent, utf16};

/// An encoding, or text that is taken along as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Codec {
    /// Not encoded: what stands beside an encoded value on its line.
    Context,
    /// RFC 4648 sections 4 and 5, with line breaks.
    Base64,
    /// RFC 4648 section 8, with line breaks.
    Hex,
    /// RFC 3986 section 2.1.
    Percent,
    /// Backslash escapes of C, JSON (RFC 8259 section 7) and their kin.
    Escapes,
    /// Character references of HTML and XML.
    Entities,
    /// ASCII characters in 16-bit units, of either byte order.
    Wide,
    /// A whole text in UTF-16, little-endian.
    Utf16Le,
    /// A whole text in UTF-16, big-endian.
    Utf16Be,
}

impl Codec {
    /// The name in findings.
    pub(super) fn name(self) -> &'static str {
        match self {
            Codec::Context => "",
            Codec::Base64 => "base64",
            Codec::Hex => "hex",
            Codec::Percent => "percent",
            Codec::Escapes => "escapes",
            Codec::Entities => "entities",
            Codec::Wide | Codec::Utf16Le | Codec::Utf16Be => "utf-16",
        }
    }

    /// How many bytes at the front of `text` stand for themselves; the rest is asked of [`Codec::unit`].
    pub(super) fn plain(self, text: &[u8]) -> usize {
        let until = |byte| memchr::memchr(byte, text).unwrap_or(text.len());
        match self {
            Codec::Context => text.len(),
            Codec::Percent => until(b'%'),
            Codec::Escapes => until(b'\\'),
            Codec::Entities => until(b'&'),
            _ => 0,
        }
    }

    /// What stands at `at`, which must be inside of `text`.
    pub(super) fn unit(self, text: &[u8], at: usize) -> Unit {
        match self {
            Codec::Context => Unit::literal(text, at),
            Codec::Base64 => base64::unit(text, at),
            Codec::Hex => hex::unit(text, at),
            Codec::Percent => percent::unit(text, at),
            Codec::Escapes => escape::unit(text, at),
            Codec::Entities => entity::unit(text, at),
            Codec::Wide => utf16::wide_unit(text, at),
            Codec::Utf16Le => utf16::unit(text, at, false),
            Codec::Utf16Be => utf16::unit(text, at, true),
        }
    }
}

/// A decoded byte and the bytes of the encoded text that it comes from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Byte {
    /// What it is.
    pub(super) value: u8,
    /// The first byte that it comes from.
    pub(super) from: usize,
    /// One past the last.
    pub(super) to: usize,
}

/// A step of a decoder.
#[derive(Clone, Copy, Debug)]
pub(super) struct Unit {
    bytes: [Byte; 4],
    len: usize,
    /// Where the next one begins; always further on.
    pub(super) next: usize,
}

impl Unit {
    /// A step of no bytes.
    pub(super) fn nothing(next: usize) -> Self {
        Unit { bytes: [Byte::default(); 4], len: 0, next }
    }

    /// The byte at `at` as it is.
    pub(super) fn literal(text: &[u8], at: usize) -> Self {
        let mut unit = Unit::nothing(at + 1);
        if let Some(&value) = text.get(at) {
            unit.push(Byte { value, from: at, to: at + 1 });
        }
        unit
    }

    /// These bytes, at most four, each from the whole of `at..next`.
    pub(super) fn whole(bytes: &[u8], at: usize, next: usize) -> Self {
        let mut unit = Unit::nothing(next);
        bytes.iter().for_each(|&value| unit.push(Byte { value, from: at, to: next }));
        unit
    }

    /// A character as UTF-8; what is no character becomes U+FFFD.
    pub(super) fn character(code: u32, at: usize, next: usize) -> Self {
        let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        Unit::whole(character.encode_utf8(&mut [0; 4]).as_bytes(), at, next)
    }

    /// Adds a byte; a fifth one is dropped.
    pub(super) fn push(&mut self, byte: Byte) {
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    /// The decoded bytes.
    pub(super) fn bytes(&self) -> &[Byte] {
        self.bytes.get(..self.len).unwrap_or_default()
    }
}

/// The value of a hexadecimal digit.
pub(super) fn hex_digit(byte: u8) -> Option<u32> {
    char::from(byte).to_digit(16)
}

/// Whether decoded bytes are the beginning of a text: UTF-8 without control characters, or ASCII in 16-bit units.
/// Random bytes pass for twelve bytes once in some ten thousand times, for eighteen once in ten million.
pub(super) fn is_text(head: &[u8]) -> bool {
    let printable = |b: u8| matches!(b, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    let utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        // the last character may be cut
        Err(error) => error.error_len().is_none() && error.valid_up_to() + 4 > head.len(),
    };
    if utf8 && head.iter().all(|&b| b >= 0x80 || printable(b)) {
        return true;
    }
    let wide = |text: &[u8]| text.chunks_exact(2).all(|pair| printable(pair[0]) && pair[1] == 0);
    let marked = |mark: &[u8]| head.strip_prefix(mark);
    wide(marked(b"\xff\xfe").unwrap_or(head)) || head.get(1..).is_some_and(|rest| head[0] == 0 && wide(rest))
}
