//! Inference profiles: for each model one of each geography that the catalogue knows.

use codec::ModelRef;
use codec::catalog::{self, Model};
use serde_json::{Value, json};

use super::provider;
use crate::control::query::Query;
use crate::control::{arn, list, page};
use crate::error::{Kind, Refusal};
use crate::wire::set;

/// A geography: which regions call it, and which serve it.
struct Geo {
    prefix: &'static str,
    name: &'static str,
    /// What the regions begin with whose callers have its profiles.
    callers: &'static [&'static str],
    regions: &'static [&'static str],
}

/// What ListInferenceProfiles answers: the profiles that a caller in this region has.
pub(super) fn list(region: &str, query: &Query) -> Result<Value, Refusal> {
    let wanted = query.one_of("type", &["SYSTEM_DEFINED", "APPLICATION"])?;
    let (limit, start) = (list::limit(query)?, list::start(query)?);
    let all = catalog::MODELS.iter().flat_map(|model| {
        let geos = model.facts.geos.iter().filter_map(|prefix| geo(prefix));
        geos.filter(|geo| geo.is_for(region)).map(move |geo| (model, geo))
    });
    // There are none that an application has made.
    let all = (0..).zip(all).filter(|_| wanted != Some("APPLICATION"));
    let due = all.filter(|(number, _)| start.is_none_or(|start| *number > start));
    let page = page::cut(due.collect(), limit, |(number, _)| *number);
    let describe = |(_, (model, geo)): &(u64, (&Model, &Geo))| geo.describe(region, model);
    let summaries: Vec<Value> = page.items.iter().map(describe).collect();
    let mut value = json!({ "inferenceProfileSummaries": summaries });
    if let Some(next) = page.next {
        set(&mut value, "nextToken", next);
    }
    Ok(value)
}

/// What GetInferenceProfile answers, for a profile of any geography: calls to it work, too.
pub(super) fn get(region: &str, id: &str) -> Result<Value, Refusal> {
    let name = id.split_once(":inference-profile/").map_or(id, |(_, name)| name);
    let is_form = |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c);
    if name.is_empty() || name.starts_with("arn:") || !name.chars().all(is_form) {
        return Err(Refusal::validation("The provided inference profile identifier is invalid."));
    }
    let found = ModelRef::parse(name).ok().and_then(|reference| {
        let model = catalog::find(&reference)?;
        let prefix = model.facts.geos.iter().find(|known| Some(**known) == reference.geo())?;
        Some(geo(prefix)?.describe(region, model))
    });
    found.ok_or_else(|| {
        Refusal::new(Kind::NotFound, format!("The inference profile {id} could not be found."))
    })
}

/// The prefix of the model's own geography that callers in this region have, if there is one.
pub(crate) fn geo_of(model: &Model, region: &str) -> Option<&'static str> {
    let own = |prefix: &&&'static str| {
        **prefix != "global" && geo(prefix).is_some_and(|geo| geo.is_for(region))
    };
    model.facts.geos.iter().find(own).copied()
}

fn geo(prefix: &str) -> Option<&'static Geo> {
    GEOS.iter().find(|geo| geo.prefix == prefix)
}

impl Geo {
    fn is_for(&self, region: &str) -> bool {
        self.callers.iter().any(|caller| region.starts_with(caller))
    }

    fn describe(&self, region: &str, model: &Model) -> Value {
        let id = format!("{}.{}", self.prefix, model.id);
        let arn_in = |region: &str| json!({ "modelArn": arn::foundation_model(region, model.id) });
        let (models, places) = match self.regions {
            // The global profile names the caller's region, and then all.
            [] => (vec![arn_in(region), arn_in("")], "all supported regions".into()),
            [regions @ .., last] => (
                self.regions.iter().map(|region| arn_in(region)).collect(),
                format!("{} and {last}", regions.join(", ")),
            ),
        };
        json!({
            "inferenceProfileName":
                format!("{} {}", self.name, provider::full_name(model)),
            "description": format!("Routes requests to {} in {places}.", model.name),
            "inferenceProfileArn": arn::own(region, &format!("inference-profile/{id}")),
            "models": models,
            "inferenceProfileId": id,
            "status": "ACTIVE",
            "type": "SYSTEM_DEFINED",
        })
    }
}

/// The geographies. Source: the regions of inference profiles in the Bedrock user guide, as of
/// 2026-11-21. Which of them serve a profile differs by model, and is not known for each.
const GEOS: &[Geo] = &[
    Geo {
        prefix: "us",
        name: "US",
        callers: &["us-east-", "us-west-"],
        regions: &["us-east-1", "us-east-2", "us-west-2"],
    },
    Geo {
        prefix: "us-gov",
        name: "US-GOV",
        callers: &["us-gov-"],
        regions: &["us-gov-east-1", "us-gov-west-1"],
    },
    Geo {
        prefix: "eu",
        name: "EU",
        callers: &["eu-"],
        regions: &["eu-central-1", "eu-north-1", "eu-west-1", "eu-west-3"],
    },
    Geo {
        prefix: "apac",
        name: "APAC",
        callers: &["ap-"],
        regions: &[
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-south-1",
            "ap-southeast-1",
            "ap-southeast-2",
        ],
    },
    Geo {
        prefix: "jp",
        name: "JP",
        callers: &["ap-northeast-1", "ap-northeast-3"],
        regions: &["ap-northeast-1", "ap-northeast-3"],
    },
    Geo {
        prefix: "au",
        name: "AU",
        callers: &["ap-southeast-2", "ap-southeast-4"],
        regions: &["ap-southeast-2", "ap-southeast-4"],
    },
    Geo {
        prefix: "in",
        name: "IN",
        callers: &["ap-south-"],
        regions: &["ap-south-1", "ap-south-2"],
    },
    Geo { prefix: "ca", name: "CA", callers: &["ca-"], regions: &["ca-central-1", "ca-west-1"] },
    Geo { prefix: "global", name: "Global", callers: &[""], regions: &[] },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_geography_of_the_catalogue_is_known() {
        for model in catalog::MODELS {
            for prefix in model.facts.geos {
                assert!(geo(prefix).is_some(), "{prefix}");
            }
        }
    }

    #[test]
    fn callers_have_the_profiles_of_their_region() {
        let has = |prefix: &str, region: &str| geo(prefix).unwrap().is_for(region);
        assert!(
            has("us", "us-west-2") && has("us-gov", "us-gov-west-1") && has("jp", "ap-northeast-1")
        );
        assert!(
            !has("us", "us-gov-west-1") && !has("jp", "ap-northeast-2") && !has("eu", "us-east-1")
        );
        assert!(has("global", "sa-east-1"));
    }
}
