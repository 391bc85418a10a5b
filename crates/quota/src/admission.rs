//! Who may go and when, under the quotas of one model: everything that this crate knows, composed.

mod pause;
mod reach;
mod rules;
mod spacing;
mod trial;

use core::num::NonZeroU64;

use crate::{
    Adapt, Cause, Charge, Decision, Estimate, Kind, Ledger, Limit, Limits, Quotas, Requests,
    Reservation, Settled, Span, Tick, Tokens, Verdict,
};

use rules::{Rules, Sent};

/// The policy of a client towards one model: a plain value to which all time is told.
///
/// What goes in are the published [`Quotas`], with the way in which the service keeps them, or none
/// if nobody knows. For each call it is asked once or more whether the call may
/// [go](Self::reserve), is told what the call [costs so far](Self::adjust), and how it ended: it
/// was [settled](Self::settle), [refused](Self::throttled), [not sent](Self::refund) or
/// [given up](Self::abandon). From sizes and throttles it learns.
///
/// Where the service is known, its own limits are kept as books on this side: a bucket of the same
/// burst, or a window. Where it is not, three things have to agree:
///
/// * a bucket of a quarter of a second for each quota: it never holds more than a larger bucket of
///   the same rate, so that what it admits such a service admits, too;
/// * a sliding window of a minute for each quota: what it admits, a service that counts by the
///   window admits, sliding or aligned;
/// * [`Adapt`], which scales the rate of the buckets: it starts at 85 %, and throttles lower it.
///
/// Calls often reserve far more than they cost, which is given back when they end. Towards an unknown
/// service the small bucket of tokens is therefore charged what calls have lately cost of what they
/// reserve, once a few have ended, and corrected when each ends; the window goes on holding what they
/// reserve. How much may be held by calls in flight beyond the pace of the reservations is found by
/// trying: twice what was borne before, up to a minute's worth. A throttle of such a
/// [try](Admitted::is_try) leaves the rates alone, and tries rest for a pause that doubles each
/// time, up to an hour.
///
/// The window can hold calls back in vain, if the service has none. So, when nothing else is in the
/// way, it is put aside on [trial](Self::is_on_trial), after a minute for the first time. If a call
/// that it would have refused is throttled, it is back, and the next trial comes after a pause that
/// doubles each time, up to an hour.
///
/// # Examples
///
/// ```
/// use core::num::NonZeroU64;
/// use outcrop_quota::{Admission, Charge, Decision, Quotas, Tick, Tokens};
///
/// let sixty = NonZeroU64::new(60).unwrap();
/// let quotas = Quotas::default().with_requests_per_minute(sixty).with_quota_use(1_000_000);
/// let mut admission = Admission::new(Tick::ZERO, &quotas);
///
/// let call = Charge::request(Tokens::new(1_000));
/// let Decision::Admit(first) = admission.reserve(Tick::ZERO, call) else { panic!() };
/// let second = Tick::from_nanos(1_000_000_000);
/// assert_eq!(admission.check(Tick::ZERO, call), Decision::Wait { until: second });
/// admission.settle(second, first, Charge::request(Tokens::new(300)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admission {
    ledger: Ledger<Rules>,
    estimate: Estimate,
}

impl Admission {
    /// Keeps to these quotas, of which nothing is taken yet.
    pub fn new(now: Tick, quotas: &Quotas) -> Self {
        Self::with(Rules::new(now, quotas))
    }

    /// Keeps to exactly these limits, for a service that is known to have them.
    pub fn over(now: Tick, limits: Limits) -> Self {
        Self::with(Rules::over(now, limits))
    }

    fn with(rules: Rules) -> Self {
        Self { ledger: Ledger::new(rules), estimate: Estimate::new(1, THREE, COVERED) }
    }

    /// The tokens that a text of so many bytes will hardly exceed.
    pub fn estimate(&self, bytes: u64) -> Tokens {
        self.estimate.tokens(bytes)
    }

    /// The service has counted so many tokens in so many bytes.
    pub fn learn(&mut self, bytes: u64, tokens: Tokens) {
        self.estimate.learn(bytes, tokens);
    }

    /// Takes `charge` from every limit, or says when to ask again; a refusal takes nothing.
    pub fn reserve(&mut self, now: Tick, charge: Charge) -> Decision<Admitted, Charge> {
        self.advance(now);
        let sent = self.ledger.limits().sent(now, charge);
        self.ledger.reserve_in(now, (), charge).map(|reservation| {
            self.ledger.limits_mut().admitted(now, &sent);
            Admitted { reservation, sent }
        })
    }

