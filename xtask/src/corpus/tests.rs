//! That the checks hold for exchanges that are read rightly, and find what is not.

use serde_json::{Value, json};

use super::case::Case;
use super::checks::{CHECKS, Verdict};
use super::exceptions::Exception;
use super::mark;
use super::operations::Operation;
use super::table::{Mark, Table};

#[test]
fn a_right_recording_passes_every_check_that_it_has_something_for() {
    for (case, expected) in [
        (unary(), vec!["request", "reply", "kept", "lint"]),
        (stream(), vec!["request", "stream", "splits", "kept", "lint"]),
        (chunks(), vec!["request", "stream", "splits", "lint"]),
        (refused(), vec!["request", "error"]),
        (embedding(), vec!["request", "reply"]),
        (counting(), vec!["request", "reply"]),
    ] {
        let case = read(&case);
        let passed: Vec<_> = CHECKS
            .iter()
            .filter(|check| match check.run(&case) {
                Verdict::Passed => true,
                Verdict::Nothing => false,
                other => panic!("{}: {}: {other:?}", case.name, check.name),
            })
            .map(|check| check.name)
            .collect();
        assert_eq!(passed, expected, "{}", case.name);
    }
}

#[test]
fn a_reply_beside_chat_that_is_read_otherwise_is_found() {
    let operation = |case: &Value| Operation::of(&read(case)).unwrap();
    for (good, path, value) in [
        (embedding(), "/response/embedding", json!([0.5, 0.25])),
        (embedding(), "/response/inputTextTokenCount", json!(9)),
        (counting(), "/response/inputTokens", json!(19)),
    ] {
        let mut bad = good.clone();
        set(&mut bad, path, value);
        let (operation, model) = operation(&good);
        // The bad body is what the codec reads, and the good one what was recorded.
        let difference = operation.compare(&read(&good), &model, &read(&bad).response).unwrap();
        assert!(difference.is_some(), "{path}");
    }
    let mut bad = counting();
    set(&mut bad, "/request/input/invokeModel/body", json!("e30"));
    assert!(matches!(verdict(&read(&bad), "request"), Verdict::Failed(_)));
}

/// The bytes say one thing and the events beside them another, as if the codec had misread them.
#[test]
fn a_stream_that_is_read_otherwise_is_found() {
    let mut good = read(&stream());
    let bytes = super::wire::bytes(&good).unwrap();
    good.response_stream_base64 =
        Some(base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes));
    for (path, value) in [
        ("/1/payload/delta/text", json!("Ho")),
        ("/2/payload/start/toolUse/name", json!("other")),
        ("/3/payload/delta/toolUse/input", json!("{\"a\":2}")),
        ("/4/payload/stopReason", json!("end_turn")),
        ("/5/payload/usage/outputTokens", json!(6)),
        ("/5/payload/usage/cacheReadInputTokens", json!(1)),
    ] {
        let mut bad = stream();
        let events = bad.get_mut("streamEvents").unwrap();
        set(events, path, value);
        let mut bad = read(&bad);
        bad.response_stream_base64 = good.response_stream_base64.clone();
        for name in ["frames", "stream", "kept"] {
            assert!(matches!(verdict(&bad, name), Verdict::Failed(_)), "{path} {name}");
        }
    }
    assert_eq!(verdict(&good, "frames"), Verdict::Passed);
}

#[test]
fn a_stream_of_which_only_bytes_were_stored_is_read() {
    let mut case = chunks();
    let bytes = super::wire::bytes(&read(&case)).unwrap();
    let text = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &bytes);
    case.as_object_mut().unwrap().remove("streamEvents");
    case["responseStreamBase64"] = text.into();
    for name in ["frames", "stream", "splits"] {
        assert_eq!(verdict(&read(&case), name), Verdict::Passed, "{name}");
    }
    let text = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        &bytes[..bytes.len() - 1],
    );
    case["responseStreamBase64"] = text.into();
    assert!(matches!(verdict(&read(&case), "stream"), Verdict::Failed(_)));
}

