//! Laws of requests: what is written is read back, and prompts go through verbatim.

use outcrop_codec::{
    Api, Block, CachePoint, Document, EncodeError, FAMILIES, Image, Map, Message, ModelRef,
    Reasoning, Request, Role, Source, Tool, ToolChoice, ToolConfig, ToolResult, ToolSpec, ToolUse,
    decode_request, encode, encode_for_stream,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn text() -> impl Strategy<Value = Block> {
    "[a-z \\n\"日]{0,8}".prop_map(Block::text)
}

fn id() -> impl Strategy<Value = String> {
    "[a-z0-9_]{1,6}"
}

/// A block that all formats of messages have.
fn common() -> impl Strategy<Value = Block> {
    let input = prop::collection::btree_map("[a-z]{1,3}", any::<f64>(), 0..3);
    let result = (id(), prop::collection::vec(text(), 0..3), any::<Option<bool>>());
    prop_oneof![
        text(),
        (id(), id(), input).prop_map(|(id, name, input)| {
            let input = input.into_iter().map(|(key, value)| (key, value.into()));
            Block::ToolUse(ToolUse::new(id, name, input.collect()))
        }),
        result.prop_map(|(id, content, success)| {
            let mut result = ToolResult::new(id, content);
            result.status = success.map(|success| if success { "success" } else { "error" }.into());
            Block::ToolResult(result)
        }),
        id().prop_map(|data| Block::Image(Image::new("png", Source::Bytes(data)))),
    ]
}

/// A block that Nova's own format lacks.
fn rich() -> impl Strategy<Value = Block> {
    prop_oneof![
        4 => common(),
        1 => (id(), id()).prop_map(|(name, data)| {
            Block::Document(Document::new("pdf", name, Source::Bytes(data)))
        }),
        1 => ("[a-z]{1,5}", id()).prop_map(|(text, signature)| {
            Block::Reasoning(Reasoning::text(text, Some(signature)))
        }),
    ]
}

/// Blocks with cache points behind some of them.
fn blocks(block: impl Strategy<Value = Block>, least: usize) -> impl Strategy<Value = Vec<Block>> {
    let point = prop_oneof![
        3 => Just(None),
        1 => any::<bool>().prop_map(|long| Some(CachePoint::new(long.then(|| "1h".into())))),
    ];
    prop::collection::vec((block, point), least..4).prop_map(|pairs| {
        let pair = |(block, point): (Block, Option<CachePoint>)| {
            [Some(block), point.map(Block::CachePoint)].into_iter().flatten()
        };
        pairs.into_iter().flat_map(pair).collect()
    })
}

fn tools() -> impl Strategy<Value = ToolConfig> {
    let choice = prop_oneof![
        Just(None),
        Just(Some(ToolChoice::Auto(Map::new()))),
        Just(Some(ToolChoice::Any(Map::new()))),
        id().prop_map(|name| Some(ToolChoice::Tool { name, extra: Map::new() })),
    ];
    let spec = (id(), any::<Option<bool>>()).prop_map(|(name, described)| {
        let mut spec = ToolSpec::new(name, json!({"type": "object"}));
        spec.description = described.map(|long| if long { "It does." } else { "-" }.into());
        Tool::Spec(spec)
    });
    (prop::collection::vec(spec, 1..3), any::<bool>(), choice).prop_map(|(tools, cache, choice)| {
        let mut config = ToolConfig::new(tools);
        config.choice = choice;
        config.tools.extend(cache.then(|| Tool::CachePoint(CachePoint::new(None))));
        config
    })
}

fn request(block: BoxedStrategy<Block>) -> impl Strategy<Value = Request> {
    let role = prop_oneof![Just(Role::User), Just(Role::Assistant)];
    let message = (role, blocks(block, 1)).prop_map(|(role, blocks)| Message::new(role, blocks));
    let share = || prop::option::of(0.0..=1.0_f64);
    (
        prop::collection::vec(message, 1..4),
        blocks(text(), 0),
        (any::<u32>(), share(), share(), prop::collection::vec(id(), 0..3)),
        prop::option::of(tools()),
        prop::option::of(any::<u16>()),
    )
        .prop_map(|(messages, system, (max, temperature, top_p, stop), tools, top_k)| {
            let mut request = Request::new(messages).with_max_tokens(max);
            request.system = system;
            request.inference.temperature = temperature;
            request.inference.top_p = top_p;
            request.inference.stop_sequences = stop;
            request.tools = tools;
            if let Some(top_k) = top_k {
                let fields = json!({"top_k": top_k});
                request = request.with_field("additionalModelRequestFields", fields);
            }
            request
        })
}

/// A conversation as Command R has it: turns of one text each, and calls with ids by their order
/// and a result each.
fn conversation() -> impl Strategy<Value = Request> {
    let input = prop::collection::btree_map("[a-z]{1,3}", "[a-z\"日]{0,4}", 0..2);
    let output =
        prop_oneof![text(), any::<bool>().prop_map(|sun| Block::Json(json!({"sun": sun}))),];
    let call = (id(), input, prop::collection::vec(output, 0..3));
    let round = (text(), text(), prop::collection::vec(call, 0..3));
    let system = prop::option::of("[a-z ]{1,8}");
    (prop::collection::vec(round, 0..3), text(), system, prop::option::of(any::<u32>())).prop_map(
        |(rounds, last, system, max)| {
            let (mut messages, mut count) = (Vec::new(), 0);
            for (question, plan, calls) in rounds {
                messages.push(Message::new(Role::User, vec![question]));
                let (mut said, mut results) = (vec![plan], vec![]);
                for (name, input, outputs) in calls {
                    let id = format!("call_{count}");
                    count += 1;
                    let input = input.into_iter().map(|(key, value)| (key, value.into()));
                    said.push(Block::ToolUse(ToolUse::new(&id, name, input.collect())));
                    results.push(Block::ToolResult(ToolResult::new(id, outputs)));
                }
                messages.push(Message::new(Role::Assistant, said));
                messages.extend((!results.is_empty()).then(|| Message::new(Role::User, results)));
            }
            messages.push(Message::new(Role::User, vec![last]));
            let mut request = Request::new(messages);
            request.system = system.into_iter().map(Block::text).collect();
            request.inference.max_tokens = max;
            request
        },
    )
}

/// Families that take a prompt, and the name under which they do.
const PROMPTS: [(&str, &str); 7] = [
    ("llama", "prompt"),
    ("titan", "inputText"),
    ("mistral", "prompt"),
    ("deepseek", "prompt"),
    ("anthropic", "prompt"),
    ("command", "prompt"),
    ("jurassic", "prompt"),
];

pub(crate) fn read_back(family: &str, api: Api, request: &Request) -> Result<(), TestCaseError> {
    let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
    let body = encode(&model, api, request).unwrap();
    prop_assert_eq!(&decode_request(&model, api, &body).unwrap(), request);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_rich_request_is_read_back_as_written(request in request(rich().boxed())) {
        read_back("nova", Api::Converse, &request)?;
        read_back("anthropic", Api::Invoke, &request)?;
    }

    #[test]
    fn a_common_request_is_read_back_as_written(request in request(common().boxed())) {
        read_back("nova", Api::Invoke, &request)?;
    }

    #[test]
    fn a_conversation_with_tool_calls_is_read_back_as_written(
        request in conversation(),
    ) {
        read_back("command-r", Api::Invoke, &request)?;
    }

    #[test]
    fn a_raw_prompt_is_sent_verbatim(prompt in any::<String>(), max in any::<u32>()) {
        let request = Request::prompt(&prompt).with_max_tokens(max).with_temperature(0.5);
        for (family, key) in PROMPTS {
            let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
            let body: Value =
                serde_json::from_slice(&encode(&model, Api::Invoke, &request).unwrap()).unwrap();
            prop_assert_eq!(body[key].as_str(), Some(prompt.as_str()));
            read_back(family, Api::Invoke, &request)?;
        }
    }

    #[test]
    fn extra_is_merged_last_and_replaces_nothing(key in "[a-zA-Z_]{1,12}", value in any::<u8>()) {
        for (family, api) in [("nova", Api::Converse), ("titan", Api::Invoke)] {
            let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
            let plain = Request::user("Hi").with_max_tokens(5);
            let mut expected: Value =
                serde_json::from_slice(&encode(&model, api, &plain).unwrap()).unwrap();
            let body = encode(&model, api, &plain.with_extra(&key, value));
            if expected.get(&key).is_some() {
                prop_assert!(body.is_err());
            } else {
                expected[&key] = value.into();
                prop_assert_eq!(serde_json::from_slice::<Value>(&body.unwrap()).unwrap(), expected);
            }
        }
    }
}

#[test]
fn a_body_to_stream_says_so_only_where_it_must() {
    let request = Request::user("Hi").with_max_tokens(5);
    let body = |family: &str, write: fn(&ModelRef, Api, &Request) -> _| -> Value {
        let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
        let body: Result<Vec<u8>, EncodeError> = write(&model, Api::Invoke, &request);
        serde_json::from_slice(&body.unwrap()).unwrap()
    };
    for family in FAMILIES.iter().filter(|family| family.capabilities().streams) {
        let mut expected = body(family.name(), encode);
        if family.name() == "command" {
            expected["stream"] = true.into();
        }
        assert_eq!(body(family.name(), encode_for_stream), expected, "{}", family.name());
    }
}

#[test]
fn a_family_without_streams_cannot_be_asked_for_one() {
    for family in FAMILIES.iter().filter(|family| !family.capabilities().streams) {
        let model = ModelRef::parse("m").unwrap().with_family(family.name()).unwrap();
        let error = encode_for_stream(&model, Api::Invoke, &Request::user("Hi")).unwrap_err();
        let why = "the family has no streams; ask for the whole reply";
        assert_eq!(error.to_string(), format!("{} cannot express $: {why}", family.name()));
    }
    assert!(FAMILIES.iter().any(|family| !family.capabilities().streams));
}

#[test]
fn members_that_are_null_or_empty_are_written_as_they_came_and_stand_in_nobodys_way() {
    let hi = json!([{"role": "user", "content": [{"text": "Hi"}]}]);
    let cases = [
        (
            "nova",
            Api::Converse,
            json!({"messages": hi, "system": null, "serviceTier": null,
            "inferenceConfig": {"temperature": null, "maxTokens": 5},
            "toolConfig": {"tools": [{"toolSpec": {"name": "f", "inputSchema": {"json": {}}}}],
                "toolChoice": null}}),
        ),
        ("nova", Api::Invoke, json!({"messages": hi, "inferenceConfig": {"topP": null}})),
        (
            "titan",
            Api::Invoke,
            json!({"inputText": "Hi",
            "textGenerationConfig": {"temperature": null, "stopSequences": []}}),
        ),
        ("llama", Api::Invoke, json!({"prompt": "Hi", "temperature": null})),
        (
            "anthropic",
            Api::Invoke,
            json!({"anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 5, "system": null, "stop_sequences": null, "tools": [],
            "tool_choice": {"type": "auto", "disable_parallel_tool_use": null},
            "messages": [{"role": "user", "content": "Hi"}]}),
        ),
        (
            "openai",
            Api::Invoke,
            json!({"messages": [{"role": "user", "content": "Hi"}],
            "stop": null, "temperature": null, "tools": null}),
        ),
        (
            "qwen",
            Api::Invoke,
            json!({"messages": [{"role": "user", "content": "Hi"},
            {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "type": "function",
                "function": {"name": "f", "arguments": "{}"}}]}]}),
        ),
        ("command-r", Api::Invoke, json!({"message": "Hi", "tools": null, "preamble": null})),
    ];
    for (family, api, body) in cases {
        let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
        let mut request = decode_request(&model, api, body.to_string().as_bytes()).unwrap();
        let written = |request: &Request| -> Value {
            serde_json::from_slice(&encode(&model, api, request).unwrap()).unwrap()
        };
        let plain = |mut body: Value| {
            if let Some(message) = body.pointer_mut("/messages/0/content")
                && message.is_array()
                && family != "nova"
            {
                *message = "Hi".into();
            }
            body
        };
        assert_eq!(plain(written(&request)), body, "{family}");
        // What was empty can be filled, by the vocabulary and by `extra`.
        request.inference.temperature = Some(0.5);
        request = request.with_extra("x", 1);
        assert_eq!(written(&request)["x"], 1, "{family}");
        assert!(written(&request).to_string().contains(":0.5"), "{family}");
        let again = Request::from_json(request.to_json()).unwrap();
        assert_eq!(again.inference, request.inference, "{family}");
    }
}

