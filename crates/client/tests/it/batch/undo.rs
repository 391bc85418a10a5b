//! Whatever fails and wherever, the bucket holds nothing of the batch afterwards.

use std::sync::LazyLock;

use futures_util::FutureExt;
use outcrop::batch::{BatchLimits, Record};
use outcrop::codec::batch::RawJson;
use outcrop::{ApiChoice, Error, ErrorKind, Options};

use super::service::{Bench, Fault, records};

/// Three records that make three parts.
fn large() -> impl Iterator<Item = Record> {
    static BODY: LazyLock<RawJson> =
        LazyLock::new(|| RawJson::parse(format!("{{\"a\":\"{}\"}}", "x".repeat(6 << 20))).unwrap());
    (0..3).map(|_| Record::body(BODY.clone()))
}

/// A client that does not look into the bodies, which takes its time over such large ones.
fn bench() -> Bench {
    let mut options = Options::default();
    options.api = ApiChoice::Invoke;
    Bench::with(options)
}

#[test]
fn a_small_input_that_is_bad_never_reaches_the_bucket() {
    let bench = bench();
    let error = bench.submit(records(499).chain(records(1))).unwrap_err();
    assert_eq!(error.record(), Some(500));
    assert!(bench.service.calls().iter().all(|call| call.starts_with("list")));
}

#[test]
fn a_large_input_that_is_bad_at_its_end_is_aborted() {
    let bench = bench();
    let again = Record::body(RawJson::parse("{}").unwrap()).with_id(Record::id_at(1));
    let error = bench.submit_few(large().chain([again])).unwrap_err();
    assert_eq!(error.record(), Some(4));
    let calls = bench.service.calls();
    assert_eq!(calls[calls.len() - 4..], ["start_upload", "put_part", "put_part", "abort_upload"]);
    assert!(bench.service.is_empty());
}

#[test]
fn a_refused_call_wherever_it_comes_leaves_nothing() {
    fails_everywhere(Fault::Refused("ValidationException"));
}

#[test]
fn a_lost_answer_wherever_it_comes_is_made_good() {
    let (calls, bytes) = undisturbed();
    for index in 0..calls.len() {
        let bench = bench();
        bench.service.state(|state| state.faults.insert(index, Fault::AnswerLost));
        bench.submit_few(large()).unwrap();
        assert_eq!(bench.service.bytes(), bytes);
        assert_eq!(bench.service.state(|state| state.specs.len()), 1);
    }
}

#[test]
fn a_call_that_fails_now_and_then_is_made_again() {
    let (calls, bytes) = undisturbed();
    for index in 0..calls.len() {
        let bench = bench();
        bench.service.state(|state| {
            state.faults.insert(index, Fault::Unavailable);
            state.faults.insert(index + 1, Fault::Unavailable);
        });
        bench.submit_few(large()).unwrap();
        assert_eq!(bench.service.bytes(), bytes);
    }
}

#[test]
fn a_call_that_fails_three_times_is_given_up() {
    fails_everywhere(Fault::Unavailable);
}

#[test]
fn what_cannot_be_taken_back_is_said() {
    let create = undisturbed().0.iter().position(|call| *call == "create").unwrap();
    let bench = bench();
    bench.service.state(|state| {
        state.faults.insert(create, Fault::Refused("AccessDeniedException"));
        state.faults.insert(create + 1, Fault::Refused("AccessDenied"));
    });
    let error = bench.submit_few(large()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    let key = bench.service.state(|state| state.objects.first_key_value().unwrap().0.clone());
    let message = error.to_string();
    assert!(message.contains("(AccessDeniedException, 400)"), "{message}");
    assert!(message.contains(&format!("s3://bucket/{key} could not be taken back")), "{message}");
}

#[test]
fn an_upload_that_may_still_be_there_is_said_whatever_it_was_about_to_become() {
    let complete = undisturbed().0.iter().position(|call| *call == "complete_upload").unwrap();
    let bench = bench();
    bench.service.state(|state| {
        state.faults.insert(complete, Fault::Refused("InvalidPart"));
        state.faults.insert(complete + 1, Fault::Refused("AccessDenied"));
    });
    let message = bench.submit_few(large()).unwrap_err().to_string();
    assert_eq!(bench.service.state(|state| state.uploads.len()), 1);
    assert!(message.contains("(InvalidPart, 400)"), "{message}");
    assert!(message.contains("could not be taken back"), "{message}");
}

#[test]
fn an_abort_whose_answer_was_lost_is_no_failure() {
    let bench = bench();
    let again = Record::body(RawJson::parse("{}").unwrap()).with_id(Record::id_at(1));
    let abort = undisturbed().0.iter().filter(|call| call.starts_with("list")).count() + 3;
    bench.service.state(|state| state.faults.insert(abort, Fault::AnswerLost));
    let message = bench.submit_few(large().chain([again])).unwrap_err().to_string();
    assert_eq!(bench.service.calls()[abort..], ["abort_upload", "abort_upload"]);
    assert!(bench.service.is_empty());
    assert!(!message.contains("taken back"), "{message}");
}

// The future is dropped after each number of polls that it lives through.
#[test]
fn a_dropped_submission_leaves_no_object_unless_it_was_creating_the_job() {
    let (calls, _) = undisturbed();
    for polls in 1.. {
        let bench = bench();
        let limits = BatchLimits::default().with_min_records(1);
        let records = large().map(Ok::<_, Error>);
        let mut submit = Box::pin(bench.batch().limits(limits).submit_iter(records));
        let done = (0..polls).any(|_| (&mut submit).now_or_never().is_some());
        drop(submit);
        if done {
            assert_eq!(polls, calls.len() + 1);
            return;
        }
        let completed = bench.service.calls().last() == Some(&"complete_upload");
        assert_eq!(bench.service.state(|state| state.objects.is_empty()), !completed);
        assert!(bench.service.state(|state| state.specs.is_empty()));
    }
}

/// The calls of a submission that nothing disturbs, and the size of what it uploads.
fn undisturbed() -> (Vec<&'static str>, usize) {
    let bench = bench();
    bench.submit_few(large()).unwrap();
    let calls = bench.service.calls();
    assert_eq!(calls.len(), 11, "{calls:?}");
    (calls, bench.service.bytes())
}

/// Lets each call of a submission fail for good in turn.
fn fails_everywhere(fault: Fault) {
    for index in 0..undisturbed().0.len() {
        let bench = bench();
        bench.service.state(|state| {
            state.faults.extend((index..index + 3).map(|attempt| (attempt, fault)));
            // A refusal is not tried again, so what comes after it is the clean-up, which works.
            if matches!(fault, Fault::Refused(_)) {
                state.faults.retain(|at, _| *at == index);
            }
        });
        bench.submit_few(large()).unwrap_err();
        assert!(bench.service.is_empty(), "call {index}");
        assert!(bench.service.state(|state| state.specs.is_empty()));
    }
}
