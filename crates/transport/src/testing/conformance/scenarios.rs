//! The list of scenarios.

use bytes::Bytes;

use super::frames::{event, exception};
use super::scenario::{Answer, Ending, RETRY_AFTER, Scenario};
use crate::{Operation, Service};

/// Every scenario.
pub(super) fn all() -> Vec<Scenario> {
    let mut all = Vec::new();
    for operation in Operation::ALL {
        all.push(ok(operation));
        all.extend(whole(operation));
        all.extend(statuses(operation));
        all.extend(endings(operation));
        if operation.streams() {
            all.extend(streams(operation));
        }
    }
    all
}

/// A call that goes well. A stream comes in pieces that have nothing to do with its frames.
pub(super) fn ok(operation: Operation) -> Scenario {
    pieces("ok", operation, ordinary(operation), Ending::Clean)
}

/// Bodies that must arrive as they are, and go as they are.
fn whole(operation: Operation) -> Vec<Scenario> {
    let odd = Bytes::from_static(b"\xff\x00{\"unheard-of\": ");
    let large = vec![Bytes::from(vec![b' '; 64 * 1024]); 128];
    let mut by_arn = ok(operation);
    by_arn.kind = "arn";
    by_arn.address = format!(
        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.{}:0",
        operation.name().to_ascii_lowercase()
    );
    vec![
        by_arn,
        Scenario::new("echo", operation, Answer::Echo),
        pieces("empty", operation, Vec::new(), Ending::Clean),
        pieces("not-the-format", operation, vec![odd], Ending::Clean),
        pieces("eight-mebibytes", operation, large, Ending::Clean),
        Scenario::new("wrong-method", operation, Answer::Misuse),
    ]
}

/// Every status that Bedrock documents, and a page that does not come from Bedrock.
fn statuses(operation: Operation) -> Vec<Scenario> {
    let refusal = |(kind, status, code): (_, _, &str)| {
        let words = format!("conformance: \"{status}\", né?");
        let mut service = Service::new(status, code.to_owned(), words);
        service.retry_after = (status == 429).then_some(RETRY_AFTER);
        Scenario::new(kind, operation, Answer::Refusal(service))
    };
    let page = "<html><body>503 Service Temporarily Unavailable</body></html>";
    let page = Scenario::new("status-503-page", operation, Answer::Page(503, page));
    STATUSES.into_iter().map(refusal).chain([page]).collect()
}

/// Answers that break off, never come or never end.
fn endings(operation: Operation) -> Vec<Scenario> {
    let first = |ending| {
        let first: Vec<_> = ordinary(operation).into_iter().take(1).collect();
        (first, ending)
    };
    let (cut, broken) = first(Ending::Broken);
    let (begun, stall) = first(Ending::Stall);
    vec![
        pieces("connection-broken", operation, cut, broken),
        pieces("stall", operation, begun, stall),
        Scenario::new("no-answer", operation, Answer::Nothing),
        Scenario::new("silence", operation, Answer::Silence),
    ]
}

/// Streams whose frames are wrong in some way, which is not the transport's business.
fn streams(operation: Operation) -> Vec<Scenario> {
    let frames: Vec<u8> = ordinary(operation).concat();
    let bytes = frames.iter().map(|byte| Bytes::copy_from_slice(&[*byte])).collect();
    let cut = frames.split_last_chunk::<7>().map_or(&[][..], |(rest, _)| rest);
    let mut corrupt = event("chunk", "{}");
    if let Some(last) = corrupt.last_mut() {
        *last ^= 1;
    }
    // A prelude that announces four gibibytes.
    let oversized = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 1, 2, 3, 4].to_vec();
    let exception = exception("throttlingException", "{\"message\":\"Too many tokens\"}");
    let case = |kind, bytes: Vec<u8>| pieces(kind, operation, vec![bytes.into()], Ending::Clean);
    vec![
        pieces("one-byte-chunks", operation, bytes, Ending::Clean),
        case("cut-within-a-frame", cut.to_vec()),
        case("bad-checksum", corrupt),
        case("exception-frame", exception),
        case("oversized-frame", oversized),
    ]
}

fn pieces(
    kind: &'static str,
    operation: Operation,
    pieces: Vec<Bytes>,
    ending: Ending,
) -> Scenario {
    Scenario::new(kind, operation, Answer::Pieces(pieces, ending))
}

fn ordinary(operation: Operation) -> Vec<Bytes> {
    let body = match operation.streams() {
        true => {
            [event("messageStart", "{\"role\":\"assistant\"}"), event("messageStop", "{}")].concat()
        }
        false => b"{\"output\":{\"unheard-of\":[1.10]}}".to_vec(),
    };
    body.chunks(13).map(Bytes::copy_from_slice).collect()
}

const STATUSES: [(&str, u16, &str); 8] = [
    ("status-400", 400, "ValidationException"),
    ("status-403", 403, "AccessDeniedException"),
    ("status-404", 404, "ResourceNotFoundException"),
    ("status-408", 408, "ModelTimeoutException"),
    ("status-424", 424, "ModelErrorException"),
    ("status-429", 429, "ThrottlingException"),
    ("status-500", 500, "InternalServerException"),
    ("status-503", 503, "ServiceUnavailableException"),
];
