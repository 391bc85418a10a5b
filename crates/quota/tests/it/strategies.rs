//! Generated buckets, and walks over them.
//!
//! Amounts and pauses are drawn as fractions and scaled to the bucket at hand, so that walks over
//! fast and slow, large and small buckets all meet admissions, waits and refusals.

use core::num::NonZeroU64;

use outcrop_quota::{
    Bucket, Charge, Decision, Gauge, Kind, Limits, Rate, Requests, Span, Tick, Tokens,
};
use proptest::prelude::*;

/// A fraction of something: 0 is none of it, `u32::MAX` nearly all.
pub(crate) type Fraction = u32;

/// Buckets of any speed and size that the oracle can compute without overflow.
pub(crate) fn bucket() -> impl Strategy<Value = Bucket> {
    let per = prop_oneof![
        1_u64..100,
        Just(1_000_000_000),
        Just(60_000_000_000),
        Just(Span::DAY.as_nanos()),
        magnitude(40),
    ];
    (magnitude(36), per, magnitude(30)).prop_map(|(amount, per, burst)| {
        let rate = Rate::new(non_zero(amount), Span::from_nanos(per)).unwrap();
        Bucket::new(rate, non_zero(burst))
    })
}

/// Buckets with any parameters at all.
pub(crate) fn any_bucket() -> impl Strategy<Value = Bucket> {
    let number = || prop_oneof![magnitude(64), Just(1), Just(u64::MAX)];
    (number(), number(), number()).prop_map(|(amount, per, burst)| {
        let rate = Rate::new(non_zero(amount), Span::from_nanos(per)).unwrap();
        Bucket::new(rate, non_zero(burst))
    })
}

/// Limits of every combination of buckets, with and without a gauge.
pub(crate) fn limits() -> impl Strategy<Value = Limits> {
    use proptest::option::weighted;
    let some = || weighted(0.6, bucket());
    let gauge = weighted(0.5, 1_u64..6);
    (some(), some(), some(), some(), some(), gauge).prop_map(
        |(requests, tokens, input, output, daily, gauge)| {
            let mut limits = Limits::unlimited();
            if let Some(bucket) = requests {
                limits = limits.with_requests(bucket);
            }
            if let Some(bucket) = tokens {
                limits = limits.with_tokens(bucket);
            }
            if let Some(bucket) = input {
                limits = limits.with_input(bucket);
            }
            if let Some(bucket) = output {
                limits = limits.with_output(bucket);
            }
            if let Some(bucket) = daily {
                limits = limits.with_daily_tokens(bucket);
            }
            if let Some(max) = gauge {
                limits = limits.with_concurrent(Gauge::new(non_zero(max)));
            }
            limits
        },
    )
}

/// A charge that asks each limit for its fraction.
pub(crate) fn charge_of(limits: &Limits, fractions: [Fraction; 4]) -> Charge {
    let burst = |kind: Kind| limits.bucket(kind).map_or(1_000, |bucket| bucket.burst().get());
    let [requests, tokens, input, output] = fractions;
    // Few requests, since each of them is in flight afterwards.
    let requests = match limits.concurrent() {
        Some(gauge) => u64::from(requests) % (gauge.max().get() + 2),
        None => asked(requests, burst(Kind::Requests)),
    };
    let most = burst(Kind::Tokens).min(burst(Kind::DailyTokens));
    Charge::new(Requests::new(requests), Tokens::new(asked(tokens, most))).with_parts(
        Tokens::new(asked(input, burst(Kind::Input))),
        Tokens::new(asked(output, burst(Kind::Output))),
    )
}

/// When no debt is left in any of these limits, and a charge of these fractions of what all of them
/// have then.
pub(crate) fn admissible(
    limits: &[&Limits],
    now: Tick,
    fractions: [Fraction; 4],
) -> (Tick, Charge) {
    let waits = limits.iter().map(|limits| match limits.check(now, Charge::ZERO) {
        Decision::Wait { until } => until,
        _ => now,
    });
    let now = waits.max().unwrap_or(now);
    let least = |kinds: &[Kind]| {
        let buckets = limits.iter().flat_map(|limits| limits.buckets());
        let ours = buckets.filter(|(kind, _)| kinds.contains(kind));
        ours.map(|(_, bucket)| bucket.level(now).available).min().unwrap_or(1_000)
    };
    let gauges = limits.iter().filter_map(|limits| limits.concurrent());
    let free = gauges.map(|gauge| gauge.max().get().saturating_sub(gauge.inside())).min();
    let mut parts = [
        least(&[Kind::Requests]).min(free.unwrap_or(u64::MAX)),
        least(&[Kind::Tokens, Kind::DailyTokens]),
        least(&[Kind::Input]),
        least(&[Kind::Output]),
    ];
    for (most, fraction) in parts.iter_mut().zip(fractions) {
        *most = part(fraction, most.saturating_add(1));
    }
    let [requests, tokens, input, output] = parts;
    let charge = Charge::new(Requests::new(requests), Tokens::new(tokens));
    (now, charge.with_parts(Tokens::new(input), Tokens::new(output)))
}

