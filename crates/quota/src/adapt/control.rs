//! How one rate falls at a throttle and comes back with time.

use crate::{Span, Tick};

use super::Policy;

/// A rate in millionths of what was stated, as a function of time since the latest throttle.
///
/// Only time brings it back, so that no rate can stay low because nothing dared to use it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Control {
    /// The rate to come back to.
    plateau: u32,
    /// How far below the plateau the rate has fallen, and the scale of its growth beyond.
    depth: u32,
    /// The latest throttle, or the beginning.
    since: Tick,
    /// How far along the curve it was then: nothing after a throttle.
    ahead: Span,
    was_throttled: bool,
}

/// The form in which a rate comes back after a throttle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Growth {
    /// In a straight line: additive increase, multiplicative decrease.
    Additive,
    /// Fast at first, hardly at all near the rate that was throttled, then faster again: CUBIC.
    Cubic,
}

impl Control {
    pub(super) fn new(now: Tick, policy: &Policy) -> Self {
        Self {
            plateau: policy.start,
            depth: least_depth(policy),
            since: now,
            ahead: policy.recovery,
            was_throttled: false,
        }
    }

    pub(super) fn level(&self, now: Tick, policy: &Policy) -> u32 {
        let time = now.since(self.since).saturating_add(self.ahead).as_nanos();
        let recovery = policy.recovery.as_nanos().max(1);
        // Negative on the way back to the plateau, positive beyond it; UNIT is one recovery.
        let way = i128::from(time) * UNIT / i128::from(recovery) - UNIT;
        let way = way.min(FAR * UNIT);
        let grown = match policy.growth {
            Growth::Additive => i128::from(self.depth) * way / UNIT,
            Growth::Cubic => i128::from(self.depth) * way * way / UNIT * way / UNIT / UNIT,
        };
        let level = i128::from(self.plateau) + grown;
        let level = level.clamp(policy.floor.into(), policy.ceiling.into());
        u32::try_from(level).unwrap_or(policy.ceiling)
    }

    /// Lowers the rate to `kept` millionths of itself, unless it has only just been lowered.
    pub(super) fn lower(&mut self, now: Tick, kept: u32, policy: &Policy) {
        if self.was_throttled && now.since(self.since) < policy.cooldown {
            return;
        }
        let level = self.level(now, policy);
        let low = u64::from(level) * u64::from(kept) / u64::from(MILLION);
        let low = u32::try_from(low).unwrap_or(level).max(policy.floor);
        // Throttled before it was back: there is less to be had than there was, so it comes back to
        // less and leaves room.
        self.plateau = if level < self.plateau { low.midpoint(level) } else { level };
        self.depth = self.plateau.saturating_sub(low).max(least_depth(policy));
        self.since = self.since.max(now);
        self.ahead = Span::ZERO;
        self.was_throttled = true;
    }
}

/// A hundredth of the whole, so that even a rate at its floor comes back.
fn least_depth(policy: &Policy) -> u32 {
    (policy.ceiling / 100).max(1)
}

const MILLION: u32 = 1_000_000;
const UNIT: i128 = 1 << 20;
/// Recoveries after which every curve has reached its ceiling.
const FAR: i128 = 1 << 10;
