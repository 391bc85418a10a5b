//! The client in front of the emulator's scenarios: each row of the matrix has one right answer,
//! in Converse and in native streams alike.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use codec::{Block, Reply, StopKind, ThrottleCause};
use emulator::{Emulator, Scenario};
use outcrop::aws::Bedrock;
use outcrop::{ApiChoice, Client, Error, ErrorKind, ModelRef, Options, Outcome, Request};
use transport::testing::FixedEntropy;

/// A way to call a model: Converse, and native formats whose streams differ.
const WAYS: &[(ApiChoice, &str)] = &[
    (ApiChoice::Converse, "us.amazon.nova-lite-v1:0"),
    (ApiChoice::Invoke, "us.amazon.nova-lite-v1:0"),
    (ApiChoice::Invoke, "anthropic.claude-3-haiku-20240307-v1:0"),
    (ApiChoice::Invoke, "openai.gpt-oss-20b-1:0"),
    (ApiChoice::Invoke, "amazon.titan-text-express-v1"),
    (ApiChoice::Invoke, "us.meta.llama3-3-70b-instruct-v1:0"),
];

const SAID: &str = "You said: The kettle is on, and the tea is near.";

/// An emulator under a scenario, with a client whose pauses are nothing.
struct Stage {
    _emulator: Emulator,
    client: Client,
    requests: Arc<AtomicUsize>,
}

impl Stage {
    async fn new(scenario: &str) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&requests);
        let emulator = Emulator::builder()
            .time_to_first_token(std::time::Duration::ZERO)
            .tokens_per_second(0)
            .scenario(Scenario::named(scenario).unwrap())
            .access_log(move |_| {
                count.fetch_add(1, Ordering::SeqCst);
            })
            .start()
            .await
            .unwrap();
        let bedrock = Bedrock::builder()
            .region("us-east-1")
            .endpoint_url(emulator.endpoint_url())
            .credentials("test", "test", None)
            .load()
            .await
            .unwrap();
        let client = Client::builder().bedrock(bedrock).entropy(FixedEntropy::new(0)).build();
        Self { _emulator: emulator, client, requests }
    }

    /// How many requests arrived since this was last asked.
    fn requests(&self) -> usize {
        self.requests.swap(0, Ordering::SeqCst)
    }

    fn client(&self, api: ApiChoice) -> Client {
        let mut options = Options::default();
        options.api = api;
        self.client.with_options(options)
    }

    /// The text handed out of a stream, and how it ended.
    async fn stream(&self, api: ApiChoice, model: &str, request: &Request) -> Ended {
        let model = ModelRef::parse(model).unwrap();
        let mut stream = self.client(api).stream(&model, request).await?;
        let mut text = String::new();
        while let Some(event) = stream.next().await {
            text.push_str(event.text().unwrap_or_default());
        }
        Ok((text, stream.finish().await))
    }
}

type Ended = Result<(String, Outcome), Error>;

fn kettle() -> Request {
    Request::user("The kettle is on, and the tea is near.").with_max_tokens(200)
}

/// A request that makes the model call a tool.
fn removal() -> Request {
    let body = r#"{
        "messages": [{"role": "user", "content": [{"text": "remove path=/etc/hosts"}]}],
        "inferenceConfig": {"maxTokens": 200},
        "toolConfig": {"tools": [{"toolSpec": {"name": "remove", "inputSchema": {"json": {
            "type": "object", "properties": {"path": {"type": "string"}}}}}}]}
    }"#;
    Request::from_converse(body.as_bytes()).unwrap()
}

/// Llama alone says in every chunk what was used so far, so that something is known of a cut one.
fn counts_in_every_chunk(model: &str) -> bool {
    model.contains("meta.llama")
}

