//! Vectors: for each rule one request that breaks it, and the nearest that does not.

use std::string::{String, ToString};
use std::vec;
use std::vec::Vec;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const NOVA: &str = "amazon.nova-lite-v1:0";
const CLAUDE: &str = "us.anthropic.claude-sonnet-4-20250514-v1:0";
const SONNET_45: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn rules(model: &str, request: &Value) -> Vec<(String, &'static str)> {
    let model = ModelRef::parse(model).unwrap();
    let request = Request::from_converse(request.to_string().as_bytes()).unwrap();
    lint(&model, &request).into_iter().map(|found| (found.path, found.rule)).collect()
}

/// Rule, model, its path in the first request, the first request, and the second.
fn vectors() -> Vec<(&'static str, &'static str, &'static str, Value, Value)> {
    let hi = || json!({"role": "user", "content": [{"text": "Hi"}]});
    let ask = |content: Value| json!({"messages": [{"role": "user", "content": content}]});
    let plain = || json!({"messages": [hi()]});
    let with = |key: &str, value: Value| {
        let mut request = plain();
        request[key] = value;
        request
    };
    let spec = |more: Value| {
        let mut spec = json!({"name": "look", "inputSchema": {"json": {}}});
        for (key, value) in more.as_object().unwrap() {
            spec[key] = value.clone();
        }
        json!({"tools": [{"toolSpec": spec}]})
    };
    let tool = |id: &str, result: &str, config: Value| {
        json!({"messages": [hi(),
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": id, "name": "look", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": result, "content": [{"text": "x"}]}}]}],
            "toolConfig": config})
    };
    let end = |text: &str| json!({"messages": [hi(), {"role": "assistant", "content": [{"text": text}]}]});
    let thinking = |budget: u32, more: Value| {
        let mut request = with(
            "additionalModelRequestFields",
            json!({"thinking": {"type": "enabled", "budget_tokens": budget}}),
        );
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        request
    };
    let text = || json!({"text": "See"});
    let image = |format: &str, bytes: &str| json!({"image": {"format": format, "source": {"bytes": bytes}}});
    let png = || image("png", "iVBORw0KGgoAAAANSUhEUg==");
    let doc = |format: &str, name: &str, bytes: &str| json!({"document": {"format": format, "name": name, "source": {"bytes": bytes}}});
    let s3 = json!({"image": {"format": "png", "source": {"s3Location": {"uri": "s3://b/k"}}}});
    let point = || json!({"cachePoint": {"type": "default"}});
    let pdf = || doc("pdf", "a", "YQ==");
    let turns =
        |role: &str| json!({"messages": [hi(), {"role": role, "content": [{"text": "x"}]}]});
    vec![
        (
            "needs-profile",
            "anthropic.claude-sonnet-4-5-20250929-v1:0",
            "modelId",
            plain(),
            json!(SONNET_45),
        ),
        (
            "system-unsupported",
            "amazon.titan-text-lite-v1",
            "system",
            with("system", json!([text()])),
            plain(),
        ),
        (
            "reasoning-unsupported",
            NOVA,
            "messages[1].content[0].reasoningContent",
            json!({"messages": [hi(), {"role": "assistant", "content": [{"reasoningContent": {"reasoningText": {"text": "x"}}}, text()]}, hi()]}),
            plain(),
        ),
        ("no-messages", NOVA, "messages", json!({}), plain()),
        ("unknown-role", NOVA, "messages[1].role", turns("narrator"), turns("assistant")),
        (
            "first-role",
            NOVA,
            "messages[0].role",
            json!({"messages": [{"role": "assistant", "content": [text()]}]}),
            plain(),
        ),
        ("empty-content", NOVA, "messages[0].content", ask(json!([])), plain()),
        (
            "blank-text",
            NOVA,
            "messages[0].content[1].text",
            ask(json!([text(), {"text": ""}])),
            ask(json!([text(), text()])),
        ),
        (
            "blank-system",
            NOVA,
            "system[0].text",
            with("system", json!([{"text": ""}])),
            with("system", json!([text()])),
        ),
        ("alternating-roles", NOVA, "messages[1].role", turns("user"), turns("assistant")),
        ("trailing-space", CLAUDE, "messages[1].content[0].text", end("So "), end("So")),
        (
            "max-tokens",
            NOVA,
            "inferenceConfig.maxTokens",
            with("inferenceConfig", json!({"maxTokens": 10_001})),
            with("inferenceConfig", json!({"maxTokens": 10_000})),
        ),
        (
            "stop-sequences",
            NOVA,
            "inferenceConfig.stopSequences[0]",
            with("inferenceConfig", json!({"stopSequences": [""]})),
            with("inferenceConfig", json!({"stopSequences": ["x"]})),
        ),
        (
            "temperature",
            NOVA,
            "inferenceConfig.temperature",
            with("inferenceConfig", json!({"temperature": 1.1})),
            with("inferenceConfig", json!({"temperature": 1})),
        ),
        (
            "top-p",
            NOVA,
            "inferenceConfig.topP",
            with("inferenceConfig", json!({"topP": -0.1})),
            with("inferenceConfig", json!({"topP": 0.5})),
        ),
        (
            "temperature-and-top-p",
            SONNET_45,
            "inferenceConfig.topP",
            with("inferenceConfig", json!({"topP": 0.5, "temperature": 0.5})),
            with("inferenceConfig", json!({"topP": 0.5})),
        ),
        (
            "tools-unsupported",
            "amazon.titan-text-lite-v1",
            "toolConfig",
            with("toolConfig", spec(json!({}))),
            plain(),
        ),
        (
            "missing-tool-config",
            NOVA,
            "toolConfig",
            tool("a", "a", Value::Null),
            tool("a", "a", spec(json!({}))),
        ),
        (
            "no-tools",
            NOVA,
            "toolConfig.tools",
            with("toolConfig", json!({"tools": [], "toolChoice": {"auto": {}}})),
            with("toolConfig", spec(json!({}))),
        ),
        (
            "tool-name",
            NOVA,
            "toolConfig.tools[0].toolSpec.name",
            with("toolConfig", spec(json!({"name": "look up"}))),
            with("toolConfig", spec(json!({}))),
        ),
        (
            "tool-description",
            NOVA,
            "toolConfig.tools[0].toolSpec.description",
            with("toolConfig", spec(json!({"description": ""}))),
            with("toolConfig", spec(json!({"description": "x"}))),
        ),
        (
            "tool-strict",
            NOVA,
            "toolConfig.tools[0].toolSpec.strict",
            with("toolConfig", spec(json!({"strict": true}))),
            with("toolConfig", spec(json!({}))),
        ),
        (
            "tool-use-id",
            NOVA,
            "messages[1].content[0].toolUse.toolUseId",
            tool("a b", "a b", spec(json!({}))),
            tool("a.b", "a.b", spec(json!({}))),
        ),
        (
            "tool-result-without-use",
            NOVA,
            "messages[2].content[0].toolResult.toolUseId",
            tool("a", "b", spec(json!({}))),
            tool("a", "a", spec(json!({}))),
        ),
        (
            "tool-use-without-result",
            NOVA,
            "messages[1].content[0].toolUse.toolUseId",
            tool("a", "b", spec(json!({}))),
            tool("a", "a", spec(json!({}))),
        ),
        (
            "image-format",
            NOVA,
            "messages[0].content[0].image.format",
            ask(json!([image("bmp", "AA=="), text()])),
            ask(json!([png(), text()])),
        ),
        (
            "image-bytes",
            NOVA,
            "messages[0].content[0].image.source.bytes",
            ask(json!([image("png", "dGhlc2UgYnl0ZXMgYXJlIG5v"), text()])),
            ask(json!([png(), text()])),
        ),
        (
            "image-too-large",
            NOVA,
            "messages[0].content[0].image.source.bytes",
            ask(json!([image("png", &("iVBORw0KGgoAAAAN".to_string() + &"A".repeat(5_242_880)))])),
            ask(json!([png()])),
        ),
        (
            "too-many-images",
            NOVA,
            "messages[0].content",
            ask(vec![png(); 21].into()),
            ask(vec![png(); 20].into()),
        ),
        (
            "images-unsupported",
            "amazon.nova-micro-v1:0",
            "messages[0].content[0].image",
            ask(json!([png(), text()])),
            plain(),
        ),
        (
            "video-unsupported",
            CLAUDE,
            "messages[0].content[0].video",
            ask(json!([{"video": {"format": "mp4"}}, text()])),
            plain(),
        ),
        (
            "s3-unsupported",
            CLAUDE,
            "messages[0].content[0].image.source.s3Location",
            ask(json!([s3, text()])),
            ask(json!([png(), text()])),
        ),
        (
            "document-without-text",
            NOVA,
            "messages[0].content",
            ask(json!([pdf()])),
            ask(json!([pdf(), text()])),
        ),
        (
            "document-name",
            NOVA,
            "messages[0].content[0].document.name",
            ask(json!([doc("pdf", "a.pdf", "YQ=="), text()])),
            ask(json!([doc("pdf", "a (1)", "YQ=="), text()])),
        ),
        (
            "duplicate-document-name",
            NOVA,
            "messages[0].content[1].document.name",
            ask(json!([pdf(), pdf(), text()])),
            ask(json!([pdf(), doc("pdf", "b", "YQ=="), text()])),
        ),
        (
            "document-format",
            NOVA,
            "messages[0].content[0].document.format",
            ask(json!([doc("odt", "a", "YQ=="), text()])),
            ask(json!([pdf(), text()])),
        ),
        (
            "document-too-large",
            NOVA,
            "messages[0].content[0].document.source.bytes",
            ask(json!([doc("pdf", "a", &"A".repeat(6_291_460)), text()])),
            ask(json!([doc("pdf", "a", &"A".repeat(6_291_456)), text()])),
        ),
        (
            "too-many-documents",
            NOVA,
            "messages[0].content",
            ask((0..6).map(|n| doc("pdf", &n.to_string(), "YQ==")).chain([text()]).collect()),
            ask((0..5).map(|n| doc("pdf", &n.to_string(), "YQ==")).chain([text()]).collect()),
        ),
        (
            "cache-points-unsupported",
            "meta.llama3-8b-instruct-v1:0",
            "messages[0].content[1].cachePoint",
            ask(json!([text(), point()])),
            plain(),
        ),
        (
            "too-many-cache-points",
            CLAUDE,
            "messages[0].content[5].cachePoint",
            ask(json!([text(), point(), point(), point(), point(), point()])),
            ask(json!([text(), point(), point(), point(), point()])),
        ),
        (
            "thinking-budget",
            CLAUDE,
            "additionalModelRequestFields.thinking.budget_tokens",
            thinking(2000, json!({"inferenceConfig": {"maxTokens": 2000}})),
            thinking(1999, json!({"inferenceConfig": {"maxTokens": 2000}})),
        ),
        (
            "thinking-sampling",
            CLAUDE,
            "inferenceConfig.temperature",
            thinking(2000, json!({"inferenceConfig": {"temperature": 0}})),
            thinking(2000, json!({"inferenceConfig": {"temperature": 1}})),
        ),
        (
            "thinking-tool-choice",
            CLAUDE,
            "toolConfig.toolChoice",
            thinking(
                2000,
                json!({"toolConfig": {"tools": spec(json!({}))["tools"], "toolChoice": {"any": {}}}}),
            ),
            thinking(
                2000,
                json!({"toolConfig": {"tools": spec(json!({}))["tools"], "toolChoice": {"auto": {}}}}),
            ),
        ),
        (
            "thinking-prefill",
            CLAUDE,
            "messages[1]",
            thinking(2000, end("So")),
            thinking(2000, json!({})),
        ),
    ]
}

