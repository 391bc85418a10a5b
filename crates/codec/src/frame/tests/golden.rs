//! Frames byte for byte, and each error by the frame that has it.

use alloc::vec::Vec;
use alloc::{format, vec};

use super::super::*;
use super::sealed;
use crate::frame::encode::lengths;

#[test]
fn message_stop_is_read_and_written_byte_for_byte() {
    let wire = hex(MESSAGE_STOP);
    let headers = [
        (":event-type", "messageStop".into()),
        (":content-type", "application/json".into()),
        (":message-type", "event".into()),
    ];
    let payload = br#"{"stopReason":"end_turn"}"#;
    assert_eq!(encode(&headers, payload).unwrap(), wire);

    let Ok(Decoded::Complete { frame, len }) = decode(&wire) else { panic!("a whole frame") };
    assert_eq!(len, wire.len());
    assert_eq!(frame.kind(), FrameKind::Event);
    assert_eq!(frame.message_type(), Some("event"));
    assert_eq!(frame.event_type(), Some("messageStop"));
    assert_eq!(frame.exception_type(), None);
    assert_eq!(frame.header(":content-type"), Some("application/json".into()));
    assert_eq!(frame.headers().collect::<Vec<_>>(), headers);
    assert_eq!(frame.payload(), payload);
}

#[test]
fn a_frame_without_headers_and_payload_has_sixteen_bytes() {
    let wire = hex(EMPTY);
    assert_eq!(encode(&[], b"").unwrap(), wire);
    let Ok(Decoded::Complete { frame, len: 16 }) = decode(&wire) else { panic!("whole") };
    assert_eq!((frame.headers().count(), frame.payload()), (0, &b""[..]));
    assert_eq!(frame.kind(), FrameKind::Other);
}

