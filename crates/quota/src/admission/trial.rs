//! Putting a guess aside for a while, to see whether the service bears it.

use crate::{Decision, Span, Tick};

use super::pause::Pause;

/// When the windows of a service that may have none are put aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trial {
    is_on: bool,
    pause: Pause,
}

impl Trial {
    /// The first one may begin a minute from now.
    pub(super) const fn new(now: Tick) -> Self {
        Self { is_on: false, pause: Pause::until(now.after(Span::MINUTE)) }
    }

    pub(super) const fn is_on(&self) -> bool {
        self.is_on
    }

    /// What is left of an answer of the windows, while they are not put aside.
    pub(super) fn shorten(&self, now: Tick, answer: Decision<()>) -> Decision<()> {
        match answer {
            Decision::Wait { .. } if self.pause.is_over(now) => Decision::Admit(()),
            Decision::Wait { until } => Decision::Wait { until: until.min(self.pause.end()) },
            answer => answer,
        }
    }

    /// A call goes that the windows would have refused.
    pub(super) const fn begin(&mut self) {
        self.is_on = true;
    }

    /// Such a call was throttled.
    pub(super) fn fail(&mut self, now: Tick) {
        if self.is_on {
            self.is_on = false;
            self.pause.begin(now);
        }
    }
}
