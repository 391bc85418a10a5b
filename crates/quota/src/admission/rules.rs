//! The limits of one model under a policy: what is stated, how it is kept, what throttles taught.

use alloc::vec::Vec;
use core::num::NonZeroU64;

use crate::limits::joined;
use crate::{
    Adapt, Bucket, Cause, Charge, DailyReset, Decision, Gauge, Kind, Limit, Limits, Meet, Paced,
    Policy, Quotas, Rate, Requests, ServerModel, Span, Tick, Verdict, Window,
};

use super::spacing::{Spaced, Spacing};
use super::trial::Trial;

/// Limits that a ledger can keep its books over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rules {
    buckets: Paced,
    windows: Vec<(Kind, Window)>,
    /// For a service that is unknown.
    spacing: Option<Spacing>,
    /// For windows by the minute that are a guess.
    trial: Option<Trial>,
    daily_reset: DailyReset,
    stated: ByMinute<Rate>,
    adapt: Adapt,
    /// When the rates take their next step; `None` once they are as high as they get.
    step: Option<Tick>,
}

/// What a call is to tell when it ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    /// Whether the windows would have refused it.
    in_excess: bool,
    /// For a service that is unknown.
    spaced: Option<Spaced>,
}

impl Sent {
    /// Whether it puts something aside to see if the service bears it.
    pub(super) fn is_try(&self) -> bool {
        self.in_excess || self.is_far()
    }

    fn is_far(&self) -> bool {
        self.spaced.as_ref().is_some_and(Spaced::is_try)
    }
}

/// In the order of [`Kind::BY_MINUTE`].
type ByMinute<T> = [Option<T>; 4];

impl Rules {
    /// These quotas, with nothing taken.
    pub(super) fn new(now: Tick, quotas: &Quotas) -> Self {
        let by_minute = [
            quotas.requests_per_minute,
            quotas.tokens_per_minute,
            quotas.input_tokens_per_minute,
            quotas.output_tokens_per_minute,
        ];
        let mut limits = Limits::unlimited();
        let mut windows = Vec::new();
        let mut most = Charge::MAX;
        for (kind, stated) in Kind::BY_MINUTE.into_iter().zip(by_minute) {
            let Some(stated) = stated else { continue };
            let rate = Rate::per_minute(stated);
            match quotas.server {
                ServerModel::Unknown => {
                    limits = limits.with(kind, Bucket::new(rate, worth(rate, SPACING)));
                    windows.push((kind, Window::sliding(stated, Span::MINUTE)));
                }
                ServerModel::Bucket { burst } => {
                    let full = worth(rate, Span::from_duration(burst));
                    limits = limits.with(kind, Bucket::new(rate, less_slack(rate, full)));
                    most = most.meet(kind.bound(full.get()));
                }
                ServerModel::Sliding => {
                    let span = Span::MINUTE.saturating_add(SLACK);
                    windows.push((kind, Window::sliding(stated, span)));
                }
                ServerModel::ClockMinute => {
                    windows.push((kind, Window::aligned(stated, Span::MINUTE)));
                }
            }
        }
        if let Some(n) = quotas.tokens_per_day {
            let window = match quotas.daily_reset {
                DailyReset::Rolling => Window::sliding(n, Span::DAY).with_grain(Span::MINUTE),
                DailyReset::Midnight => Window::aligned(n, Span::DAY),
            };
            windows.push((Kind::DailyTokens, window));
        }
        if let Some(n) = quotas.concurrent {
            limits = limits.with_concurrent(Gauge::new(n));
        }
        let buckets = Paced::new(limits).with_most(most);
        let is_unknown = quotas.server == ServerModel::Unknown;
        let trial = is_unknown.then(|| Trial::new(now));
        let spacing = is_unknown.then(|| Spacing::new(now, buckets.limits()));
        let stated = by_minute.map(|n| n.map(Rate::per_minute));
        let [start, ceiling] = if is_unknown { CAREFUL } else { [MILLION; 2] };
        let policy = policy(quotas.quota_use.unwrap_or(start), quotas.quota_use.unwrap_or(ceiling));
        let adapt = Adapt::new(now, policy);
        let daily_reset = quotas.daily_reset;
        let step = Some(now);
        Self { buckets, windows, spacing, trial, daily_reset, stated, adapt, step }.scaled(now)
    }

