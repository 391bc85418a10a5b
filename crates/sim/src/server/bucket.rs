//! A quota that comes back evenly: the level as a signed number that only ever rises with time.

/// A level in parts of a token: each nanosecond brings as many parts as the quota has tokens, and a
/// token is as many parts as its period has nanoseconds.
#[derive(Debug)]
pub(super) struct Bucket {
    speed: i128,
    token: i128,
    full: i128,
    level: i128,
    at: u64,
}

impl Bucket {
    /// A full bucket of `quota` a `period` that holds what comes back in `burst`.
    pub(super) fn new(quota: u64, period: u64, burst: u64) -> Self {
        let (speed, token) = (i128::from(quota), i128::from(period));
        // Whole tokens, and at least one.
        let full = (speed * i128::from(burst) / token).max(1) * token;
        Self { speed, token, full, level: full, at: 0 }
    }

    fn rise(&mut self, now: u64) {
        let grown = self.level + self.speed * i128::from(now.saturating_sub(self.at));
        self.level = grown.min(self.full);
        self.at = self.at.max(now);
    }

    pub(super) fn fits(&mut self, now: u64, n: u64) -> bool {
        self.rise(now);
        i128::from(n) * self.token <= self.level
    }

    pub(super) fn left(&mut self, now: u64) -> u64 {
        self.rise(now);
        u64::try_from(self.level / self.token).unwrap_or(0)
    }

    pub(super) fn take(&mut self, now: u64, n: u64) {
        self.rise(now);
        self.level -= i128::from(n) * self.token;
    }

    /// What was not used comes back, in whole tokens, as far as there is room for it.
    pub(super) fn settle(&mut self, now: u64, reserved: u64, actual: u64) {
        self.rise(now);
        let mut change = i128::from(reserved) - i128::from(actual);
        if change > 0 {
            change = change.min((self.full - self.level) / self.token);
        }
        self.level += change * self.token;
    }

    pub(super) fn earliest(&mut self, now: u64, n: u64) -> Option<u64> {
        self.rise(now);
        let wanted = i128::from(n) * self.token;
        if wanted > self.full {
            return None;
        }
        let short = (wanted - self.level).max(0);
        let wait = (short + self.speed - 1) / self.speed;
        u64::try_from(wait).ok().and_then(|wait| now.checked_add(wait))
    }
}
