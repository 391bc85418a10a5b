//! One call, what comes back, and where.

use std::time::Duration;

use bytes::Bytes;

use super::scenarios;
use crate::testing::{End, Exchange};
use crate::{Call, Error, ErrorKind, Operation, Phase, Service};

/// One call of the suite, and the answer to be staged for it.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub(super) kind: &'static str,
    pub(super) operation: Operation,
    pub(super) address: String,
    pub(super) answer: Answer,
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// Status 200, these pieces, and this ending.
    Pieces(Vec<Bytes>, Ending),
    /// Status 200, and the body of the request.
    Echo,
    /// Another status, with the words of the service.
    Refusal(Service),
    /// Another status, with a page that is not the service's.
    Page(u16, &'static str),
    /// The connection closes before any answer.
    Nothing,
    /// The connection stays open, and nothing comes.
    Silence,
    /// The wrong method of the trait is called: nothing may be sent.
    Misuse,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Clean,
    Broken,
    Stall,
}

impl Scenario {
    /// Every scenario, in the order in which they are run.
    pub fn all() -> Vec<Self> {
        scenarios::all()
    }

    /// The plainest one: a call in one piece that goes well.
    pub(super) fn reference() -> Self {
        scenarios::ok(Operation::Converse)
    }

    pub(super) fn new(kind: &'static str, operation: Operation, answer: Answer) -> Self {
        let address = format!("conformance.{kind}.{operation}-v1:0").to_ascii_lowercase();
        Self { kind, operation, address, answer }
    }

    /// Its name: what it is about, a slash, and the operation.
    pub fn name(&self) -> String {
        format!("{}/{}", self.kind, self.operation)
    }

    /// What it is about, such as `one-byte-chunks`.
    pub fn kind(&self) -> &'static str {
        self.kind
    }

    /// The address that is called, which is another one for each scenario: a server can stage all
    /// of them at once, and tell them apart by it.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The call that is made.
    pub fn call(&self) -> Call {
        Call::new(self.operation, self.address.clone(), REQUEST)
    }

    /// What to stage, to the byte and the chunk.
    pub fn exchange(&self) -> Exchange {
        let operation = self.operation;
        let exchange = match &self.answer {
            Answer::Pieces(pieces, ending) => {
                let content_type = match operation.streams() {
                    true => "application/vnd.amazon.eventstream",
                    false => "application/json",
                };
                Exchange::answering(operation)
                    .header("content-type", content_type)
                    .chunks(pieces)
                    .end(ending.end())
            }
            Answer::Echo => Exchange::echoing(operation),
            Answer::Refusal(service) => Exchange::refusing(operation, service.clone()),
            Answer::Page(status, page) => {
                Exchange::refusing(operation, Service::new(*status, None, None))
                    .header("content-type", "text/html")
                    .chunk(*page)
            }
            Answer::Nothing => {
                let message = "the connection closed before an answer came";
                let error = Error::new(ErrorKind::Io, Phase::MaybeSent, message);
                Exchange::failing(operation, error)
            }
            Answer::Silence => Exchange::silent(operation),
            Answer::Misuse => Exchange::answering(operation),
        };
        exchange.header("x-amzn-requestid", self.request_id()).header(EXTRA.0, EXTRA.1)
    }

    /// The service's name for the request.
    pub(super) fn request_id(&self) -> String {
        format!("id-of-{}", self.name())
    }

    /// Whether the call, or the body, must never come to an end.
    pub(super) fn waits(&self) -> bool {
        matches!(self.answer, Answer::Pieces(_, Ending::Stall) | Answer::Silence)
    }
}

impl Ending {
    fn end(self) -> End {
        match self {
            Self::Clean => End::Clean,
            Self::Stall => End::Stall,
            Self::Broken => {
                End::Error(Error::new(ErrorKind::Io, Phase::AnsweredBadly, "the connection broke"))
            }
        }
    }
}

/// A body that only a byte-for-byte copy survives: odd spaces, a key twice, digits that a float
/// would lose, and letters beyond ASCII.
pub(super) const REQUEST: &str =
    "{ \"b\":1.10, \"a\" :12345678901234567890,\"b\":\"\\u00e9é\", \"unheard-of\":null }\n";

/// A header that must reach the caller.
pub(super) const EXTRA: (&str, &str) = ("x-amzn-bedrock-input-token-count", "12");

/// What the throttled scenario asks for.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(1500);
