//! Answers written by the caller, byte for byte, for tests of what a client does with them.

use bytes::Bytes;
use futures_util::{StreamExt, stream};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};

use crate::body::{self, Response};
use crate::calls::OpenCall;

/// An answer for every call to one model id: exactly these bytes, one HTTP chunk for each element
/// of `chunks`, and then the given end.
///
/// Nothing is added to the headers but what HTTP needs, so a `content-length` given here may lie.
#[derive(Debug, Clone)]
#[expect(clippy::exhaustive_structs, reason = "a literal of it is the way to write one")]
pub struct Staged {
    /// HTTP status, from 200 to 999.
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

/// A staged answer that can be given.
#[derive(Debug)]
pub(crate) struct Prepared {
    status: StatusCode,
    headers: HeaderMap,
    chunks: Vec<Bytes>,
    end: End,
}

impl Prepared {
    /// `None` if no answer can have the status.
    pub(crate) fn new(staged: Staged) -> Option<Self> {
        let status = StatusCode::from_u16(staged.status).ok();
        let status = status.filter(|status| !status.is_informational())?;
        let headers = staged.headers.iter().filter_map(|(name, value)| {
            Some((name.parse::<HeaderName>().ok()?, value.parse::<HeaderValue>().ok()?))
        });
        let mut all = HeaderMap::new();
        headers.for_each(|(name, value)| {
            all.append(name, value);
        });
        let chunks = staged.chunks.into_iter().map(Bytes::from).collect();
        Some(Self { status, headers: all, chunks, end: staged.end })
    }

    /// Writes the answer; `call` is counted as open until its body has ended or is dropped.
    pub(crate) fn respond(&self, call: OpenCall) -> Response {
        let chunks = stream::iter(self.chunks.clone()).map(Ok);
        let body = match self.end {
            End::Clean => body::stream(held(chunks, call)),
            End::Reset => body::stream(held(chunks.chain(stream::once(body::cut_off())), call)),
            End::Stall => body::stream(held(chunks.chain(stream::pending()), call)),
        };
        let mut response = hyper::Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers.clone();
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
