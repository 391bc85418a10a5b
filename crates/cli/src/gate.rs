//! Holds back events of a stream that must not be shown before they are certain.
//!
//! A tool call is shown when it is whole, and the end of a message when nothing took it back.
//! Everything else passes at once.

use client::Event;
use client::codec::{Block, BlockStart, Delta, Message};
use serde_json::{Map, Value};

/// The events that are held back.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    calls: Vec<Call>,
    /// The end of the message, and what came after it.
    end: Vec<Event>,
}

/// A tool call that is not whole, or not known to be.
#[derive(Debug)]
struct Call {
    index: u32,
    id: Option<String>,
    input: String,
    events: Vec<Event>,
}

impl Gate {
    /// Takes an event, and gives those that may be shown now.
    pub(crate) fn push(&mut self, event: Event) -> Vec<Event> {
        if !self.end.is_empty() || matches!(event, Event::MessageStop { .. }) {
            self.end.push(event);
            return Vec::new();
        }
        match &event {
            Event::BlockStart { index, start: BlockStart::ToolUse { tool_use_id, .. }, .. } => {
                let id = Some(tool_use_id.clone());
                self.calls.push(Call {
                    index: *index,
                    id,
                    input: String::new(),
                    events: vec![event],
                });
                Vec::new()
            }
            Event::BlockDelta { index, delta: Delta::ToolUse { input }, .. } => {
                let (index, input) = (*index, input.clone());
                if self.open(index).is_none() {
                    let (input, events) = (String::new(), Vec::new());
                    self.calls.push(Call { index, id: None, input, events });
                }
                if let Some(at) = self.open(index)
                    && let Some(call) = self.calls.get_mut(at)
                {
                    call.input.push_str(&input);
                    call.events.push(event);
                }
                Vec::new()
            }
            Event::BlockStop { index, .. } => self.close(*index, event),
            _ => vec![event],
        }
    }

    /// Ends the stream: gives the calls that turn out to be whole in the message, and apart from
    /// them the end of the message, which counts only if the stream was complete.
    pub(crate) fn finish(self, message: &Message) -> (Vec<Event>, Vec<Event>) {
        let whole = |call: &Call| call.id.as_deref().is_some_and(|id| is_whole(message, id));
        let calls = self.calls.into_iter().filter(whole).flat_map(|call| call.events);
        (calls.collect(), self.end)
    }

    fn close(&mut self, index: u32, event: Event) -> Vec<Event> {
        let Some(at) = self.open(index) else { return vec![event] };
        let Some(call) = self.calls.get_mut(at) else { return vec![event] };
        call.events.push(event);
        // No input at all may be a call without arguments, or one that was cut before they came:
        // only the end of the message tells.
        if serde_json::from_str::<Map<String, Value>>(&call.input).is_err() || call.id.is_none() {
            return Vec::new();
        }
        self.calls.remove(at).events
    }

    fn open(&self, index: u32) -> Option<usize> {
        self.calls.iter().rposition(|call| call.index == index)
    }
}

/// Whether the message has a whole call of this id, and no other that was cut off.
fn is_whole(message: &Message, id: &str) -> bool {
    let mut whole = false;
    for block in &message.content {
        match block {
            Block::ToolUse(tool) if tool.tool_use_id == id => whole = true,
            Block::IncompleteToolUse(tool) if tool.tool_use_id.as_deref() == Some(id) => {
                return false;
            }
            _ => {}
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use client::codec::Fold;
    use serde_json::json;

    use super::*;

    fn event(value: Value) -> Event {
        Event::from_json(value).unwrap()
    }

    fn start(index: u32, id: &str) -> Event {
        let tool = json!({ "toolUseId": id, "name": "look" });
        event(
            json!({ "contentBlockStart": { "contentBlockIndex": index, "start": { "toolUse": tool } } }),
        )
    }

    fn input(index: u32, input: &str) -> Event {
        Event::delta(index, Delta::ToolUse { input: input.to_owned() })
    }

    fn stop(reason: &str) -> Event {
        event(json!({ "messageStop": { "stopReason": reason } }))
    }

    /// What is shown while the events come; then the calls, and the end.
    fn shown(events: &[Event]) -> (Vec<Event>, Vec<Event>, Vec<Event>) {
        let (mut gate, mut fold) = (Gate::default(), Fold::new());
        let mut passed = Vec::new();
        for event in events {
            fold.push(event).unwrap();
            passed.extend(gate.push(event.clone()));
        }
        let (calls, end) = gate.finish(&fold.into_partial().message);
        (passed, calls, end)
    }

    #[test]
    fn text_passes_and_the_end_waits() {
        let text = Event::delta(0, Delta::Text("hello".to_owned()));
        let (passed, calls, end) = shown(&[text.clone(), Event::block_stop(0), stop("end_turn")]);
        assert_eq!((passed, calls), (vec![text, Event::block_stop(0)], vec![]));
        assert_eq!(end, [stop("end_turn")]);
    }

    #[test]
    fn a_call_is_shown_when_its_input_is_whole() {
        let call = [start(1, "a"), input(1, "{\"x\":"), input(1, "1}"), Event::block_stop(1)];
        assert_eq!(shown(&call).0, call);
        let (passed, calls, _) = shown(&call[..3]);
        assert_eq!((passed, calls), (vec![], vec![]));
    }

    #[test]
    fn a_call_that_was_cut_by_the_limit_is_never_shown() {
        for raw in ["{\"x\":", "", "[1]"] {
            let end = stop("max_tokens");
            let (passed, calls, end) =
                shown(&[start(0, "a"), input(0, raw), Event::block_stop(0), end]);
            assert_eq!((passed, calls, end.len()), (vec![], vec![], 1), "{raw}");
        }
    }

    #[test]
    fn a_call_without_arguments_is_shown_at_the_end() {
        let call = [start(0, "a"), Event::block_stop(0)];
        let (passed, calls, _) = shown(&[call[0].clone(), call[1].clone(), stop("tool_use")]);
        assert_eq!((passed, calls), (vec![], call.to_vec()));
    }

    #[test]
    fn two_calls_at_one_index_are_told_apart() {
        let whole = [start(0, "b"), input(0, "{}"), Event::block_stop(0)];
        let (passed, calls, _) = shown(&[
            start(0, "a"),
            input(0, "{\"x"),
            whole[0].clone(),
            whole[1].clone(),
            whole[2].clone(),
        ]);
        assert_eq!((passed, calls), (whole.to_vec(), vec![]));
    }
}
