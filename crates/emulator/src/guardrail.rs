//! Guardrails. Each has one policy, whatever its id: a list of words.

mod apply;
mod look;
mod texts;

use hyper::HeaderMap;
use serde_json::Value;

pub(crate) use self::apply::answer;
pub(crate) use self::look::Look;
pub(crate) use self::texts::{content, texts};
use crate::constraint;
use crate::error::Refusal;

/// The guardrail that a call names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Guardrail {
    pub(crate) id: String,
    pub(crate) version: String,
    /// The answer tells what was found.
    pub(crate) traced: bool,
}

impl Guardrail {
    /// The guardrail of this id or ARN and version.
    fn new(id: &str, version: &str, traced: bool) -> Result<Self, Refusal> {
        let name = id.rsplit('/').next().unwrap_or_default();
        let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        if name.is_empty() || !name.bytes().all(is_name) {
            return Err(Refusal::validation("The provided guardrail identifier is invalid."));
        }
        let numbered = (1..=8).contains(&version.len())
            && !version.starts_with('0')
            && version.bytes().all(|b| b.is_ascii_digit());
        if version != "DRAFT" && !numbered {
            return Err(Refusal::validation(
                "The guardrail identifier or version provided in the request does not exist.",
            ));
        }
        Ok(Self { id: name.into(), version: version.into(), traced })
    }

    /// The guardrail in `guardrailConfig` of Converse.
    pub(crate) fn in_config(config: &Value) -> Result<Option<Self>, Refusal> {
        let (id, version) =
            (config["guardrailIdentifier"].as_str(), config["guardrailVersion"].as_str());
        let traced = matches!(config["trace"].as_str(), Some("enabled" | "enabled_full"));
        Self::both(id, version, traced, ["guardrailConfig.guardrailIdentifier", VERSION_PLACE])
    }

    /// The guardrail in the headers of InvokeModel.
    pub(crate) fn in_headers(headers: &HeaderMap) -> Result<Option<Self>, Refusal> {
        let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let (id, version) = (
            header("x-amzn-bedrock-guardrailidentifier"),
            header("x-amzn-bedrock-guardrailversion"),
        );
        let traced = matches!(header("x-amzn-bedrock-trace"), Some("ENABLED" | "ENABLED_FULL"));
        Self::both(id, version, traced, ["guardrailIdentifier", "guardrailVersion"])
    }

    /// A guardrail needs both; neither is none.
    fn both(
        id: Option<&str>,
        version: Option<&str>,
        traced: bool,
        places: [&str; 2],
    ) -> Result<Option<Self>, Refusal> {
        let [id_place, version_place] = places;
        let missing = match (id, version) {
            (None, None) => return Ok(None),
            (Some(id), Some(version)) => return Self::new(id, version, traced).map(Some),
            (None, Some(_)) => id_place,
            (Some(_), None) => version_place,
        };
        Err(constraint::missing(missing))
    }

    /// The members of an assessment that name the guardrail.
    fn details(&self) -> Value {
        serde_json::json!({
            "guardrailId": self.id,
            "guardrailVersion": self.version,
            "guardrailArn": format!("arn:aws:bedrock:us-east-1:123456789012:guardrail/{}", self.id),
            "guardrailOrigin": ["REQUEST"],
            "guardrailOwnership": "SELF",
        })
    }
}

const VERSION_PLACE: &str = "guardrailConfig.guardrailVersion";
/// What the model says instead of an answer to words that are blocked.
pub(crate) const BLOCKED_INPUT: &str = "Sorry, the model cannot answer this question.";
/// What stands in place of an answer with words that are blocked.
pub(crate) const BLOCKED_OUTPUT: &str = "Sorry, the model's answer was blocked.";
