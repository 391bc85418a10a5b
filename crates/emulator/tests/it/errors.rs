//! What is refused, with the service's status, exception and wording.

use serde_json::{Value, json};

use crate::client::{NOVA, post, quick, raw, send, turn};

async fn refused(path: &str, body: &Value) -> (u16, String, String) {
    let emulator = quick().start().await.unwrap();
    send(&emulator, post(path, body)).await.refusal()
}

fn with(key: &str, value: Value) -> Value {
    let mut body = turn("Hi");
    body[key] = value;
    body
}

#[tokio::test]
async fn an_unknown_model_is_an_invalid_identifier_on_every_operation() {
    for operation in ["invoke", "invoke-with-response-stream", "converse", "converse-stream"] {
        for model in ["no.such-model", "anthropic.clod-v1", "nonsense"] {
            let (status, exception, message) =
                refused(&format!("/model/{model}/{operation}"), &turn("Hi")).await;
            assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{model}");
            assert_eq!(message, "The provided model identifier is invalid.");
        }
    }
}

#[tokio::test]
async fn bad_converse_bodies_are_refused_in_the_service_s_words() {
    let said = |role: &str| json!({ "role": role, "content": [{ "text": "Hi" }] });
    let used = json!([{ "role": "user", "content": [{ "toolResult": {
        "toolUseId": "a", "content": [{ "text": "x" }] } }] }]);
    for (body, expected) in [
        (turn("  "), "messages.0.content.0 is blank"),
        (json!({}), "'messages' failed to satisfy constraint: Member must not be null"),
        (with("messages", json!([])), "must start with a user message"),
        (with("messages", json!([said("assistant")])), "must start with a user message"),
        (with("messages", json!([said("user"), said("user")])), "must alternate"),
        (with("messages", used), "toolConfig field must be defined"),
        (with("inferenceConfig", json!({ "maxTokens": 0 })), "'inferenceConfig.maxTokens'"),
        (with("inferenceConfig", json!({ "temperature": 1.5 })), "less than or equal to 1"),
        (with("inferenceConfig", json!({ "maxTokens": 10_001 })), "model limit of 10000"),
        (with("messages", json!("Hi")), "must start with a user message"),
        (with("system", json!(7)), "$.system"),
    ] {
        let (status, exception, message) = refused(&format!("/model/{NOVA}/converse"), &body).await;
        assert_eq!((status, exception.as_str()), (400, "ValidationException"), "{body}");
        assert!(message.contains(expected), "{body}: {message}");
    }
}

#[tokio::test]
async fn models_without_system_prompts_or_tools_refuse_them() {
    let titan = "/model/amazon.titan-text-express-v1/converse";
    let system = with("system", json!([{ "text": "Be brief." }]));
    assert!(refused(titan, &system).await.2.contains("doesn't support the system field"));
    let schema = json!({ "json": { "type": "object" } });
    let tool = json!({ "toolSpec": { "name": "f", "inputSchema": schema } });
    let tools = with("toolConfig", json!({ "tools": [tool] }));
    assert!(refused(titan, &tools).await.2.contains("doesn't support tool use"));
}

#[tokio::test]
async fn a_model_with_profiles_only_is_refused_by_its_own_id() {
    let id = "anthropic.claude-opus-4-1-20250805-v1:0";
    let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{id}");
    for address in [id, &arn] {
        let message = refused(&format!("/model/{address}/converse"), &turn("Hi")).await.2;
        let expected = format!("Invocation of model ID {address} with on-demand throughput isn");
        assert!(message.starts_with(&expected), "{message}");
    }
    let emulator = quick().start().await.unwrap();
    let request = post(&format!("/model/us.{id}/converse"), &turn("Hi"));
    assert_eq!(send(&emulator, request).await.status, 200);
}

#[tokio::test]
async fn a_body_that_is_not_json_is_malformed() {
    let emulator = quick().start().await.unwrap();
    for body in ["", "{", "[]", "null", "{\"messages\":"] {
        let request = raw("POST", &format!("/model/{NOVA}/converse"), body);
        let (status, _, message) = send(&emulator, request).await.refusal();
        assert_eq!(status, 400, "{body}");
        assert!(message.starts_with("Malformed input request"), "{message}");
    }
}

#[tokio::test]
async fn a_body_over_25_megabytes_is_refused() {
    let emulator = quick().start().await.unwrap();
    let request = raw("POST", &format!("/model/{NOVA}/converse"), vec![b' '; 25_000_001]);
    let (status, _, message) = send(&emulator, request).await.refusal();
    assert_eq!(status, 400);
    assert!(message.contains("larger than 25000000 bytes"), "{message}");
}

#[tokio::test]
async fn a_body_without_end_is_refused_while_it_is_sent() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let emulator = quick().start().await.unwrap();
    let stream = tokio::net::TcpStream::connect(emulator.address()).await.unwrap();
    let (mut reading, mut writing) = stream.into_split();
    let head = format!(
        "POST /model/{NOVA}/converse HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    );
    let sender = tokio::spawn(async move {
        writing.write_all(head.as_bytes()).await?;
        let piece = [b"100000\r\n".to_vec(), vec![b' '; 0x10_0000], b"\r\n".to_vec()].concat();
        loop {
            writing.write_all(&piece).await?;
        }
        #[expect(unreachable_code, reason = "it tells the type of what ends the loop")]
        std::io::Result::Ok(())
    });
    let mut start = [0; 12];
    reading.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 400");
    // The server hangs up on a client that goes on.
    assert!(sender.await.unwrap().is_err());
}

#[tokio::test]
async fn an_unknown_operation_is_404_and_says_so() {
    let emulator = quick().start().await.unwrap();
    let mut request = post(&format!("/model/{NOVA}/dream"), &json!({}));
    let scope = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/bedrock/aws4_request";
    request.headers_mut().insert("authorization", scope.parse().unwrap());
    let (status, exception, _) = send(&emulator, request).await.refusal();
    assert_eq!((status, exception.as_str()), (404, "UnknownOperationException"));
}

#[tokio::test]
async fn bearer_tokens_and_unsigned_calls_are_answered() {
    let emulator = quick().start().await.unwrap();
    let mut request = post(&format!("/model/{NOVA}/converse"), &turn("Hi"));
    request.headers_mut().insert("authorization", "Bearer key".parse().unwrap());
    assert_eq!(send(&emulator, request).await.status, 200);
}
