//! `outcrop quota`: what a quota means for a pile of work.

use std::fs;

use serde_json::{Value, json};

use crate::support::run::{Ran, run};

const SONNET: &str = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";

fn simulate(line: &str) -> Ran {
    let mut arguments = vec!["quota", "simulate"];
    arguments.extend(line.split(' '));
    run(&arguments)
}

fn simulated(line: &str) -> Value {
    let ran = simulate(&format!("{line} --output json"));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{ran:?}");
    ran.lines().remove(0)
}

#[test]
fn a_plan_says_how_long_what_binds_and_what_max_tokens_costs() {
    let work = format!(
        "--rpm 1000 --tpm 200000 --requests 2000 --input-tokens 1000 --output-tokens \
         lognormal:200,800 --max-tokens 8000 --latency lognormal:3,10 -m {SONNET}"
    );
    let said = simulated(&work);
    assert_eq!((&said["binds"], &said["burnDown"]), (&json!("tokensPerMinute"), &json!(5)));
    assert_eq!((&said["requests"], &said["done"]), (&json!(2000), &json!(2000)));
    assert_eq!(said["reservedTokens"], 9000);
    let seconds = |value: &Value| value.as_f64().unwrap();
    let tight = &said["tightMaxTokens"];
    assert_eq!(tight["cutShort"], 20, "one answer of a hundred");
    assert!(seconds(&tight["seconds"]) <= seconds(&said["seconds"]));
    assert!(seconds(&said["secondsWithout"]["tokensPerMinute"]) < seconds(&said["seconds"]) / 5.0);

    let text = simulate(&work);
    assert!(text.stdout.starts_with("outcrop-blind on bucket-60s\n"), "{text:?}");
    assert!(text.stdout.contains("binds       tokens per minute: without that limit"), "{text:?}");
    assert!(text.stdout.contains("max_tokens 815 instead of 8,000"), "{text:?}");
}

#[test]
fn the_limit_that_binds_is_the_one_whose_absence_helps_most() {
    let work = "--requests 600 --input-tokens 100 --output-tokens 10 --max-tokens 10 --latency 1";
    assert_eq!(simulated(&format!("{work} --rpm 60 --tpm 1000000"))["binds"], "requestsPerMinute");
    assert_eq!(simulated(&format!("{work} --rpm 6000 --tpm 10000"))["binds"], "tokensPerMinute");
    let day = "--requests 40 --input-tokens 900 --output-tokens 1 --max-tokens 100 --latency 1";
    assert_eq!(simulated(&format!("{day} --tpm 100000 --tpd 20000"))["binds"], "tokensPerDay");
}

#[test]
fn a_request_that_never_fits_is_said_to_be_impossible() {
    let said = simulated(
        "--tpm 2000 --requests 10 --input-tokens 3000 --output-tokens 9 --max-tokens 100 --latency 2",
    );
    assert_eq!((&said["impossible"], &said["done"]), (&json!(10), &json!(0)));
    assert!(said["advice"][0].as_str().unwrap().starts_with("max_tokens 100: "), "{said}");
}

#[test]
fn a_plot_has_both_curves_and_the_same_seed_draws_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let draw = |name: &str| {
        let path = folder.path().join(name);
        let work = "--tpm 90000 --requests 99 --input-tokens 900 --output-tokens heavy:20,2 \
                    --max-tokens 500 --latency 2 --plot";
        let ran = simulate(&format!("{work} {}", path.display()));
        assert_eq!(ran.code, Some(0), "{ran:?}");
        fs::read_to_string(path).unwrap()
    };
    let plot = draw("a.svg");
    assert_eq!(plot.matches("<polyline").count(), 2, "{plot}");
    assert_eq!(plot, draw("b.svg"));

    let nowhere = folder.path().join("no/such.svg");
    let ran = simulate(&format!(
        "--tpm 90000 --requests 99 --input-tokens 900 --output-tokens 9 --max-tokens 9 --latency 2 \
         --output json --plot {}",
        nowhere.display()
    ));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{ran:?}");
    assert!(ran.error()["message"].to_string().contains("no/such.svg"), "{ran:?}");
}

#[test]
fn what_nobody_can_wait_for_ends_when_it_is_told_to() {
    let work = "--rpm 1 --requests 2000000 --input-tokens 9 --output-tokens 9 --max-tokens 9 \
                --latency 1 --timeout 0.01 --output json";
    let ran = simulate(work);
    assert_eq!((ran.code, &ran.error()["kind"]), (Some(1), &json!("timeout")), "{ran:?}");
}

