//! Frames from bytes that arrive in pieces of any size.

use alloc::vec::Vec;
use core::{fmt, mem};

use super::error::FrameError;
use super::{DEFAULT_MAX_LEN, Decoded, Frame, decode_within};

/// Takes bytes as they come off the wire, and gives whole frames.
///
/// It holds what was pushed and not yet taken, and at most about twice that. Taking every frame
/// after each push bounds it by the limit and one push. The work is linear in the bytes pushed,
/// even when they come one by one. After an error it gives the same error for ever, since the
/// beginning of the next frame is not known; frames before the bad one are given first.
///
/// # Examples
///
/// ```
/// use outcrop_codec::frame::{FrameDecoder, encode};
///
/// let wire = encode(&[(":event-type", "chunk".into())], b"{}")?;
/// let mut frames = FrameDecoder::new();
/// frames.push(&wire[..5]);
/// assert_eq!(frames.next()?, None);
/// frames.push(&wire[5..]);
/// assert_eq!(frames.next()?.and_then(|frame| frame.event_type()), Some("chunk"));
/// assert_eq!(frames.pending(), 0);
/// # Ok::<(), outcrop_codec::frame::FrameError>(())
/// ```
#[derive(Clone)]
pub struct FrameDecoder {
    buffer: Vec<u8>,
    /// Where in the buffer the frame begins that comes next.
    start: usize,
    /// Where in the stream that frame begins.
    offset: u64,
    max_len: usize,
    failed: Option<FrameError>,
}

impl FrameDecoder {
    /// A decoder for frames of at most [`DEFAULT_MAX_LEN`] bytes.
    pub fn new() -> Self {
        Self::with_max_len(DEFAULT_MAX_LEN)
    }

    /// A decoder for frames of at most `max_len` bytes, checksums included.
    pub fn with_max_len(max_len: usize) -> Self {
        Self { buffer: Vec::new(), start: 0, offset: 0, max_len, failed: None }
    }

    /// Takes the next bytes of the stream. After an error they are dropped.
    pub fn push(&mut self, bytes: &[u8]) {
        if self.failed.is_some() {
            return;
        }
        // Moving the rest to the front only when it is the smaller half keeps the work linear.
        if self.start > 0 && self.start >= self.buffer.len() - self.start {
            self.buffer.drain(..mem::take(&mut self.start));
            self.buffer.shrink_to(KEPT_CAPACITY);
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame, or `None` if more bytes are needed for it.
    ///
    /// # Errors
    ///
    /// A [`FrameError`] as soon as the bytes show it, and the same one from then on.
    #[expect(clippy::should_implement_trait, reason = "the frame borrows from the decoder")]
    pub fn next(&mut self) -> Result<Option<Frame<'_>>, FrameError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        let rest = self.buffer.get(self.start..).unwrap_or_default();
        match decode_within(rest, self.max_len) {
            Ok(Decoded::Incomplete) => Ok(None),
            Ok(Decoded::Complete { frame, len }) => {
                self.start += len;
                self.offset += len as u64;
                Ok(Some(frame))
            }
            Err(error) => {
                self.failed = Some(error);
                Err(error)
            }
        }
    }

    /// How many bytes are held that belong to no frame given so far.
    ///
    /// Once [`next`](Self::next) gave `None`, these are the beginning of a frame that is not whole:
    /// if the stream ends now, it was cut.
    pub fn pending(&self) -> usize {
        self.buffer.len() - self.start
    }

    #[cfg(test)]
    pub(super) fn capacity(&self) -> usize {
        self.buffer.capacity()
    }

    /// Where in the stream the frame begins that comes next, or that is the bad one, in bytes.
    pub fn offset(&self) -> u64 {
        self.offset
    }
}

impl Default for FrameDecoder {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for FrameDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FrameDecoder")
            .field("pending", &self.pending())
            .field("offset", &self.offset)
            .field("max_len", &self.max_len)
            .field("failed", &self.failed)
            .finish()
    }
}

/// A buffer that one large frame made grow is given back, down to this many bytes.
const KEPT_CAPACITY: usize = 64 * 1024;
