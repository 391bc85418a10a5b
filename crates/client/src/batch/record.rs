//! What a batch is made of.

use codec::Request;
use codec::batch::RawJson;

/// One record of a batch: a request, and an id by which its result is known.
#[derive(Clone, Debug)]
pub struct Record {
    id: Option<String>,
    input: Input,
}

#[derive(Clone, Debug)]
pub(crate) enum Input {
    Request(Box<Request>),
    Body(RawJson),
}

impl Record {
    /// A record of this request, which is written in the form that the job takes.
    pub fn new(request: Request) -> Self {
        Self { id: None, input: Input::Request(Box::new(request)) }
    }

    /// A record of a body, a JSON object, which the service knows as `modelInput`.
    ///
    /// It is sent as it is, and the service judges it: what it refuses comes back as the error of
    /// this one record. See [`Batch`](crate::batch::Batch) for the form that a body must have.
    pub fn body(body: RawJson) -> Self {
        Self { id: None, input: Input::Body(body) }
    }

    /// The same record under an id. Ids differ within a job; a short one of letters and digits is
    /// what Bedrock's documents ask for.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Option<String>>) -> Self {
        self.id = id.into();
        self
    }

    /// The id that a record at this position, counted from 1, has if it was given none:
    /// `r00000001` and so on. The same input therefore has the same ids each time.
    pub fn id_at(position: u64) -> String {
        format!("r{position:08}")
    }

    /// The id that the record was given, if it was.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The request, or else the body.
    pub(crate) fn into_request(self) -> Result<Request, RawJson> {
        match self.input {
            Input::Request(request) => Ok(*request),
            Input::Body(body) => Err(body),
        }
    }

    /// The id that the record has at this position, and what it asks for.
    pub(crate) fn into_parts(self, position: u64) -> (String, Input) {
        (self.id.unwrap_or_else(|| Self::id_at(position)), self.input)
    }
}

impl From<Request> for Record {
    fn from(request: Request) -> Self {
        Self::new(request)
    }
}
