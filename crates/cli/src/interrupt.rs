//! Ctrl-C, the polite kill of a service manager, and `--timeout`: what ends a command from outside.

use std::pin::pin;
use std::time::Duration;

use client::transport::rt::system::System;
use client::transport::rt::{Clock, Timer};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, Shared, select};

use crate::error::Error;

/// Ends when the command is to end, and says why. Clones end together.
pub(crate) type Signal = Shared<BoxFuture<'static, End>>;

/// Why a command is to end before its work is done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum End {
    /// Somebody asks the process to end.
    Asked,
    /// The command took longer than this.
    Late(Duration),
}

/// What may end a command before its work is done.
#[derive(Clone, Debug)]
pub(crate) struct Interrupt {
    signal: Signal,
}

impl Interrupt {
    /// Listens from now on, so that no signal is lost before somebody waits for it.
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Self { signal: signal()?.map(|()| End::Asked).boxed().shared() })
    }

    /// The same, which also comes when this time is over, counted from now.
    pub(crate) fn within(&self, limit: Option<Duration>) -> Self {
        let Some(limit) = limit else { return self.clone() };
        let system = System::new();
        let late = system.sleep_until(system.now().after(limit)).map(move |()| End::Late(limit));
        let signal = select(self.signal(), late).map(|first| first.factor_first().0);
        Self { signal: signal.boxed().shared() }
    }

    /// Ends when the command is to end.
    pub(crate) fn signal(&self) -> Signal {
        self.signal.clone()
    }

    /// Why the command is to end, if it is.
    pub(crate) fn came(&self) -> Option<End> {
        self.signal.clone().now_or_never()
    }

    /// Does the work, which knows of the interrupt and ends by itself; it is dropped if it does not
    /// within this time.
    pub(crate) async fn or_after<T>(
        &self,
        grace: Duration,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let signal = self.signal();
        let end = async {
            let end = signal.await;
            let system = System::new();
            system.sleep_until(system.now().after(grace)).await;
            end
        };
        match select(pin!(work), pin!(end)).await {
            Either::Left((done, _)) => done,
            Either::Right((end, _)) => Err(end.into()),
        }
    }

    /// Does the work, unless it is interrupted; then the work is dropped where it stands.
    pub(crate) async fn or<T>(
        &self,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        match select(pin!(work), self.signal()).await {
            Either::Left((done, _)) => done,
            Either::Right((end, _)) => Err(end.into()),
        }
    }
}

impl From<End> for Error {
    fn from(end: End) -> Self {
        match end {
            End::Asked => Self::Interrupted,
            End::Late(limit) => Self::Timeout(limit.as_secs_f64()),
        }
    }
}

/// Does the work within this time, counted from now; without a limit for as long as it takes.
pub(crate) async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    let Some(limit) = limit else { return work.await };
    let system = System::new();
    let end = system.sleep_until(system.now().after(limit));
    match select(pin!(work), end).await {
        Either::Left((done, _)) => done,
        Either::Right(_) => Err(End::Late(limit).into()),
    }
}

#[cfg(unix)]
fn signal() -> Result<BoxFuture<'static, ()>, Error> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Machine)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Machine)?;
    Ok(async move {
        select(pin!(interrupt.recv()), pin!(terminate.recv())).await;
    }
    .boxed())
}

#[cfg(not(unix))]
fn signal() -> Result<BoxFuture<'static, ()>, Error> {
    Ok(async {
        // Without a handler the system ends the process itself.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
    .boxed())
}
