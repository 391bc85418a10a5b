//! One call of a script and what comes back, to the byte and the chunk.

use std::fmt::Write as _;
use std::time::Duration;

use bytes::Bytes;

use super::ManualClock;
use crate::{Error, Headers, Operation, Service};

/// One call that is expected, and the answer to it.
///
/// ```
/// use outcrop_transport::Operation;
/// use outcrop_transport::testing::{End, Exchange};
///
/// // A stream that stops dead after its first two bytes.
/// let exchange = Exchange::answering(Operation::ConverseStream)
///     .header("x-amzn-requestid", "id-1")
///     .chunks([[0], [0]])
///     .end(End::Stall);
/// assert_eq!(exchange.status(), Some(200));
/// ```
#[derive(Debug)]
pub struct Exchange {
    pub(super) operation: Operation,
    pub(super) head: Head,
    pub(super) headers: Headers,
    pub(super) pieces: Vec<Piece>,
    pub(super) end: End,
    pub(super) echo: bool,
}

#[derive(Debug)]
pub(super) enum Head {
    Answer,
    Refusal(Service),
    Failure(Error),
    Silence,
}

#[derive(Debug)]
pub(super) enum Piece {
    Chunk(Bytes),
    Pause(ManualClock, Duration),
}

impl Exchange {
    /// An answer with status 200, so far without headers or body.
    pub fn answering(operation: Operation) -> Self {
        Self::new(operation, Head::Answer)
    }

    /// An answer whose body is the body of the request.
    pub fn echoing(operation: Operation) -> Self {
        Self { echo: true, ..Self::answering(operation) }
    }

    /// A refusal, written as Bedrock writes it: the code in a header, the message in a JSON body.
    pub fn refusing(operation: Operation, service: Service) -> Self {
        let mut headers = Headers::default();
        if let Some(code) = &service.code {
            headers.push("x-amzn-errortype", format!("{code}:{NAMESPACE}"));
        }
        if let Some(wait) = service.retry_after {
            headers.push("x-amz-retry-after", wait.as_millis().to_string());
        }
        let mut pieces = Vec::new();
        if let Some(message) = &service.message {
            headers.push("content-type", "application/json");
            pieces.push(Piece::Chunk(message_body(message).into()));
        }
        Self { headers, pieces, ..Self::new(operation, Head::Refusal(service)) }
    }

    /// A call that fails before there is any answer.
    pub fn failing(operation: Operation, error: Error) -> Self {
        Self::new(operation, Head::Failure(error))
    }

    /// A call that is never answered.
    pub fn silent(operation: Operation) -> Self {
        Self::new(operation, Head::Silence)
    }

    fn new(operation: Operation, head: Head) -> Self {
        let headers = Headers::default();
        Self { operation, head, headers, pieces: Vec::new(), end: End::Clean, echo: false }
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push(name, value);
        self
    }

    /// Adds a piece to the body of the answer; a stream gives it as one item.
    #[must_use]
    pub fn chunk(mut self, bytes: impl Into<Bytes>) -> Self {
        self.pieces.push(Piece::Chunk(bytes.into()));
        self
    }

    /// Adds pieces to the body of the answer.
    #[must_use]
    pub fn chunks<B: AsRef<[u8]>>(mut self, chunks: impl IntoIterator<Item = B>) -> Self {
        let chunks = chunks.into_iter().map(|chunk| Bytes::copy_from_slice(chunk.as_ref()));
        self.pieces.extend(chunks.map(Piece::Chunk));
        self
    }

    /// Lets time pass on this clock before what follows: the next piece, or the end.
    /// A pause before the first piece of a stream follows its head.
    #[must_use]
    pub fn pause(mut self, clock: &ManualClock, span: Duration) -> Self {
        self.pieces.push(Piece::Pause(clock.clone(), span));
        self
    }

    /// Says how the body ends. Default: [`End::Clean`].
    #[must_use]
    pub fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    /// The operation that is expected.
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// The status of the answer, if there is to be one. Without one, the call [fails](Self::fails) or is
    /// never answered.
    pub fn status(&self) -> Option<u16> {
        match &self.head {
            Head::Answer => Some(200),
            Head::Refusal(service) => Some(service.status),
            Head::Failure(_) | Head::Silence => None,
        }
    }

    /// Whether the call is to fail before there is any answer.
    pub fn fails(&self) -> bool {
        matches!(self.head, Head::Failure(_))
    }

    /// The headers of the answer.
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// The pieces of the body, without the pauses between them.
    pub fn body(&self) -> impl Iterator<Item = &Bytes> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Chunk(bytes) => Some(bytes),
            Piece::Pause(..) => None,
        })
    }

    /// How the body ends.
    pub fn ending(&self) -> &End {
        &self.end
    }

    /// Whether the body of the answer is that of the request.
    pub fn echoes(&self) -> bool {
        self.echo
    }
}

/// How the body of an answer ends.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum End {
    /// As it should, or at least looking like it.
    #[default]
    Clean,
    /// With an error, where a connection would break.
    Error(Error),
    /// Not at all: after the last piece nothing ever comes.
    Stall,
}

fn message_body(message: &str) -> String {
    let mut body = String::from("{\"message\":\"");
    for character in message.chars() {
        match character {
            '"' | '\\' => body.extend(['\\', character]),
            // Writing to a `String` cannot fail.
            '\0'..='\x1f' => _ = write!(body, "\\u{:04x}", u32::from(character)),
            _ => body.push(character),
        }
    }
    body + "\"}"
}

const NAMESPACE: &str = "http://internal.amazon.com/coral/com.amazon.bedrock/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_written_as_bedrock_writes_it() {
        let mut service = Service::new(
            429,
            "ThrottlingException".to_owned(),
            "Too \"many\"\n\\ tokens, né?".to_owned(),
        );
        service.retry_after = Some(Duration::from_millis(1500));
        let exchange = Exchange::refusing(Operation::Converse, service);
        assert_eq!(exchange.status(), Some(429));
        assert_eq!(
            exchange.headers().get("x-amzn-errortype"),
            Some("ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/")
        );
        assert_eq!(exchange.headers().get("x-amz-retry-after"), Some("1500"));
        let body: Vec<_> = exchange.body().collect();
        assert_eq!(body, [r#"{"message":"Too \"many\"\u000a\\ tokens, né?"}"#]);
    }
}
