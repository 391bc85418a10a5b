//! Foundation models: the list, its filters, and each by itself.

use codec::ModelRef;
use codec::catalog::{self, Date, Modality, Model};
use serde_json::{Value, json};

use super::provider;
use crate::control::arn;
use crate::control::members::Form;
use crate::control::query::Query;
use crate::error::{Kind, Refusal};
use crate::settings::Settings;
use crate::wire::set;

/// What ListFoundationModels answers.
pub(super) fn list(region: &str, query: &Query, settings: &Settings) -> Result<Value, Refusal> {
    let maker = query.formed("byProvider", &PROVIDER)?;
    let output = query.one_of("byOutputModality", &["TEXT", "IMAGE", "EMBEDDING"])?;
    let inference = query.one_of("byInferenceType", &["ON_DEMAND", "PROVISIONED"])?;
    let customization = query.one_of(
        "byCustomizationType",
        &["FINE_TUNING", "CONTINUED_PRE_TRAINING", "DISTILLATION"],
    )?;
    let is_made = |model: &Model, maker: &str| {
        [provider::title(model.provider), model.provider]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(maker))
    };
    let shown = catalog::MODELS.iter().filter(|model| {
        maker.is_none_or(|maker| is_made(model, maker))
            && output.is_none_or(|output| modalities(model.facts.output).contains(&output))
            && inference.is_none_or(|kind| inference_types(model).contains(&kind))
            // The catalogue knows of no way to customize a model.
            && customization.is_none()
            && is_shown(model, settings)
    });
    let summaries: Vec<Value> = shown.map(|model| describe(region, model, settings)).collect();
    Ok(json!({ "modelSummaries": summaries }))
}

/// What GetFoundationModel answers.
pub(super) fn get(region: &str, id: &str, settings: &Settings) -> Result<Value, Refusal> {
    let model = find(id, settings)?;
    Ok(json!({ "modelDetails": describe(region, model, settings) }))
}

/// What GetFoundationModelAvailability answers: all that is known may be called.
pub(super) fn availability(id: &str, settings: &Settings) -> Result<Value, Refusal> {
    let model = find(id, settings)?;
    Ok(json!({
        "modelId": model.id,
        "agreementAvailability": { "status": "AVAILABLE" },
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }))
}

/// The model of an id, or of the ARN of a foundation model.
fn find(id: &str, settings: &Settings) -> Result<&'static Model, Refusal> {
    let id = id.split_once(":foundation-model/").map_or(id, |(_, id)| id);
    let invalid = || Refusal::validation("The provided model identifier is invalid.");
    let reference = ModelRef::parse(id).map_err(|_| invalid())?;
    if id.starts_with("arn:") || reference.provider().is_none() || reference.geo().is_some() {
        return Err(invalid());
    }
    catalog::find(&reference).filter(|model| is_shown(model, settings)).ok_or_else(|| {
        Refusal::new(
            Kind::NotFound,
            "Could not resolve the foundation model from the provided model identifier.",
        )
    })
}

fn describe(region: &str, model: &Model, settings: &Settings) -> Value {
    let facts = &model.facts;
    let mut value = json!({
        "modelArn": arn::foundation_model(region, model.id),
        "modelId": model.id,
        "modelName": model.name,
        "providerName": provider::title(model.provider),
        "inputModalities": modalities(facts.input),
        "outputModalities": modalities(facts.output),
        "customizationsSupported": [],
        "inferenceTypesSupported": inference_types(model),
        "modelLifecycle": lifecycle(model, settings.today()),
    });
    if let Some(streams) = facts.streaming {
        set(&mut value, "responseStreamingSupported", streams);
    }
    value
}

/// A model is legacy from its day on, or once the end of its life is announced.
fn lifecycle(model: &Model, today: Option<Date>) -> Value {
    let (legacy, end) = (model.facts.legacy, model.facts.end_of_life);
    let is_legacy = match legacy {
        Some(since) => today.is_some_and(|today| since <= today),
        None => end.is_some(),
    };
    let mut value = json!({ "status": if is_legacy { "LEGACY" } else { "ACTIVE" } });
    for (key, day) in [("legacyTime", legacy), ("endOfLifeTime", end)] {
        if let Some(day) = day {
            set(&mut value, key, format!("{day}T00:00:00Z"));
        }
    }
    value
}

/// A model whose life has ended is not shown where that is enforced.
fn is_shown(model: &Model, settings: &Settings) -> bool {
    let end = model.facts.end_of_life.zip(settings.today());
    !settings.eol_enforced || end.is_none_or(|(end, today)| end > today)
}

/// What the service calls these; it has no word for documents and scores.
fn modalities(list: &[Modality]) -> Vec<&'static str> {
    let word = |modality: &Modality| match modality {
        Modality::Text | Modality::Score => Some("TEXT"),
        Modality::Image => Some("IMAGE"),
        Modality::Video => Some("VIDEO"),
        Modality::Audio => Some("SPEECH"),
        Modality::Embedding => Some("EMBEDDING"),
        _ => None,
    };
    list.iter().filter_map(word).collect()
}

/// How it may be called: by its own id or by profiles, and by throughput that is bought.
fn inference_types(model: &Model) -> [&'static str; 2] {
    let shared =
        if model.facts.on_demand == Some(false) { "INFERENCE_PROFILE" } else { "ON_DEMAND" };
    [shared, "PROVISIONED"]
}

const PROVIDER: Form = Form {
    length: 1..=63,
    pattern: "[A-Za-z0-9- ]{1,63}",
    fits: |name| name.chars().all(|c| c.is_ascii_alphanumeric() || "- .".contains(c)),
};

#[cfg(test)]
mod tests {
    use super::*;

    fn model(id: &str) -> &'static Model {
        catalog::MODELS.iter().find(|model| model.id == id).unwrap()
    }

    #[test]
    fn a_model_whose_end_is_announced_is_legacy() {
        let lifecycle = |id| lifecycle(model(id), Date::new(2026, 1, 1));
        assert_eq!(lifecycle("amazon.nova-lite-v1:0"), json!({ "status": "ACTIVE" }));
        let end = "2026-11-26T00:00:00Z";
        let expected = json!({ "status": "LEGACY", "endOfLifeTime": end });
        assert_eq!(lifecycle("ai21.jamba-1-5-large-v1:0"), expected);
    }

    #[test]
    fn an_id_and_its_arn_are_one_model_and_a_profile_is_none() {
        let settings = &Settings::default();
        let id = "amazon.nova-lite-v1:0";
        let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{id}");
        assert_eq!(find(id, settings).unwrap().id, id);
        assert_eq!(find(&arn, settings).unwrap().id, id);
        let kind = |id: &str| find(id, settings).err().map(|refusal| refusal.kind);
        assert_eq!(kind("amazon.nova-lite-v9:0"), Some(Kind::NotFound));
        let profile = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{id}");
        for id in [&format!("us.{id}"), &profile, "nova", ""] {
            assert_eq!(kind(id), Some(Kind::Validation), "{id}");
        }
    }
}
