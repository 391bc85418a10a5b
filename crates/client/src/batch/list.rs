//! The jobs that the service knows.

use std::collections::VecDeque;

use futures_util::stream;
use transport::{JobDescription, JobFilter};

use crate::attempt::attempt;
use crate::batch::items::Items;
use crate::batch::status::{JobState, JobStatus};
use crate::client::Client;
use crate::error::Error;

/// Which jobs to list; by default all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobQuery {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs whose name contains this.
    pub name_contains: Option<String>,
}

impl JobQuery {
    /// Only jobs in this state.
    #[must_use]
    pub fn with_state(mut self, state: JobState) -> Self {
        self.state = Some(state);
        self
    }

    /// Only jobs whose name contains this.
    #[must_use]
    pub fn with_name_containing(mut self, part: impl Into<String>) -> Self {
        self.name_contains = Some(part.into());
        self
    }
}

/// A job in a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct JobSummary {
    /// The job's ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The model, as the service names it.
    pub model: String,
    /// Where it reads.
    pub input_uri: String,
    /// Where it writes.
    pub output_uri: String,
    /// How it is doing.
    pub status: JobStatus,
}

impl JobSummary {
    fn new(mut description: JobDescription) -> Self {
        Self {
            arn: std::mem::take(&mut description.arn),
            name: std::mem::take(&mut description.name),
            model: std::mem::take(&mut description.model),
            input_uri: std::mem::take(&mut description.input_uri),
            output_uri: std::mem::take(&mut description.output_uri),
            status: JobStatus::new(description),
        }
    }
}

impl Client {
    /// The batch jobs of this account in this region, newest first, fetched page by page.
    pub fn list_jobs(&self, query: JobQuery) -> Items<JobSummary> {
        let mut filter = JobFilter::default();
        filter.status = query.state.map(|state| state.as_str().to_owned());
        filter.name_contains = query.name_contains;
        let pages = Pages { client: self.clone(), filter: Some(filter), ready: VecDeque::new() };
        Items::new(stream::unfold(pages, |mut pages| async {
            let item = pages.next().await.transpose()?;
            Some((item, pages))
        }))
    }
}

struct Pages {
    client: Client,
    /// What to ask for next, unless the last page was read.
    filter: Option<JobFilter>,
    ready: VecDeque<JobDescription>,
}

impl Pages {
    async fn next(&mut self) -> Result<Option<JobSummary>, Error> {
        while self.ready.is_empty() {
            // Taken, so that nothing is asked for after an error.
            let Some(mut filter) = self.filter.take() else { return Ok(None) };
            let jobs = self.client.jobs()?;
            let page = attempt(&self.client, || jobs.list(filter.clone())).await?;
            self.ready = page.jobs.into();
            if page.next_token.is_some() {
                filter.next_token = page.next_token;
                self.filter = Some(filter);
            }
        }
        Ok(self.ready.pop_front().map(JobSummary::new))
    }
}
