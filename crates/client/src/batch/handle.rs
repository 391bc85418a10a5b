//! What one has to keep of a job to find it again, in another process and on another day.

use std::time::Duration;

use codec::{Api, ModelRef, ModelRefError};
use serde::{Deserialize, Serialize};

use crate::batch::error::BatchError;
use crate::batch::place::Place;

/// A job that was created: what it takes to watch it and to read its results.
///
/// It is made to be saved: its JSON form has a version and is read by every later version of this
/// crate. It holds no secret.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "Saved", into = "Saved")]
pub struct JobHandle {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) model: ModelRef,
    pub(crate) form: Api,
    pub(crate) input: Place,
    pub(crate) output: Place,
    pub(crate) records: u64,
    pub(crate) token: String,
    pub(crate) submitted_at: Duration,
}

impl JobHandle {
    /// The job's ARN.
    pub fn arn(&self) -> &str {
        &self.arn
    }

    /// The job's short name with the service: what follows the last slash of the ARN.
    pub fn id(&self) -> &str {
        last_part(&self.arn)
    }

    /// The job's name, as it was given.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The region that the job runs in, as its ARN has it.
    pub fn region(&self) -> Option<&str> {
        self.arn.split(':').nth(3).filter(|region| !region.is_empty())
    }

    /// The model.
    pub fn model(&self) -> &ModelRef {
        &self.model
    }

    /// The form that the records and their results have.
    pub fn form(&self) -> Api {
        self.form
    }

    /// How many records were submitted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Where the job reads: `s3://bucket/key`.
    pub fn input_uri(&self) -> String {
        self.input.to_string()
    }

    /// The folder under which the job makes its own: `s3://bucket/prefix/`.
    pub fn output_uri(&self) -> String {
        self.output.to_string()
    }

    /// When the job was submitted, since 1970-01-01T00:00:00Z, in whole seconds once it was saved.
    pub fn submitted_at(&self) -> Duration {
        self.submitted_at
    }

    /// The folder of the job's results.
    pub(crate) fn results(&self) -> Place {
        let Place { bucket, key } = self.output.clone().folder();
        Place { bucket, key: format!("{key}{}/", self.id()) }
    }
}

/// The JSON form.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Saved {
    version: u32,
    job_arn: String,
    job_name: String,
    model: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    family: Option<String>,
    invocation_type: String,
    input_uri: String,
    output_uri: String,
    records: u64,
    client_token: String,
    submitted_at: u64,
}

impl From<JobHandle> for Saved {
    fn from(handle: JobHandle) -> Self {
        Self {
            version: VERSION,
            model: handle.model.address().to_owned(),
            family: handle.model.family().map(|family| family.name().to_owned()),
            invocation_type: invocation_type(handle.form).to_owned(),
            input_uri: handle.input.to_string(),
            output_uri: handle.output.to_string(),
            job_arn: handle.arn,
            job_name: handle.name,
            records: handle.records,
            client_token: handle.token,
            submitted_at: handle.submitted_at.as_secs(),
        }
    }
}

impl TryFrom<Saved> for JobHandle {
    type Error = HandleError;

    fn try_from(saved: Saved) -> Result<Self, HandleError> {
        if saved.version != VERSION {
            return Err(HandleError::Version(saved.version));
        }
        let form = match saved.invocation_type.as_str() {
            "Converse" => Api::Converse,
            "InvokeModel" => Api::Invoke,
            _ => return Err(HandleError::InvocationType(saved.invocation_type)),
        };
        let model = ModelRef::parse(&saved.model)?;
        let model = match &saved.family {
            Some(family) => model.with_family(family)?,
            None => model,
        };
        Ok(Self {
            model,
            form,
            input: Place::parse(&saved.input_uri)?,
            output: Place::parse(&saved.output_uri)?,
            arn: saved.job_arn,
            name: saved.job_name,
            records: saved.records,
            token: saved.client_token,
            submitted_at: Duration::from_secs(saved.submitted_at),
        })
    }
}

/// Why JSON is not a handle, for the JSON parser to say.
#[derive(Debug, thiserror::Error)]
enum HandleError {
    #[error("this is a job handle of version {0}, and only version {VERSION} is known")]
    Version(u32),
    #[error("the invocation type {0:?} is neither Converse nor InvokeModel")]
    InvocationType(String),
    #[error(transparent)]
    Model(#[from] ModelRefError),
    #[error(transparent)]
    Place(#[from] BatchError),
}

/// The service's word for a form.
pub(crate) fn invocation_type(form: Api) -> &'static str {
    match form {
        Api::Converse => "Converse",
        Api::Invoke => "InvokeModel",
    }
}

/// What follows the last slash.
pub(crate) fn last_part(address: &str) -> &str {
    address.rsplit('/').next().unwrap_or(address)
}

const VERSION: u32 = 1;
