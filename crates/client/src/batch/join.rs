//! Puts results in the order of the records.

use std::fmt;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};

use codec::batch::OutputLine;
use codec::{Api, ModelRef};

use crate::batch::ids::IdTable;
use crate::batch::job::Job;
use crate::batch::results::{RecordFailure, RecordOutcome};
use crate::error::{Error, ErrorKind};

/// The results of a job, to be asked for by record id.
///
/// They lie in a file; memory holds 24 bytes a record.
pub struct Joined<F> {
    file: F,
    /// Where in the file the result of each record begins.
    places: IdTable,
    model: ModelRef,
    form: Api,
    duplicates: u64,
    unreadable: u64,
}

impl Job {
    /// Reads what came of the job into `file`, from where it can be asked for in any order.
    ///
    /// The file is the caller's: a temporary one, an [`std::io::Cursor`] for a small job. It takes
    /// as much room as the results, and is written from its beginning. Writing and reading it
    /// blocks.
    ///
    /// # Errors
    ///
    /// As [`results`](Self::results), and [`ErrorKind::Source`] if the file fails. A line that
    /// cannot be read is passed over and [counted](Joined::unreadable).
    ///
    /// # Examples
    ///
    /// ```
    /// # async fn example(job: outcrop::batch::Job) -> Result<(), outcrop::Error> {
    /// use std::io::Cursor;
    ///
    /// use outcrop::batch::Record;
    ///
    /// let mut results = job.join(Cursor::new(Vec::new())).await?;
    /// for position in 1..=job.handle().records() {
    ///     match results.outcome(&Record::id_at(position))?.result {
    ///         Ok(reply) => println!("{}", reply.text()),
    ///         Err(why) => println!("no reply: {why}"),
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn join<F: Read + Write + Seek>(&self, file: F) -> Result<Joined<F>, Error> {
        let mut output = self.output().await?;
        let mut places = IdTable::new(&*self.client.shared.entropy);
        let mut file = BufWriter::new(file);
        let (mut end, mut duplicates, mut unreadable) = (0, 0, 0);
        file.rewind().map_err(file_error)?;
        while let Some(line) = output.next_line().await? {
            let Ok(parsed) = OutputLine::parse(&line) else {
                unreadable += 1;
                continue;
            };
            if places.insert(&parsed.record_id, end).is_err() {
                duplicates += 1;
                continue;
            }
            let length = line.len() as u64;
            file.write_all(&length.to_le_bytes()).map_err(file_error)?;
            file.write_all(&line).map_err(file_error)?;
            end += length + LENGTH_BYTES;
        }
        let file = file.into_inner().map_err(|error| file_error(error.into_error()))?;
        let (model, form) = (output.model, output.form);
        Ok(Joined { file, places, model, form, duplicates, unreadable })
    }
}

impl<F: Read + Seek> Joined<F> {
    /// What came of the record with this id: [`RecordFailure::Missing`], if nothing did.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Source`] if the file fails.
    pub fn outcome(&mut self, id: &str) -> Result<RecordOutcome, Error> {
        let missing = || RecordOutcome { id: id.to_owned(), result: Err(RecordFailure::Missing) };
        let Some(place) = self.places.get(id) else { return Ok(missing()) };
        let line = self.read(place).map_err(file_error)?;
        match OutputLine::parse(&line) {
            Ok(line) if line.record_id == id => {
                Ok(RecordOutcome::read(line, &self.model, self.form))
            }
            _ => Ok(missing()),
        }
    }

    fn read(&mut self, place: u64) -> std::io::Result<Vec<u8>> {
        self.file.seek(SeekFrom::Start(place))?;
        let mut length = [0; LENGTH_BYTES as usize];
        self.file.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        let mut line = Vec::new();
        self.file.by_ref().take(length).read_to_end(&mut line)?;
        Ok(line)
    }
}

impl<F> Joined<F> {
    /// How many records have a result.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether no record has.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many results came for a record that had one already; the first counts.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// How many lines of the results could not be read; their records count as missing.
    pub fn unreadable(&self) -> u64 {
        self.unreadable
    }
}

impl<F> fmt::Debug for Joined<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined")
            .field("records", &self.len())
            .field("duplicates", &self.duplicates)
            .field("unreadable", &self.unreadable)
            .finish_non_exhaustive()
    }
}

fn file_error(error: std::io::Error) -> Error {
    let message = format!("the file that holds the results failed: {error}");
    Error::new(ErrorKind::Source, message).with_source(error)
}

/// Each result is preceded by its length.
const LENGTH_BYTES: u64 = 8;
