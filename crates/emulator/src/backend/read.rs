//! Reads what a model server says, a whole reply and the chunks of a stream alike.

use serde_json::Value;

use crate::model::{Part, Pieces, Prompt, Stop, Usage};
use crate::runtime::Said;

/// What was read so far.
#[derive(Debug)]
pub(super) struct Reader {
    stop_sequences: Vec<String>,
    /// The counters: our own until the server gives its own.
    usage: Usage,
    is_counted: bool,
    begun: bool,
    block: Option<Kind>,
    /// The id of the call that is the block, where the server gives one.
    call_id: Option<String>,
    /// A call has begun, and no arguments have come.
    is_bare: bool,
    called: bool,
    stop: Option<Stop>,
}

/// The kind of a block; of calls, the number that the server gives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reasoning,
    Text,
    Call(u64),
}

impl Reader {
    pub(super) fn new(prompt: &Prompt) -> Self {
        Self {
            stop_sequences: prompt.stop_sequences.clone(),
            usage: Usage { input: prompt.input_tokens, ..Usage::NONE },
            is_counted: false,
            begun: false,
            block: None,
            call_id: None,
            is_bare: false,
            called: false,
            stop: None,
        }
    }

    /// What a reply or a chunk says.
    pub(super) fn read(&mut self, value: &Value) -> Vec<Said> {
        let mut said = Vec::new();
        self.count(&value["usage"]);
        if !std::mem::replace(&mut self.begun, true) {
            said.push(Said::Start(self.usage));
        }
        let choice = value.pointer("/choices/0").unwrap_or(&Value::Null);
        for message in [&choice["delta"], &choice["message"]] {
            // Some servers say the same under both names.
            let thought = ["reasoning_content", "reasoning"].map(|key| &message[key]);
            let thought =
                thought.into_iter().find(|text| text.as_str().is_some_and(|t| !t.is_empty()));
            self.add(Kind::Reasoning, thought.unwrap_or(&Value::Null), &mut said);
            self.add(Kind::Text, &message["content"], &mut said);
            let calls = message["tool_calls"].as_array().map_or(&[][..], Vec::as_slice);
            for (call, place) in calls.iter().zip(0..) {
                self.call(call, place, &mut said);
            }
        }
        if let Some(reason) = choice["finish_reason"].as_str() {
            self.end_call(&mut said);
            self.stop = Some(self.stop(reason, choice["stop_reason"].as_str()));
        }
        said
    }

    /// The end of the answer; `None` if the server has not come to it.
    pub(super) fn end(self) -> Option<Said> {
        Some(Said::End(self.stop?, self.usage))
    }

    /// Whether the reason to stop was given.
    pub(super) const fn is_whole(&self) -> bool {
        self.stop.is_some()
    }

    fn add(&mut self, kind: Kind, text: &Value, said: &mut Vec<Said>) {
        let Some(text) = text.as_str().filter(|text| !text.is_empty()) else { return };
        if self.block != Some(kind) {
            self.end_call(said);
            let block = match kind {
                Kind::Reasoning => Part::Reasoning(Pieces::default()),
                _ => Part::Text(Pieces::default()),
            };
            said.push(Said::Block(block));
            self.block = Some(kind);
        }
        self.piece(text, said);
    }

    /// A call, or more of its arguments. In a whole reply calls have no numbers but their `place`,
    /// and some servers give all calls of a stream the same; then another id begins another call.
    fn call(&mut self, call: &Value, place: u64, said: &mut Vec<Said>) {
        let kind = Kind::Call(call["index"].as_u64().unwrap_or(place));
        let function = &call["function"];
        let id = call["id"].as_str().filter(|id| !id.is_empty());
        let is_other = id.zip(self.call_id.as_deref()).is_some_and(|(id, own)| id != own);
        if self.block != Some(kind) || is_other {
            self.end_call(said);
            self.call_id = id.map(Into::into);
            self.is_bare = true;
            let name = function["name"].as_str().unwrap_or_default().into();
            said.push(Said::Block(Part::ToolUse { name, pieces: Pieces::default(), cut: false }));
            (self.block, self.called) = (Some(kind), true);
        }
        let arguments = match &function["arguments"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            // Some servers give them as JSON.
            other => other.to_string(),
        };
        if !arguments.is_empty() {
            self.is_bare = false;
            self.piece(&arguments, said);
        }
    }

    /// Gives a call without arguments the empty ones, which are JSON.
    fn end_call(&mut self, said: &mut Vec<Said>) {
        if std::mem::take(&mut self.is_bare) {
            said.push(Said::Piece("{}".into()));
        }
    }

    fn piece(&mut self, text: &str, said: &mut Vec<Said>) {
        if !self.is_counted {
            self.usage.output += 1;
        }
        said.push(Said::Piece(text.into()));
    }

    fn count(&mut self, usage: &Value) {
        let (Some(input), Some(output)) =
            (usage["prompt_tokens"].as_u64(), usage["completion_tokens"].as_u64())
        else {
            return;
        };
        let cached = usage.pointer("/prompt_tokens_details/cached_tokens");
        let cached = cached.and_then(Value::as_u64).unwrap_or(0);
        let input = input.saturating_sub(cached);
        self.usage = Usage { input, output, cache_read: cached, cache_write: 0 };
        self.is_counted = true;
    }

