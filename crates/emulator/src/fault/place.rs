//! Bodies that break off: at a place in the stream, cleanly or with the connection.

use async_trait::async_trait;
use bytes::Bytes;
use serde::Deserialize;

use super::bytes::first;
use super::effect::{Act, Stage};
use super::event::Event;
use super::frames::{Edit, Flow, Out, Tried, edit};
use crate::body::{self, Response};
use crate::socket::ByReset;

/// A place in a body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
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

/// The end of a body, as bodies end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub(super) struct Cut(Place);

#[async_trait]
impl Act for Cut {
    fn name(&self) -> &'static str {
        "cut"
    }

    fn stage(&self) -> Stage {
        self.0.stage()
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        self.0.break_off(response, Flow::End)
    }
}

#[async_trait]
impl Act for Reset {
    fn name(&self) -> &'static str {
        "reset"
    }

    fn stage(&self) -> Stage {
        self.place().map_or(Stage::Instead, |place| place.stage())
    }

    async fn before(&self, _model: &str) -> Option<Response> {
        self.place().is_none().then(nothing)
    }

    async fn after(&self, response: Response, _model: &str) -> Tried {
        match self.place() {
            Some(place) => match place.break_off(response, Flow::Break) {
                Tried::Struck(response) => Tried::Struck(by_reset(response)),
                missed @ Tried::Missed(_) => missed,
            },
            None => Tried::Missed(response),
        }
    }
}

impl Reset {
    /// The place within the answer.
    fn place(&self) -> Option<Place> {
        match self {
            Self::BeforeAnswer => None,
            Self::AfterFrames(count) => Some(Place::AfterFrames(*count)),
            Self::AfterBytes(count) => Some(Place::AfterBytes(*count)),
            Self::Before(event) => Some(Place::Before(event.clone())),
        }
    }
}

impl Place {
    const fn stage(&self) -> Stage {
        match self {
            Self::AfterBytes(_) => Stage::Answer,
            Self::AfterFrames(_) | Self::Before(_) => Stage::Frames,
        }
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

/// A response of which not even the head arrives, since its body fails before anything is sent.
fn nothing() -> Response {
    let fails = std::future::ready(Err("the connection is cut before the answer".into()));
    by_reset(hyper::Response::new(body::stream(futures_util::stream::once(fails))))
}

fn by_reset(mut response: Response) -> Response {
    response.extensions_mut().insert(ByReset);
    response
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
