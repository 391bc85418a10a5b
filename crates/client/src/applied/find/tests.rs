//! Which quotas of an account are a model's, and which are not.

use super::*;

const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

fn quota(code: &str, name: &str, value: f64) -> ServiceQuota {
    let mut quota = ServiceQuota::default();
    (quota.code, quota.name, quota.value) = (code.into(), name.into(), value);
    quota
}

fn account() -> Vec<ServiceQuota> {
    let sonnet = "Anthropic Claude Sonnet 4.5 V1";
    vec![
        quota(
            "L-4A6BFAB1",
            &format!("Cross-region model inference requests per minute for {sonnet}"),
            200.0,
        ),
        quota(
            "L-NEW",
            &format!("Global cross-region model inference tokens per minute for {sonnet}"),
            400_000.0,
        ),
        quota(
            "L-381AD9EE",
            &format!(
                "Model invocation max tokens per day for {sonnet} (doubled for cross-region calls)"
            ),
            144_000_000.0,
        ),
        quota("L-1", "On-demand model inference tokens per minute for Acme Brain 1 Fast", 7.0),
        quota("L-2", "On-demand model inference tokens per minute for Acme Brain 1 fast", 8.0),
    ]
}

fn found(address: &str, defaults: &[ServiceQuota]) -> AppliedQuotas {
    find(&ModelRef::parse(address).unwrap(), &account(), defaults)
}

fn value(finding: &Finding) -> Option<(u64, bool)> {
    match finding {
        Finding::Found(quota) => Some((quota.value, quota.is_known_code)),
        _ => None,
    }
}

#[test]
fn each_way_of_calling_has_quotas_of_its_own() {
    let across = found(&format!("eu.{SONNET}"), &[]);
    assert_eq!(across.scope, Scope::CrossRegion);
    assert_eq!(value(&across.requests_per_minute), Some((200, true)));
    assert_eq!(across.tokens_per_minute, Finding::Absent);
    assert_eq!(value(&across.tokens_per_day), Some((288_000_000, true)), "doubled");

    let global = found(&format!("global.{SONNET}"), &[]);
    assert_eq!(value(&global.tokens_per_minute), Some((400_000, false)), "by its name");
    assert_eq!(global.tokens_per_day, Finding::Absent);

    let inside = found(SONNET, &[]);
    assert_eq!(value(&inside.tokens_per_day), Some((144_000_000, true)));
}

#[test]
fn a_default_counts_where_the_account_has_nothing() {
    let name = "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1";
    let defaults = [quota("L-F4DDD3EB", name, 200_000.0), quota("L-4A6BFAB1", "x", 1.0)];
    let across = found(&format!("us.{SONNET}"), &defaults);
    let Finding::Found(tokens) = &across.tokens_per_minute else { panic!("{across:?}") };
    assert_eq!((tokens.value, tokens.is_default), (200_000, true));
    assert_eq!(
        value(&across.requests_per_minute),
        Some((200, true)),
        "the account's own goes first"
    );
    let quotas = across.to_quotas();
    assert_eq!(quotas.requests_per_minute.map(u64::from), Some(200));
    assert_eq!(quotas.tokens_per_minute.map(u64::from), Some(200_000));
}

#[test]
fn of_two_that_agree_equally_the_smaller_is_kept_to() {
    let brain = found("acme.brain-1-fast", &[]);
    let Finding::Ambiguous(both) = &brain.tokens_per_minute else { panic!("{brain:?}") };
    assert_eq!(both.iter().map(|quota| quota.value).collect::<Vec<_>>(), [7, 8]);
    assert_eq!(brain.to_quotas().tokens_per_minute.map(u64::from), Some(7));
    assert_eq!(brain.requests_per_minute.limit(), None);

    let mut both = both.clone();
    both.reverse();
    assert_eq!(Finding::Ambiguous(both.clone()).limit().map(u64::from), Some(7));
    both[0].value = 0;
    assert_eq!(Finding::Ambiguous(both).limit().map(u64::from), Some(1), "none is not no limit");
}

#[test]
fn the_longest_name_wins() {
    let short = "Cross-region model inference tokens per minute for Claude Sonnet 4.5";
    let long = "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5 V1";
    let model = ModelRef::parse(&format!("us.{SONNET}")).unwrap();
    let quotas = [quota("L-A", short, 1.0), quota("L-B", long, 2.0), quota("L-C", short, 3.0)];
    let tokens = find(&model, &quotas, &[]).tokens_per_minute;
    assert_eq!(value(&tokens), Some((2, false)));
}
