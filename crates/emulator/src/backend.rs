//! A model server behind the emulator, which speaks in place of the model inside.
//!
//! It is asked at `/v1/chat/completions`, in the form that most local model servers share. All that
//! stands around an answer stays the emulator's own: checks, quotas, formats and streams.

mod ask;
mod hear;
mod read;

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, StatusCode};
use serde_json::Value;

use crate::error::{Kind, Refusal};
use crate::model::Prompt;
use crate::outgoing::{Outgoing, Secret, SendError, ServerUrl, UrlError};
use crate::runtime::Saying;
use crate::whole::{self, Unread};

/// A model server: where it is, and how it is asked.
#[derive(Debug, Clone)]
pub struct Backend {
    url: ServerUrl,
    model: Option<String>,
    key: Option<Secret>,
}

/// A model server that can be asked.
#[derive(Debug)]
pub(crate) struct Server {
    backend: Backend,
    outgoing: Outgoing,
}

impl Backend {
    /// A server with OpenAI's chat completions, at an address such as `http://127.0.0.1:8080`.
    /// Without a path, `/v1` is added.
    ///
    /// # Errors
    /// [`UrlError`] if the text is no address, or needs encryption that was not compiled in.
    pub fn openai(url: &str) -> Result<Self, UrlError> {
        Ok(Self { url: url.parse()?, model: None, key: None })
    }

    /// The name by which the server knows the model. By default it is given the Bedrock id without
    /// a region's prefix.
    #[must_use]
    pub fn model(mut self, name: impl Into<String>) -> Self {
        self.model = Some(name.into());
        self
    }

    /// The key that the server asks for; none by default.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(Secret(key.into()));
        self
    }

    /// Whether others can read on the way what it is sent, keys included: its address is neither
    /// encrypted nor of this machine.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.url.is_exposed()
    }
}

impl Backend {
    pub(crate) const fn url(&self) -> &ServerUrl {
        &self.url
    }
}

impl Server {
    pub(crate) const fn new(backend: Backend, outgoing: Outgoing) -> Self {
        Self { backend, outgoing }
    }

    /// Has the server answer a request to the model of this name, piece by piece if `streaming`.
    pub(crate) async fn say(
        &self,
        request: &codec::Request,
        prompt: &Prompt,
        model: &str,
        streaming: bool,
    ) -> Result<Saying, Refusal> {
        let model = self.backend.model.as_deref().unwrap_or(model);
        let body = ask::body(request, prompt, model, streaming);
        let response = self.outgoing.send(self.request(&body)?, HEAD).await;
        let response = response.map_err(|error| self.failed(&error))?;
        let status = response.status();
        let kind = response.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_stream = kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"));
        if status == StatusCode::OK && is_stream {
            return Ok(hear::stream(response.into_body(), prompt));
        }
        let body = whole::read(response.into_body()).await.map_err(|why| match why {
            Unread::Late => Refusal { kind: Kind::ModelTimeout, ..self.broke(&why.to_string()) },
            Unread::Large | Unread::Broken(_) => self.broke(&why.to_string()),
        })?;
        if status != StatusCode::OK {
            return Err(self.refused(status, &body));
        }
        hear::whole(&body, prompt).map_err(|why| self.broke(&why))
    }

    fn request(&self, body: &Value) -> Result<Request<Full<Bytes>>, Refusal> {
        let path = if self.backend.url.path().is_empty() { "/v1" } else { "" };
        let uri = self.backend.url.join(&format!("{path}/chat/completions"));
        let mut request = Request::post(uri.unwrap_or_default());
        request = request.header(CONTENT_TYPE, "application/json");
        if let Some(Secret(key)) = &self.backend.key {
            request = request.header(AUTHORIZATION, format!("Bearer {key}"));
        }
        let request = request.body(Full::new(body.to_string().into()));
        request.map_err(|error| self.broke(&error.to_string()))
    }

    fn failed(&self, error: &SendError) -> Refusal {
        let kind = match error {
            SendError::Connect(_) => Kind::Unavailable,
            SendError::Broken(_) => Kind::ModelError,
            SendError::Late(_) => Kind::ModelTimeout,
        };
        Refusal::new(kind, format!("The model server at {}: {error}", self.backend.url))
    }

    fn broke(&self, why: &str) -> Refusal {
        let url = &self.backend.url;
        Refusal::new(Kind::ModelError, format!("The model server at {url} answered badly: {why}"))
    }

    /// What the server refuses: what is wrong with the request is the caller's, too many requests
    /// are a throttle, and anything else is an error of the model.
    fn refused(&self, status: StatusCode, body: &[u8]) -> Refusal {
        let kind = match status {
            StatusCode::BAD_REQUEST => Kind::Validation,
            StatusCode::TOO_MANY_REQUESTS => Kind::Throttling,
            StatusCode::SERVICE_UNAVAILABLE => Kind::Unavailable,
            _ => Kind::ModelError,
        };
        let said = serde_json::from_slice(body).ok().as_ref().and_then(read::error);
        let said = said.unwrap_or_else(|| String::from_utf8_lossy(body).trim().into());
        let url = &self.backend.url;
        Refusal::new(kind, format!("The model server at {url} answered {status}: {said}"))
    }
}

/// How long a server may think before it answers.
const HEAD: Duration = Duration::from_secs(600);
