//! Testing one's own code with the mock: no network, no runtime of AWS, no recorded bytes.
//!
//! ```text
//! cargo run -p outcrop --example mock
//! ```
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::error::Error as StdError;

use outcrop::transport::{Error, Meta, MockTransport, Operation, Reply, Service};
use outcrop::{Client, ErrorKind, ModelRef, Options, Request, RetryPolicy};

/// The code under test: sorts a message, and does not guess where the service is busy.
async fn sort(
    client: &Client,
    model: &ModelRef,
    message: &str,
) -> Result<Option<String>, outcrop::Error> {
    let request = Request::user(format!("One word, bill or other: {message}")).with_max_tokens(5);
    match client.invoke(model, &request).await {
        Ok(invocation) => Ok(Some(invocation.reply.text().to_lowercase())),
        Err(error) if matches!(error.kind(), ErrorKind::Throttled(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn client(mock: MockTransport) -> Client {
    let mut options = Options::default();
    options.retry = RetryPolicy::never();
    Client::builder().transport(mock).options(options).build()
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let model = ModelRef::parse("amazon.nova-micro-v1:0")?;

    let mut mock = MockTransport::new();
    mock.expect_unary()
        .withf(|call| call.operation == Operation::Converse)
        .withf(|call| String::from_utf8_lossy(&call.body).contains("twice"))
        .times(1)
        .returning(|_| {
            let body = r#"{
                "output": { "message": { "role": "assistant", "content": [{ "text": "Bill" }] } },
                "stopReason": "end_turn"
            }"#;
            Ok(Reply::new(Meta::default(), body))
        });
    let sorted = sort(&client(mock), &model, "You have taken the money twice.").await?;
    assert_eq!(sorted.as_deref(), Some("bill"));

    let mut mock = MockTransport::new();
    mock.expect_unary().times(1).returning(|_| {
        let words = "Too many requests, please wait before trying again.".to_owned();
        Err(Error::refused(Service::new(429, "ThrottlingException".to_owned(), words)))
    });
    assert_eq!(sort(&client(mock), &model, "Good morning.").await?, None);

    println!("the code under test does what it should");
    Ok(())
}
