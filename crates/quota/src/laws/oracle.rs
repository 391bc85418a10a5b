//! A limit written out as a list of timed charges: slow, plain, and computed in another way than
//! the crate does it. Nothing is carried from one answer to the next but the list itself.

use alloc::vec::Vec;

use crate::{Bucket, Charge, Decision, Level, Limits, Requests, Tick, Tokens};

/// One limit and everything that was ever charged to it, for rates, periods and bursts whose
/// products `i128` can hold.
#[derive(Clone, Debug)]
pub struct Naive {
    /// Parts of a unit that come back every nanosecond.
    amount: i128,
    /// Parts in a unit.
    per: i128,
    burst: u64,
    /// When, and how many parts; negative when they were given back.
    entries: Vec<(u64, i128)>,
}

impl Naive {
    /// The same limit as `bucket`, with nothing charged yet.
    pub fn like(bucket: &Bucket) -> Self {
        Self {
            amount: bucket.rate().amount().get().into(),
            per: bucket.rate().per().as_nanos().into(),
            burst: bucket.burst().get(),
            entries: Vec::new(),
        }
    }

    /// As [`Bucket::take`].
    pub fn take(&mut self, now: Tick, n: u64) -> Decision<()> {
        let decision = self.check(now, n);
        if decision.is_admitted() {
            self.charge(now, n);
        }
        decision
    }

    /// As [`Bucket::check`]. The wait is searched for, not computed: halving finds the first tick that admits.
    pub fn check(&self, now: Tick, n: u64) -> Decision<()> {
        if n > self.burst {
            return Decision::Never { max: self.burst };
        }
        let now = self.effective(now);
        if self.admits(now, n) {
            return Decision::Admit(());
        }
        let (mut refused, mut admitted) = (now, u64::MAX);
        while admitted - refused > 1 {
            let middle = refused + (admitted - refused) / 2;
            if self.admits(middle, n) {
                admitted = middle;
            } else {
                refused = middle;
            }
        }
        Decision::Wait { until: Tick::from_nanos(admitted) }
    }

    /// As [`Bucket::charge`].
    pub fn charge(&mut self, now: Tick, n: u64) {
        self.entries.push((self.effective(now), i128::from(n) * self.per));
    }

    /// As [`Bucket::give_back`].
    pub fn give_back(&mut self, now: Tick, n: u64) -> u64 {
        let now = self.effective(now);
        let fitting = n.min(number(self.missing(now) / self.per));
        self.entries.push((now, -i128::from(fitting) * self.per));
        n - fitting
    }

    /// As [`Bucket::level`].
    pub fn level(&self, now: Tick) -> Level {
        let parts = i128::from(self.burst) * self.per - self.missing(self.effective(now));
        let units = parts.div_euclid(self.per);
        Level { available: number(units), debt: number(-units) }
    }

    fn admits(&self, now: u64, n: u64) -> bool {
        self.missing(now) <= i128::from(self.burst - n) * self.per
    }

    /// The parts missing from a full bucket: since the last moment at which it was full, whichever
    /// that was, all that was charged less all that came back. That moment is the one that makes
    /// the difference largest.
    fn missing(&self, now: u64) -> i128 {
        let mut charged = 0;
        let since_each = self.entries.iter().rev().map(|&(at, parts)| {
            charged += parts;
            charged - self.amount * i128::from(now - at)
        });
        since_each.max().unwrap_or(0).max(0)
    }

    /// A tick before the latest entry counts as the tick of that entry.
    fn effective(&self, now: Tick) -> u64 {
        let latest = self.entries.last().map_or(0, |&(at, _)| at);
        now.as_nanos().max(latest)
    }
}

/// A ledger over two lists: one of requests and one of tokens.
#[derive(Clone, Debug)]
pub struct NaiveLedger {
    requests: Naive,
    tokens: Naive,
}

impl NaiveLedger {
    /// A ledger with nothing charged yet.
    pub const fn new(requests: Naive, tokens: Naive) -> Self {
        Self { requests, tokens }
    }

    /// The same limits as `limits`, if they limit requests and tokens.
    pub fn like(limits: &Limits) -> Option<Self> {
        Some(Self::new(Naive::like(limits.requests()?), Naive::like(limits.tokens()?)))
    }

    /// As [`Ledger::reserve`](crate::Ledger::reserve).
    pub fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        let requests = self.requests.check(now, charge.requests.get());
        let tokens = self.tokens.check(now, charge.tokens.get());
        match (requests, tokens) {
            (Decision::Admit(()), Decision::Admit(())) => {
                self.charge(now, charge);
                Decision::Admit(())
            }
            (Decision::Never { .. }, _) | (_, Decision::Never { .. }) => {
                let mut max = Charge::MAX;
                if let Decision::Never { max: requests } = requests {
                    max.requests = Requests::new(requests);
                }
                if let Decision::Never { max: tokens } = tokens {
                    max.tokens = Tokens::new(tokens);
                }
                Decision::Never { max }
            }
            (Decision::Wait { until: a }, Decision::Wait { until: b }) => {
                Decision::Wait { until: if a < b { b } else { a } }
            }
            (Decision::Wait { until }, _) | (_, Decision::Wait { until }) => {
                Decision::Wait { until }
            }
        }
    }

    /// As [`Ledger::settle`](crate::Ledger::settle). Returns what did not fit.
    pub fn settle(&mut self, now: Tick, reserved: Charge, actual: Charge) -> Charge {
        self.charge(now, actual.saturating_sub(reserved));
        self.give_back(now, reserved.saturating_sub(actual))
    }

    /// As [`Limits::charge`].
    pub fn charge(&mut self, now: Tick, charge: Charge) {
        if charge == Charge::ZERO {
            return;
        }
        self.requests.charge(now, charge.requests.get());
        self.tokens.charge(now, charge.tokens.get());
    }

    /// As [`Limits::give_back`].
    pub fn give_back(&mut self, now: Tick, charge: Charge) -> Charge {
        if charge == Charge::ZERO {
            return charge;
        }
        Charge::new(
            Requests::new(self.requests.give_back(now, charge.requests.get())),
            Tokens::new(self.tokens.give_back(now, charge.tokens.get())),
        )
    }

    /// The levels of requests and tokens.
    pub fn levels(&self, now: Tick) -> [Level; 2] {
        [self.requests.level(now), self.tokens.level(now)]
    }
}

fn number(units: i128) -> u64 {
    u64::try_from(units.max(0)).unwrap_or(u64::MAX)
}
