//! Sets an emulator up and starts it.

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use codec::catalog::Date;
use tempfile::TempDir;
use tokio::net::TcpListener;

use crate::backend::Backend;
use crate::fault::Scenario;
use crate::quotas::{Quotas, QuotasError, Refill};
use crate::record::Upstream;
use crate::replay::ReplayError;
use crate::s3;
use crate::server::Emulator;
use crate::settings::{AccessLog, Auth, BatchLimits, Settings};
use crate::source::Wanted;
use crate::staged::{Prepared, Staged};
use crate::state::State;

/// Settings of an emulator that has not started. Made by [`Emulator::builder`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `start`"]
pub struct Builder {
    port: u16,
    data_dir: Option<PathBuf>,
    settings: Settings,
    time_scale: TimeScale,
    staged: HashMap<String, Staged>,
    wanted: Wanted,
}

/// Why an emulator did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The port is taken, or may not be used.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; choose another port, or 0 for any")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: std::io::Error,
    },
    /// The folder for S3 cannot be made or read.
    #[error("cannot use {} as the data folder: {source}", .path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An answer that is staged has a status that no answer can have.
    #[error("the answer staged for {model_id} has the status {status}; use one from 200 to 999")]
    Status {
        /// The model that it is staged for.
        model_id: String,
        /// The status.
        status: u16,
    },
    /// The folder for recorded exchanges cannot be made.
    #[error("cannot record in {}: {source}", .path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The certificates of this machine, by which servers are known, cannot be read.
    #[error("cannot read the certificates of this machine: {0}")]
    Certificates(#[source] std::io::Error),
    /// The recorded exchanges cannot be replayed.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// The quotas name a model that does not exist, or contradict each other.
    #[error(transparent)]
    Quotas(#[from] QuotasError),
}

impl Builder {
    /// The TCP port on 127.0.0.1; 0, the default, takes any free one.
    pub const fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// The folder that holds the buckets, made if it does not exist and kept afterwards.
    /// By default a temporary one that is removed at the end.
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Whether requests have to prove who sent them. Default [`Auth::Verify`].
    pub const fn auth(mut self, auth: Auth) -> Self {
        self.settings.auth = auth;
        self
    }

    /// The key pair that signs requests; `test` and `test` by default.
    pub fn credentials(
        mut self,
        access_key: impl Into<String>,
        secret_key: impl Into<String>,
    ) -> Self {
        self.settings.access_key = access_key.into();
        self.settings.secret_key = secret_key.into().into();
        self
    }

    /// The API key that a request to Bedrock may bring as a bearer token instead of a signature;
    /// `test` by default.
    pub fn api_key(mut self, api_key: impl Into<String>) -> Self {
        self.settings.api_key = api_key.into().into();
        self
    }

    /// How long after a call its first token comes. Default 20 ms.
    pub const fn time_to_first_token(mut self, time: Duration) -> Self {
        self.settings.time_to_first_token = time;
        self
    }

    /// How fast tokens follow the first. Default 500; 0 is as fast as the machine can.
    pub const fn tokens_per_second(mut self, tokens: u32) -> Self {
        self.settings.tokens_per_second = tokens;
        self
    }

    /// Makes every answer this many tokens long, within the limit of its request, whatever it was
    /// asked. By default the length depends on the prompt.
    pub const fn output_tokens(mut self, tokens: u64) -> Self {
        self.settings.output_tokens = Some(tokens);
        self
    }

    /// Refuses models whose life has ended. By default they answer, with the date in a `warning`
    /// header and in the access log, as do those whose life ends within half a year.
    pub const fn enforce_end_of_life(mut self, enforced: bool) -> Self {
        self.settings.eol_enforced = enforced;
        self
    }

    /// The day by which a model's life has ended: where models are called, counted for, given to
    /// batch jobs and listed. By default it is the calendar's, in UTC.
    pub const fn today(mut self, today: Date) -> Self {
        self.settings.today = Some(today);
        self
    }

    /// The words that every guardrail blocks, whole words in any case; `forbidden` by default.
    pub fn guarded_words<W: Into<String>>(mut self, words: impl IntoIterator<Item = W>) -> Self {
        self.settings.guarded_words = words.into_iter().map(Into::into).collect();
        self
    }

    /// Throttles the calls of a model beyond this many in a minute. No limit by default.
    pub const fn requests_per_minute(mut self, requests: u64) -> Self {
        self.settings.quotas.default.requests_per_minute = Some(requests);
        self
    }

    /// Throttles the calls of a model beyond this many tokens in a minute, counted as Bedrock
    /// does: input and `max_tokens` are held at the start, and settled to what was used.
    /// No limit by default.
    pub const fn tokens_per_minute(mut self, tokens: u64) -> Self {
        self.settings.quotas.default.tokens_per_minute = Some(tokens);
        self
    }

    /// Throttles the calls of a model beyond this many tokens in a day, counted in the same way.
    /// No limit by default.
    pub const fn tokens_per_day(mut self, tokens: u64) -> Self {
        self.settings.quotas.default.tokens_per_day = Some(tokens);
        self
    }

    /// Throttles the calls of a model beyond this many at a time. No limit by default.
    pub const fn concurrent_requests(mut self, requests: u64) -> Self {
        self.settings.quotas.default.concurrent_requests = Some(requests);
        self
    }

    /// How used quota comes back. Default [`Refill::Sliding`].
    pub const fn refill(mut self, refill: Refill) -> Self {
        self.settings.quotas.refill = refill;
        self
    }

    /// Whether a streamed call is throttled by an exception inside the stream, after status 200,
    /// and not by status 429. Default no.
    pub const fn throttle_in_stream(mut self, in_stream: bool) -> Self {
        self.settings.quotas.in_stream = in_stream;
        self
    }

    /// All quotas at once, in place of those set before.
    pub fn quotas(mut self, quotas: Quotas) -> Self {
        self.settings.quotas = quotas;
        self
    }

    /// What goes wrong on purpose. By default nothing does.
    pub fn scenario(mut self, scenario: Scenario) -> Self {
        self.settings.scenario = scenario;
        self
    }

    /// The quotas of batch jobs.
    pub const fn batch_limits(mut self, limits: BatchLimits) -> Self {
        self.settings.quotas.batch = limits;
        self
    }

    /// Calls `tell` with one line for each request, when its answer begins. Nobody is told by
    /// default, and never of the emulator's own pages.
    pub fn access_log(mut self, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.settings.access_log = Some(AccessLog::new(tell));
        self
    }

    /// Stretches the delays of life cycles by this factor: those of a batch job, 0.6 seconds in
    /// all, and those of a provisioned throughput, 0.15 seconds each. 0 leaves them out; what is not a positive number counts as 0.
    pub const fn time_scale(mut self, factor: f64) -> Self {
        self.time_scale = TimeScale(factor);
        self
    }

    /// Answers each call to `model_id` with exactly these bytes.
    pub fn stage(mut self, model_id: impl Into<String>, staged: Staged) -> Self {
        self.staged.insert(model_id.into(), staged);
        self
    }

    /// Answers the operations of the runtime with the exchanges recorded in this folder, and
    /// nothing else: no model, no checks, no quotas. What goes to batch jobs and S3 is as always.
    ///
    /// Exchanges are found by operation, model and body as JSON. Several that ask for the same are
    /// served in the order of the names of their files, and the last one again afterwards.
    ///
    /// Of this, [`backend`](Self::backend) and [`record`](Self::record) what is set last counts.
    pub fn replay(mut self, folder: impl Into<PathBuf>) -> Self {
        self.wanted = Wanted::Replay(folder.into());
        self
    }

    /// Has a model server answer in place of the model inside, so that answers are real. Checks,
    /// quotas, formats and streams stay the emulator's own; only the times are the server's.
    pub fn backend(mut self, backend: Backend) -> Self {
        self.wanted = Wanted::Backend(backend);
        self
    }

    /// Forwards the operations of the runtime to a service and records each exchange in a file of
    /// this folder, from which [`replay`](Self::replay) serves it again.
    ///
    /// What proves who sent a request is not recorded, nor are the accounts in ARNs. An exchange
    /// whose answer breaks off is not recorded.
    pub fn record(mut self, folder: impl Into<PathBuf>, upstream: Upstream) -> Self {
        self.wanted = Wanted::Record(folder.into(), upstream);
        self
    }

    /// How long [`Emulator::shutdown`] lets open calls go on before it cuts them. Default 30 s.
    pub const fn grace(mut self, time: Duration) -> Self {
        self.settings.grace = time;
        self
    }

    /// Starts the emulator as tasks of the current tokio runtime.
    ///
    /// # Errors
    /// [`StartError`] if the port, the data folder, a folder of exchanges or the quotas cannot be
    /// used.
    ///
    /// # Cancel safety
    /// Dropping the future before it is done starts nothing.
    pub async fn start(self) -> Result<Emulator, StartError> {
        self.settings.quotas.check()?;
        let port = self.port;
        let listen = |source| StartError::Listen { port, source };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(listen)?;
        let address: SocketAddr = listener.local_addr().map_err(listen)?;
        let (root, temporary) = folder(self.data_dir)?;
        let mut settings = self.settings;
        settings.stage = self.time_scale.stretch(settings.stage);
        let source = self.wanted.open(&settings)?;
        let staged = self.staged.into_iter().map(|(model_id, staged)| {
            let status = staged.status;
            match Prepared::new(staged) {
                Some(prepared) => Ok((model_id, prepared)),
                None => Err(StartError::Status { model_id, status }),
            }
        });
        let staged = staged.collect::<Result<HashMap<_, _>, _>>()?;
        let s3 = s3::service(&root, &settings).map_err(|error| {
            let source = std::io::Error::other(format!("{error:?}"));
            StartError::DataDir { path: root.clone(), source }
        })?;
        let mut state = State::new(settings, staged, root, temporary, s3);
        state.source = source;
        Ok(Emulator::serve(listener, address, state))
    }
}

/// A factor for delays.
#[derive(Debug, Clone, Copy)]
struct TimeScale(f64);

impl Default for TimeScale {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TimeScale {
    fn stretch(self, time: Duration) -> Duration {
        Duration::try_from_secs_f64(time.as_secs_f64() * self.0).unwrap_or_default()
    }
}

/// The folder to use, and the guard that removes it if it is a temporary one.
fn folder(wanted: Option<PathBuf>) -> Result<(PathBuf, Option<TempDir>), StartError> {
    let Some(path) = wanted else {
        let temporary = tempfile::Builder::new().prefix("outcrop-").tempdir();
        let temporary = temporary
            .map_err(|source| StartError::DataDir { path: std::env::temp_dir(), source })?;
        return Ok((temporary.path().into(), Some(temporary)));
    };
    let unusable = |source| StartError::DataDir { path: path.clone(), source };
    std::fs::create_dir_all(&path).map_err(unusable)?;
    Ok((path.canonicalize().map_err(unusable)?, None))
}
