//! A raw HTTP/1.1 client.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::{JoinSet, LocalSet};

use crate::Result;

/// A request that is sent many times.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Bytes,
}

impl Call {
    pub(crate) fn get(path: &str) -> Self {
        Self { method: "GET", path: path.into(), headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn post(path: &str, body: impl Into<Bytes>) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { method: "POST", path: path.into(), headers, body: body.into() }
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
}

/// A connection that stays open.
pub(crate) struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: String,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Self { sender, host: address.to_string() })
    }

    /// Sends a call, and gives its answer as it starts; any status but 200 is an error.
    pub(crate) async fn open_call(&mut self, call: &Call) -> Result<Response<Incoming>> {
        let mut request = Request::builder().method(call.method).uri(&call.path);
        request = request.header("host", &self.host);
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        self.sender.ready().await?;
        let response =
            self.sender.send_request(request.body(Full::new(call.body.clone()))?).await?;
        if response.status() == 200 {
            return Ok(response);
        }
        let status = response.status();
        let body = response.into_body().collect().await?.to_bytes();
        Err(format!("{} {}: {status} {body:?}", call.method, call.path).into())
    }

    pub(crate) async fn send(&mut self, call: &Call) -> Result<Answer> {
        let (head, body) = self.open_call(call).await?.into_parts();
        let headers = head.headers.iter();
        let headers = headers.map(|(name, value)| Ok((name.to_string(), value.to_str()?.into())));
        Ok(Answer {
            headers: headers.collect::<Result<_>>()?,
            body: body.collect().await?.to_bytes(),
        })
    }
}

/// Sends so many calls over so many connections, each after the answer to the one before on its
/// connection. Each answer must have as many parts as said.
pub(crate) async fn load(address: SocketAddr, call: &Call, plan: Plan) -> Result<()> {
    let left = Rc::new(Cell::new(plan.calls));
    let all = LocalSet::new();
    let mut work = JoinSet::new();
    for _ in 0..plan.connections {
        let (call, left) = (call.clone(), Rc::clone(&left));
        work.spawn_local_on(
            async move {
                let mut connection = Connection::open(address).await?;
                while let Some(rest) = left.get().checked_sub(1) {
                    left.set(rest);
                    let parts = parts(&connection.send(&call).await?).len();
                    if parts != plan.parts {
                        return Err(format!("{parts} parts, not {}", plan.parts).into());
                    }
                }
                Result::Ok(())
            },
            &all,
        );
    }
    all.run_until(async {
        while let Some(done) = work.join_next().await {
            done??;
        }
        Ok(())
    })
    .await
}

/// How a server is loaded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    pub(crate) connections: u32,
    pub(crate) calls: u32,
    /// The frames of each answer, 1 where it is not streamed.
    pub(crate) parts: usize,
}

/// The frames of an answer, or the whole where it is not streamed. A frame begins with its length.
pub(crate) fn parts(answer: &Answer) -> Vec<Bytes> {
    let streamed =
        |(name, value): &(String, String)| name == "content-type" && value.ends_with("eventstream");
    if !answer.headers.iter().any(streamed) {
        return vec![answer.body.clone()];
    }
    let mut rest = answer.body.clone();
    let mut parts = Vec::new();
    while let Some(length) = rest.first_chunk().map(|length| u32::from_be_bytes(*length)) {
        parts.push(rest.split_to(rest.len().min(length as usize)));
    }
    parts
}
