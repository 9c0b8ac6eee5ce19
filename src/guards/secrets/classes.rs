//! The classes of bytes, as many at once as the processor can.

use fearless_simd::prelude::*;
use fearless_simd::{Level, dispatch, u8x64};
use std::sync::LazyLock;

/// What the processor can.
pub(super) static LEVEL: LazyLock<Level> = LazyLock::new(Level::new);

/// Bytes that are looked up together.
const CHUNK: usize = 64;

/// A class for each byte.
pub(super) struct Classes<'a> {
    table: &'a [u8; 256],
    /// Whether bytes beyond ASCII have classes other than 0.
    is_ascii: bool,
}

impl<'a> Classes<'a> {
    /// Those of a table.
    pub(super) fn new(table: &'a [u8; 256]) -> Self {
        Classes { table, is_ascii: table[128..].iter().all(|class| *class == 0) }
    }

    /// Writes the classes of some texts of the same length to the fronts of as many buffers, which are as long.
    pub(super) fn of_all<const TEXTS: usize, const LEN: usize>(
        &self,
        texts: [&[u8]; TEXTS],
        out: &mut [[u8; LEN]; TEXTS],
    ) {
        dispatch!(*LEVEL, simd => {
            for (text, out) in texts.into_iter().zip(out) {
                self.of(simd, text, out);
            }
        });
    }

    #[inline(always)]
    fn of<S: Simd>(&self, simd: S, text: &[u8], out: &mut [u8]) {
        let quarter = |n: usize| u8x64::from_slice(simd, &self.table[n * CHUNK..][..CHUNK]);
        let tables = [quarter(0), quarter(1), quarter(2), quarter(3)];
        let ascii = u8x64::splat(simd, 0x7f);
        let (chunks, rest) = text.as_chunks::<CHUNK>();
        let (whole, last) = out.split_at_mut(text.len() - rest.len());
        for (chunk, out) in chunks.iter().zip(whole.as_chunks_mut::<CHUNK>().0) {
            let bytes = u8x64::from_slice(simd, chunk);
            let index = bytes & ascii;
            let low = tables[0].concat_swizzle_dyn(tables[1], index);
            let high =
                if self.is_ascii { u8x64::splat(simd, 0) } else { tables[2].concat_swizzle_dyn(tables[3], index) };
            bytes.simd_le(ascii).select(low, high).store_slice(out);
        }
        for (byte, out) in rest.iter().zip(last) {
            *out = self.table[usize::from(*byte)];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_class() {
        let text: Vec<u8> = (0..=u8::MAX).chain((0..=u8::MAX).rev()).cycle().take(1000).collect();
        for last in [0, 3] {
            let class = |n: usize| (n as u8).wrapping_mul(if n < 128 { 37 } else { last });
            let table: [u8; 256] = std::array::from_fn(class);
            let classes = Classes::new(&table);
            for len in [0, 1, 63, 64, 65, 200, 500] {
                let texts = [&text[..len], &text[77..77 + len]];
                let mut out = [[0; 512]; 2];
                classes.of_all(texts, &mut out);
                for (text, out) in texts.into_iter().zip(&out) {
                    let naive: Vec<u8> = text.iter().map(|b| table[usize::from(*b)]).collect();
                    assert_eq!(out[..len], naive);
                }
            }
        }
    }
}
