//! What a signed request says of itself, in its header or in the query of a presigned URL.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, DATE};
use hyper::http::request::Parts;
use jiff::SignedDuration;
use percent_encoding::percent_decode_str;

use super::denied::Denied;
use super::key;
use super::stamp::Stamp;

/// The claim that the holder of an access key signed a request.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) access_key: String,
    pub(super) scope: Scope,
    pub(super) stamp: Stamp,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    pub(super) session_token: Option<String>,
    /// How long after its time the request may come.
    pub(super) lifetime: SignedDuration,
}

/// What the signing key is made for: `DATE/REGION/SERVICE/aws4_request`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scope {
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) end: String,
}

impl Claim {
    /// Reads the claim from the `Authorization` header, or else from the query.
    pub(super) fn of(request: &Parts) -> Result<Self, Denied> {
        match request.headers.get(AUTHORIZATION) {
            Some(value) => Self::of_header(request, &String::from_utf8_lossy(value.as_bytes())),
            None => Self::of_query(request),
        }
    }

    fn of_header(request: &Parts, header: &str) -> Result<Self, Denied> {
        let header_hash = || STANDARD.encode(key::sha256(header.as_bytes()));
        let (algorithm, rest) = header.trim().split_once(' ').unwrap_or((header, ""));
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for pair in rest.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair
                .split_once('=')
                .ok_or_else(|| Denied::NotPairs { header_hash: header_hash() })?;
            match name {
                "Credential" => credential = Some(value),
                "SignedHeaders" => signed_headers = Some(value),
                "Signature" => signature = Some(value),
                _ => {}
            }
        }
        let text = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let date = text(AMZ_DATE).or_else(|| text(DATE.as_str()));
        let (Some(credential), Some(signature), Some(signed_headers), Some(date)) =
            (credential, signature, signed_headers, date)
        else {
            let present = [credential, signature, signed_headers, date];
            let lacks = NEEDS.iter().zip(present).filter(|(_, value)| value.is_none());
            let lacks: Vec<String> =
                lacks.map(|(need, _)| format!("Authorization header requires {need}.")).collect();
            return Err(Denied::Lacks { lacks: lacks.join(" "), header_hash: header_hash() });
        };
        let session_token = text(SECURITY_TOKEN).map(Into::into);
        Self::new(algorithm, credential, date, signed_headers, signature, session_token, SKEW)
    }

    pub(super) fn of_query(request: &Parts) -> Result<Self, Denied> {
        let query = request.uri.query().unwrap_or_default();
        let member = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let (_, value) = pairs.find(|(candidate, _)| *candidate == name)?;
            Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
        };
        let need = |name: &str| member(name).ok_or(Denied::NoToken);
        let algorithm = need("X-Amz-Algorithm")?;
        let (credential, signature) = (need("X-Amz-Credential")?, need("X-Amz-Signature")?);
        let (date, signed) = (need("X-Amz-Date")?, need("X-Amz-SignedHeaders")?);
        let lifetime = need("X-Amz-Expires")?.parse().ok().filter(|secs| EXPIRES.contains(secs));
        let lifetime = SignedDuration::from_secs(lifetime.ok_or(Denied::Expires)?);
        let token = member("X-Amz-Security-Token");
        Self::new(&algorithm, &credential, &date, &signed, &signature, token, lifetime)
    }

    fn new(
        algorithm: &str,
        credential: &str,
        date: &str,
        signed_headers: &str,
        signature: &str,
        session_token: Option<String>,
        lifetime: SignedDuration,
    ) -> Result<Self, Denied> {
        if algorithm != ALGORITHM {
            return Err(Denied::Algorithm { algorithm: algorithm.into() });
        }
        // The access key may hold slashes of its own, so the parts are counted from the end.
        let mut parts = credential.rsplitn(5, '/').map(String::from);
        let mut part = || parts.next().ok_or(Denied::Credential);
        let (end, service, region, date_of_scope) = (part()?, part()?, part()?, part()?);
        Ok(Self {
            access_key: part()?,
            scope: Scope { date: date_of_scope, region, service, end },
            stamp: Stamp::parse(date).ok_or_else(|| Denied::Date { date: date.into() })?,
            signed_headers: signed_headers.split(';').map(Into::into).collect(),
            signature: signature.into(),
            session_token,
            lifetime,
        })
    }
}

impl Scope {
    pub(super) fn text(&self) -> String {
        let Self { date, region, service, end } = self;
        format!("{date}/{region}/{service}/{end}")
    }
}

pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
pub(super) const AMZ_DATE: &str = "x-amz-date";
pub(super) const SECURITY_TOKEN: &str = "x-amz-security-token";
/// How far the clocks of client and server may be apart.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How many seconds a presigned URL may last: a week at most.
const EXPIRES: std::ops::RangeInclusive<i64> = 1..=604_800;
/// What the header has to bring, in the order in which the service names it.
const NEEDS: [&str; 4] = [
    "'Credential' parameter",
    "'Signature' parameter",
    "'SignedHeaders' parameter",
    "existence of either a 'X-Amz-Date' or a 'Date' header",
];
