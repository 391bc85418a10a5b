//! One request, one reply.
//!
//! ```text
//! cargo run -p outcrop --example invoke [ENDPOINT]
//! ```
//!
//! Without an endpoint it brings a Bedrock of its own. For an AWS account leave out `endpoint_url`
//! and `credentials`: the rest is the same.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::env;
use std::error::Error;

use emulator::Emulator;
use outcrop::aws::Bedrock;
use outcrop::{Client, ModelRef, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().start().await?;
    let endpoint = env::args().nth(1).unwrap_or_else(|| emulator.endpoint_url());
    let bedrock = Bedrock::builder()
        .endpoint_url(endpoint)
        .region("us-east-1")
        .credentials("test", "test", None)
        .load()
        .await?;
    let client = Client::builder().bedrock(bedrock).build();

    let model = ModelRef::parse("us.anthropic.claude-haiku-4-5-20251001-v1:0")?;
    let request = Request::user("Why is granite speckled?")
        .with_system("Answer in one sentence.")
        .with_max_tokens(200);
    let invocation = client.invoke(&model, &request).await?;

    println!("{}", invocation.reply.text());
    println!("stopped by: {}", invocation.reply.stop_reason);
    if let Some(usage) = &invocation.reply.usage {
        println!("tokens: {} in, {} out", usage.input_tokens, usage.output_tokens);
    }
    println!("took: {:?}, in {} attempt(s)", invocation.report.elapsed, invocation.report.attempts);
    Ok(())
}