#[test]
fn the_ten_forms_have_their_numbers_and_sizes() {
    let cases: [(HeaderValue<'_>, &[u8]); 10] = [
        (HeaderValue::Bool(true), &[0]),
        (HeaderValue::Bool(false), &[1]),
        (HeaderValue::I8(-2), &[2, 0xfe]),
        (HeaderValue::I16(-2), &[3, 0xff, 0xfe]),
        (HeaderValue::I32(-2), &[4, 0xff, 0xff, 0xff, 0xfe]),
        (HeaderValue::I64(258), &[5, 0, 0, 0, 0, 0, 0, 1, 2]),
        (HeaderValue::Bytes(&[7, 0xff]), &[6, 0, 2, 7, 0xff]),
        (HeaderValue::String("é"), &[7, 0, 2, 0xc3, 0xa9]),
        (HeaderValue::Timestamp(1), &[8, 0, 0, 0, 0, 0, 0, 0, 1]),
        (HeaderValue::Uuid(*b"0123456789abcdef"), b"\x090123456789abcdef"),
    ];
    for (value, bytes) in cases {
        let section = [&[1, b'n'], bytes].concat();
        let wire = sealed(16 + section.len() as u32, section.len() as u32, &section);
        assert_eq!(encode(&[("n", value)], b"").unwrap(), wire, "{value:?}");
        let Ok(Decoded::Complete { frame, .. }) = decode(&wire) else { panic!("{value:?}") };
        assert_eq!(frame.header("n"), Some(value));
    }
}

#[test]
fn of_two_headers_with_one_name_the_first_counts_and_both_are_listed() {
    let wire = encode(&[("a", "1".into()), ("a", "2".into())], b"").unwrap();
    let Ok(Decoded::Complete { frame, .. }) = decode(&wire) else { panic!("whole") };
    assert_eq!(frame.text("a"), Some("1"));
    assert_eq!(frame.headers().count(), 2);
}

#[test]
fn the_kind_is_read_in_any_case_and_guessed_only_where_it_is_missing() {
    let kind = |headers: &[(&str, HeaderValue<'_>)]| {
        let wire = encode(headers, b"").unwrap();
        let Ok(Decoded::Complete { frame, .. }) = decode(&wire) else { panic!("whole") };
        frame.kind()
    };
    assert_eq!(kind(&[(":message-type", "Exception".into())]), FrameKind::Exception);
    assert_eq!(kind(&[(":message-type", "ERROR".into())]), FrameKind::Error);
    assert_eq!(kind(&[(":message-type", "EVENT".into())]), FrameKind::Event);
    assert_eq!(kind(&[(":Message-Type", "exception".into())]), FrameKind::Exception);
    assert_eq!(
        kind(&[(":message-type", "news".into()), (":event-type", "x".into())]),
        FrameKind::Other
    );
    assert_eq!(kind(&[(":exception-type", "x".into())]), FrameKind::Exception);
    assert_eq!(kind(&[(":error-code", "x".into())]), FrameKind::Error);
    assert_eq!(kind(&[(":event-type", "x".into())]), FrameKind::Event);
}

#[test]
fn lengths_that_lie_are_errors_from_the_prelude_alone() {
    let cases = [
        (0, 0, FrameError::TooShort { total: 0 }),
        (15, 0, FrameError::TooShort { total: 15 }),
        (16, 1, FrameError::HeadersOverrun { headers: 1, total: 16 }),
        (100, u32::MAX, FrameError::HeadersOverrun { headers: u32::MAX, total: 100 }),
        (25_165_825, 0, FrameError::TooLong { total: 25_165_825, max: DEFAULT_MAX_LEN }),
        (u32::MAX, 9, FrameError::TooLong { total: u32::MAX as usize, max: DEFAULT_MAX_LEN }),
    ];
    for (total, headers, error) in cases {
        let wire = sealed(total, headers, b"");
        let prelude = &wire[..12];
        assert_eq!(decode(prelude), Err(error));
        assert_eq!(decode(&prelude[..11]), Ok(Decoded::Incomplete));

        let mut frames = FrameDecoder::new();
        frames.push(prelude);
        assert_eq!(frames.next(), Err(error));
    }
    // The longest frame that is allowed is waited for.
    assert_eq!(decode(&sealed(25_165_824, 0, b"")[..12]), Ok(Decoded::Incomplete));
}

#[test]
fn a_damaged_length_is_called_damaged_before_it_is_believed() {
    let mut wire = sealed(16, 0, b"");
    wire[0] = 0xff;
    assert!(matches!(decode(&wire[..12]), Err(FrameError::PreludeChecksum { .. })));
}

#[test]
fn a_wrong_last_checksum_hides_the_frame() {
    let mut wire = hex(MESSAGE_STOP);
    *wire.last_mut().unwrap() ^= 1;
    let stated = u32::from_be_bytes(*wire.last_chunk().unwrap());
    assert_eq!(decode(&wire), Err(FrameError::MessageChecksum { stated, actual: stated ^ 1 }));
}

#[test]
fn each_bad_header_is_named_with_its_place() {
    let cases: [(&[u8], usize, HeaderProblem); 9] = [
        (b"\x01", 0, HeaderProblem::CutOff),
        (b"\x05name", 0, HeaderProblem::CutOff),
        (b"\x01n", 0, HeaderProblem::CutOff),
        (b"\x01n\x02", 0, HeaderProblem::CutOff),
        (b"\x01n\x07\0\x05four", 0, HeaderProblem::CutOff),
        (b"\x01n\x0a", 0, HeaderProblem::UnknownForm(10)),
        (b"\x01n\0\x01n\xff", 3, HeaderProblem::UnknownForm(255)),
        (b"\x01\xff\0", 0, HeaderProblem::NameNotUtf8),
        (b"\x01n\x07\0\x01\xff", 0, HeaderProblem::ValueNotUtf8),
    ];
    for (section, at, problem) in cases {
        // A payload follows, so that reading over the end would find bytes.
        let wire = sealed(
            16 + section.len() as u32 + 8,
            section.len() as u32,
            &[section, b"\0payload"].concat(),
        );
        assert_eq!(decode(&wire), Err(FrameError::Header { at, problem }), "{section:?}");
    }
}

#[test]
fn what_does_not_fit_is_not_written() {
    let long = "x".repeat(40_000);
    let (at, name) = (0, &long[..256]);
    assert_eq!(
        encode(&[(name, HeaderValue::Bool(true))], b""),
        Err(FrameError::Header { at, problem: HeaderProblem::NameTooLong(256) })
    );
    assert!(encode(&[(&name[..255], HeaderValue::Bool(true))], b"").is_ok());
    for value in [HeaderValue::String(&long), HeaderValue::Bytes(long.as_bytes())] {
        assert_eq!(
            encode(&[("a", HeaderValue::I8(1)), ("n", value)], b""),
            Err(FrameError::Header { at: 4, problem: HeaderProblem::ValueTooLong(40_000) })
        );
    }
    assert!(encode(&[("n", HeaderValue::String(&long[..32_767]))], b"").is_ok());
    assert!(encode(&[("n", HeaderValue::String(&long[..32_768]))], b"").is_err());

    let (total, max) = (u32::MAX as usize + 1, u32::MAX as usize);
    assert_eq!(lengths(0, max - 15), Err(FrameError::TooLong { total, max }));
    assert_eq!(lengths(1, max - 17), Ok([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 1]));
}

#[test]
fn frames_before_a_bad_one_are_given_and_none_after_it() {
    let good = hex(MESSAGE_STOP);
    let mut bad = good.clone();
    bad[60] ^= 0x20;
    let mut frames = FrameDecoder::new();
    frames.push(&[&good[..], &bad, &good].concat());
    assert!(frames.next().unwrap().is_some());
    let error = frames.next().unwrap_err();
    assert!(matches!(error, FrameError::MessageChecksum { .. }));
    assert_eq!(frames.offset(), good.len() as u64);
    let held = frames.pending();
    frames.push(&good);
    assert_eq!(frames.next(), Err(error));
    assert_eq!(frames.next(), Err(error));
    assert_eq!(frames.pending(), held, "what follows an error is not kept");
}

#[test]
fn a_limit_of_ones_own_is_kept_to_the_byte() {
    let wire = encode(&[], &[0; 100]).unwrap();
    for (max, fits) in [(116, true), (115, false)] {
        let mut frames = FrameDecoder::with_max_len(max);
        frames.push(&wire);
        match frames.next() {
            Ok(frame) => assert!(fits && frame.is_some()),
            Err(error) => {
                assert_eq!((error, fits), (FrameError::TooLong { total: 116, max }, false))
            }
        }
    }
}

#[test]
fn errors_say_what_to_make_of_them() {
    let cases = vec![
        (
            FrameError::PreludeChecksum { stated: 1, actual: 0xab },
            "corrupt frame: its prelude has the checksum 000000ab, not 00000001 as stated; \
             the bytes were damaged, or are not an event stream",
        ),
        (
            FrameError::Header { at: 3, problem: HeaderProblem::UnknownForm(10) },
            "bad header at byte 3 of the frame's headers: \
             its value has the form 10, and the forms are 0 to 9",
        ),
        (
            FrameError::TooLong { total: 9, max: 8 },
            "frame too long: it has 9 bytes, and the limit is 8",
        ),
    ];
    for (error, text) in cases {
        assert_eq!(format!("{error}"), text);
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<_> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// Written with Python's `struct` and `zlib`.
const MESSAGE_STOP: &str = "
    0000007a00000051ca2c46650b3a6576656e742d7479706507000b6d65737361676553746f700d3a
    636f6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d657373616765
    2d747970650700056576656e747b2273746f70526561736f6e223a22656e645f7475726e227d5fbf
    09fc";

const EMPTY: &str = "000000100000000005c248eb7d98c8ff";
