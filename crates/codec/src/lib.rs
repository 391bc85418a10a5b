//! Amazon Bedrock's payloads, streams and batch lines, without I/O.
//!
//! One vocabulary, shaped like Converse, stands for every model: [`Request`], [`Reply`], [`Event`].
//! A [`ModelRef`] and an [`Api`] choose the format in which it is written and read.
//! What is not chat has modules of its own: [`embed`], [`rerank`], [`image`], [`count_tokens`] and
//! [`guardrail`].
//! What this crate does not know (fields, blocks, stop reasons, events, models) is kept, not dropped.
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod batch;
mod block;
mod capability;
pub mod catalog;
mod converse;
pub mod count_tokens;
pub mod embed;
mod error;
mod event;
mod family;
pub mod fault;
mod fold;
mod format;
pub mod frame;
pub mod guardrail;
mod halves;
pub mod image;
mod invoke;
mod json;
pub mod lint;
mod lossy;
mod message;
mod model;
mod operation;
mod reply;
mod request;
pub mod rerank;
mod stop;
mod stream;
mod tools;
mod usage;
mod views;
mod words;

pub use serde_json::Value;

pub use self::block::{
    Block, CachePoint, Citations, Document, Image, IncompleteToolUse, Reasoning, S3Location,
    Source, Text, ToolResult, ToolUse,
};
pub use self::capability::Capability;
pub use self::error::{DecodeError, EncodeError};
pub use self::event::{BlockStart, Delta, Event};
pub use self::family::{Capabilities, FAMILIES, Family};
pub use self::fault::{Fault, FaultKind, FaultRetry, ThrottleCause};
pub use self::fold::Fold;
pub use self::format::{
    Announced, Api, EventDecoder, Format, Headers, decode, decode_request, decode_request_value,
    encode, encode_for_stream,
};
pub use self::lint::{Finding, lint};
pub use self::lossy::{Loss, Warning, lossy};
pub use self::message::{Message, Role};
pub use self::model::{AddressKind, ModelRef, ModelRefError};
pub use self::reply::{Partial, Reply};
pub use self::request::{Inference, Request};
pub use self::stop::{StopKind, StopReason};
pub use self::stream::{Finish, StreamDecoder, StreamError};
pub use self::tools::{Tool, ToolChoice, ToolConfig, ToolSpec};
pub use self::usage::{Usage, UsageSource};
pub use self::views::{ReasoningSplit, reasoning_split};

/// A JSON object.
pub type Map = serde_json::Map<alloc::string::String, Value>;
