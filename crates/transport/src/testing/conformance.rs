//! What every transport must do, as a suite that any implementation can run.
//!
//! Each [`Scenario`] is one call and the exact bytes that come back. The implementation's test stages
//! the scenario, on a server or by a script, and gives a transport that will meet it;
//! [`conformance`] makes the call and looks at what the transport reports.
//! What cannot be staged is skipped, by name, and [`Report::verify`] wants to know of it beforehand.
//!
//! ```
//! use outcrop_transport::Transport;
//! use outcrop_transport::testing::{Scripted, conformance};
//!
//! # futures_executor::block_on(async {
//! let report = conformance(async |scenario| {
//!     let transport = Scripted::new([scenario.exchange()]);
//!     Some(Box::new(transport) as Box<dyn Transport>)
//! })
//! .await;
//! report.verify(&[]).map_err(|unmet| unmet.to_string())
//! # }).unwrap();
//! ```
//!
//! The suite keeps no time: where a transport must wait, it is checked that a second call comes to its
//! end first. A transport that hangs elsewhere hangs the suite, so give the test a limit of its own.
//! Whether a dropped call is noticed at the other end can only be seen there: check that yourself.

mod check;
mod frames;
mod report;
mod scenario;
mod scenarios;

use crate::Transport;

use self::check::Verdict;
pub use self::report::{Outcome, Report, Unmet};
pub use self::scenario::Scenario;

/// Runs every scenario against the transports that `make` gives, one after the other.
///
/// `make` is called once for each scenario, and once more for a second call where a scenario is about
/// waiting. `None` says that this implementation cannot stage it.
pub async fn conformance(make: impl AsyncFn(&Scenario) -> Option<Box<dyn Transport>>) -> Report {
    let mut report = Report::default();
    for scenario in Scenario::all() {
        let outcome = match make(&scenario).await {
            None => Outcome::Skipped,
            Some(transport) => run(&scenario, &*transport, &make).await.into(),
        };
        report.push(scenario.name(), outcome);
    }
    report
}

async fn run(
    scenario: &Scenario,
    transport: &dyn Transport,
    make: &impl AsyncFn(&Scenario) -> Option<Box<dyn Transport>>,
) -> Verdict {
    if !scenario.waits() {
        return check::answer(scenario, transport).await;
    }
    let other = Scenario::reference();
    let Some(second) = make(&other).await else {
        return Err(format!(
            "`{}` must be staged too, to tell waiting from slowness",
            other.name()
        ));
    };
    check::waiting(scenario, transport, check::answer(&other, &*second)).await
}

#[cfg(test)]
mod tests;
