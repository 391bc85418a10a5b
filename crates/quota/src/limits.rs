//! Several limits as one: all of them admit, or nothing is taken from any.

use crate::{Bucket, Charge, Decision, Requests, Tick, Tokens};

/// The limits on one model: requests and tokens, each of them optional.
///
/// A charge is taken from all or from none. The wait of a refusal is the longest of the waits.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Bucket, Charge, Decision, Limits, Rate, Tick, Tokens};
///
/// let [rpm, tpm] = [10, 60_000].map(|n| NonZeroU64::new(n).unwrap());
/// let mut limits = Limits::unlimited()
///     .with_requests(Bucket::new(Rate::per_minute(rpm), rpm))
///     .with_tokens(Bucket::new(Rate::per_minute(tpm), tpm));
///
/// assert!(limits.take(Tick::ZERO, Charge::request(Tokens::new(60_000))).is_admitted());
/// // The tokens are gone. They come back at 1,000 a second, and no request was spent on asking.
/// let decision = limits.take(Tick::ZERO, Charge::request(Tokens::new(2_000)));
/// assert_eq!(decision, Decision::Wait { until: Tick::from_nanos(2_000_000_000) });
/// assert_eq!(limits.requests().unwrap().level(Tick::ZERO).available, 9);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl Limits {
    /// No limits: every charge is admitted.
    pub const fn unlimited() -> Self {
        Self { requests: None, tokens: None }
    }

    /// These limits, with `bucket` counting requests.
    #[must_use]
    pub fn with_requests(self, bucket: Bucket) -> Self {
        Self { requests: Some(bucket), ..self }
    }

    /// These limits, with `bucket` counting tokens.
    #[must_use]
    pub fn with_tokens(self, bucket: Bucket) -> Self {
        Self { tokens: Some(bucket), ..self }
    }

    /// The bucket that counts requests, if they are limited.
    pub const fn requests(&self) -> Option<&Bucket> {
        self.requests.as_ref()
    }

    /// The bucket that counts tokens, if they are limited.
    pub const fn tokens(&self) -> Option<&Bucket> {
        self.tokens.as_ref()
    }

    /// Takes `charge` from every limit if every limit admits it. Anything but [`Decision::Admit`]
    /// leaves all of them as they were.
    pub fn take(&mut self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let decision = self.check(now, charge);
        if decision.is_admitted() {
            self.charge(now, charge);
        }
        decision
    }

    /// What [`take`](Self::take) would say, without taking anything.
    ///
    /// In [`Decision::Never`], a part that is not in the way is left at its maximum.
    pub fn check(&self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let requests = check(self.requests.as_ref(), now, charge.requests.get())
            .map_max(|max| Charge::new(Requests::new(max), Tokens::MAX));
        let tokens = check(self.tokens.as_ref(), now, charge.tokens.get())
            .map_max(|max| Charge::new(Requests::MAX, Tokens::new(max)));
        requests.join(tokens)
    }

    /// Takes `charge` from every limit, into debt where it is not there. For settlement.
    pub fn charge(&mut self, now: Tick, charge: Charge) {
        if let Some(bucket) = &mut self.requests {
            bucket.charge(now, charge.requests.get());
        }
        if let Some(bucket) = &mut self.tokens {
            bucket.charge(now, charge.tokens.get());
        }
    }

    /// Puts back what was taken and not used, and returns what did not fit.
    ///
    /// See [`Bucket::give_back`]; where there is no limit, everything fits.
    #[must_use = "what did not fit is gone"]
    pub fn give_back(&mut self, now: Tick, charge: Charge) -> Charge {
        Charge::new(
            Requests::new(give_back(self.requests.as_mut(), now, charge.requests.get())),
            Tokens::new(give_back(self.tokens.as_mut(), now, charge.tokens.get())),
        )
    }
}

fn check(bucket: Option<&Bucket>, now: Tick, n: u64) -> Decision<()> {
    bucket.map_or(Decision::Admit(()), |bucket| bucket.check(now, n))
}

fn give_back(bucket: Option<&mut Bucket>, now: Tick, n: u64) -> u64 {
    bucket.map_or(0, |bucket| bucket.give_back(now, n))
}
