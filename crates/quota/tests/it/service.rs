//! Services written out as lists of what they let in, each kind in the plainest way: numbers alone,
//! and nothing of the crate that they judge.

use proptest::prelude::*;

/// A service with quotas of requests and tokens by the minute.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Service {
    pub(crate) rpm: u128,
    pub(crate) tpm: u128,
    pub(crate) keeps: Keeps,
}

/// How it keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeps {
    /// Buckets that hold what comes back in so many seconds.
    Bucket(u128),
    Sliding,
    Aligned,
}

/// A call as the service meets it: nanoseconds and tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) arrives: u128,
    pub(crate) ends: u128,
    pub(crate) reserved: u128,
    pub(crate) actual: u128,
}

impl Service {
    /// Calls up to this size find room after ways of different length; a larger one may need all
    /// that the service has.
    pub(crate) const fn largest(&self) -> u128 {
        match self.keeps {
            Keeps::Bucket(secs) => self.tpm * secs / 60 / 2,
            Keeps::Sliding | Keeps::Aligned => self.tpm / 4,
        }
    }

    /// How many of the calls it refuses.
    pub(crate) fn refusals(&self, calls: &[Call]) -> usize {
        let mut events: Vec<_> = calls
            .iter()
            .flat_map(|call| [(call.arrives, *call, false), (call.ends, *call, true)])
            .collect();
        // An end at the same time as an arrival makes room for it only if it is also known first.
        events.sort_by_key(|(at, _, ends)| (*at, !*ends));
        let mut books = Books::new(*self);
        let mut refused = 0;
        for (at, call, ends) in events {
            if ends {
                books.end(call);
            } else if !books.admits(at, call.reserved) {
                refused += 1;
            }
            if !ends {
                books.arrive(at, call.reserved);
            }
        }
        refused
    }
}

/// Everything that a service has let in.
#[derive(Clone, Debug)]
pub(crate) struct Books {
    service: Service,
    requests: Vec<Entry>,
    tokens: Vec<Entry>,
}

/// When, and how many were taken, or given back.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: u128,
    taken: u128,
    back: u128,
}

impl Books {
    pub(crate) const fn new(service: Service) -> Self {
        Self { service, requests: Vec::new(), tokens: Vec::new() }
    }

    /// Whether a call that arrives now has room.
    pub(crate) fn admits(&self, now: u128, reserved: u128) -> bool {
        self.has_room(self.service.rpm, &self.requests, now, 1)
            && self.has_room(self.service.tpm, &self.tokens, now, reserved)
    }

    /// It is let in.
    pub(crate) fn arrive(&mut self, now: u128, reserved: u128) {
        self.requests.push(Entry { at: now, taken: 1, back: 0 });
        self.tokens.push(Entry { at: now, taken: reserved, back: 0 });
    }

    /// It ends, and its tokens are charged as what they were.
    pub(crate) fn end(&mut self, call: Call) {
        let unused = call.reserved.saturating_sub(call.actual);
        let more = call.actual.saturating_sub(call.reserved);
        if let Keeps::Bucket(_) = self.service.keeps {
            self.tokens.push(Entry { at: call.ends, taken: more, back: unused });
            return;
        }
        // A window counts the call where it began as what it cost, and what is more from now on.
        let is_own = |entry: &&mut Entry| {
            (entry.at, entry.taken, entry.back) == (call.arrives, call.reserved, 0)
        };
        if let Some(own) = self.tokens.iter_mut().find(is_own) {
            own.back = unused;
        }
        self.tokens.push(Entry { at: call.ends, taken: more, back: 0 });
    }

    fn has_room(&self, quota: u128, entries: &[Entry], now: u128, n: u128) -> bool {
        let counts = |entry: &&Entry| match self.service.keeps {
            Keeps::Aligned => entry.at / MINUTE == now / MINUTE,
            _ => now - entry.at < MINUTE,
        };
        match self.service.keeps {
            // In parts of a token, of which `quota` come back every nanosecond.
            Keeps::Bucket(secs) => {
                let burst = (quota * secs / 60).max(1) * MINUTE;
                let (mut missing, mut last) = (0_u128, 0);
                for entry in entries {
                    missing = missing.saturating_sub(quota * (entry.at - last));
                    missing = (missing + entry.taken * MINUTE).saturating_sub(entry.back * MINUTE);
                    last = entry.at;
                }
                missing.saturating_sub(quota * (now - last)) + n * MINUTE <= burst
            }
            Keeps::Sliding | Keeps::Aligned => {
                let inside = entries.iter().filter(counts);
                inside.map(|entry| entry.taken - entry.back).sum::<u128>() + n <= quota
            }
        }
    }
}

/// Services with quotas of any size and every way to keep them.
pub(crate) fn services() -> impl Strategy<Value = Service> {
    let keeps = prop_oneof![
        2 => prop_oneof![1_u128..=2, 1_u128..=60].prop_map(Keeps::Bucket),
        1 => Just(Keeps::Sliding),
        1 => Just(Keeps::Aligned),
    ];
    (120_u128..100_000, 60_000_u128..10_000_000, keeps).prop_map(|(rpm, tpm, keeps)| Service {
        rpm,
        tpm,
        keeps,
    })
}

const MINUTE: u128 = 60_000_000_000;