    /// Exactly these limits.
    pub(super) fn over(now: Tick, limits: Limits) -> Self {
        let bucket = |kind| limits.bucket(kind);
        let stated = Kind::BY_MINUTE.map(|kind| bucket(kind).map(Bucket::rate));
        let most =
            Kind::BY_MINUTE.into_iter().filter_map(|kind| Some((kind, bucket(kind)?.burst())));
        let most = most.fold(Charge::MAX, |most, (kind, n)| most.meet(kind.bound(n.get())));
        let adapt = Adapt::new(now, policy(MILLION, MILLION));
        let buckets = Paced::new(limits).with_most(most);
        Self {
            buckets,
            windows: Vec::new(),
            spacing: None,
            trial: None,
            daily_reset: DailyReset::default(),
            stated,
            adapt,
            step: None,
        }
    }

    pub(super) const fn adapt(&self) -> &Adapt {
        &self.adapt
    }

    pub(super) fn is_on_trial(&self) -> bool {
        self.trial.as_ref().is_some_and(Trial::is_on)
    }

    /// Lets the rates follow what was learned, second by second, so that it makes no difference how
    /// often anybody asks.
    pub(super) fn advance(&mut self, now: Tick) {
        while let Some(step) = self.step
            && step <= now
        {
            self.scale(step);
        }
    }

    /// What is to be known of a call of `charge` when it has ended, if it goes now.
    pub(super) fn sent(&self, now: Tick, charge: Charge) -> Sent {
        let spaced = self.spacing.as_ref().map(|spacing| {
            let is_ahead = !self.buckets.check(now, (), charge).is_admitted();
            spacing.spaced(charge, self.far(now, charge), is_ahead)
        });
        let has_room = |(kind, window): (Kind, &Window)| {
            !is_tried(kind) || window.has_room(now, kind.part(charge))
        };
        let in_excess = self.trial.is_some() && !self.windows().all(has_room);
        Sent { in_excess, spaced }
    }

    /// A call goes.
    pub(super) fn admitted(&mut self, now: Tick, sent: &Sent) {
        self.adapt.called(now);
        if let Some((spacing, call)) = self.spaced(sent) {
            spacing.begin(now, call);
        }
        if let Some(trial) = self.trial.as_mut().filter(|_| sent.in_excess) {
            trial.begin();
        }
    }

    /// A call has ended, and has cost this, or nothing if it was not let in.
    pub(super) fn ended(&mut self, now: Tick, sent: &Sent, actual: Charge) {
        if let Some((spacing, call)) = self.spaced(sent) {
            spacing.end(now, call, actual);
        }
    }

    /// A call that the service let in has cost this.
    pub(super) fn settled(&mut self, sent: &Sent, actual: Charge) {
        if let Some((spacing, call)) = self.spaced(sent) {
            spacing.learn(call, actual);
        }
    }

    /// The service throttled a call.
    pub(super) fn throttled(&mut self, now: Tick, cause: Cause, sent: &Sent) -> Verdict {
        let used = self.used(now, cause);
        let is_of_tokens = matches!(cause, Cause::TokenRate | Cause::Unknown);
        let is_by_the_minute = cause.is_by_the_minute();
        if let Some(trial) = self.trial.as_mut().filter(|_| sent.in_excess && is_by_the_minute) {
            trial.fail(now);
        }
        if let Some((spacing, call)) = self.spaced(sent).filter(|_| is_of_tokens) {
            spacing.fail(now, call);
        }
        if sent.in_excess && is_by_the_minute || sent.is_far() && is_of_tokens {
            // What was put aside was right, and the rate need not fall for it.
            self.adapt.count(cause);
            return Verdict::Tried;
        }
        if cause == Cause::Daily && self.daily_reset == DailyReset::Midnight {
            let day = Span::DAY.as_nanos();
            let midnight = now.as_nanos().saturating_add(1).checked_next_multiple_of(day);
            self.adapt.set_daily_reset(midnight.map_or(Tick::MAX, Tick::from_nanos));
        }
        let verdict = self.adapt.throttled(now, cause, used);
        self.scale(now);
        verdict
    }

    /// Empties what a throttle of this cause is about.
    pub(super) fn empty(&mut self, now: Tick, cause: Cause) {
        for kind in Kind::BY_MINUTE.into_iter().filter(|kind| cause.concerns(*kind)) {
            let spaced = self.spacing.as_mut().and_then(|spacing| spacing.bucket_mut(kind));
            for bucket in self.buckets.bucket_mut(kind).into_iter().chain(spaced) {
                bucket.empty(now);
            }
        }
    }

