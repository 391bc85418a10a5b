//! The model behind a provisioned throughput.

use codec::ModelRef;

use crate::constraint;
use crate::control::arn;
use crate::error::{Kind, Refusal};
use crate::models::Model;

/// A model that throughput may be bought for: a foundation model, or a custom one made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    pub(super) arn: String,
    /// The id of the foundation model, which is what runs.
    pub(super) foundation: String,
    pub(super) is_custom: bool,
}

impl Origin {
    /// Reads the id or ARN of a foundation model, or the ARN of a custom model, which names its
    /// foundation. Every custom model is taken to exist.
    pub(super) fn read(key: &str, id: &str, region: &str) -> Result<Self, Refusal> {
        let resource = match id.strip_prefix("arn:") {
            Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or_default(),
            None => id,
        };
        let custom = resource.strip_prefix("custom-model/");
        let foundation = match custom {
            Some(custom) => without_context(custom.split('/').next().unwrap_or_default()),
            None => resource.strip_prefix("foundation-model/").unwrap_or(resource),
        };
        let reference = ModelRef::parse(foundation).ok();
        let is_base = |model: ModelRef| model.provider().is_some() && model.geo().is_none();
        if foundation.contains('/') || !reference.is_some_and(is_base) {
            let constraint = "Member must be the id or ARN of a foundation model or a custom model";
            return Err(constraint::invalid(key, id, constraint));
        }
        if Model::find(foundation).is_err() {
            return Err(Refusal::new(
                Kind::NotFound,
                format!("The specified model was not found: {id}"),
            ));
        }
        let arn = match custom {
            Some(_) => id.into(),
            None => arn::foundation_model(region, foundation),
        };
        Ok(Self { arn, foundation: foundation.into(), is_custom: custom.is_some() })
    }
}

/// An id without the size of a context behind its last colon, such as `300k`.
fn without_context(id: &str) -> &str {
    let is_size = |part: &str| part.strip_suffix('k').is_some_and(|n| n.parse::<u32>().is_ok());
    match id.rsplit_once(':') {
        Some((id, size)) if is_size(size) => id,
        _ => id,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOVA: &str = "amazon.nova-lite-v1:0";

    fn read(id: &str) -> Result<Origin, Kind> {
        Origin::read("modelId", id, "eu-west-3").map_err(|refusal| refusal.kind)
    }

    #[test]
    fn ids_and_arns_lead_to_the_foundation_model() {
        let arn = format!("arn:aws:bedrock:eu-west-3::foundation-model/{NOVA}");
        let base = Origin { arn: arn.clone(), foundation: NOVA.into(), is_custom: false };
        assert_eq!((read(NOVA), read(&arn)), (Ok(base.clone()), Ok(base)));
        let arn = format!("arn:aws:bedrock:eu-west-3:123456789012:custom-model/{NOVA}:300k/abc");
        let custom = read(&arn).unwrap();
        assert_eq!((custom.arn, custom.foundation), (arn, NOVA.into()));
        assert!(custom.is_custom);
        assert_eq!(read("amazon.titan-embed-text-v2:0").map(|origin| origin.is_custom), Ok(false));
    }

    #[test]
    fn profiles_and_what_is_no_model_are_refused() {
        let profile = format!("arn:aws:bedrock:eu-west-3:123456789012:inference-profile/eu.{NOVA}");
        for id in [&format!("us.{NOVA}"), &profile, "", "nova", "arn:", "arn:aws:bedrock"] {
            assert_eq!(read(id), Err(Kind::Validation), "{id}");
        }
        assert_eq!(read("amazon.super-v1:0"), Err(Kind::NotFound));
    }
}
