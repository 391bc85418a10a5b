//! Tags of jobs and throughputs over the wire.

use outcrop_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Answer, post, quick, raw, send};

fn throughput(name: &str, tags: &Value) -> Value {
    let model = "amazon.nova-lite-v1:0";
    json!({ "provisionedModelName": name, "modelId": model, "modelUnits": 1, "tags": tags })
}

async fn create(emulator: &Emulator, tags: &Value) -> String {
    let body = throughput("prod", tags);
    let answer = send(emulator, post("/provisioned-model-throughput", &body)).await;
    answer.json()["provisionedModelArn"].as_str().unwrap().into()
}

async fn tag(emulator: &Emulator, arn: &str, tags: &Value) -> Answer {
    send(emulator, post("/tagResource", &json!({ "resourceARN": arn, "tags": tags }))).await
}

async fn list(emulator: &Emulator, arn: &str) -> Answer {
    send(emulator, post("/listTagsForResource", &json!({ "resourceARN": arn }))).await
}

/// `count` tags from `first` on.
fn many(first: usize, count: usize) -> Value {
    let tags = (first..first + count).map(|n| json!({ "key": format!("k{n:03}"), "value": "" }));
    Value::Array(tags.collect())
}

#[tokio::test]
async fn tags_are_given_changed_and_taken_away() {
    let emulator = quick().start().await.unwrap();
    let given = json!([{ "key": "team", "value": "a" }, { "key": "Team", "value": "b" }]);
    let arn = create(&emulator, &given).await;
    let more = json!([{ "key": "team", "value": "c" }, { "key": "cost:x/y", "value": "" }]);
    assert_eq!(tag(&emulator, &arn, &more).await.status, 200);
    let listed = list(&emulator, &arn).await.json();
    let expected = [("Team", "b"), ("cost:x/y", ""), ("team", "c")];
    let expected = expected.map(|(key, value)| json!({ "key": key, "value": value }));
    assert_eq!(listed["tags"], json!(expected));
    let body = json!({ "resourceARN": arn, "tagKeys": ["Team", "team", "none"] });
    assert_eq!(send(&emulator, post("/untagResource", &body)).await.status, 200);
    assert_eq!(list(&emulator, &arn).await.json()["tags"], json!([expected[1]]));
}

#[tokio::test]
async fn a_job_has_the_tags_that_it_was_created_with() {
    let emulator = quick().start().await.unwrap();
    let body = json!({
        "jobName": "nightly",
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": "amazon.nova-lite-v1:0",
        "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
        "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
        "tags": [{ "key": "team", "value": "a" }],
    });
    let created = send(&emulator, post("/model-invocation-job", &body)).await.json();
    let arn = created["jobArn"].as_str().unwrap();
    let tags = json!({ "tags": [{ "key": "team", "value": "a" }] });
    assert_eq!(list(&emulator, arn).await.json(), tags);
    assert_eq!(tag(&emulator, arn, &many(0, 49)).await.status, 200);
}

#[tokio::test]
async fn a_resource_has_at_most_fifty_tags() {
    let emulator = quick().start().await.unwrap();
    let arn = create(&emulator, &many(0, 50)).await;
    // Those that are there already may be given again.
    assert_eq!(tag(&emulator, &arn, &many(0, 50)).await.status, 200);
    let answer = tag(&emulator, &arn, &many(50, 1)).await;
    let (status, exception, message) = answer.refusal();
    assert_eq!((status, exception.as_str()), (400, "TooManyTagsException"));
    assert!(message.contains("50 tags per resource"), "{message}");
    assert_eq!(answer.json()["resourceName"], arn);
    assert_eq!(list(&emulator, &arn).await.json()["tags"].as_array().unwrap().len(), 50);
    let body = throughput("more", &many(0, 51));
    let answer = send(&emulator, post("/provisioned-model-throughput", &body)).await;
    assert_eq!(answer.refusal().1, "TooManyTagsException");
    let listed = send(&emulator, raw("GET", "/provisioned-model-throughputs", "")).await.json();
    assert_eq!(listed["provisionedModelSummaries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tags_of_a_wrong_form_are_refused_by_name() {
    let emulator = quick().start().await.unwrap();
    let arn = create(&emulator, &json!([])).await;
    for (tags, expected) in [
        (json!([{ "key": "", "value": "" }]), "'tags.1.member.key'"),
        (json!([{ "key": "x".repeat(129), "value": "" }]), "less than or equal to 128"),
        (json!([{ "key": "a", "value": "x".repeat(257) }]), "less than or equal to 256"),
        (json!([{ "key": "a", "value": "?" }]), "regular expression pattern"),
        (json!([{ "key": "a" }]), "'tags.1.member.value'"),
        (json!([{ "key": "a", "value": "" }, { "key": "a", "value": "" }]), "given twice"),
        (json!([{ "key": "aws:a", "value": "" }]), "aws: prefixed"),
        (many(0, 201), "less than or equal to 200"),
        (Value::Null, "Member must not be null"),
    ] {
        let (status, exception, message) = tag(&emulator, &arn, &tags).await.refusal();
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{tags}");
        assert!(message.contains(expected), "{tags}: {message}");
    }
}

#[tokio::test]
async fn a_resource_that_is_not_there_has_no_tags() {
    let emulator = quick().start().await.unwrap();
    let arn = create(&emulator, &many(0, 1)).await;
    send(&emulator, raw("DELETE", "/provisioned-model-throughput/prod", "")).await;
    let other = "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abcdefghijkl";
    for arn in [arn.as_str(), other] {
        for path in ["/listTagsForResource", "/tagResource", "/untagResource"] {
            let body = json!({ "resourceARN": arn, "tags": [], "tagKeys": [] });
            let (status, exception, _) = send(&emulator, post(path, &body)).await.refusal();
            assert_eq!((status, exception.as_str()), (404, "ResourceNotFoundException"), "{path}");
        }
    }
    let refused = list(&emulator, "not-an-arn-of-anything").await.refusal();
    assert_eq!(refused.1, "ValidationException");
}
