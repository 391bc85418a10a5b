//! What keeps a command from doing its work: one sentence for a person, one object for a program,
//! and the exit code.

use std::io;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind as ClapError;
use client::{ErrorKind, Limit, codec};
use emulator::StartError;
use serde_json::{Value, json};

use crate::batch::Flaw;
use crate::map::JournalFlaw;

/// A command that did not do its work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The command line itself, in clap's words.
    #[error("{0}")]
    Usage(String),
    #[error("--local and --endpoint-url exclude each other")]
    TwoEndpoints,
    #[error("a job of an earlier command is not to be found with --local, which starts afresh")]
    LocalJob,
    #[error("the prompt is blank")]
    BlankPrompt,
    #[error("{0}")]
    Model(#[source] codec::ModelRefError),
    #[error("no bucket is named for the job's files")]
    NoBucket,
    #[error("no role is named that Bedrock may read and write the bucket with")]
    NoRole,
    /// A line of the records, or of a file that should hold them.
    #[error("line {line}: {what}")]
    Line { line: u64, what: String },
    #[error("{path} is no job handle: {what}")]
    Handle { path: PathBuf, what: String },
    #[error("a batch job needs at least {min} records, and there are {records}")]
    TooFewRecords { records: u64, min: u64 },
    #[error("{name} holds no records")]
    NoRecords { name: String },
    /// The records are not those that were sent.
    #[error("the records were changed during the run; the replies are kept in {path}")]
    Changed { path: PathBuf },
    /// A journal that this run cannot go on with.
    #[error("{path} {what}")]
    Journal { path: PathBuf, what: JournalFlaw },
    #[error("{path}: {source}")]
    Limits { path: PathBuf, source: emulator::QuotasError },
    #[error("{path}: {source}")]
    Scenario { path: PathBuf, source: emulator::ScenarioError },
    /// What is neither a file nor the name of a scenario.
    #[error(transparent)]
    NoScenario(emulator::ScenarioError),
    #[error("{name} cannot be read: {source}")]
    Read { name: String, source: io::Error },
    #[error("{name} is not UTF-8 at byte {at}")]
    NotUtf8 { name: String, at: usize },
    /// No file can be begun under this name.
    #[error("{path} cannot be written: {source}")]
    Place { path: PathBuf, source: io::Error },
    #[error("{path} is the input, and would be lost")]
    SameFile { path: PathBuf },
    #[error("{name} cannot be written: {source}")]
    Write { name: String, source: io::Error },
    #[error("standard output cannot be written: {0}")]
    Stdout(#[source] io::Error),
    #[error("the local server cannot start: {0}")]
    Emulator(#[from] StartError),
    #[error(transparent)]
    Bucket(#[from] emulator::BucketError),
    #[error("the machine denies what the command needs: {0}")]
    Machine(#[source] io::Error),
    #[error("{0}")]
    Client(#[from] client::Error),
    /// The answer began and did not come to its end.
    #[error("the reply is incomplete: {0}")]
    Incomplete(#[source] client::Error),
    /// What was to be read has not the shape that it should have.
    #[error("the input cannot be read: {0}")]
    Decode(#[from] codec::DecodeError),
    /// The request does not fit the format.
    #[error("{0}")]
    Encode(#[from] codec::EncodeError),
    #[error("{path} is no JSON object of headers: {source}")]
    Headers { path: PathBuf, source: codec::DecodeError },
    /// The body is an error of the service.
    #[error("the body is an error: {0}")]
    Fault(codec::Fault),
    /// The bytes of a stream ended, or went wrong, before the reply was whole.
    #[error("the stream is incomplete: {0}")]
    IncompleteStream(codec::StreamError),
    #[error("there is no family {given:?} in the catalogue; its families are {known}")]
    CatalogFamily { given: String, known: String },
    /// A request was checked, and would be refused.
    #[error("Bedrock would refuse the request: {0} finding{s}", s = if *.0 == 1 { "" } else { "s" })]
    Findings(usize),
    #[error("{failed} of {records} records have no reply")]
    Records { failed: u64, records: u64 },
    #[error("the command was not done within {0} s")]
    Timeout(f64),
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// What clap says, as one sentence; the usage it would print is in the help.
    pub(crate) fn usage(error: &clap::Error) -> Self {
        if error.kind() == ClapError::DisplayHelpOnMissingArgumentOrSubcommand {
            return Self::Usage("no command is given".to_owned());
        }
        let text = error.to_string();
        let said = text.split("\n\nUsage:").next().unwrap_or(&text);
        let said = said.split("\n\nFor more information").next().unwrap_or(said);
        let said = said.trim_start_matches("error: ").replace("\n\n  tip:", ";");
        Self::Usage(one_line(&said))
    }

    /// What kept the records from being submitted; `line` is where reading stood.
    pub(crate) fn records(error: client::Error, line: u64) -> Self {
        let mut source = std::error::Error::source(&error);
        while let Some(inner) = source {
            if let Some(Flaw { line, what }) = inner.downcast_ref() {
                return Self::Line { line: *line, what: what.clone() };
            }
            source = inner.source();
        }
        match error.record() {
            Some(_) => Self::Line { line, what: error.to_string() },
            None => Self::Client(error),
        }
    }

    pub(crate) fn read(name: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Read { name: name.as_ref().display().to_string(), source }
    }

    pub(crate) fn write(name: impl AsRef<Path>, source: io::Error) -> Self {
        Self::Write { name: name.as_ref().display().to_string(), source }
    }

    /// 1: the work failed. 2: the command line or the input was wrong.
    ///
    /// A reader of standard output who has seen enough is no failure; an interrupt has the code
    /// that shells give it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_)
            | Self::TwoEndpoints
            | Self::LocalJob
            | Self::BlankPrompt
            | Self::Model(_)
            | Self::CatalogFamily { .. }
            | Self::NoBucket
            | Self::NoRole
            | Self::Line { .. }
            | Self::Handle { .. }
            | Self::NoRecords { .. }
            | Self::TooFewRecords { .. }
            | Self::Changed { .. }
            | Self::Journal { .. }
            | Self::Limits { .. }
            | Self::Scenario { .. }
            | Self::NoScenario(_)
            | Self::Read { .. }
            | Self::NotUtf8 { .. }
            | Self::Place { .. }
            | Self::SameFile { .. }
            | Self::Decode(_)
            | Self::Encode(_)
            | Self::Headers { .. }
            | Self::Emulator(StartError::Replay(_)) => 2,
            Self::Client(error) => match error.kind() {
                ErrorKind::Input | ErrorKind::Config | ErrorKind::Source => 2,
                _ => 1,
            },
            Self::Interrupted => 130,
            error if error.is_broken_pipe() => 0,
            _ => 1,
        }
    }

    /// Whether the reader of standard output went away, which needs no words.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Stdout(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }

    /// The sentence for a person: what happened, and what to do.
    pub(crate) fn sentence(&self) -> String {
        let message = one_line(&self.to_string());
        match self.advice() {
            Some(advice) => format!("{}. {advice}", message.trim_end_matches('.')),
            None => message,
        }
    }

    /// The same for a program.
    pub(crate) fn to_json(&self) -> Value {
        let line = match self {
            Self::Line { line, .. } => Some(*line),
            _ => None,
        };
        let members = [
            ("kind", Some(self.kind().into())),
            ("message", Some(one_line(&self.to_string()).into())),
            ("advice", self.advice().map(Value::from)),
            ("requestId", self.client().and_then(client::Error::request_id).map(Value::from)),
            ("line", line.map(Value::from)),
            ("capability", self.capability().map(Value::from)),
            ("path", self.path().map(|path| format!("${path}").into())),
        ];
        let said = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        json!({ "error": Value::Object(said.collect()) })
    }

    fn client(&self) -> Option<&client::Error> {
        match self {
            Self::Client(error) | Self::Incomplete(error) => Some(error),
            _ => None,
        }
    }

    /// What the format lacks.
    fn capability(&self) -> Option<&'static str> {
        match self {
            Self::Encode(error) => error.capability().map(codec::Capability::name),
            _ => None,
        }
    }

    /// Where in the input it is wrong.
    fn path(&self) -> Option<&str> {
        match self {
            Self::Decode(error) | Self::Headers { source: error, .. } => error.path(),
            Self::Encode(error) => error.path(),
            _ => None,
        }
    }

    fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Usage(_) => "`outcrop --help` lists the commands and options.",
            Self::TwoEndpoints => "Give one of them.",
            Self::LocalJob => {
                "Start `outcrop emulate`, submit with its --endpoint-url, and give that here too."
            }
            Self::BlankPrompt => "Give it as an argument, by --file, or on standard input.",
            Self::Model(_) => "Give a model id, an inference profile id or an ARN.",
            Self::NoBucket => "Give --bucket, or use --local, which makes one.",
            Self::NoRole => "Give --role-arn with the role of the batch service.",
            Self::Line { .. } => "Nothing was submitted: mend the line and run the command again.",
            Self::Emulator(StartError::Replay(_)) => {
                "Give a folder of recorded exchanges, such as --record writes."
            }
            Self::Limits { .. } => "Write the limits as the page on the emulator shows.",
            Self::Scenario { .. } => "Write the scenario as the page on scenarios shows.",
            Self::NoScenario(_) => "Give one of these names, or a file that is there.",
            Self::Handle { .. } => "Give the file that `outcrop batch submit` wrote.",
            Self::TooFewRecords { .. } => {
                "Nothing was uploaded. Run them on demand with `outcrop map`; if the quota is \
                 lower, say so with --min-records, and set it for `outcrop emulate` with --limits."
            }
            Self::NoRecords { .. } => "Give a file with one record a line.",
            Self::Changed { .. } => "Restore the records and run it again with --resume.",
            Self::Journal { what, .. } => what.advice(),
            Self::Read { .. } => "Check the name and the permissions.",
            Self::NotUtf8 { .. } => "Save it as UTF-8.",
            Self::Place { .. } => "Give a file in a folder that may be written to.",
            Self::SameFile { .. } => "Give the output another name.",
            Self::Write { .. } => "Check the folder, its permissions and the free space.",
            Self::Records { .. } => "The output names the reason for each of them.",
            Self::Decode(codec::DecodeError::UnknownFamily { .. })
            | Self::Encode(codec::EncodeError::UnknownFamily { .. }) => {
                "Name it with --family, or use --operation converse."
            }
            Self::Decode(_) => "Check the model, --operation and the input.",
            Self::Encode(codec::EncodeError::Unsupported { .. }) => {
                "`codec encode --lossy` leaves out what a request can do without."
            }
            Self::Headers { .. } => "Give a file that holds a JSON object of names and values.",
            Self::Timeout(_) => "Allow more time with --timeout.",
            Self::Client(error) | Self::Incomplete(error) => return error.advice(),
            _ => return None,
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Usage(_)
            | Self::TwoEndpoints
            | Self::LocalJob
            | Self::NoBucket
            | Self::NoRole
            | Self::SameFile { .. } => "usage",
            Self::BlankPrompt
            | Self::Model(_)
            | Self::CatalogFamily { .. }
            | Self::Line { .. }
            | Self::Handle { .. }
            | Self::NoRecords { .. }
            | Self::TooFewRecords { .. }
            | Self::Changed { .. }
            | Self::Journal { .. }
            | Self::Limits { .. }
            | Self::Scenario { .. }
            | Self::NoScenario(_)
            | Self::NotUtf8 { .. }
            | Self::Decode(_)
            | Self::Encode(_)
            | Self::Headers { .. }
            | Self::Emulator(StartError::Replay(_)) => "input",
            Self::Fault(_) => "fault",
            Self::Findings(_) => "findings",
            Self::Read { .. } => "read",
            Self::Place { .. } | Self::Write { .. } | Self::Stdout(_) => "write",
            Self::Emulator(_) | Self::Bucket(_) | Self::Machine(_) => "machine",
            Self::Incomplete(_) | Self::IncompleteStream(_) => "incomplete",
            Self::Records { .. } => "records",
            Self::Timeout(_) => "timeout",
            Self::Interrupted => "interrupted",
            Self::Client(error) => kind(error.kind()),
        }
    }
}

/// The word for a kind in JSON output.
pub(crate) fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Input => "input",
        ErrorKind::Config => "config",
        ErrorKind::Credentials => "credentials",
        ErrorKind::Connect => "connect",
        ErrorKind::Timeout(Limit::Connect) => "connectTimeout",
        ErrorKind::Timeout(_) => "timeout",
        ErrorKind::TooLarge => "tooLarge",
        ErrorKind::NotAdmitted => "notAdmitted",
        ErrorKind::Throttled(_) => "throttled",
        ErrorKind::Refused => "refused",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Broken => "broken",
        ErrorKind::Cut => "cut",
        ErrorKind::Protocol => "protocol",
        ErrorKind::Job => "job",
        ErrorKind::Source => "source",
        _ => "other",
    }
}

/// A text from outside on one line, without anything that a terminal would obey.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_says_what_happened_and_what_to_do() {
        let sentence = Error::BlankPrompt.sentence();
        assert!(sentence.starts_with("the prompt is blank. Give it"), "{sentence}");
    }

    #[test]
    fn a_message_from_outside_stays_on_one_line_and_moves_no_cursor() {
        assert_eq!(one_line("<html>\r\n\x1b[2J  503 \t</html>\n"), "<html> [2J 503 </html>");
    }

    #[test]
    fn a_reader_who_went_away_is_no_failure() {
        let gone = Error::Stdout(io::ErrorKind::BrokenPipe.into());
        let full = Error::Stdout(io::ErrorKind::StorageFull.into());
        assert_eq!((gone.exit_code(), full.exit_code()), (0, 1));
    }
}
