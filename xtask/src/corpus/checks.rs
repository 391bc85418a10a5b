//! What must hold for every recorded exchange.

use std::borrow::Cow;

use codec::fault::{Fault, FaultKind};
use codec::frame::FrameDecoder;
use codec::{Api, Finish, ModelRef, Partial, StreamError};
use serde_json::Value;

use super::case::{Case, StreamEvent};
use super::operations::Operation;
use super::said::Said;
use super::streams::End;
use super::wire::{self, Run};
use super::{replies, same, streams};

/// The outcome of one check of one case.
#[derive(Debug, PartialEq)]
pub(crate) enum Verdict {
    /// The case has nothing to check here.
    Nothing,
    /// It holds.
    Passed,
    /// It does not.
    Failed(String),
    /// The codec has no reader for this.
    NotCovered(String),
}

/// A check by its name.
pub(crate) struct Check {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    run: fn(&Case) -> Result<Verdict, Verdict>,
}

impl Check {
    pub(crate) fn run(&self, case: &Case) -> Verdict {
        (self.run)(case).unwrap_or_else(|verdict| verdict)
    }
}

/// All checks.
pub(crate) const CHECKS: &[Check] = &[
    Check { name: "request", about: "the body decodes, and encodes to the same", run: request },
    Check { name: "reply", about: "text, tools, reasoning, stop and usage are right", run: reply },
    Check { name: "frames", about: "frames equal those of another decoder", run: frames },
    Check { name: "stream", about: "the events add up to what was streamed", run: stream },
    Check { name: "splits", about: "bytes in any split give the same events", run: splits },
    Check { name: "kept", about: "nothing of Converse is lost on the way", run: kept },
    Check { name: "lint", about: "what was answered is found sound", run: lint },
    Check { name: "error", about: "the error is classified", run: error },
];

fn request(case: &Case) -> Result<Verdict, Verdict> {
    if case.request.is_null() {
        return Ok(Verdict::Nothing);
    }
    let difference = match Operation::of(case) {
        Some((operation, model)) => operation.request(case, &model).map_err(Verdict::Failed),
        None => chat_request(case),
    };
    match difference {
        Ok(difference) => Ok(difference.map_or(Verdict::Passed, Verdict::Failed)),
        // What the service refused may be refused here too, and an answer that is an error says all
        // that matters where the model is not known.
        Err(_) if case.status == 400 => Ok(Verdict::Nothing),
        Err(Verdict::NotCovered(_)) if case.status > 400 => Ok(Verdict::Nothing),
        Err(verdict) => Err(verdict),
    }
}

/// Where the request that is written differs from the one that was read.
fn chat_request(case: &Case) -> Result<Option<String>, Verdict> {
    let (model, api) = known(case)?;
    let body = case.request.to_string();
    let request = codec::decode_request(&model, api, body.as_bytes()).map_err(failed)?;
    let encoded = codec::encode(&model, api, &request).map_err(failed)?;
    let encoded: Value = serde_json::from_slice(&encoded).map_err(failed)?;
    Ok(same::difference(&case.request, &encoded))
}

fn reply(case: &Case) -> Result<Verdict, Verdict> {
    if case.is_stream() || case.status != 200 || case.response.is_null() {
        return Ok(Verdict::Nothing);
    }
    if let Some((operation, model)) = Operation::of(case) {
        let difference = operation.reply(case, &model).map_err(Verdict::Failed)?;
        return Ok(difference.map_or(Verdict::Passed, Verdict::Failed));
    }
    let (model, api) = known(case)?;
    let body = case.response.to_string();
    let reply = codec::decode(&model, api, body.as_bytes(), &case.headers().as_slice());
    let reply = reply.map_err(failed)?;
    let decoded = Said::decoded(&reply.message, Some(&reply.stop_reason), reply.usage.as_ref());
    let Some(mut recorded) = replies::read(case) else {
        return Ok(Verdict::Failed("the codec reads a form that this task does not".to_owned()));
    };
    recorded.doubt_cut_tool();
    Ok(recorded.differs(&decoded).map_or(Verdict::Passed, Verdict::Failed))
}

