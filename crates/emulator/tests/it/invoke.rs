//! InvokeModel and its stream: each family in its own format.

use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send};

const CLAUDE: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";
const METRICS: &str = "amazon-bedrock-invocationMetrics";

fn claude(text: &str) -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 100,
        "messages": [{ "role": "user", "content": text }],
    })
}

fn nova(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": text }] }] })
}

async fn invoke(model: &str, body: &Value) -> Answer {
    let emulator = quick().start().await.unwrap();
    send(&emulator, post(&format!("/model/{model}/invoke"), body)).await
}

/// The chunks of a stream, decoded.
async fn chunks(model: &str, body: &Value) -> Vec<Value> {
    let emulator = quick().start().await.unwrap();
    let path = format!("/model/{model}/invoke-with-response-stream");
    let answer = send(&emulator, post(&path, body)).await;
    assert_eq!(answer.header("x-amzn-bedrock-content-type"), "application/json");
    assert_eq!(answer.header("x-amzn-bedrock-input-token-count"), "");
    answer.chunks()
}

async fn refused(model: &str, body: &Value) -> String {
    let (status, exception, message) = invoke(model, body).await.refusal();
    assert_eq!((status, exception.as_str()), (400, "ValidationException"));
    message
}

/// What the trailer says, without the times, which must be there.
fn trailer(last: &Value) -> Value {
    let mut metrics = last[METRICS].clone();
    let members = metrics.as_object_mut().unwrap();
    let (first, all) = (members.remove("firstByteLatency"), members.remove("invocationLatency"));
    assert!(first.unwrap().as_u64() <= all.unwrap().as_u64());
    metrics
}

#[tokio::test]
async fn replies_count_their_tokens_in_headers() {
    for (model, body, caches) in [
        (CLAUDE, claude("Hi"), "0"),
        (NOVA, nova("Hi"), "0"),
        (LLAMA, json!({ "prompt": "Hi" }), ""),
        (TITAN, json!({ "inputText": "Hi" }), ""),
    ] {
        let answer = invoke(model, &body).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        let count = |name: &str| answer.header(&format!("x-amzn-bedrock-{name}-token-count"));
        assert_eq!([count("input"), count("output")], ["1", "4"], "{model}");
        assert_eq!(count("cache-read-input"), caches, "{model}");
        assert!(answer.header("x-amzn-bedrock-invocation-latency").parse::<u64>().is_ok());
    }
}

#[tokio::test]
async fn claude_replies_and_streams_messages() {
    let reply = invoke(CLAUDE, &claude("Hi")).await.json();
    assert!(reply["id"].as_str().unwrap().starts_with("msg_bdrk_"));
    assert_eq!(reply["content"], json!([{ "type": "text", "text": "You said: Hi" }]));
    assert_eq!(
        (&reply["stop_reason"], &reply["stop_sequence"]),
        (&json!("end_turn"), &Value::Null)
    );
    assert_eq!(reply["usage"]["output_tokens"], 4);

    let chunks = chunks(CLAUDE, &claude("Hi")).await;
    let kinds: Vec<&str> = chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[..2], ["message_start", "content_block_start"]);
    assert_eq!(kinds[2..6], ["content_block_delta"; 4]);
    assert_eq!(kinds[6..], ["content_block_stop", "message_delta", "message_stop"]);
    let text: String = chunks.iter().filter_map(|chunk| chunk["delta"]["text"].as_str()).collect();
    assert_eq!(text, "You said: Hi");
    assert_eq!(chunks[0]["message"]["usage"]["input_tokens"], 1);
    assert_eq!(chunks[7]["usage"]["output_tokens"], 4);
    let counts = json!({ "inputTokenCount": 1, "outputTokenCount": 4,
                         "cacheReadInputTokenCount": 0, "cacheWriteInputTokenCount": 0 });
    assert_eq!(trailer(&chunks[8]), counts);
}

#[tokio::test]
async fn claude_calls_tools() {
    let mut body = claude("Use look_up for word=outcrop");
    let schema = json!({ "type": "object", "properties": { "word": { "type": "string" } } });
    body["tools"] = json!([{ "name": "look_up", "input_schema": schema }]);
    let reply = invoke(CLAUDE, &body).await.json();
    assert_eq!(reply["stop_reason"], "tool_use");
    assert_eq!(reply["content"][0]["input"], json!({ "word": "outcrop" }));
    let chunks = chunks(CLAUDE, &body).await;
    let json: String =
        chunks.iter().filter_map(|chunk| chunk["delta"]["partial_json"].as_str()).collect();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), json!({ "word": "outcrop" }));
}