    /// What is left of a limit.
    pub(super) fn left(&self, now: Tick, kind: Kind) -> Option<u64> {
        let limits = self.buckets.limits();
        let gauge = || limits.concurrent().filter(|_| kind == Kind::Concurrent);
        let window = self.windows().find(|(other, _)| *other == kind);
        window
            .map(|(_, window)| window.left(now))
            .or_else(|| self.buckets.left(now, kind))
            .or_else(|| gauge().map(|gauge| gauge.max().get().saturating_sub(gauge.inside())))
    }

    /// The limit that keeps `charge` waiting for longest, if one does.
    pub(super) fn binds(&self, now: Tick, charge: Charge) -> Option<Kind> {
        let answers = self.paces(now, charge).chain(self.in_windows(now, charge));
        let waits = answers.filter_map(|(kind, one)| match one {
            Decision::Wait { until } => Some((until, kind)),
            _ => None,
        });
        waits.max_by_key(|(until, _)| *until).map(|(_, kind)| kind)
    }

    /// The first tick at which a call of `own` could go if those `ahead` of it go first and all that
    /// is `held` came back at once: it cannot be earlier.
    pub(super) fn earliest(&self, now: Tick, ahead: Charge, own: Charge, held: Charge) -> Tick {
        let spacing = self.spacing.as_ref();
        let [ahead, own] =
            [ahead, own].map(|charge| spacing.map_or(charge, |spacing| spacing.expected(charge)));
        let ticks = self.buckets.limits().buckets().map(|(kind, bucket)| {
            let bucket = spacing.and_then(|spacing| spacing.bucket(kind)).unwrap_or(bucket);
            let here = bucket.level(now).available.saturating_add(kind.part(held));
            let own = kind.part(own).min(bucket.burst().get());
            let missing = kind.part(ahead).saturating_add(own).saturating_sub(here);
            let fastest = self.stated(kind).unwrap_or_else(|| bucket.rate());
            now.after(fastest.part(self.adapt.ceiling()).time_for(missing))
        });
        ticks.max().unwrap_or(now)
    }

    /// What each bucket and the gauge say: where a call reserves more than it will cost, the pace of
    /// its reservation gives way to the pace of its cost as far as the reach allows.
    fn paces(&self, now: Tick, charge: Charge) -> impl Iterator<Item = (Kind, Decision<()>)> {
        let answers = self.buckets.answers(now, charge).map(move |(kind, answer)| {
            let mut reserved = self.reserved().filter(|(other, ..)| *other == kind);
            let reaches = reserved.next().map(|(_, stated, bucket, spacing)| {
                spacing.reaches(now, stated, bucket, kind.part(charge))
            });
            (kind, reaches.map_or(answer, |reaches| answer.or(reaches)))
        });
        let spacing = self.spacing.iter();
        answers.chain(spacing.flat_map(move |spacing| spacing.answers(now, charge)))
    }

    /// How far below full a call takes the buckets of what calls reserve, in time of refill.
    fn far(&self, now: Tick, charge: Charge) -> Span {
        let far = self.reserved().map(|(kind, stated, bucket, _)| {
            stated.time_for(bucket.missing(now).saturating_add(kind.part(charge)))
        });
        far.max().unwrap_or(Span::ZERO)
    }

    /// The buckets of what calls reserve and may not use, if there is a spacing beside them.
    fn reserved(&self) -> impl Iterator<Item = (Kind, Rate, &Bucket, &Spacing)> {
        let kinds = Kind::BY_MINUTE.into_iter().zip(self.stated);
        kinds.filter(|(kind, _)| Spacing::KINDS.contains(kind)).filter_map(|(kind, stated)| {
            Some((kind, stated?, self.buckets.limits().bucket(kind)?, self.spacing.as_ref()?))
        })
    }

