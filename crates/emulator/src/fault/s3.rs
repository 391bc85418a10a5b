//! Errors of S3, and how the faults of a request reach the one who finds its operation.

use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use hyper::StatusCode;
use s3s::{S3Error, S3ErrorCode};
use serde::Deserialize;

use super::effect::{Act, Stage};
use super::{Faults, Hits};

/// An error of S3.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct S3Failure {
    /// Its code, such as `SlowDown`.
    code: String,
    message: Option<String>,
    /// The status of a code that S3 does not have; 500 by default.
    status: Option<u16>,
}

#[async_trait]
impl Act for S3Failure {
    fn name(&self) -> &'static str {
        "s3_error"
    }

    fn stage(&self) -> Stage {
        Stage::InsteadByS3
    }
}

impl S3Failure {
    pub(super) fn to_error(&self) -> S3Error {
        let known = S3ErrorCode::from_bytes(self.code.as_bytes());
        let usual = known.as_ref().and_then(S3ErrorCode::status_code);
        let code = known.unwrap_or_else(|| S3ErrorCode::Custom(self.code.as_str().into()));
        let message = self.message.as_deref().unwrap_or("A scenario of the emulator says so.");
        let mut error = S3Error::with_message(code, message.to_owned());
        let stated = self.status.and_then(|status| StatusCode::from_u16(status).ok());
        let status = stated.or(usual).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        error.set_status_code(status);
        error
    }
}

/// A place among the extensions of a request for S3. What finds the operation, deep inside, leaves
/// the faults that hit it for what sends the answer.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    faults: Arc<Faults>,
    hits: Arc<Mutex<Hits>>,
}

impl Slot {
    pub(crate) fn new(faults: &Arc<Faults>) -> Self {
        Self { faults: Arc::clone(faults), hits: Arc::default() }
    }

    /// Finds the faults of a request, and the error that keeps it from being done. Where another
    /// fault answers, the error is not what arrives.
    pub(crate) fn strike(&self, operation: &str, object: &str) -> Option<S3Error> {
        let hits = self.faults.of_s3(operation, object);
        let error = hits.s3_error();
        let kept_from = hits.answer().then(|| S3Error::new(S3ErrorCode::InternalError));
        *self.hits.lock().unwrap_or_else(PoisonError::into_inner) = hits;
        error.or(kept_from)
    }

    /// The faults that were found.
    pub(crate) fn take(&self) -> Hits {
        std::mem::take(&mut *self.hits.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