#[tokio::test]
async fn nova_replies_and_streams_with_a_stop_after_every_delta() {
    let reply = invoke(NOVA, &nova("Hi")).await.json();
    assert_eq!(reply["output"]["message"]["content"], json!([{ "text": "You said: Hi" }]));
    assert_eq!(reply["usage"]["totalTokens"], 5);

    let chunks = chunks(NOVA, &nova("Hi")).await;
    assert_eq!(chunks[0], json!({ "messageStart": { "role": "assistant" } }));
    for index in 0..4 {
        let [delta, stop] = &chunks[1 + 2 * index..3 + 2 * index] else { panic!("cut short") };
        assert_eq!(delta["contentBlockDelta"]["contentBlockIndex"], index);
        assert_eq!(stop["contentBlockStop"]["contentBlockIndex"], index);
    }
    assert_eq!(chunks[9], json!({ "messageStop": { "stopReason": "end_turn" } }));
    assert!(chunks[10]["metadata"]["usage"].get("totalTokens").is_none());
    assert_eq!(trailer(&chunks[10])["outputTokenCount"], 4);
}

#[tokio::test]
async fn llama_replies_and_streams_generations() {
    let prompt = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>\
        <|start_header_id|>assistant<|end_header_id|>\n\n";
    let body = json!({ "prompt": prompt, "max_gen_len": 3 });
    let reply = invoke(LLAMA, &body).await.json();
    assert_eq!(reply["generation"], "You said:");
    assert_eq!(
        (&reply["stop_reason"], &reply["generation_token_count"]),
        (&json!("length"), &json!(3))
    );

    let chunks = chunks(LLAMA, &body).await;
    assert_eq!(chunks.len(), 4);
    assert!(chunks[0]["prompt_token_count"].is_u64());
    assert!(chunks[1]["prompt_token_count"].is_null());
    assert_eq!(chunks[2]["generation_token_count"], 3);
    assert_eq!(
        (&chunks[3]["generation"], &chunks[3]["stop_reason"]),
        (&json!(""), &json!("length"))
    );
    assert_eq!(trailer(&chunks[3])["outputTokenCount"], 3);
}

#[tokio::test]
async fn titan_replies_and_streams_output_text() {
    let config = json!({ "maxTokenCount": 50, "stopSequences": ["User:"] });
    let body = json!({ "inputText": "User: Hi\nBot: ", "textGenerationConfig": config });
    let reply = invoke(TITAN, &body).await.json();
    let result =
        json!({ "tokenCount": 4, "outputText": "You said: Hi", "completionReason": "FINISH" });
    assert_eq!(reply["results"], json!([result]));

    let chunks = chunks(TITAN, &body).await;
    let text: String = chunks.iter().map(|chunk| chunk["outputText"].as_str().unwrap()).collect();
    assert_eq!(text, "You said: Hi");
    assert!(chunks[0]["completionReason"].is_null());
    let last = chunks.last().unwrap();
    assert_eq!(
        (&last["completionReason"], &last["totalOutputTextTokenCount"]),
        (&json!("FINISH"), &json!(4))
    );
    assert_eq!(trailer(last)["outputTokenCount"], 4);
}

#[tokio::test]
async fn each_family_obeys_its_limit_and_stop_words() {
    let mut limited = claude("one two three");
    limited["max_tokens"] = json!(4);
    assert_eq!(invoke(CLAUDE, &limited).await.json()["stop_reason"], "max_tokens");
    let mut stopped = claude("one two three");
    stopped["stop_sequences"] = json!(["two"]);
    let reply = invoke(CLAUDE, &stopped).await.json();
    assert_eq!(
        (&reply["stop_reason"], &reply["stop_sequence"]),
        (&json!("stop_sequence"), &json!("two"))
    );

    for spelling in ["maxTokens", "max_new_tokens"] {
        let mut limited = nova("one two three");
        limited["inferenceConfig"] = json!({ spelling: 4 });
        assert_eq!(invoke(NOVA, &limited).await.json()["stopReason"], "max_tokens", "{spelling}");
    }
    let config = json!({ "stopSequences": ["two"] });
    let body = json!({ "inputText": "one two", "textGenerationConfig": config });
    let reply = invoke(TITAN, &body).await.json();
    assert_eq!(reply["results"][0]["completionReason"], "STOP_CRITERIA_MET");
}

