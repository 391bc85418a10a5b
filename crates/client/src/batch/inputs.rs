//! The records of a job, as they were submitted.

use codec::batch::InputLine;
use futures_util::stream;

use crate::batch::items::Items;
use crate::batch::job::Job;
use crate::batch::read::LineReader;
use crate::batch::record::Record;
use crate::error::{Error, ErrorKind};

impl Job {
    /// The ids of the job's records in the order of the records, read from the job's input in S3.
    ///
    /// With [`join`](Self::join) it puts the results in order for whoever no longer has the records.
    /// It ends with an error if the input cannot be read. Memory holds one record at a time.
    pub fn record_ids(&self) -> Items<String> {
        let reader = LineReader::new(self.client.clone(), self.handle.input.clone());
        Items::new(stream::unfold(Some((reader, 0)), |state| async {
            let (mut reader, position) = state?;
            let position = position + 1;
            match next(&mut reader, position).await.transpose()? {
                Ok(id) => Some((Ok(id), Some((reader, position)))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

async fn next(reader: &mut LineReader, position: u64) -> Result<Option<String>, Error> {
    let Some(line) = reader.next().await? else { return Ok(None) };
    let line = InputLine::parse(&line).map_err(|error| {
        let place = reader.position();
        Error::new(ErrorKind::Protocol, format!("{place} is no record: {error}")).with_source(error)
    })?;
    Ok(Some(line.record_id.unwrap_or_else(|| Record::id_at(position))))
}