#[test]
fn what_is_missing_or_wrong_is_told_and_exits_with_2() {
    let short = "--requests 9 --input-tokens 9 --output-tokens 9";
    let work = format!("{short} --latency 1");
    for (line, wanted) in [
        (format!("{work} --max-tokens 9"), "give --rpm, --tpm or --tpd"),
        (format!("{work} --tpm 900"), "give --max-tokens, or --model"),
        (work.replacen("9", "2000001", 1), "2000000"),
        (format!("{work} --tpm 900 --max-tokens 9 --server bucket-2s"), "bucket-1s"),
        (format!("{short} --tpm 900 --max-tokens 9 --latency lognormal:9,1"), "P99"),
    ] {
        let refused = simulate(&format!("{line} --output json"));
        assert_eq!(refused.code, Some(2), "{refused:?}");
        let message = refused.error()["message"].to_string();
        assert!(message.contains(wanted), "{line}: {message}");
    }
}

#[test]
fn the_quotas_of_a_model_are_those_of_how_it_is_called() {
    let show = |model: &str| {
        let ran = run(&["quota", "show", "--local", "-m", model, "--output", "json"]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        ran.lines().remove(0)
    };
    let across = show(SONNET);
    assert_eq!(across["scope"], "crossRegion");
    assert_eq!(across["quotas"]["tokensPerMinute"]["code"], "L-F4DDD3EB");
    let global = show(&SONNET.replacen("us.", "global.", 1));
    assert_eq!(global["quotas"]["tokensPerMinute"]["code"], "L-27C57EE8");
    let newer = show("us.anthropic.claude-opus-4-7");
    assert_eq!(newer["quotas"]["requestsPerMinute"], Value::Null, "{newer}");

    let text = run(&["quota", "show", "--local", "-m", SONNET]);
    let first = format!("{SONNET}, called across the regions of a geography, in us-east-1\n");
    assert!(text.stdout.starts_with(&first), "{text:?}");
}

#[test]
fn a_call_is_explained_without_being_made() {
    let call = ["quota", "explain", "-m", SONNET, "Tell me", "--tpm", "200000"];
    let said = run(&[&call[..], &["--max-tokens", "100", "--output", "json"]].concat());
    let said = said.lines().remove(0);
    let input = said["inputTokens"].as_u64().unwrap();
    assert_eq!(said["reservedTokens"], input + 100);
    assert_eq!(said["settledTokens"], json!({ "least": input, "most": input + 500 }));
    assert_eq!(said["atOnce"], 200_000 / (input + 100));
    let held: Vec<_> = said["touches"].as_array().unwrap().iter().map(|t| &t["held"]).collect();
    assert_eq!(held, [&json!(1), &json!(input + 100), &json!(input + 100)]);

    let text = run(&call);
    assert!(text.stdout.contains("64,000 output (the model's maximum"), "{text:?}");
    assert!(text.stdout.contains("fits    3 times at once into --tpm"), "{text:?}");
    let small = ["quota", "explain", "-m", SONNET, "Tell me", "--tpm", "1000"];
    let text = run(&small);
    assert!(text.stdout.contains("fits    never into --tpm"), "{text:?}");

    let hidden = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc";
    let said = run(&["quota", "explain", "-m", hidden, "Tell me", "--output", "json"]);
    let said = said.lines().remove(0);
    assert_eq!((&said["burnDown"], &said["scope"]), (&json!(15), &json!("own")), "{said:?}");
}

#[test]
fn a_call_to_a_provisioned_throughput_costs_what_was_bought() {
    let bought = "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl";
    let call = ["quota", "explain", "-m", bought, "--max-tokens", "100", "Tell me"];
    let said = run(&[&call[..], &["--family", "anthropic", "--output", "json"]].concat());
    let said = said.lines().remove(0);
    let input = said["inputTokens"].as_u64().unwrap();
    assert_eq!((&said["burnDown"], &said["scope"]), (&json!(1), &json!("provisioned")));
    assert_eq!(said["settledTokens"], json!({ "least": input, "most": input + 100 }));
    let touched: Vec<_> = said["touches"].as_array().unwrap().iter().map(|t| &t["limit"]).collect();
    assert_eq!(touched, ["tokensPerMinute"], "no limit of the model's is touched");

    let text = run(&call);
    assert!(text.stdout.contains("costs   input + 1 x output"), "{text:?}");
}

#[test]
fn a_model_without_quotas_is_said_to_have_none() {
    let ran = run(&["quota", "show", "--local", "-m", "acme.new-v1:0"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stderr.contains("no quota of the account is about this model"), "{ran:?}");
}
