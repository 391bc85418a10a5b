//! The emulator over its wire, driven by a bare HTTP client.

mod client;
mod converse;
mod errors;
mod jobs;
mod lifetime;
mod limits;
mod s3;
mod sign;
mod staged;
