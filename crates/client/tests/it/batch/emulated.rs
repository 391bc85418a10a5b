//! Batch jobs from one end to the other: the AWS SDK in front of the emulator.

use std::io::Cursor;
use std::time::Duration;

use emulator::Emulator;
use outcrop::aws::Bedrock;
use outcrop::batch::{Job, JobHandle, JobState, Polling, Record, RecordFailure};
use outcrop::codec::batch::RawJson;
use outcrop::{Client, Error, ErrorKind, ModelRef, Request};
use transport::Objects;

use super::service::{ROLE, nova};

async fn start() -> (Emulator, Client, Bedrock) {
    let emulator = Emulator::builder().time_scale(0.0).start().await.unwrap();
    emulator.create_bucket("work").await.unwrap();
    let bedrock = Bedrock::builder()
        .region("us-east-1")
        .endpoint_url(emulator.endpoint_url())
        .credentials("test", "test", None)
        .load()
        .await
        .unwrap();
    let client = Client::builder().bedrock(bedrock.clone()).build();
    (emulator, client, bedrock)
}

async fn submit(
    client: &Client,
    model: &ModelRef,
    bucket: &str,
    records: impl IntoIterator<Item = Record>,
) -> Result<JobHandle, Error> {
    let records = records.into_iter().map(Ok::<_, std::io::Error>);
    client.batch(model).bucket(bucket).prefix("p").role_arn(ROLE).submit_iter(records).await
}

/// The job, looked at in quick succession.
fn find(client: &Client, handle: JobHandle) -> Job {
    let pause = Duration::from_millis(2);
    client.job(handle).with_polling(Polling::default().with_pauses(pause, pause))
}

fn question(n: usize) -> Record {
    Record::new(Request::user(format!("question {n}")).with_max_tokens(50))
}

#[tokio::test]
async fn a_thousand_records_come_back_each_with_its_own_reply() {
    let (_emulator, client, _) = start().await;
    let bad = Record::body(RawJson::parse(r#"{"messages":[]}"#).unwrap());
    let records = (1..=1000).map(|n| if n == 500 { bad.clone() } else { question(n) });
    let handle = submit(&client, &nova(), "work", records).await.unwrap();

    // All that another process has is what was saved.
    let saved = serde_json::to_string(&handle).unwrap();
    let job = find(&client, serde_json::from_str(&saved).unwrap());
    let status = job.wait().await.unwrap().completed().unwrap();
    assert_eq!((status.counts.succeeded, status.counts.failed), (Some(999), Some(1)));

    let mut joined = job.join(Cursor::new(Vec::new())).await.unwrap();
    assert_eq!(joined.len(), 1000);
    for n in 1..=1000 {
        let outcome = joined.outcome(&Record::id_at(n)).unwrap();
        if n == 500 {
            assert!(matches!(outcome.result, Err(RecordFailure::Refused(_))), "{outcome:?}");
        } else {
            assert_eq!(outcome.result.unwrap().text(), format!("You said: question {n}"));
        }
    }

    let mut results = job.results().await.unwrap();
    let mut ids = Vec::new();
    while let Some(outcome) = results.next().await {
        ids.push(outcome.unwrap().id);
    }
    assert!(!ids.is_sorted(), "the service gives no order, and neither does the emulator");
    let manifest = job.manifest().await.unwrap().unwrap();
    assert_eq!((manifest.total_records, manifest.failed_records), (Some(1000), Some(1)));
    assert!(job.stop().await.is_err());

    let listed = client.list_jobs(Default::default()).next().await.unwrap().unwrap();
    assert_eq!(
        (listed.arn.as_str(), listed.status.state),
        (job.handle().arn(), JobState::Completed)
    );
}

#[tokio::test]
async fn each_family_s_own_bodies_and_replies_pass() {
    let cases = [
        (
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":50,"messages":[{"role":"user","content":"hello"}]}"#,
        ),
        ("meta.llama3-1-8b-instruct-v1:0", r#"{"prompt":"hello","max_gen_len":50}"#),
        ("amazon.titan-text-express-v1", r#"{"inputText":"hello"}"#),
        ("amazon.nova-lite-v1:0", r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#),
    ];
    let (_emulator, client, _) = start().await;
    for (model, body) in cases {
        let records = (0..100).map(|_| Record::body(RawJson::parse(body).unwrap()));
        let model = ModelRef::parse(model).unwrap();
        let handle = submit(&client, &model, "work", records).await.unwrap();
        let job = find(&client, handle);
        job.wait().await.unwrap().completed().unwrap();
        let mut results = job.results().await.unwrap();
        let mut count = 0;
        while let Some(outcome) = results.next().await {
            assert!(outcome.unwrap().result.unwrap().text().contains("hello"), "{model}");
            count += 1;
        }
        assert_eq!(count, 100);
    }
}

#[tokio::test]
async fn an_input_of_several_parts_is_read_whole() {
    let (_emulator, client, _) = start().await;
    let padding = "word ".repeat(40_000);
    let records =
        (0..100).map(|n| Record::new(Request::user(format!("{n} {padding}")).with_max_tokens(1)));
    let handle = submit(&client, &nova(), "work", records).await.unwrap();
    let status = find(&client, handle).wait().await.unwrap().completed().unwrap();
    assert_eq!(status.counts.total, Some(100));
}

#[tokio::test]
async fn what_goes_wrong_leaves_the_bucket_empty() {
    let (_emulator, client, bedrock) = start().await;
    let twice = (1..=600).map(question).chain([question(1).with_id(Record::id_at(7))]);
    let error = submit(&client, &nova(), "work", twice).await.unwrap_err();
    assert_eq!((error.kind(), error.record()), (ErrorKind::Input, Some(601)));

    // Large enough that parts are sent before the last record is found to be bad.
    let padding = "word ".repeat(40_000);
    let large = (0..60).map(|_| Record::new(Request::user(padding.clone())));
    let bad = large.chain([question(1).with_id(Record::id_at(7))]);
    let error = submit(&client, &nova(), "work", bad).await.unwrap_err();
    assert_eq!(error.record(), Some(61));

    // The service refuses the job after all records are there.
    let unknown = ModelRef::parse("nobody.nothing-v1:0").unwrap();
    let error = submit(&client, &unknown, "work", (0..100).map(question)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");

    let objects = Objects::list(&bedrock, "work".to_owned(), String::new()).await.unwrap();
    assert_eq!(objects, []);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_is_named() {
    let (_emulator, client, _) = start().await;
    let error = submit(&client, &nova(), "nowhere", (0..100).map(question)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().starts_with("the bucket \"nowhere\" does not exist"), "{error}");
}
