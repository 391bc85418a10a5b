//! Signatures that AWS published, and any request that the signer of the AWS SDK signs.

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use hyper::Request;
use proptest::prelude::*;

use super::*;

/// The settings of an emulator for the holder of these keys.
fn holder(access_key: &str, secret_key: &str) -> Settings {
    Settings { access_key: access_key.into(), secret_key: secret_key.into(), ..Settings::default() }
}

/// Checks a request of the published suite, which has one pair of keys and one time.
fn published(service: &'static str, now: &str, request: Request<&str>) -> Result<(), Denied> {
    let settings = holder("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    let (parts, body) = request.into_parts();
    check(&settings, service, &parts, body.as_bytes(), now.parse().unwrap())
}

/// A request of the suite with a header of this signature, over `host`, `x-amz-date` and `more`.
fn suite(
    method: &str,
    uri: &str,
    more: &[(&str, &str)],
    body: &'static str,
    signature: &str,
) -> Result<(), Denied> {
    let mut headers = vec![("host", "example.amazonaws.com"), ("x-amz-date", "20150830T123600Z")];
    headers.extend(more);
    let mut names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    names.sort_unstable();
    names.dedup();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders={}, Signature={signature}",
        names.join(";")
    );
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.header("authorization", authorization).body(body).unwrap();
    published("service", "2015-08-30T12:36:00Z", request)
}

#[test]
fn no_secret_is_shown_with_the_settings() {
    let settings = Settings { api_key: "k3y".into(), ..holder("AKID", "s3cr3t") };
    let shown = format!("{settings:?}");
    assert!(!shown.contains("s3cr3t") && !shown.contains("k3y"), "{shown}");
}

#[test]
fn the_signatures_that_aws_published_hold() {
    let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31";
    let token = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
    let form = "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e";
    for (uri, signature) in [
        ("/", vanilla),
        ("/example1/example2/../..", vanilla),
        ("//example//", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        ("/?Param1=value1", "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        (
            "/?Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
        ),
    ] {
        assert_eq!(suite("GET", uri, &[], "", signature), Ok(()), "{uri}");
    }
    for (method, headers, body, signature) in [
        (
            "GET",
            &[("my-header1", "value2"), ("my-header1", "value2"), ("my-header1", "value1")][..],
            "",
            "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
        ),
        (
            "GET",
            &[("my-header1", " value1"), ("my-header2", " \"a   b   c\"")],
            "",
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "GET",
            &[("x-amz-security-token", token)],
            "",
            "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
        ),
        (
            "POST",
            &[
                ("content-type", "application/x-www-form-urlencoded"),
                ("content-length", "13"),
                ("x-amz-content-sha256", form),
            ],
            "Param1=value1",
            "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
        ),
    ] {
        assert_eq!(suite(method, "/", headers, body, signature), Ok(()), "{headers:?}");
    }
}

#[test]
fn the_encoded_arn_that_aws_published_is_encoded_twice() {
    let authorization = "AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20210511/us-east-2/lambda/aws4_request, \
        SignedHeaders=host;x-amz-date, \
        Signature=4b93abbcc68be32bd64c18e2c71150660ab4c29bbd6c32a383a7517a88fc1804";
    let arn = "arn%3Aaws%3Alambda%3Aus-west-2%3A892717189312%3Afunction%3Amy-rusty-fun";
    let request = Request::post(format!("/2015-03-31/functions/{arn}/invocations"))
        .header("host", "lambda.us-east-2.amazonaws.com")
        .header("x-amz-date", "20210511T154045Z")
        .header("authorization", authorization);
    let request = request.body("").unwrap();
    assert_eq!(published("lambda", "2021-05-11T15:40:45Z", request), Ok(()));
}

/// A request that the holder of the default keys signed on an evening of November.
fn recorded(uri: &str, headers: &[(&str, &str)], signed: &str, body: &str) -> Result<(), Denied> {
    let (names, signature) = signed.split_once(' ').unwrap();
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/bedrock/aws4_request, \
         SignedHeaders={names}, Signature={signature}"
    );
    let mut request = Request::post(uri).header("authorization", authorization);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let now = "2026-11-21T16:33:00Z".parse().unwrap();
    check(&Settings::default(), "bedrock", &parts, body.as_bytes(), now)
}

#[test]
fn what_botocore_signed_for_a_raw_arn_holds() {
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0";
    let headers = [
        ("host", "localhost:4566"),
        ("content-type", "application/json"),
        ("x-amz-date", "20261121T163254Z"),
        ("x-amz-security-token", "session"),
    ];
    let signed = "content-type;host;x-amz-date;x-amz-security-token \
                  b85d9e23da0005778571be638c4c084dd4fdb602e324f182a3deceab99304d54";
    let body = r#"{"messages":[]}"#;
    assert_eq!(recorded(&format!("/model/{arn}/converse"), &headers, signed, body), Ok(()));
}

#[test]
fn what_the_sdk_for_javascript_signed_for_http_2_holds() {
    let uri = "http://127.0.0.1:4701/model/us.amazon.nova-lite-v1%3A0/converse";
    let body = r#"{"messages":[{"role":"user","content":[{"text":"hello"}]}]}"#;
    let headers = [
        ("content-type", "application/json"),
        ("content-length", "59"),
        ("x-amz-user-agent", "aws-sdk-js/3.1162.0"),
        ("amz-sdk-invocation-id", "0aae4372-149e-459a-96b3-cbef74d7f9c6"),
        ("amz-sdk-request", "attempt=1; max=1"),
        ("x-amz-date", "20261121T163245Z"),
        (
            "x-amz-content-sha256",
            "331b626fbec967399a3c05643d22e56af43ee9839874a2db641bd025f84436d8",
        ),
    ];
    let signed = ":authority;amz-sdk-invocation-id;amz-sdk-request;content-length;content-type;\
                  x-amz-content-sha256;x-amz-date;x-amz-user-agent \
                  4587e583c3b88bfc87074b59fbbf2af70a10780faedc68f8b0a2e4ad14ec2a56";
    assert_eq!(recorded(uri, &headers, signed, body), Ok(()));
    let elsewhere = uri.replace("4701", "4702");
    for (uri, body) in [(elsewhere.as_str(), body), (uri, "{}")] {
        let changed = recorded(uri, &headers, signed, body);
        assert!(matches!(changed, Err(Denied::Mismatch { .. })), "{changed:?}");
    }
}

