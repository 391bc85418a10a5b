//! What fuzzing has been fed or has found, replayed; and whole frames that hold something else.

#[expect(unreachable_pub, reason = "it is the library of another package")]
#[path = "../../../../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::Path;

use outcrop_codec::StreamDecoder;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::vectors::{FOLDERS, cases};
use crate::wire::run;

type Target = fn(&[u8]);

const TARGETS: &[(&str, Target)] = &[
    ("chunks", targets::chunks),
    ("frames", targets::frames),
    ("reply", targets::reply),
    ("request", targets::request),
    ("stream", targets::stream),
];

#[test]
fn the_corpus_of_every_fuzz_target_is_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let names = |folder: &str| -> Vec<String> {
        let entries = fs::read_dir(root.join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    };
    let known: Vec<_> = TARGETS.iter().map(|(name, _)| *name).collect();
    let programs: Vec<_> = known.iter().map(|name| format!("{name}.rs")).collect();
    assert_eq!(
        (names("corpus"), names("fuzz_targets")),
        (known.iter().map(|name| (*name).to_owned()).collect(), programs)
    );
    for (name, target) in TARGETS {
        let files = names(&format!("corpus/{name}"));
        assert!(!files.is_empty(), "{name}");
        for file in files {
            target(&fs::read(root.join("corpus").join(name).join(file)).unwrap());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Checksums that agree let through what a damaged wire would not.
    #[test]
    fn a_frame_whose_content_was_changed_spoils_nothing_before_it(
        pick in any::<Index>(),
        at in any::<Index>(),
        place in any::<Index>(),
        cut in 0..4_usize,
        put in prop::collection::vec(any::<u8>(), 0..4),
        split in 1..50_usize,
    ) {
        let streams = cases("stream", FOLDERS);
        let case = &streams[pick.index(streams.len())];
        let mut frames = case.frames();
        let at = at.index(frames.len());
        let before = run(decoder(case), frames[..at].iter().map(Vec::as_slice));
        frames[at] = changed(&frames[at], place, cut, &put);

        let whole = frames.concat();
        let found = run(decoder(case), [whole.as_slice()]);
        prop_assert!(found.events.starts_with(&before.events), "{}", case.name);
        prop_assert_eq!(run(decoder(case), whole.chunks(split)), found);
    }
}

fn decoder(case: &crate::vectors::Case) -> StreamDecoder {
    StreamDecoder::new(&case.model, case.api).unwrap()
}

/// The frame with some bytes of its headers or payload replaced, and lengths and checksums put
/// right.
fn changed(frame: &[u8], place: Index, cut: usize, put: &[u8]) -> Vec<u8> {
    let headers = u32::from_be_bytes(frame[4..8].try_into().unwrap()) as usize;
    let mut content = frame[12..frame.len() - 4].to_vec();
    let start = place.index(content.len());
    let end = content.len().min(start + cut);
    content.splice(start..end, put.iter().copied());
    // Where headers were changed, they keep their share of the frame.
    let change = if start < headers { put.len() as i64 - (end - start) as i64 } else { 0 };
    let headers = (headers as i64 + change).clamp(0, content.len() as i64) as u32;
    let mut bytes = (content.len() as u32 + 16).to_be_bytes().to_vec();
    bytes.extend(headers.to_be_bytes());
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes.extend(content);
    bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
    bytes
}
