//! What the service refuses, each with its exception, status and words.
//!
//! Those marked as recorded are the service's own, word for word.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codec::catalog;
use outcrop_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{NOVA, post, quick, raw, send, turn};

const CLAUDE: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
const OLD: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const MICRO: &str = "us.amazon.nova-micro-v1:0";

/// Asks and gives exception and message, which go with a status.
async fn refused(emulator: &Emulator, path: &str, body: &Value) -> (u16, String, String) {
    let answer = send(emulator, post(path, body)).await;
    assert_ne!(answer.status, 200, "{path} {body}");
    answer.refusal()
}

/// Holds a table of model, operation, body and message to the emulator.
async fn hold(operation: &str, table: Vec<(&str, Value, &str)>) {
    let emulator = quick().start().await.unwrap();
    for (model, body, expected) in table {
        let path = format!("/model/{model}/{operation}");
        let (status, exception, message) = refused(&emulator, &path, &body).await;
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{path} {body}");
        assert_eq!(message, expected, "{path} {body}");
    }
}

fn said(role: &str, blocks: Value) -> Value {
    json!({ "role": role, "content": blocks })
}

fn user(blocks: Value) -> Value {
    json!({ "messages": [said("user", blocks)] })
}

fn with(key: &str, value: Value) -> Value {
    let mut body = turn("Hi");
    body[key] = value;
    body
}

fn tool(name: &str, kind: &str) -> Value {
    let schema = json!({ "json": { "type": kind } });
    json!({ "toolSpec": { "name": name, "inputSchema": schema } })
}

/// A turn of the user's, a call of the model's, and what follows it.
fn called(next: Value) -> Value {
    let call = json!([{ "toolUse": { "toolUseId": "a", "name": "f", "input": {} } }]);
    let turns = [said("user", json!([{ "text": "Hi" }])), said("assistant", call), next];
    json!({ "messages": turns, "toolConfig": { "tools": [tool("f", "object")] } })
}

fn result(id: &str, content: Value) -> Value {
    said("user", json!([{ "toolResult": { "toolUseId": id, "content": content } }]))
}

fn picture() -> Value {
    let png = STANDARD.encode(b"\x89PNG\r\n\x1a\n");
    json!({ "image": { "format": "png", "source": { "bytes": png } } })
}

fn document(name: &str) -> Value {
    json!({ "document": { "format": "txt", "name": name, "source": { "bytes": "SGk=" } } })
}

#[tokio::test]
async fn what_was_recorded_is_refused_in_the_same_words() {
    let unknown = "The provided model identifier is invalid.";
    let video = json!({ "video": { "format": "mp4", "source": { "bytes": "AAAA" } } });
    let file = json!({ "s3Location": { "uri": "s3://files/one" } });
    let image = json!({ "image": { "format": "png", "source": file } });
    let paper = json!({ "document": { "format": "pdf", "name": "one", "source": file } });
    hold("converse", vec![
        ("invalid-model-id", turn("Hi"), unknown),
        ("does-not-exist", turn("Hi"), unknown),
        ("us.does-not-exist-model-v1:0", turn("Hi"), unknown),
        ("us.amazon.nova-micro-v1:O", turn("Hi"), unknown),
        (
            CLAUDE,
            called(result("a", json!([video]))),
            "This model doesn't support the video content block that you provided. Update the \
             content block and try again.",
        ),
        (
            CLAUDE,
            called(result("a", json!([image]))),
            "This model doesn't support the s3Uri field. Remove s3Uri and try again.",
        ),
        (
            CLAUDE,
            user(json!([{ "text": "See." }, paper])),
            "The model returned the following errors: messages.0.content.1.document.source.type: \
             Field required",
        ),
        (
            "us.amazon.nova-2-lite-v1:0",
            called(result("a", json!([paper]))),
            "The model returned the following errors: Malformed input request: \
             #/messages/2/content/0: extraneous key [toolResult] is not permitted, please \
             reformat your input and try again.",
        ),
    ])
    .await;
    let words = json!([{ "inputText": "Hi" }]);
    let both = json!([{ "inputText": "Hi", "toolUse": null }]);
    hold("invoke-with-response-stream", vec![
        (
            "amazon.nova-micro-v1:0",
            user(words),
            "Malformed input request: #/messages/0/content/0: required key [toolUse] not found, \
             please reformat your input and try again.",
        ),
        (
            "amazon.nova-micro-v1:0",
            user(both),
            "Malformed input request: #/messages/0/content/0: extraneous key [inputText] is not \
             permitted, please reformat your input and try again.",
        ),
    ])
    .await;
    let count = |body: &Value| {
        let body = STANDARD.encode(body.to_string());
        json!({ "input": { "invokeModel": { "body": body } } })
    };
    let mut search = claude(json!([said("user", "Hi".into())]));
    search["tools"] = json!([{ "type": "web_search_20250305", "name": "web_search" }]);
    let sonnet = "anthropic.claude-sonnet-4-20250514-v1:0";
    hold(
        "count-tokens",
        vec![
            (
                "us.anthropic.claude-sonnet-4-20250514-v1:0",
                count(&claude(json!([said("user", "Hi".into())]))),
                "The provided model doesn't support counting tokens.",
            ),
            ("does-not-exist-model-v1:0", json!({}), unknown),
            (
                sonnet,
                count(&search),
                "tools.0: Input tag 'web_search_20250305' found using 'type' does not match any of \
             the expected tags: 'bash_20250124', 'custom', 'text_editor_20250124', \
             'text_editor_20250429', 'text_editor_20250728'",
            ),
        ],
    )
    .await;
}

