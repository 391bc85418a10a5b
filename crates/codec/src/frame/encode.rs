//! Writing a frame.

use alloc::vec::Vec;

use super::error::FrameError;
use super::header::{self, HeaderValue};
use super::prelude::OVERHEAD;

/// Writes a frame with these headers, in this order, and this payload.
///
/// The limit of [`FrameDecoder`](super::FrameDecoder) is not applied: what can be stated can be
/// written.
///
/// # Errors
///
/// [`FrameError::Header`] if a name has more than 255 bytes or a value more than 32,767, and
/// [`FrameError::TooLong`] if the frame's length does not fit in 32 bits.
///
/// # Examples
///
/// ```
/// use outcrop_codec::frame::{Decoded, FrameKind, decode, encode};
///
/// let headers = [(":message-type", "event".into()), (":event-type", "messageStop".into())];
/// let bytes = encode(&headers, br#"{"stopReason":"end_turn"}"#)?;
/// let Decoded::Complete { frame, len } = decode(&bytes)? else { panic!("it is all there") };
/// assert_eq!((frame.kind(), frame.event_type()), (FrameKind::Event, Some("messageStop")));
/// assert_eq!(len, bytes.len());
/// # Ok::<(), outcrop_codec::frame::FrameError>(())
/// ```
pub fn encode(headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) -> Result<Vec<u8>, FrameError> {
    let mut section = Vec::with_capacity(headers.len() * USUAL_HEADER);
    for (name, value) in headers {
        header::write(name, value, &mut section)?;
    }
    let lengths = lengths(section.len(), payload.len())?;
    let mut frame = Vec::with_capacity(OVERHEAD as usize + section.len() + payload.len());
    frame.extend_from_slice(&lengths);
    put_checksum(&mut frame);
    frame.extend_from_slice(&section);
    frame.extend_from_slice(payload);
    put_checksum(&mut frame);
    Ok(frame)
}

/// The first eight bytes of a frame.
pub(super) fn lengths(headers: usize, payload: usize) -> Result<[u8; 8], FrameError> {
    let total = headers.saturating_add(payload).saturating_add(OVERHEAD as usize);
    let too_long = |_| FrameError::TooLong { total, max: u32::MAX as usize };
    let [t0, t1, t2, t3] = u32::try_from(total).map_err(too_long)?.to_be_bytes();
    let [h0, h1, h2, h3] = u32::try_from(headers).map_err(too_long)?.to_be_bytes();
    Ok([t0, t1, t2, t3, h0, h1, h2, h3])
}

fn put_checksum(frame: &mut Vec<u8>) {
    let checksum = crc32fast::hash(frame);
    frame.extend_from_slice(&checksum.to_be_bytes());
}

/// About how long a header is that Bedrock writes.
const USUAL_HEADER: usize = 32;
