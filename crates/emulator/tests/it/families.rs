//! Every family's own stream is read by the codec as the reply that it is a stream of.

use codec::{Api, Finish, ModelRef, Reply, StopKind, StreamDecoder};
use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send};

/// A model, and a body in which it is asked `text`.
pub(crate) type Case = (&'static str, fn(&str) -> Value);

pub(crate) const CASES: &[Case] = &[
    ("anthropic.claude-3-haiku-20240307-v1:0", claude),
    ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", |text| {
        let mut body = claude(text);
        body["max_tokens"] = json!(2000);
        body["thinking"] = json!({ "type": "enabled", "budget_tokens": 1024 });
        body
    }),
    ("anthropic.claude-v2", |text| {
        let prompt = format!("\n\nHuman: {text}\n\nAssistant:");
        json!({ "prompt": prompt, "max_tokens_to_sample": 100 })
    }),
    ("anthropic.claude-v2:1", claude),
    ("amazon.nova-lite-v1:0", nova),
    ("us.amazon.nova-2-lite-v1:0", |text| {
        let mut body = nova(text);
        body["reasoningConfig"] = json!({ "type": "enabled", "maxReasoningEffort": "low" });
        body
    }),
    ("amazon.titan-text-express-v1", |text| json!({ "inputText": text })),
    ("meta.llama2-13b-chat-v1", prompted),
    ("meta.llama3-8b-instruct-v1:0", prompted),
    ("us.meta.llama4-scout-17b-instruct-v1:0", prompted),
    ("mistral.mistral-7b-instruct-v0:2", prompted),
    ("mistral.mistral-large-2402-v1:0", chat),
    ("mistral.mistral-large-2407-v1:0", chat),
    ("cohere.command-text-v14", prompted),
    ("cohere.command-light-text-v14", |text| json!({ "prompt": text, "stream": true })),
    ("cohere.command-r-v1:0", |text| json!({ "message": text })),
    ("ai21.jamba-1-5-mini-v1:0", chat),
    ("us.deepseek.r1-v1:0", prompted),
    ("deepseek.v3-v1:0", chat),
    ("openai.gpt-oss-20b-1:0", chat),
    ("qwen.qwen3-32b-v1:0", |text| {
        let mut body = chat(text);
        body["reasoning_effort"] = json!("low");
        body
    }),
    ("us.writer.palmyra-x5-v1:0", chat),
    ("moonshot.kimi-k2-thinking", chat),
    ("minimax.minimax-m2", chat),
    ("zai.glm-4.7", chat),
    ("google.gemma-3-4b-it", chat),
    ("nvidia.nemotron-nano-9b-v2", chat),
];

fn claude(text: &str) -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 1000,
        "messages": [{ "role": "user", "content": text }],
    })
}

fn nova(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": text }] }] })
}

fn prompted(text: &str) -> Value {
    json!({ "prompt": text })
}

fn chat(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": text }], "max_tokens": 1000 })
}

async fn answers(model: &str, body: &Value) -> [Answer; 2] {
    let emulator = quick().start().await.unwrap();
    let invoke = post(&format!("/model/{model}/invoke"), body);
    let stream = post(&format!("/model/{model}/invoke-with-response-stream"), body);
    [send(&emulator, invoke).await, send(&emulator, stream).await]
}

fn whole(model: &ModelRef, answer: &Answer) -> Reply {
    assert_eq!(answer.status, 200, "{model}: {:?}", answer.body);
    let headers: Vec<(&str, &str)> =
        answer.headers.keys().map(|name| (name.as_str(), answer.header(name.as_str()))).collect();
    codec::decode(model, Api::Invoke, &answer.body, &headers.as_slice()).unwrap()
}

fn folded(model: &ModelRef, answer: &Answer) -> Reply {
    assert_eq!(answer.status, 200, "{model}: {:?}", answer.body);
    let mut stream = StreamDecoder::new(model, Api::Invoke).unwrap();
    stream.push(&answer.body);
    match stream.finish() {
        Finish::Complete(reply) => reply,
        Finish::Incomplete { why, partial } => panic!("{model}: {why}: {partial:?}"),
    }
}

/// What both forms must agree on: the ids differ by call.
fn essence(reply: &Reply) -> Value {
    let mut content: Vec<Value> = reply.message.content.iter().map(codec::Block::to_json).collect();
    for block in &mut content {
        if let Some(call) = block.get_mut("toolUse").and_then(Value::as_object_mut) {
            call.remove("toolUseId");
        }
        if let Some(thought) = block.pointer_mut("/reasoningContent/reasoningText") {
            thought.as_object_mut().unwrap().remove("signature");
        }
    }
    let usage = reply.usage.as_ref().unwrap();
    json!({
        "content": content,
        "stop": format!("{:?}", reply.stop_reason.kind()),
        "tokens": [usage.input_tokens, usage.output_tokens],
    })
}

async fn agreed(model: &str, body: &Value) -> Reply {
    let reference = ModelRef::parse(model).unwrap();
    let [unary, stream] = answers(model, body).await;
    let (unary, stream) = (whole(&reference, &unary), folded(&reference, &stream));
    assert_eq!(essence(&unary), essence(&stream), "{model}");
    stream
}

#[tokio::test]
async fn every_native_stream_folds_to_the_reply() {
    for (model, body) in CASES {
        let reply = agreed(model, &body("Hi there")).await;
        assert!(reply.message.text().contains("You said: Hi there"), "{model}: {reply:?}");
        assert!(
            matches!(reply.stop_reason.kind(), StopKind::EndTurn | StopKind::StopSequence),
            "{model}: {:?}",
            reply.stop_reason
        );
    }
}