/// An image in a body of Claude's own.
fn image(data: String) -> Value {
    let source = json!({ "type": "base64", "media_type": "image/png", "data": data });
    json!({ "type": "image", "source": source })
}

/// A body of Claude's own.
fn claude(messages: Value) -> Value {
    json!({
        "anthropic_version": "bedrock-2023-05-31", "max_tokens": 10, "messages": messages,
    })
}

#[tokio::test]
async fn converse_names_every_member_that_is_out_of_its_bounds() {
    let at = |what: &str| format!("1 validation error detected: {what}");
    let value = |given: &str, place: &str, must: &str| {
        at(&format!("Value{given} at '{place}' failed to satisfy constraint: Member must {must}"))
    };
    let config = |value: Value| with("inferenceConfig", value);
    let tools = |list: Value| with("toolConfig", json!({ "tools": list }));
    let name = "toolConfig.tools.1.member.toolSpec.name";
    let pattern = "satisfy regular expression pattern: [a-zA-Z0-9_-]+";
    let long = "x".repeat(65);
    let bad_use = json!([{ "toolUse": { "toolUseId": "a", "name": "f.g", "input": {} } }]);
    let mut used = called(result("a", json!([])));
    used["messages"][1] = said("assistant", bad_use);
    let table = [
        (json!({}), value("", "messages", "not be null")),
        (
            json!({ "messages": [said("tool", json!([{ "text": "x" }]))] }),
            value(" 'tool'", "messages.1.member.role", "satisfy enum value set: [user, assistant]"),
        ),
        (
            config(json!({ "maxTokens": 0 })),
            value(" '0'", "inferenceConfig.maxTokens", "have value greater than or equal to 1"),
        ),
        (
            config(json!({ "temperature": 1.5 })),
            value(" '1.5'", "inferenceConfig.temperature", "have value less than or equal to 1"),
        ),
        (
            config(json!({ "topP": -0.5 })),
            value(" '-0.5'", "inferenceConfig.topP", "have value greater than or equal to 0"),
        ),
        (
            config(json!({ "stopSequences": vec!["x"; 2501] })),
            value("", "inferenceConfig.stopSequences", "have length less than or equal to 2500"),
        ),
        (
            tools(json!([])),
            value(" '[]'", "toolConfig.tools", "have length greater than or equal to 1"),
        ),
        (tools(json!([tool("a b", "object")])), value(" 'a b'", name, pattern)),
        (
            tools(json!([tool(&long, "object")])),
            value(&format!(" '{long}'"), name, "have length less than or equal to 64"),
        ),
        (used, value("", "messages.2.member.content.1.member.toolUse.name", pattern)),
        (
            with("performanceConfig", json!({ "latency": "warp" })),
            value(
                " 'warp'",
                "performanceConfig.latency",
                "satisfy enum value set: [standard, optimized]",
            ),
        ),
        (
            user(json!([{ "text": "Hi" }, { "image": { "format": "bmp", "source": {} } }])),
            value(
                " 'bmp'",
                "messages.1.member.content.2.member.image.format",
                "satisfy enum value set: [png, jpeg, gif, webp]",
            ),
        ),
    ];
    hold(
        "converse",
        table.iter().map(|(body, text)| (NOVA, body.clone(), text.as_str())).collect(),
    )
    .await;
    // Seen in a public report: all at once, in this order.
    let mut nameless = tool("", "object");
    nameless["toolSpec"]["description"] = "".into();
    let place = "toolConfig.tools.1.member.toolSpec";
    let least = "failed to satisfy constraint: Member must have length greater than or equal to 1";
    let three = format!(
        "3 validation errors detected: Value '' at '{place}.name' failed to satisfy constraint: \
         Member must {pattern}; Value '' at '{place}.name' {least}; Value '' at \
         '{place}.description' {least}"
    );
    hold("converse", vec![(NOVA, tools(json!([nameless])), three.as_str())]).await;
}

