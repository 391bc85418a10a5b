//! From method, path and signing name to an operation.
//!
//! Each part of the service has a file of its own, which knows its paths and the names of its
//! operations. What answers them has the same name beside this folder.

pub(crate) mod catalogue;
pub(crate) mod inspect;
pub(crate) mod jobs;
mod path;
pub(crate) mod provisioned;
pub(crate) mod runtime;
pub(crate) mod service_quotas;
pub(crate) mod tags;

use hyper::http::request::Parts;
use hyper::http::uri::Authority;

pub(crate) use self::catalogue::CatalogueCall;
pub(crate) use self::inspect::Page;
pub(crate) use self::jobs::JobCall;
pub(crate) use self::provisioned::ProvisionedCall;
pub(crate) use self::runtime::{RunApi, RuntimeCall};
pub(crate) use self::service_quotas::QuotaCall;
pub(crate) use self::tags::TagCall;
use crate::auth::bearer_token;
use crate::credential::Scope;
use crate::s3::Named;

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Running a model, or checking what would be run.
    Runtime(RuntimeCall),
    /// Batch inference jobs.
    Jobs(JobCall),
    /// Provisioned throughputs.
    Provisioned(ProvisionedCall),
    /// Tags of jobs and throughputs.
    Tags(TagCall),
    /// Foundation models and inference profiles.
    Catalogue(CatalogueCall),
    /// Service Quotas, which is a service of its own.
    ServiceQuotas(QuotaCall),
    /// One of the emulator's own pages, under `/_outcrop/`.
    Inspect(Page),
    /// Anything for S3, which routes by itself.
    S3,
    Unknown,
}

impl Operation {
    /// Finds the operation. A request signed for S3 is for S3 whatever its path; one signed for
    /// anything else is not, nor is one with a bearer token. Without either the host decides if it
    /// is a bucket of S3, and else the path.
    pub(crate) fn of(request: &Parts) -> Self {
        let (method, path) = (&request.method, request.uri.path());
        if let Some(page) = path.strip_prefix("/_outcrop/") {
            return Page::of(method, page).map_or(Self::Unknown, Self::Inspect);
        }
        let service = Scope::of(request).map(|scope| scope.service);
        let is_open = service.is_none() && bearer_token(request).is_none();
        if service == Some("s3") || (is_open && is_for_bucket(request)) {
            return Self::S3;
        }
        if let Some(call) = QuotaCall::of(request) {
            return Self::ServiceQuotas(call);
        }
        let bedrock = RuntimeCall::of(method, path)
            .map(Self::Runtime)
            .or_else(|| JobCall::of(method, path).map(Self::Jobs))
            .or_else(|| ProvisionedCall::of(method, path).map(Self::Provisioned))
            .or_else(|| TagCall::of(method, path).map(Self::Tags))
            .or_else(|| CatalogueCall::of(method, path).map(Self::Catalogue));
        match bedrock {
            Some(operation) => operation,
            None if is_open => Self::S3,
            None => Self::Unknown,
        }
    }

    /// What AWS calls it.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Runtime(call) => call.name(),
            Self::Jobs(call) => call.name(),
            Self::Provisioned(call) => call.name(),
            Self::Tags(call) => call.name(),
            Self::Catalogue(call) => call.name(),
            Self::ServiceQuotas(call) => call.name(),
            Self::Inspect(_) => "Inspect",
            Self::S3 => "S3",
            Self::Unknown => "Unknown",
        }
    }

    /// What a request for it is signed for; the emulator's own pages are open to all.
    pub(crate) const fn service(&self) -> Option<&'static str> {
        match self {
            Self::Inspect(_) => None,
            Self::S3 => Some("s3"),
            Self::ServiceQuotas(_) => Some("servicequotas"),
            _ => Some("bedrock"),
        }
    }

    /// The id of the model that is run, as the request names it.
    pub(crate) fn model(&self) -> Option<&str> {
        match self {
            Self::Runtime(RuntimeCall::Run { model_id, .. }) => Some(model_id),
            _ => None,
        }
    }

    /// The model that a request names, to run it or to count its tokens.
    pub(crate) fn named_model(&self) -> Option<&str> {
        match self {
            Self::Runtime(RuntimeCall::CountTokens(model_id)) => Some(model_id),
            _ => self.model(),
        }
    }
}

/// Whether the host is a bucket of S3.
fn is_for_bucket(request: &Parts) -> bool {
    let header = request.headers.get(hyper::header::HOST).and_then(|value| value.to_str().ok());
    let host = header.or_else(|| request.uri.authority().map(Authority::as_str));
    host.map(Named::of).is_some_and(|named| named.is_s3 && named.bucket.is_some())
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
        route("POST", path, None).model().unwrap().into()
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
        assert_eq!(route("GET", &path, None), Operation::Jobs(JobCall::Get(arn.into())));
        let stop = format!("{path}/stop");
        assert_eq!(route("POST", &stop, None), Operation::Jobs(JobCall::Stop(arn.into())));
        let list = route("GET", "/model-invocation-jobs?maxResults=1", None);
        assert_eq!(list, Operation::Jobs(JobCall::List));
    }

    #[test]
    fn the_signing_name_outweighs_the_path() {
        assert_eq!(route("POST", "/model/x/invoke", Some("s3")), Operation::S3);
        assert_eq!(route("GET", "/bucket/key", Some("bedrock")), Operation::Unknown);
        assert_eq!(route("GET", "/bucket/key", None), Operation::S3);
    }

    #[test]
    fn an_unsigned_request_to_the_host_of_a_bucket_is_for_s3() {
        let to = |host: &str| {
            let request = hyper::Request::post("/model/x/invoke").header("host", host);
            Operation::of(&request.body(()).unwrap().into_parts().0)
        };
        assert_eq!(to("records.s3.localhost:4566"), Operation::S3);
        assert_ne!(to("bedrock.localhost:4566"), Operation::S3);
        assert_ne!(to("s3.localhost:4566"), Operation::S3);
    }

    #[test]
    fn a_bearer_token_is_never_for_s3() {
        let request = hyper::Request::builder().uri("/bucket/key");
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
