//! Answers written by the caller, byte for byte, for tests of what a client does with them.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hyper::StatusCode;
use hyper::header::{HeaderName, HeaderValue};

use crate::body::{self, Response};
use crate::calls::OpenCall;

/// An answer for every call to one model id: exactly these bytes, one HTTP chunk for each element
/// of `chunks`, and then the given end.
///
/// Nothing is added to the headers but what HTTP needs, so a `content-length` given here may lie.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "a literal of it is the way to write one")]
pub struct Staged {
    /// HTTP status; one that HTTP does not have becomes 200.
    pub status: u16,
    /// Header names and values; those that HTTP cannot carry are left out.
    pub headers: Vec<(String, String)>,
    /// The body, an HTTP chunk at a time.
    pub chunks: Vec<Vec<u8>>,
    /// What happens after the last chunk.
    pub end: End,
}

/// How a staged answer ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum End {
    /// The body ends as HTTP ends a body.
    Clean,
    /// The connection is cut with the body unfinished.
    Reset,
    /// Nothing more is sent, and the connection stays open.
    Stall,
}

impl Staged {
    /// Writes the answer; `call` is counted as open until its body has ended or is dropped.
    pub(crate) fn respond(&self, call: OpenCall) -> Response {
        let chunks = stream::iter(self.chunks.clone()).map(|chunk| Ok(Bytes::from(chunk)));
        let body = match self.end {
            End::Clean => body::stream(held(chunks, call)),
            End::Reset => body::stream(held(chunks.chain(stream::once(body::cut_off())), call)),
            End::Stall => body::stream(held(chunks.chain(stream::pending()), call)),
        };
        let mut response = hyper::Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), value.parse::<HeaderValue>())
            {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

/// The same stream, with `call` open until it ends.
fn held<S: futures_util::Stream>(
    items: S,
    call: OpenCall,
) -> impl futures_util::Stream<Item = S::Item> {
    items.map(move |item| {
        let _open = &call;
        item
    })
}
