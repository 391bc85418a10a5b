//! Batch jobs over the wire, on files in the data folder.

use std::collections::BTreeSet;

use outcrop_emulator::{BatchLimits, Emulator};
use serde_json::{Value, json};

use crate::client::{NOVA, Patience, post, quick, raw, send, turn};
use crate::upstream::Upstream;

pub(crate) fn request(name: &str) -> Value {
    json!({
        "jobName": name,
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": NOVA,
        "modelInvocationType": "Converse",
        "clientRequestToken": format!("token-{name}"),
        "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
        "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
    })
}

/// Lines of records, of which every tenth is blank and so fails.
pub(crate) fn lines(records: std::ops::Range<u32>) -> String {
    let record = |n: u32| {
        let text = if n.is_multiple_of(10) { " ".into() } else { format!("Record {n}") };
        json!({ "recordId": format!("R{n:05}"), "modelInput": turn(&text) }).to_string() + "\n"
    };
    records.map(record).collect()
}

async fn emulator(files: &[(&str, String)]) -> Emulator {
    started(quick(), files).await
}

pub(crate) async fn started(
    builder: outcrop_emulator::Builder,
    files: &[(&str, String)],
) -> Emulator {
    let emulator = builder.start().await.unwrap();
    emulator.create_bucket("records").await.unwrap();
    let folder = emulator.data_dir().join("records/in");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    emulator
}

