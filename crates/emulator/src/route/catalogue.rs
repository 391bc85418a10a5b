//! Foundation models and inference profiles: their paths and names.

use hyper::Method;

use super::path::decode;

/// An operation that looks up what there is. A model or profile is named by its id or its ARN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CatalogueCall {
    ListModels,
    GetModel(String),
    GetAvailability(String),
    ListProfiles,
    GetProfile(String),
}

impl CatalogueCall {
    /// The operation at a path, if there is one.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        if method != Method::GET {
            return None;
        }
        match path {
            "/foundation-models" => return Some(Self::ListModels),
            "/inference-profiles" => return Some(Self::ListProfiles),
            _ => {}
        }
        let below = |folder| path.strip_prefix(folder).and_then(decode).filter(|id| !id.is_empty());
        below("/foundation-models/")
            .map(Self::GetModel)
            .or_else(|| below("/foundation-model-availability/").map(Self::GetAvailability))
            .or_else(|| below("/inference-profiles/").map(Self::GetProfile))
    }

    /// What AWS calls it.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::ListModels => "ListFoundationModels",
            Self::GetModel(_) => "GetFoundationModel",
            Self::GetAvailability(_) => "GetFoundationModelAvailability",
            Self::ListProfiles => "ListInferenceProfiles",
            Self::GetProfile(_) => "GetInferenceProfile",
        }
    }
}
