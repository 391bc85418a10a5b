//! Several limits as one: all of them admit, or nothing is taken from any.

use crate::{Bucket, Charge, Decision, Gauge, Requests, Tick, Tokens};

/// The limits on one thing, such as a model or a tenant, each of them optional.
///
/// A charge is taken from all or from none. The wait of a refusal is the longest of the waits.
/// Limits that several things share are joined in a [`Tree`](crate::Tree).
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
    /// In the order of [`Kind::BUCKETS`].
    buckets: [Option<Bucket>; 5],
    concurrent: Option<Gauge>,
}

impl Limits {
    /// No limits: every charge is admitted.
    pub const fn unlimited() -> Self {
        Self { buckets: [const { None }; 5], concurrent: None }
    }

    /// These limits, with `bucket` counting requests.
    #[must_use]
    pub fn with_requests(self, bucket: Bucket) -> Self {
        self.with(Kind::Requests, bucket)
    }

    /// These limits, with `bucket` counting tokens.
    #[must_use]
    pub fn with_tokens(self, bucket: Bucket) -> Self {
        self.with(Kind::Tokens, bucket)
    }

    /// These limits, with `bucket` counting input tokens, where the service counts them apart.
    #[must_use]
    pub fn with_input(self, bucket: Bucket) -> Self {
        self.with(Kind::Input, bucket)
    }

    /// These limits, with `bucket` counting output tokens, where the service counts them apart.
    #[must_use]
    pub fn with_output(self, bucket: Bucket) -> Self {
        self.with(Kind::Output, bucket)
    }

    /// These limits, with `bucket` counting the same tokens as [`with_tokens`](Self::with_tokens),
    /// by the day.
    #[must_use]
    pub fn with_daily_tokens(self, bucket: Bucket) -> Self {
        self.with(Kind::DailyTokens, bucket)
    }

    /// These limits, with `gauge` counting the requests in flight.
    #[must_use]
    pub fn with_concurrent(self, gauge: Gauge) -> Self {
        Self { concurrent: Some(gauge), ..self }
    }

    pub(crate) fn with(mut self, kind: Kind, bucket: Bucket) -> Self {
        for (place, held) in Kind::BUCKETS.into_iter().zip(&mut self.buckets) {
            if place == kind {
                *held = Some(bucket.clone());
            }
        }
        self
    }

    /// The buckets of these kinds alone.
    pub(crate) fn only(&self, kinds: &[Kind]) -> Self {
        let buckets = self.buckets().filter(|(kind, _)| kinds.contains(kind));
        buckets.fold(Self::unlimited(), |all, (kind, bucket)| all.with(kind, bucket.clone()))
    }

    /// The bucket that counts requests, if they are limited.
    pub const fn requests(&self) -> Option<&Bucket> {
        let [requests, ..] = &self.buckets;
        requests.as_ref()
    }

    /// The bucket that counts tokens, if they are limited.
    pub const fn tokens(&self) -> Option<&Bucket> {
        let [_, tokens, ..] = &self.buckets;
        tokens.as_ref()
    }

    /// The bucket that counts so, if there is one.
    pub fn bucket(&self, kind: Kind) -> Option<&Bucket> {
        self.buckets().find(|(other, _)| *other == kind).map(|(_, bucket)| bucket)
    }

    /// The same, to [change its rate](Bucket::set_rate).
    pub fn bucket_mut(&mut self, kind: Kind) -> Option<&mut Bucket> {
        self.buckets_mut().find(|(other, _)| *other == kind).map(|(_, bucket)| bucket)
    }

    /// Every bucket that there is, with what it counts.
    #[inline]
    pub fn buckets(&self) -> impl Iterator<Item = (Kind, &Bucket)> {
        let buckets = Kind::BUCKETS.into_iter().zip(&self.buckets);
        buckets.filter_map(|(kind, bucket)| bucket.as_ref().map(|bucket| (kind, bucket)))
    }

    /// The gauge that counts the requests in flight, if they are limited.
    pub const fn concurrent(&self) -> Option<&Gauge> {
        self.concurrent.as_ref()
    }

    /// Takes `charge` from every limit if every limit admits it. Anything but [`Decision::Admit`]
    /// leaves all of them as they were.
    ///
    /// The requests are in flight from then on, until they [`leave`](Self::leave).
    #[inline]
    pub fn take(&mut self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let Some(missing) = self.without(now, charge) else { return self.refusal(now, charge) };
        if charge != Charge::ZERO {
            for (bucket, missing) in self.buckets.iter_mut().zip(missing) {
                if let Some(bucket) = bucket {
                    bucket.change(now, missing);
                }
            }
            self.enter(charge.requests);
        }
        Decision::Admit(())
    }

    /// What [`take`](Self::take) would say, without taking anything.
    ///
    /// In [`Decision::Never`], a part that is not in the way is left at its maximum.
    #[inline]
    pub fn check(&self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        match self.without(now, charge) {
            Some(_) => Decision::Admit(()),
            None => self.refusal(now, charge),
        }
    }

