//! Who is let in, over the wire: requests signed by the signer of the AWS SDK, and API keys.

use std::time::Duration;

use aws_sigv4::http_request::SignableBody;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::Full;
use hyper::Request;
use hyper::body::Bytes;
use jiff::SignedDuration;
use outcrop_emulator::{Auth, Builder, Emulator};

use crate::client::{Answer, NOVA, post, quick, raw, send, send_h2, turn};
use crate::sign::{HOLDER, Signer, signed};

/// An emulator that checks who calls.
fn guarded() -> Builder {
    quick().auth(Auth::Verify)
}

/// A call of Converse, signed over the body that it brings.
fn call(emulator: &Emulator, signer: Signer<'_>, model: &str) -> Request<Full<Bytes>> {
    let body = turn("hello").to_string();
    let request = raw("POST", &format!("/model/{model}/converse"), body.clone());
    sign(emulator, signer, request, &body)
}

fn sign(
    emulator: &Emulator,
    signer: Signer<'_>,
    request: Request<Full<Bytes>>,
    body: &str,
) -> Request<Full<Bytes>> {
    signer.sign(&emulator.address().to_string(), request, SignableBody::Bytes(body.as_bytes()))
}

/// The answer to a call by this signer.
async fn as_signed_by(emulator: &Emulator, signer: Signer<'_>) -> Answer {
    send(emulator, call(emulator, signer, NOVA)).await
}

/// The answer to a call that is signed well but for its `Authorization` header.
async fn with_header(emulator: &Emulator, edit: impl Fn(&str) -> String) -> Answer {
    let mut request = call(emulator, HOLDER, NOVA);
    let header = request.headers()["authorization"].to_str().unwrap();
    let edited = edit(header).parse().unwrap();
    request.headers_mut().insert("authorization", edited);
    send(emulator, request).await
}

/// The answer to a call with a bearer token.
async fn with_token(emulator: &Emulator, token: &str) -> Answer {
    let mut request = post(&format!("/model/{NOVA}/converse"), &turn("hello"));
    let header = format!("Bearer {token}").parse().unwrap();
    request.headers_mut().insert("authorization", header);
    send(emulator, request).await
}

/// A short-term API key, as the generator of AWS makes it.
fn short_term_key(signer: Signer<'_>, lasts: Duration) -> String {
    let request = raw("POST", "/?Action=CallWithBearerToken", "");
    let signer = Signer { presigned: Some(lasts), ..signer };
    let request = signer.sign("bedrock.amazonaws.com", request, SignableBody::Bytes(b""));
    let url = format!("bedrock.amazonaws.com{}&Version=1", request.uri());
    format!("bedrock-api-key-{}", STANDARD.encode(url))
}

fn exception(answer: &Answer) -> &str {
    answer.header("x-amzn-errortype").split(':').next().unwrap()
}

