//! What comes out: a reply or an error for each record, in any order.

use alloc::collections::BTreeMap;
use alloc::string::String;
use core::{error, fmt};

use serde_json::Value;
use serde_json::value::RawValue;

use super::error::LineError;
use super::input::{MODEL_INPUT, RECORD_ID};
use super::members::Members;
use super::raw::{RawJson, sort};
use crate::fault::Fault;
use crate::json::count;

/// One line of a batch job's output.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OutputLine {
    /// The id that the input had, or that the service made up.
    pub record_id: String,
    /// The request again, where the service repeats it.
    pub model_input: Option<RawJson>,
    /// The body of the reply, or why there is none.
    pub result: Result<RawJson, RecordError>,
    /// Other members of the line.
    pub extra: BTreeMap<String, RawJson>,
}

impl OutputLine {
    /// Reads a line, with or without its line break. A result that is `null` counts as absent.
    ///
    /// # Errors
    ///
    /// A [`LineError`] if it is not a JSON object, a member occurs twice, `recordId` is missing, blank
    /// or not a string, or there is not exactly one of `modelOutput` and `error`.
    pub fn parse(line: &[u8]) -> Result<Self, LineError> {
        let mut members = Members::parse(line)?;
        let record_id = members.text(RECORD_ID)?;
        let record_id = record_id.ok_or(LineError::Missing { member: RECORD_ID })?;
        let model_input = members.take(MODEL_INPUT).map(RawJson::from);
        let mut result = |name| members.take(name).filter(|value| value.get() != "null");
        let result = match (result(MODEL_OUTPUT), result(ERROR)) {
            (Some(output), None) => Ok(output.into()),
            (None, Some(error)) => Err(RecordError::read(error)?),
            (Some(_), Some(_)) => return Err(LineError::Both { one: MODEL_OUTPUT, other: ERROR }),
            (None, None) => return Err(LineError::Neither { one: MODEL_OUTPUT, other: ERROR }),
        };
        Ok(Self { record_id, model_input, result, extra: members.rest() })
    }
}

/// Why a record has no reply.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordError {
    /// What the service calls the error.
    pub code: Option<ErrorCode>,
    /// The service's own words.
    pub message: Option<String>,
    /// Other members of the error.
    pub extra: BTreeMap<String, RawJson>,
}

impl RecordError {
    /// The error as the exception that the same request would have met on its own.
    pub fn fault(&self) -> Fault {
        let message = self.message.as_deref();
        match &self.code {
            Some(ErrorCode::Status(status)) => Fault::classify(None, *status, message),
            Some(ErrorCode::Name(name)) => Fault::classify(Some(name), 0, message),
            None => Fault::classify(None, 0, message),
        }
    }

    fn read(error: &RawValue) -> Result<Self, LineError> {
        let found = sort(error.get());
        if found != "an object" {
            return Err(LineError::Type { member: ERROR, expected: "an object", found });
        }
        let mut members = Members::parse(error.get().as_bytes())?;
        let code = members.lenient("errorCode", ErrorCode::read);
        let message = members.lenient("errorMessage", |value| value.as_str().map(Into::into));
        Ok(Self { code, message, extra: members.rest() })
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.code, &self.message) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}"),
            (Some(code), None) => code.fmt(f),
            (None, Some(message)) => f.write_str(message),
            (None, None) => f.write_str("the service gave no reason"),
        }
    }
}

impl error::Error for RecordError {}

/// What the service calls an error of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// An HTTP status, written as a number or as a text of digits.
    Status(u16),
    /// A name, such as `ThrottlingException`.
    Name(String),
}

impl ErrorCode {
    fn read(value: &Value) -> Option<Self> {
        match count(value).and_then(|status| u16::try_from(status).ok()) {
            Some(status) => Some(Self::Status(status)),
            None => value.as_str().map(|name| Self::Name(name.into())),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => status.fmt(f),
            Self::Name(name) => name.fmt(f),
        }
    }
}

const MODEL_OUTPUT: &str = "modelOutput";
const ERROR: &str = "error";
