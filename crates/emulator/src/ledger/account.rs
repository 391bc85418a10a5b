//! The account of one model in one scope: its limits, its charges, and what is counted of them.

use std::time::Duration;

use serde_json::{Value, json};

use super::window::{MINUTE, Window};
use crate::error::{Kind, Refusal};
use crate::quotas::{Limits, Refill};

#[derive(Debug)]
pub(super) struct Account {
    limits: Limits,
    requests: Option<Window>,
    tokens: Option<Window>,
    daily: Option<Window>,
    totals: Totals,
    /// When the first and the last call was admitted.
    span: Option<(Duration, Duration)>,
}

/// What one admitted call holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    number: u64,
    tokens: u64,
}

/// Counts since the start, or since the last reset.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Totals {
    admitted: u64,
    settled_calls: u64,
    throttled: [u64; 4],
    /// Tokens that calls held when they were admitted.
    reserved: u64,
    /// Tokens that calls were charged when they ended.
    settled: u64,
    /// Tokens that calls hold now.
    holding: u64,
}

/// Why a call is throttled; the number is its place among the counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cause {
    Requests = 0,
    Tokens = 1,
    TokensPerDay = 2,
    Concurrency = 3,
}

impl Account {
    pub(super) fn new(limits: Limits, refill: Refill) -> Self {
        let window = |limit: Option<u64>, period, least| {
            limit.map(|limit| Window::new(limit, period, refill, least))
        };
        Self {
            limits,
            requests: window(limits.requests_per_minute, MINUTE, 1),
            tokens: window(limits.tokens_per_minute, MINUTE, 0),
            daily: window(limits.tokens_per_day, DAY, 0),
            totals: Totals::default(),
            span: None,
        }
    }

    /// Charges a call that holds so many tokens, unless one of the limits does not let it in.
    pub(super) fn admit(&mut self, now: Duration, tokens: u64) -> Result<Held, Refusal> {
        let fits = |window: &mut Option<Window>, amount| {
            window.as_mut().is_none_or(|window| window.fits(now, amount))
        };
        let open = self.totals.in_flight();
        let cause = if self.limits.concurrent_requests.is_some_and(|limit| open >= limit) {
            Some(Cause::Concurrency)
        } else if !fits(&mut self.requests, 1) {
            Some(Cause::Requests)
        } else if !fits(&mut self.daily, tokens) {
            Some(Cause::TokensPerDay)
        } else if !fits(&mut self.tokens, tokens) {
            Some(Cause::Tokens)
        } else {
            None
        };
        let totals = &mut self.totals;
        if let Some(cause) = cause {
            totals.throttled = totals.with_throttle(cause);
            return Err(Refusal::new(Kind::Throttling, cause.message()));
        }
        Ok(self.charge(now, tokens))
    }

    /// Charges a call that holds so many tokens, whatever the limits.
    pub(super) fn charge(&mut self, now: Duration, tokens: u64) -> Held {
        let totals = &mut self.totals;
        totals.admitted += 1;
        totals.reserved = totals.reserved.saturating_add(tokens);
        totals.holding = totals.holding.saturating_add(tokens);
        let held = Held { number: totals.admitted, tokens };
        let charges =
            [(&mut self.requests, 1), (&mut self.tokens, tokens), (&mut self.daily, tokens)];
        for (window, amount) in charges {
            if let Some(window) = window {
                window.charge(now, held.number, amount);
            }
        }
        let first = self.span.map_or(now, |(first, _)| first);
        self.span = Some((first, now));
        held
    }

    /// Ends a call that was admitted: it is charged what it used instead of what it held.
    pub(super) fn settle(&mut self, now: Duration, held: &Held, used: u64) {
        let totals = &mut self.totals;
        totals.settled_calls += 1;
        totals.settled = totals.settled.saturating_add(used);
        totals.holding = totals.holding.saturating_sub(held.tokens);
        for window in [&mut self.tokens, &mut self.daily].into_iter().flatten() {
            window.settle(now, held.number, held.tokens, used);
        }
    }

    pub(super) const fn totals(&self) -> &Totals {
        &self.totals
    }

    /// The counts, the limits, and how much of each is used: at this moment, and over the time
    /// from the first call admitted to the last.
    pub(super) fn report(&mut self, now: Duration) -> Value {
        let used = |window: &mut Option<Window>| window.as_mut().map(|window| window.used(now));
        let used = json!({
            "requestsPerMinute": used(&mut self.requests),
            "tokensPerMinute": used(&mut self.tokens),
            "tokensPerDay": used(&mut self.daily),
            "concurrentRequests": self.limits.concurrent_requests.map(|_| self.totals.in_flight()),
        });
        let span = self.span.map(|(first, last)| last.saturating_sub(first).as_secs_f64());
        let share = |count: u64, limit: Option<u64>| {
            let quota = limit? as f64 / 60.0 * span?;
            (quota > 0.0).then(|| count as f64 / quota)
        };
        let mut value = self.totals.to_json();
        for (key, member) in [
            ("limits", limits(&self.limits)),
            ("used", used),
            ("admissionSeconds", json!(span)),
            (
                "quotaUsed",
                json!({
                    "requestsPerMinute":
                        share(self.totals.admitted, self.limits.requests_per_minute),
                    "tokensPerMinute": share(self.totals.settled, self.limits.tokens_per_minute),
                }),
            ),
        ] {
            crate::wire::set(&mut value, key, member);
        }
        value
    }
}

impl Totals {
    pub(super) const fn in_flight(&self) -> u64 {
        self.admitted - self.settled_calls
    }

    fn with_throttle(&self, cause: Cause) -> [u64; 4] {
        let mut throttled = self.throttled;
        if let Some(count) = throttled.get_mut(cause as usize) {
            *count += 1;
        }
        throttled
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.admitted += other.admitted;
        self.settled_calls += other.settled_calls;
        for (sum, count) in self.throttled.iter_mut().zip(other.throttled) {
            *sum += count;
        }
        self.reserved = self.reserved.saturating_add(other.reserved);
        self.settled = self.settled.saturating_add(other.settled);
        self.holding = self.holding.saturating_add(other.holding);
    }

    pub(super) fn to_json(self) -> Value {
        let [requests, tokens, tokens_per_day, concurrency] = self.throttled;
        json!({
            "admitted": self.admitted,
            "inFlight": self.in_flight(),
            "throttled": {
                "requests": requests,
                "tokens": tokens,
                "tokensPerDay": tokens_per_day,
                "concurrency": concurrency,
                "total": self.throttled.iter().sum::<u64>(),
            },
            "reservedTokens": self.reserved,
            "settledTokens": self.settled,
            "heldTokens": self.holding,
        })
    }
}

impl Cause {
    /// The service's words. What it says of too many calls at a time is not known.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Requests => "Too many requests, please wait before trying again.",
            Self::Tokens => "Too many tokens, please wait before trying again.",
            Self::TokensPerDay => "Too many tokens per day, please wait before trying again.",
            Self::Concurrency => "Too many concurrent requests, please wait before trying again.",
        }
    }
}

fn limits(limits: &Limits) -> Value {
    json!({
        "requestsPerMinute": limits.requests_per_minute,
        "tokensPerMinute": limits.tokens_per_minute,
        "tokensPerDay": limits.tokens_per_day,
        "concurrentRequests": limits.concurrent_requests,
    })
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
