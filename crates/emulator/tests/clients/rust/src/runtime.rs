//! Calls that are answered whole, and how they fail.

use aws_sdk_bedrockruntime::config::Token;
use aws_sdk_bedrockruntime::operation::converse::builders::ConverseFluentBuilder;
use aws_sdk_bedrockruntime::operation::converse::{ConverseError, ConverseOutput};
use aws_sdk_bedrockruntime::primitives::Blob;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, ConverseTokensRequest, CountTokensInput,
    InferenceConfiguration, Message, StopReason,
};
use aws_smithy_runtime_api::client::auth::AuthSchemeId;
use serde_json::{Value, json};

use crate::{
    CLAUDE, Clients, NOVA, NOVA_ONE_A_MINUTE, NOVA_ONE_A_SECOND, Outcome, ensure, refused, told,
};

pub(crate) async fn invoke(clients: &Clients) -> Outcome {
    let body = json!({ "messages": [{ "role": "user", "content": [{ "text": "hello" }] }] });
    let call = clients.runtime.invoke_model().model_id(NOVA).content_type("application/json");
    let reply = call.body(Blob::new(body.to_string())).send().await.map_err(told)?;
    ensure(reply.content_type() == "application/json", reply.content_type())?;
    let answer: Value = serde_json::from_slice(reply.body().as_ref())?;
    let text = &answer["output"]["message"]["content"][0]["text"];
    ensure(text.as_str().is_some_and(|text| text.contains("hello")), &answer)?;
    Ok(String::new())
}

pub(crate) async fn converse(clients: &Clients) -> Outcome {
    let reply = call(&clients.runtime, NOVA)?.send().await.map_err(told)?;
    ensure(text(&reply).contains("hello"), &reply)?;
    ensure(reply.stop_reason() == &StopReason::EndTurn, &reply)?;
    ensure(reply.usage().is_some_and(|usage| usage.total_tokens() > 0), &reply)?;
    Ok(String::new())
}

/// An API key in place of a signature.
pub(crate) async fn bearer_token(clients: &Clients) -> Outcome {
    let keyed = |key: &str| {
        let config = clients.runtime.config().to_builder().bearer_token(Token::new(key, None));
        let config = config.auth_scheme_preference([AuthSchemeId::from("httpBearerAuth")]);
        aws_sdk_bedrockruntime::Client::from_conf(config.build())
    };
    let key = std::env::var("AWS_SECRET_ACCESS_KEY")?;
    let reply = call(&keyed(&key), NOVA)?.send().await.map_err(told)?;
    ensure(text(&reply).contains("hello"), &reply)?;
    match refused(call(&keyed("another key"), NOVA)?.send().await)?.into_service_error() {
        ConverseError::AccessDeniedException(error) => {
            Ok(error.message().unwrap_or_default().to_owned())
        }
        other => Err(told(other).into()),
    }
}

pub(crate) async fn throttle(clients: &Clients) -> Outcome {
    call(&clients.runtime, NOVA_ONE_A_MINUTE)?.send().await.map_err(told)?;
    match refused(call(&clients.runtime, NOVA_ONE_A_MINUTE)?.send().await)?.into_service_error() {
        ConverseError::ThrottlingException(error) => {
            Ok(error.message().unwrap_or_default().to_owned())
        }
        other => Err(told(other).into()),
    }
}

pub(crate) async fn retry(clients: &Clients) -> Outcome {
    // Without retries, the second of two calls in one second is throttled.
    let calls =
        [call(&clients.patient, NOVA_ONE_A_SECOND)?, call(&clients.patient, NOVA_ONE_A_SECOND)?];
    let [first, second] = calls.map(|call| tokio::spawn(call.send()));
    for reply in [first.await?, second.await?] {
        ensure(text(&reply.map_err(told)?).contains("hello"), "another answer")?;
    }
    Ok(String::new())
}

pub(crate) async fn validation(clients: &Clients) -> Outcome {
    let limit = InferenceConfiguration::builder().max_tokens(100_000_000).build();
    let call = call(&clients.runtime, NOVA)?.inference_config(limit);
    match refused(call.send().await)?.into_service_error() {
        ConverseError::ValidationException(error) => {
            Ok(error.message().unwrap_or_default().to_owned())
        }
        other => Err(told(other).into()),
    }
}

pub(crate) async fn count_tokens(clients: &Clients) -> Outcome {
    let request = ConverseTokensRequest::builder().messages(says("one two three")?).build();
    let model = CLAUDE.trim_start_matches("us.");
    let call = clients.runtime.count_tokens().model_id(model);
    let reply = call.input(CountTokensInput::Converse(request)).send().await.map_err(told)?;
    ensure(reply.input_tokens() >= 3, &reply)?;
    Ok(format!("{} tokens", reply.input_tokens()))
}

pub(crate) fn says(text: &str) -> Result<Message, Box<dyn std::error::Error>> {
    let content = ContentBlock::Text(text.to_owned());
    Ok(Message::builder().role(ConversationRole::User).content(content).build()?)
}

fn call(
    client: &aws_sdk_bedrockruntime::Client,
    model: &str,
) -> Result<ConverseFluentBuilder, Box<dyn std::error::Error>> {
    Ok(client.converse().model_id(model).messages(says("hello")?))
}

fn text(reply: &ConverseOutput) -> String {
    let message = reply.output().and_then(|output| output.as_message().ok());
    let blocks = message.map(Message::content).unwrap_or_default();
    blocks.iter().filter_map(|block| block.as_text().ok().cloned()).collect()
}
