//! The access log: lines that a thread of its own prints, so that a standard error that nobody
//! reads keeps no call waiting.

use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::output::note;

/// A log that is being printed.
pub(super) struct AccessLog {
    /// None once the log is to end.
    sender: Arc<Mutex<Option<SyncSender<String>>>>,
    /// Closed when the last line is printed.
    end: Receiver<()>,
}

impl AccessLog {
    pub(super) fn start() -> Self {
        let (sender, lines) = sync_channel::<String>(LINES);
        let (printing, end) = channel();
        std::thread::spawn(move || {
            lines.iter().for_each(|line| note(&line));
            drop(printing);
        });
        Self { sender: Arc::new(Mutex::new(Some(sender))), end }
    }

    /// What takes a line. One that finds too many before it is left out.
    pub(super) fn teller(&self) -> impl Fn(&str) + Send + Sync + 'static {
        let sender = Arc::clone(&self.sender);
        move |line| {
            if let Some(sender) = &*sender.lock().unwrap_or_else(PoisonError::into_inner) {
                // There is nothing else to do for a line that has no place.
                let _left_out = sender.try_send(line.to_owned());
            }
        }
    }

    /// Waits until all lines are printed, unless that takes too long.
    pub(super) fn finish(self) {
        drop(self.sender.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ended = self.end.recv_timeout(LONGEST);
    }
}

/// How many lines may wait to be printed.
const LINES: usize = 4096;
/// How long the last lines may take.
const LONGEST: Duration = Duration::from_secs(2);
