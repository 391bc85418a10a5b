//! What a run has done, line by line, so that a run that was killed goes on where it stood.
//!
//! Each line is a checksum, a word, the position of a record, and what belongs to the word:
//! `begin` and the run that it is, `sent` before a record goes out, `reply` or `failed` and the
//! line of the output when something came back. A line that is torn or damaged ends the journal:
//! everything before it counts, and it and what follows are written anew.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use client::ModelRef;
use serde_json::{Value, json};

use crate::args::Globals;
use crate::error::Error;
use crate::file::sync_folder_of;
use crate::input::Shape;
use crate::map::records::Extent;

/// A journal that is open for one run alone.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: File,
    /// Where the next line goes.
    end: u64,
    /// For each record 8 bytes: where its line is, and what it says.
    places: Vec<Place>,
}

/// What is known of a record: how it stands in the two lowest bits, and above them where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place(u64);

/// How a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It was not sent.
    Waiting,
    /// It was sent, and nothing came back yet.
    Sent,
    /// There is a reply.
    Reply,
    /// There is an error.
    Failed,
}

/// How many records stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Done {
    pub(crate) sent: usize,
    pub(crate) replies: usize,
    pub(crate) failed: usize,
}

/// The run that a journal belongs to.
#[derive(Debug)]
pub(crate) struct Header(Value);

/// Why a journal cannot be gone on with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalFlaw {
    #[error("is of an earlier run that did not come to its end")]
    Left,
    #[error("is of a run with other {0}")]
    Other(&'static str),
    #[error("is in use by another run")]
    InUse,
    #[error("is no journal")]
    NotOne,
}

impl JournalFlaw {
    /// What a person can do.
    pub(crate) fn advice(&self) -> &'static str {
        match self {
            Self::Left => "Give --resume to go on with it, or remove it to begin anew.",
            Self::Other(_) => "Run it as it was run before, or remove the journal to begin anew.",
            Self::InUse => "Wait for that run, or give another output.",
            Self::NotOne => "Move it away, or give another output.",
        }
    }
}

impl Header {
    pub(crate) fn new(model: &ModelRef, globals: &Globals, shape: &Shape, extent: &Extent) -> Self {
        let Extent { records, bytes, sum } = extent;
        Self(json!({
            "model": model.address(),
            "records": format!("{records} records, {bytes} bytes, {sum:08x}"),
            "options": format!("{shape:?}, {:?}, {:?}", globals.api, globals.family),
            "count": records,
        }))
    }

    /// The first thing in which two runs differ.
    fn difference(&self, other: &Value) -> Option<&'static str> {
        ["model", "records", "options"].into_iter().find(|key| self.0.get(key) != other.get(key))
    }
}

