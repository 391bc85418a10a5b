//! Many records, one job.

use client::batch::BatchLimits;
use client::transport::rt::Clock;
use client::transport::rt::system::System;
use client::{Client, Usage};

use super::{Left, Sum, excerpt, head, model};
use crate::batch::{LOCAL_BUCKET, LOCAL_ROLE, Records, results, wait};
use crate::connect::Session;
use crate::error::Error;
use crate::input::Shape;
use crate::output::Output;

pub(super) async fn show(session: &Session, output: Output) -> Result<(), Error> {
    let model = model(MODEL)?;
    let began = System::new();
    let start = began.now();
    if let Some(emulator) = session.emulator() {
        emulator.create_bucket(LOCAL_BUCKET).await?;
    }
    let records = Records::new(RECORDS.as_bytes(), &Shape::default());
    let line = records.line();
    let batch = session.client.batch(&model).bucket(LOCAL_BUCKET).role_arn(LOCAL_ROLE);
    let submitted = batch.submit_iter(records).await;
    let handle = submitted.map_err(|error| Error::records(error, line.get()))?;
    let (records, place) = (handle.records(), handle.input_uri());
    head(output, "batch", &model, &format!("{records} records to {place}"))?;

    let job = session.client.job(handle);
    wait::watch(&job, output.without_remarks()).await?.completed()?;
    let mut text = String::new();
    let tally = results::read(&job, |outcome| {
        if let (true, Ok(reply)) = (text.is_empty(), &outcome.result) {
            text = reply.text();
        }
        Ok(())
    })
    .await?;
    if !output.is_json() {
        output.line(&format!(
            "  got   {} replies, the first: {}",
            tally.replies(),
            excerpt(&text)
        ))?;
    }
    let sum = Sum {
        mode: "batch",
        text,
        usage: Some(Usage::new(tally.input_tokens, tally.output_tokens)),
        took: began.now().since(start),
        first: None,
        left: Left::Jobs(jobs_left(&session.client).await?),
    };
    sum.print(output)?;
    tally.judge()
}

/// How many more jobs there may be at a time.
async fn jobs_left(client: &Client) -> Result<u32, Error> {
    let mut left = BatchLimits::default().concurrent_jobs.unwrap_or_default();
    let mut jobs = client.list_jobs(Default::default());
    while let Some(job) = jobs.next().await {
        if !job?.status.state.is_terminal() {
            left = left.saturating_sub(1);
        }
    }
    Ok(left)
}

const MODEL: &str = "meta.llama3-8b-instruct-v1:0";
const RECORDS: &str = include_str!("../../prompts/batch.jsonl");
