//! Requests in the shared shape.

use serde_json::Value;

use super::{Dialect, message, tools};
use crate::Map;
use crate::error::{DecodeError, EncodeError};
use crate::format::{add, finite, need_messages, refuse_incomplete_tools};
use crate::invoke::{add_fields, keep_fields};
use crate::json::{Members, Object, count, elements, need, string};
use crate::request::{Inference, Request};

/// Writes a request.
pub(in crate::family) fn encode(dialect: &Dialect, request: &Request) -> Result<Map, EncodeError> {
    need_messages(request, dialect.name)?;
    refuse_incomplete_tools(request)?;
    let inference = &request.inference;
    if let Some(key) = inference.extra.keys().next() {
        let why = "put members of the family's own into additionalModelRequestFields";
        return Err(EncodeError::unsupported(dialect.name, why).at(key).at(INFERENCE));
    }
    let mut body = Map::new();
    add_fields(&mut body, request, dialect.name)?;
    let mut own = Map::new();
    own.set("messages", message::encode(dialect, request)?);
    // The limit goes under the name that the caller gave it.
    if limit(body.get(OTHER_LIMIT)).is_none_or(|limit| inference.max_tokens != Some(limit)) {
        own.set_some(LIMIT, inference.max_tokens);
    }
    own.set_some("temperature", finite(inference.temperature, "temperature")?);
    own.set_some("top_p", finite(inference.top_p, "topP")?);
    if !inference.stop_sequences.is_empty() {
        if !dialect.stop_sequences {
            let why = "its models refuse stop sequences; leave them out";
            let error = EncodeError::unsupported(dialect.name, why);
            return Err(error.at("stopSequences").at(INFERENCE));
        }
        own.set(STOP, inference.stop_sequences.clone());
    }
    if let Some(config) = &request.tools {
        tools::encode(dialect, config, &mut own).map_err(|error| error.at("toolConfig"))?;
    }
    add(&mut body, &own)?;
    Ok(body)
}

/// Reads a request.
pub(in crate::family) fn decode(
    dialect: &Dialect,
    mut body: Object,
) -> Result<Request, DecodeError> {
    let husks = body.husks(&[STOP, "tools"]);
    let messages = need(body.read("messages", |messages| elements(messages, Ok))?, "messages")?;
    let (system, messages) = message::decode(messages).map_err(|error| error.at("messages"))?;
    let mut request = Request::new(messages);
    request.system = system;
    let max_tokens = body.limit(LIMIT)?.or_else(|| limit(body.get(OTHER_LIMIT)));
    // One stop sequence may come as a string; it stays among the family's own members.
    let listed = dialect.stop_sequences && body.get(STOP).is_some_and(Value::is_array);
    request.inference = Inference {
        max_tokens,
        temperature: body.number("temperature")?,
        top_p: body.number("top_p")?,
        stop_sequences: if listed { body.each(STOP, string)? } else { Default::default() },
        extra: Map::new(),
    };
    request.tools = tools::decode(dialect, &mut body)?;
    let mut rest = body.rest();
    rest.extend(husks);
    keep_fields(&mut request, rest);
    Ok(request)
}

fn limit(value: Option<&Value>) -> Option<u32> {
    count(value?).and_then(|count| u32::try_from(count).ok())
}

const INFERENCE: &str = "inferenceConfig";
const LIMIT: &str = "max_tokens";
/// OpenAI's later name for the limit.
const OTHER_LIMIT: &str = "max_completion_tokens";
const STOP: &str = "stop";
