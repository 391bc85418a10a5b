//! Evidence for the framing: golden vectors, laws over all bytes and splits, and another implementation.

mod differential;
mod golden;
mod laws;

use alloc::string::String;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::{Frame, HeaderValue, encode};

/// A frame that owns what it holds.
#[derive(Clone, Debug, PartialEq)]
struct Owned {
    headers: Vec<(String, Value)>,
    payload: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Bool(bool),
    I8(i8),
    I16(i16),
    I32(i32),
    I64(i64),
    Bytes(Vec<u8>),
    String(String),
    Timestamp(i64),
    Uuid([u8; 16]),
}

impl Owned {
    fn encode(&self) -> Vec<u8> {
        let headers: Vec<_> =
            self.headers.iter().map(|(name, value)| (name.as_str(), value.borrow())).collect();
        encode(&headers, &self.payload).unwrap()
    }
}

impl From<Frame<'_>> for Owned {
    fn from(frame: Frame<'_>) -> Self {
        let headers = frame.headers().map(|(name, value)| (name.into(), value.into()));
        Self { headers: headers.collect(), payload: frame.payload().into() }
    }
}

impl Value {
    fn borrow(&self) -> HeaderValue<'_> {
        match self {
            Self::Bool(value) => HeaderValue::Bool(*value),
            Self::I8(value) => HeaderValue::I8(*value),
            Self::I16(value) => HeaderValue::I16(*value),
            Self::I32(value) => HeaderValue::I32(*value),
            Self::I64(value) => HeaderValue::I64(*value),
            Self::Bytes(value) => HeaderValue::Bytes(value),
            Self::String(value) => HeaderValue::String(value),
            Self::Timestamp(value) => HeaderValue::Timestamp(*value),
            Self::Uuid(value) => HeaderValue::Uuid(*value),
        }
    }
}

impl From<HeaderValue<'_>> for Value {
    fn from(value: HeaderValue<'_>) -> Self {
        match value {
            HeaderValue::Bool(value) => Self::Bool(value),
            HeaderValue::I8(value) => Self::I8(value),
            HeaderValue::I16(value) => Self::I16(value),
            HeaderValue::I32(value) => Self::I32(value),
            HeaderValue::I64(value) => Self::I64(value),
            HeaderValue::Bytes(value) => Self::Bytes(value.into()),
            HeaderValue::String(value) => Self::String(value.into()),
            HeaderValue::Timestamp(value) => Self::Timestamp(value),
            HeaderValue::Uuid(value) => Self::Uuid(value),
        }
    }
}

fn any_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i8>().prop_map(Value::I8),
        any::<i16>().prop_map(Value::I16),
        any::<i32>().prop_map(Value::I32),
        any::<i64>().prop_map(Value::I64),
        prop::collection::vec(any::<u8>(), 0..40).prop_map(Value::Bytes),
        ".{0,20}".prop_map(Value::String),
        any::<i64>().prop_map(Value::Timestamp),
        any::<[u8; 16]>().prop_map(Value::Uuid),
    ]
}

fn any_frame() -> impl Strategy<Value = Owned> {
    let header = (".{0,12}", any_value());
    let payload = prop::collection::vec(any::<u8>(), 0..200);
    (prop::collection::vec(header, 0..6), payload)
        .prop_map(|(headers, payload)| Owned { headers, payload })
}

/// Bytes with the two lengths and both checksums put around them, whatever they are.
fn sealed(total: u32, headers: u32, rest: &[u8]) -> Vec<u8> {
    let mut bytes = [total.to_be_bytes(), headers.to_be_bytes()].concat();
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(rest);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}
