//! Which of a model's quotas a call draws on.

use codec::ModelRef;

use crate::models;

/// The scope of a quota: in-Region, geographic and global calls of one model are counted apart,
/// and so is each throughput that was bought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Scope {
    /// The bare model id, served in its region.
    OnDemand,
    /// An inference profile of a geography; all geographies share one quota.
    CrossRegion,
    /// A `global.` inference profile.
    Global,
    /// An ARN that hides its model, such as that of an application inference profile, or one of a
    /// model of the caller's own.
    Own,
    /// A provisioned throughput.
    Provisioned,
}

impl Scope {
    /// The account of calls to `address`: of the model behind it, and for what hides its model or
    /// is the caller's own, of the address itself.
    pub(crate) fn account(address: &str) -> (Self, String) {
        let own = || (Self::Own, address.to_owned());
        let Ok(reference) = ModelRef::parse(address) else { return own() };
        let (Some(provider), Some(model)) = (reference.provider(), reference.model()) else {
            return own();
        };
        if models::is_own(address) {
            return own();
        }
        let scope = match reference.geo() {
            Some("global") => Self::Global,
            Some(_) => Self::CrossRegion,
            None => Self::OnDemand,
        };
        (scope, format!("{provider}.{model}"))
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::OnDemand => "on-demand",
            Self::CrossRegion => "cross-region",
            Self::Global => "global",
            Self::Own => "own",
            Self::Provisioned => "provisioned",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_tells_the_account() {
        let nova = "amazon.nova-lite-v1:0";
        let profile = "arn:aws:bedrock:us-east-1:123456789012:inference-profile";
        for (address, scope) in [
            (nova.into(), Scope::OnDemand),
            (format!("arn:aws:bedrock:us-east-1::foundation-model/{nova}"), Scope::OnDemand),
            (format!("us.{nova}"), Scope::CrossRegion),
            (format!("apac.{nova}"), Scope::CrossRegion),
            (format!("{profile}/us.{nova}"), Scope::CrossRegion),
            (format!("global.{nova}"), Scope::Global),
            (format!("{profile}/global.{nova}"), Scope::Global),
        ] {
            assert_eq!(Scope::account(&address), (scope, nova.into()), "{address}");
        }
        for kind in ["provisioned-model/abc", "custom-model/amazon.nova-lite-v1:0:300k/abc"] {
            let arn = format!("arn:aws:bedrock:us-east-1:123456789012:{kind}");
            assert_eq!(Scope::account(&arn), (Scope::Own, arn));
        }
    }
}
