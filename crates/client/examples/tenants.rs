//! Tenants that share a quota nine to one, and a call that overtakes.
//!
//! ```text
//! cargo run -p outcrop --example tenants
//! ```
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::error::Error as StdError;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use outcrop::transport::{Meta, MockTransport, Reply};
use outcrop::{Client, ModelRef, Priority, Quotas, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let model = ModelRef::parse("amazon.nova-micro-v1:0")?;
    let mut service = MockTransport::new();
    service.expect_unary().returning(|_| {
        let body = r#"{
            "output": { "message": { "role": "assistant", "content": [{ "text": "Yes" }] } },
            "stopReason": "end_turn",
            "usage": { "inputTokens": 10, "outputTokens": 1, "totalTokens": 11 }
        }"#;
        Ok(Reply::new(Meta::default(), body))
    });

    // Forty calls a second, so that some have to wait.
    let quotas =
        Quotas::default().with_requests_per_minute(2_400.try_into()?).with_quota_use(1_000_000);
    let client = Client::builder()
        .transport(service)
        .quotas(quotas)
        .tenant("product", 9.try_into()?)
        .tenant("reports", 1.try_into()?)
        .build();
    let call_as = |name: &'static str, priority| {
        let mut options = client.options().clone();
        options.tenant = Some(name.to_owned());
        options.priority = priority;
        let (client, model) = (client.with_options(options), model.clone());
        async move {
            let request = Request::user("Is anybody there?").with_max_tokens(5);
            client.invoke(&model, &request).await.map(|_| (name, priority))
        }
    };

    let mut calls = FuturesUnordered::new();
    for _ in 0..40 {
        calls.push(call_as("reports", Priority::Normal));
        calls.push(call_as("product", Priority::Normal));
    }
    calls.push(call_as("reports", Priority::High));

    let mut product = 0;
    for _ in 0..40 {
        match calls.next().await.ok_or("all calls are done")?? {
            ("reports", Priority::High) => println!("the urgent report is done"),
            (name, _) => product += u32::from(name == "product"),
        }
    }
    println!("of the first forty calls, {product} were those of the product");
    for tenant in client.quota(&model).ok_or("there is a quota")?.tenants {
        println!("{}: {} wait", tenant.name.as_deref().unwrap_or("others"), tenant.waiting);
    }
    Ok(())
}
