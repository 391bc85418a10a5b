//! The law of conversations with tools, for families whose messages keep calls and results apart.

use outcrop_codec::{
    Api, Block, Image, Map, Message, Request, Role, Source, Tool, ToolChoice, ToolConfig,
    ToolResult, ToolSpec, ToolUse,
};
use proptest::prelude::*;
use serde_json::json;

use crate::requests::read_back;

fn id() -> impl Strategy<Value = String> {
    "[a-z0-9_]{1,6}"
}

fn texts(least: usize) -> impl Strategy<Value = Vec<Block>> {
    prop::collection::vec("[a-z \\n\"日]{0,8}".prop_map(Block::text), least..3)
}

fn result() -> impl Strategy<Value = Block> {
    (id(), texts(0)).prop_map(|(id, content)| Block::ToolResult(ToolResult::new(id, content)))
}

fn call() -> impl Strategy<Value = Block> {
    let input = prop::collection::btree_map("[a-z]{1,3}", any::<f64>(), 0..3);
    (id(), id(), input).prop_map(|(id, name, input)| {
        let input = input.into_iter().map(|(key, value)| (key, value.into()));
        Block::ToolUse(ToolUse::new(id, name, input.collect()))
    })
}

/// What a user says: results, and then texts and an image, if the family takes images.
fn asked(images: bool) -> impl Strategy<Value = Message> {
    let image = id().prop_map(|data| Block::Image(Image::new("png", Source::Bytes(data))));
    let images = prop::collection::vec(image, 0..=usize::from(images));
    (prop::collection::vec(result(), 0..3), texts(1), images)
        .prop_map(|parts| Message::new(Role::User, [parts.0, parts.1, parts.2].concat()))
}

fn answered() -> impl Strategy<Value = Message> {
    let calls = prop::collection::vec(call(), 0..3);
    (texts(1), calls)
        .prop_map(|(texts, calls)| Message::new(Role::Assistant, [texts, calls].concat()))
}

fn tools() -> impl Strategy<Value = ToolConfig> {
    let choice = prop_oneof![
        Just(None),
        Just(Some(ToolChoice::Auto(Map::new()))),
        Just(Some(ToolChoice::Any(Map::new()))),
        id().prop_map(|name| Some(ToolChoice::Tool { name, extra: Map::new() })),
    ];
    (prop::collection::vec(id(), 1..3), choice).prop_map(|(names, choice)| {
        let spec = |name| Tool::Spec(ToolSpec::new(name, json!({"type": "object"})));
        let mut config = ToolConfig::new(names.into_iter().map(spec).collect());
        config.choice = choice;
        config
    })
}

fn conversation(images: bool) -> impl Strategy<Value = Request> {
    let turns = prop::collection::vec((answered(), asked(images)), 0..3);
    let inference = (any::<u32>(), prop::option::of(0.0..=1.0_f64), prop::option::of(id()));
    (texts(0), asked(images), turns, prop::option::of(tools()), inference).prop_map(
        |(system, first, turns, tools, (max_tokens, temperature, stop))| {
            let turns = turns.into_iter().flat_map(|(answer, question)| [answer, question]);
            let messages = [first].into_iter().chain(turns).collect();
            let mut request = Request::new(messages).with_max_tokens(max_tokens);
            request.system = system;
            request.inference.temperature = temperature;
            request.inference.stop_sequences.extend(stop);
            request.tools = tools;
            request
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_conversation_is_read_back_as_written(request in conversation(false)) {
        for family in ["openai", "glm", "jamba"] {
            read_back(family, Api::Invoke, &request)?;
        }
    }

    #[test]
    fn a_conversation_with_images_is_read_back_as_written(request in conversation(true)) {
        for family in ["gemma", "nemotron", "qwen", "writer"] {
            read_back(family, Api::Invoke, &request)?;
        }
    }
}
