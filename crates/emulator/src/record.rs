//! Forwards the operations of the runtime to a service, and records each exchange in a file.

mod clean;
mod file;
mod headers;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use hyper::http::request::Parts;
use hyper::{HeaderMap, Request};

use self::clean::Cleaner;
use self::file::{Answered, Asked};
use crate::auth::{Keys, sign};
use crate::body::{self, BodyError, Response};
use crate::calls::OpenCall;
use crate::clock;
use crate::credential::Scope;
use crate::error::{Kind, Refusal};
use crate::outgoing::{Outgoing, Secret, ServerUrl, UrlError};
use crate::route::RuntimeCall;
use crate::whole;

/// The service whose exchanges are recorded: where it is, and who calls it.
#[derive(Debug, Clone)]
pub struct Upstream {
    url: ServerUrl,
    proof: Option<Proof>,
}

/// What a request proves its sender by.
#[derive(Debug, Clone)]
enum Proof {
    Keys(Keys),
    Bearer(Secret),
}

/// Forwards and records.
#[derive(Debug)]
pub(crate) struct Recorder {
    upstream: Upstream,
    outgoing: Outgoing,
    folder: PathBuf,
    cleaner: Arc<Cleaner>,
    count: AtomicU64,
}

impl Upstream {
    /// A service at an address such as `https://bedrock-runtime.us-east-1.amazonaws.com`, which is
    /// called with the emulator's own key pair unless another proof is given.
    ///
    /// # Errors
    /// [`UrlError`] if the text is no address, or needs encryption that was not compiled in.
    pub fn new(url: &str) -> Result<Self, UrlError> {
        Ok(Self { url: url.parse()?, proof: None })
    }

    /// Signs requests with this key pair, and the token of its session if it has one.
    #[must_use]
    pub fn keys(
        mut self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
        session_token: Option<String>,
    ) -> Self {
        self.proof = Some(Proof::Keys(Keys {
            access: access_key.into(),
            secret: Secret(secret_key.into()),
            session: session_token.map(Secret),
        }));
        self
    }

    /// Sends this API key in place of a signature.
    #[must_use]
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.proof = Some(Proof::Bearer(Secret(key.into())));
        self
    }

    /// Whether others can read on the way what it is sent, keys included: its address is neither
    /// encrypted nor of this machine.
    #[must_use]
    pub fn is_exposed(&self) -> bool {
        self.url.is_exposed()
    }

    pub(crate) const fn url(&self) -> &ServerUrl {
        &self.url
    }

    /// What it proves itself by.
    fn secrets(&self) -> Vec<Secret> {
        match &self.proof {
            Some(Proof::Keys(keys)) => {
                let own = [Secret(keys.access.clone()), keys.secret.clone()];
                own.into_iter().chain(keys.session.clone()).collect()
            }
            Some(Proof::Bearer(key)) => vec![key.clone()],
            None => Vec::new(),
        }
    }

    /// Gives it a key pair if it has no proof.
    pub(crate) fn or_keys(self, access_key: &str, secret_key: &str) -> Self {
        match self.proof {
            Some(_) => self,
            None => self.keys(access_key, secret_key, None),
        }
    }
}

impl Recorder {
    pub(crate) fn new(upstream: Upstream, outgoing: Outgoing, folder: &Path) -> Self {
        let cleaner = Arc::new(Cleaner::new(upstream.secrets()));
        Self { upstream, outgoing, folder: folder.into(), cleaner, count: AtomicU64::new(0) }
    }

    /// Forwards a call and passes its answer on, a stream as its bytes arrive.
    pub(crate) async fn answer(
        &self,
        call: &RuntimeCall,
        request: &Parts,
        body: &[u8],
        open: OpenCall,
    ) -> Result<Response, Refusal> {
        let now = clock::wall();
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let asked = Asked::new(call, request, body, now, number, &self.cleaner);
        let url = &self.upstream.url;
        let failed = |why: &str| {
            let message = format!("The service at {url} that is recorded: {why}");
            Refusal::new(Kind::Unavailable, message)
        };
        if *call == RuntimeCall::Rerank && url.host().starts_with("bedrock-runtime") {
            let why = "Rerank is an operation of the agent runtime, which has a host of its own; \
                       record it by an emulator whose upstream is \
                       https://bedrock-agent-runtime.REGION.amazonaws.com";
            return Err(Refusal::validation(format!("The service at {url} is recorded: {why}")));
        }
        let forwarded = self.forward(request, body).ok_or_else(|| failed("no such path"))?;
        let response = self.outgoing.send(forwarded, HEAD).await;
        let (head, body) = response.map_err(|error| failed(&error.to_string()))?.into_parts();
        let headers = end_to_end(&head.headers);
        let answered = Answered { status: head.status, headers: headers.clone() };
        let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
        let is_stream = kind.is_some_and(|kind| kind.starts_with(STREAM));
        let body = if is_stream {
            let folder = self.folder.clone();
            let cleaner = Arc::clone(&self.cleaner);
            let tape =
                Tape { body, bytes: Vec::new(), asked, answered, folder, cleaner, _open: open };
            body::stream(stream::unfold(Some(tape), Tape::next))
        } else {
            let whole = whole::read(body).await.map_err(|why| failed(&why.to_string()))?;
            asked.save(&self.folder, answered, &whole, false, &self.cleaner).await;
            body::full(whole)
        };
        let mut response = hyper::Response::new(body);
        *response.status_mut() = head.status;
        *response.headers_mut() = headers;
        Ok(response)
    }

