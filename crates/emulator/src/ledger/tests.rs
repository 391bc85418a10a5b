//! Admission over several limits, and what is counted of it.

use super::*;
use crate::models::Model;
use crate::quotas::Refill;

const NOVA: &str = "amazon.nova-lite-v1:0";

fn ledger(default: Limits) -> Ledger {
    Ledger::new(Quotas { default, ..Quotas::default() })
}

fn tokens_per_minute(limit: u64) -> Ledger {
    ledger(Limits { tokens_per_minute: Some(limit), ..Limits::default() })
}

fn admit(
    ledger: &Ledger,
    now: Instant,
    model: &str,
    input: u64,
    max: u64,
) -> Result<Charge, Refusal> {
    let name = Model::find(model).unwrap().name;
    ledger.admit(now, model, &name, input, max)
}

fn message(result: Result<Charge, Refusal>) -> String {
    result.map_or_else(|refusal| refusal.message, |_| "admitted".into())
}

#[test]
fn requests_beyond_the_limit_wait_until_a_minute_after_the_first() {
    let ledger = ledger(Limits { requests_per_minute: Some(2), ..Limits::default() });
    let start = clock::now();
    let ask = |at| message(admit(&ledger, start + Duration::from_secs(at), NOVA, 1, 1));
    assert_eq!([ask(0), ask(30)], ["admitted", "admitted"]);
    assert_eq!(ask(59), "Too many requests, please wait before trying again.");
    assert_eq!(ask(60), "admitted");
    assert!(ask(61).starts_with("Too many requests"));
}

#[test]
fn a_call_holds_its_limit_and_settles_to_what_it_said() {
    let ledger = tokens_per_minute(1000);
    let now = clock::now();
    let mut first = admit(&ledger, now, NOVA, 100, 800).unwrap();
    let too_many = "Too many tokens, please wait before trying again.";
    assert_eq!(message(admit(&ledger, now, NOVA, 100, 100)), too_many);
    first.said(50);
    drop(first);
    // 150 are charged, so 850 fit and 851 do not.
    assert_eq!(message(admit(&ledger, now, NOVA, 1, 850)), too_many);
    assert_eq!(message(admit(&ledger, now, NOVA, 0, 850)), "admitted");
}

#[test]
fn output_is_settled_at_the_model_s_burndown_rate() {
    let model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
    let ledger = tokens_per_minute(1000);
    let now = clock::now();
    let mut charge = admit(&ledger, now, model, 100, 200).unwrap();
    charge.said(100);
    drop(charge);
    assert!(message(admit(&ledger, now, model, 0, 401)).starts_with("Too many tokens"));
    assert_eq!(message(admit(&ledger, now, model, 0, 400)), "admitted");
}

#[test]
fn a_day_s_tokens_are_gone_for_a_day() {
    let ledger = ledger(Limits { tokens_per_day: Some(100), ..Limits::default() });
    let start = clock::now();
    let hour = Duration::from_secs(3600);
    let ask = |hours| message(admit(&ledger, start + hour * hours, NOVA, 100, 0));
    assert_eq!(ask(0), "admitted");
    assert_eq!(ask(23), "Too many tokens per day, please wait before trying again.");
    assert_eq!(ask(24), "admitted");
}

#[test]
fn calls_at_a_time_are_limited_until_one_ends() {
    let ledger = ledger(Limits { concurrent_requests: Some(1), ..Limits::default() });
    let now = clock::now();
    let first = admit(&ledger, now, NOVA, 1, 1).unwrap();
    assert!(message(admit(&ledger, now, NOVA, 1, 1)).contains("concurrent"));
    drop(first);
    assert_eq!(message(admit(&ledger, now, NOVA, 1, 1)), "admitted");
}

#[test]
fn a_refusal_by_one_limit_charges_none_of_the_others() {
    let limits =
        Limits { requests_per_minute: Some(1), tokens_per_minute: Some(10), ..Limits::default() };
    let ledger = ledger(limits);
    let now = clock::now();
    assert!(message(admit(&ledger, now, NOVA, 11, 0)).starts_with("Too many tokens"));
    assert_eq!(message(admit(&ledger, now, NOVA, 10, 0)), "admitted");
}

