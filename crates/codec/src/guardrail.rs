//! ApplyGuardrail: content in, and what a guardrail finds in it and does about it out.
//!
//! Which guardrail and which version is in the path of the call, not in the body.

mod assessment;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

pub use self::assessment::{Assessment, Finding, FindingAction, Policy};
use crate::error::{DecodeError, EncodeError};
use crate::json::{Members, Object, count, elements, need, single, string};
use crate::operation::finish;
use crate::words::words;
use crate::{Map, Source};

/// Content for a guardrail to look at.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// Whether it goes to a model or comes from one.
    pub source: Origin,
    /// The content.
    pub content: Vec<Content>,
    /// How much is told: only what was found, or everything.
    pub output_scope: Option<OutputScope>,
    /// Other members of the body, merged last into it.
    pub extra: Map,
}

words! {
    /// Where content comes from.
    Origin {
        /// It goes to a model.
        Input = "INPUT",
        /// It comes from a model.
        Output = "OUTPUT",
    }
}

words! {
    /// How much of an assessment is told.
    OutputScope {
        /// What led to an action.
        Interventions = "INTERVENTIONS",
        /// Everything that was looked at.
        Full = "FULL",
    }
}

/// A piece of content.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Content {
    /// A text.
    Text {
        /// The text.
        text: String,
        /// What it is for: `grounding_source`, `query`, `guard_content`.
        qualifiers: Vec<String>,
    },
    /// An image.
    Image {
        /// The format, `png` or `jpeg`.
        format: String,
        /// Its bytes.
        source: Source,
    },
    /// A piece of another form, kept whole.
    Unknown(Value),
}

/// What a guardrail did.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Reply {
    /// Whether it intervened.
    pub action: Action,
    /// Why, in a sentence of the service.
    pub action_reason: Option<String>,
    /// The content after masking, or the message instead of it; empty where nothing changed.
    pub outputs: Vec<String>,
    /// What each policy found.
    pub assessments: Vec<Assessment>,
    /// What was charged.
    pub usage: Usage,
    /// How much of the content was looked at.
    pub coverage: Option<Coverage>,
    /// Every other member of the body.
    pub extra: Map,
}

words! {
    /// What a guardrail did with the content.
    Action {
        /// Nothing.
        None = "NONE",
        /// It blocked or masked some of it.
        Intervened = "GUARDRAIL_INTERVENED",
    }
}

/// Text units of each policy, by which guardrails are charged.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Usage {
    /// Denied topics.
    pub topic: u64,
    /// Content filters.
    pub content: u64,
    /// Word filters.
    pub word: u64,
    /// Sensitive information, as far as it costs.
    pub sensitive: u64,
    /// Sensitive information, as far as it is free.
    pub sensitive_free: u64,
    /// Contextual grounding.
    pub grounding: u64,
    /// Images in content filters.
    pub content_images: Option<u64>,
    /// Automated reasoning.
    pub automated_reasoning: Option<u64>,
    /// Automated reasoning policies that were applied.
    pub automated_reasoning_policies: Option<u64>,
    /// Every other member.
    pub extra: Map,
}

/// How much of the content was looked at.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Coverage {
    /// Characters of text: guarded, and in all.
    pub characters: Option<[u64; 2]>,
    /// Images: guarded, and in all.
    pub images: Option<[u64; 2]>,
    /// Every other member.
    pub extra: Map,
}

impl Request {
    /// Texts to look at.
    pub fn new<T: Into<String>>(source: Origin, texts: impl IntoIterator<Item = T>) -> Self {
        let content = texts.into_iter().map(Content::text).collect();
        Self { source, content, output_scope: None, extra: Map::new() }
    }

    /// Adds a piece of content.
    #[must_use]
    pub fn with_content(mut self, content: Content) -> Self {
        self.content.push(content);
        self
    }

    /// Sets how much is told.
    #[must_use]
    pub fn with_output_scope(mut self, scope: OutputScope) -> Self {
        self.output_scope = Some(scope);
        self
    }
}

