//! Who the request says it is for: the credential scope of its signature.

use hyper::http::request::Parts;

/// The scope that a signed request names: `KEY/DATE/REGION/SERVICE/aws4_request`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

impl<'a> Scope<'a> {
    /// Reads the scope from the `Authorization` header, or from the query of a presigned URL.
    /// Bearer tokens and unsigned requests have none.
    pub(crate) fn of(request: &'a Parts) -> Option<Self> {
        let header = request.headers.get(hyper::header::AUTHORIZATION);
        let signed = header.and_then(|value| value.to_str().ok()).and_then(|value| {
            let (_, rest) = value.split_once("Credential=")?;
            Self::parse(rest.split([',', ' ']).next()?, "/")
        });
        signed.or_else(|| {
            let query = request.uri.query()?;
            let value = query.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
            Self::parse(value, "%2F").or_else(|| Self::parse(value, "/"))
        })
    }

    fn parse(credential: &'a str, separator: &str) -> Option<Self> {
        // The access key may hold separators of its own, so the parts are counted from the end.
        let mut parts = credential.rsplit(separator);
        let (_end, service, region) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { region, service })
    }
}

/// The region that a request is signed for, or the default one.
pub(crate) fn region(request: &Parts) -> &str {
    Scope::of(request).map_or(DEFAULT_REGION, |scope| scope.region)
}

const DEFAULT_REGION: &str = "us-east-1";

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(uri: &str, authorization: Option<&str>) -> Option<(String, String)> {
        let mut request = hyper::Request::builder().uri(uri);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        let (parts, ()) = request.body(()).unwrap().into_parts();
        Scope::of(&parts).map(|scope| (scope.region.into(), scope.service.into()))
    }

    #[test]
    fn the_header_of_a_signed_request_names_region_and_service() {
        let header = "AWS4-HMAC-SHA256 Credential=test/20260101/eu-west-3/bedrock/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=00";
        assert_eq!(scope("/", Some(header)), Some(("eu-west-3".into(), "bedrock".into())));
    }

    #[test]
    fn the_query_of_a_presigned_url_names_them_too() {
        let uri =
            "/b/k?X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=0";
        assert_eq!(scope(uri, None), Some(("us-east-1".into(), "s3".into())));
    }

    #[test]
    fn bearer_tokens_and_unsigned_requests_have_no_scope() {
        assert_eq!(scope("/", Some("Bearer abc")), None);
        assert_eq!(scope("/", None), None);
    }
}
