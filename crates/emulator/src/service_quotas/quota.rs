//! One quota, and how the service describes it.

use serde_json::{Value, json};

use super::codes;
use crate::control::arn::ACCOUNT;
use crate::wire::set;

/// A quota of the account in a region.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Quota {
    pub(super) code: String,
    pub(super) name: String,
    /// What this emulator holds to; the default where it has no limit.
    pub(super) value: f64,
    pub(super) default: f64,
    /// What there is to know beyond the name.
    pub(super) description: Option<&'static str>,
}

impl Quota {
    /// A quota of this name, of which `code` is known or `None`.
    pub(super) fn new(name: String, code: Option<&str>, value: Option<f64>, default: f64) -> Self {
        let code = code.map_or_else(|| codes::made_up(&name), Into::into);
        Self { code, name, value: value.unwrap_or(default), default, description: None }
    }

    /// What the service answers, with the value that holds or the default one.
    pub(super) fn to_json(&self, region: &str, defaults: bool) -> Value {
        let mut value = json!({
            "ServiceCode": super::SERVICE,
            "ServiceName": SERVICE_NAME,
            "QuotaArn": format!("arn:aws:servicequotas:{region}:{ACCOUNT}:bedrock/{}", self.code),
            "QuotaCode": self.code,
            "QuotaName": self.name,
            "Value": if defaults { self.default } else { self.value },
            "Unit": "None",
            "Adjustable": true,
            "GlobalQuota": false,
        });
        if !defaults {
            set(&mut value, "QuotaAppliedAtLevel", "ACCOUNT");
        }
        if let Some(description) = self.description {
            set(&mut value, "Description", description);
        }
        value
    }
}

pub(super) const SERVICE_NAME: &str = "Amazon Bedrock";
