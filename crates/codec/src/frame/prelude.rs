//! The first twelve bytes of a frame: two lengths, and the checksum over them.

use super::error::FrameError;

/// Lengths that were checked: they fit each other and the limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Prelude {
    total: u32,
    headers: u32,
}

/// The sections of a frame that is there to its last byte.
pub(super) struct Parts<'a> {
    /// Everything that the last checksum covers.
    pub(super) summed: &'a [u8],
    pub(super) headers: &'a [u8],
    pub(super) payload: &'a [u8],
    /// The last four bytes.
    pub(super) checksum: u32,
}

impl Prelude {
    /// Reads the prelude at the beginning of `bytes`; `None` if it is not all there yet.
    pub(super) fn read(bytes: &[u8], max_len: usize) -> Result<Option<Self>, FrameError> {
        let Some((prelude, _)) = bytes.split_first_chunk::<PRELUDE_LEN>() else {
            return Ok(None);
        };
        let [t0, t1, t2, t3, h0, h1, h2, h3, checksum @ ..] = *prelude;
        // The checksum comes first: a damaged length is called damaged, and is never acted upon.
        let stated = u32::from_be_bytes(checksum);
        let actual = crc32fast::hash(&[t0, t1, t2, t3, h0, h1, h2, h3]);
        if actual != stated {
            return Err(FrameError::PreludeChecksum { stated, actual });
        }
        let total = u32::from_be_bytes([t0, t1, t2, t3]);
        let headers = u32::from_be_bytes([h0, h1, h2, h3]);
        let Some(room) = total.checked_sub(OVERHEAD) else {
            return Err(FrameError::TooShort { total });
        };
        if headers > room {
            return Err(FrameError::HeadersOverrun { headers, total });
        }
        if total as usize > max_len {
            return Err(FrameError::TooLong { total: total as usize, max: max_len });
        }
        Ok(Some(Self { total, headers }))
    }

    /// The length of the whole frame, both checksums included.
    pub(super) fn total(self) -> usize {
        self.total as usize
    }

    /// Takes the frame at the beginning of `bytes` apart; `None` if it is not all there yet.
    pub(super) fn cut(self, bytes: &[u8]) -> Option<Parts<'_>> {
        let (frame, _) = bytes.split_at_checked(self.total())?;
        let (summed, checksum) = frame.split_last_chunk()?;
        let (_, body) = summed.split_first_chunk::<PRELUDE_LEN>()?;
        let (headers, payload) = body.split_at_checked(self.headers as usize)?;
        Some(Parts { summed, headers, payload, checksum: u32::from_be_bytes(*checksum) })
    }
}

const PRELUDE_LEN: usize = 12;

/// What a frame is long without headers and payload: the prelude and the last checksum.
pub(super) const OVERHEAD: u32 = 16;
