//! The life of a job, from submitted to its end.

use std::sync::Arc;

use futures_util::stream::{FuturesOrdered, StreamExt};
use serde_json::Value;

use super::failure::Failure;
use super::input::{self, InputFile, Lines};
use super::job::{Counts, Job, Status};
use super::output::{self, OutputFile};
use super::record::Runner;
use super::store::Stopped;
use crate::clock;
use crate::fault::{JobEnd, JobFaults};
use crate::state::State;

/// Takes a job through its states, each of which lasts a moment.
pub(super) async fn run(state: Arc<State>, job: Job) {
    let faults = state.faults.of_job(&job.request.model_id);
    let work = Work { state, job, faults };
    let (status, message) = match work.live().await {
        Ok(status) => (status, None),
        Err(Ending::Failed(failure)) => (Status::Failed, Some(failure.to_string())),
        Err(Ending::Stopped) => {
            work.pause().await;
            (Status::Stopped, None)
        }
    };
    tracing::debug!(job = work.job.id, status = status.as_str(), message, "job ended");
    work.state.jobs.end(&work.job.id, status, message);
}

struct Work {
    state: Arc<State>,
    job: Job,
    /// What goes wrong with it on purpose.
    faults: JobFaults,
}

/// Why a job ended early.
enum Ending {
    Failed(Failure),
    Stopped,
}

impl Work {
    async fn live(&self) -> Result<Status, Ending> {
        let (jobs, id) = (&self.state.jobs, &self.job.id);
        self.pause().await;
        jobs.enter(id, Status::Validating)?;
        let (root, request) = (&self.state.root, &self.job.request);
        let files = input::files(root, &request.input).await?;
        output::check(root, &request.output).await?;
        let total = input::validate(&files, &self.state.settings.quotas.batch, id).await?;
        self.pause().await;
        jobs.count(id, Counts { total, ..Counts::default() })?;
        jobs.enter(id, Status::Scheduled)?;
        self.pause().await;
        if self.is_expired() || self.faults.end(0) == Some(JobEnd::Expires) {
            return Ok(Status::Expired);
        }
        jobs.enter(id, Status::InProgress)?;
        self.process(&files, total).await
    }

    /// Runs all records, and writes what came of them even if the job is stopped on the way.
    async fn process(&self, files: &[InputFile], total: u64) -> Result<Status, Ending> {
        let mut counts = Counts { total, ..Counts::default() };
        let mut status = Ok(Status::Completed);
        for (at, file) in files.iter().enumerate() {
            status = self.process_file(at, file, &mut counts).await;
            if !matches!(status, Ok(Status::Completed)) {
                break;
            }
        }
        if !matches!(status, Err(Ending::Failed(_))) {
            let manifest = Value::Object(counts.to_manifest()).to_string();
            let mut output = self.output("manifest", "manifest.json.out").await?;
            output.write(manifest.as_bytes()).await?;
            output.finish().await?;
        }
        status
    }

    async fn process_file(
        &self,
        at: usize,
        file: &InputFile,
        counts: &mut Counts,
    ) -> Result<Status, Ending> {
        let request = &self.job.request;
        let settings = &self.state.settings;
        let backend = self.state.source.server();
        let runner = Runner { api: request.api, model_id: &request.model_id, settings, backend };
        let mut output = self.output(&at.to_string(), &format!("{}.out", file.name)).await?;
        let mut lines = Lines::open(file).await?;
        let mut running = FuturesOrdered::new();
        let (at_once, mut taken) =
            (if backend.is_some() { AT_ONCE } else { 1 }, counts.processed());
        let mut ending = Ok(Status::Completed);
        loop {
            while running.len() < at_once
                && let Some(record) = lines.next().await?
            {
                taken += 1;
                running.push_back(runner.run(taken, record));
            }
            let outcome = tokio::select! {
                biased;
                // A model server takes its time, so the end is looked for at each record.
                end = self.cut(), if backend.is_some() => {
                    ending = end;
                    break;
                }
                outcome = running.next() => match outcome {
                    Some(outcome) => outcome,
                    None => break,
                },
            };
            match outcome.tokens {
                Some((input, output)) => {
                    counts.succeeded += 1;
                    counts.input_tokens += input;
                    counts.output_tokens += output;
                }
                None => counts.failed += 1,
            }
            output.push(outcome, self.faults.lines(counts.processed())).await?;
            if let Some(end) = self.faults.end(counts.processed()) {
                ending = Ok(self.end_by(end, counts)?);
                break;
            }
            let is_half = counts.processed() == counts.total.div_ceil(2);
            if is_half {
                // Half of the results can be read while the job is in progress.
                output.publish().await?;
                self.state.jobs.count(&self.job.id, *counts)?;
                self.pause().await;
            }
            if is_half || counts.processed().is_multiple_of(REPORT) {
                // Other calls get their turn, and a stop is noticed.
                tokio::task::yield_now().await;
                if self.state.jobs.count(&self.job.id, *counts).is_err() {
                    ending = Err(Ending::Stopped);
                    break;
                }
                if self.is_expired() {
                    ending = Ok(Status::PartiallyCompleted);
                    break;
                }
            }
        }
        output.finish().await?;
        self.state.jobs.count(&self.job.id, *counts)?;
        ending
    }

