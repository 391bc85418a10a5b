//! Provisioned throughput: its paths and names.

use hyper::Method;

use super::path::decode;

/// An operation on provisioned throughputs. One is named by its name or its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ProvisionedCall {
    Create,
    Get(String),
    List,
    Update(String),
    Delete(String),
}

impl ProvisionedCall {
    /// The operation at a path, if there is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        match (method, path) {
            (&Method::POST, "/provisioned-model-throughput") => return Some(Self::Create),
            (&Method::GET, "/provisioned-model-throughputs") => return Some(Self::List),
            _ => {}
        }
        let id = decode(path.strip_prefix("/provisioned-model-throughput/")?)?;
        match *method {
            Method::GET => Some(Self::Get(id)),
            Method::PATCH => Some(Self::Update(id)),
            Method::DELETE => Some(Self::Delete(id)),
            _ => None,
        }
    }

    /// What AWS calls it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Create => "CreateProvisionedModelThroughput",
            Self::Get(_) => "GetProvisionedModelThroughput",
            Self::List => "ListProvisionedModelThroughputs",
            Self::Update(_) => "UpdateProvisionedModelThroughput",
            Self::Delete(_) => "DeleteProvisionedModelThroughput",
        }
    }
}
