//! Sorts the bytes of a text into classes, as many at once as the processor can: 64 bytes become a number with a bit
//! for each, the first one lowest.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};
use std::sync::LazyLock;

/// Bytes that are classed together.
pub(super) const CHUNK: usize = 64;
/// Chunks whose masks are made at once: enough to forget what it takes to ask what the processor can.
const BLOCK: usize = 64;

/// The bytes of a chunk that are of a class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Masks {
    /// Digits of base64, of both alphabets.
    pub(super) digits: u64,
    /// Bytes that an escape may begin with.
    pub(super) marks: u64,
    /// Zeros.
    pub(super) zeros: u64,
}

/// The masks of a text, block by block; bytes behind its end are of no class.
pub(super) struct Blocks<'a> {
    /// What is not classed yet.
    rest: &'a [u8],
    masks: [Masks; BLOCK],
}

impl<'a> Blocks<'a> {
    /// Those of a text.
    pub(super) fn new(text: &'a [u8]) -> Self {
        Blocks { rest: text, masks: [Masks::default(); BLOCK] }
    }

    /// The masks of the next chunks, all full but the last of the text; none at its end.
    pub(super) fn next(&mut self) -> &[Masks] {
        static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);
        let (now, rest) = self.rest.split_at(self.rest.len().min(BLOCK * CHUNK));
        self.rest = rest;
        let (whole, last) = now.as_chunks::<CHUNK>();
        let out = &mut self.masks;
        dispatch!(*LEVEL, simd => classify(simd, whole, out));
        let mut end = whole.len();
        if !last.is_empty()
            && let Some(masks) = self.masks.get_mut(end)
        {
            let mut chunk = [b' '; CHUNK];
            chunk.iter_mut().zip(last).for_each(|(to, from)| *to = *from);
            dispatch!(*LEVEL, simd => classify(simd, &[chunk], std::slice::from_mut(masks)));
            end += 1;
        }
        self.masks.get(..end).unwrap_or_default()
    }
}

#[inline(always)]
fn classify<S: Simd>(simd: S, chunks: &[[u8; CHUNK]], out: &mut [Masks]) {
    let all = |byte| u8x64::splat(simd, byte);
    let from = |bytes: u8x64<S>, first: u8, last: u8| (bytes - all(first)).simd_le(all(last - first));
    for (chunk, masks) in chunks.iter().zip(out) {
        let bytes = u8x64::from_slice(simd, chunk);
        let is = |byte| bytes.simd_eq(all(byte));
        // `/` stands in front of the digits
        let letters_and_digits = from(bytes | all(0x20), b'a', b'z') | from(bytes, b'/', b'9');
        // an ampersand alone stands in code everywhere; that of the last byte may be one of a reference
        let references = is(b'&').to_bitmask() & (is(b'#').to_bitmask() >> 1 | 1 << (CHUNK - 1));
        *masks = Masks {
            digits: (letters_and_digits | is(b'+') | is(b'-') | is(b'_')).to_bitmask(),
            marks: (is(b'\\') | is(b'%')).to_bitmask() | references,
            zeros: is(0).to_bitmask(),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::base64::digit;
    use super::*;
    use proptest::prelude::*;

    fn naive(text: &[u8]) -> Vec<Masks> {
        let mask = |chunk: &[u8], is_in: &dyn Fn(usize, u8) -> bool| {
            chunk.iter().enumerate().fold(0, |mask, (n, byte)| mask | u64::from(is_in(n, *byte)) << n)
        };
        let refers = |chunk: &[u8], n: usize| n == CHUNK - 1 || chunk.get(n + 1) == Some(&b'#');
        text.chunks(CHUNK)
            .map(|chunk| Masks {
                digits: mask(chunk, &|_, byte| digit(byte).is_some()),
                marks: mask(chunk, &|n, byte| matches!(byte, b'\\' | b'%') || byte == b'&' && refers(chunk, n)),
                zeros: mask(chunk, &|_, byte| byte == 0),
            })
            .collect()
    }

    fn ours(text: &[u8]) -> Vec<Masks> {
        let (mut all, mut blocks) = (vec![], Blocks::new(text));
        loop {
            match blocks.next() {
                [] => return all,
                masks => all.extend_from_slice(masks),
            }
        }
    }

    #[test]
    fn every_byte_is_of_its_class() {
        let text: Vec<u8> = (0..=255).collect();
        assert_eq!(ours(&text), naive(&text));
    }

    proptest! {
        #[test]
        fn texts_of_every_length(text in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'&'), Just(b'#')], 0..9000)) {
            prop_assert_eq!(ours(&text), naive(&text));
        }
    }
}
