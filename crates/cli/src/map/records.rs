//! The records of a run: read once to check them all, and again for what has no reply yet.

use std::path::{Path, PathBuf};

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
        while let Some(record) = records.next_with(|line| {
            bytes += line.len() as u64;
            sum.update(line);
        }) {
            if let Some(end) = interrupt.came() {
                return Err(end.into());
            }
            let record = record.map_err(|flaw| Error::Line { line: flaw.line, what: flaw.what })?;
            map.check(record)
                .map_err(|error| Error::Line { line: line.get(), what: error.to_string() })?;
            count += 1;
        }
        if count == 0 {
            return Err(Error::NoRecords { name: self.path.display().to_string() });
        }
        Ok(Extent { records: count, bytes, sum: sum.finalize() })
    }

    /// The records with their positions, from 0. A file that was damaged meanwhile ends early.
    pub(crate) fn read(&self) -> Result<impl Iterator<Item = (usize, Record)> + use<>, Error> {
        let records = Records::open(&self.path, &self.shape)?;
        Ok(records.map_while(Result::ok).enumerate())
    }
}