    /// The request as it goes on, with a proof of its own.
    fn forward(&self, request: &Parts, body: &[u8]) -> Option<Request<Full<Bytes>>> {
        let path = request.uri.path_and_query().map_or("/", |path| path.as_str());
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        let uri = self.upstream.url.join(path)?;
        let authority = uri.authority()?.as_str().to_owned();
        let mut parts = Request::post(uri).body(()).ok()?.into_parts().0;
        parts.headers = headers::passed_on(&request.headers);
        parts.headers.insert(HOST, authority.parse().ok()?);
        match &self.upstream.proof {
            Some(Proof::Keys(keys)) => {
                let asked = Scope::of(request).map(|scope| scope.region);
                let region = region(&authority).or(asked).unwrap_or("us-east-1");
                sign(&mut parts, keys, region, body, clock::wall());
            }
            Some(Proof::Bearer(Secret(key))) => {
                let value = format!("Bearer {key}").parse().ok()?;
                parts.headers.insert(AUTHORIZATION, value);
            }
            None => {}
        }
        Some(Request::from_parts(parts, Full::new(Bytes::copy_from_slice(body))))
    }
}

/// A stream that is passed on and kept. Dropped before its end it leaves nothing behind.
struct Tape {
    body: Incoming,
    bytes: Vec<u8>,
    asked: Asked,
    answered: Answered,
    folder: PathBuf,
    cleaner: Arc<Cleaner>,
    _open: OpenCall,
}

impl Tape {
    async fn next(tape: Option<Self>) -> Option<(Result<Bytes, BodyError>, Option<Self>)> {
        let mut tape = tape?;
        match clock::within(IDLE, tape.body.frame()).await {
            Some(Some(Ok(frame))) => {
                let data = frame.into_data().unwrap_or_default();
                tape.bytes.extend_from_slice(&data);
                Some((Ok(data), Some(tape)))
            }
            Some(Some(Err(error))) => Some((Err(error.into()), None)),
            Some(None) => {
                let Self { asked, answered, bytes, folder, cleaner, .. } = tape;
                asked.save(&folder, answered, &bytes, true, &cleaner).await;
                None
            }
            None => Some((Err("the service said nothing for too long".into()), None)),
        }
    }
}

/// The region in the name of a service's host, such as `bedrock-runtime.us-east-1.amazonaws.com`.
fn region(authority: &str) -> Option<&str> {
    let (name, _) = authority.split_once(".amazonaws.")?;
    name.rsplit('.').next().filter(|region| *region != name)
}

/// The headers of an answer that concern its reader, and not the connection to the service.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    let mut kept = headers.clone();
    for name in CONNECTION {
        kept.remove(name);
    }
    kept.remove(CONTENT_LENGTH);
    kept
}

/// What an answer says of one connection.
const CONNECTION: [&str; 6] =
    ["connection", "keep-alive", "proxy-authenticate", "trailer", "transfer-encoding", "upgrade"];
const STREAM: &[u8] = b"application/vnd.amazon.eventstream";
/// How long the service may take to begin its answer.
const HEAD: Duration = Duration::from_secs(600);
/// How long it may say nothing within a stream.
const IDLE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_of_aws_names_its_region() {
        assert_eq!(region("bedrock-runtime.eu-west-3.amazonaws.com"), Some("eu-west-3"));
        assert_eq!(region("bedrock-runtime.cn-north-1.amazonaws.com.cn:443"), Some("cn-north-1"));
        assert_eq!(region("127.0.0.1:4566"), None);
        assert_eq!(region("amazonaws.com"), None);
    }
}
