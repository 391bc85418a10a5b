//! What there is to call: foundation models and inference profiles, from the codec's catalogue.

mod models;
mod profiles;
pub(crate) mod provider;

use hyper::http::request::Parts;

use crate::body::{self, Response};
use crate::control::query::Query;
use crate::credential;
use crate::error::Refusal;
use crate::route::CatalogueCall;
use crate::state::State;

pub(crate) use self::profiles::geo_of;

/// Answers an operation.
pub(crate) fn answer(
    state: &State,
    call: CatalogueCall,
    request: &Parts,
) -> Result<Response, Refusal> {
    let region = credential::region(request);
    let query = Query::read(request.uri.query().unwrap_or_default());
    let settings = &state.settings;
    let value = match call {
        CatalogueCall::ListModels => models::list(region, &query, settings),
        CatalogueCall::GetModel(id) => models::get(region, &id, settings),
        CatalogueCall::GetAvailability(id) => models::availability(&id, settings),
        CatalogueCall::ListProfiles => profiles::list(region, &query),
        CatalogueCall::GetProfile(id) => profiles::get(region, &id),
    };
    value.map(|value| body::json(&value))
}