pub(crate) async fn create(emulator: &Emulator, request: &Value) -> String {
    let answer = send(emulator, post("/model-invocation-job", request)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    answer.json()["jobArn"].as_str().unwrap().into()
}

async fn get(emulator: &Emulator, job: &str) -> Value {
    let job = job.replace(':', "%3A").replace('/', "%2F");
    send(emulator, raw("GET", &format!("/model-invocation-job/{job}"), "")).await.json()
}

/// Polls a job until it has ended.
pub(crate) async fn ended(emulator: &Emulator, job: &str) -> Value {
    until(emulator, job, |job| job.get("endTime").is_some()).await
}

/// Polls a job until it is as it should be.
async fn until(emulator: &Emulator, job: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let patience = Patience::new();
    while patience.lasts() {
        let job = get(emulator, job).await;
        if wanted(&job) {
            return job;
        }
        assert!(job.get("endTime").is_none(), "{job}");
    }
    panic!("the job does not get there");
}

#[tokio::test]
async fn a_model_server_answers_the_records_of_a_job() {
    let said = json!({
        "choices": [{ "message": { "content": "from outside" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2 },
    });
    let head = "200 OK\r\ncontent-type: application/json";
    let upstream = Upstream::start(head, &[said.to_string().as_bytes()]).await;
    let backend = outcrop_emulator::Backend::openai(&upstream.url).unwrap();
    let emulator = started(quick().backend(backend), &[("a.jsonl", lines(0..100))]).await;
    let job = create(&emulator, &request("outside")).await;
    assert_eq!(ended(&emulator, &job).await["status"], "Completed");
    let results = results(&emulator, &job, "a.jsonl.out");
    let text = "/modelOutput/output/message/content/0/text";
    let answered = results.iter().filter(|line| line.pointer(text) == Some(&"from outside".into()));
    assert_eq!((answered.count(), upstream.asked().len()), (90, 90));
}

#[tokio::test]
async fn a_model_server_is_asked_for_several_records_at_a_time() {
    let said = json!({
        "choices": [{ "message": { "content": "from outside" }, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 3, "completion_tokens": 2 },
    });
    let head = "200 OK\r\ncontent-type: application/json";
    let upstream = Upstream::at_once(head, said.to_string().as_bytes(), 8).await;
    let backend = outcrop_emulator::Backend::openai(&upstream.url).unwrap();
    let limits = BatchLimits { min_records: 8, ..BatchLimits::default() };
    let builder = quick().backend(backend).batch_limits(limits);
    let emulator = started(builder, &[("a.jsonl", lines(1..9))]).await;
    let job = create(&emulator, &request("together")).await;
    let state = ended(&emulator, &job).await;
    assert_eq!((&state["successRecordCount"], upstream.asked().len()), (&8.into(), 8));
}

pub(crate) fn results(emulator: &Emulator, job: &str, file: &str) -> Vec<Value> {
    let id = job.rsplit('/').next().unwrap();
    let path = emulator.data_dir().join(format!("records/out/{id}/{file}"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn every_record_of_every_file_gets_a_result_in_no_given_order() {
    let files = [("a.jsonl", lines(0..120)), ("b.jsonl", lines(120..150)), ("c.txt", "?".into())];
    let emulator = emulator(&files).await;
    let job = create(&emulator, &request("nightly")).await;
    let state = ended(&emulator, &job).await;
    assert_eq!(state["status"], "Completed");
    let counts =
        ["totalRecordCount", "processedRecordCount", "successRecordCount", "errorRecordCount"];
    assert_eq!(counts.map(|count| state[count].as_u64().unwrap()), [150, 150, 135, 15]);

    let mut all = results(&emulator, &job, "a.jsonl.out");
    let order: Vec<&str> = all.iter().map(|line| line["recordId"].as_str().unwrap()).collect();
    assert!(!order.is_sorted());
    all.extend(results(&emulator, &job, "b.jsonl.out"));
    let ids: BTreeSet<&str> = all.iter().map(|line| line["recordId"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), all.len()), (150, 150));
    for line in &all {
        let n: u32 = line["recordId"].as_str().unwrap()[1..].parse().unwrap();
        if n.is_multiple_of(10) {
            assert_eq!(line["error"]["errorCode"], 400);
            assert!(line.get("modelOutput").is_none());
        } else {
            let text = &line["modelOutput"]["output"]["message"]["content"][0]["text"];
            assert_eq!(text, &format!("You said: Record {n}"));
        }
    }
    let hidden = std::fs::read_dir(emulator.data_dir()).unwrap().count() - 1;
    assert_eq!(hidden, 0, "files are left beside the bucket");
    let manifest = &results(&emulator, &job, "manifest.json.out")[0];
    assert_eq!(counts.map(|count| manifest[count].as_u64().unwrap()), [150, 150, 135, 15]);
    assert!(manifest["inputTokenCount"].as_u64().unwrap() >= 270);
}

#[tokio::test]
async fn a_repeated_client_token_gives_the_first_job_again() {
    let emulator = emulator(&[("a.jsonl", lines(0..100))]).await;
    let first = create(&emulator, &request("nightly")).await;
    assert_eq!(create(&emulator, &request("nightly")).await, first);
    assert_ne!(create(&emulator, &request("other")).await, first);
    let listed = send(&emulator, raw("GET", "/model-invocation-jobs?nameContains=night", "")).await;
    assert_eq!(listed.json()["invocationJobSummaries"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_job_whose_input_is_not_sound_fails_and_says_why() {
    let mut bad = lines(0..120);
    bad.push_str("{\"recordId\":\"x\"}\n");
    for (files, expected) in [
        (vec![("a.jsonl", lines(0..99))], "less records (99) than the required minimum of: 100"),
        (vec![("a.jsonl", bad)], "Line 121 of a.jsonl is malformed: modelInput"),
        (vec![("a.txt", lines(0..100))], "no object at s3://records/in whose name ends in .jsonl"),
    ] {
        let emulator = emulator(&files).await;
        let job = create(&emulator, &request("nightly")).await;
        let state = ended(&emulator, &job).await;
        assert_eq!(state["status"], "Failed");
        let message = state["message"].as_str().unwrap();
        assert!(message.contains(expected), "{message}");
        assert!(!emulator.data_dir().join("records/out").exists());
    }
}

#[tokio::test]
async fn a_missing_bucket_or_object_fails_the_job() {
    let emulator = emulator(&[("a.jsonl", lines(0..100))]).await;
    for (uri, expected) in [
        ("s3://nowhere/in/", "bucket nowhere does not exist"),
        ("s3://records/gone.jsonl", "no object at s3://records/gone.jsonl"),
    ] {
        let mut request = request(&format!("job-{}", uri.len()));
        request["inputDataConfig"]["s3InputDataConfig"]["s3Uri"] = json!(uri);
        let job = create(&emulator, &request).await;
        let state = ended(&emulator, &job).await;
        assert!(state["message"].as_str().unwrap().contains(expected), "{state}");
    }
    let mut request = request("no-output");
    request["outputDataConfig"]["s3OutputDataConfig"]["s3Uri"] = json!("s3://nowhere/out/");
    let job = create(&emulator, &request).await;
    assert_eq!(ended(&emulator, &job).await["status"], "Failed");
    assert!(!emulator.data_dir().join("nowhere").exists());
}

#[tokio::test]
async fn a_stopped_job_ends_stopped_and_cannot_be_stopped_again() {
    let files = [("a.jsonl", lines(0..100))];
    // Each state lasts 1.5 s, so the job is still young when it is stopped.
    let emulator = started(quick().time_scale(10.0), &files).await;
    let job = create(&emulator, &request("nightly")).await;
    let id = job.rsplit('/').next().unwrap();
    let stop = || send(&emulator, post(&format!("/model-invocation-job/{id}/stop"), &json!({})));
    assert_eq!(stop().await.status, 200);
    assert_eq!(get(&emulator, id).await["status"], "Stopping");
    assert_eq!(ended(&emulator, id).await["status"], "Stopped");
    let (status, exception, _) = stop().await.refusal();
    assert_eq!((status, exception.as_str()), (400, "ConflictException"));
}

#[tokio::test]
async fn jobs_beyond_the_quotas_are_refused_or_fail() {
    let files = [("a.jsonl", lines(0..100))];
    let limits = BatchLimits { max_jobs: 1, max_records: 50, ..BatchLimits::default() };
    let emulator = started(quick().time_scale(5.0).batch_limits(limits), &files).await;
    let job = create(&emulator, &request("first")).await;
    // Another name for the same model.
    let mut other = request("second");
    other["modelId"] = json!("amazon.nova-lite-v1:0");
    let second = send(&emulator, post("/model-invocation-job", &other)).await;
    assert_eq!(second.refusal().1, "ServiceQuotaExceededException");
    let state = ended(&emulator, &job).await;
    assert!(state["message"].as_str().unwrap().contains("allowed maximum of: 50"), "{state}");
    // The first has ended, so there is room again.
    create(&emulator, &request("third")).await;
}

#[tokio::test]
async fn a_job_that_is_not_there_is_not_found() {
    let emulator = quick().start().await.unwrap();
    let answer = send(&emulator, raw("GET", "/model-invocation-job/abcdefghijkl", "")).await;
    let (status, exception, _) = answer.refusal();
    assert_eq!((status, exception.as_str()), (404, "ResourceNotFoundException"));
    for id in ["abc", "ABCDEFGHIJKL", "arn%3Aaws%3Abedrock%3Aus-east-1%3A1%3Ajob%2Fabcdefghijkl"] {
        for (method, path) in [("GET", ""), ("POST", "/stop")] {
            let path = format!("/model-invocation-job/{id}{path}");
            let (status, exception, message) =
                send(&emulator, raw(method, &path, "")).await.refusal();
            assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{path}");
            assert!(message.contains("at 'jobIdentifier'"), "{message}");
        }
    }
}

/// The states of a job that shows each for 150 ms, as far as they were seen.
async fn states() -> Vec<String> {
    let emulator = started(quick().time_scale(1.0), &[("a.jsonl", lines(0..100))]).await;
    let job = create(&emulator, &request("nightly")).await;
    let mut seen: Vec<String> = Vec::new();
    let patience = Patience::new();
    while patience.lasts() {
        let state = get(&emulator, &job).await;
        let status = state["status"].as_str().unwrap().to_owned();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        if state.get("endTime").is_some() {
            break;
        }
    }
    seen
}

#[tokio::test]
async fn a_job_passes_through_its_states_in_order() {
    let all = ["Submitted", "Validating", "Scheduled", "InProgress", "Completed"];
    // Where the machine stands still a state may be over before it is seen.
    for _ in 0..5 {
        let seen = states().await;
        if seen == all {
            return;
        }
        let mut rest = all.iter();
        assert!(seen.iter().all(|status| rest.any(|known| known == status)), "{seen:?}");
        assert_eq!(seen.last().map(String::as_str), Some("Completed"));
    }
    panic!("a state is never seen");
}

#[tokio::test]
async fn half_of_the_results_are_there_while_the_job_is_in_progress() {
    let files = [("a.jsonl", lines(0..60)), ("b.jsonl", lines(60..200))];
    // A stage lasts long enough to be looked at.
    let emulator = started(quick().time_scale(5.0), &files).await;
    let job = create(&emulator, &request("nightly")).await;
    let at_half = |state: &Value| state["processedRecordCount"] == 100;
    let state = until(&emulator, &job, at_half).await;
    assert_eq!(state["status"], "InProgress");
    assert_eq!(results(&emulator, &job, "a.jsonl.out").len(), 60);
    assert_eq!(results(&emulator, &job, "b.jsonl.out").len(), 40);
    let id = job.rsplit('/').next().unwrap();
    let folder = emulator.data_dir().join("records/out").join(id);
    assert!(!folder.join("manifest.json.out").exists());
    assert_eq!(ended(&emulator, &job).await["status"], "Completed");
    assert_eq!(results(&emulator, &job, "b.jsonl.out").len(), 140);
    assert!(folder.join("manifest.json.out").exists());
}

#[tokio::test]
async fn a_job_that_is_stopped_in_progress_keeps_what_is_done() {
    let emulator = started(quick().time_scale(5.0), &[("a.jsonl", lines(0..101))]).await;
    let job = create(&emulator, &request("nightly")).await;
    until(&emulator, &job, |state| state["processedRecordCount"] == 51).await;
    let id = job.rsplit('/').next().unwrap();
    send(&emulator, post(&format!("/model-invocation-job/{id}/stop"), &json!({}))).await;
    let state = ended(&emulator, &job).await;
    assert_eq!((&state["status"], &state["processedRecordCount"]), (&json!("Stopped"), &json!(51)));
    assert_eq!(results(&emulator, &job, "a.jsonl.out").len(), 51);
    let manifest = &results(&emulator, &job, "manifest.json.out")[0];
    assert_eq!(
        (&manifest["processedRecordCount"], &manifest["totalRecordCount"]),
        (&json!(51), &json!(101))
    );
}

#[tokio::test]
async fn a_stop_cuts_the_ask_of_a_model_server_that_does_not_answer() {
    let head = "200 OK\r\ncontent-type: application/json";
    let (upstream, _step) = Upstream::stepwise(head, &[b"", b"{}"]).await;
    let backend = outcrop_emulator::Backend::openai(&upstream.url).unwrap();
    let emulator = started(quick().backend(backend), &[("a.jsonl", lines(1..101))]).await;
    let job = create(&emulator, &request("hanging")).await;
    until(&emulator, &job, |_| !upstream.asked().is_empty()).await;
    let id = job.rsplit('/').next().unwrap();
    send(&emulator, post(&format!("/model-invocation-job/{id}/stop"), &json!({}))).await;
    let state = ended(&emulator, &job).await;
    assert_eq!((&state["status"], &state["processedRecordCount"]), (&json!("Stopped"), &json!(0)));
    assert!(results(&emulator, &job, "a.jsonl.out").is_empty());
    assert_eq!(upstream.asked().len(), 1);
}

#[tokio::test]
async fn a_job_expires_when_its_hours_are_over_before_it_begins() {
    let limits = BatchLimits { timeout_hour_ms: 0, ..BatchLimits::default() };
    let emulator = started(quick().batch_limits(limits), &[("a.jsonl", lines(0..100))]).await;
    let job = create(&emulator, &request("nightly")).await;
    let state = ended(&emulator, &job).await;
    assert_eq!(state["status"], "Expired");
    assert_eq!(state["jobExpirationTime"], state["submitTime"]);
    assert!(!emulator.data_dir().join("records/out").exists());
}

#[tokio::test]
async fn a_token_that_was_used_is_the_first_request_whatever_else_is_said() {
    let emulator = emulator(&[("a.jsonl", lines(0..100))]).await;
    let first = create(&emulator, &request("nightly")).await;
    let mut other = request("another");
    other["clientRequestToken"] = json!("token-nightly");
    assert_eq!(create(&emulator, &other).await, first);
    let listed = send(&emulator, raw("GET", "/model-invocation-jobs", "")).await.json();
    assert_eq!(listed["invocationJobSummaries"].as_array().unwrap().len(), 1);
    assert_eq!(listed["invocationJobSummaries"][0]["jobName"], "nightly");
}

#[tokio::test]
async fn the_network_of_a_job_is_told_again() {
    let emulator = emulator(&[("a.jsonl", lines(0..100))]).await;
    let mut request = request("nightly");
    request["vpcConfig"] = json!({ "subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"] });
    let job = create(&emulator, &request).await;
    assert_eq!(get(&emulator, &job).await["vpcConfig"], request["vpcConfig"]);
}

#[tokio::test]
async fn embeddings_run_in_jobs_and_bad_ones_become_errors() {
    let nova = |text: &str| {
        let text = json!({ "value": text, "truncationMode": "END" });
        let params = json!({ "embeddingPurpose": "CLUSTERING", "text": text });
        json!({ "taskType": "SINGLE_EMBEDDING", "singleEmbeddingParams": params })
    };
    for (model, good, bad, place) in [
        (
            "amazon.titan-embed-text-v2:0",
            json!({ "inputText": "Hi there", "dimensions": 256 }),
            json!({ "inputText": "Hi", "dimensions": 7 }),
            "/modelOutput/embedding/255",
        ),
        (
            "cohere.embed-english-v3",
            json!({ "texts": ["Hi there"], "input_type": "clustering" }),
            json!({ "texts": ["Hi"] }),
            "/modelOutput/embeddings/0/1023",
        ),
        (
            "amazon.nova-2-multimodal-embeddings-v1:0",
            nova("Hi there"),
            json!({ "taskType": "SEGMENTED_EMBEDDING" }),
            "/modelOutput/embeddings/0/embedding/3071",
        ),
    ] {
        let line = |(n, input): (usize, &Value)| {
            json!({ "recordId": n.to_string(), "modelInput": input }).to_string() + "\n"
        };
        let lines: String = [&good, &bad].into_iter().enumerate().map(line).collect();
        let limits = BatchLimits { min_records: 1, ..BatchLimits::default() };
        let builder = quick().batch_limits(limits);
        let emulator = started(builder, &[("a.jsonl", lines)]).await;
        let mut request = request("embed");
        request["modelId"] = model.into();
        request["modelInvocationType"] = "InvokeModel".into();
        let job = create(&emulator, &request).await;
        assert_eq!(ended(&emulator, &job).await["status"], "Completed", "{model}");
        let id = job.rsplit('/').next().unwrap();
        let folder = emulator.data_dir().join(format!("records/out/{id}"));
        let output = std::fs::read_to_string(folder.join("a.jsonl.out")).unwrap();
        let record = |id: &str| {
            let lines = output.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            lines.into_iter().find(|line| line["recordId"] == id).unwrap()
        };
        assert!(record("0").pointer(place).is_some_and(Value::is_f64), "{model}");
        assert_eq!(record("1")["error"]["errorCode"], 400, "{model}");
        let manifest = std::fs::read_to_string(folder.join("manifest.json.out")).unwrap();
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["inputTokenCount"], 2, "{model}: {manifest}");
    }
}
