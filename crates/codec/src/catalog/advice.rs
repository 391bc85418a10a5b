//! What a person should know before a call. Advice never refuses: the service decides.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::{Date, Facts, facts};
use crate::ModelRef;

/// Something to know before a model is called. It prints as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Advice {
    /// The bare id works in no region: the model is reached through an inference profile.
    #[non_exhaustive]
    NeedsProfile {
        /// The id as given.
        given: String,
        /// The profile for the region; `None` where none is known for it.
        profile: Option<String>,
    },
    /// The model is legacy since this day.
    #[non_exhaustive]
    Legacy {
        /// The day.
        since: Date,
    },
    /// Requests fail from this day on, which is near or past.
    #[non_exhaustive]
    EndOfLife {
        /// The day.
        on: Date,
        /// The day has come.
        past: bool,
    },
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedsProfile { given, profile: Some(profile) } => {
                write!(f, "{given} needs an inference profile: use {profile}")
            }
            Self::NeedsProfile { given, profile: None } => write!(
                f,
                "{given} needs an inference profile, and none is known for this region: \
                 ListInferenceProfiles names those that the account has"
            ),
            Self::Legacy { since } => {
                write!(f, "the model is legacy since {since}: plan to move to another")
            }
            Self::EndOfLife { on, past: false } => {
                write!(f, "the model reaches its end of life on {on}: move to another before then")
            }
            Self::EndOfLife { on, past: true } => {
                write!(f, "the model reached its end of life on {on}: move to another")
            }
        }
    }
}

/// What to know before this model is called from this region today.
///
/// The region of an ARN goes before `region`. An end of life is told from half a year before it.
///
/// # Examples
///
/// ```
/// use outcrop_codec::{ModelRef, catalog::{self, Date}};
///
/// let model = ModelRef::parse("anthropic.claude-sonnet-4-5-20250929-v1:0")?;
/// let today = Date::new(2026, 1, 1).ok_or("a day")?;
/// let advice = catalog::advice(&model, Some("us-west-2"), today);
/// assert!(advice[0].to_string().ends_with("use us.anthropic.claude-sonnet-4-5-20250929-v1:0"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn advice(model: &ModelRef, region: Option<&str>, today: Date) -> Vec<Advice> {
    let facts = facts(model);
    let mut advice = Vec::new();
    if needs_profile(model, facts) {
        let given = model.address().to_owned();
        advice.push(Advice::NeedsProfile { given, profile: profile_for(model, region) });
    }
    match (facts.end_of_life, facts.legacy) {
        (Some(on), _) if today.days_until(on) <= NEAR => {
            advice.push(Advice::EndOfLife { on, past: today >= on });
        }
        (_, Some(since)) if since <= today => advice.push(Advice::Legacy { since }),
        _ => {}
    }
    advice
}

/// The id of the inference profile for a model and a region, among those that are known: the
/// region's own geography before the global one. Without a region, the first that is known.
pub fn profile_for(model: &ModelRef, region: Option<&str>) -> Option<String> {
    let (provider, name) = (model.provider()?, model.model()?);
    let known = facts(model).geos;
    let geo = match model.region().or(region) {
        Some(region) => {
            let mut wanted = geos_of(region).iter().chain(&["global"]);
            wanted.find(|geo| known.contains(geo))?
        }
        None => known.first()?,
    };
    Some(format!("{geo}.{provider}.{name}"))
}

/// Whether the address is a bare id of a model that no region serves without a profile.
pub(crate) fn needs_profile(model: &ModelRef, facts: &Facts) -> bool {
    let address = model.address();
    let is_bare = !address.starts_with("arn:") || address.contains(":foundation-model/");
    is_bare && model.geo().is_none() && facts.on_demand == Some(false)
}

/// The geographies that a region belongs to, the narrowest first.
fn geos_of(region: &str) -> &'static [&'static str] {
    let row = GEOS.iter().find(|(prefix, _)| region.starts_with(prefix));
    row.map_or(&[], |(_, geos)| geos)
}

/// The prefix of a region, and its geographies. The first row that fits decides.
///
/// Source: the geographies of inference profiles in the Bedrock user guide, as of 2026-11-21.
const GEOS: &[(&str, &[&str])] = &[
    ("us-gov-", &["us-gov"]),
    ("us-", &["us"]),
    ("eu-", &["eu"]),
    ("ap-northeast-1", &["jp", "apac"]),
    ("ap-northeast-3", &["jp", "apac"]),
    ("ap-southeast-2", &["au", "apac"]),
    ("ap-southeast-4", &["au", "apac"]),
    ("ap-south-", &["in", "apac"]),
    ("ap-", &["apac"]),
    ("ca-", &["ca"]),
    ("sa-", &["sa"]),
];

/// From how many days before its end a model is warned of: a model is legacy for half a year.
const NEAR: i32 = 183;

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;

    use super::*;

    const SONNET: &str = "anthropic.claude-sonnet-4-5-20250929-v1:0";

    fn told(address: &str, region: Option<&str>, today: &str) -> Vec<Advice> {
        advice(&ModelRef::parse(address).unwrap(), region, Date::parse(today).unwrap())
    }

    #[test]
    fn the_profile_is_that_of_the_region() {
        for (region, profile) in [
            ("us-east-1", Some("us")),
            ("eu-central-1", Some("eu")),
            ("ap-northeast-1", Some("jp")),
            ("ap-southeast-2", Some("au")),
            ("sa-east-1", Some("global")),
        ] {
            let profile = profile.map(|geo| [geo, ".", SONNET].concat());
            let given = SONNET.to_owned();
            let expected = vec![Advice::NeedsProfile { given, profile }];
            assert_eq!(told(SONNET, Some(region), "2026-01-01"), expected, "{region}");
        }
    }

    #[test]
    fn no_profile_is_guessed() {
        let told = told("amazon.nova-premier-v1:0", Some("us-east-1"), "2026-01-01");
        assert!(matches!(told.as_slice(), [Advice::NeedsProfile { profile: None, .. }]));
        assert!(told[0].to_string().contains("ListInferenceProfiles"));
    }

    #[test]
    fn a_profile_an_arn_of_one_and_a_model_on_demand_need_no_advice() {
        let arn = "arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.";
        for address in [
            ["us.", SONNET].concat(),
            ["somewhere.", SONNET].concat(),
            [arn, SONNET].concat(),
            "amazon.nova-lite-v1:0".to_owned(),
            "nobody.knows-this".to_owned(),
        ] {
            assert_eq!(told(&address, Some("us-east-1"), "2026-01-01"), [], "{address}");
        }
    }

    #[test]
    fn the_region_of_an_arn_goes_before_the_callers() {
        let arn = ["arn:aws:bedrock:eu-west-1::foundation-model/", SONNET].concat();
        let told = told(&arn, Some("us-east-1"), "2026-01-01");
        assert!(told[0].to_string().ends_with(&["use eu.", SONNET].concat()), "{told:?}");
    }

    #[test]
    fn an_end_is_told_when_it_is_near_and_when_it_is_past() {
        let model = "ai21.jamba-1-5-large-v1:0";
        let on = Date::new(2026, 11, 26).unwrap();
        assert_eq!(told(model, None, "2026-05-01"), []);
        assert_eq!(told(model, None, "2026-06-01"), [Advice::EndOfLife { on, past: false }]);
        assert_eq!(told(model, None, "2026-11-26"), [Advice::EndOfLife { on, past: true }]);
        assert!(told(model, None, "2026-06-01")[0].to_string().contains("2026-11-26"));
    }
}
