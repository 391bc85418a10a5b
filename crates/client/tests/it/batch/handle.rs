//! A handle is all that it takes to find a job again.

use outcrop::ModelRef;
use outcrop::batch::JobHandle;
use outcrop::codec::Api;
use serde_json::{Value, json};

use super::service::{Bench, records};

fn saved() -> Value {
    json!({
        "version": 1,
        "jobArn": "arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/abcdefghijkl",
        "jobName": "nightly",
        "model": "amazon.nova-lite-v1:0",
        "invocationType": "InvokeModel",
        "inputUri": "s3://in-bucket/work/t0ken/input.jsonl",
        "outputUri": "s3://out-bucket/work/t0ken/output/",
        "records": 1000,
        "clientToken": "t0ken",
        "submittedAt": 1_767_225_600,
    })
}

#[test]
fn version_1_is_read_for_ever() {
    let handle: JobHandle = serde_json::from_value(saved()).unwrap();
    assert_eq!(handle.id(), "abcdefghijkl");
    assert_eq!(handle.name(), "nightly");
    assert_eq!(handle.region(), Some("eu-west-1"));
    assert_eq!(handle.model().address(), "amazon.nova-lite-v1:0");
    assert_eq!(handle.form(), Api::Invoke);
    assert_eq!(handle.input_uri(), "s3://in-bucket/work/t0ken/input.jsonl");
    assert_eq!(handle.output_uri(), "s3://out-bucket/work/t0ken/output/");
    assert_eq!(handle.records(), 1000);
    assert_eq!(handle.submitted_at().as_secs(), 1_767_225_600);
}

#[test]
fn what_is_saved_is_what_is_read() {
    let bench = Bench::new();
    let handle = bench.submit(records(100)).unwrap();
    let text = serde_json::to_string(&handle).unwrap();
    let again: JobHandle = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), text);
    assert_eq!(format!("{again:?}"), format!("{handle:?}"));

    let mut more = saved();
    more["added"] = json!("by a later version");
    serde_json::from_value::<JobHandle>(more).unwrap();
}

#[test]
fn a_family_that_the_address_hides_is_kept() {
    let Some(family) = codec::FAMILIES.first() else { panic!("there are no families") };
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";
    let mut hidden = saved();
    hidden["model"] = json!(arn);
    hidden["family"] = json!(family.name());
    let handle: JobHandle = serde_json::from_value(hidden).unwrap();
    assert_eq!(handle.model(), &ModelRef::parse(arn).unwrap().with_family(family.name()).unwrap());
    let again = serde_json::to_value(&handle).unwrap();
    assert_eq!(again["family"], family.name());
}

#[test]
fn what_is_no_handle_is_refused_with_the_reason() {
    let cases = [
        ("version", json!(2), "a job handle of version 2, and only version 1 is known"),
        ("model", json!(" "), "blank"),
        ("family", json!("bard"), "no model family \"bard\""),
        ("invocationType", json!("Guess"), "neither Converse nor InvokeModel"),
        ("inputUri", json!("somewhere/in"), "no address in S3"),
        ("outputUri", json!("s3://B/"), "cannot name a bucket"),
        ("jobArn", json!(7), "expected a string"),
    ];
    for (member, value, why) in cases {
        let mut bad = saved();
        bad[member] = value;
        let error = serde_json::from_value::<JobHandle>(bad).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
    }
}

// A program that runs on several threads hands a submission from one to another.
#[test]
fn a_submission_can_be_sent_between_threads() {
    fn sent<T: Send>(_: &T) {}
    let bench = Bench::new();
    let records = records(1).map(Ok::<_, std::io::Error>);
    sent(&bench.batch().submit_iter(records));
    let job = bench.job(&["Completed"]);
    sent(&job.wait());
    sent(&job.watch());
    sent(&job.results());
    sent(&job.join(std::io::Cursor::new(Vec::new())));
    sent(&bench.client.list_jobs(Default::default()));
}
