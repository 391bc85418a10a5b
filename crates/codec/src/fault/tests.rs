//! Evidence for the tables, and for what is read out of bodies and frames.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::frame::{Decoded, HeaderValue, decode, encode};
use FaultKind as K;
use ThrottleCause as T;

#[test]
fn every_exception_of_the_service_has_its_kind_and_status() {
    let cases = [
        ("accessDeniedException", K::AccessDenied, 403),
        ("conflictException", K::Conflict, 400),
        ("internalServerException", K::Internal, 500),
        ("modelErrorException", K::ModelError, 424),
        ("modelNotReadyException", K::ModelNotReady, 429),
        ("modelStreamErrorException", K::ModelStreamError, 424),
        ("modelTimeoutException", K::ModelTimeout, 408),
        ("resourceNotFoundException", K::NotFound, 404),
        ("serviceQuotaExceededException", K::QuotaExceeded, 400),
        ("serviceUnavailableException", K::Unavailable, 503),
        ("throttlingException", K::Throttled(T::Unknown), 429),
        ("validationException", K::Validation, 400),
        ("unrecognizedClientException", K::Credentials, 403),
        ("expiredTokenException", K::Credentials, 403),
        ("invalidSignatureException", K::Credentials, 403),
        ("missingAuthenticationTokenException", K::Credentials, 403),
    ];
    for (in_stream, kind, status) in cases {
        let fault = Fault::classify(Some(in_stream), 200, None);
        assert_eq!((fault.kind, fault.status), (kind, status), "{in_stream}");
        // The first letter is all that differs between the two ways of writing the name.
        let name = in_stream[..1].to_uppercase() + &in_stream[1..];
        assert_eq!(fault.code, name);
    }
}

#[test]
fn a_code_is_the_same_however_it_is_wrapped() {
    let wrapped = [
        "ThrottlingException",
        "throttlingException",
        "THROTTLINGEXCEPTION",
        " ThrottlingException ",
        "com.amazon.bedrock#ThrottlingException",
        "com#amazon#ThrottlingException",
        "ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/",
        "com.amazon.bedrock#ThrottlingException:http://internal.amazon.com/coral/#top",
    ];
    for code in wrapped {
        let fault = Fault::classify(Some(code), 429, None);
        assert_eq!(fault, Fault::classify(Some("ThrottlingException"), 429, None), "{code}");
    }
}

#[test]
fn the_status_that_came_is_kept_and_the_code_decides() {
    let fault = Fault::classify(Some("ThrottlingException"), 400, Some("Rate exceeded"));
    assert_eq!((fault.status, fault.kind), (400, K::Throttled(T::Unknown)));
}

#[test]
fn an_unknown_code_keeps_its_name_and_is_judged_by_the_status() {
    let cases = [
        (400, K::Validation),
        (401, K::Credentials),
        (403, K::AccessDenied),
        (404, K::NotFound),
        (418, K::Validation),
        (429, K::Throttled(T::Unknown)),
        (500, K::Internal),
        (503, K::Unavailable),
        (504, K::Unavailable),
        (200, K::Other),
        (0, K::Other),
    ];
    for (status, kind) in cases {
        let fault = Fault::classify(Some("ns#brandNewException"), status, None);
        assert_eq!((fault.code.as_str(), fault.kind), ("brandNewException", kind), "{status}");
        let fault = Fault::classify(None, status, None);
        assert_eq!((fault.code.as_str(), fault.kind), (Fault::UNNAMED, kind), "{status}");
    }
    assert_eq!(Fault::classify(Some(":"), 400, None).code, Fault::UNNAMED);
}

