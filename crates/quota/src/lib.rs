//! The arithmetic of rate limits: may I, and if not now, when?
#![no_std]

mod accounting;
mod backoff;
mod bucket;
mod budget;
mod decision;
mod ledger;
mod limits;
mod rate;
mod time;
mod units;

pub use accounting::{Accounting, TokenCounts};
pub use backoff::{Backoff, Jitter};
pub use bucket::{Bucket, Level};
pub use budget::{Permit, RetryBudget, RetryCause};
pub use decision::{Decision, Meet};
pub use ledger::{Ledger, Reservation, Settled};
pub use limits::Limits;
pub use rate::Rate;
pub use time::{Span, Tick};
pub use units::{Charge, Requests, Tokens};