impl Journal {
    /// Begins a journal, or goes on with the one that is there if `resume` says so.
    pub(crate) fn open(path: &Path, header: &Header, resume: bool) -> Result<Self, Error> {
        let fail = |source| Error::write(path, source);
        let flaw = |what| Error::Journal { path: path.to_owned(), what };
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).open(path);
        let file = file.map_err(|source| Error::Place { path: path.to_owned(), source })?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(flaw(JournalFlaw::InUse)),
            // A file system without locks has no second run to fear more than any other file.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(fail(error)),
        }
        let count = header.0.get("count").and_then(Value::as_u64).unwrap_or_default();
        let places = vec![Place::default(); usize::try_from(count).unwrap_or_default()];
        let mut journal = Self { path: path.to_owned(), file, end: 0, places };
        let length = journal.file.metadata().map_err(fail)?.len();
        match journal.read(header)? {
            // Nobody else's file is overwritten; one that was torn in its first line is ours.
            None if length > 0 && !journal.is_torn_beginning()? => {
                return Err(flaw(JournalFlaw::NotOne));
            }
            None => {
                journal.end = 0;
                journal.file.set_len(0).map_err(fail)?;
                journal.append("begin", 0, &header.0.to_string())?;
                journal.sync_handle()?.sync_all().map_err(fail)?;
                sync_folder_of(path);
            }
            Some(_) if !resume => return Err(flaw(JournalFlaw::Left)),
            Some(Some(what)) => return Err(flaw(JournalFlaw::Other(what))),
            Some(None) => journal.file.set_len(journal.end).map_err(fail)?,
        }
        Ok(journal)
    }

    /// Reads what is there. `None`: not even a first line; else in what the run differs, if it does.
    fn read(&mut self, header: &Header) -> Result<Option<Option<&'static str>>, Error> {
        let fail = |source| Error::read(&self.path, source);
        self.file.rewind().map_err(fail)?;
        let mut reader = BufReader::new(&self.file);
        let (mut line, mut begun) = (Vec::new(), None);
        let mut end = 0;
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line).map_err(fail)?;
            let Some((word, position, text)) = parse(&line) else { break };
            let state = match (word, &begun) {
                ("begin", None) => {
                    let other = serde_json::from_str(text).unwrap_or_default();
                    begun = Some(header.difference(&other));
                    None
                }
                ("sent", Some(_)) => Some(State::Sent),
                ("reply", Some(_)) => Some(State::Reply),
                ("failed", Some(_)) => Some(State::Failed),
                _ => break,
            };
            if let Some(state) = state {
                keep(&mut self.places, position, Place::new(state, end));
            }
            end += read as u64;
        }
        self.end = end;
        Ok(begun)
    }

    /// Whether the file is what is left of a first line.
    fn is_torn_beginning(&mut self) -> Result<bool, Error> {
        let mut start = [0; FIRST.len()];
        self.file.rewind().map_err(|source| Error::read(&self.path, source))?;
        let Ok(()) = self.file.read_exact(&mut start) else { return Ok(false) };
        Ok(start.get(CHECKSUM..) == FIRST.get(CHECKSUM..))
    }

    /// How many records stand how.
    pub(crate) fn done(&self) -> Done {
        let mut done = Done::default();
        for place in &self.places {
            match place.state() {
                State::Waiting => {}
                State::Sent => done.sent += 1,
                State::Reply => done.replies += 1,
                State::Failed => done.failed += 1,
            }
        }
        done
    }

    /// How a record stands.
    pub(crate) fn state(&self, position: usize) -> State {
        self.places.get(position).copied().unwrap_or_default().state()
    }

    /// Notes that a record is about to be sent.
    pub(crate) fn sent(&mut self, position: usize) -> Result<(), Error> {
        self.note(State::Sent, "sent", position, "")
    }

    /// Notes what came back for a record: the line of the output.
    pub(crate) fn came(&mut self, position: usize, replied: bool, line: &str) -> Result<(), Error> {
        match replied {
            true => self.note(State::Reply, "reply", position, line),
            false => self.note(State::Failed, "failed", position, line),
        }
    }

    /// The line of the output for a record, if something came back for it.
    pub(crate) fn line(&mut self, position: usize) -> Result<Option<String>, Error> {
        let place = self.places.get(position).copied().unwrap_or_default();
        if !matches!(place.state(), State::Reply | State::Failed) {
            return Ok(None);
        }
        let fail = |source| Error::read(&self.path, source);
        self.file.seek(SeekFrom::Start(place.offset())).map_err(fail)?;
        let mut line = Vec::new();
        BufReader::new(&self.file).read_until(b'\n', &mut line).map_err(fail)?;
        let damaged = || fail(io::Error::other("it was changed while it was in use"));
        let (_, found, text) = parse(&line).ok_or_else(damaged)?;
        if found == position { Ok(Some(text.to_owned())) } else { Err(damaged()) }
    }

    /// Another handle of the file, to make durable what was noted.
    pub(crate) fn sync_handle(&self) -> Result<File, Error> {
        self.file.try_clone().map_err(|source| Error::write(&self.path, source))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: the output holds everything.
    pub(crate) fn remove(self) -> Result<(), Error> {
        std::fs::remove_file(&self.path).map_err(|source| Error::write(&self.path, source))
    }

    fn note(&mut self, state: State, word: &str, position: usize, text: &str) -> Result<(), Error> {
        let place = Place::new(state, self.end);
        self.append(word, position, text)?;
        keep(&mut self.places, position, place);
        Ok(())
    }

    fn append(&mut self, word: &str, position: usize, text: &str) -> Result<(), Error> {
        let body = format!("{word} {position} {text}");
        let line = format!("{:08x} {body}\n", crc32fast::hash(body.as_bytes()));
        let written = self.file.seek(SeekFrom::Start(self.end));
        let written = written.and_then(|_| self.file.write_all(line.as_bytes()));
        written.map_err(|source| Error::write(&self.path, source))?;
        self.end += line.len() as u64;
        Ok(())
    }
}

impl Place {
    fn new(state: State, offset: u64) -> Self {
        Self(offset << 2 | state as u64)
    }

    fn offset(self) -> u64 {
        self.0 >> 2
    }

    fn state(self) -> State {
        match self.0 & 3 {
            0 => State::Waiting,
            1 => State::Sent,
            2 => State::Reply,
            _ => State::Failed,
        }
    }
}

/// A line's word, position and text, if it is whole.
fn parse(line: &[u8]) -> Option<(&str, usize, &str)> {
    let line = std::str::from_utf8(line.strip_suffix(b"\n")?).ok()?;
    let (sum, body) = line.split_once(' ')?;
    let sum = u32::from_str_radix(sum, 16).ok()?;
    let (word, rest) = body.split_once(' ')?;
    let (position, text) = rest.split_once(' ')?;
    (sum == crc32fast::hash(body.as_bytes())).then_some((word, position.parse().ok()?, text))
}

/// A reply that is there stays; anything else gives way to what was noted later.
fn keep(places: &mut [Place], position: usize, place: Place) {
    if let Some(own) = places.get_mut(position)
        && own.state() != State::Reply
    {
        *own = place;
    }
}

/// How every journal begins, and how much of that is checksum.
const FIRST: &[u8] = b"00000000 begin 0 {\"";
const CHECKSUM: usize = 8;

#[cfg(test)]
mod tests;