#[test]
fn a_stream_that_was_cut_is_not_read_as_whole() {
    let mut cut = stream();
    cut["streamEvents"].as_array_mut().unwrap().truncate(4);
    assert_eq!(verdict(&read(&cut), "stream"), Verdict::Passed);
}

#[test]
fn an_exception_in_a_stream_is_read_as_one() {
    let mut broken = stream();
    let exception = json!({
        "headers": {":message-type": "exception", ":exception-type": "throttlingException"},
        "payload": {"message": "Too many tokens"},
    });
    broken["streamEvents"].as_array_mut().unwrap()[4] = exception;
    assert_eq!(verdict(&read(&broken), "stream"), Verdict::Passed);
    set(&mut broken, "/streamEvents/4/headers/:exception-type", json!("fooException"));
    assert!(matches!(verdict(&read(&broken), "stream"), Verdict::Failed(_)));
}

#[test]
fn a_family_that_does_not_exist_is_counted_and_no_pass() {
    let mut case = chunks();
    case["modelId"] = json!("nobody.nothing-v1");
    let case = read(&case);
    for name in ["request", "stream", "splits"] {
        assert!(matches!(verdict(&case, name), Verdict::NotCovered(_)), "{name}");
    }
}

#[test]
fn a_family_that_the_address_hides_is_taken_from_the_recording() {
    let mut case = chunks();
    case["modelId"] = json!("arn:aws:bedrock:us-east-1:1:provisioned-model/abc");
    assert_eq!(verdict(&read(&case), "stream"), Verdict::Passed);
}

#[test]
fn an_error_that_is_not_known_is_found() {
    let mut case = refused();
    assert_eq!(verdict(&read(&case), "error"), Verdict::Passed);
    case["status"] = json!(418);
    assert!(matches!(verdict(&read(&case), "error"), Verdict::Passed));
    case["responseHeaders"]["x-amzn-errortype"] = json!("validationexception");
    assert!(matches!(verdict(&read(&case), "error"), Verdict::Failed(_)));
}

#[test]
fn the_worst_mark_of_a_case_is_counted() {
    let case = read(&unary());
    let failed = || Verdict::Failed("why".to_owned());
    let mut table = Table::default();
    let marks = [
        ("request", mark(&case, "request", failed(), true).unwrap()),
        ("reply", mark(&case, "reply", Verdict::Passed, false).unwrap()),
    ];
    assert_eq!(marks.map(|(_, mark)| mark), [Mark::Excepted, Mark::Passed]);
    table.count(&case, marks.to_vec());
    assert_eq!(table.failures(), 0);
    table.count(&case, vec![("kept", mark(&case, "kept", failed(), false).unwrap())]);
    table.count_no_proof(&case);
    assert_eq!(table.failures(), 1);
    let shown = table.to_string();
    assert!(shown.contains("amazon-nova              Converse "), "{shown}");
    let sum: Vec<_> =
        shown.lines().find(|line| line.starts_with("in all")).unwrap().split_whitespace().collect();
    assert_eq!(sum, ["in", "all", "0", "1", "1", "0", "1"]);
}

#[test]
fn an_exception_needs_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exceptions.json");
    let write = |reason: &str| {
        let list = json!([{"case": "*", "check": "reply", "reason": reason}]);
        std::fs::write(&path, list.to_string()).unwrap();
        Exception::read_all(&path)
    };
    assert_eq!(write("It is so.").unwrap().len(), 1);
    assert!(write(" ").unwrap_err().to_string().contains("needs a reason"));
    std::fs::write(&path, "[{\"case\": \"*\"}]").unwrap();
    assert!(Exception::read_all(&path).is_err());
}

fn verdict(case: &Case, name: &str) -> Verdict {
    CHECKS.iter().find(|check| check.name == name).unwrap().run(case)
}

