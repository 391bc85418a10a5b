//! The binary as a user meets it: with its own local server, and with servers that misbehave.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod support;

mod batch; // jobs over files of records, at once and in steps
mod catalog; // the models that are known, and what Bedrock would refuse
mod codec; // payloads without a network
mod emulate; // the local server on its own
mod hostile; // streams that are cut, corrupt, stalled or strange
mod local; // each command with --local
mod map; // many prompts on demand
mod quota; // what a quota means for a pile of work
mod refused; // calls that the service refuses, and replies that cannot be read
mod tools; // tool calls, whole and cut off
mod usage; // command lines and settings that are wrong
