//! Results in the order of the records, one for each.

use std::collections::HashMap;
use std::io::{Cursor, Read, Seek, SeekFrom, Write};

use outcrop::ErrorKind;
use outcrop::batch::{Joined, RecordFailure};
use proptest::prelude::*;

use super::service::{Bench, refused, replied};

fn join(text: &str) -> Joined<Cursor<Vec<u8>>> {
    let bench = Bench::new();
    let job = bench.job(&["PartiallyCompleted"]);
    bench.service.put_output(job.handle(), "input.jsonl.out", text);
    bench.run(job.join(Cursor::new(Vec::new()))).unwrap()
}

/// What is known of a record, as one word.
fn word(joined: &mut Joined<Cursor<Vec<u8>>>, id: &str) -> String {
    let outcome = joined.outcome(id).unwrap();
    assert_eq!(outcome.id, id);
    match outcome.result {
        Ok(reply) => reply.text(),
        Err(RecordFailure::Missing) => "missing".into(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn each_record_gets_its_own_result_and_a_missing_one_is_said_to_be() {
    let text = replied("c", "three") + &refused("a", "no") + &replied("d", "four");
    let mut joined = join(&text);
    let words = ["a", "b", "c", "d", "a"].map(|id| word(&mut joined, id));
    assert_eq!(words, ["400: no", "missing", "three", "four", "400: no"]);
    assert_eq!((joined.len(), joined.is_empty()), (3, false));
}

#[test]
fn the_first_of_two_results_counts_and_what_cannot_be_read_is_counted() {
    let text = replied("a", "first") + &replied("a", "second") + "?\n" + &replied("b", "b");
    let mut joined = join(&text);
    assert_eq!(word(&mut joined, "a"), "first");
    assert_eq!(word(&mut joined, "b"), "b");
    assert_eq!((joined.duplicates(), joined.unreadable()), (1, 1));
}

#[test]
fn a_job_without_results_leaves_every_record_missing() {
    let bench = Bench::new();
    let job = bench.job(&["Expired"]);
    let mut joined = bench.run(job.join(Cursor::new(Vec::new()))).unwrap();
    assert!(joined.is_empty());
    assert_eq!(word(&mut joined, "a"), "missing");
}

#[test]
fn a_full_disk_is_the_source_s_error() {
    #[derive(Debug)]
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl Read for Full {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Ok(0)
        }
    }
    impl Seek for Full {
        fn seek(&mut self, _: SeekFrom) -> std::io::Result<u64> {
            Ok(0)
        }
    }
    let bench = Bench::new();
    let job = bench.job(&["Completed"]);
    bench.service.put_output(job.handle(), "input.jsonl.out", replied("a", "one"));
    let error = bench.run(job.join(Full)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Source);
    assert!(error.to_string().contains("the file that holds the results failed"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn asking_in_any_order_is_looking_up_in_a_map(
        lines in proptest::collection::vec(("[a-d]{1,3}", "[a-z ]{0,40}"), 0..60),
        asked in proptest::collection::vec("[a-d]{1,3}", 0..60),
    ) {
        let text: String = lines.iter().map(|(id, text)| replied(id, text)).collect();
        let mut oracle = HashMap::new();
        for (id, text) in &lines {
            oracle.entry(id.as_str()).or_insert(text.as_str());
        }
        let mut joined = join(&text);
        prop_assert_eq!(joined.len(), oracle.len());
        prop_assert_eq!(joined.duplicates(), (lines.len() - oracle.len()) as u64);
        for id in &asked {
            let expected = oracle.get(id.as_str()).copied().unwrap_or("missing");
            prop_assert_eq!(word(&mut joined, id), expected);
        }
    }
}
