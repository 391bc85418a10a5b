//! A batch job from its upload to its results, over the wire.

use std::collections::HashSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use crate::client::{Call, Connection};
use crate::prompt::{Api, NOVA};
use crate::row::Row;
use crate::server::Server;
use crate::sign::s3;
use crate::{Result, clock};

/// The server's CPU time for each record, all that belongs to the job included.
pub(crate) async fn measure(outcrop: &Path) -> Result<()> {
    let limits = tempfile::NamedTempFile::new()?;
    std::fs::write(limits.path(), format!("[batch]\nmax_records = {RECORDS}\n"))?;
    let limits = limits.path().to_str().ok_or("a temporary folder that is no text")?;
    let server = Server::emulator(outcrop, &["--limits", limits, "--time-scale", "0"])?;
    let host = server.address.to_string();
    let mut connection = Connection::open(server.address).await?;
    let records = records();
    let before = server.cpu()?;

    connection.send(&s3(&host, "PUT", "/bench", "")?).await?;
    connection.send(&s3(&host, "PUT", "/bench/in/records.jsonl", records)?).await?;
    let job = connection.send(&Call::post("/model-invocation-job", job())).await?;
    let job: Value = serde_json::from_slice(&job.body)?;
    let arn = job["jobArn"].as_str().ok_or("no jobArn")?;
    let (_, id) = arn.rsplit_once('/').ok_or("no id in the ARN")?;
    let get = Call::get(&format!("/model-invocation-job/{id}"));
    loop {
        clock::wait(BETWEEN_LOOKS).await;
        let job: Value = serde_json::from_slice(&connection.send(&get).await?.body)?;
        match job["status"].as_str().ok_or("no status")? {
            "Completed" => break,
            "Failed" | "Stopped" | "PartiallyCompleted" | "Expired" => {
                return Err(format!("the job ended so: {job}").into());
            }
            _ => {}
        }
    }
    let results = format!("/bench/out/{id}/records.jsonl.out");
    let results = connection.send(&s3(&host, "GET", &results, "")?).await?;

    let cost = (server.cpu()? - before) * 1e6 / RECORDS as f64;
    check(&results.body)?;
    let reference = 1e6 / RECORDS_PER_SECOND;
    Row { name: "batch-record", ours: cost, reference, unit: "us", goal: Some(1.0) }.print();
    Ok(())
}

fn records() -> String {
    let input = Api::Converse.body(BYTES);
    (0..RECORDS).map(|n| format!("{{\"recordId\":\"R{n:07}\",\"modelInput\":{input}}}\n")).collect()
}

fn job() -> String {
    let job = json!({
        "jobName": "bench",
        "roleArn": "arn:aws:iam::123456789012:role/batch",
        "modelId": NOVA,
        "modelInvocationType": "Converse",
        "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://bench/in/records.jsonl" } },
        "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://bench/out/" } },
    });
    job.to_string()
}

/// Every record has one answer.
fn check(results: &[u8]) -> Result<()> {
    let mut ids = HashSet::new();
    for line in results.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let line: Value = serde_json::from_slice(line)?;
        if !line["modelOutput"]["output"].is_object() {
            return Err(format!("no answer in {line}").into());
        }
        ids.insert(line["recordId"].to_string());
    }
    if ids.len() == RECORDS { Ok(()) } else { Err(format!("{} results", ids.len()).into()) }
}

const RECORDS: usize = 100_000;
/// Of a record's input.
const BYTES: usize = 1000;
const RECORDS_PER_SECOND: f64 = 5000.0;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