#[tokio::test]
async fn signatures_hold_for_raw_and_encoded_ids_over_both_versions_of_http() {
    let emulator = guarded().start().await.unwrap();
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0";
    let encoded = arn.replace(':', "%3A").replace('/', "%2F");
    for model in [NOVA, "us.amazon.nova-lite-v1%3A0", arn, &encoded] {
        let answer = send(&emulator, call(&emulator, HOLDER, model)).await;
        assert_eq!(answer.status, 200, "{model}: {answer:?}");
        let answer = send_h2(&emulator, call(&emulator, HOLDER, model)).await;
        assert_eq!(answer.status, 200, "{model} over HTTP/2: {answer:?}");
    }
    let path = "/model-invocation-jobs?sortOrder=Descending&submitTimeAfter=2026-01-01T00%3A00%3A00Z&maxResults=5";
    for answer in [
        send(&emulator, sign(&emulator, HOLDER, raw("GET", path, ""), "")).await,
        send_h2(&emulator, sign(&emulator, HOLDER, raw("GET", path, ""), "")).await,
    ] {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_request_without_proof_is_refused() {
    let emulator = guarded().start().await.unwrap();
    let request = post(&format!("/model/{NOVA}/converse"), &turn("hello"));
    let answer = send(&emulator, request).await;
    let expected = (403, "MissingAuthenticationTokenException", "Missing Authentication Token");
    let (status, exception, message) = answer.refusal();
    assert_eq!((status, exception.as_str(), message.as_str()), expected);
    assert_eq!(answer.header("x-amzn-requestid").len(), 36);
    assert_eq!(send(&emulator, raw("GET", "/_outcrop/metrics", "")).await.status, 200);
}

#[tokio::test]
async fn who_comes_before_what() {
    let emulator = guarded().start().await.unwrap();
    let unknown = send(&emulator, post("/model/nobody.knows-v1/converse", &turn("hello"))).await;
    assert_eq!(exception(&unknown), "MissingAuthenticationTokenException");
    let elsewhere = sign(&emulator, Signer { secret_key: "x", ..HOLDER }, raw("GET", "/x", ""), "");
    assert_eq!(exception(&send(&emulator, elsewhere).await), "InvalidSignatureException");
}

#[tokio::test]
async fn another_key_is_unknown_and_another_secret_signs_otherwise() {
    let emulator = guarded().credentials("AKIDEXAMPLE", "s3cr3t").start().await.unwrap();
    let (status, exception, message) = as_signed_by(&emulator, HOLDER).await.refusal();
    assert_eq!((status, exception.as_str()), (403, "UnrecognizedClientException"));
    assert_eq!(message, "The security token included in the request is invalid.");

    let wrong = Signer { access_key: "AKIDEXAMPLE", secret_key: "secret", ..HOLDER };
    let (status, exception, message) = as_signed_by(&emulator, wrong).await.refusal();
    assert_eq!((status, exception.as_str()), (403, "InvalidSignatureException"));
    let start = "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. Consult the service \
                 documentation for details.\n\nThe Canonical String for this request should have \
                 been\n'POST\n/model/us.amazon.nova-lite-v1%3A0/converse\n\n";
    assert!(message.starts_with(start), "{message}");
    assert!(!message.contains("s3cr3t"), "{message}");

    let right = Signer { secret_key: "s3cr3t", ..wrong };
    assert_eq!(as_signed_by(&emulator, right).await.status, 200);
}

#[tokio::test]
async fn a_signature_holds_for_its_request_alone() {
    let emulator = guarded().start().await.unwrap();
    let signed = || call(&emulator, HOLDER, NOVA);
    let mut body = signed();
    *body.body_mut() = Full::new(turn("hallo").to_string().into());
    let mut path = signed();
    *path.uri_mut() = "/model/us.amazon.nova-pro-v1:0/converse".parse().unwrap();
    let mut query = signed();
    *query.uri_mut() = format!("{}?more=1", query.uri()).parse().unwrap();
    let mut host = signed();
    host.headers_mut().insert("host", "elsewhere:80".parse().unwrap());
    for (what, request) in [("body", body), ("path", path), ("query", query), ("host", host)] {
        let answer = send(&emulator, request).await;
        assert_eq!(exception(&answer), "InvalidSignatureException", "another {what}");
    }
    assert_eq!(send(&emulator, signed()).await.status, 200);
}

#[tokio::test]
async fn a_payload_said_to_be_unsigned_is_refused_all_the_same() {
    let emulator = guarded().start().await.unwrap();
    let mut request = post(&format!("/model/{NOVA}/converse"), &turn("hello"));
    let unsigned = "UNSIGNED-PAYLOAD".parse().unwrap();
    request.headers_mut().insert("x-amz-content-sha256", unsigned);
    let host = emulator.address().to_string();
    let request = HOLDER.sign(&host, request, SignableBody::UnsignedPayload);
    assert_eq!(exception(&send(&emulator, request).await), "InvalidSignatureException");
}

#[tokio::test]
async fn clocks_may_be_five_minutes_apart() {
    let emulator = guarded().start().await.unwrap();
    let behind = |secs| Signer { behind: SignedDuration::from_secs(secs), ..HOLDER };
    for secs in [240, -240] {
        assert_eq!(as_signed_by(&emulator, behind(secs)).await.status, 200, "{secs}");
    }
    for (secs, start, end) in [
        (310, "Signature expired: ", " - 5 min.)"),
        (-360, "Signature not yet current: ", " + 5 min.)"),
    ] {
        let (status, exception, message) = as_signed_by(&emulator, behind(secs)).await.refusal();
        assert_eq!((status, exception.as_str()), (403, "InvalidSignatureException"));
        assert!(message.starts_with(start) && message.ends_with(end), "{message}");
    }
}

#[tokio::test]
async fn a_scope_names_date_region_service_and_end() {
    let emulator = guarded().start().await.unwrap();
    for (from, to, message) in [
        ("/bedrock/", "/sts/", "Credential should be scoped to correct service: 'bedrock'."),
        ("/us-east-1/", "/auto/", "Credential should be scoped to a valid region."),
        (
            "/aws4_request",
            "/aws3_request",
            "Credential should be scoped with a valid terminator: 'aws4_request'.",
        ),
        (
            "Credential=test/2",
            "Credential=test/1",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
        ),
        (
            "SignedHeaders=host;",
            "SignedHeaders=",
            "'Host' or ':authority' must be a 'SignedHeader'",
        ),
    ] {
        let answer = with_header(&emulator, |header| header.replace(from, to)).await;
        assert_eq!(exception(&answer), "InvalidSignatureException", "{to}");
        assert!(answer.refusal().2.starts_with(message), "{answer:?}");
    }
    for region in ["eu-west-3", "us-gov-west-1"] {
        assert_eq!(as_signed_by(&emulator, Signer { region, ..HOLDER }).await.status, 200);
    }
}

#[tokio::test]
async fn a_header_of_another_form_is_incomplete() {
    let emulator = guarded().start().await.unwrap();
    let cut = |header: &str, end: &str| header.split(end).next().unwrap().to_owned();
    let no_signature = with_header(&emulator, |header| cut(header, ", Signature")).await;
    let (status, exception, message) = no_signature.refusal();
    assert_eq!((status, exception.as_str()), (403, "IncompleteSignatureException"));
    assert!(
        message.starts_with("Authorization header requires 'Signature' parameter. (Hashed"),
        "{message}"
    );
    for (header, start) in [
        ("Basic dGVzdDp0ZXN0", "Invalid key=value pair (missing equal-sign) in Authorization"),
        ("AWS4-HMAC-SHA256", "Authorization header requires 'Credential' parameter."),
    ] {
        let (_, exception, message) = with_header(&emulator, |_| header.into()).await.refusal();
        assert_eq!(exception, "IncompleteSignatureException");
        assert!(message.starts_with(start), "{message}");
    }
    let other = with_header(&emulator, |header| header.replace("AWS4-HMAC", "AWS5-HMAC")).await;
    assert_eq!(other.refusal().2, "Unsupported AWS 'algorithm': 'AWS5-HMAC-SHA256'.");
    let short = with_header(&emulator, |header| header.replace("test/", "")).await;
    assert!(short.refusal().2.starts_with("Credential must have exactly 5"), "{short:?}");
}

#[tokio::test]
async fn a_session_token_is_signed_along_and_may_be_expired() {
    let emulator = guarded().start().await.unwrap();
    let session = |token| Signer { session_token: Some(token), ..HOLDER };
    assert_eq!(as_signed_by(&emulator, session("FwoGZXIvYXdzEXAMPLE")).await.status, 200);

    let (status, exception, message) = as_signed_by(&emulator, session("expired")).await.refusal();
    assert_eq!((status, exception.as_str()), (403, "ExpiredTokenException"));
    assert_eq!(message, "The security token included in the request is expired");

    let wrong = Signer { secret_key: "wrong", ..session("FwoGZXIvYXdzEXAMPLE/==") };
    let presigned = Signer { presigned: Some(Duration::from_secs(60)), ..wrong };
    for (signer, left) in [(wrong, "x-amz-security-token:"), (presigned, "X-Amz-Security-Token=")] {
        let message = as_signed_by(&emulator, signer).await.refusal().2;
        assert!(message.contains(&format!("{left}(left out)")), "{message}");
        assert!(!message.contains("FwoGZXIvYXdzEXAMPLE"), "{message}");
    }
}

#[tokio::test]
async fn a_presigned_request_lasts_as_long_as_it_says() {
    let emulator = guarded().start().await.unwrap();
    let hour = Signer { presigned: Some(Duration::from_secs(3600)), ..HOLDER };
    let aged = |minutes| Signer { behind: SignedDuration::from_mins(minutes), ..hour };
    assert_eq!(as_signed_by(&emulator, aged(59)).await.status, 200);
    let message = as_signed_by(&emulator, aged(61)).await.refusal().2;
    assert!(message.starts_with("Signature expired: "), "{message}");
    assert!(message.ends_with(" - 60 min.)"), "{message}");
    let wrong = Signer { secret_key: "wrong", ..hour };
    assert_eq!(exception(&as_signed_by(&emulator, wrong).await), "InvalidSignatureException");
}

#[tokio::test]
async fn api_keys_are_bearer_tokens() {
    let emulator = guarded().api_key("k3y").start().await.unwrap();
    assert_eq!(with_token(&emulator, "k3y").await.status, 200);
    for token in ["key", "test"] {
        let refused = with_token(&emulator, token).await;
        assert_eq!((refused.status, exception(&refused)), (403, "AccessDeniedException"));
        let message = "Authentication failed: Please make sure your API Key is valid.";
        assert_eq!(refused.json()["Message"], message);
    }
}

#[tokio::test]
async fn a_short_term_key_is_a_presigned_url() {
    let emulator = guarded().start().await.unwrap();
    let half_day = Duration::from_secs(12 * 3600);
    assert_eq!(with_token(&emulator, &short_term_key(HOLDER, half_day)).await.status, 200);
    let session = Signer { session_token: Some("FwoGZXIvYXdzEXAMPLE"), ..HOLDER };
    assert_eq!(with_token(&emulator, &short_term_key(session, half_day)).await.status, 200);

    let aged = Signer { behind: SignedDuration::from_hours(13), ..HOLDER };
    let expired = with_token(&emulator, &short_term_key(aged, half_day)).await;
    assert_eq!(exception(&expired), "AccessDeniedException");
    assert_eq!(expired.json()["Message"], "Bearer Token has expired");

    let wrong = short_term_key(Signer { secret_key: "wrong", ..HOLDER }, half_day);
    let cut = &short_term_key(HOLDER, half_day)[..200];
    let other_action = STANDARD.encode("bedrock.amazonaws.com/?Action=Other&Version=1");
    let other_action = format!("bedrock-api-key-{other_action}");
    for token in [&wrong, cut, &other_action, "bedrock-api-key-"] {
        let refused = with_token(&emulator, token).await;
        let message = "Authentication failed: Please make sure your API Key is valid.";
        assert_eq!(refused.json()["Message"], message, "{token}");
    }
}

#[tokio::test]
async fn with_any_nothing_is_checked() {
    let emulator = quick().start().await.unwrap();
    let stranger = Signer {
        access_key: "stranger",
        region: "auto",
        behind: SignedDuration::from_hours(9),
        session_token: Some("expired"),
        ..HOLDER
    };
    assert_eq!(as_signed_by(&emulator, stranger).await.status, 200);
    assert_eq!(with_token(&emulator, "whatever").await.status, 200);
    assert_eq!(with_header(&emulator, |_| "Basic dGVzdA==".into()).await.status, 200);
    let unsigned = post(&format!("/model/{NOVA}/converse"), &turn("hello"));
    assert_eq!(send(&emulator, unsigned).await.status, 200);
}

#[tokio::test]
async fn with_any_s3_takes_unsigned_and_otherwise_signed_requests() {
    let emulator = quick().start().await.unwrap();
    emulator.create_bucket("records").await.unwrap();
    let host = emulator.address().to_string();
    let put = |path: &str, body: &'static str| send(&emulator, raw("PUT", path, body));
    assert_eq!(put("/records/a%20b/c+d:e", "unsigned").await.status, 200);

    let other = signed(&host, "other", "GET", "/records/a%20b/c+d:e", &[], "");
    assert_eq!(send(&emulator, other).await.body, "unsigned");
    let other = signed(&host, "other", "GET", "/records?list-type=2&prefix=a%20b%2F", &[], "");
    let listed = send(&emulator, other).await;
    assert!(listed.body.windows(11).any(|bytes| bytes == b"a b/c+d:e</"), "{listed:?}");

    let presigned = Signer {
        service: "s3",
        secret_key: "other",
        presigned: Some(Duration::from_secs(60)),
        behind: SignedDuration::from_hours(1),
        ..HOLDER
    };
    let request = raw("GET", "/records/a%20b/c+d:e", "");
    let request = presigned.sign(&host, request, SignableBody::UnsignedPayload);
    assert_eq!(send(&emulator, request).await.body, "unsigned");

    let headers = [
        ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "9"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let upload = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:y/Q5Jg==\r\n\r\n";
    let chunked = signed(&host, "other", "PUT", "/records/chunked", &headers, upload);
    assert_eq!(send(&emulator, chunked).await.status, 200);
    let read = send(&emulator, raw("GET", "/records/chunked", "")).await;
    assert_eq!(read.body, "123456789");
}
