//! The locks of this crate, in one place, so that a test can run the limiter over others.

pub(crate) use std::sync::{Mutex, MutexGuard, PoisonError};
