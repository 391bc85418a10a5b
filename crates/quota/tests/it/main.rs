//! The laws of the crate as property tests, and the usual defects of quota-aware clients.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod careless;
mod defects;
mod laws;
mod service;
mod strategies;
