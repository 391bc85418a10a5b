//! ApplyGuardrail: content is looked at without a model.

use codec::guardrail::{self, Content, Origin, OutputScope};
use serde_json::{Value, json};

use super::{BLOCKED_INPUT, BLOCKED_OUTPUT, Guardrail, Look};
use crate::constraint::{self, Constraint};
use crate::error::Refusal;

/// Looks for the words in the contents of a request.
pub(crate) fn answer(
    id: &str,
    version: &str,
    words: &[String],
    body: &[u8],
) -> Result<Value, Refusal> {
    let guardrail = Guardrail::new(id, version, true)?;
    check(body)?;
    let request =
        guardrail::decode_request(body).map_err(|error| Refusal::malformed(&error.to_string()))?;
    let blocked = match &request.source {
        Origin::Input => BLOCKED_INPUT,
        Origin::Output => BLOCKED_OUTPUT,
        other => {
            let known = Constraint::OneOf(&["INPUT", "OUTPUT"]);
            return Err(constraint::invalid("source", other.as_str(), known));
        }
    };
    let texts = || {
        request.content.iter().filter_map(|content| match content {
            Content::Text { text, .. } => Some(text.as_str()),
            _ => None,
        })
    };
    let look = Look::at(texts(), words);
    let full = request.output_scope == Some(OutputScope::Full);
    let outputs: Vec<Value> = match look.blocks() {
        true => vec![json!({ "text": blocked })],
        false if full => texts().map(|text| json!({ "text": text })).collect(),
        false => Vec::new(),
    };
    Ok(json!({
        "usage": look.usage(),
        "action": if look.blocks() { "GUARDRAIL_INTERVENED" } else { "NONE" },
        "actionReason": if look.blocks() { "Guardrail blocked." } else { "No action." },
        "outputs": outputs,
        "assessments": [look.assessment(&guardrail)],
        "guardrailCoverage": look.coverage(),
    }))
}

/// Both members are there.
fn check(body: &[u8]) -> Result<(), Refusal> {
    let body: Value = serde_json::from_slice(body).map_err(|_| Refusal::not_json())?;
    match ["source", "content"].iter().find(|key| body.get(**key).is_none_or(Value::is_null)) {
        None => Ok(()),
        Some(missing) => Err(constraint::missing(missing)),
    }
}
