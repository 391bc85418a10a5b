//! What comes back: bytes, and what the head of the response said.

use bytes::Bytes;

use crate::Body;

/// A response in one piece.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reply {
    /// The head of the response.
    pub meta: Meta,
    /// The body, byte for byte.
    pub body: Bytes,
}

impl Reply {
    /// A reply of these parts.
    pub fn new(meta: Meta, body: impl Into<Bytes>) -> Self {
        Self { meta, body: body.into() }
    }
}

/// A response whose body arrives over time.
#[non_exhaustive]
pub struct Streaming {
    /// The head of the response.
    pub meta: Meta,
    /// The body as it comes off the wire. Pieces have nothing to do with frames.
    pub body: Body,
}

impl Streaming {
    /// A streaming response of these parts.
    pub fn new(meta: Meta, body: Body) -> Self {
        Self { meta, body }
    }
}

impl std::fmt::Debug for Streaming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Streaming").field("meta", &self.meta).finish_non_exhaustive()
    }
}

/// The head of a response with status 200.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Meta {
    /// `x-amzn-RequestId`, which AWS Support asks for.
    pub request_id: Option<String>,
    /// Every response header.
    pub headers: Headers,
}

impl Meta {
    /// The head that these headers make; the request id is taken from among them.
    pub fn new(headers: Headers) -> Self {
        let request_id = headers.get("x-amzn-requestid").map(str::to_owned);
        Self { request_id, headers }
    }
}

/// Headers in the order in which they came, with lower-case names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Headers(Vec<(String, String)>);

impl Headers {
    /// The first value under this name, whatever the case of its letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// Adds a header at the end.
    pub fn push(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_ascii_lowercase(), value.into()));
    }

    /// The headers, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut all = Self::default();
        for (name, value) in headers {
            all.push(name.as_ref(), value);
        }
        all
    }
}
