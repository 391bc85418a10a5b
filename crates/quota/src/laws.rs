//! The laws of a limiter, for any limiter: your own, or a store that several programs share.
//!
//! Implement [`Limiter`] for it, and [`check`] it in a test. Each law is also a function of its own,
//! for a property test of its own over [`cases`]. A limiter that cannot keep a law, since its clock is
//! coarse for instance, checks the others.
//!
//! # Examples
//!
//! ```
//! use outcrop_quota::Ledger;
//! use outcrop_quota::laws::{self, Limiter};
//!
//! // The ledger of this crate keeps them all.
//! laws::check(64, &|limits| Ledger::new(limits.clone())).unwrap();
//! ```

mod oracle;
mod play;

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseResult, TestError, TestRunner};

use crate::{Admission, Admitted, Charge, Decision, Ledger, Limits, Requests, Span, Tick, Tokens};

pub use oracle::{Naive, NaiveLedger};
pub use play::{Case, Move, cases};

use play::Play;

/// A limiter of requests and tokens together, all or nothing.
pub trait Limiter {
    /// What it hands out on admission.
    type Held;

    /// Takes `charge` and hands out something to settle it with, or refuses.
    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge>;

    /// Replaces the reserved charge by the actual one, which is nothing for a refund.
    fn settle(&mut self, now: Tick, held: Self::Held, actual: Charge);
}

impl Limiter for Ledger {
    type Held = crate::Reservation;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge> {
        self.reserve(now, charge)
    }

    fn settle(&mut self, now: Tick, held: Self::Held, actual: Charge) {
        self.settle(now, held, actual);
    }
}

impl Limiter for Admission {
    type Held = Admitted;

    fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Self::Held, Charge> {
        self.reserve(now, charge)
    }

    fn settle(&mut self, now: Tick, held: Self::Held, actual: Charge) {
        self.settle(now, held, actual);
    }
}

/// Makes a limiter with the rates and bursts of the given limits, which always limit requests and
/// tokens and nothing else, full at the start.
pub type Make<'a, L> = &'a dyn Fn(&Limits) -> L;

/// One law: it holds for this case, or says how it does not. A case that says nothing about it is
/// rejected; few are.
pub type Law<L> = fn(Make<'_, L>, &Case) -> TestCaseResult;

/// All laws, by name.
pub fn all<L: Limiter>() -> [(&'static str, Law<L>); 8] {
    [
        ("admits_no_more_than_the_limits", admits_no_more_than_the_limits),
        ("waits_are_tight", waits_are_tight),
        ("too_large_is_never", too_large_is_never),
        ("refusal_changes_nothing", refusal_changes_nothing),
        ("refund_undoes_reserve", refund_undoes_reserve),
        ("settlement_replaces_the_estimate", settlement_replaces_the_estimate),
        ("backward_clock_changes_nothing", backward_clock_changes_nothing),
        ("answers_are_those_of_the_list", answers_are_those_of_the_list),
    ]
}

/// Checks every law on so many random cases, and stops at the first that is broken.
///
/// # Errors
///
/// [`Broken`] names the law and shows the smallest case that was found.
pub fn check<L: Limiter>(count: u32, make: Make<'_, L>) -> Result<(), Broken> {
    for (law, holds) in all::<L>() {
        let config = Config {
            cases: count,
            failure_persistence: None,
            max_shrink_iters: 1 << 16,
            max_global_rejects: count.saturating_add(1 << 10),
            ..Config::default()
        };
        let run = TestRunner::new(config).run(&cases(), |case| holds(make, &case));
        run.map_err(|error| Broken {
            law,
            why: match error {
                TestError::Abort(reason) => reason.message().to_string(),
                TestError::Fail(reason, case) => alloc::format!("{reason}, with {case:#?}"),
            },
        })?;
    }
    Ok(())
}

/// A law that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// Its name.
    pub law: &'static str,
    /// How, and in which case.
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the law `{}` is broken: {}", self.law, self.why)
    }
}

impl core::error::Error for Broken {}

