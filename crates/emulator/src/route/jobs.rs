//! Batch inference jobs: their paths and names.

use hyper::Method;

use super::path::decode;

/// An operation on jobs. A job is named by its id or its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum JobCall {
    Create,
    Get(String),
    List,
    Stop(String),
}

impl JobCall {
    /// The operation at a path, if there is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        match (method, path) {
            (&Method::POST, "/model-invocation-job") => return Some(Self::Create),
            (&Method::GET, "/model-invocation-jobs") => return Some(Self::List),
            _ => {}
        }
        let job = path.strip_prefix("/model-invocation-job/")?;
        match (method, job.strip_suffix("/stop")) {
            (&Method::POST, Some(job)) => Some(Self::Stop(decode(job)?)),
            (&Method::GET, None) => Some(Self::Get(decode(job)?)),
            _ => None,
        }
    }

    /// What AWS calls it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Create => "CreateModelInvocationJob",
            Self::Get(_) => "GetModelInvocationJob",
            Self::List => "ListModelInvocationJobs",
            Self::Stop(_) => "StopModelInvocationJob",
        }
    }
}
