//! Service Quotas, where an account finds what it may use of Bedrock.

use std::fmt::Debug;

use async_trait::async_trait;

use crate::Error;

/// Reads the quotas of Bedrock.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait ServiceQuotas: Debug + Send + Sync {
    /// One page of the quotas that apply to the account in its region. A quota that was never
    /// changed may be left out.
    ///
    /// # Errors
    ///
    /// The service's refusal, or what kept the call from it.
    async fn applied(&self, next_token: Option<String>) -> Result<QuotaPage, Error>;

    /// One page of the quotas that every account begins with.
    ///
    /// # Errors
    ///
    /// As [`applied`](Self::applied).
    async fn defaults(&self, next_token: Option<String>) -> Result<QuotaPage, Error>;
}

/// One quota, as the service describes it.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ServiceQuota {
    /// Its code, such as `L-F4DDD3EB`.
    pub code: String,
    /// Its name, which says in words what it limits and for which model.
    pub name: String,
    /// How much it allows.
    pub value: f64,
    /// Whether more may be asked for.
    pub is_adjustable: bool,
}

/// One page of a listing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct QuotaPage {
    /// The quotas.
    pub quotas: Vec<ServiceQuota>,
    /// How to ask for the next page, if there is one.
    pub next_token: Option<String>,
}
