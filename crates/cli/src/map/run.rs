//! Sends the records that have no reply yet, and notes what comes back.

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::task::Poll;
use std::time::Duration;

use client::batch::Record;
use client::codec::ThrottleCause;
use client::transport::rt::system::System;
use client::transport::rt::{Clock, Timer};
use client::{Client, ErrorKind, Map, Mapped, ModelRef, Throttles};
use futures_util::{FutureExt, StreamExt};
use serde_json::json;
use tokio::task::{JoinHandle, spawn_blocking};

use crate::error::{Error, kind};
use crate::interrupt::{End, Interrupt};
use crate::map::journal::{Journal, State};
use crate::map::progress::Progress;
use crate::map::records::{Extent, Input};
use crate::output::Output;

/// What a run sent.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Totals {
    /// Records sent.
    pub(crate) calls: u64,
    /// Attempts at those that have a reply, retries included.
    pub(crate) attempts: u64,
    /// Throttles, as far as the quota's limiter saw them; `None` without a quota.
    pub(crate) throttled: Option<u64>,
    /// How long it took.
    pub(crate) seconds: f64,
}

/// A record's position and id.
type Key = (usize, String);

/// What happens next.
#[expect(clippy::large_enum_variant, reason = "there is one at a time, and it is not kept")]
enum Step {
    Answer(Option<Mapped<Key>>),
    Durable(io::Result<()>),
    Show,
    End(End),
    GraceOver,
}

/// What makes the calls, and for which model.
pub(crate) struct Caller<'a> {
    pub(crate) client: &'a Client,
    pub(crate) model: &'a ModelRef,
    pub(crate) map: Map,
}

impl Caller<'_> {
    /// Whether no call is on its way, as far as the quota's limiter knows.
    fn is_idle(&self) -> bool {
        self.client.quota(self.model).is_some_and(|quota| quota.in_flight == 0)
    }
}