impl Content {
    /// A text without a qualifier.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into(), qualifiers: Vec::new() }
    }

    fn to_json(&self) -> Value {
        Value::Object(match self {
            Self::Text { text, qualifiers } => {
                let mut inner = single("text", text.as_str());
                if !qualifiers.is_empty() {
                    inner.set("qualifiers", qualifiers.clone());
                }
                single("text", inner)
            }
            Self::Image { format, source } => {
                let mut inner = single("format", format.as_str());
                inner.set_some("source", source.to_json());
                single("image", inner)
            }
            Self::Unknown(content) => return content.clone(),
        })
    }

    /// A piece with members beside those known is kept whole.
    fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value.clone())?;
        let read = if object.get("text").is_some() {
            object.read("text", |text| {
                let mut inner = Object::new(text)?;
                let text = need(inner.string("text")?, "text")?;
                let qualifiers = inner.filled("qualifiers")?;
                let qualifiers = elements(qualifiers.into(), string)?;
                Ok((Self::Text { text, qualifiers }, inner.is_empty()))
            })?
        } else {
            object.read("image", |image| {
                let mut inner = Object::new(image)?;
                let format = need(inner.string("format")?, "format")?;
                let source = inner.read("source", Source::from_json)?.unwrap_or_default();
                Ok((Self::Image { format, source }, inner.is_empty()))
            })?
        };
        Ok(match read {
            Some((content, true)) if object.is_empty() => content,
            _ => Self::Unknown(value),
        })
    }
}

impl Reply {
    /// Whether the guardrail blocked or masked something.
    pub fn intervened(&self) -> bool {
        self.action == Action::Intervened
    }

    /// All that was found, over all assessments.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.assessments.iter().flat_map(|assessment| &assessment.findings)
    }
}

/// Writes the body of ApplyGuardrail.
///
/// # Errors
///
/// Where `extra` holds a member that is in the body already.
///
/// # Examples
///
/// ```
/// use outcrop_codec::guardrail::{Origin, Request, decode, encode};
///
/// let body = encode(&Request::new(Origin::Input, ["Call me at 555 0100"]))?;
/// assert_eq!(
///     body,
///     br#"{"content":[{"text":{"text":"Call me at 555 0100"}}],"source":"INPUT"}"#
/// );
/// # Ok::<(), outcrop_codec::EncodeError>(())
/// ```
pub fn encode(request: &Request) -> Result<Vec<u8>, EncodeError> {
    let mut body = single("source", request.source.as_str());
    body.set(CONTENT, request.content.iter().map(Content::to_json).collect::<Vec<_>>());
    body.set_some("outputScope", request.output_scope.as_ref().map(OutputScope::as_str));
    finish(body, &request.extra)
}

/// Reads a body of ApplyGuardrail.
///
/// # Errors
///
/// Where it is not JSON of ApplyGuardrail's shape.
pub fn decode_request(body: &[u8]) -> Result<Request, DecodeError> {
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    let content = body.read(CONTENT, |list| elements(list, Content::from_json))?;
    Ok(Request {
        source: need(body.read("source", Origin::from_json)?, "source")?,
        content: need(content, CONTENT)?,
        output_scope: body.read("outputScope", OutputScope::from_json)?,
        extra: body.rest(),
    })
}

/// Reads the answer. Lists that are not there are empty, and counts 0.
///
/// # Errors
///
/// Where it is not JSON of ApplyGuardrail's shape.
pub fn decode(body: &[u8]) -> Result<Reply, DecodeError> {
    let mut body = Object::new(serde_json::from_slice(body)?)?;
    Ok(Reply {
        action: need(body.read("action", Action::from_json)?, "action")?,
        action_reason: body.string("actionReason")?,
        outputs: body.each("outputs", output)?,
        assessments: body.each("assessments", Assessment::from_json)?,
        usage: body.read("usage", Usage::from_json)?.unwrap_or_default(),
        coverage: body.read("guardrailCoverage", Coverage::from_json)?,
        extra: body.rest(),
    })
}

impl Usage {
    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let mut count = |key| object.count(key);
        Ok(Self {
            topic: count("topicPolicyUnits")?.unwrap_or(0),
            content: count("contentPolicyUnits")?.unwrap_or(0),
            word: count("wordPolicyUnits")?.unwrap_or(0),
            sensitive: count("sensitiveInformationPolicyUnits")?.unwrap_or(0),
            sensitive_free: count("sensitiveInformationPolicyFreeUnits")?.unwrap_or(0),
            grounding: count("contextualGroundingPolicyUnits")?.unwrap_or(0),
            content_images: count("contentPolicyImageUnits")?,
            automated_reasoning: count("automatedReasoningPolicyUnits")?,
            automated_reasoning_policies: count("automatedReasoningPolicies")?,
            extra: object.rest(),
        })
    }
}

impl Coverage {
    pub(super) fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let characters = object.lenient("textCharacters", guarded_and_total);
        let images = object.lenient("images", guarded_and_total);
        Ok(Self { characters, images, extra: object.rest() })
    }
}

fn guarded_and_total(value: &Value) -> Option<[u64; 2]> {
    Some([count(value.get("guarded")?)?, count(value.get("total")?)?])
}

fn output(value: Value) -> Result<String, DecodeError> {
    need(Object::new(value)?.string("text")?, "text")
}

const CONTENT: &str = "content";
