//! Which of a model's quotas a call draws on.

use codec::ModelRef;

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
    /// An ARN that hides its model, such as that of an application inference profile.
    Own,
    /// A provisioned throughput.
    Provisioned,
}

impl Scope {
    pub(crate) fn of(address: &str) -> Self {
        let Ok(reference) = ModelRef::parse(address) else { return Self::Own };
        match reference.geo() {
            Some("global") => Self::Global,
            Some(_) => Self::CrossRegion,
            None if reference.provider().is_none() => Self::Own,
            None => Self::OnDemand,
        }
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
    fn the_address_tells_the_scope() {
        for (address, scope) in [
            ("amazon.nova-lite-v1:0", Scope::OnDemand),
            ("us.amazon.nova-lite-v1:0", Scope::CrossRegion),
            ("apac.amazon.nova-lite-v1:0", Scope::CrossRegion),
            ("global.anthropic.claude-sonnet-4-6", Scope::Global),
            ("arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", Scope::Own),
        ] {
            assert_eq!(Scope::of(address), scope, "{address}");
        }
    }
}