    /// What [`reserve`](Self::reserve) would say, without taking anything.
    pub fn check(&mut self, now: Tick, charge: Charge) -> Decision<(), Charge> {
        self.advance(now);
        self.ledger.expire(now);
        self.ledger.limits().check(now, (), charge)
    }

    /// A call under way is to hold this, because more is known of its cost.
    pub fn adjust(&mut self, now: Tick, admitted: &mut Admitted, charge: Charge) -> Settled {
        self.ledger.adjust(now, &mut admitted.reservation, charge)
    }

    /// The call has cost `actual`.
    pub fn settle(&mut self, now: Tick, admitted: Admitted, actual: Charge) -> Settled {
        self.ledger.limits_mut().settled(&admitted.sent, actual);
        self.end(now, admitted, actual)
    }

    /// The call was never sent.
    pub fn refund(&mut self, now: Tick, admitted: Admitted) -> Settled {
        self.end(now, admitted, Charge::ZERO)
    }

    /// The service refused the call for now. Says whose throttle it was.
    ///
    /// Whether a refused call counts as a request is not published, so it does here. The bucket that
    /// the throttle is about is empty then, whatever the books said: what they allowed to go at once
    /// was not there.
    pub fn throttled(&mut self, now: Tick, admitted: Admitted, cause: Cause) -> Verdict {
        self.advance(now);
        let verdict = self.ledger.limits_mut().throttled(now, cause, &admitted.sent);
        self.end(now, admitted, Charge::new(Requests::new(1), Tokens::ZERO));
        self.ledger.limits_mut().empty(now, cause);
        verdict
    }

    /// The call may have been sent, and whoever waited for it has gone: the reserved charge stands,
    /// and its request is in flight for this long.
    pub fn abandon(&mut self, now: Tick, admitted: Admitted, patience: Span) {
        let _until_its_time_out = self.ledger.abandon(now, admitted.reservation, patience);
    }

    /// The calls under way.
    pub const fn outstanding(&self) -> u64 {
        self.ledger.outstanding()
    }

    /// What they hold.
    pub const fn held(&self) -> Charge {
        self.ledger.held()
    }

    /// When the next call that was given up leaves.
    pub fn next_expiry(&self) -> Option<Tick> {
        self.ledger.next_expiry()
    }

    /// What is left of a limit at the service, by these books; `None` if there is no such limit.
    pub fn left(&self, now: Tick, kind: Kind) -> Option<u64> {
        self.ledger.limits().left(now, kind)
    }

    /// The limit that keeps `charge` waiting for longest, if one does.
    pub fn binds(&self, now: Tick, charge: Charge) -> Option<Kind> {
        self.ledger.limits().binds(now, charge)
    }

    /// The first tick at which a call of `own` could go if those `ahead` of it go first and all that
    /// is held came back at once: it cannot be earlier.
    pub fn earliest(&self, now: Tick, ahead: Charge, own: Charge) -> Tick {
        self.ledger.limits().earliest(now, ahead, own, self.held())
    }

    /// What was learned from throttles.
    pub const fn adapt(&self) -> &Adapt {
        self.ledger.limits().adapt()
    }

    /// Whether the window of an unknown service is put aside.
    pub fn is_on_trial(&self) -> bool {
        self.ledger.limits().is_on_trial()
    }

    fn end(&mut self, now: Tick, admitted: Admitted, actual: Charge) -> Settled {
        self.ledger.limits_mut().ended(now, &admitted.sent, actual);
        self.ledger.settle(now, admitted.reservation, actual)
    }

    fn advance(&mut self, now: Tick) {
        self.ledger.limits_mut().advance(now);
    }
}

/// A call that an [`Admission`] let go, to be ended once.
#[derive(Debug)]
#[must_use = "a call that is not ended holds its quota"]
pub struct Admitted {
    reservation: Reservation,
    sent: Sent,
}

impl Admitted {
    /// What it holds.
    pub const fn charge(&self) -> Charge {
        self.reservation.charge()
    }

    /// Whether it tries how much an unknown service bears: a throttle of such a call says that this
    /// was too much, and not that the rate is.
    pub fn is_try(&self) -> bool {
        self.sent.is_try()
    }
}

/// Bytes of text that make a token, at least: the densest that was measured on plain text.
const THREE: NonZeroU64 = NonZeroU64::MIN.saturating_add(2);
/// Of the prompts, in thousandths: at the edge of a quota, too few tokens mean a throttle.
const COVERED: u16 = 990;
