//! A model server behind the emulator answers in place of the model inside.

use codec::frame::{Decoded, FrameKind, decode};
use http_body_util::BodyExt;
use outcrop_emulator::{Backend, Emulator, UrlError};
use serde_json::{Value, json};

use crate::client::{NOVA, open, post, quick, send, turn};
use crate::upstream::Upstream;

const CLAUDE: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
const SSE: &str = "200 OK\r\ncontent-type: text/event-stream; charset=utf-8";
const JSON: &str = "200 OK\r\ncontent-type: application/json";

async fn emulator(upstream: &Upstream) -> Emulator {
    let backend = Backend::openai(&upstream.url).unwrap().model("tiny").api_key("local-key");
    quick().backend(backend).start().await.unwrap()
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn delta(delta: &Value) -> String {
    event(&json!({ "choices": [{ "index": 0, "delta": delta, "finish_reason": null }] }))
}

fn finish(reason: &str) -> String {
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 5 });
    let end = json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] });
    event(&end) + &event(&json!({ "choices": [], "usage": usage })) + "data: [DONE]\n\n"
}

/// A reply that calls two tools.
fn calls() -> Value {
    let call = |name: &str, arguments: &str| {
        json!({ "id": "c", "type": "function",
            "function": { "name": name, "arguments": arguments } })
    };
    json!({
        "choices": [{ "index": 0, "finish_reason": "tool_calls", "message": {
            "role": "assistant", "content": null,
            "tool_calls": [call("weather", "{\"city\":\"Oslo\"}"), call("time", "{}")],
        } }],
        "usage": { "prompt_tokens": 11, "completion_tokens": 5 },
    })
}

fn tools() -> Value {
    let tool = |name: &str| json!({ "toolSpec": { "name": name, "inputSchema": { "json": { "type": "object" } } } });
    json!({ "tools": [tool("weather"), tool("time")] })
}

#[tokio::test]
async fn a_reply_of_converse_is_the_server_s() {
    let upstream = Upstream::start(JSON, &[calls().to_string().as_bytes()]).await;
    let emulator = emulator(&upstream).await;
    let mut body = turn("Weather in Oslo?");
    body["toolConfig"] = tools();
    let answer = send(&emulator, post(&format!("/model/{NOVA}/converse"), &body)).await;
    let reply = answer.json();
    assert_eq!((answer.status, &reply["stopReason"]), (200, &json!("tool_use")), "{reply}");
    let content = reply["output"]["message"]["content"].as_array().unwrap();
    let names: Vec<&Value> = content.iter().map(|block| &block["toolUse"]["name"]).collect();
    assert_eq!(names, ["weather", "time"]);
    assert_eq!(content[0]["toolUse"]["input"], json!({ "city": "Oslo" }));
    assert_ne!(content[0]["toolUse"]["toolUseId"], content[1]["toolUse"]["toolUseId"]);
    assert_eq!(
        (&reply["usage"]["inputTokens"], &reply["usage"]["outputTokens"]),
        (&json!(11), &json!(5))
    );

    let asked = &upstream.asked()[0];
    assert!(asked.head.starts_with("post /v1/chat/completions http/1.1"), "{}", asked.head);
    assert!(asked.head.contains("authorization: bearer local-key"));
    let asked: Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!((&asked["model"], &asked["stream"]), (&json!("tiny"), &json!(false)));
    assert_eq!(asked["messages"][0]["content"], "Weather in Oslo?");
    assert_eq!(asked["tools"][0]["function"]["name"], "weather");
}

#[tokio::test]
async fn a_stream_of_converse_arrives_as_the_server_speaks() {
    let first = delta(&json!({ "role": "assistant", "content": "Hel" }));
    let rest = delta(&json!({ "content": "lo" })) + &finish("stop");
    let pieces = [first.as_bytes(), rest.as_bytes()];
    let (upstream, step) = Upstream::stepwise(SSE, &pieces).await;
    let emulator = emulator(&upstream).await;
    let call = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
    let mut body = open(&emulator, call).await.into_body();
    let mut bytes = Vec::new();
    // The server says no more until the first words have arrived.
    while !String::from_utf8_lossy(&bytes).contains("Hel") {
        bytes.extend(body.frame().await.unwrap().unwrap().into_data().unwrap());
    }
    assert!(!String::from_utf8_lossy(&bytes).contains("messageStop"));
    step.send(()).await.unwrap();
    bytes.extend(body.collect().await.unwrap().to_bytes());
    let events = events(&bytes);
    let kinds: Vec<&str> = events.iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(
        kinds,
        [
            "messageStart",
            "contentBlockDelta",
            "contentBlockDelta",
            "contentBlockStop",
            "messageStop",
            "metadata"
        ]
    );
    assert_eq!(events[2].1["delta"]["text"], "lo");
    assert_eq!(events[5].1["usage"]["outputTokens"], 5);
}

