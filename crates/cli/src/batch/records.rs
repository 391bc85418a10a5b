//! The records of a job, read from a file line by line.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client::batch::Record;
use codec::batch::{Task, TaskLine};

use crate::error::Error;
use crate::input::Shape;

/// The records of a file, one a line: `{"recordId"?, "prompt"}` or `{"recordId"?, "modelInput"}`.
/// Blank lines are passed over.
#[derive(Debug)]
pub(crate) struct Records<R> {
    file: R,
    shape: Shape,
    line: Line,
}

/// The number of the line that was read last, from 1; clones are the same number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Line(Arc<AtomicU64>);

/// What is wrong with a line.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub(crate) struct Flaw {
    pub(crate) line: u64,
    pub(crate) what: String,
}

impl Records<BufReader<File>> {
    /// The records of this file; its prompts become requests of this shape.
    pub(crate) fn open(path: &Path, shape: &Shape) -> Result<Self, Error> {
        let file = File::open(path).map_err(|source| Error::read(path, source))?;
        if file.metadata().is_ok_and(|file| file.is_dir()) {
            return Err(Error::read(path, io::ErrorKind::IsADirectory.into()));
        }
        Ok(Self::new(BufReader::new(file), shape))
    }
}

impl<R: BufRead> Records<R> {
    /// The records of this text; its prompts become requests of this shape.
    pub(crate) fn new(file: R, shape: &Shape) -> Self {
        Self { file, shape: shape.clone(), line: Line::default() }
    }

    /// Where reading stands.
    pub(crate) fn line(&self) -> Line {
        self.line.clone()
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Result<Option<Vec<u8>>, String> {
        loop {
            let mut line = Vec::new();
            let read = self.file.by_ref().take(LONGEST_LINE + 1).read_until(b'\n', &mut line);
            let read = read.map_err(|error| format!("the file cannot be read: {error}"))?;
            if read == 0 {
                return Ok(None);
            }
            let number = self.line.0.fetch_add(1, Ordering::Relaxed) + 1;
            if read as u64 > LONGEST_LINE {
                return Err(format!("it is longer than {LONGEST_LINE} bytes"));
            }
            // Some editors begin a file with a mark of its encoding.
            if number == 1 && line.starts_with(BYTE_ORDER_MARK) {
                line.drain(..BYTE_ORDER_MARK.len());
            }
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }

    /// The next record, its line shown on the way.
    pub(crate) fn next_with(&mut self, show: impl FnOnce(&[u8])) -> Option<Result<Record, Flaw>> {
        let record = match self.next_line() {
            Ok(None) => return None,
            Ok(Some(line)) => {
                show(&line);
                self.parse(&line)
            }
            Err(what) => Err(what),
        };
        Some(record.map_err(|what| Flaw { line: self.line.get(), what }))
    }

    fn parse(&self, line: &[u8]) -> Result<Record, String> {
        let TaskLine { record_id, task, .. } =
            TaskLine::parse(line).map_err(|error| error.to_string())?;
        let record = match task {
            Task::Prompt(prompt) => {
                Record::new(self.shape.request(&prompt).map_err(|error| error.to_string())?)
            }
            Task::ModelInput(body) => Record::body(body),
        };
        Ok(record.with_id(record_id))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Flaw>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_with(|_| {})
    }
}

impl Line {
    /// The number.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The longest line that is read: more than any body that Bedrock takes.
const LONGEST_LINE: u64 = 32 << 20;
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<Result<Record, Flaw>> {
        Records::new(text, &Shape::default()).collect()
    }

    #[track_caller]
    fn flaw(text: &[u8], line: u64, what: &str) {
        let records = read(text);
        let flaw = records.into_iter().find_map(Result::err).unwrap();
        assert_eq!(flaw.line, line);
        assert!(flaw.what.contains(what), "{}", flaw.what);
    }

    #[test]
    fn both_forms_are_read_and_blank_lines_are_not() {
        let text =
            "\u{feff}{\"prompt\":\"a\"}\r\n\n  \n{\"recordId\":\"x\",\"modelInput\":{\"b\":1}}";
        let records = read(text.as_bytes());
        assert_eq!(records.len(), 2);
        assert!(records.iter().all(Result::is_ok));
    }

    #[test]
    fn a_flaw_names_its_line() {
        flaw(b"{\"prompt\":\"a\"}\n\n{\"prompt\":", 3, "not JSON");
        flaw(b"{\"prompt\":\" \"}", 1, "blank");
        flaw(b"{}", 1, "missing");
        flaw(b"{\"prompt\":\"a\",\"modelInput\":{}}", 1, "exclude each other");
        flaw(b"{\"Prompt\":\"b\"}", 1, "write \"prompt\"");
        flaw(b"{\"prompt\":3}", 1, "should be");
        flaw(b"[1]", 1, "JSON object");
        flaw(b"{\"prompt\":\"a\"}\n\xff\n", 2, "UTF-8");
    }

    #[test]
    fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let long = vec![b' '; LONGEST_LINE as usize + 10];
        flaw(&long, 1, "longer");
    }
}
