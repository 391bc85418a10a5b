//! What a fault does, as a scenario file writes it. Each effect is described in a file of its own.

use async_trait::async_trait;
use serde::Deserialize;

use super::batch::{DuplicateLines, JobExpires, JobFails, MissingLines};
use super::bytes::Drip;
use super::delay::Delay;
use super::events::{Corrupt, DropEvent, UnknownEvent};
use super::frames::Tried;
use super::place::{Cut, Reset};
use super::refusal::{Exception, Throttle};
use super::rule::Call;
use super::s3::S3Failure;
use super::stop_reason::StopReason;
use super::tool_input::CutToolInput;
use super::usage::Counters;
use crate::body::Response;

/// One effect, by its name in a file. The table in the guide has a line for each.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Effect {
    Delay(Delay),
    Throttle(Throttle),
    Exception(Exception),
    Reset(Reset),
    Cut(Cut),
    Corrupt(Corrupt),
    UnknownEvent(UnknownEvent),
    DropEvent(DropEvent),
    Drip(Drip),
    StopReason(StopReason),
    Usage(Counters),
    CutToolInput(CutToolInput),
    S3Error(S3Failure),
    MissingLines(MissingLines),
    DuplicateLines(DuplicateLines),
    JobFails(JobFails),
    JobExpires(JobExpires),
}

/// What every effect can tell of itself and do.
#[async_trait]
pub(super) trait Act: Sync {
    /// Its name in logs, unless the fault has one.
    fn name(&self) -> &'static str;

    /// When it is done, and to what.
    fn stage(&self) -> Stage;

    /// Does what comes before the answer; a response is all the answer there is.
    async fn before(&self, _model: &str) -> Option<Response> {
        None
    }

    /// Does to the answer what is to be done to it.
    async fn after(&self, response: Response, _model: &str) -> Tried {
        Tried::Missed(response)
    }
}

/// When an effect is done, and to what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Before the request is answered.
    Before,
    /// In place of an answer.
    Instead,
    /// In place of an answer, by S3 itself.
    InsteadByS3,
    /// To an answer of any kind.
    Answer,
    /// To the frames of a stream.
    Frames,
    /// To a batch job, and not to a request.
    Job,
}

impl Effect {
    /// The one table of effects.
    pub(super) fn act(&self) -> &dyn Act {
        match self {
            Self::Delay(effect) => effect,
            Self::Throttle(effect) => effect,
            Self::Exception(effect) => effect,
            Self::Reset(effect) => effect,
            Self::Cut(effect) => effect,
            Self::Corrupt(effect) => effect,
            Self::UnknownEvent(effect) => effect,
            Self::DropEvent(effect) => effect,
            Self::Drip(effect) => effect,
            Self::StopReason(effect) => effect,
            Self::Usage(effect) => effect,
            Self::CutToolInput(effect) => effect,
            Self::S3Error(effect) => effect,
            Self::MissingLines(effect) => effect,
            Self::DuplicateLines(effect) => effect,
            Self::JobFails(effect) => effect,
            Self::JobExpires(effect) => effect,
        }
    }
}

impl Stage {
    /// Whether such an effect is for a call where its fault names no operation.
    pub(super) fn is_usual_for(self, call: &Call<'_>) -> bool {
        match self {
            Self::Job => true,
            Self::InsteadByS3 => call.object.is_some(),
            Self::Frames => STREAMS.contains(&call.operation),
            Self::Before | Self::Instead | Self::Answer => {
                STREAMS.iter().chain(&UNARY).any(|name| *name == call.operation)
            }
        }
    }

    /// Whether it is over before there is an answer to do something to.
    pub(super) const fn is_before(self) -> bool {
        matches!(self, Self::Before) || self.is_an_answer()
    }

    /// Whether nobody but the fault answers.
    pub(super) const fn is_an_answer(self) -> bool {
        matches!(self, Self::Instead | Self::InsteadByS3)
    }
}

const UNARY: [&str; 2] = ["InvokeModel", "Converse"];
const STREAMS: [&str; 2] = ["InvokeModelWithResponseStream", "ConverseStream"];
