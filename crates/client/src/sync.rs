//! The locks of this crate, in one place, so that a test can run the limiter over others.

#[cfg(all(test, feature = "interleavings"))]
pub(crate) use shuttle::sync::{Mutex, MutexGuard};
pub(crate) use std::sync::PoisonError;
#[cfg(not(all(test, feature = "interleavings")))]
pub(crate) use std::sync::{Mutex, MutexGuard};