#[tokio::test]
async fn every_family_that_reasons_does_so_in_its_own_way() {
    for model in [
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        "us.amazon.nova-2-lite-v1:0",
        "us.deepseek.r1-v1:0",
        "openai.gpt-oss-20b-1:0",
        "qwen.qwen3-32b-v1:0",
        "moonshot.kimi-k2-thinking",
    ] {
        let (_, body) = CASES.iter().find(|(known, _)| *known == model).unwrap();
        let reply = agreed(model, &body("Hi there")).await;
        assert!(
            matches!(reply.message.content.as_slice(), [codec::Block::Reasoning(_), _]),
            "{model}: {reply:?}"
        );
    }
}

#[tokio::test]
async fn every_family_is_cut_at_its_limit() {
    for (model, body) in CASES {
        let mut body = body("one two three four five six seven");
        let limit = json!(5);
        match model {
            model if body.get("thinking").is_some() => {
                // A budget of reasoning must fit in the limit, so this one cannot be as low.
                body.as_object_mut().unwrap().remove("thinking");
                assert!(model.contains("claude"));
                body["max_tokens"] = limit;
            }
            model if model.contains("nova") => body["inferenceConfig"] = json!({ "maxTokens": 5 }),
            model if model.contains("titan") => {
                body["textGenerationConfig"] = json!({ "maxTokenCount": 5 });
            }
            model if model.contains("llama") => body["max_gen_len"] = limit,
            _ if body.get("max_tokens_to_sample").is_some() => {
                body["max_tokens_to_sample"] = limit;
            }
            _ => body["max_tokens"] = limit,
        }
        let reply = agreed(model, &body).await;
        assert_eq!(reply.stop_reason.kind(), StopKind::MaxTokens, "{model}");
        assert_eq!(reply.usage.unwrap().output_tokens, 5, "{model}");
    }
}

#[tokio::test]
async fn every_family_with_tools_calls_them() {
    let schema = json!({ "type": "object", "properties": { "word": { "type": "string" } } });
    let function = json!({ "name": "look_up", "parameters": schema });
    let spec = json!({ "name": "look_up", "inputSchema": { "json": schema } });
    let definitions = json!({ "word": { "type": "str", "required": true } });
    let text = "Use look_up for word=outcrop";
    for (model, mut body, key, tools) in [
        (
            "anthropic.claude-3-haiku-20240307-v1:0",
            claude(text),
            "tools",
            json!([{ "name": "look_up", "input_schema": schema }]),
        ),
        (
            "amazon.nova-lite-v1:0",
            nova(text),
            "toolConfig",
            json!({ "tools": [{ "toolSpec": spec }] }),
        ),
        (
            "cohere.command-r-v1:0",
            json!({ "message": text }),
            "tools",
            json!([{ "name": "look_up", "description": "", "parameter_definitions": definitions }]),
        ),
        (
            "mistral.mistral-large-2402-v1:0",
            chat(text),
            "tools",
            json!([{ "type": "function", "function": function }]),
        ),
        (
            "openai.gpt-oss-20b-1:0",
            chat(text),
            "tools",
            json!([{ "type": "function", "function": function }]),
        ),
        (
            "qwen.qwen3-32b-v1:0",
            chat(text),
            "tools",
            json!([{ "type": "function", "function": function }]),
        ),
    ] {
        body[key] = tools;
        let reply = agreed(model, &body).await;
        assert_eq!(reply.stop_reason.kind(), StopKind::ToolUse, "{model}");
        let call = reply.message.content.last().unwrap().to_json();
        assert_eq!(call["toolUse"]["input"], json!({ "word": "outcrop" }), "{model}");
    }
}

#[tokio::test]
async fn jurassic_replies_with_tokens_and_does_not_stream() {
    let body = json!({ "prompt": "Hi there", "maxTokens": 50 });
    let model = ModelRef::parse("ai21.j2-mid-v1").unwrap();
    let [unary, stream] = answers(model.address(), &body).await;
    assert_eq!(whole(&model, &unary).message.text(), "You said: Hi there");
    assert_eq!(unary.json()["prompt"]["tokens"].as_array().unwrap().len(), 2);
    assert_eq!(stream.refusal().2, "The model is unsupported for streaming");
}

#[tokio::test]
async fn a_chat_body_that_names_model_or_stream_agrees_with_the_path() {
    let emulator = quick().start().await.unwrap();
    let id = "openai.gpt-oss-20b-1:0";
    let ask = async |operation: &str, member: &str, value: Value| {
        let mut body = json!({ "messages": [{ "role": "user", "content": "Hi" }] });
        body[member] = value;
        send(&emulator, post(&format!("/model/{id}/{operation}"), &body)).await
    };
    let streamed = "invoke-with-response-stream";
    for (operation, member, value) in [
        ("invoke", "model", json!(id)),
        ("invoke", "stream", json!(false)),
        (streamed, "model", json!(id)),
        (streamed, "stream", json!(true)),
    ] {
        assert_eq!(ask(operation, member, value).await.status, 200, "{operation} {member}");
    }
    for (operation, member, value) in [
        ("invoke", "model", json!("openai.gpt-oss-120b-1:0")),
        ("invoke", "model", json!(1)),
        ("invoke", "stream", json!(true)),
        ("invoke", "stream", json!("yes")),
        (streamed, "stream", json!(false)),
    ] {
        let (status, exception, message) = ask(operation, member, value).await.refusal();
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{operation}");
        assert!(message.contains(&format!("#/{member}: ")), "{message}");
    }
}
