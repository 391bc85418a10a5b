//! The one HTTP client: for a model server that stands behind the emulator, and for a service whose
//! exchanges are recorded.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::clock;

/// A client with its connections to one server.
#[derive(Debug, Clone)]
pub(crate) enum Outgoing {
    Plain(Client<HttpConnector>),
    #[cfg(feature = "tls")]
    Encrypted(Client<hyper_rustls::HttpsConnector<HttpConnector>>),
}

type Client<C> = legacy::Client<C, Full<Bytes>>;

/// The address of a server, such as `http://127.0.0.1:8080/v1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl(Uri);

/// Why a text is no address of a server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// It is none that can be called.
    #[error("{0:?} is no address of a server: write one like http://127.0.0.1:8080")]
    Form(String),
    /// Encryption was not compiled in.
    #[error("{0:?} needs the feature `tls` of outcrop-emulator, with which this was not built")]
    Tls(String),
}

/// A text that is shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(pub(crate) String);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SendError {
    #[error("cannot connect: {0}")]
    Connect(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("it took longer than {} seconds", .0.as_secs())]
    Late(Duration),
}

impl Outgoing {
    /// A client for the server at `url`, without connections.
    ///
    /// # Errors
    /// If the address is encrypted and the certificates of this machine cannot be read.
    pub(crate) fn new(url: &ServerUrl) -> Result<Self, std::io::Error> {
        let builder = legacy::Client::builder(TokioExecutor::new());
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(CONNECT));
        http.set_nodelay(true);
        #[cfg(feature = "tls")]
        if url.is_encrypted() {
            http.enforce_http(false);
            let tls = hyper_rustls::HttpsConnectorBuilder::new().with_native_roots()?;
            let https = tls.https_only().enable_http1().wrap_connector(http);
            return Ok(Self::Encrypted(builder.build(https)));
        }
        // Without the feature no address is encrypted.
        debug_assert!(!url.is_encrypted());
        Ok(Self::Plain(builder.build(http)))
    }

    /// Sends a request, and waits for the head of its answer for as long as `limit`.
    pub(crate) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        limit: Duration,
    ) -> Result<Response<Incoming>, SendError> {
        let answer = match self {
            Self::Plain(client) => client.request(request),
            #[cfg(feature = "tls")]
            Self::Encrypted(client) => client.request(request),
        };
        match clock::within(limit, answer).await {
            Some(Ok(response)) => Ok(response),
            Some(Err(error)) if error.is_connect() => Err(SendError::Connect(causes(&error))),
            Some(Err(error)) => Err(SendError::Broken(causes(&error))),
            None => Err(SendError::Late(limit)),
        }
    }
}

impl ServerUrl {
    /// The address with this path behind its own, which is percent-encoded as it is to be sent.
    pub(crate) fn join(&self, path_and_query: &str) -> Option<Uri> {
        let mut parts = self.0.clone().into_parts();
        let path = format!("{}{path_and_query}", self.path());
        parts.path_and_query = Some(path.parse().ok()?);
        Uri::from_parts(parts).ok()
    }

    /// The name or the number of its machine.
    pub(crate) fn host(&self) -> &str {
        self.0.host().unwrap_or_default()
    }

    /// Whether others can read on the way what is sent there: it is neither encrypted nor for this
    /// machine.
    pub(crate) fn is_exposed(&self) -> bool {
        let host = self.host().trim_matches(['[', ']']);
        let is_here = match host.parse::<IpAddr>() {
            Ok(number) => number.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost"),
        };
        !self.is_encrypted() && !is_here
    }

    fn is_encrypted(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Its path, without a slash at the end.
    pub(crate) fn path(&self) -> &str {
        self.0.path().trim_end_matches('/')
    }
}

impl FromStr for ServerUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let wrong = || UrlError::Form(text.into());
        let uri: Uri = text.parse().map_err(|_| wrong())?;
        let has_secret = uri.authority().is_none_or(|authority| authority.as_str().contains('@'));
        match uri.scheme_str() {
            _ if has_secret || uri.query().is_some() => Err(wrong()),
            Some("http") => Ok(Self(uri)),
            Some("https") if cfg!(feature = "tls") => Ok(Self(uri)),
            Some("https") => Err(UrlError::Tls(text.into())),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for ServerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// An error with what is behind it.
pub(crate) fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_scheme_and_a_host_and_no_secret() {
        let url: ServerUrl = "http://localhost:8080/v1/".parse().unwrap();
        assert_eq!(url.path(), "/v1");
        assert_eq!(url.join("/chat?a=b").unwrap(), "http://localhost:8080/v1/chat?a=b");
        for text in ["", "localhost", "ftp://a", "http://", "http://a:b@c", "http://a/?k=v", "/v1"]
        {
            assert_eq!(text.parse::<ServerUrl>(), Err(UrlError::Form(text.into())), "{text}");
        }
        let https = "https://a".parse::<ServerUrl>();
        assert_eq!(https.is_ok(), cfg!(feature = "tls"));
    }

    #[test]
    fn what_leaves_the_machine_unencrypted_is_exposed() {
        let is_exposed = |url: &str| url.parse::<ServerUrl>().unwrap().is_exposed();
        for url in
            ["http://127.0.0.1:1", "http://[::1]:1/v1", "http://localhost", "http://a.localhost"]
        {
            assert!(!is_exposed(url), "{url}");
        }
        for url in ["http://10.0.0.1", "http://models.lan:8080", "http://notlocalhost"] {
            assert!(is_exposed(url), "{url}");
        }
        #[cfg(feature = "tls")]
        assert!(!is_exposed("https://10.0.0.1"));
    }

    #[test]
    fn certificates_are_read_only_where_the_address_is_encrypted() {
        let outgoing = |url: &str| Outgoing::new(&url.parse().unwrap());
        assert!(matches!(outgoing("http://127.0.0.1:8080"), Ok(Outgoing::Plain(_))));
        #[cfg(feature = "tls")]
        assert!(!matches!(outgoing("https://127.0.0.1"), Ok(Outgoing::Plain(_))));
    }

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Secret("key".into())), "Secret");
    }
}
