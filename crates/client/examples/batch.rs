//! Many records, one job: submitted, found again by its handle, and read back.
//!
//! ```text
//! cargo run -p outcrop --example batch [ENDPOINT BUCKET]
//! ```
//!
//! Without an endpoint it brings a Bedrock and a bucket of its own.
#![expect(clippy::print_stdout, reason = "this is a program")]

use std::convert::Infallible;
use std::env;
use std::error::Error;

use emulator::Emulator;
use outcrop::aws::Bedrock;
use outcrop::batch::{JobHandle, Record};
use outcrop::{Client, ModelRef, Request};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let emulator = Emulator::builder().start().await?;
    emulator.create_bucket("records").await?;
    let endpoint = env::args().nth(1).unwrap_or_else(|| emulator.endpoint_url());
    let bucket = env::args().nth(2).unwrap_or_else(|| "records".to_owned());
    let bedrock = Bedrock::builder()
        .endpoint_url(endpoint)
        .region("us-east-1")
        .credentials("test", "test", None)
        .load()
        .await?;
    let client = Client::builder().bedrock(bedrock).build();

    let model = ModelRef::parse("amazon.nova-lite-v1:0")?;
    // Records pass through one by one; a job has at least 100.
    let records = (1..=120).map(|n| {
        let request = Request::user(format!("What is {n} squared?")).with_max_tokens(50);
        Ok::<_, Infallible>(Record::new(request).with_id(format!("square-{n}")))
    });
    let handle = client
        .batch(&model)
        .bucket(bucket)
        .role_arn("arn:aws:iam::123456789012:role/batch")
        .submit_iter(records)
        .await?;
    // The handle is all that is needed to find the job again, on another day too.
    let saved = serde_json::to_string(&handle)?;
    println!("submitted {}", handle.arn());

    let job = client.job(serde_json::from_str::<JobHandle>(&saved)?);
    let mut statuses = job.watch();
    while let Some(status) = statuses.next().await {
        println!("{}", status?.state);
    }
    let mut results = job.results().await?;
    let mut replies = 0;
    while let Some(outcome) = results.next().await {
        let outcome = outcome?;
        match outcome.result {
            Ok(_) => replies += 1,
            Err(failure) => println!("{}: {failure}", outcome.id),
        }
    }
    println!("{replies} of {} records have a reply", handle.records());
    Ok(())
}
