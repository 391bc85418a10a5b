//! The AWS transport over real sockets.

#![expect(clippy::unwrap_used, reason = "what helps a test is a test too")]

mod conformance;
mod emulated;
mod environment;
mod errors;
mod jobs;
mod local;
mod objects;
mod server;
mod wire;
