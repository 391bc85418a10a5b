//! What an account may use of a model, as Service Quotas tells it.

mod codes;
mod find;
mod name;

use std::collections::HashSet;
use std::fmt;
use std::num::NonZeroU64;
use std::slice;

use codec::ModelRef;
use quota::Quotas;
use transport::{QuotaPage, ServiceQuota};

pub use self::name::{Scope, Unit};

use crate::attempt::attempt;
use crate::client::Client;
use crate::error::{Error, ErrorKind};

/// The quotas of one model, as far as Service Quotas has them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AppliedQuotas {
    /// How the model is called, which decides what counts: `us.X`, `global.X` and `X` have quotas
    /// of their own.
    pub scope: Scope,
    /// Requests per minute.
    pub requests_per_minute: Finding,
    /// Tokens per minute.
    pub tokens_per_minute: Finding,
    /// Tokens per day.
    pub tokens_per_day: Finding,
}

/// What was found for one limit.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "there is one, there are several, or there is none")]
pub enum Finding {
    /// One quota is about it.
    Found(AppliedQuota),
    /// Several may be about it. Which one is not guessed: a client has to keep to the smallest.
    Ambiguous(Vec<AppliedQuota>),
    /// None is. Newer models have no limit on requests, for example.
    Absent,
}

/// One quota, and how it was recognised.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AppliedQuota {
    /// Its code, by which more is asked for.
    pub code: String,
    /// Its name, in the words of Service Quotas.
    pub name: String,
    /// What it comes to for this model: calls across regions may have twice the value of the
    /// quota by the day.
    pub value: u64,
    /// Whether more may be asked for.
    pub is_adjustable: bool,
    /// Whether the code is known to be this model's; else the name says so.
    pub is_known_code: bool,
    /// Whether the value is what every account begins with, for want of one of the account's own.
    pub is_default: bool,
}

impl AppliedQuotas {
    /// Each limit with what was found for it.
    pub fn findings(&self) -> [(Unit, &Finding); 3] {
        [
            (Unit::RequestsPerMinute, &self.requests_per_minute),
            (Unit::TokensPerMinute, &self.tokens_per_minute),
            (Unit::TokensPerDay, &self.tokens_per_day),
        ]
    }

    /// The same for a client to keep to, by [`Finding::limit`]. What is absent is not limited.
    pub fn to_quotas(&self) -> Quotas {
        let mut quotas = Quotas::default();
        quotas.requests_per_minute = self.requests_per_minute.limit();
        quotas.tokens_per_minute = self.tokens_per_minute.limit();
        quotas.tokens_per_day = self.tokens_per_day.limit();
        quotas
    }
}

impl Finding {
    /// What a client may use whichever quota it is: the smallest of those found, `None` if there is
    /// none. A quota of 0 counts as 1, since nothing can be sent under it.
    pub fn limit(&self) -> Option<NonZeroU64> {
        let found = match self {
            Self::Found(quota) => slice::from_ref(quota),
            Self::Ambiguous(quotas) => quotas,
            Self::Absent => &[],
        };
        let least = found.iter().map(|quota| quota.value).min()?;
        Some(NonZeroU64::new(least).unwrap_or(NonZeroU64::MIN))
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Found(quota) => write!(f, "{} ({}, {})", quota.value, quota.name, quota.code),
            Self::Ambiguous(quotas) => {
                let names: Vec<_> = quotas.iter().map(|quota| quota.name.as_str()).collect();
                write!(f, "ambiguous: {}", names.join("; "))
            }
            Self::Absent => f.write_str("none"),
        }
    }
}

impl Client {
    /// Asks Service Quotas what the account may use of a model.
    ///
    /// A quota is recognised by its code where the code is known, else by its name: what it limits,
    /// by the minute or the day, in the region or across regions, and the model, of which every word
    /// and number has to agree. Where the account has no value of its own, the default counts.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`] if the client has no [`Builder::service_quotas`](crate::Builder), or
    /// what keeps the calls from being answered, such as a missing permission for
    /// `servicequotas:ListServiceQuotas`.
    pub async fn applied_quotas(&self, model: &ModelRef) -> Result<AppliedQuotas, Error> {
        let source = self.shared.service_quotas.as_ref().ok_or_else(|| {
            Error::new(
                ErrorKind::Config,
                "quotas need a transport for Service Quotas: Builder::service_quotas",
            )
        })?;
        let applied = pages(|token| attempt(self, move || source.applied(token.clone()))).await?;
        let defaults = pages(|token| attempt(self, move || source.defaults(token.clone()))).await?;
        Ok(find::find(model, &applied, &defaults))
    }
}

/// Every page of a listing.
async fn pages<F>(mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<ServiceQuota>, Error>
where
    F: Future<Output = Result<QuotaPage, Error>>,
{
    let (mut quotas, mut seen, mut token) = (Vec::new(), HashSet::new(), None);
    loop {
        let answer = page(token).await?;
        quotas.extend(answer.quotas);
        token = answer.next_token;
        match &token {
            None => return Ok(quotas),
            Some(next) if !seen.insert(next.clone()) => {
                return Err(Error::new(
                    ErrorKind::Protocol,
                    "Service Quotas gave the same page twice; the list cannot be read to its end",
                ));
            }
            Some(_) => {}
        }
    }
}
