//! Reads an object line by line, with no more than one line in memory.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use transport::Body;

use crate::attempt::{attempt, attempts};
use crate::batch::place::Place;
use crate::client::Client;
use crate::error::{Error, ErrorKind, Limit, Retry};
use crate::retry::Attempts;
use crate::time::before;

/// The lines of an object. A connection that breaks is made again, and goes on where it broke.
pub(crate) struct LineReader {
    client: Client,
    place: Place,
    body: Option<Body>,
    /// Bytes of the object that were taken from a body.
    taken: u64,
    /// Bytes of the body at hand that were taken before from another.
    skip: u64,
    buffer: BytesMut,
    /// Bytes of the buffer that hold no line end.
    searched: usize,
    /// Lines handed out.
    lines: u64,
    /// The attempts to get past a failure.
    attempts: Option<Attempts>,
    over: bool,
}

impl LineReader {
    pub(crate) fn new(client: Client, place: Place) -> Self {
        Self {
            client,
            place,
            body: None,
            taken: 0,
            skip: 0,
            buffer: BytesMut::new(),
            searched: 0,
            lines: 0,
            attempts: None,
            over: false,
        }
    }

    /// Where the last line was, for a person.
    pub(crate) fn position(&self) -> String {
        format!("line {} of {}", self.lines, self.place)
    }

    /// The next line, without its end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            let rest = self.buffer.get(self.searched..).unwrap_or_default();
            if let Some(at) = rest.iter().position(|byte| *byte == b'\n') {
                let mut line = self.buffer.split_to(self.searched + at + 1);
                line.truncate(line.len() - 1);
                self.searched = 0;
                self.lines += 1;
                return Ok(Some(line.freeze()));
            }
            self.searched = self.buffer.len();
            if self.searched > MAX_LINE {
                self.lines += 1;
                let message = format!("{} has over {MAX_LINE} bytes", self.position());
                return Err(Error::new(ErrorKind::Protocol, message));
            }
            if self.over {
                self.searched = 0;
                self.lines += 1;
                let line = std::mem::take(&mut self.buffer).freeze();
                return Ok((!line.is_empty()).then_some(line));
            }
            self.fill().await?;
        }
    }

    /// Takes one piece, or begins again after a failure.
    async fn fill(&mut self) -> Result<(), Error> {
        match self.piece().await {
            Ok(Some(piece)) => {
                let known = self.skip.min(piece.len() as u64);
                self.skip -= known;
                let new = piece.get(usize::try_from(known).unwrap_or(usize::MAX)..);
                let new = new.unwrap_or_default();
                if !new.is_empty()
                    && let Some(mut attempts) = self.attempts.take()
                {
                    attempts.succeeded(&self.client.shared);
                }
                self.taken += new.len() as u64;
                self.buffer.extend_from_slice(new);
            }
            Ok(None) if self.skip > 0 => {
                let message = format!("{} became shorter while it was read", self.place);
                return Err(Error::new(ErrorKind::Protocol, message));
            }
            Ok(None) => self.over = true,
            Err(error) => {
                self.body = None;
                let attempts = self.attempts.get_or_insert_with(|| attempts(&self.client));
                attempts.begin();
                attempts.again(&self.client.shared, error).await?;
            }
        }
        Ok(())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        let body = match &mut self.body {
            Some(body) => body,
            None => {
                let objects = self.client.objects()?;
                let Place { bucket, key } = &self.place;
                let get = || objects.get(bucket.clone(), key.clone());
                let object = attempt(&self.client, get).await?;
                self.skip = self.taken;
                self.body.insert(object.body)
            }
        };
        let (shared, limits) = (&self.client.shared, &self.client.options.limits);
        let until = limits.idle.map(|idle| shared.clock.now().after(idle));
        match before(&*shared.timer, until, body.next()).await {
            Some(piece) => Ok(piece.transpose()?),
            None => Err(Error::timeout(Limit::Idle, limits).with_retry(Retry::Pause)),
        }
    }
}

/// A record has at most 25 MB, and a line repeats it beside the reply.
const MAX_LINE: usize = 64 * 1024 * 1024;
