//! From events to a reply: whole, or as much of it as had arrived.

mod block;
#[cfg(test)]
mod tests;

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use self::block::{OpenBlock, Piece};
use crate::Map;
use crate::error::DecodeError;
use crate::event::Event;
use crate::json::merge;
use crate::message::{Message, Role};
use crate::reply::{Partial, Reply};
use crate::stop::StopReason;
use crate::usage::Usage;

/// Puts the events of a stream together.
///
/// It is lenient where nothing is lost: a missing or repeated `messageStart`, a repeated
/// `messageStop`, blocks without a start and stops without a block are all accepted.
/// [`Event::Unknown`] adds nothing to the reply.
#[derive(Clone, Debug, Default)]
pub struct Fold {
    role: Option<Role>,
    blocks: Vec<OpenBlock>,
    /// The place of the last block that has this index.
    latest: BTreeMap<u32, usize>,
    stop_reason: Option<StopReason>,
    usage: Option<Usage>,
    latency_ms: Option<u64>,
    metadata: bool,
    extra: Map,
    /// How many bytes of content may still come, if there is a limit.
    room: Option<usize>,
}

impl Fold {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing yet, and no more than this many bytes of content: texts, reasoning, tool inputs and
    /// what is in pieces of other kinds. Without a limit a reply may be as long as its stream.
    pub fn with_limit(bytes: usize) -> Self {
        Self { room: Some(bytes), ..Self::default() }
    }

    /// Adds an event.
    ///
    /// # Errors
    ///
    /// [`DecodeError::TooLong`] where the content grows over the limit. The event is not added.
    /// [`DecodeError::AfterEnd`] where content comes after the end of the message. The event is
    /// not added.
    pub fn push(&mut self, event: &Event) -> Result<(), DecodeError> {
        match event {
            Event::MessageStart { role, extra } => {
                self.role.get_or_insert_with(|| role.clone());
                self.keep(extra);
            }
            Event::BlockStart { index, start, extra } => {
                self.add(*index, Piece::Start(start))?;
                self.keep(extra);
            }
            Event::BlockDelta { index, delta, extra } => {
                self.add(*index, Piece::Delta(delta))?;
                self.keep(extra);
            }
            Event::BlockStop { index, extra } => {
                if let Some(block) = self.last_at(*index) {
                    block.close();
                }
                self.keep(extra);
            }
            Event::MessageStop { stop_reason, extra } => {
                self.stop_reason.get_or_insert_with(|| stop_reason.clone());
                self.keep(extra);
            }
            Event::Metadata { usage, latency_ms, extra } => {
                self.usage = usage.clone().or_else(|| self.usage.take());
                self.latency_ms = latency_ms.or(self.latency_ms);
                self.metadata = true;
                self.keep(extra);
            }
            Event::Unknown { .. } => {}
        }
        Ok(())
    }

    /// Whether the message is whole.
    pub fn is_complete(&self) -> bool {
        self.stop_reason.is_some()
    }

    /// Whether the message is whole and its metadata is there: nothing more is expected.
    pub fn is_over(&self) -> bool {
        self.is_complete() && self.metadata
    }

    /// The reply, or what there is of it.
    ///
    /// # Errors
    ///
    /// The partial reply where the message is not whole.
    pub fn finish(self) -> Result<Reply, Box<Partial>> {
        let Partial { message, stop_reason, usage, latency_ms, extra } = self.into_partial();
        match stop_reason {
            Some(stop_reason) => Ok(Reply { message, stop_reason, usage, latency_ms, extra }),
            None => Err(Box::new(Partial { message, stop_reason, usage, latency_ms, extra })),
        }
    }

    /// What there is, whether or not the message is whole.
    pub fn into_partial(self) -> Partial {
        let mut blocks = self.blocks;
        blocks.sort_by_key(OpenBlock::index);
        let last = blocks.len().saturating_sub(1);
        let whole = self.stop_reason.is_some();
        let cut = self.stop_reason.as_ref().is_none_or(StopReason::is_cut);
        let finished = blocks
            .into_iter()
            .enumerate()
            .map(|(at, block)| block.finish(whole, cut && at == last));
        let message = Message::new(self.role.unwrap_or(Role::Assistant), finished.collect());
        Partial {
            message,
            stop_reason: self.stop_reason,
            usage: self.usage,
            latency_ms: self.latency_ms,
            extra: self.extra,
        }
    }

    fn add(&mut self, index: u32, piece: Piece<'_>) -> Result<(), DecodeError> {
        if self.is_complete() {
            return Err(DecodeError::AfterEnd);
        }
        if let Some(room) = self.room {
            let left = room.checked_sub(piece.size());
            self.room = Some(left.ok_or(DecodeError::TooLong)?);
        }
        let taken = self.last_at(index).is_some_and(|block| block.take(piece));
        if !taken {
            self.latest.insert(index, self.blocks.len());
            self.blocks.push(OpenBlock::begin(index, piece));
        }
        Ok(())
    }

    fn last_at(&mut self, index: u32) -> Option<&mut OpenBlock> {
        self.latest.get(&index).and_then(|at| self.blocks.get_mut(*at))
    }

    fn keep(&mut self, extra: &Map) {
        if !extra.is_empty() {
            merge(&mut self.extra, extra.clone());
        }
    }
}
