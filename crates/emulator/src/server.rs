//! The running server: accepts connections, and ends them.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper::Version;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::builder::Builder;
use crate::replay::Replayed;
use crate::socket::{Reset, Socket};
use crate::state::State;
use crate::{clock, handle};

/// A running emulator. Dropping it cuts every connection; [`shutdown`](Self::shutdown) ends them.
#[derive(Debug)]
pub struct Emulator {
    address: SocketAddr,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
}

/// Why a bucket could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BucketError {
    /// The name is not one that S3 allows.
    #[error("{0:?} is no bucket name: use 3 to 63 lower-case letters, digits, dots and hyphens")]
    Name(String),
    /// The folder for it could not be made.
    #[error("cannot make the folder of bucket {name}: {source}")]
    Folder {
        /// The bucket.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Emulator {
    /// Settings for a new emulator.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// The URL to give as `AWS_ENDPOINT_URL`, such as `http://127.0.0.1:4566`.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The address it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// The folder that holds the buckets, one folder each.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.state.root
    }

    /// What was read of the folder of exchanges, if there is one.
    #[must_use]
    pub fn replayed(&self) -> Option<&Replayed> {
        self.state.source.replay().map(|replay| &replay.replayed)
    }

    /// How many runtime calls are being answered at this moment. A call whose client went away
    /// stops being counted as soon as the connection is seen to be closed.
    #[must_use]
    pub fn open_calls(&self) -> usize {
        self.state.calls.count()
    }

    /// Makes a bucket; one that is there already is left as it is.
    ///
    /// # Errors
    /// [`BucketError`] if the name is not allowed or the folder cannot be made.
    pub async fn create_bucket(&self, name: &str) -> Result<(), BucketError> {
        if !s3s::path::check_bucket_name(name) {
            return Err(BucketError::Name(name.into()));
        }
        let made = tokio::fs::create_dir_all(self.state.root.join(name)).await;
        made.map_err(|source| BucketError::Folder { name: name.into(), source })
    }

    /// Stops accepting connections, lets open calls finish for as long as
    /// [`Builder::grace`] says, then cuts what is left and removes a temporary data folder.
    ///
    /// # Cancel safety
    /// Dropping the future cuts what is left at once.
    pub async fn shutdown(mut self) {
        if let Some(stop) = self.stop.take() {
            // The server task has ended already if nobody listens.
            let _ = stop.send(());
        }
        // An error would mean that the task was aborted, and then too it is over.
        let _ = (&mut self.task).await;
        self.state.jobs.shutdown().await;
    }

    pub(crate) fn serve(listener: TcpListener, address: SocketAddr, state: State) -> Self {
        let state = Arc::new(state);
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(accept(listener, Arc::clone(&state), stopped));
        Self { address, state, stop: Some(stop), task }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.task.abort();
        self.state.jobs.abort();
    }
}

/// Serves connections until told to stop.
async fn accept(listener: TcpListener, state: Arc<State>, mut stopped: oneshot::Receiver<()>) {
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    let http = auto::Builder::new(TokioExecutor::new());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(&http, &graceful, stream, Arc::clone(&state)));
                }
                Err(error) => {
                    // Out of file descriptors, most likely: give calls time to end.
                    tracing::warn!(%error, "cannot accept a connection");
                    clock::sleep(ACCEPT_AGAIN).await;
                }
            },
            Some(_) = connections.join_next() => {}
            _ = &mut stopped => break,
        }
    }
    drop(listener);
    if clock::within(state.settings.grace, graceful.shutdown()).await.is_none() {
        tracing::warn!(open = state.calls.count(), "cut connections that did not end in time");
    }
    connections.shutdown().await;
}

/// One connection, HTTP/1.1 or HTTP/2 as its first bytes show.
fn serve(
    http: &auto::Builder<TokioExecutor>,
    graceful: &GracefulShutdown,
    stream: TcpStream,
    state: Arc<State>,
) -> impl Future<Output = ()> + Send + use<> {
    // Frames are small and must leave at once. Without the option they only leave later.
    let _ = stream.set_nodelay(true);
    let reset = Reset::default();
    let socket = Socket::new(stream, reset.clone());
    let service = service_fn(move |request| {
        let (state, reset) = (Arc::clone(&state), reset.clone());
        // A stream of HTTP/2 has a reset of its own, and leaves the connection as it is.
        let is_whole = request.version() < Version::HTTP_2;
        async move {
            let response = handle::handle(&state, request).await;
            Ok::<_, Infallible>(if is_whole { reset.watch(response) } else { response })
        }
    });
    let connection = http.serve_connection(TokioIo::new(socket), service).into_owned();
    let watched = graceful.watch(connection);
    async move {
        if let Err(error) = watched.await {
            tracing::debug!(error, "connection ended early");
        }
    }
}

const ACCEPT_AGAIN: Duration = Duration::from_millis(50);
