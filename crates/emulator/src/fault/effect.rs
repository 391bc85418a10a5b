//! What a fault does, as a scenario file writes it, and who does it.

use std::time::Duration;

use serde::Deserialize;

use super::batch::{EndAfter, Every, FailAfter};
use super::bytes::Drip;
use super::events::{Corrupt, DropEvent, UnknownEvent};
use super::frames::Tried;
use super::place::{Place, Reset};
use super::refusal::{Exception, Throttle};
use super::rule::Call;
use super::s3::S3Failure;
use super::stop_reason::StopReason;
use super::tool_input::CutToolInput;
use super::usage::Counters;
use super::{place, stop_reason};
use crate::body::Response;
use crate::clock;

/// One effect. The table in the guide has a line for each.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    Delay(Delay),
    Throttle(Throttle),
    Exception(Exception),
    Reset(Reset),
    Cut(Place),
    Corrupt(Corrupt),
    UnknownEvent(UnknownEvent),
    DropEvent(DropEvent),
    Drip(Drip),
    StopReason(StopReason),
    Usage(Counters),
    CutToolInput(CutToolInput),
    S3Error(S3Failure),
    MissingLines(Every),
    DuplicateLines(Every),
    JobFails(FailAfter),
    JobExpires(EndAfter),
}

/// A wait before the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Delay {
    ms: u64,
}

impl Effect {
    /// Its name in a file.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Delay(_) => "delay",
            Self::Throttle(_) => "throttle",
            Self::Exception(_) => "exception",
            Self::Reset(_) => "reset",
            Self::Cut(_) => "cut",
            Self::Corrupt(_) => "corrupt",
            Self::UnknownEvent(_) => "unknown_event",
            Self::DropEvent(_) => "drop_event",
            Self::Drip(_) => "drip",
            Self::StopReason(_) => "stop_reason",
            Self::Usage(_) => "usage",
            Self::CutToolInput(_) => "cut_tool_input",
            Self::S3Error(_) => "s3_error",
            Self::MissingLines(_) => "missing_lines",
            Self::DuplicateLines(_) => "duplicate_lines",
            Self::JobFails(_) => "job_fails",
            Self::JobExpires(_) => "job_expires",
        }
    }

    /// Whether it is done to a batch job, and not to a request.
    pub(super) const fn is_of_a_job(&self) -> bool {
        matches!(
            self,
            Self::MissingLines(_)
                | Self::DuplicateLines(_)
                | Self::JobFails(_)
                | Self::JobExpires(_)
        )
    }

    /// Whether it is for such a call where its fault names no operation.
    pub(super) fn is_usual_for(&self, call: &Call<'_>) -> bool {
        const UNARY: [&str; 2] = ["InvokeModel", "Converse"];
        const STREAMS: [&str; 2] = ["InvokeModelWithResponseStream", "ConverseStream"];
        match self {
            Self::S3Error(_) => call.object.is_some(),
            effect if effect.is_of_a_job() => true,
            effect if effect.is_of_a_stream() => STREAMS.contains(&call.operation),
            _ => UNARY.iter().chain(&STREAMS).any(|name| *name == call.operation),
        }
    }

    /// Whether it is done to the frames of a stream, and to nothing else.
    const fn is_of_a_stream(&self) -> bool {
        match self {
            Self::Throttle(throttle) => throttle.is_in_stream(),
            Self::Exception(exception) => exception.is_in_stream(),
            Self::Reset(reset) => reset.is_in_stream(),
            Self::Cut(place) => place.is_in_stream(),
            Self::Corrupt(_) | Self::UnknownEvent(_) | Self::DropEvent(_) => true,
            Self::CutToolInput(cut) => cut.is_in_stream(),
            _ => false,
        }
    }

    /// Whether it is done before the request is answered, or in place of an answer.
    pub(super) const fn is_before(&self) -> bool {
        match self {
            Self::Delay(_) | Self::S3Error(_) => true,
            Self::Throttle(throttle) => !throttle.is_in_stream(),
            Self::Exception(exception) => !exception.is_in_stream(),
            Self::Reset(reset) => matches!(reset, Reset::BeforeAnswer),
            _ => false,
        }
    }

    /// Whether nobody but the fault answers.
    pub(super) const fn is_an_answer(&self) -> bool {
        self.is_before() && !matches!(self, Self::Delay(_))
    }

    /// What is done before the request is answered; a response is all the answer there is.
    pub(super) async fn before(&self, model: &str) -> Option<Response> {
        match self {
            Self::Delay(Delay { ms }) => {
                clock::sleep(Duration::from_millis(*ms)).await;
                None
            }
            Self::Throttle(throttle) => throttle.response(model),
            Self::Exception(exception) => exception.response(),
            Self::Reset(Reset::BeforeAnswer) => Some(place::nothing()),
            _ => None,
        }
    }

    /// What is done to the answer.
    pub(super) async fn after(&self, response: Response, model: &str) -> Tried {
        match self {
            Self::Throttle(throttle) => throttle.insert(response, model),
            Self::Exception(exception) => exception.insert(response),
            Self::Reset(reset) => reset.apply(response),
            Self::Cut(place) => place.cut(response),
            Self::Corrupt(corrupt) => corrupt.apply(response),
            Self::UnknownEvent(event) => event.apply(response),
            Self::DropEvent(event) => event.apply(response),
            Self::Drip(drip) => Tried::Struck(drip.apply(response)),
            Self::StopReason(reason) => stop_reason::apply(reason, response).await,
            Self::Usage(counters) => counters.apply(response).await,
            Self::CutToolInput(cut) => cut.apply(response).await,
            _ => Tried::Missed(response),
        }
    }
}
