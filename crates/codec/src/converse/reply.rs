//! Converse responses.

use serde_json::Value;

use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, merge, need, single};
use crate::message::Message;
use crate::reply::Reply;
use crate::stop::StopReason;
use crate::usage::Usage;

pub(crate) fn decode(body: Value) -> Result<Reply, DecodeError> {
    let mut object = Object::new(body)?;
    let mut output = need(object.object("output")?, "output")?;
    let message = output.read("message", Message::from_reply);
    let message = message.and_then(|message| need(message, "message"));
    let message = message.map_err(|error| error.at("output"))?;
    let stop_reason = need(object.read("stopReason", StopReason::from_json)?, "stopReason")?;
    let usage = Usage::take(&mut object, "usage", Usage::from_json);
    let latency_ms = take_latency(&mut object);
    let output = output.rest();
    if !output.is_empty() {
        object.put("output", Value::Object(output));
    }
    Ok(Reply { message, stop_reason, usage, latency_ms, extra: object.rest() })
}

/// Takes `metrics.latencyMs`, and leaves other metrics where they are.
pub(crate) fn take_latency(object: &mut Object) -> Option<u64> {
    let metrics = match object.take("metrics")? {
        Value::Object(metrics) => metrics,
        other => {
            object.put("metrics", other);
            return None;
        }
    };
    let mut metrics = Object::from(metrics);
    let latency = metrics.lenient_count("latencyMs");
    let rest = metrics.rest();
    if !rest.is_empty() {
        object.put("metrics", Value::Object(rest));
    }
    latency
}

/// Writes a response, or as much of one as there is.
pub(crate) fn write(
    message: &Message,
    stop_reason: Option<&StopReason>,
    usage: Option<&Usage>,
    latency_ms: Option<u64>,
    extra: &Map,
) -> Value {
    let mut map = Map::new();
    map.set("output", single("message", message.to_json()));
    map.set_some("stopReason", stop_reason.map(StopReason::as_str));
    map.set_some("usage", usage.map(Usage::to_json));
    map.set_some("metrics", latency_ms.map(|latency| single("latencyMs", latency)));
    merge(&mut map, extra.clone());
    Value::Object(map)
}
