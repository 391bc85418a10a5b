//! The quotas that a running emulator enforces, as code or as a file gives them.

mod scope;

use std::collections::{BTreeMap, HashMap};
use std::str::FromStr;
use std::time::Duration;

use serde::Deserialize;

pub(crate) use self::scope::Scope;
use crate::models::Model;
use crate::settings::BatchLimits;

/// All quotas of an emulator: those of its models, how they come back, and those of batch jobs.
///
/// ```
/// use outcrop_emulator::Quotas;
///
/// let quotas = Quotas::from_toml(
///     r#"
///     refill = "bucket:1"
///
///     [default]
///     requests_per_minute = 3000
///     tokens_per_minute = 600000
///
///     [models."global.anthropic.claude-sonnet-4-6"]
///     tokens_per_day = 1000000
///
///     [batch]
///     min_records = 10
///     "#,
/// )?;
/// assert_eq!(quotas.default.requests_per_minute, Some(3000));
/// # Ok::<(), outcrop_emulator::QuotasError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written with `..Quotas::default()`")]
pub struct Quotas {
    /// The limits of each model, in each of its scopes apart.
    pub default: Limits,
    /// Limits of single models, which go before the default one by one. The key is a model id:
    /// as it is called, for the one scope, or without its region prefix, for all of them. All
    /// geographies are one scope, so that keys of two of them have to say the same. The ARN of a
    /// profile is as good as its id; any other stands for itself.
    pub models: HashMap<String, Limits>,
    /// How used quota comes back.
    pub refill: Refill,
    /// Whether a streamed call is throttled by an exception inside the stream, after status 200.
    /// By default it is throttled by status 429, as every other.
    pub in_stream: bool,
    /// The model units of all provisioned throughputs together. `None`, the default, is no limit.
    pub model_units: Option<u64>,
    /// The quotas of batch jobs.
    pub batch: BatchLimits,
}

/// Limits on the calls of one model in one scope. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(clippy::exhaustive_structs, reason = "written with `..Limits::default()`")]
pub struct Limits {
    /// Calls a minute.
    pub requests_per_minute: Option<u64>,
    /// Tokens a minute, counted as Bedrock does: input and `max_tokens` are held when a call
    /// starts, and settled to input and output, times the burndown rate, when it ends.
    pub tokens_per_minute: Option<u64>,
    /// Tokens a day, counted in the same way.
    pub tokens_per_day: Option<u64>,
    /// Calls at a time.
    pub concurrent_requests: Option<u64>,
}

/// How used quota comes back. What the service does is not known, so that each is worth a test.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum Refill {
    /// A bucket that fills all the time, and holds what comes in this time; at least one request.
    /// A call of more tokens than the bucket holds is admitted when it is full, unless it is of
    /// more than the quota of a whole minute. The bucket of a limit per day holds a whole day's.
    Bucket(Duration),
    /// A charge counts for a minute, or a day, from its call on.
    #[default]
    Sliding,
    /// Everything comes back with the next minute of the clock, or the next day of UTC.
    Minute,
}

/// Why quotas could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum QuotasError {
    /// The text is not TOML, or has other members than [`Quotas`] has.
    #[error("cannot read the limits: {0}")]
    Toml(String),
    /// The refill is none of those there are.
    #[error(
        "there is no refill {0:?}: write sliding, minute, or bucket:SECONDS with more than 0 \
         seconds and at most 86400"
    )]
    Refill(String),
    /// Limits for a model that does not exist.
    #[error(
        "there is no model {0:?} to limit: name it by its id, as it is called for one scope, or \
         without its region prefix for all"
    )]
    Model(String),
    /// Two keys for the same quota with other limits.
    #[error(
        "the limits of {first:?} and {second:?} differ, and both are one quota: all geographies of \
         a model share it; give them the same limits, or only one of them any"
    )]
    Differ {
        /// One of the keys.
        first: String,
        /// The other.
        second: String,
    },
}

impl Quotas {
    /// Reads the form of a limits file.
    ///
    /// # Errors
    /// [`QuotasError`] says what is wrong, and where.
    pub fn from_toml(text: &str) -> Result<Self, QuotasError> {
        let quotas: Self =
            toml::from_str(text).map_err(|error| QuotasError::Toml(error.to_string()))?;
        quotas.check()?;
        Ok(quotas)
    }

    /// Checks that the models exist, and that no two limits are of one quota.
    pub(crate) fn check(&self) -> Result<(), QuotasError> {
        let models: BTreeMap<_, _> = self.models.iter().collect();
        let mut seen = HashMap::new();
        for (key, limits) in models {
            if Model::find(key).is_err() {
                return Err(QuotasError::Model(key.clone()));
            }
            let other = seen.insert(Scope::account(key), (key, limits));
            if let Some((first, _)) = other.filter(|(_, other)| *other != limits) {
                return Err(QuotasError::Differ { first: first.clone(), second: key.clone() });
            }
        }
        Ok(())
    }

    /// The limits of the account of a model in a scope.
    pub(crate) fn of(&self, scope: Scope, name: &str) -> Limits {
        let given = |scope| {
            let is_it = |key: &str| {
                let account = Scope::account(key);
                (account.0, account.1.as_str()) == (scope, name)
            };
            let found = self.models.iter().find(|(key, _)| is_it(key));
            found.map(|(_, limits)| *limits).unwrap_or_default()
        };
        // The key without a region prefix is for every scope.
        given(scope).or(given(Scope::OnDemand)).or(self.default)
    }