#[tokio::test]
async fn bad_bodies_are_refused_in_each_family_s_words() {
    let with = |mut body: Value, key: &str, value: Value| {
        body[key] = value;
        body
    };
    let without = |mut body: Value, key: &str| {
        body.as_object_mut().unwrap().remove(key);
        body
    };
    let turns = |first: &str| json!([{ "role": first, "content": "Hi" }]);
    for (model, body, expected) in [
        (CLAUDE, without(claude("Hi"), "max_tokens"), "max_tokens: Field required"),
        (CLAUDE, without(claude("Hi"), "anthropic_version"), "anthropic_version: Field required"),
        (
            CLAUDE,
            with(claude("Hi"), "anthropic_version", json!("2023-5-31")),
            "anthropic_version: Input should be 'bedrock-2023-05-31'",
        ),
        (CLAUDE, with(claude("Hi"), "model", json!("x")), "model: Extra inputs are not permitted"),
        (
            CLAUDE,
            with(claude("Hi"), "stream", json!(true)),
            "stream: Extra inputs are not permitted",
        ),
        (CLAUDE, with(claude("Hi"), "max_tokens", json!(5000)), "model limit of 4096"),
        (CLAUDE, with(claude("Hi"), "messages", turns("assistant")), "must use the \"user\" role"),
        (
            CLAUDE,
            with(claude("Hi"), "messages", nova("Hi")["messages"].clone()),
            "messages.0.content.0.type: Field required",
        ),
        (
            CLAUDE,
            with(
                claude("Hi"),
                "messages",
                json!([{ "role": "user", "content": [{
                    "type": "tool_result", "tool_use_id": "a", "content": "x" }] }]),
            ),
            "unexpected `tool_use_id` found in `tool_result` blocks: a",
        ),
        (CLAUDE, claude(" "), "text content blocks must contain non-whitespace text"),
        (NOVA, json!({}), "#: required key [messages] not found"),
        (NOVA, nova(""), "messages.0.content.0 is blank"),
        (LLAMA, json!({ "prompt": "Hi", "x": 1 }), "#: extraneous key [x] is not permitted"),
        (LLAMA, json!({ "prompt": "" }), "#/prompt: expected minLength: 1, actual: 0"),
        (LLAMA, json!({ "prompt": 7, "x": 1 }), "2 schema violations found"),
        (TITAN, json!({ "prompt": "Hi" }), "2 schema violations found"),
    ] {
        let message = refused(model, &body).await;
        assert!(message.contains(expected), "{body}: {message}");
    }
}

#[tokio::test]
async fn claude_takes_the_version_of_anthropic_s_own_api() {
    let mut body = claude("Hi");
    body["anthropic_version"] = json!("2026-10-21");
    assert_eq!(invoke(CLAUDE, &body).await.status, 200);
}

#[tokio::test]
async fn an_arn_that_hides_its_model_answers_in_the_family_of_the_body() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
    let arn = arn.replace(':', "%3A").replace('/', "%2F");
    for (body, member) in [
        (claude("Hi"), "content"),
        (nova("Hi"), "output"),
        (json!({ "prompt": "Hi" }), "generation"),
        (json!({ "inputText": "Hi", "textGenerationConfig": {} }), "results"),
        (json!({ "inputText": "Hi" }), "embedding"),
        (json!({ "inputText": "Hi", "normalize": true }), "embedding"),
        (json!({ "texts": ["Hi"], "input_type": "clustering" }), "embeddings"),
        (json!({ "query": "Hi", "documents": ["Ho"] }), "results"),
        (json!({ "taskType": "TEXT_IMAGE", "textToImageParams": { "text": "Hi" } }), "images"),
    ] {
        assert!(invoke(&arn, &body).await.json().get(member).is_some(), "{body}");
    }
}

#[tokio::test]
async fn several_answers_come_where_a_family_gives_them() {
    let user = json!([{ "role": "user", "content": "Hi" }]);
    for (model, body, list) in [
        ("ai21.jamba-1-5-mini-v1:0", json!({ "messages": user, "n": 3 }), "choices"),
        ("openai.gpt-oss-20b-1:0", json!({ "messages": user, "n": 3 }), "choices"),
        ("cohere.command-text-v14", json!({ "prompt": "Hi", "num_generations": 3 }), "generations"),
        ("ai21.j2-mid-v1", json!({ "prompt": "Hi", "numResults": 3 }), "completions"),
    ] {
        let several = invoke(model, &body).await;
        assert_eq!(several.json()[list].as_array().unwrap().len(), 3, "{model}");
        let mut one = body.clone();
        for key in ["n", "num_generations", "numResults"] {
            one.as_object_mut().unwrap().remove(key);
        }
        // As recorded: all of them are counted.
        let output = |answer: &Answer| -> u64 {
            answer.header("x-amzn-bedrock-output-token-count").parse().unwrap()
        };
        assert_eq!(output(&several), 3 * output(&invoke(model, &one).await), "{model}");
        let many = json!(17);
        let key = body.as_object().unwrap().keys().find(|key| key.starts_with('n')).unwrap();
        let mut body = body.clone();
        body[key.as_str()] = many;
        assert!(refused(model, &body).await.contains("17 is not less or equal to"), "{model}");
    }
}
