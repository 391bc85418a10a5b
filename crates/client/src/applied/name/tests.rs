//! Names of quotas, and names of models.

use super::*;

fn subject(name: &str) -> Option<(Unit, Option<Scope>, u64, &str)> {
    let subject = Subject::parse(name)?;
    Some((subject.unit, subject.scope, subject.factor, subject.model))
}

fn agree(address: &str, quota: &str) -> Option<usize> {
    Words::of(&ModelRef::parse(address).unwrap()).unwrap().agree(quota)
}

#[test]
fn a_name_says_unit_scope_and_model() {
    let sonnet = "Anthropic Claude Sonnet 4.5 V1";
    for (kind, unit, scope) in [
        ("On-demand model inference requests", Unit::RequestsPerMinute, Scope::OnDemand),
        ("Cross-region model inference tokens", Unit::TokensPerMinute, Scope::CrossRegion),
        ("Cross-Region InvokeModel tokens", Unit::TokensPerMinute, Scope::CrossRegion),
        ("Global cross-region model inference tokens", Unit::TokensPerMinute, Scope::Global),
    ] {
        let name = format!("{kind} per minute for {sonnet}");
        assert_eq!(subject(&name), Some((unit, Some(scope), 1, sonnet)), "{name}");
    }
    let daily = "Model invocation max tokens per day for Amazon Nova Pro (doubled for cross-region \
                 calls)";
    assert_eq!(subject(daily), Some((Unit::TokensPerDay, None, 2, "Amazon Nova Pro")));
}

#[test]
fn what_is_not_on_demand_inference_of_one_model_is_passed_over() {
    for name in [
        "[bedrock-mantle endpoint] Input tokens per minute for Anthropic Claude Opus 5",
        "(Model customization) Sum of on demand custom model deployment tokens per minute for X",
        "On-demand model inference concurrent requests for Amazon Nova 2 Sonic",
        "Minimum number of records per batch inference job for Claude 3.5 Sonnet",
        "Cross-Model Max Tokens Per Day",
        "Guardrails",
        "",
    ] {
        assert_eq!(subject(name), None, "{name}");
    }
}

#[test]
fn versions_are_one_word_and_never_part_of_another() {
    let sonnet = "us.anthropic.claude-sonnet-4-5-20250929-v1:0";
    assert_eq!(agree(sonnet, "Anthropic Claude Sonnet 4.5 V1"), Some(5));
    assert_eq!(agree(sonnet, "Anthropic Claude Sonnet 4.5"), Some(4));
    for other in [
        "Anthropic Claude Sonnet 4",
        "Anthropic Claude Sonnet 5",
        "Anthropic Claude Sonnet 4.5 V2",
        "Anthropic Claude Sonnet 4.5 V1 1M Context Length",
        "Anthropic Claude Opus 4.5",
        "Amazon Claude Sonnet 4.5",
    ] {
        assert_eq!(agree(sonnet, other), None, "{other}");
    }
    assert_eq!(agree("amazon.nova-lite-v1:0", "Amazon Nova 2 Lite"), None);
    assert_eq!(agree("us.amazon.nova-2-lite-v1:0", "Amazon Nova Lite"), None);
}

#[test]
fn names_that_say_more_than_the_catalogue_agree_by_the_id() {
    assert_eq!(agree("meta.llama3-3-70b-instruct-v1:0", "Meta Llama 3.3 70B Instruct"), Some(5));
    assert_eq!(agree("meta.llama3-1-70b-instruct-v1:0", "Meta Llama 3.3 70B Instruct"), None);
    assert_eq!(agree("openai.gpt-oss-120b-1:0", "OpenAI GPT OSS 120B"), Some(4));
    assert_eq!(agree("openai.gpt-oss-safeguard-120b", "OpenAI GPT OSS 120B"), None);
    assert_eq!(agree("cohere.command-r-plus-v1:0", "Cohere Command R+"), Some(4));
    assert_eq!(agree("cohere.command-r-v1:0", "Cohere Command R+"), None);
    assert_eq!(agree("cohere.command-r-plus-v1:0", "Cohere Command R"), None);
    assert_eq!(agree("moonshotai.kimi-k2.5", "Moonshot AI Kimi K2.5"), Some(4));
    let large = "mistral.mistral-large-2407-v1:0";
    assert_eq!(agree(large, "Mistral AI Mistral Large (24.07)"), Some(5));
    assert_eq!(agree(large, "Mistral AI Mistral Large (24.02)"), None);
}

#[test]
fn a_model_that_is_not_in_the_catalogue_is_known_by_its_id() {
    let model = "us.anthropic.claude-sonnet-9-1-20301001-v1:0";
    assert_eq!(agree(model, "Anthropic Claude Sonnet 9.1 V1"), Some(5));
    assert_eq!(agree(model, "Anthropic Claude Sonnet 9"), None);
    let hidden = "arn:aws:bedrock:us-east-1:111122223333:application-inference-profile/abc";
    assert_eq!(Words::of(&ModelRef::parse(hidden).unwrap()), None);
}
