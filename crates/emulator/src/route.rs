//! From method, path and signing name to an operation.

use hyper::Method;
use hyper::http::request::Parts;
use percent_encoding::percent_decode_str;

use crate::credential::Scope;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// One of the four ways to run a model, with the model id decoded.
    Run {
        api: RunApi,
        streaming: bool,
        model_id: String,
    },
    /// Count the tokens of a request to this model.
    CountTokens(String),
    /// Check a text against the guardrail of this id and version.
    ApplyGuardrail {
        id: String,
        version: String,
    },
    /// The agent runtime's own way to rerank.
    Rerank,
    CreateJob,
    GetJob(String),
    ListJobs,
    StopJob(String),
    /// One of the emulator's own pages, under `/_outcrop/`.
    Inspect(Page),
    /// Anything for S3, which routes by itself.
    S3,
    Unknown,
}

/// A page of the emulator's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Metrics,
    Requests,
    Reset,
}

/// The form of the body: a model's own, or Converse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RunApi {
    Invoke,
    Converse,
}

impl Operation {
    /// Finds the operation. A request signed for S3 is for S3 whatever its path; one signed for
    /// anything else is not, nor is one with a bearer token. Without either the path decides.
    pub(crate) fn of(request: &Parts) -> Self {
        if let Some(page) = request.uri.path().strip_prefix("/_outcrop/") {
            return inspect(&request.method, page);
        }
        let service = Scope::of(request).map(|scope| scope.service);
        if service == Some("s3") {
            return Self::S3;
        }
        match bedrock(&request.method, request.uri.path()) {
            Some(operation) => operation,
            None if service.is_none() && !has_bearer_token(request) => Self::S3,
            None => Self::Unknown,
        }
    }
}

impl Operation {
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
            Self::CreateJob => "CreateModelInvocationJob",
            Self::GetJob(_) => "GetModelInvocationJob",
            Self::ListJobs => "ListModelInvocationJobs",
            Self::StopJob(_) => "StopModelInvocationJob",
            Self::Inspect(_) => "Inspect",
            Self::S3 => "S3",
            Self::Unknown => "Unknown",
        }
    }
}

/// Whether the request brings an API key, which only Bedrock takes.
fn has_bearer_token(request: &Parts) -> bool {
    let header = request.headers.get(hyper::header::AUTHORIZATION);
    header.is_some_and(|value| value.as_bytes().starts_with(b"Bearer "))
}

/// The emulator's own page of a name. No bucket has a name that begins with an underscore.
fn inspect(method: &Method, page: &str) -> Operation {
    match (method, page) {
        (&Method::GET, "metrics") => Operation::Inspect(Page::Metrics),
        (&Method::GET, "requests") => Operation::Inspect(Page::Requests),
        (&Method::POST, "reset") => Operation::Inspect(Page::Reset),
        _ => Operation::Unknown,
    }
}

/// The Bedrock operation at a path, if there is one.
fn bedrock(method: &Method, path: &str) -> Option<Operation> {
    match (method, path) {
        (&Method::POST, "/model-invocation-job") => return Some(Operation::CreateJob),
        (&Method::POST, "/rerank") => return Some(Operation::Rerank),
        (&Method::GET, "/model-invocation-jobs") => return Some(Operation::ListJobs),
        _ => {}
    }
    if let Some(job) = path.strip_prefix("/model-invocation-job/") {
        return match (method, job.strip_suffix("/stop")) {
            (&Method::POST, Some(job)) => Some(Operation::StopJob(decode(job)?)),
            (&Method::GET, None) => Some(Operation::GetJob(decode(job)?)),
            _ => None,
        };
    }
    if let Some(guardrail) = path.strip_prefix("/guardrail/") {
        let (id, version) = guardrail.strip_suffix("/apply")?.rsplit_once("/version/")?;
        let (id, version) = (decode(id)?, decode(version)?);
        return (method == Method::POST).then_some(Operation::ApplyGuardrail { id, version });
    }
    // An ARN may come with its slashes unescaped, so the operation is what follows the last one.
    let (model, name) = path.strip_prefix("/model/")?.rsplit_once('/')?;
    if method != Method::POST || model.is_empty() {
        return None;
    }
    if name == "count-tokens" {
        return Some(Operation::CountTokens(decode(model)?));
    }
    let (api, streaming) = match name {
        "invoke" => (RunApi::Invoke, false),
        "invoke-with-response-stream" => (RunApi::Invoke, true),
        "converse" => (RunApi::Converse, false),
        "converse-stream" => (RunApi::Converse, true),
        _ => return None,
    };
    Some(Operation::Run { api, streaming, model_id: decode(model)? })
}

/// Undoes percent-encoding; `None` if the result is not text.
fn decode(segment: &str) -> Option<String> {
    percent_decode_str(segment).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(method: &str, path: &str, service: Option<&str>) -> Operation {
        let mut request = hyper::Request::builder().method(method).uri(path);
        if let Some(service) = service {
            request = request.header(
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request"
                ),
            );
        }
        Operation::of(&request.body(()).unwrap().into_parts().0)
    }

    fn model(path: &str) -> String {
        match route("POST", path, None) {
            Operation::Run { model_id, .. } => model_id,
            other => panic!("{path} is {other:?}"),
        }
    }

    #[test]
    fn model_ids_come_raw_or_encoded() {
        assert_eq!(model("/model/amazon.nova-lite-v1:0/converse"), "amazon.nova-lite-v1:0");
        assert_eq!(model("/model/amazon.nova-lite-v1%3A0/invoke"), "amazon.nova-lite-v1:0");
        let arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0";
        let encoded = arn.replace(':', "%3A").replace('/', "%2F");
        assert_eq!(model(&format!("/model/{arn}/converse-stream")), arn);
        assert_eq!(model(&format!("/model/{encoded}/invoke-with-response-stream")), arn);
    }

    #[test]
    fn jobs_are_found_by_id_and_by_encoded_arn() {
        let arn = "arn:aws:bedrock:us-east-1:1:model-invocation-job/abc";
        let encoded = arn.replace(':', "%3A").replace('/', "%2F");
        let path = format!("/model-invocation-job/{encoded}");
        assert_eq!(route("GET", &path, None), Operation::GetJob(arn.into()));
        let stop = format!("{path}/stop");
        assert_eq!(route("POST", &stop, None), Operation::StopJob(arn.into()));
        assert_eq!(route("GET", "/model-invocation-jobs?maxResults=1", None), Operation::ListJobs);
    }

    #[test]
    fn the_signing_name_outweighs_the_path() {
        assert_eq!(route("POST", "/model/x/invoke", Some("s3")), Operation::S3);
        assert_eq!(route("GET", "/bucket/key", Some("bedrock")), Operation::Unknown);
        assert_eq!(route("GET", "/bucket/key", None), Operation::S3);
    }

    #[test]
    fn a_bearer_token_is_never_for_s3() {
        let request = hyper::Request::builder().uri("/foundation-models");
        let request = request.header("authorization", "Bearer key").body(()).unwrap();
        assert_eq!(Operation::of(&request.into_parts().0), Operation::Unknown);
    }

    #[test]
    fn another_method_or_action_is_unknown() {
        assert_eq!(route("GET", "/model/x/invoke", Some("bedrock")), Operation::Unknown);
        assert_eq!(route("POST", "/model/x/dream", Some("bedrock")), Operation::Unknown);
        assert_eq!(route("POST", "/model//invoke", Some("bedrock")), Operation::Unknown);
    }
}
