//! How many retries a client may afford: a fixed part of its requests.

/// Allows retries as a part of all requests, so that load grows by that part at most.
///
/// Every request saves a part of a retry, up to a maximum; every retry spends a whole one. A
/// [`RetryBudget`](crate::RetryBudget) lives on successes instead, and does not know how many
/// requests there were.
///
/// # Examples
///
/// ```
/// use outcrop_quota::RetryRatio;
///
/// // One retry for ten requests, and at most two saved up.
/// let mut ratio = RetryRatio::new(100, 2);
/// assert!(ratio.acquire() && ratio.acquire() && !ratio.acquire());
/// for _ in 0..10 {
///     ratio.request();
/// }
/// assert!(ratio.acquire() && !ratio.acquire());
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryRatio {
    per_mille: u16,
    most: u64,
    /// In thousandths of a retry.
    saved: u64,
}

impl RetryRatio {
    /// Allows `per_mille` retries for a thousand requests, with `burst` of them saved at the start,
    /// which is also the most that can be saved.
    pub const fn new(per_mille: u16, burst: u32) -> Self {
        let most = burst as u64 * RETRY;
        Self { per_mille, most, saved: most }
    }

    /// Whole retries that could be made now.
    pub const fn available(&self) -> u64 {
        self.saved / RETRY
    }

    /// Counts a request; its retries are not requests.
    pub fn request(&mut self) {
        self.saved = self.saved.saturating_add(self.per_mille.into()).min(self.most);
    }

    /// Pays for one retry; `false` if there is too little, and then the call must not be retried.
    pub const fn acquire(&mut self) -> bool {
        match self.saved.checked_sub(RETRY) {
            Some(rest) => {
                self.saved = rest;
                true
            }
            None => false,
        }
    }
}

const RETRY: u64 = 1_000;
