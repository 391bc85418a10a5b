//! Guardrails on calls: words that are blocked in what goes to a model and in what comes from it.

use hyper::Request;
use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send, turn};

const CLAUDE: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const ID: &str = "guard1";
const BLOCKED: &str = "Sorry, the model cannot answer this question.";

/// A Converse body with a guardrail.
fn guarded(text: &str, trace: &str) -> Value {
    let mut body = turn(text);
    body["guardrailConfig"] =
        json!({ "guardrailIdentifier": ID, "guardrailVersion": "DRAFT", "trace": trace });
    body
}

async fn converse(operation: &str, body: &Value) -> Answer {
    let emulator = quick().guarded_words(["lava", "you"]).start().await.unwrap();
    send(&emulator, post(&format!("/model/{CLAUDE}/{operation}"), body)).await
}

/// Calls a model in its own format, with the headers of a guardrail whose answers are traced.
async fn invoke(model: &str, operation: &str, body: &Value, words: &[&str]) -> Answer {
    let emulator = quick().guarded_words(words.iter().copied()).start().await.unwrap();
    let mut request = post(&format!("/model/{model}/{operation}"), body);
    guard(&mut request, &[("guardrailidentifier", ID), ("guardrailversion", "1")]);
    guard(&mut request, &[("trace", "ENABLED")]);
    send(&emulator, request).await
}

fn guard<B>(request: &mut Request<B>, headers: &[(&str, &str)]) {
    for (name, value) in headers {
        let name: hyper::header::HeaderName = format!("x-amzn-bedrock-{name}").parse().unwrap();
        request.headers_mut().insert(name, value.parse().unwrap());
    }
}

#[tokio::test]
async fn a_word_in_the_input_is_answered_by_the_guardrail_and_costs_nothing() {
    let reply = converse("converse", &guarded("Tell me of Lava.", "enabled")).await.json();
    assert_eq!(reply["stopReason"], "guardrail_intervened");
    assert_eq!(reply["output"]["message"]["content"], json!([{ "text": BLOCKED }]));
    assert_eq!(reply["usage"]["totalTokens"], 0);
    let trace = &reply["trace"]["guardrail"];
    assert_eq!(trace["actionReason"], "Guardrail blocked.");
    let word = json!({ "match": "lava", "action": "BLOCKED", "detected": true });
    assert_eq!(trace["inputAssessment"][ID]["wordPolicy"]["customWords"], json!([word]));
    let coverage = &trace["inputAssessment"][ID]["invocationMetrics"]["guardrailCoverage"];
    assert_eq!(coverage["textCharacters"], json!({ "guarded": 16, "total": 16 }));
    assert!(trace.get("outputAssessments").is_none() && trace.get("modelOutput").is_none());
}

#[tokio::test]
async fn a_word_in_the_output_is_replaced_and_the_trace_tells_what_was_said() {
    let reply = converse("converse", &guarded("Hi", "enabled_full")).await.json();
    assert_eq!(reply["stopReason"], "guardrail_intervened");
    let content = &reply["output"]["message"]["content"];
    assert_eq!(*content, json!([{ "text": "Sorry, the model's answer was blocked." }]));
    // The model has spoken, and is paid for.
    assert_eq!(reply["usage"]["outputTokens"], 4);
    let trace = &reply["trace"]["guardrail"];
    assert_eq!(trace["modelOutput"], json!(["You said: Hi"]));
    assert!(trace["inputAssessment"][ID].get("wordPolicy").is_none());
    let assessment = &trace["outputAssessments"][ID][0];
    assert_eq!(assessment["wordPolicy"]["customWords"][0]["match"], "you");
}

#[tokio::test]
async fn a_trace_is_only_where_it_is_asked_for() {
    for trace in ["disabled", "enabled"] {
        let reply = converse("converse", &guarded("lava", trace)).await.json();
        assert_eq!(reply.get("trace").is_some(), trace == "enabled", "{trace}");
    }
    let emulator = quick().start().await.unwrap();
    let request = post(&format!("/model/{CLAUDE}/converse"), &guarded("Hi", "enabled"));
    let passed = send(&emulator, request).await.json();
    assert_eq!(passed["stopReason"], "end_turn");
    let trace = &passed["trace"]["guardrail"];
    assert_eq!(trace["actionReason"], "No action.");
    assert!(trace["outputAssessments"][ID][0].get("wordPolicy").is_none());
}

#[tokio::test]
async fn a_stream_brings_the_message_of_the_guardrail_and_its_trace_at_the_end() {
    let body = guarded("lava", "enabled");
    let events = converse("converse-stream", &body).await.events();
    let text: String = events.iter().filter_map(|(_, e)| e["delta"]["text"].as_str()).collect();
    assert_eq!(text, BLOCKED);
    let (kind, stop) = &events[events.len() - 2];
    assert_eq!(
        (kind.as_str(), &stop["stopReason"]),
        ("messageStop", &json!("guardrail_intervened"))
    );
    let (kind, metadata) = events.last().unwrap();
    assert_eq!(kind, "metadata");
    assert_eq!(
        metadata["trace"]["guardrail"]["inputAssessment"][ID]["wordPolicy"],
        json!({
            "customWords": [{ "match": "lava", "action": "BLOCKED", "detected": true }],
            "managedWordLists": [],
        })
    );
}

