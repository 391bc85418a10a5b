//! Streams, and how their frames are spread in time.

use std::time::{Duration, Instant};

use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlockDelta, ContentBlockStart, ConverseStreamOutput, ResponseStream, StopReason, Tool,
    ToolConfiguration, ToolInputSchema, ToolSpecification,
};
use aws_smithy_types::Document;
use serde_json::{Value, json};

use crate::runtime::says;
use crate::{CLAUDE, Clients, NOVA, Outcome, ensure, told};

pub(crate) async fn invoke(clients: &Clients) -> Outcome {
    let body = json!({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 500,
        "messages": [{ "role": "user", "content": long() }],
    });
    let call = clients.runtime.invoke_model_with_response_stream().model_id(CLAUDE);
    let call = call.content_type("application/json").body(Blob::new(body.to_string()));
    let mut reply = call.send().await.map_err(told)?;
    let (mut spread, mut text, mut kinds) = (Spread::new(), String::new(), Vec::new());
    while let Some(event) = reply.body.recv().await.map_err(told)? {
        spread.frame();
        let ResponseStream::Chunk(chunk) = event else {
            return Err(format!("{event:?}").into());
        };
        let bytes = chunk.bytes().map(Blob::as_ref).unwrap_or_default();
        let event: Value = serde_json::from_slice(bytes)?;
        text += event["delta"]["text"].as_str().unwrap_or_default();
        kinds.push(event["type"].as_str().unwrap_or_default().to_owned());
    }
    ensure(text.contains(&long()), &text)?;
    ensure(kinds.first().is_some_and(|kind| kind == "message_start"), &kinds)?;
    ensure(kinds.last().is_some_and(|kind| kind == "message_stop"), &kinds)?;
    spread.check()
}

pub(crate) async fn converse(clients: &Clients) -> Outcome {
    let call = clients.runtime.converse_stream().model_id(NOVA).messages(says(&long())?);
    let mut reply = call.send().await.map_err(told)?;
    let (mut spread, mut text, mut names) = (Spread::new(), String::new(), Vec::new());
    while let Some(event) = reply.stream.recv().await.map_err(told)? {
        spread.frame();
        names.push(match event {
            ConverseStreamOutput::ContentBlockDelta(event) => {
                if let Some(ContentBlockDelta::Text(delta)) = event.delta {
                    text += &delta;
                }
                "delta"
            }
            ConverseStreamOutput::MessageStop(_) => "stop",
            ConverseStreamOutput::Metadata(_) => "metadata",
            _ => "other",
        });
    }
    ensure(text.contains(&long()), &text)?;
    ensure(names.ends_with(&["stop", "metadata"]), &names)?;
    spread.check()
}

pub(crate) async fn tool_call(clients: &Clients) -> Outcome {
    let city = object([("type", Document::from("string"))]);
    let schema =
        object([("type", Document::from("object")), ("properties", object([("city", city)]))]);
    let tool = ToolSpecification::builder()
        .name("get_weather")
        .input_schema(ToolInputSchema::Json(schema))
        .build()?;
    let tools = ToolConfiguration::builder().tools(Tool::ToolSpec(tool)).build()?;
    let prompt = says("Use get_weather with city=Paris")?;
    let call = clients.runtime.converse_stream().model_id(CLAUDE).messages(prompt);
    let mut reply = call.tool_config(tools).send().await.map_err(told)?;
    let (mut name, mut input, mut stop) = (String::new(), String::new(), None);
    while let Some(event) = reply.stream.recv().await.map_err(told)? {
        match event {
            ConverseStreamOutput::ContentBlockStart(event) => {
                if let Some(ContentBlockStart::ToolUse(start)) = event.start {
                    name = start.name;
                }
            }
            ConverseStreamOutput::ContentBlockDelta(event) => {
                if let Some(ContentBlockDelta::ToolUse(delta)) = event.delta {
                    input += &delta.input;
                }
            }
            ConverseStreamOutput::MessageStop(event) => stop = Some(event.stop_reason),
            _ => {}
        }
    }
    let arguments: Value = serde_json::from_str(&input)?;
    ensure(name == "get_weather" && arguments == json!({ "city": "Paris" }), (&name, &input))?;
    ensure(stop == Some(StopReason::ToolUse), &stop)?;
    Ok(input)
}

fn object<const N: usize>(members: [(&str, Document); N]) -> Document {
    Document::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Long enough for its echo to be spread over half a second and more.
fn long() -> String {
    let words: Vec<_> = (0..12).map(|n| format!("word number {n} of a long prompt,")).collect();
    words.join(" ")
}

/// Frames came at once. They do so each time where client or server hold them back, and now and
/// then where the machine stood still.
#[derive(Debug)]
struct HeldBack(String);

impl std::error::Error for HeldBack {}

impl std::fmt::Display for HeldBack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a check gives, tried again where frames came at once.
pub(crate) async fn tried(check: impl AsyncFn() -> Outcome) -> Outcome {
    for _ in 1..TRIES {
        match check().await {
            Err(error) if error.is::<HeldBack>() => eprintln!("{error}"),
            outcome => return outcome,
        }
    }
    check().await
}

/// How often a check is tried that the machine may have spoiled by standing still for a moment.
const TRIES: usize = 5;

/// The times at which the frames of a stream arrive.
struct Spread {
    start: Instant,
    times: Vec<Duration>,
}

impl Spread {
    fn new() -> Self {
        Self { start: Instant::now(), times: Vec::new() }
    }

    fn frame(&mut self) {
        self.times.push(self.start.elapsed());
    }

    /// The emulator speaks 100 tokens a second: many frames come a while after the last.
    fn check(self) -> Outcome {
        let count = self.times.len();
        let (Some(first), Some(last)) = (self.times.first(), self.times.last()) else {
            return Err("no frames".into());
        };
        let spread = *last - *first;
        let gaps = self.times.iter().zip(self.times.iter().skip(1)).map(|(a, b)| *b - *a);
        let gaps = gaps.filter(|gap| *gap >= Duration::from_millis(5)).count();
        ensure(count >= 10, count)?;
        let seen = format!("{count} frames over {:.3} s, {gaps} after a gap", spread.as_secs_f64());
        if spread < Duration::from_millis(300) || gaps < 5 {
            return Err(HeldBack(seen).into());
        }
        Ok(seen)
    }
}
