//! `outcrop batch list`: the jobs of the account in the region.

use client::batch::{JobQuery, JobState};

use crate::args::Globals;
use crate::batch::status;
use crate::connect::Session;
use crate::error::Error;
use crate::output::Output;

/// Which jobs.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only jobs in this state, such as InProgress
    #[arg(long)]
    state: Option<String>,
    /// Only jobs whose name contains this
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
}

/// Prints one line a job, newest first.
pub(crate) async fn run(args: Args, globals: &Globals, output: Output) -> Result<(), Error> {
    let mut query = JobQuery::default();
    query.state = args.state.as_deref().map(JobState::from);
    query.name_contains = args.name;
    let session = Session::open(globals, None).await?;
    let mut jobs = session.client.list_jobs(query);
    while let Some(job) = jobs.next().await {
        let job = job?;
        if output.is_json() {
            let mut json = status::to_json(&job.arn, &job.name, &job.status);
            for (member, value) in
                [("model", job.model), ("inputUri", job.input_uri), ("outputUri", job.output_uri)]
            {
                json.insert(member.to_owned(), value.into());
            }
            output.json(&json.into())?;
        } else {
            let (state, name) = (job.status.state.as_str(), &job.name);
            output.line(&format!("{state:18} {name}  {}", job.arn))?;
        }
    }
    Ok(())
}
