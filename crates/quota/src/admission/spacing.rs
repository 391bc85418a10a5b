//! Tokens of an unknown service, paced by what calls will cost rather than by what they reserve.

use crate::{Bucket, Charge, Decision, Kind, Limit, Limits, Paced, Rate, Span, Tick, Tokens};

use super::reach::Reach;

/// Buckets that hold what calls are expected to cost, beside those that hold what they reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spacing {
    buckets: Paced,
    cost: Cost,
    reach: Reach,
}

/// What is to be known of a call when it has ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spaced {
    reserved: Charge,
    expected: Charge,
    /// How far it went.
    far: Span,
    /// Whether the pace of the reservations would have refused it.
    is_ahead: bool,
    is_try: bool,
}

impl Spacing {
    /// What a call may reserve more of than it costs.
    pub(super) const KINDS: [Kind; 2] = [Kind::Tokens, Kind::Input];

    /// The same as `limits` for a beginning.
    pub(super) fn new(now: Tick, limits: &Limits) -> Self {
        let buckets = Paced::new(limits.only(&Self::KINDS));
        Self { buckets, cost: Cost::default(), reach: Reach::new(now) }
    }

    /// A call of `charge` that goes so far.
    pub(super) fn spaced(&self, charge: Charge, far: Span, is_ahead: bool) -> Spaced {
        let is_try = is_ahead && self.reach.is_try(far);
        Spaced { reserved: charge, expected: self.expected(charge), far, is_ahead, is_try }
    }

    /// What such a call will cost.
    pub(super) fn expected(&self, charge: Charge) -> Charge {
        let part = |tokens: Tokens| Tokens::new(self.cost.expected(tokens.get()));
        Charge { tokens: part(charge.tokens), input: part(charge.input), ..charge }
    }

    /// What each bucket says to what `charge` will cost.
    pub(super) fn answers(
        &self,
        now: Tick,
        charge: Charge,
    ) -> impl Iterator<Item = (Kind, Decision<()>)> {
        self.buckets.answers(now, self.expected(charge))
    }

    /// What the service is thought to say to `n` if `bucket` keeps its books.
    pub(super) fn reaches(&self, now: Tick, stated: Rate, bucket: &Bucket, n: u64) -> Decision<()> {
        self.reach.answer(now, stated, bucket, n)
    }

    pub(super) fn bucket(&self, kind: Kind) -> Option<&Bucket> {
        self.buckets.limits().bucket(kind)
    }

    pub(super) fn bucket_mut(&mut self, kind: Kind) -> Option<&mut Bucket> {
        self.buckets.bucket_mut(kind)
    }

    /// The call goes.
    pub(super) fn begin(&mut self, now: Tick, call: &Spaced) {
        self.buckets.charge(now, (), call.expected);
    }

    /// The call has ended, and has cost this, or nothing if it was not let in.
    pub(super) fn end(&mut self, now: Tick, call: &Spaced, actual: Charge) {
        self.buckets.charge(now, (), actual.saturating_sub(call.expected));
        let unused = call.expected.saturating_sub(actual);
        let _clipped = self.buckets.give_back(now, (), now, unused);
    }

    /// The call has ended and has cost this. One that cost nothing, such as a bad request, says
    /// nothing about the next.
    pub(super) fn learn(&mut self, call: &Spaced, actual: Charge) {
        let actual = tokens(actual);
        if actual > 0 {
            self.cost.learn(tokens(call.reserved), actual);
            self.reach.bear(call.far);
        }
    }

    /// The service throttled the call for its tokens.
    pub(super) fn fail(&mut self, now: Tick, call: &Spaced) {
        if call.is_ahead {
            self.reach.fail(now, call.far, call.is_try);
        }
    }
}

impl Spaced {
    /// Whether it goes further than was proven.
    pub(super) const fn is_try(&self) -> bool {
        self.is_try
    }
}

/// What calls cost of what they reserve.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cost {
    calls: u32,
    reserved: u64,
    actual: u64,
}

impl Cost {
    /// What a call that reserves so much will cost; all of it, until a few have ended.
    fn expected(&self, reserved: u64) -> u64 {
        if self.calls < FEW {
            return reserved;
        }
        let cost = u128::from(reserved) * u128::from(self.actual);
        let cost = cost.div_ceil(u128::from(self.reserved).max(1));
        u64::try_from(cost).map_or(reserved, |cost| cost.min(reserved))
    }

    /// A call has ended.
    const fn learn(&mut self, reserved: u64, actual: u64) {
        self.calls += 1;
        self.reserved = self.reserved.saturating_add(reserved);
        self.actual = self.actual.saturating_add(actual);
        if self.calls == MANY {
            self.calls /= 2;
            self.reserved /= 2;
            self.actual /= 2;
        }
    }
}

/// All tokens of which a call may reserve more than it costs, however they are counted.
const fn tokens(charge: Charge) -> u64 {
    charge.tokens.saturating_add(charge.input).get()
}

const FEW: u32 = 4;
/// From here on, what was long ago weighs less and less.
const MANY: u32 = 64;
