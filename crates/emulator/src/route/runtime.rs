//! What the runtime endpoints do: their paths and names.

use hyper::Method;

use super::path::decode;

/// An operation of the runtime, or of the agent runtime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RuntimeCall {
    /// One of the four ways to run a model, with the model id decoded.
    Run { api: RunApi, streaming: bool, model_id: String },
    /// Count the tokens of a request to this model.
    CountTokens(String),
    /// Check a text against the guardrail of this id and version.
    ApplyGuardrail { id: String, version: String },
    /// The agent runtime's own way to rerank.
    Rerank,
}

/// The form of the body: a model's own, or Converse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunApi {
    Invoke,
    Converse,
}

impl RuntimeCall {
    /// The operation at a path, if there is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        if method != Method::POST {
            return None;
        }
        if path == "/rerank" {
            return Some(Self::Rerank);
        }
        if let Some(guardrail) = path.strip_prefix("/guardrail/") {
            let (id, version) = guardrail.strip_suffix("/apply")?.rsplit_once("/version/")?;
            return Some(Self::ApplyGuardrail { id: decode(id)?, version: decode(version)? });
        }
        // An ARN may come with its slashes unescaped, so the operation is what follows the last one.
        let (model, name) = path.strip_prefix("/model/")?.rsplit_once('/')?;
        if model.is_empty() {
            return None;
        }
        let (api, streaming) = match name {
            "count-tokens" => return Some(Self::CountTokens(decode(model)?)),
            "invoke" => (RunApi::Invoke, false),
            "invoke-with-response-stream" => (RunApi::Invoke, true),
            "converse" => (RunApi::Converse, false),
            "converse-stream" => (RunApi::Converse, true),
            _ => return None,
        };
        Some(Self::Run { api, streaming, model_id: decode(model)? })
    }

    /// The model that it is about, as the request names it.
    pub(crate) fn model(&self) -> Option<&str> {
        match self {
            Self::Run { model_id, .. } | Self::CountTokens(model_id) => Some(model_id),
            Self::ApplyGuardrail { .. } | Self::Rerank => None,
        }
    }

    /// What AWS calls it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Run { api: RunApi::Invoke, streaming: false, .. } => "InvokeModel",
            Self::Run { api: RunApi::Invoke, streaming: true, .. } => {
                "InvokeModelWithResponseStream"
            }
            Self::Run { api: RunApi::Converse, streaming: false, .. } => "Converse",
            Self::Run { api: RunApi::Converse, streaming: true, .. } => "ConverseStream",
            Self::CountTokens(_) => "CountTokens",
            Self::ApplyGuardrail { .. } => "ApplyGuardrail",
            Self::Rerank => "Rerank",
        }
    }
}
