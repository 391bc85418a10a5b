//! API keys, which come as bearer tokens: the one that was set, and short-term ones, which are a
//! presigned URL in base64.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Request;
use hyper::header::AUTHORIZATION;
use hyper::http::request::Parts;
use jiff::Timestamp;

use super::claim::Claim;
use super::denied::Denied;
use super::{key, verify};
use crate::settings::Settings;

/// The bearer token of a request, if it brings one. Only Bedrock takes them.
pub(crate) fn token(request: &Parts) -> Option<&str> {
    request.headers.get(AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ").map(str::trim)
}

/// Checks a bearer token.
pub(super) fn check(settings: &Settings, token: &str, now: Timestamp) -> Result<(), Denied> {
    if key::same(token, settings.api_key.expose()) {
        return Ok(());
    }
    let request = presigned(token).ok_or(Denied::ApiKey)?;
    let claim = Claim::of_query(&request).map_err(|_| Denied::ApiKey)?;
    verify::check(settings, SERVICE, &claim, &request, b"", now).map_err(|denied| match denied {
        Denied::Expired { .. } | Denied::SessionExpired => Denied::ApiKeyExpired,
        _ => Denied::ApiKey,
    })
}

/// The request whose presigned URL a short-term key holds, without the version behind it.
fn presigned(token: &str) -> Option<Parts> {
    let url = STANDARD.decode(token.strip_prefix(PREFIX)?).ok()?;
    let url = String::from_utf8(url).ok()?;
    let url = url.strip_suffix(VERSION)?;
    url.strip_prefix(HOST)?.strip_prefix("/?")?.split('&').find(|pair| *pair == ACTION)?;
    let request = Request::post(format!("http://{url}")).body(()).ok()?;
    Some(request.into_parts().0)
}

const SERVICE: &str = "bedrock";
const PREFIX: &str = "bedrock-api-key-";
const HOST: &str = "bedrock.amazonaws.com";
const ACTION: &str = "Action=CallWithBearerToken";
const VERSION: &str = "&Version=1";
