//! Services written out as lists of what they let in, each kind in the plainest way.

use outcrop_quota::laws::NaiveLedger;
use outcrop_quota::{Bucket, Charge, Limits, Rate, Requests, Span, Tick, Tokens};

use crate::strategies::non_zero;

/// A service with quotas of requests and tokens by the minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) rpm: u64,
    pub(crate) tpm: u64,
    pub(crate) keeps: Keeps,
}

/// How it keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    Bucket(Span),
    Sliding,
    Aligned,
}

/// A call as the service meets it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) arrives: Tick,
    pub(crate) ends: Tick,
    pub(crate) reserved: Charge,
    pub(crate) actual: Charge,
}

impl Service {
    /// Calls up to this size find room after ways of different length; a larger one may need all
    /// that the service has.
    pub(crate) fn largest(&self) -> Charge {
        match self.keeps {
            Keeps::Bucket(span) => {
                let full = Rate::per_minute(non_zero(self.tpm)).over(span);
                Charge::request(Tokens::new(full / 2))
            }
            _ => Charge::request(Tokens::new(self.tpm / 4)),
        }
    }

    /// How many of the calls it refuses.
    pub(crate) fn refusals(&self, calls: &[Call]) -> usize {
        match self.keeps {
            Keeps::Bucket(span) => self.refused_by_bucket(span, calls),
            Keeps::Sliding | Keeps::Aligned => self.refused_by_window(calls),
        }
    }

    fn refused_by_bucket(&self, span: Span, calls: &[Call]) -> usize {
        let bucket = |n: u64| {
            let rate = Rate::per_minute(non_zero(n));
            Bucket::new(rate, non_zero(rate.over(span).max(1)))
        };
        let limits =
            Limits::unlimited().with_requests(bucket(self.rpm)).with_tokens(bucket(self.tpm));
        let mut books = NaiveLedger::like(&limits).unwrap();
        let mut refused = 0;
        for (at, call, ends) in events(calls) {
            if ends {
                let _clipped = books.settle(at, call.reserved, call.actual);
            } else if !books.reserve(at, call.reserved).is_admitted() {
                refused += 1;
                books.charge(at, call.reserved);
            }
        }
        refused
    }

    fn refused_by_window(&self, calls: &[Call]) -> usize {
        let mut refused = 0;
        // What counts, and since when.
        let mut counted: Vec<(Tick, Charge)> = Vec::new();
        let minute = Span::MINUTE.as_nanos();
        for (at, call, ends) in events(calls) {
            if ends {
                let unused = call.reserved.saturating_sub(call.actual);
                let own = counted
                    .iter_mut()
                    .find(|(since, charge)| *since == call.arrives && *charge == call.reserved);
                if let Some((_, charge)) = own {
                    *charge = charge.saturating_sub(unused);
                }
                counted.push((at, call.actual.saturating_sub(call.reserved)));
                continue;
            }
            let still = |since: Tick| match self.keeps {
                Keeps::Aligned => since.as_nanos() / minute == at.as_nanos() / minute,
                _ => at.since(since).as_nanos() < minute,
            };
            let inside = counted.iter().filter(|(since, _)| still(*since));
            let sum = inside.fold(call.reserved, |sum, (_, charge)| sum.saturating_add(*charge));
            let most = [Requests::new(self.rpm), Requests::new(self.tpm)].map(Requests::get);
            if sum.requests.get() > most[0] || sum.tokens.get() > most[1] {
                refused += 1;
            }
            counted.push((at, call.reserved));
        }
        refused
    }
}

/// What the service meets, in order: arrivals, and ends.
fn events(calls: &[Call]) -> Vec<(Tick, Call, bool)> {
    let mut events: Vec<_> = calls
        .iter()
        .flat_map(|call| [(call.arrives, *call, false), (call.ends, *call, true)])
        .collect();
    // An end at the same time as an arrival makes room for it only if it is also known first.
    events.sort_by_key(|(at, _, ends)| (*at, !*ends));
    events
}
