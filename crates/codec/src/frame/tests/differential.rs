//! The same bytes through `aws-smithy-eventstream`, in both directions.

use alloc::string::String;
use alloc::vec::Vec;

use aws_smithy_eventstream::frame::{read_message_from, write_message_to};
use aws_smithy_types::DateTime;
use aws_smithy_types::event_stream::{Header, HeaderValue as Theirs, Message};
use proptest::prelude::*;

use super::super::{Decoded, decode};
use super::{Owned, Value, any_frame, sealed};

proptest! {
    #[test]
    fn they_read_what_we_write(frame in any_frame()) {
        let read = read_message_from(&frame.encode()[..]).unwrap();
        prop_assert_eq!(ours(&read), frame);
    }

    #[test]
    fn we_read_what_they_write_and_write_the_same(frame in any_frame()) {
        let mut wire = Vec::new();
        write_message_to(&theirs(&frame), &mut wire).unwrap();
        let Ok(Decoded::Complete { frame: read, .. }) = decode(&wire) else {
            return Err(TestCaseError::fail("not a whole frame"));
        };
        prop_assert_eq!(Owned::from(read), frame.clone());
        prop_assert_eq!(frame.encode(), wire);
    }

    #[test]
    fn we_accept_what_they_accept(
        section in prop::collection::vec(0_u8..12, 0..40),
        payload in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let headers = section.len() as u32;
        let total = 16 + headers + payload.len() as u32;
        agree(&sealed(total, headers, &[section, payload].concat()))?;
    }

    #[test]
    fn we_reject_what_they_reject_of_damaged_frames(
        frame in any_frame(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        mended in any::<bool>(),
    ) {
        let mut wire = frame.encode();
        let at = at.index(wire.len());
        wire[at] = byte;
        if mended {
            let lengths = [&wire[..4], &wire[4..8]].map(|word| u32::from_be_bytes(word.try_into().unwrap()));
            wire = sealed(lengths[0], lengths[1], &wire[12..wire.len() - 4]);
        }
        agree(&wire)?;
    }
}

/// Both read the same frame, or neither reads one.
fn agree(wire: &[u8]) -> Result<(), TestCaseError> {
    let read = match decode(wire) {
        Ok(Decoded::Complete { frame, .. }) => Some(Owned::from(frame)),
        Ok(Decoded::Incomplete) | Err(_) => None,
    };
    let expected = read_message_from(wire).ok();
    prop_assert_eq!(read, expected.as_ref().map(ours));
    Ok(())
}

fn theirs(frame: &Owned) -> Message {
    let headers = frame.headers.iter().map(|(name, value)| {
        let value = match value.clone() {
            Value::Bool(value) => Theirs::Bool(value),
            Value::I8(value) => Theirs::Byte(value),
            Value::I16(value) => Theirs::Int16(value),
            Value::I32(value) => Theirs::Int32(value),
            Value::I64(value) => Theirs::Int64(value),
            Value::Bytes(value) => Theirs::ByteArray(value.into()),
            Value::String(value) => Theirs::String(value.into()),
            Value::Timestamp(value) => Theirs::Timestamp(DateTime::from_millis(value)),
            Value::Uuid(value) => Theirs::Uuid(u128::from_be_bytes(value)),
        };
        Header::new(name.clone(), value)
    });
    Message::new_from_parts(headers.collect(), frame.payload.clone())
}

fn ours(message: &Message) -> Owned {
    let headers = message.headers().iter().map(|header| {
        let value = match header.value() {
            Theirs::Bool(value) => Value::Bool(*value),
            Theirs::Byte(value) => Value::I8(*value),
            Theirs::Int16(value) => Value::I16(*value),
            Theirs::Int32(value) => Value::I32(*value),
            Theirs::Int64(value) => Value::I64(*value),
            Theirs::ByteArray(value) => Value::Bytes(value.to_vec()),
            Theirs::String(value) => Value::String(value.as_str().into()),
            Theirs::Timestamp(value) => Value::Timestamp(value.to_millis().unwrap()),
            Theirs::Uuid(value) => Value::Uuid(value.to_be_bytes()),
            other => panic!("a form of header that the framing does not have: {other:?}"),
        };
        (String::from(header.name().as_str()), value)
    });
    Owned { headers: headers.collect(), payload: message.payload().to_vec() }
}