    /// The parts missing from each bucket once `charge` is taken, if all limits admit it: then there
    /// is nothing to join.
    #[inline]
    fn without(&self, now: Tick, charge: Charge) -> Option<[u128; 5]> {
        let mut missing = [0; 5];
        let parts = Kind::BUCKETS.map(|kind| kind.part(charge));
        for ((bucket, n), missing) in self.buckets.iter().zip(parts).zip(&mut missing) {
            if let Some(bucket) = bucket {
                *missing = bucket.without(now, n)?;
            }
        }
        let has_room = |gauge: &Gauge| gauge.check(charge.requests.get()).is_admitted();
        self.concurrent.as_ref().is_none_or(has_room).then_some(missing)
    }

    #[cold]
    fn refusal(&self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        joined(self.answers(now, charge))
    }

    /// What each limit alone says to its part of `charge`: this tells which of them binds.
    #[inline]
    pub fn answers(&self, now: Tick, charge: Charge) -> impl Iterator<Item = (Kind, Decision<()>)> {
        let gauge = self.concurrent.as_ref();
        self.buckets()
            .map(move |(kind, bucket)| (kind, bucket.check(now, kind.part(charge))))
            .chain(gauge.map(|gauge| (Kind::Concurrent, gauge.check(charge.requests.get()))))
    }

    /// Takes `charge` from every bucket, into debt where it is not there. For settlement. A charge
    /// of nothing changes nothing.
    #[inline]
    pub fn charge(&mut self, now: Tick, charge: Charge) {
        if charge == Charge::ZERO {
            return;
        }
        for (kind, bucket) in self.buckets_mut() {
            bucket.charge(now, kind.part(charge));
        }
    }

    /// Puts back what was taken from the buckets and not used, and returns what did not fit.
    ///
    /// See [`Bucket::give_back`]. Where two buckets count the same, what did not fit is the larger
    /// of the two numbers; where there is none, everything fits.
    #[inline]
    #[must_use = "what did not fit is gone"]
    pub fn give_back(&mut self, now: Tick, charge: Charge) -> Charge {
        let mut clipped = Charge::ZERO;
        if charge == Charge::ZERO {
            return clipped;
        }
        for (kind, bucket) in self.buckets_mut() {
            let lost = bucket.give_back(now, kind.part(charge));
            if lost > 0 {
                clipped = clipped.max(kind.only(lost));
            }
        }
        clipped
    }

    /// These requests are in flight, whether there is room for them or not.
    pub const fn enter(&mut self, requests: Requests) {
        if let Some(gauge) = &mut self.concurrent {
            gauge.force(requests.get());
        }
    }

    /// These requests are no longer in flight.
    pub const fn leave(&mut self, requests: Requests) {
        if let Some(gauge) = &mut self.concurrent {
            gauge.leave(requests.get());
        }
    }

    #[inline]
    fn buckets_mut(&mut self) -> impl Iterator<Item = (Kind, &mut Bucket)> {
        let buckets = Kind::BUCKETS.into_iter().zip(&mut self.buckets);
        buckets.filter_map(|(kind, bucket)| bucket.as_mut().map(|bucket| (kind, bucket)))
    }
}

/// What limits say together, each to its own part.
#[inline]
pub(crate) fn joined(answers: impl Iterator<Item = (Kind, Decision<()>)>) -> Decision<(), Charge> {
    // Most of the time there is little to join.
    answers
        .filter(|(_, one)| !one.is_admitted())
        .fold(Decision::Admit(()), |all, (kind, one)| all.join(one.map_max(|n| kind.bound(n))))
}

/// What a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// Requests begun, usually by the minute.
    Requests,
    /// Tokens, usually by the minute.
    Tokens,
    /// Input tokens, where they are counted apart.
    Input,
    /// Output tokens, where they are counted apart.
    Output,
    /// Tokens by the day.
    DailyTokens,
    /// Requests in flight.
    Concurrent,
}

impl Kind {
    /// Those that are stated by the minute.
    pub(crate) const BY_MINUTE: [Self; 4] =
        [Self::Requests, Self::Tokens, Self::Input, Self::Output];

    pub(crate) const BUCKETS: [Self; 5] =
        [Self::Requests, Self::Tokens, Self::Input, Self::Output, Self::DailyTokens];

    /// The part of a charge that such a limit counts.
    #[inline]
    pub const fn part(self, charge: Charge) -> u64 {
        match self {
            Self::Requests | Self::Concurrent => charge.requests.get(),
            Self::Tokens | Self::DailyTokens => charge.tokens.get(),
            Self::Input => charge.input.get(),
            Self::Output => charge.output.get(),
        }
    }

    /// A charge of `n` in this part and nothing else.
    const fn only(self, n: u64) -> Charge {
        self.put(Charge::ZERO, n)
    }

    /// The bound `n` on this part and none on the others.
    pub(crate) const fn bound(self, n: u64) -> Charge {
        self.put(Charge::MAX, n)
    }

    const fn put(self, mut charge: Charge, n: u64) -> Charge {
        match self {
            Self::Requests | Self::Concurrent => charge.requests = Requests::new(n),
            Self::Tokens | Self::DailyTokens => charge.tokens = Tokens::new(n),
            Self::Input => charge.input = Tokens::new(n),
            Self::Output => charge.output = Tokens::new(n),
        }
        charge
    }
}
