//! The frames of a response on their way out, each of which an edit may change, drop or add to.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use codec::frame::{self, Decoded};
use futures_util::stream;
use http_body_util::BodyExt;
use hyper::header::CONTENT_TYPE;

use crate::body::{self, Body, BodyError, Response};

/// What becomes of the frames of one stream.
pub(super) trait Edit: Send + 'static {
    /// Takes a frame, and gives what leaves in its place.
    fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow;

    /// The stream is over; gives what still has to leave.
    fn end(&mut self, _out: &mut Out) {}
}

/// The frames that leave next.
pub(super) type Out = VecDeque<Bytes>;

/// How a stream goes on behind the frames that leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flow {
    Go,
    /// It ends as a body ends.
    End,
    /// The connection is cut.
    Break,
}

/// A response to which something was tried.
#[derive(Debug)]
pub(super) enum Tried {
    /// It was done, or will be while the body leaves.
    Struck(Response),
    /// It is not that kind of response, and is as it was.
    Missed(Response),
}

/// Edits the frames of a response, if it has any.
pub(super) fn edit(response: Response, edit: impl Edit) -> Tried {
    if !is_event_stream(&response) {
        return Tried::Missed(response);
    }
    Tried::Struck(response.map(|body| {
        let frames = Frames {
            body: Some(body),
            buffer: BytesMut::new(),
            out: Out::new(),
            flow: Flow::Go,
            edit,
        };
        body::stream(stream::unfold(frames, Frames::next))
    }))
}

fn is_event_stream(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/vnd.amazon.eventstream"))
}

struct Frames<E> {
    /// What the frames come from, until it is over. Dropping it ends the work behind it.
    body: Option<Body>,
    buffer: BytesMut,
    out: Out,
    flow: Flow,
    edit: E,
}

impl<E: Edit> Frames<E> {
    /// The next frame that leaves.
    async fn next(mut self) -> Option<(Result<Bytes, BodyError>, Self)> {
        loop {
            if let Some(frame) = self.out.pop_front() {
                return Some((Ok(frame), self));
            }
            if self.flow == Flow::Break {
                self.flow = Flow::End;
                self.body = None;
                return Some((body::cut_off().await, self));
            }
            if self.flow == Flow::End {
                return None;
            }
            match self.body.as_mut()?.frame().await {
                Some(Ok(piece)) => {
                    let piece = piece.into_data().unwrap_or_default();
                    self.buffer.extend_from_slice(&piece);
                    self.take_frames();
                }
                Some(Err(error)) => {
                    self.flow = Flow::End;
                    return Some((Err(error), self));
                }
                None => {
                    self.body = None;
                    self.edit.end(&mut self.out);
                    let rest = self.buffer.split().freeze();
                    if !rest.is_empty() {
                        self.out.push_back(rest);
                    }
                    self.flow = Flow::End;
                }
            }
        }
    }

    /// Hands every whole frame to the edit. From bytes that are no frame on, all stays as it is.
    fn take_frames(&mut self) {
        loop {
            match frame::decode(&self.buffer) {
                Ok(Decoded::Incomplete) => return,
                Ok(Decoded::Complete { len, .. }) => {
                    let frame = self.buffer.split_to(len).freeze();
                    self.flow = self.edit.frame(frame, &mut self.out);
                    if self.flow != Flow::Go {
                        return;
                    }
                }
                Err(_) => {
                    let rest = self.buffer.split().freeze();
                    self.out.push_back(rest);
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use codec::frame::HeaderValue;

    use super::*;
    use crate::body::full;

    /// A frame of an event.
    pub(in crate::fault) fn event(kind: &str, payload: &serde_json::Value) -> Vec<u8> {
        let headers = [
            (":event-type", HeaderValue::String(kind)),
            (":content-type", HeaderValue::String("application/json")),
            (":message-type", HeaderValue::String("event")),
        ];
        frame::encode(&headers, payload.to_string().as_bytes()).unwrap()
    }

    /// A response of these bytes as an event stream.
    pub(in crate::fault) fn streaming(bytes: Vec<u8>) -> Response {
        let mut response = hyper::Response::new(full(bytes));
        let kind = hyper::header::HeaderValue::from_static("application/vnd.amazon.eventstream");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    /// The response of something that was done.
    pub(in crate::fault) fn struck(tried: Tried) -> Response {
        match tried {
            Tried::Struck(response) => response,
            Tried::Missed(_) => panic!("nothing was done"),
        }
    }

    /// What arrives of a body, and whether it ended as a body ends.
    pub(in crate::fault) async fn read(response: Response) -> (Vec<u8>, bool) {
        let (mut body, mut seen) = (response.into_body(), Vec::new());
        loop {
            match body.frame().await {
                Some(Ok(piece)) => seen.extend_from_slice(&piece.into_data().unwrap()),
                Some(Err(_)) => return (seen, false),
                None => return (seen, true),
            }
        }
    }

    struct Nothing;

    impl Edit for Nothing {
        fn frame(&mut self, frame: Bytes, out: &mut Out) -> Flow {
            out.push_back(frame);
            Flow::Go
        }
    }

    #[tokio::test]
    async fn what_is_not_edited_passes_as_it_is() {
        let good = event("messageStart", &serde_json::json!({ "role": "assistant" }));
        let mut damaged = good.clone();
        damaged[20] ^= 1;
        for bytes in [
            vec![],
            good.clone(),
            [good.clone(), good[..20].to_vec()].concat(),
            [good.clone(), damaged, good.clone()].concat(),
        ] {
            let response = struck(edit(streaming(bytes.clone()), Nothing));
            assert_eq!(read(response).await, (bytes, true));
        }
        assert!(matches!(edit(hyper::Response::new(full("{}")), Nothing), Tried::Missed(_)));
    }
}
