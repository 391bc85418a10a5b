//! Checks a claim, part by part.

use hyper::http::request::Parts;
use jiff::{SignedDuration, Timestamp};

use super::canonical::{self, PathForm};
use super::claim::{ALGORITHM, Claim, SKEW, Scope};
use super::denied::Denied;
use super::{key, stamp};
use crate::settings::Settings;

/// Checks that the holder of the secret key signed this request and this body for `service`.
pub(super) fn check(
    settings: &Settings,
    service: &'static str,
    claim: &Claim,
    request: &Parts,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Denied> {
    scope(claim, service)?;
    if claim.access_key != settings.access_key {
        return Err(Denied::UnknownKey);
    }
    if claim.session_token.as_deref() == Some(EXPIRED_SESSION) {
        return Err(Denied::SessionExpired);
    }
    time(claim, now)?;
    if !claim.signed_headers.iter().any(|name| name == "host" || name == canonical::AUTHORITY) {
        return Err(Denied::HostUnsigned);
    }
    // The hash is always that of the body: a header that gives another, or says that the payload
    // is unsigned, makes the signature wrong, as with the service.
    let hash = key::hex_sha256(body);
    let canonical = canonical::request(request, PathForm::Twice, &claim.signed_headers, &hash);
    let to_sign = to_sign(&claim.stamp.text, &claim.scope, &canonical);
    let expected = key::signature(settings.secret_key.expose(), &claim.scope, &to_sign);
    if expected.is_ok_and(|expected| key::same(&expected, &claim.signature)) {
        return Ok(());
    }
    let canonical = without_token(canonical, claim.session_token.as_deref());
    Err(Denied::Mismatch { canonical, to_sign })
}

/// The text that a signature is made of.
pub(super) fn to_sign(stamp: &str, scope: &Scope, canonical: &str) -> String {
    let hash = key::hex_sha256(canonical.as_bytes());
    format!("{ALGORITHM}\n{stamp}\n{}\n{hash}", scope.text())
}

fn scope(claim: &Claim, service: &'static str) -> Result<(), Denied> {
    let (scope, stamp) = (&claim.scope, &claim.stamp);
    if scope.end != END {
        return Err(Denied::Terminator);
    }
    if scope.service != service {
        return Err(Denied::Service { expected: service });
    }
    if !is_region(&scope.region) {
        return Err(Denied::Region);
    }
    if scope.date != stamp.day() {
        let (scope, header) = (scope.date.clone(), stamp.day().into());
        return Err(Denied::ScopeDate { scope, header, stamp: stamp.text.clone() });
    }
    Ok(())
}

/// Whether a name is formed like that of a region, such as `us-gov-west-1`. One emulator stands
/// for all regions.
fn is_region(name: &str) -> bool {
    let mut parts = name.rsplit('-');
    let number = parts.next().is_some_and(|part| part.parse::<u8>().is_ok());
    let words = parts.map(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase()));
    let words: Vec<bool> = words.collect();
    number && words.len() >= 2 && words.into_iter().all(|is_word| is_word)
}

fn time(claim: &Claim, now: Timestamp) -> Result<(), Denied> {
    let stamp = &claim.stamp;
    let age = stamp.until(now);
    let at = |offset: SignedDuration| {
        now.saturating_add(offset).map_or_else(|_| String::new(), stamp::write)
    };
    let texts = |offset, span: SignedDuration| {
        (stamp.text.clone(), at(offset), stamp::write(now), span.as_mins())
    };
    if age > claim.lifetime {
        let (stamp, earliest, now, minutes) = texts(-claim.lifetime, claim.lifetime);
        return Err(Denied::Expired { stamp, earliest, now, minutes });
    }
    if -age > SKEW {
        let (stamp, latest, now, minutes) = texts(SKEW, SKEW);
        return Err(Denied::NotYetCurrent { stamp, latest, now, minutes });
    }
    Ok(())
}

/// The canonical request with the session token left out, which is a secret.
fn without_token(canonical: String, token: Option<&str>) -> String {
    match token {
        Some(token) if !token.is_empty() => {
            let in_query = canonical::encode(token);
            canonical.replace(token, LEFT_OUT).replace(&in_query, LEFT_OUT)
        }
        _ => canonical,
    }
}

const LEFT_OUT: &str = "(left out)";
/// The session token that stands for one whose time is over.
const EXPIRED_SESSION: &str = "expired";
/// How every scope ends.
pub(super) const END: &str = "aws4_request";
