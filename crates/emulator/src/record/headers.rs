//! Which headers are passed on to the service, and which a file keeps. All others may be secret.

use hyper::HeaderMap;
use hyper::header::HeaderName;
use serde_json::{Map, Value};

use crate::redact::accounts;

/// The headers of a request that reach the service, beside those that prove its new sender.
pub(super) fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let passed = headers.iter().filter(|(name, _)| is_asked(name));
    passed.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The headers of a request as a file keeps them.
pub(super) fn asked(headers: &HeaderMap) -> Map<String, Value> {
    kept(headers, is_asked)
}

/// The headers of an answer as a file keeps them.
pub(super) fn answered(headers: &HeaderMap) -> Map<String, Value> {
    kept(headers, is_answered)
}

/// Those that may be kept, with the accounts in their values left out.
fn kept(headers: &HeaderMap, may: impl Fn(&HeaderName) -> bool) -> Map<String, Value> {
    let kept = headers.iter().filter(|(name, _)| may(name));
    let texts = kept.filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    texts.map(|(name, value)| (name.into(), accounts(value).into())).collect()
}

/// Whether it says how a request is to be read and answered, or what sends it.
fn is_asked(name: &HeaderName) -> bool {
    ["accept", "content-type", "user-agent", "x-amz-user-agent"].contains(&name.as_str())
        || ["x-amzn-bedrock-", "amz-sdk-"].iter().any(|start| name.as_str().starts_with(start))
}

/// Whether it says what an answer is.
fn is_answered(name: &HeaderName) -> bool {
    ["content-type", "date", "retry-after", "warning"].contains(&name.as_str())
        || name.as_str().starts_with("x-amzn-")
}
