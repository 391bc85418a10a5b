//! Service Quotas: one path, and a header that names the operation.

use hyper::Method;
use hyper::http::request::Parts;

/// An operation of Service Quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuotaCall {
    ListServices,
    /// The values that hold, and the defaults.
    List {
        defaults: bool,
    },
    Get {
        defaults: bool,
    },
    /// It is for this service, and not known here.
    Unknown,
}

impl QuotaCall {
    /// The operation of a request, if it is for this service.
    pub(super) fn of(request: &Parts) -> Option<Self> {
        let target = request.headers.get("x-amz-target")?.to_str().ok()?;
        let name = target.strip_prefix("ServiceQuotasV20190624.")?;
        if request.method != Method::POST || request.uri.path() != "/" {
            return None;
        }
        Some(match name {
            "ListServices" => Self::ListServices,
            "ListServiceQuotas" => Self::List { defaults: false },
            "ListAWSDefaultServiceQuotas" => Self::List { defaults: true },
            "GetServiceQuota" => Self::Get { defaults: false },
            "GetAWSDefaultServiceQuota" => Self::Get { defaults: true },
            _ => Self::Unknown,
        })
    }

    /// What AWS calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ListServices => "ListServices",
            Self::List { defaults: false } => "ListServiceQuotas",
            Self::List { defaults: true } => "ListAWSDefaultServiceQuotas",
            Self::Get { defaults: false } => "GetServiceQuota",
            Self::Get { defaults: true } => "GetAWSDefaultServiceQuota",
            Self::Unknown => "Unknown",
        }
    }
}
