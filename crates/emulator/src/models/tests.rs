//! What exists and what does not; the tables against the catalogue.

use super::*;

fn find(id: &str) -> Option<Model> {
    Model::find(id).ok()
}

#[test]
fn ids_profiles_and_arns_name_the_same_model() {
    let base = "anthropic.claude-3-haiku-20240307-v1:0";
    let arn = "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.";
    for id in [
        base.into(),
        format!("{base}:200k"),
        format!("us.{base}"),
        format!("global.{base}"),
        format!("{arn}{base}"),
    ] {
        let name = find(&id).unwrap().name;
        assert!(name.starts_with(base), "{id}: {name}");
    }
}

#[test]
fn an_arn_that_hides_its_model_is_taken_to_exist() {
    let arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123";
    assert_eq!(find(arn).unwrap().name, arn);
    let custom = "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-x/abcdefghijkl";
    assert!(find(custom).unwrap().speaks());
}

#[test]
fn every_model_of_the_catalogue_exists_and_gives_what_the_catalogue_says() {
    for listed in catalog::MODELS {
        let model = find(listed.id).unwrap();
        assert_eq!(model.name, listed.id);
        let output = listed.facts.output;
        assert_eq!(model.speaks(), output.is_empty() || output.contains(&Modality::Text));
        assert_eq!(model.speaks(), model.other_family().is_none(), "{}", listed.id);
        assert_eq!(model.speaks(), model.reference.family().is_some(), "{}", listed.id);
        if let Some(limit) = listed.facts.max_output {
            assert_eq!(model.max_tokens(), u64::from(limit), "{}", listed.id);
        }
    }
}

#[test]
fn what_no_list_holds_does_not_exist() {
    for id in [
        "",
        "claude",
        "no.such-model",
        "anthropic.clod-v9",
        "us.acme.brain-v1",
        "arn:aws:bedrock:us-east-1::foundation-model/acme.brain-v1",
        "xx.amazon.nova-lite-v1:0",
        // Recorded: the last letter is no digit.
        "us.amazon.nova-micro-v1:O",
        "anthropic.claude-sonnet-4-20250514",
        "cohere.embed-v4",
        "arn:aws:bedrock:us-east-1:123456789012:model-invocation-job/abc",
    ] {
        assert!(find(id).is_none(), "{id}");
    }
}

#[test]
fn the_tables_hold_only_what_the_catalogue_does_not_know() {
    for prefix in UNLISTED {
        assert!(!catalog::MODELS.iter().any(|model| model.id.starts_with(prefix)), "{prefix}");
    }
    for (prefix, _) in MAX_TOKENS {
        let first = |id: &str| MAX_TOKENS.iter().find(|(p, _)| id.starts_with(p)).map(|(p, _)| p);
        let silent = catalog::MODELS.iter().filter(|model| model.facts.max_output.is_none());
        assert!(silent.clone().any(|model| first(model.id) == Some(prefix)), "{prefix}");
    }
    for prefix in
        [ONE_TURN, MERGES_TURNS, ASSISTANT_FIRST, NO_COUNT, ALWAYS_REASONS, REASONS].concat()
    {
        assert!(catalog::MODELS.iter().any(|model| model.id.starts_with(prefix)), "{prefix}");
    }
}
