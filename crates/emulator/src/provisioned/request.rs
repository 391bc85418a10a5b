//! The bodies of CreateProvisionedModelThroughput and UpdateProvisionedModelThroughput, checked.

use serde_json::Value;

use super::origin::Origin;
use crate::constraint;
use crate::control::members::{self, CLIENT_TOKEN, Form};
use crate::error::Refusal;
use crate::tags::{self, Tag};

/// What a caller asks of a throughput.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) name: String,
    pub(super) units: u64,
    pub(super) origin: Origin,
    /// How long it is bought for; without it, by the hour.
    pub(super) commitment: Option<&'static str>,
    pub(super) client_token: Option<String>,
    pub(super) tags: Vec<Tag>,
}

/// What a caller wants changed.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) name: Option<String>,
    pub(super) origin: Option<Origin>,
}

impl Request {
    /// Reads and checks a body.
    pub(super) fn read(body: &[u8], region: &str) -> Result<Self, Refusal> {
        let body = &members::read(body)?;
        let client_token = members::optional(body, "clientRequestToken", &CLIENT_TOKEN)?;
        let units = members::whole(body, "modelUnits", 1..=MOST_UNITS)?;
        let units = units.ok_or_else(|| constraint::missing("modelUnits"))?;
        let name = members::formed(body, "provisionedModelName", &NAME)?;
        let origin = Origin::read("modelId", members::text(body, "modelId")?, region)?;
        let commitment = members::one_of(body, "commitmentDuration", &["OneMonth", "SixMonths"])?;
        let tags = tags::read(body, "tags")?;
        tags::check_count(&name, &tags)?;
        Ok(Self { name, units, origin, commitment, client_token, tags })
    }
}

impl Change {
    /// Reads and checks a body.
    pub(super) fn read(body: &[u8], region: &str) -> Result<Self, Refusal> {
        let body = &members::read(body)?;
        let name = members::optional(body, "desiredProvisionedModelName", &NAME)?;
        let origin = match &body["desiredModelId"] {
            Value::Null => None,
            _ => {
                let id = members::text(body, "desiredModelId")?;
                Some(Origin::read("desiredModelId", id, region)?)
            }
        };
        if name.is_none() && origin.is_none() {
            return Err(Refusal::validation(
                "Specify desiredProvisionedModelName, desiredModelId or both.",
            ));
        }
        Ok(Self { name, origin })
    }
}

/// The names of throughputs.
pub(super) const NAME: Form = Form {
    length: 1..=63,
    pattern: "([0-9a-zA-Z][_-]?)+",
    fits: |name| {
        // A letter or digit, then at most one mark, and so on.
        let is_mark = |b: u8| matches!(b, b'-' | b'_');
        let marks = name.as_bytes().windows(2).any(|pair| pair.iter().all(|b| is_mark(*b)));
        !marks
            && name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || is_mark(b))
    },
};
/// The largest number that the service's type holds.
const MOST_UNITS: u64 = i32::MAX as u64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_no_two_marks_in_a_row_and_begin_with_none() {
        for (name, valid) in [
            ("a", true),
            ("prod-1_b", true),
            ("end-", true),
            ("-a", false),
            ("a--b", false),
            ("a-_b", false),
            ("a b", false),
        ] {
            assert_eq!(NAME.check("n", name).is_ok(), valid, "{name}");
        }
    }
}
