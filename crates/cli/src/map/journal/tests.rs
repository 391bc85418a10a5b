//! What a journal remembers, whatever became of its end.

use std::fs;

use clap::Parser;
use tempfile::TempDir;

use super::*;
use crate::args::Cli;

const RECORDS: usize = 4;

fn header(model: &str, bytes: u64) -> Header {
    let cli = Cli::try_parse_from(["outcrop", "demo"]).unwrap();
    let extent = Extent { records: RECORDS, bytes, sum: 7 };
    Header::new(&ModelRef::parse(model).unwrap(), &cli.globals, &Shape::default(), &extent)
}

fn open(folder: &TempDir, resume: bool) -> Result<Journal, Error> {
    Journal::open(&folder.path().join("journal"), &header("amazon.nova-lite-v1:0", 99), resume)
}

fn states(journal: &Journal) -> Vec<State> {
    (0..RECORDS).map(|at| journal.state(at)).collect()
}

fn flaw(result: Result<Journal, Error>) -> JournalFlaw {
    match result.unwrap_err() {
        Error::Journal { what, .. } => what,
        other => panic!("{other}"),
    }
}

/// A journal with a record in each state, and its bytes.
fn written(folder: &TempDir) -> Vec<u8> {
    let mut journal = open(folder, false).unwrap();
    for at in [0, 1, 2] {
        journal.sent(at).unwrap();
    }
    journal.came(2, true, r#"{"recordId":"two"}"#).unwrap();
    journal.came(0, false, r#"{"recordId":"zero"}"#).unwrap();
    assert_eq!(journal.line(2).unwrap().unwrap(), r#"{"recordId":"two"}"#);
    assert_eq!(journal.line(3).unwrap(), None);
    fs::read(journal.path()).unwrap()
}

#[test]
fn a_run_goes_on_where_it_stood() {
    let folder = tempfile::tempdir().unwrap();
    written(&folder);
    let mut journal = open(&folder, true).unwrap();
    use State::{Failed, Reply, Sent, Waiting};
    assert_eq!(states(&journal), [Failed, Sent, Reply, Waiting]);
    assert_eq!(journal.done(), Done { sent: 1, replies: 1, failed: 1 });
    assert_eq!(journal.line(0).unwrap().unwrap(), r#"{"recordId":"zero"}"#);
    journal.sent(0).unwrap();
    journal.came(0, true, "{}").unwrap();
    drop(journal);
    assert_eq!(states(&open(&folder, true).unwrap()), [Reply, Sent, Reply, Waiting]);
}

#[test]
fn a_journal_that_is_torn_at_any_byte_keeps_every_whole_line_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = written(&folder);
    let path = folder.path().join("journal");
    for length in 0..bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        // A first line of which too little is left to know it as one of ours is not touched.
        let Ok(mut journal) = open(&folder, true) else {
            assert!((1..FIRST.len()).contains(&length), "{length}");
            continue;
        };
        let lines = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
        let noted = states(&journal).iter().filter(|state| **state != State::Waiting).count();
        assert_eq!(noted, lines.saturating_sub(1).min(3), "{length}");
        journal.came(3, true, "{}").unwrap();
        drop(journal);
        let journal = open(&folder, true).unwrap();
        assert_eq!(journal.state(3), State::Reply, "{length}");
        assert_eq!(journal.state(2) == State::Reply, lines > 4, "{length}");
    }
}

#[test]
fn a_damaged_line_ends_the_journal() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = written(&folder);
    let at = bytes.len() - 5;
    bytes[at] ^= 1;
    fs::write(folder.path().join("journal"), bytes).unwrap();
    assert_eq!(open(&folder, true).unwrap().done(), Done { sent: 2, replies: 1, failed: 0 });
}

#[test]
fn a_journal_of_another_run_is_not_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    written(&folder);
    assert!(matches!(flaw(open(&folder, false)), JournalFlaw::Left));
    let other = |header: Header| flaw(Journal::open(&path, &header, true));
    assert!(matches!(other(header("amazon.nova-pro-v1:0", 99)), JournalFlaw::Other("model")));
    assert!(matches!(other(header("amazon.nova-lite-v1:0", 98)), JournalFlaw::Other("records")));

    fs::write(&path, "my own notes, which nobody should overwrite").unwrap();
    assert!(matches!(flaw(open(&folder, true)), JournalFlaw::NotOne));
    assert!(fs::read_to_string(&path).unwrap().starts_with("my own"));
}

#[test]
fn two_runs_do_not_share_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(&folder, false).unwrap();
    assert!(matches!(flaw(open(&folder, true)), JournalFlaw::InUse));
    drop(first);
    open(&folder, true).unwrap();
}

#[test]
fn eight_bytes_a_record() {
    assert_eq!(size_of::<Place>(), 8);
}
