//! Service Quotas over the wire.

use std::collections::BTreeSet;

use outcrop_emulator::{BatchLimits, Emulator};
use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send};

async fn call(emulator: &Emulator, operation: &str, body: &Value) -> Answer {
    let mut request = post("/", body);
    let target = format!("ServiceQuotasV20190624.{operation}").parse().unwrap();
    request.headers_mut().insert("x-amz-target", target);
    send(emulator, request).await
}

/// All pages of a list.
async fn list(emulator: &Emulator, operation: &str) -> Vec<Value> {
    let mut body = json!({ "ServiceCode": "bedrock", "MaxResults": 90 });
    let mut quotas = Vec::new();
    loop {
        let page = call(emulator, operation, &body).await.json();
        let items = page["Quotas"].as_array().unwrap();
        assert!(items.len() <= 90);
        quotas.extend(items.iter().cloned());
        let Some(token) = page.get("NextToken") else { return quotas };
        assert!(items.len() == 90);
        body["NextToken"] = token.clone();
    }
}

fn named<'a>(quotas: &'a [Value], name: &str) -> &'a Value {
    quotas.iter().find(|quota| quota["QuotaName"] == name).unwrap()
}

#[tokio::test]
async fn pages_together_hold_each_quota_once() {
    let emulator = quick().start().await.unwrap();
    let quotas = list(&emulator, "ListServiceQuotas").await;
    let codes: BTreeSet<&str> = quotas.iter().map(|q| q["QuotaCode"].as_str().unwrap()).collect();
    assert!(quotas.len() > 500);
    assert_eq!(codes.len(), quotas.len());
    assert_eq!(list(&emulator, "ListAWSDefaultServiceQuotas").await.len(), quotas.len());
}

#[tokio::test]
async fn a_quota_has_the_code_of_aws_and_the_limit_of_this_emulator() {
    let limits = BatchLimits { min_records: 3, ..BatchLimits::default() };
    let emulator = quick().tokens_per_minute(1234).batch_limits(limits).start().await.unwrap();
    let quotas = list(&emulator, "ListServiceQuotas").await;
    let name = "Cross-region model inference tokens per minute for Anthropic Claude Sonnet 4.5";
    let quota = named(&quotas, name);
    assert_eq!((&quota["QuotaCode"], &quota["Value"]), (&json!("L-F4DDD3EB"), &json!(1234.0)));
    assert_eq!(
        (&quota["ServiceCode"], &quota["ServiceName"]),
        (&json!("bedrock"), &json!("Amazon Bedrock"))
    );
    assert_eq!(
        quota["QuotaArn"],
        "arn:aws:servicequotas:us-east-1:123456789012:bedrock/L-F4DDD3EB"
    );
    let minimum = "Minimum number of records per batch inference job for Amazon Nova Lite";
    assert_eq!(named(&quotas, minimum)["Value"], 3.0);

    let body = json!({ "ServiceCode": "bedrock", "QuotaCode": "L-F4DDD3EB" });
    let answer = call(&emulator, "GetServiceQuota", &body).await;
    assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(answer.json()["Quota"], *quota);
    let default = call(&emulator, "GetAWSDefaultServiceQuota", &body).await.json();
    assert_eq!(default["Quota"]["Value"], 6_000_000.0);
    let one = call(&emulator, "ListServiceQuotas", &body).await.json();
    assert_eq!(one["Quotas"], json!([quota]));
}

#[tokio::test]
async fn what_is_not_there_or_not_valid_is_refused_as_the_service_does() {
    let emulator = quick().start().await.unwrap();
    let code = "L-00000000";
    for (operation, body, expected) in [
        (
            "GetServiceQuota",
            json!({ "ServiceCode": "bedrock", "QuotaCode": code }),
            "NoSuchResourceException",
        ),
        (
            "GetAWSDefaultServiceQuota",
            json!({ "ServiceCode": "bedrock", "QuotaCode": code }),
            "NoSuchResourceException",
        ),
        ("GetServiceQuota", json!({ "ServiceCode": "bedrock" }), "IllegalArgumentException"),
        ("ListServiceQuotas", json!({ "ServiceCode": "ec2" }), "NoSuchResourceException"),
        (
            "ListServiceQuotas",
            json!({ "ServiceCode": "bedrock", "MaxResults": 101 }),
            "IllegalArgumentException",
        ),
        (
            "ListServiceQuotas",
            json!({ "ServiceCode": "bedrock", "NextToken": "x" }),
            "InvalidPaginationTokenException",
        ),
        ("DeleteAllQuotas", json!({}), "UnknownOperationException"),
    ] {
        let answer = call(&emulator, operation, &body).await;
        assert_eq!(answer.json()["__type"], expected, "{operation} {body}");
        assert!(answer.json()["Message"].is_string());
        assert_eq!(answer.header("content-type"), "application/x-amz-json-1.1");
    }
    let services = call(&emulator, "ListServices", &json!({})).await.json();
    assert_eq!(services["Services"][0]["ServiceCode"], "bedrock");
}
