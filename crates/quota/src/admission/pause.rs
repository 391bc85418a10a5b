//! The pause after a guess that failed, before it is tried again.

use crate::{Span, Tick};

/// When the next try may come. Each failure makes the pause twice as long, up to an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    until: Tick,
    length: Span,
}

impl Pause {
    /// The first try may come at `until`.
    pub(super) const fn until(until: Tick) -> Self {
        Self { until, length: SHORTEST }
    }

    pub(super) const fn end(&self) -> Tick {
        self.until
    }

    pub(super) fn is_over(&self, now: Tick) -> bool {
        now >= self.until
    }

    /// A try has failed.
    pub(super) fn begin(&mut self, now: Tick) {
        self.until = now.after(self.length);
        self.length = self.length.saturating_add(self.length).min(LONGEST);
    }
}

const SHORTEST: Span = Span::from_secs(5 * 60);
const LONGEST: Span = Span::from_secs(60 * 60);
