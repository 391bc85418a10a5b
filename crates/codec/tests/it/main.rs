//! The codec from outside: golden vectors, and laws over generated and hostile input.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod allocations;
mod conversations;
mod ends;
mod field;
mod fuzz;
mod golden;
mod hostile;
mod laws;
mod members;
mod nova2;
mod operations;
mod requests;
mod said;
mod vectors;
mod wire;
