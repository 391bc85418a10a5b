//! What is lost, where, and what is not.

use std::string::ToString;
use std::vec;
use std::vec::Vec;

use serde_json::{Value, json};

use super::*;
use crate::family::FAMILIES;

fn lost(family: &str, request: Value) -> Result<(Value, Vec<String>), EncodeError> {
    let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
    let request = Request::from_json(request).unwrap();
    let (request, warnings) = lossy(&model, Api::Invoke, &request)?;
    encode(&model, Api::Invoke, &request).unwrap();
    Ok((request.to_json(), warnings.into_iter().map(|warning| warning.path).collect()))
}

/// A request with everything that can be done without.
fn rich() -> Value {
    let image = json!({"image": {"format": "png", "source": {"bytes": "aGk="}}});
    let document = json!({"document": {"format": "csv", "name": "d", "source": {"bytes": "aGk="}}});
    let point = json!({"cachePoint": {"type": "default"}});
    let guarded = json!({"guardContent": {"text": {"text": "guarded", "qualifiers": ["query"]}}});
    json!({
        "system": [{"text": "Be brief."}],
        "messages": [{"role": "user", "content":
            [{"text": "Hi"}, image, document, point, guarded]}],
        "inferenceConfig": {"maxTokens": 9, "stopSequences": ["x"], "topK": 3},
        "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {"type": "object"}}}},
            {"systemTool": {"name": "nova_grounding"}}], "toolChoice": {"any": {}}},
        "guardrailConfig": {"guardrailIdentifier": "g", "guardrailVersion": "1"},
        "serviceTier": {"type": "flex"},
    })
}

#[test]
fn every_family_can_be_asked_for_what_it_can_do() {
    for family in FAMILIES {
        let (request, warnings) = lost(family.name(), rich()).unwrap();
        assert!(warnings.contains(&".guardrailConfig".into()), "{}: {warnings:?}", family.name());
        let text = request["messages"][0]["content"][0]["text"].as_str().unwrap();
        assert!(text.ends_with("Hi"), "{}: {text}", family.name());
    }
}

#[test]
fn a_prompt_family_keeps_the_texts_and_says_where_the_rest_was() {
    let (request, mut warnings) = lost("titan", rich()).unwrap();
    assert_eq!(
        request["messages"][0]["content"],
        json!([{"text": "Be brief.\n\nHi"}, {"text": "guarded"}])
    );
    warnings.sort();
    let content = |at: usize| std::format!(".messages[0].content[{at}]");
    let expected = vec![
        ".guardrailConfig".to_string(),
        content(1),
        content(2),
        content(3),
        content(4),
        ".serviceTier".into(),
        ".system".into(),
        ".toolConfig".into(),
    ];
    assert_eq!(warnings, expected);
}

#[test]
fn what_a_conversation_consists_of_is_not_left_out() {
    let call = json!({"toolUse": {"toolUseId": "t", "name": "f", "input": {}}});
    let image = json!({"image": {"format": "png", "source": {"bytes": "aGk="}}});
    for content in [json!([{"text": "Hi"}, call]), json!([image])] {
        let request = json!({"messages": [{"role": "user", "content": content}]});
        let error = lost("llama", request).unwrap_err();
        assert!(error.path().unwrap().starts_with(".messages[0].content["), "{error}");
    }
}

#[test]
fn an_error_names_the_capability() {
    for (key, value, named) in [
        ("toolConfig", json!({"tools": []}), Capability::Tools),
        ("system", json!([{"text": "x"}]), Capability::System),
        ("serviceTier", json!({"type": "flex"}), Capability::ConverseMembers),
    ] {
        let mut request = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
        request[key] = value;
        let request = Request::from_json(request).unwrap();
        let model = ModelRef::parse("amazon.titan-text-lite-v1").unwrap();
        let error = encode(&model, Api::Invoke, &request).unwrap_err();
        assert_eq!(error.capability(), Some(named));
        assert!(error.to_string().contains(named.name()), "{error}");
    }
}
