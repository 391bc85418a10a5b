//! Servers: how a service might keep its quotas. Written apart from the algebra of the clients, so
//! that a mistake cannot cancel itself out.

mod bucket;
mod window;

use crate::time::{MINUTE, SECOND};
use crate::workload::Model;

use bucket::Bucket;
use window::Window;

/// A kind of service.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Kind {
    /// Its name in tables.
    pub name: &'static str,
    /// How quota comes back.
    pub refill: Refill,
    /// The part of each quota that other tenants of the account want, in thousandths.
    pub others: u64,
    /// The part of the calls that fail for want of capacity, in thousandths.
    pub unavailable: u64,
}

/// How quota comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a policy that knows the server knows them all")]
pub enum Refill {
    /// Continuously, up to what comes back in so many nanoseconds.
    Bucket(u64),
    /// A minute after it was taken.
    Sliding,
    /// At the next minute of the clock.
    Minute,
}

impl Kind {
    /// Every kind, the undisturbed ones first: then each again with other tenants who want 30 % of
    /// every quota, and with a shortage of capacity that 1 % of the calls meet.
    pub const ALL: [Self; 15] = [
        Self::new("bucket-1s", Refill::Bucket(SECOND)),
        Self::new("bucket-10s", Refill::Bucket(10 * SECOND)),
        Self::new("bucket-60s", Refill::Bucket(MINUTE)),
        Self::new("sliding-60s", Refill::Sliding),
        Self::new("clock-minute", Refill::Minute),
        Self::new("bucket-1s+others", Refill::Bucket(SECOND)).with_others(300),
        Self::new("bucket-10s+others", Refill::Bucket(10 * SECOND)).with_others(300),
        Self::new("bucket-60s+others", Refill::Bucket(MINUTE)).with_others(300),
        Self::new("sliding-60s+others", Refill::Sliding).with_others(300),
        Self::new("clock-minute+others", Refill::Minute).with_others(300),
        Self::new("bucket-1s+503", Refill::Bucket(SECOND)).with_unavailable(10),
        Self::new("bucket-10s+503", Refill::Bucket(10 * SECOND)).with_unavailable(10),
        Self::new("bucket-60s+503", Refill::Bucket(MINUTE)).with_unavailable(10),
        Self::new("sliding-60s+503", Refill::Sliding).with_unavailable(10),
        Self::new("clock-minute+503", Refill::Minute).with_unavailable(10),
    ];

    /// A service that nothing disturbs.
    pub const fn new(name: &'static str, refill: Refill) -> Self {
        Self { name, refill, others: 0, unavailable: 0 }
    }

    /// The same, with other tenants who want so many thousandths of each quota.
    #[must_use]
    pub const fn with_others(self, others: u64) -> Self {
        Self { others, ..self }
    }

    /// The same, with so many thousandths of the calls failing for want of capacity.
    #[must_use]
    pub const fn with_unavailable(self, unavailable: u64) -> Self {
        Self { unavailable, ..self }
    }

    /// The kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name == name)
    }

    /// Whether something else than the client's own calls decides.
    pub const fn is_disturbed(&self) -> bool {
        self.others > 0 || self.unavailable > 0
    }
}

/// A service at work.
#[derive(Debug)]
pub struct Server {
    models: Vec<Limits>,
    unavailable: u64,
}

#[derive(Debug)]
struct Limits {
    requests: Option<Meter>,
    tokens: Option<Meter>,
    daily: Option<Meter>,
    /// The requests and tokens that others have had.
    others: [u64; 2],
}

/// One limit.
#[derive(Debug)]
enum Meter {
    Bucket(Bucket),
    Window(Window),
}

/// Why a call is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "these are the ways to refuse a call")]
pub enum Refusal {
    /// Too many requests.
    Requests,
    /// Too many tokens.
    Tokens,
    /// The tokens of the day are used up.
    Daily,
    /// No capacity.
    Unavailable,
}

/// A call that was let in.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    model: usize,
    reserved: u64,
    tokens: u64,
    daily: u64,
}

impl Server {
    /// A service of this kind with the quotas of these models.
    pub fn new(kind: &Kind, models: &[Model]) -> Self {
        let meter = |per_minute: u64| {
            (per_minute > 0).then(|| match kind.refill {
                Refill::Bucket(burst) => Meter::Bucket(Bucket::new(per_minute, MINUTE, burst)),
                Refill::Sliding => Meter::Window(Window::new(per_minute, MINUTE, false)),
                Refill::Minute => Meter::Window(Window::new(per_minute, MINUTE, true)),
            })
        };
        let models = models.iter().map(|model| Limits {
            requests: meter(model.rpm),
            tokens: meter(model.tpm),
            daily: (model.tpd > 0).then(|| Meter::Window(Window::new(model.tpd, DAY, true))),
            others: [0; 2],
        });
        Self { models: models.collect(), unavailable: kind.unavailable }
    }

