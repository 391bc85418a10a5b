//! Quotas beside other programs, timed by turns in one run: the algebra and the client's limiter
//! beside two checks of `governor` in sequence, a crowd of waiters beside a few, the simulator beside
//! a bare loop of events. A line of JSON comes for each pair; `cargo xtask bench quota` reads them.

mod algebra;
mod governed;
mod limited;
mod pair;
mod simulated;
mod woken;

/// The limiter is private to the client, so it is compiled here from the client's own sources.
#[expect(dead_code, unexpected_cfgs, unused_imports, reason = "only the limiter is measured")]
#[path = "../../../crates/client/src"]
mod client {
    pub(crate) mod error;
    pub(crate) mod limiter;
    pub(crate) mod options;
    pub(crate) mod sync;
}
use client::{error, options, sync};

fn main() {
    algebra::measure();
    limited::measure();
    woken::measure();
    simulated::measure();
}
