//! Event-stream frames, the envelope of everything that Bedrock streams.
//!
//! ```text
//! u32 total length | u32 headers length | u32 CRC of these 8 bytes | headers | payload | u32 CRC of all before
//! ```
//!
//! All numbers are big-endian, both checksums are CRC-32 as in zlib, and the headers have ten forms of
//! value ([`HeaderValue`]). [`decode`] reads one frame from a slice and copies nothing;
//! [`FrameDecoder`] takes bytes as they come off the wire; [`encode`] writes a frame.
//!
//! Three rules hold for any bytes. Lengths are believed only after the checksum over them agrees, and
//! a length that cannot be is an error as soon as its twelve bytes are there. Nothing of a frame is
//! shown before the checksum over the whole of it agrees. No bytes cause a panic, or an allocation
//! larger than what was pushed calls for.

mod decoder;
mod encode;
mod error;
mod header;
mod prelude;
#[cfg(test)]
mod tests;

use core::fmt;

use self::prelude::Prelude;

pub use self::decoder::FrameDecoder;
pub use self::encode::encode;
pub use self::error::{FrameError, HeaderProblem};
pub use self::header::{HeaderValue, Headers};

/// One whole frame whose checksums agree, borrowed from the bytes it was read from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    headers: Headers<'a>,
    payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// What the frame says it is: the header `:message-type`, in any case.
    ///
    /// Where that header is missing, `:exception-type` and `:error-code` tell.
    pub fn kind(&self) -> FrameKind {
        match self.message_type() {
            Some(kind) if kind.eq_ignore_ascii_case("event") => FrameKind::Event,
            Some(kind) if kind.eq_ignore_ascii_case("exception") => FrameKind::Exception,
            Some(kind) if kind.eq_ignore_ascii_case("error") => FrameKind::Error,
            Some(_) => FrameKind::Other,
            None if self.exception_type().is_some() => FrameKind::Exception,
            None if self.text(":error-code").is_some() => FrameKind::Error,
            None if self.event_type().is_some() => FrameKind::Event,
            None => FrameKind::Other,
        }
    }

    /// The header `:message-type` as sent: `event`, `exception` or `error`.
    pub fn message_type(&self) -> Option<&'a str> {
        self.text(":message-type")
    }

    /// The header `:event-type`: `chunk`, `contentBlockDelta`, …
    pub fn event_type(&self) -> Option<&'a str> {
        self.text(":event-type")
    }

    /// The header `:exception-type` as sent: `throttlingException`, …
    pub fn exception_type(&self) -> Option<&'a str> {
        self.text(":exception-type")
    }

    /// The first header of this name, whatever the case of its letters.
    pub fn header(&self, name: &str) -> Option<HeaderValue<'a>> {
        self.headers.find(name)
    }

    /// The first header of this name, if it is a string.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        match self.header(name) {
            Some(HeaderValue::String(text)) => Some(text),
            _ => None,
        }
    }

    /// All headers with their names, in the order of the wire, duplicates included.
    pub fn headers(&self) -> Headers<'a> {
        self.headers
    }

    /// The payload.
    pub fn payload(&self) -> &'a [u8] {
        self.payload
    }
}

impl fmt::Debug for Frame<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frame")
            .field("headers", &self.headers)
            .field("payload", &format_args!("b\"{}\"", self.payload.escape_ascii()))
            .finish()
    }
}

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FrameKind {
    /// A piece of the reply.
    Event,
    /// An exception that the service's model names; the payload is its JSON.
    Exception,
    /// An error outside the model, told in the headers `:error-code` and `:error-message`.
    Error,
    /// Something else.
    Other,
}

/// What [`decode`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a frame is there or it is not")]
pub enum Decoded<'a> {
    /// Nothing is wrong so far, and bytes are missing.
    Incomplete,
    /// A whole frame.
    Complete {
        /// The frame.
        frame: Frame<'a>,
        /// How many bytes it took; the next frame begins there.
        len: usize,
    },
}

/// Reads the frame at the beginning of `bytes`, which may be at most [`DEFAULT_MAX_LEN`] long.
///
/// # Errors
///
/// Every [`FrameError`] that is not about encoding. Where the twelve bytes of the prelude are wrong,
/// the error comes as soon as they are there.
pub fn decode(bytes: &[u8]) -> Result<Decoded<'_>, FrameError> {
    decode_within(bytes, DEFAULT_MAX_LEN)
}

fn decode_within(bytes: &[u8], max_len: usize) -> Result<Decoded<'_>, FrameError> {
    let Some(prelude) = Prelude::read(bytes, max_len)? else { return Ok(Decoded::Incomplete) };
    let Some(parts) = prelude.cut(bytes) else { return Ok(Decoded::Incomplete) };
    let actual = crc32fast::hash(parts.summed);
    if actual != parts.checksum {
        return Err(FrameError::MessageChecksum { stated: parts.checksum, actual });
    }
    let headers = Headers::check(parts.headers)?;
    let frame = Frame { headers, payload: parts.payload };
    Ok(Decoded::Complete { frame, len: prelude.total() })
}

/// The longest frame that is accepted unless another limit is set: 24 MiB, checksums included.
///
/// The framing allows 16 MiB of payload and 128 KiB of headers.
pub const DEFAULT_MAX_LEN: usize = 24 * 1024 * 1024;
