//! The quota is passed in order, exactly when there is room, or not at all.

use std::task::{Context, Waker};
use std::time::Duration;

use outcrop::{Admission, Client, ErrorKind, Limits, ModelRef, Options, Quotas, Request};
use serde_json::json;
use transport::Operation;
use transport::rt::Clock;
use transport::testing::Scripted;

use crate::support::{
    Bench, converse_reply, hello, nova, quotas, refusal, start, streaming, whole,
};

fn bench(admission: Admission, quotas: Quotas) -> Bench {
    let mut options = Options::default();
    options.admission = admission;
    options.limits = Limits::NONE;
    Bench::with((0..8).map(|_| converse_reply("ok")), options, quotas)
}

#[test]
fn a_call_waits_until_the_quota_has_room_and_no_longer() {
    let bench = bench(Admission::Wait, quotas(3, 1_000_000));
    for _ in 0..3 {
        bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    }
    // Two go at once, since one is left for ways of different length, and the third after a third of
    // a minute at three a minute.
    assert_eq!(bench.clock.now().as_nanos(), 20_000_000_000);
}

#[test]
fn fail_fast_fails_at_once_and_sends_nothing() {
    let bench = bench(Admission::FailFast, quotas(1, 1_000_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::NotAdmitted);
    assert_eq!(bench.script.calls().len(), 1);
    assert_eq!(bench.clock.now().as_nanos(), 0);
}

#[test]
fn a_wait_that_would_pass_its_limit_is_refused_at_once_and_never_sent() {
    for (limit, calls) in [(29, 1), (60, 2)] {
        let bench = bench(Admission::Within(Duration::from_secs(limit)), quotas(1, 1_000_000));
        bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
        let second = bench.run(bench.client.invoke(&nova(), &hello()));
        assert_eq!(second.is_ok(), calls == 2, "{second:?}");
        assert_eq!(bench.script.calls().len(), calls);
    }
}

#[test]
fn waiting_never_passes_the_deadline_of_the_call() {
    let mut options = Options::default();
    options.limits = Limits::NONE.with_total(Duration::from_secs(10));
    let script = [converse_reply("ok"), converse_reply("too late")];
    let bench = Bench::with(script, options, quotas(1, 1_000_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::NotAdmitted);
    assert_eq!(bench.script.calls().len(), 1);
}

#[test]
fn waiting_for_the_quota_carries_no_retry_past_the_time_for_retries() {
    let failed = || refusal(Operation::Converse, 503, "ServiceUnavailableException", "later");
    for (within, calls) in [(59, 1), (61, 2)] {
        let mut options = Options::default();
        options.retry.within = Duration::from_secs(within);
        let bench = Bench::with([failed(), converse_reply("ok")], options, quotas(1, 1_000_000));
        let result = bench.run(bench.client.invoke(&nova(), &hello()));
        assert_eq!(result.is_ok(), calls == 2, "{result:?}");
        assert_eq!(bench.script.calls().len(), calls);
    }
}

#[test]
fn a_call_that_no_wait_can_fit_is_refused_for_good() {
    let bench = bench(Admission::Wait, quotas(10, 50));
    let error = bench.run(bench.client.invoke(&nova(), &hello())).unwrap_err();

    assert_eq!(error.kind(), ErrorKind::TooLarge);
    // The request was not spent on a call that the tokens refused.
    assert_eq!(bench.client.quota(&nova()).unwrap().requests_left, Some(10));
}

#[test]
fn a_limit_on_tokens_is_reserved_wherever_it_was_set() {
    let bench = bench(Admission::Wait, quotas(10, 20_000));
    let long = json!({"maxTokens": 30_000});
    let request = Request::user("hello").with_extra("inferenceConfig", long);
    let error = bench.run(bench.client.invoke(&nova(), &request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn an_early_settlement_lets_the_next_call_go_early() {
    // Each call reserves some 110 tokens and settles 12: the quota holds one reservation, and the
    // second call fits as soon as the first has settled.
    let bench = bench(Admission::Wait, quotas(1_000, 130));
    for _ in 0..2 {
        bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    }
    assert_eq!(bench.clock.now().as_nanos(), 0);
}

#[test]
fn a_settlement_wakes_the_one_who_waits() {
    let bench = bench(Admission::Wait, quotas(1_000, 130));
    let slow = streaming([start()])
        .pause(&bench.clock, Duration::from_secs(5))
        .chunks(whole(&["x"]).into_iter().skip(1));
    let script = Scripted::new([slow, converse_reply("ok")]);
    let (model, request) = (nova(), hello());
    let client = Client::builder()
        .transport(script)
        .time(bench.clock.clone(), bench.clock.clone())
        .quotas(quotas(1_000, 130))
        .build();

    bench.run(async {
        let streamed = async { client.stream(&model, &request).await.unwrap().finish().await };
        let invoked = client.invoke(&model, &request);
        let (_, invoked) = futures_util::future::join(streamed, invoked).await;
        invoked.unwrap();
    });

    // The quota would have refilled the second reservation much later than the first was settled.
    assert_eq!(bench.clock.now().as_nanos(), 5_000_000_000);
}

#[test]
fn those_who_wait_go_in_the_order_in_which_they_came() {
    let bench = bench(Admission::Wait, quotas(1, 1_000_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();

    let (model, request) = (nova(), hello());
    let mut first = Box::pin(bench.client.invoke(&model, &request));
    let mut second = Box::pin(bench.client.invoke(&model, &request));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert_eq!(bench.client.quota(&nova()).unwrap().waiting, 2);

    // A minute makes room for one, and only the one that came first takes it.
    bench.clock.advance(Duration::from_secs(60));
    assert!(second.as_mut().poll(&mut context).is_pending());
    assert!(first.as_mut().poll(&mut context).is_ready());
    assert!(second.as_mut().poll(&mut context).is_pending());
    bench.run(second).unwrap();
    assert_eq!(bench.clock.now().as_nanos(), 120_000_000_000);
}

#[test]
fn a_waiter_that_gives_up_holds_nothing_and_blocks_nobody() {
    let bench = bench(Admission::Wait, quotas(1, 1_000_000));
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();

    let (model, request) = (nova(), hello());
    let mut gone = Box::pin(bench.client.invoke(&model, &request));
    assert!(gone.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
    drop(gone);

    assert_eq!(bench.client.quota(&nova()).unwrap().waiting, 0);
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    assert_eq!(bench.clock.now().as_nanos(), 60_000_000_000);
}

#[test]
fn input_and_output_are_counted_apart_where_the_quotas_say_so() {
    let [input, output] = [1_000, 100].map(|n: u64| n.try_into().unwrap());
    let bench = bench(
        Admission::FailFast,
        quotas(1_000, 1_000_000)
            .with_input_tokens_per_minute(input)
            .with_output_tokens_per_minute(output),
    );
    bench.run(bench.client.invoke(&nova(), &hello())).unwrap();
    let quota = bench.client.quota(&nova()).unwrap();
    assert_eq!(quota.input_tokens_left, Some(1_000 - 5));
    assert_eq!(quota.output_tokens_left, Some(100 - 7));
    // A call holds its `max_tokens` in the limit on input.
    let request = Request::user("hello").with_max_tokens(1_000);
    let error = bench.run(bench.client.invoke(&nova(), &request)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[test]
fn models_share_what_the_account_may_take_in_a_day() {
    let bench = Bench::with([], Options::default(), Quotas::default());
    let script = Scripted::new((0..4).map(|_| converse_reply("ok")));
    let client = Client::builder()
        .transport(script)
        .time(bench.clock.clone(), bench.clock.clone())
        .account_tokens_per_day(DAY.try_into().unwrap())
        .build();
    let other = ModelRef::parse("amazon.nova-micro-v1:0").unwrap();
    for model in [&nova(), &other] {
        bench.run(client.invoke(model, &hello())).unwrap();
    }
    // Neither has quotas of its own, and both see what is left of the whole.
    for model in [&nova(), &other] {
        let left = client.quota(model).unwrap().account_daily_tokens_left;
        assert_eq!(left, Some(DAY - 2 * 12));
    }
}

#[test]
fn a_tenant_that_the_builder_does_not_know_is_an_error() {
    let bench = bench(Admission::Wait, quotas(3, 1_000_000));
    let mut options = bench.client.options().clone();
    options.tenant = Some("nobody".to_owned());
    let client = bench.client.with_options(options);
    let error = bench.run(client.invoke(&nova(), &hello())).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("`nobody`"), "{error}");
}

const DAY: u64 = 1_000_000;
