//! Inference and a whole batch job, against the emulator.

use bytes::Bytes;
use codec::frame::FrameDecoder;
use emulator::Emulator;
use futures_util::{StreamExt, TryStreamExt};
use outcrop_aws::Bedrock;
use transport::{Call, JobDescription, JobSpec, Jobs, Objects, Operation, Phase, Transport};

use crate::local;

const MODEL: &str = "amazon.nova-lite-v1:0";
const BODY: &str = r#"{"messages":[{"role":"user","content":[{"text":"Hello, outcrop"}]}]}"#;

async fn start() -> (Emulator, Bedrock) {
    let emulator = Emulator::builder().time_scale(0.0).start().await.unwrap();
    let bedrock = local::bedrock(&emulator).await;
    (emulator, bedrock)
}

#[tokio::test]
async fn a_reply_comes_with_its_token_count_and_request_id() {
    let (_emulator, bedrock) = start().await;
    let call = Call::new(Operation::InvokeModel, MODEL, BODY);
    let reply = bedrock.unary(call).await.unwrap();
    let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(body["output"]["message"]["content"][0]["text"], "You said: Hello, outcrop");
    let counted = reply.meta.headers.get("x-amzn-bedrock-output-token-count").unwrap();
    assert_eq!(body["usage"]["outputTokens"].to_string(), counted);
    assert!(reply.meta.request_id.is_some());
}

#[tokio::test]
async fn a_stream_is_whole_frames_up_to_its_last_event() {
    let (_emulator, bedrock) = start().await;
    let call = Call::new(Operation::ConverseStream, MODEL, BODY);
    let mut body = bedrock.streaming(call).await.unwrap().body;
    let mut frames = FrameDecoder::new();
    let mut events = Vec::new();
    while let Some(piece) = body.try_next().await.unwrap() {
        frames.push(&piece);
        while let Some(frame) = frames.next().unwrap() {
            events.push(frame.event_type().unwrap().to_owned());
        }
    }
    assert_eq!(frames.pending(), 0);
    assert_eq!(events.first().unwrap(), "messageStart");
    assert_eq!(events[events.len() - 2..], ["messageStop", "metadata"]);
}

#[tokio::test]
async fn the_emulator_notices_a_dropped_stream() {
    let emulator = Emulator::builder().tokens_per_second(1).start().await.unwrap();
    let call = Call::new(Operation::ConverseStream, MODEL, BODY);
    let mut body = local::bedrock(&emulator).await.streaming(call).await.unwrap().body;
    body.next().await.unwrap().unwrap();
    assert_eq!(emulator.open_calls(), 1);
    drop(body);
    while emulator.open_calls() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_unknown_model_is_refused_in_the_words_of_the_service() {
    let (_emulator, bedrock) = start().await;
    let call = Call::new(Operation::InvokeModel, "nobody.nothing-v1:0", BODY);
    let error = bedrock.unary(call).await.unwrap_err();
    assert_eq!(error.phase(), Phase::Refused);
    assert!(error.request_id().is_some());
    assert_eq!(
        error.to_string(),
        "ValidationException (status 400): The provided model identifier is invalid."
    );
}

#[tokio::test]
async fn a_job_runs_from_its_records_to_its_results() {
    let (emulator, bedrock) = start().await;
    emulator.create_bucket("work").await.unwrap();
    let records: String = (0..100)
        .map(|record| format!("{{\"recordId\":\"r{record}\",\"modelInput\":{BODY}}}\n"))
        .collect();
    let upload = bedrock.start_upload("work".to_owned(), "in.jsonl".to_owned()).await.unwrap();
    let part = bedrock.put_part(upload.clone(), 1, records.into()).await.unwrap();
    bedrock.complete_upload(upload, vec![part]).await.unwrap();

    let mut spec = JobSpec::default();
    spec.name = "nightly".to_owned();
    spec.role_arn = "arn:aws:iam::123456789012:role/batch".to_owned();
    spec.model = MODEL.to_owned();
    spec.client_token = "token-1".to_owned();
    spec.input_uri = "s3://work/in.jsonl".to_owned();
    spec.output_uri = "s3://work/out/".to_owned();
    spec.invocation_type = Some("Converse".to_owned());
    let arn = bedrock.create(spec.clone()).await.unwrap();
    assert_eq!(bedrock.create(spec).await.unwrap(), arn, "one token is one job");

    let job = ended(&bedrock, &arn).await;
    assert_eq!((job.status.as_str(), job.message), ("Completed", None));
    assert_eq!((job.name.as_str(), job.input_uri.as_str()), ("nightly", "s3://work/in.jsonl"));
    let listed = Jobs::list(&bedrock, Default::default()).await.unwrap().jobs;
    assert_eq!(listed.iter().map(|job| &job.arn).collect::<Vec<_>>(), [&arn]);
    assert!(bedrock.stop(arn).await.is_err(), "a job that has ended cannot be stopped");

    let objects = Objects::list(&bedrock, "work".to_owned(), "out/".to_owned()).await.unwrap();
    let results = objects.iter().find(|object| object.key.ends_with("/in.jsonl.out")).unwrap();
    let results = bedrock.get("work".to_owned(), results.key.clone()).await.unwrap();
    let results: Vec<Bytes> = results.body.try_collect().await.unwrap();
    assert_eq!(
        results.concat().split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).count(),
        100
    );
}

#[tokio::test]
async fn a_job_that_nobody_knows_is_not_found() {
    let (_emulator, bedrock) = start().await;
    let error = bedrock.describe("abcdefghijkl".to_owned()).await.unwrap_err();
    assert_eq!(error.service().unwrap().code.as_deref(), Some("ResourceNotFoundException"));
}

async fn ended(bedrock: &Bedrock, arn: &str) -> JobDescription {
    loop {
        let job = bedrock.describe(arn.to_owned()).await.unwrap();
        if ["Completed", "PartiallyCompleted", "Failed"].contains(&job.status.as_str()) {
            return job;
        }
    }
}
