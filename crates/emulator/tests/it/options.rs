//! What a call may ask for beside an answer: speed, tier, members of the model's own reply.

use serde_json::{Value, json};

use crate::client::{Answer, post, quick, send, turn};

const CLAUDE: &str = "us.anthropic.claude-haiku-4-5-20251001-v1:0";

async fn ask(path: &str, body: &Value, headers: &[(&'static str, &str)]) -> Answer {
    let emulator = quick().start().await.unwrap();
    let mut request = post(path, body);
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    send(&emulator, request).await
}

fn with(member: &str, value: Value) -> Value {
    let mut body = turn("one two three");
    body[member] = value;
    body
}

#[tokio::test]
async fn speed_and_tier_are_said_again_where_they_were_asked_for() {
    for (member, value) in [
        ("performanceConfig", json!({ "latency": "optimized" })),
        ("serviceTier", json!({ "type": "flex" })),
    ] {
        let body = with(member, value.clone());
        let reply = ask(&format!("/model/{CLAUDE}/converse"), &body, &[]).await.json();
        assert_eq!(reply[member], value);
        let events = ask(&format!("/model/{CLAUDE}/converse-stream"), &body, &[]).await.events();
        assert_eq!(events.last().unwrap().1[member], value);
        let plain = ask(&format!("/model/{CLAUDE}/converse"), &turn("Hi"), &[]).await.json();
        assert!(plain.get(member).is_none());
    }
    let headers = [
        ("x-amzn-bedrock-performanceconfig-latency", "optimized"),
        ("x-amzn-bedrock-service-tier", "priority"),
    ];
    let body = json!({ "prompt": "Hi" });
    for operation in ["invoke", "invoke-with-response-stream"] {
        let path = format!("/model/meta.llama3-8b-instruct-v1:0/{operation}");
        let answer = ask(&path, &body, &headers).await;
        for (name, value) in headers {
            assert_eq!(answer.header(name), value, "{operation}");
        }
        let unknown = ask(&path, &body, &[("x-amzn-bedrock-service-tier", "gold")]).await;
        assert!(unknown.refusal().2.contains("Value 'gold' at 'serviceTier'"));
    }
}

#[tokio::test]
async fn members_of_the_model_s_own_reply_come_where_they_are_asked_for() {
    let path = format!("/model/{CLAUDE}/converse");
    let mut body = with("additionalModelResponseFieldPaths", json!(["/stop_sequence", "/none"]));
    let reply = ask(&path, &body, &[]).await.json();
    // As recorded: a reply says that there is none, and a stream says nothing.
    assert_eq!(reply["additionalModelResponseFields"], json!({ "stop_sequence": null }));
    let stream = format!("{path}-stream");
    let stop = |events: Vec<(String, Value)>| {
        events.into_iter().find(|(kind, _)| kind == "messageStop").unwrap().1
    };
    let plain = stop(ask(&stream, &body, &[]).await.events());
    assert!(plain.get("additionalModelResponseFields").is_none());
    body["inferenceConfig"] = json!({ "stopSequences": ["two"] });
    let fields = json!({ "stop_sequence": "two" });
    let reply = ask(&path, &body, &[]).await.json();
    assert_eq!(reply["additionalModelResponseFields"], fields);
    let stopped = stop(ask(&stream, &body, &[]).await.events());
    assert_eq!(stopped["additionalModelResponseFields"], fields);
}
