//! The one table of exception names, and the one table of words that tell throttles apart.

use super::FaultKind::{self, *};
use super::ThrottleCause;

/// What is known about an exception.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    pub(super) status: u16,
    pub(super) kind: FaultKind,
}

/// The name alone: `ns#Name:http://…` has its namespace and its address taken off.
pub(super) fn bare(code: &str) -> &str {
    let name = code.split_once(':').map_or(code, |(name, _)| name);
    name.rsplit_once('#').map_or(name, |(_, name)| name).trim()
}

/// What is known about an exception of this name, in any case.
pub(super) fn find(name: &str) -> Option<Known> {
    CODES.iter().find(|known| known.name.eq_ignore_ascii_case(name)).copied()
}

/// What an error means whose name is missing or not known.
pub(super) fn by_status(status: u16) -> FaultKind {
    match status {
        401 => Credentials,
        403 => AccessDenied,
        404 => NotFound,
        408 => ModelTimeout,
        424 => ModelError,
        429 => Throttled(ThrottleCause::Unknown),
        400..=499 => Validation,
        502..=504 => Unavailable,
        500..=599 => Internal,
        _ => Other,
    }
}

/// What a throttle is about, from its words: the first line of [`THROTTLE_WORDS`] that occurs.
pub(super) fn throttle_cause(message: &str) -> ThrottleCause {
    let message = message.to_lowercase();
    THROTTLE_WORDS
        .iter()
        .find(|(words, _)| message.contains(words))
        .map_or(ThrottleCause::Unknown, |(_, cause)| *cause)
}

const fn known(name: &'static str, status: u16, kind: FaultKind) -> Known {
    Known { name, status, kind }
}

/// Bedrock's exceptions with their statuses, then those of the AWS front door and of S3, then the
/// types of error that an Anthropic stream can carry in a chunk.
const CODES: &[Known] = &[
    known("AccessDeniedException", 403, AccessDenied),
    known("ConflictException", 400, Conflict),
    known("InternalServerException", 500, Internal),
    known("ModelErrorException", 424, ModelError),
    known("ModelNotReadyException", 429, ModelNotReady),
    known("ModelStreamErrorException", 424, ModelStreamError),
    known("ModelTimeoutException", 408, ModelTimeout),
    known("ResourceNotFoundException", 404, NotFound),
    known("ServiceQuotaExceededException", 400, QuotaExceeded),
    known("ServiceUnavailableException", 503, Unavailable),
    known("ThrottlingException", 429, Throttled(ThrottleCause::Unknown)),
    known("TooManyTagsException", 400, Validation),
    known("ValidationException", 400, Validation),
    // The front door.
    known("ExpiredToken", 403, Credentials),
    known("ExpiredTokenException", 403, Credentials),
    known("IncompleteSignature", 403, Credentials),
    known("IncompleteSignatureException", 403, Credentials),
    known("InternalFailure", 500, Internal),
    known("InternalServerError", 500, Internal),
    known("InvalidClientTokenId", 403, Credentials),
    known("InvalidSignatureException", 403, Credentials),
    known("MissingAuthenticationToken", 403, Credentials),
    known("MissingAuthenticationTokenException", 403, Credentials),
    known("RequestExpired", 403, Credentials),
    known("RequestLimitExceeded", 429, Throttled(ThrottleCause::Requests)),
    known("SerializationException", 400, Validation),
    known("ServiceUnavailable", 503, Unavailable),
    known("SignatureDoesNotMatch", 403, Credentials),
    known("Throttling", 429, Throttled(ThrottleCause::Unknown)),
    known("TooManyRequestsException", 429, Throttled(ThrottleCause::Unknown)),
    known("UnrecognizedClientException", 403, Credentials),
    // S3.
    known("AccessDenied", 403, AccessDenied),
    known("InternalError", 500, Internal),
    known("InvalidAccessKeyId", 403, Credentials),
    known("NoSuchBucket", 404, NotFound),
    known("NoSuchKey", 404, NotFound),
    known("NoSuchUpload", 404, NotFound),
    known("PreconditionFailed", 412, Conflict),
    known("SlowDown", 503, Throttled(ThrottleCause::Requests)),
    // Anthropic, inside a chunk.
    known("api_error", 500, Internal),
    known("authentication_error", 401, Credentials),
    known("invalid_request_error", 400, Validation),
    known("not_found_error", 404, NotFound),
    known("overloaded_error", 529, Throttled(ThrottleCause::Capacity)),
    known("permission_error", 403, AccessDenied),
    known("rate_limit_error", 429, Throttled(ThrottleCause::Unknown)),
    known("request_too_large", 413, Validation),
    known("timeout_error", 504, ModelTimeout),
];

/// Words of throttles, in lower case, and what they mean; the first that occur decide.
///
/// The service gives all of them the same code and status. Texts seen:
///
/// | text | meaning |
/// |---|---|
/// | Too many tokens per day, please wait before trying again. | tokens per day; also an account without quota |
/// | Too many tokens, please wait before trying again. | tokens per minute |
/// | Too many requests, please wait before trying again. | requests per minute |
/// | Your request rate is too high. Reduce the frequency of requests. | requests per minute |
/// | Model … is currently overloaded. Please try again later. | capacity, not the account's quota |
/// | Rate exceeded | not told |
const THROTTLE_WORDS: &[(&str, ThrottleCause)] = &[
    ("per day", ThrottleCause::TokensPerDay),
    ("too many tokens", ThrottleCause::Tokens),
    ("too many requests", ThrottleCause::Requests),
    ("request rate is too high", ThrottleCause::Requests),
    ("overloaded", ThrottleCause::Capacity),
];
