//! What holds for all frames, all bytes and all splits.

use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::super::*;
use super::{Owned, any_frame, sealed};

proptest! {
    #[test]
    fn decoding_undoes_encoding(frame in any_frame()) {
        let wire = frame.encode();
        let Ok(Decoded::Complete { frame: read, len }) = decode(&wire) else {
            return Err(TestCaseError::fail("not a whole frame"));
        };
        prop_assert_eq!(len, wire.len());
        prop_assert_eq!(Owned::from(read), frame);
    }

    #[test]
    fn encoding_undoes_decoding(section in prop::collection::vec(0_u8..12, 0..40)) {
        // Few values, so that a good part of the sections are headers.
        let len = section.len() as u32;
        let wire = sealed(16 + len, len, &section);
        if let Ok(Decoded::Complete { frame, .. }) = decode(&wire) {
            prop_assert_eq!(Owned::from(frame).encode(), wire);
        }
    }

    #[test]
    fn any_split_gives_the_same_frames(
        frames in prop::collection::vec(any_frame(), 0..6),
        torn in 0..16_usize,
        cuts in prop::collection::vec(0..2000_usize, 0..20),
    ) {
        let mut wire: Vec<u8> = frames.iter().flat_map(Owned::encode).collect();
        wire.extend(&encode(&[], b"").unwrap()[..torn]);

        let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(wire.len())).collect();
        cuts.extend([0, wire.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|pair| &wire[pair[0]..pair[1]]);
        prop_assert_eq!(collect(pieces), (frames.clone(), torn));
        prop_assert_eq!(collect(wire.chunks(1)), (frames, torn));
    }

    #[test]
    fn a_prefix_is_incomplete_and_never_an_error(frame in any_frame(), cut in any::<prop::sample::Index>()) {
        let wire = frame.encode();
        prop_assert_eq!(decode(&wire[..cut.index(wire.len())]), Ok(Decoded::Incomplete));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drain(&bytes);
        // Again with checksums that agree, so that what lies behind them is reached.
        let mut words = bytes.iter().copied().cycle().take(8);
        let mut word = || words.by_ref().take(4).fold(0, |sum, byte| sum << 8 | u32::from(byte));
        drain(&sealed(word(), word(), &bytes));
        let len = bytes.len() as u32;
        drain(&sealed(16 + len, len, &bytes));
    }

    #[test]
    fn a_burst_of_up_to_32_damaged_bits_is_detected(
        frame in any_frame(),
        at in any::<prop::sample::Index>(),
        burst in 1_u32..,
    ) {
        let mut wire = frame.encode();
        let at = at.index(wire.len() - 3);
        for (byte, damage) in wire[at..].iter_mut().zip(burst.to_be_bytes()) {
            *byte ^= damage;
        }
        // Never `Incomplete`: a decoder that waits for the rest would show the damage as a stall.
        prop_assert!(decode(&wire).is_err());
    }
}

#[test]
fn every_single_flipped_bit_is_detected() {
    let wire =
        encode(&[(":event-type", "chunk".into()), ("n", HeaderValue::I64(9))], b"{}").unwrap();
    for bit in 0..wire.len() * 8 {
        let mut damaged = wire.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        assert!(decode(&damaged).is_err(), "bit {bit}");
    }
}

// Were the work to grow as the square of the input, the next two would not end within minutes.
#[test]
fn a_large_frame_byte_by_byte_is_linear_work() {
    let wire = encode(&[], &vec![7; 1 << 20]).unwrap();
    assert_eq!(collect(wire.chunks(1)).0.len(), 1);
}

#[test]
fn taking_one_frame_a_push_from_a_long_backlog_is_linear_work() {
    let wire = encode(&[], b"").unwrap();
    let mut frames = FrameDecoder::new();
    frames.push(&wire.repeat(1 << 20));
    for _ in 0..1 << 20 {
        frames.push(b"");
        assert!(frames.next().unwrap().is_some());
    }
    assert_eq!(frames.next(), Ok(None));
}

#[test]
fn memory_stays_near_the_largest_frame_and_is_given_back() {
    let wire = encode(&[], &vec![7; 100_000]).unwrap();
    let mut frames = FrameDecoder::new();
    for _ in 0..200 {
        for piece in wire.chunks(1000) {
            frames.push(piece);
            while frames.next().unwrap().is_some() {}
            assert!(frames.capacity() <= 2 * wire.len(), "{}", frames.capacity());
        }
    }
    frames.push(b"");
    assert!(frames.capacity() <= 64 * 1024, "{}", frames.capacity());
}

/// All frames of a stream that has no error, and what is left over.
fn collect<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Owned>, usize) {
    let mut decoder = FrameDecoder::new();
    let mut frames = Vec::new();
    for piece in pieces {
        decoder.push(piece);
        while let Some(frame) = decoder.next().unwrap() {
            frames.push(frame.into());
        }
    }
    (frames, decoder.pending())
}

/// Reads to the end or the first error, and looks at everything.
fn drain(bytes: &[u8]) {
    let mut decoder = FrameDecoder::new();
    decoder.push(bytes);
    while let Ok(Some(frame)) = decoder.next() {
        assert!(frame.headers().count() <= bytes.len());
        assert!(frame.payload().len() <= bytes.len());
        frame.kind();
    }
}
