//! Amazon Titan text: a prompt in, a text out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use serde_json::Value;

use super::prompt::Limits;
use super::speech::{Keys, Speech};
use super::{Capabilities, Family};
use crate::Map;
use crate::block::Block;
use crate::error::{DecodeError, EncodeError};
use crate::format::{EventDecoder, Format, Headers, finite};
use crate::invoke::{
    Chunks, add_fields, guarded, intervened, keep_fields, latency_of, native, usage_of,
};
use crate::json::{Members, Object, elements, merge, need, single, string};
use crate::message::{Message, Role};
use crate::model::ModelRef;
use crate::reply::Reply;
use crate::request::{Inference, Request};
use crate::stop::{StopKind, StopReason};
use crate::usage::Usage;

/// Amazon Titan text.
pub(super) struct Titan;

impl Family for Titan {
    fn name(&self) -> &'static str {
        LIMITS.format
    }

    fn claims(&self, provider: &str, model: &str) -> bool {
        provider == "amazon" && (model.starts_with("titan-text") || model.starts_with("titan-tg1"))
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { prompt: true, messages: true, stop_sequences: true, ..Capabilities::LEAST }
    }
}

impl Format for Titan {
    fn encode_request(&self, _: &ModelRef, request: &Request) -> Result<Map, EncodeError> {
        LIMITS.refuse_tools(request)?;
        let prompt = match LIMITS.raw(request)? {
            Some(raw) => raw.into(),
            None => write_prompt(request)?,
        };
        let mut body = single("inputText", prompt);
        let config = encode_config(&request.inference)?;
        if !config.is_empty() {
            body.set(CONFIG, config);
        }
        add_fields(&mut body, request, LIMITS.format)?;
        Ok(body)
    }

    fn decode_request(&self, _: &ModelRef, body: Value) -> Result<Request, DecodeError> {
        let mut body = Object::new(body)?;
        let husks = body.husks(&[CONFIG]);
        let mut request = Request::prompt(need(body.string("inputText")?, "inputText")?);
        request.inference = body.read(CONFIG, decode_config)?.unwrap_or_default();
        let mut rest = body.rest();
        rest.extend(husks);
        keep_fields(&mut request, rest);
        Ok(request)
    }

    fn decode_reply(
        &self,
        _: &ModelRef,
        body: Value,
        headers: &dyn Headers,
    ) -> Result<Reply, DecodeError> {
        let mut body = Object::new(body)?;
        let results = need(body.read("results", |value| elements(value, Object::new))?, "results")?;
        let mut results = results.into_iter();
        let mut first = need(results.next(), "results")?;
        let at = |error: DecodeError| error.at_index(0).at("results");
        let text = need(first.string("outputText").map_err(at)?, "outputText").map_err(at)?;
        let stop = first.read(REASON, stop_reason).map_err(at)?;
        let stop_reason = need(guarded(stop, intervened(&body)), REASON).map_err(at)?;
        let input = body.lenient_count(INPUT);
        let output = first.lenient_count("tokenCount");
        let usage = input.zip(output).map(|(input, output)| Usage::new(input, output));
        let others: Vec<Value> = results.map(|result| result.rest().into()).collect();
        let mut rest = body.rest();
        merge(&mut rest, first.rest());
        if !others.is_empty() {
            rest.set("results", others);
        }
        let content = if text.is_empty() { vec![] } else { vec![Block::text(text)] };
        Ok(Reply {
            message: Message::new(Role::Assistant, content),
            stop_reason,
            usage: usage.or_else(|| usage_of(headers)),
            latency_ms: latency_of(headers),
            extra: native(rest),
        })
    }

    fn event_decoder(&self, _: &ModelRef) -> Box<dyn EventDecoder> {
        Box::new(Chunks::new(Speech::new(&CHUNK)))
    }
}

/// One user message is the prompt as it is; a conversation is written as a script.
fn write_prompt(request: &Request) -> Result<String, EncodeError> {
    if !request.system.is_empty() {
        let why = "there is no system text; put it into the first message";
        return Err(EncodeError::unsupported(LIMITS.format, why).at("system"));
    }
    if let [_] = request.messages.as_slice() {
        let alone = Limits { format: LIMITS.format, tokens: &[], image: None };
        return Ok(alone.turns(request)?.into_iter().map(|turn| turn.text).collect());
    }
    let mut prompt = String::new();
    for (index, turn) in LIMITS.turns(request)?.iter().enumerate() {
        prompt.push_str(match turn.role {
            Role::User => "User: ",
            Role::Assistant => "Bot: ",
            _ => {
                let why = "a conversation has only a user and an assistant";
                let error = EncodeError::unsupported(LIMITS.format, why).at("role");
                return Err(error.at_index(index).at("messages"));
            }
        });
        prompt.push_str(&turn.text);
        prompt.push('\n');
    }
    prompt.push_str("Bot: ");
    Ok(prompt)
}

fn encode_config(inference: &Inference) -> Result<Map, EncodeError> {
    let mut config = inference.extra.clone();
    config.set_some("maxTokenCount", inference.max_tokens);
    config.set_some("temperature", finite(inference.temperature, "temperature")?);
    config.set_some("topP", finite(inference.top_p, "topP")?);
    if !inference.stop_sequences.is_empty() {
        config.set("stopSequences", inference.stop_sequences.clone());
    }
    Ok(config)
}

fn decode_config(value: Value) -> Result<Inference, DecodeError> {
    let mut config = Object::new(value)?;
    Ok(Inference {
        max_tokens: config.limit("maxTokenCount")?,
        temperature: config.number("temperature")?,
        top_p: config.number("topP")?,
        stop_sequences: config.each("stopSequences", string)?,
        extra: config.rest(),
    })
}

/// The reason, in the spelling of the service or of its documentation.
fn stop_reason(value: Value) -> Result<StopReason, DecodeError> {
    string(value).map(|word| {
        let kind = match word.as_str() {
            "FINISH" | "FINISHED" => StopKind::EndTurn,
            "LENGTH" => StopKind::MaxTokens,
            "STOP_CRITERIA_MET" => StopKind::StopSequence,
            "CONTENT_FILTERED" => StopKind::ContentFiltered,
            _ => StopKind::Other,
        };
        StopReason::mapped(kind, word)
    })
}

/// The template of a conversation is a script.
const LIMITS: Limits = Limits { format: "titan", tokens: &["\nUser: ", "\nBot: "], image: None };

const CHUNK: Keys = Keys {
    text: "outputText",
    take_stop: |chunk| chunk.read(REASON, stop_reason),
    counts: Some([INPUT, "totalOutputTextTokenCount"]),
    blocked_is_counted: true,
};

const CONFIG: &str = "textGenerationConfig";
const INPUT: &str = "inputTextTokenCount";
const REASON: &str = "completionReason";
