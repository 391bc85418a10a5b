//! All quotas: those of each model of the catalogue, in each of its scopes, and of its batch jobs.

use codec::catalog::{self, Model};

use super::codes;
use super::quota::Quota;
use crate::catalogue::{self, provider};
use crate::quotas::{Limits, Quotas};
use crate::settings::BatchLimits;

/// The quotas of an account in a region.
pub(super) fn quotas(quotas: &Quotas, region: &str) -> Vec<Quota> {
    let mut all = Vec::new();
    for model in catalog::MODELS {
        let name = provider::full_name(model);
        for scope in scopes(model, region) {
            scope.add(&mut all, model, &name, quotas.of_calls_to(&scope.address));
        }
        daily(&mut all, model, &name, region, quotas);
        if model.facts.batch != Some(false) {
            batch(&mut all, &name, &quotas.batch);
        }
    }
    if let Some(units) = quotas.model_units {
        let name = "Model units no-commitment Provisioned Throughputs across base models";
        all.push(Quota::new(name.into(), None, Some(units as f64), 0.0));
    }
    all
}

/// One of the ways to address a model, each with quotas of its own.
struct Scope {
    title: &'static str,
    /// What a call names.
    address: String,
    /// The codes of requests and of tokens.
    codes: [&'static str; 2],
    /// The defaults of requests and of tokens a minute.
    defaults: [u64; 2],
}

fn scopes(model: &Model, region: &str) -> Vec<Scope> {
    let codes = codes::of(model.id);
    let own = (model.facts.on_demand != Some(false)).then(|| Scope {
        title: "On-demand",
        address: model.id.into(),
        codes: codes.on_demand,
        defaults: [REQUESTS, TOKENS],
    });
    let cross = catalogue::geo_of(model, region).map(|geo| Scope {
        title: "Cross-region",
        address: format!("{geo}.{}", model.id),
        codes: codes.cross_region,
        defaults: [2 * REQUESTS, 2 * TOKENS],
    });
    let global = is_global(model).then(|| Scope {
        title: "Global cross-region",
        address: format!("global.{}", model.id),
        codes: codes.global,
        defaults: [2 * REQUESTS, 2 * TOKENS],
    });
    own.into_iter().chain(cross).chain(global).collect()
}

impl Scope {
    fn add(&self, all: &mut Vec<Quota>, model: &Model, name: &str, limits: Limits) {
        let [requests, tokens] = self.defaults;
        let [requests_code, tokens_code] = self.codes.map(known);
        let title = |what| format!("{} model inference {what} for {name}", self.title);
        let value = |limit: Option<u64>| limit.map(|limit| limit as f64);
        // AWS has no such quota for the newer models; here one may be set all the same.
        let is_counted = !NO_REQUEST_QUOTA.iter().any(|prefix| model.id.starts_with(prefix));
        if is_counted || limits.requests_per_minute.is_some() {
            let (name, limit) = (title("requests per minute"), limits.requests_per_minute);
            all.push(Quota::new(name, requests_code, value(limit), requests as f64));
        }
        let (name, limit) = (title("tokens per minute"), limits.tokens_per_minute);
        all.push(Quota::new(name, tokens_code, value(limit), tokens as f64));
        if let Some(limit) = limits.concurrent_requests {
            all.push(Quota::new(title("concurrent requests"), None, Some(limit as f64), 0.0));
        }
    }
}

/// Tokens a day: one quota of a model in its region and its geography, and one of all regions.
fn daily(all: &mut Vec<Quota>, model: &Model, name: &str, region: &str, quotas: &Quotas) {
    let codes = codes::of(model.id);
    let geo = catalogue::geo_of(model, region);
    let limit = |address: &str| quotas.of_calls_to(address).tokens_per_day.map(|day| day as f64);
    let own = match geo {
        _ if model.facts.on_demand != Some(false) => Some(model.id.into()),
        Some(geo) => Some(format!("{geo}.{}", model.id)),
        None => None,
    };
    if let Some(address) = own {
        let name = format!(
            "Model invocation max tokens per day for {name} (doubled for cross-region calls)"
        );
        let default = (TOKENS * MINUTES_A_DAY) as f64;
        let mut quota = Quota::new(name, known(codes.daily), limit(&address), default);
        quota.description = Some(NOT_DOUBLED);
        all.push(quota);
    }
    if is_global(model) {
        let name = format!("Global cross-region model inference tokens per day for {name}");
        let default = (2 * TOKENS * MINUTES_A_DAY) as f64;
        let limit = limit(&format!("global.{}", model.id));
        all.push(Quota::new(name, known(codes.global_daily), limit, default));
    }
}

fn batch(all: &mut Vec<Quota>, name: &str, limits: &BatchLimits) {
    let defaults = BatchLimits::default();
    let gigabytes = |bytes: u64| bytes as f64 / f64::from(1 << 30);
    for (title, value, default) in [
        (
            format!("Minimum number of records per batch inference job for {name}"),
            limits.min_records as f64,
            defaults.min_records as f64,
        ),
        (
            format!("Records per input file per batch inference job for {name}"),
            limits.max_records as f64,
            defaults.max_records as f64,
        ),
        (
            format!("Records per batch inference job for {name}"),
            limits.max_records as f64,
            defaults.max_records as f64,
        ),
        (
            format!("Batch inference input file size (in GB) for {name}"),
            gigabytes(limits.max_file_bytes),
            gigabytes(defaults.max_file_bytes),
        ),
        (
            format!("Batch inference job size (in GB) for {name}"),
            gigabytes(limits.max_job_bytes),
            gigabytes(defaults.max_job_bytes),
        ),
        (
            format!(
                "Sum of in-progress and submitted batch inference jobs using a base model for \
                 {name}"
            ),
            limits.max_jobs as f64,
            defaults.max_jobs as f64,
        ),
    ] {
        all.push(Quota::new(title, None, Some(value), default));
    }
}

fn is_global(model: &Model) -> bool {
    model.facts.geos.contains(&"global")
}

fn known(code: &'static str) -> Option<&'static str> {
    (!code.is_empty()).then_some(code)
}

/// The defaults of calls in a region, a minute; across regions they are double. Those that AWS
/// publishes for Claude Sonnet 4.6 stand for all models.
const REQUESTS: u64 = 5_000;
const TOKENS: u64 = 3_000_000;
const MINUTES_A_DAY: u64 = 24 * 60;

const NOT_DOUBLED: &str =
    "This emulator holds the calls of each scope to this value, and doubles nothing.";

/// What the ids of models begin with whose requests AWS does not count.
const NO_REQUEST_QUOTA: &[&str] = &[
    "anthropic.claude-fable-",
    "anthropic.claude-haiku-5",
    "anthropic.claude-opus-4-7",
    "anthropic.claude-opus-4-8",
    "anthropic.claude-opus-5",
    "anthropic.claude-sonnet-5",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn value(all: &[Quota], name: &str) -> Option<f64> {
        all.iter().find(|quota| quota.name == name).map(|quota| quota.value)
    }

    #[test]
    fn no_two_quotas_share_a_name_or_a_code() {
        let limited = Quotas::from_toml("model_units = 1\n[default]\nconcurrent_requests = 1");
        for region in ["us-east-1", "eu-west-1", "ap-northeast-1"] {
            let all = quotas(limited.as_ref().unwrap(), region);
            let names: BTreeSet<&str> = all.iter().map(|quota| quota.name.as_str()).collect();
            let codes: BTreeSet<&str> = all.iter().map(|quota| quota.code.as_str()).collect();
            assert_eq!((names.len(), codes.len()), (all.len(), all.len()));
        }
    }

    #[test]
    fn values_are_the_limits_of_their_scope_or_the_default() {
        let limits = Quotas::from_toml(
            "[default]\ntokens_per_minute = 1000\ntokens_per_day = 9000\n\
             [models.\"global.anthropic.claude-sonnet-4-6\"]\ntokens_per_minute = 7\n",
        );
        let all = quotas(&limits.unwrap(), "us-east-1");
        let name = |title: &str, what: &str| {
            format!("{title} model inference {what} for Anthropic Claude Sonnet 4.6")
        };
        assert_eq!(value(&all, &name("Cross-region", "tokens per minute")), Some(1000.0));
        assert_eq!(value(&all, &name("Global cross-region", "tokens per minute")), Some(7.0));
        assert_eq!(value(&all, &name("Cross-region", "requests per minute")), Some(10_000.0));
        assert_eq!(value(&all, &name("Global cross-region", "tokens per day")), Some(9000.0));
    }

    #[test]
    fn requests_of_newer_models_are_a_quota_only_where_they_are_limited() {
        let name =
            "Global cross-region model inference requests per minute for Anthropic Claude Opus 4.7";
        let unlimited = quotas(&Quotas::default(), "us-east-1");
        assert_eq!(value(&unlimited, name), None);
        let limits = Quotas::from_toml("[default]\nrequests_per_minute = 5").unwrap();
        assert_eq!(value(&quotas(&limits, "us-east-1"), name), Some(5.0));
    }
}
