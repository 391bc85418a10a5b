//! Where the answers of runtime calls come from, if not from the model inside.

use std::path::{Path, PathBuf};

use emulator::{Backend, Builder, Emulator, Replayed, Upstream, UrlError};

use super::environment;
use crate::args::Globals;
use crate::error::Error;

/// Where answers come from.
#[derive(Debug, clap::Args)]
pub(super) struct Source {
    /// Answer runtime calls with the exchanges recorded in this folder, and nothing else
    #[arg(long, value_name = "DIR", conflicts_with_all = ["backend", "output_tokens", "tpd", "concurrency", "refill", "throttle_in_stream"])]
    replay: Option<PathBuf>,
    /// Have a model server answer, as openai=URL, with #NAME behind it for the name of its model;
    /// its key is taken from OPENAI_API_KEY
    #[arg(long, value_name = "KIND=URL", value_parser = model_server, conflicts_with_all = ["output_tokens", "ttft", "tokens_per_second"])]
    backend: Option<ModelServer>,
    /// Forward runtime calls to --upstream and record each exchange in this folder, as --replay
    /// reads it
    #[arg(long, value_name = "DIR", requires = "upstream", conflicts_with_all = ["replay", "backend", "output_tokens", "ttft", "tokens_per_second", "tpd", "concurrency", "refill", "throttle_in_stream"])]
    record: Option<PathBuf>,
    /// The service to record, such as `https://bedrock-runtime.us-east-1.amazonaws.com`; called with
    /// AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and those that go with it
    #[arg(long, value_name = "URL", requires = "record", value_parser = upstream)]
    upstream: Option<Service>,
    /// Name of the model on that server [default: the Bedrock id without a region's prefix]
    #[arg(long, value_name = "NAME", requires = "backend")]
    backend_model: Option<String>,
}

/// A model server, as an option names it.
#[derive(Clone, Debug)]
struct ModelServer {
    url: String,
    backend: Backend,
}

/// The service to record, as an option names it.
#[derive(Clone, Debug)]
struct Service {
    url: String,
    upstream: Upstream,
}

/// Why an option names no model server.
#[derive(Debug, thiserror::Error)]
enum ModelServerError {
    #[error("{0:?} is no model server: write openai=URL")]
    Kind(String),
    #[error(transparent)]
    Url(#[from] UrlError),
}

impl Source {
    /// Refuses the limits that `emulate` shares with other commands where nothing would keep to
    /// them; its own options are refused by clap.
    pub(super) fn check(&self, globals: &Globals) -> Result<(), Error> {
        let source = match (&self.replay, &self.record) {
            (Some(_), _) => "--replay",
            (None, Some(_)) => "--record",
            (None, None) => return Ok(()),
        };
        let limits = [("--rpm", globals.rpm), ("--tpm", globals.tpm)];
        match limits.into_iter().find(|(_, limit)| limit.is_some()) {
            Some((limit, _)) => Err(Error::Usage(format!(
                "the argument '{limit} <N>' cannot be used with '{source} <DIR>', which keeps to no \
                 limits"
            ))),
            None => Ok(()),
        }
    }

    /// Sets the emulator to it.
    pub(super) fn apply(&self, mut builder: Builder) -> Builder {
        if let Some(folder) = &self.replay {
            builder = builder.replay(folder);
        }
        if let Some(ModelServer { backend, .. }) = &self.backend {
            let mut backend = backend.clone();
            if let Some(model) = &self.backend_model {
                backend = backend.model(model);
            }
            if let Some(key) = environment::model_server_key() {
                backend = backend.api_key(key);
            }
            builder = builder.backend(backend);
        }
        if let (Some(folder), Some(service)) = (&self.record, &self.upstream) {
            let upstream = service.upstream.clone();
            builder = builder.record(folder, environment::prove(upstream));
        }
        builder
    }

    /// What a person is warned of at the start.
    pub(super) fn warning(&self) -> Option<String> {
        let server = self.backend.as_ref().map(|server| (&server.url, server.backend.is_exposed()));
        let service = self.upstream.as_ref();
        let service = service.map(|service| (&service.url, service.upstream.is_exposed()));
        let (url, _) = server.or(service).filter(|(_, is_exposed)| *is_exposed)?;
        Some(format!(
            "warning: {url} is neither encrypted nor on this machine, so that keys and prompts can \
             be read on the way; use https"
        ))
    }

    /// What a person is told of it at the start.
    pub(super) fn remark(&self, emulator: &Emulator) -> Option<String> {
        if let Some(ModelServer { url, .. }) = &self.backend {
            return Some(format!("models are answered by the model server at {url}"));
        }
        if let (Some(folder), Some(Service { url, .. })) = (&self.record, &self.upstream) {
            let folder = folder.display();
            return Some(format!(
                "runtime calls are forwarded to {url} and recorded in {folder}, without what \
                 proves who sent them and without account numbers"
            ));
        }
        Some(replays(self.replay.as_ref()?, emulator.replayed()?))
    }
}

/// What is replayed, and what cannot be.
fn replays(folder: &Path, replayed: &Replayed) -> String {
    let Replayed { exchanges, unmatched, .. } = replayed;
    let mut text =
        format!("runtime calls are answered by {exchanges} exchanges of {}", folder.display());
    if !unmatched.is_empty() {
        let named = unmatched.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match unmatched.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let count = unmatched.len();
        text +=
            &format!("; {count} others name no model, so that no call is theirs: {named}{more}");
    }
    text
}

fn model_server(text: &str) -> Result<ModelServer, ModelServerError> {
    let url = text.strip_prefix("openai=");
    let url = url.ok_or_else(|| ModelServerError::Kind(text.into()))?;
    let (url, model) = match url.split_once('#') {
        Some((url, model)) => (url, Some(model)),
        None => (url, None),
    };
    let mut backend = Backend::openai(url)?;
    if let Some(model) = model {
        backend = backend.model(model);
    }
    Ok(ModelServer { url: url.into(), backend })
}

fn upstream(text: &str) -> Result<Service, UrlError> {
    Ok(Service { url: text.into(), upstream: Upstream::new(text)? })
}

/// How many exchanges that cannot be replayed are named.
const NAMED: usize = 5;