    async fn output(&self, part: &str, name: &str) -> Result<OutputFile, Failure> {
        let id = &self.job.id;
        let place = self.job.request.output.join(id).join(name);
        OutputFile::create(&self.state.root, &place, &format!("{id}-{part}")).await
    }

    /// Ends as a scenario wants it.
    fn end_by(&self, end: JobEnd, counts: &Counts) -> Result<Status, Ending> {
        self.state.jobs.count(&self.job.id, *counts)?;
        match end {
            JobEnd::Expires => Ok(Status::PartiallyCompleted),
            JobEnd::Fails(message) => Err(Failure::Wanted(message).into()),
        }
    }

    /// Waits until the job is asked to stop, or its time is over.
    async fn cut(&self) -> Result<Status, Ending> {
        let left = self.job.expires.duration_since(clock::wall());
        tokio::select! {
            stopped = self.state.jobs.stopped(&self.job.id) => Err(stopped.into()),
            () = clock::sleep(left.try_into().unwrap_or_default()) => Ok(Status::PartiallyCompleted),
        }
    }

    fn is_expired(&self) -> bool {
        clock::wall() >= self.job.expires
    }

    async fn pause(&self) {
        clock::sleep(self.state.settings.stage).await;
    }
}

impl From<Stopped> for Ending {
    fn from(Stopped: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<Failure> for Ending {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// How many records a model server is asked at a time.
const AT_ONCE: usize = 8;
/// Progress is noted after so many records.
const REPORT: u64 = 64;

#[cfg(test)]
mod tests {
    use std::collections::HashMap;
    use std::time::Duration;

    use jiff::SignedDuration;
    use serde_json::json;

    use super::super::request::Request;
    use super::*;
    use crate::backend::{Backend, Server};
    use crate::outgoing::Outgoing;
    use crate::s3;
    use crate::settings::Settings;
    use crate::source::Source;

    /// A job that was submitted two days ago, with its time-out of one day, and 100 records.
    fn late() -> Work {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(root.join("records/in")).unwrap();
        let input = json!({ "messages": [{ "role": "user", "content": [{ "text": "Hi" }] }] });
        let line = json!({ "modelInput": input }).to_string() + "\n";
        std::fs::write(root.join("records/in/a.jsonl"), line.repeat(100)).unwrap();
        let body = json!({
            "jobName": "late",
            "roleArn": "arn:aws:iam::123456789012:role/batch",
            "modelId": "amazon.nova-lite-v1:0",
            "modelInvocationType": "Converse",
            "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
            "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
        });
        let request = Request::read(body.to_string().as_bytes()).unwrap();
        let submitted = clock::wall() - SignedDuration::from_hours(48);
        let hour = Duration::from_secs(3600);
        let id = "late00000000".into();
        let job = Job::new(id, "us-east-1".into(), request, submitted, hour);
        let settings = Settings { stage: Duration::ZERO, ..Settings::default() };
        let service = s3::service(&root, &Settings::default()).unwrap();
        let state = State::new(settings, HashMap::new(), root, Some(folder), service);
        state.jobs.add(job.clone(), 1).unwrap();
        Work { state: Arc::new(state), job, faults: JobFaults::default() }
    }

    #[tokio::test]
    async fn a_job_that_begins_after_its_time_out_expires() {
        let Work { state, job, .. } = late();
        run(Arc::clone(&state), job).await;
        assert_eq!(state.jobs.get("late00000000").unwrap().status, Status::Expired);
        assert!(!state.root.join("records/out").exists());
    }

    #[tokio::test]
    async fn a_model_server_is_asked_nothing_once_the_time_is_over() {
        let Work { state, job, faults } = late();
        let mut state = Arc::into_inner(state).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let backend = Backend::openai(&url).unwrap();
        let outgoing = Outgoing::new(backend.url()).unwrap();
        state.source = Source::Server(Server::new(backend, outgoing));
        let work = Work { state: Arc::new(state), job, faults };
        let files = input::files(&work.state.root, &work.job.request.input).await.unwrap();
        // The server takes no connection, so that an ask would wait for ever.
        let ending = clock::within(Duration::from_secs(30), work.process(&files, 100)).await;
        assert!(matches!(ending, Some(Ok(Status::PartiallyCompleted))));
        let folder = work.state.root.join("records/out/late00000000");
        assert_eq!(std::fs::read(folder.join("a.jsonl.out")).unwrap(), b"");
    }

    #[tokio::test]
    async fn a_job_that_runs_out_of_time_keeps_what_is_done() {
        let work = late();
        let files = input::files(&work.state.root, &work.job.request.input).await.unwrap();
        let ending = work.process(&files, 100).await;
        assert!(matches!(ending, Ok(Status::PartiallyCompleted)));
        let folder = work.state.root.join("records/out/late00000000");
        let results = std::fs::read_to_string(folder.join("a.jsonl.out")).unwrap();
        assert_eq!(results.lines().count(), 50);
        let manifest = std::fs::read(folder.join("manifest.json.out")).unwrap();
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(
            (&manifest["processedRecordCount"], &manifest["totalRecordCount"]),
            (&json!(50), &json!(100))
        );
    }
}
