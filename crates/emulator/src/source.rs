//! What answers the operations of the runtime.

use std::path::PathBuf;

use crate::backend::{Backend, Server};
use crate::builder::StartError;
use crate::outgoing::Outgoing;
use crate::record::{Recorder, Upstream};
use crate::replay::Replay;
use crate::settings::Settings;

/// What is wanted to answer.
#[derive(Debug, Clone, Default)]
pub(crate) enum Wanted {
    /// The model inside.
    #[default]
    Model,
    /// A model server, in place of the model inside.
    Backend(Backend),
    /// The exchanges recorded in a folder, and nothing else.
    Replay(PathBuf),
    /// A service, whose exchanges are recorded in a folder.
    Record(PathBuf, Upstream),
}

/// What answers.
#[derive(Debug, Default)]
pub(crate) enum Source {
    #[default]
    Model,
    Server(Server),
    Replay(Replay),
    Recorder(Recorder),
}

impl Wanted {
    /// Opens it.
    pub(crate) fn open(self, settings: &Settings) -> Result<Source, StartError> {
        match self {
            Self::Model => Ok(Source::Model),
            Self::Backend(backend) => {
                let outgoing = Outgoing::new(backend.url()).map_err(StartError::Certificates)?;
                Ok(Source::Server(Server::new(backend, outgoing)))
            }
            Self::Replay(folder) => Ok(Source::Replay(Replay::read(&folder)?)),
            Self::Record(folder, upstream) => {
                let unusable = |source| StartError::Folder { path: folder.clone(), source };
                std::fs::create_dir_all(&folder).map_err(unusable)?;
                // Only to find out now whether files can be written there.
                tempfile::tempfile_in(&folder).map_err(unusable)?;
                let outgoing = Outgoing::new(upstream.url()).map_err(StartError::Certificates)?;
                let upstream = upstream.or_keys(&settings.access_key, settings.secret_key.expose());
                Ok(Source::Recorder(Recorder::new(upstream, outgoing, &folder)))
            }
        }
    }
}

impl Source {
    /// The model server that speaks in place of the model inside.
    pub(crate) const fn server(&self) -> Option<&Server> {
        match self {
            Self::Server(server) => Some(server),
            _ => None,
        }
    }

    /// The exchanges that answer.
    pub(crate) const fn replay(&self) -> Option<&Replay> {
        match self {
            Self::Replay(replay) => Some(replay),
            _ => None,
        }
    }
}
