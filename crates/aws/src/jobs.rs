//! Batch inference jobs, on Bedrock's control plane.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_bedrock::primitives::DateTime;
use aws_sdk_bedrock::types::{
    ModelInvocationJobInputDataConfig as Input, ModelInvocationJobOutputDataConfig as Output,
    ModelInvocationJobS3InputDataConfig, ModelInvocationJobS3OutputDataConfig,
    ModelInvocationJobStatus, ModelInvocationType, S3InputFormat, SortJobsBy, SortOrder, Tag,
};
use transport::{Error, JobDescription, JobFilter, JobPage, JobSpec, Jobs};

use crate::{Bedrock, error};

#[async_trait]
impl Jobs for Bedrock {
    async fn create(&self, spec: JobSpec) -> Result<String, Error> {
        let input = ModelInvocationJobS3InputDataConfig::builder()
            .s3_input_format(S3InputFormat::Jsonl)
            .s3_uri(spec.input_uri)
            .build()
            .map_err(error::unbuilt)?;
        let output = ModelInvocationJobS3OutputDataConfig::builder()
            .s3_uri(spec.output_uri)
            .build()
            .map_err(error::unbuilt)?;
        let tags: Result<Vec<_>, _> = spec
            .tags
            .into_iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect();
        let tags = tags.map_err(error::unbuilt)?;
        // Without a token of the caller's, the SDK makes one up.
        let token = Some(spec.client_token).filter(|token| !token.is_empty());
        let invocation_type = spec.invocation_type.as_deref().map(ModelInvocationType::from);
        let created = self
            .control()
            .create_model_invocation_job()
            .job_name(spec.name)
            .role_arn(spec.role_arn)
            .model_id(spec.model)
            .set_client_request_token(token)
            .input_data_config(Input::S3InputDataConfig(input))
            .output_data_config(Output::S3OutputDataConfig(output))
            .set_model_invocation_type(invocation_type)
            .set_timeout_duration_in_hours(spec.timeout_hours)
            .set_tags(Some(tags).filter(|tags| !tags.is_empty()))
            .send()
            .await;
        Ok(created.map_err(|failed| self.bedrock_error(failed))?.job_arn)
    }

    async fn describe(&self, job: String) -> Result<JobDescription, Error> {
        let job = self.control().get_model_invocation_job().job_identifier(job).send().await;
        let job = job.map_err(|failed| self.bedrock_error(failed))?;
        let name = job.job_name().unwrap_or_default();
        Ok(description!(job, name))
    }

    async fn list(&self, filter: JobFilter) -> Result<JobPage, Error> {
        let status = filter.status.as_deref().map(ModelInvocationJobStatus::from);
        let page = self
            .control()
            .list_model_invocation_jobs()
            .set_status_equals(status)
            .set_name_contains(filter.name_contains)
            .set_max_results(filter.max_results)
            .set_next_token(filter.next_token)
            .sort_by(SortJobsBy::CreationTime)
            .sort_order(SortOrder::Descending)
            .send()
            .await
            .map_err(|failed| self.bedrock_error(failed))?;
        let jobs = page.invocation_job_summaries().iter();
        let mut list = JobPage::default();
        list.jobs = jobs.map(|job| description!(job, job.job_name())).collect();
        list.next_token = page.next_token;
        Ok(list)
    }

    async fn stop(&self, job: String) -> Result<(), Error> {
        let stopped = self.control().stop_model_invocation_job().job_identifier(job).send().await;
        stopped.map(drop).map_err(|failed| self.bedrock_error(failed))
    }
}

/// What the SDK says of a job, one at a time or in a list: two types with the same fields.
macro_rules! description {
    ($job:expr, $name:expr) => {{
        let job = &$job;
        let mut description = JobDescription::default();
        description.arn = job.job_arn().to_owned();
        description.name = $name.to_owned();
        description.model = job.model_id().to_owned();
        description.status =
            job.status().map(|status| status.as_str()).unwrap_or_default().to_owned();
        description.message = job.message().map(str::to_owned);
        description.input_uri = input_uri(job.input_data_config());
        description.output_uri = output_uri(job.output_data_config());
        description.submitted = since_1970(job.submit_time());
        description.modified = job.last_modified_time().and_then(since_1970);
        description.ended = job.end_time().and_then(since_1970);
        description.records = count(job.total_record_count());
        description.processed = count(job.processed_record_count());
        description.succeeded = count(job.success_record_count());
        description.failed = count(job.error_record_count());
        description
    }};
}
use description;

fn input_uri(config: Option<&Input>) -> String {
    match config {
        Some(Input::S3InputDataConfig(s3)) => s3.s3_uri().to_owned(),
        _ => String::new(),
    }
}

fn output_uri(config: Option<&Output>) -> String {
    match config {
        Some(Output::S3OutputDataConfig(s3)) => s3.s3_uri().to_owned(),
        _ => String::new(),
    }
}

/// Nothing, for a time before 1970.
fn since_1970(time: &DateTime) -> Option<Duration> {
    Some(Duration::new(time.secs().try_into().ok()?, time.subsec_nanos()))
}

fn count(records: Option<i64>) -> Option<u64> {
    records?.try_into().ok()
}
