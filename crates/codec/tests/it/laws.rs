//! Laws of streams: a stream folds to the reply that came whole, and pieces do not matter.

use outcrop_codec::{Api, Finish, ModelRef, StreamDecoder, decode};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::said::{Said, said};
use crate::wire::{chunk, run, tagged};

/// A format, and how a reply is written in it: whole, and as a stream.
type Format = (&'static str, Api, fn(&Said) -> (Value, Vec<Value>));

const FORMATS: &[Format] = &[
    ("nova", Api::Converse, Said::converse),
    ("anthropic", Api::Invoke, Said::anthropic),
    ("nova", Api::Invoke, Said::nova),
    ("llama", Api::Invoke, Said::llama),
    ("titan", Api::Invoke, Said::titan),
    ("openai", Api::Invoke, Said::chat),
    ("kimi", Api::Invoke, Said::chat_by_token),
    ("mistral", Api::Invoke, Said::outputs),
    ("deepseek", Api::Invoke, Said::reasoned),
    ("anthropic", Api::Invoke, Said::completion),
    ("command", Api::Invoke, Said::command),
    ("command-r", Api::Invoke, Said::command_r),
];

fn frames(api: Api, pieces: &[Value]) -> Vec<Vec<u8>> {
    pieces.iter().map(if api == Api::Converse { tagged } else { chunk }).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_stream_folds_to_the_reply_that_came_whole(said in said()) {
        for (family, api, write) in FORMATS {
            let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
            let (whole, pieces) = write(&said);
            let whole = decode(&model, *api, whole.to_string().as_bytes(), &());
            let expected = whole.unwrap();
            let frames = frames(*api, &pieces);
            let stream = StreamDecoder::new(&model, *api).unwrap();
            let found = run(stream, frames.iter().map(Vec::as_slice));
            prop_assert_eq!(found.text(), expected.text());
            prop_assert_eq!(found.finish, Finish::Complete(expected));
        }
    }

    #[test]
    fn the_same_bytes_in_any_pieces_give_the_same_events(
        said in said(),
        cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        for (family, api, write) in FORMATS {
            let model = ModelRef::parse("m").unwrap().with_family(family).unwrap();
            let bytes = frames(*api, &write(&said).1).concat();
            let stream = || StreamDecoder::new(&model, *api).unwrap();
            let expected = run(stream(), [bytes.as_slice()]);
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let pieces = cuts.windows(2).map(|pair| &bytes[pair[0]..pair[1]]);
            prop_assert_eq!(&run(stream(), pieces), &expected);
            prop_assert_eq!(&run(stream(), bytes.chunks(1)), &expected);
        }
    }
}
