//! The file that a job's handle is saved in.

use std::path::{Path, PathBuf};

use client::batch::JobHandle;

use crate::args::Globals;
use crate::connect::Session;
use crate::error::Error;
use crate::file::NewFile;
use crate::output::Output;

/// Which job.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
pub(crate) struct HandleFile {
    /// The file that `outcrop batch submit` saved
    #[arg(value_name = "JOB")]
    file: Option<PathBuf>,
    /// The same, as an option
    #[arg(short, long = "job", value_name = "JOB")]
    job: Option<PathBuf>,
}

impl HandleFile {
    /// The file; the command line has one.
    pub(crate) fn path(&self) -> &Path {
        self.file.as_deref().or(self.job.as_deref()).unwrap_or_else(|| Path::new(""))
    }

    /// The handle in the file, and a client that can find its job.
    pub(crate) async fn open(&self, globals: &Globals) -> Result<(JobHandle, Session), Error> {
        let handle = self.load()?;
        if globals.local {
            return Err(Error::LocalJob);
        }
        let session = Session::open(globals, handle.region()).await?;
        Ok((handle, session))
    }

    fn load(&self) -> Result<JobHandle, Error> {
        let path = self.path();
        let text = std::fs::read_to_string(path).map_err(|source| Error::read(path, source))?;
        serde_json::from_str(&text)
            .map_err(|error| Error::Handle { path: path.to_owned(), what: error.to_string() })
    }
}

/// Saves a handle in a file that was begun before there was a job to lose. If that fails all the
/// same, the handle is printed.
pub(crate) fn save(mut file: NewFile, handle: &JobHandle, output: Output) -> Result<(), Error> {
    let json = to_json(handle);
    let saved = file.line(&json.to_string()).and_then(|()| file.finish());
    if saved.is_err() {
        output.remark(&format!("the job is submitted; keep its handle, {json}"));
        if output.is_json() {
            output.json(&json)?;
        }
    }
    saved
}

/// The handle as JSON, which it always is.
pub(crate) fn to_json(handle: &JobHandle) -> serde_json::Value {
    serde_json::to_value(handle).unwrap_or_default()
}
