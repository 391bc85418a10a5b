//! Reads a folder of exchanges.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use codec::frame::FrameError;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::key::Subject;
use super::{Recorded, Replay};
use crate::exchange::Exchange;

/// What was read of a folder of exchanges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many exchanges are served.
    pub exchanges: usize,
    /// The names of those that no call can match, since neither a model nor a path was stored.
    pub unmatched: Vec<String>,
}

/// Why a folder of exchanges cannot be replayed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// The folder or a file in it cannot be read.
    #[error("cannot read {}: {source}", .path.display())]
    Read {
        /// The folder or the file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file is no recorded exchange.
    #[error("{} is no recorded exchange: {fault}", .path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: ExchangeFault,
    },
    /// There is nothing to replay.
    #[error("{} holds no recorded exchange: they are files that end in .json", .path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
}

/// What is wrong with a file of an exchange.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExchangeFault {
    /// It is not JSON of that form.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The status is none that HTTP has.
    #[error("status {0} is no HTTP status")]
    Status(u16),
    /// HTTP cannot carry the header of this name.
    #[error("the response header {0:?} cannot be sent")]
    Header(String),
    /// The bytes of the response are not base64.
    #[error("the bytes of the response are no base64: {0}")]
    Base64(#[from] base64::DecodeError),
    /// An event makes no frame.
    #[error("an event makes no frame: {0}")]
    Frame(#[from] FrameError),
}

impl Replay {
    /// Reads all files that end in `.json`, in the order of their names, from the folder or from a
    /// folder `cases` in it.
    pub(crate) fn read(folder: &Path) -> Result<Self, ReplayError> {
        let mut replay = Self { subjects: HashMap::new(), replayed: Replayed::default() };
        for path in files(folder)? {
            let text = std::fs::read(&path)
                .map_err(|source| ReplayError::Read { path: path.clone(), source })?;
            let name = path.file_stem().map(OsStr::to_string_lossy).unwrap_or_default();
            if let Err(fault) = replay.take(name.into_owned(), &text) {
                return Err(ReplayError::Form { path, fault });
            }
        }
        if replay.replayed == Replayed::default() {
            return Err(ReplayError::Empty { path: folder.into() });
        }
        Ok(replay)
    }

    fn take(&mut self, name: String, text: &[u8]) -> Result<(), ExchangeFault> {
        let mut exchange: Exchange = serde_json::from_slice(text)?;
        let recorded = Recorded::read(name.clone(), &exchange)?;
        let path = exchange.path.as_deref().filter(|path| path.starts_with('/')).map(path);
        let Some(target) = exchange.model_id.clone().or(path) else {
            self.replayed.unmatched.push(name);
            return Ok(());
        };
        let raw = exchange.request_raw.take().map(Value::from);
        self.add(Subject::new(&exchange.operation, &target), exchange.request.or(raw), recorded);
        self.replayed.exchanges += 1;
        Ok(())
    }
}

/// A path as calls are compared by it: decoded, and without what is asked for in a query.
pub(super) fn path(path: &str) -> String {
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, ReplayError> {
    let inner = folder.join("cases");
    let folder = if inner.is_dir() { &inner } else { folder };
    let fail = |source| ReplayError::Read { path: folder.to_path_buf(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.extension().is_some_and(|extension| extension == "json") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort_unstable();
    Ok(paths)
}
