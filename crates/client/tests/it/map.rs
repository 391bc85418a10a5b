//! Many requests at once: each is answered, none is lost to a throttle, and few wait in line.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::time::Duration;

use outcrop::batch::Record;
use outcrop::{Concurrency, ErrorKind, Options, Quotas};
use serde_json::json;
use transport::Operation;
use transport::rt::Clock;
use transport::testing::Exchange;

use crate::support::{
    Bench, TOO_MANY_TOKENS, converse_reply, hello, nova, quotas, refusal, throttle,
};

fn records(count: usize) -> impl Iterator<Item = (usize, Record)> {
    (0..count).map(|n| (n, Record::new(hello())))
}

fn not_connected() -> transport::Error {
    transport::Error::new(transport::ErrorKind::Connect, transport::Phase::NotSent, "refused")
}

/// The answers by key: a text, or the kind of the error.
fn answers(
    bench: &Bench,
    concurrency: usize,
    count: usize,
) -> BTreeMap<usize, Result<String, ErrorKind>> {
    let concurrency = Concurrency::Fixed(NonZeroUsize::new(concurrency).unwrap());
    let mut answers = bench.client.map(&nova()).concurrency(concurrency).run(records(count));
    bench.run(async {
        let mut found = BTreeMap::new();
        while let Some(answer) = answers.next().await {
            let result = answer.result.map(|invocation| invocation.reply.text());
            found.insert(answer.key, result.map_err(|error| error.kind()));
        }
        found
    })
}

#[test]
fn every_record_is_answered_under_its_key() {
    let bench = Bench::new(["a", "b", "c"].map(converse_reply));
    let found = answers(&bench, 1, 3);
    let texts: Vec<_> = found.into_values().map(Result::unwrap).collect();
    assert_eq!(texts, ["a", "b", "c"]);
}

#[test]
fn a_throttle_that_outlasts_a_calls_retries_loses_no_record() {
    let throttles = (0..20).map(|_| throttle(Operation::Converse, TOO_MANY_TOKENS));
    let bench = Bench::new(throttles.chain([converse_reply("at last")]));
    assert_eq!(answers(&bench, 1, 1)[&0], Ok("at last".to_owned()));
    assert_eq!(bench.script.calls().len(), 21);
}

#[test]
fn what_the_service_refuses_is_sent_once_and_the_rest_goes_on() {
    let refused = refusal(Operation::Converse, 400, "ValidationException", "no");
    let bench = Bench::new([refused, converse_reply("fine")]);
    let found = answers(&bench, 1, 2);
    assert_eq!(found[&0], Err(ErrorKind::Refused));
    assert_eq!(found[&1], Ok("fine".to_owned()));
}

#[test]
fn no_more_calls_are_under_way_than_allowed() {
    let bench = Bench::new((0..6).map(|_| Exchange::silent(Operation::Converse)));
    let concurrency = Concurrency::Fixed(NonZeroUsize::new(4).unwrap());
    let mut taken = 0;
    let records = records(100).inspect(|_| taken += 1);
    let mut answers = bench.client.map(&nova()).concurrency(concurrency).run(records);
    assert!(futures_util::FutureExt::now_or_never(answers.next()).is_none());
    assert_eq!(answers.under_way(), 4);
    drop(answers);
    assert_eq!(taken, 4);
}

#[test]
fn records_are_taken_as_the_quota_admits_them() {
    let replies = (0..400).map(|_| converse_reply("x"));
    let bench = Bench::with(replies, Options::default(), quotas(60, 1_000_000));
    let mut taken = 0;
    let records = records(400).inspect(|_| taken += 1);
    let mut answers = bench.client.map(&nova()).run(records);
    let (mut ends, began) = (Vec::new(), bench.clock.now());
    bench.run(async {
        while let Some(answer) = answers.next().await {
            answer.result.unwrap();
            ends.push(bench.clock.now().since(began));
            assert!(answers.under_way() <= 3, "{} under way", answers.under_way());
        }
    });
    drop(answers);
    assert_eq!((taken, ends.len()), (400, 400));
    // One a second; what the first minute may hold beforehand is the limiter's affair.
    assert!(ends[399] >= Duration::from_secs(330), "{:?}", ends[399]);
}

#[test]
fn a_quota_that_takes_hours_loses_no_record() {
    for concurrency in [Concurrency::Auto, Concurrency::Fixed(NonZeroUsize::new(40).unwrap())] {
        let replies = (0..200).map(|_| converse_reply("x"));
        let bench = Bench::with(replies, Options::default(), quotas(1, 1_000_000));
        let mut answers = bench.client.map(&nova()).concurrency(concurrency).run(records(200));
        let began = bench.clock.now();
        let count = bench.run(async {
            let mut count = 0;
            while let Some(answer) = answers.next().await {
                answer.result.unwrap();
                count += 1;
            }
            count
        });
        assert_eq!((count, bench.script.calls().len()), (200, 200), "{concurrency:?}");
        assert!(bench.clock.now().since(began) > Duration::from_secs(3 * 60 * 60));
    }
}

#[test]
fn a_connection_that_is_lost_for_a_while_loses_no_record() {
    let nobody = || Exchange::failing(Operation::Converse, not_connected());
    let script = [converse_reply("before")].into_iter();
    let bench = Bench::new(script.chain((0..9).map(|_| nobody())).chain([converse_reply("after")]));
    let found = answers(&bench, 1, 2);
    assert_eq!((&found[&0], &found[&1]), (&Ok("before".to_owned()), &Ok("after".to_owned())));
}

#[test]
fn a_reply_that_is_cut_is_asked_for_again_and_one_of_another_form_is_not() {
    let body = |text: &'static str| Exchange::answering(Operation::Converse).chunk(text);
    let bench = Bench::new([body("{\"output\": {\"mess"), converse_reply("whole"), body("[1]")]);
    let found = answers(&bench, 1, 2);
    assert_eq!(found[&0], Ok("whole".to_owned()));
    assert_eq!(found[&1], Err(ErrorKind::Protocol));
    assert_eq!(bench.script.calls().len(), 3);
}

#[test]
fn where_nobody_ever_answered_no_record_waits() {
    let bench = Bench::new((0..9).map(|_| Exchange::failing(Operation::Converse, not_connected())));
    let began = bench.clock.now();
    assert_eq!(answers(&bench, 1, 1)[&0], Err(ErrorKind::Connect));
    assert!(bench.clock.now().since(began) < Duration::from_secs(5));
}

#[test]
fn a_body_of_another_form_is_found_out_before_it_is_sent() {
    let bench = Bench::with([], Options::default(), Quotas::default());
    let map = bench.client.map(&nova());
    let body = |value: serde_json::Value| {
        Record::body(codec::batch::RawJson::parse(value.to_string()).unwrap())
    };
    assert!(map.check(Record::new(hello())).is_ok());
    let error = map.check(body(json!({ "messages": 3 }))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert!(error.to_string().contains("messages"), "{error}");
}