/// Over every window: admitted and settled, net, at most burst + rate × window + the debt left by
/// settlements at its end. In both limits.
pub fn admits_no_more_than_the_limits<L: Limiter>(
    make: Make<'_, L>,
    case: &Case,
) -> TestCaseResult {
    let mut play = Play::new(make, case);
    // The list knows what debt there is and what of a refund did not fit.
    let mut list = oracle(case)?;
    let mut taken: Vec<(Tick, [i128; 2], [i128; 2])> = Vec::new();
    let mut latest = Tick::ZERO;
    for step in &case.moves {
        let Some(change) = play.step(*step) else { continue };
        latest = latest.max(play.now());
        list.charge(latest, change.taken);
        let clipped = list.give_back(latest, change.returned);
        let levels = list.levels(latest);
        if play.asked().is_some() {
            let is_there = levels.iter().all(|level| level.debt == 0);
            prop_assert!(is_there, "{:?} was admitted and was not there", change.taken);
        }
        let net = minus(parts(change.taken), parts(change.returned.saturating_sub(clipped)));
        taken.push((latest, net, levels.map(|level| level.debt.into())));
    }
    for (i, (start, ..)) in taken.iter().enumerate() {
        let mut sum = [0_i128; 2];
        for (end, net, debt) in taken.iter().skip(i) {
            sum = [sum[0] + net[0], sum[1] + net[1]];
            let span = end.since(*start);
            let [requests, tokens] = case.buckets();
            for (bucket, excess) in [(requests, sum[0] - debt[0]), (tokens, sum[1] - debt[1])] {
                let above = (excess - i128::from(bucket.burst().get()))
                    * i128::from(bucket.rate().per().as_nanos());
                let refill = i128::from(bucket.rate().amount().get()) * i128::from(span.as_nanos());
                prop_assert!(
                    above <= refill,
                    "{excess} in {span:?} is more than {bucket:?} allows"
                );
            }
        }
    }
    Ok(())
}

/// Whoever is told to wait, and is alone, is refused a nanosecond before the end of the wait and
/// admitted at it.
pub fn waits_are_tight<L: Limiter>(make: Make<'_, L>, case: &Case) -> TestCaseResult {
    let mut play = Play::new(make, case);
    play.steps(&case.moves);
    let now = play.latest();
    let probe = case.fitting_probe();
    // Until it has to wait: a probe of nothing never has to, and is no case.
    let mut answers = (0..MOST_PROBES).map(|_| play.ask(now, probe));
    let Some(Decision::Wait { until }) = answers.find(|answer| !answer.is_admitted()) else {
        return Err(TestCaseError::reject("no wait"));
    };
    prop_assert!(until > now, "a wait until {until:?} at {now:?}");
    let before = Tick::from_nanos(until.as_nanos().saturating_sub(1));
    prop_assert_eq!(play.ask(before, probe), Decision::Wait { until });
    prop_assert_eq!(play.ask(until, probe), Decision::Admit(()));
    Ok(())
}

/// A charge is never admitted exactly when it exceeds a burst, whatever came before; it is told so
/// at once, with the largest charge that could be.
pub fn too_large_is_never<L: Limiter>(make: Make<'_, L>, case: &Case) -> TestCaseResult {
    let mut play = Play::new(make, case);
    play.steps(&case.moves);
    let [requests, tokens] = case.buckets().map(|bucket| bucket.burst().get());
    let now = play.latest();
    let mut max = Charge::MAX;
    if case.probe.requests.get() > requests {
        max.requests = Requests::new(requests);
    }
    if case.probe.tokens.get() > tokens {
        max.tokens = Tokens::new(tokens);
    }
    let decision = play.ask(now, case.probe);
    match decision {
        Decision::Never { max: told } => prop_assert_eq!(told, max),
        _ => prop_assert_eq!(max, Charge::MAX, "{:?} for {:?}", decision, case.probe),
    }
    Ok(())
}

/// A refusal leaves no trace: asking again and again changes no later answer.
pub fn refusal_changes_nothing<L: Limiter>(make: Make<'_, L>, case: &Case) -> TestCaseResult {
    let (mut once, mut often) = (Play::new(make, case), Play::new(make, case));
    for step in &case.moves {
        once.step(*step);
        often.step(*step);
        prop_assert_eq!(once.answer(), often.answer());
        if let (Some(refused), Some(Decision::Wait { .. } | Decision::Never { .. })) =
            (often.asked(), often.answer())
        {
            for _ in 0..3 {
                let now = often.now();
                let again = often.ask(now, refused);
                prop_assert_eq!(Some(again), once.answer());
            }
        }
    }
    Ok(())
}

