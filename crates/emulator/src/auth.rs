//! Who sent a request: signatures of version 4 and API keys, checked before anything is answered.
//!
//! The arithmetic is HMAC and SHA-256, from crates that S3 brings along already; what is signed is
//! written out here in `canonical`. A library that signs for clients would do, but it is the one
//! whose signatures are to be checked, and a crate of AWS would come into every build of the
//! emulator. The tests hold the two against each other.

mod bearer;
mod canonical;
mod claim;
mod denied;
mod key;
mod shown;
mod sign;
mod stamp;
mod verify;
mod vouch;

use hyper::http::request::Parts;
use jiff::Timestamp;

pub(crate) use self::bearer::token as bearer_token;
use self::claim::Claim;
pub(crate) use self::denied::Denied;
pub(crate) use self::shown::shown;
pub(crate) use self::sign::{Keys, sign};
pub(crate) use self::vouch::vouch;
use crate::settings::{Auth, Settings};

/// Checks that the holder of the keys sent the request to `service`, such as `bedrock`, at about
/// `now`, and that its body came as it was signed.
pub(crate) fn check(
    settings: &Settings,
    service: &'static str,
    request: &Parts,
    body: &[u8],
    now: Timestamp,
) -> Result<(), Denied> {
    if settings.auth == Auth::Any {
        return Ok(());
    }
    match bearer_token(request) {
        Some(token) => bearer::check(settings, token, now),
        None => verify::check(settings, service, &Claim::of(request)?, request, body, now),
    }
}

#[cfg(test)]
mod tests;