#[tokio::test]
async fn a_family_s_own_stream_carries_the_server_s_call() {
    let call = |arguments: &str, name: Value| {
        let function = json!({ "name": name, "arguments": arguments });
        delta(&json!({ "tool_calls": [{ "index": 0, "function": function }] }))
    };
    let events = [
        delta(&json!({ "content": "Let me see." })),
        call("", "weather".into()),
        call("{\"city\":", Value::Null),
        call("\"Oslo\"}", Value::Null),
        finish("tool_calls"),
    ];
    let upstream = Upstream::start(SSE, &[events.concat().as_bytes()]).await;
    let emulator = emulator(&upstream).await;
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31", "max_tokens": 100,
        "messages": [{ "role": "user", "content": "Weather in Oslo?" }],
        "tools": [{ "name": "weather", "input_schema": { "type": "object" } }],
    });
    let path = format!("/model/{CLAUDE}/invoke-with-response-stream");
    let chunks = chunks(&send(&emulator, post(&path, &body)).await.body);
    let kinds: Vec<&str> = chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start",
            "content_block_delta",
            "content_block_stop",
            "content_block_start",
            "content_block_delta",
            "content_block_delta",
            "content_block_stop",
            "message_delta",
            "message_stop"
        ]
    );
    assert_eq!(chunks[4]["content_block"]["name"], "weather");
    assert_eq!(chunks[6]["delta"]["partial_json"], "\"Oslo\"}");
    assert_eq!(chunks[8]["delta"]["stop_reason"], "tool_use");
    let metrics = &chunks[9]["amazon-bedrock-invocationMetrics"];
    assert_eq!(
        (&metrics["inputTokenCount"], &metrics["outputTokenCount"]),
        (&json!(11), &json!(5))
    );
}

#[tokio::test]
async fn families_that_end_with_their_last_piece_do_so() {
    let said = |text: &str| delta(&json!({ "content": text }));
    let events = [said("a"), said("b"), said("c"), finish("length")].concat();
    let upstream = Upstream::start(SSE, &[events.as_bytes()]).await;
    let emulator = emulator(&upstream).await;
    let stream = async |model: &str, body: Value| {
        let path = format!("/model/{model}/invoke-with-response-stream");
        chunks(&send(&emulator, post(&path, &body)).await.body)
    };
    let body = json!({ "prompt": "Hi", "max_gen_len": 9 });
    let chunks = stream("meta.llama3-8b-instruct-v1:0", body).await;
    let said: Vec<_> = chunks.iter().map(|c| (&c["generation"], &c["stop_reason"])).collect();
    let none = Value::Null;
    assert_eq!(
        said,
        [
            (&json!("a"), &none),
            (&json!("b"), &none),
            (&json!("c"), &none),
            (&json!(""), &json!("length"))
        ]
    );
    let chunks =
        stream("mistral.mistral-7b-instruct-v0:2", json!({ "prompt": "<s>[INST] Hi [/INST]" }))
            .await;
    let said: Vec<_> = chunks
        .iter()
        .map(|c| (&c["outputs"][0]["text"], &c["outputs"][0]["stop_reason"]))
        .collect();
    assert_eq!(said, [(&json!("a"), &none), (&json!("b"), &none), (&json!("c"), &json!("length"))]);
    let asked: Value = serde_json::from_slice(&upstream.asked()[1].body).unwrap();
    assert_eq!(asked["messages"], json!([{ "role": "user", "content": "Hi" }]));
}