#[tokio::test]
async fn only_marked_content_is_looked_at_where_there_is_any() {
    let mut body = guarded("lava", "enabled");
    let marked = json!({ "guardContent": { "text": { "text": "rocks" } } });
    body["messages"][0]["content"].as_array_mut().unwrap().push(marked);
    let emulator = quick().guarded_words(["lava"]).start().await.unwrap();
    let reply = send(&emulator, post(&format!("/model/{CLAUDE}/converse"), &body)).await.json();
    let trace = &reply["trace"]["guardrail"]["inputAssessment"][ID];
    assert!(trace.get("wordPolicy").is_none(), "{trace}");
    // The answer repeats the words, and all of it is looked at.
    assert_eq!(reply["stopReason"], "guardrail_intervened");
}

#[tokio::test]
async fn blocked_bodies_of_a_model_s_own_have_an_action_and_no_counts() {
    let claude = json!({
        "anthropic_version": "bedrock-2023-05-31", "max_tokens": 50,
        "messages": [{ "role": "user", "content": "lava" }],
    });
    let answer = invoke(CLAUDE, "invoke", &claude, &["lava"]).await;
    let reply = answer.json();
    assert_eq!(reply["amazon-bedrock-guardrailAction"], "INTERVENED");
    assert_eq!(reply["stop_reason"], "end_turn");
    assert!(reply["id"].as_str().unwrap().starts_with("bedrock-guardrails-"));
    assert_eq!(reply["content"], json!([{ "type": "text", "text": BLOCKED }]));
    assert_eq!(
        (&reply["usage"]["input_tokens"], &reply["usage"]["output_tokens"]),
        (&json!(0), &json!(0))
    );
    let trace = &reply["amazon-bedrock-trace"]["guardrail"];
    assert_eq!(trace["input"][ID]["wordPolicy"]["customWords"][0]["match"], "lava");
    assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), "");

    let llama = json!({ "prompt": "lava" });
    let reply = invoke("us.meta.llama3-3-70b-instruct-v1:0", "invoke", &llama, &["lava"]).await;
    let mut reply = reply.json();
    let trace = reply.as_object_mut().unwrap().remove("amazon-bedrock-trace");
    assert!(trace.is_some());
    let recorded = json!({ "generation": BLOCKED, "amazon-bedrock-guardrailAction": "INTERVENED" });
    assert_eq!(reply, recorded);

    let events = invoke(CLAUDE, "invoke-with-response-stream", &claude, &["lava"]).await.chunks();
    assert!(events[0]["message"]["id"].as_str().unwrap().starts_with("bedrock-guardrails-"));
    let (last, rest) = events.split_last().unwrap();
    assert_eq!(last["amazon-bedrock-guardrailAction"], "INTERVENED");
    assert!(last.get("amazon-bedrock-invocationMetrics").is_none());
    assert!(rest.iter().all(|event| event.get("amazon-bedrock-guardrailAction").is_none()));
    let delta = rest.iter().find(|event| event["type"] == "message_delta").unwrap();
    assert!(delta.get("usage").is_none());
}

#[tokio::test]
async fn a_body_that_passes_says_so() {
    let titan = json!({ "inputText": "rocks" });
    let model = "amazon.titan-text-express-v1";
    let answer = invoke(model, "invoke", &titan, &["lava"]).await;
    let reply = answer.json();
    assert_eq!(reply["amazon-bedrock-guardrailAction"], "NONE");
    assert!(reply["amazon-bedrock-trace"]["guardrail"]["outputs"][0][ID].is_object());
    assert_ne!(answer.header("x-amzn-bedrock-input-token-count"), "");
    // Nova marks the events that bring text, and the last.
    let nova = json!({ "messages": [{ "role": "user", "content": [{ "text": "rocks" }] }] });
    let events =
        invoke("amazon.nova-lite-v1:0", "invoke-with-response-stream", &nova, &["said"]).await;
    for event in events.chunks() {
        let marked = event["amazon-bedrock-guardrailAction"] == "INTERVENED";
        let brings = event.get("contentBlockDelta").is_some() || event.get("metadata").is_some();
        assert_eq!(marked, brings, "{event}");
    }
}

#[tokio::test]
async fn a_guardrail_that_cannot_be_is_refused() {
    let invalid = "The provided guardrail identifier is invalid.";
    let unknown = "The guardrail identifier or version provided in the request does not exist.";
    let null = "'guardrailConfig.guardrailVersion' failed to satisfy constraint: Member must not";
    for (config, expected) in [
        (json!({ "guardrailIdentifier": "Not-One", "guardrailVersion": "1" }), invalid),
        (json!({ "guardrailIdentifier": ID, "guardrailVersion": "0" }), unknown),
        (json!({ "guardrailIdentifier": ID }), null),
        (
            json!({ "guardrailIdentifier": ID, "guardrailVersion": "1", "trace": "yes" }),
            "enum value set: [enabled, disabled, enabled_full]",
        ),
    ] {
        let mut body = turn("Hi");
        body["guardrailConfig"] = config;
        let refused = converse("converse", &body).await.refusal();
        assert_eq!((refused.0, refused.1.as_str()), (400, "ValidationException"));
        assert!(refused.2.contains(expected), "{refused:?}");
    }
    let emulator = quick().start().await.unwrap();
    let body = json!({ "prompt": "Hi", "amazon-bedrock-guardrailConfig": { "tagSuffix": "x" } });
    let request = post("/model/mistral.mistral-7b-instruct-v0:2/invoke", &body);
    assert_eq!(send(&emulator, request).await.status, 400);
}
