//! A bare HTTP client, and the frames it reads.

use codec::frame::{Decoded, decode};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use jiff::{SignedDuration, Timestamp};
use outcrop_emulator::{Auth, Builder, Emulator};
use serde_json::{Value, json};
use tokio::net::TcpStream;

pub(crate) const NOVA: &str = "us.amazon.nova-lite-v1:0";

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// An event of a stream: its type and its payload without the padding.
pub(crate) type Event = (String, Value);

/// Time enough for what takes a moment, on a machine that is busy too.
pub(crate) struct Patience {
    end: Timestamp,
}

impl Patience {
    pub(crate) fn new() -> Self {
        Self { end: Timestamp::now() + SignedDuration::from_mins(2) }
    }

    /// Whether there is time for another look.
    pub(crate) fn lasts(&self) -> bool {
        Timestamp::now() < self.end
    }
}

/// A builder whose emulator answers at once, whoever asks.
pub(crate) fn quick() -> Builder {
    Emulator::builder()
        .auth(Auth::Any)
        .time_to_first_token(std::time::Duration::ZERO)
        .tokens_per_second(0)
        .time_scale(0.0)
}

/// A POST of JSON.
pub(crate) fn post(path: &str, body: &Value) -> Request<Full<Bytes>> {
    raw("POST", path, body.to_string())
}

/// Any request, unsigned.
pub(crate) fn raw(method: &str, path: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path);
    request.body(Full::new(body.into())).unwrap()
}

/// A Converse body of one turn.
pub(crate) fn turn(text: &str) -> Value {
    json!({ "messages": [{ "role": "user", "content": [{ "text": text }] }] })
}

/// Sends a request over HTTP/1.1 on a connection of its own and gives the answer as it starts.
pub(crate) async fn open(
    emulator: &Emulator,
    mut request: Request<Full<Bytes>>,
) -> Response<Incoming> {
    let host = emulator.address().to_string();
    request.headers_mut().entry("host").or_insert(host.parse().unwrap());
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.unwrap()
}

/// Sends a request over HTTP/1.1 and reads the whole answer.
pub(crate) async fn send(emulator: &Emulator, request: Request<Full<Bytes>>) -> Answer {
    read(open(emulator, request).await).await
}

/// The whole answer to a request over HTTP/1.1, or `None` if the connection ends without one.
pub(crate) async fn try_send(
    emulator: &Emulator,
    mut request: Request<Full<Bytes>>,
) -> Option<Answer> {
    request.headers_mut().insert("host", emulator.address().to_string().parse().unwrap());
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    Some(read(sender.send_request(request).await.ok()?).await)
}

/// Sends a request over HTTP/2 without an upgrade and gives the answer as it starts.
pub(crate) async fn open_h2(
    emulator: &Emulator,
    mut request: Request<Full<Bytes>>,
) -> Response<Incoming> {
    let uri = format!("{}{}", emulator.endpoint_url(), request.uri());
    *request.uri_mut() = uri.parse().unwrap();
    let stream = TcpStream::connect(emulator.address()).await.unwrap();
    let handshake = http2::handshake(TokioExecutor::new(), TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.unwrap();
    tokio::spawn(connection);
    sender.send_request(request).await.unwrap()
}

/// Sends a request over HTTP/2 without an upgrade and reads the whole answer.
pub(crate) async fn send_h2(emulator: &Emulator, request: Request<Full<Bytes>>) -> Answer {
    read(open_h2(emulator, request).await).await
}

async fn read(response: Response<Incoming>) -> Answer {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer { status: parts.status.as_u16(), headers: parts.headers, body }
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The exception and its message.
    pub(crate) fn refusal(&self) -> (u16, String, String) {
        let exception = self.header("x-amzn-errortype").split(':').next().unwrap();
        let message = self.json()["message"].as_str().unwrap().into();
        (self.status, exception.into(), message)
    }

    /// The events of a model's own, out of their wrapping.
    pub(crate) fn chunks(&self) -> Vec<Value> {
        use base64::Engine as _;
        let decode = |(kind, event): Event| {
            assert_eq!(kind, "chunk");
            let bytes = event["bytes"].as_str().unwrap();
            let bytes = base64::engine::general_purpose::STANDARD.decode(bytes).unwrap();
            serde_json::from_slice(&bytes).unwrap()
        };
        self.events().into_iter().map(decode).collect()
    }

    /// The events of a stream. Each frame must be whole and padded.
    pub(crate) fn events(&self) -> Vec<Event> {
        let mut rest: &[u8] = &self.body;
        let mut events = Vec::new();
        while !rest.is_empty() {
            let Decoded::Complete { frame, len } = decode(rest).unwrap() else {
                panic!("the stream ends inside a frame");
            };
            assert_eq!(frame.message_type(), Some("event"));
            assert_eq!(frame.text(":content-type"), Some("application/json"));
            let mut payload: Value = serde_json::from_slice(frame.payload()).unwrap();
            let padding = payload.as_object_mut().unwrap().remove("p").unwrap();
            assert!(padding.as_str().unwrap().starts_with('a'));
            events.push((frame.event_type().unwrap().into(), payload));
            rest = &rest[len..];
        }
        events
    }
}
