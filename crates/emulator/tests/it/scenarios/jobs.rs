//! What goes wrong with batch jobs.

use std::collections::BTreeMap;

use outcrop_emulator::Scenario;
use serde_json::Value;

use super::with;
use crate::client::quick;
use crate::jobs::{create, ended, lines, request, results, started};

/// A job of 120 records, of which every tenth fails, under this scenario: how it ended, and how
/// many lines each of its records has.
async fn run(scenario: Scenario) -> (Value, BTreeMap<String, usize>) {
    let emulator = started(quick().scenario(scenario), &[("a.jsonl", lines(1..121))]).await;
    let arn = create(&emulator, &request("nightly")).await;
    let job = ended(&emulator, &arn).await;
    let id = arn.rsplit('/').next().unwrap();
    let output = emulator.data_dir().join(format!("records/out/{id}/a.jsonl.out"));
    let mut found = BTreeMap::new();
    if output.exists() {
        for line in results(&emulator, &arn, "a.jsonl.out") {
            *found.entry(line["recordId"].as_str().unwrap().to_owned()).or_default() += 1;
        }
    }
    (job, found)
}

#[tokio::test]
async fn lines_are_missing_and_are_counted_all_the_same() {
    let (job, found) = run(Scenario::named("batch-missing-lines").unwrap()).await;
    assert_eq!((&job["status"], &job["processedRecordCount"]), (&"Completed".into(), &120.into()));
    assert_eq!(found.len(), 108);
    assert!(!found.contains_key("R00010") && found.contains_key("R00011"));
}

#[tokio::test]
async fn lines_come_twice() {
    let (job, found) = run(Scenario::named("batch-duplicate-lines").unwrap()).await;
    assert_eq!((&job["status"], &job["processedRecordCount"]), (&"Completed".into(), &120.into()));
    assert_eq!((found.len(), found.values().sum::<usize>()), (120, 132));
    assert_eq!((found["R00010"], found["R00011"]), (2, 1));
}

#[tokio::test]
async fn a_job_fails_late() {
    let (job, found) = run(Scenario::named("batch-fails-late").unwrap()).await;
    assert_eq!((&job["status"], &job["processedRecordCount"]), (&"Failed".into(), &50.into()));
    assert!(job["message"].as_str().unwrap().contains("internal error"));
    assert!(found.is_empty());
}

#[tokio::test]
async fn a_job_runs_out_of_time_before_or_in_its_work() {
    let (job, found) = run(Scenario::named("batch-expires").unwrap()).await;
    assert_eq!((&job["status"], found.len()), (&"PartiallyCompleted".into(), 50));
    let never = "[[fault]]\neffect = { job_expires = {} }";
    let (job, found) = run(Scenario::from_toml(never).unwrap()).await;
    assert_eq!((&job["status"], found.len()), (&"Expired".into(), 0));
}

#[tokio::test]
async fn a_fault_is_for_the_jobs_of_its_model_and_turn() {
    let scenario = |model: &str| {
        let text = format!("[[fault]]\nmodel = '{model}'\neffect = {{ job_fails = {{}} }}");
        Scenario::from_toml(&text).unwrap()
    };
    assert_eq!(run(scenario("amazon.nova-lite*")).await.0["status"], "Failed");
    assert_eq!(run(scenario("anthropic.*")).await.0["status"], "Completed");
    // Requests are not jobs: a call of the same model is left alone.
    let emulator = with("[[fault]]\noperation = '*'\neffect = { job_fails = {} }").await;
    let answer = super::converse(&emulator, &crate::client::turn("hi")).await;
    assert_eq!(answer.status, 200);
}
