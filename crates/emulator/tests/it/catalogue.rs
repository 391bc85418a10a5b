//! Foundation models and inference profiles over the wire.

use codec::catalog::MODELS;
use outcrop_emulator::Emulator;
use serde_json::{Value, json};

use crate::client::{Answer, quick, raw, send};

const SONNET: &str = "anthropic.claude-sonnet-4-6";

async fn get(emulator: &Emulator, path: &str) -> Answer {
    send(emulator, raw("GET", path, "")).await
}

async fn ids(emulator: &Emulator, query: &str) -> Vec<String> {
    let list = get(emulator, &format!("/foundation-models{query}")).await.json();
    let models = list["modelSummaries"].as_array().unwrap();
    models.iter().map(|model| model["modelId"].as_str().unwrap().into()).collect()
}

/// A request that is signed for a region, by a signature that nobody checks.
async fn from(emulator: &Emulator, region: &str, path: &str) -> Value {
    let mut request = raw("GET", path, "");
    let scope = format!("AWS4-HMAC-SHA256 Credential=test/20260101/{region}/bedrock/aws4_request");
    request.headers_mut().insert("authorization", scope.parse().unwrap());
    send(emulator, request).await.json()
}

fn profiles(list: &Value) -> Vec<&str> {
    let profiles = list["inferenceProfileSummaries"].as_array().unwrap();
    profiles.iter().map(|profile| profile["inferenceProfileId"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn the_models_are_those_of_the_catalogue_and_each_is_found_by_itself() {
    let emulator = quick().start().await.unwrap();
    let listed = ids(&emulator, "").await;
    assert_eq!(listed, MODELS.iter().map(|model| model.id).collect::<Vec<_>>());
    for id in listed {
        let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{id}");
        let encoded = arn.replace(':', "%3A").replace('/', "%2F");
        let by_id = get(&emulator, &format!("/foundation-models/{id}")).await.json();
        assert_eq!(
            (&by_id["modelDetails"]["modelId"], &by_id["modelDetails"]["modelArn"]),
            (&json!(id), &json!(arn))
        );
        assert_eq!(get(&emulator, &format!("/foundation-models/{encoded}")).await.json(), by_id);
    }
}

#[tokio::test]
async fn filters_choose_by_provider_modality_and_inference_type() {
    let emulator = quick().start().await.unwrap();
    for query in ["?byProvider=Anthropic", "?byProvider=anthropic"] {
        let models = ids(&emulator, query).await;
        assert!(models.len() > 10 && models.iter().all(|id| id.starts_with("anthropic.")));
    }
    assert_eq!(ids(&emulator, "?byProvider=AI21%20Labs").await.len(), 5);
    let embed = ids(&emulator, "?byOutputModality=EMBEDDING&byProvider=Amazon").await;
    assert!(embed.iter().all(|id| id.contains("embed")) && embed.len() == 5, "{embed:?}");
    let on_demand = ids(&emulator, "?byInferenceType=ON_DEMAND").await;
    assert!(on_demand.contains(&SONNET.into()));
    assert!(!on_demand.contains(&"anthropic.claude-opus-4-7".into()));
    assert_eq!(ids(&emulator, "?byCustomizationType=FINE_TUNING").await, [""; 0]);
    for query in ["byInferenceType=FREE", "byOutputModality=SMELL", "byProvider=%3F"] {
        let (status, exception, _) =
            get(&emulator, &format!("/foundation-models?{query}")).await.refusal();
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{query}");
    }
}

#[tokio::test]
async fn a_model_is_told_with_its_life() {
    let emulator = quick().start().await.unwrap();
    let path = "/foundation-models/anthropic.claude-sonnet-4-5-20250929-v1:0";
    let model = &get(&emulator, path).await.json()["modelDetails"];
    assert_eq!(model["providerName"], "Anthropic");
    assert_eq!(model["modelName"], "Claude Sonnet 4.5");
    assert_eq!(model["inputModalities"], json!(["TEXT", "IMAGE"]));
    assert_eq!(model["responseStreamingSupported"], true);
    assert_eq!(model["inferenceTypesSupported"], json!(["INFERENCE_PROFILE", "PROVISIONED"]));
    let life = json!({ "status": "LEGACY", "endOfLifeTime": "2027-04-08T00:00:00Z" });
    assert_eq!(model["modelLifecycle"], life);
    let available =
        get(&emulator, &format!("/foundation-model-availability/{SONNET}")).await.json();
    assert_eq!(
        (&available["modelId"], &available["authorizationStatus"]),
        (&json!(SONNET), &json!("AUTHORIZED"))
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let emulator = quick().start().await.unwrap();
    for path in [
        "/foundation-models/anthropic.claude-9",
        "/foundation-model-availability/anthropic.claude-9",
        "/inference-profiles/us.anthropic.claude-9",
        "/inference-profiles/anthropic.claude-sonnet-4-6",
        "/inference-profiles/mars.anthropic.claude-sonnet-4-6",
    ] {
        let (status, exception, _) = get(&emulator, path).await.refusal();
        assert_eq!((status, exception.as_str()), (404, "ResourceNotFoundException"), "{path}");
    }
    for path in ["/foundation-models/claude", "/inference-profiles/a%20b"] {
        assert_eq!(get(&emulator, path).await.refusal().1, "ValidationException", "{path}");
    }
}

#[tokio::test]
async fn a_profile_is_found_by_id_and_arn_with_the_regions_that_serve_it() {
    let emulator = quick().start().await.unwrap();
    let id = format!("us.{SONNET}");
    let by_id = get(&emulator, &format!("/inference-profiles/{id}")).await.json();
    let arn = format!("arn:aws:bedrock:us-east-1:123456789012:inference-profile/{id}");
    assert_eq!(by_id["inferenceProfileArn"], arn);
    assert_eq!((&by_id["status"], &by_id["type"]), (&json!("ACTIVE"), &json!("SYSTEM_DEFINED")));
    assert_eq!(by_id["inferenceProfileName"], "US Anthropic Claude Sonnet 4.6");
    let models = by_id["models"].as_array().unwrap();
    let arns: Vec<&str> = models.iter().map(|model| model["modelArn"].as_str().unwrap()).collect();
    let expected = ["us-east-1", "us-east-2", "us-west-2"]
        .map(|region| format!("arn:aws:bedrock:{region}::foundation-model/{SONNET}"));
    assert_eq!(arns, expected);
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    assert_eq!(get(&emulator, &format!("/inference-profiles/{encoded}")).await.json(), by_id);
}

#[tokio::test]
async fn callers_are_shown_the_profiles_of_their_region_in_pages() {
    let emulator = quick().start().await.unwrap();
    let all = from(&emulator, "us-east-1", "/inference-profiles?maxResults=1000").await;
    let all = profiles(&all);
    assert!(
        all.contains(&"us.anthropic.claude-sonnet-4-6")
            && all.contains(&"global.anthropic.claude-sonnet-4-6")
    );
    assert!(all.iter().all(|id| id.starts_with("us.") || id.starts_with("global.")));
    let european = from(&emulator, "eu-west-1", "/inference-profiles").await;
    assert!(profiles(&european).contains(&"eu.anthropic.claude-sonnet-4-5-20250929-v1:0"));
    assert!(!profiles(&european).iter().any(|id| id.starts_with("us.")));

    let mut seen: Vec<String> = Vec::new();
    let mut query = "type=SYSTEM_DEFINED&maxResults=7".to_owned();
    loop {
        let page = get(&emulator, &format!("/inference-profiles?{query}")).await.json();
        seen.extend(profiles(&page).into_iter().map(Into::into));
        let Some(token) = page["nextToken"].as_str() else { break };
        query = format!("type=SYSTEM_DEFINED&maxResults=7&nextToken={token}");
    }
    assert_eq!(seen, all);
    let none = get(&emulator, "/inference-profiles?type=APPLICATION").await.json();
    assert_eq!(none["inferenceProfileSummaries"], json!([]));
}