#[tokio::test]
async fn converse_refuses_conversations_that_make_no_sense() {
    let start = "A conversation must start with a user message. Try again with a conversation \
                 that starts with a user message.";
    let alternate = "A conversation must alternate between user and assistant roles. Make sure \
                     the conversation alternates between user and assistant roles and try again.";
    let define =
        "The toolConfig field must be defined when using toolUse and toolResult content blocks.";
    let hi = || json!([{ "text": "Hi" }]);
    let mut undefined = called(result("a", json!([])));
    undefined.as_object_mut().unwrap().remove("toolConfig");
    hold("converse", vec![
        (NOVA, json!({ "messages": [] }), start),
        (NOVA, json!({ "messages": [said("assistant", hi())] }), start),
        (OLD, json!({ "messages": [said("assistant", hi())] }), start),
        (NOVA, json!({ "messages": [said("user", hi()), said("user", hi())] }), alternate),
        (
            NOVA,
            turn(" "),
            "The text field in the ContentBlock object at messages.0.content.0 is blank. Add text \
             to the text field, and try again.",
        ),
        (
            NOVA,
            user(json!([])),
            "The content field in the Message object at messages.0 is empty. Add a ContentBlock \
             object to the content field and try again.",
        ),
        (NOVA, undefined, define),
        (
            NOVA,
            called(said("user", hi())),
            "Expected toolResult blocks at messages.2.content for the following Ids: a",
        ),
        (
            NOVA,
            {
                let mut body = called(said("user", hi()));
                body["messages"] = json!([result("a", json!([{ "text": "x" }]))]);
                body
            },
            "The number of toolResult blocks at messages.0.content exceeds the number of toolUse \
             blocks of previous turn.",
        ),
        (
            NOVA,
            with("toolConfig", json!({ "tools": [tool("f", "string")] })),
            "The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the \
             following: object.",
        ),
        (
            "us.meta.llama3-3-70b-instruct-v1:0",
            with(
                "toolConfig",
                json!({ "tools": [tool("f", "object")], "toolChoice": { "any": {} } }),
            ),
            "This model doesn't support the toolConfig.toolChoice.any field. Remove \
             toolConfig.toolChoice.any and try again.",
        ),
        (
            "cohere.command-text-v14",
            json!({ "messages": [
                said("user", hi()), said("assistant", hi()), said("user", hi()),
            ] }),
            "This model doesn't support conversation history. Try again with input that only \
             includes one user message.",
        ),
    ])
    .await;
}