#[test]
fn throttles_are_told_apart_by_their_words() {
    let cases = [
        ("Too many requests, please wait before trying again.", T::Requests),
        ("You have sent too many requests. Wait before trying again.", T::Requests),
        ("Your request rate is too high. Reduce the frequency of requests.", T::Requests),
        ("Too many tokens, please wait before trying again.", T::Tokens),
        ("TOO MANY TOKENS", T::Tokens),
        ("Too many tokens per day, please wait before trying again.", T::TokensPerDay),
        ("Model m is currently overloaded. Please try again later.", T::Capacity),
        ("Rate exceeded", T::Unknown),
        ("", T::Unknown),
    ];
    for (words, cause) in cases {
        for code in [Some("ThrottlingException"), None] {
            let fault = Fault::classify(code, 429, Some(words));
            assert_eq!(fault.kind, K::Throttled(cause), "{words}");
            assert_eq!(fault.message.as_deref(), Some(words));
        }
        // The same words elsewhere do not make a throttle.
        let fault = Fault::classify(Some("ValidationException"), 400, Some(words));
        assert_eq!(fault.kind, K::Validation);
    }
}

#[test]
fn only_what_can_pass_is_tried_again() {
    let throttled = |words| Fault::classify(None, 429, Some(words)).retry();
    assert_eq!(throttled("Too many tokens"), FaultRetry::Throttle(T::Tokens));
    assert_eq!(throttled("Too many requests"), FaultRetry::Throttle(T::Requests));
    assert_eq!(throttled("overloaded"), FaultRetry::Throttle(T::Capacity));
    assert_eq!(throttled("Rate exceeded"), FaultRetry::Throttle(T::Unknown));
    assert_eq!(throttled("Too many tokens per day"), FaultRetry::Never);

    let retry = |code: &str| Fault::classify(Some(code), 0, None).retry();
    for code in ["ModelTimeout", "ModelStreamError", "ModelNotReady", "InternalServer"] {
        assert_eq!(retry(&(code.to_string() + "Exception")), FaultRetry::Soon, "{code}");
    }
    assert_eq!(retry("ServiceUnavailableException"), FaultRetry::Soon);
    let permanent =
        ["Validation", "AccessDenied", "ExpiredToken", "ResourceNotFound", "Conflict", "Strange"];
    for code in permanent {
        assert_eq!(retry(&(code.to_string() + "Exception")), FaultRetry::Never, "{code}");
    }
    assert_eq!(retry("ServiceQuotaExceededException"), FaultRetry::Never);

    for (original, expected) in [
        ("500", FaultRetry::Soon),
        ("503", FaultRetry::Soon),
        ("429", FaultRetry::Soon),
        ("400", FaultRetry::Never),
        ("null", FaultRetry::Never),
    ] {
        let body = [r#"{"originalStatusCode":"#, original, "}"].concat();
        let fault = Fault::from_payload(Some("ModelErrorException"), 424, body.as_bytes());
        assert_eq!(fault.retry(), expected, "{original}");
    }
}

#[test]
fn a_body_gives_its_words_and_loses_nothing() {
    let body = json!({
        "message": "it broke", "originalStatusCode": 500, "originalMessage": "boom", "resourceName": "r",
    });
    let fault =
        Fault::from_payload(Some("ModelStreamErrorException"), 0, body.to_string().as_bytes());
    assert_eq!(fault.message.as_deref(), Some("it broke"));
    assert_eq!((fault.status, fault.original_status), (424, Some(500)));
    assert_eq!(fault.original_message.as_deref(), Some("boom"));
    assert_eq!(Value::Object(fault.extra), json!({"resourceName": "r"}));

    let fault = Fault::from_payload(
        None,
        403,
        br#"{"__type":"a.b#ExpiredTokenException","Message":"late"}"#,
    );
    assert_eq!((fault.code.as_str(), fault.kind), ("ExpiredTokenException", K::Credentials));
    assert_eq!(fault.message.as_deref(), Some("late"));
}

#[test]
fn numbers_are_read_leniently_and_kept_where_they_are_none() {
    for (written, read) in [
        ("500", Some(500)),
        ("500.0", Some(500)),
        ("\"500\"", Some(500)),
        ("500.5", None),
        ("-1", None),
        ("1e9", None),
        ("[]", None),
    ] {
        let body = [r#"{"originalStatusCode":"#, written, "}"].concat();
        let fault = Fault::from_payload(None, 424, body.as_bytes());
        assert_eq!(fault.original_status, read, "{written}");
        assert_eq!(fault.extra.is_empty(), read.is_some(), "{written}");
    }
}

#[test]
fn a_body_that_is_no_json_object_is_the_message() {
    for (body, message) in [
        (&b"<html>no</html>\n"[..], Some("<html>no</html>")),
        (b"[1]", Some("[1]")),
        (b"", None),
        (b"\xff", Some("\u{fffd}")),
    ] {
        let fault = Fault::from_payload(None, 502, body);
        assert_eq!((fault.message.as_deref(), fault.kind), (message, K::Unavailable));
    }
}

#[test]
fn frames_give_the_same_faults_as_http() {
    let payload = br#"{"message":"Too many requests, please wait before trying again."}"#;
    let headers =
        [(":message-type", "exception".into()), (":exception-type", "throttlingException".into())];
    let fault = from_frame(&headers, payload).unwrap();
    assert_eq!(fault, Fault::from_payload(Some("ThrottlingException"), 429, payload));
    assert_eq!(fault.kind, K::Throttled(T::Requests));

    let headers = [
        (":message-type", "error".into()),
        (":error-code", "ThrottlingException".into()),
        (":error-message", "Too many tokens".into()),
    ];
    let fault = from_frame(&headers, b"").unwrap();
    assert_eq!(fault, Fault::classify(Some("ThrottlingException"), 429, Some("Too many tokens")));

    let headers =
        [(":message-type", "exception".into()), (":exception-type", "brandNewException".into())];
    let fault = from_frame(&headers, br#"{"message":"hm","detail":1}"#).unwrap();
    assert_eq!((fault.code.as_str(), fault.kind, fault.status), ("brandNewException", K::Other, 0));
    assert_eq!(Value::Object(fault.extra), json!({"detail": 1}));

    let unnamed = from_frame(&[(":message-type", "exception".into())], b"{}").unwrap();
    assert_eq!((unnamed.code.as_str(), unnamed.kind), (Fault::UNNAMED, K::Other));

    assert_eq!(from_frame(&[(":message-type", "event".into())], payload), None);
    assert_eq!(from_frame(&[], payload), None);
}

#[test]
fn a_fault_reads_as_one_sentence() {
    let body = br#"{"message":"it broke","originalStatusCode":500,"originalMessage":"boom"}"#;
    let cases = vec![
        (
            Fault::classify(Some("ThrottlingException"), 429, Some("Too many tokens per day.")),
            "the daily token quota is used up (ThrottlingException, 429): Too many tokens per day.",
        ),
        (
            Fault::from_payload(Some("modelStreamErrorException"), 0, body),
            "the model failed while streaming (ModelStreamErrorException, 424, from the model 500): \
             it broke (boom)",
        ),
        (
            Fault::classify(Some("brandNewException"), 0, None),
            "the service gave an error that is not known here (brandNewException)",
        ),
        (Fault::classify(None, 503, None), "the service is unavailable (status 503)"),
        (
            Fault::classify(None, 301, None),
            "the service gave an error that is not known here (status 301)",
        ),
    ];
    for (fault, sentence) in cases {
        assert_eq!(fault.to_string(), sentence);
    }
}

proptest! {
    #[test]
    fn no_payload_panics(payload in prop::collection::vec(any::<u8>(), 0..60), code in ".{0,20}", status: u16) {
        let fault = Fault::from_payload(Some(&code), status, &payload);
        prop_assert!(!fault.code.is_empty() && !fault.to_string().is_empty());
    }
}

fn from_frame(headers: &[(&str, HeaderValue<'_>)], payload: &[u8]) -> Option<Fault> {
    let wire: Vec<u8> = encode(headers, payload).unwrap();
    let Ok(Decoded::Complete { frame, .. }) = decode(&wire) else { panic!("a whole frame") };
    Fault::from_frame(&frame)
}
