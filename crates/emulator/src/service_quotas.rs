//! Service Quotas for Bedrock: the limits that this emulator holds calls and jobs to.

mod codes;
mod quota;
mod table;

use hyper::http::request::Parts;
use serde_json::{Value, json};

use self::quota::Quota;
use crate::body::{self, Response};
use crate::control::{members, page};
use crate::credential;
use crate::error::{Kind, Refusal};
use crate::route::QuotaCall;
use crate::state::State;
use crate::wire::set;

/// Answers an operation.
pub(crate) fn answer(
    state: &State,
    call: QuotaCall,
    request: &Parts,
    body: &[u8],
) -> Result<Response, Refusal> {
    let region = credential::region(request);
    let body = &members::read(body).map_err(illegal)?;
    let value = match call {
        QuotaCall::ListServices => {
            json!({ "Services": [{ "ServiceCode": SERVICE, "ServiceName": quota::SERVICE_NAME }] })
        }
        QuotaCall::List { defaults } => list(state, region, body, defaults)?,
        QuotaCall::Get { defaults } => get(state, region, body, defaults)?,
        QuotaCall::Unknown => {
            return Err(Refusal::new(Kind::UnknownOperation, "The operation is not known."));
        }
    };
    Ok(body::json_rpc(&value))
}

fn list(state: &State, region: &str, body: &Value, defaults: bool) -> Result<Value, Refusal> {
    check_service(body)?;
    let limit = members::whole(body, "MaxResults", 1..=100).map_err(illegal)?.unwrap_or(100);
    let start = match body["NextToken"].as_str() {
        None => None,
        Some(token) => Some(page::place(token).ok_or_else(|| {
            Refusal::new(Kind::InvalidPaginationToken, "The pagination token is not valid.")
        })?),
    };
    let levels = ["ACCOUNT", "RESOURCE", "ALL"];
    let level = members::one_of(body, "QuotaAppliedAtLevel", &levels).map_err(illegal)?;
    let code = body["QuotaCode"].as_str();
    let quotas = table::quotas(&state.settings.quotas, region).into_iter().filter(|quota| {
        // All quotas of Bedrock are those of the account.
        level != Some("RESOURCE") && code.is_none_or(|code| quota.code == code)
    });
    let due = (0..).zip(quotas).filter(|(number, _)| start.is_none_or(|start| *number > start));
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let page = page::cut(due.collect::<Vec<(u64, Quota)>>(), limit, |(number, _)| *number);
    let items = page.items.iter().map(|(_, quota)| quota.to_json(region, defaults));
    let mut value = json!({ "Quotas": items.collect::<Vec<_>>() });
    if let Some(next) = page.next {
        set(&mut value, "NextToken", next);
    }
    Ok(value)
}

fn get(state: &State, region: &str, body: &Value, defaults: bool) -> Result<Value, Refusal> {
    check_service(body)?;
    let code = members::text(body, "QuotaCode").map_err(illegal)?;
    let mut quotas = table::quotas(&state.settings.quotas, region).into_iter();
    let quota = quotas.find(|quota| quota.code == code).ok_or_else(no_such)?;
    Ok(json!({ "Quota": quota.to_json(region, defaults) }))
}

fn check_service(body: &Value) -> Result<(), Refusal> {
    let service = members::text(body, "ServiceCode").map_err(illegal)?;
    if service == SERVICE { Ok(()) } else { Err(no_such()) }
}

fn no_such() -> Refusal {
    Refusal::new(
        Kind::NoSuchResource,
        "The request failed because the specified service or quota does not exist.",
    )
}

/// This service's exception for a member of a wrong form.
fn illegal(refusal: Refusal) -> Refusal {
    Refusal { kind: Kind::IllegalArgument, ..refusal }
}

const SERVICE: &str = "bedrock";
