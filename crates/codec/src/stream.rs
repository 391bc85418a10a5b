//! Streams: bytes off the wire in, events out, and an end that cannot be mistaken.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::converse::stream::unknown;
use crate::error::DecodeError;
use crate::event::Event;
use crate::fault::Fault;
use crate::fold::Fold;
use crate::format::{Api, EventDecoder, known_format};
use crate::frame::{Frame, FrameDecoder, FrameError, FrameKind};
use crate::model::ModelRef;
use crate::reply::{Partial, Reply};

/// Reads the stream of one reply.
///
/// Bytes go in as they come, in pieces of any size, and the same bytes give the same events. What a
/// corrupt frame holds never becomes an event; whole frames before it do.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{Api, Finish, ModelRef, StreamDecoder};
///
/// let model = ModelRef::parse("us.amazon.nova-lite-v1:0")?;
/// let mut stream = StreamDecoder::new(&model, Api::Converse)?;
/// # let pieces: [&[u8]; 0] = [];
/// for piece in pieces {
///     stream.push(piece);
///     while let Some(event) = stream.next()? {
///         let _text = event.text();
///     }
/// }
/// // Nothing has come, so this is no reply.
/// assert!(matches!(stream.finish(), Finish::Incomplete { .. }));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct StreamDecoder {
    frames: FrameDecoder,
    decoder: Box<dyn EventDecoder>,
    /// The events of the latest frame that have not been given, the next one last.
    ready: Vec<Event>,
    fold: Fold,
    failure: Option<StreamError>,
    deaf: bool,
}

/// How a stream ended.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a reply is whole or it is not")]
pub enum Finish {
    /// The message is whole.
    Complete(Reply),
    /// It is not.
    Incomplete {
        /// What stopped it.
        why: StreamError,
        /// What had arrived.
        partial: Partial,
    },
}

/// Why a stream ended before its message did.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StreamError {
    /// The bytes ended between two frames, without the event that ends a message.
    #[error("the stream ended before the reply was finished")]
    EndOfStream,
    /// The bytes ended inside a frame.
    #[error("the stream ended inside a frame, {pending} bytes into it")]
    TornFrame {
        /// How many bytes of the unfinished frame there are.
        pending: usize,
    },
    /// A frame is corrupt.
    #[error("the stream is corrupt: {0}")]
    Frame(FrameError),
    /// The service reported an exception.
    #[error("{0}")]
    Fault(Fault),
    /// A frame holds what the format does not say.
    #[error("the stream holds an event that cannot be read: {0}")]
    Payload(DecodeError),
}

impl From<FrameError> for StreamError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

impl From<DecodeError> for StreamError {
    fn from(error: DecodeError) -> Self {
        Self::Payload(error)
    }
}

impl StreamDecoder {
    /// A decoder for a stream of this model.
    ///
    /// # Errors
    ///
    /// Where the family is not known, and with it the format of its chunks.
    pub fn new(model: &ModelRef, api: Api) -> Result<Self, DecodeError> {
        Ok(Self {
            frames: FrameDecoder::new(),
            decoder: known_format(model, api)?.event_decoder(model),
            ready: Vec::new(),
            fold: Fold::new(),
            failure: None,
            deaf: false,
        })
    }

    /// Adds bytes off the wire.
    pub fn push(&mut self, bytes: &[u8]) {
        self.frames.push(bytes);
    }

    /// The next event; `None` where more bytes are needed, and for good once the metadata was read.
    ///
    /// # Errors
    ///
    /// What stopped the stream, and the same again at every further call. Corrupt bytes after the
    /// end of the message are no error: the reply is whole, and nothing after them is read.
    #[expect(clippy::should_implement_trait, reason = "`None` is not the end, and errors repeat")]
    pub fn next(&mut self) -> Result<Option<Event>, StreamError> {
        loop {
            if let Some(event) = self.ready.pop() {
                return Ok(Some(event));
            }
            if let Some(failure) = &self.failure {
                return Err(failure.clone());
            }
            if self.deaf || self.fold.is_over() {
                return Ok(None);
            }
            let read = match self.frames.next() {
                Ok(None) => return Ok(None),
                Ok(Some(frame)) => read_frame(&mut *self.decoder, &frame, &mut self.ready),
                Err(error) => Err(error.into()),
            };
            for (at, event) in self.ready.iter().enumerate() {
                if let Err(error) = self.fold.push(event) {
                    self.failure = Some(error.into());
                    self.ready.truncate(at);
                    break;
                }
            }
            self.ready.reverse();
            if let Err(error) = read {
                self.stop(error);
            }
        }
    }

    /// Whether the end of the message has been read. The metadata may still come.
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.fold.is_complete()
    }

    /// Whether the metadata has been read too, so that nothing more is expected.
    pub fn is_over(&self) -> bool {
        self.is_complete() && (self.deaf || self.fold.is_over())
    }

    /// The end of the stream, for whatever reason it comes. Bytes that were pushed and not yet
    /// read are read.
    pub fn finish(mut self) -> Finish {
        while let Ok(Some(_)) = self.next() {}
        let mut partial = match self.failure {
            Some(_) => self.fold.into_partial(),
            None => match self.fold.finish() {
                Ok(reply) => return Finish::Complete(reply),
                Err(partial) => *partial,
            },
        };
        let announced = self.decoder.announced();
        partial.stop_reason = partial.stop_reason.or(announced.stop_reason);
        partial.usage = partial.usage.or(announced.usage);
        let why = self.failure.unwrap_or_else(|| match self.frames.pending() {
            0 => StreamError::EndOfStream,
            pending => StreamError::TornFrame { pending },
        });
        Finish::Incomplete { why, partial }
    }

    /// Notes what stopped the stream, unless the message is whole and only bytes are at fault.
    fn stop(&mut self, error: StreamError) {
        let bytes_only = matches!(error, StreamError::Frame(_) | StreamError::Payload(_));
        if bytes_only && self.fold.is_complete() {
            self.deaf = true;
        } else {
            self.failure.get_or_insert(error);
        }
    }
}

impl fmt::Debug for StreamDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamDecoder")
            .field("fold", &self.fold)
            .field("failure", &self.failure)
            .finish_non_exhaustive()
    }
}

fn read_frame(
    decoder: &mut dyn EventDecoder,
    frame: &Frame<'_>,
    events: &mut Vec<Event>,
) -> Result<(), StreamError> {
    match frame.kind() {
        FrameKind::Event => {
            decoder.decode(frame.event_type().unwrap_or_default(), frame.payload(), events)
        }
        // A message of another type is no event, whatever its name.
        _ => match Fault::from_frame(frame) {
            Some(fault) => Err(StreamError::Fault(fault)),
            None => {
                let name = frame.message_type().unwrap_or_default();
                events.push(unknown(name, frame.payload()));
                Ok(())
            }
        },
    }
}