fn read(case: &Value) -> Case {
    serde_json::from_value(case.clone()).unwrap()
}

fn set(value: &mut Value, path: &str, new: Value) {
    let (parent, key) = path.rsplit_once('/').unwrap();
    value.pointer_mut(parent).unwrap()[key] = new;
}

fn exchange(operation: &str, rest: Value) -> Value {
    let mut case = json!({
        "case": operation, "authenticity": "recorded", "operation": operation,
        "modelId": "amazon.nova-lite-v1:0", "family": "amazon-nova", "status": 200,
        "request": {"messages": [{"role": "user", "content": [{"text": "Hi"}]}]},
    });
    case.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    case
}

fn unary() -> Value {
    exchange(
        "Converse",
        json!({"response": {
            "output": {"message": {"role": "assistant", "content": [{"text": "Hello"}]}},
            "stopReason": "end_turn",
            "usage": {"inputTokens": 3, "outputTokens": 2, "totalTokens": 5},
        }}),
    )
}

fn stream() -> Value {
    let event = |kind: &str, payload: Value| json!({"headers": {":message-type": "event", ":event-type": kind}, "payload": payload});
    let events = [
        event("messageStart", json!({"role": "assistant", "p": "abc"})),
        event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": "Hello"}})),
        event(
            "contentBlockStart",
            json!({"contentBlockIndex": 1, "start": {"toolUse": {"toolUseId": "t", "name": "f"}}}),
        ),
        event(
            "contentBlockDelta",
            json!({"contentBlockIndex": 1, "delta": {"toolUse": {"input": "{\"a\":1}"}}}),
        ),
        event("messageStop", json!({"stopReason": "tool_use"})),
        event(
            "metadata",
            json!({"usage": {"inputTokens": 3, "outputTokens": 5, "totalTokens": 8}}),
        ),
    ];
    exchange("ConverseStream", json!({"streamEvents": events}))
}

/// A stream of Llama, of which only the inner JSON was kept.
fn chunks() -> Value {
    let chunk = |chunk: Value| json!({"headers": {":message-type": "event", ":event-type": "chunk"}, "chunk": chunk});
    let events = [
        chunk(
            json!({"generation": "He", "prompt_token_count": 9, "generation_token_count": 1, "stop_reason": null}),
        ),
        chunk(json!({"generation": "y", "generation_token_count": 2, "stop_reason": "stop",
            "amazon-bedrock-invocationMetrics": {"inputTokenCount": 8, "outputTokenCount": 2}})),
    ];
    exchange(
        "InvokeModelWithResponseStream",
        json!({"modelId": "meta.llama3-8b-instruct-v1:0", "family": "meta-llama",
            "request": {"prompt": "Hi"}, "streamEvents": events}),
    )
}

fn embedding() -> Value {
    exchange(
        "InvokeModel",
        json!({"modelId": "amazon.titan-embed-text-v2:0", "family": "amazon-titan-embed",
            "request": {"inputText": "Hi", "dimensions": 256},
            "response": {"embedding": [0.5, -0.25], "inputTextTokenCount": 3}}),
    )
}

fn counting() -> Value {
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 1,
        "messages": [{"role": "user", "content": "Hi"}]});
    let standard = &base64::engine::general_purpose::STANDARD;
    let body = base64::Engine::encode(standard, body.to_string());
    exchange(
        "CountTokens",
        json!({"modelId": "anthropic.claude-sonnet-4-20250514-v1:0", "family": "anthropic-claude",
            "request": {"input": {"invokeModel": {"body": body}}},
            "response": {"inputTokens": 18}}),
    )
}

fn refused() -> Value {
    exchange(
        "Converse",
        json!({"status": 400, "response": {"message": "No."},
            "responseHeaders": {"x-amzn-errortype": "ValidationException:http://internal/"}}),
    )
}
