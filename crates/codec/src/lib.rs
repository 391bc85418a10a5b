//! Amazon Bedrock's payloads, streams and batch lines, without I/O.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod fault;
pub mod frame;
