//! Tools for tests: a script in place of the service, a clock that is moved by hand, chance that
//! repeats.
//!
//! Nothing here waits in real time and nothing here opens a socket. A test runs a future that sleeps
//! for an hour with [`ManualClock::run`], which moves the clock on whenever nothing else can happen.
//!
//! ```
//! use outcrop_transport::testing::{Exchange, Scripted};
//! use outcrop_transport::{Call, Operation, Service, Transport};
//!
//! let scripted = Scripted::new([
//!     Exchange::refusing(Operation::Converse, Service::new(429, "ThrottlingException".to_owned(), None)),
//!     Exchange::answering(Operation::Converse).chunk(r#"{"output":{}}"#),
//! ]);
//!
//! # futures_executor::block_on(async {
//! let call = Call::new(Operation::Converse, "amazon.nova-lite-v1:0", r#"{"messages":[]}"#);
//! assert!(scripted.unary(call.clone()).await.is_err());
//! assert_eq!(scripted.unary(call).await?.body, r#"{"output":{}}"#);
//! assert_eq!(scripted.calls().len(), 2);
//! scripted.verify()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```

mod clock;
pub mod conformance;
mod entropy;
mod exchange;
mod scripted;

pub use self::clock::{ManualClock, Stuck};
pub use self::conformance::{Report, Scenario, conformance};
pub use self::entropy::{FixedEntropy, SeededEntropy};
pub use self::exchange::{End, Exchange};
pub use self::scripted::{ScriptError, Scripted};
