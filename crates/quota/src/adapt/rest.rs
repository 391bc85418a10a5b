//! A short rest after a throttle, so that what is used up is not asked for again and again.

use crate::{Span, Tick};

/// Until when nothing goes. A throttle that follows close on a rest makes the next one twice as long.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Rest {
    /// When the latest one ends or ended, and how long it was.
    latest: Option<(Tick, Span)>,
}

impl Rest {
    /// A quota by the minute is used up. Throttles of calls that were under way when a rest began
    /// belong to it.
    pub(super) fn begin(&mut self, now: Tick) {
        let length = match self.latest {
            Some((end, _)) if now < end => return,
            Some((end, length)) if now.since(end) <= SOON => {
                length.saturating_add(length).min(LONGEST)
            }
            _ => SHORTEST,
        };
        self.latest = Some((now.after(length), length));
    }

    pub(super) fn until(&self) -> Tick {
        self.latest.map_or(Tick::ZERO, |(end, _)| end)
    }
}

const SHORTEST: Span = Span::from_millis(50);
const LONGEST: Span = Span::from_secs(5);
/// A throttle that comes so soon after a rest says that it was too short.
const SOON: Span = Span::from_millis(250);
