//! How fast the codec is, each time beside a reference that is timed in the same run.
//!
//! Beside what Criterion says, a line of JSON comes for each pair: `cargo xtask bench codec` reads
//! these lines.
#![expect(clippy::unwrap_used, reason = "a bench stops at what it cannot read")]
#![expect(clippy::print_stdout, reason = "its results are its output")]

mod pair;
mod plain;
mod samples;

use aws_smithy_eventstream::frame::read_message_from;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use outcrop_codec::frame::{self, Decoded, Frame, FrameDecoder};
use outcrop_codec::{Api, Event, ModelRef, Reply, StreamDecoder};
use serde::Deserialize;

use self::pair::Pairs;

fn main() {
    let mut pairs = Pairs::new();
    frames(&mut pairs);
    chunks(&mut pairs);
    replies(&mut pairs);
    pairs.print();
}

/// A frame: its headers, both checksums and the slice of its payload.
fn frames(pairs: &mut Pairs) {
    let wire = samples::chunk(&samples::anthropic_delta());
    assert_eq!(wire.len(), 238, "the size for which the goal is stated");
    let shared = Bytes::from(wire.clone());
    let smithy = || read_message_from(shared.clone()).unwrap();
    pairs.run("frame", Some(0.25), || whole(&wire), smithy);

    let mut decoder = FrameDecoder::new();
    let ours = || {
        decoder.push(&wire);
        decoder.next().unwrap().unwrap().payload().len()
    };
    pairs.run("frame-pushed", None, ours, smithy);
}

/// A streamed piece of text, from the bytes of its frame to the event. The references do the parts
/// of this work, and nothing between them.
fn chunks(pairs: &mut Pairs) {
    let wire = samples::chunk(&samples::anthropic_delta());
    let mut buffer = vec![0; 1024];
    pairs.run("anthropic-chunk", Some(1.3), events(ANTHROPIC, Api::Invoke, &wire), || {
        let inner = unwrapped(&wire, &mut buffer);
        length(&serde_json::from_slice::<plain::Delta<'_>>(inner).unwrap())
    });

    let wire = samples::chunk(&samples::nova_delta());
    pairs.run("nova-chunk", None, events(NOVA, Api::Invoke, &wire), || {
        let inner = unwrapped(&wire, &mut buffer);
        serde_json::from_slice::<plain::NovaDelta<'_>>(inner).unwrap().text().len()
    });

    let wire = samples::converse_delta();
    pairs.run("converse-delta", None, events(NOVA, Api::Converse, &wire), || {
        let payload = whole(&wire).payload();
        serde_json::from_slice::<plain::ConverseDelta<'_>>(payload).unwrap().text().len()
    });
}

/// A reply of 20 KB, against plain typed structs that `serde_json` fills.
fn replies(pairs: &mut Pairs) {
    let [anthropic, nova] = [ANTHROPIC, NOVA].map(|model| ModelRef::parse(model).unwrap());
    let body = samples::anthropic_reply();
    let typed = || typed::<plain::Reply>(&body);
    pairs.run("anthropic-reply-20k", Some(1.15), || reply(&anthropic, Api::Invoke, &body), typed);

    let body = samples::converse_reply();
    let typed = || self::typed::<plain::ConverseReply>(&body);
    pairs.run("converse-reply-20k", None, || reply(&nova, Api::Converse, &body), typed);
    pairs.run("nova-reply-20k", None, || reply(&nova, Api::Invoke, &body), typed);
}

/// Reads the same frame again and again, by a decoder that begins anew after a thousand: a stream.
fn events(model: &str, api: Api, wire: &[u8]) -> impl FnMut() -> Event {
    let model = ModelRef::parse(model).unwrap();
    let mut left = 0;
    let mut decoder = StreamDecoder::new(&model, api).unwrap();
    move || {
        if left == 0 {
            left = 1000;
            decoder = StreamDecoder::new(&model, api).unwrap();
        }
        left -= 1;
        decoder.push(wire);
        decoder.next().unwrap().unwrap()
    }
}

fn reply(model: &ModelRef, api: Api, body: &[u8]) -> Reply {
    outcrop_codec::decode(model, api, body, &()).unwrap()
}

fn typed<T: for<'a> Deserialize<'a>>(body: &[u8]) -> T {
    serde_json::from_slice(body).unwrap()
}

fn whole(wire: &[u8]) -> Frame<'_> {
    match frame::decode(wire) {
        Ok(Decoded::Complete { frame, .. }) => frame,
        other => unreachable!("{other:?}"),
    }
}

/// The JSON inside a chunk: frame, wrapper and base64.
fn unwrapped<'a>(wire: &[u8], buffer: &'a mut [u8]) -> &'a [u8] {
    let wrapper: plain::Wrapper<'_> = serde_json::from_slice(whole(wire).payload()).unwrap();
    let len = BASE64_STANDARD.decode_slice(wrapper.bytes, buffer).unwrap();
    buffer.get(..len).unwrap()
}

fn length(delta: &plain::Delta<'_>) -> usize {
    delta.delta.text.len() + delta.index as usize + delta.kind.len() + delta.delta.kind.len()
}

const ANTHROPIC: &str = "anthropic.claude-sonnet-4-20250514-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";
