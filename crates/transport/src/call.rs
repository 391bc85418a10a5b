//! What is asked: an operation, an address, a body, and how long it may take.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;

use crate::reply::Headers;

/// One inference call, ready to be sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Which operation of `bedrock-runtime` to call.
    pub operation: Operation,
    /// The model id, inference profile id or ARN, as it is written in the path, not yet encoded.
    pub address: String,
    /// The JSON body, sent byte for byte.
    pub body: Bytes,
    /// Headers to send beside those of the transport, such as `x-amzn-bedrock-service-tier`.
    pub headers: Headers,
    /// How long the parts of the call may take.
    pub limits: Limits,
}

impl Call {
    /// A call without extra headers, under the default limits.
    pub fn new(operation: Operation, address: impl Into<String>, body: impl Into<Bytes>) -> Self {
        Self {
            operation,
            address: address.into(),
            body: body.into(),
            headers: Headers::default(),
            limits: Limits::default(),
        }
    }

    /// The same call under other limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }
}

/// An inference operation of `bedrock-runtime`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// One reply in the model's native form.
    InvokeModel,
    /// A stream of chunks in the model's native form.
    InvokeModelWithResponseStream,
    /// One reply in Converse's form.
    Converse,
    /// A stream of events in Converse's form.
    ConverseStream,
}

impl Operation {
    /// Every operation, in the order of their declaration.
    pub const ALL: [Self; 4] = [
        Self::InvokeModel,
        Self::InvokeModelWithResponseStream,
        Self::Converse,
        Self::ConverseStream,
    ];

    /// The operation's name in the AWS API.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvokeModel => "InvokeModel",
            Self::InvokeModelWithResponseStream => "InvokeModelWithResponseStream",
            Self::Converse => "Converse",
            Self::ConverseStream => "ConverseStream",
        }
    }

    /// Whether it is answered by an event stream.
    pub fn streams(self) -> bool {
        matches!(self, Self::InvokeModelWithResponseStream | Self::ConverseStream)
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How long the parts of a call may take. `None` is no limit.
///
/// The transport itself enforces [`connect`](Self::connect) only; the facade enforces the others
/// around any transport, since the AWS SDK never times out an event stream that has stalled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// To a connection, the TLS handshake included. Default: 5 s.
    pub connect: Option<Duration>,
    /// From the start of an attempt to the head of its response. For a call answered in one piece
    /// this is the whole generation. Default: 5 min.
    pub first_byte: Option<Duration>,
    /// Between two pieces of a response body. Default: 60 s.
    pub idle: Option<Duration>,
    /// For the whole call: waiting for admission, every attempt and the pauses between them.
    /// Default: 15 min.
    pub total: Option<Duration>,
}

impl Limits {
    /// No limits at all.
    pub const NONE: Self = Self { connect: None, first_byte: None, idle: None, total: None };

    /// The same limits with another one for the whole call.
    #[must_use]
    pub fn with_total(mut self, total: impl Into<Option<Duration>>) -> Self {
        self.total = total.into();
        self
    }

    /// The same limits with another one for the connection.
    #[must_use]
    pub fn with_connect(mut self, connect: impl Into<Option<Duration>>) -> Self {
        self.connect = connect.into();
        self
    }

    /// The same limits with another one for the head of the response.
    #[must_use]
    pub fn with_first_byte(mut self, first_byte: impl Into<Option<Duration>>) -> Self {
        self.first_byte = first_byte.into();
        self
    }

    /// The same limits with another one for the pause between two pieces of a body.
    #[must_use]
    pub fn with_idle(mut self, idle: impl Into<Option<Duration>>) -> Self {
        self.idle = idle.into();
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Some(Duration::from_secs(5)),
            first_byte: Some(Duration::from_secs(5 * 60)),
            idle: Some(Duration::from_secs(60)),
            total: Some(Duration::from_secs(15 * 60)),
        }
    }
}
