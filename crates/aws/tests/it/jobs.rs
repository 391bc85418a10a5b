//! Batch jobs: what goes over the wire, and what is made of the answers.

use std::time::Duration;

use transport::testing::Exchange;
use transport::{JobFilter, JobSpec, Jobs, Operation, Service};

use crate::server::Server;

const ARN: &str = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdefghijkl";

/// An answer in JSON. The operation says nothing here: these calls are not inference.
fn json(body: impl Into<bytes::Bytes>) -> Exchange {
    let exchange = Exchange::answering(Operation::Converse);
    exchange.header("content-type", "application/json").chunk(body)
}

fn job() -> String {
    format!(
        r#"{{"jobArn": "{ARN}", "jobName": "nightly", "modelId": "amazon.nova-lite-v1:0",
            "roleArn": "arn:aws:iam::123456789012:role/batch", "status": "Levitating",
            "message": "a word of the service", "submitTime": "2026-01-02T03:04:05.500Z",
            "endTime": "2026-01-02T04:00:00Z", "totalRecordCount": 100, "errorRecordCount": 3,
            "inputDataConfig": {{"s3InputDataConfig": {{"s3Uri": "s3://b/in.jsonl"}}}},
            "outputDataConfig": {{"s3OutputDataConfig": {{"s3Uri": "s3://b/out/"}}}}}}"#
    )
}

#[tokio::test]
async fn a_job_is_created_with_what_was_given() {
    let server = Server::start(|_| json(format!(r#"{{"jobArn": "{ARN}"}}"#))).await;
    let mut spec = JobSpec::default();
    spec.name = "nightly".to_owned();
    spec.role_arn = "arn:aws:iam::123456789012:role/batch".to_owned();
    spec.model = "amazon.nova-lite-v1:0".to_owned();
    spec.client_token = "token-1".to_owned();
    spec.input_uri = "s3://b/in.jsonl".to_owned();
    spec.output_uri = "s3://b/out/".to_owned();
    spec.invocation_type = Some("Converse".to_owned());
    spec.timeout_hours = Some(48);
    spec.tags = [("team".to_owned(), "search".to_owned())].into();
    assert_eq!(server.bedrock().await.create(spec).await.unwrap(), ARN);

    let request = &server.requests()[0];
    assert_eq!(request.line, "POST /model-invocation-job HTTP/1.1");
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(
        body,
        serde_json::json!({
            "jobName": "nightly",
            "roleArn": "arn:aws:iam::123456789012:role/batch",
            "modelId": "amazon.nova-lite-v1:0",
            "clientRequestToken": "token-1",
            "inputDataConfig": {
                "s3InputDataConfig": {"s3InputFormat": "JSONL", "s3Uri": "s3://b/in.jsonl"},
            },
            "outputDataConfig": {"s3OutputDataConfig": {"s3Uri": "s3://b/out/"}},
            "modelInvocationType": "Converse",
            "timeoutDurationInHours": 48,
            "tags": [{"key": "team", "value": "search"}],
        })
    );
}

#[tokio::test]
async fn a_description_keeps_what_the_service_says_even_new_words() {
    let server = Server::start(|_| json(job())).await;
    let job = server.bedrock().await.describe(ARN.to_owned()).await.unwrap();
    assert_eq!((job.arn.as_str(), job.name.as_str()), (ARN, "nightly"));
    assert_eq!(job.model, "amazon.nova-lite-v1:0");
    assert_eq!(job.status, "Levitating");
    assert_eq!(job.message.as_deref(), Some("a word of the service"));
    assert_eq!(
        (job.input_uri.as_str(), job.output_uri.as_str()),
        ("s3://b/in.jsonl", "s3://b/out/")
    );
    assert_eq!(job.submitted, Some(Duration::from_millis(1_767_323_045_500)));
    assert_eq!(job.ended, Some(Duration::from_secs(1_767_326_400)));
    assert_eq!((job.modified, job.processed, job.succeeded), (None, None, None));
    assert_eq!((job.records, job.failed), (Some(100), Some(3)));

    let arn = ARN.replace(':', "%3A").replace('/', "%2F");
    let line = format!("GET /model-invocation-job/{arn} HTTP/1.1");
    assert_eq!(server.requests()[0].line, line);
}

#[tokio::test]
async fn a_page_is_filtered_and_newest_first() {
    let page = format!(r#"{{"invocationJobSummaries": [{}], "nextToken": "page-3"}}"#, job());
    let server = Server::start(move |_| json(page.clone())).await;
    let mut filter = JobFilter::default();
    filter.status = Some("Completed".to_owned());
    filter.name_contains = Some("night".to_owned());
    filter.max_results = Some(1);
    filter.next_token = Some("page-2".to_owned());
    let page = server.bedrock().await.list(filter).await.unwrap();
    assert_eq!(page.next_token.as_deref(), Some("page-3"));
    assert_eq!(page.jobs.len(), 1);
    assert_eq!((page.jobs[0].arn.as_str(), page.jobs[0].name.as_str()), (ARN, "nightly"));

    let line = &server.requests()[0].line;
    let query = line.strip_prefix("GET /model-invocation-jobs?").unwrap();
    let mut query: Vec<_> = query.strip_suffix(" HTTP/1.1").unwrap().split('&').collect();
    query.sort_unstable();
    assert_eq!(
        query,
        [
            "maxResults=1",
            "nameContains=night",
            "nextToken=page-2",
            "sortBy=CreationTime",
            "sortOrder=Descending",
            "statusEquals=Completed",
        ]
    );
}

#[tokio::test]
async fn stopping_a_job_that_has_ended_is_refused() {
    let server = Server::start(|_| {
        let code = "ConflictException".to_owned();
        let service = Service::new(400, code, "The job has ended.".to_owned());
        Exchange::refusing(Operation::Converse, service)
    })
    .await;
    let error = server.bedrock().await.stop("abcdefghijkl".to_owned()).await.unwrap_err();
    assert_eq!(error.service().unwrap().code.as_deref(), Some("ConflictException"));
    let line = "POST /model-invocation-job/abcdefghijkl/stop HTTP/1.1";
    assert_eq!(server.requests()[0].line, line);
}
