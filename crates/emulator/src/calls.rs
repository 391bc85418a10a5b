//! Counts the calls that are being answered.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of calls in work, shared by all who count.
#[derive(Debug, Clone, Default)]
pub(crate) struct OpenCalls(Arc<AtomicUsize>);

impl OpenCalls {
    /// Counts one call until the guard is dropped.
    pub(crate) fn open(&self) -> OpenCall {
        self.0.fetch_add(1, Ordering::SeqCst);
        OpenCall(self.clone())
    }

    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// One call being answered. It lives as long as the call: in the handler, then in the body.
#[derive(Debug)]
pub(crate) struct OpenCall(OpenCalls);

impl Drop for OpenCall {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::SeqCst);
    }
}
