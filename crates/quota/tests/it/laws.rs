//! One test for each law that the documentation of the crate states.

use proptest::prelude::ProptestConfig;

mod accounting;
mod adapt;
mod admission;
mod backoff;
mod bucket;
mod budget;
mod day;
mod decision;
mod estimate;
mod gauge;
mod ledger;
mod limiter;
mod limits;
mod paced;
mod pacer;
mod share;
mod tree;
mod window;

/// Cases that a test cannot use are drawn anew, so that all of these are real ones. Most laws use
/// every case, and none needs five for one.
fn cases() -> ProptestConfig {
    ProptestConfig { cases: 1_024, max_global_rejects: 65_536, ..ProptestConfig::default() }
}

/// The documentation names each law's test, and no law goes unnamed. Those of the client's limiter
/// are tests of the client, since a clock and a lock are needed for them.
#[test]
fn documented_laws_and_tests_are_the_same() {
    let mut documented: Vec<_> = include_str!("../../src/lib.rs")
        .lines()
        .filter_map(|line| line.split_once("Proved by `")?.1.split_once('`'))
        .map(|(name, _)| name)
        .collect();
    let mut tested: Vec<_> = [
        include_str!("laws/accounting.rs"),
        include_str!("laws/adapt.rs"),
        include_str!("laws/admission.rs"),
        include_str!("laws/backoff.rs"),
        include_str!("laws/bucket.rs"),
        include_str!("laws/budget.rs"),
        include_str!("laws/day.rs"),
        include_str!("laws/decision.rs"),
        include_str!("laws/estimate.rs"),
        include_str!("laws/gauge.rs"),
        include_str!("laws/ledger.rs"),
        include_str!("laws/limiter.rs"),
        include_str!("laws/limits.rs"),
        include_str!("laws/paced.rs"),
        include_str!("laws/pacer.rs"),
        include_str!("laws/share.rs"),
        include_str!("laws/tree.rs"),
        include_str!("laws/window.rs"),
        include_str!("../../../client/src/limiter/tests/interleavings.rs"),
    ]
    .into_iter()
    .flat_map(|file| file.split("#[test]").skip(1))
    .filter_map(|test| test.split_once("fn ")?.1.split_once('('))
    .map(|(name, _)| name)
    .collect();
    documented.sort_unstable();
    tested.sort_unstable();
    assert_eq!(documented, tested);
}