#[test]
fn scopes_are_limited_apart_and_geographies_together() {
    let ledger = ledger(Limits { requests_per_minute: Some(1), ..Limits::default() });
    let now = clock::now();
    let ask = |prefix: &str| message(admit(&ledger, now, &format!("{prefix}{NOVA}"), 1, 1));
    assert_eq!([ask(""), ask("us."), ask("global.")], ["admitted", "admitted", "admitted"]);
    for prefix in ["", "us.", "eu.", "global."] {
        assert!(ask(prefix).starts_with("Too many requests"), "{prefix}");
    }
}

#[test]
fn a_limit_of_one_geography_holds_whichever_is_called_first() {
    let limits = Limits { requests_per_minute: Some(1), ..Limits::default() };
    let profile = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{NOVA}");
    let custom = format!("arn:aws:bedrock:us-east-1:123456789012:custom-model/{NOVA}/abc");
    let addresses = [format!("us.{NOVA}"), format!("eu.{NOVA}"), profile.clone()];
    for key in [format!("us.{NOVA}"), profile] {
        for first in &addresses {
            let models = [(key.clone(), limits)].into();
            let ledger = Ledger::new(Quotas { models, ..Quotas::default() });
            let now = clock::now();
            let ask = |address: &str| message(admit(&ledger, now, address, 1, 1));
            assert_eq!(ask(first), "admitted");
            for next in &addresses {
                assert!(ask(next).starts_with("Too many requests"), "{key}: {first}, then {next}");
            }
            for other in [NOVA, NOVA, &custom, &custom] {
                assert_eq!(ask(other), "admitted", "{other}");
            }
        }
    }
}

#[test]
fn a_call_that_read_the_clock_earlier_does_not_bring_quota_back() {
    for refill in [Refill::Sliding, Refill::Minute, Refill::Bucket(Duration::from_secs(60))] {
        let default = Limits { requests_per_minute: Some(1), ..Limits::default() };
        let ledger = Ledger::new(Quotas { default, refill, ..Quotas::default() });
        let start = clock::now();
        let ask = |at| message(admit(&ledger, start + Duration::from_secs(at), NOVA, 1, 1));
        assert_eq!(ask(120), "admitted");
        // The second is of an earlier minute, by any clock.
        assert!(ask(10).starts_with("Too many requests"), "{refill:?}");
        assert!(ask(121).starts_with("Too many requests") || refill == Refill::Minute);
    }
}

#[test]
fn metrics_count_what_happened_and_a_reset_forgets_it() {
    let ledger = tokens_per_minute(1000);
    let start = clock::now();
    let mut first = admit(&ledger, start, NOVA, 100, 400).unwrap();
    first.said(100);
    drop(first);
    let later = start + Duration::from_secs(6);
    let second = admit(&ledger, later, NOVA, 100, 400).unwrap();
    assert!(admit(&ledger, later, NOVA, 1000, 0).is_err());
    let metrics = ledger.metrics(later);
    assert_eq!(metrics["admitted"], 2);
    assert_eq!(metrics["throttled"]["tokens"], 1);
    assert_eq!(metrics["reservedTokens"], 1000);
    assert_eq!((&metrics["settledTokens"], &metrics["heldTokens"]), (&json!(200), &json!(500)));
    let model = &metrics["models"][0];
    assert_eq!((&model["model"], &model["scope"]), (&json!(NOVA), &json!("on-demand")));
    assert_eq!(model["used"]["tokensPerMinute"], 700);
    // 200 tokens settled over the 100 that six seconds bring.
    assert_eq!(model["quotaUsed"]["tokensPerMinute"], 2.0);

    ledger.reset();
    drop(second);
    assert_eq!(ledger.metrics(later)["admitted"], 0);
}

#[test]
fn accounts_of_arns_without_end_are_forgotten_and_still_counted() {
    let ledger = tokens_per_minute(1000);
    let now = clock::now();
    let arn = |n: usize| {
        format!("arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/p{n}")
    };
    let open = admit(&ledger, now, &arn(0), 1, 1).unwrap();
    drop(admit(&ledger, now, NOVA, 1, 1).unwrap());
    for n in 1..MOST {
        drop(admit(&ledger, now, &arn(n), 1, 1).unwrap());
    }
    let metrics = ledger.metrics(now);
    // That of the model, that of the call in work, and that of the ARN that was one too many.
    assert_eq!(metrics["models"].as_array().unwrap().len(), 3);
    assert_eq!((&metrics["admitted"], &metrics["inFlight"]), (&(MOST + 1).into(), &1.into()));
    drop(open);
    assert_eq!(ledger.metrics(now)["inFlight"], 0);
    ledger.reset();
    assert_eq!(ledger.metrics(now)["admitted"], 0);
}
