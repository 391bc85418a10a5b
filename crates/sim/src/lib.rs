//! What rate limits do to a pile of work, in virtual time.
//!
//! A discrete-event simulator: a [`server`] that keeps its quotas in one of several ways, a
//! [`policy`] that decides when to send, and a [`workload`]. There is no clock and no thread, and all
//! chance comes from a seed, so that the same run always ends the same way.
//!
//! # Examples
//!
//! ```
//! use outcrop_sim::{Bench, Dist, Kind, Mix, Model, Workload};
//!
//! let model = Model { rpm: 600, tpm: 200_000, tpd: 0, burn: 5 };
//! let mix = Mix {
//!     input: Dist::Constant(1_000.0),
//!     output: Dist::LogNormal { median: 200.0, p99: 800.0 },
//!     max_tokens: 1_000,
//!     latency: Dist::Constant(2.0),
//! };
//! let work = Workload::backlog("plan", model, &mix, 1_000, 7);
//! let kind = Kind::named("bucket-60s").unwrap();
//! let (row, _) = Bench::new(&kind, &work).row("outcrop", 7).unwrap();
//! assert_eq!(row.throttled, 0);
//! assert!(row.of_ideal > 0.98);
//! ```

pub mod plot;
pub mod policy;
pub mod server;
pub mod time;
pub mod workload;

mod dist;
mod math;
mod rng;
mod row;
mod run;

pub use dist::{Dist, NotADist};
pub use rng::Rng;
pub use row::{Bench, Row, fluid};
pub use run::{Admission, Run, ideal, run};
pub use server::Kind;
pub use workload::{Mix, Model, Prompt, Request, Workload};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
