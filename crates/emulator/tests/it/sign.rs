//! Signs requests with the signer of the AWS SDK, which is not the code that checks them.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SignatureLocation,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use jiff::{SignedDuration, Timestamp};

/// Who signs, for what and when.
#[derive(Clone, Copy)]
pub(crate) struct Signer<'a> {
    pub(crate) access_key: &'a str,
    pub(crate) secret_key: &'a str,
    pub(crate) session_token: Option<&'a str>,
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
    /// How far the signer's clock is behind; negative if it is ahead.
    pub(crate) behind: SignedDuration,
    /// Puts the signature in the query, for this long.
    pub(crate) presigned: Option<Duration>,
}

/// The holder of the default keys, who signs for Bedrock.
pub(crate) const HOLDER: Signer<'static> = Signer {
    access_key: "test",
    secret_key: "test",
    session_token: None,
    region: "us-east-1",
    service: "bedrock",
    behind: SignedDuration::ZERO,
    presigned: None,
};

impl Signer<'_> {
    /// Signs a request to `host`, whose body is `body`.
    pub(crate) fn sign(
        self,
        host: &str,
        mut request: Request<Full<Bytes>>,
        body: SignableBody<'_>,
    ) -> Request<Full<Bytes>> {
        let token = self.session_token.map(Into::into);
        let identity = Credentials::new(self.access_key, self.secret_key, token, None, "test");
        let identity = identity.into();
        let mut settings = SigningSettings::default();
        if self.service == "s3" {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        }
        if self.presigned.is_some() {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = self.presigned;
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time((Timestamp::now() - self.behind).into())
            .settings(settings)
            .build()
            .unwrap()
            .into();
        let uri = format!("http://{host}{}", request.uri());
        let headers = request.headers().iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
        let signable = SignableRequest::new(request.method().as_str(), &uri, headers, body);
        let (instructions, _) = sign(signable.unwrap(), &params).unwrap().into_parts();
        instructions.apply_to_request_http1x(&mut request);
        request
    }
}

/// A request to S3. With the header `x-amz-content-sha256` among `extra` the body is signed as
/// that says, or else left out.
pub(crate) fn signed(
    host: &str,
    secret: &str,
    method: &str,
    path: &str,
    extra: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let mut request = Request::builder().method(method).uri(path).header("host", host);
    let mut payload = SignableBody::UnsignedPayload;
    for (name, value) in extra {
        if *name == "x-amz-content-sha256" {
            payload = SignableBody::Precomputed((*value).into());
        } else {
            request = request.header(*name, *value);
        }
    }
    let request = request.body(Full::new(body.into())).unwrap();
    Signer { service: "s3", secret_key: secret, ..HOLDER }.sign(host, request, payload)
}