    fn stop(&self, reason: &str, sequence: Option<&str>) -> Stop {
        let known = |sequence: &&str| self.stop_sequences.iter().any(|known| known == sequence);
        match (reason, sequence.filter(known)) {
            ("length", _) => Stop::MaxTokens,
            // Some servers call it a plain stop.
            _ if self.called => Stop::ToolUse,
            (_, Some(sequence)) => Stop::Sequence(sequence.into()),
            _ => Stop::EndTurn,
        }
    }
}

/// The message of an error.
pub(super) fn error(value: &Value) -> Option<String> {
    let error = value.get("error").filter(|error| !error.is_null())?;
    let message = error.as_str().or_else(|| error["message"].as_str());
    Some(message.map_or_else(|| error.to_string(), Into::into))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn heard(chunks: &[Value]) -> Vec<Said> {
        let prompt =
            Prompt { input_tokens: 7, stop_sequences: vec!["END".into()], ..Prompt::default() };
        let mut reader = Reader::new(&prompt);
        let mut said: Vec<Said> = chunks.iter().flat_map(|chunk| reader.read(chunk)).collect();
        said.extend(reader.end());
        said
    }

    fn delta(delta: Value) -> Value {
        json!({ "choices": [{ "delta": delta, "finish_reason": null }] })
    }

    fn finish(reason: &str) -> Value {
        json!({ "choices": [{ "delta": {}, "finish_reason": reason }] })
    }

    const TEXT: fn() -> Said = || Said::Block(Part::Text(Pieces::default()));

    fn called(name: &str) -> Said {
        Said::Block(Part::ToolUse { name: name.into(), pieces: Pieces::default(), cut: false })
    }

    fn counted(output: u64) -> Usage {
        Usage { input: 7, output, ..Usage::NONE }
    }

    #[test]
    fn blocks_begin_where_the_kind_changes() {
        let said = heard(&[
            delta(json!({ "role": "assistant", "content": "" })),
            delta(json!({ "reasoning_content": "hm" })),
            delta(json!({ "content": "Hi" })),
            delta(json!({ "content": " there" })),
            finish("stop"),
        ]);
        let piece = |text: &str| Said::Piece(text.into());
        assert_eq!(
            said,
            [
                Said::Start(counted(0)),
                Said::Block(Part::Reasoning(Pieces::default())),
                piece("hm"),
                TEXT(),
                piece("Hi"),
                piece(" there"),
                Said::End(Stop::EndTurn, counted(3)),
            ]
        );
    }

    #[test]
    fn calls_are_told_apart_in_streams_and_in_replies() {
        let call = |index: u64, name: Value, arguments: &str| {
            let function = json!({ "name": name, "arguments": arguments });
            delta(json!({ "tool_calls": [{ "index": index, "function": function }] }))
        };
        let streamed = heard(&[
            call(0, "f".into(), ""),
            call(0, Value::Null, "{}"),
            call(1, "g".into(), "[1]"),
            finish("stop"),
        ]);
        let plain = |name: &str, arguments: Value| json!({ "function": { "name": name, "arguments": arguments } });
        let whole = heard(&[json!({ "choices": [{
            "message": { "content": null, "tool_calls": [plain("f", "{}".into()), plain("g", json!([1]))] },
            "finish_reason": "tool_calls",
        }] })]);
        let piece = |text: &str| Said::Piece(text.into());
        let expected = [
            Said::Start(counted(0)),
            called("f"),
            piece("{}"),
            called("g"),
            piece("[1]"),
            Said::End(Stop::ToolUse, counted(2)),
        ];
        assert_eq!((streamed.as_slice(), whole.as_slice()), (&expected[..], &expected[..]));
    }

    #[test]
    fn calls_without_numbers_are_told_apart_by_their_ids() {
        let call = |id: &str, name: &str, arguments: &str| {
            let function = json!({ "name": name, "arguments": arguments });
            delta(json!({ "tool_calls": [{ "id": id, "function": function }] }))
        };
        let said = heard(&[call("a", "f", "{}"), call("b", "f", ""), finish("tool_calls")]);
        let piece = || Said::Piece("{}".into());
        let end = Said::End(Stop::ToolUse, counted(1));
        let expected = [Said::Start(counted(0)), called("f"), piece(), called("f"), piece(), end];
        assert_eq!(said, expected);
    }

    #[test]
    fn a_thought_under_two_names_is_one() {
        let said = heard(&[
            delta(json!({ "reasoning_content": "hm", "reasoning": "hm" })),
            finish("stop"),
        ]);
        assert_eq!(said.iter().filter(|said| matches!(said, Said::Piece(_))).count(), 1);
    }

    #[test]
    fn counters_and_reasons_are_the_server_s() {
        let usage = json!({ "prompt_tokens": 10, "completion_tokens": 4,
            "prompt_tokens_details": { "cached_tokens": 3 } });
        let said = heard(&[finish("length"), json!({ "choices": [], "usage": usage })]);
        let usage = Usage { input: 7, output: 4, cache_read: 3, cache_write: 0 };
        assert_eq!(said.last(), Some(&Said::End(Stop::MaxTokens, usage)));
        let mut stopped = finish("stop");
        stopped["choices"][0]["stop_reason"] = "END".into();
        assert_eq!(
            heard(&[stopped]).last(),
            Some(&Said::End(Stop::Sequence("END".into()), counted(0)))
        );
        assert_eq!(heard(&[delta(json!({ "content": "x" }))]).len(), 3, "an answer without an end");
    }
}
