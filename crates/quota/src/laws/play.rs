//! Random cases, and the limiter that is taken through them.

use alloc::vec::Vec;
use core::num::NonZeroU64;

use proptest::prelude::*;

use crate::{Bucket, Charge, Decision, Limits, Rate, Requests, Span, Tick, Tokens};

use super::{Limiter, Make};

/// Limits, what happens to them, and what they are asked afterwards.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Case {
    /// A limit on requests and one on tokens.
    pub limits: Limits,
    /// What happens, in order.
    pub moves: Vec<Move>,
    /// A charge to ask for, mostly within the bursts.
    pub probe: Charge,
    /// What it costs in the end, always within the bursts.
    pub actual: Charge,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Move {
    /// Time passes.
    Pass(Span),
    /// The clock goes back.
    Back(Span),
    /// The clock moves to the end of the latest wait, and so many nanoseconds on.
    Due(i8),
    /// Somebody asks.
    Reserve(Charge),
    /// One of those admitted ends and has cost this; the number picks which.
    Settle(usize, Charge),
}

/// Cases of every speed and size that the oracle can compute.
pub fn cases() -> impl Strategy<Value = Case> {
    (bucket(1 << 16), bucket(1 << 32)).prop_flat_map(|(requests, tokens)| {
        let bursts = [&requests, &tokens].map(|bucket| bucket.burst().get());
        let fill = fill(&requests).min(fill(&tokens)).as_nanos();
        let limits = Limits::unlimited().with_requests(requests).with_tokens(tokens);
        // Small parts of the bursts as a rule, so that several calls are open at a time.
        let small = charges(bursts.map(|burst| burst / 4 + 2));
        let large = charges(bursts.map(|burst| burst + burst / 4 + 2));
        let step = prop_oneof![
            3 => (0..=fill / 2).prop_map(|nanos| Move::Pass(Span::from_nanos(nanos))),
            1 => (0..=fill / 2).prop_map(|nanos| Move::Back(Span::from_nanos(nanos))),
            2 => (-1_i8..=1).prop_map(Move::Due),
            5 => small.clone().prop_map(Move::Reserve),
            1 => large.clone().prop_map(Move::Reserve),
            3 => (any::<usize>(), small).prop_map(|(which, actual)| Move::Settle(which, actual)),
            1 => any::<usize>().prop_map(|which| Move::Settle(which, Charge::ZERO)),
        ];
        let moves = prop::collection::vec(step, 0..30);
        (Just(limits), moves, large, charges(bursts))
            .prop_map(|(limits, moves, probe, actual)| Case { limits, moves, probe, actual })
    })
}

impl Case {
    pub(super) fn buckets(&self) -> [&Bucket; 2] {
        [self.limits.requests().unwrap_or(&SMALLEST), self.limits.tokens().unwrap_or(&SMALLEST)]
    }

    /// The probe, cut down to the bursts.
    pub(super) fn fitting_probe(&self) -> Charge {
        let [requests, tokens] = self.buckets().map(|bucket| bucket.burst().get());
        Charge::new(self.probe.requests.min(requests.into()), self.probe.tokens.min(tokens.into()))
    }

    /// The time after which both buckets are full again, whatever debt the moves can have left.
    pub(super) fn time_to_fill(&self) -> Span {
        let [requests, tokens] = self.buckets().map(fill);
        let longest = requests.max(tokens).as_nanos();
        let moves = u64::try_from(self.moves.len()).unwrap_or(u64::MAX);
        Span::from_nanos(longest.saturating_mul(moves.saturating_add(2)))
    }
}

/// A limiter, its clock, and the calls that it has admitted.
pub(super) struct Play<L: Limiter> {
    limiter: L,
    open: Vec<(L::Held, Charge)>,
    now: Tick,
    /// The latest tick at which anything was changed.
    latest: Tick,
    due: Tick,
    asked: Option<Charge>,
    answer: Option<Decision<(), Charge>>,
    never_back: bool,
}

/// What a move took from the limits, and what it gave back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Change {
    pub(super) taken: Charge,
    pub(super) returned: Charge,
}

impl<L: Limiter> Play<L> {
    pub(super) fn new(make: Make<'_, L>, case: &Case) -> Self {
        Self {
            limiter: make(&case.limits),
            open: Vec::new(),
            now: Tick::ZERO,
            latest: Tick::ZERO,
            due: Tick::ZERO,
            asked: None,
            answer: None,
            never_back: false,
        }
    }