    /// Lets a call in that reserves so many tokens, or refuses it and takes nothing. `chance` is a
    /// number drawn for the call.
    ///
    /// # Errors
    ///
    /// Why it is refused.
    pub fn admit(
        &mut self,
        now: u64,
        model: usize,
        reserved: u64,
        chance: u64,
    ) -> Result<Held, Refusal> {
        if chance % 1_000 < self.unavailable {
            return Err(Refusal::Unavailable);
        }
        let Some(limits) = self.models.get_mut(model) else { return Err(Refusal::Unavailable) };
        let fits =
            |meter: &mut Option<Meter>, n| meter.as_mut().is_none_or(|meter| meter.fits(now, n));
        if !fits(&mut limits.requests, 1) {
            return Err(Refusal::Requests);
        }
        if !fits(&mut limits.daily, reserved) {
            return Err(Refusal::Daily);
        }
        if !fits(&mut limits.tokens, reserved) {
            return Err(Refusal::Tokens);
        }
        let take =
            |meter: &mut Option<Meter>, n| meter.as_mut().map_or(0, |meter| meter.take(now, n));
        take(&mut limits.requests, 1);
        let tokens = take(&mut limits.tokens, reserved);
        let daily = take(&mut limits.daily, reserved);
        Ok(Held { model, reserved, tokens, daily })
    }

    /// A call that was let in has cost `actual`.
    pub fn settle(&mut self, now: u64, held: Held, actual: u64) {
        let Some(limits) = self.models.get_mut(held.model) else { return };
        let meters = [(&mut limits.tokens, held.tokens), (&mut limits.daily, held.daily)];
        for (meter, entry) in meters {
            if let Some(meter) = meter {
                meter.settle(now, entry, held.reserved, actual);
            }
        }
    }

    /// The first tick at which such a call is let in, if nothing happens before; `None` if never.
    pub fn earliest(&mut self, now: u64, model: usize, reserved: u64) -> Option<u64> {
        let limits = self.models.get_mut(model)?;
        let mut latest = now;
        for (meter, n) in [
            (&mut limits.requests, 1),
            (&mut limits.tokens, reserved),
            (&mut limits.daily, reserved),
        ] {
            if let Some(meter) = meter {
                latest = latest.max(meter.earliest(now, n)?);
            }
        }
        Some(latest)
    }

    /// Others want `part` thousandths of what has come back by now. They take what is there, and
    /// want the rest later.
    pub fn others(&mut self, now: u64, models: &[Model], part: u64) {
        for (limits, model) in self.models.iter_mut().zip(models) {
            let meters = [(&mut limits.requests, model.rpm), (&mut limits.tokens, model.tpm)];
            for ((meter, quota), had) in meters.into_iter().zip(&mut limits.others) {
                let Some(meter) = meter else { continue };
                let all = u128::from(quota) * u128::from(part) * u128::from(now);
                let all = u64::try_from(all / (u128::from(MINUTE) * 1_000)).unwrap_or(u64::MAX);
                let n = all.saturating_sub(*had).min(meter.left(now));
                meter.take(now, n);
                *had += n;
            }
        }
    }
}

impl Meter {
    fn fits(&mut self, now: u64, n: u64) -> bool {
        match self {
            Self::Bucket(bucket) => bucket.fits(now, n),
            Self::Window(window) => window.fits(now, n),
        }
    }

    fn left(&mut self, now: u64) -> u64 {
        match self {
            Self::Bucket(bucket) => bucket.left(now),
            Self::Window(window) => window.left(now),
        }
    }

    /// Takes `n` and names the entry.
    fn take(&mut self, now: u64, n: u64) -> u64 {
        match self {
            Self::Bucket(bucket) => {
                bucket.take(now, n);
                0
            }
            Self::Window(window) => window.take(now, n),
        }
    }

    fn settle(&mut self, now: u64, entry: u64, reserved: u64, actual: u64) {
        match self {
            Self::Bucket(bucket) => bucket.settle(now, reserved, actual),
            Self::Window(window) => window.settle(now, entry, reserved, actual),
        }
    }

    fn earliest(&mut self, now: u64, n: u64) -> Option<u64> {
        match self {
            Self::Bucket(bucket) => bucket.earliest(now, n),
            Self::Window(window) => window.earliest(now, n),
        }
    }
}

const DAY: u64 = 24 * 60 * MINUTE;
