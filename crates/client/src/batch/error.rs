//! What is wrong with a batch before the service has a say.

use std::error::Error as StdError;

use codec::EncodeError;

use crate::error::{Error, ErrorKind};

/// A batch that cannot be submitted, found out by the client.
///
/// It is the [source](std::error::Error::source) of an [`Error`] of the kind [`ErrorKind::Input`],
/// [`ErrorKind::Config`], [`ErrorKind::Source`] or, for [`TooManyJobs`](Self::TooManyJobs),
/// [`ErrorKind::NotAdmitted`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BatchError {
    /// A setting that every job needs was not given.
    #[error("a batch job needs {what}; give it with Batch::{setter}")]
    #[non_exhaustive]
    Unset {
        /// What is needed.
        what: &'static str,
        /// The method that sets it.
        setter: &'static str,
    },
    /// The job's name is none.
    #[error(
        "{name:?} cannot name a job: use 1 to 63 letters, digits, '-', '+' and '.', \
         and begin with a letter or a digit"
    )]
    #[non_exhaustive]
    Name {
        /// The name as given.
        name: String,
    },
    /// The role is not the ARN of a role.
    #[error("{arn:?} is not the ARN of a role, such as arn:aws:iam::123456789012:role/batch")]
    #[non_exhaustive]
    Role {
        /// The ARN as given.
        arn: String,
    },
    /// The bucket's name is none.
    #[error(
        "{bucket:?} cannot name a bucket: use 3 to 63 lower-case letters, digits, '-' and '.', \
         and begin and end with a letter or a digit"
    )]
    #[non_exhaustive]
    Bucket {
        /// The name as given.
        bucket: String,
    },
    /// The key or prefix holds what the batch API does not take, though S3 does.
    #[error(
        "{key:?} cannot be a prefix for a batch job: use letters, digits and -!_*'(). between \
         single slashes, no slash in front, and at most 1,024 characters with the bucket"
    )]
    #[non_exhaustive]
    Key {
        /// The key or prefix as given.
        key: String,
    },
    /// An address in S3 does not have the form `s3://bucket/key`.
    #[error("{uri:?} is no address in S3, which has the form s3://bucket/key")]
    #[non_exhaustive]
    Uri {
        /// The address as given.
        uri: String,
    },
    /// The time limit of the job is out of range.
    #[error("a batch job may take from 24 to 168 hours, and {hours} are asked for")]
    #[non_exhaustive]
    Hours {
        /// The hours as given.
        hours: u32,
    },
    /// The source of the records failed.
    #[error("record {record} could not be read: {source}")]
    #[non_exhaustive]
    Unread {
        /// The record that should have come, from 1.
        record: u64,
        /// The source's own error.
        source: Box<dyn StdError + Send + Sync>,
    },
    /// A record's id is empty.
    #[error("record {record} has an empty id; give it one, or none at all")]
    #[non_exhaustive]
    EmptyId {
        /// The record, from 1.
        record: u64,
    },
    /// Two records have the same id, and the results could not be told apart.
    #[error("record {record} ({id:?}) has the id of record {first}; ids must differ within a job")]
    #[non_exhaustive]
    DuplicateId {
        /// The later record, from 1.
        record: u64,
        /// The id.
        id: String,
        /// The earlier record.
        first: u64,
    },
    /// The record's request cannot be written in the model's format.
    #[error("record {record} ({id:?}): {source}")]
    #[non_exhaustive]
    Request {
        /// The record, from 1.
        record: u64,
        /// Its id.
        id: String,
        /// What stands in the way.
        source: EncodeError,
    },
    /// The record's raw body is not a JSON object.
    #[error("record {record} ({id:?}): a body is a JSON object, and this is something else")]
    #[non_exhaustive]
    NotAnObject {
        /// The record, from 1.
        record: u64,
        /// Its id.
        id: String,
    },
    /// There are fewer records than a job must have.
    #[error(
        "a batch job needs at least {min} records, and there are {records}; \
         add records, or make the calls one by one"
    )]
    #[non_exhaustive]
    TooFewRecords {
        /// How many there are.
        records: u64,
        /// How many there must be.
        min: u64,
    },
    /// There are more records than a job may have.
    #[error("record {record} is over the {max} records that a batch job may have; split the input")]
    #[non_exhaustive]
    TooManyRecords {
        /// The first record that is too many, from 1.
        record: u64,
        /// How many there may be.
        max: u64,
    },
    /// The input is larger than it may be.
    #[error(
        "with record {record} the input is over the {max} bytes that a batch job may have; \
         split the input"
    )]
    #[non_exhaustive]
    TooManyBytes {
        /// The record that is too much, from 1.
        record: u64,
        /// How many bytes there may be.
        max: u64,
    },
    /// As many jobs of this model as may be are submitted or in progress.
    #[error(
        "{running} batch jobs of {model} are submitted or in progress, and {max} may be; \
         wait for one to end, or stop one"
    )]
    #[non_exhaustive]
    TooManyJobs {
        /// How many there are.
        running: u32,
        /// How many there may be.
        max: u32,
        /// The model.
        model: String,
    },
}

impl BatchError {
    /// The record that is at fault, from 1, where it is one.
    pub fn record(&self) -> Option<u64> {
        match self {
            Self::Unread { record, .. }
            | Self::EmptyId { record }
            | Self::DuplicateId { record, .. }
            | Self::Request { record, .. }
            | Self::NotAnObject { record, .. }
            | Self::TooManyRecords { record, .. }
            | Self::TooManyBytes { record, .. } => Some(*record),
            _ => None,
        }
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::Unset { .. } => ErrorKind::Config,
            Self::Unread { .. } => ErrorKind::Source,
            Self::TooManyJobs { .. } => ErrorKind::NotAdmitted,
            _ => ErrorKind::Input,
        }
    }
}

impl From<BatchError> for Error {
    fn from(error: BatchError) -> Self {
        Self::new(error.kind(), error.to_string()).with_source(error)
    }
}

impl Error {
    /// The record of a batch that is at fault, counted from 1, where it is one.
    pub fn record(&self) -> Option<u64> {
        StdError::source(self)?.downcast_ref::<BatchError>()?.record()
    }

    /// Whether the service refused because this caller may not do that.
    pub(crate) fn is_access_denied(&self) -> bool {
        matches!(self.service_code(), Some("AccessDenied" | "AccessDeniedException"))
    }

    /// The service's name for its refusal.
    pub(crate) fn service_code(&self) -> Option<&str> {
        let error = StdError::source(self)?.downcast_ref::<transport::Error>()?;
        error.service()?.code.as_deref()
    }
}
