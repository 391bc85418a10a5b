//! The limiter against a plain list of timed charges with a plain queue before it.

use std::collections::VecDeque;
use std::time::Duration;

use proptest::prelude::*;
use quota::laws::NaiveLedger;
use quota::{Decision, Requests};

use super::super::*;
use super::support::{Bench, Started, minute, tokens};
use crate::Admission;

/// The clock begins with a minute of the wall clock, so that nothing need be added.
fn tick(moment: Moment) -> Tick {
    Tick::from_nanos(moment.as_nanos())
}

#[derive(Clone, Debug)]
enum Step {
    /// Somebody asks for so many tokens.
    Ask(u64),
    /// Time passes, in milliseconds.
    Pass(u64),
    /// Time passes up to where the next one is due.
    PassToDue,
    /// One of those who wait gives up.
    Cancel(prop::sample::Index),
    /// One of those in flight ends, and has cost so many tokens.
    Settle(prop::sample::Index, u64),
    /// One of those in flight is dropped before it was sent.
    Drop(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1_u64..=600).prop_map(Step::Ask),
        2 => (1_u64..20_000).prop_map(Step::Pass),
        3 => Just(Step::PassToDue),
        2 => any::<prop::sample::Index>().prop_map(Step::Cancel),
        3 => (any::<prop::sample::Index>(), 0_u64..800).prop_map(|(i, n)| Step::Settle(i, n)),
        1 => any::<prop::sample::Index>().prop_map(Step::Drop),
    ]
}

/// The limiter, and beside it the list and a queue of names.
struct Twins {
    bench: Bench,
    waiting: VecDeque<(u64, Charge, Started)>,
    open: Vec<(u64, Charge, Held)>,
    list: NaiveLedger,
    queue: VecDeque<(u64, Charge)>,
    admitted: Vec<u64>,
    expected: Vec<u64>,
    /// Whether a call has cost more than it had reserved, so that a wait can have grown longer.
    in_debt: bool,
}

impl Twins {
    fn new(rpm: u64, tpm: u64) -> Self {
        Self {
            bench: Bench::with_burst(rpm, tpm),
            waiting: VecDeque::new(),
            open: Vec::new(),
            list: NaiveLedger::like(&minute(rpm, tpm)).unwrap(),
            queue: VecDeque::new(),
            admitted: Vec::new(),
            expected: Vec::new(),
            in_debt: false,
        }
    }

    fn now(&self) -> Tick {
        tick(self.bench.clock.now())
    }

    fn ask(&mut self, name: u64, charge: Charge) {
        let mut started = self.bench.start(charge, Admission::Wait);
        match started.poll() {
            Some(end) => self.admit(name, charge, end.unwrap()),
            None => self.waiting.push_back((name, charge, started)),
        }
        self.queue.push_back((name, charge));
    }

    fn admit(&mut self, name: u64, charge: Charge, held: Held) {
        self.admitted.push(name);
        self.open.push((name, charge, held));
    }

    fn end(&mut self, index: prop::sample::Index, actual: Option<u64>) {
        if self.open.is_empty() {
            return;
        }
        let (_, reserved, held) = self.open.swap_remove(index.index(self.open.len()));
        let now = self.now();
        let actual = match actual {
            Some(n) => {
                held.settle(tokens(n));
                tokens(n)
            }
            None => {
                drop(held);
                Charge::new(Requests::ZERO, Tokens::ZERO)
            }
        };
        self.in_debt |= actual.tokens > reserved.tokens;
        self.list.charge(now, actual.saturating_sub(reserved));
        let _clipped = self.list.give_back(now, reserved.saturating_sub(actual));
    }

    /// Polls those who were woken and no others, and lets the list admit whom it would.
    fn run(&mut self) {
        while let Some(i) = self.waiting.iter().position(|(_, _, one)| one.take_wakes() > 0) {
            if let Some(end) = self.waiting[i].2.poll() {
                let (name, charge, _) = self.waiting.remove(i).unwrap();
                self.admit(name, charge, end.unwrap());
            }
        }
        let now = self.now();
        while let Some(&(name, charge)) = self.queue.front()
            && self.list.reserve(now, charge).is_admitted()
        {
            self.expected.push(name);
            self.queue.pop_front();
        }
    }

    /// When the list says that the first of those who wait may go.
    fn due(&self) -> Option<Tick> {
        let (_, charge) = self.queue.front()?;
        match self.list.clone().reserve(self.now(), *charge) {
            Decision::Wait { until } => Some(until),
            _ => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_the_list_admits_is_admitted_and_woken_when_due(
        rpm in 1_u64..40,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let mut twins = Twins::new(rpm, 600);
        for (name, step) in (0_u64..).zip(steps) {
            match step {
                Step::Ask(n) => twins.ask(name, tokens(n)),
                Step::Pass(millis) => twins.bench.clock.advance(Duration::from_millis(millis)),
                Step::PassToDue => {
                    if let Some(due) = twins.bench.clock.next_wake_up() {
                        twins.bench.clock.advance(due.since(twins.bench.clock.now()));
                    }
                }
                Step::Cancel(index) => {
                    if !twins.waiting.is_empty() {
                        let (name, ..) = twins.waiting.remove(index.index(twins.waiting.len())).unwrap();
                        twins.queue.retain(|(other, _)| *other != name);
                    }
                }
                Step::Settle(index, actual) => twins.end(index, Some(actual)),
                Step::Drop(index) => twins.end(index, None),
            }
            twins.run();
            prop_assert_eq!(&twins.admitted, &twins.expected);
            prop_assert_eq!(twins.bench.limiter.snapshot().waiting, twins.queue.len());
            // The one timer is set for the tick that the list finds by search, or before it where
            // a wait has grown longer since.
            let (set, due) = (twins.bench.clock.next_wake_up().map(tick), twins.due());
            prop_assert!(set == due || twins.in_debt && set.is_some() && set < due, "{set:?} {due:?}");
        }
    }
}
