//! The time of a frame and of a streamed chunk, with the codec's feature `std` or without, as this
//! build has it. Nothing else in this build switches the feature on.
//!
//! `frames WHAT COUNT` does one of them so often and prints nothing, for a profiler.

use std::hint::black_box;
use std::time::{Duration, Instant};

use codec::frame::{Decoded, decode, encode};
use codec::{Api, ModelRef, StreamDecoder};

type Work = Box<dyn FnMut()>;

fn main() {
    let mut args = std::env::args().skip(1);
    let (what, count) = (args.next(), args.next().and_then(|count| count.parse().ok()));
    for (name, mut work) in works() {
        match (&what, count) {
            (Some(what), Some(count)) if what == name => (0..count).for_each(|_| work()),
            (Some(_), _) => {}
            _ => {
                let ours = nanos(&mut work);
                println!(
                    "{{\"name\":\"{name}-without-std\",\"ours\":{ours:.2},\"reference\":{ours:.2},\
                     \"unit\":\"ns\",\"goal\":null}}"
                );
            }
        }
    }
}

fn works() -> Vec<(&'static str, Work)> {
    let small = frame(CHUNK.as_bytes());
    let large = frame(&[b'x'; 16 * 1024]);
    let model = ModelRef::parse("anthropic.claude-sonnet-4-20250514-v1:0").unwrap();
    let new = move || StreamDecoder::new(&model, Api::Invoke).unwrap();
    let (mut stream, mut left, wire) = (new(), 1000, small.clone());
    let chunk = move || {
        if left == 0 {
            (stream, left) = (new(), 1000);
        }
        left -= 1;
        stream.push(&wire);
        black_box(stream.next().unwrap());
    };
    vec![
        ("frame", Box::new(move || read(&small))),
        ("frame-16k", Box::new(move || read(&large))),
        ("chunk", Box::new(chunk)),
    ]
}

/// The fastest of many batches.
fn nanos(work: &mut Work) -> f64 {
    let batch = |_| {
        let start = Instant::now();
        (0..BATCH).for_each(|_| work());
        start.elapsed()
    };
    let best = (0..5000).map(batch).min().unwrap_or(Duration::MAX);
    best.as_nanos() as f64 / f64::from(BATCH)
}

fn read(wire: &[u8]) {
    let Ok(Decoded::Complete { frame, .. }) = decode(black_box(wire)) else {
        unreachable!("the frame is whole");
    };
    black_box(frame.payload());
}

fn frame(payload: &[u8]) -> Vec<u8> {
    let headers = [
        (":event-type", "chunk".into()),
        (":content-type", "application/json".into()),
        (":message-type", "event".into()),
    ];
    encode(&headers, payload).unwrap()
}

const BATCH: u32 = 64;

/// Anthropic's piece of text: with its headers, a frame of 238 bytes.
const CHUNK: &str = concat!(
    r#"{"bytes":"eyJ0eXBlIjoiY29udGVudF9ibG9ja19kZWx0YSIsImluZGV4IjowLCJkZWx0YSI6eyJ0eXBl"#,
    r#"IjoidGV4dF9kZWx0YSIsInRleHQiOiIgZ3Jhbml0ZSJ9fQ==","p":"abcdefgh"}"#,
);