#[tokio::test]
async fn converse_refuses_media_that_are_too_many_or_unread() {
    let text = json!({ "text": "See." });
    let many = |block: Value, count: usize| {
        let mut blocks = vec![block; count];
        blocks.push(text.clone());
        user(blocks.into())
    };
    let papers: Vec<Value> = (0..6).map(|n| document(&format!("paper {n}"))).collect();
    let six = [papers, vec![text.clone()]].concat();
    hold("converse", vec![
        (
            CLAUDE,
            many(picture(), 21),
            "The model returned the following errors: too many images and documents: 21 + 0 > 20",
        ),
        (
            MICRO,
            many(picture(), 1),
            "This model doesn't support the image content block that you provided. Update the \
             content block and try again.",
        ),
        (
            NOVA,
            user(json!([document("paper")])),
            "A text block must be included when using documents. Add a text block and retry your \
             request.",
        ),
        (NOVA, many(document("one"), 2), "Messages can't contain duplicate document names."),
        (NOVA, user(six.into()), "You can't include more than 5 documents in a request."),
        (
            NOVA,
            many(document("one.txt"), 1),
            "The document file name can only contain alphanumeric characters, whitespace \
             characters, hyphens, parentheses, and square brackets. The name can't contain more \
             than one consecutive whitespace character.",
        ),
    ])
    .await;
    let emulator = quick().start().await.unwrap();
    let path = format!("/model/{CLAUDE}/converse");
    assert_eq!(send(&emulator, post(&path, &many(picture(), 20))).await.status, 200);
}

#[tokio::test]
async fn what_a_model_is_not_for_is_refused() {
    let streams = "The model is unsupported for streaming";
    let words = "This action doesn't support the model that you provided. Try again with a \
                 supported text or chat model.";
    let image = json!({ "taskType": "TEXT_IMAGE", "textToImageParams": { "text": "a rock" } });
    hold(
        "invoke-with-response-stream",
        vec![
            ("amazon.nova-canvas-v1:0", image, streams),
            ("amazon.titan-embed-text-v2:0", json!({ "inputText": "Hi" }), streams),
            ("ai21.j2-mid-v1", json!({ "prompt": "Hi" }), streams),
        ],
    )
    .await;
    for operation in ["converse", "converse-stream"] {
        hold(
            operation,
            vec![
                ("amazon.nova-canvas-v1:0", turn("Hi"), words),
                ("cohere.rerank-v3-5:0", turn("Hi"), words),
                ("amazon.titan-embed-text-v2:0", turn("Hi"), words),
                ("amazon.nova-sonic-v1:0", turn("Hi"), words),
            ],
        )
        .await;
    }
    let both = with("inferenceConfig", json!({ "temperature": 0.5, "topP": 0.5 }));
    hold(
        "converse",
        vec![(
            CLAUDE,
            both,
            "The model returned the following errors: `temperature` and `top_p` cannot both be \
         specified for this model. Please use only one.",
        )],
    )
    .await;
}

#[tokio::test]
async fn a_cache_point_for_a_model_without_a_cache_is_denied() {
    let emulator = quick().start().await.unwrap();
    let body = user(json!([{ "text": "Hi" }, { "cachePoint": { "type": "default" } }]));
    let path = "/model/meta.llama3-8b-instruct-v1:0/converse";
    let (status, exception, message) = refused(&emulator, path, &body).await;
    assert_eq!((status, exception.as_str()), (403, "AccessDeniedException"));
    assert!(message.contains("did not allow prompt caching"), "{message}");
}

