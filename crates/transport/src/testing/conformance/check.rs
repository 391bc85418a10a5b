//! Makes the call of a scenario and compares.

use std::future::Future;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::future::{Either, select};

use super::scenario::{Answer, EXTRA, Ending, REQUEST, Scenario};
use crate::{Error, ErrorKind, Meta, Phase, Reply, Service, Streaming, Transport};

/// Nothing, or what was found and what must be.
pub(super) type Verdict = Result<(), String>;

/// Checks a scenario that comes to an end.
pub(super) async fn answer(scenario: &Scenario, transport: &dyn Transport) -> Verdict {
    let got = match &scenario.answer {
        Answer::Misuse => misuse(scenario, transport).await,
        _ => call(scenario, transport).await,
    };
    match &scenario.answer {
        Answer::Pieces(pieces, Ending::Clean) => complete(scenario, got, &pieces.concat()),
        Answer::Pieces(pieces, _) => broken(scenario, got, &pieces.concat()),
        Answer::Echo => complete(scenario, got, REQUEST.as_bytes()),
        Answer::Refusal(service) => refused(scenario, got, service),
        Answer::Page(status, _) => refused(scenario, got, &Service::new(*status, None, None)),
        Answer::Nothing => failed(got, Phase::MaybeSent, &ErrorKind::Io),
        Answer::Misuse => failed(got, Phase::NotSent, &ErrorKind::Unsupported),
        Answer::Silence => Err("a scenario that waits has no answer".to_owned()),
    }
}

/// Checks that a scenario does not come to an end before `other` does, then drops it.
pub(super) async fn waiting(
    scenario: &Scenario,
    transport: &dyn Transport,
    other: impl Future<Output = Verdict>,
) -> Verdict {
    match &scenario.answer {
        Answer::Pieces(pieces, _) if scenario.operation.streams() => {
            let streaming = transport.streaming(scenario.call()).await;
            let mut body = streaming.map_err(|error| format!("the call failed: {error}"))?.body;
            let expected = pieces.concat();
            let mut read = BytesMut::new();
            while read.len() < expected.len() {
                match body.next().await {
                    Some(Ok(piece)) => read.extend_from_slice(&piece),
                    end => return Err(format!("the body ended early: {end:?}")),
                }
            }
            same_bytes(&read, &expected)?;
            second(body.next(), other).await
        }
        _ => second(call(scenario, transport), other).await,
    }
}

async fn second<T: std::fmt::Debug>(
    waits: impl Future<Output = T>,
    other: impl Future<Output = Verdict>,
) -> Verdict {
    match select(pin!(waits), pin!(other)).await {
        Either::Left((early, _)) => Err(format!("it must wait, and gave {early:?}")),
        Either::Right((verdict, _)) => verdict,
    }
}

/// What a call gave: the head, the bytes, and the error after them.
#[derive(Debug)]
struct Got {
    meta: Meta,
    body: Bytes,
    error: Option<Error>,
}

async fn call(scenario: &Scenario, transport: &dyn Transport) -> Result<Got, Error> {
    if !scenario.operation.streams() {
        let Reply { meta, body } = transport.unary(scenario.call()).await?;
        return Ok(Got { meta, body, error: None });
    }
    let Streaming { meta, mut body } = transport.streaming(scenario.call()).await?;
    let (mut whole, mut error) = (BytesMut::new(), None);
    while let Some(piece) = body.next().await {
        match piece {
            Ok(piece) => whole.extend_from_slice(&piece),
            Err(end) => {
                error = Some(end);
                break;
            }
        }
    }
    Ok(Got { meta, body: whole.freeze(), error })
}

/// Calls the method that is not for this operation.
async fn misuse(scenario: &Scenario, transport: &dyn Transport) -> Result<Got, Error> {
    let (meta, body) = if scenario.operation.streams() {
        let Reply { meta, body } = transport.unary(scenario.call()).await?;
        (meta, body)
    } else {
        (transport.streaming(scenario.call()).await?.meta, Bytes::new())
    };
    Ok(Got { meta, body, error: None })
}

fn complete(scenario: &Scenario, got: Result<Got, Error>, expected: &[u8]) -> Verdict {
    let got = got.map_err(|error| format!("the call failed: {error}"))?;
    if let Some(error) = got.error {
        return Err(format!("the body ended with an error: {error}"));
    }
    same_bytes(&got.body, expected)?;
    head(scenario, &got.meta)
}

fn broken(scenario: &Scenario, got: Result<Got, Error>, sent: &[u8]) -> Verdict {
    let error = match got {
        // A reply in one piece has no head without its body.
        Err(error) if !scenario.operation.streams() => error,
        Err(error) => return Err(format!("the head was sent, and the call failed: {error}")),
        Ok(got) => {
            head(scenario, &got.meta)?;
            if !sent.starts_with(&got.body) {
                return Err(format!("{:?} was never sent", got.body));
            }
            got.error.ok_or("a broken connection must not look like an end")?
        }
    };
    equal("the phase", &error.phase(), &Phase::AnsweredBadly)?;
    equal("the kind", error.kind(), &ErrorKind::Io)?;
    equal("the request id", &error.request_id(), &Some(scenario.request_id().as_str()))
}

fn refused(scenario: &Scenario, got: Result<Got, Error>, service: &Service) -> Verdict {
    let Err(error) = got else {
        return Err(format!("status {} must be an error", service.status));
    };
    equal("the phase", &error.phase(), &Phase::Refused)?;
    equal("the refusal", &error.service(), &Some(service))?;
    equal("the request id", &error.request_id(), &Some(scenario.request_id().as_str()))
}

fn failed(got: Result<Got, Error>, phase: Phase, kind: &ErrorKind) -> Verdict {
    let Err(error) = got else {
        return Err("the call must fail".to_owned());
    };
    equal("the phase", &error.phase(), &phase)?;
    equal("the kind", error.kind(), kind)
}

fn head(scenario: &Scenario, meta: &Meta) -> Verdict {
    let id = Some(scenario.request_id());
    equal("the request id", &meta.request_id, &id)?;
    equal("a header", &meta.headers.get(EXTRA.0), &Some(EXTRA.1))
}

fn same_bytes(got: &[u8], expected: &[u8]) -> Verdict {
    if got == expected {
        return Ok(());
    }
    let at = got.iter().zip(expected).take_while(|(got, expected)| got == expected).count();
    Err(format!(
        "{} bytes came, {} were sent, and they differ from byte {at} on",
        got.len(),
        expected.len()
    ))
}

fn equal<T: std::fmt::Debug + PartialEq>(what: &str, got: &T, expected: &T) -> Verdict {
    if got == expected {
        return Ok(());
    }
    Err(format!("{what} is {got:?}, and must be {expected:?}"))
}
