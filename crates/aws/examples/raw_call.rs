//! Makes one Converse call with what the environment says, and prints the bytes that come back.
//!
//! `cargo run -p outcrop-aws --example raw_call -- amazon.nova-lite-v1:0 '{"messages":[…]}'`

#![expect(clippy::print_stdout, reason = "it is a command")]

use std::process::ExitCode;

use outcrop_aws::Bedrock;
use transport::{Call, Error, Operation, Reply, Transport};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(model), Some(body)) = (arguments.next(), arguments.next()) else {
        println!("usage: raw_call MODEL BODY");
        return ExitCode::from(2);
    };
    match converse(model, body).await {
        Ok(reply) => {
            println!("{}", String::from_utf8_lossy(&reply.body));
            ExitCode::SUCCESS
        }
        Err(error) => {
            println!("{:?} {:?}: {error}", error.phase(), error.kind());
            ExitCode::FAILURE
        }
    }
}

async fn converse(model: String, body: String) -> Result<Reply, Error> {
    let bedrock = Bedrock::from_env().await?;
    bedrock.unary(Call::new(Operation::Converse, model, body)).await
}
