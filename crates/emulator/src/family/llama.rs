//! Meta Llama: a raw prompt in, a generation out.

use serde_json::{Map, Value, json};

use super::Family;
use crate::error::Refusal;
use crate::model::{Answer, Part, Stop};
use crate::models::Model;
use crate::schema::{Field, Form, malformed, violations};
use crate::wire::{At, Chunk, Meta, Step, Wire};

pub(super) struct Llama;

impl Family for Llama {
    fn name(&self) -> &'static str {
        "llama"
    }

    fn check(&self, _model: &Model, body: &Map<String, Value>) -> Result<(), Refusal> {
        malformed(&violations("#", body, BODY))
    }

    fn recognises(&self, body: &Map<String, Value>) -> bool {
        body.contains_key("prompt") && body.keys().all(|key| BODY.iter().any(|f| f.is(key)))
    }

    fn wire(&self, _model: &str, _body: &Map<String, Value>) -> &'static dyn Wire {
        &Self
    }

    fn default_max_tokens(&self) -> Option<u64> {
        Some(512)
    }

    fn last_turn<'a>(&self, raw: &'a str) -> &'a str {
        let turn = TEMPLATES.iter().find_map(|(user, end)| {
            let (_, turn) = raw.rsplit_once(user)?;
            Some(turn.split_once(end).map_or(turn, |(turn, _)| turn))
        });
        turn.unwrap_or(raw).trim()
    }
}

impl Wire for Llama {
    fn reply(&self, answer: &Answer, _meta: &Meta) -> Value {
        json!({
            "generation": answer.text(),
            "prompt_token_count": answer.usage.input,
            "generation_token_count": answer.usage.output,
            "stop_reason": stop_reason(&answer.stop),
        })
    }

    fn step(&self, step: Step<'_>, at: At, _meta: &Meta) -> Vec<Chunk> {
        let (text, count, is_first, stop_reason) = match step {
            Step::Piece(Part::Text(_), text) => (text, at.tokens, at.is_first(), None),
            Step::End(answer) => {
                let count = answer.usage.output;
                ("", count, count == 0, Some(stop_reason(&answer.stop)))
            }
            _ => return Vec::new(),
        };
        vec![Chunk::native(json!({
            "generation": text,
            "prompt_token_count": is_first.then_some(at.input),
            "generation_token_count": count,
            "stop_reason": stop_reason,
        }))]
    }
}

const fn stop_reason(stop: &Stop) -> &'static str {
    match stop {
        Stop::MaxTokens => "length",
        Stop::EndTurn | Stop::Sequence(_) | Stop::ToolUse => "stop",
    }
}

/// What stands before and after the turn of a user, by generation of the template.
const TEMPLATES: [(&str, &str); 3] = [
    ("<|start_header_id|>user<|end_header_id|>", "<|eot_id|>"),
    ("<|header_start|>user<|header_end|>", "<|eot|>"),
    ("[INST]", "[/INST]"),
];

const BODY: &[Field] = &[
    Field::required("prompt", Form::Filled),
    Field::optional("temperature", Form::Number(0.0..=1.0)),
    Field::optional("top_p", Form::Number(0.0..=1.0)),
    Field::optional("max_gen_len", Form::Integer(1..=8192)),
    Field::optional("images", Form::Array),
    Field::optional("amazon-bedrock-guardrailConfig", Form::Object),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_turn_is_found_in_every_template() {
        let three = "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|>\
            <|start_header_id|>assistant<|end_header_id|>\n\n";
        let four = "<|begin_of_text|><|header_start|>user<|header_end|>\n\nHi<|eot|>";
        for prompt in [three, four, "<s>[INST] Hello [/INST] Yes? </s><s>[INST] Hi [/INST]", "Hi"] {
            assert_eq!(Llama.last_turn(prompt), "Hi");
        }
    }
}