    /// The same with a clock that stands still where it would go back behind the latest change.
    pub(super) fn steady(self) -> Self {
        Self { never_back: true, ..self }
    }

    pub(super) fn steps(&mut self, moves: &[Move]) {
        for step in moves {
            self.step(*step);
        }
    }

    /// Makes one move, and says what it changed.
    pub(super) fn step(&mut self, step: Move) -> Option<Change> {
        (self.asked, self.answer) = (None, None);
        let nanos = self.now.as_nanos();
        match step {
            Move::Pass(span) => self.now = self.now.after(span),
            Move::Back(span) => {
                self.now = Tick::from_nanos(nanos.saturating_sub(span.as_nanos()));
            }
            Move::Due(offset) => {
                let due = self.due.as_nanos();
                self.now = Tick::from_nanos(due.saturating_add_signed(offset.into()));
            }
            Move::Reserve(charge) => {
                self.asked = Some(charge);
                let is_admitted = self.ask(self.tick(), charge).is_admitted();
                let change = Change { taken: charge, returned: Charge::ZERO };
                return Some(change).filter(|_| is_admitted);
            }
            Move::Settle(which, actual) => {
                let which = which.checked_rem(self.open.len())?;
                let (held, reserved) = self.open.swap_remove(which);
                let now = self.tick();
                self.limiter.settle(now, held, actual);
                self.latest = self.latest.max(now);
                return Some(Change {
                    taken: actual.saturating_sub(reserved),
                    returned: reserved.saturating_sub(actual),
                });
            }
        }
        None
    }

    pub(super) fn ask(&mut self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let decision = self.limiter.reserve(now, charge);
        if let Decision::Wait { until } = &decision {
            self.due = *until;
        }
        let answer = decision.map(|held| self.open.push((held, charge)));
        if answer.is_admitted() {
            self.latest = self.latest.max(now);
        }
        self.answer = Some(answer);
        answer
    }

    /// Settles at once what is admitted.
    pub(super) fn reserve_and_settle(
        &mut self,
        now: Tick,
        charge: Charge,
        actual: Charge,
    ) -> Decision<(), Charge> {
        let decision = self.limiter.reserve(now, charge);
        decision.map(|held| self.limiter.settle(now, held, actual))
    }

    /// The tick that a caller tells.
    fn tick(&self) -> Tick {
        if self.never_back { self.now.max(self.latest) } else { self.now }
    }

    pub(super) fn now(&self) -> Tick {
        self.tick()
    }

    /// A tick that is not before anything that happened.
    pub(super) fn latest(&self) -> Tick {
        self.now.max(self.latest)
    }

    /// What the latest move asked for, if it asked.
    pub(super) const fn asked(&self) -> Option<Charge> {
        self.asked
    }

    /// The answer to that.
    pub(super) const fn answer(&self) -> Option<Decision<(), Charge>> {
        self.answer
    }
}

fn bucket(largest: u64) -> impl Strategy<Value = Bucket> {
    let per = prop_oneof![
        Just(Span::SECOND),
        Just(Span::MINUTE),
        Just(Span::DAY),
        (1_u64..1_000).prop_map(Span::from_nanos),
    ];
    // Full again after 64 periods at the latest, so that no case comes near the end of time.
    let burst_and_amount =
        (1..=largest).prop_flat_map(|burst| (Just(burst), burst / 64 + 1..=1 << 33));
    (burst_and_amount, per).prop_map(|((burst, amount), per)| {
        let [amount, burst] = [amount, burst].map(|n| NonZeroU64::MIN.saturating_add(n - 1));
        Bucket::new(Rate::new(amount, per).unwrap_or(SMALLEST.rate()), burst)
    })
}

fn charges(most: [u64; 2]) -> impl Strategy<Value = Charge> + Clone {
    let [requests, tokens] = most;
    (0..=requests, 0..=tokens)
        .prop_map(|(requests, tokens)| Charge::new(Requests::new(requests), Tokens::new(tokens)))
}

/// The time in which a bucket fills from empty.
fn fill(bucket: &Bucket) -> Span {
    bucket.rate().time_for(bucket.burst().get())
}

const SMALLEST: Bucket = Bucket::new(Rate::per_second(NonZeroU64::MIN), NonZeroU64::MIN);
