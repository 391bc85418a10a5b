//! The emulator over its wire, driven by a bare HTTP client.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod auth;
mod backend;
mod catalogue;
mod client;
mod converse;
mod errors;
mod families;
mod gone;
mod guardrails;
mod invoke;
mod jobs;
mod lifetime;
mod limits;
mod options;
mod provisioned;
mod record;
mod refusals;
mod replay;
mod s3;
mod scenarios;
mod service_quotas;
mod sign;
mod single;
mod staged;
mod tags;
mod timing;
mod upstream;