/// The time in which the fastest of the buckets fills.
pub(crate) fn pace(limits: &Limits) -> u64 {
    limits.buckets().map(|(_, bucket)| fill(bucket).as_nanos()).min().unwrap_or(1_000)
}

/// Limits somewhere in their life, and the tick it is.
pub(crate) fn used_limits() -> impl Strategy<Value = (Limits, Tick)> {
    let uses = prop::collection::vec(any::<([Fraction; 4], Fraction, bool)>(), 0..5);
    (limits(), uses).prop_map(|(mut limits, uses)| {
        let mut now = Tick::ZERO;
        let pace = pace(&limits);
        for (fractions, pause, ends) in uses {
            let charge = charge_of(&limits, fractions);
            if limits.take(now, charge).is_admitted() {
                if ends {
                    limits.leave(charge.requests);
                }
            } else {
                limits.charge(now, charge);
            }
            now = now.after(Span::from_nanos(part(pause, pace)));
        }
        (limits, now)
    })
}

/// One step of a walk over a bucket.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    /// Time passes: this part of the time in which the whole bucket fills.
    Pass(Fraction),
    /// The clock goes back by this part of the same time.
    Back(Fraction),
    /// The clock moves to the end of the latest wait, a nanosecond before it or after it.
    Due(i8),
    /// Takes this part of a little more than the burst.
    Take(Fraction),
    /// Charges this part of half the burst, there or not.
    Charge(Fraction),
    /// Gives back this part of half the burst.
    GiveBack(Fraction),
}

pub(crate) fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => any::<Fraction>().prop_map(Step::Pass),
        1 => any::<Fraction>().prop_map(Step::Back),
        2 => (-1_i8..=1).prop_map(Step::Due),
        5 => any::<Fraction>().prop_map(Step::Take),
        2 => any::<Fraction>().prop_map(Step::Charge),
        2 => any::<Fraction>().prop_map(Step::GiveBack),
    ];
    prop::collection::vec(step, 0..40)
}

/// The clock of a walk.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Walk {
    pub(crate) now: Tick,
    due: Tick,
}

impl Walk {
    /// Moves the clock if `step` is about the clock.
    pub(crate) fn step(&mut self, step: Step, fill: Span) {
        let now = self.now.as_nanos();
        let moved = match step {
            Step::Pass(fraction) => now.saturating_add(part(fraction, fill.as_nanos() / 2)),
            Step::Back(fraction) => now.saturating_sub(part(fraction, fill.as_nanos() / 2)),
            Step::Due(offset) => self.due.as_nanos().saturating_add_signed(offset.into()),
            Step::Take(_) | Step::Charge(_) | Step::GiveBack(_) => now,
        };
        self.now = Tick::from_nanos(moved);
    }

    /// Remembers when a refusal said to come back.
    pub(crate) fn note<T, M>(&mut self, decision: &Decision<T, M>) {
        if let Decision::Wait { until } = decision {
            self.due = *until;
        }
    }
}

/// Walks `bucket` through `steps` and returns the tick at the end.
pub(crate) fn walk(bucket: &mut Bucket, steps: &[Step]) -> Tick {
    let mut walk = Walk::default();
    let burst = bucket.burst().get();
    for &step in steps {
        walk.step(step, fill(bucket));
        match step {
            Step::Take(fraction) => walk.note(&bucket.take(walk.now, asked(fraction, burst))),
            Step::Charge(fraction) => bucket.charge(walk.now, part(fraction, burst / 2)),
            Step::GiveBack(fraction) => {
                let _ = bucket.give_back(walk.now, part(fraction, burst / 2));
            }
            Step::Pass(_) | Step::Back(_) | Step::Due(_) => {}
        }
    }
    walk.now
}

/// A bucket somewhere in its life, and the tick it is.
pub(crate) fn used_bucket() -> impl Strategy<Value = (Bucket, Tick)> {
    (bucket(), steps()).prop_map(|(mut bucket, steps)| {
        let now = walk(&mut bucket, &steps);
        (bucket, now)
    })
}

/// The time in which `bucket` fills from empty, at least a nanosecond.
pub(crate) fn fill(bucket: &Bucket) -> Span {
    let parts = u128::from(bucket.burst().get()) * u128::from(bucket.rate().per().as_nanos());
    let nanos = parts.div_ceil(bucket.rate().amount().get().into());
    Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}

/// What a walk asks a bucket for: mostly less than the burst, now and then more.
pub(crate) fn asked(fraction: Fraction, burst: u64) -> u64 {
    part(fraction, burst.saturating_add(burst / 8).saturating_add(2))
}

/// This fraction of `whole`, rounded down.
pub(crate) fn part(fraction: Fraction, whole: u64) -> u64 {
    u64::try_from((u128::from(whole) * u128::from(fraction)) >> Fraction::BITS).unwrap()
}

/// Numbers from one, of up to `bits` bits, every length equally often.
pub(crate) fn magnitude(bits: u32) -> impl Strategy<Value = u64> {
    (0..bits, any::<u64>()).prop_map(|(length, n)| {
        let top = 1_u64 << length;
        top | (n & (top - 1))
    })
}

pub(crate) fn non_zero(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).unwrap()
}
