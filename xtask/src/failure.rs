//! Why a task did not succeed.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// The ways in which a task can fail.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line names no task.
    Usage(&'static str),
    /// `ci` has no step of this name.
    NoStep { name: String, known: String },
    /// The suite has no client of this name.
    NoClient { name: String, known: String },
    /// The command was called outside of the workspace.
    NoWorkspace { here: PathBuf },
    /// A file or folder of the workspace cannot be read.
    Read { path: PathBuf, source: io::Error },
    /// A file cannot be written.
    Write { path: PathBuf, source: io::Error },
    /// A file is not JSON of the form that it should have.
    Json { path: PathBuf, source: serde_json::Error },
    /// A folder holds no recordings.
    NoCases { folder: PathBuf },
    /// An exception does not say why it is one.
    NoReason { path: PathBuf, case: String },
    /// The catalogue of models says something that cannot be.
    Catalog { path: PathBuf, what: String },
    /// A generated file is not what its source makes of it.
    Stale { path: PathBuf },
    /// A program cannot be started, or its output not be read.
    Start { command: String, source: io::Error },
    /// A program ran and reported failure.
    Command { command: String },
    /// A program printed something else than it should.
    Output { command: String, why: String },
    /// A check found breaches, which are printed already.
    Breaches { task: &'static str, count: usize },
    /// A step of `ci` failed.
    Step { name: &'static str, why: Box<Self> },
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(usage) => write!(f, "no such task\n\n{usage}"),
            Self::NoStep { name, known } => {
                write!(f, "ci has no step {name:?}; its steps are {known}")
            }
            Self::NoClient { name, known } => {
                write!(f, "there is no client {name:?}; the clients are {known}")
            }
            Self::NoWorkspace { here } => {
                write!(f, "{} is not inside the workspace; change into it first", here.display())
            }
            Self::Read { path, source } => write!(f, "cannot read {}: {source}", path.display()),
            Self::Write { path, source } => write!(f, "cannot write {}: {source}", path.display()),
            Self::Json { path, source } => {
                write!(f, "{} is not what it should be: {source}", path.display())
            }
            Self::NoCases { folder } => {
                write!(f, "{} holds no recordings: no files NAME.json", folder.display())
            }
            Self::NoReason { path, case } => {
                write!(f, "{}: the exception for {case} needs a reason", path.display())
            }
            Self::Catalog { path, what } => write!(f, "{}: {what}", path.display()),
            Self::Stale { path } => {
                write!(f, "{} is not current; run `cargo xtask catalog`", path.display())
            }
            Self::Start { command, source } => write!(f, "cannot run `{command}`: {source}"),
            Self::Command { command } => write!(f, "`{command}` failed"),
            Self::Output { command, why } => write!(f, "`{command}` printed {why}"),
            Self::Breaches { task, count: 1 } => write!(f, "{task}: 1 breach, printed above"),
            Self::Breaches { task, count } => write!(f, "{task}: {count} breaches, printed above"),
            Self::Step { name, why } => {
                write!(f, "the step `{name}` failed: {why}\n\nalone: cargo xtask ci {name}")
            }
        }
    }
}
