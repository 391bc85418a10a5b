//! What calls in flight may hold of an unknown service's tokens beyond what they will cost.

use crate::{Bucket, Decision, Rate, Span, Tick};

use super::pause::Pause;
use super::rules::worth;

/// How far below full the service is known to let its bucket of tokens be taken, in time of refill.
///
/// A call that goes further than that is a try: it may go twice as far as was proven, and when it
/// ends well, its reach is. If it is throttled, tries pause, for longer each time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    proven: Span,
    pause: Pause,
}

impl Reach {
    pub(super) const fn new(now: Tick) -> Self {
        Self { proven: Span::ZERO, pause: Pause::until(now) }
    }

    /// What a bucket of the service says, whose books are `bucket`, if it reaches as far as this.
    pub(super) fn answer(&self, now: Tick, stated: Rate, bucket: &Bucket, n: u64) -> Decision<()> {
        let far =
            |span: Span| bucket.with_burst(worth(stated, span.min(Span::MINUTE))).check(now, n);
        let tried = far(self.proven.saturating_add(self.proven));
        let tried = if self.pause.is_over(now) {
            tried
        } else {
            tried.join(Decision::Wait { until: self.pause.end() })
        };
        far(self.proven).or(tried)
    }

    /// A call that went so far ended well.
    pub(super) fn bear(&mut self, far: Span) {
        self.proven = self.proven.max(far).min(Span::MINUTE);
    }

    /// Whether a call that goes so far is a try.
    pub(super) fn is_try(&self, far: Span) -> bool {
        far > self.proven
    }

    /// A call that went so far was throttled. What was proven is halved, if it was not a try.
    pub(super) fn fail(&mut self, now: Tick, far: Span, was_try: bool) {
        if !was_try {
            self.proven = Span::from_nanos(far.as_nanos() / 2);
        }
        // Calls that were under way when the pause began belong to it.
        if self.pause.is_over(now) {
            self.pause.begin(now);
        }
    }
}
