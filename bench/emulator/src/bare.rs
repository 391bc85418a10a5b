//! The reference: hyper on one thread, which reads each request and answers with recorded bytes.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::task::LocalSet;

use crate::Result;
use crate::client::{Answer, Call, parts};

/// An answer to give, each part of it as an HTTP chunk of its own where there are several.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Recorded {
    path: String,
    headers: Vec<(String, String)>,
    parts: Vec<Vec<u8>>,
}

impl Recorded {
    pub(crate) fn new(call: &Call, answer: &Answer) -> Self {
        let own = |(name, _): &&(String, String)| !OF_THE_SERVER.contains(&name.as_str());
        let headers = answer.headers.iter().filter(own).cloned().collect();
        let parts = parts(answer).iter().map(|part| part.to_vec()).collect();
        Self { path: call.path.clone(), headers, parts }
    }
}

/// Serves what standard input records, until the process ends.
pub(crate) async fn serve() -> Result<()> {
    let recorded: Vec<Recorded> = serde_json::from_reader(std::io::stdin().lock())?;
    let answers = recorded.into_iter().map(|recorded| {
        let parts = recorded.parts.into_iter().map(Bytes::from).collect();
        (recorded.path, (recorded.headers, Parts(parts)))
    });
    let answers: Rc<Answers> = Rc::new(answers.collect());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    let all = LocalSet::new();
    let accept = async {
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let answers = Rc::clone(&answers);
            let service = service_fn(move |request| respond(Rc::clone(&answers), request));
            let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            tokio::task::spawn_local(async {
                // A client that goes away is no fault.
                let _ended = connection.await;
            });
        }
    };
    all.run_until(accept).await
}

type Answers = HashMap<String, (Vec<(String, String)>, Parts)>;

async fn respond(answers: Rc<Answers>, request: Request<Incoming>) -> Result<Response<Parts>> {
    let (head, body) = request.into_parts();
    body.collect().await?;
    let (headers, parts) = answers.get(head.uri.path()).ok_or("no such path")?;
    let mut response = Response::builder();
    for (name, value) in headers {
        response = response.header(name, value);
    }
    Ok(response.body(parts.clone())?)
}

/// A body of parts that are all there.
#[derive(Clone, Debug)]
struct Parts(VecDeque<Bytes>);

impl Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<std::result::Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop_front().map(|part| Ok(Frame::data(part))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_empty()
    }

    /// One part is sent with its length, several as chunks.
    fn size_hint(&self) -> SizeHint {
        match self.0.iter().next() {
            Some(part) if self.0.len() == 1 => SizeHint::with_exact(part.len() as u64),
            _ => SizeHint::default(),
        }
    }
}

/// What the server writes by itself.
const OF_THE_SERVER: [&str; 3] = ["content-length", "date", "transfer-encoding"];