#[test]
fn every_rule_finds_its_breach_and_nothing_in_the_nearest_sound_request() {
    for (rule, model, path, bad, good) in vectors() {
        let found = rules(model, &bad);
        assert!(found.contains(&(path.to_string(), rule)), "{rule}: {found:?}");
        // Where the breach is in the id, the sound request is the same under another id.
        let (model, good) = match good.as_str() {
            Some(other) => (other.to_string(), bad),
            None => (model.to_string(), good),
        };
        let left = rules(&model, &good);
        assert!(left.iter().all(|(_, other)| *other != rule), "{rule}: {left:?}");
    }
}

#[test]
fn every_rule_has_a_vector_and_a_name_of_its_own() {
    let mut tested: Vec<_> = vectors().iter().map(|vector| vector.0).collect();
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    tested.sort_unstable();
    names.sort_unstable();
    assert_eq!(tested, names);
    names.dedup();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn white_space_is_blank_alone_and_not_beside_a_text() {
    let ask = |texts: Value| json!({"messages": [{"role": "user", "content": texts}]});
    let blank = [("messages[0].content[0].text".to_string(), "blank-text")];
    assert_eq!(rules(NOVA, &ask(json!([{"text": " \n"}]))), blank);
    assert_eq!(rules(NOVA, &ask(json!([{"text": " \n"}, {"text": "x"}]))), []);
}

#[test]
fn a_conversation_with_tools_and_a_picture_is_sound() {
    let request = json!({
        "system": [{"text": "Be brief."}],
        "messages": [
            {"role": "user", "content": [{"text": "Look"}, {"image": {"format": "png", "source": {"bytes": "iVBORw0KGgoAAAANSUhEUg=="}}}]},
            {"role": "assistant", "content": [{"toolUse": {"toolUseId": "a", "name": "look", "input": {}}}]},
            {"role": "user", "content": [{"toolResult": {"toolUseId": "a", "content": [{"json": {}}]}}]},
        ],
        "toolConfig": {"tools": [{"toolSpec": {"name": "look", "inputSchema": {"json": {}}}}]},
        "inferenceConfig": {"maxTokens": 100, "temperature": 0.5},
    });
    for model in [NOVA, CLAUDE, SONNET_45, "nobody.knows-this"] {
        assert_eq!(rules(model, &request), [], "{model}");
    }
}

proptest! {
    #[test]
    fn no_request_makes_it_panic(seed in any_json(), model in 0..crate::catalog::MODELS.len()) {
        let model = ModelRef::parse(crate::catalog::MODELS[model].id).unwrap();
        let body = json!({"messages": [{"role": "user", "content": [seed.clone()]}], "system": [seed.clone()],
            "additionalModelRequestFields": {"thinking": seed}});
        if let Ok(request) = Request::from_converse(body.to_string().as_bytes()) {
            for found in lint(&model, &request) {
                prop_assert!(!found.path.is_empty() && !found.message.is_empty());
            }
        }
    }
}

/// Blocks of known kinds with any members.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<String>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
        Just(json!("enabled")),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![
            Just("text"),
            Just("image"),
            Just("document"),
            Just("source"),
            Just("bytes"),
            Just("format"),
            Just("name"),
            Just("type"),
            Just("toolUse"),
            Just("toolUseId"),
            Just("toolResult"),
            Just("content"),
            Just("cachePoint"),
            Just("budget_tokens"),
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..3).prop_map(|members| {
                members.into_iter().map(|(key, value)| (key.to_string(), value)).collect()
            }),
        ]
    })
}