#[test]
fn a_provider_without_a_family_works_by_converse() {
    let model = ModelRef::parse("us.xai.grok-4-3").unwrap();
    assert_eq!((model.family().is_none(), model.provider()), (true, Some("xai")));
    let request = Request::user("Hi").with_max_tokens(5);
    let body = encode(&model, Api::Converse, &request).unwrap();
    assert_eq!(decode_request(&model, Api::Converse, &body).unwrap(), request);
    let refused = encode(&model, Api::Invoke, &request).unwrap_err();
    assert!(matches!(refused, EncodeError::UnknownFamily { .. }));
}

#[test]
fn images_go_where_the_model_sees_them() {
    let image = || Block::Image(Image::new("png", Source::Bytes("aGk=".into())));
    let request = Request::new(vec![Message::new(Role::User, vec![image(), Block::text("What?")])]);
    for (address, sees) in [
        ("us.meta.llama3-1-8b-instruct-v1:0", false),
        ("us.meta.llama3-2-11b-instruct-v1:0", true),
        ("us.meta.llama3-2-3b-instruct-v1:0", false),
        ("mistral.mistral-7b-instruct-v0:2", false),
        ("mistral.pixtral-large-2502-v1:0", true),
        ("qwen.qwen3-32b-v1:0", false),
        ("qwen.qwen3-vl-235b-a22b", true),
        ("openai.gpt-oss-20b-1:0", false),
    ] {
        let model = ModelRef::parse(address).unwrap();
        assert_eq!(encode(&model, Api::Invoke, &request).is_ok(), sees, "{address}");
        assert_eq!(model.capabilities().unwrap().images, sees, "{address}");
    }
    let model = ModelRef::parse("us.meta.llama3-2-90b-instruct-v1:0").unwrap();
    let body = encode(&model, Api::Invoke, &request).unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["images"], json!(["aGk="]));
    assert!(body["prompt"].as_str().unwrap().contains("\n\n<|image|>What?<|eot_id|>"), "{body}");
}
