//! A client whose transport is a script, and the bytes that Bedrock would send it.

use codec::frame::{HeaderValue, encode};
use outcrop::{Client, ModelRef, Options, Quotas, Request, ServerModel};
use serde_json::{Value, json};
use transport::testing::{Exchange, FixedEntropy, ManualClock, Scripted};
use transport::{Operation, Service};

/// A client over a script, on a clock of its own. Jitter always draws the longest pause.
pub(crate) struct Bench {
    pub(crate) clock: ManualClock,
    pub(crate) script: Scripted,
    pub(crate) client: Client,
}

impl Bench {
    pub(crate) fn new(script: impl IntoIterator<Item = Exchange>) -> Self {
        Self::with(script, Options::default(), Quotas::default())
    }

    pub(crate) fn with(
        script: impl IntoIterator<Item = Exchange>,
        options: Options,
        quotas: Quotas,
    ) -> Self {
        let clock = ManualClock::new();
        let script = Scripted::new(script);
        let client = Client::builder()
            .transport(script.clone())
            .time(clock.clone(), clock.clone())
            .entropy(FixedEntropy::new(u64::MAX))
            .options(options)
            .quotas(quotas)
            .build();
        Self { clock, script, client }
    }

    /// Runs to the end, moving the clock whenever nothing else can happen.
    pub(crate) fn run<F: Future>(&self, future: F) -> F::Output {
        self.clock.run(future).expect("the future waits for something that is not time")
    }
}

pub(crate) fn nova() -> ModelRef {
    ModelRef::parse("amazon.nova-lite-v1:0").unwrap()
}

pub(crate) fn hello() -> Request {
    Request::user("hello").with_max_tokens(100)
}

/// Quotas of a service that is known to hold a minute's worth.
pub(crate) fn quotas(requests: u64, tokens: u64) -> Quotas {
    Quotas::default()
        .with_requests_per_minute(requests.try_into().unwrap())
        .with_tokens_per_minute(tokens.try_into().unwrap())
        .with_server(ServerModel::Bucket { burst: std::time::Duration::from_secs(60) })
}

/// A whole Converse reply that used 5 input and 7 output tokens.
pub(crate) fn converse_reply(text: &str) -> Exchange {
    let body = json!({
        "output": {"message": {"role": "assistant", "content": [{"text": text}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12},
        "metrics": {"latencyMs": 31},
    });
    Exchange::answering(Operation::Converse)
        .header("x-amzn-requestid", "request-1")
        .chunk(body.to_string())
}

pub(crate) fn refusal(operation: Operation, status: u16, code: &str, message: &str) -> Exchange {
    Exchange::refusing(operation, Service::new(status, code.to_owned(), message.to_owned()))
}

pub(crate) fn throttle(operation: Operation, message: &str) -> Exchange {
    refusal(operation, 429, "ThrottlingException", message)
}

pub(crate) const TOO_MANY_TOKENS: &str = "Too many tokens, please wait before trying again.";

/// An answering stream with these frames, one to a chunk.
pub(crate) fn streaming(frames: impl IntoIterator<Item = Vec<u8>>) -> Exchange {
    Exchange::answering(Operation::ConverseStream)
        .header("x-amzn-requestid", "request-2")
        .chunks(frames)
}

pub(crate) fn event(kind: &str, payload: Value) -> Vec<u8> {
    frame("event", ":event-type", kind, payload)
}

pub(crate) fn exception(kind: &str, message: &str) -> Vec<u8> {
    frame("exception", ":exception-type", kind, json!({"message": message}))
}

fn frame(message_type: &str, name: &str, kind: &str, payload: Value) -> Vec<u8> {
    let headers = [
        (name, HeaderValue::String(kind)),
        (":content-type", HeaderValue::String("application/json")),
        (":message-type", HeaderValue::String(message_type)),
    ];
    encode(&headers, payload.to_string().as_bytes()).unwrap()
}

pub(crate) fn start() -> Vec<u8> {
    event("messageStart", json!({"role": "assistant", "p": "abc"}))
}

pub(crate) fn text(text: &str) -> Vec<u8> {
    event("contentBlockDelta", json!({"contentBlockIndex": 0, "delta": {"text": text}}))
}

pub(crate) fn block_stop(index: u64) -> Vec<u8> {
    event("contentBlockStop", json!({"contentBlockIndex": index}))
}

pub(crate) fn message_stop(reason: &str) -> Vec<u8> {
    event("messageStop", json!({"stopReason": reason}))
}

/// Usage of 5 input and 7 output tokens.
pub(crate) fn metadata() -> Vec<u8> {
    event(
        "metadata",
        json!({
            "usage": {"inputTokens": 5, "outputTokens": 7, "totalTokens": 12},
            "metrics": {"latencyMs": 31},
        }),
    )
}

/// Every frame of a whole answer.
pub(crate) fn whole(pieces: &[&str]) -> Vec<Vec<u8>> {
    let mut frames = vec![start()];
    frames.extend(pieces.iter().map(|piece| text(piece)));
    frames.extend([block_stop(0), message_stop("end_turn"), metadata()]);
    frames
}
