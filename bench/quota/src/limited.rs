//! The same through the client's limiter: with the clock of the machine, one lock and the queue.

use std::hint::black_box;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use quota::{Admission, Charge, Quotas, ServerModel, Tokens};
use transport::rt::system::System;

use crate::client::limiter::Limiter;
use crate::governed::Governed;
use crate::{options, pair};

/// Against a service that is known to keep a bucket, so that the limits are the same three buckets.
pub(crate) fn measure() {
    let many = |n| NonZeroU64::new(n).unwrap();
    let quotas = Quotas::default()
        .with_requests_per_minute(many(1_000_000_000_000))
        .with_tokens_per_minute(many(10_000_000_000_000_000))
        .with_tokens_per_day(many(10_000_000_000_000_000_000))
        .with_server(ServerModel::Bucket { burst: Duration::from_secs(60) });
    let system = Arc::new(System::new());
    let admission = |now| Admission::new(now, &quotas);
    let limiter = Arc::new(Limiter::new(system.clone(), system, Arc::default(), admission));
    let governed = Governed::new();
    let ours = || admit(&limiter);
    let reference = || governed.check();
    pair::run("limiter", 2.0, ours, reference);
    pair::run_on_two_threads("limiter-two-threads", 2.0, ours, reference);
}

/// A call that holds 5,000 tokens and uses 1,800.
fn admit(limiter: &Arc<Limiter>) {
    let charge = Charge::request(Tokens::new(black_box(5_000)));
    let wait = limiter.acquire(charge, options::Admission::Wait, None);
    let mut held = wait.now_or_never().unwrap().unwrap();
    held.sent();
    held.settle(Charge::request(Tokens::new(black_box(1_800))));
}
