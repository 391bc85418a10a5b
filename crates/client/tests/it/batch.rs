//! Batch jobs over a service that lives in memory and a clock that is moved by hand, and, in one
//! file, over the emulator.

mod defects;
#[cfg(feature = "aws")]
mod emulated;
mod forms;
mod handle;
mod jobs;
mod join;
mod results;
mod service;
mod submit;
mod undo;