#[tokio::test]
async fn claude_refuses_in_its_own_words() {
    let hi = || said("user", "Hi".into());
    let member = |key: &str, value: Value| {
        let mut body = claude(json!([hi()]));
        body[key] = value;
        body
    };
    let without = |key: &str| {
        let mut body = claude(json!([hi()]));
        body.as_object_mut().unwrap().remove(key);
        body
    };
    hold("invoke", vec![
        (OLD, without("anthropic_version"), "anthropic_version: Field required"),
        (OLD, without("max_tokens"), "max_tokens: Field required"),
        (OLD, without("messages"), "messages: Field required"),
        (OLD, member("model", "x".into()), "model: Extra inputs are not permitted"),
        (OLD, member("stream", true.into()), "stream: Extra inputs are not permitted"),
        (
            OLD,
            member("max_tokens", 4097.into()),
            "The maximum tokens you requested exceeds the model limit of 4096. Try again with a \
             maximum tokens value that is lower than 4096.",
        ),
        (OLD, member("max_tokens", 0.into()), "max_tokens: Input should be greater than or equal to 1"),
        (OLD, member("max_tokens", "9".into()), "max_tokens: Input should be a valid integer"),
        (OLD, member("temperature", 1.5.into()), "temperature: range: 0..1"),
        (OLD, member("top_p", "hot".into()), "top_p: Input should be a valid number"),
        (
            OLD,
            member("tools", json!([{ "name": "a.b", "input_schema": { "type": "object" } }])),
            "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        ),
        (
            OLD,
            member("tools", json!([{ "name": "f", "input_schema": { "type": "string" } }])),
            "tools.0.custom.input_schema.type: Input should be 'object'",
        ),
        (
            OLD,
            claude(json!([said("user", vec![image("AAAA".into()); 21].into())])),
            "too many images and documents: 21 + 0 > 20",
        ),
        (
            OLD,
            claude(json!([said("user", json!([image("A".repeat(5_242_884))]))])),
            "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 5242884 bytes > \
             5242880 bytes",
        ),
        (
            OLD,
            claude(json!([hi(), said("assistant", "Ho ".into())])),
            "messages: final assistant content cannot end with trailing whitespace",
        ),
        (OLD, claude(json!([])), "messages: at least one message is required"),
        (
            OLD,
            claude(json!([said("assistant", "Hi".into())])),
            "messages: first message must use the \"user\" role",
        ),
        (
            OLD,
            claude(json!([hi(), hi()])),
            "messages: roles must alternate between \"user\" and \"assistant\", but found multiple \
             \"user\" roles in a row",
        ),
        (
            OLD,
            claude(json!([said("user", "".into())])),
            "messages: text content blocks must be non-empty",
        ),
        (
            OLD,
            claude(json!([said("user", " ".into())])),
            "messages: text content blocks must contain non-whitespace text",
        ),
        (OLD, claude(json!([said("user", Value::Null)])), "messages.0.content: Field required"),
        (OLD, claude("Hi".into()), "messages: Input should be a valid list"),
    ])
    .await;
    // Newer ones take two turns in a row, as recorded.
    let emulator = quick().start().await.unwrap();
    let newer = "/model/anthropic.claude-3-5-sonnet-20240620-v1:0/invoke";
    assert_eq!(send(&emulator, post(newer, &claude(json!([hi(), hi()])))).await.status, 200);
}

#[tokio::test]
async fn a_life_that_ends_is_told_with_its_date_and_refused_only_when_asked() {
    let listed = catalog::MODELS.iter().filter_map(|model| Some((model, model.facts.end_of_life?)));
    let (model, end) = listed.max_by_key(|(_, end)| *end).unwrap();
    let path = format!("/model/us.{}/converse", model.id);
    let lines = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let log = std::sync::Arc::clone(&lines);
    let log = move |line: &str| log.lock().unwrap().push(line.to_owned());
    let emulator = quick().today(end).access_log(log).start().await.unwrap();
    let answer = send(&emulator, post(&path, &turn("Hi"))).await;
    let warning = format!("299 outcrop \"the model reached the end of its life on {end}\"");
    assert_eq!((answer.status, answer.header("warning")), (200, warning.as_str()));
    assert!(lines.lock().unwrap().iter().any(|line| line.ends_with(&warning)));
    let plain = send(&emulator, post(&format!("/model/{NOVA}/converse"), &turn("Hi"))).await;
    assert_eq!(plain.header("warning"), "");

    let emulator = quick().today(end).enforce_end_of_life(true).start().await.unwrap();
    let (status, exception, message) = refused(&emulator, &path, &turn("Hi")).await;
    assert_eq!((status, exception.as_str()), (404, "ResourceNotFoundException"));
    assert!(message.starts_with("This model version has reached the end of its life."));
    let before = catalog::Date::new(2020, 1, 1).unwrap();
    let emulator = quick().today(before).enforce_end_of_life(true).start().await.unwrap();
    let answer = send(&emulator, post(&path, &turn("Hi"))).await;
    assert_eq!((answer.status, answer.header("warning")), (200, ""));
}

#[tokio::test]
async fn every_operation_that_names_a_model_holds_to_the_same_day() {
    let id = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let found = catalog::MODELS.iter().find(|model| model.id == id).unwrap();
    let end = found.facts.end_of_life.unwrap();
    let before = catalog::Date::new(2025, 10, 1).unwrap();
    let count =
        post(&format!("/model/{id}/count-tokens"), &json!({ "input": { "converse": turn("Hi") } }));
    let mut job = crate::jobs::request("last");
    job["modelId"] = id.into();
    let job = post("/model-invocation-job", &job);
    let calls = [count, job].map(|call| (call, true));
    let pages = ["foundation-models", "foundation-model-availability"];
    let pages = pages.map(|page| raw("GET", &format!("/{page}/{id}"), ""));
    let calls: Vec<_> = calls.into_iter().chain(pages.map(|call| (call, false))).collect();
    let warning = format!("299 outcrop \"the model reached the end of its life on {end}\"");
    for (today, enforced, status, told) in [
        (end, false, 200, warning.as_str()),
        (end, true, 404, ""),
        (before, false, 200, ""),
        (before, true, 200, ""),
    ] {
        let emulator = quick().today(today).enforce_end_of_life(enforced).start().await.unwrap();
        for (call, warns) in &calls {
            let answer = send(&emulator, call.clone()).await;
            assert_eq!(answer.status, status, "{} {today} {enforced}", call.uri());
            assert_eq!(answer.header("warning"), if *warns { told } else { "" }, "{}", call.uri());
        }
    }
}

#[tokio::test]
async fn no_body_breaks_the_connection() {
    let emulator = quick().start().await.unwrap();
    let odd = [
        "{}",
        "[]",
        "null",
        "1",
        "\"x\"",
        "{",
        "{\"messages\":{}}",
        "{\"messages\":[1]}",
        "{\"messages\":[{\"content\":[[]]}]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":[1]}]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}],\"toolConfig\":[]}",
        "{\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":1}]}],\"inferenceConfig\":1}",
        "{\"anthropic_version\":1,\"max_tokens\":\"x\",\"messages\":1}",
        "{\"inputText\":[]}",
        "{\"prompt\":{}}",
        "{\"message\":[]}",
        "{\"texts\":[1],\"input_type\":1}",
        "{\"taskType\":1}",
        "{\"taskType\":\"SINGLE_EMBEDDING\",\"singleEmbeddingParams\":[]}",
        "{\"query\":1,\"documents\":1}",
        "{\"input\":{\"invokeModel\":1}}",
        "{\"input\":{}}",
        "{\"source\":1,\"content\":1}",
        "{\"source\":\"INPUT\",\"content\":[1]}",
    ];
    let hidden = "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Aimported-model%2Fabcdefghijkl";
    // One model of each family.
    let first = |(at, model): (usize, &catalog::Model)| {
        let before = catalog::MODELS.get(..at).unwrap();
        (!before.iter().any(|other| other.family == model.family)).then_some(model.id)
    };
    let models = catalog::MODELS.iter().enumerate().filter_map(first).chain([hidden, CLAUDE]);
    let mut paths: Vec<String> = models
        .flat_map(|id| {
            ["invoke", "converse", "count-tokens"].map(|name| format!("/model/{id}/{name}"))
        })
        .collect();
    paths.extend(["/guardrail/a/version/1/apply".into(), "/rerank".into()]);
    for path in &paths {
        for body in odd {
            let answer = send(&emulator, raw("POST", path, body)).await;
            assert!((200..500).contains(&answer.status), "{path} {body}: {}", answer.status);
        }
    }
}