#[test]
fn the_presigned_url_that_aws_published_holds_for_its_hour() {
    let url = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request\
        &X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=3600\
        &X-Amz-Signature=2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b";
    let at = |now| {
        let request = Request::post(url).header("host", "example.amazonaws.com");
        published("service", now, request.body("").unwrap())
    };
    assert_eq!(at("2015-08-30T13:36:00Z"), Ok(()));
    assert_eq!(
        at("2015-08-30T13:36:01Z").unwrap_err().to_string(),
        "Signature expired: 20150830T123600Z is now earlier than 20150830T123601Z \
         (20150830T133601Z - 60 min.)"
    );
}

/// What a request may be made of.
#[derive(Debug, Clone)]
struct Draft {
    method: &'static str,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    token: Option<String>,
    presigned: bool,
}

fn draft() -> impl Strategy<Value = Draft> {
    let method = prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]);
    let segment = "([a-zA-Z0-9._~:@!$'()*,;=-]|%2F|%3A|%C3%A9|%20|%25){1,12}";
    let path =
        prop::collection::vec(segment, 1..5).prop_map(|parts| format!("/{}", parts.join("/")));
    let text = "([a-zA-Z0-9._~-]|%2F|%3D|%26|%2B|%20|%C3%A9|:|/){0,10}";
    let query = prop::collection::vec(("[a-zA-Z][a-zA-Z0-9-]{0,8}", text), 0..4);
    let headers =
        prop::collection::vec(("x-[a-z]{1,8}", "[!-~]{1,5}( {1,3}[!-~]{1,5}){0,2}"), 0..4);
    let body = prop::collection::vec(any::<u8>(), 0..64);
    let token = prop::option::of("[A-Za-z0-9/+=]{20,40}");
    (method, path, query, headers, body, token, any::<bool>()).prop_map(
        |(method, path, query, headers, body, token, presigned)| Draft {
            method,
            path,
            query,
            headers,
            body,
            token,
            presigned,
        },
    )
}

/// The request, signed by the signer of the AWS SDK.
fn signed(draft: &Draft, now: Timestamp) -> Request<()> {
    let query: Vec<String> =
        draft.query.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let uri = format!("{}?{}", draft.path, query.join("&"));
    let mut request = Request::builder().method(draft.method).uri(&uri);
    request = request.header("host", "127.0.0.1:4566");
    for (name, value) in &draft.headers {
        request = request.header(name, value);
    }
    let mut request = request.body(()).unwrap();
    let identity = Credentials::new("AKID", "secret", draft.token.clone(), None, "test").into();
    let mut settings = SigningSettings::default();
    if draft.presigned {
        settings.signature_location = SignatureLocation::QueryParams;
        settings.expires_in = Some(std::time::Duration::from_secs(60));
    }
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region("eu-west-3")
        .name("bedrock")
        .time(now.into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let absolute = format!("http://127.0.0.1:4566{uri}");
    let headers = request.headers().iter();
    let headers = headers.map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let body = SignableBody::Bytes(&draft.body);
    let signable = SignableRequest::new(draft.method, &absolute, headers, body).unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut request);
    request
}

proptest! {
    #[test]
    fn what_the_aws_sdk_signs_is_taken_as_it_is_and_no_other_way(
        draft in draft(),
        seconds in 1_500_000_000..4_000_000_000_i64,
        flipped in any::<prop::sample::Index>(),
    ) {
        let now = Timestamp::from_second(seconds).unwrap();
        let settings = holder("AKID", "secret");
        let (parts, ()) = signed(&draft, now).into_parts();
        prop_assert_eq!(check(&settings, "bedrock", &parts, &draft.body, now), Ok(()));

        let mut body = draft.body.clone();
        body.insert(flipped.index(body.len() + 1), b'x');
        let changed = check(&settings, "bedrock", &parts, &body, now);
        prop_assert!(matches!(changed, Err(Denied::Mismatch { .. })), "{:?}", changed);

        let wrong = holder("AKID", "Secret");
        let wrong = check(&wrong, "bedrock", &parts, &draft.body, now);
        prop_assert!(matches!(wrong, Err(Denied::Mismatch { .. })), "{:?}", wrong);
    }

    #[test]
    fn any_header_and_any_query_are_read_without_a_panic(
        header in "[ -~]{0,80}",
        credential in "(AWS4-HMAC-SHA256 )?(Credential=[a-z0-9/]{0,40}, ?)?(SignedHeaders=[a-z;-]{0,20})?(, Signature=[0-9a-f]{0,64})?",
        query in "(X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature)=[A-Za-z0-9%/-]{0,20}&){0,7}",
    ) {
        let settings = Settings::default();
        let now = Timestamp::UNIX_EPOCH;
        for header in [Some(&header), Some(&credential), None] {
            let mut request = Request::get(format!("/?{query}")).header("x-amz-date", "0");
            if let Some(header) = header {
                request = request.header("authorization", header);
            }
            let (parts, ()) = request.body(()).unwrap().into_parts();
            prop_assert!(check(&settings, "bedrock", &parts, b"", now).is_err());
        }
    }
}
