//! The AWS SDK for Rust against the emulator: one line of JSON for each check.

mod faults;
mod runtime;
mod storage;
mod stream;

use std::fmt::Debug;

use aws_config::BehaviorVersion;
use aws_config::retry::RetryConfig;
use serde_json::json;

/// What a check gives: a detail for the reader, or why it failed.
type Outcome = Result<String, Box<dyn std::error::Error>>;

/// The SDK's clients, which find the emulator by the environment.
struct Clients {
    runtime: aws_sdk_bedrockruntime::Client,
    patient: aws_sdk_bedrockruntime::Client,
    bedrock: aws_sdk_bedrock::Client,
    s3: aws_sdk_s3::Client,
}

impl Clients {
    async fn new() -> Self {
        let once = RetryConfig::disabled();
        let config =
            aws_config::defaults(BehaviorVersion::latest()).retry_config(once).load().await;
        let often = RetryConfig::standard().with_max_attempts(10);
        let patient = aws_sdk_bedrockruntime::config::Builder::from(&config).retry_config(often);
        Self {
            runtime: aws_sdk_bedrockruntime::Client::new(&config),
            patient: aws_sdk_bedrockruntime::Client::from_conf(patient.build()),
            bedrock: aws_sdk_bedrock::Client::new(&config),
            s3: aws_sdk_s3::Client::new(&config),
        }
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let clients = Clients::new().await;
    report("invoke", runtime::invoke(&clients).await);
    report("stream", stream::tried(async || stream::invoke(&clients).await).await);
    report("converse", runtime::converse(&clients).await);
    report("converse-stream", stream::tried(async || stream::converse(&clients).await).await);
    report("tool-call", stream::tool_call(&clients).await);
    report("bad-checksum", faults::bad_checksum(&clients).await);
    report("unknown-event", faults::unknown_event(&clients).await);
    report("cut-stream", faults::cut_stream(&clients).await);
    report("one-byte-chunks", faults::one_byte_chunks(&clients).await);
    report("throttled-stream", faults::throttled_stream(&clients).await);
    report("bearer-token", runtime::bearer_token(&clients).await);
    report("throttle", runtime::throttle(&clients).await);
    report("retry", runtime::retry(&clients).await);
    report("validation", runtime::validation(&clients).await);
    report("count-tokens", runtime::count_tokens(&clients).await);
    report("objects", storage::objects(&clients).await);
    report("batch-listing", storage::batch_listing(&clients).await);
}

fn report(check: &str, outcome: Outcome) {
    let line = match outcome {
        Ok(detail) => json!({ "check": check, "ok": true, "detail": detail }),
        Err(why) => json!({ "check": check, "ok": false, "detail": why.to_string() }),
    };
    println!("{line}");
}

/// Fails with what was seen unless a condition holds.
fn ensure(holds: bool, seen: impl Debug) -> Result<(), String> {
    if holds { Ok(()) } else { Err(format!("{seen:?}")) }
}

/// An error of the SDK with its causes.
fn told(error: impl std::error::Error + Send + Sync + 'static) -> String {
    aws_smithy_types::error::display::DisplayErrorContext(error).to_string()
}

/// The error of a call that has to fail.
fn refused<T: Debug, E>(result: Result<T, E>) -> Result<E, String> {
    match result {
        Ok(answer) => Err(format!("no error, but {answer:?}")),
        Err(error) => Ok(error),
    }
}

// The models of `limits.toml`, and two without limits.
const NOVA: &str = "amazon.nova-lite-v1:0";
const NOVA_ONE_A_MINUTE: &str = "amazon.nova-micro-v1:0";
const NOVA_ONE_A_SECOND: &str = "amazon.nova-pro-v1:0";
const CLAUDE: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";
