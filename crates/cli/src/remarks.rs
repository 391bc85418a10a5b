//! What a person should know about a reply beside its text.

use client::codec::catalog::{self, Date};
use client::codec::{Block, Message, StopKind};
use client::{ModelRef, StopReason};
use serde_json::Value;

use crate::output::Output;

/// Says what to know before the model is called; the call is made all the same.
pub(crate) fn before(output: Output, model: &ModelRef, region: Option<&str>) {
    let today = jiff::tz::TimeZone::UTC.to_datetime(jiff::Timestamp::now());
    let number = |part: i8| u8::try_from(part).unwrap_or_default();
    let year = u16::try_from(today.year()).unwrap_or_default();
    let Some(today) = Date::new(year, number(today.month()), number(today.day())) else { return };
    for advice in catalog::advice(model, region, today) {
        output.remark(&format!("warning: {advice}"));
    }
}

/// The text, with an end of line if it has none.
pub(crate) fn ended(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

/// Names the tool calls, which have no place in the text.
pub(crate) fn on_message(output: Output, message: &Message) {
    for block in &message.content {
        match block {
            Block::ToolUse(tool) => {
                let input = Value::Object(tool.input.clone());
                output.remark(&format!("the model calls the tool {} with {input}", tool.name));
            }
            Block::IncompleteToolUse(tool) => {
                let (name, raw) = (&tool.name, &tool.raw);
                output.remark(&format!("a call of the tool {name} was cut off, after {raw:?}"));
            }
            _ => {}
        }
    }
}

/// Says why a reply ended that the model did not end itself.
pub(crate) fn on_end(output: Output, reason: &StopReason) {
    let why = match reason.kind() {
        StopKind::EndTurn | StopKind::StopSequence | StopKind::ToolUse => return,
        StopKind::MaxTokens => "the reply stops at the limit of tokens; --max-tokens raises it",
        StopKind::ModelContextWindowExceeded => {
            "the reply stops where the model's context is full; shorten the prompt"
        }
        StopKind::GuardrailIntervened => "a guardrail changed or blocked the reply",
        StopKind::ContentFiltered => "a filter of the provider stopped the reply",
        StopKind::MalformedModelOutput | StopKind::MalformedToolUse => {
            "the model wrote what the service could not read; try again"
        }
        _ => return output.remark(&format!("the reply stops with the reason {reason}")),
    };
    output.remark(why);
}