fn frames(case: &Case) -> Result<Verdict, Verdict> {
    let bytes = case.stream_bytes().map_err(Verdict::Failed)?;
    let (Some(events), Some(bytes)) = (recorded(case)?, bytes) else {
        return Ok(Verdict::Nothing);
    };
    let mut frames = FrameDecoder::new();
    frames.push(&bytes);
    for (at, event) in events.iter().enumerate() {
        let Some(frame) = frames.next().map_err(failed)? else {
            return Ok(Verdict::Failed(format!("the bytes end before frame {at}")));
        };
        let same_headers = frame.headers().count() == event.headers.len()
            && event.headers.iter().all(|(name, value)| frame.text(name) == value.as_str());
        let payload = serde_json::from_slice(frame.payload()).unwrap_or(Value::Null);
        if !same_headers || payload != event.payload {
            return Ok(Verdict::Failed(format!("frame {at} differs: {frame:?}")));
        }
    }
    match (frames.next().map_err(failed)?.is_none(), frames.pending()) {
        (true, 0) => Ok(Verdict::Passed),
        _ => Ok(Verdict::Failed("there are bytes behind the last frame".to_owned())),
    }
}

fn stream(case: &Case) -> Result<Verdict, Verdict> {
    let (Some(recorded), Some(run)) = (recorded(case)?, whole(case)?) else {
        return Ok(Verdict::Nothing);
    };
    let Some(mut told) = streams::read(case, &recorded) else {
        return Ok(Verdict::Failed("a chunk has a form that this task does not know".to_owned()));
    };
    let (end, decoded) = match &run.finish {
        Finish::Complete(reply) => (
            End::Whole,
            Said::decoded(&reply.message, Some(&reply.stop_reason), reply.usage.as_ref()),
        ),
        Finish::Incomplete { why, partial } => (end(why)?, partly(partial)),
    };
    told.said.doubt_cut_tool();
    if !agree(&told.end, &end) {
        return Ok(Verdict::Failed(format!("it ends {:?} and is read as {end:?}", told.end)));
    }
    Ok(told.said.differs(&decoded).map_or(Verdict::Passed, Verdict::Failed))
}

fn splits(case: &Case) -> Result<Verdict, Verdict> {
    let Some(whole) = whole(case)? else { return Ok(Verdict::Nothing) };
    let (model, api) = known(case)?;
    let bytes = wire::bytes(case).map_err(Verdict::Failed)?;
    for (name, pieces) in wire::splits(&bytes, &case.name) {
        if wire::run(&model, api, pieces).map_err(failed)? != whole {
            return Ok(Verdict::Failed(format!("{name}: other events than in one piece")));
        }
    }
    Ok(Verdict::Passed)
}

fn kept(case: &Case) -> Result<Verdict, Verdict> {
    if case.api() != Some(Api::Converse) || case.status != 200 {
        return Ok(Verdict::Nothing);
    }
    if let (Some(recorded), Some(run)) = (recorded(case)?, whole(case)?) {
        let mut events = run.events.iter();
        for event in recorded.iter() {
            let Some(kind) = event.header(":event-type") else { break };
            let mut payload = event.payload.clone();
            if let Some(members) = payload.as_object_mut() {
                members.remove("p");
            }
            let Some(read) = events.next() else {
                return Ok(Verdict::Failed(format!("{kind} is lost")));
            };
            let written = read.to_json().get(kind).cloned().unwrap_or_default();
            if let Some(path) = same::difference(&payload, &written) {
                return Ok(Verdict::Failed(format!("{kind}{path}")));
            }
        }
        return Ok(Verdict::Passed);
    }
    // A tool call that was cut off is not written as the whole one that it was taken for.
    let doubtful = replies::read(case).is_some_and(|mut said| said.doubt_cut_tool());
    if case.is_stream() || case.response.is_null() || doubtful {
        return Ok(Verdict::Nothing);
    }
    let (model, api) = known(case)?;
    let reply = codec::decode(&model, api, case.response.to_string().as_bytes(), &());
    let written = reply.map_err(failed)?.to_converse();
    Ok(same::difference(&case.response, &written).map_or(Verdict::Passed, Verdict::Failed))
}

