//! `outcrop batch wait`: until a job has ended.

use std::time::Duration;

use client::batch::{Job, JobStatus, Polling};

use crate::args::Globals;
use crate::batch::handle::HandleFile;
use crate::batch::progress::Progress;
use crate::batch::status;
use crate::error::Error;
use crate::output::Output;

/// Waits, and prints how the job ended; a job that did not do its work is an error.
pub(crate) async fn run(file: &HandleFile, globals: &Globals, output: Output) -> Result<(), Error> {
    let (handle, session) = file.open(globals).await?;
    let ended = watch(&session.client.job(handle.clone()), output).await?;
    status::print(output, &handle, &ended)?;
    ended.completed()?;
    Ok(())
}

/// Waits until the job has ended, and shows how it is getting on.
pub(crate) async fn watch(job: &Job, output: Output) -> Result<JobStatus, Error> {
    let polling = Polling::default().with_pauses(FIRST_PAUSE, LONGEST_PAUSE);
    let mut statuses = job.clone().with_polling(polling).watch();
    let mut progress = Progress::new(output, job.handle());
    let mut last = None;
    while let Some(status) = statuses.next().await {
        let status = status?;
        progress.show(&status);
        last = Some(status);
    }
    progress.end();
    match last {
        Some(status) => Ok(status),
        // A watch gives at least one status or an error; if not, one look says the same.
        None => Ok(job.status().await?),
    }
}

/// Short, since a local job takes a second or two; pauses grow by half each time.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
