//! What the targets do with the bytes that they are given. A test of the codec does the same with
//! the bytes in `corpus`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use outcrop_codec::frame::{FrameDecoder, encode as encode_frame};
use outcrop_codec::{Api, ModelRef, Reply, StreamDecoder, StreamError};
use outcrop_codec::{decode, decode_request, encode};

/// Reads frames, which are the same byte by byte.
pub fn frames(bytes: &[u8]) {
    let read = |pieces: std::slice::Chunks<'_, u8>| {
        let (mut decoder, mut frames) = (FrameDecoder::new(), Vec::new());
        for piece in pieces {
            decoder.push(piece);
            while let Ok(Some(frame)) = decoder.next() {
                let headers: Vec<_> = frame.headers().collect();
                frames.push((encode_frame(&headers, frame.payload()), decoder.offset()));
            }
        }
        frames
    };
    assert_eq!(read(bytes.chunks(bytes.len().max(1))), read(bytes.chunks(1)));
}

/// Reads a reply; what was read can be read again. The first line names the format.
pub fn reply(bytes: &[u8]) {
    let Some((model, api, body)) = choose(bytes) else { return };
    if let Ok(reply) = decode(&model, api, body, &()) {
        let json = reply.to_converse();
        let again = Reply::from_json(json.clone()).map(|reply| reply.to_converse());
        assert_eq!(again, Ok(json));
    }
}

/// Reads a request; what was written of it can be read. The first line names the format.
pub fn request(bytes: &[u8]) {
    let Some((model, api, body)) = choose(bytes) else { return };
    if let Ok(request) = decode_request(&model, api, body)
        && let Ok(body) = encode(&model, api, &request)
    {
        assert!(decode_request(&model, api, &body).is_ok());
    }
}

/// Reads the bytes of a stream, which are the same byte by byte. The first line names the format.
pub fn stream(bytes: &[u8]) {
    let Some((model, api, wire)) = choose(bytes) else { return };
    let read = |pieces: std::slice::Chunks<'_, u8>| -> Result<_, StreamError> {
        let mut decoder = StreamDecoder::new(&model, api)?;
        let mut events = Vec::new();
        for piece in pieces {
            decoder.push(piece);
            while let Ok(Some(event)) = decoder.next() {
                events.push(event.to_json());
            }
        }
        Ok((events, decoder.finish()))
    };
    assert_eq!(read(wire.chunks(wire.len().max(1))), read(wire.chunks(1)));
}

/// Reads a stream of whole frames, one for each line after the first: the kind of the event, a
/// space, the payload, which for a `chunk` is the JSON inside it. The first line names the format.
pub fn chunks(bytes: &[u8]) {
    let mut lines = bytes.split(|byte| *byte == b'\n');
    let mut wire = [lines.next().unwrap_or_default(), b"\n"].concat();
    for line in lines {
        let text = String::from_utf8_lossy(line);
        let (kind, payload) = text.split_once(' ').unwrap_or((&text, ""));
        let payload = match kind {
            "chunk" => format!("{{\"bytes\":\"{}\"}}", BASE64_STANDARD.encode(payload)),
            _ => payload.to_owned(),
        };
        let headers = [(":message-type", "event".into()), (":event-type", kind.into())];
        wire.extend(encode_frame(&headers, payload.as_bytes()).unwrap_or_default());
    }
    stream(&wire);
}

/// The format that the first line names: a family, or Converse.
fn choose(bytes: &[u8]) -> Option<(ModelRef, Api, &[u8])> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let (name, rest) = bytes.split_at(end);
    let model = ModelRef::parse("m").ok()?;
    let family = str::from_utf8(name).ok().and_then(|name| model.clone().with_family(name).ok());
    let api = if family.is_some() { Api::Invoke } else { Api::Converse };
    Some((family.unwrap_or(model), api, rest.get(1..)?))
}