    /// The spacing, and what it knows of a call.
    fn spaced<'a>(&mut self, sent: &'a Sent) -> Option<(&mut Spacing, &'a Spaced)> {
        self.spacing.as_mut().zip(sent.spaced.as_ref())
    }

    fn windows(&self) -> impl Iterator<Item = (Kind, &Window)> {
        self.windows.iter().map(|(kind, window)| (*kind, window))
    }

    /// What each window says to its part of `charge`, unless it is put aside. More than throttles have
    /// left of its quota goes when it is empty.
    fn in_windows(&self, now: Tick, charge: Charge) -> impl Iterator<Item = (Kind, Decision<()>)> {
        self.windows().map(move |(kind, window)| {
            let (n, quota) = (kind.part(charge), window.quota());
            let max = self.stated(kind).map_or(quota, Rate::amount).get();
            let trial = self.trial.as_ref().filter(|_| is_tried(kind));
            let answer = match trial {
                _ if n > max => Decision::Never { max },
                Some(trial) if trial.is_on() => Decision::Admit(()),
                Some(trial) => trial.shorten(now, window.check(now, n)),
                None => window.check(now, n.min(quota.get())),
            };
            (kind, answer)
        })
    }

    fn stated(&self, kind: Kind) -> Option<Rate> {
        let mut stated = Kind::BY_MINUTE.into_iter().zip(self.stated);
        stated.find(|(other, _)| *other == kind).and_then(|(_, rate)| rate)
    }

    /// How much of the limits that such a throttle is about we have used, in thousandths: within the
    /// minute where that is known, else of the bucket.
    fn used(&self, now: Tick, cause: Cause) -> Option<u32> {
        let windows = self.windows().filter(|(kind, _)| cause.concerns(*kind));
        let used = windows.map(|(_, window)| window.used(now)).max();
        used.or_else(|| cause.used(now, self.buckets.limits()))
    }

    fn scaled(mut self, now: Tick) -> Self {
        self.scale(now);
        self
    }

    fn scale(&mut self, now: Tick) {
        let is_guess = self.trial.is_some();
        for (kind, stated) in Kind::BY_MINUTE.into_iter().zip(self.stated) {
            let Some(stated) = stated else { continue };
            let rate = self.adapt.rate(now, kind, stated);
            if let Some(bucket) = self.buckets.bucket_mut(kind)
                && bucket.rate() != rate
            {
                bucket.set_rate(now, rate);
            }
            if let Some(bucket) = self.spacing.as_mut().and_then(|spacing| spacing.bucket_mut(kind))
                && bucket.rate() != rate
            {
                bucket.set_rate(now, rate);
            }
            // A guessed window bounds the minute as stated: the buckets are what follows throttles.
            let windows = self.windows.iter_mut().filter(|(other, _)| *other == kind && !is_guess);
            windows.for_each(|(_, window)| window.set_quota(worth(rate, Span::MINUTE)));
        }
        self.step = (!self.adapt.is_at_rest(now)).then(|| now.after(Span::SECOND));
    }
}

impl Limit for Rules {
    type Place = ();

    fn check(&self, now: Tick, (): (), charge: Charge) -> Decision<(), Charge> {
        let decision = match &self.spacing {
            Some(_) => joined(self.paces(now, charge)),
            None => self.buckets.check(now, (), charge),
        };
        let decision = decision.join(joined(self.in_windows(now, charge)));
        match self.adapt.quiet_until(now) {
            Some(until) => decision.join(Decision::Wait { until }),
            None => decision,
        }
    }

    fn charge(&mut self, now: Tick, (): (), charge: Charge) {
        self.buckets.charge(now, (), charge);
        for (kind, window) in &mut self.windows {
            window.charge(now, kind.part(charge));
        }
    }

    fn give_back(&mut self, now: Tick, (): (), taken: Tick, charge: Charge) -> Charge {
        for (kind, window) in &mut self.windows {
            window.give_back(now, taken, kind.part(charge));
        }
        self.buckets.give_back(now, (), taken, charge)
    }

    fn enter(&mut self, (): (), requests: Requests) {
        self.buckets.enter((), requests);
    }

    fn leave(&mut self, (): (), requests: Requests) {
        self.buckets.leave((), requests);
    }
}

/// Whether a trial puts windows of this kind aside.
const fn is_tried(kind: Kind) -> bool {
    !matches!(kind, Kind::DailyTokens)
}

fn policy(start: u32, ceiling: u32) -> Policy {
    let ceiling = ceiling.min(MILLION);
    Policy { start: start.min(ceiling), ceiling, ..Policy::default() }
}

/// What comes back in `span`, at least one.
pub(super) fn worth(rate: Rate, span: Span) -> NonZeroU64 {
    NonZeroU64::new(rate.over(span)).unwrap_or(NonZeroU64::MIN)
}

/// A burst that fits into one of `full` after ways of different length. One of a single unit has no
/// room for them.
fn less_slack(rate: Rate, full: NonZeroU64) -> NonZeroU64 {
    let slack = rate.over(SLACK).saturating_add(1).min(full.get().div_ceil(10));
    NonZeroU64::new(full.get() - slack).unwrap_or(full)
}

/// How much longer one call may be on its way to the service than another.
const SLACK: Span = Span::from_millis(100);
/// The burst towards an unknown service: no more than makes up for timers that are late.
const SPACING: Span = Span::from_millis(250);
/// The part of a quota to begin with where the service is unknown, and the highest one: at the whole
/// there is nothing left for what the estimates miss.
const CAREFUL: [u32; 2] = [850_000, 985_000];
const MILLION: u32 = 1_000_000;