#[tokio::test]
async fn what_the_server_refuses_is_refused_in_bedrock_s_way() {
    for (head, status, exception) in [
        ("400 Bad Request", 400, "ValidationException"),
        ("429 Too Many Requests", 429, "ThrottlingException"),
        ("500 Internal Server Error", 424, "ModelErrorException"),
        ("503 Service Unavailable", 503, "ServiceUnavailableException"),
    ] {
        let said = json!({ "error": { "message": "the context is full" } }).to_string();
        let upstream = Upstream::start(head, &[said.as_bytes()]).await;
        let emulator = emulator(&upstream).await;
        for operation in ["converse", "converse-stream"] {
            let path = format!("/model/{NOVA}/{operation}");
            let refusal = send(&emulator, post(&path, &turn("Hi"))).await.refusal();
            assert_eq!((refusal.0, refusal.1.as_str()), (status, exception));
            assert!(refusal.2.contains("the context is full"), "{refusal:?}");
        }
    }
    let nobody = quick().backend(Backend::openai("http://127.0.0.1:9").unwrap());
    let emulator = nobody.start().await.unwrap();
    let path = format!("/model/{NOVA}/converse");
    let refusal = send(&emulator, post(&path, &turn("Hi"))).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (503, "ServiceUnavailableException"));
    assert!(refusal.2.contains("http://127.0.0.1:9"), "{refusal:?}");
}

#[tokio::test]
async fn a_server_that_breaks_off_ends_the_stream_with_an_exception() {
    let first = delta(&json!({ "content": "Hel" }));
    let error = event(&json!({ "error": { "message": "out of memory" } }));
    for (rest, why) in
        [("", "ended before"), (error.as_str(), "out of memory"), ("data: x\n\n", "no JSON")]
    {
        let upstream = Upstream::start(SSE, &[first.as_bytes(), rest.as_bytes()]).await;
        let emulator = emulator(&upstream).await;
        let call = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
        let body = send(&emulator, call).await.body;
        let last = frames(&body).pop().unwrap();
        assert_eq!((last.0, last.1.as_str()), (FrameKind::Exception, "modelStreamErrorException"));
        assert!(last.2["message"].as_str().unwrap().contains(why), "{last:?}");
        // The same in one piece is an error as a whole.
        let call = post(&format!("/model/{NOVA}/converse"), &turn("Hi"));
        assert_eq!(send(&emulator, call).await.refusal().0, 424);
    }
}

#[tokio::test]
async fn checks_come_before_the_server() {
    let upstream = Upstream::start(JSON, &[b"{}"]).await;
    let emulator = emulator(&upstream).await;
    let path = format!("/model/{NOVA}/converse");
    let refusal = send(&emulator, post(&path, &turn(" "))).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (400, "ValidationException"));
    assert!(upstream.asked().is_empty());
    let refusal = send(&emulator, post(&path, &turn("Hi"))).await.refusal();
    assert_eq!((refusal.0, refusal.1.as_str()), (424, "ModelErrorException"));
    assert!(matches!(Backend::openai("localhost:8080"), Err(UrlError::Form(_))));
}

/// Kind, type and payload of each frame.
fn frames(mut bytes: &[u8]) -> Vec<(FrameKind, String, Value)> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        let Decoded::Complete { frame, len } = decode(bytes).unwrap() else { panic!("no frame") };
        let kind = frame.event_type().or_else(|| frame.exception_type()).unwrap();
        let payload = serde_json::from_slice(frame.payload()).unwrap();
        frames.push((frame.kind(), kind.to_owned(), payload));
        bytes = &bytes[len..];
    }
    frames
}

fn events(bytes: &[u8]) -> Vec<(String, Value)> {
    frames(bytes).into_iter().map(|(_, kind, payload)| (kind, payload)).collect()
}

/// The JSON inside the chunks of a family's own stream.
fn chunks(bytes: &[u8]) -> Vec<Value> {
    use base64::Engine as _;
    let decode = |payload: &Value| {
        base64::engine::general_purpose::STANDARD
            .decode(payload["bytes"].as_str().unwrap())
            .unwrap()
    };
    let chunks = events(bytes).into_iter().map(|(_, payload)| decode(&payload));
    chunks.map(|bytes| serde_json::from_slice(&bytes).unwrap()).collect()
}

#[tokio::test]
async fn an_event_without_an_end_is_not_kept_for_ever() {
    let endless = [b"data: ".as_slice(), &[b'x'; 5 << 20]].concat();
    // The server stays, and would say more.
    let (upstream, _step) = Upstream::stepwise(SSE, &[&endless, b"\n\n"]).await;
    let emulator = emulator(&upstream).await;
    let call = post(&format!("/model/{NOVA}/converse-stream"), &turn("Hi"));
    let body = open(&emulator, call).await.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body);
    assert!(text.contains("a line is longer than 4194304 bytes"), "{text}");
}
