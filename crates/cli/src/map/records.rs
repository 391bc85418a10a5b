//! The records of a run: read once to check them all, and again for what has no reply yet.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use client::Map;
use client::batch::Record;

use crate::batch::Records;
use crate::error::Error;
use crate::input::Shape;
use crate::interrupt::Interrupt;

/// The file of records.
#[derive(Debug)]
pub(crate) struct Input {
    path: PathBuf,
    shape: Shape,
}

/// How many records there are, and a sum by which the file is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) records: usize,
    pub(crate) bytes: u64,
    pub(crate) sum: u32,
}

impl Input {
    pub(crate) fn new(path: &Path, shape: &Shape) -> Self {
        Self { path: path.to_owned(), shape: shape.clone() }
    }

    /// Reads all records and finds what is wrong with one of them before any is sent.
    pub(crate) fn check(&self, map: &Map, interrupt: &Interrupt) -> Result<Extent, Error> {
        let file =
            std::fs::metadata(&self.path).map_err(|source| Error::read(&self.path, source))?;
        if !file.is_file() && !file.is_dir() {
            let source = std::io::Error::other("it is read several times; save it to a file first");
            return Err(Error::read(&self.path, source));
        }
        let mut records = Records::open(&self.path, &self.shape)?;
        let line = records.line();
        let (mut count, mut bytes, mut sum) = (0, 0, crc32fast::Hasher::new());
        let mut flaws = Flaws::default();
        loop {
            let mut is_whole = false;
            let record = records.next_with(|line| {
                is_whole = true;
                bytes += line.len() as u64;
                sum.update(line);
            });
            let Some(record) = record else { break };
            if let Some(end) = interrupt.came() {
                return Err(end.into());
            }
            if let Err(what) =
                record.map_err(|flaw| flaw.what).and_then(|record| check(map, record))
            {
                flaws.add(line.get(), what);
                // Where a line cannot be read to its end, nobody knows where the next one begins.
                if !is_whole {
                    break;
                }
            }
            count += 1;
        }
        flaws.into_result()?;
        if count == 0 {
            return Err(Error::NoRecords { name: self.path.display().to_string() });
        }
        Ok(Extent { records: count, bytes, sum: sum.finalize() })
    }

    /// When the file was last written.
    pub(crate) fn modified(&self) -> Result<SystemTime, Error> {
        let file = std::fs::metadata(&self.path).and_then(|file| file.modified());
        file.map_err(|source| Error::read(&self.path, source))
    }

    /// The records with their positions, from 0. A file that was damaged meanwhile ends early.
    pub(crate) fn read(&self) -> Result<impl Iterator<Item = (usize, Record)> + use<>, Error> {
        let records = Records::open(&self.path, &self.shape)?;
        Ok(records.map_while(Result::ok).enumerate())
    }
}

/// The lines with something wrong: what it is with the first, and where the others are.
#[derive(Debug, Default)]
struct Flaws {
    first: Option<(u64, String)>,
    others: Vec<u64>,
    more: u64,
}

impl Flaws {
    fn add(&mut self, line: u64, what: String) {
        match &self.first {
            None => self.first = Some((line, what)),
            Some(_) if self.others.len() < SHOWN => self.others.push(line),
            Some(_) => self.more += 1,
        }
    }

    fn into_result(self) -> Result<(), Error> {
        let Some((line, what)) = self.first else { return Ok(()) };
        let others: Vec<_> = self.others.iter().map(u64::to_string).collect();
        let what = match (&others[..], self.more) {
            ([], _) => what,
            (_, 0) => format!("{what}; lines {} are wrong, too", others.join(", ")),
            (_, more) => {
                format!("{what}; lines {} and {more} more are wrong, too", others.join(", "))
            }
        };
        Err(Error::Line { line, what })
    }
}

/// What can be known to be wrong with a record, with its id if it has one.
fn check(map: &Map, record: Record) -> Result<(), String> {
    let id = record.id().map(|id| format!("record {id:?}: ")).unwrap_or_default();
    map.check(record).map_err(|error| format!("{id}{error}"))
}

/// How many lines are named at most.
const SHOWN: usize = 10;
