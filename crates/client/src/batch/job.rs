//! A job that was created, seen through a client.

use std::time::Duration;

use futures_util::stream;
use transport::rt::Moment;

use crate::attempt::attempt;
use crate::batch::handle::JobHandle;
use crate::batch::items::Items;
use crate::batch::status::JobStatus;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Limit};

/// A job that was created: how it is doing, and what came of it.
///
/// Dropping it does nothing to the job.
#[derive(Clone, Debug)]
pub struct Job {
    pub(crate) client: Client,
    pub(crate) handle: JobHandle,
    polling: Polling,
}

/// How often a job is looked at while one waits for it. The pause grows by half each time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Polling {
    /// The pause after the first look. Default: 1 s.
    pub first: Duration,
    /// The longest pause. Default: 60 s.
    pub longest: Duration,
    /// How long to wait in all. Default: until the job ends.
    pub within: Option<Duration>,
}

impl Polling {
    /// The same with another first and longest pause.
    #[must_use]
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first = first;
        self.longest = longest;
        self
    }

    /// The same with another end to waiting.
    #[must_use]
    pub fn with_within(mut self, within: impl Into<Option<Duration>>) -> Self {
        self.within = within.into();
        self
    }
}

impl Default for Polling {
    fn default() -> Self {
        let (first, longest) = (Duration::from_secs(1), Duration::from_secs(60));
        Self { first, longest, within: None }
    }
}

impl Job {
    pub(crate) fn new(client: Client, handle: JobHandle) -> Self {
        Self { client, handle, polling: Polling::default() }
    }

    /// The same job, looked at as often as this says.
    #[must_use]
    pub fn with_polling(mut self, polling: Polling) -> Self {
        self.polling = polling;
        self
    }

    /// What to keep of the job.
    pub fn handle(&self) -> &JobHandle {
        &self.handle
    }

    /// How the job is doing.
    ///
    /// # Errors
    ///
    /// What kept the service from saying, after the retries that the options allow.
    pub async fn status(&self) -> Result<JobStatus, Error> {
        let jobs = self.client.jobs()?;
        let arn = self.handle.arn();
        let description = attempt(&self.client, || jobs.describe(arn.to_owned())).await?;
        Ok(JobStatus::new(description))
    }

    /// Asks the service to stop the job. What it has done by then has results, and is charged.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Refused`], if the job has ended; else what kept the call from the service.
    pub async fn stop(&self) -> Result<(), Error> {
        let jobs = self.client.jobs()?;
        attempt(&self.client, || jobs.stop(self.handle.arn().to_owned())).await
    }

    /// Looks at the job until it has ended, and gives each status, the last being terminal.
    ///
    /// It ends with an error if the service cannot be asked, or if [`Polling::within`] has passed;
    /// the job goes on, and can be watched again.
    pub fn watch(&self) -> Items<JobStatus> {
        Items::new(stream::unfold(Some(Walk::new(self)), |walk| async {
            let mut walk = walk?;
            match walk.look().await {
                Ok(status) if status.state.is_terminal() => Some((Ok(status), None)),
                Ok(status) => Some((Ok(status), Some(walk))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    /// Waits until the job has ended, well or badly.
    ///
    /// # Errors
    ///
    /// As [`watch`](Self::watch). How the job ended is no error here: see
    /// [`JobStatus::completed`].
    pub async fn wait(&self) -> Result<JobStatus, Error> {
        let mut walk = Walk::new(self);
        loop {
            let status = walk.look().await?;
            if status.state.is_terminal() {
                return Ok(status);
            }
        }
    }
}

/// The state of a watch.
struct Walk {
    job: Job,
    /// The pause before the next look; none before the first.
    pause: Option<Duration>,
    end: Option<Moment>,
}

impl Walk {
    fn new(job: &Job) -> Self {
        let began = job.client.shared.clock.now();
        let end = job.polling.within.map(|within| began.after(within));
        Self { job: job.clone(), pause: None, end }
    }

    async fn look(&mut self) -> Result<JobStatus, Error> {
        let Polling { first, longest, within } = self.job.polling;
        let shared = &self.job.client.shared;
        if let Some(pause) = self.pause {
            let next = shared.clock.now().after(pause);
            shared.timer.sleep_until(self.end.map_or(next, |end| end.min(next))).await;
            if self.end.is_some_and(|end| shared.clock.now() >= end) {
                let span = within.unwrap_or_default().as_secs_f64();
                let message = format!("the job did not end within {span} s; it goes on");
                return Err(Error::new(ErrorKind::Timeout(Limit::Total), message));
            }
        }
        let grown = self.pause.map_or(first, |pause| pause.saturating_mul(3) / 2);
        self.pause = Some(grown.min(longest));
        self.job.status().await
    }
}