    /// The limits of calls to `address`.
    pub(crate) fn of_calls_to(&self, address: &str) -> Limits {
        let (scope, name) = Scope::account(address);
        self.of(scope, &name)
    }
}

impl Limits {
    /// These, and where there is none the other.
    fn or(self, other: Self) -> Self {
        Self {
            requests_per_minute: self.requests_per_minute.or(other.requests_per_minute),
            tokens_per_minute: self.tokens_per_minute.or(other.tokens_per_minute),
            tokens_per_day: self.tokens_per_day.or(other.tokens_per_day),
            concurrent_requests: self.concurrent_requests.or(other.concurrent_requests),
        }
    }
}

impl FromStr for Refill {
    type Err = QuotasError;

    fn from_str(text: &str) -> Result<Self, QuotasError> {
        let bucket = |seconds: &str| {
            let burst = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
            (!burst.is_zero() && burst <= DAY).then_some(Self::Bucket(burst))
        };
        match text.split_once(':') {
            None if text == "sliding" => Some(Self::Sliding),
            None if text == "minute" => Some(Self::Minute),
            Some(("bucket", seconds)) => bucket(seconds),
            _ => None,
        }
        .ok_or_else(|| QuotasError::Refill(text.into()))
    }
}

impl TryFrom<String> for Refill {
    type Error = QuotasError;

    fn try_from(text: String) -> Result<Self, QuotasError> {
        text.parse()
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_s_own_limits_go_before_its_name_s_and_the_default() {
        let quotas = Quotas::from_toml(
            "[default]\nrequests_per_minute = 1\ntokens_per_minute = 2\ntokens_per_day = 3\n\
             [models.\"amazon.nova-pro-v1:0\"]\ntokens_per_minute = 20\ntokens_per_day = 30\n\
             [models.\"us.amazon.nova-pro-v1:0\"]\ntokens_per_day = 300\n",
        )
        .unwrap();
        let of = |address| {
            let limits = quotas.of_calls_to(address);
            [limits.requests_per_minute, limits.tokens_per_minute, limits.tokens_per_day]
        };
        assert_eq!(of("us.amazon.nova-pro-v1:0"), [Some(1), Some(20), Some(300)]);
        // All geographies share one quota, however they are named.
        assert_eq!(of("eu.amazon.nova-pro-v1:0"), [Some(1), Some(20), Some(300)]);
        let arn =
            "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-pro-v1:0";
        assert_eq!(of(arn), [Some(1), Some(20), Some(300)]);
        assert_eq!(of("global.amazon.nova-pro-v1:0"), [Some(1), Some(20), Some(30)]);
        assert_eq!(of("amazon.nova-pro-v1:0"), [Some(1), Some(20), Some(30)]);
        let custom = "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-pro-v1:0/abc";
        assert_eq!(quotas.of_calls_to(custom), quotas.default);
    }

    #[test]
    fn limits_of_no_model_are_refused_by_its_name() {
        for key in ["no.such-model", "us.amazon.nova-light-v1:0", "nova", ""] {
            let text = format!("[models.{key:?}]\nrequests_per_minute = 1");
            assert_eq!(Quotas::from_toml(&text), Err(QuotasError::Model(key.into())));
        }
    }

    #[test]
    fn two_limits_of_one_quota_have_to_be_the_same() {
        let both = |other: &str, limit: u64| {
            Quotas::from_toml(&format!(
                "[models.\"eu.amazon.nova-pro-v1:0\"]\nrequests_per_minute = 1\n\
                 [models.\"{other}\"]\nrequests_per_minute = {limit}"
            ))
        };
        let (first, second) = ("eu.amazon.nova-pro-v1:0", "us.amazon.nova-pro-v1:0");
        let differ = QuotasError::Differ { first: first.into(), second: second.into() };
        assert_eq!(both(second, 2), Err(differ));
        assert!(both(second, 1).is_ok());
        assert!(both("global.amazon.nova-pro-v1:0", 2).is_ok());
    }

    #[test]
    fn refills_are_read_and_others_are_refused() {
        assert_eq!("sliding".parse(), Ok(Refill::Sliding));
        assert_eq!("minute".parse(), Ok(Refill::Minute));
        assert_eq!("bucket:0.5".parse(), Ok(Refill::Bucket(Duration::from_millis(500))));
        for text in ["", "bucket", "bucket:", "bucket:0", "bucket:-1", "bucket:1e9", "hour"] {
            assert_eq!(text.parse::<Refill>(), Err(QuotasError::Refill(text.into())));
        }
    }

    #[test]
    fn what_a_file_cannot_say_is_refused_by_name() {
        for (text, expected) in [
            ("[default]\nrpm = 1", "rpm"),
            ("refill = \"hour\"", "no refill \"hour\""),
            ("[batch]\nmin_record = 1", "min_record"),
            ("[default]\ntokens_per_day = -1", "tokens_per_day"),
            ("[", "line 1"),
        ] {
            let error = Quotas::from_toml(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert_eq!(Quotas::from_toml(""), Ok(Quotas::default()));
    }
}
