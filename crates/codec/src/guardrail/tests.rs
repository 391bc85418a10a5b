//! What ApplyGuardrail is told and tells.

use alloc::string::ToString;
use alloc::vec::Vec;

use serde_json::{Value, json};

use super::*;

#[test]
fn a_request_is_read_and_written_alike() {
    let body = json!({
        "source": "OUTPUT",
        "outputScope": "FULL",
        "content": [
            {"text": {"text": "a", "qualifiers": ["grounding_source", "query"]}},
            {"text": {"text": "b"}},
            {"text": {"text": "c", "qualifiers": []}},
            {"image": {"format": "png", "source": {"bytes": "AAAA"}}},
            {"image": {"format": "png", "source": {"bytes": "AAAA"}, "later": 1}},
            {"video": {"format": "mp4"}},
        ],
        "later": [1],
    });
    let request = decode_request(body.to_string().as_bytes()).unwrap();
    assert_eq!(request.source, Origin::Output);
    assert_eq!(request.output_scope, Some(OutputScope::Full));
    let qualifiers = ["grounding_source", "query"].map(String::from).to_vec();
    assert_eq!(request.content[0], Content::Text { text: "a".into(), qualifiers });
    assert!(matches!(request.content[5], Content::Unknown(_)));
    let written: Value = serde_json::from_slice(&encode(&request).unwrap()).unwrap();
    assert_eq!(written, body);
}

#[test]
fn a_request_without_content_says_so() {
    let error = decode_request(br#"{"source": "INPUT"}"#).unwrap_err();
    assert_eq!(error.to_string(), "$.content is missing");
    let error = decode_request(br#"{"source": "INPUT", "content": [{"text": "a"}]}"#).unwrap_err();
    assert_eq!(error.to_string(), "$.content[0].text should be an object and is a string");
}

#[test]
fn every_policy_of_an_assessment_is_read() {
    let reply = json!({
        "action": "GUARDRAIL_INTERVENED",
        "actionReason": "Guardrail blocked.",
        "outputs": [{"text": "No."}],
        "usage": {
            "topicPolicyUnits": 1, "contentPolicyUnits": 2.0, "wordPolicyUnits": "3",
            "sensitiveInformationPolicyUnits": 4, "sensitiveInformationPolicyFreeUnits": 5,
            "contextualGroundingPolicyUnits": 6, "contentPolicyImageUnits": 7,
            "automatedReasoningPolicyUnits": 8, "automatedReasoningPolicies": 9, "later": 10,
        },
        "guardrailCoverage": {
            "textCharacters": {"guarded": 5, "total": 9}, "images": {"guarded": 0, "total": 1},
        },
        "assessments": [{
            "topicPolicy": {"topics": [{"name": "Law", "type": "DENY", "action": "BLOCKED", "detected": true}]},
            "contentPolicy": {"filters": [{
                "type": "HATE", "confidence": "LOW", "filterStrength": "HIGH", "action": "NONE",
            }]},
            "wordPolicy": {
                "customWords": [{"match": "foo", "action": "BLOCKED"}],
                "managedWordLists": [{"match": "bar", "type": "PROFANITY", "action": "BLOCKED"}],
            },
            "sensitiveInformationPolicy": {
                "piiEntities": [{"match": "a@b.c", "type": "EMAIL", "action": "ANONYMIZED"}],
                "regexes": [{"name": "id", "match": "77", "regex": "[0-9]+", "action": "LATER"}],
                "later": 1,
            },
            "contextualGroundingPolicy": {"filters": [{
                "type": "GROUNDING", "threshold": 0.7, "score": "0.25", "action": "BLOCKED",
            }]},
            "automatedReasoningPolicy": {"findings": [{"valid": {}}, {"tooComplex": {}}]},
            "invocationMetrics": {
                "guardrailProcessingLatency": 123,
                "usage": {"topicPolicyUnits": 1},
                "guardrailCoverage": {"textCharacters": {"guarded": 5, "total": 9}},
            },
            "appliedGuardrailDetails": {"guardrailId": "g", "guardrailOrigin": ["REQUEST"]},
        }],
    });
    let reply = decode(reply.to_string().as_bytes()).unwrap();
    assert!(reply.intervened());
    assert_eq!(reply.outputs, ["No."]);
    let usage = &reply.usage;
    let counted = [
        usage.topic,
        usage.content,
        usage.word,
        usage.sensitive,
        usage.sensitive_free,
        usage.grounding,
    ];
    assert_eq!(counted, [1, 2, 3, 4, 5, 6]);
    assert_eq!(usage.content_images, Some(7));
    assert_eq!((usage.automated_reasoning, usage.automated_reasoning_policies), (Some(8), Some(9)));
    assert_eq!(usage.extra["later"], 10);
    let coverage = reply.coverage.as_ref().unwrap();
    assert_eq!((coverage.characters, coverage.images), (Some([5, 9]), Some([0, 1])));

    let policies: Vec<_> = reply.findings().map(|finding| finding.policy).collect();
    assert_eq!(
        policies,
        [
            Policy::Topic,
            Policy::Content,
            Policy::CustomWord,
            Policy::ManagedWord,
            Policy::Pii,
            Policy::Regex,
            Policy::Grounding,
        ]
    );
    let findings: Vec<_> = reply.findings().collect();
    assert_eq!((findings[0].name.as_deref(), findings[0].detected), (Some("Law"), Some(true)));
    assert_eq!(findings[1].strength.as_deref(), Some("HIGH"));
    assert_eq!(findings[4].action, Some(FindingAction::Anonymized));
    assert_eq!(findings[5].action, Some(FindingAction::Other("LATER".into())));
    assert_eq!(findings[5].regex.as_deref(), Some("[0-9]+"));
    assert_eq!((findings[6].score, findings[6].threshold), (Some(0.25), Some(0.7)));
    assert!(findings.iter().all(|finding| finding.extra.is_empty()));

    let assessment = &reply.assessments[0];
    assert_eq!(assessment.automated_reasoning.len(), 2);
    assert_eq!(assessment.latency_ms, Some(123));
    assert_eq!(assessment.usage.as_ref().unwrap().topic, 1);
    assert_eq!(assessment.applied["guardrailId"], "g");
    assert_eq!(
        Value::Object(assessment.extra.clone()),
        json!({"sensitiveInformationPolicy": {"later": 1}})
    );
}

#[test]
fn what_is_not_there_is_empty() {
    let reply = decode(br#"{"action": "NONE", "outputs": [], "assessments": [{}]}"#).unwrap();
    assert!(!reply.intervened());
    assert_eq!(reply.findings().count(), 0);
    assert_eq!(decode(b"{}").unwrap_err().to_string(), "$.action is missing");
}
