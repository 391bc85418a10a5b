//! Amazon Bedrock inference under real quotas: synchronous, streaming and batch.
//!
//! A [`Client`] joins three things that are crates of their own and can be used alone:
//! [`codec`] reads and writes what Bedrock speaks, [`quota`] decides who may go and when, and
//! [`transport`] carries bytes. It makes calls in three modes, the first also many at a time, with one request type, one usage,
//! one error and one policy for retries:
//!
//! * [`Client::invoke`]: one request, one reply;
//! * [`Client::stream`]: events as they come, and an [`Outcome`] that cannot call a reply finished
//!   that was cut short;
//! * [`Client::map`]: many such calls at once, as fast as the quotas let them;
//! * [`Client::batch`]: a job over any number of records, whose results are read back as a stream.
//!
//! # Features
//!
//! * `aws` (default): the transport on the AWS SDK, as [`aws`] and `Builder::bedrock`.
//!   Without it no AWS crate is built, and you bring a transport of your own.

pub mod applied;
mod attempt;
pub mod batch;
mod builder;
mod client;
mod cost;
mod error;
mod estimate;
mod invoke;
mod limiter;
mod limiters;
mod map;
mod options;
mod plan;
mod retry;
mod stream;
mod sync;
mod time;

#[cfg(feature = "aws")]
pub use aws;
pub use codec::{self, Event, ModelRef, Reply, Request, StopReason, Usage};
pub use quota::{self, Priority, Quotas, ServerModel};
pub use transport::{self, Limits};

pub use self::applied::{AppliedQuota, AppliedQuotas, Finding, Scope, Unit};
pub use self::builder::{Builder, Ready, WantsTransport};
pub use self::client::Client;
pub use self::cost::{Cost, MostOutput};
pub use self::error::{Error, ErrorKind, Limit, Retry};
pub use self::invoke::{Invocation, Report};
pub use self::limiter::{QuotaSnapshot, TenantSnapshot, Throttles};
pub use self::map::{Answers, Concurrency, Map, Mapped};
pub use self::options::{Admission, ApiChoice, Options, RetryPolicy};
pub use self::stream::{EventStream, Outcome};

/// The guides, whose examples are compiled here.
#[cfg(all(doctest, feature = "aws"))]
mod guides {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/src/getting-started.md")]
    struct GettingStarted;
    #[doc = include_str!("../../../docs/src/streaming.md")]
    struct Streaming;
    #[doc = include_str!("../../../docs/src/map.md")]
    struct Map;
    #[doc = include_str!("../../../docs/src/batch.md")]
    struct Batch;
    #[doc = include_str!("../../../docs/src/quotas.md")]
    struct Quotas;
    #[doc = include_str!("../../../docs/src/transports.md")]
    struct Transports;
}
