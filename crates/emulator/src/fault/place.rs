//! Bodies that break off: at a place in the stream, cleanly or with the connection.

use bytes::Bytes;
use serde::Deserialize;

use super::bytes::first;
use super::event::Event;
use super::frames::{Edit, Flow, Out, Tried, edit};
use crate::body::{self, Response};

/// A place in a body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Place {
    AfterFrames(u64),
    AfterBytes(u64),
    /// Before the first event of this name.
    Before(String),
}

/// Where a connection is cut.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reset {
    BeforeAnswer,
    AfterFrames(u64),
    AfterBytes(u64),
    /// Before the first event of this name.
    Before(String),
}

impl Place {
    pub(super) const fn is_in_stream(&self) -> bool {
        !matches!(self, Self::AfterBytes(_))
    }

    /// Ends the body there, as bodies end.
    pub(super) fn cut(&self, response: Response) -> Tried {
        self.break_off(response, Flow::End)
    }

    fn break_off(&self, response: Response, flow: Flow) -> Tried {
        match self {
            Self::AfterBytes(count) => {
                Tried::Struck(response.map(|body| first(body, *count, flow)))
            }
            place => edit(response, Breaking { place: place.clone(), flow, seen: 0 }),
        }
    }
}

impl Reset {
    pub(super) const fn is_in_stream(&self) -> bool {
        matches!(self, Self::AfterFrames(_) | Self::Before(_))
    }

    /// Cuts the connection there.
    pub(super) fn apply(&self, response: Response) -> Tried {
        let place = match self {
            Self::BeforeAnswer => return Tried::Missed(response),
            Self::AfterFrames(count) => Place::AfterFrames(*count),
            Self::AfterBytes(count) => Place::AfterBytes(*count),
            Self::Before(event) => Place::Before(event.clone()),
        };
        place.break_off(response, Flow::Break)
    }
}

/// A response of which not even the head arrives, since its body fails before anything is sent.
pub(super) fn nothing() -> Response {
    let fails = std::future::ready(Err("the connection is cut before the answer".into()));
    hyper::Response::new(body::stream(futures_util::stream::once(fails)))
}

struct Breaking {
    place: Place,
    flow: Flow,
    seen: u64,
}

impl Edit for Breaking {
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
        let here = match &self.place {
            Place::AfterFrames(count) => self.seen == *count,
            Place::Before(name) => Event::read(&frame).is_some_and(|event| event.is(name)),
            Place::AfterBytes(_) => false,
        };
        if here {
            return self.flow;
        }
        self.seen += 1;
        out.push_back(frame);
        Flow::Go
    }
}
