//! Provisioned throughput over the wire: its life, and calls by its ARN.

use outcrop_emulator::{Builder, Emulator, Quotas};
use serde_json::{Value, json};

use crate::client::{Patience, post, quick, raw, send, turn};

const MODEL: &str = "amazon.nova-lite-v1:0";
const CUSTOM: &str =
    "arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0:300k";

fn request(name: &str) -> Value {
    json!({ "provisionedModelName": name, "modelId": MODEL, "modelUnits": 2 })
}

/// A builder whose throughputs are in creation for ever.
fn slow() -> Builder {
    quick().time_scale(1e6)
}

async fn create(emulator: &Emulator, request: &Value) -> String {
    let answer = send(emulator, post("/provisioned-model-throughput", request)).await;
    assert_eq!(answer.status, 201, "{:?}", answer.body);
    answer.json()["provisionedModelArn"].as_str().unwrap().into()
}

fn place(id: &str) -> String {
    format!("/provisioned-model-throughput/{}", id.replace(':', "%3A").replace('/', "%2F"))
}

async fn get(emulator: &Emulator, id: &str) -> Value {
    send(emulator, raw("GET", &place(id), "")).await.json()
}

/// Asks until it is in service.
async fn in_service(emulator: &Emulator, id: &str) {
    let patience = Patience::new();
    while patience.lasts() {
        if get(emulator, id).await["status"] == "InService" {
            return;
        }
    }
    panic!("{id} does not come into service");
}

async fn list(emulator: &Emulator, query: &str) -> Value {
    send(emulator, raw("GET", &format!("/provisioned-model-throughputs?{query}"), "")).await.json()
}

fn names(list: &Value) -> Vec<&str> {
    let rows = list["provisionedModelSummaries"].as_array().unwrap();
    rows.iter().map(|row| row["provisionedModelName"].as_str().unwrap()).collect()
}

async fn call(emulator: &Emulator, arn: &str, api: &str) -> crate::client::Answer {
    let arn = arn.replace(':', "%3A").replace('/', "%2F");
    let mut body = turn("Hello");
    body["inferenceConfig"] = json!({ "maxTokens": 100 });
    send(emulator, post(&format!("/model/{arn}/{api}"), &body)).await
}

#[tokio::test]
async fn a_throughput_is_created_and_then_in_service() {
    let emulator = quick().time_scale(10.0).start().await.unwrap();
    let arn = create(&emulator, &request("prod")).await;
    let id = arn.strip_prefix("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/").unwrap();
    assert!(id.len() == 12 && id.bytes().all(|b| b.is_ascii_alphanumeric()), "{id}");
    assert_eq!(get(&emulator, &arn).await["status"], "Creating");
    in_service(&emulator, "prod").await;
    let found = get(&emulator, "prod").await;
    let model = format!("arn:aws:bedrock:us-east-1::foundation-model/{MODEL}");
    for key in ["modelArn", "desiredModelArn", "foundationModelArn"] {
        assert_eq!(found[key], model, "{key}");
    }
    assert_eq!((&found["modelUnits"], &found["desiredModelUnits"]), (&json!(2), &json!(2)));
    assert_eq!(found["provisionedModelArn"], arn);
    assert!(found.get("commitmentDuration").is_none());
}

#[tokio::test]
async fn its_arn_answers_as_its_model_does_in_every_way_of_calling() {
    let emulator = quick().start().await.unwrap();
    let arn = create(&emulator, &request("prod")).await;
    let said = call(&emulator, &arn, "converse").await;
    let alike = call(&emulator, MODEL, "converse").await.json();
    for part in ["output", "stopReason", "usage"] {
        assert_eq!(said.json()[part], alike[part]);
    }
    let invoked = call(&emulator, &arn, "invoke").await;
    assert_eq!(invoked.json()["output"], alike["output"]);
    for api in ["converse-stream", "invoke-with-response-stream"] {
        let events = call(&emulator, &arn, api).await.events();
        assert!(events.len() > 3, "{api}: {events:?}");
    }
}

#[tokio::test]
async fn a_model_that_needs_a_profile_answers_behind_a_throughput() {
    let emulator = quick().start().await.unwrap();
    let mut request = request("claude");
    request["modelId"] = json!("anthropic.claude-sonnet-4-5-20250929-v1:0");
    let arn = create(&emulator, &request).await;
    assert_eq!(call(&emulator, &arn, "converse").await.status, 200);
    request["modelId"] = json!("amazon.titan-embed-text-v2:0");
    request["provisionedModelName"] = json!("embed");
    let arn = create(&emulator, &request).await.replace('/', "%2F");
    let body = json!({ "inputText": "hello" });
    let answer = send(&emulator, post(&format!("/model/{arn}/invoke"), &body)).await;
    assert_eq!(answer.json()["embedding"].as_array().unwrap().len(), 1024);
}

