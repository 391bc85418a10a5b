//! Event-stream frames as bytes, as far as the scenarios need them.

/// A frame that carries an event.
pub(super) fn event(kind: &str, payload: &str) -> Vec<u8> {
    frame(&[(":event-type", kind), (":message-type", "event")], payload)
}

/// A frame that carries an exception.
pub(super) fn exception(kind: &str, payload: &str) -> Vec<u8> {
    frame(&[(":exception-type", kind), (":message-type", "exception")], payload)
}

/// The lengths and their checksum, the headers, the payload, and the checksum of it all.
fn frame(headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in headers {
        block.push(name.len() as u8);
        block.extend(name.as_bytes());
        block.push(STRING);
        block.extend((value.len() as u16).to_be_bytes());
        block.extend(value.as_bytes());
    }
    let total = (block.len() + payload.len() + 16) as u32;
    let mut frame = Vec::new();
    frame.extend(total.to_be_bytes());
    frame.extend((block.len() as u32).to_be_bytes());
    frame.extend(crc32(&frame).to_be_bytes());
    frame.extend(block);
    frame.extend(payload.as_bytes());
    frame.extend(crc32(&frame).to_be_bytes());
    frame
}

/// The checksum that zlib and Ethernet use, a bit at a time.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| match crc & 1 {
            1 => (crc >> 1) ^ 0xedb8_8320,
            _ => crc >> 1,
        })
    })
}

const STRING: u8 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_empty_frame_is_the_known_one() {
        let known = [0, 0, 0, 16, 0, 0, 0, 0, 5, 0xc2, 0x48, 0xeb, 0x7d, 0x98, 0xc8, 0xff];
        assert_eq!(frame(&[], ""), known);
    }

    #[test]
    fn headers_are_strings_with_their_lengths() {
        let frame = frame(&[("a", "bc")], "{}");
        assert_eq!(frame.len(), 16 + 7 + 2);
        assert_eq!(frame[12..19], [1, b'a', 7, 0, 2, b'b', b'c']);
        assert_eq!(frame[19..21], *b"{}");
    }
}
