//! Turns what a model says, one thing after the other, into the events of a stream.

use super::Said;
use crate::model::{Answer, Part, Stop, Usage};
use crate::wire::{At, Chunk, Meta, Step, Wire};

/// An answer as far as it was said, in the form in which it is written.
pub(super) struct Teller {
    wire: &'static dyn Wire,
    meta: Meta,
    answer: Answer,
    at: At,
    /// The last block has begun to be written.
    open: bool,
    /// A piece that may turn out to be the last.
    kept: Option<String>,
}

impl Teller {
    pub(super) const fn new(wire: &'static dyn Wire, meta: Meta) -> Self {
        let answer = Answer { parts: Vec::new(), stop: Stop::EndTurn, usage: Usage::NONE };
        Self { wire, meta, answer, at: At::START, open: false, kept: None }
    }

    /// How many tokens were said.
    pub(super) const fn tokens(&self) -> u64 {
        self.at.tokens
    }

    /// The counters, as far as they are known.
    pub(super) const fn usage(&self) -> Usage {
        self.answer.usage
    }

    /// The events that something said makes.
    pub(super) fn tell(&mut self, said: Said) -> Vec<Chunk> {
        match said {
            Said::Start(usage) => {
                self.answer.usage = usage;
                self.at.input = usage.input;
                self.wire.step(Step::Start(usage), self.at, &self.meta)
            }
            Said::Block(part) => self.begin(part),
            Said::Piece(text) if self.wire.keeps_last() => match self.kept.replace(text) {
                Some(text) => self.say(text),
                None => Vec::new(),
            },
            Said::Piece(text) => self.say(text),
            Said::End(stop, usage) => self.end(stop, usage),
        }
    }

    /// The event of a piece of the last block that has this text, if all others are like it.
    pub(super) fn pattern(&self, text: &str) -> Option<Chunk> {
        let part = self.answer.parts.last().filter(|_| self.wire.repeats())?;
        self.wire.step(Step::Piece(part, text), self.at, &self.meta).pop()
    }

    /// Notes a piece whose event is known. It is not if something comes before it.
    pub(super) fn note(&mut self, text: &str) -> bool {
        if let Some(part) = self.answer.parts.last_mut().filter(|_| self.open) {
            self.at.tokens += 1;
            part.push(text);
            return true;
        }
        false
    }

    fn begin(&mut self, part: Part) -> Vec<Chunk> {
        let mut chunks = match self.kept.take() {
            Some(text) => self.say(text),
            None => Vec::new(),
        };
        chunks.extend(self.close());
        let calls = self.answer.parts.iter().filter(|part| part.is_call());
        self.at.calls = u64::try_from(calls.count()).unwrap_or(u64::MAX);
        self.at.index = u64::try_from(self.answer.parts.len()).unwrap_or(u64::MAX);
        self.at.before = self.at.tokens;
        // A text that stays empty is none.
        let waits = matches!(part, Part::Text(_));
        self.answer.parts.push(part);
        if !waits {
            chunks.extend(self.open());
        }
        chunks
    }

    fn say(&mut self, text: String) -> Vec<Chunk> {
        let mut chunks = self.open();
        self.at.tokens += 1;
        if let Some(part) = self.answer.parts.last_mut() {
            chunks.extend(self.wire.step(Step::Piece(part, &text), self.at, &self.meta));
            part.push(&text);
        }
        chunks
    }

    fn end(&mut self, stop: Stop, usage: Usage) -> Vec<Chunk> {
        if let Some(part) = self.answer.parts.last_mut() {
            part.end(self.kept.take().as_deref(), stop == Stop::MaxTokens);
        }
        self.at.tokens = usage.output;
        let mut chunks = self.close();
        (self.answer.stop, self.answer.usage) = (stop, usage);
        chunks.extend(self.wire.step(Step::End(&self.answer), self.at, &self.meta));
        chunks
    }

    fn open(&mut self) -> Vec<Chunk> {
        match self.answer.parts.last() {
            Some(part) if !std::mem::replace(&mut self.open, true) => {
                self.wire.step(Step::Open(part), self.at, &self.meta)
            }
            _ => Vec::new(),
        }
    }

    fn close(&mut self) -> Vec<Chunk> {
        match self.answer.parts.last() {
            Some(part) if std::mem::take(&mut self.open) => {
                self.wire.step(Step::Close(part), self.at, &self.meta)
            }
            _ => Vec::new(),
        }
    }
}
