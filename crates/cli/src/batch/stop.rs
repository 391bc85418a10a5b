//! `outcrop batch stop`: ends a job early.

use crate::args::Globals;
use crate::batch::handle::HandleFile;
use crate::batch::status;
use crate::error::Error;
use crate::output::Output;

/// Asks the service to stop the job, and prints its status.
pub(crate) async fn run(file: &HandleFile, globals: &Globals, output: Output) -> Result<(), Error> {
    let (handle, session) = file.open(globals).await?;
    let job = session.client.job(handle.clone());
    job.stop().await?;
    status::print(output, &handle, &job.status().await?)
}
