//! From the SDK's errors to the seam's: how far the call came, and what the service said.

use std::error::Error as StdError;
use std::fmt;
use std::iter;
use std::time::Duration;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::byte_stream;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;
use hyper_util::client::legacy;
use transport::{Error, ErrorKind, Headers, Meta, Phase, Service};

use crate::interceptor::BadHeader;

/// Where calls go, for messages.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) region: String,
    pub(crate) endpoint: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.endpoint {
            Some(url) => write!(f, "at {url}"),
            None => write!(f, "in {}", self.region),
        }
    }
}

/// What every operation of the SDK fails with.
pub(crate) trait Sdk: ProvideErrorMetadata + StdError + Send + Sync + 'static {}

impl<E: ProvideErrorMetadata + StdError + Send + Sync + 'static> Sdk for E {}

/// The seam's error for an error of the SDK, in a call to `service`.
pub(crate) fn from_sdk<E: Sdk>(
    error: SdkError<E, HttpResponse>,
    service: &str,
    place: &Place,
) -> Error {
    match error {
        SdkError::ServiceError(context) => {
            let code = context.err().code().map(str::to_owned);
            let message = context.err().message().map(str::to_owned);
            refused(context.raw(), code, message)
        }
        // An error status whose body cannot be read is still a refusal.
        SdkError::ResponseError(context) if context.raw().status().as_u16() != 200 => {
            refused(context.raw(), None, None)
        }
        SdkError::ResponseError(context) => {
            let id = request_id(context.raw());
            let message = format!("the answer of {service} {place} could not be read");
            let error = Error::new(ErrorKind::Protocol, Phase::AnsweredBadly, message);
            with_cause::<E>(error.with_request_id(id), SdkError::ResponseError(context))
        }
        SdkError::TimeoutError(_) => {
            let message = format!("{service} {place} did not answer in time");
            with_cause(Error::new(ErrorKind::Io, Phase::MaybeSent, message), error)
        }
        SdkError::ConstructionFailure(_) => {
            let (kind, message) = unsent(&error)
                .unwrap_or_else(|| (ErrorKind::Config, "the request cannot be built".to_owned()));
            with_cause(Error::new(kind, Phase::NotSent, message), error)
        }
        failed => undispatched(failed, service, place),
    }
}

/// An error for a response body that ended early.
pub(crate) fn broken_body(source: byte_stream::error::Error, request_id: Option<String>) -> Error {
    let message = format!("the answer broke off: {}", root(&source));
    Error::new(ErrorKind::Io, Phase::AnsweredBadly, message)
        .with_request_id(request_id)
        .with_source(source)
}

/// An error for an answer that the service never gives.
pub(crate) fn not_the_protocol(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::Protocol, Phase::AnsweredBadly, message)
}

/// An error for a request that lacks something.
pub(crate) fn unbuilt(source: BuildError) -> Error {
    Error::new(ErrorKind::Config, Phase::NotSent, "the request cannot be built").with_source(source)
}

/// The headers of a response. What is not UTF-8 is made so.
pub(crate) fn headers(response: &HttpResponse) -> Headers {
    let headers = response.headers().iter_bytes();
    headers.map(|(name, value)| (name, String::from_utf8_lossy(value))).collect()
}

/// A call that got no answer.
fn undispatched<E: Sdk>(error: SdkError<E, HttpResponse>, service: &str, place: &Place) -> Error {
    if let Some((kind, message)) = unsent(&error) {
        return with_cause(Error::new(kind, Phase::NotSent, message), error);
    }
    let cause = root(&error);
    let connecting = find::<legacy::Error>(&error).filter(|error| error.is_connect());
    let timed_out = find::<ConnectorError>(&error).is_some_and(ConnectorError::is_timeout);
    let (kind, phase, message) = match (connecting, timed_out) {
        (Some(connecting), true) => (
            ErrorKind::ConnectTimeout,
            Phase::NotSent,
            // Here the root only says "timed out"; what stands above it names the limit.
            match connecting.source() {
                Some(limit) => format!("{service} {place} could not be reached in time: {limit}"),
                None => format!("{service} {place} could not be reached in time"),
            },
        ),
        (Some(_), false) => (
            ErrorKind::Connect,
            Phase::NotSent,
            format!("{service} {place} could not be reached: {cause}"),
        ),
        (None, _) => (
            ErrorKind::Io,
            Phase::MaybeSent,
            format!("the connection to {service} {place} broke before an answer came: {cause}"),
        ),
    };
    with_cause(Error::new(kind, phase, message), error)
}

/// What kept a request from being sent, where it was no matter of the network.
fn unsent(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, String)> {
    if let Some(missing) = find::<CredentialsError>(error) {
        let message = match missing {
            CredentialsError::CredentialsNotLoaded(_) => {
                format!("no AWS credentials were found: {GIVE_CREDENTIALS}")
            }
            other => {
                let cause = root(other);
                format!("the AWS credentials could not be loaded ({cause}): {GIVE_CREDENTIALS}")
            }
        };
        return Some((ErrorKind::Credentials, message));
    }
    if let Some(missing) = find::<TokenError>(error) {
        let message = format!("the bearer token could not be loaded: {}", root(missing));
        return Some((ErrorKind::Credentials, message));
    }
    let header = find::<BadHeader>(error)?;
    Some((ErrorKind::Config, header.to_string()))
}

fn refused(response: &HttpResponse, code: Option<String>, message: Option<String>) -> Error {
    // The header first: the SDK knows the code only where it could parse the body.
    let code = header(response, "x-amzn-errortype").as_deref().map(bare_code).or(code);
    let mut service = Service::new(response.status().as_u16(), code, message);
    service.retry_after = retry_after(response);
    Error::refused(service).with_request_id(request_id(response))
}

/// `ThrottlingException` out of `com.amazonaws#ThrottlingException:http://…`.
fn bare_code(code: &str) -> String {
    let code = code.split_once(':').map_or(code, |(code, _)| code);
    code.rsplit_once('#').map_or(code, |(_, code)| code).trim().to_owned()
}

fn retry_after(response: &HttpResponse) -> Option<Duration> {
    let number = |name| header(response, name)?.trim().parse().ok();
    let milliseconds = number("x-amz-retry-after").map(Duration::from_millis);
    milliseconds.or_else(|| number("retry-after").map(Duration::from_secs))
}

fn request_id(response: &HttpResponse) -> Option<String> {
    let bedrock = Meta::new(headers(response)).request_id;
    bedrock.or_else(|| header(response, "x-amz-request-id"))
}

fn header(response: &HttpResponse, name: &str) -> Option<String> {
    response.headers().get_bytes(name).map(|value| String::from_utf8_lossy(value).into_owned())
}

/// Adds what the SDK gives as the cause.
fn with_cause<E: Sdk>(error: Error, cause: SdkError<E, HttpResponse>) -> Error {
    match cause.into_source() {
        Ok(source) => error.with_source(source),
        Err(_) => error,
    }
}

/// The first error of this type in the chain of causes.
fn find<'a, T: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a T> {
    chain(error).find_map(|error| error.downcast_ref())
}

/// The last error in the chain of causes, which is the one that tells a person something.
fn root<'a>(error: &'a (dyn StdError + 'static)) -> &'a (dyn StdError + 'static) {
    chain(error).last().unwrap_or(error)
}

fn chain<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

const GIVE_CREDENTIALS: &str = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, choose a profile \
                                that has some with --profile or AWS_PROFILE, or set \
                                AWS_BEARER_TOKEN_BEDROCK";
