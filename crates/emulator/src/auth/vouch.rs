//! Signs a request to S3 in place of its sender, where nothing is to be checked: the library
//! behind S3 unpacks uploads in chunks only for requests that are signed.

use hyper::Uri;
use hyper::header::{AUTHORIZATION, HeaderValue};
use hyper::http::request::Parts;
use jiff::Timestamp;

use super::canonical::{self, PathForm};
use super::claim::{ALGORITHM, AMZ_DATE, Scope};
use super::stamp::Stamp;
use super::{key, verify};
use crate::settings::Settings;

/// Puts a signature of our own in place of whatever proof the request brings.
///
/// An upload whose chunks are signed stays as it is, since its chunks can be checked only under
/// the key that signed them.
pub(crate) fn vouch(settings: &Settings, request: &mut Parts, now: Timestamp) {
    let payload = request.headers.get(CONTENT_SHA256).map(HeaderValue::as_bytes);
    let payload = match payload {
        Some(payload) if payload.starts_with(SIGNED_CHUNKS) => return,
        Some(payload) if payload == UNSIGNED_CHUNKS.as_bytes() => UNSIGNED_CHUNKS,
        _ => UNSIGNED,
    };
    if let Some(uri) = without_proof(&request.uri) {
        request.uri = uri;
    }
    let stamp = Stamp::of(now);
    let scope = Scope {
        date: stamp.day().into(),
        region: "us-east-1".into(),
        service: "s3".into(),
        end: verify::END.into(),
    };
    let headers = &mut request.headers;
    headers.insert(CONTENT_SHA256, HeaderValue::from_static(payload));
    headers.remove(AUTHORIZATION);
    if let Ok(date) = HeaderValue::from_str(&stamp.text) {
        headers.insert(AMZ_DATE, date);
    }
    let signed = ["host", CONTENT_SHA256, AMZ_DATE].map(String::from);
    let canonical = canonical::request(request, PathForm::Once, &signed, payload);
    let to_sign = verify::to_sign(&stamp.text, &scope, &canonical);
    let Ok(signature) = key::signature(settings.secret_key.expose(), &scope, &to_sign) else {
        return;
    };
    let (key, scope, signed) = (&settings.access_key, scope.text(), signed.join(";"));
    let authorization = format!(
        "{ALGORITHM} Credential={key}/{scope}, SignedHeaders={signed}, Signature={signature}"
    );
    if let Ok(authorization) = HeaderValue::from_str(&authorization) {
        request.headers.insert(AUTHORIZATION, authorization);
    }
}

/// The address without the proof of a presigned URL, of either version; `None` if it has none.
fn without_proof(uri: &Uri) -> Option<Uri> {
    let query = uri.query()?;
    let is_proof = |pair: &&str| PROOF.contains(&pair.split('=').next().unwrap_or_default());
    if !query.split('&').any(|pair| is_proof(&pair)) {
        return None;
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !is_proof(pair)).collect();
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(format!("{}?{}", uri.path(), kept.join("&")).parse().ok()?);
    Uri::from_parts(parts).ok()
}

const CONTENT_SHA256: &str = "x-amz-content-sha256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const UNSIGNED_CHUNKS: &str = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
const SIGNED_CHUNKS: &[u8] = b"STREAMING-AWS4-";
/// The members of a query that prove who made it, of version 4 and of version 2.
const PROOF: [&str; 10] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "AWSAccessKeyId",
    "Expires",
    "Signature",
];
