//! The counts of a whole job.

use alloc::string::ToString;

use serde_json::Value;

use super::error::LineError;
use super::raw::sort;
use crate::Map;
use crate::json::Object;

/// What `manifest.json.out` says of a job.
///
/// Nothing in it is certain to be there: jobs were seen to leave out the tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// Records in the input.
    pub total_records: Option<u64>,
    /// Records that were tried.
    pub processed_records: Option<u64>,
    /// Records with a reply.
    pub succeeded_records: Option<u64>,
    /// Records with an error.
    pub failed_records: Option<u64>,
    /// Tokens of all requests.
    pub input_tokens: Option<u64>,
    /// Tokens of all replies.
    pub output_tokens: Option<u64>,
    /// Everything else, counts included that are not whole numbers.
    pub extra: Map,
}

impl Manifest {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// [`LineError::Syntax`] if it is not JSON, and [`LineError::NotObject`] if it is not an object.
    pub fn parse(file: &[u8]) -> Result<Self, LineError> {
        let mut members = match serde_json::from_slice(file)? {
            Value::Object(members) => Object::from(members),
            other => return Err(LineError::NotObject { found: sort(&other.to_string()) }),
        };
        Ok(Self {
            total_records: members.lenient_count("totalRecordCount"),
            processed_records: members.lenient_count("processedRecordCount"),
            succeeded_records: members.lenient_count("successRecordCount"),
            failed_records: members.lenient_count("errorRecordCount"),
            input_tokens: members.lenient_count("inputTokenCount"),
            output_tokens: members.lenient_count("outputTokenCount"),
            extra: members.rest(),
        })
    }
}
