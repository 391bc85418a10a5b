//! The codes of quotas that are known, by the names that the catalogue gives the models.

use super::name::{Scope, Unit};

/// The code of one limit of a model; `None` if it is not known, or there is no such quota.
pub(super) fn find(model: &str, scope: Scope, unit: Unit) -> Option<&'static str> {
    let (_, codes) = CODES.iter().find(|(name, _)| *name == model)?;
    let column = match (scope, unit) {
        (Scope::CrossRegion, Unit::RequestsPerMinute) => 0,
        (Scope::CrossRegion, Unit::TokensPerMinute) => 1,
        (Scope::Global, Unit::RequestsPerMinute) => 2,
        (Scope::Global, Unit::TokensPerMinute) => 3,
        (Scope::OnDemand, Unit::RequestsPerMinute) => 4,
        (Scope::OnDemand, Unit::TokensPerMinute) => 5,
        (Scope::OnDemand | Scope::CrossRegion, Unit::TokensPerDay) => 6,
        (Scope::Global, Unit::TokensPerDay) => 7,
        (Scope::Provisioned | Scope::Own, _) => return None,
    };
    codes.get(column).copied().filter(|code| !code.is_empty())
}

/// For each model: across regions requests and tokens a minute, globally the same, in the region the
/// same, tokens a day, and globally the same. All geographies share one code, which has the value of
/// the region that calls. Source: `quota-index.csv` of bedrock-usage-analyzer 0.7.0b0, a list of
/// Service Quotas, read on 2026-11-21.
#[rustfmt::skip]
const CODES: &[(&str, [&str; 8])] = &[
    ("Claude Sonnet 4.5", ["L-4A6BFAB1", "L-F4DDD3EB", "L-DB84CE56", "L-27C57EE8", "", "", "L-381AD9EE", ""]),
    ("Claude Sonnet 4.6", ["L-00FF3314", "L-15B8E632", "L-F6E116D7", "L-7BEE40FB", "L-9B878FAE", "L-5F5A169C", "", ""]),
    ("Claude Haiku 4.5", ["L-CCA5DF70", "L-58BE175A", "L-E5084BBA", "L-9A11C666", "", "", "L-6120CF2D", ""]),
    ("Claude Opus 4.5", ["L-27989F42", "L-7007E9C9", "L-58424D95", "L-3ABF6ACC", "", "", "L-F397ECBF", "L-E2985A8E"]),
    ("Claude Opus 4.6", ["L-11DFF789", "L-0AD9BBE8", "L-3DD46812", "L-3DCCFAA4", "L-0491E43A", "L-98944717", "", ""]),
    ("Claude Opus 4.7", ["", "L-5DB28B7B", "", "L-34152C1D", "", "", "", ""]),
    ("Claude Sonnet 5", ["", "L-D4FBCF4E", "", "L-DD84E5CA", "", "L-B46CFAB8", "", ""]),
    ("Claude Opus 5", ["", "L-99296DCD", "", "L-D73B1244", "", "L-2EFDF21F", "", ""]),
    ("Claude Opus 5.5", ["", "L-A4430697", "", "L-A103A344", "", "", "", ""]),
    ("Claude Sonnet 5.5", ["", "L-94A31E46", "", "L-31AB82D0", "", "", "", ""]),
    ("Nova Pro", ["L-ED46B8C5", "L-C0326783", "", "", "L-F2717A44", "L-CE33604C", "L-D690997B", ""]),
    ("Nova Lite", ["L-89F8391A", "L-7C42E72A", "", "", "L-E386A278", "L-70423BF8", "L-45E0AD92", ""]),
    ("Nova Micro", ["L-3F110E0F", "L-DC7FF66C", "", "", "L-E118F160", "L-CFA4FA0D", "L-D2912E70", ""]),
    ("Nova 2 Lite", ["L-F06F1187", "L-C6F5908D", "L-D5F39C2F", "L-71C69B70", "", "", "L-210172B5", "L-AD940EDE"]),
    ("Llama 3.3 70B", ["L-DEDE703C", "L-0E7AA8B7", "", "", "L-22EF3256", "L-372A660C", "", ""]),
    ("DeepSeek V3.2", ["", "", "", "", "L-3AE31EFC", "L-C43703DE", "", ""]),
    ("Qwen3 235B A22B 2507", ["", "", "", "", "L-548A1A32", "L-3875BCCF", "", ""]),
    ("gpt-oss 120B", ["", "", "", "", "L-25B50707", "L-9DC5F595", "L-41FDDA6B", ""]),
    ("Mistral Large 3", ["", "", "", "", "L-5B274E24", "L-C709F563", "", ""]),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use codec::catalog;

    use super::*;

    #[test]
    fn every_model_is_in_the_catalogue_and_no_code_stands_twice() {
        let mut seen = HashSet::new();
        for (name, codes) in CODES {
            assert!(catalog::MODELS.iter().any(|model| model.name == *name), "{name}");
            for code in codes.iter().filter(|code| !code.is_empty()) {
                let is_code = code.len() == 10 && code.starts_with("L-");
                assert!(is_code && seen.insert(code), "{name}: {code}");
            }
        }
    }
}
