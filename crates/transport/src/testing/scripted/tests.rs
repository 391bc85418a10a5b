//! What the script plays, counts and refuses.

use std::time::Duration;

use futures_executor::block_on;
use futures_util::FutureExt;

use super::*;
use crate::Service;
use crate::testing::ManualClock;

fn call(operation: Operation) -> Call {
    Call::new(operation, "amazon.nova-lite-v1:0", "{}")
}

fn stream_of(scripted: &Scripted) -> Streaming {
    block_on(scripted.streaming(call(Operation::ConverseStream))).unwrap()
}

fn broken() -> Error {
    Error::new(ErrorKind::Io, Phase::AnsweredBadly, "the connection broke")
}

#[test]
fn a_stream_keeps_its_chunks_and_its_ending() {
    let exchange = Exchange::answering(Operation::ConverseStream)
        .header("X-Amzn-RequestId", "id-1")
        .chunks(["ab", "", "c"])
        .end(End::Error(broken()));
    let scripted = Scripted::new([exchange]);
    let Streaming { meta, body } = stream_of(&scripted);
    assert_eq!(meta.request_id.as_deref(), Some("id-1"));
    let items: Vec<_> = block_on(body.collect());
    let (last, chunks) = items.split_last().unwrap();
    let chunks: Vec<_> = chunks.iter().map(|chunk| chunk.as_ref().unwrap()).collect();
    assert_eq!(chunks, ["ab", "", "c"]);
    assert_eq!(last.as_ref().unwrap_err().phase(), Phase::AnsweredBadly);
    assert_eq!((scripted.open(), scripted.dropped()), (0, 0));
    scripted.verify().unwrap();
}

#[test]
fn a_reply_in_one_piece_is_the_chunks_together() {
    let scripted = Scripted::new([Exchange::answering(Operation::InvokeModel).chunks(["ab", "c"])]);
    assert_eq!(block_on(scripted.unary(call(Operation::InvokeModel))).unwrap().body, "abc");
}

#[test]
fn a_reply_that_breaks_is_an_error() {
    let exchange =
        Exchange::answering(Operation::InvokeModel).chunk("ab").end(End::Error(broken()));
    let error = block_on(Scripted::new([exchange]).unary(call(Operation::InvokeModel)));
    assert_eq!(error.unwrap_err().kind(), &ErrorKind::Io);
}

#[test]
fn a_refusal_has_its_words_and_its_request_id() {
    let service = Service::new(400, "ValidationException".to_owned(), "no".to_owned());
    let refusal = Exchange::refusing(Operation::Converse, service.clone());
    let scripted = Scripted::new([refusal.header("x-amzn-requestid", "id-2")]);
    let error = block_on(scripted.unary(call(Operation::Converse))).unwrap_err();
    assert_eq!(error.service(), Some(&service));
    assert_eq!(error.request_id(), Some("id-2"));
    assert_eq!((scripted.open(), scripted.dropped()), (0, 0));
}

#[test]
fn a_failure_before_any_answer_is_the_one_of_the_script() {
    let failure = Error::new(ErrorKind::Connect, Phase::NotSent, "nobody listens");
    let scripted = Scripted::new([Exchange::failing(Operation::Converse, failure)]);
    let error = block_on(scripted.unary(call(Operation::Converse))).unwrap_err();
    assert_eq!((error.kind(), error.phase()), (&ErrorKind::Connect, Phase::NotSent));
    assert_eq!((scripted.open(), scripted.dropped()), (0, 0));
}

#[test]
fn a_body_dropped_before_its_end_is_counted() {
    let exchange = || Exchange::answering(Operation::ConverseStream).chunk("ab");
    let scripted = Scripted::new([exchange(), exchange().end(End::Stall)]);
    let mut read = stream_of(&scripted).body;
    assert_eq!(scripted.open(), 1);
    assert!(block_on(read.next()).is_some());
    drop(read);
    assert_eq!((scripted.open(), scripted.dropped()), (0, 1));

    let mut stalled = stream_of(&scripted).body;
    assert!(block_on(stalled.next()).is_some());
    assert!(stalled.next().now_or_never().is_none());
    drop(stalled);
    assert_eq!((scripted.open(), scripted.dropped()), (0, 2));
}

#[test]
fn a_silent_call_never_ends_and_is_counted_when_dropped() {
    let scripted = Scripted::new([Exchange::silent(Operation::Converse)]);
    assert!(scripted.unary(call(Operation::Converse)).now_or_never().is_none());
    assert_eq!(scripted.dropped(), 1);
}

#[test]
fn pauses_pass_on_their_clock() {
    let clock = ManualClock::new();
    let exchange = Exchange::answering(Operation::ConverseStream)
        .chunk("a")
        .pause(&clock, Duration::from_secs(7))
        .chunk("b");
    let mut body = stream_of(&Scripted::new([exchange])).body;
    assert!(body.next().now_or_never().is_some());
    assert!(body.next().now_or_never().is_none());
    let start = clock.now();
    // The pause begins when the reader comes to it.
    assert_eq!(clock.run(body.next()).unwrap().unwrap().unwrap(), "b");
    assert_eq!(clock.now().since(start), Duration::from_secs(7));
}

#[test]
fn what_the_script_does_not_expect_fails_and_is_remembered() {
    let scripted = Scripted::new([Exchange::answering(Operation::Converse)]);
    assert_eq!(scripted.verify(), Err(ScriptError::Left(1)));

    let error = block_on(scripted.unary(call(Operation::InvokeModel))).unwrap_err();
    assert_eq!(error.phase(), Phase::NotSent);
    assert_eq!(error.to_string(), "call 1 is InvokeModel, and the script expects Converse");

    block_on(scripted.unary(call(Operation::Converse))).unwrap();
    let error = block_on(scripted.unary(call(Operation::Converse))).unwrap_err();
    assert_eq!(error.to_string(), "call 3 is Converse, and the script is at its end");
    assert_eq!(scripted.calls().len(), 3);
    assert!(matches!(scripted.verify(), Err(ScriptError::Other { number: 1, .. })));
}
