//! The body of CreateModelInvocationJob, checked.

use serde_json::Value;

use super::s3_uri::S3Uri;
use crate::constraint::{self, Constraint};
use crate::control::members::{self, CLIENT_TOKEN, Form};
use crate::error::Refusal;
use crate::models::{Model, not_for_this};
use crate::route::RunApi;
use crate::tags::{self, Tag};

/// What a caller asks of a job.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) name: String,
    pub(super) role_arn: String,
    pub(super) client_token: Option<String>,
    pub(super) model_id: String,
    /// The name of the model, whatever profile or ARN the id shows it by.
    pub(super) model_name: String,
    /// The form of `modelInput` in each record.
    pub(super) api: RunApi,
    pub(super) invocation_type: &'static str,
    pub(super) input: S3Uri,
    pub(super) output: S3Uri,
    /// Both configurations as they came, to be given back.
    pub(super) input_config: Value,
    pub(super) output_config: Value,
    /// The network as it came, which nothing here depends on; null if there is none.
    pub(super) vpc_config: Value,
    pub(super) timeout_hours: u64,
    pub(super) tags: Vec<Tag>,
}

impl Request {
    /// Reads and checks a body.
    pub(super) fn read(body: &[u8]) -> Result<Self, Refusal> {
        let body = &members::read(body)?;
        let name = members::formed(body, "jobName", &NAME)?;
        let role_arn = members::formed(body, "roleArn", &ROLE)?;
        let client_token = members::optional(body, "clientRequestToken", &CLIENT_TOKEN)?;
        let model_id = members::text(body, "modelId")?.to_owned();
        let invocation_type =
            members::one_of(body, "modelInvocationType", &["InvokeModel", "Converse"])?
                .unwrap_or("InvokeModel");
        let api = if invocation_type == "Converse" { RunApi::Converse } else { RunApi::Invoke };
        let model = Model::find(&model_id)?;
        if api == RunApi::Converse && !model.speaks() {
            return Err(not_for_this());
        }
        if model_id.contains(":provisioned-model/") {
            let constraint = "Member must not be the ARN of a provisioned model";
            return Err(constraint::invalid("modelId", &model_id, constraint));
        }
        if codec::catalog::facts(&model.reference).batch == Some(false) {
            return Err(Refusal::validation(format!(
                "The model {model_id} doesn't support batch inference. Try again with a supported \
                 model."
            )));
        }
        let tags = tags::read(body, "tags")?;
        tags::check_count(&name, &tags)?;
        Ok(Self {
            name,
            role_arn,
            client_token,
            model_id,
            model_name: model.name,
            api,
            invocation_type,
            input: place(body, "inputDataConfig", "s3InputDataConfig")?,
            output: place(body, "outputDataConfig", "s3OutputDataConfig")?,
            input_config: body["inputDataConfig"].clone(),
            output_config: body["outputDataConfig"].clone(),
            vpc_config: body["vpcConfig"].clone(),
            timeout_hours: members::whole(body, "timeoutDurationInHours", 24..=168)?
                .unwrap_or(DEFAULT_HOURS),
            tags,
        })
    }
}

/// The place that a data configuration names.
fn place(body: &Value, config: &str, kind: &str) -> Result<S3Uri, Refusal> {
    let key = format!("{config}.{kind}.s3Uri");
    let uri = body.pointer(&format!("/{}", key.replace('.', "/"))).and_then(Value::as_str);
    let uri = uri.ok_or_else(|| constraint::missing(&key))?;
    S3Uri::parse(uri).ok_or_else(|| constraint::invalid(&key, uri, Constraint::Pattern(URI)))
}

fn is_role(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [prefix, partition, service, region, account, resource] = parts[..] else { return false };
    let digits = account.bytes().all(|b| b.is_ascii_digit()) && matches!(account.len(), 0 | 12);
    (prefix, service, region) == ("arn", "iam", "")
        && partition.starts_with("aws")
        && digits
        && resource.strip_prefix("role/").is_some_and(|name| !name.is_empty())
}

/// What names a job in a path: its id, or its ARN.
pub(super) const IDENTIFIER: Form = Form {
    length: 0..=1011,
    pattern: "((arn:aws(-[^:]+)?:bedrock:[a-z0-9-]{1,20}:[0-9]{12}:model-invocation-job/)?[a-z0-9]{12})",
    fits: |identifier| {
        let id = match identifier.strip_prefix("arn:aws") {
            Some(rest) => rest.split_once(":model-invocation-job/").map_or("", |(_, id)| id),
            None => identifier,
        };
        id.len() == 12 && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    },
};
/// The names of jobs.
pub(super) const NAME: Form = Form {
    length: 1..=63,
    pattern: r"[a-zA-Z0-9]{1,63}(-*[a-zA-Z0-9\+\-\.]){0,63}",
    fits: |name| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    },
};
const ROLE: Form = Form {
    length: 0..=2048,
    pattern: r"arn:aws(-[^:]+)?:iam::([0-9]{12})?:role/.+",
    fits: is_role,
};
const DEFAULT_HOURS: u64 = 24;
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
            ("modelId", json!("anthropic.claude-opus-4-7"), "doesn't support batch inference"),
            (
                "modelId",
                json!("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl"),
                "at 'modelId'",
            ),
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
