//! The client: one transport, one set of options, one budget of quota and of retries.

use std::fmt;
use std::sync::Arc;

use codec::{Api, ModelRef, Request};
use transport::rt::{Clock, Entropy, Timer};
use transport::{Jobs, Objects, Operation, ServiceQuotas, Transport};

use crate::builder::{Builder, WantsTransport};
use crate::error::{Error, ErrorKind};
use crate::limiters::Limiters;
use crate::options::{ApiChoice, Options};
use crate::retry::Retries;

/// Makes inference calls on Amazon Bedrock, synchronous, streaming and batch.
///
/// Cloning is cheap, and clones share their quotas and their retry budget.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    pub(crate) options: Options,
}

/// What clones have in common.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) jobs: Option<Arc<dyn Jobs>>,
    pub(crate) objects: Option<Arc<dyn Objects>>,
    pub(crate) service_quotas: Option<Arc<dyn ServiceQuotas>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) limiters: Limiters,
    pub(crate) retries: Retries,
}

impl Client {
    /// Begins a client; the first thing it asks for is a transport.
    pub fn builder() -> Builder<WantsTransport> {
        Builder::new()
    }

    /// The options of this client.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// This client with other options; quotas and retry budget stay shared.
    #[must_use]
    pub fn with_options(&self, options: Options) -> Self {
        Self { shared: Arc::clone(&self.shared), options }
    }

    /// What is left of the quotas for this model, if any were set.
    pub fn quota(&self, model: &ModelRef) -> Option<crate::QuotaSnapshot> {
        self.shared.limiters.snapshot(model)
    }

    /// The interface that a call of this request uses.
    pub(crate) fn api(&self, model: &ModelRef, request: &Request) -> Api {
        match self.options.api {
            ApiChoice::Converse => Api::Converse,
            ApiChoice::Invoke => Api::Invoke,
            // An ARN that hides its family still has Converse, which needs none.
            ApiChoice::Auto => {
                let converses = model.family().is_none_or(|family| family.capabilities().converse);
                if converses && request.prompt.is_none() { Api::Converse } else { Api::Invoke }
            }
        }
    }

    pub(crate) fn jobs(&self) -> Result<&Arc<dyn Jobs>, Error> {
        self.shared.jobs.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "batch needs a transport for jobs: Builder::jobs")
        })
    }

    pub(crate) fn objects(&self) -> Result<&Arc<dyn Objects>, Error> {
        self.shared.objects.as_ref().ok_or_else(|| {
            Error::new(ErrorKind::Config, "batch needs a transport for S3: Builder::objects")
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("transport", &self.shared.transport)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

/// The operation that answers in one piece.
pub(crate) fn unary_operation(api: Api) -> Operation {
    match api {
        Api::Invoke => Operation::InvokeModel,
        _ => Operation::Converse,
    }
}

/// The operation that answers by a stream.
pub(crate) fn stream_operation(api: Api) -> Operation {
    match api {
        Api::Invoke => Operation::InvokeModelWithResponseStream,
        _ => Operation::ConverseStream,
    }
}