fn error(case: &Case) -> Result<Verdict, Verdict> {
    if case.status < 400 {
        return Ok(Verdict::Nothing);
    }
    let code = case.header("x-amzn-errortype");
    // A body that is not JSON is stored as text, and is the message.
    let body = match &case.response {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let fault = Fault::from_payload(code, case.status, body.as_bytes());
    let name = code.and_then(|code| code.split(':').next());
    let message = ["message", "Message"].iter().find_map(|key| case.response.get(key)?.as_str());
    let message = message.or_else(|| case.response.as_str());
    Ok(match &fault {
        fault if fault.kind == FaultKind::Other => Verdict::Failed(format!("unknown: {fault}")),
        fault if name.is_some_and(|name| fault.code != name) => {
            Verdict::Failed(format!("{name:?} is read as {:?}", fault.code))
        }
        fault if fault.status != case.status => {
            Verdict::Failed(format!("{} is read as {}", case.status, fault.status))
        }
        fault if fault.message.as_deref() != message => {
            Verdict::Failed(format!("{message:?} is read as {:?}", fault.message))
        }
        _ => Verdict::Passed,
    })
}

fn lint(case: &Case) -> Result<Verdict, Verdict> {
    if case.status != 200 || case.request.is_null() || is_refused_in_stream(case)? {
        return Ok(Verdict::Nothing);
    }
    // The linter is about requests for chat.
    if Operation::of(case).is_some() {
        return Ok(Verdict::Nothing);
    }
    let (model, api) = known(case)?;
    let body = case.request.to_string();
    // A body that does not decode is the affair of the check before.
    let Ok(request) = codec::decode_request(&model, api, body.as_bytes()) else {
        return Ok(Verdict::Nothing);
    };
    let findings = codec::lint(&model, &request);
    Ok(findings.first().map_or(Verdict::Passed, |found| {
        Verdict::Failed(format!("{} at {}: {}", found.rule, found.path, found.message))
    }))
}

/// Whether the refusal came inside a stream, whose status is 200.
fn is_refused_in_stream(case: &Case) -> Result<bool, Verdict> {
    let frames = recorded(case)?;
    let mut frames = frames.iter().flat_map(|frames| frames.iter());
    Ok(frames.any(|frame| frame.header(":exception-type").is_some()))
}

/// The frames of the case, read without the codec; `None` where it has none.
fn recorded(case: &Case) -> Result<Option<Cow<'_, [StreamEvent]>>, Verdict> {
    case.frames().map_err(Verdict::Failed)
}

/// The stream of the case, fed in one piece; `None` where it has none.
fn whole(case: &Case) -> Result<Option<Run>, Verdict> {
    if recorded(case)?.is_none() {
        return Ok(None);
    }
    let (model, api) = known(case)?;
    let bytes = wire::bytes(case).map_err(Verdict::Failed)?;
    wire::run(&model, api, [bytes.as_slice()]).map(Some).map_err(failed)
}

/// The model and the format of its bodies, if the codec has it.
fn known(case: &Case) -> Result<(ModelRef, Api), Verdict> {
    let not_covered = |what: &str| Verdict::NotCovered(what.to_owned());
    let api = case.api().ok_or_else(|| not_covered("the operation"))?;
    let model = case.model().ok_or_else(|| not_covered("the model's address"))?;
    if api == Api::Invoke && model.family().is_none() {
        return Err(not_covered("the family"));
    }
    Ok((model, api))
}

fn end(why: &StreamError) -> Result<End, Verdict> {
    match why {
        StreamError::EndOfStream => Ok(End::Cut),
        StreamError::Fault(fault) if fault.kind != FaultKind::Other => {
            Ok(End::Exception(fault.code.clone()))
        }
        other => Err(failed(other)),
    }
}

fn partly(partial: &Partial) -> Said {
    Said::decoded(&partial.message, partial.stop_reason.as_ref(), partial.usage.as_ref())
}

fn agree(recorded: &End, read: &End) -> bool {
    match (recorded, read) {
        (End::Exception(recorded), End::Exception(read)) => recorded.eq_ignore_ascii_case(read),
        (recorded, read) => recorded == read,
    }
}

fn failed(error: impl std::fmt::Display) -> Verdict {
    Verdict::Failed(error.to_string())
}
