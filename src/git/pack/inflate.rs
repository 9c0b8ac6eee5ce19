//! Decompression of a whole buffer at once.

/// No zlib stream expands further: deflate spends at least one bit on 258 bytes, two with the length's and the
/// distance's code (zlib's technical notes give 1032:1).
const MAX_RATIO: usize = 1032;

/// A zlib stream that is not one, or has another size than was said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct BadStream;

pub(super) struct Inflater(libdeflater::Decompressor);

impl Inflater {
    pub(super) fn new() -> Self {
        Inflater(libdeflater::Decompressor::new())
    }

    /// The `size` bytes that the stream at the start of `src` holds, into `out`.
    pub(super) fn exact(&mut self, src: &[u8], size: usize, out: &mut Vec<u8>) -> Result<(), BadStream> {
        // a size that no stream of this length can have is not worth its memory
        if size > src.len().saturating_mul(MAX_RATIO) {
            return Err(BadStream);
        }
        out.resize(size, 0);
        match self.0.zlib_decompress(src, out) {
            Ok(len) if len == size => Ok(()),
            _ => Err(BadStream),
        }
    }

    /// The bytes of a stream of unknown size, at most `max`; `None` where there are more.
    pub(super) fn unknown(&mut self, src: &[u8], max: usize, out: &mut Vec<u8>) -> Result<Option<()>, BadStream> {
        let most = src.len().saturating_mul(MAX_RATIO).min(max);
        let mut room = src.len().saturating_mul(4).saturating_add(1 << 10).min(most);
        loop {
            out.resize(room, 0);
            match self.0.zlib_decompress(src, out) {
                Ok(len) => {
                    out.truncate(len);
                    return Ok(Some(()));
                }
                Err(libdeflater::DecompressionError::InsufficientSpace) if room < most => {
                    room = room.saturating_mul(4).min(most);
                }
                Err(libdeflater::DecompressionError::InsufficientSpace) => return Ok(None),
                Err(libdeflater::DecompressionError::BadData) => return Err(BadStream),
            }
        }
    }
}
