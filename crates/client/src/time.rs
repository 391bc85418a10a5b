//! Puts limits on waiting.

use std::future::Future;
use std::pin::pin;

use futures_util::future::{Either, select};
use transport::rt::{Moment, Timer};

use crate::error::Limit;

/// What `work` gives, or `None` if `until` comes first. Work that is ready at that moment wins.
pub(crate) async fn before<T>(
    timer: &dyn Timer,
    until: Option<Moment>,
    work: impl Future<Output = T>,
) -> Option<T> {
    let Some(until) = until else { return Some(work.await) };
    match select(pin!(work), timer.sleep_until(until)).await {
        Either::Left((done, _)) => Some(done),
        Either::Right(_) => None,
    }
}

/// The first of a limit's end and the deadline of the whole call, and which of the two it is.
pub(crate) fn first(
    limit: Limit,
    end: Option<Moment>,
    deadline: Option<Moment>,
) -> (Option<Moment>, Limit) {
    match (end, deadline) {
        (Some(end), Some(deadline)) if deadline < end => (Some(deadline), Limit::Total),
        (Some(end), _) => (Some(end), limit),
        (None, deadline) => (deadline, Limit::Total),
    }
}
