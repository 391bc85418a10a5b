//! A transport that follows a script.

use std::collections::VecDeque;
use std::future::pending;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt, TryStreamExt, stream};

use super::exchange::{Head, Piece};
use super::{End, Exchange};
use crate::rt::{Clock, Timer};
use crate::{Body, Call, Error, ErrorKind, Meta, Operation, Phase, Reply, Streaming, Transport};

/// A transport that expects certain calls in a certain order, and plays an answer to each.
///
/// A call that the script does not hold fails with an error that names it, and so does
/// [`verify`](Self::verify). Copies share one script.
#[derive(Clone, Debug, Default)]
pub struct Scripted {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    script: VecDeque<Exchange>,
    calls: Vec<Call>,
    unexpected: Vec<ScriptError>,
    open: usize,
    dropped: usize,
}

impl Scripted {
    /// A transport with this script.
    pub fn new(script: impl IntoIterator<Item = Exchange>) -> Self {
        let scripted = Self::default();
        scripted.lock().script.extend(script);
        scripted
    }

    /// Adds an exchange at the end of the script.
    pub fn push(&self, exchange: Exchange) {
        self.lock().script.push_back(exchange);
    }

    /// Every call so far, the unexpected ones included, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.lock().calls.clone()
    }

    /// How many calls are under way: their answer has not been read to its end.
    pub fn open(&self) -> usize {
        self.lock().open
    }

    /// How many calls were cancelled: their future or body was dropped before its end.
    pub fn dropped(&self) -> usize {
        self.lock().dropped
    }

    /// Whether exactly the calls of the script were made.
    ///
    /// # Errors
    ///
    /// The first call that was not expected, or how many of the expected ones never came.
    pub fn verify(&self) -> Result<(), ScriptError> {
        let state = self.lock();
        match (state.unexpected.first(), state.script.len()) {
            (Some(error), _) => Err(error.clone()),
            (None, 0) => Ok(()),
            (None, left) => Err(ScriptError::Left(left)),
        }
    }

    /// The next exchange of the script, if the call is the one that it expects.
    fn begin(&self, call: Call) -> Result<(Bytes, Exchange, Guard), Error> {
        let mut state = self.lock();
        let (got, body) = (call.operation, call.body.clone());
        state.calls.push(call);
        let number = state.calls.len();
        let expected = state.script.pop_front_if(|exchange| exchange.operation == got);
        let Some(exchange) = expected else {
            let expected = state.script.front().map(|exchange| exchange.operation);
            let error = match expected {
                Some(expected) => ScriptError::Other { number, expected, got },
                None => ScriptError::AfterEnd { number, got },
            };
            state.unexpected.push(error.clone());
            return Err(unsupported(error.to_string()));
        };
        state.open += 1;
        drop(state);
        Ok((body, exchange, Guard { scripted: self.clone(), finished: false }))
    }

    async fn play(&self, call: Call) -> Result<Streaming, Error> {
        let (request, exchange, mut guard) = self.begin(call)?;
        let meta = Meta::new(exchange.headers);
        match exchange.head {
            Head::Silence => pending().await,
            Head::Failure(error) => {
                guard.finished = true;
                Err(error)
            }
            Head::Refusal(service) => {
                guard.finished = true;
                Err(Error::refused(service).with_request_id(meta.request_id))
            }
            Head::Answer => {
                let mut pieces = VecDeque::from(exchange.pieces);
                if exchange.echo {
                    pieces.push_front(Piece::Chunk(request));
                }
                // As off a real wire: an error within the body knows what the head said.
                let end = match exchange.end {
                    End::Error(error) if error.request_id().is_none() => {
                        End::Error(error.with_request_id(meta.request_id.clone()))
                    }
                    end => end,
                };
                let playing = Playing { pieces, end, guard };
                Ok(Streaming::new(meta, playing.into_body()))
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Transport for Scripted {
    async fn unary(&self, call: Call) -> Result<Reply, Error> {
        if call.operation.streams() {
            return Err(unsupported(format!("{} is answered by a stream", call.operation)));
        }
        let Streaming { meta, body } = self.play(call).await?;
        let body = body.try_fold(BytesMut::new(), async |mut whole, piece| {
            whole.extend_from_slice(&piece);
            Ok(whole)
        });
        Ok(Reply::new(meta, body.await?))
    }

    async fn streaming(&self, call: Call) -> Result<Streaming, Error> {
        if !call.operation.streams() {
            return Err(unsupported(format!("{} is answered in one piece", call.operation)));
        }
        self.play(call).await
    }
}

/// How the calls differed from the script.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// Another operation was called than the script expects.
    #[error("call {number} is {got}, and the script expects {expected}")]
    Other {
        /// Which call it was, counted from 1.
        number: usize,
        /// What the script expects.
        expected: Operation,
        /// What was called.
        got: Operation,
    },
    /// The script was at its end.
    #[error("call {number} is {got}, and the script is at its end")]
    AfterEnd {
        /// Which call it was, counted from 1.
        number: usize,
        /// What was called.
        got: Operation,
    },
    /// Calls that the script expects were not made.
    #[error("the script expects {0} more calls")]
    Left(usize),
}

/// An answer that is being read.
struct Playing {
    pieces: VecDeque<Piece>,
    end: End,
    guard: Guard,
}

impl Playing {
    fn into_body(self) -> Body {
        stream::unfold(self, Self::next).boxed()
    }

    async fn next(mut self) -> Option<(Result<Bytes, Error>, Self)> {
        while let Some(piece) = self.pieces.pop_front() {
            match piece {
                Piece::Chunk(bytes) => return Some((Ok(bytes), self)),
                Piece::Pause(clock, span) => clock.sleep_until(clock.now().after(span)).await,
            }
        }
        let end = std::mem::take(&mut self.end);
        if matches!(end, End::Stall) {
            return pending().await;
        }
        self.guard.finished = true;
        match end {
            End::Error(error) => Some((Err(error), self)),
            End::Clean | End::Stall => None,
        }
    }
}

/// Counts a call as open while it lives, and as dropped if it dies unfinished.
struct Guard {
    scripted: Scripted,
    finished: bool,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut state = self.scripted.lock();
        state.open -= 1;
        if !self.finished {
            state.dropped += 1;
        }
    }
}

fn unsupported(message: String) -> Error {
    Error::new(ErrorKind::Unsupported, Phase::NotSent, message)
}

#[cfg(test)]
mod tests;
