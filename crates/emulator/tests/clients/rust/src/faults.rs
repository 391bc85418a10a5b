//! What goes wrong in streams, as the SDK sees it.

use aws_sdk_bedrockruntime::error::SdkError;
use aws_sdk_bedrockruntime::types::error::ConverseStreamOutputError;
use aws_sdk_bedrockruntime::types::{ContentBlockDelta, ConverseStreamOutput};

use crate::runtime::says;
use crate::{Clients, Outcome, ensure, told};

/// What a stream has said when it ended, and how it did.
struct Said {
    text: String,
    has_unknown: bool,
    has_stopped: bool,
    error: Option<SdkError<ConverseStreamOutputError, aws_smithy_types::event_stream::RawMessage>>,
}

async fn said(clients: &Clients, model: &str) -> Result<Said, Box<dyn std::error::Error>> {
    let call = clients.runtime.converse_stream().model_id(model).messages(says("hello")?);
    let mut reply = call.send().await.map_err(told)?;
    let mut said =
        Said { text: String::new(), has_unknown: false, has_stopped: false, error: None };
    loop {
        match reply.stream.recv().await {
            Ok(None) => break,
            Err(error) => {
                said.error = Some(error);
                break;
            }
            Ok(Some(ConverseStreamOutput::ContentBlockDelta(event))) => {
                if let Some(ContentBlockDelta::Text(text)) = event.delta {
                    said.text += &text;
                }
            }
            Ok(Some(ConverseStreamOutput::MessageStop(_))) => said.has_stopped = true,
            Ok(Some(event)) => said.has_unknown |= event.is_unknown(),
        }
    }
    Ok(said)
}

pub(crate) async fn bad_checksum(clients: &Clients) -> Outcome {
    let said = said(clients, "meta.llama3-8b-instruct-v1:0").await?;
    let error = said.error.map(told).unwrap_or_default();
    ensure(error.contains("checksum"), &error)?;
    Ok(error)
}

pub(crate) async fn unknown_event(clients: &Clients) -> Outcome {
    let said = said(clients, "meta.llama3-70b-instruct-v1:0").await?;
    ensure(said.text.contains("hello"), &said.text)?;
    ensure(said.has_unknown && said.has_stopped, (said.has_unknown, said.has_stopped))?;
    Ok(String::new())
}

/// It ends without an error; only the missing event tells.
pub(crate) async fn cut_stream(clients: &Clients) -> Outcome {
    let said = said(clients, "mistral.mistral-7b-instruct-v0:2").await?;
    ensure(said.error.is_none(), said.error.map(told))?;
    ensure(said.text.contains("hello") && !said.has_stopped, &said.text)?;
    Ok(String::new())
}

pub(crate) async fn one_byte_chunks(clients: &Clients) -> Outcome {
    let said = said(clients, "mistral.mixtral-8x7b-instruct-v0:1").await?;
    ensure(said.text.contains("hello") && said.has_stopped, &said.text)?;
    Ok(String::new())
}

pub(crate) async fn throttled_stream(clients: &Clients) -> Outcome {
    let said = said(clients, "mistral.mistral-large-2402-v1:0").await?;
    match said.error.map(SdkError::into_service_error) {
        Some(ConverseStreamOutputError::ThrottlingException(error)) => {
            Ok(error.message().unwrap_or_default().to_owned())
        }
        other => Err(format!("{other:?}").into()),
    }
}
