//! Signs a request that the emulator itself sends.

use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use jiff::Timestamp;

use super::canonical::{self, PathForm};
use super::claim::{ALGORITHM, AMZ_DATE, SECURITY_TOKEN, Scope};
use super::stamp::Stamp;
use super::{key, verify};
use crate::outgoing::Secret;

/// A key pair with what may go with it.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) access: String,
    pub(crate) secret: Secret,
    pub(crate) session: Option<Secret>,
}

/// Signs a request to Bedrock in `region`, over its body, its host and every header that the
/// service wants signed.
pub(crate) fn sign(request: &mut Parts, keys: &Keys, region: &str, body: &[u8], now: Timestamp) {
    let stamp = Stamp::of(now);
    let scope = Scope {
        date: stamp.day().into(),
        region: region.into(),
        service: "bedrock".into(),
        end: verify::END.into(),
    };
    let session = keys.session.as_ref().map(|Secret(token)| (SECURITY_TOKEN, token.as_str()));
    for (name, value) in std::iter::once((AMZ_DATE, stamp.text.as_str())).chain(session) {
        if let Ok(value) = HeaderValue::from_str(value) {
            request.headers.insert(HeaderName::from_static(name), value);
        }
    }
    let is_signed = |name: &HeaderName| {
        [HOST, CONTENT_TYPE].contains(name) || name.as_str().starts_with("x-amz-")
    };
    let names = request.headers.keys().filter(|name| is_signed(name));
    let mut signed: Vec<String> = names.map(|name| name.as_str().to_owned()).collect();
    signed.sort_unstable();
    let hash = key::hex_sha256(body);
    let canonical = canonical::request(request, PathForm::Twice, &signed, &hash);
    let to_sign = verify::to_sign(&stamp.text, &scope, &canonical);
    let Ok(signature) = key::signature(&keys.secret.0, &scope, &to_sign) else { return };
    let (key, scope, signed) = (&keys.access, scope.text(), signed.join(";"));
    let authorization = format!(
        "{ALGORITHM} Credential={key}/{scope}, SignedHeaders={signed}, Signature={signature}"
    );
    if let Ok(authorization) = HeaderValue::from_str(&authorization) {
        request.headers.insert(AUTHORIZATION, authorization);
    }
}
