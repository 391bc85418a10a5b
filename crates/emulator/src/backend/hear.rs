//! What a model server says over time: server-sent events, or one reply.

use std::collections::VecDeque;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::Value;

use super::read::{self, Reader};
use crate::clock;
use crate::error::{Kind, Refusal};
use crate::model::Prompt;
use crate::outgoing::causes;
use crate::runtime::{Said, Saying};

/// What a reply in one piece says.
pub(super) fn whole(body: &[u8], prompt: &Prompt) -> Result<Saying, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if let Some(error) = read::error(&value) {
        return Err(error);
    }
    let mut reader = Reader::new(prompt);
    let mut said = reader.read(&value);
    said.push(reader.end().ok_or("it has no `finish_reason`")?);
    Ok(stream::iter(said).map(Ok).boxed())
}

/// What a stream says, as its bytes arrive.
pub(super) fn stream(body: Incoming, prompt: &Prompt) -> Saying {
    let reader = Some(Reader::new(prompt));
    let hearing = Hearing { body, lines: Lines::default(), reader, ready: VecDeque::new() };
    stream::unfold(hearing, Hearing::next).boxed()
}

struct Hearing {
    body: Incoming,
    lines: Lines,
    /// Gone once the end is read.
    reader: Option<Reader>,
    ready: VecDeque<Result<Said, Refusal>>,
}

impl Hearing {
    async fn next(mut self) -> Option<(Result<Said, Refusal>, Self)> {
        loop {
            if let Some(said) = self.ready.pop_front() {
                return Some((said, self));
            }
            self.reader.as_ref()?;
            match clock::within(IDLE, self.body.frame()).await {
                Some(Some(Ok(frame))) => {
                    self.lines.push(frame.data_ref().map_or(&[][..], |data| data));
                    while let Some(line) = self.lines.next() {
                        self.line(&line);
                    }
                    if self.lines.bytes.len() > LONGEST {
                        self.fail(&format!("a line is longer than {LONGEST} bytes"));
                    }
                }
                Some(Some(Err(error))) => self.fail(&causes(&error)),
                Some(None) => self.end(),
                None => self.fail(&format!("it said nothing for {} seconds", IDLE.as_secs())),
            }
        }
    }

    fn line(&mut self, line: &str) {
        let Some(data) = line.strip_prefix("data:").map(str::trim) else { return };
        if data == "[DONE]" {
            return self.end();
        }
        let Some(reader) = &mut self.reader else { return };
        match serde_json::from_str::<Value>(data) {
            Ok(value) => match read::error(&value) {
                Some(error) => self.fail(&error),
                None => self.ready.extend(reader.read(&value).into_iter().map(Ok)),
            },
            Err(error) => self.fail(&format!("an event is no JSON: {error}")),
        }
    }

    /// The stream has come to its end, which may be before that of the answer.
    fn end(&mut self) {
        match self.reader.take() {
            Some(reader) if reader.is_whole() => self.ready.extend(reader.end().map(Ok)),
            Some(_) => self.break_off("its stream ended before the answer did"),
            None => {}
        }
    }

    fn fail(&mut self, why: &str) {
        if self.reader.take().is_some() {
            self.break_off(why);
        }
    }

    fn break_off(&mut self, why: &str) {
        let message = format!("The model server broke off: {why}.");
        self.ready.push_back(Err(Refusal::new(Kind::ModelStreamError, message)));
    }
}

/// Lines out of bytes that come in any pieces.
#[derive(Debug, Default)]
struct Lines {
    bytes: Vec<u8>,
    /// Before here there is no end of a line.
    seen: usize,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    fn next(&mut self) -> Option<String> {
        let rest = self.bytes.get(self.seen..).unwrap_or_default();
        let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
            self.seen = self.bytes.len();
            return None;
        };
        let line: Vec<u8> = self.bytes.drain(..=self.seen + at).collect();
        self.seen = 0;
        Some(String::from_utf8_lossy(&line).trim_end().into())
    }
}

/// The longest line of a stream, in bytes; an event is one.
const LONGEST: usize = 4 << 20;
/// How long a server may say nothing within an answer.
const IDLE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_however_the_bytes_come() {
        let text = "data: ä\r\n\r\n: note\ndata:[DONE]\nrest";
        for size in 1..text.len() {
            let mut lines = Lines::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.push(piece);
                found.extend(std::iter::from_fn(|| lines.next()));
            }
            assert_eq!(found, ["data: ä", "", ": note", "data:[DONE]"], "{size}");
        }
    }
}