#[track_caller]
#[expect(clippy::panic, reason = "a test may panic")]
fn whole(ended: Ended) -> (String, Reply) {
    match ended.unwrap() {
        (text, Outcome::Complete { reply, .. }) => (text, reply),
        (_, other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_harms_nothing_is_complete() {
    for scenario in ["normal", "one-byte-chunks", "unknown-event"] {
        let stage = Stage::new(scenario).await;
        for &(api, model) in WAYS {
            let (text, reply) = whole(stage.stream(api, model, &kettle()).await);
            assert!(text.contains(SAID), "{scenario}, {model}: {text}");
            assert_eq!(reply.stop_reason.kind(), StopKind::EndTurn, "{scenario}, {model}");
            assert!(
                reply.usage.is_some_and(|usage| usage.output_tokens > 5),
                "{scenario}, {model}"
            );
            assert_eq!(stage.requests(), 1, "{scenario}, {model}");
        }
    }
}

#[tokio::test]
async fn a_bad_checksum_is_incomplete_and_shows_nothing_of_the_frame() {
    let stage = Stage::new("bad-checksum").await;
    for &(api, model) in WAYS {
        let (text, outcome) = stage.stream(api, model, &kettle()).await.unwrap();
        let Outcome::Incomplete { why, partial, usage, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(why.kind(), ErrorKind::Protocol, "{model}: {why}");
        assert_eq!(partial.text(), text, "{model}");
        assert_eq!(usage.is_some(), counts_in_every_chunk(model), "{model}: {usage:?}");
        assert!(text.len() < 10, "{model}: {text}");
        // Where text or reasoning was handed out there is no other try.
        let thinks = matches!(partial.message.content.first(), Some(Block::Reasoning(_)));
        let tries = if text.is_empty() && !thinks { 3 } else { 1 };
        assert_eq!(stage.requests(), tries, "{model}");
    }
}

#[tokio::test]
async fn a_cut_before_the_end_is_incomplete_with_unknown_usage() {
    let stage = Stage::new("cut-before-message-stop").await;
    for &(api, model) in WAYS {
        let (text, outcome) = stage.stream(api, model, &kettle()).await.unwrap();
        let Outcome::Incomplete { why, partial, usage, .. } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!(why.kind(), ErrorKind::Cut, "{model}: {why}");
        assert!(text.contains("You said: The kettle is on"), "{model}: {text}");
        assert_eq!(partial.text(), text, "{model}");
        assert_eq!(usage.is_some(), counts_in_every_chunk(model), "{model}: {usage:?}");
        assert_eq!(stage.requests(), 1, "{model}");
    }
}

#[tokio::test]
async fn a_throttle_after_text_is_a_typed_error_and_not_tried_again() {
    let stage = Stage::new("throttled-mid-stream").await;
    for &(api, model) in WAYS {
        let (text, outcome) = stage.stream(api, model, &kettle()).await.unwrap();
        let Outcome::Incomplete { why, partial, .. } = outcome else { panic!("{outcome:?}") };
        assert_eq!(why.kind(), ErrorKind::Throttled(ThrottleCause::Tokens), "{model}: {why}");
        assert!(why.request_id().is_some(), "{model}");
        assert_eq!(partial.text(), text, "{model}");
        assert!(!partial.message.content.is_empty(), "{model}");
        assert_eq!(stage.requests(), 1, "{model}");
    }
}

#[tokio::test]
async fn a_tool_call_is_never_made_from_json_that_was_cut() {
    for (scenario, stops) in
        [("tool-json-cut-by-eof", false), ("tool-json-cut-by-max-tokens", true)]
    {
        let stage = Stage::new(scenario).await;
        for &(api, model) in WAYS.get(..4).unwrap() {
            let (_, outcome) = stage.stream(api, model, &removal()).await.unwrap();
            let content = match outcome {
                Outcome::Complete { reply, .. } => {
                    assert!(stops, "{model}: {reply:?}");
                    assert_eq!(reply.stop_reason.kind(), StopKind::MaxTokens, "{model}");
                    reply.message.content
                }
                Outcome::Incomplete { why, partial, usage, .. } => {
                    assert!(!stops, "{model}: {why}");
                    assert_eq!((why.kind(), usage), (ErrorKind::Cut, None), "{model}");
                    partial.message.content
                }
            };
            let calls: Vec<&Block> =
                content.iter().filter(|block| !matches!(block, Block::Reasoning(_))).collect();
            let [Block::IncompleteToolUse(call)] = calls.as_slice() else {
                panic!("{scenario}, {model}: {content:?}")
            };
            assert_eq!((call.name.as_str(), call.raw.as_str()), ("remove", "{\"path\":\"/"));
        }
    }
}

#[tokio::test]
async fn a_context_that_is_too_long_is_no_usual_end() {
    let stage = Stage::new("context-window-exceeded").await;
    for &(api, model) in WAYS {
        let (text, reply) = whole(stage.stream(api, model, &kettle()).await);
        assert!(text.contains(SAID), "{model}");
        assert_eq!(reply.stop_reason.as_str(), "model_context_window_exceeded", "{model}");
        assert_ne!(reply.stop_reason.kind(), StopKind::EndTurn, "{model}");
        let named = ModelRef::parse(model).unwrap();
        let reply = stage.client(api).invoke(&named, &kettle()).await.unwrap().reply;
        assert_eq!(reply.stop_reason.as_str(), "model_context_window_exceeded", "{model}");
    }
}

#[tokio::test]
async fn the_counters_of_the_cache_stay_apart_and_add_up() {
    let stage = Stage::new("cached-usage").await;
    for &(api, model) in WAYS.get(..3).unwrap() {
        let named = ModelRef::parse(model).unwrap();
        let streamed = whole(stage.stream(api, model, &kettle()).await).1;
        let invoked = stage.client(api).invoke(&named, &kettle()).await.unwrap().reply;
        for reply in [streamed, invoked] {
            let usage = reply.usage.unwrap();
            let cached = (usage.cache_read_input_tokens, usage.cache_write_input_tokens);
            assert_eq!((usage.input_tokens, cached), (3, (Some(100), Some(50))), "{model}");
            assert_eq!(usage.total_prompt(), 153, "{model}");
        }
    }
}

#[tokio::test]
async fn what_fails_for_ever_is_given_up_after_three_tries() {
    for (scenario, kind) in [
        ("throttled-forever", ErrorKind::Throttled(ThrottleCause::Requests)),
        ("unavailable-forever", ErrorKind::Unavailable),
    ] {
        let stage = Stage::new(scenario).await;
        for &(api, model) in WAYS {
            let named = ModelRef::parse(model).unwrap();
            let error = stage.client(api).invoke(&named, &kettle()).await.unwrap_err();
            assert_eq!((error.kind(), stage.requests()), (kind, 3), "{scenario}, {model}: {error}");
            let error = stage.stream(api, model, &kettle()).await.unwrap_err();
            assert_eq!((error.kind(), stage.requests()), (kind, 3), "{scenario}, {model}: {error}");
            assert!(error.request_id().is_some(), "{scenario}, {model}");
        }
    }
}

#[tokio::test]
async fn a_pile_of_calls_gets_through_a_flaky_service() {
    let stage = Stage::new("flaky").await;
    let model = ModelRef::parse("us.amazon.nova-lite-v1:0").unwrap();
    for _ in 0..50 {
        // Each call has three tries, and one in seven fails.
        if let Err(error) = stage.client.invoke(&model, &kettle()).await {
            panic!("{error}");
        }
    }
    assert!(stage.requests() > 50);
}