#[tokio::test]
async fn its_charges_are_its_own_and_no_quota_of_the_account_throttles_it() {
    let emulator = quick().requests_per_minute(1).tokens_per_minute(200).start().await.unwrap();
    let mut request = request("claude");
    request["modelId"] = json!("anthropic.claude-sonnet-4-5-20250929-v1:0");
    let arn = create(&emulator, &request).await;
    let mut used = 0;
    for _ in 0..5 {
        let answer = call(&emulator, &arn, "converse").await;
        assert_eq!(answer.status, 200);
        used += answer.json()["usage"]["totalTokens"].as_u64().unwrap();
    }
    let metrics = send(&emulator, raw("GET", "/_outcrop/metrics", "")).await.json();
    let account = &metrics["models"][0];
    assert_eq!((&account["scope"], &account["model"]), (&json!("provisioned"), &json!(arn)));
    // No burndown rate: an output token is one token.
    assert_eq!((&account["admitted"], &account["settledTokens"]), (&json!(5), &json!(used)));
    assert_eq!(metrics["models"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_call_while_it_is_created_and_after_it_is_deleted_is_refused() {
    let emulator = slow().start().await.unwrap();
    let arn = create(&emulator, &request("prod")).await;
    for api in ["converse", "converse-stream", "invoke", "invoke-with-response-stream"] {
        let (status, exception, _) = call(&emulator, &arn, api).await.refusal();
        assert_eq!((status, exception.as_str()), (429, "ModelNotReadyException"), "{api}");
    }
    assert_eq!(send(&emulator, raw("DELETE", &place("prod"), "")).await.status, 200);
    for answer in [
        call(&emulator, &arn, "converse").await,
        send(&emulator, raw("GET", &place(&arn), "")).await,
        send(&emulator, raw("DELETE", &place(&arn), "")).await,
        send(&emulator, raw("PATCH", &place("prod"), r#"{"desiredProvisionedModelName":"a"}"#))
            .await,
    ] {
        let (status, exception, _) = answer.refusal();
        assert_eq!((status, exception.as_str()), (404, "ResourceNotFoundException"));
    }
    assert_eq!(names(&list(&emulator, "").await), [""; 0]);
}

#[tokio::test]
async fn a_commitment_holds_until_its_term_ends() {
    let emulator = quick().start().await.unwrap();
    let mut committed = request("prod");
    committed["commitmentDuration"] = json!("OneMonth");
    create(&emulator, &committed).await;
    let found = get(&emulator, "prod").await;
    assert_eq!(found["commitmentDuration"], "OneMonth");
    let day = |key: &str| found[key].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    let term = day("commitmentExpirationTime").duration_since(day("creationTime"));
    assert_eq!(term.as_hours(), 30 * 24);
    let refused = send(&emulator, raw("DELETE", &place("prod"), "")).await.refusal();
    assert_eq!((refused.0, refused.1.as_str()), (400, "ConflictException"));
    assert!(refused.2.contains("commitment term"), "{}", refused.2);
}

#[tokio::test]
async fn a_repeated_token_is_the_first_request_and_a_name_is_taken_once() {
    let emulator = quick().start().await.unwrap();
    let mut first = request("prod");
    first["clientRequestToken"] = json!("token-1");
    let arn = create(&emulator, &first).await;
    assert_eq!(create(&emulator, &first).await, arn);
    // The service ignores a request with a token that it knows, whatever else it says.
    first["provisionedModelName"] = json!("other");
    assert_eq!(create(&emulator, &first).await, arn);
    assert_eq!(names(&list(&emulator, "").await), ["prod"]);
    let again = send(&emulator, post("/provisioned-model-throughput", &request("prod"))).await;
    assert!(again.refusal().2.contains("already in use"));
    create(&emulator, &request("next")).await;
    let rename = raw("PATCH", &place("next"), r#"{"desiredProvisionedModelName":"prod"}"#);
    assert!(send(&emulator, rename).await.refusal().2.contains("already in use"));
}

#[tokio::test]
async fn lists_filter_sort_and_page() {
    let emulator = slow().start().await.unwrap();
    for n in 0..5 {
        create(&emulator, &request(&format!("prod-{n}"))).await;
    }
    let mut custom = request("custom");
    custom["modelId"] = json!(format!("{CUSTOM}/abcdefghijkl"));
    create(&emulator, &custom).await;
    let mut seen = Vec::new();
    let mut query = "sortBy=CreationTime&sortOrder=Ascending&maxResults=4".to_owned();
    loop {
        let page = list(&emulator, &query).await;
        seen.extend(names(&page).into_iter().map(String::from));
        let Some(token) = page["nextToken"].as_str() else { break };
        query = format!("sortOrder=Ascending&maxResults=4&nextToken={token}");
        // What is deleted between two pages changes nothing of the next.
        send(&emulator, raw("DELETE", &place("prod-3"), "")).await;
    }
    assert_eq!(seen, ["prod-0", "prod-1", "prod-2", "prod-3", "prod-4", "custom"]);
    assert_eq!(names(&list(&emulator, "nameContains=d-2").await), ["prod-2"]);
    assert_eq!(names(&list(&emulator, "statusEquals=InService").await), [""; 0]);
    assert_eq!(names(&list(&emulator, "statusEquals=Creating").await).len(), 5);
    let arn = format!("{CUSTOM}/abcdefghijkl").replace(':', "%3A").replace('/', "%2F");
    assert_eq!(names(&list(&emulator, &format!("modelArnEquals={arn}")).await), ["custom"]);
    assert_eq!(names(&list(&emulator, "creationTimeBefore=2020-01-01T00:00:00Z").await), [""; 0]);
    let refused = send(&emulator, raw("GET", "/provisioned-model-throughputs?statusEquals=On", ""));
    assert!(refused.await.refusal().2.contains("[Creating, InService, Updating, Failed]"));
}

#[tokio::test]
async fn an_update_renames_and_changes_the_model_of_a_custom_one() {
    let emulator = quick().time_scale(10.0).start().await.unwrap();
    let mut custom = request("old");
    custom["modelId"] = json!(format!("{CUSTOM}/abcdefghijkl"));
    create(&emulator, &custom).await;
    in_service(&emulator, "old").await;
    let change = json!({ "desiredProvisionedModelName": "new", "desiredModelId": MODEL });
    let update = |name: &str, change: &Value| raw("PATCH", &place(name), change.to_string());
    assert_eq!(send(&emulator, update("old", &change)).await.status, 200);
    let under_way = get(&emulator, "new").await;
    assert_eq!(under_way["status"], "Updating");
    assert_eq!(under_way["modelArn"], format!("{CUSTOM}/abcdefghijkl"));
    let base = format!("arn:aws:bedrock:us-east-1::foundation-model/{MODEL}");
    assert_eq!(under_way["desiredModelArn"], base);
    let arn = under_way["provisionedModelArn"].as_str().unwrap();
    assert_eq!(call(&emulator, arn, "converse").await.status, 200);
    in_service(&emulator, "new").await;
    assert_eq!(get(&emulator, "new").await["modelArn"], base);

    create(&emulator, &request("base")).await;
    let refused = send(&emulator, update("base", &json!({ "desiredModelId": MODEL }))).await;
    assert!(refused.refusal().2.contains("associated with a base model"));
    assert_eq!(send(&emulator, update("base", &json!({}))).await.refusal().0, 400);
}

#[tokio::test]
async fn each_fault_of_a_request_is_named_by_its_member() {
    let emulator = quick().start().await.unwrap();
    for (key, value, expected) in [
        ("provisionedModelName", json!("a--b"), "at 'provisionedModelName'"),
        ("provisionedModelName", Value::Null, "Member must not be null"),
        ("modelUnits", json!(0), "Member must have value greater than or equal to 1"),
        ("modelUnits", Value::Null, "at 'modelUnits'"),
        ("modelId", json!("us.amazon.nova-lite-v1:0"), "at 'modelId'"),
        ("commitmentDuration", json!("Year"), "enum value set: [OneMonth, SixMonths]"),
        ("clientRequestToken", json!("-"), "at 'clientRequestToken'"),
    ] {
        let mut body = request("prod");
        body[key] = value.clone();
        let answer = send(&emulator, post("/provisioned-model-throughput", &body)).await;
        let (status, exception, message) = answer.refusal();
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{key}");
        assert!(message.contains(expected), "{key} {value}: {message}");
    }
}

#[tokio::test]
async fn model_units_are_a_quota() {
    let quotas = Quotas { model_units: Some(3), ..Quotas::default() };
    let emulator = quick().quotas(quotas).start().await.unwrap();
    create(&emulator, &request("one")).await;
    let answer = send(&emulator, post("/provisioned-model-throughput", &request("two"))).await;
    assert_eq!(answer.refusal().1, "ServiceQuotaExceededException");
    send(&emulator, raw("DELETE", &place("one"), "")).await;
    create(&emulator, &request("two")).await;
}
