//! What came of a job, record by record.

use std::collections::VecDeque;

use codec::batch::{LineError, Manifest, OutputLine, RawJson, RecordError};
use codec::{Api, DecodeError, ModelRef, Reply};
use futures_util::stream;

use crate::attempt::attempt;
use crate::batch::handle::last_part;
use crate::batch::items::Items;
use crate::batch::job::Job;
use crate::batch::place::Place;
use crate::batch::read::LineReader;
use crate::batch::status::JobState;
use crate::client::Client;
use crate::error::{Error, ErrorKind};

/// What came of one record.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct RecordOutcome {
    /// The id of the record.
    pub id: String,
    /// The reply, or why there is none.
    pub result: Result<Reply, RecordFailure>,
}

/// Why a record has no reply.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordFailure {
    /// The service answered this record with an error.
    #[error("{0}")]
    Refused(RecordError),
    /// There is a reply, and it is not in the model's format.
    #[error("the reply cannot be read: {source}")]
    #[non_exhaustive]
    Unreadable {
        /// The reply as it came.
        output: RawJson,
        /// What is wrong with it.
        source: DecodeError,
    },
    /// The job ended without a result for this record.
    #[error("the job ended without a result for this record; submit it again")]
    Missing,
}

impl Job {
    /// Reads what came of the job, in the service's order, which is not that of the input.
    /// [`join`](Self::join) puts it in order.
    ///
    /// Every job that has ended is read, however it ended: one that was stopped or ran out of time
    /// has results for some of its records, and one that failed or never began has none.
    /// Memory holds one record at a time. A line that is no result is an error of the kind
    /// [`ErrorKind::Protocol`] in its place, and the lines after it still come; where the files
    /// cannot be read any further, the last item is the error. So read until there are no more.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Job`], if the job has not ended, or is completed and its results are not where
    /// they should be; else what kept the service from saying.
    pub async fn results(&self) -> Result<Items<RecordOutcome>, Error> {
        let output = self.output().await?;
        Ok(Items::new(stream::unfold(Some(output), |output| async {
            let mut output = output?;
            match output.next().await {
                Ok(Some(Ok(line))) => Some((Ok(output.read(line)), Some(output))),
                Ok(Some(Err(error))) => Some((Err(output.unreadable(error)), Some(output))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        })))
    }

    /// The counts that the service wrote at the end of the job, if it did.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Protocol`], if the manifest cannot be read; else what kept S3 from giving it.
    pub async fn manifest(&self) -> Result<Option<Manifest>, Error> {
        let Place { bucket, key } = self.handle.results();
        let place = Place { bucket, key: format!("{key}{MANIFEST}") };
        let mut reader = LineReader::new(self.client.clone(), place.clone());
        let mut text = Vec::new();
        loop {
            match reader.next().await {
                Ok(Some(line)) if text.len() + line.len() <= MAX_MANIFEST => {
                    text.extend_from_slice(&line);
                }
                Ok(Some(_)) => {
                    let message = format!("{place} has over {MAX_MANIFEST} bytes");
                    return Err(Error::new(ErrorKind::Protocol, message));
                }
                Ok(None) => break,
                Err(error) if error.service_code() == Some("NoSuchKey") => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        let manifest = Manifest::parse(&text).map_err(|error| {
            Error::new(ErrorKind::Protocol, format!("{place} cannot be read: {error}"))
                .with_source(error)
        })?;
        Ok(Some(manifest))
    }

    /// The output files of a job that has ended.
    pub(crate) async fn output(&self) -> Result<Output, Error> {
        let status = self.status().await?;
        if !status.state.is_terminal() {
            let state = status.state;
            let message = format!("the batch job is {state} and has no results yet; wait for it");
            return Err(Error::new(ErrorKind::Job, message));
        }
        let folder = self.handle.results();
        let objects = self.client.objects()?;
        let list = || objects.list(folder.bucket.clone(), folder.key.clone());
        let files: VecDeque<Place> = attempt(&self.client, list)
            .await?
            .into_iter()
            .filter(|object| object.key.ends_with(".out") && last_part(&object.key) != MANIFEST)
            .map(|object| Place { bucket: folder.bucket.clone(), key: object.key })
            .collect();
        if files.is_empty() && status.state == JobState::Completed {
            let message = format!("the batch job is completed and has no results under {folder}");
            return Err(Error::new(ErrorKind::Job, message));
        }
        let (model, form) = (self.handle.model.clone(), self.handle.form);
        Ok(Output { client: self.client.clone(), model, form, files, file: None })
    }
}

/// The lines of a job's output files, one file after the other.
pub(crate) struct Output {
    client: Client,
    pub(crate) model: ModelRef,
    pub(crate) form: Api,
    files: VecDeque<Place>,
    file: Option<LineReader>,
}

impl Output {
    pub(crate) async fn next(&mut self) -> Result<Option<Result<OutputLine, LineError>>, Error> {
        let line = self.next_line().await?;
        Ok(line.map(|line| OutputLine::parse(&line)))
    }

    /// The next line that is not blank.
    pub(crate) async fn next_line(&mut self) -> Result<Option<bytes::Bytes>, Error> {
        loop {
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let Some(place) = self.files.pop_front() else { return Ok(None) };
                    self.file.insert(LineReader::new(self.client.clone(), place))
                }
            };
            match file.next().await? {
                Some(line) if line.trim_ascii().is_empty() => {}
                Some(line) => return Ok(Some(line)),
                None => self.file = None,
            }
        }
    }

    fn read(&self, line: OutputLine) -> RecordOutcome {
        RecordOutcome::read(line, &self.model, self.form)
    }

    fn unreadable(&self, error: LineError) -> Error {
        let position = self.file.as_ref().map(LineReader::position).unwrap_or_default();
        Error::new(ErrorKind::Protocol, format!("{position} cannot be read: {error}"))
            .with_source(error)
    }
}

impl RecordOutcome {
    pub(crate) fn read(line: OutputLine, model: &ModelRef, form: Api) -> Self {
        let result = match line.result {
            Ok(output) => codec::decode(model, form, output.as_bytes(), &())
                .map_err(|source| RecordFailure::Unreadable { output, source }),
            Err(error) => Err(RecordFailure::Refused(error)),
        };
        Self { id: line.record_id, result }
    }
}

const MANIFEST: &str = "manifest.json.out";

/// A manifest holds a few counts, so a longer one is none.
const MAX_MANIFEST: usize = 1024 * 1024;
