//! Which quota the calls to an address draw from.

use std::collections::HashMap;

use codec::ModelRef;
use quota::Quotas;

use crate::applied::Scope;

/// The quota that calls to an address draw from, however the address is spelled.
///
/// Quotas of on-demand inference belong to an account, a region and a model, and are counted apart
/// for calls in the region, across the regions of a geography, and across all regions. So a model's
/// id and its ARN have one key, and so have a profile's id and its ARN, and the profiles of all
/// geographies, for which Service Quotas has one code. Any other address is a key of its own: a
/// provisioned throughput has its own quota, and what hides its model does not say whose it has.
///
/// A client calls one region for one account, so that those of an ARN say nothing more.
///
/// Sources, read on 2026-11-21: the page on quotas of the runtime in the Amazon Bedrock user guide,
/// and the list of quota codes that `applied::codes` names.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct QuotaKey(Scope, String);

impl QuotaKey {
    pub(super) fn of(model: &ModelRef) -> Self {
        let scope = Scope::of(model);
        let name = match (scope, model.provider(), model.model()) {
            (Scope::Provisioned | Scope::Own, _, _) | (_, None, _) | (_, _, None) => {
                model.address().to_owned()
            }
            (_, Some(provider), Some(model)) => format!("{provider}.{model}"),
        };
        Self(scope, name)
    }

    /// Whether it is of on-demand inference, as the account's own quotas are.
    pub(super) fn is_on_demand(&self) -> bool {
        self.0 != Scope::Provisioned
    }
}

/// The quotas as they were stated, by address.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    /// Of every quota that is not stated.
    pub(crate) default: Quotas,
    /// Of two for one quota, the later counts.
    pub(crate) by_address: Vec<(String, Quotas)>,
    /// The models whose quotas these addresses draw from.
    pub(crate) payers: HashMap<String, ModelRef>,
}

impl Stated {
    /// The same by what is drawn from.
    pub(super) fn by_key(&self) -> HashMap<QuotaKey, Quotas> {
        let of = |address: &String| match self.payers.get(address) {
            Some(payer) => QuotaKey::of(payer),
            None => ModelRef::parse(address).map_or_else(
                |_| QuotaKey(Scope::Own, address.clone()),
                |model| QuotaKey::of(&model),
            ),
        };
        self.by_address.iter().map(|(address, quotas)| (of(address), quotas.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> QuotaKey {
        QuotaKey::of(&ModelRef::parse(address).unwrap())
    }

    #[test]
    fn spellings_of_one_quota_have_one_key_and_every_quota_has_its_own() {
        let nova = "amazon.nova-lite-v1:0";
        let arn = |rest: &str| format!("arn:aws:bedrock:us-east-1:111122223333:{rest}");
        let quotas: [&[String]; 9] = [
            &[nova.into(), format!("arn:aws:bedrock:us-east-1::foundation-model/{nova}")],
            &[
                format!("us.{nova}"),
                arn(&format!("inference-profile/us.{nova}")),
                format!("apac.{nova}"),
            ],
            &[format!("global.{nova}"), arn(&format!("inference-profile/global.{nova}"))],
            &["amazon.nova-pro-v1:0".into()],
            &[arn("provisioned-model/abcdefghijkl")],
            &[arn("provisioned-model/bcdefghijklm")],
            &[arn("application-inference-profile/abc")],
            &[arn(&format!("custom-model/{nova}:300k/abc"))],
            &["my-throughput".into()],
        ];
        for (number, spellings) in quotas.iter().enumerate() {
            for other in *spellings {
                assert_eq!(key(&spellings[0]), key(other), "{other}");
                let strangers = quotas.iter().enumerate().filter(|(at, _)| *at != number);
                for (_, strange) in strangers {
                    assert_ne!(key(other), key(&strange[0]));
                }
            }
        }
    }
}
