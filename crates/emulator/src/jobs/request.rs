//! The body of CreateModelInvocationJob, checked.

use std::fmt::Display;

use serde_json::{Map, Value};

use super::s3_uri::S3Uri;
use crate::error::Refusal;
use crate::models::Model;
use crate::route::RunApi;

/// What a caller asks of a job.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) name: String,
    pub(super) role_arn: String,
    pub(super) client_token: Option<String>,
    pub(super) model_id: String,
    /// The form of `modelInput` in each record.
    pub(super) api: RunApi,
    pub(super) invocation_type: &'static str,
    pub(super) input: S3Uri,
    pub(super) output: S3Uri,
    /// Both configurations as they came, to be given back.
    pub(super) input_config: Value,
    pub(super) output_config: Value,
    pub(super) timeout_hours: u64,
}

impl Request {
    /// Reads and checks a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body: Map<String, Value> = serde_json::from_slice(body)
            .map_err(|error| Refusal::validation(format!("The body is not JSON: {error}")))?;
        let body = &Value::Object(body);
        let name = matching(body, "jobName", is_name, NAME)?;
        let role_arn = matching(body, "roleArn", is_role, ROLE)?;
        let client_token = match body["clientRequestToken"] {
            Value::Null => None,
            _ => Some(matching(body, "clientRequestToken", is_token, TOKEN)?),
        };
        let model_id = string(body, "modelId")?;
        let (api, invocation_type) = match body["modelInvocationType"].as_str() {
            None | Some("InvokeModel") => (RunApi::Invoke, "InvokeModel"),
            Some("Converse") => (RunApi::Converse, "Converse"),
            Some(other) => {
                let constraint = "enum value set: [InvokeModel, Converse]";
                return Err(invalid("modelInvocationType", other, constraint));
            }
        };
        let model = Model::find(&model_id)?;
        if api == RunApi::Invoke && model.reference.family().is_none() && !model.is_hidden() {
            return Err(Refusal::validation("The provided model identifier is invalid."));
        }
        let timeout_hours = match &body["timeoutDurationInHours"] {
            Value::Null => DEFAULT_HOURS,
            given => given
                .as_u64()
                .filter(|hours| (24..=168).contains(hours))
                .ok_or_else(|| invalid("timeoutDurationInHours", given, "range: 24 to 168"))?,
        };
        Ok(Self {
            name,
            role_arn,
            client_token,
            model_id,
            api,
            invocation_type,
            input: place(body, "inputDataConfig", "s3InputDataConfig")?,
            output: place(body, "outputDataConfig", "s3OutputDataConfig")?,
            input_config: body["inputDataConfig"].clone(),
            output_config: body["outputDataConfig"].clone(),
            timeout_hours,
        })
    }
}

fn string(body: &Value, key: &str) -> Result<String, Refusal> {
    body[key].as_str().map(Into::into).ok_or_else(|| missing(key))
}

/// A string of the form that `is_valid` accepts and `pattern` describes.
fn matching(
    body: &Value,
    key: &str,
    is_valid: fn(&str) -> bool,
    pattern: &str,
) -> Result<String, Refusal> {
    let value = string(body, key)?;
    if is_valid(&value) {
        Ok(value)
    } else {
        Err(invalid(key, value, &format!("regular expression pattern: {pattern}")))
    }
}

/// The place that a data configuration names.
fn place(body: &Value, config: &str, kind: &str) -> Result<S3Uri, Refusal> {
    let key = format!("{config}.{kind}.s3Uri");
    let uri = body.pointer(&format!("/{}", key.replace('.', "/"))).and_then(Value::as_str);
    let uri = uri.ok_or_else(|| missing(&key))?;
    S3Uri::parse(uri)
        .ok_or_else(|| invalid(&key, uri, &format!("regular expression pattern: {URI}")))
}

fn missing(key: &str) -> Refusal {
    Refusal::validation(format!(
        "1 validation error detected: Value at '{key}' failed to satisfy constraint: Member must \
         not be null"
    ))
}

fn invalid(key: &str, value: impl Display, constraint: &str) -> Refusal {
    Refusal::validation(format!(
        "1 validation error detected: Value '{value}' at '{key}' failed to satisfy constraint: \
         Member must satisfy {constraint}"
    ))
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "+-.".contains(c);
    (1..=63).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(allowed)
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = parts[..] else { return false };
    let digits = account.bytes().all(|b| b.is_ascii_digit()) && matches!(account.len(), 0 | 12);
    (prefix, service, region) == ("arn", "iam", "")
        && partition.starts_with("aws")
        && digits
        && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
        && arn.len() <= 2048
}

fn is_token(token: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    (1..=256).contains(&token.len())
        && token.starts_with(edge)
        && token.ends_with(edge)
        && token.chars().all(|c| edge(c) || c == '-')
}

const DEFAULT_HOURS: u64 = 24;
const NAME: &str = r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}";
const ROLE: &str = r"arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+";
const TOKEN: &str = r"[a-zA-Z0-9]{1,256}(-*[a-zA-Z0-9]){0,256}";
const URI: &str =
    r"s3://[a-z0-9][-.a-z0-9]{1,61}[a-z0-9](/[-!_*'().a-z0-9A-Z]+(/[-!_*'().a-z0-9A-Z]+)*)?/?";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body() -> Value {
        json!({
            "jobName": "nightly-1",
            "roleArn": "arn:aws:iam::123456789012:role/batch",
            "modelId": "amazon.nova-lite-v1:0",
            "modelInvocationType": "Converse",
            "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
            "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
        })
    }

    fn refused(key: &str, value: Value) -> String {
        let mut body = body();
        body[key] = value;
        match Request::read(body.to_string().as_bytes()) {
            Ok(_) => String::new(),
            Err(refusal) => refusal.message,
        }
    }

    #[test]
    fn a_sound_request_is_read() {
        let request = Request::read(body().to_string().as_bytes()).unwrap();
        assert_eq!((request.api, request.timeout_hours), (RunApi::Converse, 24));
        assert_eq!(request.input.key, "in");
    }

    #[test]
    fn each_fault_is_named_by_its_member() {
        let long = "x".repeat(64);
        for (key, value, expected) in [
            ("jobName", json!("-x"), "at 'jobName'"),
            ("jobName", json!(long), "at 'jobName'"),
            ("jobName", Value::Null, "at 'jobName'"),
            ("roleArn", json!("arn:aws:iam::12:role/x"), "at 'roleArn'"),
            ("roleArn", json!("admin"), "at 'roleArn'"),
            ("clientRequestToken", json!("-"), "at 'clientRequestToken'"),
            ("modelId", json!("no.such"), "model identifier is invalid"),
            ("modelInvocationType", json!("Dream"), "at 'modelInvocationType'"),
            ("timeoutDurationInHours", json!(1), "at 'timeoutDurationInHours'"),
            ("inputDataConfig", json!({}), "at 'inputDataConfig.s3InputDataConfig.s3Uri'"),
            (
                "outputDataConfig",
                json!({ "s3OutputDataConfig": { "s3Uri": "s3://records/a b" } }),
                "at 'outputDataConfig.s3OutputDataConfig.s3Uri'",
            ),
        ] {
            let message = refused(key, value.clone());
            assert!(message.contains(expected), "{key} {value}: {message}");
        }
    }
}
