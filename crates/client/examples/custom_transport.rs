//! A transport of one's own in front of the facade, and the suite that says whether it is one.
//!
//! ```text
//! cargo run -p outcrop --example custom_transport
//! ```
//!
//! This one stands before another transport and says what passes. What it stands before here plays
//! from a script; it might be Bedrock, a proxy, or a recording.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::error::Error as StdError;

use async_trait::async_trait;
use outcrop::transport::testing::{Exchange, Scripted, conformance};
use outcrop::transport::{Call, Error, Operation, Reply, Streaming, Transport};
use outcrop::{Client, ModelRef, Request};

/// Says what passes on the way to another transport.
#[derive(Debug)]
struct Told<T> {
    inner: T,
    loud: bool,
}

impl<T> Told<T> {
    fn tell(&self, call: &Call) {
        if self.loud {
            println!("{} of {}: {} bytes", call.operation, call.address, call.body.len());
        }
    }
}

#[async_trait]
impl<T: Transport> Transport for Told<T> {
    async fn unary(&self, call: Call) -> Result<Reply, Error> {
        self.tell(&call);
        self.inner.unary(call).await
    }

    async fn streaming(&self, call: Call) -> Result<Streaming, Error> {
        self.tell(&call);
        self.inner.streaming(call).await
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    // Whoever writes a transport runs the suite over it; what it cannot stage it has to name.
    let report = conformance(async |scenario| {
        let inner = Scripted::new([scenario.exchange()]);
        Some(Box::new(Told { inner, loud: false }) as Box<dyn Transport>)
    })
    .await;
    report.verify(&[])?;
    println!("the suite ran {} scenarios, and all are well", report.ran());

    let body = r#"{
        "output": { "message": { "role": "assistant", "content": [{ "text": "Because." }] } },
        "stopReason": "end_turn",
        "usage": { "inputTokens": 9, "outputTokens": 2, "totalTokens": 11 }
    }"#;
    let script = Scripted::new([Exchange::answering(Operation::Converse).chunk(body)]);
    let client = Client::builder().transport(Told { inner: script, loud: true }).build();
    let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
    let invocation = client.invoke(&model, &Request::user("Why is basalt dark?")).await?;
    println!("{}", invocation.reply.text());
    Ok(())
}
