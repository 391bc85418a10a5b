//! What an address names, by its form alone.

use super::{Arn, ModelRef, Parts};

/// What kind of thing an address names. Its form shows it; nobody is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AddressKind {
    /// A foundation model in its region: the model's own id, or the ARN of it.
    Model,
    /// An inference profile that AWS made, of a geography or of the whole world: its id, or its ARN.
    Profile,
    /// An inference profile that the account made, by its ARN, which hides the model.
    ApplicationProfile,
    /// A throughput that was bought, by its ARN, which hides the model.
    Provisioned,
    /// Something else: a model of the caller's own, a router, or a name that shows nothing.
    Other,
}

impl AddressKind {
    pub(super) fn of(model: &ModelRef) -> Self {
        let (arn, parts) = (Arn::read(&model.address), Parts::read(&model.address));
        let is_shown = parts.model.is_some();
        match arn.map(|arn| arn.kind) {
            Some("provisioned-model") => Self::Provisioned,
            Some("application-inference-profile") => Self::ApplicationProfile,
            Some("foundation-model") | None if is_shown && parts.geo.is_none() => Self::Model,
            Some("inference-profile") | None if parts.geo.is_some() => Self::Profile,
            _ => Self::Other,
        }
    }
}
