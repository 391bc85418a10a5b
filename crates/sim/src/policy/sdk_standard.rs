//! `sdk-standard-2.0` and `sdk-standard-2.1`: the AWS SDKs' standard mode with their published
//! constants, before November 2026 and since.

use super::Policy;
use super::gated::{self, Open, Retries};
use crate::time::SECOND;
use crate::workload::Workload;

pub(super) fn make(work: &Workload, seed: u64, retries: Retries) -> Box<dyn Policy> {
    gated::make(work, seed, retries, |_| Open)
}

/// Retry 2.0: a second first, and 5 points a retry, whatever the cause.
pub(super) const OLD: Retries = Retries { attempts: 3, base: [SECOND, SECOND], cost: [5, 5] };
/// Retry 2.1: 50 ms first and 14 points where the cause is not a throttle.
pub(super) const NEW: Retries = Retries { attempts: 3, base: [SECOND, SECOND / 20], cost: [5, 14] };
