//! What the policies of a guardrail found.
//!
//! Each policy has lists of its own, whose entries have nearly the same members. Here they are one
//! list of findings, each with the policy that it is of.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::Value;

use super::{Coverage, Usage};
use crate::Map;
use crate::error::DecodeError;
use crate::json::{Members, Object, elements};
use crate::words::words;

/// What the policies of one guardrail found in the content.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Assessment {
    /// What was found, policy after policy.
    pub findings: Vec<Finding>,
    /// The findings of automated reasoning, each an object with one member that names its kind.
    pub automated_reasoning: Vec<Value>,
    /// How long the guardrail took, in milliseconds.
    pub latency_ms: Option<u64>,
    /// What was charged.
    pub usage: Option<Usage>,
    /// How much of the content was looked at.
    pub coverage: Option<Coverage>,
    /// Which guardrail was applied: `guardrailId`, `guardrailVersion`, `guardrailArn`,
    /// `guardrailOrigin`, `guardrailOwnership`.
    pub applied: Map,
    /// Every other member.
    pub extra: Map,
}

/// Something that a policy found, or looked for.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// The policy.
    pub policy: Policy,
    /// What was done about it.
    pub action: Option<FindingAction>,
    /// Whether it is in the content; `None` where the service does not say.
    pub detected: Option<bool>,
    /// The service's word for its kind: `HATE`, `EMAIL`, `PROFANITY`, `GROUNDING`.
    pub kind: Option<String>,
    /// The name that the guardrail gives it: of a topic, or of a regular expression.
    pub name: Option<String>,
    /// The text that was found.
    pub matched: Option<String>,
    /// The regular expression that found it.
    pub regex: Option<String>,
    /// How sure the filter is: `NONE` to `HIGH`.
    pub confidence: Option<String>,
    /// How strict the filter is set: `NONE` to `HIGH`.
    pub strength: Option<String>,
    /// The score of contextual grounding, from 0 to 1.
    pub score: Option<f64>,
    /// The score below which it acts.
    pub threshold: Option<f64>,
    /// Every other member.
    pub extra: Map,
}

/// A policy of a guardrail, and the list of it that a finding stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Policy {
    /// A denied topic.
    Topic,
    /// A content filter.
    Content,
    /// A word that the guardrail lists.
    CustomWord,
    /// A word of a list that the service keeps.
    ManagedWord,
    /// Personal information.
    Pii,
    /// Information that a regular expression finds.
    Regex,
    /// Whether the answer is grounded in its source and answers the query.
    Grounding,
}

words! {
    /// What was done about a finding.
    FindingAction {
        /// Nothing.
        None = "NONE",
        /// The content was blocked.
        Blocked = "BLOCKED",
        /// It was masked.
        Anonymized = "ANONYMIZED",
    }
}

impl Assessment {
    /// Reads an assessment, which replies of Converse and InvokeModel hold in their traces too.
    ///
    /// # Errors
    ///
    /// Where a member has another shape than the service gives it.
    pub fn from_json(value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        let mut read = Self::default();
        for (member, lists) in POLICIES {
            let Some(mut policy) = object.object(member)? else { continue };
            for (list, policy_of_list) in *lists {
                let found = policy.each(list, |value| Finding::read(*policy_of_list, value));
                read.findings.extend(found.map_err(|error| error.at(member))?);
            }
            read.keep(member, policy);
        }
        if let Some(mut reasoning) = object.object(REASONING)? {
            let found = reasoning.read("findings", |list| elements(list, Ok));
            let found = found.map_err(|error| error.at(REASONING))?;
            read.automated_reasoning = found.unwrap_or_default();
            read.keep(REASONING, reasoning);
        }
        if let Some(mut metrics) = object.object(METRICS)? {
            let at = |error: DecodeError| error.at(METRICS);
            read.latency_ms = metrics.lenient_count("guardrailProcessingLatency");
            read.usage = metrics.read("usage", Usage::from_json).map_err(at)?;
            read.coverage = metrics.read("guardrailCoverage", Coverage::from_json).map_err(at)?;
            read.keep(METRICS, metrics);
        }
        read.applied =
            object.object("appliedGuardrailDetails")?.map(Object::rest).unwrap_or_default();
        read.extra.extend(object.rest());
        Ok(read)
    }

    fn keep(&mut self, member: &str, rest: Object) {
        if !rest.is_empty() {
            self.extra.set(member, rest.rest());
        }
    }
}

impl Finding {
    fn read(policy: Policy, value: Value) -> Result<Self, DecodeError> {
        let mut object = Object::new(value)?;
        Ok(Self {
            policy,
            action: object.read("action", FindingAction::from_json)?,
            detected: object.lenient("detected", Value::as_bool),
            kind: object.string("type")?,
            name: object.string("name")?,
            matched: object.string("match")?,
            regex: object.string("regex")?,
            confidence: object.string("confidence")?,
            strength: object.string("filterStrength")?,
            score: object.number("score")?,
            threshold: object.number("threshold")?,
            extra: object.rest(),
        })
    }
}

const REASONING: &str = "automatedReasoningPolicy";
const METRICS: &str = "invocationMetrics";

/// The lists of a policy, by their names.
type Lists = &'static [(&'static str, Policy)];

const POLICIES: &[(&str, Lists)] = &[
    ("topicPolicy", &[("topics", Policy::Topic)]),
    ("contentPolicy", &[("filters", Policy::Content)]),
    (
        "wordPolicy",
        &[("customWords", Policy::CustomWord), ("managedWordLists", Policy::ManagedWord)],
    ),
    ("sensitiveInformationPolicy", &[("piiEntities", Policy::Pii), ("regexes", Policy::Regex)]),
    ("contextualGroundingPolicy", &[("filters", Policy::Grounding)]),
];
