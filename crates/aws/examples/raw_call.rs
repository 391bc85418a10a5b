//! Makes one Converse call with a body of one's own, and prints the bytes that come back.
//!
//! With a model and a body as arguments it goes where the environment says; without, to an emulator
//! of its own.

#![expect(clippy::print_stdout, reason = "it is a command")]

use std::process::ExitCode;

use emulator::Emulator;
use outcrop_aws::Bedrock;
use transport::{Call, Error, Operation, Reply, Transport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let reply = match (arguments.next(), arguments.next()) {
        (Some(model), Some(body)) => converse(Bedrock::from_env().await, model, body).await,
        _ => {
            let emulator = Emulator::builder().start().await?;
            let bedrock = Bedrock::builder()
                .region("us-east-1")
                .endpoint_url(emulator.endpoint_url())
                .credentials("test", "test", None);
            let model = "amazon.nova-lite-v1:0".to_owned();
            let body = r#"{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}"#.to_owned();
            converse(bedrock.load().await, model, body).await
        }
    };
    Ok(match reply {
        Ok(reply) => {
            println!("{}", String::from_utf8_lossy(&reply.body));
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{:?}, {:?}: {error}", error.phase(), error.kind());
            ExitCode::FAILURE
        }
    })
}

async fn converse(
    bedrock: Result<Bedrock, Error>,
    model: String,
    body: String,
) -> Result<Reply, Error> {
    bedrock?.unary(Call::new(Operation::Converse, model, body)).await
}
