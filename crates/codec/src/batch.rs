//! The files of batch inference: one JSON object a line, and a manifest.
//!
//! | line | members | read as |
//! |---|---|---|
//! | input | `recordId`?, `modelInput` | [`InputLine`] |
//! | input in short | `recordId`?, `prompt` or `modelInput` | [`TaskLine`] |
//! | output | `recordId`, `modelInput`?, and `modelOutput` or `error` | [`OutputLine`] |
//! | `manifest.json.out` | counts | [`Manifest`] |
//!
//! The JSON of a model's input and output stays text ([`RawJson`]): a record of megabytes is checked
//! and copied once, no tree is built, and numbers, order and spaces stay as they were.
//! Errors say what is wrong with a line; which line it was, the caller knows.

mod error;
mod input;
mod manifest;
mod members;
mod output;
mod raw;
#[cfg(test)]
mod tests;

pub use self::error::LineError;
pub use self::input::{InputLine, Task, TaskLine};
pub use self::manifest::Manifest;
pub use self::output::{ErrorCode, OutputLine, RecordError};
pub use self::raw::RawJson;
