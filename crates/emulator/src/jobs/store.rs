//! All jobs, and the tasks that run them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::job::{Counts, Job, Status};
use crate::clock;
use crate::control::list::{Row, Selection};
use crate::control::page::Page;
use crate::error::{Kind, Refusal};

/// The jobs in the order in which they were submitted.
#[derive(Debug, Default)]
pub(crate) struct Jobs {
    table: Mutex<Vec<Job>>,
    tasks: Mutex<JoinSet<()>>,
    /// Tells that a job is asked to stop.
    stops: Notify,
}

/// A job is being stopped, so its work must not go on.
#[derive(Debug)]
pub(super) struct Stopped;

impl Jobs {
    /// Ends the work on all jobs.
    pub(crate) fn abort(&self) {
        self.tasks().abort_all();
    }

    /// Ends the work on all jobs, and waits until none is left.
    pub(crate) async fn shutdown(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks());
        tasks.shutdown().await;
    }

    /// Takes a new job, unless its model has too many. A job with the client token of an earlier
    /// one is that one: its ARN is given again and nothing is added.
    pub(super) fn add(&self, job: Job, most: usize) -> Result<(String, bool), Refusal> {
        let mut table = self.table();
        let token = job.request.client_token.as_ref();
        let earlier = token.and_then(|token| {
            table.iter().find(|other| other.request.client_token.as_ref() == Some(token))
        });
        if let Some(earlier) = earlier {
            return Ok((earlier.arn(), false));
        }
        let rivals = table.iter().filter(|other| {
            other.request.model_name == job.request.model_name && !other.status.is_terminal()
        });
        if rivals.count() >= most {
            return Err(Refusal::new(
                Kind::QuotaExceeded,
                format!(
                    "The quota of {most} in-progress and submitted batch inference jobs for this \
                     model is used up. Wait for a job to end, or stop one, and try again."
                ),
            ));
        }
        let arn = job.arn();
        table.push(job);
        Ok((arn, true))
    }

    /// Runs the work of a job as a task that ends with the emulator.
    pub(super) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = self.tasks();
        while tasks.try_join_next().is_some() {}
        tasks.spawn(work);
    }

    /// The job of an id or an ARN.
    pub(super) fn get(&self, identifier: &str) -> Result<Job, Refusal> {
        self.table().iter().find(|job| is(job, identifier)).cloned().ok_or_else(not_found)
    }

    /// The jobs that a list shows.
    pub(super) fn page(&self, selection: &Selection) -> Page<(u64, Job)> {
        let table = self.table();
        let page = selection.page((0..).zip(table.iter()), |(number, job)| Row {
            number: *number,
            created: job.submitted,
            status: job.status.as_str(),
            name: &job.request.name,
        });
        let items = page.items.into_iter().map(|(number, job)| (number, job.clone())).collect();
        Page { items, next: page.next }
    }

    /// Whether there is a job of this ARN.
    pub(crate) fn has(&self, arn: &str) -> bool {
        self.table().iter().any(|job| job.arn() == arn)
    }

    /// Asks a job to stop. One that has ended cannot.
    pub(super) fn stop(&self, identifier: &str) -> Result<(), Refusal> {
        let mut table = self.table();
        let job = table.iter_mut().find(|job| is(job, identifier)).ok_or_else(not_found)?;
        if job.status.is_terminal() {
            let status = job.status.as_str();
            return Err(Refusal::new(
                Kind::Conflict,
                format!("The job is {status} and can no longer be stopped."),
            ));
        }
        job.status = Status::Stopping;
        job.modified = clock::wall();
        self.stops.notify_waiters();
        Ok(())
    }

    /// Waits until a job is asked to stop.
    pub(super) async fn stopped(&self, id: &str) -> Stopped {
        loop {
            // Made before the look, so that no stop falls between the two.
            let stop = self.stops.notified();
            let is_stopping = |job: &Job| job.id == id && job.status == Status::Stopping;
            if self.table().iter().any(is_stopping) {
                return Stopped;
            }
            stop.await;
        }
    }

    /// Moves a job on to its next state, unless it is being stopped.
    pub(super) fn enter(&self, id: &str, status: Status) -> Result<(), Stopped> {
        self.change(id, |job| {
            if job.status != Status::Stopping {
                job.status = status;
            }
        })
    }

    /// Notes how far a job is, and tells if it is being stopped.
    pub(super) fn count(&self, id: &str, counts: Counts) -> Result<(), Stopped> {
        self.change(id, |job| job.counts = counts)
    }

    /// Ends a job: with what it was on its way to, or stopped if it was asked to stop.
    pub(super) fn end(&self, id: &str, status: Status, message: Option<String>) {
        let mut table = self.table();
        let Some(job) = table.iter_mut().find(|job| job.id == id) else { return };
        let stopped = job.status == Status::Stopping;
        job.status = if stopped { Status::Stopped } else { status };
        job.message = message;
        job.modified = clock::wall();
        job.ended = Some(job.modified);
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Job)) -> Result<(), Stopped> {
        let mut table = self.table();
        let job = table.iter_mut().find(|job| job.id == id).ok_or(Stopped)?;
        change(job);
        job.modified = clock::wall();
        if job.status == Status::Stopping { Err(Stopped) } else { Ok(()) }
    }

    fn table(&self) -> MutexGuard<'_, Vec<Job>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is(job: &Job, identifier: &str) -> bool {
    job.id == identifier || job.arn() == identifier
}

fn not_found() -> Refusal {
    Refusal::new(Kind::NotFound, "The requested batch inference job does not exist.")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::super::request::Request;
    use super::*;

    fn with_job(id: &str) -> Jobs {
        let body = json!({
            "jobName": "nightly",
            "roleArn": "arn:aws:iam::123456789012:role/batch",
            "modelId": "amazon.nova-lite-v1:0",
            "modelInvocationType": "Converse",
            "inputDataConfig": { "s3InputDataConfig": { "s3Uri": "s3://records/in/" } },
            "outputDataConfig": { "s3OutputDataConfig": { "s3Uri": "s3://records/out/" } },
        });
        let request = Request::read(body.to_string().as_bytes()).unwrap();
        let jobs = Jobs::default();
        jobs.add(
            Job::new(
                id.into(),
                "eu-west-1".into(),
                request,
                clock::wall(),
                Duration::from_secs(3600),
            ),
            1,
        )
        .unwrap();
        jobs
    }

    #[test]
    fn a_stop_holds_whenever_it_comes() {
        let jobs = with_job("abc");
        jobs.enter("abc", Status::InProgress).unwrap();
        jobs.stop("abc").unwrap();
        assert!(jobs.enter("abc", Status::Scheduled).is_err());
        // What was done until then counts.
        assert!(jobs.count("abc", Counts { total: 7, ..Counts::default() }).is_err());
        // The work was just done when the stop came, so it knows nothing of it.
        jobs.end("abc", Status::Completed, None);
        let job = jobs.get("arn:aws:bedrock:eu-west-1:123456789012:model-invocation-job/abc");
        let job = job.unwrap();
        assert_eq!((job.status, job.counts.total), (Status::Stopped, 7));
        assert!(jobs.stop("abc").is_err());
    }
}
