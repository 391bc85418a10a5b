//! The seam of Outcrop: how bytes reach Amazon Bedrock and come back.
//!
//! The crate holds traits, their errors and the small values that pass between them.
//! It knows no JSON, no payload and no AWS crate: bodies are bytes, and a stream is the bytes as
//! they come off the wire, in whatever pieces they come.
//! So the AWS SDK, a recorded exchange, a scripted test and a mock all feed the same decoder.
//!
//! # For callers
//!
//! [`Transport`] makes inference calls; [`Jobs`] and [`Objects`] are powers of their own, for batch
//! inference and for the S3 that it reads and writes, and so is [`ServiceQuotas`].
//! All are usable as `dyn`, and a call takes owned arguments.
//!
//! # For implementers
//!
//! * Report how far a call came: [`Phase`] decides whether a retry is safe and what it may cost.
//! * Never retry and never wait on a caller's behalf: retries and limits live above this seam.
//! * Honour [`Limits::connect`](Limits); the caller enforces every other limit.
//! * Dropping a returned future or body must cancel the call.
//! * Run the conformance suite (`testing::conformance`, feature `testing`) over it.
//!
//! # Features
//!
//! * `tokio`: the real [clock, timer and entropy](rt::system).
//! * `testing`: a scripted transport, a manual clock and the conformance suite.
//! * `mock`: mockall's `MockTransport`, `MockJobs`, `MockObjects` and `MockServiceQuotas`.

mod call;
mod error;
mod jobs;
mod objects;
mod reply;
pub mod rt;
mod service_quotas;
#[cfg(feature = "testing")]
pub mod testing;

use std::fmt::Debug;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

pub use self::call::{Call, Limits, Operation};
pub use self::error::{Error, ErrorKind, Phase, Retry, Service};
pub use self::jobs::{JobDescription, JobFilter, JobPage, JobSpec, Jobs};
pub use self::objects::{ObjectBody, ObjectMeta, Objects, Part, Upload};
pub use self::reply::{Headers, Meta, Reply, Streaming};
pub use self::service_quotas::{QuotaPage, ServiceQuota, ServiceQuotas};

#[cfg(feature = "mock")]
pub use self::jobs::MockJobs;
#[cfg(feature = "mock")]
pub use self::objects::MockObjects;
#[cfg(feature = "mock")]
pub use self::service_quotas::MockServiceQuotas;

/// A stream of bytes as they come off the wire, which ends at the first error.
pub type Body = BoxStream<'static, Result<bytes::Bytes, Error>>;

/// Makes inference calls: one reply, or a stream of bytes.
///
/// # Cancel safety
///
/// Dropping a returned future, or the body of a [`Streaming`], cancels the call.
/// Whether Bedrock charges for a call that was cancelled is not known to the client.
#[cfg_attr(feature = "mock", mockall::automock)]
#[async_trait]
pub trait Transport: Debug + Send + Sync {
    /// Makes a call that is answered in one piece
    /// ([`Operation::InvokeModel`] or [`Operation::Converse`]).
    ///
    /// # Errors
    ///
    /// Any status but 200 is an [`Error`] of the phase [`Phase::Refused`], with the service's code
    /// and message; everything else that can go wrong has an earlier phase.
    async fn unary(&self, call: Call) -> Result<Reply, Error>;

    /// Makes a call that is answered by a stream
    /// ([`Operation::InvokeModelWithResponseStream`] or [`Operation::ConverseStream`]).
    ///
    /// It returns as soon as the head of the response is known.
    ///
    /// # Errors
    ///
    /// As [`unary`](Self::unary), up to the head of the response.
    /// What fails later is an item of the body.
    async fn streaming(&self, call: Call) -> Result<Streaming, Error>;
}
