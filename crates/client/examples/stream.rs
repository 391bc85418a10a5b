//! One request, and its answer as it comes.
//!
//! ```text
//! cargo run -p outcrop --example stream [ENDPOINT]
//! ```
//!
//! Without an endpoint it brings a Bedrock of its own.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::env;
use std::error::Error;
use std::io::{self, Write};

use emulator::Emulator;
use outcrop::aws::Bedrock;
use outcrop::{Client, ModelRef, Outcome, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().tokens_per_second(100).start().await?;
    let endpoint = env::args().nth(1).unwrap_or_else(|| emulator.endpoint_url());
    let bedrock = Bedrock::builder()
        .endpoint_url(endpoint)
        .region("us-east-1")
        .credentials("test", "test", None)
        .load()
        .await?;
    let client = Client::builder().bedrock(bedrock).build();

    let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
    let request = Request::user("Tell me of the rivers that run under limestone.");
    let mut stream = client.stream(&model, &request).await?;
    while let Some(event) = stream.next().await {
        if let Some(text) = event.text() {
            print!("{text}");
            io::stdout().flush()?;
        }
    }
    println!();

    // The text alone does not say whether it is all there is: the outcome does.
    match stream.finish().await {
        Outcome::Complete { reply, report, .. } => {
            println!(
                "complete ({}), first text after {:?}",
                reply.stop_reason, report.first_content
            );
            Ok(())
        }
        Outcome::Incomplete { why, partial, .. } => {
            println!("cut after {} characters", partial.text().chars().count());
            Err(why.into())
        }
    }
}