/// Runs until every record has been tried, or the run is interrupted, or no call can succeed.
///
/// When it ends early, the calls under way have ten seconds to come back, unless it is interrupted
/// again or the time for the whole command is over.
pub(crate) async fn run(
    caller: Caller<'_>,
    input: &Input,
    journal: &mut Journal,
    extent: &Extent,
    output: Output,
    interrupt: &Interrupt,
) -> Result<Totals, Error> {
    let system = System::new();
    let began = system.now();
    let mut progress = Progress::new(output, extent.records, journal.done().replies);
    let mut totals = Totals::default();
    let journal = RefCell::new(journal);
    let unwritten = RefCell::new(None);
    let records = input.read()?.filter(|(at, _)| journal.borrow().state(*at) != State::Reply);
    let mut answers = caller.map.clone().run(records.map_while(|(at, record)| {
        // A call that the journal does not know of could be paid for twice.
        match journal.borrow_mut().sent(at) {
            Ok(()) => Some(((at, id(&record, at)), record)),
            Err(error) => {
                unwritten.replace(Some(error));
                None
            }
        }
    }));
    let mut signal = interrupt.signal();
    let mut show = system.sleep_until(progress.next());
    let mut grace = None;
    let mut durable: Option<JoinHandle<io::Result<()>>> = None;
    let mut noted = false;
    let mut failure: Option<Error> = None;
    loop {
        let step = poll_fn(|context| {
            if let Some(sync) = &mut durable
                && let Poll::Ready(done) = sync.poll_unpin(context)
            {
                return Poll::Ready(Step::Durable(done.unwrap_or_else(|lost| Err(lost.into()))));
            }
            if let Poll::Ready(end) = signal.poll_unpin(context) {
                return Poll::Ready(Step::End(end));
            }
            if let Some(sleep) = &mut grace
                && FutureExt::poll_unpin(sleep, context).is_ready()
            {
                return Poll::Ready(Step::GraceOver);
            }
            if FutureExt::poll_unpin(&mut show, context).is_ready() {
                return Poll::Ready(Step::Show);
            }
            answers.poll_next_unpin(context).map(Step::Answer)
        });
        let ending = match step.await {
            Step::Answer(None) | Step::GraceOver => break,
            Step::Answer(Some(answer)) => {
                totals.calls += 1;
                noted = true;
                progress.answered(answer.result.is_ok());
                note(&mut journal.borrow_mut(), answer, &mut totals).err()
            }
            Step::Durable(done) => {
                durable = None;
                done.err().map(|source| Error::write(journal.borrow().path(), source))
            }
            Step::Show => {
                progress.show(caller.client, caller.model);
                show = system.sleep_until(progress.next());
                None
            }
            Step::End(_) if failure.is_some() => break,
            Step::End(end @ End::Late(_)) => {
                failure = Some(end.into());
                break;
            }
            Step::End(end) => {
                signal = Interrupt::listen()?.signal();
                output.remark(&format!(
                    "{} calls under way have {} seconds to come back; Ctrl-C again leaves them",
                    answers.under_way(),
                    GRACE.as_secs()
                ));
                Some(end.into())
            }
        };
        if let Some(error) = ending
            && failure.is_none()
        {
            failure = Some(error);
            answers.stop();
            grace = Some(system.sleep_until(system.now().after(GRACE)));
        }
        // What only waits for the quota need not be sent any more.
        if failure.is_some() && caller.is_idle() {
            break;
        }
        // One write to the disk at a time; what is noted meanwhile goes with the next.
        if noted && durable.is_none() && failure.is_none() {
            let file = journal.borrow().sync_handle()?;
            durable = Some(spawn_blocking(move || file.sync_data()));
            noted = false;
        }
    }
    drop(answers);
    progress.end();
    let journal = journal.into_inner();
    let last = journal.sync_handle()?.sync_data();
    totals.throttled = caller.client.quota(caller.model).map(|quota| throttles(&quota.throttles));
    totals.seconds = system.now().since(began).as_secs_f64();
    let failure = failure.or_else(|| unwritten.into_inner());
    let Some(failure) = failure else {
        return last.map(|()| totals).map_err(|source| Error::write(journal.path(), source));
    };
    output.remark(&format!(
        "{} of {} replies are kept in {}; --resume goes on with them",
        journal.done().replies,
        extent.records,
        journal.path().display()
    ));
    Err(failure)
}

/// Notes what came back; an error that every call would meet ends the run.
fn note(journal: &mut Journal, answer: Mapped<Key>, totals: &mut Totals) -> Result<(), Error> {
    let (at, id) = answer.key;
    match answer.result {
        Ok(invocation) => {
            totals.attempts += u64::from(invocation.report.attempts);
            let line = json!({ "recordId": id, "reply": invocation.reply.to_converse() });
            journal.came(at, true, &line.to_string())
        }
        Err(error) if is_everybodys(error.kind()) => Err(Error::Client(error)),
        Err(error) => {
            let error = json!({ "code": kind(error.kind()), "message": error.to_string() });
            let line = json!({ "recordId": id, "error": error });
            journal.came(at, false, &line.to_string())
        }
    }
}

/// How many throttles there were, whatever they were about.
pub(super) fn throttles(by_cause: &Throttles) -> u64 {
    let Throttles { requests, tokens, daily, capacity, unknown, .. } = by_cause;
    requests + tokens + daily + capacity + unknown
}

/// Whether the fault lies with the set-up, or the day's quota, and not with one record.
fn is_everybodys(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Config
            | ErrorKind::Credentials
            | ErrorKind::Connect
            | ErrorKind::Throttled(ThrottleCause::TokensPerDay)
    )
}

/// The id of the record at this position, from 0.
pub(crate) fn id(record: &Record, at: usize) -> String {
    record.id().map_or_else(|| Record::id_at(at as u64 + 1), str::to_owned)
}

/// How long the calls under way have to come back when a run ends early.
const GRACE: Duration = Duration::from_secs(10);