/// A reservation that is refunded at once leaves no trace.
pub fn refund_undoes_reserve<L: Limiter>(make: Make<'_, L>, case: &Case) -> TestCaseResult {
    twins(make, case, Charge::ZERO)
}

/// After its settlement a call has cost what it has cost, whatever was reserved for it.
pub fn settlement_replaces_the_estimate<L: Limiter>(
    make: Make<'_, L>,
    case: &Case,
) -> TestCaseResult {
    twins(make, case, case.actual)
}

/// A clock that goes back changes nothing: every answer is that of the latest tick.
pub fn backward_clock_changes_nothing<L: Limiter>(
    make: Make<'_, L>,
    case: &Case,
) -> TestCaseResult {
    let (mut back, mut steady) = (Play::new(make, case), Play::new(make, case).steady());
    for step in &case.moves {
        back.step(*step);
        steady.step(*step);
        // Ticks before the latest change are the ones that count as it.
        prop_assert_eq!(back.answer(), steady.answer());
    }
    Ok(())
}

/// Every answer is that of a list of all charges with their times, which computes levels in another
/// way and finds the ends of waits by search.
pub fn answers_are_those_of_the_list<L: Limiter>(make: Make<'_, L>, case: &Case) -> TestCaseResult {
    let mut play = Play::new(make, case);
    let mut list = oracle(case)?;
    for step in &case.moves {
        let change = play.step(*step);
        let now = play.now();
        if let (Some(asked), Some(answer)) = (play.asked(), play.answer()) {
            prop_assert_eq!(answer, list.reserve(now, asked), "at {:?} for {:?}", now, asked);
        } else if let Some(change) = change {
            list.charge(now, change.taken);
            let _clipped = list.give_back(now, change.returned);
        }
    }
    Ok(())
}

/// Plays the moves twice, reserves the probe for the one and nothing for the other as soon as the
/// probe is admitted, settles both at `actual`, and compares what they say from then on.
fn twins<L: Limiter>(make: Make<'_, L>, case: &Case, actual: Charge) -> TestCaseResult {
    let (mut one, mut other) = (Play::new(make, case), Play::new(make, case));
    one.steps(&case.moves);
    other.steps(&case.moves);
    let probe = case.fitting_probe();
    let mut now = one.latest();
    let mut reserved = one.reserve_and_settle(now, probe, actual);
    if let Decision::Wait { until } = reserved {
        now = until;
        reserved = one.reserve_and_settle(now, probe, actual);
    }
    prop_assert!(reserved.is_admitted(), "{:?} at the end of the wait", reserved);
    // What cost nothing in the end is as though it had never been.
    if actual != Charge::ZERO {
        let nothing = other.reserve_and_settle(now, Charge::ZERO, actual);
        prop_assert!(nothing.is_admitted(), "{:?} for nothing", nothing);
    }
    // What is missing from each limit shows in the wait for all of it.
    let [requests, tokens] = case.buckets().map(|bucket| bucket.burst().get());
    let all_of_one = [
        Charge::new(Requests::new(requests), Tokens::ZERO),
        Charge::new(Requests::ZERO, Tokens::new(tokens)),
    ];
    let mut later = now;
    for fraction in 0..4 {
        later = later.after(Span::from_nanos(case.time_to_fill().as_nanos() / 8 * fraction));
        for charge in [case.actual, case.probe].into_iter().chain(all_of_one) {
            prop_assert_eq!(one.ask(later, charge), other.ask(later, charge));
        }
    }
    Ok(())
}

fn oracle(case: &Case) -> Result<NaiveLedger, TestCaseError> {
    NaiveLedger::like(&case.limits).ok_or_else(|| TestCaseError::fail("a case has two limits"))
}

fn parts(charge: Charge) -> [i128; 2] {
    [charge.requests.get().into(), charge.tokens.get().into()]
}

fn minus(a: [i128; 2], b: [i128; 2]) -> [i128; 2] {
    [a[0] - b[0], a[1] - b[1]]
}

/// Enough for a charge of a hundredth of a burst.
const MOST_PROBES: usize = 128;
