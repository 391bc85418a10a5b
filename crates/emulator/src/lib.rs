//! A local server that speaks the wire of Amazon Bedrock and of S3, for tests and work without an
//! AWS account.
//!
//! Any AWS SDK talks to it once its endpoint URL points here. One port serves the runtime
//! (InvokeModel and Converse with their streams, CountTokens, ApplyGuardrail, Rerank), batch
//! inference jobs, provisioned throughput, tags, lists of models and profiles, Service Quotas, and
//! S3 on a directory, over HTTP/1.1 and cleartext HTTP/2.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use outcrop_emulator::Emulator;
//!
//! let emulator = Emulator::builder().start().await?;
//! emulator.create_bucket("records").await?;
//! println!("AWS_ENDPOINT_URL={}", emulator.endpoint_url());
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! The model behind it is deterministic: a summarising prompt gets an extractive summary, a prompt
//! that names one of its tools gets a call of it, anything else an echo. Replies and streams are
//! written here as JSON by hand for each family of models, and limits are kept by a list of timed
//! charges or by the level of a bucket: the emulator is the witness for the rest of Outcrop, so it
//! shares neither the encoders nor the quota algebra that it is to test.

mod auth;
mod backend;
mod body;
mod builder;
mod cache;
mod calls;
mod catalogue;
mod clock;
mod constraint;
mod control;
mod conversation;
mod converse;
mod count_tokens;
mod credential;
mod error;
mod exchange;
mod family;
mod fault;
mod guardrail;
mod handle;
mod ids;
mod inspect;
mod jobs;
mod json;
mod ledger;
mod lifetime;
mod model;
mod models;
mod outgoing;
mod pending;
mod prompt;
mod provisioned;
mod quotas;
mod recent;
mod record;
mod redact;
mod replay;
mod route;
mod runtime;
mod s3;
mod schema;
mod server;
mod service_quotas;
mod settings;
mod single;
mod socket;
mod source;
mod staged;
mod state;
mod tags;
mod template;
mod vector;
mod whole;
mod wire;

pub use crate::backend::Backend;
pub use crate::builder::{Builder, StartError};
pub use crate::fault::{Scenario, ScenarioError};
pub use crate::outgoing::{ServerUrl, UrlError};
pub use crate::quotas::{Limits, Quotas, QuotasError, Refill};
pub use crate::record::Upstream;
pub use crate::replay::{ExchangeFault, ReplayError, Replayed};
pub use crate::server::{BucketError, Emulator};
pub use crate::settings::{Auth, BatchLimits};
pub use crate::staged::{End, Staged};

/// The guide, whose examples are compiled here.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/src/emulator.md")]
mod guide {}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
mod readme {}
